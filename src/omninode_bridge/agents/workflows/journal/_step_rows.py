"""Rows of steps: how one is read, begun and ended."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from ._hashes import StepHashes

__all__ = ["BEGIN", "CUT", "END", "FORGET", "WAIT", "StepRow", "next_number", "read_steps"]

BEGIN: Final = (
    "INSERT OR REPLACE INTO step_rows(n, key, status, starts, code_hash, arguments_hash, "
    "inputs_hash, stale, started_at) VALUES(?, ?, 'started', ?, ?, ?, ?, ?, ?)"
)
END: Final = (
    "UPDATE step_rows SET status = ?, starts = 0, result = ?, result_hash = ?, error = ?, "
    "escalation_id = ?, ended_at = ?, duration_ms = ? WHERE n = ?"
)
# Its recoveries stay to be read, but a later start of the step may not go on from them.
FORGET: Final = "UPDATE recoveries SET over = 1 WHERE workflow_id = ? AND step_key = ?"
#: A run that can say that it ends was not killed by its steps: this start of theirs does not count.
CUT: Final = "UPDATE step_rows SET starts = max(0, starts - 1) WHERE n = ? AND status = 'started'"
WAIT: Final = "UPDATE step_rows SET starts = 0 WHERE n = ?"


@dataclass(slots=True)
class StepRow:
    """One step as it is recorded.

    Attributes:
        n: of its row.
        starts: how often it began since it last ended.
        stale: why what was recorded is not reused.
        goes_on: it was cut off, or waits for a human, so recoveries in it go on where they were.
    """

    n: int
    status: str
    starts: int
    hashes: StepHashes
    result: str | None = None
    result_hash: str = ""
    stale: str = ""
    goes_on: bool = False


def read_steps(connection: sqlite3.Connection, workflow_id: str) -> dict[str, StepRow]:
    """Return the steps of a workflow by their keys."""
    rows = connection.execute(
        "SELECT key, n, status, starts, code_hash, arguments_hash, inputs_hash, result, result_hash "
        "FROM steps WHERE workflow_id = ?",
        (workflow_id,),
    )
    return {
        row[0]: StepRow(row[1], row[2], row[3], StepHashes(*row[4:7]), row[7], row[8] or "")
        for row in rows
    }


def next_number(connection: sqlite3.Connection, workflow_id: str) -> int:
    """Return the number of the workflow's next row; in a transaction, by who runs the workflow."""
    connection.execute(
        "INSERT INTO workflow_numbers(workflow_id) VALUES(?) ON CONFLICT(workflow_id) DO NOTHING",
        (workflow_id,),
    )
    row = connection.execute(
        "SELECT coalesce((SELECT max(s.n) FROM step_rows s WHERE s.n "
        "BETWEEN w.n << 32 AND (w.n << 32) + 4294967295), w.n << 32) + 1 "
        "FROM workflow_numbers w WHERE w.workflow_id = ?",
        (workflow_id,),
    ).fetchone()
    return int(row[0])
