"""Find the variables of templates that never ran: `{{ name }}`, `${name}`, `<NAME>`, `%name%` and more."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass

from .spans import Spans

__all__ = ["Hole", "around", "find_holes", "word_before"]

_PATH = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[\d{1,4}\])*"
_FILTERS = r"(?:[ \t]*\|[ \t]*[A-Za-z_]\w*(?:\([^(){}\r\n]{0,80}\)|:[^|{}\r\n]{0,80})?){0,5}"
_HOLE = re.compile(
    # Nothing of this is Python outside of strings, except for a set in a set.
    rf"\{{\{{\{{?[-+~&]?[ \t]*[.$]?(?:(?P<helper>[A-Za-z]\w{{0,40}})[ \t]+\.?)?(?P<mustache>{_PATH})(?P<filters>{_FILTERS})[ \t]*[-+~]?\}}?\}}\}}"
    rf"|[$%]\{{[ \t]*(?P<dollar>{_PATH})(?P<filters2>{_FILTERS})[ \t]*\}}"
    r"|\$(?P<bare>[A-Za-z_]\w*)\$?"
    rf"|<%[=-][ \t]*(?P<erb>{_PATH})[ \t]*-?%>"
    r"|@@(?P<at>[A-Za-z_]\w*)@@|«[ \t]*(?P<guillemets>[A-Za-z_]\w*)[ \t]*»"
    # These are operators if an operand is before them.
    r"|<<(?P<angles>[A-Za-z_]\w*)>>|<(?P<angle>[A-Za-z_](?:[\w .-]{0,60}\w)?)>|%(?P<percent>[A-Za-z_]\w*)%|@(?P<sign>[A-Za-z_]\w*)@"
    # These are good Python unless a name has to stand there.
    r"|\[\[(?P<squares>[A-Za-z_]\w*)\]\]|\[(?P<square>[A-Za-z_]\w*)\]|(?P<hash>\#)?\{(?P<brace>[A-Za-z_]\w*)\}|:(?P<colon>[A-Za-z_]\w*):"
)
_HASH = re.compile(r"\#\{[A-Za-z_]\w*\}")
_OPERATORS = frozenset({"angles", "angle", "percent", "sign"})
_WEAK = frozenset({"squares", "square", "brace", "colon"})
_NAMING = frozenset({"class", "def"})
_MOST = 500
# A function of the language is no operand; these words are.
_OPERANDS = frozenset({"True", "False", "None"})


@dataclass(frozen=True, slots=True)
class Hole:
    """A variable that stands in a text.

    Attributes:
        name: as it is written, a path with dots; `filters` as they follow it.
        form: which of the forms it has.
        quoted: None outside of strings and comments, else the prefix of the string, or `#`.
    """

    start: int
    end: int
    name: str
    filters: str
    form: str
    quoted: str | None

    @property
    def key(self) -> tuple[str, str]:
        """What two holes have in common that mean the same."""
        return self.name, "".join(self.filters.split())


def find_holes(text: str) -> list[Hole]:
    """Return the variables that stand outside of strings, and the same ones inside."""
    if not any(sign in text for sign in ("{", "$", "<", "%", "@", "[", "«", ":")):
        return []
    spans = Spans(text)
    every: list[Hole] = []
    for match in _HOLE.finditer(text):
        hole = _hole(text, match, spans)
        if hole is not None:
            every.append(hole)
            if len(every) > _MOST * 20:
                return []
    sure = [hole for hole in every if hole.quoted is None and _is_hole(text, hole)]
    proven = {(hole.form, hole.key) for hole in sure}
    whole = {around(text, hole) for hole in sure}
    proven -= _doubtful(text, spans, every, proven, {hole.start for hole in sure})
    found = [
        hole
        for hole in every
        if (hole.form, hole.key) in proven
        and (
            hole.quoted is not None
            or hole.form not in _WEAK | _OPERATORS
            or not _operand_before(text, hole.start)
            or around(text, hole) in whole
        )
    ]
    return found if len(found) <= _MOST else []


def _doubtful(
    text: str,
    spans: Spans,
    every: list[Hole],
    proven: set[tuple[str, tuple[str, str]]],
    sure: set[int],
) -> set[tuple[str, tuple[str, str]]]:
    """Return the variables of which other places may be lists or sets of a name that the file has."""
    found = set()
    for form, key in proven:
        if form not in _WEAK:
            continue
        same = [hole for hole in every if (hole.form, hole.key) == (form, key)]
        others = [
            hole
            for hole in same
            if hole.start not in sure
            and text[hole.end : hole.end + 1] != "("
            and not _operand_before(text, hole.start)
        ]
        inside = {at for hole in same for at in range(hole.start, hole.end)}
        named = any(
            match.start() not in inside and spans.is_code(match.start())
            for match in re.finditer(rf"(?<![\w.]){re.escape(key[0])}\b", text)
        )
        if others and named:
            found.add((form, key))
    return found


def _hole(text: str, match: re.Match[str], spans: Spans) -> Hole | None:
    form = next(
        name
        for name, value in match.groupdict().items()
        if value is not None and name not in ("helper", "filters", "filters2", "hash")
    )
    name = match[form]
    filters = (match["filters"] or match["filters2"] or "") + (
        f"|{match['helper']}" if match["helper"] else ""
    )
    start, end = match.span()
    if form == "dollar" and text.count("`", text.rfind("\n", 0, start) + 1, start) % 2:
        # A template literal of JavaScript has values in it, not variables that were never filled in.
        return None
    quoted: str | None = None
    if form == "brace" and match["hash"]:
        # To Python the rest of the line is a comment: it must begin right here, or with such a variable.
        row = text.rfind("\n", 0, start) + 1
        first = next(
            (
                at
                for at in range(row, start + 1)
                if text[at] == "#" and (not at or spans.is_code(at - 1))
            ),
            -1,
        )
        begins = first == start or (first >= 0 and _HASH.match(text, first) is not None)
        return Hole(start, end, name, filters, "hash", None) if begins else None
    if not spans.is_code(start):
        if form in _WEAK | _OPERATORS:
            return None
        quoted = _prefix(text, spans, start)
        if quoted is None:
            return None
    return Hole(start, end, name, filters, form, quoted)


def _prefix(text: str, spans: Spans, at: int) -> str | None:
    """Return the prefix of the string at an offset, `#` for a comment, None in an f-string."""
    if not spans.is_string(at):
        return "#"
    for start, end in spans.strings():
        if start <= at < end:
            found = re.search(r"(?<!\w)[A-Za-z]{1,2}\Z", text[max(0, start - 3) : start])
            prefix = found.group() if found else ""
            return None if "f" in prefix.lower() else prefix
    return None


def _is_hole(text: str, hole: Hole) -> bool:
    """Whether what stands here can be nothing else."""
    if hole.form == "hash":
        row = text[text.rfind("\n", 0, hole.start) + 1 : hole.start].rstrip()
        return re.search(r"(?:\b(?:class|def)|[=.])$", row) is not None
    left = _left(text, hole.start)
    glued = left < hole.start
    before = word_before(text, left)
    if hole.form in _WEAK | _OPERATORS and glued:
        # `class A[T]` and `class A<T>` say what type it is of.
        parts = hole.form in ("brace", "angle", "angles", "percent", "sign")
        return before in _NAMING and parts and text[hole.start - 1] == "_"
    if hole.form in _WEAK:
        return before in _NAMING or (text[left - 1 : left] == "." and hole.form != "colon")
    if hole.form in _OPERATORS:
        return before in _NAMING or (
            not _operand_before(text, hole.start) and not _line_of_its_own(text, hole)
        )
    return True


def _line_of_its_own(text: str, hole: Hole) -> bool:
    """Whether nothing else is on the line: then it is a tag, or an operator of the line before."""
    first, last = text.rfind("\n", 0, hole.start) + 1, text.find("\n", hole.end)
    after = text[hole.end : last if last >= 0 else len(text)].strip()
    return not text[first : hole.start].strip() and (not after or after[0] not in "=:(.")


def _left(text: str, at: int) -> int:
    """Return where the word begins that a hole is the end of."""
    while at and (text[at - 1].isalnum() or text[at - 1] == "_"):
        at -= 1
    return at


def around(text: str, hole: Hole) -> str:
    """Return the whole word that a hole is in."""
    end = hole.end
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return text[_left(text, hole.start) : end]


def word_before(text: str, at: int) -> str:
    """Return the word or the sign before a place on its line; an empty string at the line's start."""
    while at and text[at - 1] in " \t":
        at -= 1
    if not at or text[at - 1] in "\r\n":
        return ""
    first = _left(text, at)
    return text[first:at] or text[at - 1]


def _operand_before(text: str, at: int) -> bool:
    """Whether what ends before a place can be the left side of an operator."""
    before = word_before(text, at)
    if not before:
        return False
    if before[0].isalnum() or before[0] == "_":
        return not keyword.iskeyword(before) or before in _OPERANDS
    return before in ")]}\"'"
