"""The log of one recovery in the journal: written before things run, read again after a restart."""

from __future__ import annotations

import logging
import math
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

from omninode_bridge.agents.workflows.recovery_models import Attempt
from omninode_bridge.errors import JournalError

from ._codec import decode, encode
from ._file import JournalFile
from ._kept_data import kept, text_of

__all__ = ["JournalRecoveryLog"]

logger = logging.getLogger(__name__)

MAX_ENTRIES: Final = 2_000

Data = Mapping[str, Any]

_BEGIN: Final = (
    "INSERT INTO recoveries(workflow_id, step_key, key, node_name, status, error_type, "
    "first, plan, began_at) VALUES(?, ?, ?, ?, 'open', ?, ?, ?, ?) "
    "ON CONFLICT(workflow_id, step_key, key) DO UPDATE SET status = 'open', "
    "error_type = excluded.error_type, first = excluded.first, plan = excluded.plan, "
    "result = NULL, ended_at = NULL, began_at = excluded.began_at, over = 0"
)
# "A" follows "@": of all times that the recovery was begun the last one.
_LAST: Final = (
    "SELECT id, first, plan, status, result, over FROM recoveries WHERE workflow_id = ? AND "
    "step_key = ? AND (key = ? OR (key > ? AND key < ?)) ORDER BY id DESC LIMIT 1"
)
_FIND: Final = "SELECT id FROM recoveries WHERE workflow_id = ? AND step_key = ? AND key = ?"


