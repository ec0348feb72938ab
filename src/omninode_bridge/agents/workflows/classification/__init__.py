"""Say what an error is: facts first, then causes, then patterns on its text."""

from .evidence import Classification, classify
from .facts import Facts, Provider
from .ladders import TYPE_LADDERS, Ladder, ladder_for
from .matcher import PatternMatch, PatternSet
from .plan import plan_ladder
from .providers import DEFAULT_PROVIDERS, facts_of
from .text import base_names, describe

__all__ = [
    "DEFAULT_PROVIDERS",
    "TYPE_LADDERS",
    "Classification",
    "Facts",
    "Ladder",
    "PatternMatch",
    "PatternSet",
    "Provider",
    "base_names",
    "classify",
    "describe",
    "facts_of",
    "ladder_for",
    "plan_ladder",
]
