"""JSON Schemas as Python types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from omninode_bridge.errors import ContractInvalidError
from omninode_bridge.generation.models_combine import combination_checks, union
from omninode_bridge.generation.models_document import KINDS, MAX_DEPTH, Document
from omninode_bridge.generation.models_merge import ANNOTATIONS
from omninode_bridge.generation.models_module import Annotation, ClassDefinition, Module
from omninode_bridge.generation.models_objects import object_class, object_type
from omninode_bridge.generation.models_plain import array_type, number_type, string_type
from omninode_bridge.generation.models_text import literal
from omninode_bridge.generation.models_values import value_type
from omninode_bridge.runtime.model_json import json_key

__all__ = ["TypeBuilder"]

ANYTHING = frozenset(KINDS)
HOIST = 320
"""Characters of the longest type that is written in place."""

_OF_KIND: dict[str, frozenset[str]] = {
    "string": frozenset({"minLength", "maxLength", "pattern", "format"}),
    "number": frozenset(
        {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
    ),
    "boolean": frozenset(),
    "array": frozenset(
        {"items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"}
        | {"minContains", "maxContains", "unevaluatedItems"}
    ),
    "object": frozenset(
        {"properties", "required", "additionalProperties", "patternProperties", "propertyNames"}
        | {"minProperties", "maxProperties", "dependentRequired", "dependentSchemas"}
        | {"unevaluatedProperties"}
    ),
    "null": frozenset(),
}
_COMBINING = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else"})
_UNSUPPORTED = ("$dynamicRef", "$recursiveRef")


class TypeBuilder:
    """Writes the types of one document into a module."""

    anything = ANYTHING

    def __init__(self, document: Document, module: Module, shared: dict[str, Annotation]) -> None:
        self.document = document
        self.module = module
        self._shared = shared
        self._open: dict[str, str] = {}
        self._open_kinds: dict[str, frozenset[str]] = {}
        self._depth = 0

    def root(self, name: str, doc: str) -> None:
        """Define the class of the whole document."""
        self._open[""] = name
        flat = self.document.flat(self.document.root)
        self._report(flat)
        listed = flat["enum"] if "enum" in flat else [flat["const"]] if "const" in flat else None
        checks = [self.value_check(listed)] if listed is not None else []
        if "object" not in self.document.kinds(flat):
            checks = [f"{self.module.use('Nothing')}()"]
        object_class(self, flat, name, doc=doc, checks=checks)
        del self._open[""]

    def type_of(
        self, schema: Any, kinds: frozenset[str], hints: Sequence[str], *, inline: bool = False
    ) -> Annotation:
        """Return a type that accepts what `schema` accepts among values of these JSON types.

        Args:
            schema: any JSON Schema of the document.
            kinds: the JSON types that the value can have, by what is known from elsewhere.
            hints: names for what has to be defined, best first.
            inline: follow a reference instead of naming it.
        """
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                raise ContractInvalidError(
                    f"{self.document.label} is nested deeper than {MAX_DEPTH} levels"
                )
            made = self._type_of(schema, kinds, hints, inline=inline)
            return self.short(made, *hints, limit=HOIST)
        finally:
            self._depth -= 1

    def part(
        self,
        schema: Any,
        suffix: str,
        hints: Sequence[str],
        kinds: frozenset[str] = ANYTHING,
    ) -> Annotation:
        """Return the type of a part, whose names end in `suffix`."""
        return self.type_of(schema, kinds, [_suffixed(hint, suffix) for hint in hints])

    def argument(self, annotation: Annotation) -> str:
        """Write a type as an argument of a check."""
        text = self.module.annotated(annotation)
        return f"lambda: {text}" if annotation.lazy else text

    def value_check(self, values: Sequence[object]) -> str:
        """Write the check for an enumeration that is no type."""
        return f"{self.module.use('Values')}({', '.join(map(literal, values))})"

    def nothing(self) -> Annotation:
        """Return the type that accepts nothing."""
        return Annotation(self.module.use("Any"), checks=(f"{self.module.use('Nothing')}()",))

    def _type_of(
        self, schema: Any, kinds: frozenset[str], hints: Sequence[str], *, inline: bool
    ) -> Annotation:
        ref = self.document.only_reference(schema)
        if ref is not None and not inline:
            pointer, target = self.document.resolve(ref)
            admitted = self.document.kinds(self.document.flat(target, frozenset({pointer})))
            if admitted <= kinds:
                return self._named(pointer, target)
        # A definition may contain itself with something added: that is a class, too.
        merged = f"merged {id(schema)}"
        if merged in self._open and self._open_kinds.get(merged) == kinds:
            return Annotation(self._open[merged], lazy=True)
        flat = self.document.flat(schema)
        self._report(flat)
        known = kinds
        kinds &= self.document.kinds(flat)
        if not kinds:
            return self.nothing()
        if "enum" in flat or "const" in flat:
            return self._values(flat, kinds, hints)
        if kinds == {"object"} and not inline and _adds(schema) and flat.get("properties"):
            self._open_kinds[merged] = known
            return self._named_object(merged, flat, hints)
        plain = {key for key in flat if key not in ANNOTATIONS and key != "type"}
        if kinds == {"object"}:
            return object_type(self, flat, hints)
        if plain in ({"anyOf"}, {"oneOf"}):
            return union(self, plain.pop(), flat, kinds, hints)
        checks, lazy = combination_checks(self, flat, kinds, hints)
        return self._by_kind(flat, kinds, hints).with_checks(checks, lazy=lazy)

    def _by_kind(
        self, flat: Mapping[str, Any], kinds: frozenset[str], hints: Sequence[str]
    ) -> Annotation:
        told = [kind for kind in KINDS if kind in kinds and _OF_KIND[kind] & flat.keys()]
        whole = "type" not in flat or "number" not in kinds or "integer" not in flat["type"]
        if kinds == ANYTHING and not told and whole:
            return Annotation(self.module.use("Any"))
        branches = [self._branch(kind, flat, hints) for kind in KINDS if kind in kinds]
        return self.joined(branches)

    def joined(self, branches: Sequence[Annotation]) -> Annotation:
        """Return the union of types."""
        if len(branches) == 1:
            return branches[0]
        texts = list(dict.fromkeys(self.module.annotated(branch) for branch in branches))
        if self.module.use("Any") in texts:
            texts = [self.module.use("Any")]
        members: dict[object, str] = {}
        for branch in branches:
            for key, text in branch.members.items():
                members.setdefault(key, text)
        lazy = any(branch.lazy for branch in branches)
        return Annotation(" | ".join(texts), members=members, lazy=lazy)

    def _branch(self, kind: str, flat: Mapping[str, Any], hints: Sequence[str]) -> Annotation:
        if kind == "string":
            return string_type(self, flat)
        if kind == "number":
            return number_type(self, flat)
        if kind == "array":
            return array_type(self, flat, hints)
        if kind == "object":
            own = {key: value for key, value in flat.items() if key not in _COMBINING}
            return object_type(self, own, hints)
        return Annotation("bool" if kind == "boolean" else "None")

    def _values(
        self, flat: Mapping[str, Any], kinds: frozenset[str], hints: Sequence[str]
    ) -> Annotation:
        source = "enum" if "enum" in flat else "const"
        listed = flat["enum"] if source == "enum" else [flat["const"]]
        # Not the list itself: each of its values would be compared with all the others.
        narrowed = {name: rule for name, rule in flat.items() if name != source}
        narrowed["type"] = _type_names(flat, kinds)
        values = {
            json_key(value): value for value in listed if self.document.accepts(narrowed, value)
        }
        return value_type(self.module, list(values.values()), hints, named="const" not in flat)

    def _named(self, pointer: str, target: Any) -> Annotation:
        """Return the type of a definition; define it where it is met for the first time."""
        if pointer in self._open:
            return Annotation(self._open[pointer], lazy=True)
        key = self.document.closure(pointer)
        if key in self._shared:
            return self._shared[key]
        last = pointer.rsplit("/", maxsplit=1)[-1].replace("~1", "/").replace("~0", "~")
        hints = (last, f"{self.document.label.removesuffix('_state')}_{last}")
        flat = self.document.flat(target, frozenset({pointer}))
        kinds = self.document.kinds(flat)
        if kinds == {"object"} and not {"enum", "const"} & flat.keys():
            annotation = self._named_object(pointer, flat, hints)
        elif "enum" in flat or "const" in flat:
            annotation = self.type_of(target, ANYTHING, hints, inline=True)
        else:
            annotation = self._alias(pointer, target, hints)
        self._shared[key] = annotation
        return annotation

    def _named_object(
        self, pointer: str, flat: Mapping[str, Any], hints: Sequence[str]
    ) -> Annotation:
        name = self.module.new_name(*hints)
        self._open[pointer] = name
        self._report(flat)
        object_class(self, flat, name, doc=str(flat.get("description", "")))
        del self._open[pointer]
        return Annotation(name)

    def _alias(self, pointer: str, target: Any, hints: Sequence[str]) -> Annotation:
        name = self.module.new_name(*hints)
        self._open[pointer] = name
        annotation = self.type_of(target, ANYTHING, (f"{name}Part",), inline=True)
        del self._open[pointer]
        self._define_alias(name, annotation)
        return Annotation(name, members=annotation.members)

    def _define_alias(self, name: str, annotation: Annotation) -> None:
        value = self.module.annotated(annotation)
        if annotation.lazy:
            self.module.use("TypeAliasType")
            value = self.module.whole(value)
        kind = "lazy_alias" if annotation.lazy else "alias"
        self.module.definitions.append(ClassDefinition(kind=kind, name=name, value=value))

    def short(self, annotation: Annotation, *hints: str, limit: int = 44) -> Annotation:
        """Give a type of more characters than `limit` a name of its own."""
        if len(self.module.annotated(annotation)) <= limit:
            return annotation
        name = self.module.new_name(*(f"{hint}_type" for hint in hints))
        self._define_alias(name, annotation)
        return Annotation(name, members=annotation.members)

    def _report(self, flat: Mapping[str, Any]) -> None:
        for keyword in (*_UNSUPPORTED, "unevaluatedProperties", "unevaluatedItems"):
            if keyword in flat and flat[keyword] is not True:
                self.module.report(f"{self.document.label}: {keyword} is not checked")


def _adds(schema: Any) -> bool:
    return isinstance(schema, Mapping) and not schema.keys().isdisjoint({"$ref", "allOf"})


def _suffixed(hint: str, suffix: str) -> str:
    if suffix == "item" and hint.lower().endswith("items"):
        return hint[:-1]
    return f"{hint}_{suffix}"


def _type_names(flat: Mapping[str, Any], kinds: frozenset[str]) -> list[str]:
    named = flat.get("type", list(KINDS))
    names = [named] if isinstance(named, str) else list(named)
    return [name for name in names if ("number" if name == "integer" else name) in kinds]
