"""Enumerations and constants as types."""

from __future__ import annotations

from collections.abc import Sequence

from omninode_bridge.generation.models_module import (
    Annotation,
    ClassDefinition,
    FieldLine,
    Module,
)
from omninode_bridge.generation.models_names import member_names
from omninode_bridge.generation.models_text import encodable, literal, quoted
from omninode_bridge.runtime.model_json import json_key

__all__ = ["value_type"]

MOST_LITERALS = 100


def value_type(
    module: Module, values: Sequence[object], hints: Sequence[str], *, named: bool
) -> Annotation:
    """Choose the type that accepts exactly these values.

    Args:
        module: where an enumeration is defined.
        values: JSON values, no two of them equal.
        hints: names for an enumeration.
        named: whether an enumeration may be defined (not for a constant).
    """
    values = [int(v) if isinstance(v, float) and v.is_integer() else v for v in values]
    null = None in values
    rest = [value for value in values if value is not None]
    if not rest:
        return (
            Annotation("None") if null else Annotation(module.use("Any"), checks=_nothing(module))
        )
    texts = [value for value in rest if isinstance(value, str)]
    if named and len(texts) == len(rest) and all(map(encodable, texts)):
        return _enumeration(module, texts, hints, null=null)
    if not all(isinstance(value, bool | int) or _is_text(value) for value in rest):
        return Annotation(_base(module, rest, null=null), checks=(_values(module, values),))
    if len(rest) == 2 and all(isinstance(value, bool) for value in rest):
        return Annotation("bool | None" if null else "bool")
    base = f"{module.use('Literal')}[{', '.join(map(literal, values))}]"
    # In Python True equals 1: only a comparison as JSON tells them apart.
    mixed = any(value in (0, 1) for value in rest if not isinstance(value, str))
    return Annotation(base, checks=(_values(module, values),) if mixed else ())


def _is_text(value: object) -> bool:
    return isinstance(value, str) and encodable(value)


def _base(module: Module, values: Sequence[object], *, null: bool) -> str:
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    if not numbers:
        return module.use("Any")
    return "int | float | None" if null else "int | float"


def _values(module: Module, values: Sequence[object]) -> str:
    return f"{module.use('Values')}({', '.join(map(literal, values))})"


def _nothing(module: Module) -> tuple[str, ...]:
    return (f"{module.use('Nothing')}()",)


def _enumeration(
    module: Module, texts: Sequence[str], hints: Sequence[str], *, null: bool
) -> Annotation:
    name = module.new_name(*hints)
    members = member_names(texts)
    module.field_names.extend(members.values())
    module.texts.extend(texts)
    module.definitions.append(
        ClassDefinition(
            kind="enum",
            name=name,
            base=module.use("TextEnum"),
            fields=[FieldLine(members[text], "", quoted(text)) for text in texts],
        )
    )
    return Annotation(
        f"{name} | None" if null else name,
        members={json_key(text): f"{name}.{members[text]}" for text in texts},
    )
