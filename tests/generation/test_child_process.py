"""Child processes are bounded, and gone when they are left."""

from __future__ import annotations

import asyncio
import os
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from omninode_bridge.generation.child_process import MAX_OUTPUT, run_child

PYTHON = [sys.executable, "-I", "-c"]


async def test_output_and_code_come_back(tmp_path: Path) -> None:
    """Both streams are one text, and the exit code is that of the program."""
    code = (
        "import sys; print('one'); sys.stdout.flush(); print('two', file=sys.stderr); sys.exit(3)"
    )

    result = await run_child([*PYTHON, code], cwd=tmp_path, seconds=30)

    assert (result.code, result.output.split()) == (3, ["one", "two"])


async def test_input_is_handed_over(tmp_path: Path) -> None:
    """Without any the program reads an end of file, not our terminal."""
    code = "import sys; print(repr(sys.stdin.read()))"

    given = await run_child([*PYTHON, code], cwd=tmp_path, seconds=30, stdin=b"text")
    none = await run_child([*PYTHON, code], cwd=tmp_path, seconds=30)

    assert (given.output.strip(), none.output.strip()) == ("'text'", "''")


async def test_secrets_of_the_environment_stay_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a few variables are passed on, and those that are named."""
    monkeypatch.setenv("API_TOKEN", "secret")
    code = "import os; print('API_TOKEN' in os.environ, os.environ['MORE'])"

    result = await run_child([*PYTHON, code], cwd=tmp_path, seconds=30, extra_env={"MORE": "yes"})

    assert result.output.split() == ["False", "yes"]


async def test_arguments_are_no_shell(tmp_path: Path) -> None:
    """What looks like a command is an argument."""
    code = "import sys; print(sys.argv[1])"

    result = await run_child([*PYTHON, code, "; touch hacked"], cwd=tmp_path, seconds=30)

    assert result.output.strip() == "; touch hacked"
    assert not os.listdir(tmp_path)  # noqa: PTH208 - short and synchronous


async def test_long_output_keeps_head_and_tail(tmp_path: Path) -> None:
    """A program that never stops talking does not fill the memory of the report."""
    code = f"print('head' + 'x' * {MAX_OUTPUT * 2} + 'tail')"

    result = await run_child([*PYTHON, code], cwd=tmp_path, seconds=30)

    assert len(result.output) < MAX_OUTPUT + 100
    assert result.output.startswith("head")
    assert result.output.rstrip().endswith("tail")


async def test_output_is_never_held_as_a_whole(tmp_path: Path) -> None:
    """Far more output than memory should hold is read in parts, and only its ends are kept."""
    code = "print('head'); [print('x' * 99_999) for _ in range(300)]; print('tail')"
    tracemalloc.start()
    try:
        result = await run_child([*PYTHON, code], cwd=tmp_path, seconds=60)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert result.code == 0
    assert result.output.startswith("head\n")
    assert result.output.endswith("tail\n")
    assert peak < 10 * MAX_OUTPUT


@pytest.mark.parametrize("length", [0, 1, MAX_OUTPUT // 2, MAX_OUTPUT // 2 + 1, MAX_OUTPUT])
async def test_output_within_the_bound_is_whole(tmp_path: Path, length: int) -> None:
    """Up to the bound not a character is lost."""
    text = ("0123456789" * (length // 10 + 1))[:length]

    result = await run_child(
        [*PYTHON, "import sys; sys.stdout.write(sys.stdin.read())"],
        cwd=tmp_path,
        seconds=60,
        stdin=text.encode(),
    )

    assert result.output == text


async def test_input_that_nobody_reads_is_no_error(tmp_path: Path) -> None:
    """A program that ends before it has read everything has ended all the same."""
    result = await run_child(
        [*PYTHON, "print('done')"], cwd=tmp_path, seconds=60, stdin=b"x" * 2_000_000
    )

    assert (result.code, result.output.strip()) == (0, "done")


async def test_a_program_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    """There is no code then, and no process either."""
    code = "import os, time; print(os.getpid(), flush=True); open('pid', 'w').write(str(os.getpid())); time.sleep(60)"

    result = await run_child([*PYTHON, code], cwd=tmp_path, seconds=0.5)

    assert result.code is None
    if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text():
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups")
async def test_cancelling_kills_the_whole_family(tmp_path: Path) -> None:
    """What the program started goes with it."""
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('pid.part', 'w').write(str(child.pid))\n"
        "import os; os.rename('pid.part', 'pid')\n"
        "time.sleep(60)\n"
    )
    task = asyncio.create_task(run_child([*PYTHON, code], cwd=tmp_path, seconds=60))
    await until((tmp_path / "pid").exists)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    grandchild = int((tmp_path / "pid").read_text())
    await until(lambda: not is_alive(grandchild))


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - no event of ours tells of it
            await asyncio.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Tell whether the process runs; one that only waits to be buried does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
async def test_limits_hold_for_code_that_is_not_ours(tmp_path: Path) -> None:
    """A program may neither compute without end nor take all the memory."""
    busy = await run_child([*PYTHON, "while True: pass"], cwd=tmp_path, seconds=60, cpu_seconds=1)
    greedy = await run_child(
        [*PYTHON, "bytearray(64 * 1024**3)"], cwd=tmp_path, seconds=60, cpu_seconds=10
    )

    assert busy.code not in (0, None)
    assert "MemoryError" in greedy.output


async def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    """That is an error of the caller's surroundings, with the system's own words."""
    with pytest.raises(OSError, match="no-such-program"):
        await run_child([str(tmp_path / "no-such-program")], cwd=tmp_path, seconds=5)
