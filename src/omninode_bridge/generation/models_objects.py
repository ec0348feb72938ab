"""Objects as classes or dictionaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from omninode_bridge.generation.models_combine import (
    OBJECT,
    combination_checks,
    condition,
    union,
)
from omninode_bridge.generation.models_fields import field_line
from omninode_bridge.generation.models_merge import ANNOTATIONS
from omninode_bridge.generation.models_module import Annotation, ClassDefinition
from omninode_bridge.generation.models_names import field_names
from omninode_bridge.generation.models_plain import is_pattern
from omninode_bridge.generation.models_text import encodable, literal, quoted
from omninode_bridge.runtime.model_patterns import compile_pattern

if TYPE_CHECKING:
    from omninode_bridge.generation.models_types import TypeBuilder

__all__ = ["object_class", "object_type"]


def object_type(builder: TypeBuilder, flat: Mapping[str, Any], hints: Sequence[str]) -> Annotation:
    """Return the type of an object: a class where it has properties, else a dictionary."""
    if flat.get("properties") or flat.get("required"):
        name = builder.module.new_name(*hints)
        object_class(builder, flat, name, doc=str(flat.get("description", "")))
        return Annotation(name)
    says = {key for key in flat if key not in ANNOTATIONS and key != "type"}
    for keyword in ("anyOf", "oneOf"):
        if says == {keyword}:
            return union(builder, keyword, flat, OBJECT, hints)
    return _dictionary(builder, flat, hints)


def _dictionary(builder: TypeBuilder, flat: Mapping[str, Any], hints: Sequence[str]) -> Annotation:
    module = builder.module
    sizes = {}
    if flat.get("minProperties", 0) > 0:
        sizes["min_length"] = str(int(flat["minProperties"]))
    if "maxProperties" in flat:
        sizes["max_length"] = str(int(flat["maxProperties"]))
    others = flat.get("additionalProperties", True)
    patterns = _patterns(builder, flat)
    if others is False and not patterns:
        sizes["max_length"] = "0"
        others = True
    value = Annotation(module.use("Any"))
    checks, lazy = _property_checks(builder, flat, hints, declared=(), typed=bool(patterns))
    if others is not True and not patterns:
        value = builder.part(others, "value", hints)
    key = Annotation("str")
    if "propertyNames" in flat:
        key = builder.part(flat["propertyNames"], "name", hints, frozenset({"string"}))
    more, later = combination_checks(builder, flat, OBJECT, hints)
    return Annotation(
        f"dict[{module.annotated(key)}, {module.annotated(value)}]",
        sizes,
        (*checks, *more),
        lazy=lazy or later or value.lazy or key.lazy,
    )


def object_class(
    builder: TypeBuilder,
    flat: Mapping[str, Any],
    name: str,
    *,
    doc: str,
    checks: Sequence[str] = (),
) -> None:
    """Define the class of an object, with `checks` before its own."""
    module = builder.module
    wires = _wire_names(builder, flat)
    patterns = _patterns(builder, flat)
    others = flat.get("additionalProperties", True)
    hints = (name,)
    own_checks, lazy = _property_checks(
        builder, flat, hints, declared=tuple(flat.get("properties", ())), typed=bool(patterns)
    )
    checks = [*checks, *own_checks]
    for keyword, check in (("minProperties", "MinProperties"), ("maxProperties", "MaxProperties")):
        if keyword in flat:
            checks.append(f"{module.use(check)}({int(flat[keyword])})")
    if "propertyNames" in flat:
        argument, late = condition(
            builder, flat["propertyNames"], frozenset({"string"}), (f"{name}_name",)
        )
        lazy = lazy or late
        checks.append(f"{module.use('PropertyNames')}({argument})")
    more, later = combination_checks(builder, flat, OBJECT, hints)
    checks += more
    fields = []
    parts = {wire: _property(builder, flat, wire, name) for wire in wires}
    extras = ""
    if not patterns and isinstance(others, Mapping) and others:
        extra = builder.short(builder.part(others, "extra", hints), f"{name}_extra")
        lazy = lazy or extra.lazy
        extras = f"dict[str, {module.annotated(extra)}]"
    names_of = field_names(wires, module.taken())
    module.field_names.extend(names_of.values())
    for wire, (schema, annotation) in parts.items():
        lazy = lazy or annotation.lazy
        required = wire in flat.get("required", ())
        fields.append(
            field_line(builder, wire, names_of[wire], schema, annotation, required=required)
        )
    config = ""
    if others is False and not patterns:
        config = f'{module.use("ConfigDict")}(extra="forbid")'
    module.definitions.append(
        ClassDefinition(
            kind="model",
            name=name,
            base=module.use("CheckedModel" if checks else "ContractModel"),
            doc=doc,
            config=config,
            extras=extras,
            checks=tuple(checks),
            check_type=f"{module.use('ClassVar')}[tuple[{module.use('Check')}, ...]]"
            if checks
            else "",
            fields=fields,
        )
    )
    if lazy or later:
        module.rebuilds.append(name)


def _wire_names(builder: TypeBuilder, flat: Mapping[str, Any]) -> list[str]:
    wires = []
    for wire in dict.fromkeys([*flat.get("properties", {}), *flat.get("required", ())]):
        if encodable(wire):
            wires.append(wire)
        else:
            builder.module.report(
                f"{builder.document.label}: property {wire!r} is not checked, "
                "no JSON text can hold its name"
            )
    return wires


def _property(
    builder: TypeBuilder, flat: Mapping[str, Any], wire: str, owner: str
) -> tuple[Any, Annotation]:
    """Return the schema and the type of a property, declared or only required."""
    properties = flat.get("properties", {})
    if wire in properties:
        schema = properties[wire]
    elif any(compile_pattern(pattern)(wire) for pattern in _patterns(builder, flat)):
        schema = True  # the check of the pattern looks at it
    else:
        schema = flat.get("additionalProperties", True)
    return schema, builder.type_of(schema, builder.anything, (wire, f"{owner}_{wire}"))


def _patterns(builder: TypeBuilder, flat: Mapping[str, Any]) -> dict[str, Any]:
    given = flat.get("patternProperties", {})
    return {pattern: of for pattern, of in given.items() if is_pattern(builder, pattern)}


def _property_checks(
    builder: TypeBuilder,
    flat: Mapping[str, Any],
    hints: Sequence[str],
    *,
    declared: Sequence[str],
    typed: bool,
) -> tuple[list[str], bool]:
    module = builder.module
    checks: list[str] = []
    lazy = False
    patterns = _patterns(builder, flat)
    if patterns:
        entries = []
        for number, (pattern, schema) in enumerate(patterns.items(), start=1):
            part = builder.part(schema, f"pattern_{number}", hints)
            lazy = lazy or part.lazy
            entries.append(f"{quoted(pattern)}: {builder.argument(part)}")
        checks.append(f"{module.use('PatternProperties')}({{{', '.join(entries)}}})")
    others = flat.get("additionalProperties", True)
    if typed and others is not True and others != {}:
        part = builder.part(others, "other", hints)
        lazy = lazy or part.lazy
        arguments = [builder.argument(part)]
        if declared:
            arguments.append(f"declared={literal(list(declared))}")
        arguments.append(f"patterns={literal(list(patterns))}")
        checks.append(f"{module.use('OtherProperties')}({', '.join(arguments)})")
    for wire, needed in flat.get("dependentRequired", {}).items():
        if needed:
            names = ", ".join(map(quoted, [wire, *needed]))
            checks.append(f"{module.use('DependentRequired')}({names})")
    return checks, lazy
