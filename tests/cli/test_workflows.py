"""``omninode-bridge workflows``: what stands how, one whole, and ending one."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows.journal import reading
from omninode_bridge.agents.workflows.journal._owner import this_process
from omninode_bridge.agents.workflows.recovery_models.statistics import (
    RecoveryStatistics,
    StrategyStatistics,
)

from ..journal._rows import Journal, dead_process

pytestmark = pytest.mark.usefixtures("place")

Run = Callable[..., Any]
COMMANDS = (
    ("workflows", "list"),
    ("workflows", "show", "w"),
    ("workflows", "cancel", "w"),
    ("workflows", "restart", "w"),
    ("workflows", "delete", "w", "--force"),
    ("escalations", "list"),
    ("escalations", "show", "esc_1"),
    ("escalations", "answer", "esc_1", "skip"),
    ("explain", "r1"),
    ("stats",),
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_journal_is_told_and_not_made(run: Run, place: Path, command: tuple[str]) -> None:
    """Looking makes nothing; the sentence says what would."""
    ended = run(*command)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"omninode-bridge: there is no journal at {str(place)!r}; `omninode-bridge generate` makes "
        "one, and --journal names another\n"
    )
    assert not place.exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_another_journal(
    run: Run, journal: Journal, monkeypatch: pytest.MonkeyPatch, command: tuple[str]
) -> None:
    """The option wins over the environment."""
    journal.workflow("w", "paused")
    journal.escalation("esc_1")
    journal.recovery(1)
    monkeypatch.setenv("OMNINODE_BRIDGE_JOURNAL", "nowhere.db")

    ended = run(*command, "--journal", journal.path)

    assert (ended.code, ended.err) == (0, "")
    assert not Path("nowhere.db").exists()


@pytest.mark.parametrize(
    ("environment", "where"),
    [
        ({"XDG_STATE_HOME": "/somewhere"}, "/somewhere/omninode-bridge/journal.db"),
        ({"XDG_STATE_HOME": "relative"}, "/home/ann/.local/state/omninode-bridge/journal.db"),
        ({}, "/home/ann/.local/state/omninode-bridge/journal.db"),
    ],
)
def test_where_the_journal_is_by_default(
    run: Run, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], where: str
) -> None:
    """In the user's state folder."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("OMNINODE_BRIDGE_JOURNAL")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/ann")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    ended = run("workflows", "list")

    assert ended.code == 2
    assert f"there is no journal at {where!r}" in ended.err


