"""Habits of another language: one place proves one, so all its places are changed at once."""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.spans import Spans

from .tokens import Token, tokens_of

__all__ = [
    "Code",
    "Edit",
    "Habit",
    "Statement",
    "closing",
    "edited",
    "habits_changed",
    "is_expression",
    "partners",
    "statements",
]

_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
# A sign that Python never has outranks what may be a slip of the keyboard.
_COST = 0.6
_MOST_CHARS = 400_000


class Edit(NamedTuple):
    """Text to put in place of a part."""

    start: int
    end: int
    text: str


class Statement(NamedTuple):
    """The tokens of one simple statement or of one header, without its end; and what came before it."""

    tokens: list[Token]
    end: int


class Code:
    """A text cut into tokens and statements, once, when first asked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def tokens(self) -> list[Token]:
        """All tokens, line ends included."""
        return tokens_of(self.text)

    @cached_property
    def spans(self) -> Spans:
        """Its strings and comments."""
        return Spans(self.text)

    @cached_property
    def _depths(self) -> tuple[list[int], list[int]]:
        """Where brackets that are not the braces of a block open and close, and how deep it is then."""
        places, depths, depth = [0], [0], 0
        for token in self.tokens:
            if token.kind == "op" and token.text in "([)]":
                depth = max(0, depth + (1 if token.text in "([" else -1))
                places.append(token.end if token.text in "([" else token.start)
                depths.append(depth)
        return places, depths

    def inside(self, at: int) -> bool:
        """Whether round or square brackets are open at an offset."""
        places, depths = self._depths
        return depths[bisect_right(places, at) - 1] > 0

    @cached_property
    def statements(self) -> list[Statement]:
        """All statements."""
        return list(statements(self.tokens))


class Habit(NamedTuple):
    """What is done, what a text must have for it to be looked at, and the places where it shows."""

    what: str
    signs: re.Pattern[str]
    find: Callable[[Code], list[Edit]]


def habits_changed(
    rule: str, code: Code, habits: Sequence[Habit], cost: float = _COST, upto: int | None = None
) -> Iterator[Proposal]:
    """Propose, for each habit that a text shows before an offset, the text without it."""
    text = code.text
    if len(text) > _MOST_CHARS:
        return
    for habit in habits:
        if not habit.signs.search(text, 0, len(text) if upto is None else upto):
            continue
        edits = sorted(set(habit.find(code)))
        if not edits:
            continue
        line = text.count("\n", 0, edits[0].start) + 1
        places = "" if len(edits) == 1 else f", {len(edits)} changes"
        fix = Fix(rule, line, f"{habit.what}{places}")
        yield Proposal(edited(text, edits), fix, cost)


def edited(text: str, edits: Sequence[Edit]) -> str:
    """Return the text with the edits made, which are sorted; of those that overlap, the first."""
    parts: list[str] = []
    done = 0
    for edit in edits:
        if edit.start < done:
            continue
        parts += [text[done : edit.start], edit.text]
        done = edit.end
    parts.append(text[done:])
    return "".join(parts)


def is_expression(text: str) -> bool:
    """Whether a piece of text is an expression."""
    try:
        ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True


def closing(tokens: list[Token], at: int) -> int:
    """Return the number of the token that closes the bracket of token `at`; -1 if none does."""
    depth = 0
    for number in range(at, len(tokens)):
        text = tokens[number].text
        if tokens[number].kind != "op":
            continue
        if text in _OPEN:
            depth += 1
        elif text in _CLOSE:
            depth -= 1
            if not depth:
                return number
    return -1


def partners(tokens: list[Token]) -> dict[int, int]:
    """Return, for each opening bracket that is closed, the number of the token that closes it."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for number, token in enumerate(tokens):
        if token.kind == "op" and token.text in _OPEN:
            opened.append(number)
        elif token.kind == "op" and token.text in _CLOSE and opened:
            found[opened.pop()] = number
    return found


def statements(tokens: list[Token]) -> Iterator[Statement]:
    """Cut tokens into statements at line ends and semicolons outside brackets, and after headers."""
    current: list[Token] = []
    depth = 0
    lambdas = 0
    for token in tokens:
        if token.kind == "op":
            if token.text in _OPEN:
                depth += 1
            elif token.text in _CLOSE:
                depth = max(0, depth - 1)
        elif token.text == "lambda":
            lambdas += 1
        ends = not depth and (token.kind == "newline" or token.text == ";")
        header = not depth and token.text == ":" and _is_header(current)
        if header and lambdas:
            lambdas -= 1
            header = False
        if ends or header:
            if current:
                yield Statement(current, token.start)
            current, lambdas = [], 0
        elif token.kind != "newline":
            current.append(token)
    if current:
        yield Statement(current, current[-1].end)


def _is_header(tokens: list[Token]) -> bool:
    return bool(tokens) and tokens[0].text in (
        "if", "elif", "else", "for", "while", "try", "except", "finally", "with", "def", "class", "async",
    )  # fmt: skip
