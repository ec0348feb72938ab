"""From documents to contracts: every shape that people write, and the right refusal for the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from omninode_bridge.errors import (
    ContractError,
    ContractInvalidError,
    ContractSecurityError,
    UnsupportedFeatureError,
)
from omninode_bridge.generation.building import build_contract, check_text
from omninode_bridge.generation.contract import Contract, NodeType
from omninode_bridge.generation.document import parse_document
from omninode_bridge.generation.findings import Severity
from omninode_bridge.generation.schema_shapes import subschemas

HERE = Path(__file__).parent / "contracts"
HEAD = "name: pump_reader\nversion: '1.0'\nnode_type: compute\noperations: [read]\n"
OUT = "output_state: {type: object}\n"


def build(text: str, path: str = "x.yaml") -> Contract:
    return build_contract(parse_document(text, path=path))


def field(schema: str) -> Any:
    contract = build(f"{HEAD}{OUT}input_state: {{type: object, properties: {{x: {schema}}}}}")
    return contract.input_state["properties"]["x"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("EFFECT", "effect"),
        ("Effect", "effect"),
        ("COMPUTE_GENERIC", "compute"),
        ("NodeReducer", "reducer"),
        ("orchestrator-node", "orchestrator"),
    ],
)
def test_node_type_in_any_case_and_dress(word: str, kind: str) -> None:
    """The type is read whatever is put around it."""
    assert build(HEAD.replace("compute", word) + OUT + "input_state: {}").node_type == kind


@pytest.mark.parametrize(
    ("written", "version"),
    [
        ("'1.2'", "1.2.0"),
        ("1.10", "1.10.0"),
        ("3", "3.0.0"),
        ("v2.0.1-rc.1", "2.0.1"),
        ("{major: 1, minor: 2, patch: 3}", "1.2.3"),
        ("{major: 4}", "4.0.0"),
    ],
)
def test_version_in_any_shape(written: str, version: str) -> None:
    """Maps, texts and numbers become three numbers, as the author wrote them."""
    assert build(HEAD.replace("'1.0'", written) + OUT + "input_state: {}").version == version


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("My-Node", "my_node"),
        ("HTTPPageReader", "http_page_reader"),
        ("a.b c", "a_b_c"),
        ("class", "class_node"),
        ("2nd_reader", "node_2nd_reader"),
        ("Größe", "gro_e"),
    ],
)
def test_names_become_packages(name: str, package: str) -> None:
    """Hyphens, dots, capitals, keywords and digits are normalised."""
    assert build(HEAD.replace("pump_reader", name) + OUT + "input_state: {}").name == package


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("../x", ContractSecurityError),
        ("/etc/x", ContractSecurityError),
        ("'C:\\x'", ContractSecurityError),
        ("a\\..\\b", ContractSecurityError),
        ("'..'", ContractSecurityError),
        ("'%2e%2e%2fx'", ContractSecurityError),
        ("'．．／x'", ContractSecurityError),
        ('"a\\0b"', ContractSecurityError),
        ("x$(id)", ContractSecurityError),
        ("'{{ x }}'", ContractSecurityError),
        ("a/b", ContractInvalidError),
        ("NUL", ContractInvalidError),
        ("con.txt", ContractInvalidError),
        ("'!!!'", ContractInvalidError),
        ("Foo (beta)", ContractInvalidError),
    ],
)
def test_names_that_cannot_be_packages(name: str, error: type[ContractError]) -> None:
    """A name that leaves the folder or holds code is a security fault, others are invalid."""
    with pytest.raises(error) as caught:
        build(HEAD.replace("pump_reader", name) + OUT + "input_state: {}")

    assert type(caught.value) is error
    assert caught.value.line == 1
    assert caught.value.hint


@pytest.mark.parametrize(
    ("operations", "methods"),
    [
        ("operations: [read, write]", ["read", "write"]),
        ("operations: [{name: read, description: d}, {operation: write}]", ["read", "write"]),
        ("operations: {read: Reads, write: {description: d}}", ["read", "write"]),
        ("operations: {files: [open_it, shut_it]}", ["open_it", "shut_it"]),
        ("operations: [class, dict, health_check]", ["class_operation", "dict_operation"]),
        ("operations: [Do-It, do_it, doIt]", ["do_it", "do_it_2", "do_it_3"]),
        ("operations: [é, 鳥]", ["e", "operation_2"]),
        ("io_operations: [{operation_type: HTTP_GET}]", ["http_get"]),
        ("workflow_steps: [{step: a}, {step: b}]", ["a", "b"]),
        ("algorithm: {}", ["execute_compute"]),
        ("operations: []", ["execute_compute"]),
    ],
)
def test_operations_in_any_shape(operations: str, methods: list[str]) -> None:
    """Lists, maps and other sections give methods: unique, no keywords, nothing of the runtime."""
    contract = build(HEAD.replace("operations: [read]", operations) + OUT + "input_state: {}")

    assert [op.method for op in contract.operations][: len(methods)] == methods
    assert len({op.method for op in contract.operations}) == len(contract.operations)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("{type: str, max_length: 3}", {"type": "string", "maxLength": 3}),
        ("int", {"type": "integer"}),
        ("'list[float]'", {"type": "array", "items": {"type": "number"}}),
        ("'dict[str, int]'", {"type": "object", "additionalProperties": {"type": "integer"}}),
        ("{type: 'Optional[str]'}", {"type": ["string", "null"]}),
        ("{type: datetime}", {"type": "string", "format": "date-time"}),
        ("{type: UUID}", {"type": "string", "format": "uuid"}),
        ("any", {}),
        ("{type: string, nullable: true}", {"type": ["string", "null"]}),
        ("{type: string, enum: [a], nullable: yes}", {"type": ["string", "null"], "enum": ["a", None]}),
        ("{type: [string, null]}", {"type": ["string", "null"]}),
        ("{minimum: 1, exclusiveMinimum: true}", {"exclusiveMinimum": 1}),
        ("{maximum: 1, exclusiveMaximum: false}", {"maximum": 1}),
        ("{type: integer, min: 1, max: 2}", {"type": "integer", "minimum": 1, "maximum": 2}),
        ("{type: boolean, default: no}", {"type": "boolean", "default": False}),
        ("{type: string, enum: [on, off]}", {"type": "string", "enum": ["on", "off"]}),
        ("{type: string, example: a}", {"type": "string", "examples": ["a"]}),
        ("{type: string, pattern: '(?<y>a)'}", {"type": "string", "pattern": "(?P<y>a)"}),
        ("{type: string, customTypePath: os.system}", {"type": "string"}),
        ("{type: object, required: [q]}", {"type": "object", "required": ["q"], "properties": {"q": {}}}),
        (
            "{type: object, properties: {a: {type: int, required: true}}}",
            {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
        ),
        ("{items: [{type: str}]}", {"prefixItems": [{"type": "string"}]}),
    ],
)  # fmt: skip
def test_schemas_are_brought_into_one_dialect(written: str, meant: object) -> None:
    """Draft 4, OpenAPI and Python spellings become JSON Schema 2020-12."""
    assert field(written) == meant


@pytest.mark.parametrize(
    ("schema", "error", "words"),
    [
        ("{type: stream}", UnsupportedFeatureError, "'stream' is not supported"),
        ("{type: 'AsyncIterator[int]'}", UnsupportedFeatureError, "not supported"),
        ("{type: bytes}", UnsupportedFeatureError, "'bytes'"),
        ("{type: strng}", ContractInvalidError, "unknown type 'strng'"),
        ("{$ref: '#/$defs/Gone'}", ContractInvalidError, "leads nowhere"),
        ("{$ref: 'gone.yaml#/A'}", ContractInvalidError, "no such file"),
        ("{$ref: '/etc/passwd'}", ContractSecurityError, "absolute"),
        ("{$ref: '../../x.yaml'}", ContractSecurityError, "leaves the contract's folder"),
        ("{$ref: 'https://a.b/c.json'}", UnsupportedFeatureError, "network"),
        ("{$dynamicRef: '#a'}", UnsupportedFeatureError, "dynamicRef"),
        ("{minimum: 5, maximum: 2}", ContractInvalidError, "minimum 5 is more than maximum 2"),
        ("{exclusiveMinimum: 2, maximum: 2}", ContractInvalidError, "no number lies"),
        ("{enum: []}", ContractInvalidError, "no value"),
        ("{type: string, enum: [1, 2]}", ContractInvalidError, "has no value of type"),
        ("{type: string, const: 1}", ContractInvalidError, "const 1 is refused"),
        ("{type: string, minLength: x}", ContractInvalidError, "no integer"),
        ("{type: string, pattern: '[a'}", ContractInvalidError, "no regular expression"),
        ("{type: integer, default: x}", ContractInvalidError, "refused by its own schema"),
        ("{type: string, format: date, default: soon}", ContractInvalidError, "is no date"),
        ("{properties: [a, 1]}", ContractInvalidError, "without a name"),
        ("~", ContractInvalidError, "nothing where a schema"),
        (
            "{type: object, required: [a], additionalProperties: false}",
            ContractInvalidError,
            "forbids it",
        ),
    ],
)
def test_schemas_that_cannot_be_built_point_at_their_line(
    schema: str, error: type[ContractError], words: str
) -> None:
    """Each fault has its class, its words and the line of the schema."""
    with pytest.raises(error, match=words) as caught:
        field(schema)

    assert type(caught.value) is error
    assert caught.value.line == 6


def test_references_stay_local_and_recursive() -> None:
    """Definitions anywhere in the contract arrive under $defs; recursion stays a reference."""
    contract = build(
        f"{HEAD}{OUT}input_state:\n  properties:\n    tree: {{$ref: '#/definitions/Tree'}}\n"
        "    again: {$ref: '#'}\ndefinitions:\n"
        "  Tree: {type: object, properties: {kids: {type: array, items: {$ref: '#/$defs/Tree'}}}}\n"
    )

    defs = contract.input_state["$defs"]
    assert contract.input_state["properties"]["tree"] == {"$ref": "#/$defs/Tree"}  # type: ignore[index]
    assert defs["Tree"]["properties"]["kids"]["items"] == {"$ref": "#/$defs/Tree"}  # type: ignore[index]
    jsonschema.validate({"tree": {"kids": [{"kids": []}]}}, contract.input_state)


def test_references_without_an_end_are_refused() -> None:
    """A definition that is only itself would never validate anything."""
    with pytest.raises(ContractInvalidError, match="without an end"):
        build(
            f"{HEAD}{OUT}input_state: {{properties: {{x: {{$ref: '#/$defs/A'}}}}, "
            "$defs: {A: {anyOf: [{$ref: '#/$defs/B'}]}, B: {$ref: '#/$defs/A'}}}"
        )


def test_references_to_files_beside_the_contract(tmp_path: Path) -> None:
    """A schema file is read from the contract's folder tree, links out of it are refused."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "common.yaml").write_text("Size: {type: integer, minimum: 1}\n")
    (tmp_path / "sub" / "b.yaml").write_text("defs: {B: {$ref: '../common.yaml#/Size'}}\n")
    contract = tmp_path / "sub" / "c.yaml"
    text = f"{HEAD}{OUT}input_state: {{properties: {{x: {{$ref: 'b.yaml#/defs/B'}}}}}}"
    document = parse_document(text, path=str(contract))

    built = build_contract(document, root=tmp_path)

    assert built.input_state["$defs"]["Size"] == {"type": "integer", "minimum": 1}  # type: ignore[index]
    with pytest.raises(ContractSecurityError, match="leaves the contract's folder"):
        build_contract(document)


