"""How many signals there were, how many were lost, how many listeners failed."""

from __future__ import annotations

import logging
import threading

from .types import MetricsLike

__all__ = ["Tally"]

logger = logging.getLogger("omninode_bridge.agents.coordination")


class Tally:
    """Count, log, and tell the metrics; none of it can break whoever emits."""

    def __init__(self, metrics: MetricsLike | None) -> None:
        self._metrics = metrics
        self._lock = threading.RLock()  # a finalizer may call in at any moment
        self.failures = 0
        self.dropped = 0

    def said(self, name: str) -> None:
        """Count a signal."""
        self._count("signals", name)

    def failed(self, name: str, callback: object, error: Exception) -> None:
        """Count a listener that raised."""
        with self._lock:
            self.failures += 1
        logger.warning(
            "signals.listener_failed",
            extra={
                "signal": name,
                "listener": getattr(callback, "__qualname__", type(callback).__name__),
                "error": type(error).__name__,
                "where": _where(error),
            },
        )
        self._count("signal_failures", name)

    def lost(self, name: str) -> None:
        """Count a signal that a listener did not get."""
        with self._lock:
            self.dropped += 1
        logger.debug("signals.dropped", extra={"signal": name})
        self._count("signals_dropped", name)

    def _count(self, what: str, name: str) -> None:
        if self._metrics is None:
            return
        try:
            self._metrics.increment(what, labels={"signal": name})
        except Exception as error:  # noqa: BLE001 - whoever emits must not suffer for it
            with self._lock:
                self.failures += 1
            logger.warning("signals.metrics_failed", extra={"error": type(error).__name__})


def _where(error: Exception) -> str:
    """Return where it was raised; its message, which may hold a secret, stays out of the log."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    code = at.tb_frame.f_code if at is not None else None
    return f"{code.co_filename}:{at.tb_lineno}" if at is not None and code is not None else ""
