"""Lists of escalations in the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from omninode_bridge.agents.workflows.escalation.stores._settings import (
    checked_limit,
    checked_status,
)
from omninode_bridge.agents.workflows.recovery_models import EscalationRow, EscalationStatus

from ._escalation_rows import known_row
from ._file import JournalFile
from ._stored_row import COLUMNS, stored_row

__all__ = ["JournalLists", "Lists"]

_ROWS: Final = f"SELECT {COLUMNS} FROM escalations"  # noqa: S608 - our own names
_AFTER: Final = "n > (SELECT n FROM escalations WHERE id = ?)"


class Lists:
    """Lists rows; the last list is kept until somebody writes to the file.

    Whoever shows the open rows asks again and again, and thousands of them take time.
    """

    def __init__(self) -> None:
        self._last: tuple[tuple[Any, ...], tuple[EscalationRow, ...]] = ((), ())

    def rows(
        self,
        connection: sqlite3.Connection,
        status: EscalationStatus | None,
        limit: int | None,
        after: str | None,
    ) -> tuple[EscalationRow, ...]:
        """Return rows in order of opening; always with the same, reading connection."""
        # changes with every commit of another connection: https://www.sqlite.org/pragma.html#pragma_data_version
        version = connection.execute("PRAGMA data_version").fetchone()[0]
        asked = (version, status, limit, after)
        if self._last[0] != asked:
            self._last = (asked, _list_rows(connection, status, limit, after))
        return self._last[1]


def _list_rows(
    connection: sqlite3.Connection,
    status: EscalationStatus | None,
    limit: int | None,
    after: str | None,
) -> tuple[EscalationRow, ...]:
    where: list[str] = []
    values: list[Any] = []
    if status is not None:
        where.append("status = ?")
        values.append(str(status))
    if after is not None:
        known_row(connection, after)
        where.append(_AFTER)
        values.append(after)
    found = connection.execute(
        _ROWS + (f" WHERE {' AND '.join(where)}" if where else "") + " ORDER BY n LIMIT ?",
        (*values, -1 if limit is None else limit),
    )
    return tuple(map(stored_row, found))


class JournalLists:
    """List what the store in a journal has."""

    _file: JournalFile
    _lists: Lists

    async def list(
        self,
        status: EscalationStatus | str | None = None,
        *,
        limit: int | None = None,
        after: str | None = None,
    ) -> Sequence[EscalationRow]:
        """Return rows in order of opening, all or those of one status.

        Args:
            status: of the rows that are wanted.
            limit: how many at most; None for all.
            after: id of the last row that is already known.

        Raises:
            ConfigurationError: `status` is no status, or `limit` no number.
            UnknownEscalationError: no row has the id `after`.
        """
        wanted, most = checked_status(status), checked_limit(limit)
        return self._file.read(lambda c: self._lists.rows(c, wanted, most, after))

    async def list_of(
        self, workflow_id: str, status: EscalationStatus | str
    ) -> Sequence[EscalationRow]:
        """Return the rows of one workflow that stand so; no report of another's is looked at."""
        wanted = checked_status(status)
        return self._file.read(lambda c: _rows_of(c, workflow_id, str(wanted)))


def _rows_of(
    connection: sqlite3.Connection, workflow_id: str, status: str
) -> tuple[EscalationRow, ...]:
    found = connection.execute(
        f"{_ROWS} WHERE workflow_id = ? AND status = ? ORDER BY n", (workflow_id, status)
    )
    return tuple(map(stored_row, found))
