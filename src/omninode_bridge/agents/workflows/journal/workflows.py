"""Rows of workflows: who runs one, how it stands, what is needed to begin it again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import astuple
from typing import Any, Final

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK
from omninode_bridge.agents.workflows._redaction import redact
from omninode_bridge.errors import (
    UnknownWorkflowError,
    WorkflowCancelledError,
    WorkflowOwnedError,
)

from ._codec import encode
from ._file import JournalFile
from ._owner import Owner, is_alive, this_process

__all__ = [
    "ENDED",
    "MAX_ID",
    "cancel",
    "check_owner",
    "claim",
    "end_cancelled",
    "is_owner_alive",
    "owner_of",
    "release",
    "seen",
    "standing",
]

#: Statuses of a workflow in which nothing is left to do.
ENDED: Final = ("done", "failed", "cancelled")
MAX_ID: Final = 200
MAX_ERROR: Final = 2_000

_OWNER = "owner_pid, owner_started, owner_boot, owner_space, owner_host, owner_ticks"


def claim(
    connection: sqlite3.Connection,
    workflow_id: str,
    token: str,
    *,
    now: float,
    kind: str,
    spec: Any,
    me: Owner | None = None,
    is_abandoned: Callable[[str], bool] = lambda _: False,
) -> None:
    """Become the one who runs the workflow; its row is made where there is none.

    Args:
        connection: in a transaction.
        workflow_id: of the workflow.
        token: names this run of it; writes with another one are refused from now on.
        now: seconds since 1970.
        kind: what `resume` knows how to begin again, or empty.
        spec: what it needs for that, JSON values; None leaves what is there.
        me: the process that claims; this one by default.
        is_abandoned: says of a token of this very process whether the run that it names has ended.

    Raises:
        WorkflowOwnedError: another process runs it, and lives.
        WorkflowCancelledError: it was cancelled.
    """
    me = this_process() if me is None else me
    row = connection.execute(
        f"SELECT owner, cancelled, owner_seen, {_OWNER} FROM workflows WHERE id = ?",  # noqa: S608
        (workflow_id,),
    ).fetchone()
    if row is None:
        connection.execute(
            "INSERT INTO workflows(id, kind, spec, created_at, updated_at) VALUES(?, ?, ?, ?, ?)",
            (workflow_id, kind, encode(spec or {}, "spec"), now, now),
        )
    else:
        if row[1]:
            raise WorkflowCancelledError(
                f"workflow {workflow_id!r} was cancelled; 'omninode-bridge workflows restart' lets it "
                "begin anew, or begin it under another id"
            )
        holder = owner_of(row[3:])
        if (
            holder is not None
            and not (holder == me and is_abandoned(row[0]))
            and _is_run((row[0], *row[2:]), now, me)
        ):
            raise WorkflowOwnedError(_held(workflow_id, holder, me), pid=holder.pid)
        if spec is not None:
            connection.execute(
                "UPDATE workflows SET kind = ?, spec = ? WHERE id = ?",
                (kind, encode(spec, "spec"), workflow_id),
            )
    connection.execute(
        "UPDATE workflows SET status = 'running', error = '', ended_at = NULL, updated_at = ?, "
        "runs = runs + 1, owner = ?, owner_seen = ?, owner_pid = ?, owner_started = ?, "
        "owner_boot = ?, owner_space = ?, owner_host = ?, owner_ticks = ? WHERE id = ?",
        (now, token, now, *astuple(me), SYSTEM_CLOCK.monotonic(), workflow_id),
    )


def check_owner(connection: sqlite3.Connection, workflow_id: str, token: str) -> None:
    """Make sure that this run still owns the workflow; asked in the transaction of every write.

    Raises:
        WorkflowCancelledError: somebody cancelled it meanwhile.
        WorkflowOwnedError: somebody else took it over, since this process counted as gone.
    """
    row = connection.execute(
        "SELECT owner, cancelled FROM workflows WHERE id = ?", (workflow_id,)
    ).fetchone()
    if row is not None and row[0] == token and not row[1]:
        return
    if row is None:
        raise UnknownWorkflowError(f"workflow {workflow_id!r} is gone from the journal")
    if row[1]:
        raise WorkflowCancelledError(f"workflow {workflow_id!r} was cancelled")
    raise WorkflowOwnedError(
        f"workflow {workflow_id!r} was taken over by another process; this one stops"
    )


def standing(connection: sqlite3.Connection, workflow_id: str, token: str) -> tuple[bool, bool]:
    """Return whether this run still owns the workflow, and then whether somebody cancelled it."""
    row = connection.execute(
        "SELECT cancelled FROM workflows WHERE id = ? AND owner = ?", (workflow_id, token)
    ).fetchone()
    return row is not None, row is not None and bool(row[0])


def seen(connection: sqlite3.Connection, workflow_id: str, token: str, now: float) -> None:
    """Give a sign of life, for processes that cannot look at this one."""
    connection.execute(
        "UPDATE workflows SET owner_seen = ?, owner_ticks = ? WHERE id = ? AND owner = ?",
        (now, SYSTEM_CLOCK.monotonic(), workflow_id, token),
    )


def release(
    connection: sqlite3.Connection,
    workflow_id: str,
    token: str,
    *,
    status: str,
    now: float,
    error: str = "",
    summary: Any = None,
) -> bool:
    """Give the workflow up as it stands; False where it is no longer ours.

    Args:
        connection: in a transaction.
        workflow_id: of the workflow.
        token: of the run that ends.
        status: ``running`` where it was cut off, ``paused``, or one of `ENDED`.
        now: seconds since 1970.
        error: one sentence, where it failed.
        summary: the account of its end, JSON values; None leaves what is there.
    """
    cursor = connection.execute(
        "UPDATE workflows SET owner = NULL, updated_at = ?, error = ?, "
        "status = CASE WHEN cancelled THEN 'cancelled' ELSE ? END, "
        "ended_at = CASE WHEN cancelled OR ? THEN ? ELSE NULL END, "
        "summary = coalesce(?, summary) WHERE id = ? AND owner = ?",
        (
            now,
            redact(error, limit=MAX_ERROR),
            status,
            status in ENDED,
            now,
            None if summary is None else encode(summary, "summary"),
            workflow_id,
            token,
        ),
    )
    return cursor.rowcount == 1


def cancel(file: JournalFile, workflow_id: str) -> bool:
    """Have the workflow end: at once where nobody runs it, else at its owner's next write.

    An owner that dies before its next write needs none: a workflow that was told to end counts as
    cancelled from then on.

    Returns:
        Whether it was still to be ended; its steps stay recorded.

    Raises:
        UnknownWorkflowError: no workflow has this id.
    """

    def work(connection: sqlite3.Connection) -> bool:
        row = connection.execute(
            f"SELECT status, cancelled, owner, owner_seen, {_OWNER} FROM workflows WHERE id = ?",  # noqa: S608
            (workflow_id,),
        ).fetchone()
        if row is None:
            raise UnknownWorkflowError(f"no workflow has the id {workflow_id!r}")
        if row[0] in ENDED:
            return False
        now = file.now()
        if _is_run(row[2:], now):
            connection.execute(
                "UPDATE workflows SET cancelled = 1, updated_at = ? WHERE id = ?",
                (now, workflow_id),
            )
            return True
        connection.execute(
            "UPDATE workflows SET cancelled = 1, updated_at = ?, status = 'cancelled', "
            "ended_at = ?, owner = NULL WHERE id = ?",
            (now, now, workflow_id),
        )
        return not row[1]

    return file.write_now(work, durable=True)


def end_cancelled(connection: sqlite3.Connection, now: float) -> list[str]:
    """End workflows that were told to end and whose owner died before it could; return their ids."""
    told = connection.execute(
        f"SELECT id, updated_at, owner, owner_seen, {_OWNER} FROM workflows "  # noqa: S608
        "WHERE status IN ('running', 'paused') AND cancelled"
    ).fetchall()
    ended = [(told_at, one) for one, told_at, *row in told if not _is_run(row, now)]
    connection.executemany(
        "UPDATE workflows SET status = 'cancelled', ended_at = ?, owner = NULL WHERE id = ?", ended
    )
    return [one for _, one in ended]


def _is_run(row: Sequence[Any], now: float, me: Owner | None = None) -> bool:
    """Whether a living process holds the workflow of these columns: token, sign of life, process."""
    return row[0] is not None and is_owner_alive(row[1], row[2:], now, me)


def is_owner_alive(
    seen: float | None, row: Sequence[Any], now: float, me: Owner | None = None
) -> bool:
    """Whether the process of six columns lives, by its last sign of life where it must be."""
    holder = owner_of(row)
    if holder is None:
        return False
    clock = {"seen_ticks": row[5], "ticks": SYSTEM_CLOCK.monotonic()}
    return is_alive(holder, seen=seen or 0.0, now=now, me=me, **clock)


def owner_of(row: Sequence[Any]) -> Owner | None:
    """Return the process of columns: pid, started, boot, space, host, and any; None where there is none."""
    return None if row[0] is None else Owner(*row[:5])


def _held(workflow_id: str, holder: Owner, me: Owner) -> str:
    if holder == me:
        return f"workflow {workflow_id!r} is being run in this process already"
    where = "" if holder.host == me.host else f" on {holder.host}"
    return f"workflow {workflow_id!r} is being run by process {holder.pid}{where}, which is alive"
