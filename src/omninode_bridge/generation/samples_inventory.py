"""The constraints that a schema holds: what a complete set of samples would have to break."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from omninode_bridge.generation.samples_head import Head
from omninode_bridge.generation.samples_schemas import Schemas
from omninode_bridge.generation.samples_strings import FORMAT_EXAMPLES

__all__ = ["Constraint", "constraints"]

Constraint = tuple[str, str, str]
"""Pointer of the subschema, keyword, and the property for ``required``; else empty."""

BREAKABLE = frozenset(
    [
        "const",
        "contains",
        "dependentRequired",
        "dependentSchemas",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "maxContains",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minContains",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "not",
        "oneOf",
        "pattern",
        "type",
        "unevaluatedItems",
    ]
)
# Keywords that are constraints by themselves with just this value.
CLOSING = {
    "additionalProperties": False,
    "items": False,
    "unevaluatedProperties": False,
    "uniqueItems": True,
}
ONE_BELOW = frozenset(
    [
        "additionalProperties",
        "contains",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    ]
)
MANY_BELOW = frozenset(["allOf", "anyOf", "oneOf", "prefixItems"])
NAMED_BELOW = frozenset(["dependentSchemas", "patternProperties", "properties"])
# A subschema that only decides is not broken: breaking it is choosing the other branch.
DECIDING = frozenset({"contains", "if", "not"})
MAX_SCHEMAS = 5_000


def constraints(schemas: Schemas) -> list[Constraint]:
    """List every constraint that the root schema reaches, in the order of the document."""
    found: dict[Constraint, None] = {}
    seen: set[str] = set()
    waiting = [Head("", schemas.root)]
    while waiting and len(seen) < MAX_SCHEMAS:
        head = waiting.pop(0)
        if head.pointer in seen or not isinstance(head.schema, Mapping):
            continue
        seen.add(head.pointer)
        found.update(dict.fromkeys(_own(head)))
        waiting += _below(head)
        waiting += [part for part in schemas.referred(head) if part.pointer not in seen]
    return list(found)


def _own(head: Head) -> Iterator[Constraint]:
    schema = head.schema if isinstance(head.schema, Mapping) else {}
    for keyword, value in schema.items():
        if keyword == "required" and isinstance(value, list):
            yield from ((head.pointer, "required", str(name)) for name in value)
        elif keyword == "type" and schema.keys() & {"enum", "const"}:
            continue  # the members say it already
        elif keyword == "format" and value not in FORMAT_EXAMPLES:
            continue  # formats that nobody knows are remarks
        elif keyword in BREAKABLE or (keyword in CLOSING and value is CLOSING[keyword]):
            yield head.pointer, str(keyword), ""


def _below(head: Head) -> Iterator[Head]:
    schema = head.schema if isinstance(head.schema, Mapping) else {}
    for keyword, value in schema.items():
        if keyword in DECIDING:
            continue
        if keyword in ONE_BELOW and isinstance(value, Mapping):
            yield head.down(keyword)
        elif keyword in MANY_BELOW and isinstance(value, list):
            yield from (head.down(keyword, index) for index in range(len(value)))
        elif keyword in NAMED_BELOW and isinstance(value, Mapping):
            yield from (head.down(keyword, name) for name in value)
