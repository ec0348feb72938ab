"""Any text and any values end in a contract or a contract error, and soon."""

from __future__ import annotations

import contextlib
import json
import time

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omninode_bridge.errors import ContractError
from omninode_bridge.generation.building import build_contract, check_text
from omninode_bridge.generation.corrections import DOCUMENT_CORRECTIONS, correct_tabs
from omninode_bridge.generation.degradations import DEGRADATIONS
from omninode_bridge.generation.document import parse_document
from omninode_bridge.generation.schema_shapes import metaschema_errors

KEYWORDS = [
    "type",
    "properties",
    "required",
    "items",
    "enum",
    "const",
    "default",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "minLength",
    "maxLength",
    "pattern",
    "patternProperties",
    "additionalProperties",
    "anyOf",
    "allOf",
    "oneOf",
    "not",
    "if",
    "then",
    "$ref",
    "$defs",
    "definitions",
    "format",
    "nullable",
    "optional",
    "fields",
    "multipleOf",
    "uniqueItems",
    "prefixItems",
    "examples",
    "example",
    "contains",
    "minContains",
    "dependentRequired",
    "dependentSchemas",
    "propertyNames",
    "property_type",
]
WORDS = [
    "string",
    "integer",
    "int",
    "object",
    "array",
    "str",
    "stream",
    "strng",
    "#/$defs/A",
    "#/$defs/B",
    "#",
    "../x.yaml",
    "ModelX",
    "[",
    "(",
    "a",
    "^a$",
    "date",
    "uuid",
    "on",
    "yes",
]

scalars = st.none() | st.booleans() | st.integers(-3, 9) | st.sampled_from([*WORDS, 1.5, ""])
schemas = st.recursive(
    scalars | st.just({}),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYWORDS, "a", "b", "A", "B"]), inner, max_size=4)
    ),
    max_leaves=12,
)
contracts = st.fixed_dictionaries(
    {"name": st.just("a_b"), "node_type": st.just("compute")},
    optional={
        "input_state": schemas,
        "output_state": schemas,
        "operations": schemas,
        "mixins": schemas,
        "version": schemas,
        "subcontracts": schemas,
        "definitions": schemas,
        "$defs": schemas,
        "inputs": schemas,
        "template": schemas,
        "input_model": schemas,
        "node_identity": schemas,
    },
)


def climb(text: str) -> None:
    """Do everything that may be done with a text."""
    text, _ = correct_tabs(text)
    check_text(text, path="x.yaml")
    document = parse_document(text, path="x.yaml")
    for _, step in (*DOCUMENT_CORRECTIONS, *DEGRADATIONS):
        document, _ = step(document)
        again = step(document)
        assert again == (document, ())
    contract = build_contract(document)
    for state in (contract.input_state, contract.output_state):
        jsonschema.Draft202012Validator.check_schema(state)
        assert state["type"] == "object"


@settings(max_examples=150, deadline=None)
@given(st.text() | st.text(alphabet="ab:-[]{}#&*!|>'\"%@, \n\t?<=.0"))
def test_any_text_ends_in_a_contract_error(text: str) -> None:
    """Nothing but a contract error leaves the parser, whatever the text."""
    with contextlib.suppress(ContractError):
        climb(text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(contracts)
def test_any_values_end_in_a_valid_schema_or_a_contract_error(data: object) -> None:
    """What is built is valid JSON Schema; what is not ends in a contract error with a sentence."""
    with contextlib.suppress(ContractError):
        climb(json.dumps(data))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(KEYWORDS), schemas, max_size=4))
def test_the_quick_look_agrees_with_the_metaschema(schema: dict[str, object]) -> None:
    """Passing over plain parts finds a fault exactly where the whole metaschema does."""
    known = {k: v for k, v in schema.items() if k not in {"nullable", "optional", "fields"}}
    library = jsonschema.Draft202012Validator

    assert bool(metaschema_errors(known)) == (not library(library.META_SCHEMA).is_valid(known))


_STATE = "name: a_b\nnode_type: compute\noutput_state: {}\ninput_state: "
_BIG = {
    "aliases": "a0: &a0 [1]\n"
    + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)),
    "merges": "a0: &a0 {k: 1}\n"
    + "".join(
        f"a{n}: &a{n} {{<<: *a{n - 1}, k{n}: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 60)
    ),
    "brackets": "[" * 300_000,
    "braces": "{a: " * 200_000,
    "questions": "? " * 200_000,
    "templates": f"{_STATE}{{}}\nx: {{shell: true, command: '{'{{' * 20_000}', run: '{'rm -r ' * 9000}'}}",
    "patterns": _STATE
    + "{properties: {"
    + ",".join(f"f{n}: {{pattern: '(a+)+$', default: {'a' * 40}b}}" for n in range(900))
    + "}}",
    "references": _STATE
    + "{properties: {x: {$ref: '#/$defs/A0'}}, $defs: {"
    + ",".join(
        f"A{n}: {{default: 1, allOf: [{{$ref: '#/$defs/A{n + 1}'}}, {{$ref: '#/$defs/A{n + 1}'}}]}}"
        for n in range(50)
    )
    + ", A50: {type: integer}}}",
    "spaces": " " * 900_000,
    "keys": "".join(f"k{n}: 1\n" for n in range(60_000)),
}


@pytest.mark.parametrize("name", _BIG)
def test_hostile_texts_end_soon(name: str) -> None:
    """One check of a hostile text takes a bounded effort (measured in time of this process)."""
    started = time.process_time()

    check_text(_BIG[name], path="x.yaml")

    assert time.process_time() - started < 10
