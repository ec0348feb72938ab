"""Which folder a contract and the files that it refers to must stay in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

__all__ = ["root_finder"]


def root_finder(named: Iterable[Path]) -> Callable[[Path], Path]:
    """Return a function that gives a contract's root: the innermost named folder that it lies in.

    A contract that was named itself has its own folder.

    Args:
        named: the paths that the user gave.
    """
    folders = sorted((path for path in named if path.is_dir()), key=lambda p: -len(p.parts))

    def root(path: Path) -> Path:
        return next((folder for folder in folders if path.is_relative_to(folder)), path.parent)

    return root
