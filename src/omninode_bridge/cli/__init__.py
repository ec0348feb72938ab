"""The command line; `main` is what the script ``omninode-bridge`` calls."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; nothing is raised.

    Args:
        argv: arguments without the program's name; those of the process by default.
    """
    try:
        import_module("rich")  # some commands need it later
        from omninode_bridge.cli.app import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"click", "rich"}:
            raise
        print(
            "omninode-bridge: the command line needs the 'cli' extra: "
            "pip install 'omninode-bridge[cli]'",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        return 130
    return run(argv)
