"""A person at a terminal is asked about each escalation."""

from __future__ import annotations

import io
import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.cli import asking
from omninode_bridge.testing import RecordingNotifier

from ._contracts import DANGLING, GOOD

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals"),
    pytest.mark.slow,
]
COMMAND = ("generate", "contracts", "-o", "out", "--validation", "basic", "--jobs", "1")


class Terminal:
    """A run whose stdin and stderr are a terminal."""

    def __init__(self, *arguments: str) -> None:
        self.master, slave = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "omninode_bridge", *arguments],
            stdin=slave,
            stdout=subprocess.PIPE,
            stderr=slave,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
            text=True,
        )
        os.close(slave)
        self.unread = ""

    def read_until(self, text: str) -> str:
        """Read until this text has come once more, and return what came up to there."""
        end = time.monotonic() + 30
        while text not in self.unread:
            assert time.monotonic() < end, f"{text!r} did not come: {self.unread!r}"
            if select.select([self.master], [], [], 1)[0]:
                try:
                    self.unread += os.read(self.master, 65536).decode("utf-8", "replace")
                except OSError:
                    raise AssertionError(f"it ended after {self.unread!r}") from None
        before, found, self.unread = self.unread.partition(text)
        return before + found

    def type(self, text: str) -> None:
        os.write(self.master, f"{text}\n".encode())

    def end(self) -> tuple[int, str]:
        out, _ = self.process.communicate(timeout=30)
        return self.process.returncode, out


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    started: list[Terminal] = []

    def start(*arguments: str) -> Terminal:
        started.append(Terminal(*arguments))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()
        os.close(one.master)
        if one.process.stdout is not None:
            one.process.stdout.close()


def test_a_corrected_contract_is_read_again(
    contracts: Callable[..., Path], terminal: Callable[..., Terminal]
) -> None:
    """A wrong word is asked again, a retry too early is asked again, a correction is generated."""
    folder = contracts(broken=DANGLING)
    person = terminal(*COMMAND, "--wait", "60s")

    question = person.read_until("abort (ask no more)? ")
    person.type("what")
    person.read_until("is no answer")
    person.read_until("abort (ask no more)? ")
    person.type("retry")
    person.read_until("abort (ask no more)? ")
    (folder / "broken.yaml").write_text(GOOD.format(name="broken"))
    person.type("r")
    code, out = person.end()

    assert "broken.yaml:8:" in question
    assert "leads nowhere" in question
    assert code == 0
    assert "answered 'retry'" in " ".join(out.split())
    assert Path("out/broken/node.py").is_file()


def test_skip_leaves_one_out_and_abort_all_further(
    contracts: Callable[..., Path], terminal: Callable[..., Terminal]
) -> None:
    """After abort nobody is asked any more, and what is right is generated all the same."""
    contracts(a=DANGLING, b=DANGLING, c=DANGLING, adder=GOOD)
    person = terminal(*COMMAND, "--wait", "60s")

    person.read_until("abort (ask no more)? ")
    person.type("skip")
    person.read_until("abort (ask no more)? ")
    person.type("a")
    code, out = person.end()

    assert code == 1
    assert "the answer was 'skip'" in out
    assert out.count("the answer was 'abort'") == 2
    assert [path.name for path in Path("out").iterdir()] == ["adder"]


def test_what_was_typed_for_one_question_is_no_answer_to_the_next(
    contracts: Callable[..., Path], run: Callable[..., Any], terminal: Callable[..., Terminal]
) -> None:
    """Half a word at a question that is answered elsewhere is gone when the next one is asked."""
    contracts(a=DANGLING, b=DANGLING)
    person = terminal(*COMMAND, "--wait", "60s")

    question = person.read_until("abort (ask no more)? ")
    os.write(person.master, b"abor")
    person.read_until("abor")
    asked = re.findall(r"\besc_[0-9a-f]{8}\b", question)
    run("escalations", "answer", asked[0], "skip", "--by", "bob")
    person.read_until("bob answered 'skip' from elsewhere")
    person.read_until("abort (ask no more)? ")
    person.type("t")
    person.read_until("'t' is no answer")
    person.read_until("abort (ask no more)? ")
    person.type("skip")
    code, out = person.end()

    assert code == 1
    assert out.count("the answer was 'skip'") == 2
    assert "abort" not in out


def test_the_time_for_an_answer_ends(
    contracts: Callable[..., Path], terminal: Callable[..., Terminal]
) -> None:
    """The question goes, and the report says that nobody answered."""
    contracts(broken=DANGLING)
    person = terminal(*COMMAND, "--wait", "0.3s")

    person.read_until("abort (ask no more)? ")
    person.read_until("the time for an answer is over")
    code, out = person.end()

    assert code == 1
    assert "nobody answered within 0.3 s" in out


def test_the_end_of_the_input_is_no_answer(
    contracts: Callable[..., Path], run: Callable[..., Any], terminal: Callable[..., Terminal]
) -> None:
    """What is open stays so without a limit, what comes later is not asked; resume asks again."""
    folder = contracts(a=DANGLING, b=DANGLING, adder=GOOD)
    person = terminal(*COMMAND, "--wait", "60s")

    question = person.read_until("abort (ask no more)? ")
    os.write(person.master, b"\x04")
    code, out = person.end()
    left = json.loads(run("escalations", "list", "--format", "json").out)["escalations"]
    for name in ("a", "b"):
        (folder / f"{name}.yaml").write_text(GOOD.format(name=name))
    again = run("resume")

    assert re.search(r"\besc_[0-9a-f]{8}, [1-6]\d\.\d s left", question)
    assert code == 1
    assert "paused until a person answers" in out
    assert out.count("escalations answer") == 2
    assert "omninode-bridge resume generate-" in out
    assert "nobody answered" not in out
    assert Path("out/adder/node.py").is_file()
    assert [(one["status"], one["deadline"]) for one in left] == [("open", None)] * 2
    assert again.code == 0


