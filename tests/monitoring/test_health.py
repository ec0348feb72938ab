"""Health checks: what passes, what fails, and why."""

from __future__ import annotations

import asyncio
import functools
import logging
import threading
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows.monitoring import HealthChecker, HealthStatus
from omninode_bridge.agents.workflows.monitoring import health as health_module
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.testing import FakeClock, fails_then

SOON = 0.02  # seconds of real time: checks are limited by the machine's clock


@pytest.fixture
def orchestrator() -> ErrorRecoveryOrchestrator:
    return ErrorRecoveryOrchestrator(clock=FakeClock(), jitter="none")


async def check(ask: Any, **options: Any) -> HealthStatus:
    checker = HealthChecker(clock=FakeClock())
    checker.add_check("it", ask, **options)
    return await checker.check_all()


async def test_the_checks_of_the_guide_follow_the_statistics(
    orchestrator: ErrorRecoveryOrchestrator,
) -> None:
    """All is well at the start; after failures the checks fail, the critical one by name."""
    checker = HealthChecker(error_recovery=orchestrator)
    checker.add_check(
        "recovery_success_rate",
        lambda: orchestrator.get_statistics().success_rate >= 0.90,
        critical=True,
    )
    checker.add_check(
        "avg_recovery_time",
        lambda: orchestrator.get_statistics().avg_recovery_time_ms < 500,
        critical=False,
    )
    at_first = await checker.check_all()
    with pytest.raises(ConnectionError):
        await orchestrator.run(fails_then(ConnectionError("reset"), "ok", times=99))

    later = await checker.check_all()

    assert (at_first.all_passing, at_first.failed_checks) == (True, ())
    assert later.all_passing is False
    assert later.failed_checks == ("recovery_success_rate", "avg_recovery_time")
    assert later.critical_failures == ("recovery_success_rate",)
    assert later.statistics is not None
    assert later.statistics.total_attempts == 1
    assert later["avg_recovery_time"].message == "it returned False"
    with pytest.raises(KeyError):
        later["unknown"]


async def test_without_checks_all_pass() -> None:
    """Nothing failed where nothing was asked."""
    status = await HealthChecker().check_all()

    assert (status.all_passing, status.results, status.statistics) == (True, (), None)


async def yes() -> bool:
    return True


class Asker:
    async def __call__(self) -> bool:
        return True


@pytest.mark.parametrize("ask", [lambda: True, yes, functools.partial(yes), Asker(), lambda: 1])
async def test_sync_and_async_checks_pass(ask: Any) -> None:
    """Plain functions, coroutine functions, partials and callable objects."""
    status = await check(ask)

    assert (status.all_passing, status["it"].message) == (True, "")


class Odd:
    def __bool__(self) -> bool:
        raise ValueError("neither")

    def __repr__(self) -> str:
        raise ValueError("unspeakable")


class Mute(Exception):
    def __str__(self) -> str:
        raise ValueError("unspeakable")


def raiser(error: BaseException) -> Any:
    def ask() -> bool:
        raise error

    return ask


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: False, "it returned False"),
        (lambda: None, "it returned None, not True or False"),
        (lambda: 0, "it returned 0"),
        (lambda: Odd(), "ValueError: neither"),
        (raiser(KeyError("rate")), "KeyError: 'rate'"),
        (raiser(Mute()), "Mute"),
        (raiser(TimeoutError("of its own")), "TimeoutError: of its own"),
        (raiser(StopIteration()), "RuntimeError: the function raised StopIteration"),
        (raiser(RuntimeError("password=hunter22")), "RuntimeError: password="),
        (raiser(RuntimeError("x" * 10_000)), "RuntimeError: xxx"),
    ],
)
async def test_a_check_that_does_not_say_yes_fails_with_a_sentence(ask: Any, message: str) -> None:
    """What it returned or raised is told, redacted and short."""
    status = await check(ask, critical=True)

    assert status.critical_failures == ("it",)
    assert status["it"].message.startswith(message)
    assert "hunter22" not in status["it"].message
    assert len(status["it"].message) <= 300


