"""What the orchestrator lends to a step."""

from __future__ import annotations

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock

from ._stepped import StepView
from .escalation import EscalationServices

__all__ = ["lent_clock"]


def lent_clock(view: StepView) -> Clock:
    """Return the orchestrator's clock, or the machine's where nobody lends one."""
    lent = view.services.get("escalation")
    return lent.clock if isinstance(lent, EscalationServices) else SYSTEM_CLOCK
