"""Texts, numbers and arrays as types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from omninode_bridge.generation.models_merge import as_list
from omninode_bridge.generation.models_module import Annotation
from omninode_bridge.generation.models_text import literal, quoted
from omninode_bridge.runtime.model_patterns import compile_pattern

if TYPE_CHECKING:
    from omninode_bridge.generation.models_types import TypeBuilder

__all__ = ["FORMAT_TYPES", "array_type", "is_pattern", "number_type", "string_type"]

FORMAT_TYPES: dict[str, str] = {
    "date": "DateText",
    "date-time": "DateTimeText",
    "duration": "DurationText",
    "email": "EmailText",
    "hostname": "HostnameText",
    "idn-email": "IdnEmailText",
    "ipv4": "Ipv4Text",
    "ipv6": "Ipv6Text",
    "json-pointer": "JsonPointerText",
    "regex": "RegexText",
    "time": "TimeText",
    "uri": "UriText",
    "uri-reference": "UriReferenceText",
    "uuid": "UuidText",
}
"""Formats that are checked, and the types of the runtime that check them."""
UNCHECKED_FORMATS = frozenset(
    {"idn-hostname", "iri", "iri-reference", "relative-json-pointer", "uri-template"}
)
"""Formats that JSON Schema defines and that the models do not check."""

_NUMBER = {"minimum": "ge", "exclusiveMinimum": "gt", "maximum": "le", "exclusiveMaximum": "lt"}


def string_type(builder: TypeBuilder, flat: Mapping[str, Any]) -> Annotation:
    """Return the type of a text."""
    module = builder.module
    base = "str"
    name = flat.get("format")
    if name in FORMAT_TYPES:
        base = module.use(FORMAT_TYPES[name])
    elif name in UNCHECKED_FORMATS:
        module.report(f"{builder.document.label}: format {name!r} is not checked")
    checks: tuple[str, ...] = ()
    if "pattern" in flat and is_pattern(builder, flat["pattern"]):
        checks = (f"{module.use('Pattern')}({quoted(flat['pattern'])})",)
    return Annotation(base, _sizes(flat, "minLength", "maxLength"), checks)


def is_pattern(builder: TypeBuilder, pattern: str) -> bool:
    """Whether `pattern` can be searched for; reports it if not."""
    try:
        compile_pattern(pattern)
    except ValueError:
        builder.module.report(
            f"{builder.document.label}: pattern {pattern[:200]!r} is no regular expression, "
            "it is not checked"
        )
        return False
    return True


def number_type(builder: TypeBuilder, flat: Mapping[str, Any]) -> Annotation:
    """Return the type of a number or an integer."""
    module = builder.module
    named = as_list(flat.get("type", "number"))
    integer = "integer" in named and "number" not in named
    bounds = {_NUMBER[key]: literal(flat[key]) for key in _NUMBER if key in flat}
    checks: tuple[str, ...] = ()
    divisor = flat.get("multipleOf")
    if integer and isinstance(divisor, int):
        bounds["multiple_of"] = literal(divisor)
    elif divisor is not None:
        checks = (f"{module.use('MultipleOf')}({literal(divisor)})",)
    return Annotation(module.use("Integer") if integer else "int | float", bounds, checks)


def array_type(builder: TypeBuilder, flat: Mapping[str, Any], hints: Sequence[str]) -> Annotation:
    """Return the type of an array."""
    module = builder.module
    sizes = _sizes(flat, "minItems", "maxItems")
    checks: list[str] = []
    positions = [
        builder.part(schema, f"item_{number}", hints)
        for number, schema in enumerate(flat.get("prefixItems", ()), start=1)
    ]
    rest = flat.get("items", True)
    item = None if rest is True else builder.part(rest, "item", hints)
    every = [*positions, *([] if item is None else [item])]
    lazy = any(part.lazy for part in every)
    if positions:
        arguments = [builder.argument(part) for part in positions]
        if item is not None:
            arguments.append(f"rest={builder.argument(item)}")
        checks.append(f"{module.use('TupleItems')}({', '.join(arguments)})")
    typed = positions if rest is False else every
    if rest is False and not positions:
        sizes["max_length"] = "0"
    if item is None or not typed:
        base = f"list[{module.use('Any')}]"
    else:
        base = f"list[{module.annotated(builder.joined(typed))}]"
    if flat.get("uniqueItems") is True:
        checks.append(f"{module.use('UniqueItems')}()")
    if "contains" in flat:
        part = builder.part(flat["contains"], "contained", hints)
        lazy = lazy or part.lazy
        arguments = [builder.argument(part)]
        if int(flat.get("minContains", 1)) != 1:
            arguments.append(f"minimum={int(flat['minContains'])}")
        if "maxContains" in flat:
            arguments.append(f"maximum={int(flat['maxContains'])}")
        checks.append(f"{module.use('Contains')}({', '.join(arguments)})")
    return Annotation(base, sizes, tuple(checks), lazy=lazy)


def _sizes(flat: Mapping[str, Any], least: str, most: str) -> dict[str, str]:
    sizes = {}
    if flat.get(least, 0) > 0:
        sizes["min_length"] = str(int(flat[least]))
    if most in flat:
        sizes["max_length"] = str(int(flat[most]))
    return sizes
