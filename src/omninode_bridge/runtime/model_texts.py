"""The formats of JSON Schema: whether a text has one, and how to read it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from omninode_bridge.runtime.model_patterns import compile_pattern

__all__ = ["FORMATS", "parse_date", "parse_date_time", "parse_duration", "parse_time"]

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(
    r"(\d\d:\d\d):(\d\d)(\.\d+)?(z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII | re.IGNORECASE
)
_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W|(?=[\dT])(?:(?P<years>\d+)Y(?:(?=\d+[MT]|T|\Z))?)?(?:(?P<months>\d+)M)?"
    r"(?:(?P<days>\d+)D)?(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?"
    r"(?:(?P<seconds>\d+)S)?)?)",
    re.ASCII,
)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+"
_LOCAL = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*|\"(?:[^\"\\\r\n]|\\[ -~])*\"")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_URI_CHARS = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
_URI = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?")
_AUTHORITY = re.compile(r"(?:[^@\[\]]*@)?(\[[0-9A-Fa-f:.]+\]|\[v[^\[\]]+\]|[^:@\[\]]*)(?::\d*)?")
_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)*")


def parse_date(text: str) -> date:
    """Read ``2024-02-29``; raise ValueError for anything else."""
    if not _DATE.fullmatch(text):
        raise ValueError(f"not a date: {text!r}; write 2024-02-29")
    return date.fromisoformat(text)


def parse_time(text: str) -> time:
    """Read ``12:30:00Z`` or ``12:30:00.5+02:00``; digits beyond microseconds are cut off.

    A leap second (``23:59:60Z``) becomes the second before it.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"not a time: {text!r}; write 12:30:00Z or 12:30:00+02:00")
    minutes, seconds, fraction, offset = match.groups()
    offset = "+00:00" if offset in {"z", "Z"} else offset
    leap = seconds == "60"
    read = time.fromisoformat(
        f"{minutes}:{'59' if leap else seconds}{(fraction or '')[:7].ljust(7, '0') if fraction else ''}{offset}"
    )
    if leap:
        shift = read.utcoffset() or timedelta()
        utc = (datetime(2000, 1, 2, read.hour, read.minute) - shift).time()
        if (utc.hour, utc.minute) != (23, 59):
            raise ValueError(f"not a time: {text!r}; a leap second is at 23:59:60 UTC")
    return read


def parse_date_time(text: str) -> datetime:
    """Read ``2024-02-29T12:30:00Z`` (RFC 3339): the offset is required."""
    if len(text) < 11 or text[10] not in "Tt":
        raise ValueError(f"not a date-time: {text!r}; write 2024-02-29T12:30:00Z")
    return datetime.combine(parse_date(text[:10]), parse_time(text[11:]))


def parse_duration(text: str) -> timedelta:
    """Read ``P3DT4H`` (ISO 8601); raise ValueError for years and months, which vary in length."""
    match = _duration(text)
    parts = {name: int(value) for name, value in match.groupdict().items() if value is not None}
    if parts.keys() & {"years", "months"}:
        raise ValueError(f"years and months have no fixed length: {text!r}")
    return timedelta(**parts)


def _duration(text: str) -> re.Match[str]:
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groupdict().values()):
        raise ValueError(f"not a duration: {text!r}; write P3DT4H")
    return match


def _hostname(text: str) -> bool:
    return len(text) <= 253 and _HOST.fullmatch(text) is not None


def _email(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    if not at or len(text) > 320 or not _LOCAL.fullmatch(local):
        return False
    if domain.startswith("[") and domain.endswith("]"):
        return _address(domain[1:-1].removeprefix("IPv6:"))
    return _hostname(domain) or (not domain.isascii() and _hostname(_ascii(domain)))


def _ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _address(text: str) -> bool:
    return _parses(ipaddress.ip_address)(text) and "%" not in text


def _uri_reference(text: str) -> bool:
    parts = _URI.fullmatch(text)
    if parts is None or not _URI_CHARS.fullmatch(text):
        return False
    scheme, authority, path, query, fragment = parts.groups()
    rest = path + (query or "")[1:] + (fragment or "")[1:]
    if re.search(r"[\[\]]", rest) or "#" in rest:
        return False
    if scheme is None and authority is None and ":" in path.split("/", maxsplit=1)[0]:
        return False
    return authority is None or _authority(authority)


def _authority(text: str) -> bool:
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        return False
    host = match.group(1)
    literal = host.startswith("[") and not host.lower().startswith("[v")
    return not literal or _parses(ipaddress.IPv6Address)(host[1:-1])


def _uri(text: str) -> bool:
    match = _URI.fullmatch(text)
    return match is not None and match.group(1) is not None and _uri_reference(text)


def _parses(read: Callable[[str], object]) -> Callable[[str], bool]:
    def holds(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return holds


def _pattern_holds(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


FORMATS: dict[str, Callable[[str], bool]] = {
    "date": _parses(parse_date),
    "date-time": _parses(parse_date_time),
    "duration": _parses(_duration),
    "email": lambda text: text.isascii() and _email(text),
    "hostname": _hostname,
    "idn-email": _email,
    "ipv4": _parses(ipaddress.IPv4Address),
    "ipv6": lambda text: "%" not in text and _parses(ipaddress.IPv6Address)(text),
    "json-pointer": _pattern_holds(_POINTER),
    "regex": _parses(compile_pattern),
    "time": _parses(parse_time),
    "uri": _uri,
    "uri-reference": _uri_reference,
    "uuid": _pattern_holds(_UUID),
}
"""Format names of JSON Schema that are checked."""
