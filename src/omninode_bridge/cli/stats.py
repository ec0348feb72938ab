"""``omninode-bridge stats``: how recoveries and questions fared, from the journal."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omninode_bridge.cli.journal_reading import format_option, journal_option, reader, time_back

if TYPE_CHECKING:
    from rich.console import Console

    from omninode_bridge.agents.workflows.journal.reading import (
        EscalationCounts,
        JournalAccount,
        JournalStatistics,
    )

__all__ = ["stats"]


@click.command()
@click.option(
    "--since",
    metavar="DURATION",
    callback=time_back,
    help="Only what ended within this time: 30m, 12h, 7d; all that is kept by default.",
)
@format_option
@journal_option
def stats(since: float | None, style: str, journal: Path | None) -> None:
    """Count recoveries, escalations and workflows.

    Recoveries by strategy, error and outcome; escalations by how they ended. The words are those of RecoveryStatistics; times include waits.
    """
    from omninode_bridge.agents.workflows.journal import reading
    from omninode_bridge.cli.patterns_print import print_json
    from omninode_bridge.cli.screen import console

    with reader(journal) as file:
        now = file.now()
        start = None if since is None else now - since
        found = file.read(lambda c: reading.journal_account(c, now=now, since=start))
    if style == "json":
        print_json(_plain(found, start))
        return
    _print(console(sys.stdout), found, start)


def _print(out: Console, found: JournalAccount, start: float | None) -> None:
    from omninode_bridge.cli.journal_print import day_and_time
    from omninode_bridge.cli.patterns_print import print_line

    if start is not None:
        print_line(out, f"since {day_and_time(start)}", style="bold")
        out.print()
    _print_recoveries(out, found.recoveries)
    _print_escalations(out, found.escalations)
    states = ", ".join(f"{number:,} {name}" for name, number in found.workflows.items())
    print_line(out, "workflows (all that are kept)", style="bold")
    print_line(out, states or "none", indent=2)


def _print_recoveries(out: Console, one: JournalStatistics) -> None:
    from omninode_bridge.cli.journal_print import Column, lasted, print_rows, share, words
    from omninode_bridge.cli.patterns_print import print_line

    def took(milliseconds: float) -> str:
        return lasted(milliseconds / 1000)

    print_line(out, "recoveries", style="bold")
    under_way = f"; {one.open:,} under way" if one.open else ""
    if not one.total_attempts:
        print_line(out, f"none has ended{under_way}", indent=2)
        out.print()
        return
    pending = f", {one.pending:,} of them with an open question" if one.pending else ""
    print_line(
        out,
        f"{one.total_attempts:,} ended: {one.succeeded:,} recovered ({share(one.success_rate)}), "
        f"{one.total_attempts - one.succeeded:,} not{pending}; {one.escalated:,} asked a human"
        f"{under_way}",
        indent=2,
    )
    print_line(
        out,
        f"recovery time {took(one.avg_recovery_time_ms)} on average; "
        f"p50 {took(one.recovery_time_p50)}, p95 {took(one.recovery_time_p95)}, "
        f"p99 {took(one.recovery_time_p99)}",
        indent=2,
    )
    out.print()
    if one.strategy_details:
        columns = (
            Column("strategy"),
            Column("uses", right=True),
            Column("successes", right=True),
            Column("success rate", right=True),
            Column("p50", right=True),
            Column("p95", right=True),
            Column("p99", right=True),
        )
        rows = [
            (
                words(kind),
                f"{each.uses:,}",
                f"{each.successes:,}",
                share(one.strategy_success_rates[kind]),
                took(each.p50),
                took(each.p95),
                took(each.p99),
            )
            for kind, each in one.strategy_details.items()
        ]
        print_rows(out, columns, rows)
        out.print()
    print_line(out, "error types", style="bold")
    types = ", ".join(f"{words(kind)} {number:,}" for kind, number in one.error_type_counts.items())
    print_line(out, types, indent=2)
    out.print()


def _print_escalations(out: Console, one: EscalationCounts) -> None:
    from omninode_bridge.cli.journal_print import lasted
    from omninode_bridge.cli.patterns_print import print_line

    print_line(out, "escalations", style="bold")
    counts = ", ".join(f"{number:,} {name}" for name, number in one.statuses.items() if number)
    print_line(out, counts or "none", indent=2)
    if one.decisions:
        kinds = ", ".join(f"{number:,} {kind}" for kind, number in one.decisions.items())
        print_line(out, f"answers: {kinds}", indent=2)
    if one.median_answer_seconds is not None:
        print_line(out, f"median time to an answer: {lasted(one.median_answer_seconds)}", indent=2)
    if any(one.notices.values()):
        notices = ", ".join(
            f"{number:,} {name.replace('_', ' ')}" for name, number in one.notices.items() if number
        )
        print_line(out, f"notices: {notices}", indent=2)
    out.print()


def _plain(found: JournalAccount, start: float | None) -> dict[str, Any]:
    from omninode_bridge.cli.journal_print import instant

    return {
        "since": instant(start),
        "recoveries": asdict(found.recoveries),
        "escalations": asdict(found.escalations),
        "workflows": dict(found.workflows),
    }
