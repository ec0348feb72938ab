"""What the journal forgets, and when."""

from __future__ import annotations

import logging
import math
import sqlite3
from dataclasses import dataclass
from typing import Final

from omninode_bridge.errors import ConfigurationError, JournalError

from ._file import JournalFile

__all__ = ["LEAST_PAUSE", "Retention"]

logger = logging.getLogger(__name__)

_DAY: Final = 86_400.0
#: Workflows that are deleted in one go, so that no transaction takes long.
_AT_ONCE: Final = 200
#: Seconds between two looks.
LEAST_PAUSE: Final = 3_600.0

# An answer that was not applied yet is kept, and so is what was answered to an unfinished workflow.
_OLD_ESCALATIONS: Final = """
DELETE FROM escalations WHERE n IN (
  SELECT n FROM escalations WHERE status != 'open' AND at < ?
  AND (status != 'resolved' OR taken_by IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM workflows WHERE ended_at IS NULL
                  AND instr(escalations.workflow_id || '/', workflows.id || '/') = 1)
  ORDER BY n LIMIT ?
)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long what has ended is kept; what is open or unfinished is never deleted.

    Attributes:
        days: after the end of a workflow, a recovery or an escalation.
        workflows: how many workflows that have ended are kept at most, the latest ones.
        recoveries: the same for recoveries outside of workflows.
        fill: the part of the size that the file may have from which the oldest goes sooner, but
            nothing that failed and may be run again.
    """

    days: float = 30.0
    workflows: int = 10_000
    recoveries: int = 100_000
    fill: float = 0.8

    def __post_init__(self) -> None:
        if not _is_number(self.days) or not 0 < self.days < math.inf:
            raise ConfigurationError(f"days is {self.days!r}; it must be a number above 0")
        for name in ("workflows", "recoveries"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise ConfigurationError(
                    f"{name} is {value!r}; it must be a whole number, 0 or more"
                )
        if not _is_number(self.fill) or not 0 < self.fill <= 1:
            raise ConfigurationError(f"fill is {self.fill!r}; it must be above 0, at most 1")

    def apply(self, file: JournalFile) -> int:
        """Delete what is over its time, at most once an hour for one file.

        Returns:
            How many workflows, recoveries and escalations went. A file that cannot be written keeps everything.
        """
        now = file.now()
        try:
            last = file.read(_last)
            full = file.read(_size) > self.fill * file.max_bytes
            if not full and 0 <= now - last < LEAST_PAUSE:
                return 0
            gone = file.write_now(
                lambda connection: self._delete(connection, now, full), durable=False
            )
        except JournalError as error:
            logger.warning("journal.not_tidied", extra={"error": str(error)})
            return 0
        if gone:
            logger.info("journal.tidied", extra={"deleted": gone})
        return gone

    def _delete(self, connection: sqlite3.Connection, now: float, full: bool) -> int:  # noqa: FBT001
        connection.execute("INSERT OR REPLACE INTO tidied(id, at) VALUES(1, ?)", (now,))
        before = now - self.days * _DAY
        ended = [
            row[0]
            for row in connection.execute(
                "SELECT id FROM workflows WHERE ended_at IS NOT NULL AND owner IS NULL AND "
                "NOT EXISTS (SELECT 1 FROM escalations WHERE escalations.workflow_id = workflows.id "
                "AND (escalations.status = 'open' OR "
                "(escalations.status = 'resolved' AND taken_by IS NULL))) AND "
                "(ended_at < ? OR (? AND status != 'failed') OR id IN (SELECT id FROM workflows WHERE ended_at IS NOT NULL "
                "ORDER BY ended_at DESC LIMIT -1 OFFSET ?)) ORDER BY ended_at LIMIT ?",
                (before, full, self.workflows, _AT_ONCE),
            )
        ]
        for workflow_id in ended:
            _forget(connection, workflow_id)
        loose = [
            row[0]
            for row in connection.execute(
                "SELECT id FROM recoveries WHERE step_key = '' AND ended_at IS NOT NULL AND "
                "(ended_at < ? OR ? OR id <= coalesce((SELECT id FROM recoveries WHERE step_key = '' "
                "ORDER BY id DESC LIMIT 1 OFFSET ?), 0)) ORDER BY id LIMIT ?",
                (before, full, self.recoveries, _AT_ONCE * 10),
            )
        ]
        for recovery in loose:
            connection.execute("DELETE FROM entries WHERE recovery = ?", (recovery,))
            connection.execute("DELETE FROM recoveries WHERE id = ?", (recovery,))
        asked = connection.execute(_OLD_ESCALATIONS, (before, _AT_ONCE * 10)).rowcount
        return len(ended) + len(loose) + asked


def _forget(connection: sqlite3.Connection, workflow_id: str) -> None:
    connection.execute(
        "DELETE FROM entries WHERE recovery IN (SELECT id FROM recoveries WHERE workflow_id = ?)",
        (workflow_id,),
    )
    for table in ("recoveries", "steps"):
        connection.execute(f"DELETE FROM {table} WHERE workflow_id = ?", (workflow_id,))  # noqa: S608
    connection.execute("DELETE FROM workflows WHERE id = ?", (workflow_id,))


def _size(connection: sqlite3.Connection) -> int:
    """Return the bytes of the file, without what can be used again."""
    total, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((total - free) * size)


def _last(connection: sqlite3.Connection) -> float:
    row = connection.execute("SELECT at FROM tidied WHERE id = 1").fetchone()
    return float(row[0]) if row is not None else -math.inf


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
