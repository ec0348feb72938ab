"""The channel ``apprise``, and channels of any name: a hundred services behind one form of address."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import urlsplit

from omninode_bridge.agents.workflows._clock import Clock
from omninode_bridge.agents.workflows._redaction_errors import error_text
from omninode_bridge.agents.workflows._threads import run_in_thread
from omninode_bridge.agents.workflows.recovery_models import (
    EscalationPriority,
    EscalationReport,
    EscalationRow,
    Receipt,
)
from omninode_bridge.errors import ConfigurationError, MissingExtraError

from ._edge import Secrets, check_seconds, cleaned
from ._quiet import logger_into, overheard
from ._text import answering, brief

__all__ = ["VARIABLE", "AppriseNotifier", "from_environment"]

VARIABLE: Final = "OMNINODE_BRIDGE_APPRISE"
CHANNEL: Final = "apprise"
MAX_ADDRESSES: Final = 10
MAX_BODY: Final = 16_384
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,30}(?=://)")
# What tells that nothing arrived: an answer that refuses, or a connection that never was.
_CERTAIN = re.compile(
    r"error=\d{3}|error (?:code )?\d{3}|HTTP \d{3}|NewConnectionError|NameResolutionError"
    r"|ConnectTimeout|Connection refused|SSLError|certificate",
    re.IGNORECASE,
)
_KINDS: Final = {
    EscalationPriority.CRITICAL: "failure",
    EscalationPriority.HIGH: "failure",
    EscalationPriority.MEDIUM: "warning",
    EscalationPriority.LOW: "info",
}


@dataclass(frozen=True, slots=True)
class _Told:
    """What became of a notice at one address."""

    taken: bool
    scheme: str
    detail: str = ""
    uncertain: bool = False


class AppriseNotifier:
    """Tell whatever apprise has an address for: chats, pagers, telephones, brokers.

    The addresses of one notifier are told together, and the notice is taken when one of them took
    it; where each must be told for sure give each a channel of its own. An incident of PagerDuty has
    the escalation's id as its key and is resolved when the escalation ends.

    Args:
        urls: one address or several, such as ``ntfy://topic`` or ``msteams://...``; they are secrets
            and appear nowhere else. apprise reads them when the first notice is sent.
        timeout: seconds for each address.

    Raises:
        ConfigurationError: no address, too many, or one without a scheme.
        MissingExtraError: the extra ``apprise`` is not installed.
    """

    def __init__(self, urls: str | Sequence[str], *, timeout: float = 12.0) -> None:
        given = (urls,) if isinstance(urls, str) else tuple(urls)
        if not 0 < len(given) <= MAX_ADDRESSES:
            raise ConfigurationError(
                f"{len(given)} addresses are given; there must be 1 to {MAX_ADDRESSES}"
            )
        for place, url in enumerate(given, start=1):
            if not isinstance(url, str) or not url.isprintable() or not _SCHEME.match(url.lower()):
                # The address itself is a secret and stays out of the message.
                raise ConfigurationError(
                    f"address {place} of {len(given)} is none of apprise's, such as 'ntfy://topic'"
                )
        check_seconds("timeout", timeout)
        if find_spec("apprise") is None:
            raise MissingExtraError("a channel of apprise's", extra="apprise")
        self._urls = given
        self._timeout = timeout
        self._secrets = Secrets(part for url in given for part in _parts(url))

    async def send(self, report: EscalationReport) -> Receipt:
        """Tell every address at once."""
        work = partial(
            _notify,
            key=report.escalation_id,
            kind=_KINDS[report.priority],
            write=lambda: _short(cleaned(report)),
        )
        told = await asyncio.gather(*(self._tell(url, work) for url in self._urls))
        return self._receipt(told)

    async def ended(self, row: EscalationRow) -> Receipt | None:
        """Resolve the incident where an address is PagerDuty's; the others cannot take back."""
        urls = [url for url in self._urls if _scheme(url) == "pagerduty"]
        if not urls:
            return None
        work = partial(
            _notify,
            key=row.id,
            kind="success",
            write=lambda: (row.id, str(row.status)),
            resolve=True,
        )
        return self._receipt(await asyncio.gather(*(self._tell(url, work) for url in urls)))

    async def _tell(self, url: str, work: partial[_Told]) -> _Told:
        try:
            async with asyncio.timeout(self._timeout):
                return await run_in_thread(work, url)
        except TimeoutError:
            detail = f"no answer within {self._timeout:g} s"
            return _Told(taken=False, scheme=_scheme(url), detail=detail, uncertain=True)

    def _receipt(self, told: Sequence[_Told]) -> Receipt:
        taken = any(one.taken for one in told)
        failed = [f"{one.scheme}: {one.detail}" for one in told if not one.taken]
        return Receipt(
            delivered=taken,
            channel=CHANNEL,
            detail=self._secrets.scrub("; ".join(failed)) if failed else "",
            uncertain=not taken and any(one.uncertain for one in told),
        )


