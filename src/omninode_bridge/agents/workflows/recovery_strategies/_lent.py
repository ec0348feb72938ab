"""What the orchestrator lends to a step."""

from __future__ import annotations

from dataclasses import dataclass

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows._ports import StepContext
from omninode_bridge.agents.workflows.escalation.sender import Sender

from ._stepped import StepView

__all__ = ["EscalationServices", "lent_clock"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationServices:
    """What the orchestrator lends for asking a human.

    Attributes:
        sender: has the store where the row is kept, and the channels.
        engine: tells the time and waits.
        notify: False records without telling anybody.
        blocking: no event loop goes on beside the recovery.
        key: of this recovery within its workflow, the same after a restart; an answer that was taken
            under it may be taken under it again. Empty where nothing is kept: then only once.
            A question asked under a key takes the place of an earlier one that is still open.
        subject: what the call was given, in a few digits, so that two items of one workflow are two
            questions where nothing is kept.
    """

    sender: Sender
    engine: StepContext
    notify: bool = True
    blocking: bool = False
    clock: Clock = SYSTEM_CLOCK
    key: str = ""
    subject: str = ""


def lent_clock(view: StepView) -> Clock:
    """Return the orchestrator's clock, or the machine's where nobody lends one."""
    lent = view.services.get("escalation")
    return lent.clock if isinstance(lent, EscalationServices) else SYSTEM_CLOCK
