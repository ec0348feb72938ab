"""Keep what a library logs about a notice to ourselves: it names addresses, which are secrets."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

__all__ = ["CONNECTION", "logger_into", "overheard"]

MAX_RECORDS: Final = 50
# How apprise begins to tell of an exception of the connection, at DEBUG.
CONNECTION: Final = "Socket Exception"
# apprise writes whole addresses, even as errors; what it posts with writes their paths.
_LOGGERS: Final = (
    "apprise",
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.util.retry",
    "requests_oauthlib.oauth1_auth",
    "requests_oauthlib.oauth1_session",
    "requests_oauthlib.oauth2_session",
    "oauthlib.oauth1.rfc5849",
    "oauthlib.oauth1.rfc5849.signature",
)


_heard: ContextVar[list[logging.LogRecord] | None] = ContextVar(
    "omninode_bridge_heard", default=None
)


class _Keeper(logging.Handler):
    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__()
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        keep(self._records, record)


def keep(records: list[logging.LogRecord], record: logging.LogRecord) -> None:
    """Remember the first of those that say what went wrong; the rest holds the notice."""
    telling = record.levelno >= logging.WARNING or str(record.msg).startswith(CONNECTION)
    if telling and len(records) < MAX_RECORDS:
        records.append(record)


def logger_into(records: list[logging.LogRecord]) -> logging.Logger:
    """Return a logger that writes there alone, whatever the levels of the program are."""
    logger = logging.Logger("omninode_bridge.notifiers.plugin", logging.DEBUG)  # noqa: LOG001
    logger.addHandler(_Keeper(records))
    return logger


class _Listener(logging.Filter):
    """Takes records that belong to a notice of ours out of the log; all others pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        records = _heard.get()
        if records is None:
            return True
        keep(records, record)
        return False


_LISTENER: Final = _Listener()


@contextmanager
def overheard() -> Iterator[list[logging.LogRecord]]:
    """Collect what the libraries log in this context, instead of letting it be logged.

    The filter that does it is put up by the first use, and stays, without effect on others.
    """
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_LISTENER)
    records: list[logging.LogRecord] = []
    token = _heard.set(records)
    try:
        yield records
    finally:
        _heard.reset(token)
