"""What becomes of a journal whose file is full, locked, protected, damaged, replaced or foreign."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sqlite3
import stat
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import Decision, ErrorRecoveryOrchestrator, JournalEngine
from omninode_bridge.agents.workflows.journal import JournalFile, _form, _schema
from omninode_bridge.agents.workflows.recovery_models import EscalationStatus, Won
from omninode_bridge.errors import (
    ConfigurationError,
    JournalError,
    JournalFullError,
    JournalLockedError,
    JournalReadOnlyError,
    JournalVersionError,
)
from omninode_bridge.testing import sample_report

from ._flows import beside, chain, program, run, tell

MIB = 1024 * 1024


def write(file: JournalFile, number: int = 1) -> None:
    file.write_now(
        lambda c: c.execute("INSERT OR REPLACE INTO tidied VALUES(?, 0)", (number,)), durable=True
    )


def numbers(path: Path) -> list[int]:
    """Return what another connection sees."""
    connection = sqlite3.connect(path)
    try:
        return [row[0] for row in connection.execute("SELECT id FROM tidied ORDER BY id")]
    finally:
        connection.close()


# -- full --------------------------------------------------------------------------------------


async def test_a_full_journal_stops_the_workflow_and_with_room_it_goes_on(tmp_path: Path) -> None:
    """The size that a file may have is reached in the middle: what was recorded stays."""
    calls: list[str] = []

    def one() -> str:
        calls.append("one")
        return "1" * 400_000

    def two() -> str:
        calls.append("two")
        return "2" * 900_000

    def three() -> str:
        calls.append("three")
        return "3"

    path = tmp_path / "j.db"
    with JournalEngine(path, max_bytes=MIB) as engine:
        with pytest.raises(JournalFullError, match=r"j\.db.*cannot grow"):
            await run(engine, chain(one, two, three))
        with pytest.raises(JournalFullError):
            await run(engine, chain(one, two, three))
    with JournalEngine(path) as engine:
        result = await run(engine, chain(one, two, three))

    assert calls == ["one", "two", "two", "two", "three"]
    assert {k: len(v) for k, v in result.results.items()} == {
        "one": 400_000,
        "two": 900_000,
        "three": 1,
    }


async def test_a_full_journal_takes_no_answer_and_loses_none(tmp_path: Path) -> None:
    """An answer that cannot be written has not been given; the row stays open."""
    path = tmp_path / "j.db"
    with JournalEngine(path, max_bytes=MIB) as engine:
        row = await engine.escalations.open(sample_report())
        with pytest.raises(JournalFullError):
            await engine.escalations.resolve(
                row.id, Decision.edit({"text": "x" * 2 * MIB}), by="ann"
            )
        assert (await engine.escalations.get(row.id)).status is EscalationStatus.OPEN

        answer = await engine.escalations.resolve(row.id, Decision.skip(), by="bob")

    assert isinstance(answer, Won)
    assert answer.row.by == "bob"


ON_A_SMALL_DISK = """
import asyncio, json, os, subprocess, sys
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", sys.argv[1]], check=True)
from omninode_bridge.agents.workflows import *
from omninode_bridge.errors import JournalFullError
folder, calls = sys.argv[1], []
def one(): calls.append("one"); return "1" * 200_000
def fill():
    calls.append("fill")
    with open(folder + "/filler", "wb") as filler:
        try:
            while True: filler.write(b"x" * 4096); filler.flush()
        except OSError: pass
    return "2" * 200_000
def three(): calls.append("three"); return "3"
def fill_once():
    return fill() if len(calls) < 2 else (calls.append("again"), "2" * 200_000)[1]
steps = [WorkflowStep("one", one, version="1"), WorkflowStep("two", fill_once, ["one"], version="1"),
         WorkflowStep("three", three, ["two"], version="1")]
def attempt():
    with JournalEngine(folder + "/j.db") as engine:
        return asyncio.run(StagedParallelExecutor(engine=engine).execute_workflow("w", [WorkflowStage("s", steps)]))
