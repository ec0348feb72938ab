"""What a journal adds: the second run of a workflow goes on from the first."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, JournalEngine
from omninode_bridge.agents.workflows.journal.workflows import cancel
from omninode_bridge.agents.workflows.staged_execution import (
    ProgressEvent,
    StagedParallelExecutor,
    StepEscalatedError,
    StepInputs,
    WorkflowStep,
)
from omninode_bridge.errors import (
    NotDurableError,
    OutcomeUnknownError,
    WorkflowCancelledError,
    WorkflowOwnedError,
)
from omninode_bridge.testing import FakeClock, fails_then

from ._engines import execute, stage, statuses, step

RAN: list[str] = []


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    RAN.clear()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def again(tmp_path: Path, clock: FakeClock) -> Iterator[Callable[[], JournalEngine]]:
    """Open the journal as the next process would."""
    opened: list[JournalEngine] = []

    def open_again() -> JournalEngine:
        for engine in opened:
            engine.close()
        opened.append(JournalEngine(tmp_path / "j.db", clock=clock))
        return opened[-1]

    yield open_again
    for engine in opened:
        engine.close()


Again = Callable[[], JournalEngine]


async def make(name: str, size: int = 1) -> dict[str, Any]:
    """Make something of arguments."""
    RAN.append("make")
    return {"name": name, "size": size}


async def use(inputs: StepInputs) -> str:
    """Use what was made."""
    RAN.append("use")
    return str(inputs["make"]["name"])


async def last(inputs: StepInputs) -> int:
    """Use what was used."""
    RAN.append("last")
    return len(inputs["use"])


def stages(
    name: str = "ann",
    *,
    made: Callable[..., Any] = make,
    version: str | None = None,
    **more: Any,
) -> list[Any]:
    """Return a chain of three steps."""
    arguments = {"name": name, **more}
    return [
        stage("a", WorkflowStep("make", made, arguments=arguments, version=version)),
        stage("b", WorkflowStep("use", use), dependencies=["a"]),
        stage("c", WorkflowStep("last", last, dependencies=["use"])),
    ]


async def test_finished_steps_do_not_run_again(again: Again, clock: FakeClock) -> None:
    """A later process gives the same results without running anything."""
    first = await execute(again(), clock, *stages())
    RAN.clear()

    second = await execute(again(), clock, *stages())

    assert RAN == []
    assert second.success
    assert dict(second.results) == dict(first.results)
    assert all(outcome.reused for outcome in second.steps.values())


async def test_other_workflows_are_apart(again: Again, clock: FakeClock) -> None:
    """Steps of the same names in another workflow run."""
    engine = again()
    await execute(engine, clock, *stages())
    RAN.clear()

    other = await execute(engine, clock, *stages(), name="w2")

    assert RAN == ["make", "use", "last"]
    assert not any(outcome.reused for outcome in other.steps.values())


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": "bob"}, "its arguments changed"),
        ({"size": 2}, "its arguments changed"),
        ({"version": "2"}, "its code or version changed"),
    ],
)
async def test_what_changed_runs_again(
    again: Again, clock: FakeClock, changed: dict[str, Any], why: str
) -> None:
    """A step runs again, and says why; what follows runs if the result is another one."""
    await execute(again(), clock, *stages())
    RAN.clear()

    result = await execute(again(), clock, *stages(**changed))

    outcomes = result.steps
    assert outcomes["make"].stale == why
    assert not outcomes["make"].reused
    if "version" in changed:  # the result is the same, so nothing follows from it
        assert RAN == ["make"]
        assert outcomes["use"].reused
    else:
        assert RAN[:2] == ["make", "use"]
        assert outcomes["use"].stale == "its inputs changed"


async def test_the_order_of_arguments_does_not_count(again: Again, clock: FakeClock) -> None:
    """Arguments are the same in another order, at any depth."""
    one = {"name": "ann", "size": {"a": [1, {"x": 1, "y": 2}], "b": 2}}
    two = {"size": {"b": 2, "a": [1, {"y": 2, "x": 1}]}, "name": "ann"}
    await execute(again(), clock, stage("a", WorkflowStep("make", make, arguments=one)))

    result = await execute(again(), clock, stage("a", WorkflowStep("make", make, arguments=two)))

    assert result.steps["make"].reused


async def test_changed_code_runs_again(again: Again, clock: FakeClock) -> None:
    """Another function under the same step is not taken for the first one."""

    async def other(name: str) -> dict[str, Any]:
        RAN.append("other")
        return {"name": name, "size": 1}

    await execute(again(), clock, *stages())
    RAN.clear()

    result = await execute(again(), clock, *stages(made=other))

    assert RAN == ["other"]
    assert result.steps["make"].stale == "its code or version changed"
    assert result.steps["use"].reused  # the result is the same


async def test_what_failed_runs_again_and_what_was_done_does_not(
    again: Again, clock: FakeClock
) -> None:
    """The next run begins with what failed."""
    call = fails_then(ValueError("no"), 1)

    async def flaky() -> Any:
        RAN.append("flaky")
        return await call()

    both = stage("a", WorkflowStep("make", make, arguments={"name": "x"}), step("flaky", flaky))
    first = await execute(again(), clock, both)
    RAN.clear()

    second = await execute(again(), clock, both)

    assert statuses(first) == {"make": "done", "flaky": "failed"}
    assert RAN == ["flaky"]
    assert second.steps["make"].reused
    assert second.results["flaky"] == 1


async def test_steps_may_be_added_and_taken_away(again: Again, clock: FakeClock) -> None:
    """A definition may grow and shrink: steps are known by their names."""
    await execute(again(), clock, *stages())
    RAN.clear()

    grown = await execute(
        again(), clock, *stages(), stage("d", WorkflowStep("more", make, arguments={"name": "z"}))
    )
    shrunk = await execute(again(), clock, *stages()[:1])

    assert RAN == ["make"]
    assert grown.steps["last"].reused
    assert not grown.steps["more"].reused
    assert shrunk.steps["make"].reused


async def test_a_result_is_what_will_be_read_again(again: Again, clock: FakeClock) -> None:
    """A step's result is a copy on the first run too, so that nobody changes what is kept."""
    kept: list[dict[str, Any]] = []

    async def make_list() -> dict[str, Any]:
        kept.append({"items": [1]})
        return kept[0]

    async def change(inputs: StepInputs) -> int:
        kept[0]["items"].append(2)
        return len(inputs["make"]["items"])

    result = await execute(
        again(),
        clock,
        stage("a", step("make", make_list), step("c", change, dependencies=["make"])),
    )

    assert result.results["c"] == 1
    assert result.results["make"] == {"items": [1]}


