"""Values of options."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from omninode_bridge.cli.options import DEFAULT_WAIT, bare_wait, duration

PARAMETER = click.Option(["--wait"])
CONTEXT = click.Context(click.Command("generate"))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("10m", 600),
        ("2h", 7200),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("45", 45),
        ("2H", 7200),
        ("7d", 604800),
    ],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    """Units add up, a bare number means seconds."""
    assert duration(CONTEXT, PARAMETER, text) == seconds


@pytest.mark.parametrize(
    "text", ["", "soon", "-5s", "10x", "1h 30m", "0", "0m", "8d", "nan", "inf", "٣s", "9" * 400]
)
def test_bad_durations_are_refused(text: str) -> None:
    """Anything else is named and answered with examples."""
    with pytest.raises(click.UsageError, match="such as 30s, 10m or 1h30m"):
        duration(CONTEXT, PARAMETER, text)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["--wait"], [f"--wait={DEFAULT_WAIT}"]),
        (["--wait", "30s", "."], ["--wait", "30s", "."]),
        (["--wait", "."], [f"--wait={DEFAULT_WAIT}", "."]),
        (["--wait", "-o", "out"], [f"--wait={DEFAULT_WAIT}", "-o", "out"]),
        (["--wait", "soon"], ["--wait", "soon"]),
        (["--wait=5s", "."], ["--wait=5s", "."]),
        (["--", "--wait"], ["--", "--wait"]),
    ],
)
def test_wait_may_stand_alone(given: list[str], read: list[str]) -> None:
    """A path or an option after it is not taken for its duration; a bad duration is."""
    assert bare_wait(given) == read


def test_a_bare_wait_before_a_path_is_understood(
    run: Callable[..., Any], contracts: Callable[..., Path]
) -> None:
    """The path after ``--wait`` is generated."""
    contracts()

    ended = run("generate", "--validation", "basic", "--wait", "contracts", "-o", "out")

    assert ended.code == 0
    assert Path("out/adder/node.py").is_file()