async def test_one_that_raises_does_not_keep_the_others_from_being_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Results come in the order in which the checks were added, failures are logged."""
    checker = HealthChecker()
    checker.add_check("a", raiser(ValueError("x")))
    checker.add_check("b", lambda: True)
    checker.add_check("c", lambda: False)

    with caplog.at_level(logging.WARNING):
        status = await checker.check_all()

    assert [(r.name, r.passing) for r in status.results] == [
        ("a", False),
        ("b", True),
        ("c", False),
    ]
    assert status.messages == {"a": "ValueError: x", "c": "it returned False"}
    assert [record.__dict__["check"] for record in caplog.records] == ["a", "c"]


async def test_a_check_that_takes_too_long_fails() -> None:
    """A coroutine is stopped; what it would have said does not count."""
    stopped: list[bool] = []

    async def hang() -> bool:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(True)
        return True

    status = await check(hang, timeout=SOON)

    assert status["it"].message == "it took longer than 0.02 s"
    assert stopped == [True]


async def test_a_thread_that_hangs_is_left_alone() -> None:
    """A plain check cannot be stopped: it fails, no second thread is started, later it counts again."""
    gate, back, calls = threading.Event(), threading.Event(), []

    def hang() -> bool:
        calls.append(1)
        gate.wait()
        back.set()
        return True

    checker = HealthChecker(timeout=SOON)
    checker.add_check("it", hang)

    first = await checker.check_all()
    second = await checker.check_all()
    gate.set()
    assert back.wait(5)
    for _ in range(1000):
        third = await checker.check_all()
        if third.all_passing:
            break

    assert first["it"].message == "it took longer than 0.02 s"
    assert second["it"].message == "TimeoutError: it has not come back from the last time"
    assert third.all_passing
    assert len(calls) == 2


async def test_two_probes_at_one_time_do_not_disturb_each_other() -> None:
    """A check that merely runs already is not one that hangs."""
    checker = HealthChecker()
    checker.add_check("it", lambda: True)

    both = await asyncio.gather(checker.check_all(), checker.check_all())

    assert [status.all_passing for status in both] == [True, True]


async def test_a_check_whose_own_task_was_cancelled_fails() -> None:
    """A cancellation that is not ours is the check's trouble."""

    async def ask() -> bool:
        task = asyncio.create_task(asyncio.Event().wait())
        await asyncio.sleep(0)
        task.cancel()
        return await task

    status = await check(ask)

    assert status["it"].message == "what it waited for was cancelled"


async def test_cancelling_stops_all_checks() -> None:
    """Cancellation passes, and no check runs on."""
    running: set[int] = set()

    def make(number: int) -> Any:
        async def hang() -> bool:
            running.add(number)
            try:
                await asyncio.Event().wait()
            finally:
                running.discard(number)
            return True

        return hang

    checker = HealthChecker()
    for number in range(3):
        checker.add_check(str(number), make(number))
    task = asyncio.create_task(checker.check_all())
    while len(running) < 3:  # noqa: ASYNC110 - it is seen, not signalled
        await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert running == set()


async def test_only_so_many_checks_run_at_one_time() -> None:
    """A hundred checks do not open a hundred connections."""
    now, most = 0, 0

    async def ask() -> bool:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return True

    checker = HealthChecker()
    for number in range(100):
        checker.add_check(str(number), ask)

    assert (await checker.check_all()).all_passing
    assert most == 16


def test_checks_are_replaced_and_removed_by_name() -> None:
    """The same name again takes the place of the first."""
    checker = HealthChecker()
    checker.add_check("a", lambda: False)
    checker.add_check("b", lambda: True)
    checker.add_check("a", lambda: True)

    assert checker.checks == ("a", "b")
    assert asyncio.run(checker.check_all()).all_passing
    checker.remove_check("a")
    assert checker.checks == ("b",)
    with pytest.raises(ConfigurationError, match="no check 'a'"):
        checker.remove_check("a")


def test_checks_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A further one is refused, replacing one is not."""
    monkeypatch.setattr(health_module, "MAX_CHECKS", 1)
    checker = HealthChecker()
    checker.add_check("a", lambda: True)

    with pytest.raises(ConfigurationError, match="no more are taken"):
        checker.add_check("b", lambda: True)
    checker.add_check("a", lambda: False)


async def test_statistics_that_cannot_be_read_are_left_out() -> None:
    """The checks have been answered all the same."""

    class Broken:
        def get_statistics(self) -> Any:
            raise RuntimeError("no")

    status = await HealthChecker(error_recovery=Broken()).check_all()

    assert (status.all_passing, status.statistics) == (True, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": None},
        {"check": True},
        {"critical": "yes"},
        {"timeout": 0},
        {"timeout": float("nan")},
        {"timeout": True},
    ],
)
def test_wrong_arguments_are_refused(wrong: dict[str, Any]) -> None:
    """Told when the check is added, and nothing is added."""
    checker = HealthChecker()
    arguments = {"name": "it", "check": lambda: True, **wrong}

    with pytest.raises(ConfigurationError):
        checker.add_check(arguments.pop("name"), arguments.pop("check"), **arguments)
    assert checker.checks == ()
    with pytest.raises(ConfigurationError, match="timeout"):
        HealthChecker(timeout=-1)
