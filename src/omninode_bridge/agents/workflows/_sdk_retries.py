"""Warn where a client below retries by itself: three retries around its three are twelve calls.

What each client does by default, and what turns it off, is in its documentation: OpenAI and
Anthropic retry twice and number their tries in the header ``x-stainless-retry-count``; botocore
makes up to five attempts and tells how many in ``RetryAttempts``; generated Google clients retry
where ``google.api_core`` has a default policy for the method; requests retries only with a `Retry`
of the caller's, and then raises `RetryError`; urllib3 by itself retries three times.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

__all__ = ["SdkRetries"]

logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")

_DEPTH: Final = 5  # of causes


def _stainless(error: Any, _: str) -> int | None:
    count = error.request.headers.get("x-stainless-retry-count")
    return None if count is None else int(count)


def _botocore(error: Any, _: str) -> int | None:
    count = error.response["ResponseMetadata"].get("RetryAttempts")
    return None if count is None else int(count)


def _raises_when_exhausted(name: str) -> Callable[[Any, str], int | None]:
    return lambda _error, cls: None if cls == name else 0


def _unknown(_error: Any, _: str) -> int | None:
    return None


# By the package of an exception: the setting that stops its retries, and how often it retried
# (0: not at all, None: it does not say).
_SDKS: Final[Mapping[str, tuple[str, Callable[[Any, str], int | None]]]] = {
    "openai": ("OpenAI(max_retries=0)", _stainless),
    "anthropic": ("Anthropic(max_retries=0)", _stainless),
    "botocore": ('Config(retries={"total_max_attempts": 1})', _botocore),
    "google.api_core": ("retry=None", _unknown),
    "requests": ("HTTPAdapter(max_retries=0)", _raises_when_exhausted("RetryError")),
    "urllib3": ("retries=False", _raises_when_exhausted("MaxRetryError")),
}
_ROOTS: Final = frozenset(name.partition(".")[0] for name in _SDKS)


class SdkRetries:
    """Says once for each client library that it seems to retry below a recovery."""

    __slots__ = ("_lock", "_said")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: set[str] = set()

    def notice(self, error: BaseException) -> None:
        """Log a warning where this error, or one of its causes, is of a client that retries."""
        current: BaseException | None = error
        for _ in range(_DEPTH):
            if current is None:
                return
            for cls in type(current).__mro__:
                module = cls.__module__
                if isinstance(module, str) and module.partition(".")[0] in _ROOTS:
                    sdk = _sdk_of(module)
                    if sdk and self._judge(sdk, current):
                        return
            current = current.__cause__ or current.__context__

    def _judge(self, sdk: str, error: BaseException) -> bool:
        """Warn where the client retried, or does not say; whether the search is over."""
        setting, count = _SDKS[sdk]
        try:
            retries = count(error, type(error).__name__)
        except Exception:  # noqa: BLE001 -- somebody else's attributes; then it does not say
            retries = None
        if retries == 0:
            return True  # switched off, or it was not this that it retries
        with self._lock:
            said = sdk in self._said
            self._said.add(sdk)
        if not said:
            logger.warning(
                "recovery.sdk_retries", extra={"sdk": sdk, "setting": setting, "retries": retries}
            )
        return True


def _sdk_of(module: str) -> str:
    return next((n for n in _SDKS if module == n or module.startswith(f"{n}.")), "")
