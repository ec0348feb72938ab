"""Names and texts of contracts: any characters, and they are never code."""

from __future__ import annotations

import ast
import itertools
import json
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pydantic
import pytest
from pydantic import BaseModel, ValidationError

from omninode_bridge.generation.contract import Contract, NodeType
from omninode_bridge.generation.models import Generator, ModelsSource, generate_models
from omninode_bridge.generation.models_names import RESERVED_FIELDS, field_names, member_names

NAMES = [
    *[
        "class",
        "def",
        "None",
        "True",
        "a-b",
        "a_b",
        "a.b",
        "2nd",
        "_x",
        "__x",
        "__init__",
        "__class__",
        "model_config",
        "model_fields",
    ],
    *[
        "model_dump",
        "schema",
        "copy",
        "json",
        "dict",
        "fields",
        "validate",
        "date",
        "list",
        "str",
        "int",
        "type",
        "Field",
        "Any",
    ],
    *[
        "Annotated",
        "float",
        "bool",
        "object",
        "ContractModel",
        "NotNull",
        "Literal",
        "self",
        "cls",
        "l",
        "O",
        "id",
        "é",
        "名前",
        "ﬁ",
        "fi",
    ],
    *[
        "DemoInput",
        "TextEnum",
        "model_x",
        "items",
        "format",
        "$ref",
        "$defs",
        "lambda",
        "__checks__",
        "None_",
        "class_",
    ],
    *[
        "model_post_init",
        "__pydantic_extra__",
        "print",
        "match",
        "construct",
        "root",
        "Σ",
        "password",
        "_",
        "x.y",
        "x/y",
    ],
    *["from", "import", "", " ", "x\ty", "a" * 300, "\u202e", '"', "'''", "{{ x }}"],
]

TEXTS = [
    '"""', "'", "\\", "{{ x }}", "{% raw %}", "\n\n", "\x00\x07", "\u202e", "a" * 5000, "", "#}",
    "\\N{DASH}", "{0}", "%s", "\r", "\u2028", "\t", "é", "$(rm -rf)", '\\"""', "\\\n", "ends \\",
    '""" + __import__("os").abort() + """', "'] + [__import__('os').abort()] + ['",
]  # fmt: skip

GENERATORS: list[Generator] = ["jinja", "datamodel"]
numbers = itertools.count()


def contract_of(schema: Any, **names: str) -> Contract:
    return Contract(
        path="demo.yaml",
        name="demo",
        version="1.0.0",
        node_type=NodeType.COMPUTE,
        description="",
        input_state=schema,
        output_state={"type": "object"},
        operations=(),
        mixins=(),
        template=None,
        input_model=names.get("input_model", "DemoInput"),
        output_model=names.get("output_model", "DemoOutput"),
        node_class="NodeDemo",
        raw={},
        text="",
    )


def load(source: ModelsSource) -> Any:
    name = f"name_models_{next(numbers)}"
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(compile(source.text, f"{name}.py", "exec"), module.__dict__)
    return module


@pytest.mark.parametrize("generator", GENERATORS)
def test_any_property_name_keeps_its_wire_name(generator: Generator) -> None:
    """Whatever a property is called, it is read, checked, required and dumped under that name."""
    properties = {name: {"type": "string"} for name in NAMES}
    schema = {"type": "object", "required": NAMES[::2], "properties": properties}
    model = load(generate_models(contract_of(schema), generator=generator)).DemoInput
    whole = dict.fromkeys(NAMES, "v")

    parsed = model.model_validate(whole)

    assert json.loads(parsed.model_dump_json(by_alias=True)) == whole
    assert parsed.model_extra == {}
    for name in NAMES:
        rest = {key: value for key, value in whole.items() if key != name}
        with pytest.raises(ValidationError):
            model.model_validate({**whole, name: 5})
        if name in NAMES[::2]:
            with pytest.raises(ValidationError):
                model.model_validate(rest)
        else:
            assert model.model_validate(rest).model_dump(by_alias=True) == rest


