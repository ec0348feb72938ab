"""One state of a contract as a document: references, merged schemas, and what a schema accepts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from omninode_bridge.errors import ContractInvalidError, MissingExtraError
from omninode_bridge.generation.models_merge import ANNOTATIONS, as_list, merge
from omninode_bridge.generation.models_walk import in_place_references, references
from omninode_bridge.runtime.model_patterns import compile_pattern
from omninode_bridge.runtime.model_texts import FORMATS

__all__ = ["KINDS", "NEVER", "Document"]

KINDS = ("string", "number", "boolean", "array", "object", "null")
"""The JSON types; integers are numbers."""
NEVER: dict[str, Any] = {"not": {}}
"""A schema that accepts nothing."""
MAX_DEPTH = 64

_IN_PLACE = frozenset({"anyOf", "oneOf", "if", "dependentSchemas", "allOf"})


class Document:
    """The schema of one state.

    Attributes:
        root: the schema.
        label: ``input_state`` or ``output_state``, for messages.
    """

    def __init__(self, root: Mapping[str, Any], label: str) -> None:
        self.root = root
        self.label = label
        self._validator = _validator(root)
        self._refuse_endless()

    def _refuse_endless(self) -> None:
        """Refuse a reference that leads back to itself before any property or item is reached."""
        done: set[str] = set()
        for start in self._reached():
            trail: dict[str, Iterator[str]] = {start: iter(self._next(start))}
            while trail:
                last = next(reversed(trail))
                following = next(trail[last], None)
                if following is None:
                    done.add(last)
                    del trail[last]
                elif following in trail:
                    raise ContractInvalidError(
                        f"{self.label} has the reference {following!r}, which leads to itself"
                    )
                elif following not in done:
                    trail[following] = iter(self._next(following))

    def _reached(self) -> list[str]:
        """Return the references that the root uses, directly or not; unused definitions rest."""
        used = {key: value for key, value in self.root.items() if key not in ANNOTATIONS}
        pending, reached = sorted(references(used)), dict[str, None]()
        while pending:
            ref = pending.pop()
            if ref not in reached:
                reached[ref] = None
                pending += sorted(references(self.resolve(ref)[1]))
        return list(reached)

    def _next(self, ref: str) -> list[str]:
        return sorted(in_place_references(self.resolve(ref)[1]))

    def resolve(self, ref: str) -> tuple[str, Any]:
        """Return the pointer and the schema that a local reference names.

        Raises:
            ContractInvalidError: it names nothing in this document.
        """
        pointer = unquote(ref.removeprefix("#"))
        found: Any = self.root
        if not ref.startswith("#") or (pointer and not pointer.startswith("/")):
            raise ContractInvalidError(
                f"{self.label} has the reference {ref!r}, which is not local"
            )
        for part in pointer.split("/")[1:]:
            token = part.replace("~1", "/").replace("~0", "~")
            try:
                found = found[int(token)] if isinstance(found, list | tuple) else found[token]
            except (LookupError, TypeError, ValueError):
                raise ContractInvalidError(
                    f"{self.label} has the reference {ref!r}, which names nothing"
                ) from None
        return pointer, found

    def only_reference(self, schema: Any) -> str | None:
        """Return the reference of a schema that says nothing else."""
        if not isinstance(schema, Mapping):
            return None
        rest = {key: value for key, value in schema.items() if key not in ANNOTATIONS}
        if rest.keys() == {"$ref"}:
            return str(rest["$ref"])
        if rest.keys() == {"allOf"} and len(rest["allOf"]) == 1:
            return self.only_reference(rest["allOf"][0])
        return None

    def flat(self, schema: Any, seen: frozenset[str] = frozenset()) -> dict[str, Any]:
        """Merge references and ``allOf`` into one schema; what cannot be merged stays in ``allOf``."""
        if isinstance(schema, bool):
            return {} if schema else dict(NEVER)
        own = {key: value for key, value in schema.items() if key not in {"$ref", "allOf"}}
        loose = {key: own.pop(key) for key in ("unevaluatedProperties",) if key in own}
        for original, part in self._parts(schema, seen):
            merged = merge(
                own, {k: v for k, v in part.items() if k not in {"$defs", "definitions"}}
            )
            if merged is None:
                own["allOf"] = [*own.get("allOf", ()), original]
            else:
                own = merged
        for value in loose.values():
            if _IN_PLACE & own.keys():
                own["unevaluatedProperties"] = value
            else:
                own.setdefault("additionalProperties", value)
        if "unevaluatedItems" in own and not (_IN_PLACE | {"contains"}) & own.keys():
            own.setdefault("items", own.pop("unevaluatedItems"))
        return own

    def _parts(self, schema: Mapping[str, Any], seen: frozenset[str]) -> Iterator[tuple[Any, Any]]:
        if "$ref" in schema:
            pointer, target = self.resolve(schema["$ref"])
            if pointer not in seen:
                yield {"$ref": schema["$ref"]}, self.flat(target, seen | {pointer})
        for part in schema.get("allOf", ()):
            yield part, self.flat(part, seen)

    def closure(self, pointer: str) -> str:
        """Return a text that is equal for two definitions only if they accept the same."""
        reached: dict[str, Any] = {}
        pending = [pointer]
        while pending:
            name = pending.pop()
            if name not in reached:
                reached[name] = self.resolve(f"#{name}")[1]
                pending += [self.resolve(ref)[0] for ref in sorted(references(reached[name]))]
        return json.dumps([pointer, reached], sort_keys=True, default=str)

    def kinds(self, flat: Mapping[str, Any]) -> frozenset[str]:
        """Return the JSON types that the ``type`` of a flat schema admits."""
        if flat.get("not") in ({}, True):
            return frozenset()
        named = as_list(flat["type"]) if "type" in flat else list(KINDS)
        return frozenset("number" if name == "integer" else name for name in named)

    def accepts(self, schema: Any, value: object) -> bool:
        """Whether `schema` accepts `value`, by the reference validator."""
        try:
            return bool(self._validator.evolve(schema=schema).is_valid(value))
        except re.error:  # a pattern of property names that the validator cannot read
            return True


def _validator(root: Mapping[str, Any]) -> Any:
    try:
        from jsonschema import Draft202012Validator, FormatChecker, ValidationError
        from jsonschema.validators import extend
    except ImportError as error:
        raise MissingExtraError("generating models", extra="codegen") from error

    checker = FormatChecker(formats=())
    for name, holds in FORMATS.items():
        checker.checks(name)(lambda text, holds=holds: not isinstance(text, str) or holds(text))

    def pattern(_validator: Any, wanted: str, text: object, _schema: Any) -> Iterator[Any]:
        try:
            found = not isinstance(text, str) or compile_pattern(wanted)(text)
        except ValueError:
            return
        if not found:
            yield ValidationError("no match")

    extended: Any = extend  # untyped in jsonschema
    return extended(Draft202012Validator, {"pattern": pattern})(root, format_checker=checker)
