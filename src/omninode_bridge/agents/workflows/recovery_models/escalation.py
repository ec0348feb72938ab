"""What a human is shown, what a human may answer, and the row that both live in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from omninode_bridge.errors import DecisionRefusedError

__all__ = [
    "TIMEOUT",
    "AlreadyResolved",
    "Decision",
    "DecisionKind",
    "EscalationPriority",
    "EscalationReport",
    "EscalationRow",
    "EscalationStatus",
    "Receipt",
    "Won",
]


#: Who answers where the time is over and the report says what happens then.
TIMEOUT: Final = "timeout"


class EscalationPriority(StrEnum):
    """How soon a human should look; a word, unlike the integer priority of a pattern."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class EscalationStatus(StrEnum):
    """Where an escalation stands; all but ``open`` are final."""

    OPEN = "open"
    RESOLVED = "resolved"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class DecisionKind(StrEnum):
    """What a human may answer."""

    RETRY = "retry"
    EDIT = "edit"
    VALUE = "value"
    SKIP = "skip"
    ABORT = "abort"


@dataclass(frozen=True, slots=True)
class Decision:
    """A human's answer; made by the five constructors, not by hand.

    Attributes:
        kind: which of the five.
        payload: the edited arguments of ``edit``, the result of ``value``; None otherwise.
    """

    kind: DecisionKind
    payload: Any = None

    @classmethod
    def retry(cls) -> Decision:
        """Run the call again, unchanged."""
        return cls(DecisionKind.RETRY)

    @classmethod
    def edit(cls, state: Mapping[str, Any]) -> Decision:
        """Run the call again with these values for the arguments of the same names."""
        if not isinstance(state, Mapping) or not all(isinstance(key, str) for key in state):
            raise DecisionRefusedError(
                f"edit was given a {type(state).__name__}; it takes a mapping of argument names to values"
            )
        return cls(DecisionKind.EDIT, dict(state))

    @classmethod
    def value(cls, result: Any) -> Decision:
        """Take this as the result of the call; it counts as a success."""
        return cls(DecisionKind.VALUE, result)

    @classmethod
    def skip(cls) -> Decision:
        """Go on without a result; the recovery fails."""
        return cls(DecisionKind.SKIP)

    @classmethod
    def abort(cls) -> Decision:
        """Give up; the recovery fails and nothing more is tried."""
        return cls(DecisionKind.ABORT)

    @classmethod
    def parse(cls, answer: Decision | str) -> Decision:
        """Accept a decision, or the plain word of one that has no payload.

        Raises:
            DecisionRefusedError: any other text; the message lists the right ones.
        """
        if isinstance(answer, Decision):
            return answer
        if answer in ("retry", "skip", "abort"):
            return cls(DecisionKind(answer))
        raise DecisionRefusedError(
            f"the answer is {answer!r}; it must be 'retry', 'skip', 'abort', "
            "Decision.edit(state) or Decision.value(result)"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationReport:
    """Everything that a human is shown; redacted and bounded, JSON values only.

    Attributes:
        escalation_id: deterministic, from workflow, node, step count, attempt and fingerprint; a
            second report of the same trouble has the same id.
        description: what is asked, one line; from the pattern where it has one.
        error_message: ``TypeName: message``.
        chain: the same for each cause, outermost first.
        code: the generated code at fault, or None.
        diff: what a correction tried to change, or None.
        attempts: what was tried before, one line each.
        state_keys: names of the state's entries, never their values.
        context: what the caller allowed to be shown (`include_context`).
        assignee: a person or team; empty where nobody is named.
        channels: names of the channels that are to be told, in order.
        folded: how many further reports of the same fingerprint this notice stands for.
        repeat: this notice may have been delivered before; nobody knows.
        answers: kinds of answers that can be applied; empty where nobody said.
        edits: names of the arguments that ``edit`` may change; empty where nobody said.
        check: name of the check that a store holds an edited input or a value against; may be empty.
        subject: what that check needs to know, such as the path of a contract; JSON values.
        timeout: seconds that an answer is waited for; None for no limit.
        on_timeout: what happens then: ``expire``, or the answer that is given for the human:
            ``retry``, ``skip`` or ``abort``.
        journal: path of the journal that takes the answer, set as the notice is sent; None where
            only the process itself does, empty where nobody said.
    """

    escalation_id: str
    workflow_id: str
    node_name: str
    step_count: int
    error_type: str
    fingerprint: str
    description: str
    error_message: str
    timestamp: datetime
    priority: EscalationPriority = EscalationPriority.MEDIUM
    assignee: str = ""
    channels: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    code: str | None = None
    diff: str | None = None
    attempts: tuple[str, ...] = ()
    state_keys: tuple[str, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    correlation_id: str | None = None
    pattern_id: str | None = None
    pauses: bool = False
    folded: int = 0
    repeat: bool = False
    answers: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    check: str = ""
    subject: Mapping[str, Any] = field(default_factory=dict)
    timeout: float | None = None
    on_timeout: str = "expire"
    journal: str | None = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationRow:
    """One escalation as the store keeps it.

    Attributes:
        decision: the answer that won; None while open or expired.
        by: who gave it; ``timeout`` where the report's `on_timeout` did.
        at: when it was given, or the row ended without it.
        joined: how often the same escalation was opened again.
        deadline: when an open row is due to end; None for never. By the clock on the wall, which may
            be set; what decides is the time that has passed.
        superseded_by: id of the escalation that took its place.
    """

    id: str
    status: EscalationStatus
    report: EscalationReport
    opened_at: datetime
    decision: Decision | None = None
    by: str | None = None
    at: datetime | None = None
    joined: int = 0
    deadline: datetime | None = None
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Won:
    """This answer was the first and counts."""

    row: EscalationRow


@dataclass(frozen=True, slots=True)
class AlreadyResolved:
    """This answer came too late; `said` tells the rest in one sentence.

    Attributes:
        by: whose answer was first; None where the escalation expired or was superseded.
        at: when.
        decision: that answer.
        superseded_by: id of the escalation that took its place, where one did.
    """

    by: str | None
    at: datetime | None
    status: EscalationStatus = EscalationStatus.RESOLVED
    decision: Decision | None = None
    superseded_by: str | None = None

    @classmethod
    def of(cls, row: EscalationRow) -> AlreadyResolved:
        """Return what a row that has ended says to whoever comes later."""
        return cls(row.by, row.at, row.status, row.decision, row.superseded_by)

    @property
    def said(self) -> str:
        """What happened instead, in one clause."""
        at = "" if self.at is None else f" at {self.at:%Y-%m-%d %H:%M:%S} UTC"
        if self.status is EscalationStatus.SUPERSEDED:
            by = f" by escalation {self.superseded_by}" if self.superseded_by else ""
            return f"it was superseded{by}{at}"
        if self.status is EscalationStatus.EXPIRED or self.decision is None:
            return f"it expired{at}, and nobody had answered"
        kind = str(self.decision.kind)
        if self.by == TIMEOUT:
            return f"nobody answered in time, which counts as {kind!r}{at}"
        return f"{self.by} answered {kind!r}{at}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a channel said of a notice.

    Attributes:
        delivered: the channel took it.
        channel: the channel's name.
        detail: why not, or the channel's own id of the message.
        uncertain: it may have arrived all the same (a timeout after sending).
    """

    delivered: bool
    channel: str
    detail: str = ""
    uncertain: bool = False
