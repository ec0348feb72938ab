"""``omninode-bridge generate``: contracts in, packages out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omninode_bridge.cli.generate_run import Printing, run_batch, say
from omninode_bridge.cli.journal_option import keep_options
from omninode_bridge.cli.options import DEFAULT_JOBS, path, paths, whole_number
from omninode_bridge.cli.shared_options import WaitingCommand, account_options, wait_option

if TYPE_CHECKING:
    from omninode_bridge.generation.request import GenerateRequest

__all__ = ["generate"]


@click.command(cls=WaitingCommand)
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
@wait_option
@keep_options
@click.option("--force", is_flag=True, help="Overwrite files that are not ours or were edited.")
@account_options
@click.pass_context
def generate(ctx: click.Context, /, **given: Any) -> None:
    """Generate a Python package for every contract.

    PATH is a contract (YAML or JSON) or a folder of contracts.

    Exit codes: 0 all generated, 1 something is stale, failed, refused or escalated, 2 wrong usage
    or configuration, 130 interrupted (143 by SIGTERM).

    A run that is interrupted, or paused until a person answers, is gone on with by `resume`.
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
    journal: Path | None
    no_journal: bool
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
    if options.journal is not None and options.no_journal:
        raise click.UsageError("--journal and --no-journal exclude each other; give one of them")
    if options.journal is not None and chosen:
        raise click.UsageError("a run that writes nothing is not kept; leave --journal out")
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
        strict=options.strict,
    )


def _generate(options: _Options) -> int:
    from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK
    from omninode_bridge.cli.journal_option import open_wanted
    from omninode_bridge.generation.kept import new_workflow_id
    from omninode_bridge.generation.request import Mode

    request = _request(options)
    return run_batch(
        request,
        Printing(
            style=options.style,
            diff=options.diff,
            quiet=options.quiet,
            verbose=options.verbose,
            report=options.report,
            journal=options.journal,
        ),
        open_engine=lambda: open_wanted(
            options.journal,
            unwanted=options.no_journal or request.mode is not Mode.WRITE,
            warn=(lambda _: None) if options.quiet else say,
        ),
        workflow_id=new_workflow_id(SYSTEM_CLOCK.now()),
    )
