"""The channel ``slack``: one incoming webhook."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.error import URLError
from urllib.parse import urlsplit

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows._redaction import redact
from omninode_bridge.agents.workflows._threads import run_in_thread
from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt
from omninode_bridge.errors import ConfigurationError, MissingExtraError

from ._slack_message import message

if TYPE_CHECKING:
    from slack_sdk.webhook import WebhookClient, WebhookResponse

__all__ = ["DASHBOARD_VARIABLE", "WEBHOOK_VARIABLE", "SlackNotifier", "from_environment"]

WEBHOOK_VARIABLE: Final = "OMNINODE_BRIDGE_SLACK_WEBHOOK"
DASHBOARD_VARIABLE: Final = "OMNINODE_BRIDGE_DASHBOARD_URL"
CHANNEL: Final = "slack"
MAX_SENDS: Final = 3
_LOOPBACK: Final = frozenset(("localhost", "127.0.0.1", "::1"))


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
        _check_address("webhook_url", webhook_url)
        if dashboard_url is not None:
            _check_address("dashboard_url", dashboard_url, any_host=True)
        for name, value in (("timeout", timeout), ("max_wait", max_wait)):
            if not isinstance(value, (int, float)) or not 0 < value < math.inf:
                raise ConfigurationError(f"{name} is {value!r}; it must be seconds, more than 0")
        self._client = _client(webhook_url, timeout)
        self._dashboard_url = dashboard_url
        self._max_wait = max_wait
        self._clock = clock

    async def send(self, report: EscalationReport) -> Receipt:
        """Post the notice; where Slack says when to come back, wait and post again."""
        body = message(report, self._dashboard_url)
        left = self._max_wait
        for sends in range(1, MAX_SENDS + 1):
            try:
                response = await run_in_thread(self._client.send_dict, body)
            except (OSError, ValueError) as error:
                return _lost(error)
            except Exception as error:  # noqa: BLE001 - http.client has errors of its own
                return _refused(f"{type(error).__name__}: {error}", uncertain=True)
            if response.status_code != 429:
                return _told(response)
            wait = _retry_after(response)
            if wait > left or sends == MAX_SENDS:
                return _refused(f"HTTP 429, asked to come back in {wait:g} s")
            left -= wait
            await self._clock.sleep(wait)
        raise AssertionError("unreachable")


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


def _check_address(name: str, address: str, *, any_host: bool = False) -> None:
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except (ValueError, TypeError, AttributeError):
        host = None
    if host and (
        parts.scheme == "https" or (parts.scheme == "http" and (any_host or host in _LOOPBACK))
    ):
        return
    # The address itself is a secret and stays out of the message.
    raise ConfigurationError(f"{name} is not an https address")


def _told(response: WebhookResponse) -> Receipt:
    if 200 <= response.status_code < 300:
        return Receipt(delivered=True, channel=CHANNEL)
    answer = redact(str(response.body or ""), limit=200)
    return _refused(f"HTTP {response.status_code} {answer}".strip())


def _lost(error: Exception) -> Receipt:
    """Judge a failure by how far the request came: urllib wraps only what happens before the answer."""
    cause = error.reason if isinstance(error, URLError) else error
    named = f"{type(cause).__name__}: {cause}" if isinstance(cause, Exception) else str(cause)
    return _refused(named, uncertain=not isinstance(error, URLError))


def _refused(detail: str, *, uncertain: bool = False) -> Receipt:
    return Receipt(
        delivered=False, channel=CHANNEL, detail=redact(detail, limit=300), uncertain=uncertain
    )


def _retry_after(response: WebhookResponse) -> float:
    """Read the header; without a usable one Slack's usual limit of one message a second."""
    text = next((v for k, v in response.headers.items() if k.lower() == "retry-after"), "1")
    try:
        seconds = float(text)
    except ValueError:
        return 1.0
    return seconds if 0 <= seconds < math.inf else 1.0
