"""Characters that look like code and are none: typographic quotes, odd spaces, wide signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Problem
from omninode_bridge.agents.workflows.correction.spans import Spans
from omninode_bridge.agents.workflows.correction.typography import DOUBLE, SIGNS, SINGLE

__all__ = ["propose"]

_MESSAGE = re.compile(
    r"invalid (?:non-printable )?character|unexpected character after line continuation"
    r"|source code (?:string )?cannot contain null bytes|invalid decimal literal"
)
_QUOTED = re.compile(
    r"(?P<comment>\#[^\r\n]*)"
    r"|(?P<plain>\"\"\"(?:[^\"\\]++|\\[\s\S]|\"(?!\"\"))*\"\"\"|'''(?:[^'\\]++|\\[\s\S]|'(?!''))*'''"
    r"|\"(?:[^\"\\\r\n]++|\\(?:\r\n|[\s\S]))*\"|'(?:[^'\\\r\n]++|\\(?:\r\n|[\s\S]))*')"
    rf"|(?P<triple>[{DOUBLE}]{{3}}|[{SINGLE}]{{3}})"
    rf"|(?P<double>[{DOUBLE}])|(?P<single>[{SINGLE}])"
    rf"|(?P<half>\"(?:[^\"\\\r\n{DOUBLE}]|\\.)*[{DOUBLE}]|'(?:[^'\\\r\n{SINGLE}]|\\.)*[{SINGLE}])"
)
_END_DOUBLE = re.compile(rf"(?:[^\"\\\r\n{DOUBLE}]|\\.)*[\"{DOUBLE}]")
_END_SINGLE = re.compile(rf"(?:[^'\\\r\n{SINGLE}]|\\.)*['{SINGLE}]")
_INSIDE_WORD = re.compile(r"\w[’']\w")
_BREAKS = "\u2028\u2029\u0085"
_MOST = 20_000


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Write the signs that such characters stand for, everywhere outside of strings and comments."""
    if not _MESSAGE.match(problem.message) or (
        text.isascii()
        and "\0" not in text
        and not any(ord(char) < 32 and char not in "\t\n\r\f" for char in text)
    ):
        return
    straight = _straightened(text)
    code, changed = _plain(straight)
    if code == text:
        return
    line = _first_difference(text, code)
    what = "straightened quotes" if not changed else "wrote plain characters"
    yield Proposal(code, Fix("characters", line, what))


def _straightened(text: str) -> str:
    """Make typographic quotes straight where they open or close a string."""
    if not any(char in text for char in DOUBLE + SINGLE):
        return text
    parts: list[str] = []
    at = done = 0
    while len(parts) < _MOST and (found := _QUOTED.search(text, at)) is not None:
        kind = found.lastgroup
        at = found.end()
        if kind in ("comment", "plain"):
            continue
        if kind == "half":
            parts += [text[done : found.end() - 1], found.group()[0]]
        elif kind == "triple":
            parts += [text[done : found.start()], ('"' if found.group()[0] in DOUBLE else "'") * 3]
        else:
            quote, ending = ('"', _END_DOUBLE) if kind == "double" else ("'", _END_SINGLE)
            end = ending.match(text, found.end())
            if end is None:
                continue
            parts += [text[done : found.start()], quote, text[found.end() : end.end() - 1], quote]
            at = end.end()
        done = at
    parts.append(text[done:])
    return "".join(parts)


def _plain(text: str) -> tuple[str, bool]:
    """Replace odd characters outside of strings and comments."""
    spans = Spans(text)
    parts: list[str] = []
    done = 0
    for at in _odd(text):
        if not spans.is_code(at):
            continue
        parts += [text[done:at], _sign(text[at])]
        done = at + 1
    if not done:
        return text, False
    parts.append(text[done:])
    code = "".join(parts)
    return code, True


def _odd(text: str) -> Iterator[int]:
    for found in re.finditer(r"[^\x20-\x7e\t\n\r\f]", text):
        char = found.group()
        if not (char.isalpha() or char.isdigit()) or unicodedata.category(char) == "Cf":
            yield found.start()


def _sign(char: str) -> str:
    known = SIGNS.get(char)
    if known is not None:
        return known
    if char in _BREAKS:
        return "\n"
    category = unicodedata.category(char)
    if category == "Zs":
        return " "
    if category in ("Cf", "Cc", "Co", "Cn"):
        return ""
    wide = unicodedata.normalize("NFKC", char)
    return wide if wide.isascii() and wide.isprintable() else char


def _first_difference(one: str, other: str) -> int:
    for number, (a, b) in enumerate(zip(one.split("\n"), other.split("\n"), strict=False), 1):
        if a != b:
            return number
    return 1
