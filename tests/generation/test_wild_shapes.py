"""Shapes that contracts from elsewhere have: classes as types, other files' habits, odd names."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
import regex
from pydantic import Field

from omninode_bridge.errors import ContractSecurityError, UnsupportedFeatureError
from omninode_bridge.generation.building import build_contract
from omninode_bridge.generation.contract import Contract
from omninode_bridge.generation.corrections import correct_name, correct_tabs
from omninode_bridge.generation.degradations import open_unknown_types
from omninode_bridge.generation.document import Document, parse_document
from omninode_bridge.generation.samples_strings import matching
from omninode_bridge.generation.type_names import read_type
from omninode_bridge.runtime.model_base import ContractModel, NotNull

HEAD = "name: pump_reader\nversion: '1.0'\nnode_type: compute\n"
STATES = "input_state: {type: object}\noutput_state: {type: object}\n"


def document(text: str) -> Document:
    return parse_document(HEAD + text, path="x.yaml")


def built(text: str) -> Contract:
    return build_contract(document(text))


def field(text: str, more: str = "") -> Any:
    """Return the schema that a field of this type gets."""
    contract = built(
        f"input_state: {{type: object, properties: {{a: {{type: {text}}}}}}}\n"
        f"output_state: {{type: object}}\n{more}"
    )
    return contract.input_state["properties"]["a"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ("tuple", {"type": "array"}),
        ("tuple[int, ...]", {"type": "array", "items": {"type": "integer"}}),
        (
            "Tuple[str, int]",
            {
                "type": "array",
                "prefixItems": [{"type": "string"}, {"type": "integer"}],
                "items": False,
                "minItems": 2,
            },
        ),
    ],
)
def test_a_tuple_is_a_list_in_json(text: str, schema: dict[str, Any]) -> None:
    """With its length, where that is given."""
    assert read_type(text) == schema


@pytest.mark.parametrize("text", ["'list[Line]'", "'Line[]'", "'Optional[Line]'", "'Line | None'"])
def test_a_class_inside_of_a_type_is_looked_up(text: str) -> None:
    """What the contract defines is used wherever its name stands."""
    definitions = "definitions:\n  Line: {type: object, properties: {n: {type: integer}}}\n"

    assert "'$ref': '#/$defs/Line'" in str(field(text, definitions))


def test_a_reference_may_be_a_type_with_a_name() -> None:
    """``type: ref`` with ``ref: Name`` is the definition of that name."""
    text = (
        "input_state: {type: object, properties: {a: {type: ref, ref: Line}}}\n"
        "output_state: {type: object}\ndefinitions: {Line: {type: object}}\n"
    )

    assert built(text).input_state["properties"]["a"] == {"$ref": "#/$defs/Line"}  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "schema", "classes"),
    [
        ("'list[SweepFinding]'", {"type": "array"}, "'SweepFinding' of 'list[SweepFinding]'"),
        ("'dict[str, PageInput]'", {"type": "object"}, "'PageInput' of"),
        ("ModelVerdict", {}, "'ModelVerdict' at"),
    ],
)
def test_a_class_that_nobody_describes_is_opened_alone(
    text: str, schema: dict[str, Any], classes: str
) -> None:
    """The list or map around it stays checked, and the class is told."""
    given = document(
        f"input_state: {{type: object, properties: {{a: {{type: {text}}}}}}}\n"
        "output_state: {type: object}\n"
    )

    opened, dropped = open_unknown_types(given)

    assert len(dropped) == 1
    assert classes in dropped[0]
    assert build_contract(opened).input_state["properties"]["a"] == schema  # type: ignore[index]
    assert open_unknown_types(opened)[1] == ()


def test_an_enum_may_be_a_type_with_values() -> None:
    """``type: enum`` beside ``values`` is an enumeration."""
    contract = built(
        "input:\n  operation: {type: enum, values: [add, 3], required: true}\n"
        "  note: {type: string, required: false}\noutput: {ok: {type: boolean}}\n"
    )

    assert contract.input_state["properties"]["operation"] == {"enum": ["add", 3]}  # type: ignore[index]
    assert contract.input_state["required"] == ["operation"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("nodes/price_compute/contract.yaml", "price_compute"),
        ("price_compute/v1_0_0/contracts/compute_contract.yaml", "price_compute"),
        ("nodes/tide_compute.yaml", "tide_compute"),
        ("nodes/price_compute/coverage.yaml", ""),
    ],
)
def test_only_a_file_called_contract_is_named_after_its_folder(path: str, name: str) -> None:
    """Another file beside it must not take its name."""
    given = parse_document(f"node_type: compute\n{STATES}", path=path)

    assert correct_name(given)[0].get(("name",), "") == name


@pytest.mark.parametrize(
    "pattern",
    [
        r"^\p{Lu}\p{Ll}+$",
        r"^[\p{L}\s]{3,9}$",
        r"^\P{L}\p{Nd}{2}$",
        r"^[^]\p{L}]\p{Sc}?$",
        r"^(?=.*\d)(?=.*[a-z])(?!.*\s).{4,12}$",
    ],
)
def test_a_generated_test_finds_texts_for_unicode_properties(pattern: str) -> None:
    """Without one, everything around the text would go untested."""
    assert any(regex.search(pattern, text) for text in matching(pattern, 5))


def test_a_state_that_may_be_null_is_an_object() -> None:
    """A node takes and returns objects, whatever else its schema would allow."""
    contract = built(STATES.replace("{type: object}", "{type: [object, 'null']}", 1))

    assert contract.input_state["type"] == "object"


def test_configuration_from_the_environment_is_no_input() -> None:
    """A script named by ``${env.X}`` comes from who runs the node, not from a request."""
    built(STATES + 'runner_script: "${env.RUNNER_SCRIPT}"\n')

    with pytest.raises(ContractSecurityError):
        built(STATES + 'runner_script: "${request.script}"\n')


def test_an_operation_may_be_called_like_a_special_method() -> None:
    """Its method gets another name; text that would call something is refused."""
    contract = built(STATES + "operations: [__init__, run]\n")

    assert next(op.method for op in contract.operations) != "__init__"
    with pytest.raises(ContractSecurityError):
        built(STATES + "operations: [\"__import__('os').system('x')\"]\n")


@pytest.mark.parametrize("name", ["file:///etc/x", "https://a.example/b", "file:/x"])
def test_an_address_is_no_name(name: str) -> None:
    """It would lead out of the output folder."""
    with pytest.raises(ContractSecurityError, match="leaves the output folder"):
        build_contract(parse_document(f"name: {name}\nnode_type: compute\n{STATES}", path="x.yaml"))


def test_an_address_in_a_reference_needs_the_network() -> None:
    """That is missing here; it is no attack."""
    with pytest.raises(UnsupportedFeatureError, match="network"):
        built(STATES.replace("{type: object}", "{$ref: 'http://a.example/b.json'}", 1))


def test_tabs_have_the_width_that_parses() -> None:
    """Where the file's own width gives no contract, another usual one is tried."""
    text = "a:\n\tb: 1\n  \tc:\n  # four\n    \td: 2\n"

    new, changes = correct_tabs(text)

    assert parse_document(new).data == {"a": {"b": 1, "c": None, "d": 2}}
    assert "8 spaces" in changes[0]


class Nameless(ContractModel):
    """A model of a property whose name is empty."""

    a: int
    field: Annotated[int | None, Field(alias=""), NotNull()] = None


def test_a_property_without_a_name_is_left_out_when_absent() -> None:
    """The empty text is an alias like every other."""
    assert Nameless.model_validate({"a": 1}).model_dump(by_alias=True) == {"a": 1}
    assert Nameless.model_validate({"a": 1, "": 2}).model_dump(by_alias=True) == {"a": 1, "": 2}
