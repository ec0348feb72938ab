"""One traceback of Python, put together line by line."""

from __future__ import annotations

import re
from enum import Enum

from .lazy_regex import LazyRegex
from .log_marks import (
    DIVIDER,
    ERROR_LINE,
    HEADER,
    MARGIN,
    MAX_WIDTH,
    LoggedError,
    is_marker,
    is_named,
    is_rule,
    parts_of,
)
from .log_records import is_record, starts_with_time

__all__ = ["TracebackBlock"]

_FRAME = LazyRegex(r"^[ \t>]*File \"([^\"]{1,400})\", line (\d+)(?:, in (.{1,200}))?")
_LEVELS = frozenset(
    {"ERROR", "INFO", "DEBUG", "WARNING", "WARN", "CRITICAL", "FATAL", "TRACE", "NOTICE"}
)
_CLOCK = re.compile(r"\d\d:\d\d")
_MAX_LINES = 160
_MAX_PENDING = 20


class _State(Enum):
    FRAMES = 1
    MESSAGE = 2
    GAP = 3
    CHAINED = 4


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
        line = line[:MAX_WIDTH]
        body = MARGIN.sub("", line, count=1) if self._is_group else line
        takes = {
            _State.FRAMES: self._in_frames,
            _State.MESSAGE: self._in_message,
            _State.GAP: self._in_gap,
            _State.CHAINED: self._in_gap,
        }[self._state](line, body, number, raw)
        if takes and not self.pending:
            self.last = number
            self._stamp = stamp or self._stamp
        return takes

    def _in_frames(self, line: str, body: str, number: int, raw: str) -> bool:
        del number, raw
        frame = _FRAME.match(body)
        if frame:
            self._frame = f"{frame[1]}:{frame[2]}" + (f" in {frame[3]}" if frame[3] else "")
            self._bare_frame = body[0] not in " \t"
            return True
        if self._is_group and (DIVIDER.match(line) or HEADER.match(body)):
            self._keep(line)
            return True
        if not body.strip() or body[:1] in {" ", "\t"} or body.strip() in {"...", "[...]"}:
            return True
        error = ERROR_LINE.match(body)
        bare, self._bare_frame = self._bare_frame, False
        if error and error[1] not in _LEVELS and (is_named(body) or not bare):
            self._keep(line)
            self._state = _State.MESSAGE
            return True
        return bare  # the source line of a frame that has lost its indentation

    def _in_message(self, line: str, body: str, number: int, raw: str) -> bool:
        if is_marker(line):
            return self._in_gap(line, body, number, raw)
        if self._is_group and not body.strip() and line.strip():
            return True
        if self._is_group and line[:1] in {" ", "+"} and MARGIN.match(line):
            self._keep(line)
            if DIVIDER.match(line):
                self._state = _State.FRAMES if not line.rstrip("-").endswith("+") else _State.GAP
            return True
        if not line.strip():
            self._state = _State.GAP
            return True
        if line[:1] in {" ", "\t"} and not self._is_group and not HEADER.match(line):
            self._commit()
            self._keep(line)
            return True
        if self._is_group or HEADER.match(line) or is_named(line) or is_rule(line):
            return False
        if is_record(line):
            if starts_with_time(line):
                self._commit()  # what lies between two such records belongs to the first
            return False
        if self._is_same_moment(raw):
            self._keep(line)
            return True
        return self._hold(number, line, raw)

    def _in_gap(self, line: str, body: str, number: int, raw: str) -> bool:
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
        if self._is_group and DIVIDER.match(line):
            self._keep(line)
            self._state = _State.GAP if line.rstrip("-").endswith("+") else _State.FRAMES
            return True
        if self._is_group or HEADER.match(line) or is_named(line) or is_rule(line):
            return False
        if self._state is _State.CHAINED or is_record(line):
            return False
        if self._is_same_moment(raw):
            self._keep(line)
            return True
        return self._hold(number, line, raw)  # of the message only if a chain goes on below

    def _is_same_moment(self, raw: str) -> bool:
        """Whether the log wrote this line with the line of the error, so that it is of its message."""
        return _CLOCK.search(self._stamp) is not None and raw.startswith(self._stamp)

    def _keep(self, line: str) -> None:
        self._kept.append(line)
        if len(self._kept) > _MAX_LINES:
            del self._kept[_MAX_LINES // 4]

    def _hold(self, number: int, line: str, raw: str) -> bool:
        if len(self.pending) >= _MAX_PENDING:
            return False
        self.pending.append((number, line, raw))
        return True

    def _forget_member(self) -> None:
        """Keep of a member's chain the last error only: what is read later knows no more."""
        while self._kept and not DIVIDER.match(self._kept[-1]):
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
        if at_end and not self.has_prefixes and self._state is _State.MESSAGE:
            self._commit()
        is_cut = self.wants_more
        lines = "\n".join(self._kept).strip("\n").split("\n")
        while lines and ("Traceback (most" in lines[-1] or not lines[-1].strip()):
            lines.pop()
        parts = parts_of(lines)
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
