"""What a generation run is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

__all__ = ["GenerateRequest", "Mode", "ValidationLevel"]


class Mode(StrEnum):
    """What happens to the packages in the end."""

    WRITE = "write"
    CHECK = "check"
    DRY_RUN = "dry_run"
    DIFF = "diff"


class ValidationLevel(StrEnum):
    """How much is checked before a package counts as generated; security rules always are."""

    BASIC = "basic"
    STANDARD = "standard"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateRequest:
    """One run over many contracts.

    Attributes:
        paths: contract files and folders, as the user named them.
        output: the folder that receives one package folder for each contract.
        mode: write, say what is stale, or show what would be written.
        jobs: how many contracts are worked on at once.
        validation: level of checks.
        recovery: False lets the first error of a contract end it.
        max_degradation: how many degradation stages a step may take; None for all, 0 for none.
        wait: seconds to wait for a human's answer to an escalation; None does not wait.
        force: overwrite files that are not ours or that were edited.
        template_dir: a folder whose templates replace the packaged ones of the same name.
        strict: a degraded package counts as none, for the exit code.
        exclude: files below the paths that are no input, such as an earlier run's report.
    """

    paths: tuple[Path, ...]
    output: Path
    mode: Mode = Mode.WRITE
    jobs: int = 2
    validation: ValidationLevel = ValidationLevel.STANDARD
    recovery: bool = True
    max_degradation: int | None = None
    wait: float | None = None
    force: bool = False
    template_dir: Path | None = None
    exclude: tuple[Path, ...] = ()
    strict: bool = False
