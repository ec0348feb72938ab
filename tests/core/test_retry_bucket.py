"""Retries that share tokens: an outage is not answered by a storm of them."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
    RetryBucket,
    RetryStrategy,
)
from omninode_bridge.agents.workflows._climb import Climb
from omninode_bridge.agents.workflows._ladder import Entered, decide
from omninode_bridge.agents.workflows.recovery_strategies._bucket import MAX_BUCKETS
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.testing import FakeClock, fails_then

from .conftest import Make


def broken(times: int = 99) -> Any:
    return fails_then(ConnectionError("reset by peer"), "fine", times=times)


def bucket_of(capacity: float = 4, *, per_success: float = 0.5, per_second: float = 0) -> Any:
    return RetryBucket(capacity, per_success=per_success, per_second=per_second)


async def test_an_empty_bucket_ends_the_step(make: Make) -> None:
    """Two callers share four tokens; the second has one retry left, and its note says why."""
    retry = {"bucket": bucket_of(), "dependency": "db"}
    runs = make().with_options(retry=retry)
    first, second = broken(), broken()

    for call in (first, second):
        with pytest.raises(ConnectionError) as caught:
            await runs.run(call)

    assert (len(first.calls), len(second.calls)) == (4, 2)
    assert "the retry bucket of 'db' is empty" in caught.value.__notes__[0]


@pytest.mark.parametrize("fallback", [False, True])
async def test_the_next_step_follows(make: Make, fallback: bool) -> None:
    """Without a token there is not even a wait; the ladder goes on, the skip says why."""
    told: list[RecoveryResult] = []
    bucket = bucket_of(1)
    bucket.take("db", 0.0)
    clock = FakeClock()
    runs = make(clock=clock).with_options(
        retry={"bucket": bucket, "dependency": "db"},
        on_result=told.append,
        **({"fallback": lambda: "plain"} if fallback else {}),
    )
    call = broken()

    if fallback:
        assert await runs.run(call) == "plain"
    else:
        with pytest.raises(ConnectionError):
            await runs.run(call)

    assert len(call.calls) == 1
    assert clock.sleeps == []
    reasons = {skip.strategy: skip.reason for skip in told[0].skipped}
    assert "empty" in reasons[RecoveryStrategy.RETRY]
    assert told[0].retry_count == 0
    assert fallback or "empty" in str(told[0].error_message)


async def test_a_replay_decides_the_same_without_the_bucket(
    make: Make, climbs: list[Climb]
) -> None:
    """The refusal is in the log: every prefix of it leads to what was done, whatever is left."""
    runs = make().with_options(retry={"bucket": bucket_of(2)}, fallback=lambda: "plain")

    assert await runs.run(broken()) == "plain"

    (climb,) = climbs
    refusals = [e for e in climb.log if isinstance(e, Entered) and "empty" in e.skip]
    assert len(refusals) == 1
    at = climb.log.index(refusals[0])
    following = decide(climb.settings.plan, climb.log[: at + 1])
    assert following.step == refusals[0].step + 1  # type: ignore[union-attr]


async def test_a_retry_that_helps_costs_nothing(make: Make) -> None:
    """A dependency with hiccups is retried for ever: what succeeds gives its token back."""
    bucket = bucket_of(1)
    runs = make().with_options(retry={"bucket": bucket, "dependency": "db"})

    for _ in range(10):
        assert await runs.run(broken(times=1)) == "fine"

    assert bucket.tokens("db", 0.0) == 1


async def test_successes_fill_it(make: Make) -> None:
    """Coroutines, plain functions, decorated ones and streams that succeed at once add to it."""
    bucket = bucket_of(10, per_success=1)
    for _ in range(10):
        bucket.take("db", 0.0)
    orchestrator = make()
    retry = {"bucket": bucket, "dependency": "db"}
    runs = orchestrator.with_options(retry=retry)

    @orchestrator.recoverable(retry=retry)
    async def stream() -> AsyncIterator[int]:
        yield 1

    async def consume() -> list[int]:
        return [item async for item in stream()]

    await runs.run(broken(times=0))
    await asyncio.to_thread(runs.run_sync, broken(times=0).sync)
    await orchestrator.recoverable(retry=retry)(broken(times=0))()
    await asyncio.to_thread(orchestrator.recoverable(retry=retry)(broken(times=0).sync))
    await consume()

    assert bucket.tokens("db", 0.0) == 5


async def test_a_registered_strategy_counts_by_name_of_the_call(make: Make) -> None:
    """Without a dependency each call has tokens of its own, and its successes fill them."""
    bucket = bucket_of(2)
    orchestrator = make()
    orchestrator.register_strategy("retry", RetryStrategy(bucket=bucket))

    async def load() -> str:
        raise ConnectionError("reset by peer")

    async def store() -> str:
        return "stored"

    with pytest.raises(ConnectionError):
        await orchestrator.run(load)
    bucket.take(store.__qualname__, 0.0)
    await orchestrator.run(store)

    assert bucket.tokens(load.__qualname__, 0.0) == 0
    assert bucket.tokens(store.__qualname__, 0.0) == 1.5


async def test_metadata_of_a_pattern_and_handle_error(make: Make) -> None:
    """A pattern names the bucket; after the fact it limits as well, and other patterns go on."""
    orchestrator = make()
    orchestrator.add_error_pattern(
        ErrorPattern(
            "db",
            ErrorType.NETWORK,
            "reset by peer",
            RecoveryStrategy.RETRY,
            metadata={"bucket": bucket_of(2), "dependency": "db"},
        )
    )

    async def handle(text: str) -> RecoveryResult:
        context = RecoveryContext("w", "n", exception=ConnectionError(text))
        return await orchestrator.handle_error(context, operation=broken())

    assert (await handle("reset by peer")).retry_count == 2
    assert (await handle("reset by peer")).retry_count == 0
    assert (await handle("connection refused")).retry_count == 3


async def test_time_fills_it(make: Make, clock: FakeClock) -> None:
    """A bucket that nobody fills by a success gives a token again after a while."""
    bucket = bucket_of(1, per_second=0.5)
    runs = make(clock=clock, base_delay=0).with_options(retry={"bucket": bucket})
    with pytest.raises(ConnectionError):
        await runs.run(broken())
    await clock.sleep(2)
    call = broken()

    with pytest.raises(ConnectionError):
        await runs.run(call)

    assert len(call.calls) == 2


async def test_a_cancelled_wait_gives_its_token_back(make: Make) -> None:
    """Cancelling releases what it holds; a retry that has begun is paid for."""
    waiting = asyncio.Event()

    class Hanging(FakeClock):
        async def sleep(self, seconds: float) -> None:
            waiting.set()
            await asyncio.Event().wait()

    bucket = bucket_of(3)
    runs = make(clock=Hanging()).with_options(retry={"bucket": bucket, "dependency": "db"})
    task = asyncio.create_task(runs.run(broken()))
    await waiting.wait()
    assert bucket.tokens("db", 0.0) == 2

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert bucket.tokens("db", 0.0) == 3


def test_blocking_calls_in_many_threads(make: Make) -> None:
    """Eight threads of one outage make as many retries as there are tokens."""
    runs = make(base_delay=0).with_options(retry={"bucket": bucket_of(10), "dependency": "db"})
    calls = [broken() for _ in range(8)]

    def work(call: Any) -> None:
        with pytest.raises(ConnectionError):
            runs.run_sync(call.sync)

    threads = [threading.Thread(target=work, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(len(call.calls) - 1 for call in calls) == 10


def test_it_says_once_that_it_is_empty(caplog: pytest.LogCaptureFixture) -> None:
    """One warning for each time that it runs out."""
    bucket = bucket_of(1)
    with caplog.at_level(logging.WARNING, "omninode_bridge"):
        outcome = [bucket.take("db", 0.0) for _ in range(3)]
        bucket.give_back("db", 0.0)
        outcome += [bucket.take("db", 0.0) for _ in range(2)]

    assert outcome == [True, False, False, True, False]
    assert [record.message for record in caplog.records] == ["recovery.retries_throttled"] * 2


def test_it_is_bounded() -> None:
    """The names it keeps are limited; a full one goes first, and none is above its capacity."""
    bucket = bucket_of(2)
    bucket.take("kept", 0.0)
    for number in range(MAX_BUCKETS + 5):
        bucket.succeeded(f"n{number}", 0.0)

    assert bucket.tokens("kept", 0.0) == 1
    assert bucket.tokens(f"n{MAX_BUCKETS + 4}", 0.0) == 2
    assert len(bucket._levels) == MAX_BUCKETS


@pytest.mark.parametrize(
    "settings",
    [
        {"capacity": 0},
        {"capacity": True},
        {"capacity": "4"},
        {"per_success": -1},
        {"per_second": float("nan")},
        {"per_second": float("inf")},
    ],
)
def test_settings_are_checked(settings: dict[str, Any]) -> None:
    """A bucket that cannot be is refused, by the name of what is wrong."""
    with pytest.raises(ConfigurationError, match=next(iter(settings))):
        RetryBucket(**settings)


def test_wrong_use_is_refused() -> None:
    """A number is no bucket, and a dependency has a name."""
    with pytest.raises(ConfigurationError, match="bucket is 4; it must be a RetryBucket"):
        RetryStrategy(bucket=4)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="dependency is ''"):
        ErrorRecoveryOrchestrator().with_options(retry={"dependency": ""})
