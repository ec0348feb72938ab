"""A state's schema as the contract writes it, made self-contained JSON Schema 2020-12."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from omninode_bridge.generation import dialect
from omninode_bridge.generation.dialect import Keyword
from omninode_bridge.generation.findings import Code, Finding, NodePath
from omninode_bridge.generation.names import camel_case, class_name
from omninode_bridge.generation.references import ContractFiles, Source, find_definition, resolve
from omninode_bridge.generation.schema_objects import (
    complete_object,
    field_sources,
    is_field_table,
    read_flags,
    texts,
    with_null,
)
from omninode_bridge.generation.type_names import KNOWN_TYPES, UNSUPPORTED_TYPES, read_type

__all__ = ["BuiltSchema", "SchemaBuilder"]

MAX_SCHEMAS = 4_000
_NAMED_GROUP = re.compile(r"\(\?<(?=[A-Za-z_])")
_SHOWN = 120


@dataclass(frozen=True, slots=True)
class BuiltSchema:
    """A finished schema.

    Attributes:
        schema: self-contained; definitions under ``$defs``.
        origins: where each part of `schema` comes from, by its path in `schema`.
    """

    schema: dict[str, Any]
    origins: Mapping[NodePath, Source]

    def origin(self, where: NodePath) -> Source:
        """Return the source of the value at `where` in `schema`, or of the nearest one above."""
        rest: NodePath = ()
        while where not in self.origins:
            where, rest = where[:-1], (where[-1], *rest)
        source = self.origins[where]
        for step in rest:
            if not source.document.has((*source.where, step)):
                break
            source = source.down(step)
        return source


@dataclass(slots=True)
class SchemaBuilder:
    """Converts one state; what is wrong with it collects in `findings`.

    Attributes:
        files: where references to files lead.
        taken: names that no definition may have (the classes of the models).
        findings: in the order in which they were met; a faulty part of the schema accepts anything.
        is_full: whether the state was larger than `MAX_SCHEMAS`, and its end was left out.
    """

    files: ContractFiles
    taken: Collection[str] = ()
    findings: list[Finding] = field(default_factory=list)
    is_full: bool = False
    _origins: dict[NodePath, Source] = field(default_factory=dict)
    _names: dict[tuple[str, NodePath], str] = field(default_factory=dict)
    _queue: list[tuple[str, Source]] = field(default_factory=list)
    _count: int = 0

    def build(self, source: Source) -> BuiltSchema:
        """Return the schema of the object at `source`, every reference local."""
        root = self._followed(source)
        self._origins[()] = root
        if is_field_table(root.value):
            schema: Any = self._fields(root, ())
        else:
            schema = self._convert(root, ())
        schema = schema if isinstance(schema, dict) else {}
        if "type" not in schema:
            schema = {"type": "object", **schema}
            complete_object(schema, [], [])
        elif isinstance(schema["type"], list) and "object" in schema["type"]:
            schema["type"] = "object"  # what goes in and out is an object, whatever else could be
        elif schema["type"] != "object":
            shown = repr(schema["type"])[:_SHOWN]
            self._fault(root, Code.STATE, f"a state of type {shown}", "a state is an object")
        defs: dict[str, Any] = {}
        while self._queue:
            name, target = self._queue.pop(0)
            defs[name] = self._convert(target, ("$defs", name))
        if defs:
            schema["$defs"] = defs
        return BuiltSchema(schema, self._origins)

    def _followed(self, source: Source) -> Source:
        """Return what a state that is only a reference stands for."""
        seen: set[tuple[str, NodePath]] = set()
        while reference := _only_reference(source.value):
            target = resolve(reference, source, self.files)
            if isinstance(target, Finding):
                break
            if (target.file, target.where) in seen or target.where == source.where:
                break
            seen.add((target.file, target.where))
            source = target
        return source

    def _fault(self, source: Source, code: Code, message: str, hint: str = "") -> None:
        self.findings.append(source.finding(code, message, hint=hint))

    def _convert(self, source: Source, out: NodePath) -> Any:
        self._count += 1
        self._origins[out] = source
        value = source.value
        if isinstance(value, bool):
            return value
        if self._overflows(source):
            return {}
        if isinstance(value, str):
            return self._named(source, value)
        if not isinstance(value, Mapping):
            found = "nothing" if value is None else f"{type(value).__name__} {value!r}"[:_SHOWN]
            message = f"{found} where a schema should be"
            self._fault(source, Code.SCHEMA, message, "write {} for any value")
            return {}
        return self._mapping(source, dialect.read_keywords(value), out)

    def _overflows(self, source: Source) -> bool:
        if self._count > MAX_SCHEMAS and not self.is_full:
            self.is_full = True
            self._fault(source, Code.STATE, f"more than {MAX_SCHEMAS} schemas in one state")
        return self.is_full

    def _mapping(self, source: Source, found: dict[str, Keyword], out: NodePath) -> dict[str, Any]:
        schema = self._types(source, found, out)
        dialect.bound_keywords(found, schema.get("type"))
        for name, keyword in found.items():
            self._origins.setdefault((*out, name), source.down(keyword.key))
            self._keyword(name, keyword, schema, source, out)
        table = found["properties"].value if "properties" in found else None
        required = [
            name
            for name, value in (table.items() if isinstance(table, Mapping) else ())
            if dialect.is_required(value)
        ]
        complete_object(
            schema, required, texts(found["optional"].value if "optional" in found else 0)
        )
        if schema.get("type") == "boolean":
            read_flags(schema)
        return with_null(schema) if dialect.is_nullable(found) else schema

    def _keyword(
        self, name: str, keyword: Keyword, schema: dict[str, Any], source: Source, out: NodePath
    ) -> None:
        below, here, value = source.down(keyword.key), (*out, name), keyword.value
        if name in {"$dynamicRef", "$recursiveRef"}:
            self._fault(below, Code.UNSUPPORTED, f"{name} is not supported", "write '$ref'")
        elif name == "$ref":
            self._reference(below, value, schema)
        elif name in dialect.SCHEMAS:
            schema[name] = value if isinstance(value, bool) else self._convert(below, here)
        elif name in dialect.SCHEMA_LISTS and isinstance(value, list):
            schema[name] = [
                self._convert(below.down(index), (*here, index)) for index in range(len(value))
            ]
        elif name in dialect.MAPS and isinstance(value, Mapping):
            schema[name] = {key: self._convert(below.down(key), (*here, key)) for key in value}
        elif name == "properties" and isinstance(value, list):
            schema.update(self._fields(below, out))
        elif name == "pattern" and isinstance(value, str):
            schema[name] = _NAMED_GROUP.sub("(?P<", value)
        elif name == "required" and not isinstance(value, list):
            if name == keyword.key and dialect.is_required({"required": value}) is None:
                schema[name] = value
        elif name != "type" and name in dialect.KEPT:
            schema.setdefault(name, value)

    def _reference(self, below: Source, value: Any, schema: dict[str, Any]) -> None:
        if not isinstance(value, str):
            self._fault(below, Code.SCHEMA, "a $ref that is no text", "write '#/$defs/Name'")
            return
        target = resolve(value, below, self.files)
        if isinstance(target, Finding):
            self.findings.append(target)
        else:
            schema["$ref"] = self._define(target)

    def _define(self, target: Source) -> str:
        key = (target.file, target.where)
        if key not in self._names:
            last = str(target.where[-1]) if target.where else "State"
            safe = class_name(last)
            name = last if safe else camel_case(f"def {last}") or "Definition"
            base, count, used = name, 2, {*self._names.values(), *self.taken}
            while name in used:
                name, count = f"{base}{count}", count + 1
            self._names[key] = name
            self._queue.append((name, target))
        return f"#/$defs/{self._names[key]}"

    def _types(self, source: Source, found: Mapping[str, Keyword], out: NodePath) -> dict[str, Any]:
        """Return the part of the schema that the type says."""
        if "type" not in found:
            return {}
        keyword = found["type"]
        below = source.down(keyword.key)
        self._origins[(*out, "type")] = below
        if isinstance(keyword.value, str):
            as_enum = keyword.value == "enum" and "enum" in found
            if as_enum:
                return {}
            name = source.value.get("ref") if keyword.value in {"ref", "reference"} else None
            known = self._definition(name, below) if isinstance(name, str) else None
            return known or self._named(below, keyword.value)
        if not isinstance(keyword.value, list):
            return {"type": keyword.value}
        parts: list[dict[str, Any]] = []
        for index, part in enumerate(keyword.value):
            if not isinstance(part, str | None):
                return {"type": keyword.value}
            parts.append({"type": "null"} if part is None else self._named(below.down(index), part))
        if all(set(part) == {"type"} for part in parts):
            return {"type": [part["type"] for part in parts]}
        return {} if {} in parts else {"anyOf": parts}

    def _named(self, source: Source, text: str) -> dict[str, Any]:
        """Return the schema that the name of a type means."""
        if text in KNOWN_TYPES:
            return {"type": text}
        shown, hint = repr(text[:_SHOWN]), f"one of {', '.join(KNOWN_TYPES)}"
        bare = re.split(r"[\[<(]", text.strip().lower(), maxsplit=1)[0].rsplit(".", maxsplit=1)[-1]
        if bare.strip() in UNSUPPORTED_TYPES:
            self._fault(source, Code.UNSUPPORTED, f"type {shown} is not supported", hint)
            return {}
        schema = read_type(text, lambda name: self._definition(name, source))
        if schema is not None:
            return schema
        self._fault(source, Code.TYPE_NAME, f"unknown type {shown}", hint)
        return {}

    def _definition(self, name: str, source: Source) -> dict[str, Any] | None:
        target = find_definition(name, source)
        return None if target is None else {"$ref": self._define(target)}

    def _fields(self, source: Source, out: NodePath) -> dict[str, Any]:
        """Convert a bare table or list of fields into an object's schema."""
        schema: dict[str, Any] = {"type": "object", "properties": {}}
        required = []
        for name, below, is_required in field_sources(source):
            if name is None:
                self._fault(below, Code.SCHEMA, "a field without a name", "add 'name'")
                continue
            if name in schema["properties"]:
                self._fault(below, Code.SCHEMA, f"field {name!r} stands here twice")
                continue
            here = (*out, "properties", name)
            bare = is_required and isinstance(below.value, str)
            schema["properties"][name] = {} if bare else self._convert(below, here)
            self._origins.setdefault(here, below)
            if is_required or dialect.is_required(below.value):
                required.append(name)
        return {**schema, "required": required} if required else schema


def _only_reference(value: object) -> str | None:
    """Return the reference of a value that is nothing else."""
    if isinstance(value, str):
        return value if "#" in value or value.endswith((".yaml", ".yml", ".json")) else None
    if not isinstance(value, Mapping) or not isinstance(value.get("$ref"), str):
        return None
    if set(value) - {"$ref", "description", "title", "$defs", "definitions"}:
        return None
    reference: str = value["$ref"]
    return reference
