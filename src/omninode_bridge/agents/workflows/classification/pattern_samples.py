"""Write texts that a regex should match: bounded, the same ones every time."""

from __future__ import annotations

import random
import re
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

__all__ = ["sample_texts", "write_until"]

_MOST_LENGTH = 400
_FILLERS = ("", " ", " x", " 7 of 9 ", "q:", " to host-3 ")
_LEAVES = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN"})
_POOL = "x7 :-_/.Z\n\t\"'()q"
_CATEGORIES = {
    "CATEGORY_DIGIT": "7041",
    "CATEGORY_WORD": "wQ7_",
    "CATEGORY_SPACE": " \n\t",
    "CATEGORY_NOT_DIGIT": "x :",
    "CATEGORY_NOT_WORD": " :-",
    "CATEGORY_NOT_SPACE": "x7:",
}


class _TooLongError(Exception):
    """The text would be longer than anybody reads."""


def sample_texts(regex: str, count: int = 48) -> list[str]:
    """Return different texts written along the parse tree; most, not all, match.

    Look-around and anchors are followed where that is easy, so the caller checks each text.

    Raises:
        re.error: the regex does not compile.
    """
    tree = parser.parse(regex, re.IGNORECASE)
    found: dict[str, None] = {}
    for turn in range(count):
        try:
            found[_Writer(turn).sequence(tree)] = None
        except (_TooLongError, RecursionError):
            continue
    return list(found)


class _ReachedError(Exception):
    """The item that the text was to be written to has come."""


def write_until(tree: Any, repeat: Any, turn: int) -> tuple[str, str]:
    """Return a text that leads to a repeat of the tree, and a text of its body.

    Args:
        tree: of the regex.
        repeat: the arguments of the repeat, the very object of the tree.
        turn: decides which ways are taken.
    """
    writer = _Writer(turn, stop=repeat)
    try:
        writer.sequence(tree)
    except _ReachedError:
        return writer.written, _Writer(turn).sequence(repeat[2])
    except (_TooLongError, RecursionError):
        pass
    return "", ""


class _Writer:
    """Writes one text; the turn decides which ways are taken."""

    def __init__(self, turn: int, *, stop: Any = None) -> None:
        self.written = ""
        self._stop = stop
        self._turn = turn
        self._random = random.Random(turn)  # noqa: S311 - nothing depends on its quality
        self._groups: dict[int, str] = {}
        self._left = _MOST_LENGTH

    def sequence(self, items: Any) -> str:
        """Write what follows one another."""
        text = ""
        for raw, arg in items:
            op = str(raw)
            part = self._item(op, arg, text)
            if op in _LEAVES:
                self.written += part
            self._left -= len(part)
            if self._left < 0:
                raise _TooLongError
            text += part
        return text

    def _item(self, op: str, arg: Any, before: str) -> str:
        if op == "LITERAL":
            return chr(arg)
        if op == "NOT_LITERAL":
            return self._pick([char for char in _POOL if char != chr(arg)])
        if op == "ANY":
            return self._pick("x 7:")
        if op == "IN":
            return self._member(arg)
        if op == "BRANCH":
            ways = arg[1]
            way = self._turn if self._turn < 2 * len(ways) else self._random.randrange(len(ways))
            return self.sequence(ways[way % len(ways)])
        if op.endswith("_REPEAT"):
            return self._repeat(arg)
        if op == "SUBPATTERN":
            text = self.sequence(arg[3])
            if arg[0] is not None:
                self._groups[arg[0]] = text
            return text
        if op == "ATOMIC_GROUP":
            return self.sequence(arg)
        if op.startswith("GROUPREF_EXISTS"):
            way = arg[1] if arg[0] in self._groups else arg[2]
            return self.sequence(way or ())
        if op.startswith("GROUPREF"):
            return self._groups.get(arg, "")
        if op == "ASSERT":
            return self._look(arg, before)
        return ""  # anchors and negative look-around have no width

    def _look(self, arg: Any, before: str) -> str:
        text = self.sequence(arg[1])
        if arg[0] < 0:
            return "" if before.endswith(text) else text
        return text if self._turn % 2 else ""

    def _repeat(self, arg: Any) -> str:
        if arg is self._stop:
            raise _ReachedError
        least, most, body = arg
        if str(body[0][0]) == "ANY" and len(body) == 1 and most > len(_FILLERS[-1]):
            filler = _FILLERS[self._turn % len(_FILLERS)]
            self.written += filler
            return filler + "x" * max(0, int(least) - len(filler))
        more = 0 if self._turn == 0 else self._random.choice((0, 1, 1, 2, 5))
        count = min(int(most), int(least) + more)
        return "".join(self.sequence(body) for _ in range(count))

    def _member(self, members: Any) -> str:
        if str(members[0][0]) == "NEGATE":
            return self._pick([c for c in _POOL if not any(_holds(c, m) for m in members[1:])])
        op, arg = members[self._random.randrange(len(members))]
        if str(op) == "LITERAL":
            return chr(arg)
        if str(op) == "RANGE":
            return chr(self._random.randint(arg[0], arg[1]))
        return self._pick(_CATEGORIES.get(str(arg), "x"))

    def _pick(self, chars: Any) -> str:
        return str(self._random.choice(chars)) if chars else ""


def _holds(char: str, member: Any) -> bool:
    op, arg = str(member[0]), member[1]
    if op == "LITERAL":
        return ord(char) in {arg, ord(chr(arg).swapcase()[0])}
    if op == "RANGE":
        return any(arg[0] <= ord(c) <= arg[1] for c in {char, char.lower(), char.upper()})
    kind = {"D": str.isdigit, "S": str.isspace, "W": _is_word}[str(arg).rpartition("_")[2][0]]
    return kind(char) is not ("NOT" in str(arg))


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"
