"""Generated tests fail as soon as one constraint is taken out of the generated models."""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from omninode_bridge.generation.contract import Contract, NodeType, Operation
from omninode_bridge.generation.models import generate_models
from omninode_bridge.generation.node import render_node
from omninode_bridge.generation.package_files import package_files, samples_of, untested_of

INPUT_SCHEMA: dict[str, object] = {
    "type": "object",
    "required": ["id", "level", "lines", "mode"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4,6}$", "maxLength": 8},
        "mode": {"type": "string", "enum": ["fast", "slow", "x-large"]},
        "limit": {"type": "integer", "minimum": 1, "maximum": 50, "default": 10},
        "ratio": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "step": {"type": "number", "multipleOf": 0.5},
        "note": {"type": ["string", "null"], "minLength": 2, "maxLength": 40},
        "contact": {"type": "string", "format": "email"},
        "level": {"enum": [1, "1", True, 2.5]},
        "range": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        "labels": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 9}},
        "lines": {
            "type": "array",
            "minItems": 1,
            "maxItems": 20,
            "items": {"$ref": "#/$defs/Line"},
        },
        "from": {"type": "string", "format": "date-time"},
    },
    "$defs": {
        "Line": {
            "type": "object",
            "required": ["sku", "quantity"],
            "additionalProperties": False,
            "properties": {
                "sku": {"type": "string", "minLength": 1},
                "quantity": {"type": "integer", "minimum": 1, "default": 1},
                "rate": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.2},
                "tags": {"type": "array", "uniqueItems": True, "items": {"type": "string"}},
            },
        }
    },
}
OUTPUT_SCHEMA: dict[str, object] = {
    "type": "object",
    "required": ["state", "result"],
    "properties": {
        "state": {"type": "string", "enum": ["done", "failed"]},
        "result": {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {
                    "type": "object",
                    "required": ["code"],
                    "properties": {"code": {"type": "string"}},
                },
            ]
        },
        "pair": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]},
        "keys": {"type": "object", "propertyNames": {"maxLength": 3}, "minProperties": 1},
        "odd": {"type": "integer", "not": {"const": 13}},
        "when": {"type": "string", "format": "date"},
    },
    "dependentRequired": {"pair": ["keys"]},
}


def contract(
    name: str, input_state: dict[str, object], output_state: dict[str, object]
) -> Contract:
    """Build a contract by hand."""
    return Contract(
        path=f"{name}.yaml",
        name=name,
        version="1.0.0",
        node_type=NodeType.COMPUTE,
        description="For a mutation run.",
        input_state=input_state,
        output_state=output_state,
        operations=(Operation("work", "work"),),
        mixins=(),
        template=None,
        input_model="ModelIn",
        output_model="ModelOut",
        node_class="NodeWork",
        raw={},
        text="",
    )


BOUNDS = {"ge", "gt", "le", "lt", "min_length", "max_length", "multiple_of", "pattern"}


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """Yield models that lack one thing each, with what it is."""
    tree = ast.parse(source)
    for number in itertools.count():
        mutated = copy.deepcopy(tree)
        remover = Remover(number)
        remover.visit(mutated)
        if remover.removed is None:
            return
        yield remover.removed, ast.unparse(ast.fix_missing_locations(mutated))


class Remover(ast.NodeTransformer):
    """Removes the constraint with the given number."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.removed: str | None = None
        self.enum = False

    def hit(self, what: str) -> bool:
        """Count one thing that can be removed; whether it is the one."""
        self.left -= 1
        if self.left == -1:
            self.removed = what
        return self.left == -1

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Drop a bound, or the prohibition of further properties."""
        called = ast.unparse(node.func)
        kept = []
        for keyword in node.keywords:
            bound = called == "Field" and keyword.arg in BOUNDS
            closed = called == "ConfigDict" and keyword.arg == "extra"
            if not ((bound or closed) and self.hit(f"{keyword.arg} of {ast.unparse(node)}")):
                kept.append(keyword)
        node.keywords = kept
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """Drop a check out of Annotated, or a member out of Literal."""
        kind = ast.unparse(node.value)
        if kind in {"Annotated", "Literal"} and isinstance(node.slice, ast.Tuple):
            first = 1 if kind == "Annotated" else 0
            for item in node.slice.elts[first:]:
                is_check = isinstance(item, ast.Call) and ast.unparse(item.func) != "Field"
                if (is_check or kind == "Literal") and self.hit(ast.unparse(item)):
                    node.slice.elts.remove(item)
                    if len(node.slice.elts) == 1:
                        return node.slice.elts[0] if first else node
                    break
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Accept any text in place of a format, any number in place of a whole one."""
        if node.id.endswith("Text") and self.hit(f"format {node.id}"):
            return ast.Name("str", node.ctx)
        if node.id == "Integer" and self.hit("whole numbers only"):
            return ast.Name("float", node.ctx)
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        """Leave imports alone."""
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Drop an enum's member; make a required field optional; drop or change a default."""
        bases = " ".join(map(ast.unparse, node.bases))
        for item in list(node.body):
            if "Enum" in bases and isinstance(item, ast.Assign):
                if len(node.body) > 1 and self.hit(f"member {ast.unparse(item)}"):
                    node.body.remove(item)
            elif isinstance(item, ast.AnnAssign) and "ClassVar" not in ast.unparse(item.annotation):
                self.change_default(item)
            elif isinstance(item, ast.AnnAssign) and isinstance(item.value, ast.Tuple):
                for check in list(item.value.elts):
                    if self.hit(ast.unparse(check)):
                        item.value.elts.remove(check)
        for item in node.body:
            if not isinstance(item, ast.AnnAssign) or "ClassVar" not in ast.unparse(
                item.annotation
            ):
                self.visit(item)
        return node

    def change_default(self, item: ast.AnnAssign) -> None:
        """Give a required field a default; take another value for a default."""
        name = ast.unparse(item.target)
        if item.value is None:
            if self.hit(f"required {name}"):
                item.value = ast.Constant(None)
        elif ast.unparse(item.value) != "None" and self.hit(f"default of {name}"):
            item.value = ast.Constant(None)


