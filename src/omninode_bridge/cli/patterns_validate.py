"""``omninode-bridge patterns validate``: what is wrong with a file of patterns."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from omninode_bridge.cli.options import paths as read_paths
from omninode_bridge.cli.patterns_print import print_json, print_line
from omninode_bridge.cli.text import plain

if TYPE_CHECKING:
    from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
    from omninode_bridge.agents.workflows.recovery_models import ErrorPattern
    from omninode_bridge.agents.workflows.recovery_patterns._finding import PatternFinding

__all__ = ["validate"]

_MOST_SHOWN = 200
_MOST_IN_JSON = 1_000


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, callback=read_paths)
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text")
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.pass_context
def validate(ctx: click.Context, /, files: tuple[Path, ...], style: str, *, strict: bool) -> None:
    """Say what is wrong with files of patterns: where, what, why, and what would be right.

    Exit code 0 where there are no errors (warnings may be there), 1 where there are some, 2 for
    wrong usage.
    """
    from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
    from omninode_bridge.agents.workflows.classification.pattern_lint import lint
    from omninode_bridge.agents.workflows.recovery_patterns._file import read_pattern_file
    from omninode_bridge.cli.screen import console, quiet_library

    missing = next((file for file in files if not file.is_file()), None)
    if missing is not None:
        what = "is a folder, not a file" if missing.is_dir() else "no such file"
        if missing.exists() and not missing.is_dir():
            what = "is a device or a pipe, not a file"
        raise click.UsageError(f"{missing}: {what}")
    orchestrator = ErrorRecoveryOrchestrator(infer_operation=False, environ={})
    refusal = partial(_refusal, orchestrator)
    counted: list[tuple[str, int, list[PatternFinding]]] = []
    with quiet_library(console(sys.stderr), 0):
        for file in files:
            read = read_pattern_file(file)
            counted.append((str(file), len(read.patterns), lint(read, refusal=refusal)))
    findings = [finding for _, _, found in counted for finding in found]
    errors = sum(finding.is_error for finding in findings)
    warnings = len(findings) - errors
    if style == "json":
        print_json(
            {
                "errors": errors,
                "warnings": warnings,
                "left_out": sum(max(0, len(found) - _MOST_IN_JSON) for _, _, found in counted),
                "files": [
                    {
                        "file": name,
                        "usable": usable,
                        "findings": [_plain(one) for one in found[:_MOST_IN_JSON]],
                    }
                    for name, usable, found in counted
                ],
            }
        )
    else:
        out = console(sys.stdout)
        many = len(findings) > _MOST_SHOWN
        shown = sorted(findings, key=_rank) if many else findings
        for finding in shown[:_MOST_SHOWN]:
            click.echo(plain(_sentence(finding)))
            for label, text in (("why", finding.why), ("fix", finding.fix)):
                if text and out.is_terminal:
                    print_line(out, f"{label}: {text}", indent=4)
                elif text:
                    click.echo(plain(f"    {label}: {text}"))
        if many:
            click.echo(f"and {len(findings) - _MOST_SHOWN} more; mend these first")
        click.echo(_summary(len(files), sum(number for _, number, _ in counted), errors, warnings))
    ctx.exit(1 if errors or (strict and warnings) else 0)


def _rank(finding: PatternFinding) -> int:
    return 0 if finding.code == "unfinished" else 1 if finding.is_error else 2


def _refusal(orchestrator: ErrorRecoveryOrchestrator, pattern: ErrorPattern) -> str:
    """Return why an orchestrator would not take the pattern; empty where it would."""
    from omninode_bridge.errors import OmninodeBridgeError

    try:
        orchestrator.add_error_pattern(pattern)
        orchestrator.remove_error_pattern(pattern.pattern_id)
    except OmninodeBridgeError as error:
        return str(error)
    return ""


def _sentence(finding: PatternFinding) -> str:
    who = f"{finding.pattern_id}: " if finding.pattern_id else ""
    return f"{finding.place}: {finding.severity}: {who}{finding.message} [{finding.code}]"


def _summary(files: int, usable: int, errors: int, warnings: int) -> str:
    where = f"{files} file{'s' * (files != 1)}"
    found = f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}"
    return f"{usable} usable pattern{'s' * (usable != 1)} in {where}: {found}"


def _plain(finding: PatternFinding) -> dict[str, object]:
    return {
        "path": finding.path,
        "line": finding.line,
        "pattern_id": finding.pattern_id or None,
        "severity": str(finding.severity),
        "code": finding.code,
        "message": finding.message,
        "why": finding.why or None,
        "fix": finding.fix or None,
    }
