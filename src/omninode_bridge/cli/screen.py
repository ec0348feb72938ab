"""Where output goes: results to stdout, everything else to stderr."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.text import Text

from omninode_bridge.cli.text import plain

__all__ = ["console", "is_terminal", "quiet_library"]

PIPED_WIDTH = 140
_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


def is_terminal(stream: TextIO) -> bool:
    """Whether a person looks at the stream on a terminal that can move its cursor."""
    try:
        return stream.isatty() and os.environ.get("TERM", "") not in {"dumb", "unknown"}
    except ValueError:  # it has been closed
        return False


def console(stream: TextIO) -> Console:
    """Return a console that only a real terminal gets colours and control codes from."""
    there = is_terminal(stream)
    columns = os.environ.get("COLUMNS", "")
    width = None if there or columns.isdigit() else _piped_width()
    return Console(
        file=stream,
        force_terminal=there,
        color_system="auto" if there else None,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
    )


def _piped_width() -> int:
    """Return the width of the terminal that a pager or ``cat`` will probably write to."""
    try:
        if sys.stderr.isatty():
            return os.get_terminal_size(sys.stderr.fileno()).columns or PIPED_WIDTH
    except (OSError, ValueError):
        pass
    return PIPED_WIDTH


class _ConsoleHandler(logging.Handler):
    """Prints records above a progress bar instead of through it."""

    def __init__(self, out: Console, level: int) -> None:
        super().__init__(level)
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        """Print one line: level, logger, event, fields."""
        try:
            fields = " ".join(
                f"{key}={value!r}" for key, value in record.__dict__.items() if key not in _OWN
            )
            line = f"{record.levelname.lower()}: {record.name}: {record.getMessage()} {fields}"
            if record.exc_info and record.exc_info[1] is not None:
                line += f" ({type(record.exc_info[1]).__name__}: {record.exc_info[1]})"
            self._out.print(Text(plain(line.rstrip())), soft_wrap=True)
        except Exception:  # noqa: BLE001 - as every handler does
            self.handleError(record)


@contextmanager
def quiet_library(out: Console, verbosity: int) -> Iterator[None]:
    """Let the libraries' log records and warnings reach stderr only as far as was asked for.

    Args:
        out: takes what is shown.
        verbosity: 2 shows everything, less shows errors only.
    """
    logger = logging.getLogger("omninode_bridge")
    level = logging.DEBUG if verbosity >= 2 else logging.ERROR
    handler = _ConsoleHandler(out, level)
    before, propagates = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False
    others = logging.getLogger()
    silent = logging.NullHandler()
    others.addHandler(silent)
    try:
        with warnings.catch_warnings():
            if not sys.warnoptions and verbosity < 2:
                warnings.simplefilter("ignore")
            yield
    finally:
        logger.removeHandler(handler)
        others.removeHandler(silent)
        logger.setLevel(before)
        logger.propagate = propagates
