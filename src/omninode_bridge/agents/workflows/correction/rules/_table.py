"""The table of rules, in the order in which they propose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.complaint import Complaint
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Problem

from . import (
    arguments,
    asyncs,
    awaits,
    blocks,
    bodies,
    brackets,
    characters,
    closers,
    colons,
    commas,
    conditions,
    dialects,
    docstrings,
    doubled,
    escapes,
    fstrings,
    futures,
    indents,
    literals,
    quotes,
    selfs,
    tabs,
    typos,
)

__all__ = ["COMPLAINT_RULES", "NAME_RULES", "SYNTAX_RULES", "ComplaintRule", "NameRule", "Rule"]

# Where CPython stops: candidates for the search.
Rule = Callable[[Bench, str, Problem], Iterable[Proposal]]
# Undefined names of code that compiles, before imports are tried: what else they may be meant to be.
NameRule = Callable[[Bench, str, Sequence[str]], tuple[str, list[Fix]]]
# What the error says about code that compiles.
ComplaintRule = Callable[[Bench, str, Complaint], tuple[str, list[Fix]]]

SYNTAX_RULES: tuple[Rule, ...] = (
    characters.propose,
    asyncs.propose,
    colons.propose,
    brackets.propose,
    tabs.propose,
    indents.propose,
    blocks.propose,
    bodies.propose,
    futures.propose,
    conditions.propose,
    commas.propose,
    arguments.propose_repeated,
    arguments.propose_order,
    fstrings.propose,
    closers.propose,
    quotes.propose,
    docstrings.propose,
    typos.propose,
    doubled.propose,
    dialects.propose,
)

NAME_RULES: tuple[NameRule, ...] = (selfs.parameters, selfs.prefixes, literals.meant)

COMPLAINT_RULES: tuple[ComplaintRule, ...] = (
    asyncs.wanted,
    awaits.wanted,
    escapes.wanted,
    doubled.wanted,
)
