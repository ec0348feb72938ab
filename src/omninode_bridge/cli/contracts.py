"""``omninode-bridge contracts``: look at contracts without generating anything."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omninode_bridge.cli.options import paths as read_paths
from omninode_bridge.cli.report_file import json_bytes
from omninode_bridge.cli.text import plain

if TYPE_CHECKING:
    from omninode_bridge.generation.findings import Finding

__all__ = ["contracts"]


@click.group(no_args_is_help=False)
def contracts() -> None:
    """Look at contracts without generating anything."""


@contracts.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, callback=read_paths)
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def check(ctx: click.Context, /, paths: tuple[Path, ...], style: str) -> None:
    """Say what is wrong with contracts: where, what, and what would be right.

    PATH is a contract or a folder of contracts. Exit code 0 where there are no errors (warnings
    may be there), 1 where there are some, 2 for wrong usage.
    """
    from omninode_bridge.cli.screen import console, quiet_library
    from omninode_bridge.generation.discovery import find_contracts
    from omninode_bridge.generation.roots import root_finder
    from omninode_bridge.generation.tools import require_modules

    require_modules("jsonschema", "pydantic")
    with quiet_library(console(sys.stderr), 0):
        root = root_finder(paths)
        found = {path: _findings(path, root(path)) for path in find_contracts(paths)}
    if style == "json":
        report = {
            "errors": sum(f.is_error for findings in found.values() for f in findings),
            "warnings": sum(not f.is_error for findings in found.values() for f in findings),
            "contracts": [
                {"contract": str(path), "findings": [_plain(f) for f in findings]}
                for path, findings in found.items()
            ],
        }
        sys.stdout.flush()
        sys.stdout.buffer.write(json_bytes(report))
        sys.stdout.buffer.flush()
    else:
        for findings in found.values():
            for finding in findings:
                click.echo(plain(_sentence(finding)))
        click.echo(_summary(found))
    ctx.exit(1 if any(f.is_error for findings in found.values() for f in findings) else 0)


def _findings(path: Path, root: Path) -> tuple[Finding, ...]:
    from omninode_bridge.errors import ContractError
    from omninode_bridge.generation.building import check_text
    from omninode_bridge.generation.findings import as_finding
    from omninode_bridge.generation.reading import read_contract

    try:
        read = read_contract(path, root=root)
        return check_text(read.text, path=read.path, root=root)
    except ContractError as error:
        return (as_finding(error, path=str(path)),)


def _sentence(finding: Finding) -> str:
    place = [finding.path, finding.line, finding.column if finding.line is not None else None]
    where = ":".join(str(part) for part in place if part is not None)
    hint = f" ({finding.hint})" if finding.hint else ""
    return f"{where}: {finding.severity}: {finding.message}{hint} [{finding.code}]"


def _summary(found: dict[Path, tuple[Finding, ...]]) -> str:
    errors = [sum(f.is_error for f in findings) for findings in found.values()]
    warnings = sum(not f.is_error for findings in found.values() for f in findings)
    curable = sum(
        all(f.is_curable for f in findings if f.is_error) and any(f.is_error for f in findings)
        for findings in found.values()
    )
    counts = f"{_count(sum(errors), 'error')}, {_count(warnings, 'warning')}"
    text = f"{_count(len(found), 'contract')}: {counts}"
    if curable:
        text += f"; generate would correct {curable} of the {sum(map(bool, errors))} faulty contracts or leave the fault out"
    return text


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "severity": str(finding.severity),
        "code": str(finding.code),
        "message": finding.message,
        "hint": finding.hint,
        "related_lines": list(finding.related_lines),
        "curable": finding.is_curable,
    }
