"""``omninode-bridge escalations``: what waits for a person, all of it, and one answer that counts."""

from __future__ import annotations

import http.server
import io
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.agents.workflows.journal._owner import this_process
from omninode_bridge.agents.workflows.journal.escalations import JournalEscalationStore
from omninode_bridge.agents.workflows.recovery_models import Decision, EscalationRow

from .._reports import report
from ..journal._rows import ONE, Journal

Run = Callable[..., Any]
ANSWERS = ("retry", "edit", "value", "skip", "abort")


@pytest.fixture
def row(journal: Journal) -> Callable[[], EscalationRow]:
    """Read the escalation as the program that waits for it does."""

    def read() -> EscalationRow:
        file = JournalFile(journal.path)
        try:
            coroutine = JournalEscalationStore(file).get(ONE)
            with pytest.raises(StopIteration) as ended:
                coroutine.send(None)
            found = ended.value.value
            assert isinstance(found, EscalationRow)
            return found
        finally:
            file.close()

    return read


def say(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_empty_lists_say_so(run: Run, journal: Journal) -> None:
    """What there is instead is counted."""
    assert run("escalations", "list").out == "no open escalations\n"

    ending = {"status": "resolved", "decision": "skip", "at": journal.now}
    journal.escalation(ONE, columns=ending)

    assert run("escalations", "list").out == "no open escalations; 1 resolved\n"


def test_the_list(run: Run, journal: Journal) -> None:
    """At a glance: id, priority, age, workflow, time left, and what is asked."""
    journal.escalation(
        ONE, priority="high", workflow_id="w1", columns={"deadline": journal.now + 7_300}
    )
    journal.escalation("esc_2", priority="critical", age=20, description="", workflow_id="w2/part")
    journal.escalation("esc_3", columns={"deadline": journal.now - 5})

    ended = run("escalations", "list")
    lines = [" ".join(line.split()) for line in ended.out.splitlines()]

    assert (ended.code, ended.err) == (0, "")
    assert lines[0] == "id priority age workflow deadline asked"
    assert lines[2:5] == [
        "esc_2 critical 20 s w2/part none ValueError: no name",
        "esc_01234567 high 5 min w1 in 2 h Contract validation failed: ValueError: no name",
        "esc_3 medium 5 min w over Contract validation failed: ValueError: no name",
    ]
    assert ended.out.endswith(
        "3 open escalations\nto see one whole, and how to answer it:\n"
        "  omninode-bridge escalations show esc_2\n"
    )


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        ("ContractError: /a/b c/f06.yaml:9:20: leads nowhere", "f06.yaml:9:20: leads nowhere"),
        ("ContractError: sub/f06.yaml:9: odd", "f06.yaml:9: odd"),
        ("KeyError: 'type'", "KeyError: 'type'"),
        ("OSError: /etc: no such file", "OSError: /etc: no such file"),
        ("lines\n  of\ttext", "lines of text"),
    ],
)
def test_the_list_says_what_differs(
    run: Run, journal: Journal, monkeypatch: pytest.MonkeyPatch, error: str, asked: str
) -> None:
    """Where in which file, without folders that all have; of anything else the whole error."""
    monkeypatch.setenv("COLUMNS", "140")
    journal.escalation(ONE, description="Contract validation failed", error_message=error)

    line = run("escalations", "list").out.splitlines()[2]

    assert line.endswith(f"  Contract validation failed: {asked}")


def test_a_question_ends_in_its_own_sign(run: Run, journal: Journal) -> None:
    """A colon follows words, not a question mark."""
    journal.escalation(ONE, description="What now?")

    assert "  What now? ValueError: no name\n" in run("escalations", "list").out


def test_the_list_is_bounded(run: Run, journal: Journal) -> None:
    """The least urgent are left out, and counted."""
    for number, priority in enumerate(("low", "critical", "low", "high")):
        journal.escalation(f"esc_{number}", priority=priority)

    ended = run("escalations", "list", "--limit", "2")
    told = json.loads(run("escalations", "list", "--limit", "3", "--format", "json").out)

    assert re.findall(r"^esc_\d", ended.out, re.MULTILINE) == ["esc_1", "esc_3"]
    assert "and 2 more (--limit shows more)\n4 open escalations\n" in ended.out
    assert [one["id"] for one in told["escalations"]] == ["esc_1", "esc_3", "esc_0"]
    assert told["not_shown"] == 1


