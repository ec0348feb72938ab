"""Corrections and degradations: what they change, what they leave alone, and that they end."""

from __future__ import annotations

from pathlib import Path

import pytest

from omninode_bridge.errors import (
    ContractError,
    ContractInvalidError,
    ContractSecurityError,
    ContractSyntaxError,
    UnsupportedFeatureError,
)
from omninode_bridge.generation.building import build_contract
from omninode_bridge.generation.contract import Contract
from omninode_bridge.generation.corrections import DOCUMENT_CORRECTIONS, correct_tabs
from omninode_bridge.generation.degradations import DEGRADATIONS
from omninode_bridge.generation.document import Document, parse_document

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples" / "contracts"
HEAD = "name: pump_reader\nversion: '1.0'\nnode_type: compute\noperations: [read]\n"
STATES = "input_state: {type: object}\noutput_state: {type: object}\n"


def corrected(document: Document) -> tuple[Document, list[str]]:
    changes: list[str] = []
    for _, correct in DOCUMENT_CORRECTIONS:
        document, found = correct(document)
        changes += found
    return document, changes


def degraded(document: Document) -> tuple[Document, list[str]]:
    dropped: list[str] = []
    for _, degrade in DEGRADATIONS:
        document, found = degrade(document)
        dropped += found
    return document, dropped


def recovered(text: str, path: str = "x.yaml") -> tuple[Contract, list[str], list[str]]:
    """Apply every correction, then every degradation, and build."""
    text, tabs = correct_tabs(text)
    document, changes = corrected(parse_document(text, path=path))
    document, dropped = degraded(document)
    return build_contract(document), [*tabs, *changes], dropped


def test_tabs_become_spaces_only_in_indentation() -> None:
    """The text behind the indentation keeps its tabs; the second time nothing is left to do."""
    text = "a:\n\tb: 'x\ty'\n\tc:\n\t\td: 1\n  \te: 2\n"

    new, changes = correct_tabs(text)

    assert new == "a:\n  b: 'x\ty'\n  c:\n    d: 1\n    e: 2\n"
    assert len(changes) == 1
    assert correct_tabs(new) == (new, ())


def test_tabs_take_the_width_of_the_other_indentation() -> None:
    """A file that indents by four gets four."""
    assert correct_tabs("a:\n    b: 1\nc:\n\td: 1\n")[0] == "a:\n    b: 1\nc:\n    d: 1\n"


@pytest.mark.parametrize(
    ("wrong", "right", "change"),
    [
        ("node_type: compute", "node_type: reducr", "'reducr' became 'reducer'"),
        ("node_type: compute", "node_type: Orchestator", "became 'orchestrator'"),
        ("node_type: compute", "node_typ: compute", "key 'node_typ' became 'node_type'"),
        ("operations", "opertions", "key 'opertions' became 'operations'"),
        ("output_state", "output_stat", "key 'output_stat' became 'output_state'"),
        ("{type: object}\noutput", "{properties: {a: {type: interger}}}\noutput", "'integer'"),
        ("operations: [", "mixins: [MixinHealthChek]\noperations: [", "became 'MixinHealthCheck'"),
    ],
)
def test_a_single_close_match_is_corrected(wrong: str, right: str, change: str) -> None:
    """One near word is taken, and the change is said."""
    text = (HEAD + STATES).replace(wrong, right)
    with pytest.raises(ContractError):
        build_contract(parse_document(text))

    _, changes, dropped = recovered(text)

    assert len(changes) == 1
    assert change in changes[0]
    assert dropped == []


@pytest.mark.parametrize(
    "text",
    [
        (HEAD + STATES).replace("compute", "thing"),
        (HEAD + STATES).replace("node_type: compute", "x: 1"),
        (HEAD + STATES).replace("{type: object}\n", "{properties: {a: {type: blah}}}\n", 1),
        (HEAD + STATES).replace("name: pump_reader", "x: 1"),
    ],
)
def test_ambiguous_words_are_left_alone(text: str) -> None:
    """Where nothing is close, nothing is changed and the contract stays refused."""
    document = parse_document(text, path="folder/x.yaml")

    same, changes = corrected(document)

    assert changes == []
    assert same.data == document.data
    with pytest.raises(ContractInvalidError):
        recovered(text)


def test_corrections_and_degradations_do_nothing_to_a_good_contract() -> None:
    """A contract without faults passes through unchanged."""
    document = parse_document(HEAD + STATES)

    assert corrected(document) == (document, [])
    assert degraded(document) == (document, [])


