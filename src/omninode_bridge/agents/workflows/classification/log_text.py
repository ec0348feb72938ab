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
_BETWEEN = LazyRegex(f"^[ |]*({re.escape(_CAUSE)}|{re.escape(_CONTEXT)})[ ]*$", re.MULTILINE)
_GROUP_LEAF = LazyRegex(r"^[ |]*\+-\+?-* ?(?:\d+|\.\.\.) ?-+$|^[ |]*\+-{8,}$", re.MULTILINE)
_MAX_PARTS = 16


def link_of_text(text: str) -> Link:
    """Return the chain of errors that a text shows; the last one of a traceback is the error."""
    if _START.search(text):
        return _of_traceback(text)
    return _of_plain(text)


def _of_traceback(text: str) -> Link:
    pieces = _BETWEEN.split(text)
    if len(pieces) > 2 * _MAX_PARTS:
        pieces = pieces[-(2 * _MAX_PARTS - 1) :]
    link: Link | None = None
    for number in range(0, len(pieces), 2):
        explicit = number > 0 and pieces[number - 1] == _CAUSE
        following = _of_block(pieces[number])
        following.cause, following.explicit = link, explicit
        link = following
    return link if link is not None else Link()


def _of_block(block: str) -> Link:
    """Read one traceback: the error stands on the first line after the frames."""
    parts = _GROUP_LEAF.split(block)
    link = _of_end(parts[0])
    for part in parts[1 : _MAX_PARTS + 1]:
        if part.strip(" |\n+-"):
            link.leaves.append(_of_end(part))
    return link


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
