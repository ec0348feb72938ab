"""The log of any recovery decides the same steps again; budgets hold whatever fails."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    Decision,
    ErrorRecoveryOrchestrator,
    ErrorType,
    InputCorrection,
    RecoveryBudget,
    RecoveryStrategy,
)
from omninode_bridge.agents.workflows._climb import Climb
from omninode_bridge.agents.workflows._ladder import Enter, Entered, Run, Stop, decide
from omninode_bridge.agents.workflows.recovery_models import Attempt, Outcome
from omninode_bridge.testing import FakeClock

SCRIPTS = 10_000
BATCHES = 10
KINDS = [
    RecoveryStrategy.RETRY,
    RecoveryStrategy.ALTERNATIVE_PATH,
    RecoveryStrategy.GRACEFUL_DEGRADATION,
    RecoveryStrategy.ERROR_CORRECTION,
    RecoveryStrategy.ESCALATION,
]
STEPS = ["remove_optional_mixins", "simplify_validation", "skip_ai_quorum", "use_basic_template"]
ANSWERS = [
    None,
    None,
    Decision.retry(),
    Decision.edit({"model": "human"}),
    Decision.value("from a human"),
    Decision.skip(),
    Decision.abort(),
]


class HttpError(Exception):
    """An error that carries the status of an answer."""

    def __init__(self, status: int, retry_after: float | None = None) -> None:
        super().__init__(f"status {status}")
        self.status_code = status
        if retry_after is not None:
            self.retry_after = retry_after


class OddError(Exception):
    """An error that nothing is known about."""


class TimedClock(FakeClock):
    """A clock that also remembers when each wait ended."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[float] = []

    def sleep_blocking(self, seconds: float) -> None:
        super().sleep_blocking(seconds)
        self.ends.append(self.monotonic())


class Answering:
    """A channel whose human answers at once, or never."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.orchestrator: ErrorRecoveryOrchestrator | None = None

    async def send(self, report: Any) -> None:
        answer = self.rng.choice(ANSWERS)
        if answer is not None:
            assert self.orchestrator is not None
            await self.orchestrator.escalations.resolve(report.escalation_id, answer, by="ann")


@dataclass
class Script:
    """A call that fails as a random number generator says, and takes as long."""

    rng: random.Random
    clock: TimedClock
    climbs: list[Climb]
    fail: float
    slow: bool
    secure: bool
    runs: int = 0
    by_human: int = 0
    returned: list[Any] = field(default_factory=list)

    def __call__(
        self,
        template_id: str = "node_v2",
        model: str = "big",
        mixins: tuple[str, ...] = ("a", "b"),
        validation_level: str = "full",
        enable_ai_quorum: bool = True,
    ) -> Any:
        self.runs += 1
        if self.runs > 1:  # the first run is the one that failed
            attempt = self.climbs[-1].log[-1]
            assert isinstance(attempt, Attempt), "the attempt is in the log before it runs"
            assert len(self.climbs[-1].records) + 1 == attempt.n
            self.by_human += attempt.strategy is RecoveryStrategy.ESCALATION
        if self.slow:
            self.clock.advance(self.rng.choice([0.0, 0.1, 1.0, 30.0]))
        if self.runs == 1 or self.rng.random() < self.fail:
            raise self.error()
        value = self.rng.choice([None, 0, "", [], object()])
        self.returned.append(value)
        return value

    def error(self) -> Exception:
        """Return something that may pass, stay, ask for a wait, or none of these."""
        roll = self.rng.random()
        if self.secure and roll < 0.15:
            return PermissionError("not yours")
        if roll < 0.35:
            return ConnectionError("reset")
        if roll < 0.5:
            return HttpError(429, self.rng.choice([None, 0.5, 7.0, 1000.0]))
        if roll < 0.6:
            return TimeoutError("too slow")
        if roll < 0.7:
            return ValueError(f"wrong {self.rng.choice('abc')}")
        if roll < 0.8:
            return HttpError(503)
        if roll < 0.85:
            return SyntaxError("bad code")
        return OddError(self.rng.choice(["odd", "odder"]))


def random_options(rng: random.Random) -> dict[str, Any]:
    """Return options as a user could write them, in every combination."""
    options: dict[str, Any] = {
        "rerun": rng.choice(["idempotent"] * 4 + ["pure", "unknown", "never"])
    }
    if rng.random() < 0.7:
        kinds = KINDS if rng.random() < 0.2 else KINDS[:-1]  # a human is asked rarely
        ladder = rng.sample(kinds, rng.randint(1, len(kinds)))
        options["strategy"], options["fallback_strategies"] = ladder[0], ladder[1:]
    if rng.random() < 0.7:
        options["retry"] = {
            "max_retries": rng.choice([0, 1, 2, 5, 40]),
            "base_delay": rng.choice([0.0, 0.01, 1.0, 20.0]),
            "exponential_base": rng.choice([1.0, 2.0, 3.5]),
            "max_delay": rng.choice([0.0, 4.0, 60.0]),
            "jitter": rng.choice(["full", "equal", "none"]),
        }
    if rng.random() < 0.6:
        options["alternatives"] = rng.choice(
            [["node_v1"], ["node_v2", "node_v1", "node_v1"], ["a", "b", "a", "b", "a"]]
        )
    if rng.random() < 0.3:
        options["model_alternatives"] = [("big", "primary"), ("small", "secondary")]
    if rng.random() < 0.6:
        options["degradation"] = rng.sample(STEPS, rng.randint(1, len(STEPS)))
    if rng.random() < 0.3:
        options["corrections"] = [
            InputCorrection("template", lambda a: {"template_id": "right"}),
            InputCorrection("model", lambda a: {"model": "right"}),
        ]
    if rng.random() < 0.2:
        options["escalation"] = {"pause_workflow": rng.random() < 0.5, "timeout": 5.0}
    if rng.random() < 0.7:
        options["budget"] = RecoveryBudget(
            attempts=rng.choice([None, 0, 1, 2, 3, 7, 30]),
            seconds=rng.choice([None, 0.0, 0.001, 1.0, 10.0, 600.0]),
        )
    return options


def check(climb: Climb, script: Script, clock: TimedClock, began: float) -> None:
    """Hold one recovery's log against what must be true of all."""
    plan, log = climb.settings.plan, climb.log

    for end in range(1, len(log) + 1):
        if isinstance(log[end - 1], Attempt):
            continue  # decisions are taken after outcomes and at the beginning of a step
        decision, again = decide(plan, log[:end]), decide(plan, tuple(log[:end]))
        assert decision == again
        if end == len(log):
            assert isinstance(decision, Stop)
        elif isinstance(following := log[end], Attempt):
            assert decision == Run(following)
        else:
            assert isinstance(following, Entered)
            assert isinstance(decision, Enter)
            assert decision.step == following.step

    assert isinstance(log[0], Outcome)
    attempts = [entry for entry in log if isinstance(entry, Attempt)]
    outcomes = [entry for entry in log if isinstance(entry, Outcome)]
    entered = [entry.step for entry in log if isinstance(entry, Entered)]
    assert [attempt.n for attempt in attempts] == list(range(1, len(attempts) + 1))
    assert [outcome.n for outcome in outcomes] == list(range(len(attempts) + 1))
    assert entered == sorted(set(entered))
    assert all(a.elapsed <= b.elapsed for a, b in itertools.pairwise(outcomes))
    assert len({attempt.policy_version for attempt in attempts}) <= 1

    budget = plan.budget
    if budget.attempts is not None:
        assert script.runs - 1 - script.by_human <= budget.attempts
    if budget.seconds is not None:
        waits = sum(1 for attempt in attempts if attempt.wait > 0)
        ends = clock.ends[:waits]  # a human's time comes after them, and is not limited
        assert all(end - began <= budget.seconds + 1e-5 for end in ends)
    bad = next((o.n for o in outcomes if o.error_type is ErrorType.SECURITY and not o.ok), None)
    if bad is not None and bad > 0 and outcomes[0].error_type is not ErrorType.SECURITY:
        assert {a.strategy for a in attempts if a.n > bad} <= {RecoveryStrategy.ESCALATION}
    known = {outcome.n: outcome for outcome in outcomes}
    for attempt in attempts:
        if attempt.strategy is RecoveryStrategy.RETRY:
            before = known[attempt.n - 1]
            assert not (before.tried and before.transient is False)
    if climb.settings.call is not None and climb.settings.call.rerun == "never":
        assert script.runs - 1 == script.by_human


