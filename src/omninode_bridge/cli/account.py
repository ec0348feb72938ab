"""What is said of one contract: words and lines, no layout."""

from __future__ import annotations

import re
from pathlib import Path

from omninode_bridge.generation.report import ContractReport, EscalationNote, Outcome, StepReport

__all__ = ["block_of", "detail_lines", "outcome_words", "recovery_lines", "seconds"]

MAX_LINES = 4


def seconds(duration_ms: float) -> str:
    """Return a duration as a person reads it."""
    value = duration_ms / 1000
    if value >= 60:
        return f"{int(value // 60)} min {int(value % 60)} s"
    return f"{value:.1f} s"


def outcome_words(report: ContractReport) -> str:
    """Return the outcome, with the word that a package lacks something."""
    return f"{report.outcome}, degraded" if report.ok and report.degraded else str(report.outcome)


def recovery_lines(report: ContractReport, *, every: bool) -> list[str]:
    """Return what was recovered: the strategy and what it changed, one line each."""
    lines = []
    for step in report.recoveries:
        kind = (step.kind or "").replace("_", " ")
        if step.outcome == "recovered":
            lines += [f"{kind}: {change}" for change in step.change] or [f"{kind} ({step.step})"]
        elif step.outcome == "escalated" and report.escalation is not None:
            lines.append(f"{kind}: {report.escalation.kind.replace('_', ' ')}")
        else:
            lines.append(f"{kind} failed ({step.step})")
    if every or len(lines) <= MAX_LINES:
        return lines
    return [*lines[: MAX_LINES - 1], f"and {len(lines) - MAX_LINES + 1} more (-v shows them)"]


def block_of(report: ContractReport, *, waited: str | None) -> list[str]:
    """Return what a person has to know about a contract without a package; empty otherwise.

    Args:
        report: how the contract ended.
        waited: how long an answer was waited for, in words; None where nobody was asked.
    """
    if report.ok:
        return []
    if report.outcome is Outcome.STALE:
        what = "is not there" if not _is_there(report) else "is out of date"
        return [f"stale  {report.contract}", f"the package {report.package} {what}"]
    note = report.escalation
    if note is None:
        place, sentence = _place_and_rest(report.error, report.contract)
        return [f"{report.outcome}  {place}", sentence or "no reason is known"]
    lines = [f"{report.outcome}  {_place(note, report)}"]
    lines.append(f"{note.kind.replace('_', ' ')} ({note.priority}): {note.message}")
    if note.hint:
        lines.append(f"what would be right: {note.hint}")
    if note.related_lines:
        numbers = ", ".join(str(line) for line in note.related_lines)
        lines.append(f"see also line {numbers}")
    if note.answer is not None:
        lines.append(f"the answer was {note.answer!r}")
    elif waited is not None:
        lines.append(f"nobody answered within {waited}")
    return lines


def detail_lines(report: ContractReport) -> list[str]:
    """Return everything else that the report knows, for those who want all of it."""
    lines = [_step_line(step) for step in report.steps]
    lines += [f"warning: {text}" for text in report.warnings]
    lines += [f"dropped: {text}" for text in report.dropped]
    lines += [f"not checked by the models: {text}" for text in report.unchecked]
    lines += [f"not tested: {text}" for text in report.untested]
    lines += [f"kept as edited: {text}" for text in report.kept]
    return lines


def _step_line(step: StepReport) -> str:
    line = f"{step.step}: {step.outcome} in {seconds(step.duration_ms)}"
    if step.kind is not None:
        line += f" by {step.kind.replace('_', ' ')} after {step.error or 'an error'}"
    elif step.error:
        line += f": {step.error}"
    return line


def _place(note: EscalationNote, report: ContractReport) -> str:
    parts = [note.path or report.contract, note.line, note.column if note.line else None]
    return ":".join(str(part) for part in parts if part is not None)


def _place_and_rest(sentence: str, path: str) -> tuple[str, str]:
    """Split ``path:line:column: what is wrong``; any other sentence is about the whole file."""
    match = re.match(rf"{re.escape(path)}(?::\d+){{0,2}}(?=: )", sentence)
    return (match[0], sentence[match.end() + 2 :]) if match else (path, sentence)


def _is_there(report: ContractReport) -> bool:
    return report.package is not None and Path(report.package).is_dir()