def test_class_names_are_safe_and_distinct() -> None:
    """Names of models come from the contract where they are safe, and never clash."""
    text = f"{HEAD}{OUT}input_state: {{}}\n"
    named = build(text + "input_model: {name: ModelIn, module: a.b}\noutput_model: a.b.ModelOut")
    odd = build(text + "input_model: 'x; y'\noutput_model: BaseModel")
    same = build(text + "input_model: Same\noutput_model: Same")

    assert (named.input_model, named.output_model) == ("ModelIn", "ModelOut")
    assert (odd.input_model, odd.output_model) == ("ModelPumpReaderInput", "ModelPumpReaderOutput")
    assert same.input_model != same.output_model
    assert named.node_class == "NodePumpReaderCompute"


def test_the_gravest_fault_is_raised_first() -> None:
    """What nothing can cure comes before what can be dropped, security before all."""
    curable = f"{HEAD}input_state: {{properties: {{a: {{type: int, default: x}}, b: BAD}}}}"

    with pytest.raises(ContractInvalidError, match="leads nowhere"):
        build(curable.replace("BAD", "{$ref: '#/$defs/Q'}"))
    with pytest.raises(ContractSecurityError):
        build(
            curable.replace("BAD", "{$ref: '#/$defs/Q'}") + "\nx: {shell: true, cmd: 'a {{ b }}'}"
        )


