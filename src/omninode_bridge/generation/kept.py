"""A generation run that outlives its process: what it is begun again by, and how it is given up."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omninode_bridge.agents.workflows._ports import EscalationStore
from omninode_bridge.errors import ConfigurationError, EngineError
from omninode_bridge.generation.plain import plain, unplain
from omninode_bridge.generation.request import GenerateRequest, Mode, ValidationLevel

if TYPE_CHECKING:
    from omninode_bridge.agents.workflows.engines.journal import JournalEngine

__all__ = ["KIND", "KeptRun", "new_workflow_id", "request_of", "spec_of"]

KIND: Final = "generate"
SPEC_VERSION: Final = 1


def new_workflow_id(
    now: datetime, *, suffix: Callable[[], str] = lambda: secrets.token_hex(2)
) -> str:
    """Return an id that a person can type: the day, and four hex digits.

    Args:
        now: the time.
        suffix: makes what tells the runs of one day apart.
    """
    return f"{KIND}-{now:%Y%m%d}-{suffix()}"


def spec_of(request: GenerateRequest, *, cwd: Path) -> dict[str, Any]:
    """Return what the run is begun again by, as JSON values.

    Args:
        request: what to do.
        cwd: the folder that its relative paths are meant from.
    """
    return {
        "version": SPEC_VERSION,
        "cwd": plain(os.fspath(cwd.absolute())),
        "paths": [plain(os.fspath(path)) for path in request.paths],
        "output": plain(os.fspath(request.output)),
        "mode": str(request.mode),
        "jobs": request.jobs,
        "validation": str(request.validation),
        "recovery": request.recovery,
        "max_degradation": request.max_degradation,
        "force": request.force,
        "template_dir": None if request.template_dir is None else plain(str(request.template_dir)),
        "strict": request.strict,
        "exclude": [plain(os.fspath(path)) for path in request.exclude],
    }


def request_of(
    spec: Mapping[str, Any], *, wait: float | None = None
) -> tuple[GenerateRequest, Path]:
    """Return what a recorded run was asked to do, and the folder that its paths are meant from.

    Args:
        spec: as `spec_of()` gave it.
        wait: seconds to wait for a human's answer this time.

    Raises:
        ConfigurationError: a newer version of this package has recorded it, or it is damaged.
    """
    if spec.get("version") != SPEC_VERSION:
        raise ConfigurationError(
            f"the recorded run has the form {spec.get('version')!r}; this version of omninode-bridge "
            f"knows form {SPEC_VERSION}"
        )
    try:
        request = GenerateRequest(
            paths=tuple(Path(unplain(path)) for path in spec["paths"]),
            output=Path(unplain(spec["output"])),
            mode=Mode(spec["mode"]),
            jobs=int(spec["jobs"]),
            validation=ValidationLevel(spec["validation"]),
            recovery=bool(spec["recovery"]),
            max_degradation=spec["max_degradation"],
            wait=wait,
            force=bool(spec["force"]),
            template_dir=None
            if spec["template_dir"] is None
            else Path(unplain(spec["template_dir"])),
            exclude=tuple(Path(unplain(path)) for path in spec["exclude"]),
            strict=bool(spec["strict"]),
        )
        return request, Path(unplain(spec["cwd"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(f"the recorded run cannot be read: {error}") from error


@dataclass(slots=True)
class KeptRun:
    """A run that this process owns in a journal.

    It is the engine of the run's executor: that opens the workflow and closes it, but the run is
    given up only by `end()`, together with its account.

    Attributes:
        engine: the journal.
        workflow_id: of the run.
        results: what earlier processes recorded, as JSON text, by stage and step.
    """

    engine: JournalEngine
    workflow_id: str
    results: Mapping[str, str]
    _workflow: Any = field(repr=False)
    _ended: bool = False
    _close: tuple[str, str] = ("running", "")

    @classmethod
    async def begin(
        cls, engine: JournalEngine, workflow_id: str, spec: Mapping[str, Any]
    ) -> KeptRun:
        """Become the one who runs it.

        Raises:
            WorkflowOwnedError: another process runs it, and lives.
            WorkflowCancelledError: it was cancelled.
            JournalError: the journal cannot be written.
        """
        from omninode_bridge.agents.workflows.journal._step_rows import read_steps

        workflow = await engine.open_workflow(workflow_id, kind=KIND, spec=spec)
        try:
            rows = engine.file.read(lambda connection: read_steps(connection, workflow_id))
        except BaseException:
            workflow.close("running")
            raise
        done = {key: row.result for key, row in rows.items() if row.status == "done"}
        results = {key: text for key, text in done.items() if text is not None}
        return cls(engine, workflow_id, results, workflow)

    @property
    def escalations(self) -> EscalationStore:
        """Where the run's questions are kept."""
        return self.engine.escalations

    async def open_workflow(self, workflow_id: str) -> Any:
        """Hand the executor the workflow, which is open already."""
        del workflow_id
        return _Lent(self._workflow, self)

    def recovery(self, workflow_id: str, node_name: str, identity: str) -> Any:
        """Return where a recovery outside of a step is kept."""
        return self.engine.recovery(workflow_id, node_name, identity)

    def explain(self, why_stale: Callable[[str], str]) -> None:
        """Have it told in the journal why the result of a step is not taken, by the step's key."""
        self._workflow.why_stale = why_stale

    def note_close(self, status: str, error: str) -> None:
        """Remember how the executor would have given it up."""
        self._close = (status, error)

    async def end(self, status: str, summary: Mapping[str, Any]) -> None:
        """Give the run up with its account.

        Args:
            status: ``paused``, ``done`` or ``failed``.
            summary: the account, JSON values.
        """
        if not self._ended:
            self._ended = True
            error = "" if status == "done" else self._close[1]
            await self._workflow.finish(status, error=error, summary=plain(summary))

    def cut(self) -> None:
        """Give the run up as it stands, unless it has ended: whoever runs it next goes on."""
        if not self._ended:
            self._ended = True
            status, error = self._close
            with suppress(EngineError):  # the error under way says more
                self._workflow.close("failed" if status == "failed" else "running", error=error)


class _Lent:
    """A workflow that is written through, but not closed."""

    def __init__(self, workflow: Any, run: KeptRun) -> None:
        self._workflow = workflow
        self._run = run

    def __getattr__(self, name: str) -> Any:
        return getattr(self._workflow, name)

    async def finish(self, status: str, *, error: str = "", summary: Any = None) -> bool:
        """Only remember it."""
        return self.close(status, error=error, summary=summary)

    def close(self, status: str, *, error: str = "", summary: Any = None) -> bool:
        """Only remember it."""
        del summary
        self._run.note_close(status, error)
        return True
