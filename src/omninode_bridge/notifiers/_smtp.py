"""One letter over SMTP, and how far it came when something fails."""

from __future__ import annotations

import asyncio
import base64
import re
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from omninode_bridge.agents.workflows.recovery_models import Receipt
from omninode_bridge.errors import ConfigurationError, MissingExtraError

from ._edge import Secrets

if TYPE_CHECKING:
    import aiosmtplib

__all__ = ["Sending", "Server", "read_server", "require_extra"]

CHANNEL: Final = "email"
GOODBYE: Final = 1.0
_LOOPBACK: Final = frozenset(("localhost", "127.0.0.1", "::1"))
_MODES: Final = ("starttls", "none")


@dataclass(frozen=True, slots=True)
class Server:
    """Where letters are handed in.

    Attributes:
        tls: True from the first byte; otherwise `starttls` says.
        starttls: True must, None may where it is offered, False not.
    """

    host: str
    port: int
    tls: bool
    starttls: bool | None
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def secrets(self) -> Secrets:
        """What no receipt may hold."""
        if self.password is None:
            return Secrets([])
        plain = f"\0{self.user or ''}\0{self.password}".encode()
        return Secrets([self.password, base64.b64encode(plain).decode()])


def read_server(address: str) -> Server:
    """Read ``smtps://user:password@host:465`` or ``smtp://user:password@host:587``.

    ``smtp`` means STARTTLS, which the server must offer; on this machine it may. ``?tls=none`` goes
    without, and then without a password, unless the server is this machine.

    Raises:
        ConfigurationError: another address; the message holds nothing of it.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        plain = address.isascii() and address.isprintable() and " " not in address
    except (ValueError, TypeError, AttributeError):
        raise _wrong() from None
    if not host or not plain or parts.path not in ("", "/") or parts.fragment:
        raise _wrong()
    if parts.scheme not in ("smtp", "smtps"):
        raise _wrong()
    local = host in _LOOPBACK
    mode = options.pop("tls", "may" if local else "starttls")
    if options or (mode not in _MODES and mode != "may") or port == 0:
        raise _wrong()
    implicit = parts.scheme == "smtps"
    if implicit and "tls=" in parts.query:
        raise _wrong()
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if user is None and password is not None:
        raise ConfigurationError("smtp_url has a password without a user")
    if password is not None and mode == "none" and not local:
        raise ConfigurationError("smtp_url has a password and tls=none; it would be sent in clear")
    return Server(
        host=host,
        port=port or (465 if implicit else 587 if mode == "starttls" else 25),
        tls=implicit,
        starttls=False if implicit else {"starttls": True, "may": None, "none": False}[mode],
        user=user,
        password=password,
    )


def require_extra() -> None:
    """Say what to install where the library is missing.

    Raises:
        MissingExtraError: so.
    """
    try:
        import aiosmtplib  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("the email channel", extra="email") from error


class Sending:
    """One letter on its way.

    Args:
        server: where to.
        context: how its certificate is checked; the system's authorities where None.
        timeout: seconds for all of it.
    """

    def __init__(self, server: Server, context: ssl.SSLContext | None, timeout: float) -> None:
        self._server = server
        self._context = context
        self._timeout = timeout
        self._secrets = server.secrets
        # From here on the server may have taken it, whatever we hear.
        self._handed_over = False

    async def send(self, sender: str, recipients: Sequence[str], content: bytes) -> Receipt:
        """Hand the letter in, once; cancelling closes the connection."""
        import aiosmtplib

        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls,
            start_tls=server.starttls,
            tls_context=self._context,
            timeout=self._timeout,
            local_hostname=_own_name(),
        )
        try:
            async with asyncio.timeout(self._timeout):
                receipt = await self._converse(client, sender, recipients, content)
            await _part(client)
        except aiosmtplib.SMTPResponseException as error:
            return self._refused(error.code, error.message)
        except TimeoutError:
            return self._failed(f"no answer within {self._timeout:g} s")
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return self._failed(f"{type(error).__name__}: {error}")
        else:
            return receipt
        finally:
            client.close()

    async def _converse(
        self,
        client: aiosmtplib.SMTP,
        sender: str,
        recipients: Sequence[str],
        content: bytes,
    ) -> Receipt:
        import aiosmtplib

        await client.connect()
        await client.mail(sender)
        refused: list[aiosmtplib.SMTPRecipientRefused] = []
        for recipient in recipients:
            try:
                await client.rcpt(recipient)
            except aiosmtplib.SMTPRecipientRefused as error:
                refused.append(error)
        if len(refused) == len(recipients):
            return self._refused(refused[0].code, refused[0].message)
        self._handed_over = True
        await client.data(content)
        if not refused:
            return Receipt(delivered=True, channel=CHANNEL)
        first = f"{refused[0].code} {refused[0].message}"
        detail = f"refused for {len(refused)} of {len(recipients)} recipients: {first}"
        return Receipt(delivered=True, channel=CHANNEL, detail=self._secrets.scrub(detail))

    def _refused(self, code: int, said: str) -> Receipt:
        """A code of a refusal is an answer, so nothing was taken; any other tells nothing."""
        if not 400 <= code < 600:
            return self._failed(f"{code} {said}")
        how = "refused for now" if 400 <= code < 500 else "refused"
        detail = self._secrets.scrub(f"{how}: {code} {said}")
        return Receipt(delivered=False, channel=CHANNEL, detail=detail)

    def _failed(self, why: str) -> Receipt:
        return Receipt(
            delivered=False,
            channel=CHANNEL,
            detail=self._secrets.scrub(why),
            uncertain=self._handed_over,
        )


async def _part(client: aiosmtplib.SMTP) -> None:
    """Say goodbye; the letter was taken, and how they part changes nothing."""
    with suppress(Exception):
        async with asyncio.timeout(GOODBYE):
            await client.quit()


def _own_name() -> str:
    """Return what to greet with; the full name would need a look-up that can take long."""
    name = socket.gethostname()
    return name if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}", name) else "localhost"


def _wrong() -> ConfigurationError:
    # The address holds a password and stays out of the message.
    return ConfigurationError(
        "smtp_url is no address such as 'smtps://user:password@mail.example.com:465' or "
        "'smtp://mail.example.com:587'; what is special in user and password must be %-encoded"
    )
