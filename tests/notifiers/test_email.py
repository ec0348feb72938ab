"""E-mail: the letter, what the server may say to it, and what stays secret."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
import sys
from email.message import EmailMessage
from typing import Any

import pytest

from omninode_bridge.agents.workflows.recovery_models import (
    EscalationPriority,
    EscalationStatus,
    Receipt,
)
from omninode_bridge.errors import ConfigurationError, MissingExtraError
from omninode_bridge.notifiers import EmailNotifier
from omninode_bridge.notifiers.email import from_environment
from omninode_bridge.testing import FakeClock

from ._reports import answered, report
from ._servers import SmtpServer
from .conftest import Certificate

pytest.importorskip("aiosmtplib")

SECRET = "hunter2-hunter2"


def notifier(server: SmtpServer, scheme: str = "smtp", **settings: Any) -> EmailNotifier:
    """Return a notifier that writes to the server from bot to ann."""
    known = {"to": "ann@example.com", "sender": "Bridge <bot@example.org>"}
    return EmailNotifier(f"{scheme}://127.0.0.1:{server.port}", **known | settings)


def read(letter: bytes) -> EmailMessage:
    """Return the letter as a mail program reads it."""
    letter = letter.replace(b"\r\n", b"\n")
    return email.message_from_bytes(letter, policy=email.policy.default)  # type: ignore[return-value]


async def test_the_letter_holds_everything() -> None:
    """Subject with priority, and chain, attempts, code, diff, state, answers and deadline in the text."""
    async with SmtpServer() as server:
        receipt = await notifier(server).send(
            report(
                description="café 雪 🙂",
                error_message="ValueError: no name\nsecond line",
                chain=("OSError: disk full\nwhere",),
                attempts=("retry: still no name",),
                code="x = 1\n.\n..dots",
                diff="- a\n+ b",
                context={"mode": "schnell"},
                folded=2,
                timeout=60.0,
                answers=("retry", "skip"),
            )
        )

    assert receipt == Receipt(delivered=True, channel="email")
    (letter,) = server.letters
    read_back = read(letter)
    assert read_back["Subject"] == "[high] café 雪 🙂 (esc_1)"
    assert read_back["From"] == "Bridge <bot@example.org>"
    assert read_back["To"] == "ann@example.com"
    assert read_back["Message-ID"] == "<esc_1@example.org>"
    assert read_back["Date"] == "Tue, 01 Jan 2030 12:00:00 +0000"
    assert read_back["Importance"] == "high"
    text = read_back.get_content()
    for part in (
        "escalation esc_1 [high] café 雪 🙂\n",
        "answer: omninode-bridge escalations answer esc_1 retry|skip\n",
        "answer until 2030-01-01T12:01:00+00:00, then it expires\n",
        "and 2 more of the same kind\n",
        "Error\n-----\nValueError: no name\nsecond line\n",
        "Cause 1\n-------\nOSError: disk full\nwhere\n",
        "tried: retry: still no name\n",
        "Code\n----\nx = 1\n.\n..dots\n",
        "- a\n+ b\n",
        '"mode": "schnell"',
    ):
        assert part in text, part
    assert "repeat" not in text


async def test_a_repeat_is_the_same_letter_marked() -> None:
    """Id and subject are the same, so a mail program shows one; the text says that it is a repeat."""
    async with SmtpServer() as server:
        await notifier(server).send(report())
        await notifier(server).send(report(repeat=True))

    first, second = map(read, server.letters)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Subject"] == second["Subject"]
    assert "repeat: may have been sent before\n" in second.get_content()


@pytest.mark.parametrize(
    "text",
    [
        "a\r\nBcc: eve@example.net",
        "a\nBcc: eve@example.net\n\nbody",
        "=?utf-8?q?a=0D=0ABcc:_eve@example.net?=",
        "=?utf-8?b?YQ0KQmNjOiBldmVAZXhhbXBsZS5uZXQ=?=",
        "a\x00\x0b\x0c\x85\u2028Bcc: eve@example.net",
        "x" * 3_001,
        "雪" * 3_001,
        "=?" * 1_000,
    ],
)
async def test_no_text_becomes_a_header(text: str) -> None:
    """Line ends, plain or encoded, and length add no header and no recipient."""
    async with SmtpServer() as server:
        receipt = await notifier(server).send(report(description=text, escalation_id=text))

    assert receipt.delivered
    (letter,) = server.letters
    head = letter.partition(b"\r\n\r\n")[0]
    names = {line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"}
    assert names == {
        b"From", b"To", b"Auto-Submitted", b"Message-ID", b"Subject", b"Date", b"X-Priority",
        b"Importance", b"Content-Type", b"Content-Transfer-Encoding", b"MIME-Version",
    }  # fmt: skip
    assert read(letter)["Bcc"] is None
    assert max(map(len, letter.split(b"\r\n"))) <= 998
    assert sum(word == "RCPT" for word in server.words) == 1


async def test_a_huge_report_makes_a_bounded_letter() -> None:
    """Whatever is in the report, the letter stays of a size that servers take."""
    huge = "x\n" * 10**6

    async with SmtpServer() as server:
        await notifier(server).send(
            report(error_message=huge, code=huge, diff=huge, chain=(huge,) * 50, description=huge)
        )

    assert len(server.letters[0]) < 300_000


async def test_secrets_in_a_report_are_not_mailed() -> None:
    """What nobody redacted before is redacted at the edge."""
    async with SmtpServer() as server:
        await notifier(server).send(
            report(code=f"password = '{SECRET}'", chain=(f"token={SECRET}",))
        )

    assert SECRET.encode() not in server.letters[0]


@pytest.mark.parametrize(
    ("says", "detail"),
    [
        ({"HELLO": ["554 no"]}, "refused: 554 no"),
        ({"HELLO": ["421 later"]}, "refused for now: 421 later"),
        ({"MAIL": ["550 not you"]}, "refused: 550 not you"),
        ({"RCPT": ["450 busy"]}, "refused for now: 450 busy"),
        ({"RCPT": ["550 who"]}, "refused: 550 who"),
        ({"DATA": ["451 later"]}, "refused for now: 451 later"),
        ({"CONTENT": ["452 full"]}, "refused for now: 452 full"),
        ({"CONTENT": ["554 spam, token=abc123456"]}, "refused: 554 spam, token=[redacted]"),
    ],
)
async def test_a_refusal_is_certain_at_every_stage(says: dict[str, list[str]], detail: str) -> None:
    """A code means that nothing was taken, and whether it may be later."""
    async with SmtpServer(**says) as server:
        receipt = await notifier(server).send(report())

    assert receipt == Receipt(delivered=False, channel="email", detail=detail)
    assert server.letters == []


@pytest.mark.parametrize("fault", ["drop", "hang"])
@pytest.mark.parametrize(
    ("stage", "uncertain"),
    [("HELLO", False), ("EHLO", False), ("MAIL", False), ("RCPT", False), ("CONTENT", True)],
)
async def test_only_what_was_handed_over_is_uncertain(
    fault: str, stage: str, uncertain: bool
) -> None:
    """A connection lost before the letter was sent lost nothing; after it, nobody knows."""
    async with SmtpServer(**{stage: [fault] * 3}) as server:
        receipt = await notifier(server, timeout=0.2).send(report())

    assert not receipt.delivered
    assert receipt.uncertain is uncertain
    assert server.words.count("DATA") == (1 if stage == "CONTENT" else 0)


@pytest.mark.parametrize(
    "odd", ["hello", "299 well", "354 go on", "250", "\x00\xff", "x" * 100_000]
)
async def test_an_odd_answer_to_the_letter_is_uncertain(odd: str) -> None:
    """What is neither yes nor no says nothing, so the letter may have been taken."""
    async with SmtpServer(CONTENT=[odd]) as server:
        receipt = await notifier(server, timeout=0.5).send(report())

    assert receipt.delivered is (odd == "250")
    assert receipt.uncertain is (odd != "250")
    assert len(receipt.detail) <= 300


@pytest.mark.parametrize("odd", ["hello", "299 well", "\x00"])
async def test_an_odd_answer_before_the_letter_is_certain(odd: str) -> None:
    """Nothing had been sent yet."""
    async with SmtpServer(MAIL=[odd]) as server:
        receipt = await notifier(server, timeout=0.5).send(report())

    assert not receipt.delivered
    assert not receipt.uncertain


async def test_a_bad_goodbye_changes_nothing() -> None:
    """The letter was taken, so it is delivered however the server ends the talk."""
    async with SmtpServer(QUIT=["drop"]) as server:
        receipt = await notifier(server).send(report())

    assert receipt.delivered


async def test_one_bad_recipient_does_not_lose_the_letter() -> None:
    """The others get it, and the receipt says who did not."""
    async with SmtpServer(RCPT=["250 yes", "550 who"]) as server:
        receipt = await notifier(server, to=["ann@example.com", "bob@example.com"]).send(report())

    assert receipt.delivered
    assert receipt.detail == "refused for 1 of 2 recipients: 550 who"
    assert len(server.letters) == 1


async def test_nobody_listening_is_certain() -> None:
    """Where no server is nothing can have arrived."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    receipt = await EmailNotifier(
        f"smtp://127.0.0.1:{port}", to="ann@example.com", sender="bot@example.org"
    ).send(report())

    assert not receipt.delivered
    assert not receipt.uncertain
    assert "SMTPConnectError" in receipt.detail


