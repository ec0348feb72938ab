"""What the lines of a traceback are: headers, dividers, markers, errors; and what comes out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .lazy_regex import LazyRegex

__all__ = [
    "DIVIDER",
    "ERROR_LINE",
    "HEADER",
    "MARGIN",
    "MAX_WIDTH",
    "LoggedError",
    "is_marker",
    "is_named",
    "is_rule",
    "parts_of",
]

MAX_WIDTH = 2_000
HEADER = LazyRegex(
    r"^(?P<prefix>.*?)(?P<margin> {2}\+ )?(?:Exception Group )?Traceback \(most recent call last\):(?P<rest>.*)$"
)
MARGIN = re.compile(r"^ *(?:[|+] ?)")
DIVIDER = re.compile(r"^ *\+[-+]+(?: ?(?:\d+|\.\.\.) ?-+)? *$|^ *\+-{8,}")
ERROR_LINE = LazyRegex(r"^((?:[A-Za-z_]\w*\.)*(?:<locals>\.)?[A-Za-z_]\w*)(?::(?: |$)(.*))?$")
_NAMED = LazyRegex(
    r"(?:Error|Exception|Warning|Timeout|Interrupt|Exit|Exceeded|Empty|Full|Fault|Iteration|Denied"
    r"|NotFound|DoesNotExist|Failed|Failure|Group|Unavailable|Cancelled|Aborted|Refused|Invalid\w*)$"
)
_MARKERS = (
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
)


@dataclass(frozen=True, slots=True)
class LoggedError:
    """An error that a log tells of.

    Attributes:
        text: the error without its frames, as `link_of_text()` reads it.
        parts: ``TypeName: message`` of the error, then of its causes and members.
        first: number of the line where it begins.
        last: number of the line where it ends.
        frame: where it was raised, as ``file:line in function``; empty if unknown.
        note: what the log says about it before; empty if nothing.
        is_cut: the line with the error itself is missing.
        is_group: the further parts are members, not causes.
    """

    text: str
    parts: tuple[str, ...]
    first: int
    last: int
    frame: str = ""
    note: str = ""
    is_cut: bool = False
    is_group: bool = False


def is_named(line: str) -> bool:
    """Whether a line is an error by its name: ``SomethingError: message``, qualified or not."""
    found = ERROR_LINE.match(line[:MAX_WIDTH])
    return found is not None and _NAMED.search(found[1]) is not None


def is_rule(line: str) -> bool:
    """Whether the line is a heading, or drawn from edge to edge, and so ends what stands above."""
    return line.startswith(("=====", "_____", "----------", "*****"))


def is_marker(line: str) -> bool:
    """Whether the line stands between the tracebacks of a chain."""
    return line.strip(" |").startswith(_MARKERS)


def parts_of(lines: list[str]) -> tuple[str, ...]:
    """Return the errors as a live exception describes itself: the last of a chain first."""
    chain: list[list[str]] = [[]]
    is_fresh = True
    for raw in lines:
        line = MARGIN.sub("", raw, count=1) if raw.lstrip(" ")[:1] in {"|", "+"} else raw
        if is_marker(raw):
            chain.append([])
            is_fresh = True
        elif DIVIDER.match(raw) or "Traceback (most" in raw:
            is_fresh = True
        elif is_fresh and line.strip() and ERROR_LINE.match(line):
            chain[-1].append(_bare(line))
            is_fresh = False
        elif chain[-1] and line.strip() and not is_fresh:
            chain[-1][-1] += f"\n{line}"
    return tuple(part for errors in reversed(chain) for part in errors)


def _bare(line: str) -> str:
    """Return the line with the bare name of its class."""
    name, colon, message = line.partition(":")
    return (
        f"{name.rpartition('.')[2]}{colon}{message}" if message.strip() else name.rpartition(".")[2]
    )
