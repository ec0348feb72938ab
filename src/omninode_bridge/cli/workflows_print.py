"""What is said of workflows: a table of them, one with its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from omninode_bridge.agents.workflows.journal.reading import (
    StepRow,
    WorkflowAccount,
    WorkflowRow,
)
from omninode_bridge.cli.escalations_print import asked_words
from omninode_bridge.cli.journal_print import (
    Column,
    age,
    command,
    count,
    day_and_time,
    lasted,
    more,
    one_line,
    print_command,
    print_rows,
)
from omninode_bridge.cli.patterns_print import print_line

__all__ = ["chosen", "owner_words", "print_list", "print_workflow"]

_COLUMNS = (
    Column("workflow", most=48, least=22),
    Column("status", most=11),
    Column("age", most=8, right=True),
    Column("steps", most=40, least=16),
    Column("open", most=6, right=True),
    Column("what", most=200, least=24),
)
_STYLES = {
    "running": "cyan",
    "interrupted": "yellow",
    "paused": "magenta",
    "done": "green",
    "failed": "red",
    "aborted": "red",
    "cancelled": "dim",
}
_OVER = ("done", "aborted", "cancelled")


def print_list(
    out: Console,
    rows: Sequence[WorkflowRow],
    counts: Mapping[str, int],
    state: str | None,
    *,
    now: float,
) -> None:
    """Print a line for each workflow, and how many there are."""
    total = sum(counts.values())
    if not rows:
        what = f"{state} " if state else ""
        print_line(out, f"no {what}workflows" + (f" among {total}" if total else " yet"))
        return
    print_rows(
        out,
        _COLUMNS,
        [
            (
                row.id,
                row.state,
                age(now - row.created_at),
                _step_words(row),
                str(row.open_escalations or ""),
                one_line(row.error or _waiting(row) or row.kind, 300),
            )
            for row in rows
        ],
        [_STYLES.get(row.state, "") for row in rows],
    )
    out.print()
    wanted = counts.get(state, 0) if state else total
    if len(rows) < wanted:
        print_line(out, more(len(rows), wanted))
    states = ", ".join(f"{number:,} {name}" for name, number in counts.items())
    print_line(out, f"{count(total, 'workflow')}: {states}")


def print_workflow(
    out: Console, found: WorkflowAccount, *, now: float, limit: int, journal: Path | None
) -> None:
    """Print everything about one workflow, and what to do next."""
    row = found.row
    print_line(out, f"{row.id}  {row.state}", style=f"bold {_STYLES.get(row.state, '')}".strip())
    kind = f"{row.kind}, " if row.kind else ""
    print_line(out, f"{kind}begun {_ago(row.created_at, now)}{_taken_up(row)}", indent=2)
    if row.ended_at is not None:
        took = lasted(row.ended_at - row.created_at)
        between = ", the time between its runs included" if row.runs > 1 else ""
        print_line(out, f"ended {_ago(row.ended_at, now)}, after {took}{between}", indent=2)
    if words := owner_words(row, now):
        print_line(out, words, indent=2)
    if row.error:
        print_line(out, one_line(row.error, 1_000), indent=2)
    out.print()
    _print_steps(out, found, limit, now)
    _print_questions(out, found, now)
    _print_next(out, found, journal)


def _print_steps(out: Console, found: WorkflowAccount, limit: int, now: float) -> None:
    steps, runs = found.steps, found.row.state == "running"
    if not steps:
        print_line(out, "no step was begun yet")
        out.print()
        return
    shown = chosen(steps, limit)
    stage: str | None = None
    for one in shown:
        if one.stage != stage:
            stage = one.stage
            if stage:
                print_line(out, f"stage {stage}", style="bold")
        since = f"runs for {age(now - one.started_at)}"
        line = f"{one.step}  {since if runs and one.status == 'started' else _step_status(one)}"
        print_line(out, line, indent=2, style="" if one.status == "done" else "yellow")
        if one.stale:
            print_line(out, f"not reused: {one.stale}", indent=6)
        if error := _step_error(one):
            print_line(out, one_line(error, 300), indent=6)
        if one.escalation_id:
            print_line(out, f"asked as {one.escalation_id}", indent=6)
    if len(shown) < len(steps):
        print_line(out, more(len(shown), len(steps)), indent=2)
    out.print()


def chosen(steps: Sequence[StepRow], limit: int) -> list[StepRow]:
    """Return up to `limit` steps in their order; those that are not simply done come in first."""
    places = range(len(steps))
    ranked = sorted(places, key=lambda at: steps[at].status == "done" and not steps[at].stale)
    return [steps[at] for at in sorted(ranked[:limit])]


def _step_status(one: StepRow) -> str:
    if one.status == "started":
        times = f", begun {one.starts} times" if one.starts > 1 else ""
        return f"begun and not ended{times}"
    if one.answer is not None:
        return f"{one.status} by {one.answer.by}, {day_and_time(one.answer.at)}"
    return f"{one.status} in {lasted(one.duration_ms / 1000)}"


def _step_error(one: StepRow) -> str:
    """Return what is to be said of the step's error beside who ended it."""
    if one.answer is None:
        return one.error
    told = f"{one.status} by {one.answer.by} (escalation {one.escalation_id})"
    return one.error.removeprefix(told).removeprefix(": ")


