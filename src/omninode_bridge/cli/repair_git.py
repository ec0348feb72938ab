"""What git keeps of a file."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

__all__ = ["Kept", "Standing", "kept_by_git"]

_SECONDS = 20.0
_OWN = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
# Reading the state of a file must start no program that a repository names.
_STATUS = (
    "-c", "core.fsmonitor=false", "--no-optional-locks", "--literal-pathspecs",
    "status", "--porcelain=v1", "-z", "--ignored=matching", "--untracked-files=all", "--",
)  # fmt: skip


class Kept(StrEnum):
    """Whether git could bring a file back."""

    COMMITTED = "committed"
    CHANGED = "changed"
    NOT_KEPT = "not kept"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Standing:
    """What git keeps of a file; `why` says what keeps it from telling."""

    kept: Kept
    why: str = ""


def kept_by_git(path: Path) -> Standing:
    """Ask git about one file; outside of a work tree nothing is kept."""
    git = shutil.which("git")
    if git is None:
        inside = any((parent / ".git").exists() for parent in path.parents)
        return Standing(Kept.UNKNOWN, "git is not installed") if inside else Standing(Kept.NOT_KEPT)
    environment = {name: value for name, value in os.environ.items() if name not in _OWN}
    try:
        ended = subprocess.run(  # noqa: S603 - git itself, and a path after --
            [git, *_STATUS, path.name],
            cwd=path.parent,
            env={**environment, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Standing(Kept.UNKNOWN, f"git did not answer: {type(error).__name__}")
    if ended.returncode:
        said = ended.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        outside = ("not a git repository", "must be run in a work tree")
        if any(words in line for words in outside for line in said):
            return Standing(Kept.NOT_KEPT)
        return Standing(Kept.UNKNOWN, f"git cannot tell: {said[0].removeprefix('fatal: ')}")
    if not ended.stdout:
        return Standing(Kept.COMMITTED)
    return Standing(Kept.NOT_KEPT if ended.stdout[:2] in (b"??", b"!!") else Kept.CHANGED)