def test_ended_ones_tell_how(run: Run, journal: Journal) -> None:
    """Who answered what and when, or that nobody did."""
    ending = {"at": journal.now - 130, "decided_by": "ann", "decision": "edit"}
    journal.escalation(ONE, columns=ending | {"status": "resolved"})
    journal.escalation("esc_2", columns={"at": journal.now - 130, "status": "expired"})
    journal.escalation("esc_3")

    ended = run("escalations", "list", "--status", "all")
    only = run("escalations", "list", "--status", "expired")

    assert "edit by ann 2 min ago" in ended.out
    assert "expired 2 min ago" in ended.out
    assert "3 escalations\n" in ended.out
    assert "1 expired escalation\n" in only.out
    assert "ann" not in only.out


def test_one_whole(run: Run, journal: Journal) -> None:
    """The whole report, who is to look, until when, and the commands that answer."""
    journal.workflow("run")
    journal.escalation(
        ONE,
        workflow_id="run",
        assignee="contracts-team",
        chain=("KeyError: 'type'",),
        attempts=("retry: TimeoutError: x",),
        code="import os\n\tprint(1)",
        diff="-a\n+b",
        context={"order": {"id": 7}},
        on_timeout="skip",
        answers=ANSWERS,
        edits=("text", "mode"),
        check="generation.contract",
        columns={"deadline": journal.now + 7_330, "joined": 2},
    )
    journal.recovery(9, escalation_id=ONE)
    journal.put(
        "notices",
        n=1,
        state="due",
        tries=2,
        maybe=1,
        channels='{"slack": [true, 0], "x": [false, 1, "503"]}',
    )

    ended = run("escalations", "show", ONE[:8])

    assert (ended.code, ended.err) == (0, "")
    flat = " ".join(ended.out.split())
    for part in (
        f"{ONE} open, medium Contract validation failed",
        "workflow: run node: n (step 1) asked: 5 min ago, 20",
        "assignee: contracts-team asked again: 2 times",
        "deadline: in 2 h 2 min, 20",
        "then it counts as 'skip'",
        "recovery: r9",
        "notice: waiting after 2 tries, 1 of unknown end",
        "notice: slack: delivered notice: x: not delivered, 1 of unknown end: 503",
        "error ValueError: no name from KeyError: 'type'",
        "tried before retry: TimeoutError: x",
        "what a correction tried -a +b",
        'state { "order": { "id": 7 } }',
        "what edit may change: text, mode",
        "is checked before it is accepted",
    ):
        assert part in flat, part
    assert "code\n  import os\n      print(1)\n" in ended.out
    commands = re.findall(r"^  omninode-bridge escalations answer (.*)$", ended.out, re.MULTILINE)
    assert commands == [
        "esc_01234567 retry",
        "esc_01234567 edit text=@FILE",
        "esc_01234567 value @FILE",
        "esc_01234567 skip",
        "esc_01234567 abort",
    ]


def test_only_what_can_be_applied_is_offered(run: Run, journal: Journal) -> None:
    """Where there is no call to run again, nobody is told to try."""
    journal.escalation(ONE, answers=("value", "skip", "abort"))

    ended = run("escalations", "show", ONE)

    assert re.findall(r"answer esc_01234567 (\w+)", ended.out) == ["value", "skip", "abort"]