def _print_questions(out: Console, found: WorkflowAccount, now: float) -> None:
    if not found.escalations:
        return
    print_line(out, count(len(found.escalations), "escalation"), style="bold")
    for one in found.escalations:
        status = one.status
        if one.status == "resolved":
            status = f"{one.by} answered {one.decision!r} {age(now - (one.at or now))} ago"
        elif one.status == "open":
            status = f"open for {age(now - one.opened_at)}"
        print_line(out, f"{one.short}  {status}: {asked_words(one)}", indent=2, cut=True)
    short = {one.id: one.short for one in found.escalations}
    for answer in found.unused:
        print_line(
            out,
            f"{short.get(answer['id'], answer['id'])}: {answer['by']} answered at "
            f"{day_and_time(answer['at'])}, but its step did not ask again",
            indent=2,
            style="yellow",
        )
    out.print()


def _print_next(out: Console, found: WorkflowAccount, journal: Path | None) -> None:
    row = found.row
    if row.state == "aborted":
        print_line(out, "to start over, which forgets its recorded steps:")
        print_command(out, command("workflows", "restart", row.id, journal=journal))
    if row.state in _OVER or row.cancelled or (row.state == "failed" and not row.kind):
        return
    waiting = [one for one in found.escalations if one.status == "open"]
    if waiting:
        first = waiting[0].short
        print_line(out, "to see what is asked, and how to answer:")
        print_command(out, command("escalations", "show", first, journal=journal))
    if row.state == "running":
        if waiting:
            print_line(out, "the process that runs it goes on with the answer")
    elif row.kind:
        print_line(out, "then, to go on:" if waiting else "to go on:")
        print_command(out, command("resume", row.id, journal=journal))
    elif any(one.decision == "abort" and not one.applied for one in found.escalations):
        print_line(out, "given up: run again, it ends with WorkflowFailedError; to begin it anew:")
        print_command(out, command("workflows", "restart", row.id, journal=journal))
    else:
        print_line(out, "to go on, run the program that began it again, with the same workflow id")


def owner_words(row: WorkflowRow, now: float) -> str:
    """Return who runs the workflow, or ran it; empty where it was given up in order."""
    owner = row.owner
    if owner is None:
        return "nobody runs it" if row.state == "interrupted" else ""
    process = f"process {owner.pid} on {owner.host}" if owner.host else f"process {owner.pid}"
    if not owner.is_alive:
        return f"{process} ran it and is gone"
    ends = "; it was told to end" if row.cancelled else ""
    return f"{process} runs it, and gave its last sign of life {age(now - owner.seen)} ago{ends}"


def _taken_up(row: WorkflowRow) -> str:
    if row.runs <= 1:
        return ""
    return f", taken up again {'once' if row.runs == 2 else f'{row.runs - 1} times'}"


def _waiting(row: WorkflowRow) -> str:
    if row.state == "running" and row.cancelled:
        return "told to end"
    if not row.open_escalations or row.state in _OVER:
        return ""
    return "was cut off; it has asked" if row.state == "interrupted" else "waits for an answer"


def _step_words(row: WorkflowRow) -> str:
    """Return how many stand how; how many there will be, the journal does not know."""
    names = {"started": "begun"}
    others = [f"{n} {names.get(name, name)}" for name, n in row.steps.items() if name != "done"]
    return ", ".join([f"{row.steps.get('done', 0)} done", *others]) if row.steps else "none"


def _ago(moment: float, now: float) -> str:
    return f"{age(now - moment)} ago, {day_and_time(moment)}"
