"""What health checks found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from omninode_bridge.agents.workflows.recovery_models.statistics import RecoveryStatistics

__all__ = ["CheckResult", "HealthStatus"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found.

    Attributes:
        name: of the check.
        passing: it said yes.
        critical: as it was added.
        message: why it does not pass, one sentence; empty where it does.
        duration_ms: how long it took.
    """

    name: str
    passing: bool
    critical: bool = False
    message: str = ""
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthStatus:
    """What all checks found.

    Attributes:
        results: one for each check, in the order in which they were added.
        at: when the checks began.
        statistics: of the recoveries at that moment; None where they could not be read.
    """

    results: tuple[CheckResult, ...] = ()
    at: datetime
    statistics: RecoveryStatistics | None = None

    @property
    def all_passing(self) -> bool:
        """Whether no check failed; True where there is none."""
        return all(result.passing for result in self.results)

    @property
    def failed_checks(self) -> tuple[str, ...]:
        """Names of the checks that failed."""
        return tuple(result.name for result in self.results if not result.passing)

    @property
    def critical_failures(self) -> tuple[str, ...]:
        """Names of those among them that are critical."""
        return tuple(r.name for r in self.results if r.critical and not r.passing)

    @property
    def messages(self) -> dict[str, str]:
        """Why each failed check failed, by name."""
        return {result.name: result.message for result in self.results if not result.passing}

    def __getitem__(self, name: str) -> CheckResult:
        for result in self.results:
            if result.name == name:
                return result
        raise KeyError(name)
