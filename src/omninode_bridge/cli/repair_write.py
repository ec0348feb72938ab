"""Put corrected code in the place of a file, never so that the only copy of the old one is lost."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from omninode_bridge.cli.repair_git import Kept, kept_by_git

__all__ = ["Plan", "plan_writing", "write_over"]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file would be written.

    Attributes:
        target: the file itself, where the path is a link to it.
        backup: where the original goes first, or None.
        refusal: why it must not be written; empty otherwise.
    """

    target: Path
    backup: Path | None = None
    refusal: str = ""


def plan_writing(path: Path, before: bytes, *, force: bool) -> Plan:
    """Decide whether a file may be written, and whether its original is kept beside it.

    What git has committed needs no copy; what it does not know gets one with the ending ``.orig``;
    changes that are not committed are not written over. `force` writes in all cases, without a copy.
    """
    target = Path(os.path.realpath(path))
    if force:
        return Plan(target)
    if not target.stat().st_mode & 0o222:
        return Plan(target, refusal="it is read-only; --force writes it all the same")
    standing = kept_by_git(target)
    if standing.kept is Kept.CHANGED:
        why = "it has changes that are not committed; commit them, or give --force"
        return Plan(target, refusal=why)
    if standing.kept is Kept.UNKNOWN:
        return Plan(target, refusal=f"{standing.why}; --force writes it all the same")
    if standing.kept is Kept.COMMITTED:
        return Plan(target)
    backup = target.with_name(f"{target.name}.orig")
    if os.path.lexists(backup):
        if backup.is_file() and backup.read_bytes() == before:
            return Plan(target)
        why = (
            f"git does not know it and {backup.name!r} is there already; move that, or give --force"
        )
        return Plan(target, refusal=why)
    return Plan(target, backup)


def write_over(plan: Plan, before: bytes, after: bytes) -> str:
    """Write a file as planned: aside, then moved into its place; return why not, or nothing.

    Raises:
        OSError: the file system refused.
    """
    target = plan.target
    state = target.stat()
    if not stat.S_ISREG(state.st_mode) or target.read_bytes() != before:
        return "it was changed while it was being corrected"
    handle, name = tempfile.mkstemp(
        prefix=f".{target.name[:100]}.", suffix=".tmp", dir=target.parent
    )
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        shutil.copystat(target, aside)
        with suppress(OSError):
            os.chown(aside, state.st_uid, state.st_gid)
            aside.chmod(stat.S_IMODE(state.st_mode))  # a new owner takes the special bits off
        os.utime(aside)
        if plan.backup is not None:
            _copy(target, before, plan.backup)
        aside.replace(target)
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
    return ""


def _copy(target: Path, before: bytes, backup: Path) -> None:
    with backup.open("xb") as file:
        file.write(before)
        file.flush()
        os.fsync(file.fileno())
    shutil.copystat(target, backup)
