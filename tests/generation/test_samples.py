"""Samples: every constraint has one that only it refuses, and the reference validator agrees."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from omninode_bridge.generation.samples import Samples, make_samples
from omninode_bridge.generation.samples_reference import MAX_LOOKS, Exhausted, Reference, finds
from omninode_bridge.generation.samples_strings import (
    FORMAT_EXAMPLES,
    NOT_IN_FORMAT,
    matching,
    mutations,
    stretched,
)
from omninode_bridge.runtime.model_texts import FORMATS

PATTERNS = [
    r"^INV-[0-9]{6}$",
    r"^[#@][a-z0-9_-]{1,79}$",
    r"^(?=.*\d)(?=.*[A-Z]).{8,}$",
    r"^(?!abc)[a-z]{3,}$",
    r"^(foo|ba(r|z){2})+$",
    r"^[^\s@]+@[^\s@]+\.[a-z]{2,}$",
    r"^(a)\1$",
    r"^v?\d+\.\d+\.\d+(-[\w.]+)?$",
    r"^[\u4e00-\u9fff]{2,4}$",
    r"^\W\D\S$",
    r"(a+)+$",
    r"[0-9]",
]


def one(schema: dict[str, Any], *, required: bool = True) -> Samples:
    """Make samples of an object with one property `x`."""
    needed = ["x"] if required else []
    return make_samples({"type": "object", "required": needed, "properties": {"x": schema}})


def refused(samples: Samples, name: str) -> list[object]:
    """Return the values of `x` in refused samples of this name."""
    return [s.data["x"] for s in samples.refused if s.name == name]  # type: ignore[index]


@pytest.mark.parametrize(
    ("schema", "keyword", "value"),
    [
        ({"type": "integer", "minimum": 1}, "minimum", 0),
        ({"type": "integer", "maximum": 599}, "maximum", 600),
        ({"type": "integer", "minimum": 1.5, "maximum": 7.5}, "minimum", 1),
        ({"type": "number", "maximum": 599}, "maximum", 599.5),
        ({"type": "number", "exclusiveMinimum": 0}, "exclusiveMinimum", 0),
        ({"type": "number", "exclusiveMaximum": 1}, "exclusiveMaximum", 1),
        ({"type": "integer", "multipleOf": 7, "minimum": 10}, "minimum", 7),
        ({"type": "integer", "multipleOf": 2}, "multipleOf", 1),
        ({"type": "string", "maxLength": 3}, "maxLength", "text"),
        ({"type": "string", "minLength": 2, "pattern": "^[A-Z]*$"}, "minLength", "A"),
        ({"type": "string", "maxLength": 3, "pattern": "^[0-9]+$"}, "maxLength", "0000"),
        ({"type": "string", "pattern": "^[0-9]{3}$"}, "pattern", "a00"),
        ({"type": "string", "format": "date"}, "format", "2024-13-01"),
        ({"type": "array", "minItems": 2}, "minItems", ["text"]),
        ({"type": "array", "maxItems": 1, "items": {"type": "integer"}}, "maxItems", [1, 1]),
        (
            {"type": "array", "maxItems": 2, "uniqueItems": True, "items": {"type": "integer"}},
            "maxItems",
            [1, 2, 3],
        ),
        ({"type": "array", "uniqueItems": True, "items": {"type": "string"}}, "uniqueItems", None),
        ({"enum": ["GET", "HEAD"]}, "enum", "GETx"),
        ({"const": 5}, "const", 6),
        ({"type": "object", "minProperties": 1}, "minProperties", {}),
        ({"type": "object", "additionalProperties": False}, "additionalProperties", None),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "anyOf none", "text"),
        ({"oneOf": [{"minimum": 0}, {"maximum": 5}]}, "oneOf several", None),
        ({"type": "string", "not": {"const": "no"}}, "not", "no"),
        ({"type": "array", "contains": {"const": 7}}, "contains", None),
        ({"type": "object", "propertyNames": {"maxLength": 3}}, "maxLength of a name", None),
        (
            {"type": "array", "prefixItems": [{"type": "integer"}], "items": False},
            "items",
            [1, 1],
        ),
        (
            {"type": "object", "properties": {"a": {}, "b": {}}, "dependentRequired": {"a": ["b"]}},
            "dependentRequired b with a",
            {"a": "text"},
        ),
    ],
)
def test_each_constraint_is_broken_at_its_edge(
    schema: dict[str, Any], keyword: str, value: object
) -> None:
    """The value is the nearest that breaks the constraint; None means: any value will do."""
    samples = one(schema)

    found = refused(samples, f"x {keyword}")
    assert found
    assert value is None or found == [value]
    assert not [name for name in samples.untested if name.endswith(f" {keyword.split()[0]}")]


@pytest.mark.parametrize(
    ("kinds", "given"),
    [
        ("integer", {"string", "number", "boolean", "null"}),
        ("string", {"integer", "boolean", "null"}),
        (["string", "null"], {"integer", "boolean"}),
        ("array", {"object", "string", "null"}),
    ],
)
def test_wrong_types_are_the_ones_that_lax_readers_take(kinds: object, given: set[str]) -> None:
    """Each type is tried with its look-alikes, and with null unless that is allowed."""
    names = [sample.name for sample in one({"type": kinds}).refused]

    assert given <= {name.removeprefix("x type given ") for name in names}


def test_a_fraction_in_range_stands_for_a_number_that_is_not_whole() -> None:
    """The wrong type must not hide behind a bound."""
    samples = one({"type": "integer", "minimum": 100, "maximum": 599})

    assert refused(samples, "x type given number") == [100.5]


def test_edges_are_accepted() -> None:
    """Bounds, lengths, members, branches and null are each shown once."""
    samples = make_samples(
        {
            "type": "object",
            "properties": {
                "n": {"type": "integer", "minimum": 2, "maximum": 9},
                "s": {"type": ["string", "null"], "minLength": 2, "maxLength": 4},
                "e": {"enum": ["a", 1]},
                "u": {"anyOf": [{"type": "boolean"}, {"type": "array", "maxItems": 1}]},
            },
        }
    )

    values = [json.dumps(sample.data) for sample in samples.accepted]
    for wanted in (
        '{"n": 2}', '{"n": 9}', '{"n": 2.0}', '{"s": "te"}', '{"s": "text"}', '{"s": null}',
        '{"e": "a"}', '{"e": 1}', '{"u": true}', '{"u": false}', '{"u": []}', '{"u": ["text"]}', "{}",
    ):  # fmt: skip
        assert wanted in values


def test_defaults_come_in_pairs() -> None:
    """A default is shown left out and written out, at any depth, behind references too."""
    samples = make_samples(
        {
            "type": "object",
            "properties": {"a": {"$ref": "#/$defs/A"}, "n": {"type": "integer", "default": 3}},
            "$defs": {"A": {"type": "object", "properties": {"b": {"default": {"c": 1}}}}},
        }
    )

    assert {(s.name, json.dumps(s.absent), json.dumps(s.present)) for s in samples.defaults} == {
        ("n default", "{}", '{"n": 3}'),
        ("a.b default", '{"a": {}}', '{"a": {"b": {"c": 1}}}'),
    }


def test_places_are_named_like_pydantic_names_them() -> None:
    """Missing and unexpected properties are reported where they would stand."""
    samples = make_samples(
        {
            "type": "object",
            "properties": {
                "lines": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["q"],
                        "additionalProperties": False,
                        "properties": {"q": {"type": "integer", "minimum": 1}},
                    },
                }
            },
        }
    )

    places = {sample.name: sample.at for sample in samples.refused}
    assert places["lines[].q minimum"] == ("lines", 0, "q")
    assert places["lines[].q required"] == ("lines", 0, "q")
    assert places["lines[] additionalProperties"] == ("lines", 0, "unexpected")


def test_redundant_constraints_are_reported_as_untested() -> None:
    """What no value can break alone is said, not guessed."""
    samples = one({"type": "integer", "minimum": 3, "exclusiveMinimum": 5})

    assert samples.untested == ("#/properties/x minimum",)


def test_recursive_schemas_end() -> None:
    """A tree is sampled down to its first repetition."""
    samples = make_samples(
        {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "minLength": 1},
                "children": {"type": "array", "maxItems": 2, "items": {"$ref": "#"}},
            },
        }
    )

    assert samples.untested == ()
    assert "children maxItems" in {sample.name for sample in samples.refused}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/A", "$defs": {"A": {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}}},
        {"allOf": [{"$ref": "#"}]},
        {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#"}}},
        {"type": "object", "required": ["a"], "properties": {"a": False}},
    ],
)
def test_schemas_that_nothing_satisfies_have_no_samples(schema: dict[str, Any]) -> None:
    """Circles and contradictions are reported, and end."""
    samples = make_samples(schema)

    assert samples.accepted == ()


def test_large_bounds_stay_within_reason() -> None:
    """A million characters are made; a billion are reported."""
    long = one({"type": "string", "maxLength": 1_000_000})
    longer = one({"type": "string", "maxLength": 10**9})
    many = one({"type": "array", "maxItems": 10_000, "items": {"type": "integer"}})

    assert [len(str(value)) for value in refused(long, "x maxLength")] == [1_000_001]
    assert longer.untested == ("#/properties/x maxLength",)
    assert [len(value) for value in refused(many, "x maxItems")] == [10_001]  # type: ignore[arg-type]


def test_a_pattern_that_can_run_forever_does_not() -> None:
    """Exponential patterns are searched under a limit."""
    samples = one({"type": "string", "pattern": "^(([a-z])+.)+[A-Z]([a-z])+$", "maxLength": 60})

    assert refused(samples, "x pattern")


@pytest.mark.parametrize(
    "pattern", ["^[a-z]{1000000}$", "^((a{1000}){1000}){1000}$", "^((()*){9999}){9999}$"]
)
def test_texts_that_are_too_long_to_write_are_not_begun(pattern: str) -> None:
    """Repeats within repeats have no candidates where their shortest text has a million parts."""
    assert list(matching(pattern, 8)) == []
    assert list(matching("^[a-z]+$", 1_000_000)) == []


def test_the_work_is_bounded_however_dear_a_check_is() -> None:
    """A check of a large schema costs more, so fewer are made; the rest is reported as untested."""
    parts = [{"oneOf": [{"required": [f"p{n}_{k}"]} for k in range(6)]} for n in range(200)]
    schema = {"type": "object", "allOf": [*parts, {"enum": [*range(20_000)]}]}

    reference = Reference(schema)

    with pytest.raises(Exhausted):
        for _ in range(MAX_LOOKS // 20_000 + 1):
            reference._count()


def test_wide_schemas_are_bounded() -> None:
    """Hundreds of properties end, with everything of them tested or reported."""
    properties = {f"p{n}": {"type": "integer", "minimum": n} for n in range(400)}

    samples = make_samples({"type": "object", "properties": properties})

    assert len(samples.accepted) + len(samples.refused) <= 4_100
    broken = {s.name for s in samples.refused if s.name.endswith(" minimum")}
    reported = {name for name in samples.untested if name.endswith(" minimum")}
    assert len(broken) + len(reported) == 400


def test_the_same_schema_has_the_same_samples() -> None:
    """Nothing depends on chance or on the order of sets."""
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"a": {"type": ["string", "integer", "null"]}, "b": {"enum": [3, 1, 2]}},
    }

    assert make_samples(schema) == make_samples(json.loads(json.dumps(schema)))


SCALARS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("integer")},
        optional={
            "minimum": st.integers(-5, 5),
            "maximum": st.integers(-5, 5),
            "multipleOf": st.integers(1, 4),
            "default": st.integers(-5, 5),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["string", ["string", "null"]])},
        optional={
            "minLength": st.integers(0, 4),
            "maxLength": st.integers(0, 9),
            "pattern": st.sampled_from(PATTERNS),
        },
    ),
    st.fixed_dictionaries(
        {"enum": st.lists(st.sampled_from([1, "1", None, True, 1.5]), min_size=1)}
    ),
)
SCHEMAS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner},
            optional={"minItems": st.integers(0, 3), "uniqueItems": st.booleans()},
        ),
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries(
            {
                "type": st.just("object"),
                "properties": st.dictionaries(st.sampled_from("abc"), inner),
            },
            optional={
                "required": st.lists(st.sampled_from("abc"), unique=True),
                "additionalProperties": st.booleans(),
            },
        ),
    ),
    max_leaves=5,
)


@given(SCHEMAS)
def test_an_independent_validator_agrees(schema: dict[str, Any]) -> None:
    """What is accepted is valid, and what is refused is not."""
    samples = make_samples({"type": "object", "properties": {"x": schema}})

    plain = Draft202012Validator({"type": "object", "properties": {"x": schema}})
    for accepted in samples.accepted:
        plain.validate(accepted.data)
    for bad in samples.refused:
        assert not plain.is_valid(bad.data)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_texts_are_found_for_patterns(pattern: str) -> None:
    """Patterns as contracts have them get a text that matches, and one that does not."""
    texts = [
        text
        for serial in range(4)
        for text in matching(pattern, 8, serial=serial)
        if finds(pattern, text)
    ]

    assert texts
    assert any(not finds(pattern, near) for near in mutations(texts[0]))


@pytest.mark.parametrize("length", [5, 40, 80])
def test_texts_have_the_wanted_length(length: int) -> None:
    """Where a pattern leaves the length open, the wanted one is hit."""
    assert [len(text) for text in matching("^[#@][a-z0-9_-]{1,79}$", length)] == [length]


def test_format_examples_agree_with_the_models() -> None:
    """Every checked format has examples that it accepts and others that it refuses."""
    assert set(FORMAT_EXAMPLES) == set(NOT_IN_FORMAT) == set(FORMATS)
    for name, holds in FORMATS.items():
        assert all(map(holds, FORMAT_EXAMPLES[name])), name
        assert not any(map(holds, NOT_IN_FORMAT[name])), name
        assert all(map(holds, stretched(name, 30))), name


@pytest.mark.parametrize(
    ("format_", "pattern"),
    [
        ("email", r"@example\.org$"),
        ("email", r"^sales\+"),
        ("hostname", r"\.internal$"),
        ("uri", "^https://api"),
    ],
)
def test_a_format_beside_a_pattern_has_samples(format_: str, pattern: str) -> None:
    """A required text that must match a pattern in its format is found."""
    text = {"type": "string", "format": format_, "pattern": pattern}

    samples = make_samples({"type": "object", "required": ["a"], "properties": {"a": text}})

    assert samples.accepted
    assert samples.blocked == ()
