"""What a node does: the operations of a contract, in any of the shapes people write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from omninode_bridge.generation.contract import NodeType, Operation
from omninode_bridge.generation.document import Document
from omninode_bridge.generation.findings import Code, Finding, NodePath, Severity
from omninode_bridge.generation.identity import SECTIONS
from omninode_bridge.generation.names import is_renamed, method_name

__all__ = ["NAMED_OPERATIONS", "find_operations"]

MAX_OPERATIONS = 200
MAX_NAME = 200
NAMED_OPERATIONS = ("operations", "node_operations", "methods")
"""Keys that hold nothing but operations: a fault there is a fault of the contract."""

_OTHER_SPOTS: tuple[NodePath, ...] = (
    ("effect_operations", "operations"),
    ("compute_operations", "operations"),
    ("actions",),
    ("io_operations",),
    ("supported_operations",),
    ("handler_routing", "handlers"),
    ("workflow_steps",),
    ("workflow", "steps"),
    ("steps",),
)
_NAME_KEYS = (
    *("name", "operation_name", "operation", "id", "operation_id", "method", "action"),
    *("step", "step_id", "step_name", "routing_key", "operation_type", "type"),
)
_DESCRIPTION_KEYS = ("description", "summary", "purpose")
_DETAIL_KEYS = frozenset({"description", "version", "default", "enabled", "required", "list"})
_DEFAULTS = {
    NodeType.EFFECT: "execute_effect",
    NodeType.COMPUTE: "execute_compute",
    NodeType.REDUCER: "execute_reduction",
    NodeType.ORCHESTRATOR: "execute_orchestration",
}
_CODE = re.compile(r"__\w+__\s*[.(\[]|\b(?:eval|exec|system|popen)\s*\(|\$\(|`|\{\{")


def find_operations(
    document: Document, node_type: NodeType
) -> tuple[tuple[Operation, ...], list[Finding]]:
    """Return the operations (never none without a finding), and what is wrong with them.

    The first of these that names any: `operations`; the operations of an effect section, actions,
    `io_operations`, handlers, workflow steps; one that is called after the type.
    """
    findings: list[Finding] = []
    for where in _named_spots(document):
        found = _read(document, where, findings, strict=True)
        if found or findings:
            return tuple(found), findings
    for where in _OTHER_SPOTS:
        found = _read(document, where, findings, strict=False)
        if found or findings:
            return tuple(found), findings
    name = _DEFAULTS[node_type]
    return (Operation(name, name),), []


def _named_spots(document: Document) -> Iterator[NodePath]:
    for section in SECTIONS:
        for key in NAMED_OPERATIONS:
            if document.get((*section, key)) is not None:
                yield (*section, key)


def _read(
    document: Document, where: NodePath, findings: list[Finding], *, strict: bool
) -> list[Operation]:
    value = document.get(where)
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list | Mapping):
        if strict and value is not None:
            message = f"{where[-1]!r} is {value!r}"
            hint = "a list of names"
            findings.append(document.finding(where, Code.OPERATIONS, message, hint=hint))
        return []
    found: dict[str, Operation] = {}
    names: set[str] = set()
    for spot, name, description in _entries(value, where):
        if name is None or not name.strip() or len(name) > MAX_NAME or "\0" in name:
            if strict:
                message = f"operation {str(name)[:60]!r} has no usable name"
                hint = "write a name or a map with 'name'"
                findings.append(document.finding(spot, Code.OPERATIONS, message, hint=hint))
            continue
        if _CODE.search(name):
            message = f"operation name {name!r} holds code"
            findings.append(document.finding(spot, Code.SECURITY_CODE, message))
            continue
        if name.strip() in names:
            message = f"operation {name.strip()!r} is named again"
            findings.append(_remark(document, spot, message, "it is one operation"))
            continue
        if len(found) >= MAX_OPERATIONS:
            message = f"more than {MAX_OPERATIONS} operations"
            findings.append(document.finding(spot, Code.OPERATIONS, message))
            break
        names.add(name.strip())
        method = method_name(name, taken=found, number=len(found) + 1)
        found[method] = Operation(name.strip(), method, description)
        if is_renamed(name.strip(), method):
            message = f"operation {name.strip()!r} becomes the method {method!r}"
            hint = "a name of its own, in snake case"
            findings.append(_remark(document, spot, message, hint))
    return list(found.values())


def _remark(document: Document, where: NodePath, message: str, hint: str) -> Finding:
    return document.finding(where, Code.SUSPICIOUS, message, hint=hint, severity=Severity.WARNING)


def _entries(value: Any, where: NodePath) -> Iterator[tuple[NodePath, str | None, str]]:
    """Yield place, name and description of each operation of a list or map."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            spot = (*where, index)
            if isinstance(item, Mapping) and len(item) == 1 and not set(item) & set(_NAME_KEYS):
                ((name, details),) = item.items()
                yield spot, name, _description(details)
            elif isinstance(item, Mapping):
                yield spot, _name_of(item), _description(item)
            else:
                yield spot, item if isinstance(item, str) else None, ""
        return
    nested = value.get("list", value.get("operations"))
    if isinstance(nested, list) and set(value) <= {"list", "operations", *_DETAIL_KEYS}:
        yield from _entries(nested, where)
        return
    for name, item in value.items():
        spot = (*where, name)
        if isinstance(item, list) and item and all(isinstance(part, str) for part in item):
            for index, part in enumerate(item):
                yield (*spot, index), part, ""
        else:
            yield spot, name, _description(item)


def _name_of(item: Mapping[str, Any]) -> str | None:
    for key in _NAME_KEYS:
        value = item.get(key)
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, Mapping) and isinstance(value.get("name"), str):
            return str(value["name"])
    return None


def _description(details: Any) -> str:
    if isinstance(details, str):
        return details.strip()
    if isinstance(details, Mapping):
        for key in _DESCRIPTION_KEYS:
            if isinstance(details.get(key), str):
                return " ".join(details[key].split())[:2_000]
    return ""
