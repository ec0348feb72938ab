"""``omninode-bridge stats``: the journal in numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from omninode_bridge.agents.workflows.recovery_models.statistics import (
    RecoveryStatistics,
    StrategyStatistics,
)

from ..journal._rows import Journal

Run = Callable[..., Any]
LOG: list[tuple[str, dict[str, Any]]] = [
    ("attempt", {"n": 1, "strategy": "retry", "wait": 1.0}),
    ("outcome", {"n": 1, "ok": True, "elapsed": 1.5}),
]


@pytest.fixture
def filled(journal: Journal) -> Journal:
    """Return a journal with two recoveries that ended well, one that did not, and questions."""
    for number in (1, 2):
        journal.recovery(number, LOG, duration_ms=1500.0)
    journal.recovery(3, LOG, status="failed", duration_ms=61_000.0, age=90_000)
    journal.recovery(4, status="open", ended_at=None, duration_ms=None)
    journal.escalation("esc_1")
    ending = {"status": "resolved", "decision": "edit", "decided_by": "ann"}
    journal.escalation("esc_2", age=330, columns=ending | {"at": journal.now - 30})
    journal.put("notices", n=1, state="due")
    journal.put("notices", n=2, state="delivered")
    journal.workflow("w", "paused")
    return journal


def test_an_empty_journal(run: Run, journal: Journal) -> None:
    """Nothing is no failure."""
    ended = run("stats")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (
        "recoveries\n  none has ended\n\nescalations\n  none\n\nworkflows (all that are kept)\n  none\n"
    )


def test_the_numbers(run: Run, filled: Journal) -> None:
    """Recoveries by outcome, strategy and error; questions, answers, notices; workflows."""
    ended = run("stats")

    lines = [" ".join(line.split()) for line in ended.out.splitlines()]
    assert lines[:3] == [
        "recoveries",
        "3 ended: 2 recovered (67 %), 1 not; 0 asked a human; 1 under way",
        "recovery time 21.3 s on average; p50 1.5 s, p95 1 min 1 s, p99 1 min 1 s",
    ]
    assert "retry 3 2 67 % 1.5 s 1.5 s 1.5 s" in lines
    assert "timeout 3" in lines
    assert lines[lines.index("escalations") :] == [
        "escalations",
        "1 open, 1 resolved",
        "answers: 1 edit",
        "median time to an answer: 5 min",
        "notices: 1 delivered, 1 waiting",
        "",
        "workflows (all that are kept)",
        "1 paused",
    ]


@pytest.mark.parametrize(("span", "number"), [("1h", 2), ("90m", 2), ("1d2h", 3), ("4w", 3)])
def test_since(run: Run, filled: Journal, span: str, number: int) -> None:
    """Only what ended within the time."""
    told = json.loads(run("stats", "--since", span, "--format", "json").out)
    text = run("stats", "--since", span)

    assert told["recoveries"]["total_attempts"] == number
    assert told["since"].endswith("Z")
    assert text.out.startswith("since 20")


def test_json_has_the_words_of_the_statistics(run: Run, filled: Journal) -> None:
    """A field of the same name means the same as in `RecoveryStatistics`."""
    told = json.loads(run("stats", "--format", "json").out)

    recoveries = told["recoveries"]
    same = {one.name for one in fields(RecoveryStatistics)} & set(recoveries)
    assert same >= {
        "total_attempts",
        "success_rate",
        "failure_rate",
        "avg_recovery_time_ms",
        "recovery_time_p95",
        "strategy_usage",
        "strategy_success_rates",
        "error_type_counts",
        "strategy_details",
        "escalated",
        "delivered",
        "resolved",
        "pending",
    }
    assert set(recoveries["strategy_details"]["retry"]) == {
        one.name for one in fields(StrategyStatistics)
    }
    assert recoveries["success_rate"] == pytest.approx(2 / 3)
    assert told["escalations"] == {
        "statuses": {"open": 1, "resolved": 1, "expired": 0, "superseded": 0},
        "decisions": {"edit": 1},
        "median_answer_seconds": pytest.approx(300),
        "notices": {"delivered": 1, "given_up": 0, "waiting": 1},
    }
    assert told["workflows"] == {"paused": 1}


def test_a_rate_is_never_rounded_to_all_or_nothing(run: Run, journal: Journal) -> None:
    """One failure in a thousand is not 100 %."""
    for number in range(1, 400):
        journal.recovery(number, status="failed" if number == 7 else "recovered")

    assert "398 recovered (99 %)" in run("stats").out


def test_what_a_run_takes_up_again_still_counts_once(run: Run, journal: Journal) -> None:
    """The first of the two then ends last; what it tried tells that it was over before."""
    error = {"message": "ValueError: no type"}
    tried: dict[str, Any] = {"node_name": "check", "status": "failed", "strategy": None}
    around: dict[str, Any] = {"node_name": "contract", "first": error, "age": 300}
    skipped = ("skipped", {"strategy": "retry", "reason": "x"})
    for number, log in ((1, LOG), (3, [skipped])):
        step = {"step_key": f"read/{number}"}
        journal.recovery(number, log, first=error, ended_at=journal.now, **step, **tried)
        journal.recovery(number + 1, **around, **step)
    # side by side: the first went on when the second had begun
    beside = {"step_key": "read/beside", "ended_at": journal.now}
    journal.recovery(5, LOG, first=error, age=290, **beside, **tried)
    journal.recovery(6, **around, **beside)

    told = json.loads(run("stats", "--format", "json").out)["recoveries"]

    assert (told["total_attempts"], told["succeeded"]) == (4, 3)


def test_what_was_handed_on_within_a_step_counts_once(run: Run, journal: Journal) -> None:
    """By its end, with the strategies and the time of both; other calls of the step count too."""
    error, other = {"message": "ValueError: no type"}, {"message": "ValueError: no name"}
    tried: dict[str, Any] = {"node_name": "check", "status": "failed", "strategy": None}
    around: dict[str, Any] = {"node_name": "contract", "ended_at": journal.now}
    asked = {"status": "pending", "strategy": "escalation", "escalation_id": "esc_1"}
    journal.recovery(1, LOG, first=error, duration_ms=500.0, **tried)
    journal.recovery(2, first=error, duration_ms=1500.0, age=300, **around, **asked)
    # the same call once more, another error, another step
    journal.recovery(3, LOG, first=other, **tried)
    journal.recovery(4, LOG, first=other, age=300, **tried)
    journal.recovery(5, first=error, step_key="read/two", age=300, **around)
    # gone on with by one that has not ended: it is under way with that
    journal.recovery(6, first=error, step_key="read/six", **tried)
    journal.recovery(7, first=error, step_key="read/six", status="open", age=300)

    told = json.loads(run("stats", "--format", "json").out)["recoveries"]

    assert (told["total_attempts"], told["succeeded"], told["open"]) == (4, 1, 1)
    assert told["recovery_time_p95"] == 2000.0
    assert told["strategy_usage"] == {"retry": 3}
