"""Nodes: dispatch, tracking, and the one error for logic that is not there."""

from __future__ import annotations

import asyncio
import logging
import pickle
import subprocess
import sys
from collections.abc import Mapping
from typing import ClassVar

import pytest

from omninode_bridge.errors import ConfigurationError, OmninodeBridgeError
from omninode_bridge.runtime import (
    RESERVED_NAMES,
    LogicNotWrittenError,
    MixinCaching,
    MixinHealthCheck,
    MixinLogging,
    MixinMetrics,
    NodeCompute,
    NodeEffect,
    NodeOrchestrator,
    NodeReducer,
)


class NodeDoubler(MixinMetrics, NodeCompute[int, int]):
    """One written and one unwritten operation."""

    node_name: ClassVar[str] = "doubler"
    operations: ClassVar[Mapping[str, str]] = {"double it": "double", "halve it": "halve"}

    async def double(self, request: int) -> int:
        with self.track("double it"):
            return request * 2

    async def halve(self, request: int) -> int:
        with self.track("halve it"):
            raise LogicNotWrittenError(self, "halve")


class Ticking:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_perform_finds_the_method_by_the_contracts_name() -> None:
    """An operation's name need not be its method's name."""
    assert await NodeDoubler().perform("double it", 21) == 42


async def test_perform_names_the_operations_that_exist() -> None:
    """An unknown operation is refused with the list of known ones."""
    with pytest.raises(
        ConfigurationError, match=r"no operation 'triple'; it has: 'double it', 'ha"
    ):
        await NodeDoubler().perform("triple", 1)


async def test_missing_logic_names_node_operation_and_file() -> None:
    """The error says where to write what."""
    with pytest.raises(LogicNotWrittenError) as raised:
        await NodeDoubler().perform("halve it", 2)

    error = raised.value
    assert isinstance(error, NotImplementedError)
    assert isinstance(error, OmninodeBridgeError)
    assert (error.node, error.operation, error.file) == ("NodeDoubler", "halve", __file__)
    assert all(part in str(error) for part in ("'halve'", "'NodeDoubler'", __file__))


def test_missing_logic_survives_pickling() -> None:
    """The error crosses processes with its attributes."""
    error = LogicNotWrittenError(NodeDoubler, "halve")

    copy = pickle.loads(pickle.dumps(error))

    assert (str(copy), copy.node, copy.operation, copy.file) == (
        str(error),
        error.node,
        error.operation,
        error.file,
    )


def test_unwritten_operations_are_known_without_a_call() -> None:
    """Only the operation whose body raises the error is listed."""
    assert NodeDoubler.unwritten_operations() == ("halve it",)


async def test_tracking_measures_with_the_given_clock() -> None:
    """Durations and outcomes come from the injected clock."""
    clock = Ticking()
    node = NodeDoubler(clock=clock)

    with node.track("work"):
        clock.now += 1.5
    with pytest.raises(KeyError), node.track("work"):
        raise KeyError("lost")

    assert node.metrics.counters() == {"work.succeeded": 1, "work.failed": 1}
    assert node.metrics.timings()["work"].recent_ms == (1500.0, 0.0)


async def test_tracking_lets_cancellation_pass() -> None:
    """A cancelled operation is counted and stays cancelled."""
    node = NodeDoubler()

    with pytest.raises(asyncio.CancelledError), node.track("work"):
        raise asyncio.CancelledError

    assert node.metrics.counters() == {"work.failed": 1}


async def test_a_broken_hook_does_not_break_the_operation(caplog: pytest.LogCaptureFixture) -> None:
    """What a hook raises is logged; the result of the operation stands."""

    class Broken(NodeDoubler):
        def on_operation_started(self, operation: str) -> None:
            raise ValueError("hook")

        def on_operation_finished(
            self, operation: str, seconds: float, error: BaseException | None
        ) -> None:
            raise ValueError("hook")

    result = await Broken().double(3)

    assert result == 6
    assert [record.message for record in caplog.records] == ["node.hook_failed"] * 2


async def test_what_a_broken_hook_raises_is_logged_without_secrets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its text is redacted, and no log shows the chain of causes, whose texts nobody has looked at."""

    class Broken(NodeDoubler):
        def on_operation_started(self, operation: str) -> None:
            try:
                raise KeyError("password=hunter2-cause")
            except KeyError as error:
                raise ValueError("cannot reach api_key=hunter2-own") from error

    await Broken().double(3)

    (record,) = caplog.records
    told = vars(record)
    assert (told["node_name"], told["operation"]) == (Broken.node_name, "double it")
    assert told["error"].startswith("ValueError: cannot reach")
    assert "on_operation_started" in told["traceback"]
    assert record.exc_info is None
    assert "hunter2" not in logging.Formatter().format(record) + told["error"] + told["traceback"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (NodeEffect, "effect"),
        (NodeCompute, "compute"),
        (NodeReducer, "reducer"),
        (NodeOrchestrator, "orchestrator"),
    ],
)
def test_bases_carry_their_type(kind: type[NodeEffect[int, int]], name: str) -> None:
    """Each base knows which type of contract it is for."""
    assert kind.node_type == name


def test_reserved_names_cover_what_instances_have() -> None:
    """No attribute that a node with every mixin has may become an operation's method."""

    class Everything(
        MixinHealthCheck, MixinMetrics, MixinLogging, MixinCaching, NodeOrchestrator[int, int]
    ):
        """All of it."""

    public = {name for name in dir(Everything()) if not name.startswith("_")}

    assert public <= RESERVED_NAMES


def test_runtime_needs_no_third_party_package() -> None:
    """A node imports where nothing but the library itself is installed."""
    script = (
        "import sys, omninode_bridge.runtime as r; r.NodeEffect();"
        "print([m for m in ('pydantic', 'jinja2', 'yaml', 'jsonschema') if m in sys.modules])"
    )

    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"