said = []
try: attempt()
except JournalFullError as error: said.append(str(error))
try: attempt()
except Exception as error: said.append(type(error).__name__)
os.remove(folder + "/filler")
result = attempt()
print(json.dumps([said, calls, {k: len(v) for k, v in result.results.items()}]))
"""


def test_a_full_disk_stops_the_workflow_and_with_room_it_goes_on(tmp_path: Path) -> None:
    """The disk itself is full in the middle of a workflow, and has room again later."""
    unshare = ["unshare", "-rm"]
    if not shutil.which("unshare") or program("", before=unshare).returncode:
        pytest.skip("no file system may be mounted here")

    said, calls, lengths = tell(ON_A_SMALL_DISK, tmp_path, before=unshare)

    assert "cannot grow: the disk is full" in said[0]
    assert said[1].startswith("Journal")
    assert calls[:2] == ["one", "fill"]
    assert calls[-1] == "three"
    assert calls.count("one") == 1
    assert lengths == {"one": 200_000, "two": 200_000, "three": 1}


# -- locked ------------------------------------------------------------------------------------


async def test_a_lock_that_lasts_is_an_error_and_the_loop_goes_on_meanwhile(tmp_path: Path) -> None:
    """Another writer holds the file for longer than the timeout: nothing is written."""
    path, turns = tmp_path / "j.db", 0
    file = JournalFile(path, busy_timeout=0.2)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.001)
            turns += 1

    counting = asyncio.create_task(count())
    try:
        for durable in (False, True):
            with pytest.raises(JournalLockedError, match=r"j\.db.*more than 0\.2 s"):
                await file.write(
                    lambda c: c.execute("INSERT INTO tidied VALUES(1, 0)"), durable=durable
                )
    finally:
        counting.cancel()
        other.execute("ROLLBACK")
        other.close()
    write(file, 2)
    file.close()

    assert turns > 20
    assert numbers(path) == [2]


@pytest.mark.parametrize("durable", [False, True])
async def test_a_lock_that_passes_is_a_delay(tmp_path: Path, *, durable: bool) -> None:
    """Another writer holds the file for a while: the write waits for it."""
    path = tmp_path / "j.db"
    file = JournalFile(path)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.1, lambda: other.execute("COMMIT"))
    timer.start()

    await file.write(lambda c: c.execute("INSERT INTO tidied VALUES(1, 0)"), durable=durable)

    timer.join()
    other.close()
    file.close()
    assert numbers(path) == [1]


async def test_a_workflow_that_met_a_lock_goes_on_when_it_is_gone(tmp_path: Path) -> None:
    """What had ended when the file was locked is written as soon as that is possible."""
    path, calls = tmp_path / "j.db", []
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def one() -> str:
        calls.append("one")
        if len(calls) == 1:
            other.execute("BEGIN IMMEDIATE")
            threading.Timer(0.3, lambda: other.execute("COMMIT")).start()
        return "done"

    def two() -> None:
        calls.append("two")

    with JournalEngine(path, busy_timeout=0.2) as engine:
        with pytest.raises(JournalLockedError):
            await run(engine, chain(one, two))
        result = await run(engine, chain(one, two))
    other.close()

    assert calls == ["one", "two"]
    assert result.steps["one"].reused


async def test_a_recovery_outside_of_workflows_does_without_a_journal_that_is_locked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its result is worth more than its account; the lock is waited for once, and it is said once."""
    path, calls = tmp_path / "j.db", []

    async def call() -> str:
        calls.append("call")
        if len(calls) < 4:
            raise ConnectionResetError("the other side hung up")
        return "answer"

    with JournalEngine(path, busy_timeout=0.1) as engine:
        orchestrator = ErrorRecoveryOrchestrator(engine=engine, base_delay=0)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        answer = await orchestrator.run(call)
        other.execute("ROLLBACK")
        other.close()

    assert answer == "answer"
    assert caplog.messages.count("journal.recovery_not_kept") == 1


def test_many_processes_make_one_file_at_once(tmp_path: Path) -> None:
    """None of them is told that the file is locked or no journal."""
    source = """
import os, sys, time
from omninode_bridge.agents.workflows.journal import JournalFile
path, begin = sys.argv[1], time.monotonic() + 0.3
for number in range(12):
    if not os.fork():
        while time.monotonic() < begin: pass
        try:
            file = JournalFile(path)
            file.write_now(lambda c: c.execute("INSERT INTO tidied VALUES(?, 0)", (number,)), durable=True)
            file.close()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
codes = [os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(12)]
sys.exit(any(codes))
"""
    for attempt in range(3):
        path = tmp_path / f"{attempt}.db"
        done = program(source, path)

        assert done.returncode == 0, done.stderr
        assert numbers(path) == list(range(12))


