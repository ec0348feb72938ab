"""One property as one field: required or not, null or not, default, alias, description."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omninode_bridge.generation.models_module import Annotation, FieldLine
from omninode_bridge.generation.models_text import bounded, encodable, literal, quoted
from omninode_bridge.runtime.model_json import json_key

if TYPE_CHECKING:
    from omninode_bridge.generation.models_types import TypeBuilder

__all__ = ["field_line"]

MAX_DEFAULT_DEPTH = 20


def field_line(
    builder: TypeBuilder,
    wire: str,
    name: str,
    schema: Any,
    annotation: Annotation,
    *,
    required: bool,
) -> FieldLine:
    """Write the field of one property."""
    module = builder.module
    extra: dict[str, str] = {}
    if name != wire:
        extra["alias"] = quoted(wire)
    described = schema.get("description") if isinstance(schema, Mapping) else None
    if isinstance(described, str) and described.strip():
        extra["description"] = quoted(bounded(described.strip()))
    if required:
        return FieldLine(name, module.annotated(annotation, extra), "")
    default = _default(builder, wire, schema, annotation)
    if default is None:
        annotation = _omittable(builder, schema, annotation)
        default = "None"
    elif default == "None":
        annotation = _with_none(builder, annotation)
    return FieldLine(name, module.annotated(annotation, extra), default)


def _omittable(builder: TypeBuilder, schema: Any, annotation: Annotation) -> Annotation:
    if builder.document.accepts(schema, None):
        return _with_none(builder, annotation)
    module = builder.module
    if annotation.base == module.use("Any"):
        return annotation.with_checks([f"{module.use('NotNull')}()"])
    return replace(annotation, base=f"{annotation.base} | None").with_checks(
        [f"{module.use('NotNull')}()"]
    )


def _with_none(builder: TypeBuilder, annotation: Annotation) -> Annotation:
    """Let the type say that None is possible, outside of its constraints."""
    module = builder.module
    if annotation.base == module.use("Any") or annotation.base.split(" | ")[-1] == "None":
        return annotation
    return Annotation(
        f"{module.annotated(annotation)} | None",
        members=annotation.members,
        lazy=annotation.lazy,
    )


def _default(builder: TypeBuilder, wire: str, schema: Any, annotation: Annotation) -> str | None:
    """Return the default as source text; None where there is none that can be used."""
    if not isinstance(schema, Mapping):
        return None
    flat = builder.document.flat(schema)
    if "default" not in flat:
        return None
    value = flat["default"]
    if not builder.document.accepts(schema, value) or not _plain(value, MAX_DEFAULT_DEPTH):
        builder.module.report(
            f"{builder.document.label}: the default {bounded(repr(value), 80)} of {wire!r} "
            "is left out, its own schema refuses it"
        )
        return None
    if isinstance(value, dict | list):
        return _container(builder, value, annotation)
    if isinstance(value, float) and value.is_integer():
        value = value if annotation.base in {"Any", "int | float"} else int(value)
    if isinstance(value, str):
        builder.module.texts.append(value)
    return annotation.members.get(json_key(value)) or literal(value)


def _container(builder: TypeBuilder, value: Any, annotation: Annotation) -> str:
    module = builder.module
    kind = "list" if isinstance(value, list) else "dict"
    if not value and annotation.base.startswith(f"{kind}["):
        return f"{module.use('Field')}(default_factory={kind})"
    factory = f"{module.use('JsonDefault')}({literal(value)})"
    return f"{module.use('Field')}(default_factory={factory}, validate_default=True)"


def _plain(value: object, depth: int) -> bool:
    """Whether a value can be written as a literal of a bounded depth."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return depth > 0 and all(
            isinstance(key, str) and encodable(key) and _plain(item, depth - 1)
            for key, item in value.items()
        )
    if isinstance(value, list):
        return depth > 0 and all(_plain(item, depth - 1) for item in value)
    return value is None or isinstance(value, bool | int | float)
