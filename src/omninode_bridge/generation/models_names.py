"""Python names of models, fields and enum members: readable, unique, never in anybody's way."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable

from omninode_bridge.generation.names import camel_case

__all__ = ["RESERVED_FIELDS", "field_names", "member_names", "type_name"]

MAX_NAME = 60

RESERVED_FIELDS = frozenset(
    [
        "construct",
        "copy",
        "dict",
        "fields",
        "from_orm",
        "json",
        "json_schema",
        "parse_file",
        "parse_obj",
        "parse_raw",
        "root",
        "schema",
        "schema_json",
        "update_forward_refs",
        "validate",
        "bool",
        "float",
        "int",
        "list",
        "object",
        "str",
    ]
)
"""Attributes of pydantic models and types in annotations that no field may hide.

So is every name that starts with ``model_`` and that pydantic uses: see `_MODEL_NAMES`.
"""

_MODEL_NAMES = frozenset(
    f"model_{name}"
    for name in [
        "computed_fields",
        "config",
        "construct",
        "copy",
        "dump",
        "dump_json",
        "extra",
        "fields",
        "fields_set",
        "json_schema",
        "parametrized_name",
        "post_init",
        "rebuild",
        "validate",
        "validate_json",
        "validate_strings",
    ]
)
_AMBIGUOUS = frozenset({"l", "O", "I"})
_BUILTINS = frozenset(dir(builtins)) | frozenset(keyword.kwlist)


def field_names(wire_names: Iterable[str], module_names: Collection[str]) -> dict[str, str]:
    """Choose the attribute of each property.

    A property whose name is usable as it is keeps it, whatever the others are called.

    Args:
        wire_names: properties in the schema's order.
        module_names: names that annotations of the module use.
    """
    forbidden = RESERVED_FIELDS | _MODEL_NAMES | _AMBIGUOUS | frozenset(module_names)
    wires = list(wire_names)
    cleaned = {wire: _attribute(wire) for wire in wires}
    names = {
        wire: wire
        for wire in wires
        if cleaned[wire] == wire and len(wire) <= MAX_NAME and wire not in forbidden
    }
    taken = set(names.values())
    for wire in wires:
        if wire not in names:
            base = cleaned[wire][:MAX_NAME]
            if base in forbidden or keyword.iskeyword(base):
                base += "_"
            names[wire] = _unused(base, taken | forbidden)
            taken.add(names[wire])
    return {wire: names[wire] for wire in wires}


def _attribute(wire: str) -> str:
    name = _identifier(wire[: 4 * MAX_NAME])
    name = name.lstrip("_")
    if not name:
        return "field"
    if not name[0].isidentifier():
        name = f"field_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def _identifier(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    return "".join(char if f"a{char}".isidentifier() else "_" for char in plain)


def member_names(values: Iterable[str]) -> dict[str, str]:
    """Choose the member of each text of an enumeration, in upper case."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for value in values:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", value[: 4 * MAX_NAME])
        name = re.sub(r"[^A-Z0-9]+", "_", words.upper()).strip("_")[:MAX_NAME].rstrip("_")
        name = name or ("EMPTY" if not value else "VALUE")
        if name[0].isdigit():
            name = f"VALUE_{name}"
        if name in _AMBIGUOUS:
            name = f"VALUE_{name}"
        names[value] = _unused(name, taken)
        taken.add(names[value])
    return names


def type_name(hints: Iterable[str], taken: Collection[str]) -> str:
    """Choose a class name: the first hint that is free, else the last one with a number."""
    name = "Part"
    for hint in hints:
        name = camel_case(hint)[:MAX_NAME] or "Part"
        if name[0].isdigit():
            name = f"Part{name}"
        if name not in taken and name not in _BUILTINS and name not in _AMBIGUOUS:
            return name
    return _unused(name, taken, join="")


def _unused(base: str, taken: Collection[str], *, join: str = "_") -> str:
    name, count = base, 2
    while name in taken or keyword.iskeyword(name):
        name, count = f"{base}{join}{count}", count + 1
    return name
