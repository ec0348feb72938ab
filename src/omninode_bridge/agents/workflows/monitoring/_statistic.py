"""Statistics by name: which there are, and how they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Final

from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy
from omninode_bridge.agents.workflows.recovery_models.statistics import (
    RecoveryStatistics,
    StrategyStatistics,
)
from omninode_bridge.errors import ConfigurationError

__all__ = ["Reading", "Statistic", "statistic_names"]

_PREFIX: Final = "recovery_"
# annotations are texts here; a number of something is exact from the first, a share is not
_SCALARS: Final = {
    one.name: one.type == "int"
    for one in fields(RecoveryStatistics)
    if one.type in ("int", "float")
}
_DETAILS: Final = {one.name: one.type == "int" for one in fields(StrategyStatistics)}
_BY_KIND: Final[Mapping[str, type[StrEnum]]] = {
    "strategy_usage": RecoveryStrategy,
    "strategy_success_rates": RecoveryStrategy,
    "strategy_durations": RecoveryStrategy,
    "strategy_details": RecoveryStrategy,
    "error_type_counts": ErrorType,
}
_COUNTS: Final = frozenset({"strategy_usage", "error_type_counts"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A statistic at one moment.

    Attributes:
        value: of the statistic.
        samples: recoveries that it is made of.
    """

    value: float
    samples: int


@dataclass(frozen=True, slots=True)
class Statistic:
    """One number of `RecoveryStatistics`.

    Attributes:
        name: as it was asked for; two spellings of one statistic are equal.
        source: the field of `RecoveryStatistics`.
        kind: the key, where the field is a mapping.
        detail: the field of `StrategyStatistics`, where it is a mapping of those.
        exact: a number of something, not a share or a time.
    """

    name: str = field(compare=False)
    source: str
    kind: str = ""
    detail: str = ""
    exact: bool = False

    @classmethod
    def parse(cls, name: object) -> Statistic:
        """Find a statistic by its name.

        ``recovery_`` in front and ``_ms`` behind may be there or not; mappings take the kind after
        a dot: ``strategy_success_rates.retry``, ``strategy_details.retry.p95``.

        Raises:
            ConfigurationError: there is none of this name; the message lists them.
        """
        if isinstance(name, str):
            head, *rest = name.strip().split(".")
            for source in _spellings(head):
                found = cls._find(name.strip(), source, rest)
                if found is not None:
                    return found
        raise ConfigurationError(
            f"there is no statistic {_short(name)}; statistics: {', '.join(statistic_names())}"
        )

    @classmethod
    def _find(cls, name: str, source: str, rest: list[str]) -> Statistic | None:
        if not rest:
            return cls(name, source, exact=_SCALARS[source]) if source in _SCALARS else None
        kinds = _BY_KIND.get(source)
        if kinds is None or rest[0].lower() not in {str(kind) for kind in kinds}:
            return None
        kind, detail = rest[0].lower(), rest[1:]
        if source == "strategy_details":
            if len(detail) != 1 or detail[0] not in _DETAILS:
                return None
            return cls(name, source, kind, detail[0], exact=_DETAILS[detail[0]])
        return None if detail else cls(name, source, kind, exact=source in _COUNTS)

    def read(self, statistics: RecoveryStatistics) -> Reading | None:
        """Return the statistic, or None where there is nothing yet to make it of."""
        value = getattr(statistics, self.source)
        if not self.kind:
            return Reading(float(value), statistics.total_attempts)
        if self.source == "error_type_counts":
            return Reading(float(value.get(self.kind, 0)), statistics.total_attempts)
        uses = int(statistics.strategy_usage.get(RecoveryStrategy(self.kind), 0))
        found = value.get(self.kind)
        if self.detail:
            return Reading(float(getattr(found, self.detail)), uses) if found is not None else None
        if self.source == "strategy_durations":
            return Reading(sum(found) / len(found), uses) if found else None
        if found is None:
            return Reading(0.0, 0) if self.exact else None
        return Reading(float(found), uses)


def statistic_names() -> tuple[str, ...]:
    """Return what can be asked for; ``<strategy>`` and ``<error_type>`` stand for their kinds."""
    return (*_SCALARS, *_templates())


def _templates() -> Iterator[str]:
    for source, kinds in _BY_KIND.items():
        kind = "<strategy>" if kinds is RecoveryStrategy else "<error_type>"
        if source == "strategy_details":
            yield from (f"{source}.{kind}.{detail}" for detail in _DETAILS)
        else:
            yield f"{source}.{kind}"


def _spellings(name: str) -> Iterator[str]:
    for base in (name, name.removeprefix(_PREFIX), f"{_PREFIX}{name}"):
        yield base
        yield f"{base}_ms"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
