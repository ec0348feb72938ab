"""Texts of a wanted length that match patterns and formats, without any chance."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

__all__ = ["FORMAT_EXAMPLES", "NOT_IN_FORMAT", "matching", "mutations", "stretched"]

MAX_REPEAT = 10_000
MAX_PARTS = 100_000
"""Parts of one text: repeats within repeats multiply, also where each of them is empty."""
ALPHABET = "a0A_-. xzXZ19/:@#+=!?*()[]{}<>|~$%^&,;'\"\\é\t\n"
FILLERS = {"CATEGORY_DIGIT": "0123456789", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "abc019_xyzABC"}
MEMBERS: dict[str, Callable[[str], bool]] = {
    "CATEGORY_DIGIT": str.isdigit,
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_WORD": lambda char: char.isalnum() or char == "_",
}

FORMAT_EXAMPLES: dict[str, tuple[str, ...]] = {
    "date": ("2024-02-29", "1999-12-31"),
    "date-time": ("2024-02-29T12:30:00Z", "1999-12-31T23:59:59.25+02:00"),
    "duration": ("P3DT4H", "PT30S"),
    "email": ("ada@example.com", "a.b@c.example"),
    "hostname": ("example.com", "db-1.internal"),
    "idn-email": ("ada@example.com",),
    "ipv4": ("192.0.2.1", "198.51.100.255"),
    "ipv6": ("2001:db8::1", "2001:db8:0:0:0:0:0:ff"),
    "json-pointer": ("/a/b", ""),
    "regex": ("^a+$", "b"),
    "time": ("12:30:00Z", "23:59:59+02:00"),
    "uri": ("https://example.com/a", "urn:isbn:0451450523"),
    "uri-reference": ("/a/b?c=d", "https://example.com/"),
    "uuid": ("123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000000"),
}
NOT_IN_FORMAT: dict[str, tuple[str, ...]] = {
    "date": ("2024-13-01", "29.02.2024"),
    "date-time": ("2024-02-29 12:30", "2024-02-30T12:30:00Z"),
    "duration": ("3 days", "P"),
    "email": ("ada.example.com", "@"),
    "hostname": ("-example-.com", "a b"),
    "idn-email": ("ada.example.com",),
    "ipv4": ("256.0.2.1", "1.2.3"),
    "ipv6": ("2001:db8::g", "1::2::3"),
    "json-pointer": ("a/b", "/~2"),
    "regex": ("(", "["),
    "time": ("25:00:00Z", "12:30"),
    "uri": ("//example.com/a b", "no scheme"),
    "uri-reference": ("a b", "%zz"),
    "uuid": ("123e4567-e89b-12d3-a456-42661417400", "123e4567e89b12d3a456426614174000"),
}
# Prefix and suffix around any number of "a" that keep a text in its format.
STRETCH = {
    "email": ("", "@example.com"),
    "hostname": ("", ""),
    "idn-email": ("", "@example.com"),
    "json-pointer": ("/", ""),
    "regex": ("", ""),
    "uri": ("x:", ""),
    "uri-reference": ("/", ""),
}


def stretched(format_: str, length: int) -> Iterator[str]:
    """Yield texts of `length` characters in a format that has no length of its own."""
    if format_ in STRETCH:
        before, after = STRETCH[format_]
        filling = length - len(before) - len(after)
        if filling >= 0:
            yield before + "a" * filling + after


def matching(pattern: str, length: int, *, serial: int = 0) -> Iterator[str]:
    """Yield candidates of about `length` characters for `pattern`; the caller checks them.

    Args:
        pattern: a regular expression that is searched.
        length: the wanted length; the nearest possible is taken.
        serial: different numbers give different texts where the pattern leaves a choice.
    """
    if not _is_writable(pattern):
        return
    writer = _Writer(serial)
    try:
        text = writer.sequence(_tree(pattern), length)
    except _TooManyPartsError:
        return
    yield text
    if len(text) < length:
        yield text + "a" * (length - len(text))
        yield "a" * (length - len(text)) + text
    for extra in (writer.wanted, writer.wanted[::-1]):
        hints = "".join(extra)
        if hints:
            yield hints + text[len(hints) :]
            yield text[: max(len(text) - len(hints), 0)] + hints
            yield hints + "a" * (length - len(hints))


def mutations(text: str) -> Iterator[str]:
    """Yield near misses of `text`: first of the same length, then longer and shorter ones."""
    places = sorted({0, len(text) - 1, len(text) // 2} & set(range(len(text))))
    for place in places:
        for char in ALPHABET:
            if char != text[place]:
                yield text[:place] + char + text[place + 1 :]
    for char in ALPHABET:
        yield text + char
        yield char + text
    yield text[:-1]
    yield text[1:]
    for char in ALPHABET:
        yield char * len(text)
    yield ""


@lru_cache(maxsize=256)
def _tree(pattern: str) -> Any:
    from re import _parser  # type: ignore[attr-defined]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _parser.parse(_without_properties(pattern))


_PROPERTIES = {
    "L": "A-Za-z",
    "Lu": "A-Z",
    "Ll": "a-z",
    "N": "0-9",
    "P": "!-",
    "S": "+",
    "Sc": "$",
    "Z": " ",
}
_TOKEN = re.compile(r"\\([pP])\{\^?([A-Za-z]+)[^}]*\}|\\.|\[\^?\]?|\]", re.DOTALL)


def _without_properties(pattern: str) -> str:
    r"""Write ``\p{Lu}`` as a few characters of that kind: the parser of `re` knows none."""
    inside = False

    def plain(match: re.Match[str]) -> str:
        nonlocal inside
        text, kind = match.group(), match.group(1)
        if kind is None:
            inside = text.startswith("[") or (inside and text != "]")
            return text
        name = match.group(2)
        chars = _PROPERTIES.get(name) or _PROPERTIES.get(name[:1].upper(), "A-Za-z")
        if kind == "P":
            chars = "0-9" if chars.startswith(("A", "a")) else "a-z"
        return chars if inside else f"[{chars}]"

    return _TOKEN.sub(plain, pattern)


@lru_cache(maxsize=256)
def _is_writable(pattern: str) -> bool:
    """Whether the parser knows the pattern and its shortest text is not too long to be written."""
    try:
        _Writer(0).sequence(_tree(pattern), 0)
    except Exception:  # noqa: BLE001 - neither has candidates
        return False
    return True


class _TooManyPartsError(Exception):
    """The text would have more than `MAX_PARTS` parts."""


class _Writer:
    """Writes one text along a parse tree, spending `length` on the first repeats that can take it."""

    def __init__(self, serial: int) -> None:
        self._serial = serial
        self._parts_left = MAX_PARTS
        self._groups: dict[int, str] = {}
        self.wanted: list[str] = []

    def sequence(self, items: Sequence[Any], length: int) -> str:
        self._parts_left -= 1 + len(items)
        if self._parts_left < 0:
            raise _TooManyPartsError
        widths = [_width(item) for item in items]
        spare = max(length - sum(low for low, _ in widths), 0)
        parts = []
        for item, (low, high) in zip(items, widths, strict=True):
            size = low + min(spare, high - low)
            part = self._item(item, size)
            spare -= max(len(part) - low, 0)
            parts.append(part)
        return "".join(parts)

    def _item(self, item: Any, size: int) -> str:
        name, argument = str(item[0]), item[1]
        if name == "LITERAL":
            return chr(argument)
        if name == "NOT_LITERAL":
            return self._pick([char for char in ALPHABET if ord(char) != argument])
        if name == "ANY":
            return self._pick("abcdefghij")
        if name == "IN":
            return self._pick(_members(argument))
        if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            return self._repeat(argument, size)
        if name == "SUBPATTERN":
            text = self.sequence(argument[3], size)
            self._groups[argument[0]] = text
            return text
        if name == "ATOMIC_GROUP":
            return self.sequence(argument, size)
        if name == "BRANCH":
            fits = [one for one in argument[1] if _fits(one, size)] or list(argument[1])
            return self.sequence(fits[self._turn(len(fits))], size)
        if name == "GROUPREF":
            return self._groups.get(argument, "")
        if name == "ASSERT":
            self.wanted.append(self.sequence(argument[1], 0))
        return ""

    def _repeat(self, argument: Any, size: int) -> str:
        least, most, body = argument
        low, high = _total(body)
        most = min(int(most), MAX_REPEAT * 200)
        count = max(least, -(-size // high) if high else least)
        if low:
            count = max(min(count, most, size // low), least)
        parts: list[str] = []
        left = size
        for index in range(min(count, most)):
            share = max(left - low * (count - index - 1), low)
            parts.append(self.sequence(body, min(share, high)))
            left -= len(parts[-1])
        return "".join(parts)

    def _pick(self, options: Sequence[str]) -> str:
        return options[self._turn(len(options))] if options else ""

    def _turn(self, count: int) -> int:
        """Take one digit of the serial number, in a number system of base `count`."""
        self._serial, digit = divmod(self._serial, max(count, 1))
        return digit


def _members(entries: Sequence[Any]) -> list[str]:
    negated = bool(entries) and str(entries[0][0]) == "NEGATE"
    found: list[str] = []
    for kind, value in entries[1:] if negated else entries:
        name = str(kind)
        if name == "LITERAL":
            found.append(chr(value))
        elif name == "RANGE":
            low, high = value
            top = min(high, low + 25)
            found += [chr(code) for code in range(low, top + 1)]
            if negated:
                found += [char for char in ALPHABET if low <= ord(char) <= high]
        elif str(value) in FILLERS:
            found += FILLERS[str(value)]
        else:
            inside = MEMBERS.get(str(value).replace("_NOT_", "_"), str.isspace)
            found += [char for char in ALPHABET if not inside(char)]
    if negated:
        return [char for char in ALPHABET if char not in found]
    return sorted(found, key=lambda char: (not char.isalnum(), not char.isascii()))


def _fits(body: Sequence[Any], size: int) -> bool:
    low, high = _total(body)
    return low <= size <= high


def _total(body: Sequence[Any]) -> tuple[int, int]:
    low, high = body.getwidth() if hasattr(body, "getwidth") else (0, 0)
    return int(low), int(min(high, MAX_REPEAT * 200))


def _width(item: Any) -> tuple[int, int]:
    name, argument = str(item[0]), item[1]
    if name in {"LITERAL", "NOT_LITERAL", "ANY", "IN"}:
        return 1, 1
    if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
        low, high = _total(argument[2])
        return low * argument[0], min(high * int(argument[1]), MAX_REPEAT * 200)
    if name == "SUBPATTERN":
        return _total(argument[3])
    if name == "ATOMIC_GROUP":
        return _total(argument)
    if name == "BRANCH":
        widths = [_total(one) for one in argument[1]]
        return min(low for low, _ in widths), max(high for _, high in widths)
    return 0, 0
