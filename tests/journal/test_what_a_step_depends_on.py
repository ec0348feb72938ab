"""What makes a recorded result stale besides the operation itself."""

from __future__ import annotations

import types

import pytest

from omninode_bridge.agents.workflows.journal._hashes import code_hash

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
    "change", [{"prompt": "rewrite"}, {"limit": 4}, {"word": "b"}, {"times": 3}], ids=str
)
def test_what_it_names_counts(change: dict[str, object]) -> None:
    """A constant of the module, a function of it, and what that one calls."""
    assert hash_of(**change) != hash_of()


@pytest.mark.parametrize("change", [{}, {"calls": 7}, {"told": 1}, {"unrelated": 1}], ids=str)
def test_what_it_does_not_name_does_not(change: dict[str, object]) -> None:
    """Neither functions that it does without nor what changes while programs run."""
    assert hash_of(**change) == hash_of()


def test_functions_that_call_each_other_end() -> None:
    """A circle of calls is gone round once."""
    module = types.ModuleType("steps")
    exec("def a():\n    return b()\n\ndef b():\n    return a()\n", module.__dict__)

    assert code_hash(module.a, None, "a") == code_hash(module.a, None, "a")
