"""The Slack message of an escalation: the blocks, the escaping, Slack's limits.

The blocks are the guide's, to the byte. What a notice may say beyond them, how many it stands for and
that it may have come before, stands behind the title, and only then. How to answer stands nowhere: Slack
shows `text` beside blocks only in the pop-up that announces them, so nobody could copy it from there.
"""

from __future__ import annotations

from typing import Any, Final

from omninode_bridge.agents.workflows.recovery_models import EscalationReport

from ._text import REPEAT, title

__all__ = ["MAX_FIELD", "MAX_SECTION", "message"]

# https://docs.slack.dev/reference/block-kit/blocks/section-block
MAX_SECTION: Final = 3_000
MAX_FIELD: Final = 2_000
MAX_URL: Final = 3_000

_HEADLINE: Final = "🚨 Code Generation Error - Escalation Required"
_CUT: Final = "\n[...]\n"
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Three backticks would end the code block; with something invisible between them they do not.
_TICK: Final = "`\u200b"


def message(report: EscalationReport, dashboard_url: str | None = None) -> dict[str, Any]:
    """Return the body of the webhook call.

    Args:
        report: what is told; already redacted.
        dashboard_url: address whose ``/errors/<id>`` shows the escalation; the buttons get it and
            their action ids only where it is given.
    """
    again = f" ({REPEAT})" if report.repeat else ""
    more = (f" (and {report.folded} more of the same kind)" if report.folded else "") + again
    head, priority = "*Error*: ", f"{more}\n*Priority*: {report.priority.upper()}"
    asked = _fit(_line(title(report)), MAX_SECTION - len(head) - len(priority))
    assignee = f"@{report.assignee}" if report.assignee else "unassigned"
    return {
        "text": _HEADLINE + again,
        "blocks": [
            _section(f"{head}{asked}{priority}"),
            {
                "type": "section",
                "fields": [
                    _field("Workflow ID", report.workflow_id),
                    _field("Error Type", report.error_type),
                    _field("Assignee", assignee),
                    _field("Timestamp", report.timestamp.isoformat()),
                ],
            },
            _section(f"```{_fit(report.error_message, MAX_SECTION - 6, code=True)}```"),
            {"type": "actions", "elements": _buttons(report, dashboard_url)},
        ],
    }


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _field(name: str, value: str) -> dict[str, Any]:
    head = f"*{name}*: "
    return {"type": "mrkdwn", "text": head + _fit(_line(value), MAX_FIELD - len(head))}


def _buttons(report: EscalationReport, dashboard_url: str | None) -> list[dict[str, Any]]:
    details: dict[str, Any] = _button("View Details")
    retry: dict[str, Any] = _button("Retry Workflow") | {"value": "retry"}
    if dashboard_url is not None:
        url = f"{dashboard_url.rstrip('/')}/errors/{report.escalation_id}"
        details |= {"url": url[:MAX_URL], "action_id": "view_details"}
        retry |= {"action_id": "retry_workflow"}
    return [details, retry]


def _button(label: str) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": label}}


def _line(text: str) -> str:
    return " ".join(text.split())


def _fit(text: str, limit: int, *, code: bool = False) -> str:
    """Escape the text; where it is too long keep its head and tail, never half an entity."""
    ticks = _TICK if code else "'"
    units = [_ENTITIES.get(c, ticks if c == "`" else c) for c in text[: limit + 1]]
    if len(text) <= limit and sum(map(len, units)) <= limit:
        return "".join(units)
    cut = _CUT if code else " [...] "
    room = limit - len(cut)
    head = _take(units, room - room // 3)
    last = [_ENTITIES.get(c, ticks if c == "`" else c) for c in reversed(text[-limit:])]
    tail = _take(last, room // 3)
    return "".join(head) + cut + "".join(reversed(tail))


def _take(units: list[str], room: int) -> list[str]:
    taken: list[str] = []
    for unit in units:
        room -= len(unit)
        if room < 0:
            break
        taken.append(unit)
    return taken
