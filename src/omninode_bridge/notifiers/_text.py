"""An escalation as plain text: the few lines of a console, and everything for a letter."""

from __future__ import annotations

import json
import shlex
from datetime import timedelta
from typing import Final

from omninode_bridge.agents.workflows._journal_place import is_found_unnamed
from omninode_bridge.agents.workflows.recovery_models import DecisionKind, EscalationReport

__all__ = ["REPEAT", "answering", "brief", "complete", "is_alert", "title"]

MAX_NAMES: Final = 500
# As they are written in Python.
_DECISIONS: Final = {
    "retry": "Decision.retry()",
    "edit": "Decision.edit({...})",
    "value": "Decision.value(...)",
    "skip": "Decision.skip()",
    "abort": "Decision.abort()",
}
REPEAT: Final = "repeat: may have been sent before"


def title(report: EscalationReport) -> str:
    """Return what is asked, one line: the description, else how the error begins."""
    return report.description or report.error_message.partition("\n")[0]


def is_alert(report: EscalationReport) -> bool:
    """Whether it tells of a statistic out of its bounds, or back in them; see `AlertManager`."""
    return report.error_type.startswith("alert_")


def brief(report: EscalationReport) -> list[str]:
    """Return what everybody must see, most urgent first, a line each."""
    first_line = report.error_message.partition("\n")[0]
    lines = [f"escalation {report.escalation_id} [{report.priority}] {title(report)}"]
    if report.repeat:
        lines.append(f"  {REPEAT}")
    lines += [
        f"  workflow: {report.workflow_id}, node: {report.node_name}, step: {report.step_count}",
        f"  error ({report.error_type}): {first_line}",
    ]
    lines += [f"  caused by: {cause.partition(chr(10))[0]}" for cause in report.chain]
    lines += [f"  tried: {attempt}" for attempt in report.attempts]
    if report.assignee:
        lines.append(f"  assignee: {report.assignee}")
    if report.folded:
        lines.append(f"  and {report.folded} more of the same kind")
    if report.pauses:
        lines.append("  the workflow waits for an answer")
    return lines + [f"  {one}" for one in answering(report)]


def answering(report: EscalationReport) -> list[str]:
    """Return how to answer, and until when; nobody answers an alert."""
    if is_alert(report):
        return []
    lines = [f"answer: {_command(report)}"]
    if report.edits:
        lines.append(f"edit may change: {', '.join(report.edits)[:MAX_NAMES]}")
    if report.timeout is not None:
        lines.append(_deadline(report, report.timeout))
    return lines


def _command(report: EscalationReport) -> str:
    """Return what is typed in a terminal, or written in the process where only that can answer."""
    kinds = report.answers or tuple(map(str, DecisionKind))
    if report.journal is None:
        answers = " | ".join(_DECISIONS.get(kind, kind) for kind in kinds)[:MAX_NAMES]
        call = f"await orchestrator.escalations.resolve({report.escalation_id!r}, answer, by=...)"
        return f"{call} in its process; answer is {answers}"
    words = ["omninode-bridge escalations answer", shlex.quote(report.escalation_id)]
    words.append("|".join(kinds)[:MAX_NAMES])
    if report.journal and not is_found_unnamed(report.journal):
        words.append(f"--journal {shlex.quote(report.journal)}")
    return " ".join(words)


def complete(report: EscalationReport) -> str:
    """Return everything that the report holds, with headings."""
    parts = ["\n".join(one.strip() for one in brief(report)), _part("Error", report.error_message)]
    parts += [_part(f"Cause {n}", cause) for n, cause in enumerate(report.chain, start=1)]
    if report.code is not None:
        parts.append(_part("Code", report.code))
    if report.diff is not None:
        parts.append(_part("What a correction tried", report.diff))
    if report.context:
        shown = json.dumps(report.context, indent=2, ensure_ascii=False, default=str)
        parts.append(_part("State", shown))
    elif report.state_keys:
        parts.append(_part("Names in the state", ", ".join(report.state_keys)))
    parts.append(f"Reported at {report.timestamp.isoformat()}")
    return "\n\n".join(parts) + "\n"


def _part(heading: str, text: str) -> str:
    return f"{heading}\n{'-' * len(heading)}\n{text.rstrip()}"


def _deadline(report: EscalationReport, seconds: float) -> str:
    then = "it expires" if report.on_timeout == "expire" else f"the answer is {report.on_timeout!r}"
    try:
        end = (report.timestamp + timedelta(seconds=seconds)).isoformat(timespec="seconds")
    except (OverflowError, ValueError):  # beyond the calendar
        return f"answer within {seconds:g} s, then {then}"
    return f"answer until {end}, then {then}"
