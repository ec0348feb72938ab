"""What ``generate`` and ``resume`` share: the run itself, and what is printed of it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from omninode_bridge.cli.interrupts import Interrupted, run_interruptible
from omninode_bridge.cli.report_file import ReportFile, json_bytes
from omninode_bridge.cli.text import plain
from omninode_bridge.errors import ConfigurationError, EngineError

if TYPE_CHECKING:
    from rich.console import Console

    from omninode_bridge.agents.workflows.engines.journal import JournalEngine
    from omninode_bridge.generation.report import BatchReport
    from omninode_bridge.generation.request import GenerateRequest

__all__ = ["Printing", "print_batch", "run_batch", "say"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """What is printed of a run, and where its report goes.

    Attributes:
        journal: the file, as it was named; None for the default one, which commands need not name.
    """

    style: str = "text"
    diff: bool = False
    quiet: bool = False
    verbose: int = 0
    report: Path | None = None
    journal: Path | None = None


def say(sentence: str) -> None:
    """Say one sentence on stderr, as errors are said."""
    with suppress(OSError):
        click.echo(f"omninode-bridge: {plain(sentence)}", err=True)


def run_batch(
    request: GenerateRequest,
    printing: Printing,
    *,
    open_engine: Callable[[], JournalEngine | None],
    workflow_id: str,
) -> int:
    """Run it, print the account and return the exit code.

    Args:
        request: what to do.
        printing: what to say of it.
        open_engine: opens the journal once it is known that the run can begin: one that cannot
            leaves no trace; None keeps nothing.
        workflow_id: of the run, where it is kept.
    """
    from omninode_bridge.cli.screen import console, quiet_library
    from omninode_bridge.generation.discovery import find_contracts
    from omninode_bridge.generation.preflight import check_request

    err = console(sys.stderr)
    file = None
    if printing.report is not None:
        file = ReportFile(printing.report, inputs=find_contracts(request.paths))
    with quiet_library(err, printing.verbose), file or nullcontext():
        check_request(request)
        with open_engine() or nullcontext() as engine:
            if engine is None:
                _check_somebody_can_answer(request)
            try:
                batch, waited = run_interruptible(_run(request, err, printing, engine, workflow_id))
            except EngineError as error:
                say(str(error))
                return 1
            except Interrupted as error:
                if engine is not None:
                    error.args = (f"{error}{_way_on(engine, workflow_id, printing.journal)}",)
                raise
        if file is not None:
            file.write(batch.to_json())
    print_batch(batch, printing, strict=request.strict, wait=waited)
    return batch.exit_code(strict=request.strict)


def _check_somebody_can_answer(request: GenerateRequest) -> None:
    """Refuse to wait for an answer that can come from nowhere.

    Raises:
        ConfigurationError: nothing is kept, so nobody can answer from elsewhere, and nobody is here.
    """
    if request.wait is not None and request.recovery and not sys.stdin.isatty():
        raise ConfigurationError(
            "--wait without a journal needs a terminal, for nobody can answer from elsewhere; "
            "leave --wait out, or keep the run in a journal"
        )


def _way_on(engine: JournalEngine, workflow_id: str, journal: Path | None) -> str:
    """Say how to go on with a run that was interrupted, if it had begun."""
    from omninode_bridge.agents.workflows.journal.reading import read_workflow
    from omninode_bridge.cli.journal_print import command

    with suppress(EngineError):
        now = engine.file.now()
        row = engine.file.read(lambda c: read_workflow(c, workflow_id, now=now))
        if row is not None:
            return f"; go on with: {command('resume', workflow_id, journal=journal)}"
    return ""


async def _run(
    request: GenerateRequest,
    err: Console,
    printing: Printing,
    engine: JournalEngine | None,
    workflow_id: str,
) -> tuple[BatchReport, float | None]:
    """Return the account, and how long was waited for answers; None where nobody waited to the end."""
    from omninode_bridge.cli.asking import Asking, asking_orchestrator, telling_orchestrator
    from omninode_bridge.cli.progress import progress_bar
    from omninode_bridge.generation.batch import generate as generate_packages

    with progress_bar(err, wanted=not printing.quiet) as bar:
        asks = request.wait is not None and request.recovery
        at_terminal = asks and sys.stdin.isatty()
        if asks and not at_terminal and not printing.quiet:
            err.print("stdin is no terminal, so nobody can answer here", soft_wrap=True)
        run = partial(
            generate_packages,
            request,
            on_progress=bar.on_progress,
            engine=engine,
            workflow_id=workflow_id,
        )
        if not at_terminal:
            telling = telling_orchestrator(engine)
            batch = await run(orchestrator=telling)
            if telling is not None:
                await telling.flush_notices()
            return batch, request.wait
        channel = Asking(err, bar, wait=request.wait)
        orchestrator = asking_orchestrator(channel, engine)
        answering = asyncio.create_task(channel.answer_all(orchestrator.escalations))
        try:
            batch = await run(orchestrator=orchestrator)
            await orchestrator.flush_notices()
            return batch, None if channel.is_left else request.wait
        finally:
            answering.cancel()
            await asyncio.wait({answering})  # however it ended, the account of the run counts
            if not answering.cancelled() and (failure := answering.exception()) is not None:
                err.print(plain(f"asking ended: {failure!r}"), soft_wrap=True, markup=False)


def print_batch(
    batch: BatchReport, printing: Printing, *, strict: bool, wait: float | None
) -> None:
    """Print the account of a run, and how it goes on where a person has to answer."""
    from omninode_bridge.cli.account import seconds
    from omninode_bridge.cli.kept_print import print_stale, print_way_on
    from omninode_bridge.cli.screen import console
    from omninode_bridge.cli.table import print_blocks, print_diff, print_report

    out, err = console(sys.stdout), console(sys.stderr)
    waited = None if wait is None else seconds(wait * 1000)
    if printing.style == "json":
        sys.stdout.flush()
        sys.stdout.buffer.write(json_bytes(batch.to_json()))
        sys.stdout.buffer.flush()
    elif printing.diff:
        print_diff(out, batch)
    if printing.quiet:
        print_blocks(err, batch, waited=waited)
        print_way_on(err, batch, journal=printing.journal)
        return
    table = err if printing.style == "json" or printing.diff else out
    print_report(table, batch, verbose=printing.verbose > 0, strict=strict, waited=waited)
    print_stale(table, batch)
    print_way_on(table, batch, journal=printing.journal)
