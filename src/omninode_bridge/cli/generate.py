"""``omninode-bridge generate``: contracts in, packages out."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omninode_bridge.cli.interrupts import run_interruptible
from omninode_bridge.cli.options import (
    DEFAULT_JOBS,
    DEFAULT_WAIT,
    bare_wait,
    duration,
    path,
    paths,
    whole_number,
)
from omninode_bridge.cli.report_file import ReportFile, json_bytes

if TYPE_CHECKING:
    from rich.console import Console

    from omninode_bridge.generation.report import BatchReport
    from omninode_bridge.generation.request import GenerateRequest

__all__ = ["generate"]


class _Command(click.Command):
    """Knows that ``--wait`` may stand alone."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give a bare ``--wait`` its value."""
        return super().parse_args(ctx, bare_wait(args))


@click.command(cls=_Command)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, callback=paths)
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    required=True,
    callback=path,
    help="Folder that receives one package folder for each contract.",
)
@click.option(
    "--check", is_flag=True, help="Write nothing; exit 1 where a package is missing or out of date."
)
@click.option("--dry-run", is_flag=True, help="Do everything except writing.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change, as a diff.")
@click.option(
    "--jobs",
    metavar="N",
    default=str(DEFAULT_JOBS),
    callback=whole_number(1, 64),
    help=f"How much is worked on at once; {DEFAULT_JOBS} on this machine.",
)
@click.option(
    "--validation",
    type=click.Choice(["basic", "standard", "full"]),
    default="standard",
    show_default=True,
    help="What a package must pass; full also runs its tests.",
)
@click.option("--no-recovery", is_flag=True, help="Let the first error of a contract end it.")
@click.option(
    "--max-degradation",
    metavar="N",
    callback=whole_number(0, 100),
    help="How many degradation stages a step may take; 0 for none, all by default.",
)
@click.option("--strict", is_flag=True, help="A degraded package counts as a failure.")
@click.option(
    "--wait",
    metavar="[DURATION]",
    callback=duration,
    help="Ask about each escalation and wait so long for the answer: 30s, 10m, 2h; "
    f"{DEFAULT_WAIT} where no duration is given.",
)
@click.option("--report", metavar="FILE", callback=path, help="Write the whole account as JSON.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What stdout gets.",
)
@click.option("--force", is_flag=True, help="Overwrite files that are not ours or were edited.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only, on stderr.")
@click.option("-v", "--verbose", count=True, help="Print every step and warning; -vv the log too.")
@click.pass_context
def generate(ctx: click.Context, /, **given: Any) -> None:
    """Generate a Python package for every contract.

    PATH is a contract (YAML or JSON) or a folder of contracts.

    Exit codes: 0 all generated, 1 something is stale, failed, refused or escalated, 2 wrong usage
    or configuration, 130 interrupted (143 by SIGTERM).
    """
    ctx.exit(_generate(_Options(**given)))


@dataclass(frozen=True, slots=True)
class _Options:
    """The options as given; their help says what they mean."""

    paths: tuple[Path, ...]
    output: Path
    check: bool
    dry_run: bool
    diff: bool
    jobs: int
    validation: str
    no_recovery: bool
    max_degradation: int | None
    strict: bool
    wait: float | None
    report: Path | None
    style: str
    force: bool
    quiet: bool
    verbose: int


def _request(options: _Options) -> GenerateRequest:
    from omninode_bridge.generation.request import GenerateRequest, Mode, ValidationLevel

    modes = {Mode.CHECK: options.check, Mode.DRY_RUN: options.dry_run, Mode.DIFF: options.diff}
    chosen = [mode for mode, is_on in modes.items() if is_on]
    if len(chosen) > 1:
        raise click.UsageError("--check, --dry-run and --diff exclude each other; give one of them")
    if options.quiet and options.verbose:
        raise click.UsageError("-q and -v exclude each other; give one of them")
    return GenerateRequest(
        paths=options.paths,
        output=options.output,
        mode=chosen[0] if chosen else Mode.WRITE,
        jobs=options.jobs,
        validation=ValidationLevel(options.validation),
        recovery=not options.no_recovery,
        max_degradation=options.max_degradation,
        wait=options.wait,
        force=options.force,
        exclude=() if options.report is None else (options.report,),
    )


def _generate(options: _Options) -> int:
    from omninode_bridge.cli.screen import console, quiet_library
    from omninode_bridge.generation.discovery import find_contracts

    request = _request(options)
    err = console(sys.stderr)
    with quiet_library(err, options.verbose):
        if options.report is None:
            batch = run_interruptible(_run(request, err, options))
        else:
            with ReportFile(options.report, inputs=find_contracts(options.paths)) as file:
                batch = run_interruptible(_run(request, err, options))
                file.write(batch.to_json())
    _print(batch, err, options)
    return batch.exit_code(strict=options.strict)


async def _run(request: GenerateRequest, err: Console, options: _Options) -> BatchReport:
    from omninode_bridge.cli.asking import Asking, asking_orchestrator
    from omninode_bridge.cli.progress import progress_bar
    from omninode_bridge.generation.batch import generate as generate_packages

    with progress_bar(err, wanted=not options.quiet) as bar:
        asks = request.wait is not None and request.recovery
        if asks and not sys.stdin.isatty() and not options.quiet:
            err.print("stdin is no terminal, so nobody can answer an escalation", soft_wrap=True)
        if not asks or not sys.stdin.isatty():
            return await generate_packages(request, on_progress=bar.on_progress)
        channel = Asking(err, bar)
        orchestrator, store = asking_orchestrator(channel)
        answering = asyncio.create_task(channel.answer_all(store))
        try:
            return await generate_packages(
                request, on_progress=bar.on_progress, orchestrator=orchestrator
            )
        finally:
            answering.cancel()
            with suppress(asyncio.CancelledError):
                await answering


def _print(batch: BatchReport, err: Console, options: _Options) -> None:
    from omninode_bridge.cli.account import seconds
    from omninode_bridge.cli.screen import console
    from omninode_bridge.cli.table import print_blocks, print_diff, print_report

    out = console(sys.stdout)
    waited = None if options.wait is None else seconds(options.wait * 1000)
    if options.style == "json":
        sys.stdout.flush()
        sys.stdout.buffer.write(json_bytes(batch.to_json()))
        sys.stdout.buffer.flush()
    elif options.diff:
        print_diff(out, batch)
    if options.quiet:
        print_blocks(err, batch, waited=waited)
        return
    table = err if options.style == "json" or options.diff else out
    print_report(table, batch, verbose=options.verbose > 0, strict=options.strict, waited=waited)