def test_commands_name_the_journal_that_was_named(run: Run, journal: Journal) -> None:
    """What is copied works as it stands, whatever is in the path."""
    journal.escalation(ONE)
    odd = journal.path.with_name("my journal's.db")
    journal.file.close()
    journal.path.rename(odd)

    ended = run("escalations", "list", "--journal", odd)
    command = ended.out.splitlines()[-1].strip().replace("omninode-bridge", sys.executable, 1)
    done = subprocess.run(
        command.replace(sys.executable, f"{sys.executable} -m omninode_bridge", 1),
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert ONE in done.stdout


def test_json_says_the_same(run: Run, journal: Journal) -> None:
    """Everything that the text tells is there as data."""
    journal.escalation(ONE, answers=ANSWERS, edits=("text",), context={"a": [1]})
    journal.escalation("esc_9")

    told = json.loads(run("escalations", "show", ONE, "--format", "json").out)

    assert (told["id"], told["status"], told["priority"]) == (ONE, "open", "medium")
    assert told["report"]["answers"] == list(ANSWERS)
    assert (told["report"]["edits"], told["report"]["context"]) == (["text"], {"a": [1]})
    assert told["report"]["error_message"] == "ValueError: no name"
    assert (told["also_open"], told["workflow_status"], told["decision"]) == (["esc_9"], None, None)


@pytest.mark.parametrize(
    ("typed", "decision"),
    [
        (("retry",), Decision.retry()),
        (("skip",), Decision.skip()),
        (("abort",), Decision.abort()),
        (("edit", "text=a=b", "mode="), Decision.edit({"text": "a=b", "mode": ""})),
        (
            ("edit", "--set-json", 'mode={"n": [1.5, null]}', "text=3"),
            Decision.edit({"mode": {"n": [1.5, None]}, "text": "3"}),
        ),
        (("edit", "text=@in.yaml"), Decision.edit({"text": "kind: ä\n"})),
        (("edit", "text=@-"), Decision.edit({"text": "from stdin"})),
        (("edit", "--set-json", "text=@in.json"), Decision.edit({"text": [1, "ü"]})),
        (("value", '{"a": 1}'), Decision.value({"a": 1})),
        (("value", "null"), Decision.value(None)),
        (("value", "-5"), Decision.value(-5)),
        (("edit", "--set-json", 'text="@x"'), Decision.edit({"text": "@x"})),
        (("value", "@in.json"), Decision.value([1, "ü"])),
        (("value", "--text", "@no file"), Decision.value("@no file")),
    ],
)
def test_an_answer_is_what_was_typed(
    run: Run,
    journal: Journal,
    row: Callable[[], EscalationRow],
    monkeypatch: pytest.MonkeyPatch,
    typed: tuple[str, ...],
    decision: Decision,
) -> None:
    """Texts, files, stdin and JSON arrive as they are, with the name of who answered."""
    journal.escalation(ONE)
    Path("in.yaml").write_bytes(b"\xef\xbb\xbfkind: \xc3\xa4\n")
    Path("in.json").write_text('[1, "ü"]', encoding="utf-8")
    say(monkeypatch, b"from stdin")

    ended = run("escalations", "answer", ONE[:10], *typed, "--by", "ann")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"accepted: ann answered {str(decision.kind)!r}\n")
    assert (row().decision, row().by) == (decision, "ann")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ((), "missing argument"),
        (("maybe",), "'maybe' is not one of 'retry', 'edit', 'value', 'skip', 'abort'"),
        (("retry", "--bye", "ann"), "'--bye' is too much: 'retry' stands alone"),
        (("value", "--wat"), "'--wat' is no JSON"),
        (("retry", "now"), "'now' is too much: 'retry' stands alone"),
        (("skip", "--text", "x"), "--text goes with 'value', not with 'skip'"),
        (("retry", "--set-json", "a=1"), "--set-json goes with 'edit', not with 'retry'"),
        (("edit",), "'edit' needs NAME=VALUE, NAME=@FILE or --set-json NAME=JSON"),
        (("edit", "text"), "'text' is no NAME=VALUE, such as text=@contract.yaml"),
        (("edit", "=x"), "'=x' is no NAME=VALUE"),
        (("edit", "text=1", "text=2"), "'text' is given twice"),
        (("edit", "text=1", "--set-json", "text=2"), "'text' is given twice"),
        (("edit", "--set-json", "text=plain"), "text: 'plain' is no JSON: expecting value"),
        (("edit", "text=@nowhere"), "nowhere: no such file or directory"),
        (("edit", "text=@"), "@ names no file; write @FILE, or @- for stdin"),
        (("edit", "text=@."), ".: is a directory"),
        (("edit", "text=@bytes"), "bytes is no UTF-8 text (byte 1)"),
        (("edit", "text=@-", "mode=@-"), "@- stands twice; stdin can be read once"),
        (("value",), "'value' needs one of JSON, @FILE or --text TEXT"),
        (("value", "1", "2"), "'value' needs one of JSON, @FILE or --text TEXT"),
        (("value", "1", "--text", "2"), "--text and a JSON value exclude each other"),
        (
            ("value", "hello"),
            "'hello' is no JSON: expecting value: line 1 column 1 (char 0); a text",
        ),
        (("value", "NaN"), "'NaN' is no JSON: the number NaN does not exist there"),
        (("value", "[" * 100_000), "is no JSON: it is nested too deep"),
        (("skip", "--by", " "), "by is ' '; it must name who answers"),
        (("skip", "--by", "a\nb"), "it must be one line"),
        (("edit", "other=1"), "the answer edits 'other'; it may edit 'text', 'mode'"),
        (
            ("abort",),
            "the answer is 'abort', which cannot be applied; answer 'retry', 'edit', 'value' or",
        ),
    ],
)
def test_a_wrong_answer_is_one_sentence_and_the_question_stays_open(
    run: Run,
    journal: Journal,
    row: Callable[[], EscalationRow],
    typed: tuple[str, ...],
    sentence: str,
) -> None:
    """Nothing is recorded that could not be applied."""
    journal.escalation(ONE, answers=("retry", "edit", "value", "skip"), edits=("text", "mode"))
    Path("bytes").write_bytes(b"a\xff")

    ended = run("escalations", "answer", ONE, *typed)

    assert (ended.code, ended.out) == (2, "")
    assert sentence in ended.err
    assert ended.err.count("\n") == 1
    assert str(row().status) == "open"


