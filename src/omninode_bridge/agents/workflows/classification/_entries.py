"""A registered pattern, and the parts of it that are looked for one by one."""

from __future__ import annotations

import re

from omninode_bridge.agents.workflows.recovery_models import ErrorPattern
from omninode_bridge.errors import PatternError

from ._compiled import Clause, clauses_of
from ._shapes import known_clauses
from .ladders import TYPE_LADDERS

__all__ = ["Entry", "Slot"]

_SHOWN = 200


class Slot:
    """An alternative of a registered pattern."""

    __slots__ = ("clause", "entry", "key")

    def __init__(self, entry: Entry, number: int, clause: Clause) -> None:
        self.entry = entry
        self.clause = clause
        self.key = (*entry.key, number)


class Entry:
    """A registered pattern; compiled at registration, or on first use for our own tested ones."""

    __slots__ = ("_slots", "built_in", "key", "pattern")

    def __init__(self, pattern: ErrorPattern, number: int, *, built_in: bool) -> None:
        self.pattern = pattern
        self.built_in = built_in
        self.key = (-pattern.priority, number)
        self._slots: tuple[Slot, ...] | None = None
        if not built_in or known_clauses(pattern.regex_pattern) is None:
            self._slots = self._cut(_compile(pattern))

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The alternatives, in order."""
        if self._slots is None:
            known = known_clauses(self.pattern.regex_pattern)
            self._slots = self._cut(_compile(self.pattern) if known is None else known)
        return self._slots

    def _cut(self, clauses: tuple[Clause, ...]) -> tuple[Slot, ...]:
        return tuple(Slot(self, number, clause) for number, clause in enumerate(clauses))

    @property
    def adds_nothing(self) -> bool:
        """Whether it is one of ours that asks for what its type's ladder begins with anyway."""
        pattern = self.pattern
        return (
            self.built_in
            and not pattern.metadata
            and any(
                pattern.recovery_strategy is TYPE_LADDERS[pattern.error_type, known][0]
                for known in (True, None, False)
            )
        )


def _compile(pattern: ErrorPattern) -> tuple[Clause, ...]:
    try:
        return clauses_of(pattern.regex_pattern)
    except re.error as error:
        where = "" if error.pos is None else f" at position {error.pos}"
        reason = error.msg
    except (RecursionError, OverflowError, MemoryError) as error:
        where, reason = "", str(error) or type(error).__name__
    raise PatternError(
        f"regex_pattern of pattern {pattern.pattern_id!r} does not compile: {reason}{where} "
        f"of {_shown(pattern.regex_pattern)}",
        pattern_id=pattern.pattern_id,
    )


def _shown(regex: str) -> str:
    return repr(regex) if len(regex) <= _SHOWN else f"{regex[:_SHOWN]!r}..."