@pytest.mark.parametrize("generator", GENERATORS)
def test_the_constructor_takes_python_names_and_wire_names(generator: Generator) -> None:
    """Both names build the same model; validation of wire data knows the wire name only."""
    schema = {"type": "object", "required": ["from"], "properties": {"from": {"type": "string"}}}
    model = load(generate_models(contract_of(schema), generator=generator)).DemoInput

    assert model(from_="a") == model(**{"from": "a"})
    assert model(from_="a").model_dump(by_alias=True) == {"from": "a"}
    with pytest.raises(ValidationError):
        model.model_validate({"from_": "a"})


def test_a_further_property_may_be_called_like_a_python_name() -> None:
    """An unknown wire name that equals the Python name of a field is kept apart from it."""
    schema = {"type": "object", "properties": {"from": {"type": "string"}}}
    model = load(generate_models(contract_of(schema))).DemoInput

    parsed = model.model_validate({"from_": 5})

    assert json.loads(parsed.model_dump_json(by_alias=True)) == {"from_": 5}


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("text", TEXTS, ids=repr)
def test_texts_of_a_contract_stay_data(text: str, generator: Generator) -> None:
    """Descriptions, enum values, defaults and patterns with any characters come back unchanged."""
    properties = {
        "d": {"type": "string", "description": text},
        "e": {"enum": ["other", text], "default": text},
        "c": {"const": text},
        "s": {"type": "string", "default": text},
        "m": {"type": "object", "default": {text: [text]}},
        text: {"type": "integer"},
    }
    schema = {"type": "object", "description": text, "properties": properties}

    module = load(generate_models(contract_of(schema), generator=generator))
    made = json.loads(module.DemoInput.model_validate({text: 1}).model_dump_json(by_alias=True))

    assert made == {text: 1, "e": text, "s": text, "m": {text: [text]}}
    assert module.DemoInput.model_validate({"e": text, "c": text})


@pytest.mark.parametrize("generator", GENERATORS)
def test_lone_surrogates_do_not_break_the_module(generator: Generator) -> None:
    """Texts that no UTF-8 file can hold are written escaped or reported."""
    properties = {
        "a": {"enum": ["\ud800", "b"]},
        "d": {"type": "string", "description": "\ud800"},
        "\udfff": {"type": "string"},
    }
    schema = {"type": "object", "description": "\ud800", "properties": properties}

    source = generate_models(contract_of(schema), generator=generator)

    assert source.text.encode()
    assert load(source).DemoInput.model_validate({"a": "b"})
    assert any("'\\udfff' is not checked" in sentence for sentence in source.unchecked)


def test_hostile_text_adds_no_statement() -> None:
    """The syntax tree of a module has classes, imports and assignments, whatever the texts say."""
    properties = {f"p{n}": {"description": text} for n, text in enumerate(TEXTS)}
    schema = {"type": "object", "description": "".join(TEXTS), "properties": properties}

    tree = ast.parse(generate_models(contract_of(schema)).text)

    allowed = (ast.Assign, ast.ClassDef, ast.Expr, ast.ImportFrom)
    assert all(isinstance(one, allowed) for one in tree.body)
    calls = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert {call.id for call in calls if isinstance(call, ast.Name)} <= {"Field", "NotNull"}
    assert all(isinstance(call, ast.Name) for call in calls)


def test_long_descriptions_are_cut() -> None:
    """A description of any length takes a bounded part of the module."""
    schema = {"type": "object", "properties": {"a": {"description": "x" * 100_000}}}

    assert len(generate_models(contract_of(schema)).text) < 3_000


