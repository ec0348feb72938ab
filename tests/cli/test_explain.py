"""``omninode-bridge explain``: the ladder that was climbed, as a person reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ..journal._rows import ONE, Journal

Run = Callable[..., Any]
FIRST = {
    "type": "TimeoutError",
    "message": "TimeoutError: no answer in 30 s",
    "error_type": "timeout",
    "transient": True,
    "fingerprint": "f00d",
    "reasons": ["TimeoutError is a timeout", "the text says so"],
    "ladder": ["retry", "escalation"],
    "pattern": "llm_timeout",
}
PLAN = {
    "steps": ["retry", "error_correction", "alternative_path", "escalation"],
    "budget": {"attempts": 30, "seconds": 600.0, "tokens": None, "money": None},
    "policy_version": "p",
    "seed": 0.5,
}
LEFT = {"attempts": 30.0, "seconds": 600.0, "tokens": "inf", "money": "inf"}
FAILED = {"ok": False, "error_type": "timeout", "error": "TimeoutError: again", "transient": True}
LOG: list[tuple[str, dict[str, Any]]] = [
    ("outcome", {"n": 0, "ok": False, "elapsed": 0.0}),
    ("attempt", {"n": 1, "strategy": "retry", "wait": 1.0, "budget_left": LEFT}),
    ("outcome", {"n": 1, "elapsed": 1.5, **FAILED}),
    ("skipped", {"strategy": "error_correction", "reason": "there is no code"}),
    ("attempt", {"n": 2, "strategy": "alternative_path", "label": "gpt-4", "wait": 0.0}),
    ("outcome", {"n": 2, "ok": True, "elapsed": 3.5}),
]
STORY = """\
  error
    TimeoutError: no answer in 30 s
    timeout; passes by itself
    because TimeoutError is a timeout
    because the text says so
    pattern llm_timeout
    fingerprint f00d
  ladder
    planned: retry, then error correction, then alternative path, then escalation
    budget: 30 attempts, 10 min
     1  retry: after a wait of 1.0 s, failed in 0.5 s
        TimeoutError: again
        left before it: 30 attempts, 10 min
     -  error correction: passed over, there is no code
     2  alternative path (gpt-4): succeeded in 2.0 s
     -  escalation: not reached, it was not needed
  end
    recovered by alternative path in 3.5 s
    the result lacks metrics
