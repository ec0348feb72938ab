"""What the channels that speak HTTP share: one post, one patience, one judgement of what failed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from omninode_bridge.agents.workflows._clock import Clock
from omninode_bridge.agents.workflows._threads import run_in_thread
from omninode_bridge.agents.workflows.classification.providers._durations import wait_of_text
from omninode_bridge.agents.workflows.recovery_models import Receipt
from omninode_bridge.errors import ConfigurationError

from ._edge import Secrets

__all__ = ["Answer", "Patience", "check_address", "post_json"]

MAX_SENDS: Final = 3
MAX_ANSWER: Final = 65_536
_LOOPBACK: Final = frozenset(("localhost", "127.0.0.1", "::1"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Patience:
    """How a notice is posted: again where the server says when to come back, else once.

    Attributes:
        channel: its name, for receipts.
        max_wait: seconds, in all, that are waited when asked to come back later.
        clock: how those waits pass.
        secrets: what no receipt may hold.
    """

    channel: str
    max_wait: float
    clock: Clock
    secrets: Secrets

    async def post(self, send: Callable[[], Answer]) -> Receipt:
        """Return what became of it; `send` writes and posts, in a thread of its own."""
        left = self.max_wait
        for sends in range(1, MAX_SENDS + 1):
            try:
                answer = await run_in_thread(send)
            except Exception as error:  # noqa: BLE001 - http.client has errors of its own
                return self._lost(error)
            if answer.status != 429:
                return self._told(answer)
            wait = self._asked(answer)
            if wait > left or sends == MAX_SENDS:
                return self.refused(f"HTTP 429, asked to come back in {wait:g} s")
            left -= wait
            await self.clock.sleep(wait)
        raise AssertionError("unreachable")

    def refused(self, detail: str, *, uncertain: bool = False) -> Receipt:
        """Return the receipt of a notice that was not taken."""
        return Receipt(
            delivered=False,
            channel=self.channel,
            detail=self.secrets.scrub(detail),
            uncertain=uncertain,
        )

    def _told(self, answer: Answer) -> Receipt:
        if not 200 <= answer.status < 300:
            return self.refused(f"HTTP {answer.status} {answer.body[:1000]}".strip())
        if answer.body.lstrip().startswith("<"):
            # A proxy's login page, or where a redirection led: not the service that was asked.
            return self.refused(f"HTTP {answer.status} with a page instead of an answer")
        return Receipt(delivered=True, channel=self.channel)

    def _lost(self, error: Exception) -> Receipt:
        """Judge by how far the request came: urllib wraps only what happens before the answer."""
        cause = error.reason if isinstance(error, URLError) else error
        named = f"{type(cause).__name__}: {cause}" if isinstance(cause, Exception) else str(cause)
        return self.refused(named, uncertain=not isinstance(error, URLError))

    def _asked(self, answer: Answer) -> float:
        """Read when to come back: seconds or a date; without either, in a second."""
        text = next((v for k, v in answer.headers.items() if k.lower() == "retry-after"), "")
        seconds, moment, _ = wait_of_text(text, "retry-after")
        if moment is not None:
            # What the other side's clock says may be past by ours.
            return max(0.0, (moment - self.clock.now()).total_seconds())
        return 1.0 if seconds is None else seconds


def post_json(address: str, body: Mapping[str, Any], timeout: float) -> Answer:
    """Post once, in this thread; a redirection is an answer like any other.

    Args:
        address: http or https.
        body: JSON values.
        timeout: seconds that the server may be silent.

    Raises:
        URLError: nothing arrived.
        OSError: it may have arrived.
    """
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class StayHere(HTTPRedirectHandler):
        def redirect_request(self, *args: Any, **kwargs: Any) -> None:
            """Follow nothing: a post would become a get, and succeed."""

    request = Request(  # noqa: S310 - the scheme was checked
        address,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    try:
        with build_opener(StayHere).open(request, timeout=timeout) as response:
            text = response.read(MAX_ANSWER).decode("utf-8", "replace")
            return Answer(response.status, dict(response.headers), text)
    except HTTPError as error:
        with error:
            text = error.read(MAX_ANSWER).decode("utf-8", "replace")
        return Answer(error.code, dict(error.headers), text)


def check_address(name: str, address: str, *, any_host: bool = False) -> None:
    """Refuse what is no https address; http is for this machine alone, or `any_host`.

    Raises:
        ConfigurationError: without the address, which is a secret.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
        plain = address.isascii() and address.isprintable() and " " not in address
    except (ValueError, TypeError, AttributeError):
        host, plain = None, False
    local = any_host or host in _LOOPBACK
    if host and plain and (parts.scheme == "https" or (parts.scheme == "http" and local)):
        return
    raise ConfigurationError(f"{name} is not an https address")
