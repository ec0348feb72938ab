"""One orchestrator, many threads and loops: each recovery its own answer, and the counters add up."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from typing import Any

from omninode_bridge.agents.workflows import (
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryStrategy,
)
from omninode_bridge.testing import FakeClock

RECOVERIES = 1000
SYNC_THREADS = 6
LOOPS = 2


class Shaky:
    """A call that fails as often as its number says, by retries or until it is changed."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.left = 99 if n % 4 == 3 else n % 4 + 1  # three retries are enough, or nothing is
        self.runs = 0

    def sync(self, n: int, template_id: str = "t0") -> tuple[int, str]:
        self.runs += 1
        if self.n % 3 == 0 and template_id != "t1":
            raise ValueError(f"number {self.n} needs another template")
        if self.n % 3 and self.left:
            self.left -= 1
            raise ConnectionError(f"number {self.n} is down")
        return n, template_id

    async def later(self, n: int, template_id: str = "t0") -> tuple[int, str]:
        await asyncio.sleep(0)
        return self.sync(n, template_id)

    def expected(self) -> tuple[int, str] | None:
        """Return the value, or None where nothing helps."""
        if self.n % 3 == 0:
            return self.n, "t1"
        return (self.n, "t0") if self.n % 4 < 3 else None


def test_a_thousand_recoveries_at_once() -> None:
    """By every way in, over two loops and eight threads, while patterns, hooks and strategies change."""
    orchestrator = ErrorRecoveryOrchestrator(clock=FakeClock(), base_delay=0.001)
    runs = orchestrator.with_options(alternatives=["t1"])
    told: Counter[str] = Counter()
    lock = threading.Lock()
    wrong: list[Any] = []
    stop = threading.Event()

    @orchestrator.on_recovery_success
    def success(result: Any) -> None:
        with lock:
            told["success"] += 1

    @orchestrator.on_recovery_failure
    async def failure(result: Any) -> None:
        with lock:
            told["failure"] += 1

    def note(call: Shaky, value: Any) -> None:
        if value != call.expected():
            wrong.append((call.n, value))

    def by_run_sync(n: int) -> None:
        call = Shaky(n)
        try:
            note(call, runs.run_sync(call.sync, n))
        except ConnectionError as error:
            note(call, None if f"number {n} " in str(error) else error)

    async def by_run(n: int) -> None:
        call = Shaky(n)
        try:
            note(call, await runs.run(call.later, n))
        except ConnectionError as error:
            note(call, None if f"number {n} " in str(error) else error)

    async def by_handle_error(n: int) -> None:
        call = Shaky(n)
        try:
            await call.later(n)
        except Exception as error:
            result = await orchestrator.handle_error(
                RecoveryContext(
                    f"w{n}",
                    "n",
                    exception=error,
                    state={"n": n},
                    metadata={"alternatives": ["t1"]} if n % 3 == 0 else {},
                ),
                operation=call.later,
            )
            note(call, result.result)

    def sync_thread(first: int) -> None:
        for n in range(first, RECOVERIES // 2, SYNC_THREADS):
            by_run_sync(n)

    def loop_thread(first: int) -> None:
        async def main() -> None:
            ways = (by_run, by_handle_error)
            numbers = range(RECOVERIES // 2 + first, RECOVERIES, LOOPS)
            await asyncio.gather(*(ways[n // 2 % 2](n) for n in numbers))

        asyncio.run(main())

    def meddle() -> None:
        rng = random.Random(5)
        count = 0
        while not stop.is_set():
            count += 1
            name = f"p{rng.randrange(20)}"
            pattern = ErrorPattern(
                name, ErrorType.NETWORK, f"nothing like {name}", RecoveryStrategy.RETRY
            )
            orchestrator.add_error_pattern(pattern)
            if count % 3 == 0:
                orchestrator.remove_error_pattern(name)
            orchestrator.operation(f"node{count % 10}")(meddle)
            orchestrator.get_statistics()

    threads = [threading.Thread(target=sync_thread, args=(n,)) for n in range(SYNC_THREADS)]
    threads += [threading.Thread(target=loop_thread, args=(n,)) for n in range(LOOPS)]
    meddler = threading.Thread(target=meddle)
    meddler.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    meddler.join()

    expected = [Shaky(n).expected() for n in range(RECOVERIES)]
    failures = expected.count(None)
    stats = orchestrator.get_statistics()
    assert wrong == []
    assert stats.total_attempts == RECOVERIES
    assert stats.success_rate == (RECOVERIES - failures) / RECOVERIES
    assert told == {"success": RECOVERIES - failures, "failure": failures}
    assert stats.error_type_counts == {
        ErrorType.VALIDATION: sum(n % 3 == 0 for n in range(RECOVERIES)),
        ErrorType.NETWORK: sum(n % 3 != 0 for n in range(RECOVERIES)),
    }
    assert stats.hook_failures == 0


def test_patterns_changed_by_many_threads_are_all_there() -> None:
    """No registration is lost, and each reader sees a whole configuration."""
    orchestrator = ErrorRecoveryOrchestrator(clock=FakeClock())
    before = len(orchestrator.patterns)

    def add(first: int) -> None:
        for n in range(25):
            orchestrator.add_error_pattern(
                ErrorPattern(
                    f"p{first}_{n}", ErrorType.NETWORK, f"word{first}x{n}y", RecoveryStrategy.RETRY
                )
            )
            assert orchestrator.match_error_pattern(f"word{first}x{n}y") is not None

    threads = [threading.Thread(target=add, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(orchestrator.patterns) == before + 200


def test_one_orchestrator_in_one_loop_after_another() -> None:
    """Nothing of it belongs to a loop that has ended."""
    orchestrator = ErrorRecoveryOrchestrator(
        clock=FakeClock(),
        escalation={"pause_workflow": True, "timeout": 1},
        enable_notifications=False,
    )

    async def once(n: int) -> Any:
        call = Shaky(n)
        return await orchestrator.run(call.later, n)

    async def ask() -> Any:
        context = RecoveryContext("w", "n", exception=PermissionError("x"))
        return (await orchestrator.handle_error(context)).success

    for _ in range(3):
        assert asyncio.run(once(1)) == (1, "t0")
        assert asyncio.run(ask()) is False
