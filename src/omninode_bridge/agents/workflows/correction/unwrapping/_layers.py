"""The layers, in the order in which they are looked for."""

from __future__ import annotations

from collections.abc import Callable

from . import conflicts, diffs, entities, fences, json_text, numbers, prompts, prose, tags
from ._layered import Layered

__all__ = ["LAYERS", "Layer", "Layered"]

Layer = Callable[[str], Layered | None]

# The outermost first: a message holds JSON or tags, these hold escapes, these hold a diff.
LAYERS: tuple[Layer, ...] = (
    tags.without_marks,
    json_text.from_json,
    tags.from_element,
    entities.unescaped,
    fences.unfenced,
    conflicts.settled,
    diffs.applied,
    numbers.without_numbers,
    prompts.without_prompts,
    json_text.from_escapes,
    prose.without_prose,
)
