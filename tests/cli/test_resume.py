"""``omninode-bridge resume``: runs that were paused, killed, changed, finished, or are not there."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ._contracts import DANGLING, GOOD, OPTIONAL_MIXIN

Run = Callable[..., Any]
Write = Callable[..., Path]
Tree = Callable[[Path], Mapping[str, bytes]]

BASIC = ("generate", "contracts", "-o", "out", "--validation", "basic")
EXAMPLES = Path(__file__).parents[2] / "examples" / "contracts"


def asked(text: str) -> list[str]:
    """Return the ids of the questions that an account names."""
    return re.findall(r"escalations answer (esc_[0-9a-f]{20}) ANSWER", text)


def workflow(text: str) -> str:
    """Return the run that an account says how to go on with."""
    found = re.search(r"omninode-bridge resume (generate-\S+)", text)
    assert found is not None
    return found[1]


def steps(journal: Path, *, status: str = "done") -> dict[str, float]:
    """Return when each step of this status was begun, by its key."""
    with closing(sqlite3.connect(journal, timeout=10)) as connection, connection:
        rows = connection.execute("SELECT key, started_at FROM steps WHERE status = ?", (status,))
        return dict(rows.fetchall())


def test_a_paused_run_is_answered_and_ends(run: Run, contracts: Write) -> None:
    """Edited, given a document, skipped and aborted, each from the command line."""
    contracts(a=DANGLING, b=DANGLING, c=DANGLING, d=DANGLING, one=GOOD)
    first = run(*BASIC)
    ids = dict(zip("abcd", asked(first.out), strict=True))
    Path("a.txt").write_text(GOOD.format(name="a"))
    document = {"name": "b", "node_type": "compute", "version": "1.0.0"}
    states = {f"{side}_state": {"type": "object"} for side in ("input", "output")}
    Path("b.json").write_text(json.dumps(document | states))

    refused = run("escalations", "answer", ids["a"], "edit", "text=@contracts/a.yaml")
    answers = [
        run("escalations", "answer", ids["a"], "edit", "text=@a.txt", "--by", "ann"),
        run("escalations", "answer", ids["b"], "value", "@b.json", "--by", "ann"),
        run("escalations", "answer", ids["c"], "skip", "--by", "ann"),
        run("escalations", "answer", ids["d"], "abort", "--by", "ann"),
    ]
    ended = run("resume", "--format", "json")

    assert first.code == 1
    assert refused.code == 2
    assert "leads nowhere" in refused.err
    assert [answer.code for answer in answers] == [0, 0, 0, 0]
    report = json.loads(ended.out)
    assert ended.code == 1  # two contracts have no package
    assert {Path(c["contract"]).stem: c["outcome"] for c in report["contracts"]} == {
        "a": "generated",
        "b": "generated",
        "c": "skipped",
        "d": "skipped",
        "one": "generated",
    }
    assert report["kept"]["status"] == "done"
    assert report["kept"]["workflow"] == workflow(first.out)
    assert "ann answered 'edit'" in ended.out
    assert sorted(path.name for path in Path("out").iterdir()) == ["a", "b", "one"]
    assert Path("contracts/a.yaml").read_text() == DANGLING.format(name="a")


def test_what_an_earlier_process_wrote_is_told_apart(run: Run, contracts: Write) -> None:
    """How many packages are new, that one without its contract is there yet, what the time is of."""
    contracts(a=GOOD, b=DANGLING, c=GOOD)
    first = run(*BASIC)
    contracts(a=DANGLING, b=GOOD)
    run("escalations", "answer", asked(first.out)[0], "retry")
    second = run("resume")
    run("escalations", "answer", asked(second.out)[0], "skip")
    last = run("resume")
    again = run("resume", workflow(first.out))

    assert "2 packages written to out/\n" in first.out
    assert "still there" not in first.out
    assert "1 package written to out/ now, 1 before\n" in second.out
    assert "0 packages written to out/ now, 2 before\n" in last.out
    assert "had been done before; that time is not counted here\n" in last.out
    left = "out/a is still there; its contract was left out after it was written"
    assert left in last.out
    assert left in again.out
    assert Path("out/a/node.py").exists()


def test_a_restarted_run_asks_again(run: Run, contracts: Write) -> None:
    """An abort left out all that was open; once it is forgotten everything is made and asked anew."""
    contracts(a=DANGLING, b=DANGLING, one=GOOD)
    first = run(*BASIC)
    name, ids = workflow(first.out), asked(first.out)
    run("escalations", "answer", ids[1], "abort", "--by", "ann")
    given_up = run("resume")
    shown = run("workflows", "show", name)

    restarted = run("workflows", "restart", name)
    again = run("resume")

    assert "1 generated, 2 skipped" in given_up.out
    assert "did not ask again" not in shown.out
    assert restarted.out.endswith(f"to begin it:\n  omninode-bridge resume {name}\n")
    assert "1 generated, 2 escalated" in again.out
    assert "had been done before" not in again.out
    assert len(set(asked(again.out)) - set(ids)) == 2


def test_what_is_over_is_told_again(run: Run, contracts: Write, state_folder: Path) -> None:
    """With the exit code that it had, and nothing is done."""
    contracts(adder=OPTIONAL_MIXIN)
    strict = run(*BASIC, "--strict", "--report", "r.json")
    with closing(sqlite3.connect(state_folder / "journal.db")) as connection, connection:
        (name,) = connection.execute("SELECT id FROM workflows").fetchone()
    shutil.rmtree("out")
    shutil.rmtree("contracts")

    again = run("resume", name[:-2], "--report", "again.json")

    assert strict.code == again.code == 1
    assert "has ended before" in again.err
    assert "generated, degraded" in again.out
    assert not Path("out").exists()
    assert Path("again.json").read_bytes() == Path("r.json").read_bytes()


def test_a_changed_contract_is_made_again_and_said(
    run: Run, contracts: Write, state_folder: Path
) -> None:
    """Only its own steps run."""
    contracts(adder=GOOD, other=GOOD, broken=DANGLING)
    run(*BASIC)
    before = steps(state_folder / "journal.db")
    contracts(adder=GOOD.replace("Adds two numbers", "Adds"))

    ended = run("resume")

    assert ended.code == 1
    assert "begun again: contracts/adder.yaml: the contract" in " ".join(ended.out.split())
    after = steps(state_folder / "journal.db")
    again = {key for key, at in after.items() if before.get(key) != at}
    assert {key for key in again if key.endswith("other.yaml")} == set()
    assert {key.partition("/")[0] for key in again if key.endswith("adder.yaml")} == {
        "contract",
        "models",
        "node",
        "tests",
        "format",
        "check",
        "validate",
        "place",
    }


def test_it_may_be_gone_on_with_from_anywhere(
    run: Run, contracts: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The paths of the run are meant from where it was begun; those of now from here."""
    contracts(broken=DANGLING)
    run(*BASIC, "--journal", "j.db")
    contracts(broken=GOOD)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    ended = run("resume", "--journal", "../j.db", "--report", "r.json")

    assert ended.code == 0
    assert (tmp_path / "out" / "broken" / "node.py").is_file()
    assert (tmp_path / "elsewhere" / "r.json").is_file()
    assert Path.cwd() == tmp_path / "elsewhere"


