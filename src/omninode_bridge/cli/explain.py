"""``omninode-bridge explain``: which ladder was climbed, step by step, and why."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from omninode_bridge.cli.journal_reading import (
    format_option,
    journal_option,
    limit_option,
    reader,
)

__all__ = ["explain"]

_RECOVERIES = 20


@click.command()
@click.argument("what", metavar="ID")
@limit_option(_RECOVERIES, "recoveries of a workflow, the latest")
@format_option
@journal_option
def explain(what: str, limit: int, style: str, journal: Path | None) -> None:
    """Say how a recovery went, step by step.

    The error and what it was taken for, the ladder, each step that was tried or passed over and
    why, what was left of the budget, what was asked and answered, the end. ID is a recovery (r17), an escalation or a workflow; of the latter two, the beginning of the id
    does. Errors of a log are explained by `patterns explain`.
    """
    from omninode_bridge.agents.workflows.journal import reading
    from omninode_bridge.cli.explain_plain import story_plain
    from omninode_bridge.cli.explain_print import print_story
    from omninode_bridge.cli.patterns_print import print_json
    from omninode_bridge.cli.screen import console

    with reader(journal) as file:
        now = file.now()
        story = file.read(lambda c: reading.story_of(c, what, now=now, limit=limit))
    if style == "json":
        print_json(story_plain(story))
        return
    print_story(console(sys.stdout), story, now=now, journal=journal)