def test_a_contract_is_checked_before_it_is_accepted(
    run: Run, journal: Journal, row: Callable[[], EscalationRow]
) -> None:
    """Another process than the one that asks knows what a contract is."""
    journal.escalation(ONE, check="generation.contract", edits=("text",), answers=ANSWERS)

    ended = run("escalations", "answer", ONE, "edit", "text=no contract")

    assert (ended.code, ended.out) == (2, "")
    assert "is not a node contract" in ended.err
    assert str(row().status) == "open"


def test_a_check_that_is_not_known_here(run: Run, journal: Journal) -> None:
    """What cannot be checked is not accepted; skipping needs no check."""
    journal.escalation(ONE, check="of another program")

    ended = run("escalations", "answer", ONE, "value", "1")

    assert ended.code == 2
    assert "'of another program', which is not known here" in ended.err
    assert run("escalations", "answer", ONE, "skip").code == 0


def test_a_value_that_no_journal_keeps_is_refused(run: Run, journal: Journal) -> None:
    """Half a character is no text; the sentence names its place."""
    journal.escalation(ONE)

    ended = run("escalations", "answer", ONE, "value", '{"a": ["\\ud800"]}')

    assert (ended.code, ended.out) == (2, "")
    assert "['a'][0] has half a character" in ended.err


def test_who_answers_is_the_user_by_default(
    run: Run, journal: Journal, row: Callable[[], EscalationRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the login name, and where there is none by the number."""
    monkeypatch.setenv("LOGNAME", "grace")
    journal.escalation(ONE)

    ended = run("escalations", "answer", ONE, "skip")

    assert ended.out.startswith("accepted: grace answered 'skip'\n")
    assert row().by == "grace"


def test_a_user_without_a_name(
    run: Run, journal: Journal, row: Callable[[], EscalationRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container that runs under a bare number."""

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr("getpass.getuser", nobody)
    journal.escalation(ONE)

    run("escalations", "answer", ONE, "skip")

    assert row().by == f"uid {os.getuid()}"


def test_too_late(run: Run, journal: Journal) -> None:
    """The loser is told who answered what and when; nothing changes."""
    journal.escalation(ONE)
    run("escalations", "answer", ONE, "retry", "--by", "ann")

    ended = run("escalations", "answer", ONE, "abort", "--by", "bob")

    assert (ended.code, ended.out) == (1, "")
    assert re.fullmatch(
        rf"omninode-bridge: too late for {ONE}: ann answered 'retry' at .* UTC, \d+ s ago\n",
        ended.err,
    )


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"status": "expired"}, "it expired at .* UTC, and nobody had answered, 2 min ago"),
        ({"status": "superseded", "superseded_by": "esc_2"}, "superseded by escalation esc_2 at"),
        (
            {"status": "resolved", "decision": "skip", "decided_by": "timeout"},
            "nobody answered in time, which counts as 'skip'",
        ),
    ],
)
def test_too_late_for_what_ended_otherwise(
    run: Run, journal: Journal, columns: dict[str, Any], said: str
) -> None:
    """The sentence says why nobody's answer counts any more."""
    journal.escalation(ONE, columns=columns | {"at": journal.now - 130})

    ended = run("escalations", "answer", ONE, "retry")

    assert ended.code == 1
    assert re.search(said, ended.err)
    assert "answer with" not in run("escalations", "show", ONE).out


