"""JSON Schemas made simple enough for datamodel-code-generator, and what is lost on the way.

The generator gets one document of named definitions: objects, enumerations of texts, and types
with bounds. Whatever else a schema says is reported as unchecked, never dropped in silence.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from keyword import iskeyword
from typing import Any

from omninode_bridge.generation.models_document import KINDS, Document
from omninode_bridge.generation.models_merge import ANNOTATIONS, as_list
from omninode_bridge.generation.models_module import SOURCES, Module
from omninode_bridge.generation.models_names import RESERVED_FIELDS
from omninode_bridge.generation.models_plain import FORMAT_TYPES, UNCHECKED_FORMATS
from omninode_bridge.generation.models_text import bounded, encodable

__all__ = ["MAPPED_FORMATS", "Preparation", "Property"]

MAPPED_FORMATS = frozenset(
    {"date", "date-time", "time", "duration", "uri", "uuid", "ipv4", "ipv6", "hostname"}
)
"""Formats for which the generator has a type that can be told from all others."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
MOST_LEVELS = 24
"""Levels of nesting that are prepared."""

_KEPT: dict[str, tuple[str, ...]] = {
    "string": ("minLength", "maxLength", "pattern"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    "array": ("minItems", "maxItems"),
    "object": (),
    "boolean": (),
    "null": (),
}
_HANDLED = frozenset(
    {"type", "enum", "const", "anyOf", "oneOf", "properties", "required", "items", "format"}
    | {"additionalProperties", *(key for keys in _KEPT.values() for key in keys)}
)


@dataclass(frozen=True, slots=True)
class Property:
    """What the generator does not say about a property."""

    wire: str
    required: bool
    nullable: bool


class Preparation:
    """Definitions for the generator.

    Attributes:
        definitions: key of a class -> its schema.
        class_names: key of a class -> its name.
        properties: (name of a class, key of a property) -> what else is known.
        unchecked: one sentence for each keyword that is not checked.
    """

    def __init__(self, module: Module) -> None:
        self.definitions: dict[str, Any] = {}
        self.class_names: dict[str, str] = {}
        self.properties: dict[tuple[str, str], Property] = {}
        self._module = module
        self._document: Document
        self._names: dict[str, str] = {}
        self._trail: list[str] = []
        self._depth = 0

    @property
    def unchecked(self) -> tuple[str, ...]:
        """Sentences, in the order in which they were found."""
        return tuple(self._module.unchecked)

    def add(self, document: Document, name: str, doc: str) -> None:
        """Prepare the schema of one state as the class `name`."""
        self._document = document
        self._names = {"": name}
        flat = document.flat(document.root)
        for keyword in sorted({"enum", "const"} & flat.keys()):
            self._lost(keyword)
        if "object" not in document.kinds(flat):
            self._lost("type")
        self._class(name, {**flat, "description": bounded(doc)})

    def _reference(self, name: str) -> dict[str, Any]:
        """Refer to a class by a neutral name: the generator would restyle some of ours."""
        keys = {known: key for key, known in self.class_names.items()}
        if name not in keys:
            keys[name] = f"Definition{len(keys) + 1}Class"
            self.class_names[keys[name]] = name
        return {"$ref": f"#/$defs/{keys[name]}"}

    def _lost(self, what: str) -> None:
        self._module.report(f"{self._document.label}: {what} is not checked")

    def _class(self, name: str, flat: Mapping[str, Any]) -> None:
        self._report(flat)
        properties = dict(flat.get("properties", {}))
        for wire in flat.get("required", ()):
            properties.setdefault(wire, flat.get("additionalProperties", True))
        made: dict[str, Any] = {}
        key = self._reference(name)["$ref"].removeprefix("#/$defs/")
        definition: dict[str, Any] = {"type": "object", "properties": made}
        self.definitions[key] = definition
        for wire, schema in properties.items():
            if not encodable(wire):
                self._lost(f"property {wire!r}")
                continue
            key = wire if _is_plain(wire) else _unused(len(made), properties)
            made[key] = self._part(schema, (wire, f"{name}_{wire}"))
            self.properties[name, key] = Property(
                wire=wire,
                required=wire in flat.get("required", ()),
                nullable=self._document.accepts(schema, None),
            )
            self._default(wire, schema, made, key)
        definition["required"] = [key for key in made if self.properties[name, key].required]
        if isinstance(flat.get("description"), str):
            definition["description"] = bounded(flat["description"])
        others = flat.get("additionalProperties", True)
        if others is False and not flat.get("patternProperties"):
            definition["additionalProperties"] = False
        elif others is not True and others != {}:
            self._lost("additionalProperties beside properties")

    def _default(self, wire: str, schema: Any, made: dict[str, Any], key: str) -> None:
        flat = self._document.flat(schema)
        if "default" in flat and self._document.accepts(schema, flat["default"]):
            made[key] = {**made[key], "default": flat["default"]}
        elif "default" in flat:
            self._module.report(
                f"{self._document.label}: the default {bounded(repr(flat['default']), 80)} of "
                f"{wire!r} is left out, its own schema refuses it"
            )

    def _part(self, schema: Any, hints: Sequence[str]) -> dict[str, Any]:
        if self._depth > MOST_LEVELS:
            self._lost(f"what is nested deeper than {MOST_LEVELS} levels")
            return {}
        self._depth += 1
        made = self._prepared(schema, hints)
        self._depth -= 1
        if isinstance(schema, Mapping) and isinstance(schema.get("description"), str):
            made = {**made, "description": bounded(schema["description"])}
        return made

    def _prepared(self, schema: Any, hints: Sequence[str]) -> dict[str, Any]:
        ref = self._document.only_reference(schema)
        if ref is not None:
            pointer, target = self._document.resolve(ref)
            if pointer in self._names:
                return self._reference(self._names[pointer])
            flat = self._document.flat(target, frozenset({pointer}))
            if self._document.kinds(flat) == {"object"} and flat.get("properties"):
                return self._definition(pointer, flat)
            return self._inlined(pointer, target, hints)
        merged = f"merged {id(schema)}"
        if merged in self._names:
            return self._reference(self._names[merged])
        flat = self._document.flat(schema)
        kinds = self._document.kinds(flat)
        listed = bool({"enum", "const"} & flat.keys())
        added = isinstance(schema, Mapping) and bool({"$ref", "allOf"} & schema.keys())
        if kinds == {"object"} and flat.get("properties") and added and not listed:
            name = self._names[merged] = self._module.new_name(*hints)
            self._class(name, flat)
            return self._reference(name)
        if not kinds:
            self._lost("a schema that accepts nothing")
            return {}
        if listed:
            return self._values(flat)
        said = {key for key in flat if key not in ANNOTATIONS and key != "type"}
        if said in ({"anyOf"}, {"oneOf"}):
            return self._union(said.pop(), flat, kinds, hints)
        if len(kinds) == len(KINDS):
            for keyword in sorted(said):
                self._lost(f"{keyword} without a type")
            return {}
        made = [self._of_kind(kind, flat, hints) for kind in KINDS if kind in kinds - {"null"}]
        if "null" in kinds:
            made.append({"type": "null"})
        return made[0] if len(made) == 1 else {"anyOf": made}

    def _inlined(self, pointer: str, target: Any, hints: Sequence[str]) -> dict[str, Any]:
        if pointer in self._trail:
            self._lost(f"the definition {pointer!r} inside of itself")
            return {}
        self._trail.append(pointer)
        made = self._part(target, (pointer.rsplit("/", 1)[-1], *hints))
        self._trail.pop()
        return made

    def _definition(self, pointer: str, flat: Mapping[str, Any]) -> dict[str, Any]:
        last = pointer.rsplit("/", maxsplit=1)[-1]
        state = self._document.label.removesuffix("_state")
        name = self._module.new_name(last, f"{state}_{last}")
        self._names[pointer] = name
        self._class(name, flat)
        return self._reference(name)

    def _of_kind(self, kind: str, flat: Mapping[str, Any], hints: Sequence[str]) -> dict[str, Any]:
        made: dict[str, Any] = {"type": kind}
        made.update({key: flat[key] for key in _KEPT[kind] if key in flat})
        self._report(flat)
        if kind == "number" and "number" not in as_list(flat.get("type", "number")):
            made["type"] = "integer"
        if kind == "string" and flat.get("format") in {*FORMAT_TYPES, *UNCHECKED_FORMATS}:
            if flat["format"] in MAPPED_FORMATS and len(made) == 1:
                made["format"] = flat["format"]
            else:
                self._lost(f"format {flat['format']!r} beside a length or a pattern")
        if kind == "array":
            item = True if "prefixItems" in flat else flat.get("items", True)
            made["items"] = self._part(item, [f"{one}_item" for one in hints])
        if kind == "object":
            return self._object(flat, hints)
        return made

    def _object(self, flat: Mapping[str, Any], hints: Sequence[str]) -> dict[str, Any]:
        if flat.get("properties") or flat.get("required"):
            name = self._module.new_name(*hints)
            self._class(name, flat)
            return self._reference(name)
        others = flat.get("additionalProperties", True)
        if others is False:
            self._lost("additionalProperties: false without properties")
            others = True
        values = self._part(others, [f"{one}_value" for one in hints])
        return {"type": "object", "additionalProperties": values or True}

    def _union(
        self, keyword: str, flat: Mapping[str, Any], kinds: frozenset[str], hints: Sequence[str]
    ) -> dict[str, Any]:
        admitted = [self._document.kinds(self._document.flat(one)) for one in flat[keyword]]
        apart = sum(map(len, admitted)) == len(frozenset().union(*admitted))
        if keyword == "oneOf" and not apart:
            self._lost("oneOf (that no second one fits)")
        if not all(one <= kinds for one in admitted):
            self._lost(f"type beside {keyword}")
        options = [
            self._part(option, [f"{hint}_option_{number}" for hint in hints])
            for number, option in enumerate(flat[keyword], start=1)
        ]
        return {} if {} in options else {"anyOf": options}

    def _values(self, flat: Mapping[str, Any]) -> dict[str, Any]:
        listed = flat["enum"] if "enum" in flat else [flat["const"]]
        values = [value for value in listed if self._document.accepts(flat, value)]
        texts = list(dict.fromkeys(value for value in values if isinstance(value, str)))
        others = [value for value in values if not isinstance(value, str) and value is not None]
        if others or not texts or not all(map(encodable, texts)):
            self._lost("enum or const of values that are no texts")
            return {}
        if None in values:
            return {"anyOf": [{"type": "string", "enum": texts}, {"type": "null"}]}
        return {"type": "string", "enum": texts}

    def _report(self, flat: Mapping[str, Any]) -> None:
        for keyword in flat:
            if keyword in ANNOTATIONS or keyword in {"then", "else", "minContains", "maxContains"}:
                continue
            if keyword not in _HANDLED - {"anyOf", "oneOf"}:
                self._lost(keyword)


def _is_plain(wire: str) -> bool:
    """Whether the generator can use a name as it is, next to its own imports."""
    known = wire in SOURCES or wire in RESERVED_FIELDS or hasattr(builtins, wire)
    return bool(_PLAIN.fullmatch(wire)) and not known and not iskeyword(wire)


def _unused(number: int, taken: Collection[str]) -> str:
    name = f"property_{number}"
    while name in taken:
        name += "_"
    return name
