"""A journal that is filled by hand, row by row."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.agents.workflows.journal._owner import Owner, this_process
from omninode_bridge.agents.workflows.journal._report_codec import encode_report
from omninode_bridge.agents.workflows.journal._step_rows import next_number

from .._reports import report

ONE = "esc_0123456789abcdef0123"


def dead_process() -> Owner:
    """Return a process of this machine that is not there any more."""
    me = this_process()
    return Owner(me.pid, "a time at which it did not start", me.boot, me.space, me.host)


class Journal:
    """Writes rows; ages are in seconds before now."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = JournalFile(path)
        self.now = time.time()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self.file.close()

    def put(self, table: str, **values: Any) -> None:
        """Insert a row."""
        names, marks = ", ".join(values), ", ".join("?" * len(values))

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                f"INSERT INTO {table}({names}) VALUES({marks})", tuple(values.values())
            )

        self.file.write_now(work, durable=False)

    def workflow(
        self,
        workflow_id: str = "w",
        status: str = "done",
        *,
        age: float = 330.0,
        owner: Owner | None = None,
        **more: Any,
    ) -> None:
        """Insert a workflow, run by `owner`."""
        began = self.now - age
        ended = began + 30 if status in ("done", "failed", "cancelled") else None
        held: dict[str, Any] = {}
        if owner is not None:
            names = ("owner_pid", "owner_started", "owner_boot", "owner_space", "owner_host")
            held = dict(zip(names, astuple(owner), strict=True))
            held |= {"owner": "token", "owner_seen": self.now - 5}
        values = {"created_at": began, "updated_at": began, "ended_at": ended, "runs": 1}
        self.put("workflows", id=workflow_id, status=status, **values | held | more)

    def step(self, workflow_id: str, key: str, status: str = "done", **more: Any) -> None:
        """Insert a step of a workflow; the order of insertion is that of its beginning."""
        self.now += 0.001
        hashes = dict.fromkeys(("code_hash", "arguments_hash", "inputs_hash"), "")
        values: dict[str, Any] = {"starts": 0, "started_at": self.now, "duration_ms": 1500.0}
        n = self.file.write_now(lambda c: next_number(c, workflow_id), durable=False)
        self.put("step_rows", n=n, key=key, status=status, **hashes, **values | more)

    def escalation(
        self,
        escalation_id: str = ONE,
        *,
        age: float = 330.0,
        columns: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> None:
        """Insert an escalation: `changes` are of its report, `columns` of its row."""
        told = report(escalation_id, **changes)
        values = {
            "id": escalation_id,
            "workflow_id": told.workflow_id,
            "key": "",
            "status": "open",
            "priority": str(told.priority),
            "report": encode_report(told),
            "opened_at": self.now - age,
            "boot": self.file.boot_id,
        }
        self.put("escalations", **values | dict(columns or {}))

    def recovery(
        self,
        number: int,
        log: Sequence[tuple[str, Mapping[str, Any]]] = (),
        *,
        first: Mapping[str, Any] | None = None,
        plan: Mapping[str, Any] | None = None,
        account: Mapping[str, Any] | None = None,
        age: float = 330.0,
        **more: Any,
    ) -> None:
        """Insert a recovery with its log."""
        values: dict[str, Any] = {
            "workflow_id": "w",
            "step_key": "read/one",
            "key": f"k{number}",
            "node_name": "parser",
            "status": "recovered",
            "error_type": "timeout",
            "strategy": "retry",
            "began_at": self.now - age,
            "ended_at": self.now - age + 1,
            "duration_ms": 1000.0,
        }
        kept = {"first": first or {}, "plan": plan or {}, "account": account or {}}
        texts = {name: json.dumps(value) for name, value in kept.items()}
        self.put("recoveries", id=number, **values | more, **texts)
        for n, (kind, data) in enumerate(log, start=1):
            self.put(
                "entries", recovery=number, n=n, kind=kind, data=json.dumps(data), at=self.now - age
            )