async def test_cancelling_closes_the_connection() -> None:
    """A send that hangs is left at once, and cancellation passes."""
    async with SmtpServer(MAIL=["hang"]) as server:
        task = asyncio.create_task(notifier(server).send(report()))
        await asyncio.wait_for(server.asked.wait(), 10)

        task.cancel()

        with pytest.raises(asyncio.CancelledError):
            await task


async def test_tls_from_the_first_byte(certificate: Certificate) -> None:
    """``smtps`` speaks TLS, and logs in there."""
    async with SmtpServer(tls=certificate.server, login=True) as server:
        receipt = await EmailNotifier(
            f"smtps://bot:{SECRET}@localhost:{server.port}",
            to="ann@example.com",
            sender="bot@example.org",
            tls_context=certificate.client,
        ).send(report())

    assert receipt.delivered
    assert "AUTH" in server.words


async def test_starttls_comes_before_the_password(certificate: Certificate) -> None:
    """Where the server offers it the connection becomes secret before anything is said."""
    async with SmtpServer(starttls=certificate.server, login=True) as server:
        receipt = await EmailNotifier(
            f"smtp://bot:{SECRET}@localhost:{server.port}?tls=starttls",
            to="ann@example.com",
            sender="bot@example.org",
            tls_context=certificate.client,
        ).send(report())

    assert receipt.delivered
    assert server.words.index("TLS") < server.words.index("AUTH") < server.words.index("MAIL")


