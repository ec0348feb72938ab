"""The module that holds a contract's node class."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from omninode_bridge.errors import ContractInvalidError
from omninode_bridge.generation.contract import Contract, MixinUse, NodeType, Operation
from omninode_bridge.generation.templating import Text, render
from omninode_bridge.runtime import RESERVED_NAMES

__all__ = ["NODE_TEMPLATES", "logic_of", "methods_of", "node_context", "render_node"]

NODE_TEMPLATES: Mapping[NodeType, tuple[str, ...]] = {
    kind: tuple(f"node_{kind}_{variant}" for variant in ("v2", "v1", "basic")) for kind in NodeType
}
"""Templates of each kind of node: the fullest first, the plainest last."""

MARK = "LogicNotWrittenError"
MAX_STEPS = 1_000
MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class OperationView:
    """What a template may say about an operation."""

    name: Text
    method: str
    text: Text


@dataclass(frozen=True, slots=True)
class NodeView:
    """What a template may say about a node; plain strings are checked identifiers."""

    name: str
    class_name: str
    base: str
    base_name: str
    node_type: str
    version: Text
    module_text: Text
    class_text: Text
    input_model: str
    output_model: str
    mixins: list[str]
    mixin_config: Mapping[str, object]
    operations: list[OperationView]
    workflow_steps: list[Mapping[str, object]]


def render_node(
    contract: Contract,
    template_id: str,
    *,
    mixins: Sequence[MixinUse] | None = None,
    template_dir: Path | None = None,
) -> str:
    """Render the node module of `contract` with the template `template_id`.

    Args:
        contract: a checked contract.
        template_id: one of `NODE_TEMPLATES`, or a template of `template_dir`.
        mixins: use these instead of the contract's own.
        template_dir: a folder whose templates replace packaged ones of the same name.

    Raises:
        TemplateRenderError: no such template, or it cannot be rendered.
    """
    context = node_context(contract, mixins=mixins)
    return render(template_id, context, template_dir=template_dir)


def node_context(
    contract: Contract, *, mixins: Sequence[MixinUse] | None = None
) -> dict[str, object]:
    """Return what node templates see: one variable, ``node``."""
    used = contract.mixins if mixins is None else tuple(mixins)
    what = f"Node `{contract.name}`, version {contract.version}."
    base = f"Node{contract.node_type.capitalize()}"
    own_names = {contract.node_class, contract.input_model, contract.output_model}
    described = contract.description.strip()
    return {
        "node": NodeView(
            name=_identifier(contract, contract.name),
            class_name=_identifier(contract, contract.node_class),
            base=base,
            base_name=f"{base}Base" if base in own_names else base,
            node_type=contract.node_type.value,
            version=Text(contract.version),
            module_text=Text(what),
            class_text=Text(described or "One method per operation."),
            input_model=_identifier(contract, contract.input_model),
            output_model=_identifier(contract, contract.output_model),
            mixins=[_identifier(contract, mixin.name) for mixin in used],
            mixin_config={mixin.name: _plain(mixin.config) for mixin in used if mixin.config},
            operations=[_operation(contract, operation) for operation in contract.operations],
            workflow_steps=_workflow_steps(contract),
        )
    }


def methods_of(contract: Contract) -> dict[str, str]:
    """Map each operation's name to its method, out of the way of what every node already has."""
    methods: dict[str, str] = {}
    taken = RESERVED_NAMES | {operation.method for operation in contract.operations}
    for operation in contract.operations:
        method = operation.method
        if method in RESERVED_NAMES:
            while method in taken:
                method += "_operation"
            taken |= {method}
        methods[operation.name] = method
    return methods


def logic_of(node_source: str) -> Literal["scaffold", "written", "partial"]:
    """Tell whether the operations in `node_source` hold logic: none, all, or some of them.

    Raises:
        SyntaxError: `node_source` does not parse.
    """
    states = {
        _state(method)
        for node in ast.parse(node_source).body
        if isinstance(node, ast.ClassDef)
        for method in _operation_methods(node)
    }
    if len(states) == 1:
        return states.pop()
    return "partial" if states else "scaffold"


def _operation_methods(node: ast.ClassDef) -> list[ast.AsyncFunctionDef]:
    methods = [item for item in node.body if isinstance(item, ast.AsyncFunctionDef)]
    for item in node.body:
        if (
            isinstance(item, ast.AnnAssign)
            and isinstance(item.target, ast.Name)
            and item.target.id == "operations"
            and isinstance(item.value, ast.Dict)
        ):
            named = {ast.unparse(value).strip("'\"") for value in item.value.values}
            return [method for method in methods if method.name in named]
    return [method for method in methods if not method.name.startswith("_")]


def _state(method: ast.AsyncFunctionDef) -> Literal["scaffold", "written", "partial"]:
    if not any(isinstance(node, ast.Name) and node.id == MARK for node in ast.walk(method)):
        return "written"
    body = method.body[1:] if ast.get_docstring(method) is not None else method.body
    while len(body) == 1 and isinstance(body[0], ast.With | ast.AsyncWith):
        body = body[0].body
    return "scaffold" if len(body) == 1 and isinstance(body[0], ast.Raise) else "partial"


def _operation(contract: Contract, operation: Operation) -> OperationView:
    text = operation.description.strip() or f"Carry out the operation `{operation.name}`."
    method = _identifier(contract, methods_of(contract)[operation.name])
    return OperationView(Text(operation.name), method, Text(text))


def _workflow_steps(contract: Contract) -> list[Mapping[str, object]]:
    if contract.node_type is not NodeType.ORCHESTRATOR:
        return []
    steps = contract.raw.get("workflow_steps")
    if isinstance(steps, Mapping):
        steps = [
            {"step": name, **(step if isinstance(step, Mapping) else {})}
            for name, step in steps.items()
        ]
    if not isinstance(steps, list | tuple):
        return []
    named = [step if isinstance(step, Mapping) else {"step": step} for step in steps[:MAX_STEPS]]
    return [{str(key): _plain(value) for key, value in step.items()} for step in named]


def _plain(value: object, depth: int = 0) -> object:
    """Bring YAML data into JSON's types; dates become ISO text, what is too deep becomes text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if depth < MAX_DEPTH and isinstance(value, Mapping):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if depth < MAX_DEPTH and isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    return str(value)[:200]


def _identifier(contract: Contract, name: str) -> str:
    if not (name.isascii() and name.isidentifier()) or keyword.iskeyword(name):
        raise ContractInvalidError(
            f"{name!r} cannot be a name in Python",
            path=contract.path,
            hint="letters, digits and underscores, no digit first, no keyword",
        )
    return name