def run_cases(module: ModuleType) -> None:
    """Run every parametrised test of a module in this process."""
    for name, test in vars(module).items():
        if name.startswith("test_") and inspect.isfunction(test):
            (mark,) = test.pytestmark  # type: ignore[attr-defined]
            for case in mark.args[1]:
                test(*case.values)


@pytest.fixture
def load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[dict[str, bytes]], ModuleType]]:
    """Write the files of a package under a new name and import its model tests."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    numbers = itertools.count()
    before = set(sys.modules)

    def write_and_import(files: dict[str, bytes]) -> ModuleType:
        package = f"mutant_{next(numbers)}"
        for path, content in files.items():
            target = tmp_path / package / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        importlib.invalidate_caches()
        return importlib.import_module(f"{package}.tests.test_models")

    yield write_and_import
    for name in set(sys.modules) - before:
        if name.startswith("mutant_"):
            del sys.modules[name]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("one", "least"),
    [
        pytest.param(contract("orders", INPUT_SCHEMA, {"type": "object"}), 40, id="orders"),
        pytest.param(contract("results", {"type": "object"}, OUTPUT_SCHEMA), 15, id="results"),
    ],
)
def test_each_removed_constraint_is_noticed(
    one: Contract, least: int, load: Callable[[dict[str, bytes]], ModuleType]
) -> None:
    """The untouched models pass their tests, and each mutant fails them."""
    models = generate_models(one)
    files = package_files(one, models.text, render_node(one, "node_compute_basic"))
    found = list(mutants(models.text))

    run_cases(load(files))
    untouched = set(ast.unparse(ast.parse(models.text)).splitlines())
    survivors = []
    for what, source in found:
        try:
            run_cases(load({**files, "models.py": source.encode()}))
        except (pytest.fail.Exception, Exception):
            continue
        survivors.append(f"{what} in {' '.join(set(source.splitlines()) - untouched)}")

    assert len(found) >= least
    assert survivors == []


@pytest.mark.parametrize(
    "blocked",
    [
        pytest.param({"not": {}}, id="nothing fits"),
        pytest.param({"type": "string", "minLength": 200_000_000}, id="too long"),
        pytest.param({"type": "array", "minItems": 50_000_000}, id="too many items"),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_a_field_without_samples_leaves_the_others_tested(
    blocked: dict[str, object], load: Callable[[dict[str, bytes]], ModuleType], *, nested: bool
) -> None:
    """Beside a required field that no sample fits, each removed constraint is still noticed."""
    schema: dict[str, object] = {
        "type": "object",
        "required": ["blocked", "unit", "count"],
        "additionalProperties": False,
        "properties": {
            "blocked": blocked,
            "unit": {"type": "string", "minLength": 3, "pattern": "^[a-z]+$"},
            "count": {"type": "integer", "minimum": 2},
            "state": {"type": "string", "enum": ["open", "closed"]},
        },
    }
    if nested:
        schema = {"type": "object", "required": ["inner"], "properties": {"inner": schema}}
    one = contract("stocks", schema, {"type": "object"})
    models = generate_models(one)
    samples = samples_of(one)
    files = package_files(one, models.text, render_node(one, "node_compute_basic"), samples=samples)
    weaker = [
        models.text.replace(old, new)
        for old, new in (
            ("min_length=3", "min_length=0"),
            ("^[a-z]+$", "."),
            ("ge=2", "ge=1"),
            ("unit: ", "unit: None | "),
        )
    ]

    run_cases(load(files))
    for source in weaker:
        assert source != models.text
        with pytest.raises((pytest.fail.Exception, Exception)):
            run_cases(load({**files, "models.py": source.encode()}))

    (said,) = (text for text in untested_of(samples) if "no value is known" in text)
    assert repr("inner.blocked" if nested else "blocked") in said
