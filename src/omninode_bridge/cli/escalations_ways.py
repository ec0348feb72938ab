"""How a question can be answered: what is typed, and what that does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from omninode_bridge.agents.workflows.recovery_models import EscalationReport

__all__ = ["Way", "ways_to_answer"]

_ANY: Final[Mapping[str, str]] = {
    "retry": "run it again, unchanged",
    "edit": "run it again with other arguments",
    "value": "take this as the result; nothing runs",
    "skip": "go on without a result",
    "abort": "give up",
}
# as `generation.answers.ANSWER_CHECK`, which is loaded only where an answer is checked
_CONTRACT_CHECK: Final = "generation.contract"
_CONTRACT: Final[Mapping[str, str]] = {
    "retry": "read the contract's file again, which was corrected",
    "edit": "take the text in FILE for the contract; its own file stays as it is",
    "value": "take the JSON document in FILE for the contract",
    "skip": "leave this contract out; the others go on",
    "abort": "leave this contract out, and all others that are asked about",
}
_CONTRACT_OPERANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "edit": ("text=@FILE",),
    "value": ("@FILE",),
}


@dataclass(frozen=True, slots=True)
class Way:
    """One answer.

    Attributes:
        operands: what is typed after it.
        does: what happens then.
    """

    kind: str
    operands: tuple[str, ...]
    does: str


def ways_to_answer(report: EscalationReport) -> tuple[Way, ...]:
    """Return the answers that can be applied, in the order in which they are shown."""
    is_contract = report.check == _CONTRACT_CHECK
    words = _CONTRACT if is_contract else _ANY
    names = report.edits[:1]
    operands = _CONTRACT_OPERANDS
    if not is_contract:
        operands = {"edit": (f"{names[0] if names else 'NAME'}=VALUE",), "value": ("JSON",)}
    allowed = [str(kind) for kind in report.answers] or list(words)
    return tuple(
        Way(kind, operands.get(kind, ()), does) for kind, does in words.items() if kind in allowed
    )
