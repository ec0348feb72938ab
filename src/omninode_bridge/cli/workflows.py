"""``omninode-bridge workflows``: what runs, waits, has ended; ending, restarting, deleting one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from omninode_bridge.cli.journal_reading import (
    DEFAULT_LIMIT,
    format_option,
    journal_option,
    limit_option,
    place,
    reader,
    say_failure,
)
from omninode_bridge.errors import WorkflowOwnedError

if TYPE_CHECKING:
    from rich.console import Console

    from omninode_bridge.agents.workflows.journal.reading import Removed
    from omninode_bridge.agents.workflows.recovery_models import EscalationRow

__all__ = ["workflows"]

# as `journal.reading.WORKFLOW_STATES`, which is loaded only where a journal is read
_STATES = ("running", "interrupted", "paused", "done", "failed", "aborted", "cancelled")
_SHOWN_STEPS = 60


@click.group(no_args_is_help=False)
def workflows() -> None:
    """Look at recorded workflows; cancel, restart or delete one."""


@workflows.command("list")
@click.option("--status", type=click.Choice(_STATES), help="Only those that stand so.")
@limit_option(DEFAULT_LIMIT, "workflows, the latest")
@format_option
@journal_option
def list_workflows(status: str | None, limit: int, style: str, journal: Path | None) -> None:
    """List workflows, the latest first.

    An interrupted one was running when its process died; `resume` goes on with it, as with a
    paused one, which waits for an answer.
    """
    from omninode_bridge.agents.workflows.journal import reading
    from omninode_bridge.cli.patterns_print import print_json
    from omninode_bridge.cli.screen import console
    from omninode_bridge.cli.workflows_plain import list_plain
    from omninode_bridge.cli.workflows_print import print_list

    with reader(journal) as file:
        now = file.now()
        rows = file.read(lambda c: reading.list_workflows(c, now=now, state=status, limit=limit))
        counts = file.read(lambda c: reading.count_workflows(c, now=now))
    if style == "json":
        print_json(list_plain(rows, counts, status))
        return
    print_list(console(sys.stdout), rows, counts, status, now=now)


@workflows.command("show")
@click.argument("workflow", metavar="ID")
@limit_option(_SHOWN_STEPS, "steps")
@format_option
@journal_option
def show_workflow(workflow: str, limit: int, style: str, journal: Path | None) -> None:
    """Show one workflow whole.

    Its steps with what was not reused and why, its questions, who runs it and whether that process
    is alive, how to go on. ID is the workflow's id or the beginning of it.
    """
    from omninode_bridge.agents.workflows.journal import reading
    from omninode_bridge.cli.patterns_print import print_json
    from omninode_bridge.cli.screen import console
    from omninode_bridge.cli.workflows_plain import workflow_plain
    from omninode_bridge.cli.workflows_print import print_workflow

    with reader(journal) as file:
        now = file.now()
        found = file.read(lambda c: reading.workflow_account(c, workflow, now=now))
    if style == "json":
        print_json(workflow_plain(found, limit=limit))
        return
    print_workflow(console(sys.stdout), found, now=now, limit=limit, journal=journal)


@workflows.command("cancel")
@click.argument("workflow", metavar="ID")
@journal_option
@click.pass_context
def cancel_workflow(ctx: click.Context, /, workflow: str, journal: Path | None) -> None:
    """End a workflow.

    At once where nobody runs it, else with the next thing that its process records. What it has
    recorded stays; its open questions are superseded, nobody can answer them any more. ID is the
    workflow's id or the beginning of it.

    Exit codes: 0 cancelled, 1 it had ended before, 2 wrong usage, or no such workflow.
    """
    from omninode_bridge.agents.workflows.journal import reading
    from omninode_bridge.cli.due import expire_due
    from omninode_bridge.cli.patterns_print import print_line
    from omninode_bridge.cli.screen import console

    where = place(journal)
    workflow_id = _found(where, workflow)
    expire_due(where)
    done = reading.cancel_workflow(where, workflow_id)
    if not done.cancelled:
        ctx.exit(say_failure(f"workflow {workflow_id!r} had ended before: it is {done.state}"))
    out = console(sys.stdout)
    if done.owner is None:
        print_line(out, f"workflow {workflow_id!r} is cancelled")
    else:
        print_line(
            out,
            f"workflow {workflow_id!r} is being cancelled: process {done.owner.pid} runs it and "
            "ends it with the next thing that it records",
        )
    _say_superseded(out, done.superseded)


@workflows.command("restart")
@click.argument("workflow", metavar="ID")
@journal_option
@click.pass_context
def restart_workflow(ctx: click.Context, /, workflow: str, journal: Path | None) -> None:
    """Forget what a workflow has recorded.

    The next run of it begins anew: finished steps run again, and what was answered with skip or
    abort is asked again. Open questions are superseded. What it has written elsewhere stays. ID is
    the workflow's id or the beginning of it.

    Exit codes: 0 forgotten, 1 a living process runs it, 2 wrong usage, or no such workflow.
    """
    from omninode_bridge.agents.workflows.journal import reading
    from omninode_bridge.cli.journal_print import command, count, print_command
    from omninode_bridge.cli.patterns_print import print_line
    from omninode_bridge.cli.screen import console

    done = _apply(ctx, reading.restart_workflow, workflow, journal)
    out = console(sys.stdout)
    print_line(
        out,
        f"workflow {done.workflow.id!r} begins anew with its next run: "
        f"{count(done.steps, 'recorded step')} forgotten",
    )
    _say_superseded(out, done.superseded)
    if done.workflow.kind:
        print_line(out, "to begin it:")
        print_command(out, command("resume", done.workflow.id, journal=journal))


@workflows.command("delete")
@click.argument("workflow", metavar="ID")
@click.option(
    "--force", is_flag=True, help="Also one that waits for an answer or can be gone on with."
)
@journal_option
@click.pass_context
def delete_workflow(
    ctx: click.Context,
    /,
    workflow: str,
    force: bool,  # noqa: FBT001 - click gives options by name
    journal: Path | None,
) -> None:
    """Delete a workflow from the journal.

    With its steps, its recoveries and its escalations; what it has written elsewhere stays. ID is
    the workflow's id or the beginning of it.

    Exit codes: 0 deleted, 1 it is still needed, 2 wrong usage, or no such workflow.
    """
    from omninode_bridge.agents.workflows.journal import reading
    from omninode_bridge.cli.journal_print import count
    from omninode_bridge.cli.patterns_print import print_line
    from omninode_bridge.cli.screen import console

    done = _apply(ctx, partial(reading.delete_workflow, force=force), workflow, journal)
    out = console(sys.stdout)
    print_line(
        out,
        f"workflow {done.workflow.id!r} is deleted, with {count(done.steps, 'step')} and "
        f"{count(done.escalations, 'escalation')}",
    )
    _say_superseded(out, done.superseded)


def _apply(
    ctx: click.Context, work: Callable[[Path, str], Removed], given: str, journal: Path | None
) -> Removed:
    """Do it to the workflow that is meant, or say why not and exit."""
    from omninode_bridge.agents.workflows.journal.reading import StillNeededError
    from omninode_bridge.cli.due import expire_due

    where = place(journal)
    workflow_id = _found(where, given)
    expire_due(where)
    try:
        return work(where, workflow_id)
    except WorkflowOwnedError as error:
        ctx.exit(say_failure(str(error)))
    except StillNeededError as error:
        ctx.exit(say_failure(f"{error}; --force deletes it all the same"))


def _found(where: Path, given: str) -> str:
    """Return the id that is meant, from a journal that is there."""
    from omninode_bridge.agents.workflows.journal import reading

    with reader(where) as file:
        return file.read(lambda c: reading.find_workflow(c, given))


def _say_superseded(out: Console, rows: Sequence[EscalationRow]) -> None:
    from omninode_bridge.cli.ended_notices import tell_channels
    from omninode_bridge.cli.journal_print import count
    from omninode_bridge.cli.patterns_print import print_line

    if rows:
        print_line(out, f"{count(len(rows), 'open question')} of it can no longer be answered")
        tell_channels(rows)
