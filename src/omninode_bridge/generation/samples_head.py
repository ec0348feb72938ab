"""A subschema and where it stands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

__all__ = ["Head", "as_list", "as_mapping", "is_number"]

LOOSE = frozenset(
    {"allOf", "anyOf", "else", "if", "oneOf", "patternProperties", "prefixItems", "then"}
)
# Keywords about what another keyword left over: models check such places as a whole.
BESIDE = {"additionalProperties": "patternProperties", "items": "prefixItems"}


@dataclass(frozen=True, slots=True)
class Head:
    """A subschema and the JSON pointer under which it stands.

    Attributes:
        pointer: where it stands in the root schema, references followed.
        schema: the very object of the root schema: errors are told apart by identity.
        loose: it was reached through a combinator, so a model may complain above its place.
    """

    pointer: str
    schema: object
    loose: bool = False

    def down(self, *steps: object) -> Head:
        """Go to a subschema of this one."""
        schema = self.schema
        beside = BESIDE.get(str(steps[0])) in as_mapping(schema)
        for step in steps:
            schema = schema[step]  # type: ignore[index]
        pointer = self.pointer + "".join(f"/{_token(step)}" for step in steps)
        return Head(pointer, schema, self.loose or beside or steps[0] in LOOSE)


def as_mapping(value: object) -> Mapping[str, object]:
    """Return `value` if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: object) -> list[object]:
    """Return `value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether `value` is a finite JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _token(step: object) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")