def test_check_text_reports_all_faults_and_warnings() -> None:
    """One check names every fault of a file, in its order, with line and column."""
    findings = check_text(
        "name: a_b\nnode_type: efect\nname: c\n"
        "input_state: {properties: {a: {type: int, default: x}, b: {pattern: '['}}}\n"
        "subcontracts: [{path: gone.yaml}]\nmixins: [MixinX, {name: MixinY, required: true}]\n"
    )

    assert [(f.line, str(f.code), str(f.severity)) for f in findings] == [
        (1, "missing-state", "error"),
        (2, "node-type", "error"),
        (3, "duplicate-key", "error"),
        (4, "refused-default", "error"),
        (4, "broken-pattern", "error"),
        (5, "dangling-subcontract", "warning"),
        (6, "optional-mixin", "warning"),
        (6, "required-mixin", "error"),
    ]
    assert all(f.column for f in findings)


@pytest.mark.parametrize("file", sorted((HERE / "others").iterdir()), ids=lambda p: p.name)
def test_other_files_are_refused_as_no_contract(file: Path) -> None:
    """Fragments, CI files, compositions and settings are told apart from contracts."""
    findings = check_text(file.read_text(), path=str(file))

    assert [f.severity for f in findings] == [Severity.ERROR]
    assert findings[0].message.startswith("is not a node contract")
    assert isinstance(findings[0].as_error(), ContractInvalidError)


