"""Rows of escalations as they come from the file; what is in one is read when somebody looks."""

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
_PLACE: Final = {name: place for place, name in enumerate(COLUMNS.split(", "))}
_FIELDS: Final = tuple(one.name for one in fields(EscalationRow))
_SINCE: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _same(value: Any) -> Any:
    return value


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else _SINCE + timedelta(seconds=seconds)


def _column(name: str, read: Callable[[Any], Any] = _same) -> Any:
    place = _PLACE[name]
    return property(lambda row: read(row._values[place]))


class _StoredRow(EscalationRow):
    """A row that reads its columns late: thousands are listed of which a few are looked at."""

    __slots__ = ("_report", "_values")

    _values: tuple[Any, ...]
    _report: EscalationReport | None

    id = _column("id")
    status = _column("status", EscalationStatus)
    opened_at = _column("opened_at", _moment)
    by = _column("decided_by")
    at = _column("at", _moment)
    joined = _column("joined")
    deadline = _column("deadline", _moment)
    superseded_by = _column("superseded_by")

    def __new__(cls, **values: Any) -> EscalationRow:  # type: ignore[misc]
        """Make a plain row; `dataclasses.replace()` comes here."""
        return EscalationRow(**values)

    @property
    def report(self) -> EscalationReport:
        """What a human is shown."""
        if self._report is None:
            object.__setattr__(self, "_report", decode_report(self._values[_PLACE["report"]]))
        return self._report  # type: ignore[return-value]

    @property
    def decision(self) -> Decision | None:
        """The answer that won."""
        kind, payload = self._values[_PLACE["decision"]], self._values[_PLACE["payload"]]
        if kind is None:
            return None
        return Decision(DecisionKind(kind), None if payload is None else decode(payload))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EscalationRow):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in _FIELDS)

    def __hash__(self) -> int:
        return hash(self._values[0])

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={getattr(self, name)!r}" for name in _FIELDS)
        return f"EscalationRow({told})"

    def __reduce__(self) -> tuple[Any, ...]:
        return stored_row, (self._values,)


# The slots of a frozen class are filled by their descriptors.
_VALUES: Final = _StoredRow._values.__set__  # type: ignore[misc, attr-defined]
_REPORT: Final = _StoredRow._report.__set__  # type: ignore[misc, union-attr]
_new: Final = object.__new__


def stored_row(values: tuple[Any, ...]) -> EscalationRow:
    """Return the row of these `COLUMNS`."""
    row = _new(_StoredRow)
    _VALUES(row, values)
    _REPORT(row, None)
    return row
