"""Which node a contract describes: its name, version, type and description, wherever they stand."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from omninode_bridge.generation.contract import NodeType
from omninode_bridge.generation.document import Document
from omninode_bridge.generation.findings import Code, Finding, NodePath, Severity
from omninode_bridge.generation.names import (
    identifier,
    is_device_name,
    is_renamed,
    leaves_folder,
    snake_case,
)

__all__ = ["SECTIONS", "find_name", "find_text", "find_type", "find_version", "type_word"]

SECTIONS: tuple[NodePath, ...] = (
    (),
    ("node_identity",),
    ("identity",),
    ("node",),
    ("contract",),
    ("node_contract",),
    ("onex",),
    ("spec",),
    ("metadata",),
    ("node_specification",),
    ("tool_specification",),
    ("descriptor",),
)
"""Maps in which contracts keep their name, version and type, most usual first."""

TYPE_KEYS = ("node_type", "nodeType", "node_kind", "node_archetype")
_NAME_KEYS = (("name", "node_name", "nodeName"), ("tool_name",), ("contract_name",))
_VERSION_KEYS = ("version", "node_version", "contract_version", "nodeVersion")
_DESCRIPTION_KEYS = ("description", "summary", "contract_description", "display_name", "title")
_VERSION = re.compile(
    r"[vV]?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:\.\d{1,9})*(?:[-+.]?[A-Za-z][\w.+-]*|[-+][\w.+-]+)?\Z"
)
_CODE = re.compile(r"\$\(|`|\{\{|\{%|\$\{|__\w+__|[;|&<>]")
MAX_TEXT = 200


def _spots(document: Document, keys: tuple[str, ...]) -> Iterator[NodePath]:
    for section in SECTIONS:
        if isinstance(document.get(section), Mapping):
            for key in keys:
                if document.get((*section, key)) is not None:
                    yield (*section, key)


def find_text(document: Document, *keys: str) -> tuple[NodePath, str] | None:
    """Return the first text under one of `keys`, at the top or in one of `SECTIONS`."""
    for where in _spots(document, keys):
        value = document.written(where)
        if value is not None and value.strip():
            return where, value
    return None


def type_word(text: str) -> NodeType | None:
    """Read a node type in any case and with what is put around it (``EFFECT_GENERIC``)."""
    words = set(snake_case(text).split("_"))
    found = [kind for kind in NodeType if str(kind) in words]
    return found[0] if len(found) == 1 else None


def find_type(document: Document) -> tuple[NodeType | None, Finding | None]:
    """Return the node type, or the finding that says why there is none."""
    known = ", ".join(repr(str(kind)) for kind in NodeType)
    for where in _spots(document, TYPE_KEYS):
        value = document.get(where)
        if not isinstance(value, str):
            break
        kind = type_word(value)
        if kind is not None:
            return kind, None
        message = f"unknown node type {value[:MAX_TEXT]!r}"
        return None, document.finding(where, Code.NODE_TYPE, message, hint=f"one of {known}")
    where = next(_spots(document, TYPE_KEYS), ())
    return None, document.finding(
        where, Code.NODE_TYPE, "the contract names no node type", hint=f"add 'node_type': {known}"
    )


def find_name(document: Document) -> tuple[str, Finding | None]:
    """Return the package name (snake case, an identifier), and the finding against it or None."""
    for where in (spot for keys in _NAME_KEYS for spot in _spots(document, keys)):
        if isinstance(document.get(where), Mapping | list):
            continue
        text = document.written(where) or ""
        if where[-1] == "contract_name":
            text = re.sub(r"(?<=.)[_\s-]?contract\Z", "", text, flags=re.IGNORECASE)
        return _checked_name(document, where, text)
    hint = "add 'name', in snake case"
    return "", document.finding((), Code.NAME, "the contract has no name", hint=hint)


def _checked_name(document: Document, where: NodePath, text: str) -> tuple[str, Finding | None]:
    name = identifier(text, prefix="node")
    shown = repr(text[:MAX_TEXT])
    hint = f"write {_safe(name)!r}" if name else "letters, digits and underscores"
    if leaves_folder(text):
        message = f"name {shown} leaves the output folder"
        return "", document.finding(where, Code.SECURITY_NAME, message, hint=hint)
    if _CODE.search(text):
        message = f"name {shown} holds code"
        return "", document.finding(where, Code.SECURITY_NAME, message, hint=hint)
    if len(text) > MAX_TEXT or not name:
        what = "is too long" if name else "has no letter or digit"
        return "", document.finding(where, Code.STATE, f"name {shown} {what}", hint=hint)
    if re.search(r"[^\w\s.-]", text):
        message = f"name {shown} is no name for a package"
        return "", document.finding(where, Code.STATE, message, hint=hint)
    if is_device_name(text) or is_device_name(name):
        message = f"name {shown} is a device on Windows"
        return "", document.finding(where, Code.STATE, message, hint=f"write {_safe(name)!r}")
    if name in sys.stdlib_module_names or name in _TAKEN:
        message = f"name {shown} is the name of a module that the package itself needs"
        return "", document.finding(where, Code.STATE, message, hint=f"write '{name}_node'")
    if is_renamed(text.strip(), name):
        message = f"name {shown} becomes the package {name!r}"
        warning = document.finding(where, Code.SUSPICIOUS, message, severity=Severity.WARNING)
        return name, warning
    return name, None


# what a generated package imports beside the standard library
_TAKEN = frozenset({"omninode_bridge", "pydantic", "pytest", "tests"})


def _safe(name: str) -> str:
    return f"{name}_node" if is_device_name(name) else name


def find_version(document: Document) -> tuple[str, Finding | None]:
    """Return ``major.minor.patch`` (``1.0.0`` where the contract names none)."""
    for where in _spots(document, _VERSION_KEYS):
        value = document.get(where)
        text = _joined(value) if isinstance(value, Mapping) else document.written(where)
        match = _VERSION.match((text or "").strip())
        if match:
            return ".".join(str(int(part or 0)) for part in match.groups()), None
        message = f"version {str(text or value)[:MAX_TEXT]!r} is no version"
        return "", document.finding(where, Code.VERSION, message, hint="write '1.0.0'")
    return "1.0.0", None


def _joined(value: Mapping[str, Any]) -> str | None:
    parts = [value.get(key, 0) for key in ("major", "minor", "patch")]
    if "major" not in value or isinstance(value["major"], bool):
        return None
    return ".".join(str(part) for part in parts)


def find_description(document: Document) -> str:
    """Return the description as plain text; empty where there is none."""
    found = find_text(document, *_DESCRIPTION_KEYS)
    return found[1].strip()[:10_000] if found else ""
