"""What makes a recorded result stale besides the operation itself."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from omninode_bridge.agents.workflows.journal._hashes import StepHashes, code_hash

SOURCE = """
PROMPT = {prompt!r}
LIMITS = (2, {limit})
TOLD = [{told}]
calls = {calls}

def helper(text):
    return deeper(text) + {word!r}

def deeper(text):
    return text * {times}

def unrelated():
    return {unrelated}

def build():
    global calls
    calls += 1
    return helper(PROMPT) + str(LIMITS) + str(TOLD)
"""
PLAIN = {
    "prompt": "write",
    "limit": 3,
    "calls": 0,
    "word": "a",
    "times": 2,
    "unrelated": 0,
    "told": 0,
}


def hash_of(**changes: object) -> str:
    """Return the hash of `build` in a module that differs so."""
    module = types.ModuleType("steps")
    exec(SOURCE.format(**(PLAIN | changes)), module.__dict__)
    return code_hash(module.build, None, "step 'build'")


@pytest.mark.parametrize(
    "change",
    [{"prompt": "rewrite"}, {"limit": 4}, {"word": "b"}, {"times": 3}, {"told": 1}],
    ids=str,
)
def test_what_it_names_counts(change: dict[str, object]) -> None:
    """A constant of the module, a function of it, and what that one calls."""
    assert hash_of(**change) != hash_of()


@pytest.mark.parametrize("change", [{}, {"calls": 7}, {"unrelated": 1}], ids=str)
def test_what_it_does_not_name_does_not(change: dict[str, object]) -> None:
    """Neither functions that it does without nor what changes while programs run."""
    assert hash_of(**change) == hash_of()


MORE = """
import functools, enum

KINDS = {"a": [1, 2], "b": {"x", "y", "z"}}
CACHE = {"seen": 0}
TABLE = [object()]

def noted(times):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args):
            return function(*args) + times
        return wrapper
    return decorate

class Base:
    def inherited(self):
        return 1

class Model(Base):
    SIZE = 3
    seen = []
    def run(self):
        return 2
    @staticmethod
    def fixed():
        return 3
    @property
    def shown(self):
        return 4

class Colour(enum.Enum):
    RED = "red"

class Other:
    def run(self):
        return 5

def _power(x, y=2):
    return x ** y

cube = functools.partial(_power, y=3)
shared = Other()

def counted():
    CACHE["seen"] += 1

@noted(6)
def helper():
    return 7

def table():
    return TABLE

def build(x=[8], *, key="k"):
    counted()
    return Model().run(), Colour.RED, KINDS, CACHE, cube(2), shared.run(), helper(), table()
"""


def more(source: str) -> str:
    """Return the hash of `build` in a module of this source."""
    module = types.ModuleType("steps")
    exec(source, module.__dict__)
    return code_hash(module.build, None, "step 'build'")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return 1", "return 10"),
        ("SIZE = 3", "SIZE = 4"),
        ("return 2", "return 20"),
        ("return 3", "return 30"),
        ("return 4", "return 40"),
        ("return 5", "return 50"),
        ("x ** y", "x * y"),
        ("y=3", "y=4"),
        ("noted(6)", "noted(60)"),
        ("(*args) + times", "(*args) - times"),
        ("return 7", "return 70"),
        ("x=[8]", "x=[80]"),
        ('key="k"', 'key="l"'),
        ('RED = "red"', 'RED = "dark"'),
        ('"a": [1, 2]', '"a": [1, 3]'),
        ('"x", "y"', '"x", "w"'),
    ],
)
def test_what_is_reached_by_way_of_others_counts(old: str, new: str) -> None:
    """Classes with their methods and bases, decorators, partials, defaults, plain constants."""
    assert old in MORE
    assert more(MORE.replace(old, new)) != more(MORE)


@pytest.mark.parametrize(
    ("old", "new"),
    [('"seen": 0', '"seen": 9'), ("seen = []", "seen = [1]"), ("\nclass Base", "\n\n\nclass Base")],
)
def test_what_changes_while_a_program_runs_does_not_count(old: str, new: str) -> None:
    """A cache that the module writes into, a list of a class, where the lines are."""
    assert old in MORE
    assert more(MORE.replace(old, new)) == more(MORE)


def test_the_hash_is_the_same_in_every_process(tmp_path: Path) -> None:
    """Neither the seed of hashes nor an address enters; a run that filled its cache changes nothing."""
    (tmp_path / "steps.py").write_text(MORE)
    program = (
        "import steps\n"
        "from omninode_bridge.agents.workflows.journal._hashes import code_hash\n"
        "before = code_hash(steps.build, None, 'x')\n"
        "steps.build()\n"
        "assert before == code_hash(steps.build, None, 'x')\n"
        "print(before)\n"
    )

    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("0", "1", "2")
    }

    assert len(said) == 1


def test_functions_that_call_each_other_end() -> None:
    """A circle of calls is gone round once."""
    module = types.ModuleType("steps")
    exec("def a():\n    return b()\n\ndef b():\n    return a()\n", module.__dict__)

    assert code_hash(module.a, None, "a") == code_hash(module.a, None, "a")


def test_a_hash_of_another_make_is_told_apart_from_changed_code() -> None:
    """Code that a newer version of this package hashes otherwise may not have changed at all."""
    now = StepHashes(code_hash(lambda: 1, None, "a"), "", "")

    assert now.difference(now._replace(code="0" * 32)) == (
        "its code or version, or how they are compared, changed"
    )
    assert now.difference(now._replace(code=code_hash(lambda: 2, None, "a"))) == (
        "its code or version changed"
    )
