"""What undefined names are meant to be: literals, members, parameters, imports."""

from __future__ import annotations

from collections.abc import Sequence

from .bench import Bench
from .imports import complete
from .models import Fix
from .rules import NAME_RULES

__all__ = ["named"]


def named(
    bench: Bench, text: str, undefined: Sequence[str]
) -> tuple[str, list[Fix], Sequence[str]]:
    """Return the text with its undefined names settled, what was done, and the names that are left."""
    fixes: list[Fix] = []
    for meant in NAME_RULES:
        changed, some = meant(bench, text, undefined)
        if some and bench.problem(changed) is None:
            text = changed
            fixes += some
            now = bench.names(text)
            undefined = [name for name in undefined if now and name in now.undefined]
    text, imported, left = complete(bench, text, list(undefined))
    return text, fixes + list(imported), left