"""


def recover(journal: Journal, number: int = 17, **more: Any) -> None:
    ended = {
        "strategy": "alternative_path",
        "duration_ms": 3500.0,
        "account": {"dropped": ["metrics"]},
    }
    journal.recovery(number, LOG, first=FIRST, plan=PLAN, **ended | more)


def test_a_recovery(run: Run, journal: Journal) -> None:
    """The error with its reasons, every step with its outcome or why it was passed over, the end."""
    recover(journal)

    ended = run("explain", "r17")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(
        "r17  recovered by alternative path in 3.5 s\n  workflow w, step read/one, node parser\n"
    )
    assert STORY in ended.out


def test_a_question_and_its_answer(run: Run, journal: Journal) -> None:
    """Who answered what is part of the story; an open one says how to answer."""
    journal.escalation(ONE)
    asks = [
        ("attempt", {"n": 1, "strategy": "escalation", "label": "ask a human"}),
        ("outcome", {"n": 1, "ok": False, "pending": True, "elapsed": 0.01}),
    ]
    journal.recovery(
        1, asks, first=FIRST, plan=PLAN, status="pending", escalation_id=ONE, strategy="escalation"
    )
    before = run("explain", ONE[:9])
    run("escalations", "answer", ONE, "skip", "--by", "ann")
    after = run("explain", ONE[:9])

    assert " 1  escalation (ask a human): waits for an answer\n" in before.out
    assert "-  retry: not reached, a human is asked first\n" in before.out
    assert f"asked as {ONE}: Contract validation failed\n    open for 5 min\n" in before.out
    assert before.out.endswith(
        "to answer what is open:\n  omninode-bridge escalations show esc_01234567\n"
    )
    assert "    ann answered 'skip' at " in after.out
    assert "to answer" not in after.out


def test_a_question_that_was_superseded_is_not_waited_for(run: Run, journal: Journal) -> None:
    """What took its place is named; that there is no answer yet is no longer said."""
    ended = {"status": "superseded", "at": journal.now - 130, "superseded_by": "esc_2"}
    journal.escalation("esc_1", columns=ended)
    told = {"error_message": "recorded; there is no answer yet"}
    journal.recovery(1, status="pending", escalation_id="esc_1", account=told)

    out = " ".join(run("explain", "esc_1").out.split())

    assert "r1 a human was asked: superseded" in out
    assert "it was superseded by esc_2 at" in out
    assert "no answer yet" not in out


def test_a_question_that_nothing_takes_up_again(run: Run, journal: Journal) -> None:
    """Its workflow has ended, as after an abort that was given to another question."""
    ended = {"status": "resolved", "decision": "abort", "decided_by": "ann", "at": journal.now - 60}
    journal.escalation("esc_1", columns=ended)
    journal.recovery(1, status="pending", escalation_id="esc_1")
    journal.workflow("w", "paused")

    before = run("explain", "r1").out
    journal.file.write_now(
        lambda c: c.execute("UPDATE workflows SET status = 'done'"), durable=False
    )
    told = [run("explain", given).out for given in ("r1", "esc_1", "w")]

    assert "it has not gone on from there yet" in before
    for after in told:
        assert "its workflow ended without taking it up again" in after
        assert "yet" not in after


def test_a_question_without_its_recovery(run: Run, journal: Journal) -> None:
    """Where only the report is kept, it is what is told."""
    journal.escalation(ONE, attempts=("retry: TimeoutError: x",))

    ended = run("explain", ONE)

    assert (
        "error\n    ValueError: no name\n  tried before\n    retry: TimeoutError: x\n" in ended.out
    )


def test_a_workflow(run: Run, journal: Journal) -> None:
    """All its recoveries in order, its other questions, the steps that failed without either."""
    journal.workflow("nightly", "failed", error="StepError: it broke")
    journal.step("nightly", "read/one", "failed", error="has a recovery")
    journal.step("nightly", "read/two", "failed", error="ValueError: no second")
    journal.escalation(ONE, workflow_id="nightly")
    recover(journal, 1, workflow_id="nightly")
    recover(journal, 2, workflow_id="nightly")
    recover(journal, 3, workflow_id="other")

    ended = run("explain", "night")
    fewer = run("explain", "nightly", "--limit", "1")

    order = ["workflow nightly  failed", "r1  recovered", "r2  recovered", f"{ONE[:12]}  open"]
    places = [ended.out.index(text) for text in order]
    assert places == sorted(places)
    assert "r3" not in ended.out
    assert "steps that ended without a recovery\n  read/two  failed: ValueError: no second" in (
        ended.out
    )
    assert "has a recovery" not in ended.out
    assert "the latest 1 of 2 recoveries (--limit shows more)" in fewer.out
    assert "r1  recovered" not in fewer.out


def test_a_workflow_without_any_trouble(run: Run, journal: Journal) -> None:
    """That is said."""
    journal.workflow()

    assert run("explain", "w").out == "workflow w  done\n\nnothing had to be recovered\n"


def test_a_recovery_that_was_cut_off(run: Run, journal: Journal) -> None:
    """An attempt that was begun may have happened; nobody knows."""
    journal.recovery(
        1, LOG[:2], first=FIRST, plan=PLAN, status="open", ended_at=None, duration_ms=None
    )

    ended = run("explain", "r1")

    assert ended.out.startswith("r1  under way, or cut off\n")
    assert "1  retry: after a wait of 1.0 s, begun, and its end is not known\n" in ended.out
    assert "  end\n" not in ended.out


def test_json(run: Run, journal: Journal) -> None:
    """The same as data: error, plan, ladder, account."""
    recover(journal)

    told = json.loads(run("explain", "r17", "--format", "json").out)

    one = told["recoveries"][0]
    assert (told["recoveries_not_shown"], told["escalations"]) == (0, [])
    assert (one["id"], one["status"], one["strategy_used"]) == (
        "r17",
        "recovered",
        "alternative_path",
    )
    assert (one["error"], one["plan"], one["account"]) == (FIRST, PLAN, {"dropped": ["metrics"]})
    assert [step["what"] for step in one["ladder"]] == [
        "failed",
        "skipped",
        "succeeded",
        "unreached",
    ]
    assert one["ladder"][0]["budget_left"] == {"attempts": 30.0, "seconds": 600.0}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("r99", "no recovery has the id 'r99'; the latest is 'r17'"),
        ("nobody", "no recovery, escalation or workflow has the id 'nobody'"),
        ("", "no recovery, escalation or workflow has the id ''"),
    ],
)
def test_nothing_of_that_name(run: Run, journal: Journal, given: str, sentence: str) -> None:
    """One sentence that names what there is."""
    recover(journal)

    ended = run("explain", given)

    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err


@pytest.mark.parametrize("given", ["ERROR:root", "TimeoutError: no answer", "no answer in 30 s"])
def test_the_text_of_an_error_is_no_id(run: Run, journal: Journal, given: str) -> None:
    """Whoever pastes a line of a log is told which command reads it, not which ids are near."""
    journal.workflow("error-root")

    ended = run("explain", given)

    assert (ended.code, ended.out) == (2, "")
    assert f"{given!r} is no recovery, escalation or workflow" in ended.err
    assert "omninode-bridge patterns explain" in ended.err
    assert "error-root" not in ended.err


def test_a_workflow_may_have_a_colon_in_its_id(run: Run, journal: Journal) -> None:
    """What is there is found, however it is called."""
    journal.workflow("ERROR:root", "failed")

    assert run("explain", "ERROR:ro").code == 0
