"""Every keyword of JSON Schema, one small schema each: what its model accepts, refuses and gives."""

from __future__ import annotations

import itertools
import json
import sys
import types
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from omninode_bridge.errors import ConfigurationError, ContractInvalidError
from omninode_bridge.generation.contract import Contract, NodeType
from omninode_bridge.generation.models import Generator, ModelsSource, generate_models
from omninode_bridge.generation.models_document import Document

LINE = {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}}
NODE = {
    "type": "object",
    "required": ["v"],
    "properties": {
        "v": {"type": "integer"},
        "next": {"$ref": "#/$defs/Node"},
        "kids": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
    },
}

# What stands for the schema of the property `x`; values that it accepts; values that it refuses.
CASES: list[tuple[str, dict[str, Any] | bool, list[Any], list[Any]]] = [
    ("integer", {"type": "integer"}, [1, 1.0, 2**70, -3], ["1", True, 1.5, None, [1]]),
    ("number", {"type": "number"}, [1, 1.5, 2**70], ["1.5", True, None]),
    ("boolean", {"type": "boolean"}, [True, False], [1, 0, "true", None]),
    ("string", {"type": "string"}, ["", "5"], [5, True, None, ["a"]]),
    ("null", {"type": "null"}, [None], [0, "", False]),
    ("types", {"type": ["string", "null"]}, ["", None], [5, False]),
    ("array", {"type": "array"}, [[], [1, "a"]], [{}, "ab", None]),
    ("object", {"type": "object"}, [{}, {"a": 1}], [[], "a", None]),
    ("anything", {}, [None, 1, "a", [], {}, True], []),
    ("true", True, [None, 1, {}], []),
    ("false", False, [], [None, 1, {}]),
    ("bounds", {"type": "integer", "minimum": 1, "maximum": 3}, [1, 3, 3.0], [0, 4]),
    (
        "exclusive",
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        [0.5, 0.001],
        [0, 1, -1],
    ),
    ("untyped bound", {"minimum": 5}, [5, "a", None, [], True], [4, 4.9]),
    ("multiple", {"type": "integer", "multipleOf": 3}, [0, 9, -3], [1, 10]),
    ("decimal multiple", {"type": "number", "multipleOf": 0.1}, [0.3, 0.7, 1, 1.1], [0.35]),
    ("cents", {"type": "number", "multipleOf": 0.01}, [19.99, 4.35, 1e300], [0.001]),
    ("lengths", {"type": "string", "minLength": 2, "maxLength": 3}, ["ab", "a😀b"], ["a", "abcd"]),
    ("pattern", {"type": "string", "pattern": "b+"}, ["abc", "b"], ["", "ac"]),
    ("anchors", {"type": "string", "pattern": "^a.c$"}, ["abc"], ["xabc", "abcx"]),
    ("lookahead", {"type": "string", "pattern": "^(?!x)a"}, ["ab"], ["xa"]),
    ("back reference", {"type": "string", "pattern": "^(.)\\1$"}, ["aa"], ["ab"]),
    ("property escape", {"type": "string", "pattern": "^\\p{Lu}"}, ["Éa"], ["éa"]),
    ("date", {"type": "string", "format": "date"}, ["2024-02-29"], ["2023-02-29", "12345"]),
    (
        "date-time",
        {"type": "string", "format": "date-time"},
        ["2024-02-29T12:30:00Z", "2024-02-29T12:30:00.123456789+02:00"],
        ["2024-02-29", "2024-02-29T12:30:00", "12345", 12345, "2024-02-30T00:00:00Z"],
    ),
    ("enum", {"enum": ["a", "b"]}, ["a"], ["c", "", None, 1]),
    ("nullable enum", {"enum": ["a", None]}, ["a", None], ["b"]),
    ("numbers", {"enum": [60, 300]}, [60, 300.0], [61, "60", True]),
    ("one is not true", {"enum": [1]}, [1, 1.0], [True, "1"]),
    ("true is not one", {"enum": [True]}, [True], [1, 1.0]),
    ("mixed", {"enum": [0, False, "0", None, 2.5]}, [0, False, "0", None, 2.5], [1, True, "2.5"]),
    ("structures", {"enum": [{"a": 1}, [1]]}, [{"a": 1}, {"a": 1.0}, [1]], [{"a": True}, []]),
    ("enum of a type", {"type": "integer", "enum": [1, "a", 2]}, [1, 2], ["a"]),
    ("const", {"const": "a"}, ["a"], ["b", None]),
    ("null const", {"const": None}, [None], [0, ""]),
    ("item count", {"type": "array", "minItems": 1, "maxItems": 2}, [[1], [1, 2]], [[], [1, 2, 3]]),
    ("items", {"type": "array", "items": {"type": "integer"}}, [[], [1]], [["a"], [True]]),
    ("no items", {"type": "array", "items": False}, [[]], [[1]]),
    ("unique", {"type": "array", "uniqueItems": True}, [[1, True], [[1], [2]]], [[1, 1.0], [{}, {}]]),
    (
        "tuple",
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
        [[], ["a"], ["a", 1]],
        [[1], ["a", "b"], ["a", 1, 2]],
    ),
    (
        "tuple with a tail",
        {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
        [["a"], ["a", 1, 2]],
        [["a", "b"]],
    ),
    ("contains", {"type": "array", "contains": {"const": 1}}, [[1], [0, 1]], [[], [2], [True]]),
    (
        "contains some",
        {"type": "array", "contains": {"type": "string"}, "minContains": 2, "maxContains": 3},
        [["a", "b"], ["a", 1, "b", "c"]],
        [["a"], ["a", "b", "c", "d"]],
    ),
    ("map", {"type": "object", "additionalProperties": {"type": "integer"}}, [{"a": 1}], [{"a": "1"}]),
    ("closed map", {"type": "object", "additionalProperties": False}, [{}], [{"a": 1}]),
    ("few", {"type": "object", "minProperties": 1, "maxProperties": 2}, [{"a": 1}], [{}, {"a": 1, "b": 1, "c": 1}]),
    (
        "names",
        {"type": "object", "propertyNames": {"pattern": "^[a-z]+$", "maxLength": 3}},
        [{"abc": 1}],
        [{"A": 1}, {"abcd": 1}],
    ),
    (
        "patterns",
        {
            "type": "object",
            "properties": {"xa": {"type": "integer"}},
            "patternProperties": {"^x": {"minimum": 5}},
            "additionalProperties": {"type": "string"},
        },
        [{"xa": 5, "xb": "any", "c": "s"}],
        [{"xa": 4}, {"xb": 4}, {"c": 1}],
    ),
    (
        "extras",
        {"type": "object", "properties": {"a": {}}, "additionalProperties": {"type": "integer"}},
        [{"a": "x", "b": 1}],
        [{"b": "x"}],
    ),
    ("required", {"type": "object", "required": ["a"]}, [{"a": None}], [{}]),
    ("nested", LINE, [{"sku": "a"}, {"sku": "a", "more": 1}], [{}, {"sku": 1}, []]),
    ("reference", {"$ref": "#/$defs/Line"}, [{"sku": "a"}], [{}, None]),
    (
        "reference and more",
        {"$ref": "#/$defs/Line", "required": ["size"]},
        [{"sku": "a", "size": 1}],
        [{"sku": "a"}, {"size": 1}],
    ),
    (
        "recursion",
        {"$ref": "#/$defs/Node"},
        [{"v": 1, "next": {"v": 2}, "kids": [{"v": 3}]}],
        [{"v": 1, "next": {}}, {"v": 1, "kids": [{"v": "x"}]}, {"v": 1, "next": None}],
    ),
    ("any of", {"anyOf": [{"type": "integer"}, {"type": "string", "maxLength": 1}]}, [1, "a"], ["ab", None, 1.5]),
    ("optional reference", {"anyOf": [{"$ref": "#/$defs/Line"}, {"type": "null"}]}, [None, {"sku": ""}], [{}, 1]),
    (
        "one of",
        {"oneOf": [{"type": "number", "multipleOf": 2}, {"type": "number", "multipleOf": 3}]},
        [2, 3],
        [6, 1, "a"],
    ),
    (
        "one of objects",
        {"oneOf": [{"type": "object", "required": ["a"]}, {"type": "object", "required": ["b"]}]},
        [{"a": 1}, {"b": 1}],
        [{}, {"a": 1, "b": 1}],
    ),
    (
        "any of required",
        {**LINE, "required": [], "anyOf": [{"required": ["sku"]}, {"required": ["ean"]}]},
        [{"sku": "a"}, {"ean": 1}],
        [{}, {"sku": 1}],
    ),
    (
        "all of",
        {"allOf": [LINE, {"properties": {"n": {"type": "integer"}}, "required": ["n"]}]},
        [{"sku": "a", "n": 1}],
        [{"sku": "a"}, {"n": 1}, {"sku": "a", "n": "1"}],
    ),
    ("all of patterns", {"allOf": [{"type": "string", "pattern": "a"}, {"pattern": "b"}]}, ["ab"], ["a", "b"]),
    ("not", {"type": "string", "not": {"enum": ["a", "b"]}}, ["c"], ["a", 1]),
    (
        "if",
        {
            "type": "object",
            "properties": {"kind": {"enum": ["card", "cash"]}},
            "if": {"properties": {"kind": {"const": "card"}}, "required": ["kind"]},
            "then": {"required": ["number"]},
            "else": {"properties": {"number": False}},
        },
        [{"kind": "card", "number": 1}, {"kind": "cash"}, {}],
        [{"kind": "card"}, {"kind": "cash", "number": 1}],
    ),
    (
        "dependent",
        {"type": "object", "dependentRequired": {"card": ["cvv"]}},
        [{}, {"cvv": 1}, {"card": 1, "cvv": 1}],
        [{"card": 1}],
    ),
    (
        "dependent schema",
        {"type": "object", "dependentSchemas": {"card": {"maxProperties": 1}}},
        [{"card": 1}, {"a": 1, "b": 1}],
        [{"card": 1, "b": 1}],
    ),
    (
        "unevaluated",
        {"allOf": [LINE], "properties": {"n": {}}, "unevaluatedProperties": False},
        [{"sku": "a", "n": 1}],
        [{"sku": "a", "m": 1}],
    ),
]  # fmt: skip

numbers = itertools.count()


def contract_of(schema: Any, output: Any = None) -> Contract:
    return Contract(
        path="demo.yaml",
        name="demo",
        version="1.0.0",
        node_type=NodeType.COMPUTE,
        description="",
        input_state=schema,
        output_state=output or {"type": "object"},
        operations=(),
        mixins=(),
        template=None,
        input_model="DemoInput",
        output_model="DemoOutput",
        node_class="NodeDemo",
        raw={},
        text="",
    )


def load(source: ModelsSource) -> Any:
    name = f"keyword_models_{next(numbers)}"
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(compile(source.text, f"{name}.py", "exec"), module.__dict__)
    return module


def model_of(schema: Any, generator: Generator = "jinja") -> type[BaseModel]:
    model: type[BaseModel] = load(
        generate_models(contract_of(schema), generator=generator)
    ).DemoInput
    return model


def with_x(schema: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["x"],
        "properties": {"x": schema},
        "$defs": {"Line": LINE, "Node": NODE},
    }


def accepts(model: type[BaseModel], value: Any) -> tuple[bool, bool]:
    found = []
    for validate, given in (
        (model.model_validate, value),
        (model.model_validate_json, json.dumps(value)),
    ):
        try:
            validate(given)  # type: ignore[operator]
            found.append(True)
        except ValidationError:
            found.append(False)
    return found[0], found[1]


@pytest.mark.parametrize(
    ("schema", "good", "bad"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_keyword(schema: Any, good: list[Any], bad: list[Any]) -> None:
    """A model accepts and refuses what the keyword says, from Python values and from JSON text."""
    source = generate_models(contract_of(with_x(schema)))
    model = load(source).DemoInput

    assert source.unchecked == ()
    for value in good:
        assert accepts(model, {"x": value}) == (True, True), (value, source.text)
        assert json.loads(model.model_validate({"x": value}).model_dump_json()) == {"x": value}
    for value in bad:
        assert accepts(model, {"x": value}) == (False, False), (value, source.text)


@pytest.mark.parametrize(
    ("schema", "good", "bad"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_the_alternative_never_refuses_what_the_schema_accepts(
    schema: Any, good: list[Any], bad: list[Any]
) -> None:
    """datamodel-code-generator's models accept too much only where they say so."""
    source = generate_models(contract_of(with_x(schema)), generator="datamodel")
    model = load(source).DemoInput

    for value in good:
        assert accepts(model, {"x": value}) == (True, True), (value, source.text)
    if not source.unchecked:
        for value in bad:
            assert accepts(model, {"x": value}) == (False, False), (value, source.text)


@pytest.mark.parametrize("generator", ["jinja", "datamodel"])
@pytest.mark.parametrize(
    ("schema", "nullable"),
    [({"type": "string"}, False), ({"type": ["string", "null"]}, True), ({}, True), (LINE, False)],
)
def test_absent_is_not_null(schema: Any, nullable: bool, generator: Generator) -> None:
    """An optional property may be absent; null needs the schema's consent; absent stays absent."""
    model = model_of({"type": "object", "properties": {"x": schema}}, generator)

    assert accepts(model, {}) == (True, True)
    assert accepts(model, {"x": None}) == (nullable, nullable)
    assert model.model_validate({}).model_dump() == {}
    if nullable:
        assert model.model_validate({"x": None}).model_dump() == {"x": None}


@pytest.mark.parametrize("generator", ["jinja", "datamodel"])
def test_unknown_properties_are_kept_or_forbidden(generator: Generator) -> None:
    """Nothing that came in is lost, unless the schema closes the object."""
    opened = model_of({"type": "object", "properties": {"a": {}}}, generator)
    closed = model_of(
        {"type": "object", "properties": {"a": {}}, "additionalProperties": False}, generator
    )

    assert opened.model_validate({"z": [1]}).model_dump(by_alias=True) == {"z": [1]}
    assert accepts(closed, {"z": [1]}) == (False, False)


@pytest.mark.parametrize("generator", ["jinja", "datamodel"])
def test_defaults_fill_in_and_are_fresh(generator: Generator) -> None:
    """Defaults appear typed, members of enumerations as members, containers made anew."""
    properties = {
        "mode": {"enum": ["fast", "2-step"], "default": "2-step"},
        "size": {"type": "number", "default": 10},
        "tags": {"type": "array", "items": {"type": "string"}, "default": ["a"]},
        "line": {**LINE, "default": {"sku": "x"}},
        "gone": {"type": ["string", "null"], "default": None},
    }
    model: Any = model_of({"type": "object", "properties": properties}, generator)

    first, second = model.model_validate({}), model.model_validate({})
    first.tags.append("b")

    assert second.tags == ["a"]
    assert second.line.sku == "x"
    assert second.mode is type(second.mode)("2-step")
    assert type(second.mode).__name__ == "Mode"
    assert json.loads(second.model_dump_json(exclude={"gone"})) == {
        "mode": "2-step",
        "size": 10,
        "tags": ["a"],
        "line": {"sku": "x"},
    }


def test_a_default_that_its_schema_refuses_is_left_out_and_reported() -> None:
    """A wrong default does not reach the model, and the report names it."""
    schema = {"type": "object", "properties": {"x": {"enum": ["a"], "default": "b"}}}

    source = generate_models(contract_of(schema))

    assert load(source).DemoInput.model_validate({}).model_dump() == {}
    assert len(source.unchecked) == 1
    assert "the default 'b' of 'x' is left out" in source.unchecked[0]


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "string", "pattern": "a("}, "'a(' is no regular expression"),
        ({"type": "string", "format": "iri"}, "format 'iri'"),
        ({"$dynamicRef": "#node"}, "$dynamicRef"),
        (
            {"anyOf": [LINE, {"required": ["y"]}], "unevaluatedProperties": False},
            "unevaluatedProperties",
        ),
    ],
)
def test_what_is_not_checked_is_said(schema: Any, said: str) -> None:
    """A keyword that the models cannot check appears in the report."""
    source = generate_models(contract_of(with_x(schema)))

    load(source)
    assert any(said in sentence for sentence in source.unchecked)


def test_input_and_output_share_equal_definitions_only() -> None:
    """Equal definitions are one class; different ones of the same name are two."""
    other = {"type": "object", "required": ["ean"], "properties": {"ean": {"type": "string"}}}
    part = {"type": "object", "properties": {"x": {"$ref": "#/$defs/Line"}}}

    same = load(
        generate_models(
            contract_of({**part, "$defs": {"Line": LINE}}, {**part, "$defs": {"Line": LINE}})
        )
    )
    apart = load(
        generate_models(
            contract_of({**part, "$defs": {"Line": LINE}}, {**part, "$defs": {"Line": other}})
        )
    )

    assert set(same.__all__) == {"DemoInput", "DemoOutput", "Line"}
    assert set(apart.__all__) == {"DemoInput", "DemoOutput", "Line", "OutputLine"}
    assert apart.DemoOutput.model_validate({"x": {"ean": "1"}}).x.ean == "1"
    with pytest.raises(ValidationError):
        apart.DemoInput.model_validate({"x": {"ean": "1"}})


def test_constraints_are_visible_in_the_text() -> None:
    """One constraint of the schema is one constraint of the text."""
    schema = {
        "type": "object",
        "required": ["n"],
        "properties": {
            "n": {"type": "integer", "minimum": 1, "maximum": 999},
            "s": {"type": "string", "minLength": 2, "pattern": "^a"},
        },
    }

    text = generate_models(contract_of(schema)).text

    assert "n: Annotated[Integer, Field(ge=1, le=999)]\n" in text
    assert 's: Annotated[str | None, Field(min_length=2), Pattern("^a"), NotNull()] = None' in text


def test_a_reference_that_leads_to_itself_is_refused() -> None:
    """A definition that means nothing but itself cannot be a model."""
    loop = {"A": {"anyOf": [{"$ref": "#/$defs/B"}]}, "B": {"not": {"$ref": "#/$defs/A"}}}
    schema = {"type": "object", "properties": {"x": {"$ref": "#/$defs/A"}}, "$defs": loop}

    with pytest.raises(ContractInvalidError, match="leads to itself"):
        generate_models(contract_of(schema))


def test_nesting_is_bounded() -> None:
    """A schema nested without end is refused with one sentence, not with a crash."""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(100):
        schema = {"type": "array", "items": schema}

    with pytest.raises(ContractInvalidError, match="nested deeper than 64 levels"):
        generate_models(contract_of(with_x(schema)))


def test_an_unknown_generator_is_refused() -> None:
    """The message lists the generators that exist."""
    with pytest.raises(ConfigurationError, match="'datamodel' and 'jinja'"):
        generate_models(contract_of({"type": "object"}), generator="pencil")  # type: ignore[arg-type]


def test_a_long_enumeration_is_not_compared_with_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each value is held against the other rules only, so the work grows as the list does."""
    seen: list[Any] = []
    accepts = Document.accepts

    def watched(self: Document, schema: Any, value: object) -> bool:
        seen.append(schema)
        return accepts(self, schema, value)

    monkeypatch.setattr(Document, "accepts", watched)
    listed = [f"v{number}" for number in range(50)]
    state = {"type": "object", "properties": {"x": {"enum": listed, "maxLength": 2}}}

    text = generate_models(contract_of(state)).text

    assert "v9" in text
    assert "v10" not in text
    assert seen
    assert len([schema for schema in seen if "enum" in schema]) < len(listed) / 10
