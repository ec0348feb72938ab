"""The console and the user's own function as channels."""

from __future__ import annotations

import asyncio
import functools
import io
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows._journal_place import journal_of_user
from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.notifiers import CallbackNotifier, ConsoleNotifier


def report(**changes: Any) -> EscalationReport:
    """Return a report with these values."""
    values: dict[str, Any] = {
        "escalation_id": "esc_1",
        "workflow_id": "w",
        "node_name": "n",
        "step_count": 1,
        "error_type": "contract",
        "fingerprint": "f",
        "description": "",
        "error_message": "ValueError: no name\nsecond line",
        "timestamp": datetime(2030, 1, 1, tzinfo=UTC),
    }
    return EscalationReport(**values | changes)


async def test_the_console_shows_what_matters() -> None:
    """Id, priority, error, cause, attempts, assignee, count and the pause, a line each."""
    stream = io.StringIO()

    receipt = await ConsoleNotifier(stream).send(
        report(
            chain=("OSError: disk",), attempts=("retry: no",), assignee="ann", folded=2, pauses=True
        )
    )

    assert receipt == Receipt(delivered=True, channel="console")
    assert stream.getvalue() == (
        "escalation esc_1 [medium] ValueError: no name\n"
        "  workflow: w, node: n, step: 1\n"
        "  error (contract): ValueError: no name\n"
        "  caused by: OSError: disk\n"
        "  tried: retry: no\n"
        "  assignee: ann\n"
        "  and 2 more of the same kind\n"
        "  the workflow waits for an answer\n"
        "  answer: omninode-bridge escalations answer esc_1 retry|edit|value|skip|abort\n"
    )


async def test_the_console_says_how_to_answer_and_until_when() -> None:
    """Only the answers that can be applied, what an edit may change, the deadline, the repeat."""
    stream = io.StringIO()

    await ConsoleNotifier(stream).send(
        report(
            escalation_id="two words",
            repeat=True,
            answers=("edit", "skip"),
            edits=("text", "mode"),
            timeout=3600.0,
            on_timeout="skip",
        )
    )

    assert stream.getvalue().splitlines() == [
        "escalation two words [medium] ValueError: no name",
        "  repeat: may have been sent before",
        "  workflow: w, node: n, step: 1",
        "  error (contract): ValueError: no name",
        "  answer: omninode-bridge escalations answer 'two words' edit|skip",
        "  edit may change: text, mode",
        "  answer until 2030-01-01T01:00:00+00:00, then the answer is 'skip'",
    ]


@pytest.mark.parametrize(
    ("journal", "said"),
    [
        ("", "omninode-bridge escalations answer esc_1 retry|skip"),
        ("/a b/p.db", "omninode-bridge escalations answer esc_1 retry|skip --journal '/a b/p.db'"),
        (
            None,
            (
                "await orchestrator.escalations.resolve('esc_1', answer, by=...) in its process; "
                "answer is Decision.retry() | Decision.skip()"
            ),
        ),
    ],
)
async def test_the_way_to_answer_is_one_that_works(journal: str | None, said: str) -> None:
    """The command names its journal; what is kept in no journal is answered in its process."""
    stream = io.StringIO()

    await ConsoleNotifier(stream).send(report(journal=journal, answers=("retry", "skip")))

    assert stream.getvalue().splitlines()[-1] == f"  answer: {said}"


@pytest.mark.parametrize("variable", ["", "/elsewhere/journal.db", "{home}"])
async def test_the_journal_that_commands_find_is_not_named(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named all the same where a variable, perhaps of this terminal alone, names one."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    path = str(journal_of_user())
    monkeypatch.setenv("OMNINODE_BRIDGE_JOURNAL", variable.replace("{home}", path))
    stream = io.StringIO()

    await ConsoleNotifier(stream).send(report(journal=path))

    assert ("--journal" in stream.getvalue()) is bool(variable)


async def test_an_alert_is_not_to_be_answered() -> None:
    """What a watched statistic says needs no answer, and none is asked for."""
    stream = io.StringIO()

    await ConsoleNotifier(stream).send(report(error_type="alert_breached"))

    assert "answer" not in stream.getvalue()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (60.0, "answer until 2030-01-01T00:01:00+00:00, then it expires"),
        (1e300, "answer within 1e+300 s, then it expires"),
    ],
)
async def test_the_deadline_is_told_even_beyond_the_calendar(seconds: float, said: str) -> None:
    """A moment where there is one, else the seconds."""
    stream = io.StringIO()

    await ConsoleNotifier(stream).send(report(timeout=seconds))

    assert stream.getvalue().splitlines()[-1] == f"  {said}"


