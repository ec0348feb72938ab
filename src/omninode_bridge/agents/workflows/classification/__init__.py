"""Say what an error is: facts first, then causes, then patterns on its text."""

from .evidence import Classification, classify
from .facts import Facts, Provider
from .ladders import TYPE_LADDERS, Ladder, ladder_for
from .matcher import PatternMatch, PatternSet
from .plan import plan_ladder
from .policy import Policy, policy_of
from .providers import DEFAULT_PROVIDERS, facts_of
from .registered import RegisteredProvider
from .text import base_names, describe

__all__ = [
    "DEFAULT_PROVIDERS",
    "TYPE_LADDERS",
    "Classification",
    "Facts",
    "Ladder",
    "PatternMatch",
    "PatternSet",
    "Policy",
    "Provider",
    "RegisteredProvider",
    "base_names",
    "classify",
    "describe",
    "facts_of",
    "ladder_for",
    "plan_ladder",
    "policy_of",
]
