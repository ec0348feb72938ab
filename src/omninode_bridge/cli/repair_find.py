"""Which files a command was asked to look at."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from omninode_bridge.errors import ConfigurationError

__all__ = ["MAX_FILES", "find_sources"]

MAX_FILES = 20_000
_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_PASSED_OVER = frozenset({"__pycache__", "node_modules"})


def find_sources(paths: Sequence[Path]) -> list[Path]:
    """Return the files that were named, and the ``.py`` files of folders; each once.

    Symbolic links are followed where they were named themselves, never inside of a folder.

    Raises:
        ConfigurationError: a path that is not there or is no file, a folder without any, too many.
    """
    found: dict[str, Path] = {}
    for path in paths:
        kind = _kind(path)
        if kind == stat.S_IFREG:
            found.setdefault(os.path.realpath(path), path)
        elif kind == stat.S_IFDIR:
            before = len(found)
            none = True
            for inner in _below(path):
                none = False
                found.setdefault(os.path.realpath(inner), inner)
                if len(found) - before > MAX_FILES:
                    raise ConfigurationError(
                        f"{str(path)!r} has more than {MAX_FILES:,} .py files; name a part of it"
                    )
            if none:
                raise ConfigurationError(f"{str(path)!r} has no .py file in it")
        else:
            what = _KINDS.get(kind, "something else")
            raise ConfigurationError(
                f"{str(path)!r} is {what}; it must be a file or folder, or - for stdin"
            )
    return list(found.values())


def _kind(path: Path) -> int:
    try:
        return stat.S_IFMT(path.stat().st_mode)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ConfigurationError(f"{str(path)!r} cannot be read: {why}") from error
    except ValueError as error:
        raise ConfigurationError(f"{str(path)!r} is no path: {error}") from error


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder at any depth, in order; environments and hidden ones left out."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError as error:
            if here == folder:
                why = (error.strerror or str(error)).lower()
                raise ConfigurationError(f"{str(here)!r} cannot be read: {why}") from error
            continue
        if any(entry.name == "pyvenv.cfg" for entry in entries) and here != folder:
            continue
        folders = []
        for entry in entries:
            if entry.name.startswith(".") or entry.is_symlink():
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _PASSED_OVER:
                    folders.append(here / entry.name)
            elif entry.name.endswith(".py") and entry.is_file(follow_symlinks=False):
                yield here / entry.name
        waiting += reversed(folders)