class JournalRecoveryLog:
    """One recovery, as the journal keeps it.

    Args:
        file: of the journal.
        workflow_id: of the workflow.
        step_key: of the workflow's step in which it runs; empty where it is none's.
        name: unique among the recoveries of the step, the same after a restart.
        node_name: in records.
        check: raises where the workflow is not ours any more; asked in every transaction. Without it
            the recovery is none of a workflow's: it is kept for its account alone, so that a journal
            that cannot be written is no reason to lose its result.
        waits: called where the recovery begins to wait for something outside.
        goes_on: what an earlier process wrote of it is read, to go on from there.
    """

    def __init__(
        self,
        file: JournalFile,
        workflow_id: str,
        step_key: str,
        name: str,
        node_name: str,
        *,
        check: Callable[[sqlite3.Connection], None] | None = None,
        waits: Callable[[sqlite3.Connection], None] | None = None,
        goes_on: bool = False,
    ) -> None:
        self._file = file
        self._place = (workflow_id, step_key, name)
        self._name = name
        self._node_name = node_name
        self._check = check
        self._waits = waits
        self._id: int | None = None
        self._n = 0
        self._drops = False
        self._beginning: tuple[Any, ...] | None = None
        self._is_lost = False
        self._pending: list[tuple[str, Data]] = []
        self._resumed: dict[int, Data] = {}
        self._result: tuple[bool, Any] = (False, None)
        self._times = 1
        self.workflow_id = workflow_id if step_key else ""
        self.first: Data | None = None
        self.plan: Data = {}
        self.entries: list[tuple[str, Data]] = []
        if step_key:
            self._file.read(lambda connection: self._read(connection, goes_on=goes_on))
        # Begun once more, it is another recovery, and an answer to the time before is none to this one.
        if self._times > 1:
            self._place = (workflow_id, step_key, f"{name}@{self._times}")
        self.key = "/".join(self._place) if step_key else ""

    @property
    def result(self) -> tuple[bool, Any]:
        """Whether an earlier process has brought the recovery to a value, and that value."""
        return self._result

    # -- what was written ----------------------------------------------------------------------

    def _read(self, connection: sqlite3.Connection, *, goes_on: bool) -> None:
        row = connection.execute(
            _LAST, (*self._place, f"{self._place[2]}@", f"{self._place[2]}A")
        ).fetchone()
        if row is None:
            return
        plan = decode(row[2])
        goes_on = goes_on and not row[5]
        # A question that waits, or an answer that nobody has applied, is for this time too.
        waits = row[3] in ("open", "pending")
        self._times = int(plan.get("times", 1)) + (not goes_on and not waits)
        if not goes_on:
            return
        self._id, self.first, self.plan = row[0], decode(row[1]), plan
        if row[3] == "recovered" and row[4] is not None:
            self._result = (True, decode(row[4]))
        for n, kind, data, at in connection.execute(
            "SELECT n, kind, data, at FROM entries WHERE recovery = ? ORDER BY n LIMIT ?",
            (self._id, MAX_ENTRIES),
        ):
            entry = decode(data)
            self.entries.append((kind, entry))
            self._n = n
            if kind == "attempt":
                self._resumed[entry["n"]] = {"at": at, **entry}

    def diverged(self, why: str) -> None:
        """Forget what was written and not taken: what runs now is not what ran then."""
        logger.warning(
            "recovery.replay_diverged",
            extra={"workflow_id": self._place[0], "node_name": self._node_name, "reason": why},
        )
        self.drop_rest()
        self._resumed = {}
        self.note("diverged", {"reason": why})

    def anew(self, why: str) -> None:
        """Leave what was written to what wrote it, and begin another recovery."""
        self.diverged(why)
        self._id, self._n, self._drops = None, 0, False
        self._result, self.first, self.plan = (False, None), None, {}
        self._times += 1
        self._place = (*self._place[:2], f"{self._name}@{self._times}")
        self.key = "/".join(self._place)

    def drop_rest(self) -> None:
        """Forget what was written and not taken; what comes now is written in its place."""
        self._n -= len(self.entries)
        self.entries = []
        self._drops = True

    @property
    def elapsed(self) -> float:
        """Seconds from the beginning of the recovery, in an earlier process, until now."""
        return self._since(self.plan, "began_at")

    def left_of(self, attempt: Attempt) -> float:
        """Return the seconds that are left of the wait before the attempt."""
        begun = self._resumed.get(attempt.n)
        passed = 0.0 if begun is None else self._since(begun, "at")
        return max(0.0, attempt.wait - passed)

    def _moment(self) -> dict[str, Any]:
        return {"monotonic": self._file.clock.monotonic(), "boot": self._file.boot_id}

    def _since(self, data: Data, wall: str) -> float:
        """Return the seconds since a moment.

        By the machine's own count where it has not been started anew meanwhile: the hour may have
        been set.
        """
        begun, boot = data.get("monotonic"), data.get("boot")
        if isinstance(begun, (int, float)) and boot and boot == self._file.boot_id:
            return max(0.0, self._file.clock.monotonic() - begun)
        return max(0.0, self._file.now() - float(data.get(wall, math.inf)))

    # -- what happens --------------------------------------------------------------------------

    async def begin(self, first: Data, plan: Data, *, blocking: bool) -> None:
        """Take the error and the plan; they are written with the first attempt."""
        del blocking
        now = self._file.now()
        moment = {**self._moment(), "times": self._times, "began_at": now}
        self._beginning = (
            *self._place,
            self._node_name,
            str(first.get("error_type", "")),
            encode(kept(first), "first"),
            encode(kept({**plan, **moment}), "plan"),
            now,
        )
        self._n = 0

    async def append(self, attempt: Attempt, *, blocking: bool) -> None:
        """Write the attempt down before it runs; one that an earlier process began is there already."""
        if attempt.n in self._resumed:
            return
        data = asdict(attempt) | {"strategy": str(attempt.strategy)} | self._moment()
        self.note("attempt", data)
        await self._write(self._put, blocking=blocking)

    def note(self, kind: str, data: Data) -> None:
        """Write something down with the next attempt, or at the end."""
        self._pending.append((kind, data))

    async def waits(self, *, blocking: bool) -> None:
        """Say that something outside is waited for now: a death meanwhile is nobody's fault."""

        def work(connection: sqlite3.Connection) -> None:
            self._put(connection)
            if self._waits is not None:
                self._waits(connection)

        await self._write(work, blocking=blocking)

    async def close(self, account: Data, value: tuple[bool, Any], *, blocking: bool) -> None:
        """Write down how it ended."""
        text = text_of(value)
        values = (
            str(account.get("status", "failed")),
            account.get("strategy_used"),
            text,
            encode(kept(account), "account"),
            account.get("escalation_id"),
            self._file.now(),
            account.get("duration_ms"),
        )

        def work(connection: sqlite3.Connection) -> None:
            self._put(connection)
            connection.execute(
                "UPDATE recoveries SET status = ?, strategy = ?, result = ?, account = ?, "
                "escalation_id = ?, ended_at = ?, duration_ms = ? WHERE id = ?",
                (*values, self._id),
            )

        await self._write(work, blocking=blocking)

    def _put(self, connection: sqlite3.Connection) -> None:
        """Insert what is pending; it stays pending until the transaction is made."""
        now = self._file.now()
        if self._beginning is not None:
            connection.execute(_BEGIN, self._beginning)
            row = connection.execute(_FIND, self._place).fetchone()
            connection.execute("DELETE FROM entries WHERE recovery = ?", row)
            self._id = int(row[0])
        elif self._drops:
            connection.execute(
                "DELETE FROM entries WHERE recovery = ? AND n > ?", (self._id, self._n)
            )
        connection.executemany(
            "INSERT OR REPLACE INTO entries(recovery, n, kind, data, at) VALUES(?, ?, ?, ?, ?)",
            [
                (self._id, self._n + i, kind, encode(kept(data), "entry"), now)
                for i, (kind, data) in enumerate(self._pending[:MAX_ENTRIES], start=1)
            ],
        )

    async def _write(self, work: Callable[[sqlite3.Connection], Any], *, blocking: bool) -> Any:
        def checked(connection: sqlite3.Connection) -> Any:
            if self._check is not None:
                self._check(connection)
            return work(connection)

        if self._is_lost:
            return None
        try:
            if blocking:
                value = self._file.write_now(checked, durable=False)
            else:
                value = await self._file.write(checked, durable=False)
        except JournalError as error:
            if self._check is not None:
                raise
            self._is_lost = True  # once is enough: each try may wait for a lock
            logger.warning("journal.recovery_not_kept", extra={"error": str(error)})
            return None
        self._n += len(self._pending)
        self._pending.clear()
        self._drops, self._beginning = False, None
        return value