async def test_without_starttls_nothing_is_said_in_clear() -> None:
    """A server that must offer it and does not gets neither password nor letter."""
    async with SmtpServer(login=True) as server:
        receipt = await EmailNotifier(
            f"smtp://bot:{SECRET}@localhost:{server.port}?tls=starttls",
            to="ann@example.com",
            sender="bot@example.org",
        ).send(report())

    assert not receipt.delivered
    assert "STARTTLS" in receipt.detail
    assert server.words == ["EHLO"]


async def test_an_unknown_certificate_is_refused(certificate: Certificate) -> None:
    """A server that cannot prove who it is gets nothing."""
    async with SmtpServer(tls=certificate.server) as server:
        receipt = await notifier(server, "smtps").send(report())

    assert not receipt.delivered
    assert not receipt.uncertain
    assert "certificate" in receipt.detail
    assert server.commands == []


@pytest.mark.parametrize("echo", [SECRET, "AGJvdABodW50ZXIyLWh1bnRlcjI="])
async def test_the_password_is_written_nowhere(echo: str, caplog: pytest.LogCaptureFixture) -> None:
    """Not in logs, receipts or representations, even where the server says it back."""
    caplog.set_level(0)
    async with SmtpServer(login=True, AUTH=[f"535 no such user: {echo}"] * 3) as server:
        made = EmailNotifier(
            f"smtp://bot:{SECRET}@127.0.0.1:{server.port}",
            to="ann@example.com",
            sender="bot@example.org",
        )
        receipt = await made.send(report())

    assert "535" in receipt.detail
    assert echo not in str(receipt) + caplog.text + repr(vars(made))


async def test_the_end_is_told_as_an_answer_to_the_letter() -> None:
    """Where asked for, a second letter refers to the first; else nobody is written to."""
    async with SmtpServer() as server:
        assert await notifier(server).ended(answered()) is None
        told = await notifier(server, tell_ended=True).ended(answered())
        await notifier(server, tell_ended=True).ended(
            answered(status=EscalationStatus.EXPIRED, decision=None, by=None)
        )

    assert told is not None
    assert told.delivered
    first, second = map(read, server.letters)
    assert first["In-Reply-To"] == first["References"] == "<esc_1@example.org>"
    assert first["Message-ID"] == "<esc_1.ended@example.org>"
    assert first["Subject"] == "Re: [high] Contract validation failed (esc_1)"
    assert "escalation esc_1 is resolved: ann answered 'retry'" in first.get_content()
    assert "escalation esc_1 is expired: no answer" in second.get_content()


