"""Coroutine functions as listeners: in order, on the right loop, never waited for."""

from __future__ import annotations

import asyncio
import functools
import gc
import threading
from typing import Any

import pytest

from omninode_bridge.agents.coordination import Signal, SignalCoordinator

PATIENCE = 5.0  # seconds of real time after which a test that hangs fails


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_coroutine_function_hears_later_and_in_order() -> None:
    """Emitting returns before it ran; the signals come one after the other."""
    signals = SignalCoordinator()
    heard: list[Any] = []

    async def slow(signal: Signal) -> None:
        heard.append(("begin", signal.number))
        await asyncio.sleep(0)
        heard.append(("end", signal.number))

    signals.subscribe(slow)
    for _ in range(3):
        signals.send("step")
    assert heard == []

    await settle()

    assert heard == [(word, n) for n in (1, 2, 3) for word in ("begin", "end")]


async def test_whatever_gives_a_coroutine_is_awaited() -> None:
    """Partials, objects with an async call, and plain functions that return something to await."""
    signals = SignalCoordinator()
    heard: list[str] = []

    async def note(who: str, signal: Signal) -> None:
        heard.append(who)

    class Noter:
        async def __call__(self, signal: Signal) -> None:
            heard.append("object")

    signals.subscribe(functools.partial(note, "partial"))
    signals.subscribe(Noter())
    signals.subscribe(lambda signal: note("lambda", signal))
    signals.send("step")
    await settle()

    assert sorted(heard) == ["lambda", "object", "partial"]


async def test_a_coroutine_that_fails_is_counted_and_the_next_signal_comes() -> None:
    """One failure does not end the listening."""
    signals = SignalCoordinator()
    heard: list[int] = []

    async def picky(signal: Signal) -> None:
        if signal.number == 1:
            raise ValueError("no")
        heard.append(signal.number)

    signals.subscribe(picky)
    signals.send("step")
    signals.send("step")
    await settle()

    assert (heard, signals.failures) == ([2], 1)


async def test_a_listener_that_hangs_costs_a_bounded_queue() -> None:
    """The oldest that wait are dropped and counted, others hear everything, unsubscribing frees it."""
    signals = SignalCoordinator(max_pending=3)
    gate = asyncio.Event()
    heard: list[int] = []
    others: list[int] = []

    async def hanging(signal: Signal) -> None:
        heard.append(signal.number)
        await gate.wait()

    receipt = signals.subscribe(hanging)
    signals.subscribe(lambda signal: others.append(signal.number))
    signals.send("step")
    await settle()
    for _ in range(10):
        signals.send("step")

    assert (signals.dropped, len(others)) == (7, 11)
    gate.set()
    await settle()
    assert heard == [1, 9, 10, 11]
    gate.clear()
    signals.send("step")
    signals.send("step")
    await settle()
    signals.unsubscribe(receipt)
    gate.set()
    await settle()
    assert heard == [1, 9, 10, 11, 12]


async def test_coroutines_that_are_dropped_are_closed() -> None:
    """A queue that overflows with ready-made coroutines leaves none behind that complains."""
    signals = SignalCoordinator(max_pending=1)

    async def nothing() -> None:
        return None

    receipt = signals.subscribe(lambda signal: nothing())
    for _ in range(5):
        signals.send("step")
    signals.unsubscribe(receipt)
    gc.collect()

    assert signals.dropped == 4


async def test_a_listener_that_is_cancelled_hears_the_next_signal() -> None:
    """Cancelling the task that works for a listener ends that task, not the subscription."""
    signals = SignalCoordinator()
    heard: list[int] = []
    tasks: list[asyncio.Task[Any]] = []

    async def note(signal: Signal) -> None:
        heard.append(signal.number)
        task = asyncio.current_task()
        assert task is not None
        tasks.append(task)
        if signal.number == 1:
            await asyncio.Event().wait()

    signals.subscribe(note)
    signals.send("step")
    await settle()
    tasks[0].cancel()
    await settle()
    signals.send("step")
    await settle()

    assert heard == [1, 2]


async def test_signals_from_a_thread_run_on_the_loop_of_the_subscription() -> None:
    """A coroutine function runs where it was subscribed, whoever emits."""
    signals = SignalCoordinator()
    done = asyncio.Event()
    where: list[Any] = []

    async def note(signal: Signal) -> None:
        where.append((asyncio.get_running_loop(), threading.current_thread()))
        done.set()

    signals.subscribe(note)
    await asyncio.to_thread(signals.send, "step")
    async with asyncio.timeout(PATIENCE):
        await done.wait()

    assert where == [(asyncio.get_running_loop(), threading.current_thread())]