@pytest.mark.parametrize("name", ["Field", "Any", "Integer", "NotNull", "ContractModel"])
@pytest.mark.parametrize("generator", ["jinja"])
def test_a_model_may_be_called_like_an_import(name: str, generator: Generator) -> None:
    """The names of the two models belong to the contract, whatever else is called so."""
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}

    source = generate_models(contract_of(schema, input_model=name), generator=generator)

    model = getattr(load(source), name)
    assert issubclass(model, BaseModel)
    with pytest.raises(ValidationError):
        model.model_validate({"n": 0})


def test_reserved_names_cover_pydantic() -> None:
    """Every public attribute of pydantic's models is kept free of fields."""
    public = {name for name in dir(pydantic.BaseModel) if not name.startswith("_")}

    chosen = field_names(sorted(public | RESERVED_FIELDS), ())

    assert not public & set(chosen.values())


def test_field_names_are_unique_and_stable() -> None:
    """A name that is usable keeps its spelling, whichever order the properties have."""
    forth = field_names(["a-b", "a_b", "a.b"], ())
    back = field_names(["a.b", "a_b", "a-b"], ())

    assert forth == {"a-b": "a_b_2", "a_b": "a_b", "a.b": "a_b_3"}
    assert back["a_b"] == "a_b"
    assert len(set(back.values())) == 3


def test_member_names_are_upper_case_identifiers() -> None:
    """Values that are no identifiers get readable, distinct members."""
    values = ["bold", "x-large", "2-column", "a/b", "None", "", "a b", "😀", "camelCase"]

    assert list(member_names(values).values()) == [
        *("BOLD", "X_LARGE", "VALUE_2_COLUMN", "A_B", "NONE", "EMPTY", "A_B_2", "VALUE"),
        "CAMEL_CASE",
    ]


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_module_passes_the_linter_and_the_type_checker(
    tmp_path: Path, generator: Generator
) -> None:
    """After one formatting pass, ruff and ty find nothing in a module full of odd names."""
    properties: dict[str, Any] = {name: {"type": "string"} for name in NAMES}
    for number, text in enumerate(TEXTS):
        properties[f"t{number}"] = {"type": "string", "description": text, "default": text}
    properties |= {
        "tmp": {"type": "string", "default": "/tmp/x"},
        "host": {"type": "string", "default": "0.0.0.0"},
        "api_token": {"type": "string", "default": "abc"},
        "kinds": {"enum": [*[text for text in TEXTS if text], "secret"]},
        "extra": {
            "type": "object",
            "properties": {"a": {}},
            "additionalProperties": {"type": ["array", "null"], "items": {"$ref": "#/$defs/Tree"}},
        },
        "choice": {"oneOf": [{"required": ["a" * 90], "type": "object"}, {"$ref": "#"}]},
        "number": {"type": "number", "default": 2.0, "multipleOf": 0.01},
    }
    tree = {"type": "array", "items": {"$ref": "#/$defs/Tree"}}
    schema = {"type": "object", "properties": properties, "$defs": {"Tree": tree}}
    path = tmp_path / "models.py"
    path.write_text(generate_models(contract_of(schema), generator=generator).text, "utf-8")
    tools = Path(sys.executable).parent
    rules = ["--isolated", "--no-cache", "--select", "E,F,I,UP,B,S,W"]
    lint = [str(tools / "ruff"), "check", "-q", *rules, "--target-version", "py311", str(path)]
    form = [str(tools / "ruff"), "format", "-q", "--isolated", "--no-cache", str(path)]
    subprocess.run([*lint, "--fix"], check=False, capture_output=True)
    subprocess.run(form, check=True)

    found = subprocess.run(lint, check=False, capture_output=True, text=True)
    kept = subprocess.run([*form, "--check"], check=False, capture_output=True, text=True)
    types_found = subprocess.run(
        [str(tools / "ty"), "check", "--python", sys.executable, str(path)],
        check=False,
        capture_output=True,
        text=True,
    )

    assert (found.returncode, found.stdout) == (0, "")
    assert kept.returncode == 0
    assert types_found.returncode == 0, types_found.stdout