def test_an_answer_after_the_deadline_does_not_count(run: Run, journal: Journal) -> None:
    """Where nobody has noticed yet that the time is over, whoever answers does."""
    columns = {"timeout": 60.0, "due": 0.0, "deadline": journal.now - 1}
    journal.escalation(ONE, timeout=60.0, columns=columns)

    ended = run("escalations", "answer", ONE, "retry")

    assert ended.code == 1
    assert "it expired at" in ended.err


@pytest.mark.parametrize(
    ("on_timeout", "status", "said"),
    [
        ("expire", "expired", "it expired at"),
        ("skip", "resolved", "nobody answered in time, which counted as 'skip' at"),
    ],
)
def test_a_question_whose_time_is_over_is_not_shown_as_open(
    run: Run, journal: Journal, on_timeout: str, status: str, said: str
) -> None:
    """Nobody has written that down yet; it ended at its deadline, and a second one stays open."""
    over = {"timeout": 60.0, "due": time.monotonic() - 130, "deadline": journal.now - 130}
    late = {"timeout": 9e3, "due": time.monotonic() + 9e3, "deadline": journal.now + 9e3}
    journal.workflow("w", "paused")
    journal.escalation(ONE, timeout=60.0, on_timeout=on_timeout, columns=over, workflow_id="w")
    journal.escalation("esc_2", timeout=9e3, columns=late, workflow_id="w")

    still = json.loads(run("escalations", "list", "--format", "json").out)
    ended = json.loads(run("escalations", "list", "--status", status, "--format", "json").out)
    shown = run("escalations", "show", ONE).out
    flow = json.loads(run("workflows", "list", "--format", "json").out)["workflows"][0]
    counted = json.loads(run("stats", "--format", "json").out)["escalations"]["statuses"]
    answered = run("escalations", "answer", ONE, "retry")

    assert [one["id"] for one in still["escalations"]] == ["esc_2"]
    assert still["counts"] == ended["counts"] == {"open": 1, status: 1}
    assert [one["id"] for one in ended["escalations"]] == [ONE]
    assert said in shown
    assert ", 2 min ago" in shown
    assert flow["open_escalations"] == 1
    assert (counted["open"], counted[status]) == (1, 1)
    assert answered.code == 1
    assert ", 2 min ago" in answered.err


def test_a_clock_that_was_set_moves_no_deadline(run: Run, journal: Journal) -> None:
    """What is left is the time that has not passed, whatever the clock said when it was asked."""
    due = time.monotonic() + 3_660
    for name, deadline in ((ONE, journal.now - 7_200), ("esc_2", journal.now + 7_200)):
        columns = {"timeout": 4_000.0, "due": due, "deadline": deadline}
        journal.escalation(name, timeout=4_000.0, columns=columns)

    listed = run("escalations", "list")
    answers = [run("escalations", "answer", one, "skip").code for one in (ONE, "esc_2")]

    assert listed.out.count("  in 1 h  ") == 2
    assert answers == [0, 0]


def test_an_unknown_escalation(run: Run, journal: Journal) -> None:
    """The nearest ids are named."""
    journal.escalation(ONE)

    for command in (("show", "esc_0123456789abcdef9999"), ("answer", "esc_012x", "skip")):
        ended = run("escalations", *command)

        assert (ended.code, ended.out) == (2, "")
        assert f"; nearest: '{ONE}'" in ended.err or f"; the latest: '{ONE}'" in ended.err


