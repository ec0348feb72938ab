"""Correct one file and say what became of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from omninode_bridge.agents.workflows.correction import Correction, correct_code
from omninode_bridge.cli.repair_diff import patch
from omninode_bridge.cli.repair_text import MAX_BYTES, Source, read_source
from omninode_bridge.cli.repair_write import plan_writing, write_over

__all__ = ["MODES", "Repair", "Status", "repair", "repair_file"]

MODES = ("print", "dry-run", "diff", "write")
_NOT_POINTED = "the error does not point to this code"


class Status(StrEnum):
    """What became of a file."""

    FINE = "fine"
    REPAIRED = "repaired"
    TRUNCATED = "truncated"
    DECLINED = "declined"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Repair:
    """One file and its outcome.

    Attributes:
        path: as it was named; ``-`` for stdin.
        reason: why it is not repaired, or not written; empty otherwise.
        after: the bytes of the corrected file; None unless it is repaired or truncated.
        written: the file on disk is the corrected one.
        backup: where the original was put, or would be.
        pointed: an error was given, and it says something about this code.
    """

    path: str
    status: Status
    reason: str = ""
    source: Source | None = None
    correction: Correction | None = None
    after: bytes | None = None
    written: bool = False
    backup: str | None = None
    pointed: bool = True

    @property
    def ok(self) -> bool:
        """Whether nothing is left to do by hand."""
        return self.status in (Status.FINE, Status.REPAIRED) and not self.reason

    @property
    def diff(self) -> str:
        """What changed, as a patch."""
        if self.after is None or self.source is None or self.correction is None:
            return ""
        name = self.path.replace("\\", "/").lstrip("/")
        return patch(name, self.source.text, self.correction.code)

    def as_data(self, mode: str) -> dict[str, Any]:
        """Return it as the JSON report has it."""
        correction = self.correction
        data: dict[str, Any] = {
            "path": self.path,
            "status": str(self.status),
            "reason": self.reason,
            "fixes": [],
            "confidence": None,
            "written": self.written,
            "backup": self.backup,
            "notes": [],
            "diagnosis": None,
            "diff": self.diff,
        }
        if correction is not None:
            data["fixes"] = [
                {"rule": fix.rule, "line": fix.line, "text": fix.text} for fix in correction.fixes
            ]
            data["confidence"] = correction.confidence
            data["notes"] = list(correction.notes)
            if correction.diagnosis is not None:
                data["diagnosis"] = correction.diagnosis.as_data()
        if mode == "print":
            done = correction is not None and (self.after is not None or self.status is Status.FINE)
            data["code"] = correction.code if correction is not None and done else None
        return data


def repair_file(path: Path, error: str | None, mode: str, *, force: bool) -> Repair:
    """Correct the file, and write it if that is the mode and nothing speaks against it."""
    name = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        found = repair(name, data, error)
        if found.after is None or mode not in ("write", "dry-run"):
            return found
        return _write(found, path, mode, force=force)
    except OSError as fault:
        why = (fault.strerror or type(fault).__name__).lower()
        return Repair(name, Status.REFUSED, f"{fault.filename or name!r} cannot be used: {why}")


def repair(name: str, data: bytes, error: str | None) -> Repair:
    """Correct what was read."""
    source = read_source(data)
    if isinstance(source, str):
        return Repair(name, Status.REFUSED, source)
    found = correct_code(source.text, error)
    if not found.changed and (found.success or found.reason == _NOT_POINTED):
        return Repair(name, Status.FINE, "", source, found, pointed=found.success)
    if not found.success:
        return Repair(name, Status.DECLINED, found.reason, source, found)
    after = source.bytes_of(found.code)
    if isinstance(after, str):
        return Repair(name, Status.DECLINED, after, source, found)
    status = Status.TRUNCATED if found.truncated else Status.REPAIRED
    why = "it looks cut off; what is there is corrected" if found.truncated else ""
    return Repair(name, status, why, source, found, after)


def _write(found: Repair, path: Path, mode: str, *, force: bool) -> Repair:
    assert found.source is not None  # noqa: S101 - there is an outcome only of what was read
    assert found.after is not None  # noqa: S101 - asked before
    if found.status is Status.TRUNCATED and not force:
        return replace(found, reason=f"{found.reason}; --force writes that")
    plan = plan_writing(path, found.source.data, force=force)
    backup = None
    if plan.backup is not None:
        backup = str(plan.backup if path.is_symlink() else path.with_name(plan.backup.name))
    if plan.refusal:
        return replace(found, reason=f"not written: {plan.refusal}")
    if mode == "dry-run":
        return replace(found, backup=backup)
    why = write_over(plan, found.source.data, found.after)
    if why:
        return replace(found, reason=f"not written: {why}")
    return replace(found, written=True, backup=backup)
