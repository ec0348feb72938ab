"""What humans have answered about a workflow: what ended its steps, what waits, what nobody took."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from omninode_bridge.agents.workflows.recovery_models import EscalationStatus

from . import workflows
from ._codec import decode, encode
from ._escalation_rows import Ending, end_row, open_ids
from ._file import JournalFile
from ._hashes import StepHashes
from ._step_rows import StepRow

__all__ = ["BookAnswers", "end_questions", "is_aborted", "kept_answer", "unused_answers"]

# A question that a step still has, whoever answered it meanwhile: the next run asks it again, and takes
# the answer.
_UNUSED: Final = (
    "SELECT id, decided_by, at FROM escalations e WHERE workflow_id = ?1 AND status = 'resolved' "
    "AND taken_by IS NULL AND key != '' AND NOT EXISTS(SELECT 1 FROM recoveries r JOIN steps s "
    "ON s.workflow_id = r.workflow_id AND s.key = r.step_key WHERE r.workflow_id = ?1 "
    "AND r.escalation_id = e.id AND r.status IN ('open', 'pending') AND s.status != 'done') ORDER BY n"
)
_ABORTED: Final = "SELECT 1 FROM steps WHERE workflow_id = ? AND status = 'aborted' AND result IS NOT NULL LIMIT 1"


class BookAnswers:
    """The part of a workflow's book that is about humans."""

    __slots__ = ()

    file: JournalFile
    workflow_id: str
    token: str
    _rows: dict[str, StepRow]

    def answered(self, key: str, hashes: StepHashes) -> tuple[str, Sequence[str]] | None:
        """Return how a human's answer ended the step for good, and the answer; None where none did.

        That a step be left out holds as long as it is the one that was asked about.
        """
        row = self._rows.get(key)
        if row is None or row.status not in ("skipped", "aborted") or row.result is None:
            return None
        if row.status == "skipped":
            row.stale = hashes.difference(row.hashes)
            if row.stale:
                return None
        kept = decode(row.result)
        return str(kept["message"]), kept["answer"]

    def aborted(self) -> Sequence[str] | None:
        """Return the answer that gave the workflow up in an earlier run, or None."""
        for row in self._rows.values():
            if row.status == "aborted" and row.result is not None:
                answer: Sequence[str] = decode(row.result)["answer"]
                return answer
        return None

    async def end_questions(self) -> None:
        """End what is open: a human has given the workflow up, so nobody needs an answer any more."""
        now = self.file.now()

        def work(connection: sqlite3.Connection) -> None:
            workflows.check_owner(connection, self.workflow_id, self.token)
            end_questions(connection, self.workflow_id, now)

        await self.file.write(work, durable=False)

    async def questions(self) -> tuple[tuple[str, ...], tuple[dict[str, Any], ...]]:
        """Return the ids of what waits for an answer, and the answers that nobody took."""
        return self.file.read(
            lambda connection: (
                tuple(open_ids(connection, self.workflow_id)),
                tuple(unused_answers(connection, self.workflow_id)),
            )
        )


def kept_answer(answer: Sequence[str], message: str) -> str | None:
    """Return what is kept of the answer that ended a step; None where none did."""
    if not answer:
        return None
    return encode({"message": message, "answer": list(answer)}, "the answer")


def unused_answers(connection: sqlite3.Connection, workflow_id: str) -> list[dict[str, Any]]:
    """Return the answers to questions of the workflow's steps that did not ask again.

    Returns:
        ``id``, ``by`` and ``at`` (seconds since 1970) of each, in order of opening.
    """
    rows = connection.execute(_UNUSED, (workflow_id,))
    return [{"id": row[0], "by": row[1], "at": row[2]} for row in rows]


def is_aborted(connection: sqlite3.Connection, workflow_id: str) -> bool:
    """Whether a human has given the workflow up."""
    return connection.execute(_ABORTED, (workflow_id,)).fetchone() is not None


def end_questions(connection: sqlite3.Connection, workflow_id: str, now: float) -> None:
    """End what is open of the workflow: nobody needs an answer any more."""
    ending = Ending(status=EscalationStatus.SUPERSEDED, at=now)
    for escalation_id in open_ids(connection, workflow_id):
        end_row(connection, escalation_id, ending)