@pytest.mark.parametrize(
    ("workflow", "next_step"),
    [
        (None, "whoever waits for it goes on now; else the next run finds the answer"),
        ({"status": "paused"}, "run the program that began the workflow"),
        ({"status": "paused", "kind": "generate"}, "to go on:\n  omninode-bridge resume run\n"),
        ({"status": "failed", "kind": "generate"}, "to go on:\n  omninode-bridge resume run\n"),
        ({"status": "running", "kind": "generate"}, "to go on:\n  omninode-bridge resume run\n"),
        (
            {"status": "running", "owner": this_process()},
            f"process {os.getpid()} runs the workflow and goes on now",
        ),
        ({"status": "done"}, "the workflow has ended: it is done"),
    ],
    ids=["nobody's", "a program's", "paused", "failed", "running", "alive", "done"],
)
def test_what_happens_next(
    run: Run, journal: Journal, workflow: dict[str, Any] | None, next_step: str
) -> None:
    """Whoever answered knows whether something is left to do, and what else is open."""
    if workflow is not None:
        journal.workflow("run", **workflow)
    journal.escalation(ONE, workflow_id="run/part")
    journal.escalation("esc_9", workflow_id="run/part")

    ended = run("escalations", "answer", ONE, "skip")
    shown = run("escalations", "show", ONE)

    assert next_step in ended.out
    assert "still open in this workflow: esc_9\n" in ended.out
    assert "answered 'skip' at" in shown.out


def test_an_abort_gives_a_programs_workflow_up(run: Run, journal: Journal) -> None:
    """There is nothing to go on with, but it can be begun anew, as is said."""
    journal.workflow("run", status="paused")
    journal.escalation(ONE, workflow_id="run/part")

    ended = run("escalations", "answer", ONE, "abort")
    again = run("workflows", "restart", "run")

    assert "given up: run again, it ends with WorkflowFailedError" in ended.out
    assert "omninode-bridge workflows restart run" in ended.out
    assert "to go on" not in ended.out
    assert again.code == 0


def test_what_was_answered_is_shown(run: Run, journal: Journal) -> None:
    """The payload too, with what a terminal would obey escaped."""
    journal.escalation(ONE)
    run("escalations", "answer", ONE, "value", '{"a": "\\u001b[2J"}', "--by", "ann")

    ended = run("escalations", "show", ONE)

    assert "ann answered 'value' at " in ended.out
    assert '"a": "\ufffd[2J"' in ended.out
    assert "\x1b" not in ended.out


def test_an_answer_that_was_applied(run: Run, journal: Journal) -> None:
    """Whether anything is left to be done with it is said."""
    journal.workflow("w", "paused", kind="generate")
    ending = {"status": "resolved", "decision": "skip", "decided_by": "ann", "at": journal.now}
    journal.escalation(ONE, columns=ending)
    journal.escalation("esc_2", columns=ending | {"taken_by": "w/read/one"})

    waits, taken = run("escalations", "show", ONE), run("escalations", "show", "esc_2")

    assert waits.out.endswith("to go on:\n  omninode-bridge resume w\n")
    assert taken.out.endswith("  whoever asked has taken that and went on\n")


def test_a_program_that_waits_gets_the_answer(run: Run, journal: Journal) -> None:
    """The store of another process finds what was typed here, and applies it once."""
    script = """
import asyncio, sys
from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.agents.workflows.journal.escalations import JournalEscalationStore

async def wait():
    store = JournalEscalationStore(JournalFile(sys.argv[1]), poll=0.05)
    print("waits", flush=True)
    row = await store.wait(sys.argv[2], 30)
    print(row.decision.kind, row.decision.payload, row.by)

asyncio.run(wait())
"""
    journal.escalation(ONE)
    with subprocess.Popen(
        [sys.executable, "-c", script, str(journal.path), ONE], stdout=subprocess.PIPE, text=True
    ) as waiting:
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == "waits\n"

        ended = run("escalations", "answer", ONE, "value", "[7]", "--by", "ann")
        said = waiting.stdout.read()

    assert ended.code == 0
    assert said == "value [7] ann\n"


