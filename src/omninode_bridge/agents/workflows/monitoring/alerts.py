"""Tell humans when a statistic of the recoveries leaves its bounds."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final, Self

from omninode_bridge.agents.workflows._clock import Clock
from omninode_bridge.agents.workflows._ports import Notifier
from omninode_bridge.agents.workflows._redaction_errors import failure_fields
from omninode_bridge.agents.workflows.recovery_models import EscalationPriority
from omninode_bridge.agents.workflows.recovery_models.statistics import RecoveryStatistics
from omninode_bridge.errors import ConfigurationError

from ._arguments import channel_names, count, number, positive, severity_word
from ._notices import Notices
from ._statistic import Statistic
from ._watched import StatisticsSource, check_source, clock_of, notifiers_of, notifies
from .alert import Alert, Threshold

__all__ = ["AlertManager"]

logger = logging.getLogger(__name__)

MAX_THRESHOLDS: Final = 1_000
DEFAULT_MIN_SAMPLES: Final = 5

_Key = tuple[Statistic, EscalationPriority]


class AlertManager:
    """Hold statistics against thresholds, and tell each breach once and its end once.

    Notices go the way of escalations: through the orchestrator's channels, each with its own time;
    what no channel took is sent again with a later check. An orchestrator that tells nobody
    (`enable_notifications=False`) has its alerts logged and kept only.

    Args:
        error_recovery: the orchestrator whose statistics are watched.
        notification_channel: name of the channel, or several; all of the orchestrator's by default.
        notifiers: channels by name; the orchestrator's by default.
        interval_seconds: between two checks, for `start_monitoring()` and ``async with``.
        min_samples: recoveries without which rates and times are not judged. Numbers of something
            (``pending``, ``hook_failures``) are exact from the first and do not wait.
        history: alerts that are kept.
        clock: tells the time and waits between checks; the orchestrator's by default.

    Example:
        >>> import asyncio
        >>> from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
        >>> alerts = AlertManager(error_recovery=ErrorRecoveryOrchestrator())
        >>> alerts.add_threshold("recovery_success_rate", min_value=0.85, severity="high")
        >>> asyncio.run(alerts.check_now())
        ()
    """

    def __init__(
        self,
        error_recovery: StatisticsSource,
        notification_channel: str | Sequence[str] | None = None,
        *,
        notifiers: Mapping[str, Notifier] | None = None,
        interval_seconds: float = 60.0,
        min_samples: int = DEFAULT_MIN_SAMPLES,
        history: int = 100,
        clock: Clock | None = None,
    ) -> None:
        check_source(error_recovery)
        self._error_recovery = error_recovery
        self._clock = clock or clock_of(error_recovery)
        self._interval = positive("interval_seconds", interval_seconds)
        self._min_samples = count("min_samples", min_samples)
        self._notices = Notices(
            notifiers_of(error_recovery) if notifiers is None else dict(notifiers),
            channel_names(notification_channel),
            clock=self._clock,
            tells=notifies(error_recovery),
        )
        self._lock = threading.Lock()
        self._thresholds: dict[_Key, Threshold] = {}
        self._active: dict[_Key, Alert] = {}
        self._history: deque[Alert] = deque(maxlen=max(1, count("history", history)))
        self._number = 0
        self._said_disabled = False
        self._task: asyncio.Task[None] | None = None

    # -- thresholds ----------------------------------------------------------------------------

    def add_threshold(
        self,
        name: str,
        *,
        min_value: float | None = None,
        max_value: float | None = None,
        severity: EscalationPriority | str = EscalationPriority.MEDIUM,
        min_samples: int | None = None,
    ) -> None:
        """Say which values of a statistic are right; the bounds themselves are.

        The same statistic and severity again replaces the bounds.

        Args:
            name: a field of `RecoveryStatistics`, with or without ``recovery_`` in front; of a
                mapping with the kind after a dot, as in ``strategy_success_rates.retry``.
            min_value: the least that is right.
            max_value: the most that is right.
            severity: ``low``, ``medium``, ``high`` or ``critical``.
            min_samples: recoveries without which this one is not judged.

        Raises:
            ConfigurationError: a name that does not exist (the message lists them), no bound, or a
                value that cannot be one.
        """
        statistic = Statistic.parse(name)
        if min_value is None and max_value is None:
            raise ConfigurationError(
                f"threshold {name!r} has no bound; give min_value or max_value"
            )
        least = None if min_value is None else number("min_value", min_value)
        most = None if max_value is None else number("max_value", max_value)
        if least is not None and most is not None and least > most:
            raise ConfigurationError(
                f"threshold {name!r} has min_value {min_value!r} above max_value {max_value!r}"
            )
        if min_samples is None:
            samples = 0 if statistic.exact else self._min_samples
        else:
            samples = count("min_samples", min_samples)
        threshold = Threshold(
            statistic=statistic,
            min_value=least,
            max_value=most,
            severity=severity_word(severity),
            min_samples=samples,
        )
        with self._lock:
            key = (statistic, threshold.severity)
            if key not in self._thresholds and len(self._thresholds) >= MAX_THRESHOLDS:
                raise ConfigurationError(
                    f"there are {MAX_THRESHOLDS} thresholds; no more are taken"
                )
            self._thresholds[key] = threshold

    def remove_threshold(self, name: str) -> None:
        """Remove all thresholds of a statistic, whatever their severity; their alerts end silently.

        Raises:
            ConfigurationError: there is none.
        """
        statistic = Statistic.parse(name)
        with self._lock:
            keys = [key for key in self._thresholds if key[0] == statistic]
            if not keys:
                raise ConfigurationError(f"there is no threshold {name!r}")
            for key in keys:
                del self._thresholds[key]
                self._active.pop(key, None)

    # -- looking -------------------------------------------------------------------------------

    async def check_now(self) -> tuple[Alert, ...]:
        """Hold the statistics against the thresholds, tell what is new, and return it."""
        found = self._judge(self._error_recovery.get_statistics())
        for alert in found:
            level = logging.WARNING if alert.breach_id is None else logging.INFO
            logger.log(
                level,
                "alerts.found",
                extra={
                    "alert_id": alert.alert_id,
                    "kind": str(alert.kind),
                    "statistic": alert.statistic,
                    "value": alert.value,
                    "severity": str(alert.severity),
                },
            )
        await self._notices.send()
        return found

    def _judge(self, statistics: RecoveryStatistics) -> tuple[Alert, ...]:
        """Find what is new; nothing suspends here, so two checks never find the same."""
        if not statistics.enabled:
            if not self._said_disabled:
                self._said_disabled = True
                logger.warning("alerts.statistics_disabled")
            return ()
        found: list[Alert] = []
        now = self._clock.now()
        with self._lock:
            for key, threshold in self._thresholds.items():
                reading = threshold.statistic.read(statistics)
                if reading is None or reading.samples < threshold.min_samples:
                    continue
                active = self._active.get(key)
                if bool(threshold.complaint(reading.value)) is (active is not None):
                    continue
                self._number += 1
                alert = Alert.of(
                    threshold,
                    value=reading.value,
                    samples=reading.samples,
                    at=now,
                    number=self._number,
                    breach=active,
                )
                if active is None:
                    self._active[key] = alert
                else:
                    del self._active[key]
                found.append(alert)
            self._history.extend(found)
            self._notices.put(found)
        return tuple(found)

    @property
    def active(self) -> tuple[Alert, ...]:
        """Breaches that last, oldest first."""
        with self._lock:
            return tuple(self._active.values())

    @property
    def history(self) -> tuple[Alert, ...]:
        """Everything that was found, oldest first, bounded."""
        with self._lock:
            return tuple(self._history)

    # -- going on ------------------------------------------------------------------------------

    async def start_monitoring(self, interval_seconds: float | None = None) -> None:
        """Check now and after every interval, in a background task; return at once.

        Raises:
            ConfigurationError: no time, or it runs already.
        """
        seconds = (
            self._interval
            if interval_seconds is None
            else positive("interval_seconds", interval_seconds)
        )
        with self._lock:
            if self._runs():
                raise ConfigurationError("monitoring runs already; await stop_monitoring() first")
            self._task = asyncio.create_task(self._monitor(seconds), name="alert-monitoring")

    async def stop_monitoring(self) -> None:
        """End the background task, from any loop or thread; nothing happens where there is none."""
        with self._lock:
            task, self._task = self._task, None
        if task is None or task.done() or task.get_loop().is_closed():
            return
        loop = task.get_loop()
        if loop is not asyncio.get_running_loop():
            loop.call_soon_threadsafe(task.cancel)
            return
        task.cancel()
        if task is not asyncio.current_task():
            await asyncio.wait({task})

    @property
    def is_monitoring(self) -> bool:
        """Whether the background task runs."""
        with self._lock:
            return self._runs()

    def _runs(self) -> bool:
        task = self._task
        return task is not None and not task.done() and not task.get_loop().is_closed()

    async def _monitor(self, seconds: float) -> None:
        while True:
            try:
                await self.check_now()
            except Exception as error:  # noqa: BLE001 -- a check that fails must not end the watch
                logger.warning("alerts.check_failed", extra=failure_fields(error))
            await self._clock.sleep(seconds)

    async def __aenter__(self) -> Self:
        await self.start_monitoring()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop_monitoring()
