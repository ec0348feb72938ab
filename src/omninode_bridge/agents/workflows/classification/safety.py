"""Read a regex before it runs: what text it needs, and whether its shape can take too long.

Everything here works on the parse tree of the standard library (``re._parser``), so a pattern is
judged by what it does and not by how it is spelled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

__all__ = ["Shape", "analyse"]

Chain = tuple[tuple[int, str], ...]

_MAXREPEAT = parser.MAXREPEAT
_UNBOUNDED = 64  # a repeat that may run this often is counted as one without an end
_MOST_ALTERNATIVES = 64
_FEW = 4
_MOST_CHOICES = 10
EXPONENTIAL = 99
_NEWLINE = 10
_NO_NEWLINE = frozenset({"CATEGORY_WORD", "CATEGORY_DIGIT", "CATEGORY_NOT_SPACE"})

# Letters outside ASCII that `re.IGNORECASE` holds equal to a letter inside it.
ODD_CASES = {0x130: "i", 0x131: "i", 0x17F: "s", 0x212A: "k"}


@dataclass(frozen=True, slots=True)
class Shape:
    """What the parse tree of a regex tells.

    Attributes:
        literals: lower-case ASCII texts of which at least one is in every text that matches; empty
            where there is no such text.
        degree: the exponent of the worst running time over the length of the text, beyond the
            start; `EXPONENTIAL` where no power bounds it.
        chains: the whole regex as alternatives of literals with gaps of at least so many
            characters between them on one line, where it is no more than that; else None. Such a
            regex needs no engine.
        one_line: no match contains a line break.
    """

    literals: tuple[str, ...]
    degree: int
    chains: tuple[Chain, ...] | None
    one_line: bool


def analyse(pattern: str, flags: int = re.IGNORECASE) -> Shape:
    """Analyse a regex that compiles.

    Raises:
        re.error: it does not.
    """
    tree = parser.parse(pattern, flags)
    ignores_case = bool(tree.state.flags & re.IGNORECASE)
    plain = not tree.state.flags & (re.DOTALL | re.MULTILINE | re.LOCALE | re.ASCII)
    chains = _chains(tree) if plain and ignores_case and not tree.state.groupdict else None
    return Shape(
        literals=_needed(tree) or (),
        degree=EXPONENTIAL if _choices(tree) > _MOST_CHOICES else _degree(tree),
        chains=chains,
        one_line=not _can_break_line(tree, dotall=bool(tree.state.flags & re.DOTALL)),
    )


def _name(op: Any) -> str:
    return str(op)


def _letter(op: str, arg: Any) -> str | None:
    """The one ASCII character, in lower case, that this item stands for; None for anything else."""
    if op == "LITERAL":
        return chr(arg).lower() if arg < 128 else None
    if op == "IN":
        letters = {chr(a).lower() if _name(o) == "LITERAL" and a < 128 else None for o, a in arg}
        return letters.pop() if len(letters) == 1 else None
    return None


def _better(one: tuple[str, ...] | None, two: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if not one or not two:
        return one or two
    return max(one, two, key=lambda texts: min(map(len, texts)) - 2 * (len(texts) - 1))


def _needed(items: Any) -> tuple[str, ...] | None:
    """The best set of texts of which a match of this sequence holds at least one."""
    best: tuple[str, ...] | None = None
    run = ""
    for raw, arg in items:
        op = _name(raw)
        letter = _letter(op, arg)
        if letter is not None:
            run += letter
            continue
        if op == "AT":  # an anchor has no width: the run goes on
            continue
        inner: tuple[str, ...] | None = None
        if op == "SUBPATTERN":
            inner = _needed(arg[3])
        elif op == "ATOMIC_GROUP":
            inner = _needed(arg)
        elif op in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"} and arg[0] > 0:
            inner = _needed(arg[2])
        elif op == "BRANCH":
            parts = [_needed(branch) for branch in arg[1]]
            if all(parts):
                union = tuple(dict.fromkeys(text for part in parts for text in part or ()))
                inner = union if len(union) <= _MOST_ALTERNATIVES else None
        best = _better(best, _better(inner, (run,) if run else None))
        run = ""
    return _better(best, (run,) if run else None)


def _unbounded(items: Any) -> bool:
    """Whether anything inside may repeat without an end."""
    for raw, arg in items:
        op = _name(raw)
        if op.endswith("_REPEAT") and (arg[1] >= _UNBOUNDED):
            return True
        if any(_unbounded(inner) for inner in _inside(op, arg)):
            return True
    return False


def _inside(op: str, arg: Any) -> list[Any]:
    if op == "SUBPATTERN":
        return [arg[3]]
    if op == "BRANCH":
        return list(arg[1])
    if op.endswith("_REPEAT"):
        return [arg[2]]
    if op == "ATOMIC_GROUP":
        return [arg]
    if op in {"ASSERT", "ASSERT_NOT"}:
        return [arg[1]]
    if op == "GROUPREF_EXISTS":
        return [part for part in arg[1:] if part is not None]
    return []


def _ambiguous(items: Any) -> bool:
    """Whether a repeated body can match one text in two ways: branches, options, inner repeats."""
    for raw, arg in items:
        op = _name(raw)
        if op == "BRANCH" or (op.endswith("_REPEAT") and arg[0] != arg[1]):
            return True
        if any(_ambiguous(inner) for inner in _inside(op, arg)):
            return True
    return False


def _choices(items: Any) -> int:
    """How many bounded choices lie one after another; each may double the time."""
    total = 0
    for raw, arg in items:
        op = _name(raw)
        inner = [_choices(part) for part in _inside(op, arg)]
        if op == "BRANCH":
            total += 1 + max(inner)
        elif op.endswith("_REPEAT") and arg[1] < _UNBOUNDED:
            total += (arg[0] != arg[1]) + arg[1] * sum(inner)
        else:
            total += sum(inner)
    return total


def _degree(items: Any) -> int:
    """The exponent of the worst running time, counted from one start."""
    total = 0
    for raw, arg in items:
        op = _name(raw)
        if op in {"GROUPREF", "GROUPREF_IGNORE", "GROUPREF_EXISTS"}:
            return EXPONENTIAL
        if op.endswith("_REPEAT"):
            endless = arg[1] >= _UNBOUNDED
            if (endless or arg[1] > 1) and _unbounded(arg[2]):
                return EXPONENTIAL
            if arg[1] > _FEW and _ambiguous(arg[2]):
                return EXPONENTIAL
            total += 1 if endless else _degree(arg[2])
        elif op == "BRANCH":
            total += max(_degree(branch) for branch in arg[1])
        else:
            total += sum(_degree(inner) for inner in _inside(op, arg))
        if total >= EXPONENTIAL:
            return EXPONENTIAL
    return total


def _can_break_line(items: Any, *, dotall: bool) -> bool:
    """Whether a match may hold a line break, or depends on where the text begins or ends."""
    for raw, arg in items:
        op = _name(raw)
        if (
            (op == "ANY" and dotall)
            or (op == "LITERAL" and arg == _NEWLINE)
            or (op == "NOT_LITERAL" and arg != _NEWLINE)
            or (op == "AT" and _name(arg) != "AT_BOUNDARY")
            or (op == "IN" and _has_newline(arg))
            or op in {"ASSERT", "ASSERT_NOT", "GROUPREF", "GROUPREF_EXISTS"}
            or (op == "SUBPATTERN" and arg[1] & re.DOTALL)
        ):
            return True
        if any(_can_break_line(inner, dotall=dotall) for inner in _inside(op, arg)):
            return True
    return False


def _has_newline(members: Any) -> bool:
    for raw, arg in members:
        op = _name(raw)
        if op == "NEGATE":
            return True
        if op == "LITERAL" and arg == _NEWLINE:
            return True
        if op == "RANGE" and arg[0] <= _NEWLINE <= arg[1]:
            return True
        if op == "CATEGORY" and _name(arg) not in _NO_NEWLINE:
            return True
    return False


def _chains(items: Any, *, inner: bool = False) -> tuple[Chain, ...] | None:
    """The sequence as alternatives of literals with gaps, or None where it is more than that."""
    found: list[Chain] = [()]
    gap: int | None = None
    for raw, arg in items:
        op = _name(raw)
        if op in {"MAX_REPEAT", "MIN_REPEAT"} and _is_dots(arg):
            gap = (gap or 0) + arg[0]
            continue
        options = _options(op, arg)
        if not options or not all(options) or len(found) * len(options) > _MOST_ALTERNATIVES:
            return None
        if gap is not None and found == [()]:
            if gap or inner:
                return None
            gap = None
        found = [_joined(left, gap, right) for left in found for right in options]
        gap = None
    # A free gap at an end of the whole regex changes nothing; any other one does.
    return tuple(found) if all(found) and not gap and not (inner and gap is not None) else None


def _options(op: str, arg: Any) -> tuple[Chain, ...] | None:
    if op == "LITERAL":
        return (((0, chr(arg).lower()),),) if 32 <= arg < 127 else None
    if op == "IN":
        if all(_name(o) == "LITERAL" and 32 <= a < 127 for o, a in arg):
            return tuple({chr(a).lower(): ((0, chr(a).lower()),) for _, a in arg}.values())
        return None
    if op == "SUBPATTERN":
        return _chains(arg[3], inner=True) if not arg[1] and not arg[2] else None
    if op == "BRANCH":
        merged: list[Chain] = []
        for branch in arg[1]:
            part = _chains(branch, inner=True)
            if part is None:
                return None
            merged += part
        return tuple(merged)
    return None


def _is_dots(arg: Any) -> bool:
    body = list(arg[2])
    return len(body) == 1 and _name(body[0][0]) == "ANY" and arg[1] == _MAXREPEAT


def _joined(left: Chain, gap: int | None, right: Chain) -> Chain:
    if not left:
        return right
    if gap is None:
        return (*left[:-1], (left[-1][0], left[-1][1] + right[0][1]), *right[1:])
    return (*left, (gap, right[0][1]), *right[1:])
