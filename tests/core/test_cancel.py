"""Cancelling, interrupting and exiting at every point where a recovery waits."""

from __future__ import annotations

import asyncio
import signal
import threading
import types
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    BaseRecoveryStrategy,
    Decision,
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    InputCorrection,
    RecoveryContext,
    RecoveryResult,
    SystemClock,
    _blocking,
)
from omninode_bridge.testing import FakeClock, RecordingNotifier

BROKEN = "def f(x)\n    return x\n"
Begin = Callable[["Case"], Coroutine[Any, Any, Any]]


class Case:
    """One orchestrator and a call that suspends; remembers what went on."""

    def __init__(self, **settings: Any) -> None:
        self.clock = settings.pop("clock", None) or FakeClock()
        self.settings = settings
        self.orchestrator = ErrorRecoveryOrchestrator(
            clock=self.clock, jitter="none", enable_notifications=False, **settings
        )
        self.ended: list[RecoveryResult] = []
        self.runs = 0
        self.open = 0

    async def op(self, template_id: str = "t_v2", error: type[Exception] = ConnectionError) -> None:
        """Suspend twice and fail."""
        self.runs += 1
        self.open += 1
        try:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        finally:
            self.open -= 1
        raise error("no")

    async def wrong(self, template_id: str = "t_v2") -> None:
        """Fail with an error that stays."""
        await self.op(template_id, ValueError)

    def plain(self, template_id: str = "t_v2") -> None:
        """Fail in a worker thread."""
        self.runs += 1
        raise ConnectionError("no")

    def hook(self, *args: Any) -> Any:
        """Suspend; note the end where it is told."""
        if isinstance(args[0], RecoveryResult):
            self.ended.append(args[0])
        return asyncio.sleep(0)


class SlowNotifier(RecordingNotifier):
    """A channel that takes a moment."""

    async def send(self, report: Any) -> Any:
        await asyncio.sleep(0)
        return await super().send(report)


class Waiting(BaseRecoveryStrategy):
    """A user's strategy that waits, runs the call, and catches errors as the guide does."""

    def __init__(self) -> None:
        super().__init__("custom")

    async def execute(
        self, context: RecoveryContext, operation: Any, **kwargs: Any
    ) -> RecoveryResult:
        await asyncio.sleep(0)
        try:
            await operation()
        except Exception as error:
            return RecoveryResult.failed(self.strategy_type, str(error))
        return RecoveryResult.recovered(self.strategy_type, 1)


CASES: dict[str, tuple[dict[str, Any], Begin]] = {}


def case(name: str, **settings: Any) -> Callable[[Begin], Begin]:
    def register(begin: Begin) -> Begin:
        CASES[name] = (settings, begin)
        return begin

    return register


@case("retry")
def _(c: Case) -> Any:
    return c.orchestrator.run(c.op)


@case("retry, a function in a thread")
def _(c: Case) -> Any:
    return c.orchestrator.run(c.plain)


@case("retry, after the fact")
def _(c: Case) -> Any:
    context = RecoveryContext("w", "n", exception=ConnectionError("x"))
    return c.orchestrator.handle_error(context, operation=c.op)


@case("retry, decorated")
def _(c: Case) -> Any:
    return c.orchestrator.recoverable(c.op)()


@case("alternatives")
def _(c: Case) -> Any:
    return c.orchestrator.with_options(alternatives=["a", c.plain, "b"]).run(c.wrong)


@case("alternatives, all of them")
def _(c: Case) -> Any:
    c.orchestrator.register_strategy("alternative_path", all_alternatives())
    return c.orchestrator.run(c.wrong)


def all_alternatives() -> Any:
    from omninode_bridge.agents.workflows import AlternativePathStrategy

    async def works() -> str:
        return "value"

    async def waits() -> None:
        await asyncio.sleep(0)

    return AlternativePathStrategy([works, waits, waits], stop_on_first_success=False)