def from_environment(environ: Mapping[str, str], clock: Clock) -> AppriseNotifier | None:
    """Return the notifier that the environment configures, or None where it does not."""
    del clock
    urls = environ.get(VARIABLE, "").split()
    return AppriseNotifier(urls) if urls else None


def _notify(
    url: str, *, key: str, kind: str, write: Callable[[], tuple[str, str]], resolve: bool = False
) -> _Told:
    """Tell one address, in this thread."""
    scheme = _scheme(url)
    with overheard() as records:
        try:
            import apprise

            asset = apprise.AppriseAsset(app_id="omninode-bridge", async_mode=False)
            plugin: Any = apprise.Apprise.instantiate(url, asset=asset)
            if plugin is None:
                return _Told(
                    taken=False,
                    scheme=scheme,
                    detail="apprise knows no such address, or a part of it is missing",
                )
            plugin.logger = logger_into(records)
            if scheme == "pagerduty":
                plugin.dedup = plugin.dedup or key[:255]
                plugin.action = "resolve" if resolve else plugin.action
            if "overflow=" not in url:
                plugin.overflow_mode = apprise.OverflowMode.TRUNCATE
            title, body = write()
            taken = plugin.notify(
                title=title,
                body=body[:MAX_BODY],
                notify_type=apprise.NotifyType(kind),
                body_format=apprise.NotifyFormat.TEXT,
            )
        except Exception as error:  # noqa: BLE001 - a hundred plug-ins, each with errors of its own
            return _Told(
                taken=False, scheme=scheme, detail=error_text(error, limit=300), uncertain=True
            )
    if taken:
        return _Told(taken=True, scheme=scheme)
    # One of several targets may have taken it, though the address as a whole did not.
    return _judged(scheme, records, single=len(plugin) == 1)


def _short(report: EscalationReport) -> tuple[str, str]:
    """Return a title and a text, what matters first, since services cut the end."""
    heading, *facts = [line.strip() for line in brief(report)]
    how = answering(report)
    facts = facts[: len(facts) - len(how)]
    urgent = int(report.repeat)  # the mark of a repeat stands before all else
    return heading, "\n".join([*facts[:urgent], *how, *facts[urgent:]])


def _judged(scheme: str, records: Sequence[logging.LogRecord], *, single: bool) -> _Told:
    """Read why it failed from what apprise logged, for it says no more than yes or no."""
    texts = [record.getMessage() for record in records]
    certain = single and any(_CERTAIN.search(text) for text in texts)
    detail = " ".join(" ".join(texts[:3]).split())
    return _Told(
        taken=False,
        scheme=scheme,
        detail=detail or "apprise could not deliver it",
        uncertain=not certain,
    )


def _scheme(url: str) -> str:
    found = _SCHEME.match(url.lower())
    return found[0] if found else ""


def _parts(url: str) -> list[str]:
    """Return what may be secret in an address: all but the scheme, whole and in pieces."""
    rest = url.partition("://")[2]
    try:
        parts = urlsplit(url)
        pieces = [parts.path, parts.query, parts.netloc, parts.username or "", parts.password or ""]
    except ValueError:
        pieces = []
    return [url, rest, *pieces, *(piece for piece in re.split(r"[/?&=@:]", rest) if len(piece) > 3)]