# -- protected ---------------------------------------------------------------------------------

WITHOUT_RIGHTS = """
import json, os, sys, tempfile
from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.errors import JournalError
JournalFile(tempfile.mkdtemp() + "/warm.db").close()  # everything is imported
if os.getuid() == 0:
    os.setgid(65534), os.setuid(65534)
said = []
for path in sys.argv[1:]:
    try:
        file = JournalFile(path)
        file.write_now(lambda c: c.execute("INSERT INTO tidied VALUES(1, 0)"), durable=True)
        said.append("written")
    except JournalError as error:
        said.append([type(error).__name__, str(error)])
print(json.dumps(said))
"""


def test_a_file_or_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    """Neither a protected file, nor one in a protected folder, nor a missing folder is a traceback."""
    folder = Path(f"/tmp/survival-{os.getpid()}")
    folder.mkdir(mode=0o755)
    try:
        protected, walled = folder / "protected.db", folder / "walled" / "j.db"
        shut = folder / "shut" / "j.db"
        shut.parent.mkdir(mode=0o000)
        walled.parent.mkdir()
        for path in (protected, walled):
            JournalFile(path).close()
        protected.chmod(0o444)
        walled.chmod(0o666)
        walled.parent.chmod(0o555)
        asked = [
            protected,
            walled,
            walled.with_name("new.db"),
            shut,
            folder / "missing" / "j.db",
            folder / ("x" * 300),
        ]

        said = tell(WITHOUT_RIGHTS, *asked)
    finally:
        walled.parent.chmod(0o755)
        shut.parent.chmod(0o755)
        shutil.rmtree(folder)

    kinds = [kind for kind, _ in said]
    assert kinds[1] in ("JournalError", "JournalReadOnlyError")  # as SQLite's version has it
    assert [kinds[0], *kinds[2:]] == ["JournalReadOnlyError"] * 3 + ["JournalError"] * 2
    for path, (_, sentence) in zip(asked, said, strict=True):
        assert str(path) in sentence
        assert not sentence.endswith(".")


def test_a_file_that_becomes_read_only_is_told_at_the_next_write(tmp_path: Path) -> None:
    """SQLite's own refusal becomes ours, with the file's name."""
    file = JournalFile(tmp_path / "j.db")
    for connection in file._writers.values():
        connection.execute("PRAGMA query_only = ON")

    with pytest.raises(JournalReadOnlyError, match=r"j\.db.*read only"):
        write(file)

    file.close()


# -- replaced, damaged, foreign ----------------------------------------------------------------


def test_two_engines_of_one_process_keep_what_a_third_would_throw_away(tmp_path: Path) -> None:
    """Opening the file again drops no lock, so another process's end leaves our log alone.

    POSIX drops all locks of a process on a file when it closes any descriptor of that file.
    """
    path = tmp_path / "j.db"
    first, second = JournalFile(path), JournalFile(path)
    program(
        "import sys; from omninode_bridge.agents.workflows.journal import JournalFile; "
        "JournalFile(sys.argv[1]).close()",
        path,
    )

    write(first, 1)
    write(second, 2)

    assert tell(
        "import json, sqlite3, sys; print(json.dumps([r[0] for r in sqlite3.connect("
        "sys.argv[1]).execute('SELECT id FROM tidied ORDER BY id')]))",
        path,
    ) == [1, 2]
    first.close()
    second.close()


@pytest.mark.parametrize("how", ["deleted", "moved", "replaced"])
async def test_a_file_that_is_gone_is_noticed(tmp_path: Path, how: str) -> None:
    """SQLite would go on writing to a file that nobody will ever find."""
    path = tmp_path / "j.db"
    engine = JournalEngine(path)

    async def step() -> str:
        if how == "deleted":
            path.unlink()
        elif how == "moved":
            path.rename(tmp_path / "elsewhere.db")
        else:
            JournalFile(tmp_path / "other.db").close()
            (tmp_path / "other.db").replace(path)
        return "done"

    with pytest.raises(JournalError, match="moved, replaced or deleted"):
        await run(engine, chain(step))
    with pytest.raises(JournalError, match="moved, replaced or deleted"):
        engine.file.read(lambda c: None)
    engine.close()


