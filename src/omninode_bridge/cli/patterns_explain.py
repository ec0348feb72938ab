"""``omninode-bridge patterns explain``: the errors of a log, and what would be done about each."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from omninode_bridge.cli.options import path as read_path
from omninode_bridge.cli.options import whole_number
from omninode_bridge.cli.patterns_print import (
    analysis_lines,
    analysis_plain,
    print_json,
    print_line,
    tell_to_paste,
)

if TYPE_CHECKING:
    from rich.console import Console

    from omninode_bridge.agents.workflows.classification.log_groups import ErrorGroup
    from omninode_bridge.agents.workflows.classification.log_reading import LogReport

__all__ = ["explain"]

_STYLES = {True: "yellow", False: "red", None: "magenta"}


@click.command()
@click.argument("source", metavar="FILE|-")
@click.option("--file", "file", metavar="FILE", callback=read_path, help="Patterns of your own.")
@click.option(
    "--limit",
    metavar="N",
    default="20",
    callback=whole_number(1, 2_000),
    help="Show so many kinds of errors, the worst; 20 by default.",
)
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def explain(ctx: click.Context, /, source: str, file: Path | None, limit: int, style: str) -> None:
    """Say what the errors of a log are, and what would be tried about each.

    FILE is a log, plain or gzip, or a traceback; - reads stdin. Errors of one kind are counted
    together: what needs a person first, then what stays, what nobody knows, what passes. Exit
    code 0 where the input was read to its end, whatever it holds, 1 where it was not.
    """
    from omninode_bridge.agents.workflows.classification.log_reading import read_log
    from omninode_bridge.cli.patterns_load import known_patterns, orchestrator_with
    from omninode_bridge.cli.screen import console, quiet_library

    with ExitStack() as stack:
        stack.enter_context(quiet_library(console(sys.stderr), 0))
        orchestrator = orchestrator_with(known_patterns(file, with_libraries=False))
        report = read_log(stack.enter_context(_opened(source)), orchestrator.analyze)
    if style == "json":
        print_json(_plain(report, limit))
    else:
        _print(report, source, limit)
    if report.fault == "interrupted":
        ctx.exit(130)
    ctx.exit(1 if report.fault else 0)


def _opened(source: str) -> ExitStack | Any:
    if source == "-":
        tell_to_paste()
        return _Kept(sys.stdin.buffer)
    try:
        if Path(source).is_dir():
            raise click.UsageError(f"{source} is a folder; it must be a log file")
        return Path(source).open("rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise click.UsageError(f"{source}: {reason.lower()}") from error


class _Kept:
    """Lends a stream that is not ours to close."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def __enter__(self) -> BinaryIO:
        return self._stream

    def __exit__(self, *error: object) -> None:
        return None


def _print(report: LogReport, source: str, limit: int) -> None:
    from omninode_bridge.cli.screen import console

    out = console(sys.stdout)
    name = "stdin" if source == "-" else source
    groups = report.groups[:limit]
    for group in groups:
        _print_group(out, group)
    lines = f"{report.lines} line{'s' * (report.lines != 1)}"
    if not report.groups:
        print_line(out, f"no error found in {lines} of {name}")
    else:
        kinds = len(report.groups)
        print_line(
            out,
            f"{report.total} error{'s' * (report.total != 1)} of {kinds} kind{'s' * (kinds != 1)} "
            f"in {lines} of {name}",
        )
    if len(report.groups) > limit:
        rest = report.groups[limit:]
        print_line(
            out,
            f"{len(rest)} more kind{'s' * (len(rest) != 1)} with "
            f"{sum(group.count for group in rest)} errors are not shown (--limit)",
        )
    if report.lost:
        print_line(out, f"{report.lost} errors of further kinds were counted only")
    if report.fault:
        print_line(out, f"{name} was not read to its end: {report.fault}", style="red")


def _print_group(out: Console, group: ErrorGroup) -> None:
    from omninode_bridge.agents.workflows._redaction import redact

    error, analysis = group.error, group.analysis
    where = f"line {group.first}" if group.count == 1 else f"lines {group.first} to {group.last}"
    style = f"bold {_STYLES[analysis.transient]}"
    title = redact(error.parts[0] if error.parts else "an error that is cut off", limit=400)
    first, _, rest = title.partition("\n")
    print_line(out, f"{group.count} x  {first}", style=style)
    for line in rest.split("\n")[:3] if rest else ():
        print_line(out, line.strip(), indent=4, cut=True)
    for part in error.parts[1:4]:
        said = redact(part, limit=200).partition("\n")[0]
        print_line(out, f"{'with' if error.is_group else 'from'} {said}", indent=4, cut=True)
    if len(error.parts) > 4:
        print_line(out, f"and {len(error.parts) - 4} more", indent=4)
    for line in analysis_lines(analysis):
        print_line(out, line, indent=2)
    place = f"{where}, raised at {error.frame}" if error.frame else where
    print_line(out, place, indent=2)
    if error.is_cut:
        print_line(out, "the log is cut off before the error itself", indent=2)
    if error.note:
        print_line(out, f"logged as {redact(error.note, limit=200)!r}", indent=2)
    print_line(out, f"fingerprint {group.fingerprint}", indent=2)
    out.print()


def _plain(report: LogReport, limit: int) -> dict[str, Any]:
    from omninode_bridge.agents.workflows._redaction import redact

    return {
        "lines": report.lines,
        "errors": report.total,
        "kinds": len(report.groups),
        "not_kept": report.lost,
        "fault": report.fault or None,
        "groups": [
            {
                "fingerprint": group.fingerprint,
                "count": group.count,
                "first_line": group.first,
                "last_line": group.last,
                "chain": [redact(part, limit=2_000) for part in group.error.parts],
                "is_group": group.error.is_group,
                "frame": group.error.frame or None,
                "note": redact(group.error.note, limit=500) if group.error.note else None,
                "is_cut": group.error.is_cut,
                **analysis_plain(group.analysis),
            }
            for group in report.groups[:limit]
        ],
    }