@pytest.mark.parametrize(
    "value",
    [(1, 2), {1, 2}, b"x", object(), float("nan"), {1: "a"}, "\ud800", {"a": [{"b": (1,)}]}],
    ids=["tuple", "set", "bytes", "object", "nan", "number as key", "half a character", "deep"],
)
async def test_what_is_not_plain_fails_the_step(again: Again, clock: FakeClock, value: Any) -> None:
    """A result that would come back as something else is refused, with its path; others go on."""

    async def odd() -> Any:
        return value

    result = await execute(
        again(),
        clock,
        stage("a", step("odd", odd), WorkflowStep("m", make, arguments={"name": "x"})),
    )

    assert statuses(result) == {"odd": "failed", "m": "done"}
    assert isinstance(result.steps["odd"].error, NotDurableError)
    assert "the result of step 'a/odd'" in result.steps["odd"].error_message


async def test_what_nobody_can_see_is_refused_before_anything_runs(
    again: Again, clock: FakeClock
) -> None:
    """Closures, bound methods, partials and objects need a version; arguments must be plain."""
    note = "closed over"

    async def closure() -> str:
        return note

    class Maker:
        async def make(self) -> int:
            return 1

        async def __call__(self) -> int:
            return 1

    odd = [closure, Maker().make, Maker(), functools.partial(make, "x")]
    for operation in odd:
        first = WorkflowStep("first", make, arguments={"name": "x"})
        with pytest.raises(NotDurableError, match="the operation of step 'odd' is"):
            await execute(again(), clock, stage("a", first, WorkflowStep("odd", operation)))
    with pytest.raises(NotDurableError, match="arguments of step 's'"):
        await execute(again(), clock, stage("a", WorkflowStep("s", make, arguments={"name": (1,)})))

    assert RAN == []
    allowed = await execute(
        again(), clock, *(stage(f"s{n}", step(f"o{n}", o)) for n, o in enumerate(odd))
    )
    assert allowed.success


async def test_one_owner_at_a_time(again: Again, clock: FakeClock) -> None:
    """A workflow that runs is nobody else's; another one is free, and so is this one afterwards."""
    engine = again()
    begun, go = asyncio.Event(), asyncio.Event()

    async def wait() -> int:
        begun.set()
        await go.wait()
        return 1

    running = asyncio.create_task(execute(engine, clock, stage("a", step("s", wait))))
    await begun.wait()
    with pytest.raises(WorkflowOwnedError, match="in this process already"):
        await execute(engine, clock, stage("a", step("s", wait)))
    other = await execute(engine, clock, *stages(), name="w2")
    go.set()
    result = await running
    after = await execute(engine, clock, stage("a", step("s", wait)))

    assert other.success
    assert result.results["s"] == 1
    assert after.steps["s"].reused


async def test_a_cancelled_workflow_stops_at_its_next_write(again: Again, clock: FakeClock) -> None:
    """The owner notices; what was done is kept, and the workflow is not begun again."""
    engine = again()

    async def stop() -> int:
        cancel(engine.file, "w")
        return 1

    chain = [stage("a", step("one", stop)), stage("b", step("two", use), dependencies=["a"])]
    with pytest.raises(WorkflowCancelledError):
        await execute(engine, clock, *chain)
    with pytest.raises(WorkflowCancelledError):
        await execute(again(), clock, *chain)

    assert RAN == []


