"""Options that several commands have, and the command that knows a bare ``--wait``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from omninode_bridge.cli.options import DEFAULT_WAIT, bare_wait, duration, path

__all__ = ["WaitingCommand", "account_options", "format_option", "wait_option"]

F = TypeVar("F", bound=Callable[..., Any])


class WaitingCommand(click.Command):
    """Knows that ``--wait`` may stand alone."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give a bare ``--wait`` its value."""
        return super().parse_args(ctx, bare_wait(args))


def wait_option(command: F) -> F:
    """Give the command ``--wait [DURATION]``; it has to be a `WaitingCommand`."""
    option = click.option(
        "--wait",
        metavar="[DURATION]",
        callback=duration,
        help="Ask about each escalation and wait so long for the answer: 30s, 10m, 2h; "
        f"{DEFAULT_WAIT} where no duration is given.",
    )
    return option(command)


def format_option(command: F) -> F:
    """Give the command ``--format text|json``."""
    option = click.option(
        "--format",
        "style",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="What stdout gets.",
    )
    return option(command)


def account_options(command: F) -> F:
    """Give the command what says where the account of a run goes, and how much of it."""
    quiet = click.option("-q", "--quiet", is_flag=True, help="Print errors only, on stderr.")
    verbose = click.option(
        "-v", "--verbose", count=True, help="Print every step and warning; -vv the log too."
    )
    report = click.option(
        "--report", metavar="FILE", callback=path, help="Write the whole account as JSON."
    )
    return report(format_option(quiet(verbose(command))))
