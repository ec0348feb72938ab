"""How a run of a workflow gives it up: one transaction with everything that is still to be written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from . import workflows
from ._questions import settle_questions

__all__ = ["Ending"]


@dataclass(frozen=True, slots=True)
class Ending:
    """How the workflow stands at the end of a run.

    Attributes:
        status: ``running`` where it was cut off, ``paused``, or one of `workflows.ENDED`.
        error: one sentence, where it did not end well.
        summary: the account of its end, JSON values; None leaves what is there.
        now: tells the time.
    """

    status: str
    error: str
    summary: Any
    now: Callable[[], float]

    def of(
        self,
        workflow_id: str,
        token: str,
        writes: Sequence[Callable[[sqlite3.Connection], object]],
    ) -> Callable[[sqlite3.Connection], bool]:
        """Return what is to be done in a transaction; False from it where it was not ours any more.

        Args:
            workflow_id: of the workflow.
            token: of the run that ends.
            writes: the ends of steps that are not written yet.
        """

        def work(connection: sqlite3.Connection) -> bool:
            is_ours, is_cancelled = workflows.standing(connection, workflow_id, token)
            if not is_ours:
                return False
            # what was done is kept all the same where somebody cancelled it
            status = "cancelled" if is_cancelled else self.status
            for write in writes:
                write(connection)
            now = self.now()
            return workflows.release(
                connection,
                workflow_id,
                token,
                status=settle_questions(connection, workflow_id, status, now),
                now=now,
                error=self.error,
                summary=self.summary,
            )

        return work