def test_a_named_journal_is_named_in_the_commands(run: Run, contracts: Write) -> None:
    """They can be copied as they stand."""
    contracts(broken=DANGLING)

    ended = run(*BASIC, "--journal", "my journal.db")

    assert f"resume {workflow(ended.out)} --journal 'my journal.db'" in ended.out
    assert "ANSWER --journal 'my journal.db'" in ended.out


def test_a_question_whose_time_is_over_is_asked_anew(run: Run, contracts: Write) -> None:
    """Nobody can answer the old one any more, so the run says how to be asked again."""
    contracts(broken=DANGLING)
    waited = run(*BASIC, "--wait", "0.1s")
    name = workflow(waited.out)

    again = run("resume", name)
    (question,) = asked(again.out)
    run("escalations", "answer", question, "skip")
    ended = run("resume", "--format", "json")

    assert "Nobody answered in time" in waited.out
    assert asked(waited.out) == []
    assert again.code == 1
    assert json.loads(ended.out)["contracts"][0]["outcome"] == "skipped"


def test_several_are_listed(run: Run, contracts: Write) -> None:
    """Which one is meant nobody can guess."""
    contracts(broken=DANGLING)
    names = [workflow(run(*BASIC).out) for _ in range(2)]

    ended = run("resume")
    by_name = run("resume", names[1])

    assert ended.code == 2
    assert all(name in ended.err for name in names)
    assert by_name.code == 1
    assert names[1] in by_name.out


def test_what_is_not_there_is_one_sentence(run: Run, contracts: Write, state_folder: Path) -> None:
    """No journal, no run, an unknown id, a run that is none of generate's."""
    contracts()
    without = run("resume")
    run(*BASIC)
    nothing, unknown = run("resume"), run("resume", "generate-20000101-ffff")
    with closing(sqlite3.connect(state_folder / "journal.db")) as connection, connection:
        connection.execute("UPDATE workflows SET kind = '', id = 'mine', status = 'paused'")
    foreign = run("resume", "mine")

    assert [ended.code for ended in (without, nothing, unknown, foreign)] == [2, 2, 2, 2]
    assert "no run of generate in" in nothing.err
    assert "generate-20000101-ffff" in unknown.err
    assert "is no run of generate" in foreign.err
    for ended in (without, nothing, unknown, foreign):
        assert ended.err.count("\n") == 1
        assert ended.out == ""