async def test_what_kills_its_process_is_not_begun_for_ever(again: Again, clock: FakeClock) -> None:
    """After three beginnings without an end nobody knows what happened, and that is said once."""

    class Death(BaseException):
        """Stands for the end of the process."""

    async def deadly() -> None:
        RAN.append("deadly")
        raise Death

    chain = stage("a", step("deadly", deadly), step("after", use, dependencies=["deadly"]))
    for _ in range(3):
        with pytest.raises(Death):
            await execute(again(), clock, chain)

    result = await execute(again(), clock, chain)

    assert RAN == ["deadly"] * 3
    assert statuses(result) == {"deadly": "failed", "after": "skipped"}
    assert isinstance(result.steps["deadly"].error, OutcomeUnknownError)
    assert "was begun 3 times and never came to an end" in result.steps["deadly"].error_message
    with pytest.raises(Death):  # whoever runs it again means it
        await execute(again(), clock, chain)


async def test_nothing_is_told_before_it_is_written(again: Again, clock: FakeClock) -> None:
    """Progress speaks of what a later process would know, too."""
    engine = again()
    told: list[tuple[str, str | None, str | None]] = []

    def look(event: ProgressEvent) -> None:
        def read(connection: Any) -> str | None:
            row = connection.execute(
                "SELECT status FROM steps WHERE key = ?", (f"{event.stage_id}/{event.step_id}",)
            ).fetchone()
            return None if row is None else str(row[0])

        if event.step_id is not None:
            told.append((event.name, event.step_id, engine.file.read(read)))

    await execute(engine, clock, *stages(), on_progress=look)

    assert told == [
        (name, key, status)
        for key in ("make", "use", "last")
        for name, status in (("step_started", "started"), ("step_finished", "done"))
    ]


async def test_the_end_of_a_step_and_the_next_beginning_are_one_write(
    tmp_path: Path, clock: FakeClock
) -> None:
    """A chain of steps costs one transaction a step, besides opening and closing."""
    names: list[str] = []
    with JournalEngine(tmp_path / "j.db", clock=clock, boundary=names.append) as engine:
        names.clear()

        await execute(engine, clock, *stages())

    assert names.count("committed") == 1 + 3 + 1 + 1  # opened; begun; the last one ended; closed


async def test_a_step_that_asked_goes_on_when_it_was_answered(
    again: Again, clock: FakeClock
) -> None:
    """A paused workflow is run again; steps that were done are not, the one that asked is."""
    answered: list[bool] = []

    async def asks() -> str:
        RAN.append("asks")
        if not answered:
            raise StepEscalatedError("wait", escalation_id="esc_1")
        return "answered"

    chain = [*stages()[:1], stage("q", step("asks", asks), dependencies=["a"])]
    first = await execute(again(), clock, *chain)
    answered.append(True)
    RAN.clear()

    second = await execute(again(), clock, *chain)

    assert statuses(first) == {"make": "done", "asks": "escalated"}
    assert RAN == ["asks"]
    assert second.results["asks"] == "answered"


async def test_a_call_that_was_recovered_is_not_made_again(again: Again, clock: FakeClock) -> None:
    """A step that is cut off after a recovery goes on behind it."""
    call = fails_then(ConnectionError("reset"), {"n": 1})

    class Death(BaseException):
        """Stands for the end of the process."""

    alive: list[bool] = []

    def work_with(engine: JournalEngine) -> Any:
        orchestrator = ErrorRecoveryOrchestrator(clock=clock, engine=engine, jitter="none")

        async def work() -> Any:
            value = await orchestrator.run(call)
            if not alive:
                raise Death
            return value

        return stage("a", step("s", work))

    engine = again()
    with pytest.raises(Death):
        await execute(engine, clock, work_with(engine))
    alive.append(True)
    engine = again()

    result = await execute(engine, clock, work_with(engine))

    assert result.results["s"] == {"n": 1}
    assert len(call.calls) == 2


async def test_recoveries_outside_of_workflows_are_recorded(again: Again, clock: FakeClock) -> None:
    """A call that recovers on its own leaves an account in the journal, one each time."""
    engine = again()
    orchestrator = ErrorRecoveryOrchestrator(clock=clock, engine=engine, jitter="none")

    for _ in range(2):
        await orchestrator.with_options(workflow_id="x", node_name="n").run(
            fails_then(ConnectionError("reset"), 1)
        )

    rows = engine.file.read(
        lambda c: c.execute(
            "SELECT workflow_id, node_name, status, strategy FROM recoveries"
        ).fetchall()
    )
    assert rows == [("x", "n", "recovered", "retry")] * 2


async def test_an_engine_serves_many_workflows_at_once(again: Again, clock: FakeClock) -> None:
    """Any number of workflows run on one engine, in one loop and in several threads."""
    engine = again()
    executor = StagedParallelExecutor(clock=clock, engine=engine)
    names = [f"w{n}" for n in range(10)]

    here = await asyncio.gather(*(executor.execute_workflow(name, stages()) for name in names))

    def there(name: str) -> bool:
        return asyncio.run(executor.execute_workflow(f"t{name}", stages())).success

    elsewhere = await asyncio.gather(*(asyncio.to_thread(there, name) for name in names))

    assert all(result.success for result in here)
    assert all(elsewhere)
    assert len(RAN) == 60
