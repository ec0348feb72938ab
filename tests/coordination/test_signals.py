"""Signals: who hears what, what is remembered, and that nothing comes back to who emits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest

from omninode_bridge.agents.coordination import Signal, SignalCoordinator
from omninode_bridge.agents.metrics import MetricsCollector
from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, Event
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.testing import FakeClock, fails_then

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def names(signals: Any) -> list[str]:
    return [signal.name for signal in signals]


def test_listeners_hear_what_they_asked_for() -> None:
    """By name, by workflow, by both, or everything; in the order of subscription."""
    signals = SignalCoordinator()
    heard: list[tuple[str, str, str]] = []

    def listen(who: str) -> Any:
        return lambda signal: heard.append((who, signal.name, signal.workflow_id))

    signals.subscribe(listen("all"))
    signals.subscribe(listen("name"), "ended")
    signals.subscribe(listen("workflow"), workflow_id="w-1")
    signals.subscribe(listen("both"), "ended", workflow_id="w-1")

    signals.send("begun", "w-1")
    signals.send("ended", "w-2")
    signals.send("ended", "w-1")

    assert heard == [
        ("all", "begun", "w-1"),
        ("workflow", "begun", "w-1"),
        ("all", "ended", "w-2"),
        ("name", "ended", "w-2"),
        ("all", "ended", "w-1"),
        ("name", "ended", "w-1"),
        ("workflow", "ended", "w-1"),
        ("both", "ended", "w-1"),
    ]


def test_an_ended_subscription_is_silent() -> None:
    """After `unsubscribe()` nothing comes; a second one finds nothing."""
    signals = SignalCoordinator()
    heard: list[Signal] = []
    receipt = signals.subscribe(heard.append)
    twin = signals.subscribe(heard.append)

    assert signals.unsubscribe(receipt) is True
    assert signals.unsubscribe(receipt) is False
    signals.send("begun")

    assert names(heard) == ["begun"]
    assert signals.unsubscribe(twin) is True


def test_the_decorator_subscribes_and_returns_the_function() -> None:
    """A decorated function stays callable."""
    signals = SignalCoordinator()
    heard: list[str] = []

    @signals.on("ended")
    def note(signal: Signal) -> None:
        heard.append(signal.name)

    signals.send("begun")
    note(signals.send("ended"))

    assert heard == ["ended", "ended"]


def test_a_signal_is_frozen_and_carries_time_and_number() -> None:
    """Time comes from outside, numbers grow by one, nothing can be changed."""
    signals = SignalCoordinator(now=lambda: NOW)

    first = signals.send("begun", "w", {"n": 1}, more=[1, {"a": 2}])
    second = signals.send("ended", "w")

    assert (first.at, first.number, second.number) == (NOW, 1, 2)
    assert first.data == {"n": 1, "more": [1, {"a": 2}]}
    assert first.get("n") == 1
    assert first.get("absent", 5) == 5
    with pytest.raises(AttributeError):
        first.name = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        first.data["n"] = 2  # type: ignore[index]


def test_data_is_a_bounded_plain_copy() -> None:
    """What is live is named by its type, what is large is cut, what the emitter changes later stays."""
    signals = SignalCoordinator()
    inner = [1]
    deep: dict[str, Any] = {}
    deepest = deep
    for _ in range(50):
        deepest["next"] = {}
        deepest = deepest["next"]

    class Live:
        def __repr__(self) -> str:
            raise RuntimeError("never looked at")

    signal = signals.send(
        "n" * 5000,
        "w" * 5000,
        {"inner": inner, "live": Live(), "text": "x" * 10_000, "many": list(range(5000))},
        deep=deep,
        at=NOW,
        exact=(1, 2),
    )
    inner.append(2)

    assert signal.data["inner"] == [1]
    assert signal.data["live"] == "<Live>"
    assert len(signal.data["text"]) == 2000
    assert signal.data["many"] == list(range(100))
    assert signal.data["at"] == NOW
    assert signal.data["exact"] == (1, 2)
    assert str(signal.data["deep"]).count("next") < 10
    assert (len(signal.name), len(signal.workflow_id)) == (200, 200)


def test_a_structure_that_contains_itself_ends() -> None:
    """Depth and number of nodes are bounded, so a cycle and a wide tree are both copied in time."""
    cycle: dict[str, Any] = {}
    cycle["self"] = cycle
    wide = {str(n): [[0] * 100] * 100 for n in range(100)}

    signal = SignalCoordinator().send("begun", data={"cycle": cycle, "wide": wide})

    assert len(str(signal.data)) < 20_000


def test_emit_takes_events_of_the_workflows() -> None:
    """Anything with name, workflow and data will do, also a signal of somebody else."""
    signals = SignalCoordinator()

    signals.emit(Event("recovery_succeeded", "w-1", {"strategy": "retry"}))
    signals.emit(signals.history()[0])

    first, second = signals.history("w-1")
    assert first.data == second.data == {"strategy": "retry"}
    assert (first.number, second.number) == (1, 2)


@pytest.mark.parametrize("name", ["", "  ", None, 5])
def test_a_signal_without_a_name_is_refused(name: Any) -> None:
    """Nothing is told or kept of it."""
    signals = SignalCoordinator()

    with pytest.raises(ConfigurationError, match="the name of a signal"):
        signals.emit(Event(name, "w"))
    assert signals.history() == ()


async def test_an_orchestrator_tells_how_recoveries_end() -> None:
    """Handed to an orchestrator, the coordinator hears of success and failure."""
    metrics = MetricsCollector()
    signals = SignalCoordinator({}, metrics)
    orchestrator = ErrorRecoveryOrchestrator(
        metrics_collector=metrics, signal_coordinator=signals, clock=FakeClock()
    )
    heard: list[Signal] = []
    signals.subscribe(heard.append)

    await orchestrator.run(fails_then(ConnectionError("reset"), "ok"))
    with pytest.raises(ConnectionError):
        await orchestrator.run(fails_then(ConnectionError("reset"), "ok", times=99))

    assert names(heard) == ["recovery_succeeded", "recovery_failed"]
    assert heard[0].get("strategy") == "retry"
    assert metrics.snapshot().counter("signals") == 2


def test_a_failing_listener_is_logged_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    """The others are told, who emits notices nothing, and the count is in the metrics too."""
    metrics = MetricsCollector()
    signals = SignalCoordinator(None, metrics)
    heard: list[Signal] = []

    def broken(signal: Signal) -> None:
        raise ValueError(signal.name)

    signals.subscribe(broken, "begun")
    signals.subscribe(heard.append)

    with caplog.at_level(logging.WARNING):
        signals.send("begun")

    (record,) = caplog.records
    assert record.message == "signals.listener_failed"
    assert record.__dict__["listener"].endswith("broken")
    assert record.__dict__["where"].startswith(__file__)
    assert record.exc_info is None
    assert names(heard) == ["begun"]
    assert signals.failures == 1
    assert metrics.snapshot().counter("signal_failures", signal="begun") == 1


def test_failing_metrics_disturb_nobody() -> None:
    """Counting is a service; whoever emits does not suffer for it."""

    class Broken:
        def increment(self, name: str, value: float = 1, *, labels: Any = None) -> None:
            raise RuntimeError(name)

    signals = SignalCoordinator(None, Broken())
    heard: list[Signal] = []
    signals.subscribe(heard.append)

    signals.send("begun")

    assert (len(heard), signals.failures) == (1, 1)


def test_an_interrupt_passes_through_a_listener() -> None:
    """What is no Exception is never caught."""
    signals = SignalCoordinator()

    def interrupted(signal: Signal) -> None:
        raise KeyboardInterrupt

    signals.subscribe(interrupted)

    with pytest.raises(KeyboardInterrupt):
        signals.send("begun")
    assert names(signals.history()) == ["begun"]


def test_signals_that_answer_signals_come_to_an_end() -> None:
    """A listener that emits what it hears is cut off after a few levels, and that is counted."""
    signals = SignalCoordinator()
    heard: list[Signal] = []

    def echo(signal: Signal) -> None:
        heard.append(signal)
        signals.send("echo")

    signals.subscribe(echo)
    signals.send("begun")

    assert len(heard) == 8
    assert signals.dropped == 1
    signals.send("begun")
    assert len(heard) == 16  # the count of levels starts anew


def test_a_listener_may_change_the_listeners() -> None:
    """Who is told is decided when the signal is emitted."""
    signals = SignalCoordinator()
    heard: list[Signal] = []

    def once(signal: Signal) -> None:
        signals.unsubscribe(receipt)
        signals.subscribe(heard.append)

    receipt = signals.subscribe(once)
    signals.send("first")
    signals.send("second")

    assert names(heard) == ["second"]


def test_history_is_bounded_by_workflow_and_by_number_of_workflows() -> None:
    """The oldest signal of a workflow goes first, and so does the workflow that was silent longest."""
    signals = SignalCoordinator(history=2, workflows=2)

    for name, workflow in (("a", "w1"), ("b", "w1"), ("c", "w2"), ("d", "w1"), ("e", "w3")):
        signals.send(name, workflow)

    assert signals.workflows() == ("w1", "w3")
    assert names(signals.history("w1")) == ["b", "d"]
    assert signals.history("w2") == ()
    assert names(signals.history()) == ["b", "d", "e"]
    assert names(signals.history("w1", "d")) == ["d"]
    assert names(signals.history(name="e")) == ["e"]
    signals.forget("w1")
    assert names(signals.history()) == ["e"]
    signals.forget()
    assert signals.history() == ()


def test_state_is_looked_at_not_copied() -> None:
    """The mapping that was given is the one that listeners see, as it is at that moment."""
    state = {"stage": 1}
    signals = SignalCoordinator(state)
    seen: list[Mapping[str, Any]] = []
    signals.subscribe(lambda signal: seen.append(signals.state_now()))

    signals.send("begun")
    state["stage"] = 2
    signals.send("ended")

    assert seen == [{"stage": 1}, {"stage": 2}]
    assert signals.state is state
    assert SignalCoordinator(MappingProxyType({"a": 1})).state_now() == {"a": 1}
    assert SignalCoordinator().state_now() == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": 5},
        {"state": ["a"]},
        {"metrics": object()},
        {"history": 0},
        {"workflows": True},
        {"max_listeners": -1},
        {"max_pending": 1.5},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    """What cannot work is told at construction."""
    with pytest.raises(ConfigurationError, match="must"):
        SignalCoordinator(**wrong)


def test_listeners_are_bounded_and_callable() -> None:
    """A further one is refused with the remedy, and so is what cannot be called."""
    signals = SignalCoordinator(max_listeners=1)

    with pytest.raises(ConfigurationError, match=r"subscribe\(callback, name\)"):
        signals.subscribe("begun")  # type: ignore[arg-type]
    receipt = signals.subscribe(print)
    with pytest.raises(ConfigurationError, match="raise max_listeners"):
        signals.subscribe(print)
    signals.unsubscribe(receipt)
    signals.subscribe(print, "never")


def test_threads_lose_no_signal() -> None:
    """Every signal of eight threads is told once and has a number of its own."""
    signals = SignalCoordinator(history=10_000)
    numbers: list[int] = []
    signals.subscribe(lambda signal: numbers.append(signal.number))

    def work(workflow: int) -> None:
        for _ in range(200):
            signals.send("step", str(workflow))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers) == list(range(1, 1601))
    assert [signal.number for signal in signals.history()] == list(range(1, 1601))
