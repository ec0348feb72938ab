"""Rows of escalations as they come from the file; a report is read when somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from omninode_bridge.agents.workflows.recovery_models import (
    Decision,
    DecisionKind,
    EscalationReport,
    EscalationRow,
    EscalationStatus,
)

from ._codec import decode
from ._report_codec import decode_report

__all__ = ["COLUMNS", "stored_row"]

#: What `stored_row()` is given, in this order.
COLUMNS: Final = (
    "id, status, report, opened_at, decision, payload, decided_by, at, joined, deadline, "
    "superseded_by"
)
_FIELDS: Final = tuple(one.name for one in fields(EscalationRow))
_STATUS: Final = {str(one): one for one in EscalationStatus}
_SINCE: Final = datetime(1970, 1, 1, tzinfo=UTC)


class _StoredRow(EscalationRow):
    """A row that reads its report late: thousands are listed for their ids and times alone."""

    __slots__ = ("_report", "_text")

    _report: EscalationReport | None
    _text: str

    @property
    def report(self) -> EscalationReport:
        """What a human is shown."""
        if self._report is None:
            object.__setattr__(self, "_report", decode_report(self._text))
        return self._report  # type: ignore[return-value]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EscalationRow):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in _FIELDS)

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={getattr(self, name)!r}" for name in _FIELDS)
        return f"EscalationRow({told})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _plain_row, tuple(getattr(self, name) for name in _FIELDS)


def _plain_row(*values: Any) -> EscalationRow:
    return EscalationRow(**dict(zip(_FIELDS, values, strict=True)))


# The slots of a frozen class are filled by their descriptors, which is what its own constructor
# costs without its keywords.
_SET: Final[dict[str, Callable[[Any, Any], None]]] = {
    name: getattr(cls, name).__set__
    for cls, names in ((EscalationRow, _FIELDS), (_StoredRow, _StoredRow.__slots__))
    for name in names
}
_SET_ID, _SET_STATUS, _SET_OPENED, _SET_DECISION, _SET_BY, _SET_AT, _SET_JOINED = (
    _SET[name] for name in ("id", "status", "opened_at", "decision", "by", "at", "joined")
)
_SET_DEADLINE, _SET_SUPERSEDED = _SET["deadline"], _SET["superseded_by"]
_SET_REPORT, _SET_TEXT = _SET["_report"], _SET["_text"]


def stored_row(values: tuple[Any, ...]) -> EscalationRow:
    """Return the row of these `COLUMNS`."""
    one_id, status, report, opened, kind, payload, by, at, joined, deadline, superseded = values
    row = object.__new__(_StoredRow)
    _SET_ID(row, one_id)
    _SET_STATUS(row, _STATUS[status])
    _SET_REPORT(row, None)
    _SET_TEXT(row, report)
    _SET_OPENED(row, _moment(opened))
    _SET_DECISION(row, None if kind is None else _decision(kind, payload))
    _SET_BY(row, by)
    _SET_AT(row, None if at is None else _moment(at))
    _SET_JOINED(row, joined)
    _SET_DEADLINE(row, None if deadline is None else _moment(deadline))
    _SET_SUPERSEDED(row, superseded)
    return row


def _decision(kind: str, payload: str | None) -> Decision:
    return Decision(DecisionKind(kind), None if payload is None else decode(payload))


def _moment(seconds: float) -> datetime:
    return _SINCE + timedelta(seconds=seconds)