class _Incidents(http.server.BaseHTTPRequestHandler):
    """Takes what a pager is sent."""

    told: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.told.append(json.loads(self.rfile.read(length)))
        self.send_response(202)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


def test_channels_are_told_how_it_ended(
    run: Run, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An incident is resolved by the answer and by a cancellation, whoever waits or does not."""
    journal.workflow("w", "paused")
    journal.escalation(ONE, channels=("pagerduty", "console", "nowhere"))
    journal.escalation("esc_2", channels=("pagerduty",))
    journal.escalation("esc_3")
    server = http.server.HTTPServer(("127.0.0.1", 0), _Incidents)
    _Incidents.told.clear()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("OMNINODE_BRIDGE_PAGERDUTY_KEY", "k" * 32)
    monkeypatch.setenv("OMNINODE_BRIDGE_PAGERDUTY_URL", f"http://127.0.0.1:{server.server_port}/")
    try:
        answered = run("escalations", "answer", ONE, "skip")
        cancelled = run("workflows", "cancel", "w")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

    assert (answered.code, answered.err, cancelled.code, cancelled.err) == (0, "", 0, "")
    assert [(one["event_action"], one["dedup_key"]) for one in _Incidents.told] == [
        ("resolve", ONE),
        ("resolve", "esc_2"),
    ]


def test_a_channel_that_is_gone_costs_no_answer(
    run: Run, journal: Journal, row: Callable[[], EscalationRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody takes the end of the incident; the answer counts all the same."""
    with socket.socket() as held:  # bound and not listening: whoever connects is refused
        held.bind(("127.0.0.1", 0))
        monkeypatch.setenv("OMNINODE_BRIDGE_PAGERDUTY_KEY", "k" * 32)
        monkeypatch.setenv(
            "OMNINODE_BRIDGE_PAGERDUTY_URL", f"http://127.0.0.1:{held.getsockname()[1]}/"
        )
        journal.escalation(ONE, channels=("pagerduty",))

        ended = run("escalations", "answer", ONE, "skip")

    assert (ended.code, ended.err) == (0, "")
    assert str(row().status) == "resolved"


def test_reports_as_stores_write_them_are_read(run: Run, journal: Journal) -> None:
    """What `open()` of the store keeps is what is shown."""
    file = JournalFile(journal.path)
    coroutine = JournalEscalationStore(file).open(report(ONE, timeout=3_630.0, on_timeout="abort"))
    with pytest.raises(StopIteration):
        coroutine.send(None)
    file.close()

    ended = run("escalations", "show", ONE)

    assert "deadline:    in 1 h" in ended.out
    assert "then it counts as 'abort'" in " ".join(ended.out.split())


@pytest.mark.slow
def test_one_of_many_terminals_wins(journal: Journal, row: Callable[[], EscalationRow]) -> None:
    """Six people answer at once: one is accepted, the others are told who was first."""
    journal.escalation(ONE)
    names = [f"person {number}" for number in range(6)]
    answer = (sys.executable, "-m", "omninode_bridge", "escalations", "answer", ONE)
    running = [
        subprocess.Popen(
            [*answer, "value", json.dumps(name), "--by", name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    ended = {
        name: (*one.communicate(), one.returncode) for name, one in zip(names, running, strict=True)
    }

    winners = [name for name, (_, _, code) in ended.items() if code == 0]
    assert len(winners) == 1
    assert (row().by, row().decision) == (winners[0], Decision.value(winners[0]))
    for name in set(names) - set(winners):
        out, err, code = ended[name]
        assert (out, code) == ("", 1)
        assert f"too late for {ONE}: {winners[0]} answered 'value' at" in err


def test_who_was_told_is_said_as_it_is(run: Run, journal: Journal) -> None:
    """Nobody where there is no notice, nobody yet where none has been sent."""
    journal.escalation("esc_silent")
    silent = " ".join(run("escalations", "show", "esc_silent").out.split())
    journal.escalation("esc_untold")
    journal.put("notices", n=2, state="due")
    untold = " ".join(run("escalations", "show", "esc_untold").out.split())

    assert "notice: none; whoever asked tells nobody by a channel" in silent
    assert "notice: not told yet; the next process with a channel" in untold
