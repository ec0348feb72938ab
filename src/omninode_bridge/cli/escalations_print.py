"""What is said of escalations: a table of them, one whole, and what happens after an answer."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console

from omninode_bridge.agents.workflows._redaction import redact_value
from omninode_bridge.agents.workflows.journal.reading import (
    EscalationAccount,
    EscalationLine,
    EscalationPage,
)
from omninode_bridge.agents.workflows.recovery_models import AlreadyResolved
from omninode_bridge.cli.escalations_ways import ways_to_answer
from omninode_bridge.cli.journal_print import (
    Column,
    age,
    command,
    count,
    day_and_time,
    glance,
    lasted,
    more,
    print_command,
    print_rows,
    print_text,
)
from omninode_bridge.cli.patterns_print import print_line

__all__ = [
    "asked_words",
    "due_words",
    "ended_words",
    "print_escalation",
    "print_list",
    "print_next",
    "too_late",
]

MOST_LINES = 200
_COLUMNS = (
    Column("id", most=28, least=12),
    Column("priority", most=8),
    Column("age", most=8, right=True),
    Column("workflow", most=32, ends=True),
    Column("deadline", most=12),
    Column("asked", most=400, least=44),
)
_WORKFLOW, _STANDING = 3, 4
_STYLES = {"critical": "bold red", "high": "magenta", "medium": "", "low": "dim"}


def print_list(
    out: Console, page: EscalationPage, status: str | None, *, now: float, journal: Path | None
) -> None:
    """Print a line for each escalation, how many there are, and how to see one whole."""
    what = f"{status} escalations" if status else "escalations"
    if not page.rows:
        others = ", ".join(f"{number:,} {name}" for name, number in page.counts.items())
        print_line(out, f"no {what}" + (f"; {others}" if others else ""))
        return
    columns = list(_COLUMNS)
    if status != "open":
        columns[_STANDING] = Column("how it stands", most=28, least=16)
    rows = [
        [
            one.short,
            one.priority,
            age(now - one.opened_at),
            one.workflow_id,
            due_words(one, now) if status == "open" else _standing(one, now),
            asked_words(one),
        ]
        for one in page.rows
    ]
    if len(page.rows) > 1 and len({one.workflow_id for one in page.rows}) == 1:
        # said once it leaves more room for what is asked
        print_line(out, f"workflow {page.rows[0].workflow_id}", style="bold")
        del columns[_WORKFLOW]
        rows = [[*row[:_WORKFLOW], *row[_WORKFLOW + 1 :]] for row in rows]
    styles = [_STYLES.get(one.priority, "") if one.status == "open" else "dim" for one in page.rows]
    print_rows(out, columns, rows, styles)
    out.print()
    if len(page.rows) < page.total:
        print_line(out, more(len(page.rows), page.total))
    print_line(out, f"{page.total:,} {what if page.total != 1 else what[:-1]}")
    if status == "open":
        print_line(out, "to see one whole, and how to answer it:")
        print_command(out, command("escalations", "show", page.rows[0].short, journal=journal))


def print_escalation(
    out: Console, found: EscalationAccount, *, now: float, journal: Path | None
) -> None:
    """Print the whole report, what became of it, and the commands that answer it."""
    one, report = found.line, found.report
    print_line(out, f"{one.id}  {one.status}, {one.priority}", style="bold")
    print_line(out, one.asked, indent=2, style=_STYLES.get(one.priority, ""))
    out.print()
    _print_facts(out, found, now)
    _print_report(out, found)
    if one.status != "open":
        print_line(out, ended_words(one, now), style="bold")
        if (payload := _payload(found)) is not None:
            print_text(out, payload, indent=2, most=MOST_LINES)
        if one.applied:
            print_line(out, "whoever asked has taken that and went on", indent=2)
        elif found.workflow is not None and one.status == "resolved":
            _print_going_on(out, found, journal)
        return
    ways = ways_to_answer(report)
    print_line(out, "answer with one of", style="bold")
    for way in ways:
        typed = command(
            "escalations", "answer", one.short, way.kind, *way.operands, journal=journal
        )
        print_command(out, typed)
        print_line(out, way.does, indent=6)
    answers = {way.kind for way in ways}
    if "edit" in answers and report.edits:
        print_line(out, f"what edit may change: {', '.join(report.edits)}", indent=2)
    if {"edit", "value"} & answers:
        print_line(out, "in place of VALUE or JSON, @FILE is what is in a file, @- stdin", indent=2)
    if report.check:
        print_line(out, "an edit or a value is checked before it is accepted", indent=2)


def _print_facts(out: Console, found: EscalationAccount, now: float) -> None:
    one, report = found.line, found.report
    step = f" (step {report.step_count})" if report.step_count else ""
    facts = [
        ("workflow", one.workflow_id),
        ("node", f"{one.node_name}{step}"),
        ("asked", f"{age(now - one.opened_at)} ago, {day_and_time(one.opened_at)}"),
        ("assignee", one.assignee or "nobody in particular"),
    ]
    if found.line.joined:
        facts.append(("asked again", count(found.line.joined, "time")))
    if one.status == "open":
        facts.append(("deadline", _deadline(found, now)))
    facts += [
        (name, value)
        for name, value in (
            ("pattern", report.pattern_id or ""),
            ("correlation", report.correlation_id or ""),
            ("fingerprint", report.fingerprint),
            ("recovery", ", ".join(found.recoveries)),
        )
        if value
    ]
    facts += [("notice", line) for line in _notices(found)]
    for name, value in facts:
        print_line(out, f"{name + ':':<13}{value}", indent=2)
    out.print()


def _deadline(found: EscalationAccount, now: float) -> str:
    one, report = found.line, found.report
    if one.deadline is None:
        return "none"
    what = "it expires" if report.on_timeout == "expire" else f"it counts as {report.on_timeout!r}"
    if one.deadline <= now:
        return f"over since {age(now - one.deadline)}; then {what}"
    return f"in {lasted(one.deadline - now)}, {day_and_time(one.deadline)}; then {what}"


def _notices(found: EscalationAccount) -> list[str]:
    if not found.notices and found.line.status == "open":
        return ["none; whoever asked tells nobody by a channel"]
    lines = []
    for one in found.notices:
        line = f"{one.channel}: {one.state}" if one.channel else one.state
        if line == "waiting" and not one.tries:
            line = "not told yet; the next process with a channel that uses this journal tells it"
        if one.tries > (one.state == "delivered"):
            line += f" after {count(one.tries, 'try').replace('trys', 'tries')}"
        if one.maybe:
            line += f", {one.maybe} of unknown end"
        if one.fault:
            line += f": {one.fault}"
        lines.append(line)
    return lines


def _print_report(out: Console, found: EscalationAccount) -> None:
    report = found.report
    print_line(out, "error", style="bold")
    print_text(out, report.error_message, indent=2, most=40)
    for cause in report.chain:
        print_text(out, f"from {cause}", indent=4, most=10)
    out.print()
    if report.attempts:
        print_line(out, "tried before", style="bold")
        for line in report.attempts:
            print_line(out, line, indent=2)
        out.print()
    for name, text in (("code", report.code), ("what a correction tried", report.diff)):
        if text:
            print_line(out, name, style="bold")
            print_text(out, text, indent=2, most=MOST_LINES)
            out.print()
    if report.context:
        print_line(out, "state", style="bold")
        print_text(out, _json(report.context), indent=2, most=MOST_LINES)
        out.print()
    elif report.state_keys:
        print_line(out, f"state (names only): {', '.join(report.state_keys)}")
        out.print()


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _payload(found: EscalationAccount) -> str | None:
    if found.line.decision not in {"edit", "value"}:
        return None
    return _json(redact_value(found.line.payload))


def asked_words(one: EscalationLine) -> str:
    """Return what is asked, in one line that differs from that of like questions."""
    return glance("" if one.asked == one.error else one.asked, one.error)


def due_words(one: EscalationLine, now: float) -> str:
    """Return how long there is left for an answer."""
    if one.deadline is None:
        return "none"
    return f"in {age(one.deadline - now)}" if one.deadline > now else "over"


def _standing(one: EscalationLine, now: float) -> str:
    if one.status == "open":
        return "open"
    when = f" {age(now - one.at)} ago" if one.at is not None else ""
    if one.status == "resolved":
        return f"{one.decision} by {one.by}{when}"
    return f"{one.status}{when}"


def ended_words(one: EscalationLine, now: float) -> str:
    """Return how an escalation ended."""
    when = f" at {day_and_time(one.at)}, {age(now - one.at)} ago" if one.at is not None else ""
    if one.status == "resolved":
        if one.by == "timeout":
            return f"nobody answered in time, which counted as {one.decision!r}{when}"
        return f"{one.by or 'somebody'} answered {one.decision!r}{when}"
    if one.status == "expired":
        return f"it expired{when}, and nobody had answered"
    by = f" by {one.superseded_by}" if one.superseded_by else ""
    return f"it was superseded{by}{when}; the work went another way"


def too_late(ended: AlreadyResolved, now: float) -> str:
    """Return who was first, and when."""
    ago = "" if ended.at is None else f", {age(now - ended.at.timestamp())} ago"
    return f"{ended.said}{ago}"


def print_next(out: Console, found: EscalationAccount, *, journal: Path | None) -> None:
    """Say that the answer was accepted, and what happens now."""
    print_line(out, f"accepted: {found.line.by} answered {found.line.decision!r}")
    _print_going_on(out, found, journal)


def _print_going_on(out: Console, found: EscalationAccount, journal: Path | None) -> None:
    workflow = found.workflow
    if found.others:
        names = ", ".join(found.others[:5])
        more_of = f" and {len(found.others) - 5} more" if len(found.others) > 5 else ""
        print_line(out, f"still open in this workflow: {names}{more_of}")
    if workflow is None:
        print_line(out, "whoever waits for it goes on now; else the next run finds the answer")
    elif workflow.state == "running" and workflow.owner is not None:
        print_line(out, f"process {workflow.owner.pid} runs the workflow and goes on now")
    elif workflow.state in {"done", "cancelled"}:
        print_line(out, f"the workflow has ended: it is {workflow.state}")
    elif workflow.kind:
        print_line(out, "to go on:")
        print_command(out, command("resume", workflow.id, journal=journal))
    elif found.line.decision == "abort":
        print_line(
            out,
            "the workflow is given up: run again, it ends with WorkflowFailedError; "
            "to begin it anew:",
        )
        print_command(out, command("workflows", "restart", workflow.id, journal=journal))
    else:
        print_line(
            out, "to go on, run the program that began the workflow, with the same workflow id"
        )
