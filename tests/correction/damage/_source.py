"""The files that are damaged: modules of whatever Python and packages are installed here."""

from __future__ import annotations

import ast
import io
import random
import sysconfig
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from omninode_bridge.agents.workflows.correction.names import names_of
from omninode_bridge.agents.workflows.correction.scopes import Names

__all__ = ["Source", "sources", "tree_of"]

_LEAST, _MOST = 15, 450
_SKIPPED = {
    *("test", "tests", "idlelib", "lib2to3", "turtledemo", "ensurepip", "_vendor", "vendor"),
    *("site-packages", "dist-packages"),  # below the standard library; what is there differs
}


def tree_of(text: str) -> ast.Module | None:
    """Return the tree of a text that compiles, or None; warnings are not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "<text>", "exec", dont_inherit=True)
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


@dataclass(frozen=True)
class Source:
    """One file, whole and sound."""

    name: str
    text: str
    _cache: dict[str, object] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def lines(self) -> list[str]:
        """Its lines with their ends."""
        return self.text.splitlines(keepends=True)

    @cached_property
    def tree(self) -> ast.Module:
        """Its tree."""
        found = tree_of(self.text)
        assert found is not None
        return found

    @cached_property
    def tokens(self) -> list[tokenize.TokenInfo]:
        """Its tokens, without comments and line ends inside of brackets."""
        made = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return [t for t in made if t.type not in (tokenize.COMMENT, tokenize.NL)]

    @cached_property
    def starts(self) -> list[int]:
        """The offset at which each line begins."""
        found, at = [], 0
        for line in self.lines:
            found.append(at)
            at += len(line)
        return [*found, at]

    @cached_property
    def names(self) -> Names:
        """Which names it reads and binds."""
        return names_of(self.tree)

    def at(self, line: int, column: int) -> int:
        """Return the offset of a place: 1-based line, 0-based column in characters."""
        return self.starts[line - 1] + column

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return where a node begins and ends; for text whose lines are ASCII."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        last, end = getattr(node, "end_lineno", 1), getattr(node, "end_col_offset", 0)
        return self.at(line, column), self.at(last, end)

    def replaced(self, first: int, last: int, new: str) -> str:
        """Return the text with a part replaced."""
        return self.text[:first] + new + self.text[last:]


def installed() -> tuple[Path, ...]:
    """Return the roots of all that can be imported here."""
    return Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib"))


def sources(rng: random.Random, count: int, roots: Sequence[Path] = ()) -> Iterator[Source]:
    """Yield files in an order that `rng` chooses; sound, ASCII, of 15 to 450 lines.

    Where no roots are given they are of the standard library, so the same with the same Python.
    """
    paths = [
        path
        for root in roots or (Path(sysconfig.get_path("stdlib")),)
        for path in sorted(root.rglob("*.py"))
        if not _SKIPPED & set(path.relative_to(root).parts)
    ]
    rng.shuffle(paths)
    left = count
    for path in paths:
        if not left:
            return
        source = _read(path)
        if source is not None:
            left -= 1
            yield source


def _read(path: Path) -> Source | None:
    try:
        if path.stat().st_size > 60_000:
            return None
        text = path.read_bytes().decode("ascii")
    except (OSError, UnicodeDecodeError):
        return None
    if "\r" in text or "\f" in text or not text.endswith("\n"):
        return None
    if not _LEAST <= text.count("\n") <= _MOST or "{%" in text or "{{" in text or "```" in text:
        return None
    tree = tree_of(text)
    if tree is None or not any(isinstance(n, ast.FunctionDef) for n in ast.walk(tree)):
        return None
    names = names_of(tree)
    if names.undefined or names.star:
        return None
    return Source(path.name, text)
