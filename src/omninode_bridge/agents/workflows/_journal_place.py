"""Where the journal is that nobody names."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

__all__ = ["VARIABLE", "is_found_unnamed", "journal_of_user"]

#: Names another one than that of the user's state folder.
VARIABLE: Final = "OMNINODE_BRIDGE_JOURNAL"


def journal_of_user() -> Path:
    """Return where the journal is in the user's state folder.

    Raises:
        RuntimeError: there is no home folder.
    """
    if sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support"
    else:
        # a relative one is invalid: https://specifications.freedesktop.org/basedir-spec/
        state = Path(os.environ.get("XDG_STATE_HOME", ""))
        folder = state if state.is_absolute() else Path.home() / ".local" / "state"
    return folder / "omninode-bridge" / "journal.db"


def is_found_unnamed(path: str) -> bool:
    """Whether commands find this journal by themselves, in any terminal of the user.

    A variable of this process is not one of every terminal, so with it a journal has to be named.
    """
    if os.environ.get(VARIABLE):
        return False
    try:
        return os.path.realpath(journal_of_user()) == os.path.realpath(path)
    except (OSError, RuntimeError, ValueError):
        return False
