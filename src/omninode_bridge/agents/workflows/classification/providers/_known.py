"""What a provider knows, in a form that the reference page is written from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from omninode_bridge.agents.workflows.classification.facts import Facts

__all__ = ["Known", "no_rows"]


def no_rows() -> Sequence[tuple[str, Facts]]:
    """Return no rows, for a provider that follows a rule and no table."""
    return ()


@dataclass(frozen=True, slots=True)
class Known:
    """What a provider reads and what it makes of it.

    Attributes:
        reads: the attributes, in words.
        source: where its table is from.
        names: attributes without which the provider has nothing to read.
        asks: whether it is asked about errors of a class, whatever attributes they have; one that
            has neither `names` nor this is asked about all errors.
        rows: gives what is recognised (a code, class or phrase) with its facts, in order.
    """

    reads: str
    source: str
    names: frozenset[str] = frozenset()
    asks: Callable[[type[BaseException]], bool] | None = None
    rows: Callable[[], Sequence[tuple[str, Facts]]] = no_rows