@pytest.mark.parametrize("domain", ["x.org", f"{'a' * 60}.example.com", ".".join(["a" * 60] * 4)])
async def test_long_domains_leave_the_ids_whole(domain: str) -> None:
    """An id that is folded or encoded is none, and the letters would not find each other."""
    async with SmtpServer() as server:
        made = notifier(server, sender=f"bot@{domain}", tell_ended=True)
        await made.send(report())
        await made.ended(answered())

    first, second = server.letters
    assert f"\r\nMessage-ID: <esc_1@{domain}>\r\n".encode() in first
    assert f"\r\nIn-Reply-To: <esc_1@{domain}>\r\n".encode() in second
    assert f"\r\nReferences: <esc_1@{domain}>\r\n".encode() in second


@pytest.mark.parametrize("priority", list(EscalationPriority))
async def test_every_priority_has_its_importance(priority: EscalationPriority) -> None:
    """Subject and headers carry it."""
    async with SmtpServer() as server:
        await notifier(server).send(report(priority=priority))

    letter = read(server.letters[0])
    assert letter["Subject"].startswith(f"[{priority}] ")
    assert letter["Importance"] in {"high", "normal", "low"}


@pytest.mark.parametrize(
    "address",
    [
        "",
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp://mail.example.com:port",
        "smtp://mail.example.com:0",
        "smtp://mail.example.com/inbox",
        "smtp://mail.example.com?tls=maybe",
        "smtp://mail.example.com?password=x",
        "smtps://mail.example.com?tls=none",
        f"smtp://bot:{SECRET}#1@mail.example.com",
        f"smtp://bot:{SECRET}@mail.example.com\r\nX: y",
        None,
    ],
)
def test_a_wrong_server_is_refused_unseen(address: object) -> None:
    """One sentence shows the right form and nothing of what was given."""
    with pytest.raises(ConfigurationError, match=r"^smtp_url is no address such as ") as caught:
        EmailNotifier(address, to="ann@example.com", sender="bot@example.org")  # type: ignore[arg-type]

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (f"smtp://:{SECRET}@mail.example.com", "a password without a user"),
        (f"smtp://bot:{SECRET}@mail.example.com?tls=none", "it would be sent in clear"),
    ],
)
def test_a_password_needs_a_user_and_a_secret_way(address: str, why: str) -> None:
    """What would give the password away is refused before anything is sent."""
    with pytest.raises(ConfigurationError, match=why) as caught:
        EmailNotifier(address, to="ann@example.com", sender="bot@example.org")

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "people",
    [
        "",
        "ann",
        "ann@",
        "@example.com",
        "ann@example.com\nBcc: eve@example.net",
        "ann@exämple.com",
        ["a@b", "b"],
        [],
    ],
)
def test_wrong_recipients_are_refused(people: Any) -> None:
    """What is no address is shown, for it is no secret."""
    with pytest.raises(ConfigurationError, match="it must be e-mail addresses such as"):
        EmailNotifier("smtp://localhost", to=people, sender="bot@example.org")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"sender": "a@b.c, d@e.f"}, "it must be one e-mail address"),
        ({"to": ["ann@example.com"] * 21}, "to has 21 addresses; at most 20 are told"),
        ({"timeout": 0}, "timeout is 0; it must be seconds, more than 0"),
        ({"timeout": True}, "timeout is True; it must be seconds, more than 0"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], why: str) -> None:
    """Each names itself."""
    known = {"to": "ann@example.com", "sender": "bot@example.org"}

    with pytest.raises(ConfigurationError, match=why):
        EmailNotifier("smtp://localhost", **known | settings)


def test_the_environment_configures_it() -> None:
    """Without a server there is no such channel; with one the two others must be there."""
    clock = FakeClock()
    server = {"OMNINODE_BRIDGE_SMTP_URL": f"smtps://bot:{SECRET}@mail.example.com"}
    people = {
        "OMNINODE_BRIDGE_EMAIL_TO": "Ann <ann@example.com>, bob@example.com",
        "OMNINODE_BRIDGE_EMAIL_FROM": "bot@example.org",
    }

    assert from_environment({}, clock) is None
    assert from_environment(people, clock) is None
    assert isinstance(from_environment(server | people, clock), EmailNotifier)
    with pytest.raises(
        ConfigurationError, match=r"^OMNINODE_BRIDGE_SMTP_URL is set, but .*_TO is not$"
    ):
        from_environment(server, clock)
    with pytest.raises(ConfigurationError, match="it must be 'yes' or 'no'"):
        from_environment(server | people | {"OMNINODE_BRIDGE_EMAIL_ENDED": "perhaps"}, clock)


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without aiosmtplib the error says what to install."""
    monkeypatch.setitem(sys.modules, "aiosmtplib", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'omninode-bridge\[email\]'"):
        EmailNotifier("smtp://localhost", to="ann@example.com", sender="bot@example.org")
