"""Where a run is kept: the options that say so, and the journal opened for it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from omninode_bridge.cli.journal_reading import place
from omninode_bridge.cli.options import path as read_path
from omninode_bridge.errors import ConfigurationError, JournalError

if TYPE_CHECKING:
    from omninode_bridge.agents.workflows.engines.journal import JournalEngine

__all__ = ["keep_options", "open_journal", "open_wanted"]

F = TypeVar("F", bound=Callable[..., Any])

VARIABLE = "OMNINODE_BRIDGE_JOURNAL"
_RIGHT: Final = "--journal FILE names one that can be written, --no-journal keeps nothing"


def keep_options(command: F) -> F:
    """Give the command ``--journal FILE`` and ``--no-journal``."""
    command = click.option(
        "--no-journal", is_flag=True, help="Keep nothing of the run; it cannot be resumed then."
    )(command)
    return click.option(
        "--journal",
        metavar="FILE",
        callback=read_path,
        help="Where the run is kept, so that it can be resumed; a file in your state folder by "
        "default.",
    )(command)


def open_journal(where: Path) -> JournalEngine:
    """Open the journal for a run; its folder is made, for its owner alone, where it is missing.

    Raises:
        JournalError: it cannot be used.
    """
    from omninode_bridge.agents.workflows.engines.journal import JournalEngine
    from omninode_bridge.generation.answers import ANSWER_CHECKS

    try:
        where.absolute().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise JournalError(
            f"the journal {str(where)!r} cannot be made: {_reason(where, error)}", path=str(where)
        ) from error
    return JournalEngine(where, checks=ANSWER_CHECKS)


def _reason(where: Path, error: OSError) -> str:
    """Return why the folder of a journal could not be made, and which one that was."""
    for folder in reversed(where.parents):
        if os.path.lexists(folder) and not os.path.isdir(folder):  # noqa: PTH112 - asks without raising
            return f"{str(folder)!r} is no folder"
    at = f" ({str(error.filename)!r})" if error.filename else ""
    return f"{(error.strerror or str(error)).lower()}{at}"


def open_wanted(
    journal: Path | None, *, unwanted: bool, warn: Callable[[str], object]
) -> JournalEngine | None:
    """Open the journal that the options and the environment name.

    Args:
        journal: the file that was given; None for the default one.
        unwanted: nothing is to be kept.
        warn: is told why a default journal is not used, and what would be right; the run goes on
            without.

    Raises:
        JournalError: a journal that was asked for cannot be used.
        ConfigurationError: it can be none.
    """
    if unwanted:
        return None
    try:
        return open_journal(place(journal))
    except (JournalError, ConfigurationError, RuntimeError) as error:  # the last: no home folder
        if journal is not None or os.environ.get(VARIABLE):
            error.args = (f"{error}; {_RIGHT}",)
            raise
        warn(f"nothing of this run is kept: {error}; {_RIGHT}")
        return None