@pytest.mark.parametrize(
    ("name", "kind", "methods", "required"),
    [
        ("actions_and_subcontracts", "compute", 2, ["operation_type", "ships"]),
        ("property_types", "effect", 2, ["operation_type", "tray"]),
        ("inputs_with_constraints", "effect", 1, ["operation"]),
        ("models_in_definitions", "compute", 1, ["operation_type", "stake"]),
        ("identity_and_fields", "reducer", 2, ["leaves", "grams"]),
    ],
)
def test_wild_shapes_build_without_recovery(
    name: str, kind: str, methods: int, required: list[str]
) -> None:
    """Contracts as they are found elsewhere keep their type, operations and required fields."""
    file = HERE / "wild" / f"{name}.yaml"

    contract = build(file.read_text(), str(file))

    assert contract.node_type is NodeType(kind)
    assert len(contract.operations) == methods
    assert contract.input_state["required"] == required
    for state in (contract.input_state, contract.output_state):
        jsonschema.Draft202012Validator.check_schema(state)
        references = [part["$ref"] for _, part in subschemas(state) if "$ref" in part]
        assert all(ref.removeprefix("#/$defs/") in state["$defs"] for ref in references)  # type: ignore[operator]


def test_a_misspelt_keyword_is_a_warning_with_its_place() -> None:
    """What it asks for is not checked, so it is said; words of the contract's own are left alone."""
    text = (
        "name: pump_reader\nversion: '1.0'\nnode_type: compute\noperations: [read]\n"
        "input_state:\n  type: object\n  requierd: [a]\n  unit: bar\n  properties:\n"
        "    a: {type: string, maxLenght: 3, min_length: 1, x-patern: a}\n"
        "    patern: {type: array, items: {enums: [1]}}\n"
        "    b: {type: string, pattern: a, patterns: b}\n"
        "output_state: {type: object}\n"
    )

    found = [(f.line, f.severity, f.message, f.hint) for f in check_text(text, path="x.yaml")]

    assert found == [
        (
            line,
            Severity.WARNING,
            f"unknown keyword '{word}' is not checked",
            f"did you mean '{meant}'?",
        )
        for line, word, meant in [
            (7, "requierd", "required"),
            (10, "maxLenght", "maxLength"),
            (11, "enums", "enum"),
        ]
    ]


def test_operations_that_get_other_names_are_told() -> None:
    """Each operation whose method is not plainly its name, and each repetition, is a warning."""
    text = (
        "name: a_b\nnode_type: effect\ninput_state: {}\noutput_state: {}\n"
        "operations:\n- load\n- Load\n- LOAD\n- load\n- load\n- import\n- __init__\n- dict\n"
        "- readAll\n- x y\n"
    )

    told = {finding.line: finding for finding in check_text(text)}
    built = build_contract(parse_document(text))

    assert sorted(told) == [7, 8, 9, 10, 11, 12, 13]
    assert all(not finding.is_error for finding in told.values())
    assert "'load_2'" in told[7].message
    assert "'load_3'" in told[8].message
    assert "again" in told[9].message
    assert "again" in told[10].message
    assert "'import_operation'" in told[11].message
    assert "'init'" in told[12].message
    assert [one.name for one in built.operations] == [
        *("load", "Load", "LOAD", "import", "__init__", "dict", "readAll", "x y")
    ]


@pytest.mark.parametrize(
    ("name", "package"), [("class", "class_node"), ("3d", "node_3d"), ("a b", None), ("aB", None)]
)
def test_a_package_that_gets_another_name_is_told(name: str, package: str | None) -> None:
    """A name that cannot be a package's is a warning that says which name it gets."""
    text = f"name: {name}\nnode_type: effect\ninput_state: {{}}\noutput_state: {{}}\n"

    told = [finding.message for finding in check_text(text)]

    assert len(told) == (package is not None)
    assert all(repr(package) in message for message in told)
    assert build_contract(parse_document(text)).name == (package or "a_b")