def test_what_other_programs_have_to_run_again_is_said(
    run: Run, contracts: Write, state_folder: Path
) -> None:
    """Whoever sees a paused workflow in the list learns here why it is not resumed."""
    contracts()
    for _ in range(2):
        run(*BASIC)
    with closing(sqlite3.connect(state_folder / "journal.db")) as connection:
        with connection:
            connection.execute(
                "UPDATE workflows SET kind = '', id = 'mine', status = 'paused' "
                "WHERE id = (SELECT max(id) FROM workflows)"
            )
        one = run("resume")
        with connection:
            connection.execute("UPDATE workflows SET kind = '', status = 'paused'")
        two = run("resume")

    assert (one.code, two.code) == (2, 2)
    assert "; workflow 'mine' is paused: run the program that began it again\n" in one.err
    assert "; 2 workflows of other programs can go on: run those programs again\n" in two.err


def test_a_journal_that_was_deleted_is_no_journal(
    run: Run, contracts: Write, state_folder: Path
) -> None:
    """The command to begin again is generate."""
    contracts(broken=DANGLING)
    name = workflow(run(*BASIC).out)
    for path in state_folder.glob("journal.db*"):
        path.unlink()

    ended = run("resume", name)

    assert ended.code == 2
    assert "journal.db" in ended.err
    assert list(state_folder.glob("journal.db*")) == []


def test_a_folder_that_is_gone_is_told(run: Run, contracts: Write, tmp_path: Path) -> None:
    """The run cannot go on where it was begun."""
    contracts(broken=DANGLING)
    name = workflow(run(*BASIC).out)
    os.chdir(tmp_path.parent)
    tmp_path.rename(tmp_path.with_name("moved"))
    try:
        ended = run("resume", name)
    finally:
        tmp_path.with_name("moved").rename(tmp_path)

    assert ended.code == 2
    assert "cannot be entered: no such file" in ended.err


def test_nothing_is_kept_where_nothing_is_written(
    run: Run, contracts: Write, state_folder: Path
) -> None:
    """Nor where that is not wanted, nor where a run cannot begin."""
    contracts(adder=GOOD, broken=DANGLING)

    for option in ("--check", "--dry-run", "--diff", "--no-journal"):
        run(*BASIC, option)
    run("generate", "nowhere", "-o", "out")

    assert list(state_folder.iterdir()) == []


@pytest.mark.parametrize(
    "options", [("--journal", "j.db", "--no-journal"), ("--journal", "j.db", "--check")]
)
def test_options_that_exclude_each_other(
    run: Run, contracts: Write, options: tuple[str, ...]
) -> None:
    """One sentence, nothing done."""
    contracts()

    ended = run(*BASIC, *options)

    assert ended.code == 2
    assert "--journal" in ended.err
    assert not Path("j.db").exists()


