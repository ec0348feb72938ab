"""Read an error back from the text that a log keeps of it."""

from __future__ import annotations

from .chain import Link
from .facts import NOTHING
from .providers.classes import facts_of_name

__all__ = ["link_of_text"]


def link_of_text(text: str) -> Link:
    """Return what the text tells by the name of the class that it begins with."""
    name, colon, _ = text.partition(":")
    if colon and name and name.replace(".", "").replace("_", "").isalnum():
        return Link(facts_of_name(name) or NOTHING)
    return Link()
