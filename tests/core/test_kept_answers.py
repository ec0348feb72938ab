"""A question to a human outlives the process that asked: the answer is found and applied once."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import Decision, JournalEngine
from omninode_bridge.agents.workflows._climb import Climb
from omninode_bridge.testing import FakeClock

from ._cuts import Cut, Cutter, Work, World
from .test_kept_cuts import ended

RETRY: dict[str, Any] = {"max_retries": 1, "base_delay": 2.0, "jitter": "none"}
LADDER = {"strategy": "retry", "fallback_strategies": ["escalation"], "retry": RETRY}
SCRIPT = [ConnectionError("reset"), ConnectionError("again"), "by ann"]
ANSWERS: dict[str, tuple[Decision, tuple[str, Any]]] = {
    "retry": (Decision.retry(), ("done", "by ann")),
    "edit": (Decision.edit({"model": "small"}), ("done", "by ann")),
    "value": (Decision.value({"from": "ann"}), ("done", {"from": "ann"})),
    "skip": (Decision.skip(), ("skipped", None)),
    "abort": (Decision.abort(), ("aborted", None)),
}


class PatientClock(FakeClock):
    """Waits for a human for ever, and for everything else not at all."""

    async def sleep(self, seconds: float) -> None:
        if seconds > RETRY["base_delay"]:
            await asyncio.Event().wait()
        await super().sleep(seconds)


def a_world(folder: Path, climbs: list[Climb], *, pause: bool) -> World:
    """Return a world whose ladder ends with a human."""
    folder.mkdir(exist_ok=True)
    settings = {"enable_notifications": False, "escalation": {"pause_workflow": pause}}
    return World(folder / "j.db", FakeClock(), climbs, settings, dict(LADDER))


def answer(world: World, decision: Decision) -> None:
    """Answer as another process would."""

    async def main() -> None:
        with JournalEngine(world.path, clock=world.clock) as engine:
            [row] = await engine.escalations.list("open")
            await engine.escalations.resolve(row.id, decision, by="ann")

    asyncio.run(main())


def rows(world: World) -> list[tuple[str, str | None]]:
    """Return the escalations: status and who took the answer."""
    with closing(sqlite3.connect(world.path)) as connection:
        return connection.execute("SELECT status, decision FROM escalations").fetchall()


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_while_nobody_runs(name: str, tmp_path: Path, climbs: list[Climb]) -> None:
    """The workflow ends as paused; it is answered; the next run applies that, and retries nothing."""
    decision, expected = ANSWERS[name]
    world = a_world(tmp_path, climbs, pause=False)
    work = Work(climbs, SCRIPT, world.clock)

    first = ended(world.live(work))
    answer(world, decision)
    before = list(work.runs)
    second = ended(world.live(work))
    after, asked, given = work.runs[2:], rows(world), work.given[-1]
    third = ended(world.live(work))

    assert first[0] == "escalated"
    assert before == [0, 1]
    assert second[:2] == expected
    assert after == ([2] if name in ("retry", "edit") else [])
    if name == "edit":
        assert given["model"] == "small"
    assert asked == [("resolved", name)]
    if expected[0] == "done":
        assert third == second


@pytest.mark.parametrize("name", ["edit", "value"])
def test_cut_off_while_an_answer_is_applied(name: str, tmp_path: Path, climbs: list[Climb]) -> None:
    """Wherever the run that applies an answer is cut off, the next one applies the same answer."""
    decision, expected = ANSWERS[name]
    whole, counter = a_world(tmp_path / "whole", climbs, pause=False), Cutter()
    work = Work(climbs, SCRIPT, whole.clock)
    whole.live(work)
    answer(whole, decision)
    whole.live(work, counter)

    for at in range(1, counter.count + 1):
        world = a_world(tmp_path / str(at), climbs, pause=False)
        again = Work(climbs, SCRIPT, world.clock)
        world.live(again)
        answer(world, decision)

        assert world.live(again, Cutter(at)) is None
        last = ended(world.live(again))

        where = f"cut at {at} ({counter.names[at - 1]})"
        assert last[:2] == expected, where
        assert set(again.runs[2:]) <= {2}, where
        assert len(again.runs) <= len(work.runs) + 1, where
        assert rows(world) == [("resolved", name)], where


def test_cut_off_while_asking(tmp_path: Path, climbs: list[Climb]) -> None:
    """Wherever the run that asks is cut off, there is one question in the end, and one answer."""
    whole, counter = a_world(tmp_path / "whole", climbs, pause=False), Cutter()
    whole.live(Work(climbs, SCRIPT, whole.clock))
    whole_run = counter
    counting = a_world(tmp_path / "count", climbs, pause=False)
    counting.live(Work(climbs, SCRIPT, counting.clock), whole_run)

    for at in range(1, whole_run.count + 1):
        world = a_world(tmp_path / str(at), climbs, pause=False)
        again = Work(climbs, SCRIPT, world.clock)

        world.live(again, Cutter(at))
        step = world.step
        second = ended(world.live(again))

        where = f"cut at {at} ({whole_run.names[at - 1]})"
        assert second[0] == "escalated", where
        assert [status for status, _ in rows(world)].count("open") == 1, where
        if step != "escalated":
            assert len(again.runs) <= 3, where
        answer(world, Decision.retry())
        assert ended(world.live(again))[:2] == ("done", "by ann"), where
        assert [d for _, d in rows(world) if d is not None] == ["retry"], where


def test_stopped_while_waiting(tmp_path: Path, climbs: list[Climb]) -> None:
    """Who stops while a human is asked waits on, or finds the answer, and asks nothing again."""
    world = a_world(tmp_path, climbs, pause=True)
    world.clock = PatientClock()
    work = Work(climbs, SCRIPT, world.clock)
    watching: list[asyncio.Task[None]] = []

    def stop_when_it_waits(engine: JournalEngine) -> None:
        running = asyncio.current_task()
        assert running is not None

        async def watch() -> None:
            sql = "SELECT starts FROM steps WHERE status = 'started'"
            while engine.file.read(lambda c: c.execute(sql).fetchall()) != [(0,)]:  # noqa: ASYNC110 -- the file tells
                await asyncio.sleep(0)
            running.cancel()

        watching.append(asyncio.get_running_loop().create_task(watch()))

    for _ in range(5):  # more often than a step may be cut off otherwise
        with pytest.raises(asyncio.CancelledError):
            world.live(work, before=stop_when_it_waits)
    answer(world, Decision.retry())

    last = ended(world.live(work))

    assert last[:2] == ("done", "by ann")
    assert work.runs == [0, 1, 2]
    assert rows(world) == [("resolved", "retry")]


@pytest.mark.parametrize("passed", [0.0, 3.0, 7.5, 100.0])
def test_cut_off_in_a_wait(passed: float, tmp_path: Path, climbs: list[Climb]) -> None:
    """Of a wait only the rest is waited, whoever began it."""
    slow = {"max_retries": 1, "base_delay": 8.0, "jitter": "none"}

    class DyingClock(FakeClock):
        """Dies in its first wait, when some of it has passed."""

        dead = False

        async def sleep(self, seconds: float) -> None:
            if not self.dead:
                type(self).dead = True
                self.advance(passed)
                raise Cut("while waiting")
            await super().sleep(seconds)

    clock = DyingClock()
    (tmp_path / "w").mkdir()
    world = World(
        tmp_path / "w" / "j.db",
        clock,
        climbs,
        {"enable_notifications": False},
        {"strategy": "retry", "retry": slow},
    )
    work = Work(climbs, [ConnectionError("reset"), 1], clock)

    assert world.live(work) is None
    last = ended(world.live(work))

    assert last[:2] == ("done", 1)
    assert work.runs == [0, 1]
    assert sum(clock.sleeps) == pytest.approx(max(0.0, 8.0 - passed))


def test_time_in_which_nothing_ran_counts(tmp_path: Path, climbs: list[Climb]) -> None:
    """A recovery whose time was over before anybody took it up is given up, with that reason."""
    world = a_world(tmp_path, climbs, pause=False)
    world.options = {"strategy": "retry", "retry": RETRY | {"max_retries": 3}}
    whole, counter = a_world(tmp_path / "whole", climbs, pause=False), Cutter()
    whole.options = world.options
    whole.live(Work(climbs, [ConnectionError("reset")], whole.clock), counter)
    work = Work(climbs, [ConnectionError("reset")], world.clock)

    world.live(work, Cutter(counter.count // 2))
    world.clock.advance(100_000.0)
    last = ended(world.live(work))

    assert last[0] == "failed"
    assert "the budget of 600 s" in world.results[-1].error_message
    assert len(work.runs) < 4
