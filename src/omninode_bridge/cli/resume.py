"""``omninode-bridge resume``: go on with a run that is paused, was interrupted or has failed."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from omninode_bridge.cli.generate_run import Printing, print_batch, run_batch, say
from omninode_bridge.cli.journal_reading import journal_option, place, reader
from omninode_bridge.cli.shared_options import WaitingCommand, account_options, wait_option
from omninode_bridge.errors import ConfigurationError, UnknownWorkflowError

if TYPE_CHECKING:
    from omninode_bridge.agents.workflows.journal.reading import WorkflowRow

__all__ = ["resume"]

_UNFINISHED: Final = ("paused", "interrupted")
_GIVEN_UP: Final = ("cancelled", "aborted")
_MOST: Final = 1000


@click.command(cls=WaitingCommand)
@click.argument("workflow", metavar="[WORKFLOW]", required=False)
@journal_option
@wait_option
@account_options
@click.pass_context
def resume(
    ctx: click.Context,
    /,
    workflow: str | None,
    journal: Path | None,
    wait: float | None,
    report: Path | None,
    style: str,
    quiet: bool,  # noqa: FBT001 - click gives options by name
    verbose: int,
) -> None:
    """Go on with a run of generate: what is finished is not done again.

    WORKFLOW is the run's id or the beginning of it; it may be left out where only one run is paused
    or was interrupted. Of a run that is over the account is printed again; one that was cancelled
    has to be restarted first.

    Exit codes: those of generate; 1 also where another process is at work on the run,
    or it was cancelled.
    """
    if quiet and verbose:
        raise click.UsageError("-q and -v exclude each other; give one of them")
    where = place(journal)
    row = _chosen(where, workflow, journal)
    printing = Printing(
        style=style,
        quiet=quiet,
        verbose=verbose,
        report=None if report is None else report.absolute(),
        journal=journal,
    )
    if row.state == "running" and row.owner is not None:
        say(
            f"workflow {row.id!r} is being run by process {row.owner.pid}, which is alive; "
            "wait for its end"
        )
        ctx.exit(1)
    if row.state in _GIVEN_UP or row.cancelled:
        say(f"workflow {row.id!r} is {row.state}; {_over_again(row, journal)}")
        ctx.exit(1)
    if row.state == "done":
        ctx.exit(_again(row, printing))
    ctx.exit(_go_on(row, printing, where.absolute(), wait))


def _chosen(where: Path, given: str | None, journal: Path | None) -> WorkflowRow:
    """Return the run that is meant.

    Raises:
        UnknownWorkflowError: there is none.
        ConfigurationError: it is not one of ours, or several could be meant.
    """
    from omninode_bridge.agents.workflows.journal import reading
    from omninode_bridge.cli.journal_print import command
    from omninode_bridge.generation.kept import KIND

    with reader(journal if journal is not None else where) as file:
        now = file.now()
        if given is not None:
            row = file.read(
                lambda c: reading.read_workflow(c, reading.find_workflow(c, given), now=now)
            )
            if row is None:
                raise UnknownWorkflowError(f"no workflow has the id {given!r}")
            if row.kind != KIND:
                raise ConfigurationError(
                    f"workflow {row.id!r} is no run of generate; run the program that began it again"
                )
            return row
        found = [
            file.read(partial(reading.list_workflows, now=now, state=state, limit=_MOST))
            for state in _UNFINISHED
        ]
        unfinished = [row for some in found for row in some]
        rows = [row for row in unfinished if row.kind == KIND]
        latest = [
            row
            for row in file.read(lambda c: reading.list_workflows(c, now=now, limit=_MOST))
            if row.kind == KIND
        ]
    if not rows:
        running = [row for row in latest if row.state == "running"]
        if len(running) == 1:
            return running[0]
        last = f"; the latest, {latest[0].id!r}, is {latest[0].state}" if latest else ""
        if latest and latest[0].state == "failed":
            last += f": {command('resume', latest[0].id, journal=journal)} tries it again"
        elif latest and latest[0].state in _GIVEN_UP:
            last += f": {_over_again(latest[0], journal)}"
        last += _of_programs([row for row in unfinished if row.kind != KIND])
        raise UnknownWorkflowError(
            f"no run of generate in {str(where)!r} is paused or was interrupted{last}"
        )
    if len(rows) > 1:
        listed = "; ".join(command("resume", row.id, journal=journal) for row in rows[:10])
        more = f"; and {len(rows) - 10} more" if len(rows) > 10 else ""
        raise ConfigurationError(f"{len(rows)} runs could be resumed, say which: {listed}{more}")
    return rows[0]


def _of_programs(rows: list[WorkflowRow]) -> str:
    """Say what does go on, in the program that began it."""
    if not rows:
        return ""
    if len(rows) == 1:
        row = rows[0]
        was = "is paused" if row.state == "paused" else "was interrupted"
        return f"; workflow {row.id!r} {was}: run the program that began it again"
    return f"; {len(rows)} workflows of other programs can go on: run those programs again"


def _over_again(row: WorkflowRow, journal: Path | None) -> str:
    """Say how a run that was given up is begun anew."""
    from omninode_bridge.cli.journal_print import command

    forget = command("workflows", "restart", row.id, journal=journal)
    return f"{forget} forgets what it has recorded, then it can be resumed from its beginning"


def _again(row: WorkflowRow, printing: Printing) -> int:
    """Print the account of a run that is over, and return the exit code that it had."""
    from omninode_bridge.cli.report_file import ReportFile
    from omninode_bridge.generation.kept import request_of
    from omninode_bridge.generation.plain import unplain
    from omninode_bridge.generation.report_reading import batch_of

    batch = batch_of(unplain(dict(row.summary)))
    strict = request_of(row.spec)[0].strict
    if printing.report is not None:
        with ReportFile(printing.report) as file:
            file.write(batch.to_json())
    if not printing.quiet:
        say(f"workflow {row.id!r} has ended before; this is its account")
    print_batch(batch, printing, strict=strict, wait=None)
    return batch.exit_code(strict=strict)


def _go_on(row: WorkflowRow, printing: Printing, where: Path, wait: float | None) -> int:
    from omninode_bridge.cli.journal_option import open_journal
    from omninode_bridge.generation.kept import request_of

    request, folder = request_of(row.spec, wait=wait)
    if printing.report is not None:
        request = replace(request, exclude=(*request.exclude, printing.report))
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(contextlib.chdir(folder))
        except OSError as error:
            raise ConfigurationError(
                f"workflow {row.id!r} was begun in {str(folder)!r}, which cannot be entered: "
                f"{(error.strerror or str(error)).lower()}"
            ) from error
        return run_batch(
            request, printing, open_engine=lambda: open_journal(where), workflow_id=row.id
        )
