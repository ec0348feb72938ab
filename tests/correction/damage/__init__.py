"""Damage done to real Python files, by class, and the judge of what comes back."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from . import bindings, dialects, layout, marks, templates, whole, wraps
from ._judge import Damaged, Verdict, judge, run
from ._source import Source, installed, sources, tree_of

__all__ = [
    "CLASSES",
    "Damaged",
    "Source",
    "Verdict",
    "cases",
    "installed",
    "judge",
    "run",
    "sources",
    "tree_of",
]

Maker = Callable[[random.Random, Source], Damaged | None]

CLASSES: dict[str, Maker] = {
    maker.__name__: maker
    for family in (wraps, layout, marks, dialects, templates, bindings, whole)
    for maker in family.MAKERS
}
_STILL_FINE = frozenset({"ast", "body", "params", "wild", "truncated"})


def cases(
    seed: int,
    each: int,
    classes: tuple[str, ...] = (),
    files: int = 400,
    roots: Sequence[Path] = (),
) -> Iterator[Damaged]:
    """Yield up to `each` damaged files of every class; the same for the same seed and files.

    What still compiles although its class says otherwise is left out.
    """
    pool = list(sources(random.Random(seed), files, roots))
    for name in classes or tuple(CLASSES):
        rng = random.Random(f"{seed}:{name}")
        made = 0
        for source in rng.sample(pool, len(pool)):
            if made == each:
                break
            case = CLASSES[name](rng, source)
            if case is None or case.broken == case.original:
                continue
            if (
                case.error is None
                and case.check in _STILL_FINE
                and tree_of(case.broken) is not None
            ):
                continue
            made += 1
            yield case
