"""Combinations of schemas: unions where they say it all, checks where they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from omninode_bridge.generation.models_merge import ANNOTATIONS
from omninode_bridge.generation.models_module import Annotation
from omninode_bridge.generation.models_text import quoted

if TYPE_CHECKING:
    from omninode_bridge.generation.models_types import TypeBuilder

__all__ = ["combination_checks", "condition", "union"]

OBJECT = frozenset({"object"})

_SEVERAL = {"allOf": "AllOf", "anyOf": "AnyOf", "oneOf": "OneOf"}


def union(
    builder: TypeBuilder,
    keyword: str,
    flat: Mapping[str, Any],
    kinds: frozenset[str],
    hints: Sequence[str],
) -> Annotation:
    """Return the type of an ``anyOf`` or ``oneOf`` that stands alone."""
    flats = [builder.document.flat(option) for option in flat[keyword]]
    integers = "type" in flat and "number" not in flat["type"]
    options = []
    for number, option in enumerate(flat[keyword], start=1):
        narrow = {"allOf": [option, {"type": flat["type"]}]} if integers else option
        options.append(builder.part(narrow, f"option_{number}", hints, kinds))
    admitted = [builder.document.kinds(one) & kinds for one in flats]
    kept = [option for option, kind in zip(options, admitted, strict=True) if kind]
    if not kept:
        return builder.nothing()
    joined = builder.joined(kept)
    apart = sum(map(len, admitted)) == len(frozenset().union(*admitted))
    if keyword == "anyOf" or apart or len(options) == 1:
        return joined
    arguments = ", ".join(builder.argument(option) for option in kept)
    return joined.with_checks([f"{builder.module.use('OneOf')}({arguments})"])


def combination_checks(
    builder: TypeBuilder, flat: Mapping[str, Any], kinds: frozenset[str], hints: Sequence[str]
) -> tuple[list[str], bool]:
    """Return the checks for the combining keywords of a schema, and whether they are lazy."""
    module = builder.module
    checks: list[str] = []
    lazy = False

    def argument(schema: Any, suffix: str) -> str:
        nonlocal lazy
        text, late = condition(builder, schema, kinds, [f"{hint}_{suffix}" for hint in hints])
        lazy = lazy or late
        return text

    for keyword, name in _SEVERAL.items():
        if keyword in flat:
            suffix = "part" if keyword == "allOf" else "option"
            arguments = [
                argument(option, f"{suffix}_{number}")
                for number, option in enumerate(flat[keyword], start=1)
            ]
            checks.append(f"{module.use(name)}({', '.join(arguments)})")
    if "not" in flat:
        checks.append(f"{module.use('Not')}({argument(flat['not'], 'not')})")
    if "if" in flat and ("then" in flat or "else" in flat):
        arguments = [argument(flat["if"], "if")]
        if "then" in flat:
            arguments.append(f"then={argument(flat['then'], 'then')}")
        if "else" in flat:
            arguments.append(f"otherwise={argument(flat['else'], 'else')}")
        checks.append(f"{module.use('If')}({', '.join(arguments)})")
    for name, schema in flat.get("dependentSchemas", {}).items() if kinds == OBJECT else ():
        when = argument(schema, f"with_{name}")
        checks.append(f"{module.use('WhenPresent')}({quoted(name)}, {when})")
    return checks, lazy


def condition(
    builder: TypeBuilder, schema: Any, kinds: frozenset[str], hints: Sequence[str]
) -> tuple[str, bool]:
    """Return an argument of a check, and whether it is lazy: a check where no type is needed."""
    if not isinstance(schema, bool) and builder.document.only_reference(schema) is None:
        flat = builder.document.flat(schema)
        says = {key for key in flat if key not in ANNOTATIONS}
        admitted = builder.document.kinds(flat)
        if kinds == OBJECT and kinds <= admitted and says - {"type"} == {"required"}:
            names = ", ".join(map(quoted, flat["required"]))
            return f"{builder.module.use('Required')}({names})", False
        if says and says <= {*_SEVERAL, "not", "if", "then", "else"} and kinds <= admitted:
            checks, lazy = combination_checks(builder, flat, kinds, hints)
            if len(checks) == 1:
                return checks[0], lazy
    part = builder.type_of(schema, kinds, hints)
    return builder.argument(part), part.lazy
