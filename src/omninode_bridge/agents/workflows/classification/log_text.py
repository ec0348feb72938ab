"""Read an error back from the text that a log keeps of it: one line, or a whole traceback."""

from __future__ import annotations

import re

from .chain import Link
from .codes import facts_of_line, facts_of_message
from .facts import Facts
from .lazy_regex import LazyRegex
from .providers._tools import facts_of_report

__all__ = ["link_of_text"]

_START = LazyRegex(
    r"^[ |+]*(?:Exception Group )?Traceback \(most recent call last\):", re.MULTILINE
)
_LINE = LazyRegex(r"^((?:[A-Za-z_]\w*\.)*(?:<locals>\.)?[A-Za-z_]\w*)(?:: ?(.*))?$", re.DOTALL)
_NAMED = LazyRegex(
    r"(?:Error|Exception|Warning|Timeout|Interrupt|Exit|Exceeded|Empty|Full|Fault|Invalid\w*)$"
)
_CAUSE = "The above exception was the direct cause of the following exception:"
_CONTEXT = "During handling of the above exception, another exception occurred:"
_BETWEEN = LazyRegex(f"^({re.escape(_CAUSE)}|{re.escape(_CONTEXT)})[ ]*$", re.MULTILINE)
_MEMBER = LazyRegex(r"^([ |]*)(\+-)?\+-+ (?:\d+|\.\.\.) -+[ ]*$", re.MULTILINE)
_MAX_PARTS = 16
_MAX_MEMBERS = 64
_MAX_DEPTH = 6


def link_of_text(text: str) -> Link:
    """Return the chain of errors that a text shows; the last one of a traceback is the error."""
    if _START.search(text) or ("+-" in text and _MEMBER.search(text)):
        return _of_traceback(text)
    return _of_plain(text)


def _of_traceback(text: str, depth: int = 0) -> Link:
    pieces = _BETWEEN.split(text)
    if len(pieces) > 2 * _MAX_PARTS:
        pieces = pieces[-(2 * _MAX_PARTS - 1) :]
    link: Link | None = None
    for number in range(0, len(pieces), 2):
        explicit = number > 0 and pieces[number - 1] == _CAUSE
        following = _of_block(pieces[number], depth)
        following.cause, following.explicit = link, explicit
        link = following
    return link if link is not None else Link()


def _of_block(block: str, depth: int) -> Link:
    """Read one traceback: the error stands after the frames, the members of a group in its box."""
    first = _MEMBER.search(block) if "+-" in block else None
    if first is None or depth >= _MAX_DEPTH:
        return _of_end(block)
    link = _of_end(block[: first.start()])
    column = _column(first)
    ends = [one for one in _MEMBER.compiled.finditer(block) if _column(one) == column]
    starts = [one.end() for one in ends][:_MAX_MEMBERS]
    stops = [*(one.start() for one in ends[1:]), len(block)]
    for start, stop in zip(starts, stops, strict=False):
        lines = (
            line[column + 2 :]
            for line in block[start:stop].split("\n")
            if line[column : column + 1] in "|+ "
        )
        member = "\n".join(lines)
        if member.strip("-\n "):
            link.leaves.append(_of_traceback(member, depth + 1))
    return link


def _column(member: re.Match[str]) -> int:
    """Return where the box of a member begins; the first one hangs two columns further in."""
    return len(member[1]) + (2 if member[2] else 0)


def _of_end(block: str) -> Link:
    lines = [
        line.lstrip("|+ ") if line.lstrip(" ").startswith(("|", "+")) else line
        for line in block.split("\n")
    ]
    for number, line in enumerate(lines):
        if line[:1] in {" ", "\t", ""} or line.startswith("Traceback") or "Traceback (most" in line:
            continue
        found = _LINE.match(line)
        if found and (_NAMED.search(found[1]) or "." in found[1] or found[2] is not None):
            rest = "\n".join([found[2] or "", *lines[number + 1 :]]).strip()
            if found[1] in {"File", "http", "https"}:
                continue
            return Link(facts_of_line(found[1], rest))
    return Link(facts_of_message("", block[-2048:]) or Facts())


def _of_plain(text: str) -> Link:
    """Read what a log has on one line, or what a tool printed."""
    stripped = text.strip()
    if stripped.startswith("File "):  # a SyntaxError shows its place before itself
        return _of_end(text)
    report = facts_of_report(stripped)
    if report is not None:
        return Link(report)
    first, _, rest = stripped.partition("\n")
    found = _LINE.match(first)
    if found and (_NAMED.search(found[1]) or "." in found[1]):
        message = "\n".join(part for part in (found[2] or "", rest) if part)
        return Link(facts_of_line(found[1], message))
    return Link(facts_of_line("", stripped))
