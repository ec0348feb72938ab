"""The channel ``slack``: one incoming webhook."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt
from omninode_bridge.errors import MissingExtraError

from ._edge import Secrets, check_seconds, cleaned
from ._slack_message import message
from ._web import Answer, Patience, check_address

if TYPE_CHECKING:
    from slack_sdk.webhook import WebhookClient

__all__ = ["DASHBOARD_VARIABLE", "WEBHOOK_VARIABLE", "SlackNotifier", "from_environment"]

WEBHOOK_VARIABLE: Final = "OMNINODE_BRIDGE_SLACK_WEBHOOK"
DASHBOARD_VARIABLE: Final = "OMNINODE_BRIDGE_DASHBOARD_URL"
CHANNEL: Final = "slack"


class SlackNotifier:
    """Post notices to a Slack incoming webhook.

    Args:
        webhook_url: address of the webhook, https; it is a secret and appears nowhere else.
        dashboard_url: where ``/errors/<id>`` shows an escalation; without it the buttons of the
            message lead nowhere.
        timeout: seconds that the server may be silent.
        max_wait: seconds, in all, that are waited when Slack asks to come back later.
        clock: how those waits pass.

    Raises:
        ConfigurationError: an address that is no https one (http is for this machine alone).
        MissingExtraError: the extra ``slack`` is not installed.
    """

    def __init__(
        self,
        webhook_url: str,
        *,
        dashboard_url: str | None = None,
        timeout: float = 5.0,
        max_wait: float = 5.0,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        check_address("webhook_url", webhook_url)
        if dashboard_url is not None:
            check_address("dashboard_url", dashboard_url, any_host=True)
        check_seconds("timeout", timeout)
        check_seconds("max_wait", max_wait)
        self._client = _client(webhook_url, timeout)
        self._dashboard_url = dashboard_url
        parts = urlsplit(webhook_url)
        secrets = Secrets([webhook_url, parts.path, parts.query, *parts.path.split("/")[2:]])
        self._patience = Patience(CHANNEL, max_wait, clock, secrets)

    async def send(self, report: EscalationReport) -> Receipt:
        """Post the notice; where Slack says when to come back, wait and post again."""

        def post() -> Answer:
            told = self._client.send_dict(message(cleaned(report), self._dashboard_url))
            return Answer(told.status_code, dict(told.headers), str(told.body or ""))

        return await self._patience.post(post)


def from_environment(environ: Mapping[str, str], clock: Clock) -> SlackNotifier | None:
    """Return the notifier that the environment configures, or None where it does not."""
    address = environ.get(WEBHOOK_VARIABLE, "").strip()
    if not address:
        return None
    dashboard = environ.get(DASHBOARD_VARIABLE, "").strip() or None
    return SlackNotifier(address, dashboard_url=dashboard, clock=clock)


def _client(webhook_url: str, timeout: float) -> WebhookClient:
    try:
        from slack_sdk.webhook import WebhookClient
    except ImportError as error:
        raise MissingExtraError("the slack channel", extra="slack") from error
    # The client's own logger would write the address, a secret, and its own retries would sleep
    # for real and post again what may have arrived.
    silent = logging.Logger(  # noqa: LOG001 - unreachable by name, so nobody turns it up
        "omninode_bridge.notifiers.slack.client", logging.CRITICAL + 1
    )
    return WebhookClient(
        webhook_url,
        timeout=timeout,  # type: ignore[arg-type]
        logger=silent,
        retry_handlers=[],
    )