@case("degradation and fallback")
def _(c: Case) -> Any:
    runs = c.orchestrator.with_options(
        strategy="graceful_degradation", degradation=["use_basic_template"], fallback=c.op
    )
    return runs.run(c.wrong)


@case("correction of input")
def _(c: Case) -> Any:
    correction = InputCorrection("spell", lambda arguments: {"template_id": "b"})
    return c.orchestrator.with_options(strategy="error_correction", corrections=[correction]).run(
        c.wrong
    )


@case("correction of code")
def _(c: Case) -> Any:
    async def check(code: str) -> None:
        await asyncio.sleep(0)
        compile(code, "x", "exec")
        raise SyntaxError("still")

    return c.orchestrator.with_options(strategy="error_correction").run(check, BROKEN)


@case("escalation, paused", clock=SystemClock, escalation={"pause_workflow": True, "timeout": 0.01})
def _(c: Case) -> Any:
    return c.orchestrator.run(c.wrong)


@case(
    "escalation, two channels",
    notifiers={"a": SlowNotifier("a"), "b": SlowNotifier("b")},
    notify=True,
)
def _(c: Case) -> Any:
    context = RecoveryContext("w", "n", exception=PermissionError("x"))
    return c.orchestrator.handle_error(context)


@case("a human's retry", clock=SystemClock, escalation={"pause_workflow": True, "timeout": 60})
def _(c: Case) -> Any:
    async def answered() -> Any:
        async def answer() -> None:
            while not (rows := await c.orchestrator.escalations.list("open")):  # noqa: ASYNC110
                await asyncio.sleep(0)
            await c.orchestrator.escalations.resolve(rows[0].id, Decision.retry(), by="ann")

        task = asyncio.create_task(answer())
        try:
            return await c.orchestrator.run(c.wrong)
        finally:
            task.cancel()

    return answered()


@case("hooks")
def _(c: Case) -> Any:
    return c.orchestrator.with_options(retry={"max_retries": 1}, on_result=c.hook).run(c.op)


@case("validation")
def _(c: Case) -> Any:
    async def value(template_id: str = "a") -> str:
        return "bad"

    async def check(value: str) -> bool:
        await asyncio.sleep(0)
        return False

    return c.orchestrator.with_options(validate=check, alternatives=["b"]).run(value)


@case("attempts in time")
def _(c: Case) -> Any:
    return c.orchestrator.with_options(attempt_timeout=60).run(c.op)


@case("a user's strategy")
def _(c: Case) -> Any:
    c.orchestrator.register_strategy("custom", Waiting())
    c.orchestrator.add_error_pattern(ErrorPattern("p", ErrorType.CUSTOM, "ValueError", "custom"))  # type: ignore[arg-type]
    return c.orchestrator.run(c.wrong)


@case("a stream")
def _(c: Case) -> Any:
    @c.orchestrator.recoverable
    async def stream() -> AsyncIterator[int]:
        await c.op()
        yield 1

    async def read() -> list[int]:
        return [item async for item in stream()]

    return read()


class Outcome:
    """How a driven coroutine ended."""

    def __init__(self) -> None:
        self.points = 0
        self.thrown = False
        self.error: BaseException | None = None


@types.coroutine
def drive(
    coroutine: Any, at: int, end: BaseException, outcome: Outcome
) -> Generator[Any, Any, None]:
    """Send until the suspension number `at`, throw there, and let it clean up."""
    step: Callable[[], Any] = lambda: coroutine.send(None)  # noqa: E731
    try:
        while True:
            yielded = step()
            if outcome.points == at:
                outcome.thrown = True
                outcome.points += 1
                if yielded is not None:  # nobody waits for it any more
                    yielded.add_done_callback(lambda f: f.cancelled() or f.exception())
                    if isinstance(end, asyncio.CancelledError):
                        yielded.cancel()  # as a task does
                step = lambda: coroutine.throw(end)  # noqa: E731
                continue
            outcome.points += 1
            try:
                yield yielded
            except BaseException as error:
                step = lambda error=error: coroutine.throw(error)  # noqa: E731
            else:
                step = lambda: coroutine.send(None)  # noqa: E731
    except StopIteration:
        return
    except BaseException as error:
        outcome.error = error
    finally:
        coroutine.close()


