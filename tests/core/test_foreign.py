"""Exceptions that steer somebody else's control flow pass, wherever they are raised."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    InputCorrection,
    RecoveryContext,
)
from omninode_bridge.agents.workflows._foreign import FOREIGN_CONTROL_FLOW, passes_through
from omninode_bridge.testing import ScriptedCall, fails_then

Make = Callable[..., ErrorRecoveryOrchestrator]


def named(qualified: str, base: type[BaseException] = Exception) -> type[BaseException]:
    module, _, name = qualified.rpartition(".")
    return type(name, (base,), {"__module__": module})


Interrupt = named("langgraph.errors.GraphInterrupt")
ENDS: list[BaseException] = [
    asyncio.CancelledError(),
    KeyboardInterrupt(),
    SystemExit(3),
    GeneratorExit(),
    Interrupt("ask"),
    type("Derived", (Interrupt,), {"__module__": "mine"})("ask"),
    ExceptionGroup("several", [ValueError(), Interrupt("ask")]),
    BaseExceptionGroup("several", [ValueError(), KeyboardInterrupt()]),
    ExceptionGroup("outer", [ExceptionGroup("inner", [Interrupt("ask")])]),
]


@pytest.mark.parametrize("qualified", sorted(FOREIGN_CONTROL_FLOW))
def test_every_name_passes(qualified: str) -> None:
    """A class is known by its qualified name, and so is one derived from it."""
    cls = named(qualified)

    assert passes_through(cls())
    assert passes_through(type("Mine", (cls,), {})())
    assert passes_through(named(qualified, BaseException)())


@pytest.mark.parametrize(
    "error",
    [
        ValueError(),
        named("mine.errors.GraphInterrupt")(),
        named("langgraph.errors.InvalidUpdateError")(),
        named("langgraph.errorsX.GraphInterrupt")(),
        ExceptionGroup("several", [ValueError(), OSError()]),
    ],
)
def test_ordinary_errors_are_ours(error: BaseException) -> None:
    """A similar name elsewhere, or another error of the same library, is an error like others."""
    assert not passes_through(error)


def test_a_huge_group_ends() -> None:
    """The search is bounded, however deep or wide the group is."""
    error: Exception = ValueError()
    for _ in range(3000):
        error = ExceptionGroup("deeper", [error])

    assert not passes_through(error)


@pytest.mark.parametrize("end", ENDS, ids=lambda e: type(e).__name__ + str(e.args))
@pytest.mark.parametrize(
    "when", ["first run", "retry", "alternative", "degradation", "correction", "fallback"]
)
def test_it_comes_out_of_every_run(make: Make, end: BaseException, when: str) -> None:
    """From the first run and from each step's runs the very object comes out, without a note."""
    first = ValueError("no") if when != "retry" else ConnectionError("no")
    options: dict[str, Any] = {
        "alternative": {"alternatives": ["a"]},
        "degradation": {"degradation": ["use_basic_template"]},
        "correction": {"corrections": [InputCorrection("c", lambda a: {"template_id": "b"})]},
        "fallback": {"fallback": lambda **_: call.sync()},
    }.get(when, {})
    call = ScriptedCall([end] if when == "first run" else [first, end])
    orchestrator = make(base_delay=0)

    def op(template_id: str = "t_v2") -> Any:
        return call.sync(template_id)

    with pytest.raises(type(end)) as raised:
        orchestrator.with_options(**options).run_sync(op)

    assert raised.value is end
    assert not getattr(end, "__notes__", [])
    assert orchestrator.get_statistics().total_attempts == 0


@pytest.mark.parametrize("end", [e for e in ENDS if isinstance(e, Exception)], ids=repr)
@pytest.mark.parametrize("where", ["validate", "async validate", "handle_error", "given"])
async def test_it_passes_from_elsewhere(make: Make, end: Exception, where: str) -> None:
    """A check that raises it, and `handle_error` in every form, let it pass."""
    orchestrator = make(base_delay=0)

    def check(value: Any) -> None:
        raise end

    async def later(value: Any) -> None:
        raise end

    with pytest.raises(type(end)) as raised:
        if where == "validate":
            await orchestrator.with_options(validate=check).run(lambda: 1)
        elif where == "async validate":
            await orchestrator.with_options(validate=later).run(lambda: 1)
        elif where == "handle_error":
            context = RecoveryContext("w", "n", exception=ConnectionError("x"))
            await orchestrator.handle_error(context, operation=ScriptedCall([end]))
        else:
            await orchestrator.handle_error(RecoveryContext("w", "n", exception=end))

    assert raised.value is end


async def test_a_hook_that_raises_one_is_only_a_hook(make: Make) -> None:
    """Hooks are told, they do not steer: an ordinary class from one is logged like any other."""
    orchestrator = make(base_delay=0)

    @orchestrator.on_recovery_attempt
    def hook(*_: Any) -> None:
        raise ValueError("hook")

    assert await orchestrator.run(fails_then(ConnectionError("x"), 1)) == 1


@pytest.mark.parametrize(
    "qualified",
    ["celery.exceptions.Retry", "airflow.exceptions.AirflowSkipException", "click.exceptions.Exit"],
)
def test_a_signal_to_a_worker_is_not_run_again(make: Make, qualified: str) -> None:
    """It comes out of the first run as it is; nothing is retried, noted, counted or asked."""
    orchestrator = make(escalation={"priority": "low"})
    signal = named(qualified)("again in 30 s")
    runs = []

    def task() -> None:
        runs.append(1)
        raise signal

    with pytest.raises(type(signal)) as raised:
        orchestrator.run_sync(task)

    assert (raised.value, len(runs)) == (signal, 1)
    assert not hasattr(signal, "__notes__")
    assert orchestrator.get_statistics().escalated == 0
