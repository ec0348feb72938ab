"""What is read of a journal: how things stand, in which order, under which id, and counted."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows.journal import JournalFile, reading
from omninode_bridge.agents.workflows.journal._owner import this_process
from omninode_bridge.errors import (
    ConfigurationError,
    JournalError,
    JournalVersionError,
    UnknownEscalationError,
    UnknownWorkflowError,
)
from omninode_bridge.testing import FakeClock

from ._rows import ONE, Journal, dead_process

Read = Callable[..., Any]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.db") as made:
        yield made


@pytest.fixture
def read(journal: Journal) -> Iterator[Read]:
    """Ask one of the functions of the module about the journal."""
    with reading.JournalReader(journal.path) as file:
        yield lambda work, *given, **named: file.read(lambda c: work(c, *given, **named))


def test_a_missing_journal_is_not_made(tmp_path: Path) -> None:
    """Whoever only looks leaves no file behind."""
    with pytest.raises(JournalError, match=r"there is no journal at .*nowhere\.db"):
        reading.JournalReader(tmp_path / "nowhere.db")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"no database at all, but long enough to look at" * 20, "is damaged or no journal"),
    ],
)
def test_a_file_that_is_no_journal_is_left_as_it_is(
    tmp_path: Path, data: bytes, sentence: str
) -> None:
    """One sentence, and the file has the bytes that it had."""
    path = tmp_path / "odd.db"
    path.write_bytes(data)

    with pytest.raises(JournalError, match=sentence):
        reading.JournalReader(path)

    assert path.read_bytes() == data


def test_databases_of_others_and_of_later_versions_are_refused(tmp_path: Path) -> None:
    """Neither is read, for nobody knows what its tables mean."""
    other, later = tmp_path / "other.db", tmp_path / "later.db"
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("CREATE TABLE escalations(id)")
    connection.close()
    JournalFile(later).close()
    with closing(sqlite3.connect(later)) as connection, connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()

    with pytest.raises(JournalError, match="another program"):
        reading.JournalReader(other)
    with pytest.raises(JournalVersionError, match="form 999"):
        reading.JournalReader(later)


def test_reading_changes_nothing(journal: Journal, read: Read) -> None:
    """A reader cannot write, and one that is open holds up no writer."""
    journal.workflow()

    with pytest.raises(JournalError, match="read only"):
        read(lambda c: c.execute("DELETE FROM workflows"))
    journal.workflow("second")

    assert len(read(reading.list_workflows, now=0.0, limit=9)) == 2


def test_somebody_who_writes_holds_up_no_reader(journal: Journal, read: Read) -> None:
    """What is read is what was committed before."""
    journal.workflow()
    writer = sqlite3.connect(journal.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE workflows SET status = 'failed'")
    try:
        assert read(reading.count_workflows, now=0.0) == {"done": 1}
        with reading.JournalReader(journal.path) as another:
            assert another.read(lambda c: reading.count_workflows(c, now=0.0)) == {"done": 1}
    finally:
        writer.execute("ROLLBACK")
        writer.close()


def test_a_journal_in_a_folder_that_nobody_may_write_is_read(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no file can be made beside it, it is read as it stands."""
    journal.workflow()
    journal.file.close()
    real = sqlite3.connect

    def refuse(address: str, **named: Any) -> sqlite3.Connection:
        if "immutable" not in address:
            raise sqlite3.OperationalError("unable to open database file")
        return real(address, **named)

    monkeypatch.setattr(sqlite3, "connect", refuse)

    with reading.JournalReader(journal.path) as file:
        rows = file.read(lambda c: reading.list_workflows(c, now=0.0, limit=9))

    assert [row.id for row in rows] == ["w"]


