"""One step of a workflow while it runs: where recoveries in it are kept."""

from __future__ import annotations

import sqlite3
import threading
from typing import Any

from . import workflows
from ._file import JournalFile
from ._large import Encoded, encode_large, is_large
from ._step_rows import WAIT
from .book_answers import end_questions, is_aborted
from .recoveries import JournalRecoveryLog

__all__ = ["StepBook"]


class StepBook:
    """Hands out the logs of a step's recoveries.

    A recovery is known again after a restart by its node, by what it was called with, and by how many
    of the same came before it in the step, so that calls side by side do not change places.
    """

    def __init__(
        self,
        file: JournalFile,
        workflow_id: str,
        token: str,
        key: str,
        n: int,
        encoded: dict[str, Encoded],
        *,
        goes_on: bool,
    ) -> None:
        self._encoded = encoded
        self._goes_on = goes_on
        self._n = n
        self._file = file
        self._workflow_id = workflow_id
        self._token = token
        self._key = key
        self._numbers: dict[str, int] = {}
        self._lock = threading.Lock()  # a plain function may call from threads of its own

    def recovery(self, node_name: str, identity: str) -> JournalRecoveryLog:
        """Return the log of the next recovery of this node and identity."""
        name = f"{node_name}{f'({identity})' if identity else ''}"
        with self._lock:
            number = self._numbers[name] = self._numbers.get(name, 0) + 1
        return JournalRecoveryLog(
            self._file,
            self._workflow_id,
            self._key,
            f"{name}#{number}",
            node_name,
            check=self._check,
            waits=self._waits,
            goes_on=self._goes_on,
        )

    async def prepare(self, result: Any) -> None:
        """Encode a large result beside the event loop, for when the step's end is noted."""
        if is_large(result):
            what = f"the result of step {self._key!r}"
            self._encoded[self._key] = await encode_large(result, what)

    def _check(self, connection: sqlite3.Connection) -> None:
        workflows.check_owner(connection, self._workflow_id, self._token)

    def _waits(self, connection: sqlite3.Connection) -> None:
        connection.execute(WAIT, (self._n,))
        if is_aborted(connection, self._workflow_id):  # what is asked now, nobody needs to answer
            end_questions(connection, self._workflow_id, self._file.now())