def test_a_default_journal_that_cannot_be_used_is_a_warning(
    run: Run, contracts: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The packages matter more; one that was asked for is another matter."""
    contracts()
    (tmp_path / "file").write_text("x")
    monkeypatch.delenv("OMNINODE_BRIDGE_JOURNAL")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))

    default, named = run(*BASIC), run(*BASIC, "--journal", "file/j.db")

    assert default.code == 0
    assert default.err.startswith("omninode-bridge: nothing of this run is kept: the journal")
    assert default.err.count("\n") == 1
    assert named.code == 2
    assert "cannot be made" in named.err


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied"), OSError(30, "Read-only file system")]
)
def test_a_state_folder_that_cannot_be_made(
    run: Run, contracts: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: OSError
) -> None:
    """One sentence says why, and what would be right; nothing is generated where it was named."""
    contracts()
    monkeypatch.delenv("OMNINODE_BRIDGE_JOURNAL")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "locked"))
    made = Path.mkdir

    def refuse(self: Path, *arguments: Any, **named: Any) -> None:
        if "locked" in self.parts:
            raise type(error)(*error.args, str(self))
        made(self, *arguments, **named)

    monkeypatch.setattr(Path, "mkdir", refuse)

    default = run(*BASIC)
    named = run(*BASIC, "-o", "other", "--journal", tmp_path / "locked" / "journal.db")

    for ended, code in ((default, 0), (named, 2)):
        assert ended.code == code
        assert len(ended.err.splitlines()) == 1
        assert f"cannot be made: {str(error.args[1]).lower()} ('{tmp_path / 'locked'}" in ended.err
        assert "--journal FILE names one that can be written, --no-journal keeps" in ended.err
    assert not Path("other").exists()


def start(*arguments: str, **changes: Any) -> subprocess.Popen[bytes]:
    """Start the program in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "omninode_bridge", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **changes,
    )


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> bool:
    """Return whether the condition came true before the process ended."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        if condition():
            return True
    return False


def counted(journal: Path) -> int:
    try:
        return len(steps(journal))
    except sqlite3.Error:  # it is just being made
        return 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
@pytest.mark.parametrize("done", [1, 17, 40, 80, 110])
def test_a_killed_run_goes_on(
    run: Run, contracts: Write, tree: Tree, state_folder: Path, done: int
) -> None:
    """At any point: the same packages, and what was finished is not begun again."""
    contracts()
    shutil.rmtree("contracts")
    shutil.copytree(EXAMPLES, "contracts")
    whole = run("generate", "contracts", "-o", "whole", "--validation", "basic", "--no-journal")
    journal = state_folder / "journal.db"
    process = start(*BASIC)

    reached = wait_for(lambda: counted(journal) >= done, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    before = steps(journal)
    ended = run("resume", "--format", "json") if reached else None

    if ended is None:
        pytest.skip("it ended sooner than it could be killed")
    assert (ended.code, whole.code) == (1, 1)
    assert json.loads(ended.out)["kept"]["stale"] == []
    assert tree(Path("out")) == tree(Path("whole"))
    after = steps(journal)
    shared = {"names/names", "written/written", "formatted/formatted"}
    assert {key for key in before if before[key] != after.get(key)} <= shared
    with closing(sqlite3.connect(journal)) as connection, connection:
        rows = connection.execute("SELECT status, count(*) FROM escalations GROUP BY 1").fetchall()
    assert rows == [("open", 3)]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_run_that_somebody_alive_is_at_is_left_alone(
    run: Run, contracts: Write, state_folder: Path
) -> None:
    """One sentence and exit code 1; when it was stopped it can be gone on with."""
    contracts(broken=DANGLING)
    journal = state_folder / "journal.db"
    process = start(*BASIC, "--wait", "60s")
    try:
        assert wait_for(lambda: bool(questions(journal)), process)
        with closing(sqlite3.connect(journal)) as connection, connection:
            (name,) = connection.execute("SELECT id FROM workflows").fetchone()

        busy = run("resume", name)
        bare = run("resume")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
    contracts(broken=GOOD)
    ended = run("resume")

    assert busy.code == bare.code == 1
    assert bare.err == busy.err
    assert f"process {process.pid}, which is alive" in busy.err
    assert process.returncode == 130
    assert f"go on with: omninode-bridge resume {name}" in err.decode()
    assert ended.code == 0


def questions(journal: Path) -> list[str]:
    try:
        with closing(sqlite3.connect(journal, timeout=10)) as connection, connection:
            rows = connection.execute("SELECT id FROM escalations WHERE status = 'open'")
            return [row[0] for row in rows]
    except sqlite3.Error:
        return []


@pytest.mark.slow
def test_a_run_that_waits_hears_of_answers_from_elsewhere(
    run: Run, contracts: Write, state_folder: Path
) -> None:
    """The answer is given by another process while the first one waits."""
    contracts(broken=DANGLING)
    journal = state_folder / "journal.db"
    process = start(*BASIC, "--wait", "60s")
    try:
        assert wait_for(lambda: bool(questions(journal)), process)
        Path("right.txt").write_text(GOOD.format(name="broken"))

        (question,) = questions(journal)
        answer = run("escalations", "answer", question, "edit", "text=@right.txt")
        out, _ = process.communicate(timeout=30)
    finally:
        process.kill()

    assert answer.code == 0
    assert process.returncode == 0, out
    assert Path("out/broken/node.py").is_file()


def test_a_cancelled_run_starts_over(run: Run, contracts: Write) -> None:
    """It is told how, with the id or without, and that works."""
    folder = contracts(bad=DANGLING)
    name = workflow(run(*BASIC).out)
    run("workflows", "cancel", name)

    named, bare = run("resume", name), run("resume")
    restarted = run("workflows", "restart", name)
    (folder / "bad.yaml").write_text(GOOD.format(name="bad"))
    ended = run("resume", name)

    advice = f"is cancelled: omninode-bridge workflows restart {name} forgets"
    assert (named.code, bare.code) == (1, 2)
    assert advice.replace(":", ";") in named.err
    assert advice in bare.err
    assert restarted.code == 0
    assert ended.code == 0
