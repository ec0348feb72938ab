"""What a person answers about a contract is checked before it counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from omninode_bridge.agents.workflows.recovery_models import Decision, EscalationReport
from omninode_bridge.errors import DecisionRefusedError
from omninode_bridge.generation.answers import check_answer, document_text
from omninode_bridge.generation.document import parse_document
from omninode_bridge.generation.plain import plain

from .._reports import report as plain_report

GOOD = """\
name: adder
version: 1.0.0
node_type: compute
input_state: {type: object, properties: {a: {type: integer}}, required: [a]}
output_state: {type: object, properties: {b: {type: string}}}
"""


def report(path: Path, **subject: Any) -> EscalationReport:
    about = {"path": str(path), "root": str(path.parent), "name": None}
    return plain_report(node_name="contract: a.yaml", subject=plain(about | subject))


@pytest.mark.parametrize("kind", ["edit", "value"])
def test_a_contract_that_can_be_built_is_taken(tmp_path: Path, kind: str) -> None:
    """As text and as a document."""
    answer = (
        Decision.edit({"text": GOOD}) if kind == "edit" else Decision.value(yaml.safe_load(GOOD))
    )

    check_answer(report(tmp_path / "a.yaml"), answer)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("{type: integer}", "{$ref: '#/$defs/No'}", "line 4, column 52: reference '#/$defs/No'"),
        ("{type: integer}", "{$ref: '../../secret.yaml'}", "leaves the contract's folder"),
        ("name: adder", "name: adder\nname: other", "line 2"),
        ("name: adder", "name: ../adder", "name"),
        (
            "node_type: compute",
            "node_type: compute\nmixins: [{name: MixinNo, required: true}]",
            "MixinNo",
        ),
        ("name: adder", "name: !!python/object:os.system {}", "line 1"),
        ("input_state: {", "input_state: {{", "line 4"),
        (GOOD, "", "empty"),
        (GOOD, "- a\n- b\n", "top level is a list"),
        ("name: adder", "name: adder # " + "x" * 1_100_000, "1024 KiB"),
    ],
)
def test_a_text_with_a_fault_is_refused(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    """With the place of the fault in the text, and not that of the file."""
    assert old in GOOD

    with pytest.raises(DecisionRefusedError) as refused:
        check_answer(report(tmp_path / "a.yaml"), Decision.edit({"text": GOOD.replace(old, new)}))

    assert sentence in str(refused.value)
    assert str(tmp_path) not in str(refused.value)


def test_dangerous_documents_are_refused(tmp_path: Path) -> None:
    """A document is held against the same rules as a text."""
    document = yaml.safe_load(GOOD)
    document["operations"] = [{"name": "go", "command": "cat {{ file }} | sh"}]

    with pytest.raises(DecisionRefusedError, match="piped into an interpreter"):
        check_answer(report(tmp_path / "a.yaml"), Decision.value(document))


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("node_type", "node_typ"),
        GOOD.replace(
            "node_type: compute", "node_type: compute\nmixins: [{name: MixinNo, required: false}]"
        ),
        GOOD.replace(GOOD.splitlines()[-1] + "\n", ""),
        GOOD.replace("{type: object, properties: {b: {type: string}}}", "\n\ttype: object"),
    ],
    ids=["misspelt", "optional mixin", "no output", "tabs"],
)
def test_what_a_run_puts_right_by_itself_is_taken(tmp_path: Path, text: str) -> None:
    """A person who corrects the fault that was told need not know of the others."""
    assert text != GOOD

    check_answer(report(tmp_path / "a.yaml"), Decision.edit({"text": text}))


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Decision.edit({}), "it must give 'text'"),
        (Decision.edit({"text": GOOD, "name": "x"}), "it must give 'text'"),
        (Decision.edit({"text": 5}), "has a number as 'text'"),
        (Decision.edit({"text": None}), "has a null as 'text'"),
        (Decision.value("name: adder"), "has a text; it must be the contract as a JSON object"),
        (Decision.value(None), "has a null"),
        (Decision.value([1]), "has a list"),
        (Decision.value({"a": {1, 2}}), "is no JSON document"),
        (Decision.value({}), "is refused"),
    ],
)
def test_answers_of_another_form_are_refused(
    tmp_path: Path, answer: Decision, sentence: str
) -> None:
    """The sentence says which form is right."""
    with pytest.raises(DecisionRefusedError, match=sentence):
        check_answer(report(tmp_path / "a.yaml"), answer)


def test_the_name_of_a_contract_that_is_under_way_stays(tmp_path: Path) -> None:
    """Other contracts were compared with it already."""
    where = report(tmp_path / "a.yaml", name="subtractor")

    with pytest.raises(DecisionRefusedError, match="from 'subtractor' to 'adder'"):
        check_answer(where, Decision.edit({"text": GOOD}))


def test_references_lead_into_the_contracts_folder(tmp_path: Path) -> None:
    """From whatever folder the answer is given."""
    (tmp_path / "parts.yaml").write_text("$defs: {Part: {type: integer}}\n")
    text = GOOD.replace("{type: integer}", "{$ref: 'parts.yaml#/$defs/Part'}")

    check_answer(report(tmp_path / "a.yaml"), Decision.edit({"text": text}))

    with pytest.raises(DecisionRefusedError):
        check_answer(report(tmp_path / "elsewhere" / "a.yaml"), Decision.edit({"text": text}))


@pytest.mark.parametrize("answer", [Decision.retry(), Decision.skip(), Decision.abort()])
def test_plain_words_are_not_looked_at(tmp_path: Path, answer: Decision) -> None:
    """There is nothing to check in them."""
    check_answer(report(tmp_path / "a.yaml"), answer)


def test_a_document_means_the_same_as_text() -> None:
    """Whatever characters, numbers and keys it holds."""
    document = {
        "a": ["\x00\x1f\x7f\x85\u2028\ufeff\ufffe", "naïve 漢字 😀", "yes", "1e3", ""],
        "b": [0, -1, 10**30, 1.5, 1e300, 1e-300, True, None],
        "null": {"": {}},
        "#": "- x: {}",
    }

    parsed = parse_document(document_text(document), path="a.yaml").data

    assert json.dumps(parsed) == json.dumps(document)
