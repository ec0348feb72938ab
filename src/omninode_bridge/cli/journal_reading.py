"""What every command that reads a journal shares: its options, and the file opened for reading."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from omninode_bridge.agents.workflows._journal_place import VARIABLE, journal_of_user
from omninode_bridge.cli.options import path as read_path
from omninode_bridge.cli.options import whole_number
from omninode_bridge.cli.shared_options import format_option
from omninode_bridge.errors import JournalError

if TYPE_CHECKING:
    from omninode_bridge.agents.workflows.journal.reading import JournalReader

__all__ = [
    "DEFAULT_LIMIT",
    "MOST_LISTED",
    "format_option",
    "journal_option",
    "limit_option",
    "place",
    "reader",
    "say_failure",
    "time_back",
]

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_LIMIT: Final = 50
MOST_LISTED: Final = 100_000
_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
_LONGEST: Final = 100 * 366 * 86400.0


def journal_option(command: F) -> F:
    """Give the command ``--journal FILE``."""
    option = click.option(
        "--journal",
        metavar="FILE",
        callback=read_path,
        help="The journal; by default the one that generate keeps.",
    )
    return option(command)


def limit_option(default: int, what: str) -> Callable[[F], F]:
    """Give the command ``--limit N``."""
    return click.option(
        "--limit",
        metavar="N",
        default=str(default),
        callback=whole_number(1, MOST_LISTED),
        help=f"Show so many {what}; {default} by default.",
    )


def time_back(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """Read how far to look back: ``30m``, ``12h``, ``7d``, ``4w``, ``1d12h``; return seconds."""
    del ctx
    if value is None:
        return None
    text = value.strip().lower()
    parts = re.findall(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([smhdw])", text)
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if "".join(map("".join, parts)) != text or not 0 < seconds <= _LONGEST:
        raise click.UsageError(
            f"{param.opts[0]} is {value!r}; it must be a time span such as 30m, 12h, 7d or 4w"
        )
    return seconds


def say_failure(sentence: str) -> int:
    """Print why a command came to nothing, on stderr, and return its exit code."""
    from omninode_bridge.cli.text import plain

    click.echo(f"omninode-bridge: {plain(sentence)}", err=True)
    return 1


def reader(journal: Path | None) -> JournalReader:
    """Open the journal for reading; a context manager.

    Raises:
        JournalError: there is none, or it cannot be read.
    """
    from omninode_bridge.agents.workflows.journal.reading import JournalReader

    return JournalReader(place(journal))


def place(journal: Path | None) -> Path:
    """Return where the journal is: as given, as the environment says, or in the user's state folder.

    Raises:
        JournalError: there is no home folder, and nothing else says where.
    """
    if journal is not None:
        return journal
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    try:
        return journal_of_user()
    except RuntimeError as error:
        raise JournalError(
            f"there is no home folder to keep a journal in; name one with --journal or {VARIABLE}"
        ) from error
