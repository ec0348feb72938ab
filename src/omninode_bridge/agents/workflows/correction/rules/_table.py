"""The table of rules, in the order in which they propose."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Problem

from . import asyncs, blocks, brackets, colons, indents, tabs

__all__ = ["SYNTAX_RULES", "Rule"]

Rule = Callable[[Bench, str, Problem], Iterable[Proposal]]

SYNTAX_RULES: tuple[Rule, ...] = (
    asyncs.propose,
    colons.propose,
    brackets.propose,
    tabs.propose,
    indents.propose,
    blocks.propose,
)
