"""Parsing: values as written, places of everything, and bounds before anything is built."""

from __future__ import annotations

import pytest

from omninode_bridge.errors import (
    ContractError,
    ContractInvalidError,
    ContractSecurityError,
    ContractSyntaxError,
    NotAContractError,
    UnsupportedFeatureError,
)
from omninode_bridge.generation.document import parse_document


def test_values_stay_what_json_knows() -> None:
    """Dates, yes/no words and odd keys stay text; numbers and booleans are read."""
    text = (
        "on: 1\n2: two\nyes: no\nday: 2024-01-05\nclock: 12:30:00\nversion: 1.10\nbig: 1e3\n"
        "hex: 0x1F\ntrue: true\nnothing: ~\nquoted: '5'\ninf: .inf\nhuge: 1e999\n"
    )

    document = parse_document(text)

    assert document.data == {
        "on": 1,
        "2": "two",
        "yes": "no",
        "day": "2024-01-05",
        "clock": "12:30:00",
        "version": 1.1,
        "big": 1000.0,
        "hex": 31,
        "true": True,
        "nothing": None,
        "quoted": "5",
        "inf": ".inf",
        "huge": "1e999",
    }
    assert document.written(("version",)) == "1.10"


def test_places_point_at_values_or_the_key_above() -> None:
    """A value on its key's line has its own place, one below has the key's."""
    document = parse_document("a:\n  b: {c: 1}\n  d:\n    - x\n    - y\n")

    assert document.place(("a",)) == (1, 1)
    assert document.place(("a", "b", "c")) == (2, 10)
    assert document.place(("a", "d")) == (3, 3)
    assert document.place(("a", "d", 1)) == (5, 7)
    assert document.place(("a", "b", "missing", 0)) == (2, 6)


def test_duplicate_keys_name_both_lines() -> None:
    """The same key twice is refused, also where YAML 1.1 would see two types."""
    with pytest.raises(ContractSyntaxError, match="'on'") as caught:
        parse_document("a: 1\non: 1\nb: {x: 1}\n'on': 2\n")

    assert (caught.value.line, caught.value.related_lines) == (4, (2,))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: {c: {d: 1", 2),
        ("a: 1\nb: [1, 2\n", 2),
        ("a: 1\nb: 'text\nmore", 3),
        ("a: 1\nb: 2\nnod", 3),
    ],
)
def test_a_cut_off_file_says_so_with_its_last_line(text: str, line: int) -> None:
    """Text that just stops is called cut off."""
    with pytest.raises(ContractSyntaxError, match="the file ends") as caught:
        parse_document(text)

    assert caught.value.line == line
    assert "cut off" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("", NotAContractError, "empty"),
        ("# only\n---\n", NotAContractError, "empty"),
        ("- a\n", NotAContractError, "top level is a list"),
        ("just text", NotAContractError, "top level is a single value"),
        ("a: 1\n---\nb: 2\n", ContractSyntaxError, "second document"),
        ("a: {{ x }}", ContractSyntaxError, "where a key should be"),
        ("a:\n\tb: 1\n", ContractSyntaxError, "a tab"),
        ("a: b: c", ContractSyntaxError, "where no key can be"),
        ("a: @x", ContractSyntaxError, "'@' cannot start"),
        ("a: *b", ContractSyntaxError, "has no anchor"),
        ("a: &a [*a]", ContractSyntaxError, "inside its own anchor"),
        ("<<: 3", ContractSyntaxError, "merge key"),
        ("a: \x01", ContractSyntaxError, "not allowed"),
        ("a: \ud800", ContractSyntaxError, "not allowed"),
        ("a: !!python/object/apply:os.system [id]", ContractSecurityError, "python"),
        (
            "%TAG !p! tag:yaml.org,2002:python/\n---\na: !p!name:os.system x",
            ContractSecurityError,
            "python",
        ),
        ("a: !include b.yaml", UnsupportedFeatureError, "include"),
        ("a: !!binary aGk=", UnsupportedFeatureError, "binary"),
        ("a: " + "9" * 400, ContractInvalidError, "300 digits"),
        ("[" * 5000, ContractInvalidError, "deeper than 64"),
        ("a: [" + "1," * 200_000 + "]", ContractInvalidError, "100000 values"),
    ],
)
def test_what_is_no_document_is_refused_with_its_reason(
    text: str, error: type[ContractError], words: str
) -> None:
    """Every kind of trouble has its class, a sentence and a line."""
    with pytest.raises(error, match=words) as caught:
        parse_document(text, path="x.yaml")

    assert type(caught.value) is error
    assert caught.value.path == "x.yaml"
    assert caught.value.line is not None


def test_aliases_are_counted_before_they_are_expanded() -> None:
    """A billion laughs end at the bound; honest anchors and merges work."""
    bomb = "a0: &a0 [x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
    )
    with pytest.raises(ContractInvalidError, match="aliases expanded"):
        parse_document(bomb)

    honest = parse_document("base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3}\n")

    assert honest.data["use"] == {"x": 1, "y": 3}


def test_leading_empty_documents_and_json_are_read() -> None:
    """A licence header between markers and a JSON file with escapes are documents."""
    assert parse_document("---\n# licence\n---\na: 1\n...\n").data == {"a": 1}
    assert parse_document('{\n\t"a": "\\ud83d\\ude00\\/x"\n}', path="a.json").data == {
        "a": "\U0001f600/x"
    }


def test_edits_make_new_documents_with_right_places() -> None:
    """Removing a list item moves the places of later ones; renaming keeps the order."""
    document = parse_document("a:\n  - x\n  - y\n  - z\nb: 1\n")

    shorter = document.without(("a", 0))
    renamed = document.renamed(("a",), "c")

    assert shorter.data["a"] == ["y", "z"]
    assert shorter.place(("a", 0)) == (3, 5)
    assert list(renamed.data) == ["c", "b"]
    assert renamed.place(("c", 2)) == (4, 5)
    assert document.data == {"a": ["x", "y", "z"], "b": 1}
