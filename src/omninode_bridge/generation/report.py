"""The account of a generation run; its JSON form is docs/reference/report.schema.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from omninode_bridge import __version__

__all__ = ["BatchReport", "ContractReport", "EscalationNote", "KeptNote", "Outcome", "StepReport"]

REPORT_VERSION = 1


class Outcome(StrEnum):
    """How one contract ended.

    ``generated``: a package exists and passed the checks (in dry runs: would be written);
    ``current`` and ``stale`` are the two answers of ``--check``. ``refused`` is a file that is no
    contract or cannot be read, or a package whose place is taken; nobody is asked about it.
    ``skipped`` is an escalation to which a person answered that the contract be left out.
    """

    GENERATED = "generated"
    CURRENT = "current"
    STALE = "stale"
    ESCALATED = "escalated"
    REFUSED = "refused"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """One step of one contract.

    Attributes:
        step: its name: ``read``, ``parse``, ``correct``, ``check``, ``models``, ``node``, ``tests``, ``validate``,
            ``compare``, ``place``; or the stage of the run in which a human was asked.
        kind: the strategy that recovered it, or that was tried last; None where nothing went wrong.
        change: what the recovery changed, in words.
        outcome: ``done``, ``recovered``, ``escalated`` or ``failed``.
        error: what went wrong at first; empty where nothing did.
        attempts: how often the recovery tried.
        duration_ms: the step, recoveries included.
    """

    step: str
    outcome: str
    kind: str | None = None
    change: tuple[str, ...] = ()
    error: str = ""
    attempts: int = 0
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationNote:
    """What a human is asked about a contract.

    Attributes:
        id: of the escalation.
        kind: ``invalid_contract``, ``unsupported_feature``, ``security_violation`` or ``generation_failed``.
        message: what is wrong.
        path: the file that holds the fault: the contract, or a file that it refers to.
        line: 1-based line in the contract, or None.
        column: 1-based column, or None.
        related_lines: further lines that belong to the fault.
        hint: what would be right; may be empty.
        priority: ``low`` to ``critical``.
        pause: the workflow is meant to stand still until there is an answer.
        answer: how a human answered, or None.
    """

    id: str | None
    kind: str
    message: str
    path: str | None = None
    line: int | None = None
    column: int | None = None
    related_lines: tuple[int, ...] = ()
    hint: str = ""
    priority: str = "medium"
    pause: bool = False
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractReport:
    """How one contract ended.

    Attributes:
        contract: the file, as the user named it.
        name: of the package; None where the contract could not be read so far.
        outcome: see `Outcome`.
        degraded: something of the contract is missing in the package; `dropped` lists it.
        steps: in order.
        dropped: what is missing, in words.
        unchecked: parts of the schemas that the models cannot check, in words.
        untested: parts of the schemas that no test of the package holds the models to, in words.
        warnings: oddities of the contract that prevent nothing.
        escalation: what a human is asked, or None.
        error: one sentence, where there is no package.
        files: paths in the package, sorted.
        kept: files of the package that were edited by hand and stay so.
        logic: ``scaffold`` where operations only raise, ``partial``, or ``written``; None without a package.
        package: the package's folder, or None.
        changed: the files on disk differ from what was there before the run (or would).
        diff: unified diff, in the mode that asks for it.
        duration_ms: the work on this contract.
    """

    contract: str
    name: str | None = None
    outcome: Outcome = Outcome.FAILED
    degraded: bool = False
    steps: tuple[StepReport, ...] = ()
    dropped: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    untested: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    escalation: EscalationNote | None = None
    error: str = ""
    files: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    logic: str | None = None
    package: str | None = None
    changed: bool = False
    diff: str = ""
    duration_ms: float = 0.0

    @property
    def recoveries(self) -> tuple[StepReport, ...]:
        """The steps in which something went wrong."""
        return tuple(step for step in self.steps if step.kind is not None)

    @property
    def ok(self) -> bool:
        """Whether there is a package, up to date."""
        return self.outcome in (Outcome.GENERATED, Outcome.CURRENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptNote:
    """How a run stands in the journal.

    Attributes:
        workflow: its id, which ``resume`` takes.
        status: ``done``; ``paused`` where a person has to answer; ``failed`` where nobody answered in
            time, or a package could not be made for a reason outside of its contract: another try
            may end better.
        open: ids of the escalations that wait for an answer.
        reused: how many steps an earlier process had done.
        stale: contracts of which something was recorded and not taken, with the reason.
        written: how many packages this process has written, of all that the account counts as changed.
        left: packages that are still there of contracts that a person has left out since.
    """

    workflow: str
    status: str
    open: tuple[str, ...] = ()
    reused: int = 0
    stale: tuple[str, ...] = ()
    written: int = 0
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReport:
    """How a run ended.

    Attributes:
        contracts: in the order of their paths.
        duration_ms: the whole run.
        speedup: time of all steps, one after the other, over the time they took.
        statistics: recoveries of the run, by strategy.
        kept: how the run stands in the journal; None where nothing is kept.
    """

    contracts: tuple[ContractReport, ...]
    output: str
    mode: str
    validation: str
    duration_ms: float = 0.0
    speedup: float = 1.0
    statistics: Mapping[str, Any] = field(default_factory=dict)
    kept: KeptNote | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many contracts ended in each way."""
        found = Counter(str(report.outcome) for report in self.contracts)
        return {str(outcome): found.get(outcome, 0) for outcome in Outcome}

    def exit_code(self, *, strict: bool = False) -> int:
        """Return 0 where every contract has its package, else 1.

        Args:
            strict: a degraded package counts as none.
        """
        bad = any(not report.ok or (strict and report.degraded) for report in self.contracts)
        return 1 if bad else 0

    def to_json(self) -> dict[str, Any]:
        """Return JSON values that follow the published schema."""
        return {
            "report_version": REPORT_VERSION,
            "generator": f"omninode-bridge {__version__}",
            "mode": self.mode,
            "validation": self.validation,
            "output": self.output,
            "duration_ms": round(self.duration_ms, 3),
            "speedup": round(self.speedup, 3),
            "counts": self.counts,
            "statistics": dict(self.statistics),
            "kept": None if self.kept is None else _plain(asdict(self.kept)),
            "contracts": [_plain(asdict(report)) for report in self.contracts],
        }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return round(value, 3)
    return str(value) if isinstance(value, StrEnum) else value
