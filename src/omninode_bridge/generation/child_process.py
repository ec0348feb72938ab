"""Run a program of ours in a child process: bounded in time, memory and output, killed when left."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ChildResult", "run_child"]

MAX_OUTPUT = 200_000
CHUNK = 65_536
MEMORY_LIMIT = 4 * 1024**3
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV")


@dataclass(frozen=True, slots=True)
class ChildResult:
    """How a child process ended.

    Attributes:
        code: its exit code; None where it was stopped because its time was over.
        output: stdout and stderr together, head and tail of what is longer than 200,000 bytes.
    """

    code: int | None
    output: str


async def run_child(
    command: Sequence[str],
    *,
    cwd: Path,
    seconds: float,
    extra_env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    cpu_seconds: int | None = None,
) -> ChildResult:
    """Run a command without a shell, in a process group of its own.

    Args:
        command: program and arguments.
        cwd: where it runs.
        seconds: after this it is killed with all that it started.
        extra_env: beside the few variables that are passed on.
        stdin: what it reads; nothing by default.
        cpu_seconds: limit of computing time for code that we did not write.

    Raises:
        OSError: the program cannot be started.
    """
    env = {name: os.environ[name] for name in _KEPT if name in os.environ}
    env |= {"PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1", **(extra_env or {})}
    if cpu_seconds is not None:
        command = _limited(command, cpu_seconds)
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env=env,
        stdin=asyncio.subprocess.PIPE if stdin is not None else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            output, _ = await asyncio.gather(_ends(process.stdout), _feed(process.stdin, stdin))
            await process.wait()
    except TimeoutError:
        await _kill(process)
        return ChildResult(None, "")
    except BaseException:
        await _kill(process)
        raise
    return ChildResult(process.returncode, output)


def _limited(command: Sequence[str], cpu_seconds: int) -> list[str]:
    """Let a small Python program set the limits before it becomes the command.

    A `preexec_fn` would run between fork and exec in a process with threads, which may deadlock.
    """
    if sys.platform == "win32":
        return list(command)
    code = (
        "import os,resource,sys\n"
        f"resource.setrlimit(resource.RLIMIT_CPU,({cpu_seconds},{cpu_seconds}))\n"
        f"resource.setrlimit(resource.RLIMIT_AS,({MEMORY_LIMIT},{MEMORY_LIMIT}))\n"
        "resource.setrlimit(resource.RLIMIT_CORE,(0,0))\n"
        "os.execv(sys.argv[1],sys.argv[1:])"
    )
    return [sys.executable, "-I", "-S", "-c", code, *command]


async def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        process.kill()
    await asyncio.shield(process.wait())


async def _feed(stream: asyncio.StreamWriter | None, text: bytes | None) -> None:
    """Hand the input over; a program need not read it."""
    if stream is None:
        return
    with suppress(BrokenPipeError, ConnectionResetError):
        stream.write(text or b"")
        await stream.drain()
    stream.close()
    with suppress(BrokenPipeError, ConnectionResetError):
        await stream.wait_closed()


async def _ends(stream: asyncio.StreamReader | None) -> str:
    """Read to the end and return it: the whole, or head and tail; no more is ever held."""
    half = MAX_OUTPUT // 2
    head, tail, length = bytearray(), bytearray(), 0
    while stream is not None and (chunk := await stream.read(CHUNK)):
        length += len(chunk)
        room = half - len(head)
        head += chunk[:room]
        tail += chunk[room:]
        if len(tail) > half:
            del tail[:-half]
    mark = b"\n[...]\n" if length > MAX_OUTPUT else b""
    return bytes(head + mark + tail).decode("utf-8", "replace")
