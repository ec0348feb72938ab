"""``omninode-bridge escalations``: what waits for a person, all of it, and the person's answer."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from omninode_bridge.cli.escalations_answer import answer
from omninode_bridge.cli.journal_reading import (
    DEFAULT_LIMIT,
    format_option,
    journal_option,
    limit_option,
    reader,
)

__all__ = ["escalations"]

_STATUSES = ("open", "resolved", "expired", "superseded", "all")


@click.group(no_args_is_help=False)
def escalations() -> None:
    """Look at what waits for a person, and answer it."""


escalations.add_command(answer)


@escalations.command("list")
@click.option(
    "--status",
    type=click.Choice(_STATUSES),
    default="open",
    show_default=True,
    help="Only those that stand so.",
)
@click.option("--workflow", metavar="ID", help="Only those of this workflow and of its parts.")
@limit_option(DEFAULT_LIMIT, "escalations, the most urgent")
@format_option
@journal_option
def list_escalations(
    status: str, workflow: str | None, limit: int, style: str, journal: Path | None
) -> None:
    """List escalations by priority, the oldest first; those that have ended follow the open ones.

    Each with its id, as short as it is unique, and with what is asked.
    """
    from omninode_bridge.agents.workflows.journal import reading
    from omninode_bridge.cli.escalations_plain import list_plain
    from omninode_bridge.cli.escalations_print import print_list
    from omninode_bridge.cli.patterns_print import print_json
    from omninode_bridge.cli.screen import console

    wanted = None if status == "all" else status
    with reader(journal) as file:
        now = file.now()
        page = file.read(
            lambda c: reading.list_escalations(c, status=wanted, workflow=workflow, limit=limit)
        )
    if style == "json":
        print_json(list_plain(page))
        return
    print_list(console(sys.stdout), page, wanted, now=now, journal=journal)


@escalations.command("show")
@click.argument("escalation", metavar="ID")
@format_option
@journal_option
def show_escalation(escalation: str, style: str, journal: Path | None) -> None:
    """Show one escalation whole.

    The report with the error, what was tried, code and state; what the channels took; the commands
    that answer it, or who answered what and when. ID is the escalation's id or the beginning of it.
    """
    from omninode_bridge.agents.workflows.journal import reading
    from omninode_bridge.cli.escalations_plain import escalation_plain
    from omninode_bridge.cli.escalations_print import print_escalation
    from omninode_bridge.cli.patterns_print import print_json
    from omninode_bridge.cli.screen import console

    with reader(journal) as file:
        now = file.now()
        found = file.read(lambda c: reading.escalation_account(c, escalation, now=now))
    if style == "json":
        print_json(escalation_plain(found))
        return
    print_escalation(console(sys.stdout), found, now=now, journal=journal)
