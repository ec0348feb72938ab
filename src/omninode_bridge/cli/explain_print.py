"""The story of a recovery as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from omninode_bridge.agents.workflows.journal.reading import (
    Climbed,
    EscalationLine,
    RecoveryRow,
    Story,
    WorkflowRow,
    climbed,
    ladder_of,
)
from omninode_bridge.cli.escalations_print import ended_words
from omninode_bridge.cli.journal_print import (
    age,
    command,
    count,
    day_and_time,
    lasted,
    one_line,
    print_command,
    print_text,
    words,
)
from omninode_bridge.cli.patterns_print import print_line

__all__ = ["print_story"]

_STYLES = {"recovered": "green", "failed": "red", "pending": "magenta", "open": "cyan"}
_TRANSIENCE = {True: "passes by itself", False: "stays", None: "nobody knows whether it passes"}
_MOST_REASONS = 20


def print_story(out: Console, story: Story, *, now: float, journal: Path | None) -> None:
    """Print every recovery of the story, with what was asked and answered."""
    questions = {one.id: one for one in story.escalations}
    if story.workflow is not None:
        _print_workflow(out, story, story.workflow)
    for row in story.recoveries:
        _print_recovery(
            out,
            row,
            questions.pop(row.escalation_id or "", None),
            now,
            is_over=row.id in story.over,
        )
    for one in questions.values():
        _print_question(out, one, now)
    _print_failed(out, story)
    waiting = [one for one in story.escalations if one.status == "open"]
    if waiting:
        print_line(out, "to answer what is open:")
        print_command(out, command("escalations", "show", waiting[0].short, journal=journal))


def _print_workflow(out: Console, story: Story, row: WorkflowRow) -> None:
    print_line(out, f"workflow {row.id}  {row.state}", style="bold")
    if row.error:
        print_line(out, one_line(row.error, 1_000), indent=2)
    shown = len(story.recoveries)
    if shown < story.total:
        said = f"the latest {shown:,} of {story.total:,} recoveries (--limit shows more)"
        print_line(out, said, indent=2)
    out.print()


def _print_recovery(
    out: Console, row: RecoveryRow, question: EscalationLine | None, now: float, *, is_over: bool
) -> None:
    asked = "" if question is None or row.status != "pending" else question.status
    is_stale = asked not in ("", "open")  # its account is of when it asked
    end = f"a human was asked: {asked}" if is_stale else _end(row)
    print_line(out, f"{row.id}  {end}", style=f"bold {_STYLES.get(row.status, '')}".strip())
    step = f", step {row.step_key}" if row.step_key else ""
    print_line(out, f"workflow {row.workflow_id}{step}, node {row.node_name}", indent=2)
    print_line(out, f"begun {age(now - row.began_at)} ago, {day_and_time(row.began_at)}", indent=2)
    _print_error(out, row.first, row)
    _print_ladder(out, row)
    if question is not None:
        _print_answer(out, question, now)
    if is_stale:
        ended = "its workflow ended without taking it up again"
        print_line(out, ended if is_over else "it has not gone on from there yet", indent=4)
    elif row.ended_at is not None:
        _print_end(out, row)
    out.print()


def _print_error(out: Console, first: Mapping[str, Any], row: RecoveryRow) -> None:
    print_line(out, "error", indent=2, style="bold")
    message = str(first.get("message") or first.get("type") or "no error was recorded")
    print_text(out, message, indent=4, most=20)
    transient = first.get("transient")
    known = transient if isinstance(transient, bool) else None
    print_line(out, f"{words(row.error_type or 'unknown')}; {_TRANSIENCE[known]}", indent=4)
    reasons = first.get("reasons")
    for reason in reasons[:_MOST_REASONS] if isinstance(reasons, list) else ():
        print_line(out, f"because {reason}", indent=4)
    if pattern := first.get("pattern"):
        print_line(out, f"pattern {pattern}", indent=4)
    if fingerprint := first.get("fingerprint"):
        print_line(out, f"fingerprint {fingerprint}", indent=4)


def _print_ladder(out: Console, row: RecoveryRow) -> None:
    print_line(out, "ladder", indent=2, style="bold")
    if steps := ladder_of(row):
        print_line(out, f"planned: {', then '.join(map(words, steps))}", indent=4)
    budget = row.plan.get("budget")
    limits = _limits(budget) if isinstance(budget, dict) else ""
    if limits:
        print_line(out, f"budget: {limits}", indent=4)
    story = climbed(row)
    if not story:
        print_line(out, "nothing was tried", indent=4)
    for one in story:
        _print_step(out, one)


def _print_step(out: Console, one: Climbed) -> None:
    number = f"{one.n:>2}" if one.n is not None else " -"
    if one.what == "note":
        print_line(out, f"{number}  {one.why}", indent=4)
        return
    name = f"{words(one.strategy)} ({one.label})" if one.label else words(one.strategy)
    if one.what in {"skipped", "unreached"}:
        how = "passed over" if one.what == "skipped" else "not reached"
        print_line(out, f"{number}  {name}: {how}{f', {one.why}' if one.why else ''}", indent=4)
        return
    wait = f"after a wait of {lasted(one.wait)}, " if one.wait else ""
    ran = "" if one.seconds is None else f" in {lasted(one.seconds)}"
    ends = {"running": "begun, and its end is not known", "pending": "waits for an answer"}
    line = f"{number}  {name}: {wait}{ends.get(one.what, one.what + ran)}"
    print_line(out, line, indent=4, style={"succeeded": "green"}.get(one.what, ""))
    if one.error:
        print_line(out, one_line(one.error), indent=8)
    for reason in one.reasons[:_MOST_REASONS]:
        print_line(out, f"because {reason}", indent=8)
    for change in one.changes[:_MOST_REASONS]:
        print_line(out, one_line(change), indent=8)
    if one.budget_left:
        print_line(out, f"left before it: {_limits(one.budget_left)}", indent=8, style="dim")


def _limits(budget: Mapping[str, Any]) -> str:
    parts = []
    for name in ("attempts", "seconds", "tokens", "money"):
        value = budget.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        if name == "seconds":
            parts.append(lasted(value))
        elif name == "attempts":
            parts.append(count(int(value), "attempt"))
        else:
            parts.append(f"{value:,g} {name}" if name == "tokens" else f"{value:g} of money")
    return ", ".join(parts)


def _print_answer(out: Console, one: EscalationLine, now: float) -> None:
    print_line(out, "decision", indent=2, style="bold")
    print_line(out, f"asked as {one.id}: {one_line(one.asked)}", indent=4)
    how = f"open for {age(now - one.opened_at)}" if one.status == "open" else ended_words(one, now)
    print_line(out, how, indent=4)


def _print_question(out: Console, one: EscalationLine, now: float) -> None:
    """Print an escalation whose recovery is not in the journal: its report is all there is."""
    print_line(out, f"{one.short}  {one.status}", style="bold")
    print_line(out, f"workflow {one.workflow_id}, node {one.node_name}", indent=2)
    print_line(out, "error", indent=2, style="bold")
    print_text(out, str(one.report.get("error_message") or "none"), indent=4, most=20)
    attempts = one.report.get("attempts")
    print_line(out, "tried before", indent=2, style="bold")
    for line in attempts if isinstance(attempts, list) and attempts else ["nothing"]:
        print_line(out, str(line), indent=4)
    _print_answer(out, one, now)
    out.print()


def _print_failed(out: Console, story: Story) -> None:
    """Print the steps that failed without any recovery."""
    if story.workflow is None:
        return
    failed = story.bare_failures
    if failed:
        print_line(out, "steps that ended without a recovery", style="bold")
        for one in failed[:_MOST_REASONS]:
            print_line(out, f"{one.key}  {one.status}: {one_line(one.error, 300)}", indent=2)
        if len(failed) > _MOST_REASONS:
            print_line(out, f"and {len(failed) - _MOST_REASONS} more", indent=2)
        out.print()
    elif not story.total and not story.escalations:
        print_line(out, "nothing had to be recovered")


def _end(row: RecoveryRow) -> str:
    took = "" if row.duration_ms is None else f" in {lasted(row.duration_ms / 1000)}"
    by = f" by {words(row.strategy)}" if row.strategy else ""
    if row.status == "recovered":
        return f"recovered{by}{took}"
    if row.status == "open":
        return "under way, or cut off"
    if row.status == "pending":
        return "not recovered yet: a human has been asked"
    return f"{row.status}{took}"


def _print_end(out: Console, row: RecoveryRow) -> None:
    print_line(out, "end", indent=2, style="bold")
    print_line(out, _end(row), indent=4)
    account = row.account
    if message := account.get("error_message"):
        print_line(out, one_line(str(message), 1_000), indent=4)
    if fallback := account.get("fallback_used"):
        print_line(out, f"the result came from {fallback}", indent=4)
    dropped = account.get("dropped")
    if isinstance(dropped, list) and dropped:
        print_line(out, f"the result lacks {', '.join(map(str, dropped))}", indent=4)