@pytest.mark.parametrize(
    "batch", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, BATCHES))]
)
def test_a_log_decides_the_same_again(batch: int, climbs: list[Climb]) -> None:
    """Whatever fails, each prefix of the log gives the next entry, and no limit is passed."""
    rng = random.Random(f"replay {batch}")
    loop = asyncio.new_event_loop()
    seen: set[str] = set()

    for number in range(SCRIPTS // BATCHES):
        if number % 20 == 0:
            clock, human = TimedClock(), Answering(rng)
            orchestrator = ErrorRecoveryOrchestrator(
                clock=clock,
                draw=rng.random,
                new_id=map(str, itertools.count()).__next__,
                enable_statistics=False,
                notifiers={"human": human} if (told := rng.random() < 0.2) else None,
                enable_notifications=told,  # nothing is looked for outside, and nothing printed
            )
            human.orchestrator = orchestrator
        clock.ends.clear()
        script = Script(
            rng,
            clock,
            climbs,
            rng.choice([0.2, 0.6, 0.95, 1.0]),
            rng.random() < 0.3,
            rng.random() < 0.2,
        )
        results: list[Any] = []
        runs = orchestrator.with_options(**random_options(rng), on_result=results.append)
        climbs.clear()

        value: Any = None
        error: Exception | None = None
        try:
            if number % 10:
                value = runs.run_sync(script)
            else:

                async def call(*args: Any, script: Script = script, **kwargs: Any) -> Any:
                    return script(*args, **kwargs)

                call.__signature__ = inspect.signature(script)  # type: ignore[attr-defined]
                value = loop.run_until_complete(runs.run(call))
        except Exception as raised:
            error = raised

        assert len(climbs) == len(results) == 1
        climb, result = climbs[0], results[0]
        check(climb, script, clock, climb.started)
        assert result.success is (error is None)
        if result.success and result.metadata.get("decision") != "value":
            assert any(value is returned for returned in script.returned)
        if not result.success:
            assert result.result is None
            assert result.error_message
        seen.update(str(attempt.strategy) for attempt in result.attempts)
    loop.close()

    assert seen == {str(kind) for kind in KINDS}


def test_the_same_script_gives_the_same_log(climbs: list[Climb]) -> None:
    """With the same random numbers and the same failures two recoveries log the same."""
    logs = []
    for _ in range(2):
        rng = random.Random(11)
        for _ in range(200):
            clock = TimedClock()
            orchestrator = ErrorRecoveryOrchestrator(
                clock=clock, draw=rng.random, new_id=lambda: "w", enable_statistics=False
            )
            script = Script(rng, clock, climbs, 0.7, True, True)
            with suppress(Exception):
                orchestrator.with_options(**random_options(rng)).run_sync(script)
        logs.append([climb.log for climb in climbs])
        climbs.clear()

    assert [str(log) for log in logs[0]] == [str(log) for log in logs[1]]
