"""The journal survives ``kill -9`` at every moment: same result, nothing twice that was finished.

The lives are lived by `driver.py`, in a process without threads, which forks one for each;
``scripts/kill_journal.py`` runs more of them than there is time for here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DRIVER = Path(__file__).with_name("driver.py")
pytestmark = pytest.mark.slow


def drive(*arguments: str) -> dict[str, Any]:
    """Return what the driver tells."""
    done = subprocess.run(
        [sys.executable, str(DRIVER), *arguments], capture_output=True, text=True, timeout=300
    )
    assert done.stdout, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize(
    ("variant", "least"),
    [
        ("plain", 40),
        ("handled", 40),
        ("sync", 40),
        ("parallel", 50),
        ("ladder", 50),
        ("waiting", 30),
    ],
)
def test_death_at_every_moment_changes_nothing(variant: str, least: int) -> None:
    """Killed at each of its moments and started again, the workflow ends as if it had not been."""
    told = drive("--variant", variant, "--all")

    assert told["broken"] == []
    assert told["cases"] == sum(told["moments"]) >= least


def test_death_twice_in_a_row_changes_nothing() -> None:
    """Killed at each moment, and soon after the restart again, it ends as if it had not been."""
    told = drive("--variant", "plain", "--pairs", "3")

    assert told["broken"] == []
    assert told["cases"] == 3 * told["moments"][0]


def test_a_human_who_answers_between_two_lives_is_heard_once() -> None:
    """The answer may come before the process that asks is there again."""
    told = drive("--variant", "plain", "--early")

    assert told["broken"] == []


def test_death_of_the_one_who_answers_loses_no_answer_and_makes_none_twice() -> None:
    """Killed at each of its moments, the answering process has answered or it has not."""
    told = drive("--variant", "plain", "--human", "6")

    assert told["broken"] == []
    assert told["cases"] == 6


def test_death_at_random_moments_changes_nothing() -> None:
    """Killed by somebody else at any of 200 times, it ends as if it had not been."""
    told = drive("--variant", "plain", "--random", "200")

    assert told["broken"] == []
    assert told["cases"] == 200
