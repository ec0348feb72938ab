"""``omninode-bridge patterns``: know every error, and what a pattern makes of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy
from omninode_bridge.cli.options import path as read_path
from omninode_bridge.cli.patterns_explain import explain
from omninode_bridge.cli.patterns_print import print_json, print_line, print_table
from omninode_bridge.cli.patterns_try import test
from omninode_bridge.cli.patterns_validate import validate

if TYPE_CHECKING:
    from omninode_bridge.cli.patterns_load import Known

__all__ = ["patterns"]

COLUMNS = ("#", "rank", "priority", "pattern", "type", "strategy", "source", "regex")


@click.group(no_args_is_help=False)
def patterns() -> None:
    """Look at error patterns, try them, and explain errors of logs."""


patterns.add_command(test)
patterns.add_command(explain)
patterns.add_command(validate)


@patterns.command("list")
@click.option("--file", "file", metavar="FILE", callback=read_path, help="Patterns of your own.")
@click.option(
    "--type", "kind", type=click.Choice([*map(str, ErrorType)]), help="Only of this type."
)
@click.option(
    "--strategy", type=click.Choice([*map(str, RecoveryStrategy)]), help="Only with this strategy."
)
@click.option("--format", "style", type=click.Choice(["table", "json"]), default="table")
@click.option("-v", "--verbose", is_flag=True, help="Show each regex whole.")
def list_patterns(
    file: Path | None, kind: str | None, strategy: str | None, style: str, *, verbose: bool
) -> None:
    """List all patterns in the order in which they are tried.

    Your own (rank 4) come before ours (rank 1); each by priority, then in order of registration.
    A COMMON_... library takes part only where a program adds it.
    """
    from omninode_bridge.cli.patterns_load import known_patterns
    from omninode_bridge.cli.screen import console

    known = known_patterns(file, with_libraries=True)
    shown = [
        (number, one)
        for number, one in enumerate(known, start=1)
        if kind in {None, str(one.pattern.error_type)}
        and strategy in {None, str(one.pattern.recovery_strategy)}
    ]
    if style == "json":
        print_json({"patterns": [_plain(number, one) for number, one in shown]})
        return
    out = console(sys.stdout)
    if shown:
        print_table(out, COLUMNS, [_row(number, one) for number, one in shown], whole=verbose)
        out.print()
    own = sum(one.rank == 4 for _, one in shown)
    libraries = sum(one.library != "" for _, one in shown)
    print_line(
        out,
        f"{len(shown)} of {len(known)} patterns: {own} of your own, {libraries} in libraries that "
        f"count where they are added, {len(shown) - own - libraries} built in",
    )


def _row(number: int, one: Known) -> tuple[str, ...]:
    pattern = one.pattern
    return (
        str(number),
        str(one.rank),
        str(pattern.priority),
        pattern.pattern_id,
        str(pattern.error_type),
        str(pattern.recovery_strategy),
        one.source,
        pattern.regex_pattern,
    )


def _plain(number: int, one: Known) -> dict[str, object]:
    from omninode_bridge.agents.workflows._redaction import redact_value

    pattern = one.pattern
    return {
        "position": number,
        "rank": one.rank,
        "priority": pattern.priority,
        "pattern_id": pattern.pattern_id,
        "error_type": str(pattern.error_type),
        "recovery_strategy": str(pattern.recovery_strategy),
        "regex_pattern": pattern.regex_pattern,
        "metadata": redact_value(dict(pattern.metadata)),
        "source": one.source,
        "added_by_default": one.rank == 4 or one.library == "",
    }
