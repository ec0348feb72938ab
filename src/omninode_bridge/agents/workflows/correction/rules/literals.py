"""Literals of JSON and of other languages, where nothing binds their names."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.source import Offsets

__all__ = ["meant"]

_MEANT = {
    **dict.fromkeys(("true", "TRUE"), "True"),
    **dict.fromkeys(("false", "FALSE"), "False"),
    **dict.fromkeys(
        ("null", "NULL", "Null", "nil", "Nil", "none", "NONE", "undefined", "nullptr"), "None"
    ),
    "NaN": 'float("nan")',
    "Infinity": 'float("inf")',
}


def meant(bench: Bench, text: str, undefined: Sequence[str]) -> tuple[str, list[Fix]]:
    """Write `True`, `False` and `None` for the words by which JSON and other languages call them."""
    names = bench.names(text)
    wanted = [name for name in undefined if name in _MEANT]
    if names is None or not wanted:
        return text, []
    offsets = Offsets(text)
    places: dict[int, tuple[str, int]] = {}
    for name in wanted:
        for use in names.undefined.get(name, ()):
            at = offsets.start(use.node)
            # Inside of a string the tree does not tell places: that one stays undefined.
            if text.startswith(name, at):
                places[at] = (name, use.node.lineno)
    tree = bench.tree(text)
    for node in ast.walk(tree) if tree is not None else ():
        # To Python `case true:` gives a name to whatever comes.
        if isinstance(node, ast.MatchAs) and node.pattern is None and node.name in _MEANT:
            at = offsets.at(node.lineno, node.col_offset)
            if "(" not in _MEANT[node.name] and text.startswith(node.name, at):
                places[at] = (node.name, node.lineno)
    fixes: dict[str, Fix] = {}
    for at in sorted(places, reverse=True):
        name, line = places[at]
        text = text[:at] + _MEANT[name] + text[at + len(name) :]
        fixes[name] = Fix("literal", line, f"wrote {_MEANT[name]} for {name!r}")
    return text, sorted(fixes.values(), key=lambda fix: fix.line)
