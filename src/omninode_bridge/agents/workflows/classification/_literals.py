"""Which texts a regex needs: without them it need not run."""

from __future__ import annotations

import math

from ._chains import Chain
from ._tree import REPEATS, Items, Tree

__all__ = ["Needs", "fold", "needs_of", "plain_cases", "prefix_of"]

# Sets of lower-case ASCII texts; a text that matches holds at least one of each set.
Needs = tuple[tuple[str, ...], ...]

# Letters outside ASCII that `re.IGNORECASE` holds equal to a letter inside it.
_ODD_CASES = {0x130: "i", 0x131: "i", 0x17F: "s", 0x212A: "k"}
_MOST_ALTERNATIVES = 64
_MOST_SETS = 3
# Words that nearly every traceback holds tell little.
_COMMON = frozenset(
    [
        "error",
        "exception",
        "failed",
        "failure",
        "file",
        "line",
        "module",
        "traceback",
        "object",
        "type",
        "name",
        "value",
        "call",
        "request",
        "response",
        "return",
        "self",
        "none",
        "most",
        "recent",
        "last",
        "site-packages",
        "python",
        "during",
        "handling",
        "above",
        "another",
        "occurred",
        "the",
        "not",
        "for",
        "with",
        "from",
        "import",
        "raise",
    ]
)


def fold(text: str) -> str:
    """Return the text in which lower-case literals are looked up; as long as the text itself."""
    return plain_cases(text).lower()


def plain_cases(text: str) -> str:
    """Return the text with those letters as ASCII; `regex` does not hold all of them equal."""
    return text if text.isascii() else text.translate(_ODD_CASES)


def needs_of(tree: Tree, chains: tuple[Chain, ...] | None) -> Needs:
    """Return what a match needs, the most telling set first."""
    found = _needed(tree.items)
    if chains is not None and len(chains) <= _MOST_ALTERNATIVES:
        found.append(tuple(dict.fromkeys(_longest(chain) for chain in chains)))
    ranked = sorted(dict.fromkeys(found), key=_worth, reverse=True)
    return tuple(ranked[:_MOST_SETS])


def prefix_of(items: Items) -> str:
    """Return the literal that every match begins with; empty where there is none."""
    for op, arg in items:
        if op == "TEXT":
            return str(arg).lower()
        if op != "AT":
            break
    return ""


def _longest(chain: Chain) -> str:
    return max((text for _, text in chain), key=_weight)


def _worth(texts: tuple[str, ...]) -> float:
    """Return how seldom a text holds one of these: each character makes it three times rarer."""
    return -sum(math.pow(3, -_weight(text)) for text in texts)


def _weight(text: str) -> float:
    bare = text.strip(" :'\".,")
    return len(text) - (4 if bare in _COMMON else text.count(" ") / 2)


def _needed(items: Items) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    run = ""
    for op, arg in items:
        if op == "TEXT":
            run += arg.lower()
            continue
        if op == "AT":  # an anchor has no width: the run goes on
            continue
        if run:
            found.append((run,))
            run = ""
        if op == "SUBPATTERN":
            found += _needed(arg[3])
        elif op == "ATOMIC_GROUP":
            found += _needed(arg)
        elif op in REPEATS and arg[0] > 0:
            found += _needed(arg[2])
        elif op == "BRANCH":
            parts = [_needed(branch) for branch in arg]
            if all(parts):
                best = [max(part, key=_worth) for part in parts]
                union = tuple(dict.fromkeys(text for part in best for text in part))
                if len(union) <= _MOST_ALTERNATIVES:
                    found.append(union)
    if run:
        found.append((run,))
    return found
