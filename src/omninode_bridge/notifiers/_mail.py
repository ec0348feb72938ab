"""The letter of an escalation: its headers, its text, and how letters find each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any, Final

from omninode_bridge.agents.workflows.recovery_models import (
    EscalationPriority,
    EscalationReport,
    EscalationRow,
)
from omninode_bridge.errors import ConfigurationError

from ._edge import line
from ._text import complete, title

__all__ = ["Envelope", "addresses", "letter", "postscript"]

MAX_SUBJECT: Final = 200
MAX_RECIPIENTS: Final = 20
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
# https://www.rfc-editor.org/rfc/rfc2156 and what mail programs make of it
_IDS: Final = frozenset(("Message-ID", "In-Reply-To", "References"))
_URGENCY: Final = {
    EscalationPriority.CRITICAL: ("1", "high"),
    EscalationPriority.HIGH: ("2", "high"),
    EscalationPriority.MEDIUM: ("3", "normal"),
    EscalationPriority.LOW: ("5", "low"),
}


class _Policy(EmailPolicy):
    def fold_binary(self, name: str, value: Any) -> bytes:
        """Leave ids whole: what is too long is encoded by the standard library, and then no id."""
        if name in _IDS:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


SMTP: Final = _Policy(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom."""

    sender: Address
    recipients: tuple[Address, ...]


def addresses(name: str, text: str | Sequence[str]) -> tuple[Address, ...]:
    """Read e-mail addresses, with or without names, from a list or from one text with commas.

    Raises:
        ConfigurationError: what is none, by its place; none at all; too many.
    """
    given = text if isinstance(text, str) else ", ".join(map(str, text))
    found: tuple[Address, ...] = ()
    if given.strip() and given.isprintable():
        with suppress(Exception):  # the parser of the standard library has no error of its own
            header = SMTP.header_factory("to", given)
            found = () if header.defects else header.addresses
    if not found or not all(_ADDRESS.fullmatch(one.addr_spec) for one in found):
        raise ConfigurationError(
            f"{name} is {given[:200]!r}; it must be e-mail addresses such as 'ann@example.com', "
            "in ASCII, with commas between them"
        )
    if len(found) > MAX_RECIPIENTS:
        raise ConfigurationError(
            f"{name} has {len(found)} addresses; at most {MAX_RECIPIENTS} are told"
        )
    return found


def letter(report: EscalationReport, envelope: Envelope) -> EmailMessage:
    """Return the letter of an escalation; the same id, so that a repeat is folded by the reader.

    Args:
        report: what is told; already redacted.
        envelope: who writes to whom.
    """
    message = _addressed(envelope)
    message["Message-ID"] = _message_id(report.escalation_id, envelope)
    message["Subject"] = _subject(report)
    message["Date"] = format_datetime(report.timestamp)
    message["X-Priority"], message["Importance"] = _URGENCY[report.priority]
    message.set_content(complete(report), cte="quoted-printable")
    return message


def postscript(row: EscalationRow, report: EscalationReport, envelope: Envelope) -> EmailMessage:
    """Return the letter that says how an escalation ended, as an answer to the first one."""
    message = _addressed(envelope)
    first = _message_id(row.id, envelope)
    message["Message-ID"] = _message_id(f"{row.id}.ended", envelope)
    message["In-Reply-To"] = message["References"] = first
    message["Subject"] = f"Re: {_subject(report)}"
    how = (
        f"{row.by} answered {str(row.decision.kind)!r}" if row.decision is not None else "no answer"
    )
    when = row.at if row.at is not None else report.timestamp
    message["Date"] = format_datetime(when)
    message.set_content(
        f"escalation {row.id} is {row.status}: {line(how)}\nat {when.isoformat()}\n",
        cte="quoted-printable",
    )
    return message


def _addressed(envelope: Envelope) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = envelope.sender
    message["To"] = envelope.recipients
    # Keeps answering machines from answering.
    message["Auto-Submitted"] = "auto-generated"
    return message


def _message_id(escalation_id: str, envelope: Envelope) -> str:
    plain = re.sub(r"[^A-Za-z0-9_.-]", lambda found: f"={ord(found[0]):x}", escalation_id)
    return f"<{plain[:MAX_SUBJECT]}@{envelope.sender.domain}>"


def _subject(report: EscalationReport) -> str:
    text = line(f"[{report.priority}] {title(report)}", MAX_SUBJECT)
    # Encoded words would be decoded, to line ends among others, when the header is made.
    return f"{text} ({line(report.escalation_id, MAX_SUBJECT)})".replace("=?", "= ?")
