"""A recovery in a kept step that is cut off anywhere ends as one that was never cut off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import RecoveryBudget
from omninode_bridge.agents.workflows._climb import Climb
from omninode_bridge.agents.workflows.recovery_models import RecoveryResult
from omninode_bridge.agents.workflows.staged_execution import WorkflowResult
from omninode_bridge.testing import FakeClock

from ._cuts import Cutter, Work, World

RESET = ConnectionError("reset")
LADDERS: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "retry": (
        {"strategy": "retry", "retry": {"max_retries": 3, "base_delay": 4.0, "jitter": "full"}},
        [RESET, TimeoutError("slow"), ConnectionError("again"), {"ok": True}],
    ),
    "exhausted": (
        {"strategy": "retry", "retry": {"max_retries": 2, "base_delay": 1.0}},
        [RESET],
    ),
    "alternatives": (
        {"strategy": "alternative_path", "alternatives": ["node_v1", "node_v0"]},
        [RESET, ValueError("still"), "built"],
    ),
    "degradation": (
        {
            "strategy": "graceful_degradation",
            "degradation": ["remove_optional_mixins", "simplify_validation", "skip_ai_quorum"],
        },
        [RESET, ValueError("a"), ValueError("b"), [1, 2]],
    ),
    "all": (
        {
            "strategy": "retry",
            "fallback_strategies": ["alternative_path", "graceful_degradation"],
            "retry": {"max_retries": 1, "base_delay": 2.0},
            "alternatives": ["node_v1"],
            "degradation": ["remove_optional_mixins", "simplify_validation"],
        },
        [RESET, TimeoutError("slow"), OSError(28, "No space left"), KeyError("k"), "plain"],
    ),
    "nothing": (
        {"strategy": "retry", "retry": {"max_retries": 3, "base_delay": 2.0}},
        [RESET, RESET, None],
    ),
    "budget": (
        {
            "strategy": "retry",
            "retry": {"max_retries": 9, "base_delay": 1.0, "jitter": "none"},
            "budget": RecoveryBudget(attempts=3, seconds=60.0),
        },
        [RESET],
    ),
    "seconds": (
        {
            "strategy": "retry",
            "retry": {"max_retries": 9, "base_delay": 3.0, "jitter": "none"},
            "budget": RecoveryBudget(attempts=30, seconds=20.0),
        },
        [RESET],
    ),
}


def account(result: RecoveryResult) -> dict[str, Any]:
    """Return what must be the same however often it was cut off."""
    return {
        "success": result.success,
        "strategy": str(result.strategy_used),
        "retries": result.retry_count,
        "dropped": result.dropped,
        "fallback": result.fallback_used,
        "fixed": result.error_fixed,
        "message": result.error_message,
        "attempts": [
            (
                one.attempt.n,
                str(one.strategy),
                one.attempt.label,
                one.attempt.change_hash,
                one.attempt.wait,
                one.attempt.budget_left.attempts,
                one.ok,
                one.error,
                one.fingerprint,
            )
            for one in result.attempts
        ],
        "skipped": [(str(one.strategy), one.reason) for one in result.skipped],
    }


def ended(result: WorkflowResult | None) -> tuple[str, Any, str]:
    """Return how the step ended."""
    assert result is not None
    outcome = result.steps["step"]
    return str(outcome.status), outcome.result, outcome.error_message


def world(folder: Path, climbs: list[Climb], options: dict[str, Any]) -> World:
    """Return a world with a file of its own."""
    folder.mkdir()
    settings = {"enable_notifications": False}
    return World(folder / "j.db", FakeClock(), climbs, settings, dict(options))


FAST = ("all", "nothing", "seconds")


@pytest.mark.parametrize(
    "name",
    [name if name in FAST else pytest.param(name, marks=pytest.mark.slow) for name in LADDERS],
)
def test_cut_off_at_every_write(name: str, tmp_path: Path, climbs: list[Climb]) -> None:
    """Attempts that ended do not run again, what was counted is, waits are waited once."""
    options, script = LADDERS[name]
    whole, counter = world(tmp_path / "whole", climbs, options), Cutter()
    work = Work(climbs, script, whole.clock, takes=0.25)
    expected = ended(whole.live(work, counter))
    told, waited = account(whole.results[-1]), sum(whole.clock.sleeps)

    assert counter.count >= 8
    for at in range(1, counter.count + 1):
        cut, where = world(tmp_path / str(at), climbs, options), f"{at}: {counter.names[at - 1]}"
        again = Work(climbs, script, cut.clock, takes=0.25)

        first = cut.live(again, Cutter(at))
        begun, step, recovery = len(again.runs), cut.step, cut.recovery
        following = cut.outcomes + 1 if cut.begun else 0
        second = cut.live(again)

        assert first is None
        assert ended(second) == expected, where
        later = again.runs[begun:]
        if step == "done" or (recovery == "recovered" and expected[1] is not None):
            assert later == [], where
        elif step == "failed":
            assert later == work.runs, where  # it ended, so this is another try of the step
            continue
        elif recovery == "recovered":
            assert later == work.runs[-1:], where  # its value was None, which is made again
        else:
            assert later == list(range(following, len(work.runs))), where
            assert account(cut.results[-1]) == told, where
        assert len(again.runs) <= len(work.runs) + 1, where  # what was under way, at most
        assert sum(cut.clock.sleeps) == pytest.approx(waited), where


def test_a_third_process(tmp_path: Path, climbs: list[Climb]) -> None:
    """Cut off twice in a row, at any two writes, it ends the same."""
    options, script = LADDERS["all"]
    whole, counter = world(tmp_path / "whole", climbs, options), Cutter()
    work = Work(climbs, script, whole.clock, takes=0.25)
    expected = ended(whole.live(work, counter))
    waited = sum(whole.clock.sleeps)

    for at in range(1, counter.count + 1, 2):
        for then in range(1, 8):
            cut = world(tmp_path / f"{at}-{then}", climbs, options)
            again = Work(climbs, script, cut.clock, takes=0.25)

            cut.live(again, Cutter(at))
            last = cut.live(again, Cutter(then)) or cut.live(again)

            where = f"cut at {at}, then at {then}: {again.runs}"
            assert ended(last) == expected, where
            assert len(again.runs) <= len(work.runs) + 2, where
            assert sum(cut.clock.sleeps) == pytest.approx(waited), where