def test_the_end_of_the_input_without_a_journal_ends_the_run(
    contracts: Callable[..., Path], terminal: Callable[..., Terminal]
) -> None:
    """Nobody can answer later, so the contracts wait for another run."""
    contracts(a=DANGLING, b=DANGLING, adder=GOOD)
    person = terminal(*COMMAND, "--no-journal", "--wait", "60s")

    question = person.read_until("abort (ask no more)? ")
    os.write(person.master, b"\x04")
    code, out = person.end()

    assert " s left" in question
    assert "esc_" not in question
    assert code == 1
    assert "2 escalated" in out
    assert "nobody answered within" not in out
    assert Path("out/adder/node.py").is_file()


def test_ctrl_c_at_a_question_interrupts(
    contracts: Callable[..., Path], terminal: Callable[..., Terminal]
) -> None:
    """A reader that waits for a line does not hold up the end."""
    contracts(broken=DANGLING)
    person = terminal(*COMMAND, "--wait", "60s")
    person.read_until("abort (ask no more)? ")

    person.process.send_signal(2)
    code, _ = person.end()

    assert code == 130


def test_a_terminal_gets_a_bar_and_stdout_stays_clean(
    contracts: Callable[..., Path], terminal: Callable[..., Terminal]
) -> None:
    """The bar is on stderr; what is piped from stdout has no control codes."""
    contracts()
    person = terminal(*COMMAND)

    person.read_until("%")
    code, out = person.end()

    assert code == 0
    assert "\x1b" not in out
    assert "generated" in out


def test_without_a_terminal_the_time_is_waited_for(
    contracts: Callable[..., Path], run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is asked, and that is said."""
    contracts(broken=DANGLING)
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    ended = run(*COMMAND, "--wait", "0.1s")

    assert ended.code == 1
    assert "stdin is no terminal" in ended.err
    assert "nobody answered within 0.1 s" in ended.out


@pytest.mark.parametrize("option", ["--no-journal", "--dry-run"])
def test_nobody_waits_for_an_answer_from_nowhere(
    contracts: Callable[..., Path],
    run: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    option: str,
) -> None:
    """Without a journal and without a terminal it is refused before anything is done."""
    contracts(broken=DANGLING, adder=GOOD)
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    ended = run(*COMMAND, option, "--wait", "60s")

    assert ended.code == 2
    assert "--wait without a journal needs a terminal" in ended.err
    assert not Path("out").exists()


def test_a_paused_run_asks_where_it_is_taken_up(
    contracts: Callable[..., Path], run: Callable[..., Any], terminal: Callable[..., Terminal]
) -> None:
    """The question that was open already is put at the terminal."""
    folder = contracts(broken=DANGLING)
    run(*COMMAND)
    person = terminal("resume", "--wait", "60s")

    assert re.search(r", [1-6]\d\.\d s left", person.read_until("abort (ask no more)? "))
    (folder / "broken.yaml").write_text(GOOD.format(name="broken"))
    person.type("retry")
    code, out = person.end()

    assert code == 0
    assert "answered 'retry'" in " ".join(out.split())


def test_a_question_of_an_earlier_terminal_is_put_at_this_one(
    contracts: Callable[..., Path], terminal: Callable[..., Terminal]
) -> None:
    """Who left it, or whose process was killed, is asked again by the one that takes it up."""
    folder = contracts(broken=DANGLING)
    left = terminal(*COMMAND, "--wait", "60s")
    left.read_until("abort (ask no more)? ")
    os.write(left.master, b"\x04")
    left.end()
    killed = terminal("resume", "--wait", "60s")
    killed.read_until("abort (ask no more)? ")
    killed.process.kill()
    killed.end()
    person = terminal("resume", "--wait", "60s")

    person.read_until("abort (ask no more)? ")
    (folder / "broken.yaml").write_text(GOOD.format(name="broken"))
    person.type("retry")
    code, _ = person.end()

    assert code == 0


def test_questions_of_a_run_that_is_kept_go_to_the_channels(
    contracts: Callable[..., Path], run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a journal nobody could answer, so nobody is told."""
    contracts(broken=DANGLING)
    channel = RecordingNotifier()
    monkeypatch.setattr(asking, "configured_channels", lambda: {"team": channel})

    run(*COMMAND, "--no-journal")
    silent = len(channel.sent)
    run(*COMMAND)

    assert silent == 0
    assert len(channel.sent) == 1
    assert channel.sent[0].workflow_id.startswith("generate-")


def test_what_is_held_back_is_told_before_the_command_ends(
    contracts: Callable[..., Path], run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same fault in several contracts: one notice, and one for all others with their count."""
    contracts(one=DANGLING, two=DANGLING, three=DANGLING)
    channel = RecordingNotifier()
    monkeypatch.setattr(asking, "configured_channels", lambda: {"team": channel})

    run(*COMMAND)

    assert [told.folded for told in channel.sent] == [0, 1]


def test_channels_come_from_the_environment() -> None:
    """One that is not configured is none; the console is not among them."""
    webhook = "https://hooks.example.test/services/x"

    found = asking.configured_channels({"OMNINODE_BRIDGE_SLACK_WEBHOOK": webhook})

    assert list(found) == ["slack"]
    assert asking.configured_channels({"PATH": "/bin"}) == {}
