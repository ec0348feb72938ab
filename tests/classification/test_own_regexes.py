"""The regexes of the classification itself run without a clock: none may be slow on any text."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Iterator, Mapping
from types import ModuleType

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, classification
from omninode_bridge.agents.workflows.classification import providers
from omninode_bridge.agents.workflows.classification.lazy_regex import LazyRegex

MOST = 4_096
SECONDS = 0.015  # the worst of the linear ones takes 2 ms
RUNS = ("\n", " \n", "\n ", "\r\n", "\n\n  ", " ", "\t", "a", "A", "a ", "a.", "a\n", "a:", "=", "'", '"', "(", "{")  # fmt: skip
BEFORE = ("", "usage: ", "x.py:1: y", "Command '")


def modules() -> Iterator[ModuleType]:
    """Yield the modules whose regexes are searched for in messages."""
    for name in ("codes", "log_text"):
        yield importlib.import_module(f"{classification.__name__}.{name}")
    for found in pkgutil.iter_modules(providers.__path__, f"{providers.__name__}."):
        yield importlib.import_module(found.name)


def regexes_in(value: object, depth: int = 0) -> Iterator[LazyRegex]:
    """Yield the regexes of a table."""
    if isinstance(value, LazyRegex):
        yield value
    elif isinstance(value, (tuple, list)) and depth < 4:
        for one in value:
            yield from regexes_in(one, depth + 1)
    elif isinstance(value, Mapping) and depth < 4:
        yield from regexes_in(list(value.values()), depth + 1)


def owned() -> dict[str, LazyRegex]:
    """Return the regexes by where they stand."""
    found = {}
    for module in modules():
        for name, value in vars(module).items():
            for number, regex in enumerate(regexes_in(value)):
                found[f"{module.__name__.rpartition('.')[2]}.{name}[{number}]"] = regex
    return found


OWNED = owned()
# Anchored by those who use them, or given 64 characters at most.
MATCHED = frozenset(name for name in OWNED if name.startswith(("_tools._START", "_programs._COMMAND")))  # fmt: skip
SHORT = frozenset(name for name in OWNED if name.startswith("_durations."))


def seconds_of(regex: LazyRegex, text: str, *, anchored: bool) -> float:
    """Return how long one search takes, the better of two."""
    regex.compiled.search("")
    times = []
    for _ in range(2):
        begun = time.thread_time()
        (regex.match if anchored else regex.search)(text)
        times.append(time.thread_time() - begun)
    return min(times)


def test_there_are_regexes_to_ask() -> None:
    """The tables are found, so that the next test asks something."""
    assert len(OWNED) > 50


@pytest.mark.parametrize("run", RUNS)
def test_no_regex_of_ours_is_slow_on_runs(run: str) -> None:
    """A message of one character over and over takes each of our regexes a few milliseconds."""
    slow = [
        name
        for name, regex in OWNED.items()
        if name not in SHORT
        for before in BEFORE
        if seconds_of(regex, before + run * (MOST // len(run)) + "!", anchored=name in MATCHED)
        > SECONDS
    ]
    assert slow == []


@pytest.mark.parametrize("run", ["\n", " \n", "\r\n", "\n\n \n"])
@pytest.mark.parametrize("before", ["", "usage: ", "Traceback (most recent call last):\n"])
def test_an_analysis_of_empty_lines_does_not_block(run: str, before: str) -> None:
    """Thousands of empty lines, which some programs print, are read within 50 ms."""
    orchestrator = ErrorRecoveryOrchestrator()
    orchestrator.analyze(RuntimeError("warm"))
    text = before + run * (16_000 // len(run)) + "!"
    for error in (text, RuntimeError(text)):
        times = []
        for _ in range(2):
            begun = time.thread_time()
            orchestrator.analyze(error)
            times.append(time.thread_time() - begun)
        assert min(times) < 0.05
