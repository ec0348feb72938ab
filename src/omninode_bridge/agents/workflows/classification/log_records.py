"""What one line of a log says: how bad it is, and what its message is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .lazy_regex import LazyRegex

__all__ = ["LogRecord", "is_record", "read_json", "read_record", "starts_with_time"]

_MAX_WORDS_BEFORE = 8
_HEAD = 240
_MAX_DEPTH = 4
_BAD = "ERROR|ERR|CRITICAL|CRIT|FATAL|SEVERE|ALERT|EMERG|EMERGENCY|PANIC"
_FINE = "TRACE|DEBUG|VERBOSE|INFO|INFORMATION|NOTICE|WARN|WARNING|SUCCESS"
_TIME = LazyRegex(
    r"^[\[(<\"]?(?:\d{4}[-/.]\d\d[-/.]\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?|\d\d[-/.]\d\d[-/.]\d{2,4} \d\d:\d\d"
    r"|\d\d:\d\d:\d\d\b|\d\d/[A-Z][a-z]{2}/\d{4}:|[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d"
    r"|[A-Z][a-z]{2},? +(?:\d{1,2} )?[A-Z][a-z]{2} +\d{1,4} \d|1[5-9]\d{8}(?:\.\d+|\d{3})?\b"
    r"|[EFWIDVN]\d{4} \d\d:\d\d:\d\d)"
)
_LEVEL = LazyRegex(
    rf"(?<![\w./\\'\"-])(?:[\[(<|]\s?)?(?:(?P<bad>{_BAD})|(?P<fine>{_FINE}))(?:\s?[\])>|])?(?![\w.\\'\"])"
    rf"|\b(?:level|lvl|severity|levelname)=\"?(?:(?P<bad2>(?i:{_BAD}))|(?P<fine2>(?i:{_FINE})))\b\"?"
    rf"|(?<![\w])[\[<(](?:(?P<bad3>(?i:{_BAD}))|(?P<fine3>(?i:{_FINE})))(?:[:/][\w.-]{{1,40}})?[\]>)]"
)
_TOOL = LazyRegex(
    r"^(?:(?:[\w.+-]{1,80}[/\\])*[\w.+-]{1,80}(?::\d+){1,2}: |[\w.-]{1,30}: |npm )?"
    r"(?:(?:fatal )?error|fatal|ERR!)(?: [A-Z]{1,4}\d{2,5}|\[[\w-]+\])?!?:? +(?=\S)"
)
_GLOG = LazyRegex(r"^(?:(?P<bad>[EF])|[WIDV])\d{4} \d\d:\d\d:\d\d\S*\s+\d+ \S+?\] ")
_LOGGER = LazyRegex(
    r"^(?:/[\w-]+\]|[\w.<>-]+:[\w.<>-]+:\d+(?= - )|\[[\w.:/ -]{1,80}\]|\([\w.:/ -]{1,80}\)|[\w-]*[._][\w.-]*(?::\d+)?(?=\s*[:|-] )|[\w.-]{1,60}(?= - )|[\w./-]+\.py:\d+)"
    r"\s*(?:[:|]+|-+(?= ))?\s*"
)
_NAME = LazyRegex(r"^([a-z][\w-]{0,40}): +(?=\S)")
_ROOT = LazyRegex(r"^:[\w.-]{1,80}:")
_LOGFMT = LazyRegex(r"\b(?:msg|message|error|err|exception)=(?:\"((?:[^\"\\]|\\.)*)\"|(\S+))")
_ERROR_NAME = LazyRegex(r"(?:Error|Exception|Timeout|Exceeded|Interrupt|Fault)\b[\w]*$")
_TEXTS = ("message", "msg", "event", "MESSAGE", "@message", "textPayload", "short_message", "text")
_TRACES = (
    *("exc_info", "exception", "exc_text", "traceback", "stack_trace", "stacktrace", "stack"),
    *("error", "err", "exc", "error.stack_trace", "exception.stacktrace", "full_message"),
    *("details", "jsonPayload", "exception.message", "errorMessage", "error_message"),
    *("attributes", "record", "fields", "extra", "context", "data"),
)
_KINDS = ("exc_type", "type", "exception.type", "class", "kind", "name", "error.type", "errorType")
_VALUES = ("exc_value", "value", "exception.message", "message", "msg", "error.message")
_LEVELS = ("level", "levelname", "severity", "log.level", "lvl", "log_level", "levelno", "PRIORITY")


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One line, read.

    Attributes:
        message: without time, level and logger.
        traces: texts inside the line that may hold whole tracebacks.
        is_error: its level says so.
        is_wrapped: the line is only an envelope around one line of a program's output.
    """

    message: str
    traces: tuple[str, ...] = ()
    is_error: bool = False
    is_wrapped: bool = False


def is_record(line: str) -> bool:
    """Whether the line begins a record of a log: a time, or a level."""
    if line[:1] in {" ", "\t", ""}:
        return False
    if (line[:1] == "{" and line[-1:] == "}" and '"' in line) or _TIME.match(line):
        return True
    found = _LEVEL.search(line[:60])
    return found is not None and (found.start() == 0 or not line[: found.start()].strip("[(< "))


def starts_with_time(line: str) -> bool:
    """Whether the line begins with a date, a time or JSON, as each record of such a log does."""
    return line[:1] == "{" or _TIME.match(line) is not None