async def test_the_console_shows_no_secret_and_no_end_of_text() -> None:
    """A report that nobody has redacted or cut is redacted and cut here."""
    stream = io.StringIO()

    await ConsoleNotifier(stream).send(
        report(description="password=hunter2000 " + "x" * 10**6, chain=("y" * 10**6,) * 99)
    )

    assert "hunter2000" not in stream.getvalue()
    assert len(stream.getvalue()) < 50_000


async def test_the_console_obeys_no_escape() -> None:
    """Control characters of a report do not steer the terminal or add lines."""
    stream = io.StringIO()

    await ConsoleNotifier(stream).send(report(description="a\x1b[2Jb\rc\nd\u202e"))

    assert "\x1b" not in stream.getvalue()
    assert "\r" not in stream.getvalue()
    assert stream.getvalue().count("\n") == 4


async def test_a_narrow_console_still_shows_it() -> None:
    """Characters that the stream cannot show are written as escapes."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")

    await ConsoleNotifier(stream).send(report(description="café 雪"))

    assert b"caf\\xe9 \\u96ea" in raw.getvalue()


async def test_the_console_is_standard_error_of_the_moment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stream is looked up when it is written to; without one the notice is not delivered."""
    notifier = ConsoleNotifier()
    await notifier.send(report())
    assert "escalation esc_1" in capsys.readouterr().err

    monkeypatch.setattr("sys.stderr", None)

    assert not (await notifier.send(report())).delivered


async def test_a_plain_function_runs_beside_the_loop() -> None:
    """A sync callback runs in a thread of its own, so it may block."""
    seen: list[tuple[str, bool]] = []

    def callback(given: EscalationReport) -> None:
        seen.append((given.escalation_id, threading.current_thread() is threading.main_thread()))

    receipt = await CallbackNotifier(callback, name="mine").send(report())

    assert receipt == Receipt(delivered=True, channel="mine")
    assert seen == [("esc_1", False)]


class Async:
    """An object that is called asynchronously."""

    async def __call__(self, given: EscalationReport) -> Receipt:
        await asyncio.sleep(0)
        return Receipt(delivered=True, channel="x", detail="42")


async def test_async_callables_are_awaited() -> None:
    """Coroutine functions, objects and partials of them run on the loop."""

    async def callback(one: int, given: EscalationReport) -> bool:
        assert threading.current_thread() is threading.main_thread()
        return one == 1

    partial = functools.partial(callback, 1)

    assert (await CallbackNotifier(partial).send(report())).delivered
    assert (await CallbackNotifier(Async()).send(report())).detail == "42"
    assert (await CallbackNotifier(lambda given: partial(given)).send(report())).delivered


@pytest.mark.parametrize(("answer", "delivered"), [(None, True), (0, True), (False, False)])
async def test_false_means_not_delivered(answer: object, delivered: bool) -> None:
    """Only False says no."""
    receipt = await CallbackNotifier(lambda given: answer).send(report())

    assert receipt.delivered is delivered


@pytest.mark.parametrize("error", [ValueError("no"), StopIteration()])
async def test_what_the_callback_raises_is_raised(error: Exception) -> None:
    """The delivery turns it into a receipt, not the notifier."""

    def callback(given: EscalationReport) -> None:
        raise error

    with pytest.raises((ValueError, RuntimeError)):
        await CallbackNotifier(callback).send(report())


async def test_an_interrupt_in_the_callback_passes() -> None:
    """BaseException comes through from the thread."""

    class Stop(BaseException):
        pass

    def callback(given: EscalationReport) -> None:
        raise Stop

    with pytest.raises(Stop):
        await CallbackNotifier(callback).send(report())


async def test_a_cancelled_callback_leaves_its_thread_alone() -> None:
    """Cancelling does not wait for the thread, whose late answer is dropped."""
    go, done = threading.Event(), threading.Event()

    def callback(given: EscalationReport) -> None:
        go.wait(10)
        done.set()

    task = asyncio.create_task(CallbackNotifier(callback).send(report()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    go.set()

    assert done.wait(10)
    await asyncio.sleep(0)


def test_what_cannot_be_called_is_refused() -> None:
    """The mistake is told where it is made."""
    with pytest.raises(ConfigurationError, match="function is 5; it must be callable"):
        CallbackNotifier(5)  # type: ignore[arg-type]
