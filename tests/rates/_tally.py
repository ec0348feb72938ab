"""What became of many generated situations."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

WORDS = 2000


@dataclass(frozen=True)
class Verdict:
    """What became of one situation; `wrong` is empty where it was recovered truly."""

    kind: str
    wrong: str = ""


Situation = Callable[[random.Random], Awaitable[Verdict]]


@dataclass
class Tally:
    """Counts by kind, and what went wrong in words."""

    name: str
    tried: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    words: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.tried.values())

    @property
    def recovered(self) -> int:
        return self.total - sum(self.missed.values())

    @property
    def rate(self) -> float:
        return self.recovered / self.total

    def add(self, verdict: Verdict) -> None:
        self.tried[verdict.kind] += 1
        if verdict.wrong:
            self.missed[verdict.kind] += 1
            self.words.append(f"{verdict.kind}: {verdict.wrong}")

    def account(self) -> str:
        """Say what was missed, for the message of a failing test."""
        head = f"{self.name}: {self.recovered} of {self.total} ({self.rate:.1%})"
        kinds = [f"  {kind}: {n} of {self.tried[kind]}" for kind, n in self.missed.most_common()]
        words = [f"  - {word[:WORDS]}" for word in self.words[:20]]
        return "\n".join([head, *kinds, *words])


async def play(name: str, situation: Situation, seeds: range) -> Tally:
    """Play one situation for each seed."""
    tally = Tally(name)
    for seed in seeds:
        tally.add(await situation(random.Random(f"{name}/{seed}")))
    return tally
