"""What generated models stand on: formats, patterns, comparison as JSON."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import jsonschema
import pytest
from pydantic import TypeAdapter, ValidationError

from omninode_bridge.runtime import formats
from omninode_bridge.runtime.formats import TextFormat
from omninode_bridge.runtime.model_checks import Pattern, Values
from omninode_bridge.runtime.model_json import json_copy, json_key
from omninode_bridge.runtime.model_patterns import MAX_TEXT, compile_pattern
from omninode_bridge.runtime.model_texts import FORMATS

FORMAT_CASES: dict[str, tuple[list[str], list[str]]] = {
    "date": (["2024-02-29", "0001-01-01"], ["2023-02-29", "24-01-01", "2024-1-1", "20240101", "２０24-01-01"]),
    "time": (
        ["12:30:00Z", "12:30:00z", "23:59:60Z", "00:59:60+01:00", "12:30:00.5-23:59"],
        ["12:30:00", "12:30Z", "24:00:00Z", "12:60:00Z", "12:30:61Z", "12:30:60Z", "12:30:00+24:00", "5"],
    ),
    "date-time": (
        ["2024-02-29T12:30:00Z", "2024-02-29t12:30:00.123456789+02:00", "1990-12-31T23:59:60Z"],
        ["2024-02-29", "2024-02-29T12:30:00", "2024-02-30T12:30:00Z", "1709210000", "2024-02-29 12:30:00Z"],
    ),
    "duration": (
        ["P1D", "PT1H", "P3Y6M4DT12H30M5S", "P2W", "PT0S", "P1M", "PT36H"],
        ["", "P", "PT", "1D", "P1", "P1DT", "P1H", "P2W1D", "PT1.5S", "P-1D"],
    ),
    "email": (
        ["a@b.cc", "a.b+c@example.org", '"a b"@x', "a@[127.0.0.1]", "a@[IPv6:::1]"],
        ["", "@", "a@", "@b", "a b@c", "a@b..c", ".a@b", "a@-b", "a@[1.2.3]", "é@b.cc", "a@b@"],
    ),
    "idn-email": (["é@bücher.example"], ["é@", "a@b c"]),
    "hostname": (["a", "example.org", "1.2.3.4", "x" * 63], ["", "-a", "a-", "a..b", "a_b", "x" * 64, "a.", "é"]),
    "ipv4": (["0.0.0.0", "255.255.255.255"], ["256.0.0.1", "1.2.3", "01.2.3.4", "1.2.3.4/8", "::1"]),
    "ipv6": (["::", "::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4"], ["1.2.3.4", ":::", "12345::", "fe80::1%eth0"]),
    "uuid": (
        ["2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2EB8AA08-AA98-11EA-B4AA-73B441D16380"],
        ["2eb8aa08aa9811eab4aa73b441d16380", "{2eb8aa08-aa98-11ea-b4aa-73b441d16380}", "g" * 36, ""],
    ),
    "uri": (
        ["http://a", "https://u:p@h:80/p?q=1#f", "urn:isbn:1", "mailto:a@b", "http://[::1]/", "a:", "x:%20"],
        ["", "/p", "a", "http://a b", "http://a\\b", "1a:b", "http://[::1", "x:%2", "http://é", "a:b#c#d", ":a"],
    ),
    "uri-reference": (["", "/p", "a", "?q", "#f", "//h/p", "http://a"], ["a b", "\\", "%", "1:b/c"]),
    "json-pointer": (["", "/a", "/a~0b/~1"], ["a", "/~", "/~2"]),
    "regex": (["a+", "^(?!a)"], ["a(", "*"]),
}  # fmt: skip


def fits(annotation: Any, value: Any) -> bool:
    try:
        return bool(TypeAdapter(annotation).validate_python(value) == value)
    except ValidationError:
        return False


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_format(name: str) -> None:
    """A format takes its texts unchanged, refuses others, and has no opinion on other types."""
    good, bad = FORMAT_CASES[name]
    kind = Annotated[Any, TextFormat(name)]

    assert [text for text in good if not fits(kind, text)] == []
    assert [text for text in bad if fits(kind, text)] == []
    assert fits(kind, 12345)


@pytest.mark.parametrize("name", ["date", "ipv4", "ipv6"])
def test_formats_agree_with_the_reference_validator(name: str) -> None:
    """Where jsonschema checks a format by itself, both say the same on damaged texts."""
    checker = jsonschema.FormatChecker()
    chance = random.Random(7)
    alphabet = "0123456789abcdef-:.%/Z "
    for text in [one for group in FORMAT_CASES[name] for one in group if one.isascii()]:
        for _ in range(60):
            at = chance.randrange(len(text) + 1)
            damaged = text[:at] + chance.choice(alphabet) + text[at + chance.randrange(2) :]
            expected = checker.conforms(damaged, name)
            if name == "ipv6" and "%" in damaged:
                continue

            assert FORMATS[name](damaged) is expected, damaged


def test_texts_can_be_read() -> None:
    """The parsers give Python's own types."""
    assert formats.parse_date("2024-02-29") == date(2024, 2, 29)
    assert formats.parse_date_time("2024-02-29T01:00:00.1234567+01:00") == datetime(
        2024, 2, 29, 0, 0, 0, 123456, tzinfo=UTC
    )
    assert formats.parse_time("23:59:60Z").second == 59
    assert formats.parse_duration("P1DT2H") == timedelta(days=1, hours=2)
    with pytest.raises(ValueError, match="no fixed length"):
        formats.parse_duration("P1M")


