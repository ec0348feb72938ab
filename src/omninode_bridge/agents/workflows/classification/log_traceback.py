"""One traceback of Python, put together line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from .lazy_regex import LazyRegex
from .log_records import is_record, starts_with_time

__all__ = ["HEADER", "LoggedError", "TracebackBlock", "is_named"]

HEADER = LazyRegex(
    r"^(?P<prefix>.*?)(?P<margin> +\+ )?(?:Exception Group )?Traceback \(most recent call last\):(?P<rest>.*)$"
)
_FRAME = LazyRegex(r"^[ \t>]*File \"([^\"]{1,400})\", line (\d+)(?:, in (.{1,200}))?")
_MARGIN = re.compile(r"^ *(?:[|+] ?)")
_DIVIDER = re.compile(r"^ *\+[-+]+(?: ?(?:\d+|\.\.\.) ?-+)? *$|^ *\+-{8,}")
_ERROR = LazyRegex(r"^((?:[A-Za-z_]\w*\.)*(?:<locals>\.)?[A-Za-z_]\w*)(?::(?: |$)(.*))?$")
_NAMED = LazyRegex(
    r"(?:Error|Exception|Warning|Timeout|Interrupt|Exit|Exceeded|Empty|Full|Fault|Iteration|Denied"
    r"|NotFound|DoesNotExist|Failed|Failure|Group|Unavailable|Cancelled|Aborted|Refused|Invalid\w*)$"
)
_LEVELS = frozenset(
    {"ERROR", "INFO", "DEBUG", "WARNING", "WARN", "CRITICAL", "FATAL", "TRACE", "NOTICE"}
)
_CLOCK = re.compile(r"\d\d:\d\d")
_MARKERS = (
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
)
_MAX_LINES = 160
_MAX_WIDTH = 2_000
_MAX_PENDING = 20


class _State(Enum):
    FRAMES = 1
    MESSAGE = 2
    GAP = 3
    CHAINED = 4


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
    found = _ERROR.match(line[:_MAX_WIDTH])
    return found is not None and _NAMED.search(found[1]) is not None


def is_marker(line: str) -> bool:
    """Whether the line stands between the tracebacks of a chain."""
    return line.strip(" |").startswith(_MARKERS)


class TracebackBlock:
    """Takes the lines of one traceback, its causes and members; memory is bounded.

    Args:
        first: number of the line where it begins.
        is_group: the header is that of an exception group.
        prefix: matches what the log writes before each line.
        note: what the log said on the line before.
    """

    def __init__(
        self,
        first: int,
        *,
        is_group: bool = False,
        prefix: re.Pattern[str] | None = None,
        note: str = "",
    ) -> None:
        self.first = self.last = first
        self.prefix = prefix
        self.has_prefixes = False
        self.foreign = 0
        self._is_group = is_group
        self._note = note
        self._state = _State.FRAMES
        self._kept = ["  + Exception Group Traceback (most recent call last):" if is_group else ""]
        self.pending: list[tuple[int, str, str]] = []
        self._stamp = ""
        self._frame = ""
        self._bare_frame = False

    @property
    def wants_more(self) -> bool:
        """Whether the error itself has not come yet."""
        return self._state in {_State.FRAMES, _State.CHAINED}

    def offer(self, number: int, line: str, raw: str = "") -> bool:
        """Take the line if it belongs here.

        Args:
            number: of the line.
            line: without its prefix.
            raw: with it.
        """
        stamp = raw.removesuffix(line) if line else ""
        line = line[:_MAX_WIDTH]
        body = _MARGIN.sub("", line, count=1) if self._is_group else line
        takes = {
            _State.FRAMES: self._in_frames,
            _State.MESSAGE: lambda line, body: self._in_message(line, body, number, raw),
            _State.GAP: self._in_gap,
            _State.CHAINED: self._in_gap,
        }[self._state](line, body)
        if takes and not self.pending:
            self.last = number
            self._stamp = stamp
        return takes

    def _in_frames(self, line: str, body: str) -> bool:
        frame = _FRAME.match(body)
        if frame:
            self._frame = f"{frame[1]}:{frame[2]}" + (f" in {frame[3]}" if frame[3] else "")
            self._bare_frame = body[0] not in " \t"
            return True
        if self._is_group and (_DIVIDER.match(line) or HEADER.match(body)):
            self._keep(line)
            return True
        if not body.strip() or body[:1] in {" ", "\t"} or body.strip() in {"...", "[...]"}:
            return True
        error = _ERROR.match(body)
        bare, self._bare_frame = self._bare_frame, False
        if error and error[1] not in _LEVELS and (is_named(body) or not bare):
            self._keep(line)
            self._state = _State.MESSAGE
            return True
        return bare  # the source line of a frame that has lost its indentation

    def _in_message(self, line: str, body: str, number: int, raw: str) -> bool:
        if is_marker(line):
            return self._in_gap(line, body)
        if self._is_group and not body.strip() and line.strip():
            return True
        if self._is_group and line[:1] in {" ", "+"} and _MARGIN.match(line):
            self._keep(line)
            if _DIVIDER.match(line):
                self._state = _State.FRAMES if not line.rstrip("-").endswith("+") else _State.GAP
            return True
        if not line.strip():
            self._state = _State.GAP
            return True
        if line[:1] in {" ", "\t"} and not self._is_group:
            self._commit()
            self._keep(line)
            return True
        if self._is_group or HEADER.match(line) or is_named(line):
            return False
        if is_record(line):
            if starts_with_time(line):
                self._commit()  # what lies between two such records belongs to the first
            return False
        if _CLOCK.search(self._stamp) and raw.startswith(self._stamp):
            self._keep(line)  # the same moment, so the same record
            return True
        if len(self.pending) >= _MAX_PENDING:
            return False
        self.pending.append((number, line, raw))
        return True

    def _in_gap(self, line: str, body: str) -> bool:
        if not line.strip(" |"):
            return True
        if is_marker(line):
            self._commit()
            if self._is_group and line[:1] == " ":
                self._forget_member()
            else:
                self._keep(f"\n{body.strip()}\n")
            self._state = _State.CHAINED
            return True
        if self._state is _State.CHAINED and (HEADER.match(line) or is_named(body)):
            is_member = self._is_group and line[:1] == " "
            self._is_group = is_member or "Exception Group Traceback" in line
            self._keep(line if "Traceback" in line or is_member else body)
            self._state = _State.FRAMES if "Traceback" in line else _State.MESSAGE
            return True
        return bool(self._is_group and _DIVIDER.match(line))

    def _keep(self, line: str) -> None:
        self._kept.append(line)
        if len(self._kept) > _MAX_LINES:
            del self._kept[_MAX_LINES // 4]

    def _forget_member(self) -> None:
        """Keep of a member's chain the last error only: what is read later knows no more."""
        while self._kept and not _DIVIDER.match(self._kept[-1]):
            self._kept.pop()

    def _commit(self) -> None:
        for number, line, _ in self.pending:
            self._keep(line)
            self.last = number
        self.pending.clear()

    def finish(self, *, at_end: bool = False) -> LoggedError:
        """Return the error.

        Args:
            at_end: the text ends here, so what followed the message still belongs to it.
        """
        if at_end and not self.has_prefixes:
            self._commit()
        is_cut = self.wants_more
        lines = "\n".join(self._kept).strip("\n").split("\n")
        while lines and ("Traceback (most" in lines[-1] or not lines[-1].strip()):
            lines.pop()
        parts = _parts(lines)
        if not parts:
            lines = [""]
        if len(parts) == 1 and not self._is_group:
            text = "\n".join(line for line in lines if "Traceback (most" not in line).strip("\n")
        else:
            text = "\n".join(lines)
            if "Traceback (most" not in lines[0]:
                text = f"Traceback (most recent call last):\n{text}"
        return LoggedError(
            text if parts else "",
            parts,
            self.first,
            self.last,
            self._frame,
            self._note,
            is_cut or not parts,
            self._is_group,
        )


def _parts(lines: list[str]) -> tuple[str, ...]:
    """Return the errors as a live exception describes itself: the last of a chain first."""
    chain: list[list[str]] = [[]]
    is_fresh = True
    for raw in lines:
        line = _MARGIN.sub("", raw, count=1) if raw.lstrip(" ")[:1] in {"|", "+"} else raw
        if is_marker(raw):
            chain.append([])
            is_fresh = True
        elif _DIVIDER.match(raw) or "Traceback (most" in raw:
            is_fresh = True
        elif is_fresh and line.strip() and _ERROR.match(line):
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
