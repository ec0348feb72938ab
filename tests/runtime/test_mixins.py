"""Mixins: health checks, metrics, logging and caching, each within its bounds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import ClassVar

import pytest

from omninode_bridge.errors import ConfigurationError
from omninode_bridge.runtime import (
    KNOWN_MIXINS,
    MixinCaching,
    MixinHealthCheck,
    MixinLogging,
    MixinMetrics,
    NodeEffect,
    check_mixin_config,
)

Config = Mapping[str, Mapping[str, object]]


class Everything(MixinHealthCheck, MixinMetrics, MixinLogging, MixinCaching, NodeEffect[int, int]):
    """A node with every mixin."""

    node_name: ClassVar[str] = "everything"
    node_version: ClassVar[str] = "1.2.3"


def configured(**mixins: Mapping[str, object]) -> type[Everything]:
    """Make a subclass with these settings."""
    return type("Configured", (Everything,), {"mixin_config": mixins})


async def test_healthy_without_checks() -> None:
    """A node that nobody doubts is healthy."""
    report = await Everything().health_check()

    assert (report.healthy, report.passed, report.failed) == (True, (), {})


async def test_each_check_is_asked_and_each_failure_has_a_reason() -> None:
    """Plain and asynchronous checks; false values and errors are failures."""

    async def slow_but_fine() -> bool:
        await asyncio.sleep(0)
        return True

    def broken() -> bool:
        raise OSError("disk\nfull")

    node = Everything()
    node.add_health_check("fine", slow_but_fine)
    node.add_health_check("no", lambda: False)
    node.add_health_check("broken", broken)

    report = await node.health_check()

    assert (report.healthy, report.passed) == (False, ("fine",))
    assert report.failed == {
        "no": "the check returned a false value",
        "broken": "OSError: disk full",
    }


async def test_a_check_that_hangs_has_failed() -> None:
    """A check gets the configured time and no more."""
    node = configured(MixinHealthCheck={"timeout_seconds": 1e-6})()
    never = asyncio.Event()
    node.add_health_check("hangs", lambda: never.wait())

    report = await node.health_check()

    assert report.failed == {"hangs": "no answer within 1e-06 s"}


async def test_cancelling_a_health_check_cancels_it() -> None:
    """Cancellation is no failed check."""
    node = Everything()
    node.add_health_check("hangs", asyncio.Event().wait)
    task = asyncio.create_task(node.health_check())
    await asyncio.sleep(0)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_there_is_room_for_so_many_checks() -> None:
    """Checks are bounded; replacing one needs no room."""
    node = configured(MixinHealthCheck={"max_checks": 1})()
    node.add_health_check("one", lambda: False)
    node.add_health_check("one", lambda: True)

    with pytest.raises(ConfigurationError, match="no room for health check 'two'"):
        node.add_health_check("two", lambda: True)

    assert (await node.health_check()).healthy


def test_metrics_are_bounded() -> None:
    """Names beyond the bound are counted as dropped; timings keep the latest."""
    metrics = configured(MixinMetrics={"max_series": 1, "window": 2})().metrics

    for seconds in (1, 2, 3):
        metrics.record("kept", seconds)
    metrics.record("late", 1)
    metrics.count("kept", 5)
    metrics.count("late")

    timing = metrics.timings()["kept"]
    assert (timing.count, timing.total_ms, timing.recent_ms) == (3, 6000, (2000, 3000))
    assert (metrics.counters(), metrics.dropped) == ({"kept": 5}, 2)


def test_timed_blocks_are_recorded_even_if_they_fail() -> None:
    """The duration counts, whatever the outcome."""
    times = iter([1.0, 3.0])
    node = Everything(clock=lambda: next(times))

    with pytest.raises(KeyError), node.metrics.timed("block"):
        raise KeyError

    assert node.metrics.timings()["block"].recent_ms == (2000.0,)


def test_cache_forgets_by_time_and_by_use() -> None:
    """Entries live for their time; the one used longest ago makes room."""
    now = [0.0]
    node = configured(MixinCaching={"ttl_seconds": 10, "max_entries": 2})(clock=lambda: now[0])
    cache = node.cache
    cache.put("a", 1)
    cache.put("b", 2)

    assert cache.get("a") == 1
    cache.put("c", 3)
    assert [cache.get(key, "gone") for key in "abc"] == [1, "gone", 3]
    now[0] = 10.0
    assert [cache.get(key, "gone") for key in "abc"] == ["gone"] * 3
    assert (len(cache), cache.hits, cache.misses) == (0, 3, 4)


def test_cache_can_be_emptied() -> None:
    """Discarding and clearing forget at once, and forget nothing twice."""
    cache = Everything().cache
    cache.put("a", 1)
    cache.put("b", 2)

    cache.discard("a")
    cache.discard("a")
    remaining = len(cache)
    cache.clear()

    assert (remaining, len(cache)) == (1, 0)


def test_events_carry_identity_and_fields(caplog: pytest.LogCaptureFixture) -> None:
    """Fields reach the record; names that logging keeps for itself get an underscore."""
    with caplog.at_level(logging.DEBUG, logger="omninode_bridge.runtime"):
        Everything().log_event("page.fetched", size=3, message="x", name="y")

    (record,) = caplog.records
    fields = vars(record)
    assert (record.levelname, record.getMessage()) == ("INFO", "page.fetched")
    assert {key: fields[key] for key in ("size", "message_", "name_", "node_name")} == {
        "size": 3,
        "message_": "x",
        "name_": "y",
        "node_name": "everything",
    }


def test_operations_are_logged_with_their_outcome(caplog: pytest.LogCaptureFixture) -> None:
    """Success at the configured level, failure as a warning with its type."""
    node = configured(MixinLogging={"level": "debug"})()

    with caplog.at_level(logging.DEBUG, logger="omninode_bridge.runtime"):
        with node.track("good"):
            pass
        with pytest.raises(KeyError), node.track("bad"):
            raise KeyError

    seen = [(r.levelname, r.getMessage(), vars(r)["operation"]) for r in caplog.records]
    assert seen == [
        ("DEBUG", "operation.finished", "good"),
        ("WARNING", "operation.failed", "bad"),
    ]
    assert vars(caplog.records[1])["error_type"] == "KeyError"


@pytest.mark.parametrize(
    ("mixin", "config", "part"),
    [
        ("MixinCaching", {"ttl_seconds": 0}, "seconds above 0"),
        ("MixinCaching", {"ttl_seconds": float("nan")}, "seconds above 0"),
        ("MixinCaching", {"max_entries": 2.5}, "whole number"),
        ("MixinMetrics", {"window": True}, "give a number"),
        ("MixinMetrics", {"window": 10**9}, "whole number from 1 to"),
        ("MixinLogging", {"level": "LOUD"}, "one of DEBUG"),
        ("MixinLogging", {"level": 10}, "one of DEBUG"),
        ("MixinHealthCheck", {"timeout_seconds": "5"}, "give a number"),
    ],
)
def test_unusable_settings_are_refused(mixin: str, config: dict[str, object], part: str) -> None:
    """A wrong value is refused when the node is made, and found before that."""
    (problem,) = check_mixin_config(mixin, config)

    with pytest.raises(ConfigurationError, match=part):
        configured(**{mixin: config})()
    assert part in problem


def test_unknown_settings_are_ignored_aloud(caplog: pytest.LogCaptureFixture) -> None:
    """A setting that means nothing here stops nothing, but is said."""
    problems = check_mixin_config("MixinCaching", {"colour": "red", "ttl_seconds": 1})

    configured(MixinCaching={"colour": "red", "ttl_seconds": 1})()

    assert problems == ("MixinCaching has no setting 'colour'; known: ttl_seconds, max_entries",)
    assert [(r.message, vars(r)["settings"]) for r in caplog.records] == [
        ("mixin.settings_ignored", ["colour"])
    ]


def test_known_mixins_have_settings() -> None:
    """Every mixin that a contract may name can be checked, and only those."""
    assert [check_mixin_config(name, {}) for name in KNOWN_MIXINS] == [()] * len(KNOWN_MIXINS)
    assert check_mixin_config("MixinTime", {})[0].startswith("no mixin 'MixinTime'; known: ")