def test_a_subscription_outlives_its_loop() -> None:
    """After its loop has ended, a coroutine function runs on the loop of whoever emits."""
    signals = SignalCoordinator()
    heard: list[str] = []

    async def note(signal: Signal) -> None:
        heard.append(signal.name)

    async def first() -> None:
        signals.subscribe(note)
        signals.send("first")
        await settle()

    async def second() -> None:
        signals.send("second")
        await settle()

    asyncio.run(first())
    asyncio.run(second())

    assert heard == ["first", "second"]


def test_what_a_loop_left_undone_is_done_on_the_next() -> None:
    """A loop that ends at once leaves its signals to the next one that comes."""
    signals = SignalCoordinator()
    heard: list[str] = []

    async def note(signal: Signal) -> None:
        heard.append(signal.name)

    async def first() -> None:
        signals.subscribe(note)
        signals.send("first")

    async def second() -> None:
        signals.send("second")
        await settle()

    asyncio.run(first())
    asyncio.run(second())

    assert heard == ["first", "second"]


def test_signals_that_nobody_takes_up_leave_nothing_behind() -> None:
    """A coordinator that goes with signals still waiting has made no coroutine for them."""
    made: list[int] = []

    async def hang(signal: Signal) -> None:
        made.append(signal.number)
        await asyncio.Event().wait()

    async def first() -> None:
        signals = SignalCoordinator()
        signals.subscribe(hang)
        for _ in range(3):
            signals.send("step")
        await settle()

    asyncio.run(first())
    gc.collect()  # a coroutine that was never awaited would complain now

    assert made == [1]


def test_without_any_loop_a_thread_does_the_work() -> None:
    """A program without an event loop gets its coroutine functions run all the same, in order."""
    signals = SignalCoordinator()
    heard: list[int] = []
    done = threading.Event()

    async def note(signal: Signal) -> None:
        await asyncio.sleep(0)
        heard.append(signal.number)
        if signal.number == 5:
            done.set()

    signals.subscribe(note)
    for _ in range(5):
        signals.send("step")

    assert done.wait(PATIENCE)
    assert heard == [1, 2, 3, 4, 5]


async def test_a_stream_gives_the_signals_from_its_beginning_on() -> None:
    """What was said before is history; leaving the block ends the stream and its subscription."""
    signals = SignalCoordinator()
    signals.send("before")

    async with signals.stream("step", workflow_id="w") as stream:
        signals.send("step", "w")
        signals.send("step", "other")
        signals.send("else", "w")
        signals.send("step", "w")
        got = [await anext(stream), await anext(stream)]
        signals.send("step", "w")  # nobody takes it

    assert [signal.number for signal in got] == [2, 5]
    signals.send("step", "w")
    assert [signal async for signal in stream] == []


async def test_a_waiting_stream_is_woken_from_a_thread() -> None:
    """A consumer that waits gets the signal of another thread, and the end as well."""
    signals = SignalCoordinator()
    stream = signals.stream()

    async def consume() -> list[str]:
        return [signal.name async for signal in stream]

    consumer = asyncio.create_task(consume())
    await settle()
    await asyncio.to_thread(signals.send, "first")
    await settle()
    await asyncio.to_thread(signals.send, "second")
    await settle()
    stream.close()
    stream.close()

    async with asyncio.timeout(PATIENCE):
        assert await consumer == ["first", "second"]


async def test_a_cancelled_wait_loses_no_signal() -> None:
    """Giving up a wait leaves the stream usable."""
    signals = SignalCoordinator()
    stream = signals.stream()

    waiting = asyncio.ensure_future(anext(stream))
    await settle()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    signals.send("step")

    assert (await anext(stream)).name == "step"
    stream.close()


async def test_only_one_task_may_wait_for_a_stream() -> None:
    """A second one is told, instead of both waiting for the same wake-up."""
    stream = SignalCoordinator().stream()
    first = asyncio.ensure_future(anext(stream))
    await settle()

    with pytest.raises(RuntimeError, match="another task"):
        await anext(stream)

    stream.close()
    with pytest.raises(StopAsyncIteration):
        await first


async def test_a_stream_that_nobody_reads_is_bounded() -> None:
    """The oldest go first, and both the stream and the coordinator count them."""
    signals = SignalCoordinator(max_pending=2)
    stream = signals.stream()

    for _ in range(5):
        signals.send("step")

    assert (stream.dropped, signals.dropped) == (3, 3)
    assert [(await anext(stream)).number for _ in range(2)] == [4, 5]
    stream.close()


def test_a_forgotten_stream_ends_with_the_next_signal() -> None:
    """A stream that was lost does not hold its place for ever."""
    signals = SignalCoordinator(max_listeners=1)
    signals.stream()
    gc.collect()

    signals.send("step")

    signals.stream().close()