def run_case(name: str, at: int, end: BaseException) -> tuple[Case, Outcome]:
    settings, begin = CASES[name]
    settings = dict(settings)
    clock = settings.pop("clock", None)
    notify = settings.pop("notify", False)
    it = Case(clock=clock() if clock else None, **settings)
    if notify:
        it.orchestrator = ErrorRecoveryOrchestrator(clock=SystemClock(), **settings)
    for add in (
        it.orchestrator.on_recovery_attempt,
        it.orchestrator.on_recovery_success,
        it.orchestrator.on_recovery_failure,
    ):
        add(it.hook)
    outcome = Outcome()

    async def main() -> None:
        before = asyncio.all_tasks()
        await drive(begin(it), at, end, outcome)
        for _ in range(10):
            await asyncio.sleep(0)  # what was cancelled ends
        assert asyncio.all_tasks() == before

    asyncio.run(main())
    return it, outcome


ENDS = [asyncio.CancelledError, KeyboardInterrupt, GeneratorExit, SystemExit]


@pytest.mark.parametrize("kind", ENDS)
@pytest.mark.parametrize("name", CASES)
def test_it_comes_out_at_every_point(name: str, kind: type[BaseException]) -> None:
    """Thrown wherever the recovery suspends, it comes out, and nothing stays behind."""
    threads = set(threading.enumerate())
    at = 0
    while True:
        end = kind("thrown")
        it, outcome = run_case(name, at, end)
        if not outcome.thrown:
            break
        assert outcome.error is end, f"at point {at}: {outcome.error!r}"
        assert it.open == 0
        assert not len(it.orchestrator.escalations._waiters)  # type: ignore[attr-defined]
        assert it.orchestrator.get_statistics().total_attempts == bool(it.ended)
        assert not getattr(end, "__notes__", [])
        at += 1

    assert at == outcome.points >= 2  # without a throw it ran to its end
    assert set(threading.enumerate()) - threads == set()


@pytest.mark.parametrize("name", CASES)
def test_closing_leaves_nothing(name: str) -> None:
    """A coroutine that is closed in the middle ends without a word and without a task of its own."""
    settings, _ = CASES[name]
    if settings.get("notify"):
        pytest.skip("two channels are two tasks, which only a loop can end")

    for at in range(50):
        it, done = close_at(name, at)
        assert it.open == 0
        assert not len(it.orchestrator.escalations._waiters)  # type: ignore[attr-defined]
        if done:
            return
    raise AssertionError("it never ended")


def close_at(name: str, at: int) -> tuple[Case, bool]:
    settings, begin = CASES[name]
    settings = dict(settings)
    clock = settings.pop("clock", None)
    it = Case(clock=clock() if clock else None, **settings)
    done = False

    @types.coroutine
    def close(coroutine: Any) -> Generator[Any, Any, None]:
        nonlocal done
        try:
            yielded = coroutine.send(None)
            for _ in range(at):
                yield yielded
                yielded = coroutine.send(None)
        except BaseException:
            done = True
            return
        coroutine.close()

    async def main() -> None:
        await close(begin(it))
        for _ in range(3):
            await asyncio.sleep(0)

    asyncio.run(main())
    return it, done


async def test_a_real_cancel_reaches_a_wait() -> None:
    """`task.cancel()` during a wait between retries ends the task as cancelled."""
    waiting = asyncio.Event()

    class Clock(FakeClock):
        async def sleep(self, seconds: float) -> None:
            waiting.set()
            await asyncio.Event().wait()

    it = Case(clock=Clock())
    task = asyncio.create_task(it.orchestrator.run(it.op))
    await waiting.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()
    assert it.runs == 1
    assert it.orchestrator.get_statistics().total_attempts == 0