def test_degradations_list_each_part_and_are_done_at_once() -> None:
    """Defaults, patterns, enum values, mixins, settings and classes go; the rest stays."""
    text = (
        f"{HEAD}mixins: [MixinMetrics, MixinX, {{name: MixinY, required: false}}, "
        "{name: MixinZ, enabled: false}, {name: MixinCaching, config: {ttl_seconds: -1}}]\n"
        "input_state:\n  properties:\n"
        "    a: {type: string, enum: [x, 3, y, 4], default: q}\n"
        "    b: {type: array, items: {type: object, properties: {c: {type: int, default: 1.5}}}}\n"
        "    d: {type: string, pattern: '(', maxLength: 3}\n"
        "    e: {type: object, patternProperties: {'[': {type: int}}, additionalProperties: false}\n"
        "    f: {type: ModelElsewhere}\n"
    )

    document, dropped = degraded(parse_document(text))
    contract = build_contract(document)

    assert sorted(line.split(" at ")[0] for line in dropped) == [
        "all checks of the output (no output_state): any object is accepted",
        "default 'q'",
        "default 1.5",
        "enum value 3",
        "enum value 4",
        "mixin 'MixinX' (unknown and optional)",
        "mixin 'MixinY' (unknown and optional)",
        "mixin setting -1",
        "pattern '('",
        "pattern '['",
        "type 'ModelElsewhere'",
    ]
    properties = contract.input_state["properties"]
    assert properties["a"] == {"type": "string", "enum": ["x", "y"]}  # type: ignore[index]
    assert properties["d"] == {"type": "string", "maxLength": 3}  # type: ignore[index]
    assert "additionalProperties" not in properties["e"]  # type: ignore[index]
    assert [mixin.name for mixin in contract.mixins] == ["MixinMetrics", "MixinCaching"]
    assert degraded(document) == (document, [])


def test_faults_in_a_file_beside_the_contract_are_dropped_too(tmp_path: Path) -> None:
    """The contract sees an edited copy; the file on disk is not touched."""
    beside = tmp_path / "b.yaml"
    beside.write_text("A: {type: string, pattern: '[', default: 5}\n")
    path = str(tmp_path / "c.yaml")
    text = f"{HEAD}output_state: {{}}\ninput_state: {{properties: {{x: {{$ref: 'b.yaml#/A'}}}}}}"

    contract, _, dropped = recovered(text, path)

    assert len(dropped) == 2
    assert contract.input_state["$defs"] == {"A": {"type": "string"}}
    assert "default: 5" in beside.read_text()


def test_required_mixins_and_contradictions_are_never_dropped() -> None:
    """What the author insists on, or nobody can mean, ends in a refusal."""
    with pytest.raises(UnsupportedFeatureError, match="required mixin"):
        recovered(f"{HEAD}{STATES}mixins: [{{name: MixinX, required: yes}}]")
    with pytest.raises(ContractInvalidError, match="minimum 5"):
        recovered(
            f"{HEAD}{STATES}".replace("type: object", "properties: {a: {minimum: 5, maximum: 1}}")
        )


@pytest.mark.parametrize(
    ("name", "changes", "dropped"),
    [
        ("models_elsewhere", 0, 2),
        ("default_null", 1, 1),
        ("node_loader_effect", 1, 2),
    ],
)
def test_wild_contracts_without_states_are_opened_and_listed(
    name: str, changes: int, dropped: int
) -> None:
    """Contracts whose models live elsewhere become nodes that accept any object, and say so."""
    file = HERE / "contracts" / "wild" / f"{name}.yaml"

    _, found, left_out = recovered(file.read_text(), str(file))

    assert (len(found), len(left_out)) == (changes, dropped)


_OUTCOMES: dict[str, tuple[int, int] | type[ContractError]] = {
    "10": (3, 0),
    "11": (1, 0),
    "12": (0, 3),
    "13": (0, 1),
    "15": ContractInvalidError,
    "16": ContractSecurityError,
    "17": UnsupportedFeatureError,
}


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.*")), ids=lambda path: path.name)
def test_examples_end_as_they_say(file: Path) -> None:
    """Each example builds at once, recovers as planted, or is refused as planted."""
    outcome = _OUTCOMES.get(file.name[:2], (0, 0))
    text = file.read_text(encoding="utf-8")

    if isinstance(outcome, tuple):
        _, changes, dropped = recovered(text, str(file))
        assert (len(changes), len(dropped)) == outcome
        return
    with pytest.raises(outcome) as caught:
        recovered(text, str(file))
    assert type(caught.value) is outcome
    assert caught.value.line


_GOOD = HEAD + STATES


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (_GOOD + "input_state: {type: object}\n", ContractSyntaxError),
        (_GOOD[:-12], ContractSyntaxError),
        (_GOOD.replace("{type: object}", "{type: stream}", 1), UnsupportedFeatureError),
        (_GOOD.replace("{type: object}", "{$ref: '#/$defs/X'}", 1), ContractInvalidError),
        (_GOOD.replace("pump_reader", "../../pump"), ContractSecurityError),
        (_GOOD + "io: [{shell: true, command: 'ls {{ x }}'}]", ContractSecurityError),
    ],
)
def test_faults_beyond_recovery_stay_refused(text: str, error: type[ContractError]) -> None:
    """No correction and no degradation lets one of these through."""
    with pytest.raises(error) as caught:
        recovered(text)

    assert type(caught.value) is error
    assert caught.value.line


def test_a_type_is_not_corrected_into_one_that_is_listed_already() -> None:
    """Of two equal types one would be lost; the author's own word stays, and is what is refused."""
    text = f"{HEAD}input_state: {{properties: {{a: {{type: [string, strang]}}}}}}\noutput_state: {{}}\n"

    document, changes = corrected(parse_document(text))

    assert changes == []
    with pytest.raises(ContractInvalidError, match="unknown type 'strang'"):
        build_contract(document)
