"""Text as CPython sees it: its lines, its tree, and the first thing that is wrong with it."""

from __future__ import annotations

import ast
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["Offsets", "Problem", "find_problem", "newline_of", "parse", "read", "split_lines"]

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_PYTHON = re.compile(
    r"^[ \t]*(?:(?:async[ \t]+)?def[ \t]|from[ \t]+[\w.]+[ \t]+import\b"
    r"|(?:class|if|elif|else|for|while|try|except|finally|with)\b[^\r\n;]*:[ \t]*(?:\#[^\r\n]*)?\r?$)",
    re.MULTILINE,
)
_QUIET = threading.Lock()
_UNREADABLE = (ValueError, MemoryError, RecursionError, OverflowError, TypeError, SystemError)


@dataclass(frozen=True, slots=True)
class Problem:
    """The first thing that keeps a text from compiling.

    Attributes:
        stage: 0 it cannot be read at all, 1 the parser refused it, 2 the compiler did.
        kind: `SyntaxError`, `IndentationError`, `TabError` or what made it unreadable.
        line: 1-based; 0 if unknown.
        offset: 1-based column in characters; 0 if unknown.
    """

    stage: int
    kind: str
    message: str
    line: int = 0
    offset: int = 0

    @property
    def place(self) -> tuple[int, int, int]:
        """How far the text was understood: larger is later."""
        return (self.stage, self.line, self.offset)


def split_lines(text: str) -> list[str]:
    """Split where CPython does (not at form feeds or U+2028), line ends kept."""
    return _LINE.findall(text)


def has_python(text: str) -> bool:
    """Whether a line is of Python and of no other language: a `def`, a header with its colon."""
    return _PYTHON.search(text) is not None


def newline_of(text: str) -> str:
    """Return the line end that the text uses first, or a line feed."""
    found = re.search(r"\r\n|\r|\n", text)
    return found.group() if found else "\n"


@contextmanager
def _without_warnings() -> Iterator[None]:
    # Compiling warns about the text's own escapes and comparisons; that is not the caller's business.
    with _QUIET, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def find_problem(text: str) -> Problem | None:
    """Return what keeps the text from compiling, or None. Never raises for any text."""
    return read(text)[0]


def read(text: str) -> tuple[Problem | None, ast.Module | None]:
    """Return what keeps the text from compiling, and its tree where it has one, read once."""
    with _without_warnings():
        try:
            tree = ast.parse(text, "<generated>")
        except SyntaxError as error:
            return _problem(error, stage=1), None
        except (RecursionError, MemoryError):
            return _compiled(text), None
        except _UNREADABLE as error:
            return Problem(0, type(error).__name__, str(error)[:200]), None
        return _compiled(tree), tree


def _compiled(code: str | ast.Module) -> Problem | None:
    try:
        compile(code, "<generated>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return _problem(error, stage=1 if isinstance(code, str) else 2)
    except _UNREADABLE as error:
        return Problem(0, type(error).__name__, str(error)[:200])
    return None


def _problem(error: SyntaxError, *, stage: int) -> Problem:
    line, offset = error.lineno or 0, error.offset or 0
    return Problem(stage, type(error).__name__, str(error.msg), line, max(offset, 0))


def parse(text: str) -> ast.Module | None:
    """Return the tree of the text, or None if it has none."""
    try:
        with _without_warnings():
            return ast.parse(text, "<generated>")
    except (SyntaxError, *_UNREADABLE):
        return None


class Offsets:
    """Turns the places of a tree (line, column in UTF-8 bytes) into offsets in the text."""

    __slots__ = ("_lines", "_starts")

    def __init__(self, text: str) -> None:
        self._lines = split_lines(text)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def at(self, line: int, column: int) -> int:
        """Return the offset of a 1-based line and a 0-based column in bytes."""
        if line > len(self._lines):
            return self._starts[-1]
        row = self._lines[line - 1]
        if not row.isascii():
            column = len(row.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))
        return self._starts[line - 1] + min(column, len(row))

    def start(self, node: ast.expr | ast.stmt | ast.alias) -> int:
        """Return where a node begins."""
        return self.at(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt | ast.alias) -> int:
        """Return where a node ends; its beginning if the tree does not say."""
        if node.end_lineno is None or node.end_col_offset is None:
            return self.start(node)
        return self.at(node.end_lineno, node.end_col_offset)
