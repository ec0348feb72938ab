"""Signals end a run in good order: a real process, real signals, nothing left."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from omninode_bridge.cli.interrupts import Interrupted, run_interruptible

from ._contracts import GOOD

Write = Callable[..., Path]
pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="signals are other there"),
    pytest.mark.slow,
]

START = """
import os, sys
from omninode_bridge.generation import {module} as module
before = module.{function}
def slowly(*arguments, **named):
    if not hasattr(module, "seen"):
        module.seen = True
        os.write(1, b"now\\n")
    return before(*arguments, **named)
module.{function} = slowly
from omninode_bridge.cli import main
sys.exit(main(["generate", "contracts", "-o", "out", "--validation", "full", "--report", "r.json"]))
"""


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a run in a process of its own that says when it has come so far."""
    processes = []

    def start(module: str, function: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", START.format(module=module, function=function)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
        )
        processes.append(process)
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], 60)[0], "the run did not come so far"
        process.stdout.readline()
        return process

    (tmp_path / "temporary").mkdir()
    yield start
    for process in processes:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def children(folder: Path) -> list[str]:
    """Return the command lines of processes that work in this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink().is_relative_to(folder):
                    found.append((entry / "cmdline").read_text())
            except OSError:
                continue
    return found


SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
PLACES = [
    ("models", "generate_models"),
    ("child_process", "asyncio.create_subprocess_exec"),
    ("placing", "_write"),
]


@pytest.mark.parametrize(
    ("module", "function", "number", "code"),
    [
        pytest.param(
            *place,
            *sign,
            marks=() if sign is SIGNALS[index % 3] else pytest.mark.slow,
        )
        for index, place in enumerate(PLACES)
        for sign in SIGNALS
    ],
)
def test_a_signal_leaves_nothing_half_done(
    contracts: Write,
    started: Callable[..., subprocess.Popen[bytes]],
    tmp_path: Path,
    module: str,
    function: str,
    number: int,
    code: int,
) -> None:
    """While models are written, while tools run, while packages move in: whole packages or none."""
    contracts(**{f"adder_{n}": GOOD for n in range(6)})
    process = started(module, function)

    process.send_signal(number)
    _, err = process.communicate(timeout=60)

    assert process.returncode == code, err.decode()
    assert err.decode().startswith("omninode-bridge: interrupted")
    assert err.count(b"\n") == 1
    out = Path("out")
    assert [
        path.name for path in Path().iterdir() if path.name not in {"contracts", "out", "temporary"}
    ] == []
    packages = list(out.iterdir()) if out.exists() else []
    assert all(re.fullmatch(r"adder_\d", path.name) for path in packages)
    assert all((path / "tests/test_node.py").is_file() for path in packages)
    assert list((tmp_path / "temporary").iterdir()) == []
    if sys.platform == "linux":
        assert children(tmp_path / "temporary") == []


def test_what_is_ignored_stays_ignored(contracts: Write) -> None:
    """A run behind ``nohup`` outlives its terminal."""
    contracts()
    code = (
        "import os, signal, sys, threading\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from omninode_bridge.generation import batch\n"
        "before = batch.find_inputs\n"
        "def told(request):\n"
        "    os.kill(os.getpid(), signal.SIGHUP)\n"
        "    return before(request)\n"
        "batch.find_inputs = told\n"
        "from omninode_bridge.cli import main\n"
        "sys.exit(main(['generate', 'contracts', '-o', 'out', '--validation', 'basic']))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert done.returncode == 0


def test_a_coroutine_releases_what_it_holds() -> None:
    """The signal becomes a cancellation, and the coroutine's own clearing up runs to its end."""
    released: list[str] = []

    async def work() -> None:
        import asyncio

        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0)
            released.append("all")

    before = time.monotonic()
    with pytest.raises(Interrupted) as ended:
        run_interruptible(work())

    assert ended.value.exit_code == 143
    assert released == ["all"]
    assert time.monotonic() - before < 30


ENDLESS = """
import os, sys
from omninode_bridge.generation import models
def endless(*arguments, **named):
    os.write(1, b"now\\n")
    while True:
        sum(range(1000))
models.generate_models = endless
from omninode_bridge.generation import building, steps
for module in (building, steps):
    if hasattr(module, "generate_models"):
        module.generate_models = endless
from omninode_bridge.cli import interrupts, main
interrupts.PATIENCE = 0.1
sys.exit(main(["generate", "contracts", "-o", "out", *sys.argv[1:]]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--no-recovery",)])
def test_a_computation_without_an_end_can_be_interrupted(
    contracts: Write, options: tuple[str, ...]
) -> None:
    """A thread cannot be stopped, so the process does not wait for one for ever."""
    contracts()
    command = [sys.executable, "-c", ENDLESS, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert select.select([process.stdout], [], [], 60)[0], "the run did not come so far"
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=30)
        finally:
            process.kill()

    assert process.returncode == 130
    assert err.decode().startswith("omninode-bridge: interrupted")
    assert err.count(b"\n") == 1