def test_what_was_written_ahead_is_never_overlooked(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that others write is not taken as it stands: its latest rows are in another one."""
    journal.workflow()
    real = sqlite3.connect

    def refuse(address: str, **named: Any) -> sqlite3.Connection:
        if "immutable" not in address:
            raise sqlite3.OperationalError("disk I/O error")
        return real(address, **named)

    monkeypatch.setattr(sqlite3, "connect", refuse)

    with pytest.raises(JournalError, match="disk I/O error"):
        reading.JournalReader(journal.path)


def test_states_of_workflows(journal: Journal, read: Read) -> None:
    """One that is running without a living process was interrupted."""
    journal.workflow("alive", "running", owner=this_process(), age=10)
    journal.workflow("killed", "running", owner=dead_process(), age=20)
    journal.workflow("cut off", "running", age=30)
    journal.workflow("asks", "paused", age=40)
    journal.workflow("over", "done", age=50)

    rows = read(reading.list_workflows, now=journal.now, limit=9)

    assert {row.id: row.state for row in rows} == {
        "alive": "running",
        "killed": "interrupted",
        "cut off": "interrupted",
        "asks": "paused",
        "over": "done",
    }
    assert [row.id for row in rows] == ["alive", "killed", "cut off", "asks", "over"]
    assert (rows[0].owner.pid, rows[0].owner.is_alive) == (os.getpid(), True)
    assert (rows[1].owner.is_alive, rows[2].owner) == (False, None)
    assert read(reading.count_workflows, now=journal.now) == {
        "running": 1,
        "interrupted": 2,
        "paused": 1,
        "done": 1,
    }


@pytest.mark.parametrize("state", reading.WORKFLOW_STATES)
def test_workflows_of_one_state(journal: Journal, read: Read, state: str) -> None:
    """A filter and a limit count only what is asked for."""
    journal.workflow("alive", "running", owner=this_process())
    for number in range(3):
        journal.workflow(f"cut {number}", "running", age=400 + number)
        for status in ("paused", "done", "failed", "cancelled"):
            journal.workflow(f"{status} {number}", status, age=number)
        journal.workflow(f"given up {number}", "failed", error="aborted by ann", age=number)

    rows = read(reading.list_workflows, now=journal.now, state=state, limit=2)

    assert {row.state for row in rows} == {state}
    assert len(rows) == (1 if state == "running" else 2)


def test_open_escalations_count_for_their_workflow(journal: Journal, read: Read) -> None:
    """Those of a part (``workflow/part``) too, and those of a like name not."""
    journal.workflow("run")
    journal.workflow("runner")
    journal.escalation("esc_1", workflow_id="run")
    journal.escalation("esc_2", workflow_id="run/a/b")
    journal.escalation("esc_3", workflow_id="runner")
    journal.escalation("esc_4", workflow_id="run", columns={"status": "resolved"})

    rows = read(reading.list_workflows, now=journal.now, limit=9)
    account = read(reading.workflow_account, "run", now=journal.now)
    inner = read(reading.escalation_account, "esc_2", now=journal.now)

    assert {row.id: row.open_escalations for row in rows} == {"run": 2, "runner": 1}
    assert [one.id for one in account.escalations] == ["esc_1", "esc_2", "esc_4"]
    assert (inner.workflow.id, inner.others) == ("run", ("esc_1",))


def test_steps_by_stage(journal: Journal, read: Read) -> None:
    """Stages in the order in which they were begun, steps within them likewise."""
    journal.workflow()
    journal.step("w", "b/1")
    journal.step("w", "a/1", "started", starts=2)
    journal.step("w", "b/2/x", "failed", error="ValueError: no", result=None)
    journal.step("w", "alone", stale="its inputs changed")

    account = read(reading.workflow_account, "w", now=journal.now)

    assert [(one.stage, one.step) for one in account.steps] == [
        ("b", "1"),
        ("b", "2/x"),
        ("a", "1"),
        ("", "alone"),
    ]
    assert account.steps[2].starts == 2
    assert account.steps[3].stale == "its inputs changed"
    assert account.row.steps == {"done": 2, "started": 1, "failed": 1}


def test_escalations_by_urgency(journal: Journal, read: Read) -> None:
    """By priority, then the oldest first; the limit cuts the least urgent."""
    for name, priority, age in (
        ("esc_a", "low", 900),
        ("esc_b", "high", 10),
        ("esc_c", "critical", 5),
        ("esc_d", "high", 800),
        ("esc_e", "medium", 1),
    ):
        journal.escalation(name, age=age, priority=priority)

    page = read(reading.list_escalations, status="open", limit=4)

    assert [one.id for one in page.rows] == ["esc_c", "esc_d", "esc_b", "esc_e"]
    assert (page.total, page.counts) == (5, {"open": 5})


def test_escalations_of_one_status_or_workflow(journal: Journal, read: Read) -> None:
    """Counts are of the workflow that was asked for."""
    journal.workflow("one")
    journal.escalation("esc_1", workflow_id="one")
    journal.escalation("esc_2", workflow_id="two")
    journal.escalation(
        "esc_3",
        workflow_id="one/part",
        columns={"status": "resolved", "decision": "value", "payload": "[1]", "at": 5.0},
    )

    of_one = read(reading.list_escalations, workflow="on", limit=9)
    resolved = read(reading.list_escalations, status="resolved", limit=9)

    assert [one.id for one in of_one.rows] == ["esc_1", "esc_3"]
    assert of_one.counts == {"open": 1, "resolved": 1}
    assert [(one.id, one.decision, one.payload) for one in resolved.rows] == [
        ("esc_3", "value", [1])
    ]


@pytest.mark.parametrize(
    "given", [ONE, ONE[:9], "esc_0", ONE.removeprefix("esc_"), "01", "0123456789abcdef"]
)
def test_the_beginning_of_an_id_does(journal: Journal, read: Read, given: str) -> None:
    """With its ``esc_`` or without, as long as it names one row."""
    journal.escalation(ONE)
    journal.escalation("esc_1")

    assert read(reading.find_escalation, given) == ONE


def test_an_exact_id_wins_over_longer_ones(journal: Journal, read: Read) -> None:
    """A question that was asked again has the first one's id at its beginning."""
    journal.escalation(ONE)
    journal.escalation(f"{ONE}.2")
    journal.escalation(f"{ONE}.3")

    page = read(reading.list_escalations, limit=9)

    assert read(reading.find_escalation, ONE) == ONE
    assert [one.short for one in page.rows] == [ONE, f"{ONE}.2", f"{ONE}.3"]
    assert all(read(reading.find_escalation, one.short) == one.id for one in page.rows)


def test_short_ids_are_unique(journal: Journal, read: Read) -> None:
    """Twelve characters, more only where others begin like that."""
    ids = ["esc_00000000aaaa", "esc_00000000aabb", "esc_11111111aaaa", "esc_short"]
    for one in ids:
        journal.escalation(one)

    page = read(reading.list_escalations, limit=9)

    assert [one.short for one in page.rows] == [
        "esc_00000000aaa",
        "esc_00000000aab",
        "esc_11111111",
        "esc_short",
    ]
    assert all(read(reading.find_escalation, one.short) == one.id for one in page.rows)


def test_ids_that_name_none_or_several(journal: Journal, read: Read) -> None:
    """The near ones are named, the latest where none is near, and several that begin alike."""
    with pytest.raises(UnknownEscalationError, match="there are no escalations in this journal"):
        read(reading.find_escalation, "esc_1")
    for number in range(8):
        journal.escalation(f"esc_ffff{number}", age=number + 10)
    for number in range(8):
        journal.escalation(f"esc_{number}123456789", age=number)
    journal.workflow("nightly build")

    with pytest.raises(UnknownEscalationError, match="nearest: 'esc_0123456789'"):
        read(reading.find_escalation, "esc_0123456779")
    with pytest.raises(UnknownEscalationError, match="the latest: 'esc_7123456789'"):
        read(reading.find_escalation, "?")
    with pytest.raises(ConfigurationError, match=r"several escalations: .* and more; give more"):
        read(reading.find_escalation, "esc_ff")
    # as a variable of the shell may be
    with pytest.raises(UnknownEscalationError, match="no escalation has the id ''"):
        read(reading.find_escalation, "")
    with pytest.raises(ConfigurationError, match="'esc_' is the beginning of every"):
        read(reading.find_escalation, "esc_")
    with pytest.raises(UnknownWorkflowError, match="nearest: 'nightly build'"):
        read(reading.find_workflow, "nightly built")
    with pytest.raises(UnknownWorkflowError, match="no workflow has the id ''"):
        read(reading.find_workflow, "")


@pytest.mark.parametrize("given", ["%", "_", "esc_%", "'; DROP TABLE escalations; --", "\udc80"])
def test_odd_ids_are_nobodys(journal: Journal, read: Read, given: str) -> None:
    """What a person types is a text, never a part of a query."""
    journal.escalation(ONE)

    with pytest.raises(UnknownEscalationError):
        read(reading.find_escalation, given)


LOG: list[tuple[str, dict[str, Any]]] = [
    ("outcome", {"n": 0, "ok": False, "elapsed": 0.0}),
    (
        "attempt",
        {
            "n": 1,
            "strategy": "retry",
            "wait": 1.0,
            "label": "",
            "budget_left": {"attempts": 30.0, "seconds": 600.0, "tokens": "inf", "money": None},
        },
    ),
    (
        "outcome",
        {
            "n": 1,
            "ok": False,
            "elapsed": 1.5,
            "error": "TimeoutError: x",
            "error_type": "timeout",
            "transient": True,
            "fingerprint": "f",
        },
    ),
    ("skipped", {"strategy": "error_correction", "reason": "there is no code"}),
    ("attempt", {"n": 2, "strategy": "alternative_path", "label": "gpt-4", "wait": 0.0}),
    ("outcome", {"n": 2, "ok": True, "elapsed": 3.5}),
]
PLAN = {"steps": ["retry", "error_correction", "alternative_path", "escalation"]}


def test_the_ladder_that_was_climbed(journal: Journal, read: Read) -> None:
    """What was tried with its times, what was passed over with its reason, what was not needed."""
    journal.recovery(7, LOG, plan=PLAN, strategy="alternative_path")

    story = read(reading.story_of, "r7", now=journal.now, limit=9)
    steps = reading.climbed(story.recoveries[0])

    assert [(one.what, one.strategy, one.n) for one in steps] == [
        ("failed", "retry", 1),
        ("skipped", "error_correction", None),
        ("succeeded", "alternative_path", 2),
        ("unreached", "escalation", None),
    ]
    assert (steps[0].wait, steps[0].seconds, steps[0].error) == (1.0, 0.5, "TimeoutError: x")
    assert steps[0].budget_left == {"attempts": 30.0, "seconds": 600.0}
    assert (steps[1].why, steps[2].seconds, steps[2].label) == ("there is no code", 2.0, "gpt-4")
    assert steps[3].why == "it was not needed"


def test_what_an_attempt_changed_and_met(journal: Journal, read: Read) -> None:
    """Fixes, dropped features, alternatives, answers; reasons where the error is another one."""
    record = {
        "duration_ms": 250.0,
        "error": "shortened",
        "details": {"dropped": ["metrics", "caching"], "fallback_used": "gpt-4"},
        "metadata": {"fixes": ["line 3: await"], "decision": "edit", "decided_by": "ann"},
    }
    error = {"message": "KeyError: 'a'", "reasons": ["the class KeyError"]}
    ended = {"n": 1, "ok": False, "elapsed": 9.0, "record": record, "error": error}
    again = {"n": 2, "ok": False, "elapsed": 9.5, "error": error, "fingerprint": "g"}
    journal.recovery(
        7,
        [
            ("attempt", {"n": 1, "strategy": "retry", "wait": 2.0}),
            ("outcome", ended | {"fingerprint": "g"}),
            ("attempt", {"n": 2, "strategy": "retry", "wait": 0.1}),
            ("outcome", again),
            ("diverged", {"reason": "the error was another one"}),
        ],
        first={"fingerprint": "f"},
        status="failed",
    )

    steps = reading.climbed(read(reading.story_of, "r7", now=0.0, limit=9).recoveries[0])
    retry = read(reading.journal_account, now=0.0).recoveries.strategy_details["retry"]

    assert steps[0].changes == (
        "line 3: await",
        "without metrics, caching",
        "by gpt-4",
        "ann answered 'edit'",
    )
    assert (steps[0].seconds, steps[0].error) == (0.25, "KeyError: 'a'")
    assert (steps[0].reasons, steps[1].reasons) == (("the class KeyError",), ())
    assert steps[1].seconds == pytest.approx(0.4)
    assert (steps[2].what, steps[2].why) == ("note", "diverged: the error was another one")
    assert retry.p50 == pytest.approx(2_750)


def test_a_step_that_was_passed_over_again_is_told_once(journal: Journal, read: Read) -> None:
    """A later process that goes on with a recovery writes the same reasons once more."""
    journal.recovery(7, [LOG[3], *LOG, LOG[3], ("skipped", {"strategy": "retry", "reason": "x"})])

    steps = reading.climbed(read(reading.story_of, "r7", now=0.0, limit=9).recoveries[0])

    assert [(one.what, one.strategy) for one in steps] == [
        ("skipped", "error_correction"),
        ("failed", "retry"),
        ("succeeded", "alternative_path"),
        ("skipped", "retry"),
    ]


def test_a_ladder_that_was_cut_off(journal: Journal, read: Read) -> None:
    """An attempt without an outcome may still run; what follows is not decided yet."""
    journal.recovery(7, LOG[:2], plan=PLAN, status="open", ended_at=None, duration_ms=None)

    steps = reading.climbed(read(reading.story_of, "R7", now=0.0, limit=9).recoveries[0])

    assert [one.what for one in steps] == ["running", "unreached", "unreached", "unreached"]
    assert {one.why for one in steps[1:]} == {"it goes on"}


@pytest.mark.parametrize(
    "data",
    [
        "",
        "[]",
        "3",
        "{",
        '{"n": "x", "strategy": 4, "wait": "long", "elapsed": true, "reason": []}',
        '{"n": [1], "record": 3, "error": [], "budget_left": "all", "transient": "no"}',
        '{"n": 9, "record": {"details": 3, "metadata": {"fixes": 7}, "duration_ms": "x"}}',
    ],
)
def test_damaged_entries_hide_nothing_else(journal: Journal, read: Read, data: str) -> None:
    """A row that is not what it should be is told as far as it goes."""
    journal.recovery(7, LOG, first={"ladder": ["retry"]})
    for n, kind in ((8, "attempt"), (9, "outcome"), (10, "skipped"), (11, "what")):
        journal.put("entries", recovery=7, n=n, kind=kind, data=data, at=1.0)

    story = read(reading.story_of, "r7", now=0.0, limit=9)
    statistics = read(reading.journal_account, now=0.0).recoveries

    assert [one.n for one in reading.climbed(story.recoveries[0])][:3] == [1, None, 2]
    assert statistics.strategy_details["retry"].uses == 1


def test_stories_of_workflows_and_escalations(journal: Journal, read: Read) -> None:
    """Recoveries oldest first, the latest where there are too many; a question brings its own."""
    journal.workflow()
    journal.escalation(ONE)
    journal.escalation("esc_of_nobody")
    journal.step("w", "read/one", "failed", error="told by its recovery")
    journal.step("w", "read/two", "failed", error="told by nobody")
    journal.step("w", "read/three", "escalated", error="asked", escalation_id=ONE)
    for number in range(1, 6):
        journal.recovery(number, escalation_id=ONE if number == 2 else None)
    journal.recovery(6, workflow_id="other")

    of_workflow = read(reading.story_of, "w", now=0.0, limit=3)
    whole = read(reading.story_of, "w", now=0.0, limit=9)
    of_escalation = read(reading.story_of, ONE[:8], now=0.0, limit=3)

    assert [row.id for row in of_workflow.recoveries] == ["r3", "r4", "r5"]
    assert (of_workflow.total, [one.id for one in of_workflow.escalations]) == (
        5,
        ["esc_of_nobody"],
    )
    assert [one.id for one in whole.escalations] == [ONE, "esc_of_nobody"]
    assert [one.key for one in whole.bare_failures] == ["read/two"]
    assert [row.id for row in of_escalation.recoveries] == ["r2"]
    assert of_escalation.workflow is None


def test_workflows_that_only_their_troubles_name(journal: Journal, read: Read) -> None:
    """A recovery outside of a staged workflow has a workflow's id all the same."""
    journal.recovery(1, workflow_id="nightly")
    journal.escalation(ONE, workflow_id="nightly")
    journal.escalation("esc_2", workflow_id="other")

    story = read(reading.story_of, "nightly", now=0.0, limit=9)
    page = read(reading.list_escalations, workflow="nightly", limit=9)

    assert ([row.id for row in story.recoveries], story.workflow) == (["r1"], None)
    assert [one.id for one in story.escalations] == [ONE]
    assert [one.id for one in page.rows] == [ONE]
    with pytest.raises(UnknownWorkflowError):
        read(reading.list_escalations, workflow="night", limit=9)


def test_what_nothing_has_the_id_of(journal: Journal, read: Read) -> None:
    """The sentence names the latest recovery, or near workflows."""
    with pytest.raises(LookupError, match="no recovery has the id 'r1'; there are none"):
        read(reading.story_of, "r1", now=0.0, limit=1)
    journal.recovery(4)
    journal.workflow("nightly")

    with pytest.raises(LookupError, match="no recovery has the id 'r5'; the latest is 'r4'"):
        read(reading.story_of, "r5", now=0.0, limit=1)
    with pytest.raises(UnknownWorkflowError, match="workflows: nearest: 'nightly'"):
        read(reading.story_of, "nightli", now=0.0, limit=1)


def test_statistics_of_nothing(read: Read) -> None:
    """An empty journal has failed nothing."""
    account = read(reading.journal_account, now=0.0)

    assert (account.recoveries.total_attempts, account.recoveries.success_rate) == (0, 1.0)
    assert account.escalations.statuses == {
        "open": 0,
        "resolved": 0,
        "expired": 0,
        "superseded": 0,
    }
    assert account.escalations.median_answer_seconds is None
    assert account.workflows == {}


def test_statistics_count_ended_recoveries(journal: Journal, read: Read) -> None:
    """A pending one is a failure for its caller; one under way, or superseded, is not counted."""
    journal.recovery(1, LOG, strategy="alternative_path", duration_ms=3500.0)
    journal.recovery(2, LOG[:3], status="failed", duration_ms=1500.0, error_type="network")
    told = {"metadata": {"delivered": True}}
    journal.recovery(3, [], status="pending", escalation_id=ONE, duration_ms=10.0, account=told)
    journal.recovery(4, LOG[:2], status="open", ended_at=None, duration_ms=None)
    journal.recovery(5, LOG, status="superseded")

    one = read(reading.journal_account, now=journal.now).recoveries

    assert (one.total_attempts, one.succeeded, one.pending, one.open) == (3, 1, 1, 1)
    assert (one.success_rate, one.failure_rate) == pytest.approx((1 / 3, 2 / 3))
    assert (one.escalated, one.delivered, one.resolved) == (1, 1, 0)
    assert one.error_type_counts == {"timeout": 2, "network": 1}
    assert one.avg_recovery_time_ms == pytest.approx(5010 / 3)
    assert (one.recovery_time_p50, one.recovery_time_p99) == (1500.0, 3500.0)
    assert list(one.strategy_usage.items()) == [("retry", 2), ("alternative_path", 1)]
    assert one.strategy_success_rates == {"retry": 0.0, "alternative_path": 1.0}
    retry = one.strategy_details["retry"]
    assert (retry.uses, retry.successes, retry.exhaustion_rate, retry.p50) == (2, 0, 1.0, 1500.0)


def test_statistics_since_a_moment(journal: Journal, read: Read) -> None:
    """What ended before does not count; what is open does, however old."""
    journal.recovery(1, LOG, age=9_000)
    journal.recovery(2, LOG, age=60)
    journal.escalation("esc_1", age=9_000)
    for name, opened, ended, kind in (
        ("esc_2", 9_000, 8_000, "skip"),
        ("esc_3", 150, 50, "retry"),
        ("esc_4", 350, 50, "retry"),
        ("esc_5", 100, 50, "edit"),
    ):
        ending = {"status": "resolved", "decision": kind, "decided_by": "ann"}
        journal.escalation(name, age=opened, columns=ending | {"at": journal.now - ended})
    by_time = {"status": "resolved", "decision": "abort", "decided_by": "timeout"}
    journal.escalation("esc_6", age=5_000, columns=by_time | {"at": journal.now - 1})
    journal.escalation("esc_7", columns={"status": "expired", "at": journal.now - 1})
    for n, state in enumerate(["due", "delivered", "given_up", "claimed", "delivered"], start=1):
        journal.put("notices", n=n, state=state)

    account = read(reading.journal_account, now=journal.now, since=journal.now - 3600)
    questions = account.escalations

    assert account.recoveries.total_attempts == 1
    assert account.recoveries.strategy_usage == {"retry": 1, "alternative_path": 1}
    assert questions.statuses == {"open": 1, "resolved": 4, "expired": 1, "superseded": 0}
    assert questions.decisions == {"retry": 2, "abort": 1, "edit": 1}
    assert questions.median_answer_seconds == pytest.approx(100)
    assert questions.notices == {"delivered": 1, "given_up": 1, "waiting": 2}


def test_cancelling(journal: Journal, read: Read) -> None:
    """Nobody runs it: it ends at once, and its questions with it; a second time says so."""
    journal.workflow("w", "paused")
    journal.escalation("esc_1")
    journal.escalation("esc_2", workflow_id="w/part")
    journal.escalation("esc_3", workflow_id="other")
    journal.workflow("over", "done")

    done = reading.cancel_workflow(journal.path, "w")
    again = reading.cancel_workflow(journal.path, "w")
    over = reading.cancel_workflow(journal.path, "over")

    assert (done.cancelled, done.state, done.owner) == (True, "cancelled", None)
    assert [row.id for row in done.superseded] == ["esc_1", "esc_2"]
    assert (again.cancelled, again.superseded) == (False, ())
    assert (over.cancelled, over.state) == (False, "done")
    counts = read(reading.list_escalations, limit=9).counts
    assert counts == {"open": 1, "superseded": 2}
    with pytest.raises(UnknownWorkflowError):
        reading.cancel_workflow(journal.path, "nobody")


def test_cancelling_what_somebody_runs(journal: Journal, read: Read) -> None:
    """It is told to end; its process does that with its next write."""
    journal.workflow("w", "running", owner=this_process())

    done = reading.cancel_workflow(journal.path, "w")

    assert (done.cancelled, done.state) == (True, "running")
    assert done.owner is not None
    assert done.owner.pid == os.getpid()
    assert read(reading.workflow_account, "w", now=journal.now).row.cancelled


def test_told_to_end_and_dead_is_cancelled(journal: Journal, read: Read) -> None:
    """Its process died before it could end it: it counts as ended everywhere, and can be cancelled
    no more; what is open of it is superseded all the same.
    """
    journal.workflow("w", "running", owner=dead_process(), cancelled=1)
    journal.workflow("cut", "running", owner=dead_process())
    journal.escalation("esc_1")

    rows = [
        [row.id for row in read(reading.list_workflows, now=journal.now, state=state, limit=1)]
        for state in ("cancelled", "interrupted", "running")
    ]
    counts = read(reading.count_workflows, now=journal.now)
    again = reading.cancel_workflow(journal.path, "w")
    first = reading.cancel_workflow(journal.path, "cut")

    assert rows == [["w"], ["cut"], []]
    assert counts == {"interrupted": 1, "cancelled": 1}
    assert (again.cancelled, again.state, again.owner) == (False, "cancelled", None)
    assert [row.id for row in again.superseded] == ["esc_1"]
    assert (first.cancelled, first.state, first.owner) == (True, "cancelled", None)
    owners = "SELECT status, owner, ended_at IS NULL FROM workflows"
    assert set(journal.file.read(lambda c: c.execute(owners).fetchall())) == {
        ("cancelled", None, 0)
    }


def test_the_hour_is_the_clocks(journal: Journal) -> None:
    """Ages are told by the clock that was given."""
    clock = FakeClock()

    with reading.JournalReader(journal.path, clock=clock) as file:
        assert file.now() == clock.now().timestamp()


def test_a_reader_leaves_the_mode_alone(journal: Journal) -> None:
    """The file stays its owner's."""
    reading.JournalReader(journal.path).close()

    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


@pytest.mark.slow
def test_ten_thousand_open_escalations_are_listed_soon(tmp_path: Path) -> None:
    """A page of them costs at most twenty times the page that holds all of a hundred."""

    def cost(number: int) -> float:
        with Journal(tmp_path / f"{number}.db") as journal:
            row = {"workflow_id": "w", "key": "", "status": "open", "boot": "", "report": "{}"}
            names = [*row, "id", "priority", "opened_at"]
            sql = (
                f"INSERT INTO escalations({', '.join(names)}) VALUES({', '.join('?' * len(names))})"
            )
            report = '{"description": "' + "x" * 2_000 + '"}'
            rows = [
                (*(row | {"report": report}).values(), f"esc_{i:020x}", "low", float(i))
                for i in range(number)
            ]
            journal.file.write_now(lambda c: c.executemany(sql, rows), durable=False)
            with reading.JournalReader(journal.path) as file:
                times = []
                for _ in range(5):
                    start = time.perf_counter()
                    file.read(lambda c: reading.list_escalations(c, status="open", limit=100))
                    times.append(time.perf_counter() - start)
        return min(times)

    small, large = cost(100), cost(10_000)

    assert large < 20 * small, (small, large)