def test_patterns_are_searched_anywhere() -> None:
    """A pattern without anchors may stand anywhere in the text."""
    assert compile_pattern("b")("abc")
    assert not compile_pattern("^b")("abc")
    assert fits(Annotated[Any, Pattern("b")], 5)


@pytest.mark.parametrize(
    "pattern",
    ["^(a+)+$", "^(a|a)*$", "(a?){40}a{40}", "^(a|aa)+$", "(.*)(.*)(.*)(.*)\\1x", "^(\\w+\\s?)*$"],
)
def test_a_pattern_never_runs_for_long(pattern: str) -> None:
    """A pattern that can blow up ends within its time limit, on texts made for it."""
    found = compile_pattern(pattern)
    found("a" * 40 + "!")
    found("a" * MAX_TEXT + "!")


def test_simple_patterns_are_exact_on_long_texts() -> None:
    """A plain pattern has the same answer on short and on long texts; too long ones are refused."""
    found = compile_pattern("^[a-z][a-z0-9_]*$")

    assert found("a" * 50_000)
    assert not found("a" * 50_000 + "-")
    assert not found("a" * (MAX_TEXT + 1))


def test_a_broken_pattern_is_a_value_error() -> None:
    """The message has the pattern."""
    with pytest.raises(ValueError, match=r"'a\(' is not a regular expression"):
        compile_pattern("a(")


def test_json_values_are_compared_as_json() -> None:
    """1 equals 1.0, differs from true and "1"; objects have no order, arrays do."""
    assert json_key(1) == json_key(1.0)
    assert len({json_key(value) for value in (1, True, "1", None, [1], {"a": 1})}) == 6
    assert json_key({"a": 1, "b": [2]}) == json_key({"b": [2.0], "a": 1})
    assert json_key([1, 2]) != json_key([2, 1])
    assert fits(Annotated[Any, Values({"a": [1]})], {"a": [1.0]})
    assert not fits(Annotated[Any, Values({"a": [1]})], {"a": [True]})


def test_a_copy_shares_no_container() -> None:
    """Changing a copy leaves the original alone."""
    original = {"a": [{"b": 1}]}

    copied = json_copy(original)
    copied["a"][0]["b"] = 2

    assert original == {"a": [{"b": 1}]}
