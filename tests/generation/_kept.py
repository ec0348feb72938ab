"""What the tests of kept runs share: contracts, a journal, and a count of what ran."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from omninode_bridge.agents.workflows.engines.journal import JournalEngine
from omninode_bridge.agents.workflows.journal._step_rows import read_steps
from omninode_bridge.agents.workflows.staged_execution import ProgressEvent
from omninode_bridge.generation.answers import ANSWER_CHECKS
from omninode_bridge.generation.batch import generate
from omninode_bridge.generation.report import BatchReport, ContractReport
from omninode_bridge.generation.request import GenerateRequest, ValidationLevel

CONTRACT = """\
name: {name}
version: 1.0.0
node_type: compute
input_state: {{type: object, properties: {{a: {{type: integer}}}}, required: [a]}}
output_state: {{type: object, properties: {{b: {{type: string, maxLength: 3}}}}}}
"""
DANGLING = CONTRACT.replace("{{type: integer}}", '{{$ref: "#/$defs/Nothing"}}')


class Kept:
    """Runs over one folder of contracts, kept in one journal.

    Attributes:
        began: how often each step of the last run began.
    """

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.folder = folder
        self.contracts = folder / "in"
        self.output = folder / "out"
        self.contracts.mkdir()
        self.changes = changes
        self.began: Counter[str] = Counter()

    def write(self, **texts: str) -> None:
        """Write contracts by the name of their file."""
        for name, text in texts.items():
            (self.contracts / f"{name}.yaml").write_text(text.format(name=name), encoding="utf-8")

    @contextmanager
    def journal(self) -> Iterator[JournalEngine]:
        """Open the journal, as each process would for itself."""
        with JournalEngine(self.folder / "journal.db", checks=ANSWER_CHECKS) as engine:
            yield engine

    async def run(self, workflow_id: str = "w", **changes: Any) -> BatchReport:
        """Run, or go on."""
        self.began.clear()
        values: dict[str, Any] = {
            "paths": (self.contracts,),
            "output": self.output,
            "validation": ValidationLevel.BASIC,
        }
        request = GenerateRequest(**(values | self.changes | changes))
        with self.journal() as engine:
            return await generate(
                request, engine=engine, workflow_id=workflow_id, on_progress=self._count
            )

    def _count(self, event: ProgressEvent) -> None:
        if event.name == "step_started" and event.step_id is not None:
            self.began[event.step_id.replace(f"{self.contracts.as_posix()}/", "")] += 1

    def began_for(self, name: str) -> set[str]:
        """Return which steps of one contract began in the last run."""
        return {step.partition(":")[0] for step in self.began if step.endswith(f": {name}.yaml")}

    def done(self, workflow_id: str = "w") -> set[str]:
        """Return which steps of contracts the journal has as finished."""
        with self.journal() as engine:
            rows = engine.file.read(lambda connection: read_steps(connection, workflow_id))
        steps = {key.partition("/")[2] for key, row in rows.items() if row.status == "done"}
        return {step.replace(f"{self.contracts.as_posix()}/", "") for step in steps if ": " in step}

    async def answer(self, name: str, decision: Any, *, by: str = "ann") -> Any:
        """Answer the open question about one contract, as another process would."""
        with self.journal() as engine:
            rows = await engine.escalations.list("open")
            row = next(row for row in rows if row.report.node_name.endswith(f"/{name}.yaml"))
            return await engine.escalations.resolve(row.id, decision, by)

    async def statuses(self) -> dict[str, int]:
        """Count the questions by how they stand."""
        with self.journal() as engine:
            return dict(Counter(str(row.status) for row in await engine.escalations.list()))


def by_name(report: BatchReport) -> dict[str, ContractReport]:
    """Return the reports by the name of their file."""
    return {Path(entry.contract).stem: entry for entry in report.contracts}


def outcomes(report: BatchReport) -> dict[str, str]:
    """Return the outcomes by the name of their file."""
    return {name: str(entry.outcome) for name, entry in by_name(report).items()}


def tree(folder: Path) -> dict[str, bytes]:
    """Read every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
