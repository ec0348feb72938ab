"""The channel ``email``: one letter for each escalation, through an SMTP server."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage
from typing import Final

from omninode_bridge.agents.workflows._clock import Clock
from omninode_bridge.agents.workflows._threads import run_in_thread
from omninode_bridge.agents.workflows.recovery_models import (
    EscalationReport,
    EscalationRow,
    Receipt,
)
from omninode_bridge.errors import ConfigurationError

from ._edge import check_seconds, cleaned
from ._mail import Envelope, addresses, letter, postscript
from ._smtp import Sending, read_server, require_extra

__all__ = [
    "FROM_VARIABLE",
    "SERVER_VARIABLE",
    "TO_VARIABLE",
    "EmailNotifier",
    "from_environment",
]

SERVER_VARIABLE: Final = "OMNINODE_BRIDGE_SMTP_URL"
TO_VARIABLE: Final = "OMNINODE_BRIDGE_EMAIL_TO"
FROM_VARIABLE: Final = "OMNINODE_BRIDGE_EMAIL_FROM"
ENDED_VARIABLE: Final = "OMNINODE_BRIDGE_EMAIL_ENDED"
_YES: Final = {
    "": False,
    "0": False,
    "no": False,
    "false": False,
    "1": True,
    "yes": True,
    "true": True,
}


class EmailNotifier:
    """Write a letter with the complete report.

    Its id is made from the escalation's, so a mail program shows a repeated letter once.

    Args:
        smtp_url: ``smtps://user:password@host:465``, or ``smtp://...:587`` for STARTTLS, which must
            be offered unless the server is this machine; ``?tls=none`` goes without. It is a secret
            and appears nowhere else.
        to: who is told, at most 20; a list, or one text with commas.
        sender: who writes.
        tell_ended: answer the letter when the escalation has ended.
        timeout: seconds for one letter.
        tls_context: how the server's certificate is checked; the system's authorities where None.

    Raises:
        ConfigurationError: an address that is none, or a password that would travel in clear.
        MissingExtraError: the extra ``email`` is not installed.
    """

    def __init__(
        self,
        smtp_url: str,
        *,
        to: str | Sequence[str],
        sender: str,
        tell_ended: bool = False,
        timeout: float = 10.0,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self._server = read_server(smtp_url)
        senders = addresses("sender", sender)
        if len(senders) != 1:
            raise ConfigurationError(f"sender is {sender!r}; it must be one e-mail address")
        self._envelope = Envelope(senders[0], addresses("to", to))
        check_seconds("timeout", timeout)
        require_extra()
        self._tell_ended = tell_ended
        self._timeout = timeout
        self._tls_context = tls_context

    async def send(self, report: EscalationReport) -> Receipt:
        """Hand the letter in once; a refusal for now and one for good are both not delivered."""
        return await self._hand_in(lambda: letter(cleaned(report), self._envelope))

    async def ended(self, row: EscalationRow) -> Receipt | None:
        """Answer the letter with how it ended, where `tell_ended` was asked for."""
        if not self._tell_ended:
            return None
        return await self._hand_in(lambda: postscript(row, cleaned(row.report), self._envelope))

    async def _hand_in(self, write: Callable[[], EmailMessage]) -> Receipt:
        content = await run_in_thread(lambda: bytes(write()))
        return await Sending(self._server, self._tls_context, self._timeout).send(
            self._envelope.sender.addr_spec,
            [one.addr_spec for one in self._envelope.recipients],
            content,
        )


def from_environment(environ: Mapping[str, str], clock: Clock) -> EmailNotifier | None:
    """Return the notifier that the environment configures, or None where it does not.

    Raises:
        ConfigurationError: a server without sender or recipients, or a wrong value.
    """
    del clock
    server = environ.get(SERVER_VARIABLE, "").strip()
    if not server:
        return None
    given = {name: environ.get(name, "").strip() for name in (TO_VARIABLE, FROM_VARIABLE)}
    for name, value in given.items():
        if not value:
            raise ConfigurationError(f"{SERVER_VARIABLE} is set, but {name} is not")
    ended = environ.get(ENDED_VARIABLE, "").strip().lower()
    if ended not in _YES:
        raise ConfigurationError(f"{ENDED_VARIABLE} is {ended[:50]!r}; it must be 'yes' or 'no'")
    return EmailNotifier(
        server, to=given[TO_VARIABLE], sender=given[FROM_VARIABLE], tell_ended=_YES[ended]
    )
