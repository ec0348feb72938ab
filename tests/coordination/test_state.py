"""The shared state: a mapping that threads may use, within bounds."""

from __future__ import annotations

import threading

import pytest

from omninode_bridge.agents.coordination import SharedState
from omninode_bridge.errors import ConfigurationError


def test_it_is_a_mapping() -> None:
    """Reading, writing, removing, iterating and comparing are those of a dict."""
    state = SharedState({"a": 1})

    state["b"] = 2
    state.update(c=3)
    del state["a"]

    assert (dict(state), len(state), "b" in state, state.get("a")) == (
        {"b": 2, "c": 3},
        2,
        True,
        None,
    )
    assert state == {"b": 2, "c": 3}
    with pytest.raises(KeyError):
        del state["a"]


def test_a_snapshot_and_an_iteration_are_of_one_moment() -> None:
    """What changes meanwhile is not seen."""
    state = SharedState({"a": 1, "b": 2})
    before = state.snapshot()

    for key in state:
        del state[key]

    assert (before, len(state)) == ({"a": 1, "b": 2}, 0)
    with pytest.raises(TypeError):
        before["a"] = 2  # type: ignore[index]


def test_every_change_has_a_version() -> None:
    """A change moves the version on; setting nothing does not."""
    state = SharedState()
    assert state.version == 0

    state["a"] = 1
    state.put_all({"b": 1, "c": 1})
    state.put_all({})
    del state["a"]

    assert state.version == 3


def test_it_is_bounded_and_refuses_all_or_nothing() -> None:
    """What would be too much changes nothing; known keys may always be set."""
    state = SharedState({"a": 1}, max_entries=2)

    with pytest.raises(ConfigurationError, match="at most 2"):
        state.put_all({"b": 1, "c": 1})
    with pytest.raises(ConfigurationError, match="must be a text"):
        state.put_all({"b": 1, 5: 1})  # type: ignore[dict-item]
    state["b"] = 1
    state["a"] = 5

    assert dict(state) == {"a": 5, "b": 1}
    assert state.swap("c", None, 1) is False
    with pytest.raises(ConfigurationError, match="max_entries"):
        SharedState(max_entries=0)


def test_swap_sets_only_what_is_as_expected() -> None:
    """The same object, or an equal text or number, will do; True is not 1."""
    state = SharedState()
    held = object()

    assert state.swap("owner", None, "one") is True
    assert state.swap("owner", None, "two") is False
    assert state.swap("owner", str(b"one", "ascii"), 1) is True
    assert state.swap("owner", True, "two") is False
    assert state.swap("owner", 1, held) is True
    assert state.swap("owner", held, None) is True


def test_one_of_many_threads_wins_a_swap() -> None:
    """Exactly one thread takes what all want."""
    state = SharedState()
    won: list[int] = []
    begin = threading.Barrier(8)

    def work(number: int) -> None:
        begin.wait()
        if state.swap("owner", None, number):
            won.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert won == [state["owner"]]
