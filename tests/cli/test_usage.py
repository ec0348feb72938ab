"""Wrong usage: one sentence on stderr, exit code 2, nothing done."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge import __version__

Run = Callable[..., Any]
ONE = ("generate", "contracts", "-o", "out")


def test_version_and_help_go_to_stdout(run: Run) -> None:
    """Both are answers, so they end with 0 and leave stderr alone."""
    version, short, deep = run("--version"), run("-h"), run("generate", "--help")

    assert (version.code, version.out, version.err) == (0, f"omninode-bridge {__version__}\n", "")
    assert (short.code, short.err) == (0, "")
    assert "contracts" in short.out
    assert deep.code == 0
    assert "--max-degradation" in deep.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "missing command"),
        (("nope",), "no such command 'nope'"),
        (("contracts",), "missing command"),
        (("generate",), "missing argument 'PATH...'"),
        (("generate", "contracts"), "missing option '-o'"),
        (("generate", "nowhere", "-o", "out"), "nowhere: no such file or directory"),
        (("generate", "empty", "-o", "out"), "empty: holds no contracts"),
        (("generate", "", "-o", "out"), "PATH is empty"),
        (("generate", "contracts", "-o", ""), "-o is empty"),
        (("generate", "contracts", "-o", "contracts/adder.yaml"), "is not a folder"),
        (("generate", "contracts", "-o", "contracts/adder.yaml/x"), "cannot be made"),
        (("generate", "contracts", "-o", "contracts"), "no contracts beside the output folder"),
        (("generate", "contracts", "-o", "dangling"), "the output 'dangling' is not a folder"),
        ((*ONE, "--jobs", "0"), "--jobs is '0'; it must be a whole number from 1 to 64"),
        ((*ONE, "--jobs", "1e3"), "--jobs is '1e3'"),
        ((*ONE, "--max-degradation", "-1"), "--max-degradation is '-1'"),
        ((*ONE, "--validation", "most"), "'most' is not one of 'basic', 'standard', 'full'"),
        ((*ONE, "--wat"), "no such option '--wat'"),
        ((*ONE, "--check", "--diff"), "exclude each other"),
        ((*ONE, "--dry-run", "--diff"), "exclude each other"),
        ((*ONE, "-q", "-v"), "exclude each other"),
        ((*ONE, "--wait", "soon"), "--wait is 'soon'; it must be a duration of up to 7 days"),
        ((*ONE, "--wait=0s"), "--wait is '0s'"),
        ((*ONE, "--wait=8d"), "--wait is '8d'"),
        ((*ONE, "--report", "empty"), "the report 'empty' cannot be written: it is a folder"),
        ((*ONE, "--report", "contracts/adder.yaml/r.json"), "adder.yaml is not a folder"),
        ((*ONE, "--report", "contracts/adder.yaml"), "it is one of the contracts"),
        (("contracts", "check"), "missing argument 'PATH...'"),
        (("contracts", "check", "nowhere"), "nowhere: no such file or directory"),
    ],
)
def test_wrong_usage_is_one_sentence(
    run: Run, contracts: Callable[..., Path], arguments: tuple[str, ...], sentence: str
) -> None:
    """What is wrong stands in one line with the offending value; stdout stays empty."""
    contracts()
    Path("empty").mkdir()
    Path("dangling").symlink_to("no-such-place")

    ended = run(*arguments)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("omninode-bridge: ")
    assert sentence in ended.err
    assert ended.err.count("\n") == 1
    assert not Path("out").exists()


def test_a_report_that_cannot_be_written_is_known_before_any_work(
    run: Run, contracts: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run whose account would be lost does not begin."""
    contracts()
    monkeypatch.setattr(
        "omninode_bridge.generation.batch.generate",
        lambda *_, **__: pytest.fail("the work began"),
    )

    ended = run(*ONE, "--report", "contracts")

    assert ended.code == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_output_is_refused_at_once(run: Run, contracts: Callable[..., Path]) -> None:
    """A folder that may not be written is a matter of configuration."""
    contracts()
    Path("out").mkdir(mode=0o555)

    ended = run(*ONE)

    assert ended.code == 2
    assert "permission denied" in ended.err


def test_an_output_that_may_not_be_written_is_refused_at_once(
    run: Run, contracts: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operating system is asked before any contract is read."""
    contracts()
    monkeypatch.setattr(os, "access", lambda *_: False)

    ended = run(*ONE)

    assert (ended.code, ended.out) == (2, "")
    assert "the output 'out' cannot be written: permission denied" in ended.err


HIDE = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in sys.argv[1].split(","):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

hidden = sys.argv[1].split(",")
sys.meta_path.insert(0, Hidden())
from omninode_bridge.cli import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize(("hidden", "extra"), [("click", "cli"), ("rich", "cli")])
def test_a_missing_extra_is_named(hidden: str, extra: str) -> None:
    """Without the libraries of the command line there is a sentence that says what to install."""
    done = subprocess.run(
        [sys.executable, "-c", HIDE, hidden, "--version"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert f"omninode-bridge[{extra}]" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [("generate", "-o", "out"), ("contracts", "check")])
def test_a_missing_library_of_the_generation_is_named(
    run: Run,
    contracts: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
) -> None:
    """Nothing is read or written where the work could not be done anyway."""
    contracts()
    monkeypatch.setattr("omninode_bridge.generation.tools.find_spec", lambda name: None)

    ended = run(*command, "contracts")

    assert (ended.code, ended.out) == (2, "")
    assert "omninode-bridge[codegen]" in ended.err
    assert ended.err.count("\n") == 1


def test_an_unexpected_error_is_a_sentence(
    run: Run, contracts: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect shows its type in one line, and its traceback only to those who ask."""
    contracts()

    def broken(*_: object, **__: object) -> None:
        raise KeyError("boom")

    monkeypatch.setattr("omninode_bridge.generation.batch.find_inputs", broken)

    ended, verbose = run(*ONE), run(*ONE, "-v")

    assert ended.code == verbose.code == 1
    assert "KeyError: 'boom'" in ended.err
    assert ended.err.count("\n") == 1
    assert "Traceback" in verbose.err


@pytest.mark.parametrize("module", ["omninode_bridge", "omninode_bridge.cli.app"])
def test_the_module_is_the_command(module: str) -> None:
    """``python -m omninode_bridge`` and the script do the same; other modules do nothing."""
    done = subprocess.run(
        [sys.executable, "-m", module, "--version"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0
    assert done.stdout == (
        f"omninode-bridge {__version__}\n" if module == "omninode_bridge" else ""
    )


def test_a_full_disk_behind_stdout_is_one_sentence(tmp_path: Path) -> None:
    """The exit code is ours, not that of an interpreter that fails to flush at its end."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    command = [
        sys.executable,
        "-c",
        "import sys; from omninode_bridge.cli import main; sys.exit(main())",
    ]

    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*command, "--version"], stdout=full, stderr=subprocess.PIPE, cwd=tmp_path, check=False
        )

    assert done.returncode == 1
    assert done.stderr.decode() == (
        "omninode-bridge: the output cannot be used: no space left on device\n"
    )
