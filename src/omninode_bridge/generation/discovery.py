"""Which files of the paths that a user named are contracts to be read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from omninode_bridge.errors import ContractReadError

__all__ = ["MAX_FILES", "SUFFIXES", "find_contracts"]

SUFFIXES = frozenset({".yaml", ".yml", ".json"})
MAX_FILES = 10_000
MAX_LEVELS = 16
_MAX_ENTRIES = 200_000
_SKIPPED = frozenset({"node_modules", "site-packages", "venv", "env"})


def find_contracts(paths: Iterable[str | Path]) -> list[Path]:
    """Return the files to read, sorted, each once.

    A file that is named counts whatever it is called. In a directory every ``.yaml``, ``.yml`` and
    ``.json`` file counts, at any depth up to `MAX_LEVELS`. Passed over are names that start with a
    dot or an underscore (files that only contracts refer to), ``node_modules`` and the like; links
    to folders are not followed, so that loops cannot occur. Two names of one file count once: the
    first in sorting order.

    Raises:
        ContractReadError: a path does not exist, a directory holds no such file or cannot be read,
            or there are more than `MAX_FILES`.
    """
    found: set[Path] = set()
    for given in paths:
        path = Path(given)
        if "\0" in str(given):
            raise ContractReadError("a NUL character in a file name", path=ascii(str(given)))
        if not _is_directory(path):
            if not os.path.lexists(path):
                raise ContractReadError("no such file or directory", path=str(given))
            found.add(path)
            continue
        inside = list(_walk(path))
        if not inside:
            wanted = ", ".join(sorted(SUFFIXES))
            raise ContractReadError(f"holds no contracts ({wanted})", path=str(given))
        found.update(inside)
        if len(found) > MAX_FILES:
            raise ContractReadError(f"holds more than {MAX_FILES} files", path=str(given))
    return _once(sorted(found, key=lambda path: path.as_posix()))


def _is_directory(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:
        raise ContractReadError(f"cannot be read: {error.strerror}", path=str(path)) from error


def _walk(top: Path) -> Iterator[Path]:
    entries = 0
    todo = [(top, 0)]
    while todo:
        folder, level = todo.pop()
        try:
            with os.scandir(folder) as listing:
                for entry in listing:
                    entries += 1
                    if entries > _MAX_ENTRIES:
                        raise ContractReadError("holds too many files to look at", path=str(top))
                    path = folder / entry.name
                    if entry.name.startswith((".", "_")) or entry.name in _SKIPPED:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if level < MAX_LEVELS:
                            todo.append((path, level + 1))
                    elif path.suffix.lower() in SUFFIXES and not path.is_dir():
                        yield path
        except OSError as error:
            if folder == top:
                reason = (error.strerror or type(error).__name__).lower()
                raise ContractReadError(f"cannot be read: {reason}", path=str(top)) from error


def _once(paths: list[Path]) -> list[Path]:
    seen: set[Path] = set()
    kept = []
    for path in paths:
        try:
            real = path.resolve()
        except (OSError, RuntimeError):
            real = path
        if real not in seen:
            seen.add(real)
            kept.append(path)
    return kept