async def test_a_timeout_around_a_recovery_works() -> None:
    """`asyncio.timeout` of the caller ends a recovery that waits for a human."""
    it = Case(clock=SystemClock(), escalation={"pause_workflow": True})

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await it.orchestrator.run(it.wrong)

    assert not len(it.orchestrator.escalations._waiters)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
@pytest.mark.parametrize("where", ["call", "wait", "hook", "check"])
def test_run_sync_lets_everything_pass(kind: type[BaseException], where: str) -> None:
    """Raised in the call, in a wait, in a hook or in the check, it comes out of `run_sync`."""
    end = kind("thrown")
    it = Case()
    calls = 0

    def op() -> str:
        nonlocal calls
        calls += 1
        if where == "call" and calls == 2:
            raise end
        if where == "check":
            return "bad"
        raise ConnectionError("x")

    def check(value: str) -> None:
        raise end

    if where == "wait":
        it.clock.sleep_blocking = lambda seconds: (_ for _ in ()).throw(end)
    if where == "hook":
        it.orchestrator.on_recovery_attempt(lambda *_: (_ for _ in ()).throw(end))
    options: Any = {"validate": check} if where == "check" else {}

    with pytest.raises(kind) as raised:
        it.orchestrator.with_options(**options).run_sync(op)

    assert raised.value is end
    assert it.orchestrator.get_statistics().total_attempts == 0


@pytest.mark.parametrize("under_a_loop", [False, True])
def test_ctrl_c_ends_a_pause_of_run_sync(
    under_a_loop: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupt ends the wait for a human at once, with its thread, and comes out."""
    it = Case(clock=SystemClock(), escalation={"pause_workflow": True, "timeout": 30})
    threads = set(threading.enumerate())
    store: Any = it.orchestrator.escalations
    wait, asked, news = store.wait, threading.Event(), threading.Event()
    pressed: list[int] = []

    def tell() -> None:
        asked.set()
        news.set()

    async def waits(*args: Any) -> Any:
        loop = asyncio.get_running_loop()
        loop.call_soon(tell if under_a_loop else interrupt)  # once it really waits
        return await wait(*args)

    monkeypatch.setattr(store, "wait", waits)

    class Ended(threading.Event):
        """The end of work in another thread; the interrupt comes while this one waits for it."""

        def set(self) -> None:
            super().set()
            news.set()

        def wait(self, timeout: float | None = None) -> bool:
            if threading.current_thread() is threading.main_thread() and not pressed:
                while not (self.is_set() or asked.is_set()):
                    assert news.wait(10)
                    news.clear()
                if not self.is_set():
                    pressed.append(1)
                    interrupt()
            return super().wait(timeout)

    if under_a_loop:
        ours = types.SimpleNamespace(Event=Ended, Thread=threading.Thread)
        monkeypatch.setattr(_blocking, "threading", ours)

    def fail() -> None:
        raise PermissionError("x")

    async def inside() -> None:
        it.orchestrator.run_sync(fail)

    with pytest.raises(KeyboardInterrupt):
        if under_a_loop:
            loop = asyncio.new_event_loop()
            try:
                loop.run_until_complete(inside())
            finally:
                loop.close()
        else:
            it.orchestrator.run_sync(fail)

    assert asked.is_set() == under_a_loop
    assert not len(store._waiters)
    assert set(threading.enumerate()) - threads == set()


def interrupt() -> None:
    """Press Ctrl-C."""
    signal.raise_signal(signal.SIGINT)


async def test_a_cancellation_within_a_hook_passes() -> None:
    """A hook that waits for something cancelled ends the recovery as a cancellation does: nothing is counted."""
    it = Case()
    helper = asyncio.create_task(asyncio.Event().wait())
    helper.cancel()

    @it.orchestrator.on_recovery_attempt
    async def waits_for_it(*_: Any) -> None:
        await helper

    with pytest.raises(asyncio.CancelledError):
        await it.orchestrator.run(it.op)

    statistics = it.orchestrator.get_statistics()
    assert it.runs == 1
    assert (statistics.total_attempts, statistics.hook_failures) == (0, 0)
