"""Find the errors in the lines of a log: tracebacks of all sorts, records, lines of JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from .lazy_regex import LazyRegex
from .log_marks import HEADER, LoggedError, is_named
from .log_prefix import prefix_regex
from .log_pytest import FAILED, PROGRESS, TITLE, PytestBlock
from .log_records import LogRecord, read_json, read_record
from .log_traceback import TracebackBlock

__all__ = ["ErrorFinder", "find_errors"]

_TELLING = (
    *("rror", "ERR", "err", "raceback", "xcept", 'File "', "CRIT", "crit", "FATAL", "fatal"),
    *("SEVERE", "severe", "ALERT", "alert", "EMERG", "emerg", "PANIC", "panic", "FAILED", "failed"),
    *("Fatal", "Severe", "Critical", "Emerg", "Panic", "Alert", "===", "E   "),
)
_NUMBER_LEVEL = LazyRegex(
    r"\"(?:[\w.]*(?:level|lvl|severity)(?:no)?|PRIORITY)\": ?\"?\d", re.IGNORECASE
)
_RULE = " \t-=_*#"
_MAX_OPEN = 16
_MAX_FOREIGN = 20
_MAX_MESSAGE = 4_000
_MAX_WRAPS = 3
_HEADLESS = LazyRegex(
    r"^(?P<prefix>(?:(?!\.py:\d+:).)*?) {2}File \"[^\"]{1,400}\", line \d+(?:, in .+)?$"
)
_INSIDE = LazyRegex(
    r"(?:^|[\s(\[:=])((?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Timeout|Exceeded))(?:: |\((?=['\"]))"
)
_ENDING = LazyRegex(r"^\d+ (?:failed|passed|errors?)\b")
_STACK = LazyRegex(r"\n[^\S\n]+at [^\n]*")
_WIDEST = 400  # columns of a terminal
_REPR = LazyRegex(r"^([\w.]+)\((['\"])(.*?)\2[,)]")


def find_errors(lines: Iterable[tuple[int, str]]) -> Iterator[LoggedError]:
    """Yield the errors of a log, as their last lines come by.

    Args:
        lines: numbers and texts, such as `LogLines` gives them.
    """
    finder = ErrorFinder()
    for number, line in lines:
        yield from finder.feed(number, line)
    yield from finder.end()


class ErrorFinder:
    """Takes lines, gives errors; memory does not grow with the number of lines."""

    def __init__(self, *, depth: int = 0) -> None:
        self._blocks: list[TracebackBlock] = []
        self._pytest: PytestBlock | None = None
        self._saw_pytest = False
        self._is_summary = False
        self._saw_others = False
        self._held: LoggedError | None = None
        self._held_line = ""
        self._depth = depth

    def feed(self, number: int, line: str) -> Iterator[LoggedError]:
        """Take a line; yield the errors that are complete now."""
        if not self._blocks and self._pytest is None and _is_dull(line):
            if line.strip(_RULE):
                self._saw_others = True
                if self._held is not None:
                    yield from self._release()
            return
        if "{" in line:
            for _ in range(_MAX_WRAPS):
                record = read_json(line)
                if record is None:
                    break
                if not record.is_wrapped:
                    yield from self._of_json(number, record)
                    return
                line = record.message
        if "\n" in line:
            for part in line.split("\n"):
                yield from self._feed_text(number, part)
        else:
            yield from self._feed_text(number, line)

    def end(self) -> Iterator[LoggedError]:
        """Yield what is still open."""
        yield from self._release()
        if self._pytest is not None:
            yield self._pytest.finish()
        blocks, self._blocks, self._pytest = self._blocks, [], None
        for block in blocks:
            yield from self._finished(block, at_end=not self._saw_others)
        yield from self._release()

    def _feed_text(self, number: int, line: str) -> Iterator[LoggedError]:
        if self._blocks:
            for block in sorted(self._blocks, key=lambda block: block.prefix is None):
                stripped = _without(line, block)
                if stripped is None:
                    continue
                if block.offer(number, stripped, line):
                    return
                block.foreign += block.wants_more
                if not block.wants_more or block.foreign > _MAX_FOREIGN or _begins(stripped):
                    self._blocks.remove(block)
                    yield from self._finished(block)
        if self._pytest is not None:
            if self._pytest.offer(number, line):
                return
            yield self._pytest.finish()
            self._pytest = None
        yield from self._begin(number, line)

    def _begin(self, number: int, line: str) -> Iterator[LoggedError]:
        if "Traceback (most" in line and (header := HEADER.match(line)):
            if header["rest"].startswith("\\n"):
                yield from self._of_escaped(number, line[header.end("prefix") :])
                return
            yield from self._open(number, header["prefix"], is_group="Exception Group" in line)
            return
        if PytestBlock.begins(line):
            yield from self._release()
            self._saw_pytest = True
            self._pytest = PytestBlock(number)
            self._pytest.offer(number, line)
            return
        failed = FAILED.match(line) if line[:1] in {"F", "E"} else None
        if failed is not None:
            if not self._saw_pytest and failed[2]:
                name = "AssertionError: " if failed[2].startswith("assert ") else ""
                text = f"{name}{failed[2].strip()}"
                yield LoggedError(text, (text,), number, number, failed[1])
            return
        if 'File "' in line and (headless := _HEADLESS.match(line)):
            yield from self._open(number, headless["prefix"])
            self._blocks[-1].offer(number, line[len(headless["prefix"]) :], line)
            return
        if TITLE.match(line):
            self._saw_pytest = self._saw_pytest or line.strip("= ") in {"FAILURES", "ERRORS"}
            self._is_summary = "short test summary" in line
            return
        if self._is_summary:  # what a message there goes on with
            self._is_summary = not _ENDING.match(line)
            return
        if not line.strip(_RULE) or PROGRESS.search(line[-_WIDEST:]):
            return
        yield from self._release()
        text = self._error_in(line)
        if text:
            self._held, self._held_line = LoggedError(text, (text,), number, number), line
        elif not self._blocks:
            self._saw_others = True

    def _error_in(self, line: str) -> str:
        if is_named(line):
            return line[:_MAX_MESSAGE]
        record = read_record(line)
        return _named_part(record.message) if record is not None and record.is_error else ""

    def _open(self, number: int, prefix: str, *, is_group: bool = False) -> Iterator[LoggedError]:
        held, self._held = self._held, None
        note = ""
        regex = prefix_regex(prefix)
        is_near = regex is None or regex.match(self._held_line) or prefix.startswith(" ")
        if (
            held is not None
            and number - held.last <= 2
            and is_near
            and not is_named(self._held_line)
        ):
            note, first = held.parts[0], held.first
        else:
            first = number
            if held is not None:
                yield held
        if len(self._blocks) >= _MAX_OPEN:
            yield from self._finished(self._blocks.pop(0))
        record = read_record(prefix) if prefix.strip() else None
        if record is not None and record.message != prefix.strip() and not note:
            note = record.message
        block = TracebackBlock(first, is_group=is_group, prefix=regex, note=note)
        self._blocks.append(block)

    def _finished(self, block: TracebackBlock, *, at_end: bool = False) -> Iterator[LoggedError]:
        """Yield the error, then what the lines tell that turned out not to be its message."""
        yield block.finish(at_end=at_end)
        for number, _, line in block.pending:
            yield from self._begin(number, line)

    def _release(self) -> Iterator[LoggedError]:
        held, self._held = self._held, None
        if held is not None:
            yield held

    def _of_json(self, number: int, record: LogRecord) -> Iterator[LoggedError]:
        yield from self._release()
        self._saw_others = True
        for trace in record.traces:
            if ("Traceback (most" in trace or 'File "' in trace) and self._depth < _MAX_WRAPS:
                found = _last_of(trace, number, self._depth)
                if found is not None:
                    note = record.message if record.message not in trace else ""
                    yield replace(found, note=note)
                    return
        if record.is_error or any(is_named(trace.split("\n")[0]) for trace in record.traces[:1]):
            named = [trace for trace in record.traces if is_named(trace.split("\n")[0])]
            said = ": ".join(dict.fromkeys(filter(None, (record.message, *record.traces[:1]))))
            text = _STACK.sub("", _named_part((named or [said])[0])).strip()
            note = record.message if record.message != text else ""
            yield LoggedError(text, (text,), number, number, note=note)

    def _of_escaped(self, number: int, rest: str) -> Iterator[LoggedError]:
        """Read a traceback that stands on one line with escaped line ends."""
        note = self._held.parts[0] if self._held is not None else ""
        yield from self._release() if not note else ()
        self._held = None
        text = rest.replace("\\n", "\n").replace('\\"', '"').rstrip("\"' \t}")
        found = _last_of(text, number, self._depth)
        if found is not None:
            yield found


def _is_dull(line: str) -> bool:
    """Whether most lines can be left out at once: no word of theirs has to do with errors."""
    for word in _TELLING:
        if word in line:
            return False
    if line[:1].isalpha():
        return not is_named(line) and not (line[1:5].isdecimal() and line[0] in "EF")
    return "{" not in line or _NUMBER_LEVEL.search(line) is None


def _last_of(trace: str, number: int, depth: int) -> LoggedError | None:
    finder = ErrorFinder(depth=depth + 1)
    found: LoggedError | None = None
    for line in trace.split("\n")[:10_000]:
        for error in finder.feed(number, line.rstrip("\r")):
            found = error
    for error in finder.end():
        found = error
    return found


def _without(line: str, block: TracebackBlock) -> str | None:
    """Return the line without the block's prefix, or None where it is of another stream."""
    if block.prefix is None:
        return line
    found = block.prefix.match(line)
    if found is not None:
        block.has_prefixes = True
        return line[found.end() :]
    if not block.has_prefixes and line[:1] in {" ", "\t"}:
        block.prefix = None  # only the first line of a record has one
        return line
    return None


def _begins(line: str) -> bool:
    return "Traceback (most" in line and HEADER.match(line) is not None


def _named_part(message: str) -> str:
    """Return the message from the name of an error on, if it holds one."""
    message = message[:_MAX_MESSAGE]
    found = _INSIDE.search(message)
    if found is None:
        return message
    part = message[found.start(1) :]
    shown = _REPR.match(part)
    return f"{shown[1]}: {shown[3]}" if shown else part
