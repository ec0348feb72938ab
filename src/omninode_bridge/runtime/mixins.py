"""Abilities that a contract can add to its node."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from omninode_bridge.errors import ConfigurationError
from omninode_bridge.runtime._core import NodeCore
from omninode_bridge.runtime._settings import (
    CachingSettings,
    HealthCheckSettings,
    LoggingSettings,
    MetricsSettings,
    read_settings,
)
from omninode_bridge.runtime._stores import Cache, Metrics

__all__ = ["HealthReport", "MixinCaching", "MixinHealthCheck", "MixinLogging", "MixinMetrics"]

# What `logging` refuses to have overwritten through `extra`.
TAKEN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


@dataclass(frozen=True, slots=True)
class HealthReport:
    """How a node is.

    Attributes:
        healthy: whether every check passed.
        failed: name of each failed check -> why.
        passed: names of the checks that passed, in order.
    """

    healthy: bool
    failed: Mapping[str, str]
    passed: tuple[str, ...]


class MixinHealthCheck(NodeCore):
    """Adds `health_check()` and the checks that it runs."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock=clock)
        self._health = read_settings(HealthCheckSettings, "MixinHealthCheck", self.mixin_config)
        self._health_checks: dict[str, Callable[[], bool | Awaitable[bool]]] = {}

    def add_health_check(self, name: str, check: Callable[[], bool | Awaitable[bool]]) -> None:
        """Have `check` asked each time; a second check of the same name replaces the first.

        Raises:
            ConfigurationError: there are as many checks as ``max_checks`` allows.
        """
        if name not in self._health_checks and len(self._health_checks) >= self._health.max_checks:
            raise ConfigurationError(
                f"no room for health check {name!r}: max_checks is {self._health.max_checks}"
            )
        self._health_checks[name] = check

    async def health_check(self) -> HealthReport:
        """Run every check; one that raises or takes too long has failed."""
        passed: list[str] = []
        failed: dict[str, str] = {}
        for name, check in tuple(self._health_checks.items()):
            if reason := await self._failure(check):
                failed[name] = reason
            else:
                passed.append(name)
        return HealthReport(healthy=not failed, failed=failed, passed=tuple(passed))

    async def _failure(self, check: Callable[[], bool | Awaitable[bool]]) -> str:
        limit = self._health.timeout_seconds
        try:
            async with asyncio.timeout(limit) as scope:
                answer = check()
                ok = await answer if inspect.isawaitable(answer) else answer
        except Exception as error:  # noqa: BLE001 - any failure of a check is its answer
            return f"no answer within {limit:g} s" if scope.expired() else _described(error)
        return "" if ok else "the check returned a false value"


class MixinMetrics(NodeCore):
    """Adds `metrics`: counters and timings, filled for every tracked operation."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock=clock)
        self.metrics = Metrics(
            read_settings(MetricsSettings, "MixinMetrics", self.mixin_config), clock
        )

    def on_operation_finished(
        self, operation: str, seconds: float, error: BaseException | None
    ) -> None:
        """Count the outcome and record the duration."""
        self.metrics.count(f"{operation}.{'failed' if error is not None else 'succeeded'}")
        self.metrics.record(operation, seconds)
        super().on_operation_finished(operation, seconds, error)


class MixinLogging(NodeCore):
    """Adds `log_event()`: constant event names with data in fields, one for every operation."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock=clock)
        settings = read_settings(LoggingSettings, "MixinLogging", self.mixin_config)
        self._log_level = logging.getLevelNamesMapping()[settings.level.upper()]
        self._log = logging.getLogger(f"omninode_bridge.runtime.{self.node_name or 'node'}")

    def log_event(self, event: str, /, **fields: object) -> None:
        """Log `event` at the configured level; a field that `logging` keeps for itself gets ``_``."""
        self._emit(self._log_level, event, fields)

    def on_operation_finished(
        self, operation: str, seconds: float, error: BaseException | None
    ) -> None:
        """Log the outcome; a failure is a warning at least."""
        fields: dict[str, object] = {"operation": operation, "duration_ms": seconds * 1000}
        if error is None:
            self._emit(self._log_level, "operation.finished", fields)
        else:
            fields["error_type"] = type(error).__name__
            self._emit(max(self._log_level, logging.WARNING), "operation.failed", fields)
        super().on_operation_finished(operation, seconds, error)

    def _emit(self, level: int, event: str, fields: Mapping[str, object]) -> None:
        extra = {f"{k}_" if k in TAKEN_FIELDS else k: value for k, value in fields.items()}
        identity = {"node_name": self.node_name, "node_version": self.node_version}
        self._log.log(level, event, extra={**extra, **identity})


class MixinCaching(NodeCore):
    """Adds `cache`: a bounded store whose entries expire."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock=clock)
        self.cache = Cache(read_settings(CachingSettings, "MixinCaching", self.mixin_config), clock)


def _described(error: Exception) -> str:
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
