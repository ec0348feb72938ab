"""The channel ``pagerduty``: an incident that opens with the escalation and ends with it.

It speaks Events API v2 itself. apprise could set the deduplication key and resolve since 2.1, but it
tells only yes or no: not what was refused, when to come back, or whether a lost notice may have
arrived; it knows no severity ``error``, and wants an API key that this interface does not need.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows.recovery_models import (
    EscalationPriority,
    EscalationReport,
    EscalationRow,
    Receipt,
)
from omninode_bridge.errors import ConfigurationError

from ._edge import Secrets, check_seconds, cleaned, plain_id
from ._text import REPEAT, answering, is_alert, title
from ._web import Answer, Patience, check_address, post_json

__all__ = ["KEY_VARIABLE", "URL_VARIABLE", "PagerDutyNotifier", "from_environment"]

KEY_VARIABLE: Final = "OMNINODE_BRIDGE_PAGERDUTY_KEY"
URL_VARIABLE: Final = "OMNINODE_BRIDGE_PAGERDUTY_URL"
DASHBOARD_VARIABLE: Final = "OMNINODE_BRIDGE_DASHBOARD_URL"
CHANNEL: Final = "pagerduty"
EVENTS_URL: Final = "https://events.pagerduty.com/v2/enqueue"

# https://developer.pagerduty.com/docs/send-alert-event
MAX_SUMMARY: Final = 1_024
MAX_DETAIL: Final = 300  # the whole event may have 512 kB, and a character up to 12 bytes
MAX_DEDUP_KEY: Final = 255
SEVERITIES: Final = {
    EscalationPriority.CRITICAL: "critical",
    EscalationPriority.HIGH: "error",
    EscalationPriority.MEDIUM: "warning",
    EscalationPriority.LOW: "info",
}


class PagerDutyNotifier:
    """Trigger an incident for each escalation and resolve it when the escalation ends.

    The deduplication key is the escalation's id, so a notice that is sent again joins its incident.
    An alert of a statistic has one incident for each priority, resolved when it is over.

    Args:
        routing_key: the integration key of a service; it is a secret and appears nowhere else.
        events_url: where events go; another one for the EU, https.
        dashboard_url: where ``/errors/<id>`` shows an escalation.
        timeout: seconds that the server may be silent.
        max_wait: seconds, in all, that are waited when asked to come back later.
        clock: how those waits pass.

    Raises:
        ConfigurationError: a key that cannot be one, or an address that is no https one.
    """

    def __init__(
        self,
        routing_key: str,
        *,
        events_url: str = EVENTS_URL,
        dashboard_url: str | None = None,
        timeout: float = 5.0,
        max_wait: float = 5.0,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        if not isinstance(routing_key, str) or not routing_key.isalnum():
            # The key itself is a secret and stays out of the message.
            raise ConfigurationError("routing_key is not letters and digits alone")
        check_address("events_url", events_url)
        if dashboard_url is not None:
            check_address("dashboard_url", dashboard_url, any_host=True)
        check_seconds("timeout", timeout)
        check_seconds("max_wait", max_wait)
        self._routing_key = routing_key
        self._events_url = events_url
        self._dashboard_url = dashboard_url
        self._timeout = timeout
        self._patience = Patience(CHANNEL, max_wait, clock, Secrets([routing_key]))

    async def send(self, report: EscalationReport) -> Receipt:
        """Trigger the incident, or add to the one that is open."""
        return await self._post(lambda: event(cleaned(report), self._dashboard_url))

    async def ended(self, row: EscalationRow) -> Receipt:
        """Resolve the incident; where there is none nothing happens."""
        return await self._post(lambda: _resolved(plain_id(row.id)))

    async def _post(self, build: Callable[[], Mapping[str, Any]]) -> Receipt:
        def post() -> Answer:
            body = {"routing_key": self._routing_key, **build()}
            return post_json(self._events_url, body, self._timeout)

        return await self._patience.post(post)


def from_environment(environ: Mapping[str, str], clock: Clock) -> PagerDutyNotifier | None:
    """Return the notifier that the environment configures, or None where it does not."""
    key = environ.get(KEY_VARIABLE, "").strip()
    if not key:
        return None
    return PagerDutyNotifier(
        key,
        events_url=environ.get(URL_VARIABLE, "").strip() or EVENTS_URL,
        dashboard_url=environ.get(DASHBOARD_VARIABLE, "").strip() or None,
        clock=clock,
    )


def event(report: EscalationReport, dashboard_url: str | None = None) -> dict[str, Any]:
    """Return the event that triggers the incident, or ends an alert's; without the routing key."""
    key = report.escalation_id
    if is_alert(report):
        key = f"alert_{report.fingerprint}_{report.priority}"
        if report.error_type == "alert_recovered":
            return _resolved(key)
    details: dict[str, Any] = {
        "error": report.error_message,
        "workflow": report.workflow_id,
        "node": report.node_name,
        "step": report.step_count,
        "assignee": report.assignee or "unassigned",
        "caused by": [cause[:MAX_DETAIL] for cause in report.chain],
        "tried": [attempt[:MAX_DETAIL] for attempt in report.attempts],
        "how to answer": answering(report),
    }
    if report.folded:
        details["more of the same kind"] = report.folded
    if report.repeat:
        details["note"] = REPEAT
    body: dict[str, Any] = {
        "event_action": "trigger",
        "dedup_key": key[:MAX_DEDUP_KEY],
        "client": "omninode-bridge",
        "payload": {
            "summary": title(report)[:MAX_SUMMARY],
            "source": report.workflow_id or "omninode-bridge",
            "severity": SEVERITIES[report.priority],
            "timestamp": report.timestamp.isoformat(),
            "component": report.node_name,
            "class": report.error_type,
            "custom_details": details,
        },
    }
    if dashboard_url is not None:
        body["client_url"] = f"{dashboard_url.rstrip('/')}/errors/{report.escalation_id}"
    return body


def _resolved(key: str) -> dict[str, Any]:
    return {"event_action": "resolve", "dedup_key": key[:MAX_DEDUP_KEY]}
