"""What is wrong with a finished state schema: each fault with the line that it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from omninode_bridge.generation.dialect import same
from omninode_bridge.generation.findings import Code, Finding, NodePath
from omninode_bridge.generation.schema_build import BuiltSchema
from omninode_bridge.generation.schema_objects import texts
from omninode_bridge.generation.schema_shapes import metaschema_errors, subschemas
from omninode_bridge.generation.schema_values import ValueChecker, is_pattern

__all__ = ["check_schema"]

_BOUNDS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minContains", "maxContains"),
)
_EXCLUSIVE = (
    ("exclusiveMinimum", "exclusiveMaximum"),
    ("exclusiveMinimum", "maximum"),
    ("minimum", "exclusiveMaximum"),
)
_IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")
_SHOWN = 80


def check_schema(built: BuiltSchema) -> list[Finding]:
    """Return the faults of a schema whose references all resolve."""
    faults = metaschema_errors(built.schema)
    if faults:
        return [built.origin(path).finding(Code.SCHEMA, text) for path, text in faults]
    loops = list(_loops(built))
    if loops:
        return loops
    values = ValueChecker(built.schema)
    found: list[Finding] = []
    for where, schema in subschemas(built.schema):
        found += _patterns(built, where, schema)
        found += _contradictions(built, where, schema, values)
        found += _defaults(built, where, schema, values)
    return found


def _loops(built: BuiltSchema) -> Iterator[Finding]:
    """Find definitions that need themselves before a value is even looked at."""
    defs = built.schema.get("$defs", {})
    needs = {name: set(_needed(schema)) for name, schema in defs.items()}
    done: set[str] = set()
    for first, direct in needs.items():
        path: list[tuple[str, list[str]]] = [(first, sorted(direct))]
        active = {first}
        while path and first not in done:
            name, rest = path[-1]
            if not rest:
                path.pop()
                active.discard(name)
                done.add(name)
                continue
            following = rest.pop()
            if following in active:
                message = f"definition {following!r} refers to itself without an end"
                yield built.origin(("$defs", following)).finding(Code.REFERENCE, message)
                return
            if following not in done:
                active.add(following)
                path.append((following, sorted(needs.get(following, ()))))


def _needed(schema: Any) -> Iterator[str]:
    if not isinstance(schema, Mapping):
        return
    reference = schema.get("$ref")
    if isinstance(reference, str):
        yield reference.rsplit("/", maxsplit=1)[-1]
    for name in _IN_PLACE:
        value = schema.get(name)
        for item in value if isinstance(value, list) else [value]:
            yield from _needed(item)
    for item in schema.get("dependentSchemas", {}).values():
        yield from _needed(item)


def _patterns(built: BuiltSchema, where: NodePath, schema: dict[str, Any]) -> Iterator[Finding]:
    hint = "write a regular expression that compiles"
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and not is_pattern(pattern):
        message = f"pattern {pattern[:_SHOWN]!r} is no regular expression"
        yield built.origin((*where, "pattern")).finding(Code.PATTERN, message, hint=hint)
    for key in schema.get("patternProperties", {}):
        if not is_pattern(key):
            message = f"pattern {key[:_SHOWN]!r} is no regular expression"
            source = built.origin((*where, "patternProperties", key))
            yield source.finding(Code.PATTERN, message, hint=hint)


def _defaults(
    built: BuiltSchema, where: NodePath, schema: dict[str, Any], values: ValueChecker
) -> Iterator[Finding]:
    if "default" not in schema:
        return
    refusal = values.refusal(schema["default"], _without(schema, "default"))
    if refusal:
        shown = repr(schema["default"])[:_SHOWN]
        message = f"default {shown} is refused by its own schema: {refusal}"
        hint = _default_hint(schema)
        yield built.origin((*where, "default")).finding(Code.DEFAULT, message, hint=hint)


def _without(schema: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name not in names}


def _default_hint(schema: Mapping[str, Any]) -> str:
    values = schema.get("enum")
    if isinstance(values, list):
        return f"one of {', '.join(repr(value)[:40] for value in values[:10])}"
    kind = schema.get("type")
    return f"a value of type {kind!r}, or no default" if kind else "a value it accepts"


def _contradictions(
    built: BuiltSchema, where: NodePath, schema: dict[str, Any], values: ValueChecker
) -> Iterator[Finding]:
    for low, high in _BOUNDS:
        if low in schema and high in schema and schema[low] > schema[high]:
            message = f"{low} {schema[low]!r} is more than {high} {schema[high]!r}"
            yield built.origin((*where, low)).finding(Code.CONTRADICTION, message)
    for low, high in _EXCLUSIVE:
        if low in schema and high in schema and schema[low] >= schema[high]:
            message = f"no number lies between {low} {schema[low]!r} and {high} {schema[high]!r}"
            yield built.origin((*where, low)).finding(Code.CONTRADICTION, message)
    if schema.get("additionalProperties") is False and "patternProperties" not in schema:
        for name in texts(schema.get("required")):
            if name not in schema.get("properties", {}) and not set(schema) & set(_IN_PLACE):
                source = built.origin((*where, "required"))
                message = f"{name!r} is required, but additionalProperties forbids it"
                hint = "add it to properties"
                yield source.finding(Code.CONTRADICTION, message, hint=hint)
    if "const" in schema:
        yield from _const(built, where, schema, values)
    if isinstance(schema.get("enum"), list):
        yield from _enum(built, where, schema, values)


def _const(
    built: BuiltSchema, where: NodePath, schema: dict[str, Any], values: ValueChecker
) -> Iterator[Finding]:
    refusal = values.refusal(schema["const"], _without(schema, "default"))
    if refusal:
        message = f"const {schema['const']!r} is refused by its own schema: {refusal}"
        yield built.origin((*where, "const")).finding(Code.CONTRADICTION, message)


def _enum(
    built: BuiltSchema, where: NodePath, schema: dict[str, Any], values: ValueChecker
) -> Iterator[Finding]:
    """Find enum values that the rest of the schema refuses; with none left nothing is accepted."""
    rest = _without(schema, "enum", "default", "const")
    listed = schema["enum"][:500]
    refused = {i: text for i, value in enumerate(listed) if (text := values.refusal(value, rest))}
    source = built.origin((*where, "enum"))
    if len(refused) == len(listed):
        shown = repr(schema["enum"])[:_SHOWN]
        message = f"enum {shown} has no value of type {schema.get('type')!r}"
        if not listed:
            message = "enum lists no value"
        hint = "put text in quotes" if schema.get("type") == "string" else ""
        yield source.finding(Code.CONTRADICTION, message, hint=hint)
        return
    for index, refusal in refused.items():
        message = f"enum value {listed[index]!r} can never occur: {refusal}"
        yield source.down(index).finding(Code.ENUM, message)
    for index, value in enumerate(listed[:200]):
        if any(same(value, other) for other in listed[:index]):
            message = f"enum value {value!r} stands there twice"
            yield source.down(index).finding(Code.ENUM, message)
