"""Providers of the user's own: asked first, and never believed blindly."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy
from omninode_bridge.errors import ConfigurationError

from .facts import Facts
from .providers._durations import LONGEST_WAIT

__all__ = ["RegisteredProvider"]

logger = logging.getLogger(__name__)

_MOST_REASONS = 16
_MOST_WORDS = 500


class RegisteredProvider:
    """A provider of the user's own.

    What it raises or returns amiss is passed over, counted, and logged the first time; facts that it
    gives as plain words (``"network"``) become members.

    Attributes:
        name: of the callable, for logs and counts.
        failures: how often it raised, or returned something that is no `Facts`.
    """

    __slots__ = ("_lock", "failures", "name", "provider")

    def __init__(self, provider: Callable[[BaseException], Facts | None]) -> None:
        if not callable(provider):
            raise ConfigurationError(
                f"the provider is {provider!r}; it must be callable with an exception and return Facts or None"
            )
        self.provider = provider
        self.name = getattr(provider, "__qualname__", None) or type(provider).__qualname__
        self.failures = 0
        self._lock = threading.Lock()

    def __call__(self, exception: BaseException) -> Facts | None:
        """Return what the provider tells, or None where it tells nothing that can be used."""
        try:
            found = self.provider(exception)
            if found is None:
                return None
            return _checked(found)
        except Exception as error:  # noqa: BLE001 - the user's code must not stop an analysis
            self._failed(error)
            return None

    def _failed(self, error: Exception) -> None:
        with self._lock:
            self.failures += 1
            first = self.failures == 1
        if first:
            logger.warning(
                "classification.provider_failed",
                extra={"provider": self.name, "error_class": type(error).__qualname__},
            )


def _checked(found: object) -> Facts:
    """Return facts whose fields are what they must be.

    Raises:
        TypeError: it is no `Facts`, or a field is of another type.
        ValueError: a field has a value that cannot be.
    """
    if not isinstance(found, Facts):
        raise TypeError(f"a provider returned {type(found).__name__}, not Facts or None")
    if found.transient not in (True, False, None):
        raise ValueError("transient must be True, False or None")
    if found.retry_at is not None and not isinstance(found.retry_at, datetime):
        raise TypeError("retry_at must be a datetime")
    seconds = found.retry_after
    if seconds is not None and not (math.isfinite(seconds) and seconds >= 0):
        raise ValueError("retry_after must be a number of seconds")
    said: object = found.reasons  # a single one may come without its tuple
    several = (said,) if isinstance(said, str) else tuple(found.reasons)
    reasons = tuple(str(reason)[:_MOST_WORDS] for reason in several[:_MOST_REASONS])
    return replace(
        found,
        error_type=None if found.error_type is None else ErrorType(found.error_type),
        prefer=None if found.prefer is None else RecoveryStrategy(found.prefer),
        transient=None if found.transient is None else bool(found.transient),
        retry_after=None if seconds is None else min(float(seconds), LONGEST_WAIT),
        reasons=reasons,
    )
