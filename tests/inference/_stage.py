"""The stage of the corpus: calls that fail once and are recorded, situations and what must come of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from omninode_bridge.agents.workflows import RecoveryContext

SEEN: list[tuple[Any, ...]] = []
SITUATIONS: list[Situation] = []
mark = 0


@dataclass(frozen=True)
class Situation:
    """A function that catches an error and hands it over; `expected` is the call that must be run."""

    act: Callable[..., Any]
    expected: tuple[Any, ...] | None
    source: str = ""
    why: str = ""


def touch(*call: Any, twice: bool = False) -> tuple[Any, ...]:
    """Record a call; the first one of its kind fails."""
    SEEN.append(call)
    if SEEN.count(call) <= 1 + twice:
        raise ConnectionError("reset")
    return ("done", *call)


def runs(*call: Any, source: str = "", since: tuple[int, int] = (3, 11)) -> Callable[[Any], Any]:
    """Expect that the failed call is run again; before `since` it may be declined."""
    expected = call if sys.version_info >= since else None
    why = "" if expected else "not called there directly|is waiting for"
    return lambda act: SITUATIONS.append(Situation(act, expected, source, why)) or act


def declines(why: str) -> Callable[[Any], Any]:
    """Expect the sentence, nothing run, and this reason (a regular expression) in the log."""
    return lambda act: SITUATIONS.append(Situation(act, None, why=why)) or act


def about(error: BaseException, **fields: Any) -> RecoveryContext:
    """Make a context; what was called until now is the failure, not the recovery."""
    global mark
    mark = len(SEEN)
    return RecoveryContext("flow", "node", exception=error, **fields)


def reset() -> None:
    """Begin a situation."""
    global mark
    mark = 0
    SEEN.clear()


def rerun() -> list[tuple[Any, ...]]:
    """Return what was called by the recovery."""
    return SEEN[mark:]