def read_record(line: str) -> LogRecord | None:
    """Return what a line of text says, or None for one without a level."""
    head = line[:_HEAD]
    tool = _TOOL.match(head) if "rror" in head or "fatal" in head or "ERR!" in head else None
    if tool is not None:
        return LogRecord(line[tool.end() :].strip(), is_error=True)
    glog = _GLOG.match(head)
    if glog is not None:
        return LogRecord(line[glog.end() :].strip(), is_error=glog["bad"] is not None)
    found = _LEVEL.search(head)
    if found is None or len(head[: found.start()].split()) > _MAX_WORDS_BEFORE:
        return None
    bad = bool(found["bad"] or found["bad2"] or found["bad3"])
    if found["bad2"] or found["fine2"]:
        texts = [_unescaped(m[1] or m[2] or "") for m in _LOGFMT.compiled.finditer(line[:20_000])]
        said = ": ".join(dict.fromkeys(filter(None, texts))) or line.strip()
        return LogRecord(said, is_error=bad)
    rest = line[found.end() :]
    root = _ROOT.match(rest)
    rest = rest[root.end() :] if root else rest.lstrip(" \t:|-\u2014")
    name = _NAME.match(rest) if root is None and starts_with_time(line) else None
    if name is not None and not _ERROR_NAME.search(name[1]):
        return LogRecord(rest[name.end() :].strip() or line.strip(), is_error=bad)
    for _ in range(3):
        logger = _LOGGER.match(rest[:_HEAD])
        if logger is None or _ERROR_NAME.search(logger[0].rstrip(" :|-")) or rest[:1] == ".":
            break
        rest = rest[logger.end() :]
    return LogRecord(rest.strip() or line.strip(), is_error=bad)


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace('\\"', '"').replace("\\t", "\t")


def read_json(line: str) -> LogRecord | None:
    """Return what a line of JSON says, or None where it is none."""
    begin = line.find("{")
    if begin < 0 or begin > _HEAD or line[-1:] not in {"}", " "}:
        return None
    try:
        value = json.loads(line[begin:])
    except (ValueError, RecursionError):
        return None
    return _of_mapping(value, 0) if isinstance(value, Mapping) and value else None


def _of_mapping(value: Mapping[str, Any], depth: int) -> LogRecord:
    inner = value.get("log")
    if isinstance(inner, str) and ("stream" in value or "time" in value or len(value) <= 4):
        return LogRecord(inner.rstrip("\r\n"), is_wrapped=True)
    if isinstance(value.get("MESSAGE"), str) and any(key.startswith("_") for key in value):
        return LogRecord(value["MESSAGE"], is_wrapped=True)
    message = next((str(value[key]) for key in _TEXTS if isinstance(value.get(key), str)), "")
    traces = [*_traces(value, depth)]
    if "Traceback (most recent call last)" in message:
        traces.insert(0, message)
    return LogRecord(message, tuple(dict.fromkeys(traces)), is_error=_is_bad(value))


def _is_bad(value: Mapping[str, Any]) -> bool:
    record = value.get("record")
    if isinstance(record, Mapping):
        value = record
    for key in _LEVELS:
        level = value.get(key)
        if isinstance(level, str) and not (level.isascii() and level.isdecimal()):
            return level.strip().upper() in _BAD.split("|")
        if isinstance(level, (int, str)) and not isinstance(level, bool):
            number = int(str(level)[:9])
            return number <= 3 if key == "PRIORITY" else number >= (50 if _is_pino(value) else 40)
        if isinstance(level, Mapping):
            return str(level.get("name") or level.get("value")).upper() in _BAD.split("|")
    return False


def _is_pino(value: Mapping[str, Any]) -> bool:
    """Whether 40 is a warning: such records have a ``pid`` and a ``hostname``, and ``msg``."""
    return "pid" in value and "hostname" in value and "msg" in value


def _traces(value: Mapping[str, Any], depth: int) -> Iterator[str]:
    """Yield the texts that tell of exceptions, from wherever a logger puts them."""
    dotted = _named(value) if "exception.type" in value or "error.type" in value else ""
    whole = [key for key in _TRACES if isinstance(value.get(key), str) and value[key].strip()]
    for key in whole:
        yield str(value[key])
    if dotted and not any("Traceback" in value[key] for key in whole):
        yield dotted
    for key in _TRACES:
        found = value.get(key)
        for item in reversed(found) if isinstance(found, list) else (found,):
            if isinstance(item, Mapping) and depth < _MAX_DEPTH:
                inner = [*_traces(item, depth + 1)]
                named = _named(item)
                yield from [t for t in inner if "\n" in t] or [named or "", *inner]
                if named and not isinstance(found, Mapping):
                    return  # the last of a chain is the error
    text = [item for key in _TRACES for item in _strings(value.get(key))]
    if text:
        yield "\n".join(text) if text[0].startswith("Traceback") else text[-1]


def _strings(found: Any) -> list[str]:
    """The lines of a traceback that was logged as a list of lines."""
    if not isinstance(found, list):
        return []
    return [item.rstrip("\n") for item in found if isinstance(item, str)]


def _named(item: Mapping[str, Any]) -> str:
    kind = next((item[key] for key in _KINDS if isinstance(item.get(key), str)), "")
    text = next((str(item[key]) for key in _VALUES if isinstance(item.get(key), str)), "")
    return f"{kind}: {text}" if kind and text else kind or text