@pytest.mark.parametrize(
    "content", [b"hello, this is no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_something_else_is_told_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    """A file that is no journal is not touched."""
    path = tmp_path / "j.db"
    path.write_bytes(content)
    path.chmod(0o644)

    with pytest.raises(JournalError, match=r"j\.db"):
        JournalFile(path)

    assert path.read_bytes() == content
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_database_of_another_program_is_left_as_it_is(tmp_path: Path) -> None:
    """Neither its journal mode nor its tables change."""
    path = tmp_path / "j.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs(x)")
    other.commit()
    other.close()
    before = path.read_bytes()

    with pytest.raises(JournalError, match="another program"):
        JournalFile(path)

    assert path.read_bytes() == before


async def test_a_truncated_or_damaged_file_is_told(tmp_path: Path) -> None:
    """Half a file, and one with a hole: an error that names it, or what is readable; never a crash."""
    path = tmp_path / "j.db"
    with JournalEngine(path) as engine:
        for number in range(20):
            await run(engine, chain(lambda: "x" * 5_000), name=f"w{number}")
    whole = path.read_bytes()
    for content in (
        whole[: len(whole) // 2],
        whole[:8_192] + b"\0" * 30_000 + whole[38_192:],
        whole[:50],
    ):
        path.write_bytes(content)
        beside(path, "-wal").unlink(missing_ok=True)
        with pytest.raises(JournalError, match=r"j\.db"), JournalEngine(path) as engine:
            for number in range(20):
                await run(engine, chain(lambda: "x" * 5_000), name=f"w{number}")


def test_a_newer_form_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    """What a later version wrote is not for this one to touch."""
    path = tmp_path / "j.db"
    JournalFile(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {_schema.SCHEMA_VERSION + 1}")
    connection.close()

    with pytest.raises(JournalVersionError, match="upgrade"):
        JournalFile(path)


def later(monkeypatch: pytest.MonkeyPatch, *statements: str) -> None:
    monkeypatch.setattr(_form, "MIGRATIONS", (*_schema.MIGRATIONS, statements))
    monkeypatch.setattr(_form, "SCHEMA_VERSION", _schema.SCHEMA_VERSION + 1)


def test_an_older_form_is_brought_up_to_date(tmp_path: Path, monkeypatch: Any) -> None:
    """What was recorded is there afterwards."""
    path, version = tmp_path / "j.db", _schema.SCHEMA_VERSION
    file = JournalFile(path)
    write(file, 7)
    file.close()
    later(monkeypatch, "ALTER TABLE tidied ADD COLUMN new TEXT DEFAULT 'n'")

    file = JournalFile(path)

    assert file.read(lambda c: c.execute("SELECT id, new FROM tidied").fetchall()) == [(7, "n")]
    assert file.read(lambda c: c.execute("PRAGMA user_version").fetchone()[0]) == version + 1
    file.close()


def test_a_step_up_that_fails_leaves_the_older_form(tmp_path: Path, monkeypatch: Any) -> None:
    """All of it or nothing."""
    path = tmp_path / "j.db"
    JournalFile(path).close()
    with monkeypatch.context() as patch:
        later(patch, "ALTER TABLE tidied ADD COLUMN new TEXT", "ALTER TABLE nothing ADD COLUMN x")
        with pytest.raises(JournalError, match=r"j\.db"):
            JournalFile(path)

    file = JournalFile(path)
    write(file)
    file.close()


def test_an_empty_file_becomes_a_journal(tmp_path: Path) -> None:
    """A file of no bytes is what a process leaves that died while it made one."""
    path = tmp_path / "j.db"
    path.touch(mode=0o644)

    file = JournalFile(path)
    write(file)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    file.close()


def test_what_a_dead_process_left_in_the_log_counts(tmp_path: Path) -> None:
    """A process that was killed never moved its commits from the log into the file."""
    path = tmp_path / "j.db"
    source = """
import os, sys
from omninode_bridge.agents.workflows.journal import JournalFile
file = JournalFile(sys.argv[1])
file.write_now(lambda c: c.execute("INSERT INTO tidied VALUES(5, 0)"), durable=False)
os.kill(os.getpid(), 9)
"""
    assert program(source, path).returncode == -9
    assert beside(path, "-wal").stat().st_size > 0

    file = JournalFile(path)

    assert file.read(lambda c: c.execute("SELECT id FROM tidied").fetchall()) == [(5,)]
    file.close()


def test_nobody_else_may_read_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file that others may read is taken from them, with what SQLite keeps beside it, and said."""
    path, umask = tmp_path / "j.db", os.umask(0)
    try:
        JournalFile(path).close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o644)

        with caplog.at_level(logging.WARNING):
            file = JournalFile(path)
            write(file)
    finally:
        os.umask(umask)

    for end in ("", "-wal", "-shm"):
        assert stat.S_IMODE(beside(path, end).stat().st_mode) == 0o600
    assert "journal.mode_tightened" in caplog.messages
    file.close()


@pytest.mark.parametrize(
    "name", ["a b?c#d%20&=é雪.db", "-j.db", "file:x?mode=memory", "'\";--", "x" * 200]
)
async def test_any_name_of_a_file_will_do(tmp_path: Path, name: str) -> None:
    """Nothing in a path means anything but the path."""
    path = tmp_path / name
    with JournalEngine(path) as engine:
        await run(engine, chain(lambda: 1))
    with JournalEngine(path) as engine:
        result = await run(engine, chain(lambda: 1))

    assert result.steps["lambda"].reused
    assert path.is_file()


@pytest.mark.parametrize("path", ["", ":memory:", "a\0b", 7, None])
def test_what_is_no_path_of_a_file_is_refused(path: Any) -> None:
    """A journal in memory would not outlive anything."""
    with pytest.raises(ConfigurationError, match="journal"):
        JournalFile(path)


def test_a_fork_has_to_open_the_file_itself(tmp_path: Path) -> None:
    """Connections of SQLite must not cross a fork; the parent's go on working."""
    source = """
import json, os, sys
from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.errors import JournalError
file = JournalFile(sys.argv[1])
insert = lambda c: c.execute("INSERT INTO tidied(at) VALUES(0)")
file.write_now(insert, durable=True)
out, into = os.pipe()
if not os.fork():
    try:
        file.write_now(insert, durable=True)
        said = "written"
    except JournalError as error:
        said = str(error)
    file.close()
    own = JournalFile(sys.argv[1])
    own.write_now(insert, durable=True)
    own.close()
    os.write(into, said.encode())
    os._exit(0)
os.wait()
file.write_now(insert, durable=True)
said = os.read(out, 1000).decode()
print(json.dumps([said, file.read(lambda c: c.execute("SELECT count(*) FROM tidied").fetchone()[0])]))
"""
    said, count = tell(source, tmp_path / "j.db")

    assert "opened before this process was forked" in said
    assert count == 3


async def test_a_closed_journal_says_so(tmp_path: Path) -> None:
    """Whoever still writes is told; nobody is cancelled."""
    file = JournalFile(tmp_path / "j.db")
    under_way = [
        asyncio.ensure_future(file.write(lambda c: c.execute("SELECT 1"), durable=True))
        for _ in range(20)
    ]
    await asyncio.sleep(0)
    file.close()
    ended = await asyncio.gather(*under_way, return_exceptions=True)

    assert all(not isinstance(one, BaseException) or isinstance(one, JournalError) for one in ended)
    with pytest.raises(JournalError, match="is closed"):
        await file.write(lambda c: None, durable=True)


async def test_writers_that_wait_for_one_lock_wait_side_by_side(tmp_path: Path) -> None:
    """Each of them is told after `busy_timeout`, however many stand before it."""
    file = JournalFile(tmp_path / "j.db", busy_timeout=0.2)
    with closing(sqlite3.connect(file.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        told = await asyncio.gather(
            *(file.write(lambda c: None, durable=True) for _ in range(20)), return_exceptions=True
        )
        took = time.monotonic() - begun
        other.execute("ROLLBACK")
    file.close()

    assert all(isinstance(one, JournalLockedError) for one in told)
    assert took < 2


async def test_what_must_survive_a_power_failure_is_flushed_and_the_rest_is_not(
    tmp_path: Path,
) -> None:
    """In turns, on the one connection that writes."""
    levels: list[int] = []

    def work(connection: sqlite3.Connection) -> None:
        levels.append(connection.execute("PRAGMA synchronous").fetchone()[0])

    with closing(JournalFile(tmp_path / "journal.db")) as file:
        for durable in (True, False, True, False):
            await file.write(work, durable=durable)
            file.write_now(work, durable=durable)

    assert levels == [2, 2, 1, 1, 2, 2, 1, 1]  # FULL and NORMAL