def test_no_home_folder_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service without a home folder names a file."""

    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("OMNINODE_BRIDGE_JOURNAL")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nowhere)

    ended = run("stats")

    assert ended.code == 2
    assert "name one with --journal or OMNINODE_BRIDGE_JOURNAL" in ended.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("workflows",), "missing command"),
        (("workflows", "show"), "missing argument 'ID'"),
        (("workflows", "show", "nobody"), "no workflow has the id 'nobody'; the latest: 'w'"),
        (("workflows", "cancel", "ww"), "no workflow has the id 'ww'; nearest: 'w'"),
        (("workflows", "restart", "ww"), "no workflow has the id 'ww'; nearest: 'w'"),
        (("workflows", "delete", "ww"), "no workflow has the id 'ww'; nearest: 'w'"),
        (("workflows", "list", "--status", "odd"), "'odd' is not one of 'running'"),
        (("workflows", "list", "--limit", "0"), "--limit is '0'; it must be a whole number from 1"),
        (("workflows", "list", "--journal", ""), "--journal is empty"),
        (("workflows", "list", "--journal", "."), "is a folder; it must be a file"),
        (("escalations", "list", "--workflow", "x"), "no workflow has the id 'x'"),
        (("stats", "--since", "yesterday"), "--since is 'yesterday'; it must be a time span"),
        (("stats", "--since", "0h"), "--since is '0h'"),
    ],
)
def test_wrong_input_is_one_sentence(
    run: Run, journal: Journal, arguments: tuple[str, ...], sentence: str
) -> None:
    """On stderr, with exit code 2, and nothing else."""
    journal.workflow("w")

    ended = run(*arguments)

    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert ended.err.count("\n") == 1


def test_an_empty_list_says_so(run: Run, journal: Journal) -> None:
    """Silence would leave open whether anything was read."""
    assert run("workflows", "list").out == "no workflows yet\n"

    journal.workflow()

    assert run("workflows", "list", "--status", "failed").out == "no failed workflows among 1\n"


def test_the_list(run: Run, journal: Journal) -> None:
    """A line for each: id, how it stands, how old, its steps, its questions, its error."""
    journal.workflow("nightly", "failed", age=7_300, error="OSError: the disk is full")
    journal.workflow("generate-1f3a", "paused", kind="generate")
    for number, status in enumerate(("done", "done", "escalated")):
        journal.step("generate-1f3a", f"read/{number}", status)
    journal.escalation("esc_1", workflow_id="generate-1f3a/order")

    lines = run("workflows", "list").out.splitlines()

    assert lines[0].split() == ["workflow", "status", "age", "steps", "open", "what"]
    assert " ".join(lines[2].split()) == (
        "generate-1f3a paused 5 min 2 done, 1 escalated 1 waits for an answer"
    )
    assert " ".join(lines[3].split()) == "nightly failed 2 h none OSError: the disk is full"
    assert lines[-1] == "2 workflows: 1 paused, 1 failed"


def test_the_list_is_bounded(run: Run, journal: Journal) -> None:
    """What is not shown is counted, of the status that was asked for."""
    for number in range(5):
        journal.workflow(f"w{number}", age=number)
    journal.workflow("other", "failed")

    ended = run("workflows", "list", "--limit", "2", "--status", "done")

    assert "w0" in ended.out
    assert "w1" in ended.out
    assert "w2" not in ended.out
    assert "and 3 more (--limit shows more)\n" in ended.out


def test_the_statuses_are_those_of_the_journal(run: Run, journal: Journal) -> None:
    """The command knows every state that a workflow can be in."""
    for state in reading.WORKFLOW_STATES:
        assert run("workflows", "list", "--status", state).code == 0


def test_one_workflow_whole(run: Run, journal: Journal) -> None:
    """Stages and steps with how they ended, what was not reused, questions, how to go on."""
    journal.workflow("generate-1f3a", "paused", kind="generate", runs=3)
    journal.step("generate-1f3a", "read/adder", stale="its inputs changed")
    journal.step("generate-1f3a", "read/order", "escalated", escalation_id="esc_1", error="no type")
    journal.step("generate-1f3a", "place/adder", "started", starts=2)
    journal.escalation("esc_1", workflow_id="generate-1f3a", age=130)
    ending = {"status": "resolved", "decision": "skip", "decided_by": "ann"}
    journal.escalation(
        "esc_2", workflow_id="generate-1f3a", columns=ending | {"at": journal.now - 65}
    )

    ended = run("workflows", "show", "gen")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("generate-1f3a  paused\n  generate, begun 5 min ago, ")
    assert "UTC, taken up again 2 times\n" in ended.out
    assert (
        "stage read\n  adder  done in 1.5 s\n      not reused: its inputs changed\n"
        "  order  escalated in 1.5 s\n      no type\n      asked as esc_1\n"
        "stage place\n  adder  begun and not ended, begun 2 times\n"
    ) in ended.out
    assert (
        "2 escalations\n  esc_1  open for 2 min: Contract validation failed: ValueError: no name\n"
    ) in ended.out
    assert "  esc_2  ann answered 'skip' 1 min ago: Contract" in ended.out
    assert ended.out.endswith(
        "to see what is asked, and how to answer:\n  omninode-bridge escalations show esc_1\n"
        "then, to go on:\n  omninode-bridge resume generate-1f3a\n"
    )


@pytest.mark.parametrize(
    ("state", "owner", "said"),
    [
        ("running", this_process(), f"process {os.getpid()} on"),
        ("running", dead_process(), "ran it and is gone"),
        ("running", None, "nobody runs it"),
    ],
    ids=["alive", "gone", "nobody"],
)
def test_who_runs_it(run: Run, journal: Journal, state: str, owner: Any, said: str) -> None:
    """Whether the process lives is said, and how to go on where it does not."""
    journal.workflow("w", state, owner=owner, kind="generate")

    ended = run("workflows", "show", "w")

    assert said in ended.out
    assert ("omninode-bridge resume w" in ended.out) == (owner != this_process())


@pytest.mark.parametrize(
    ("runs", "end"), [(1, "\n"), (2, ", the time between its runs included\n")]
)
def test_how_long_it_took(run: Run, journal: Journal, runs: int, end: str) -> None:
    """Of one that was taken up it is said that nobody was at work all the time."""
    journal.workflow("w", "done", runs=runs)

    assert f" UTC, after 30.0 s{end}" in run("workflows", "show", "w").out


def test_steps_that_run_now(run: Run, journal: Journal) -> None:
    """Of a living process they run; of a dead one nobody knows."""
    for name, owner in (("alive", this_process()), ("gone", dead_process())):
        journal.workflow(name, "running", owner=owner)
        journal.step(name, "s/one", "started", starts=1, started_at=journal.now - 130)

    assert "  one  runs for 2 min\n" in run("workflows", "show", "alive").out
    assert "  one  begun and not ended\n" in run("workflows", "show", "gone").out


def test_workflows_of_ones_own_program(run: Run, journal: Journal) -> None:
    """What `resume` cannot begin again, the program that began it can."""
    journal.workflow("w", "paused")

    assert "run the program that began it again" in run("workflows", "show", "w").out


def test_an_abort_that_is_not_applied_yet(run: Run, journal: Journal) -> None:
    """Running it again only ends it; what begins it anew is named."""
    journal.workflow("w", "paused")
    ending = {"status": "resolved", "decision": "abort", "decided_by": "ann", "at": journal.now}
    journal.escalation("esc_1", columns=ending)

    shown = run("workflows", "show", "w").out

    assert "to go on" not in shown
    assert shown.endswith(
        "given up: run again, it ends with WorkflowFailedError; to begin it anew:\n"
        "  omninode-bridge workflows restart w\n"
    )


def test_what_was_cut_off_does_not_wait(run: Run, journal: Journal) -> None:
    """Whatever it has asked; and how many steps it will have is not guessed from those begun."""
    journal.workflow("w", "running")
    for number, status in enumerate(("done", "done", "started")):
        journal.step("w", f"read/{number}", status)
    journal.escalation("esc_1")

    line = " ".join(run("workflows", "list").out.splitlines()[2].split())

    assert line == "w interrupted 5 min 2 done, 1 begun 1 was cut off; it has asked"


@pytest.mark.parametrize("state", ["done", "cancelled", "failed"])
def test_nothing_goes_on_with_what_is_over(run: Run, journal: Journal, state: str) -> None:
    """No command is offered that would do nothing."""
    journal.workflow("w", state)

    assert "to go on" not in run("workflows", "show", "w").out


def test_what_a_human_has_ended(run: Run, journal: Journal) -> None:
    """Who and when, beside the error; what was given up is not gone on with but restarted."""
    said = json.dumps(
        {"message": "", "answer": ["skip", "ann", "2026-03-04T05:06:07+00:00", "esc_1"]}
    )
    told = "by ann (escalation esc_1)"
    given_up = said.replace("skip", "abort")
    journal.workflow("w", "failed", kind="generate", error="aborted by ann at a time")
    journal.workflow("other", "failed", error="no disk")
    more = {"escalation_id": "esc_1"}
    journal.step("w", "read/one", "skipped", result=said, error=f"skipped {told}: no type", **more)
    journal.step("w", "read/two", "aborted", result=given_up, error=f"aborted {told}", **more)
    journal.step("w", "read/three", "skipped", result="damaged", error="left out")

    shown = run("workflows", "show", "w")
    listed = run("workflows", "list")

    assert shown.out.startswith("w  aborted\n")
    assert (
        "  one  skipped by ann, 2026-03-04 05:06:07 UTC\n      no type\n      asked as esc_1\n"
        "  two  aborted by ann, 2026-03-04 05:06:07 UTC\n      asked as esc_1\n"
        "  three  skipped in 1.5 s\n      left out\n"
    ) in shown.out
    assert shown.out.endswith("\n  omninode-bridge workflows restart w\n")
    assert "resume" not in shown.out
    assert listed.out.endswith("2 workflows: 1 failed, 1 aborted\n")
    rows = json.loads(run("workflows", "show", "w", "--format", "json").out)["step_rows"]
    assert [one["answer"] for one in rows] == [
        {"by": "ann", "at": "2026-03-04T05:06:07.000Z"},
        {"by": "ann", "at": "2026-03-04T05:06:07.000Z"},
        None,
    ]


def test_answers_that_nobody_used(run: Run, journal: Journal) -> None:
    """Whoever gave one learns that it came to nothing; one that is yet to be used is none."""
    journal.workflow("w", "paused", kind="generate")
    ending = {"status": "resolved", "decision": "edit", "decided_by": "ann", "at": 1_700_000_000.0}
    for name in ("esc_lost", "esc_soon"):
        journal.escalation(name, workflow_id="w", columns={**ending, "key": f"w/{name}"})
    journal.step("w", "read/two", "escalated", escalation_id="esc_soon")
    journal.recovery(
        1, workflow_id="w", step_key="read/two", status="pending", escalation_id="esc_soon"
    )

    shown = run("workflows", "show", "w").out
    told = json.loads(run("workflows", "show", "w", "--format", "json").out)["unused_answers"]

    assert (
        "  esc_lost: ann answered at 2023-11-14 22:13:20 UTC, but its step did not ask again\n"
    ) in shown
    assert shown.count("did not ask again") == 1
    assert told == [{"id": "esc_lost", "by": "ann", "at": "2023-11-14T22:13:20.000Z"}]


def test_many_steps_are_bounded_and_what_failed_is_shown(run: Run, journal: Journal) -> None:
    """Of the steps that are simply done some are left out first."""
    journal.workflow()
    for number in range(30):
        journal.step("w", f"s/{number:02}", "failed" if number == 25 else "done")

    ended = run("workflows", "show", "w", "--limit", "3")

    assert "  00  done" in ended.out
    assert "  01  done" in ended.out
    assert "  02  done" not in ended.out
    assert "  25  failed" in ended.out
    assert "  and 27 more (--limit shows more)" in ended.out


def test_json_says_the_same(run: Run, journal: Journal) -> None:
    """Lists and one whole, with times in ISO 8601."""
    journal.workflow("w", "running", owner=dead_process(), kind="generate", spec='{"a": 1}')
    journal.step("w", "read/one", result="[1]")
    journal.escalation("esc_1")

    listed = json.loads(run("workflows", "list", "--format", "json").out)
    shown = json.loads(run("workflows", "show", "w", "--format", "json").out)

    assert (listed["counts"], listed["not_shown"]) == ({"interrupted": 1}, 0)
    one = listed["workflows"][0]
    assert (one["id"], one["status"], one["steps"]) == ("w", "interrupted", {"done": 1})
    assert one["created_at"].endswith("Z")
    assert one["owner"]["alive"] is False
    assert shown | one == shown
    assert (shown["spec"], shown["steps_not_shown"]) == ({"a": 1}, 0)
    assert [(one["stage"], one["step"]) for one in shown["step_rows"]] == [("read", "one")]
    assert shown["escalations"] == [
        {"id": "esc_1", "status": "open", "asked": "Contract validation failed"}
    ]


def test_cancel(run: Run, journal: Journal) -> None:
    """It is cancelled, its questions cannot be answered any more, and a second time is told."""
    journal.workflow("w1", "paused")
    journal.escalation("esc_1", workflow_id="w1")

    first = run("workflows", "cancel", "w")
    second = run("workflows", "cancel", "w1")
    answer = run("escalations", "answer", "esc_1", "skip")

    assert (first.code, first.err) == (0, "")
    assert first.out == (
        "workflow 'w1' is cancelled\n1 open question of it can no longer be answered\n"
    )
    assert (second.code, second.out) == (1, "")
    assert second.err == "omninode-bridge: workflow 'w1' had ended before: it is cancelled\n"
    assert answer.code == 1
    assert "too late for esc_1: it was superseded at" in answer.err


def test_a_question_whose_time_was_over_is_not_superseded(run: Run, journal: Journal) -> None:
    """It has ended at its deadline, in the way that it says, although nobody had noticed."""
    over = {"timeout": 1.0, "due": 0.0, "deadline": journal.now - 5}
    journal.workflow("w", "paused")
    journal.escalation("esc_1", columns=over)
    journal.escalation("esc_2", columns=over, timeout=1.0, on_timeout="skip")
    journal.escalation("esc_3")

    ended = run("workflows", "cancel", "w")
    listed = json.loads(run("escalations", "list", "--status", "all", "--format", "json").out)

    assert ended.code == 0
    assert "1 open question of it" in ended.out
    found = {one["id"]: (one["status"], one["by"]) for one in listed["escalations"]}
    assert found == {
        "esc_1": ("expired", None),
        "esc_2": ("resolved", "timeout"),
        "esc_3": ("superseded", None),
    }


def test_a_restart_counts_as_open_what_is(run: Run, journal: Journal) -> None:
    """A question whose time was over is none that somebody could still have answered."""
    over = {"timeout": 1.0, "due": 0.0, "deadline": journal.now - 5}
    journal.workflow("w", "paused")
    journal.escalation("esc_1", columns=over)
    journal.escalation("esc_2")

    assert "1 open question of it" in run("workflows", "restart", "w").out


def test_cancel_what_runs(run: Run, journal: Journal) -> None:
    """The process that runs it is named; it ends by itself."""
    journal.workflow("w", "running", owner=this_process())

    ended = run("workflows", "cancel", "w")

    assert ended.code == 0
    assert f"process {os.getpid()} runs it and ends it" in " ".join(ended.out.split())
    assert "it was told to end" in " ".join(run("workflows", "show", "w").out.split())


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
def test_output_fits_the_width(
    run: Run, journal: Journal, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """No line is wider than the terminal, but for commands, which stay in one piece."""
    odd = "\x1b[2J\u202e" + "ü" * 150
    journal.workflow(odd, "failed", error=f"OSError: {odd}")
    journal.step(odd, f"read/{odd}", "failed", error=odd, stale=odd)
    journal.escalation("esc_1", workflow_id=odd, description=odd, node_name=odd, code=odd)
    journal.recovery(
        1, [("skipped", {"strategy": odd, "reason": odd})], workflow_id=odd, first={"message": odd}
    )
    monkeypatch.setenv("COLUMNS", str(width))

    for command in (
        ("workflows", "list"),
        ("workflows", "show", "r1"[:0] + odd),
        ("escalations", "list"),
        ("escalations", "list", "--status", "all"),
        ("escalations", "show", "esc_1"),
        ("explain", "r1"),
        ("explain", odd),
        ("stats",),
    ):
        ended = run(*command)

        assert ended.code == 0, ended.err
        assert "\x1b" not in ended.out
        assert "\u202e" not in ended.out
        lines = [one for one in ended.out.splitlines() if "omninode-bridge " not in one]
        assert max(map(len, lines)) <= width, command


@pytest.mark.checkout
def test_every_field_of_the_json_is_in_the_reference(run: Run, journal: Journal) -> None:
    """Whoever reads the JSON finds its names in the page, whichever command printed them."""
    journal.workflow("w", "running", owner=dead_process())
    journal.step("w", "read/one")
    journal.escalation("esc_1")
    journal.put("notices", n=1, state="due")
    log: list[tuple[str, dict[str, Any]]] = [("attempt", {"n": 1, "strategy": "retry"})]
    journal.recovery(1, log, escalation_id="esc_1")
    page = Path(__file__).parents[2] / "docs" / "reference" / "journal.md"
    named = set(re.findall(r"`(\w+)`", page.read_text(encoding="utf-8")))
    named |= {one.name for one in (*fields(RecoveryStatistics), *fields(StrategyStatistics))}
    data = {"steps", "statuses", "decisions", "strategy_usage", "error_type_counts"}
    data |= {"counts", "strategy_success_rates", "strategy_details"}

    def names(value: Any) -> Iterator[str]:
        for one in value if isinstance(value, list) else ():
            yield from names(one)
        for key, inner in value.items() if isinstance(value, dict) else ():
            yield key
            yield from () if key in data else names(inner)

    for command in (
        ("workflows", "list"),
        ("workflows", "show", "w"),
        ("escalations", "list"),
        ("escalations", "show", "esc_1"),
        ("explain", "w"),
    ):
        told = json.loads(run(*command, "--format", "json").out)
        assert set(names(told)) - named == set(), command
    told = json.loads(run("stats", "--format", "json").out)
    assert set(names(told | {"workflows": {}})) - named == set()
