"""Monitoring and Troubleshooting."""

from __future__ import annotations

import asyncio
import logging
import re

import pytest

from omninode_bridge.agents.workflows import RecoveryResult, RecoveryStrategy, RetryStrategy

from ._reader import Reader
from ._steps import handle, set_up
from ._webhook import Webhook


async def reset() -> None:
    raise ConnectionError("connection reset by peer")


async def fine() -> str:
    return "fine"


def recover(reader: Reader, *, good: int, bad: int) -> None:
    """Let so many recoveries end well, and so many not."""
    for operation, times in ((fine, good), (reset, bad)):
        for _ in range(times):
            handle(reader, ConnectionError("connection reset by peer"), operation=operation)


def exact_retry(base_delay: float = 1.0) -> RetryStrategy:
    return RetryStrategy(base_delay=base_delay, jitter="none")


def test_statistics(reader: Reader) -> None:
    """Three of four recoveries ended well, and every printed line says so."""
    set_up(reader)
    reader["orchestrator"].register_strategy(RecoveryStrategy.RETRY, exact_retry())
    recover(reader, good=3, bad=1)

    reader.run(35)

    lines = reader.printed()
    assert lines[:3] == ["Total Attempts: 4", "Success Rate: 75.0%", "Failure Rate: 25.0%"]
    # 1 s for each that was retried once, 1 + 2 + 4 s for the one that failed
    assert re.fullmatch(r"Avg Recovery Time: 25\d\d\.\d\dms", lines[3])
    assert lines[4:] == [
        "",
        "Strategy Usage:",
        "  retry: 4 uses (75.0% success)",
        "",
        "Error Types:",
        "  network: 4 errors",
    ]


def test_events(reader: Reader, caplog: pytest.LogCaptureFixture) -> None:
    """The three hooks are told of an attempt, a success and a failure, each once."""
    set_up(reader)
    caplog.set_level(logging.INFO, "reader")
    reader.supply(logger=logging.getLogger("reader"), RecoveryResult=RecoveryResult)
    told: list[tuple[str, object]] = []

    class Metrics:
        def record_recovery_success(self, *, strategy: object, duration_ms: float) -> None:
            told.append(("success", strategy))

        def record_recovery_failure(self, *, strategy: object, error: str | None) -> None:
            told.append(("failure", strategy))

    reader.supply(metrics=Metrics())

    reader.run(36)
    recover(reader, good=1, bad=1)

    logged = [record.message for record in caplog.records if record.name == "reader"]
    assert logged == ["Recovery attempt: session-1 using retry"] * 2
    assert told == [("success", RecoveryStrategy.RETRY), ("failure", RecoveryStrategy.RETRY)]
    assert reader["orchestrator"].get_statistics().hook_failures == 0


def test_events_reach_the_collector(reader: Reader) -> None:
    """The printed hooks fit the collector of the setup as it is."""
    set_up(reader)
    reader.supply(logger=logging.getLogger("reader"), RecoveryResult=RecoveryResult)

    reader.run(36)
    recover(reader, good=1, bad=1)

    counted = reader["metrics"].snapshot()
    # once by the orchestrator, which has the collector too, and once by the reader's hook
    assert counted.counter("recoveries", strategy="retry", outcome="success") == 2
    assert counted.counter("recoveries", strategy="retry", outcome="failure") == 2
    assert reader["orchestrator"].get_statistics().hook_failures == 0


def test_health(reader: Reader, caplog: pytest.LogCaptureFixture) -> None:
    """The checks pass at the start, and the critical one fails when too many recoveries fail."""
    set_up(reader)
    reader.supply(logger=logging.getLogger("reader"))

    reader["orchestrator"].register_strategy(RecoveryStrategy.RETRY, exact_retry(0.0))
    reader.run(37)
    first = reader["health_status"]
    recover(reader, good=1, bad=1)
    reader.run(37)

    assert first.all_passing
    assert not reader["health_status"].all_passing
    (logged,) = [record.message for record in caplog.records if record.name == "reader"]
    assert logged.startswith("Health check failed: ")
    assert "recovery_success_rate" in logged
    assert "avg_recovery_time" not in logged


def test_health_of_slow_recoveries(reader: Reader, caplog: pytest.LogCaptureFixture) -> None:
    """The other check alone fails where every recovery succeeds and takes a second."""
    set_up(reader)
    reader.supply(logger=logging.getLogger("reader"))
    reader["orchestrator"].register_strategy(RecoveryStrategy.RETRY, exact_retry())
    recover(reader, good=3, bad=0)

    reader.run(37)

    status = reader["health_status"]
    assert tuple(status.failed_checks) == ("avg_recovery_time",)
    assert not status.all_passing
    assert status.critical_failures == ()


def alerts(reader: Reader, webhook: Webhook, delay: float, *, good: int, bad: int) -> list[str]:
    """Let block 38 watch for five minutes; return the heads of what Slack was told."""
    set_up(reader)
    reader["orchestrator"].register_strategy(RecoveryStrategy.RETRY, exact_retry(delay))
    reader.run(38)
    reader.wait_for(asyncio.sleep(61))
    assert webhook.messages == []
    recover(reader, good=good, bad=bad)
    reader.wait_for(asyncio.sleep(300))
    reader.wait_for(reader["alert_manager"].stop_monitoring())
    return [message["blocks"][0]["text"]["text"] for message in webhook.messages]


def test_alerts(webhook: Webhook, reader: Reader) -> None:
    """Within a minute of too many failures Slack is told, once, with the severity of the threshold."""
    (head,) = alerts(reader, webhook, 0.0, good=1, bad=9)

    assert "recovery_success_rate is 0.1, below 0.85" in head
    assert head.endswith("*Priority*: HIGH")


def test_alerts_of_slow_recoveries(webhook: Webhook, reader: Reader) -> None:
    """So it is where recoveries succeed and one in ten takes longer than a second."""
    (head,) = alerts(reader, webhook, 0.25, good=18, bad=2)

    assert "recovery_time_p95 is 175" in head
    assert "above 1000" in head
    assert head.endswith("*Priority*: MEDIUM")


@pytest.mark.parametrize(("delay", "good", "bad"), [(0.0, 18, 2), (0.9, 20, 0)])
def test_no_alert_below_the_thresholds(
    webhook: Webhook, reader: Reader, delay: float, good: int, bad: int
) -> None:
    """Nine in ten that succeed, and recoveries that take less than a second, alarm nobody."""
    assert alerts(reader, webhook, delay, good=good, bad=bad) == []


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> object:
    """A webhook, known by the environment; it has to be there before the reader's loop is."""
    with Webhook() as server:
        monkeypatch.setenv("OMNINODE_BRIDGE_SLACK_WEBHOOK", server.url)
        yield server


def test_low_success_rate(reader: Reader) -> None:
    """The diagnosis names the strategy that is below its target."""
    set_up(reader)
    recover(reader, good=1, bad=1)

    reader.run(39)

    assert reader.printed() == ["Success rate: 50.0%", "❌ retry: 50.0% (below target)"]


def test_slow_recovery(reader: Reader) -> None:
    """The diagnosis names the strategy that takes longer than half a second, and no other."""
    set_up(reader)
    register = reader["orchestrator"].register_strategy
    register(RecoveryStrategy.RETRY, exact_retry(0.0))
    recover(reader, good=2, bad=0)
    handle(reader, "validation failed: no name", operation=fine, state={"template_id": "x"})
    code = "def f():\n    return await g()\n"
    handle(reader, SyntaxError("'await' outside async function"), state={"code": code})
    reader.run(40)
    quick = reader.printed()
    register(RecoveryStrategy.RETRY, exact_retry())
    recover(reader, good=0, bad=3)

    reader.run(40)

    average, slow = reader.printed()
    assert len(quick) == 1, (
        "nothing is slow at first, and every strategy that was used is looked at"
    )
    assert len(reader["orchestrator"].get_statistics().strategy_durations) > 1
    assert float(average.removeprefix("Avg recovery time: ").removesuffix("ms")) > 500
    assert re.fullmatch(r"⚠️  retry: 42\d\d\.\d\dms \(slow\)", slow)


def test_pattern_matching_issues(reader: Reader) -> None:
    """The text is matched by the reader's pattern, and the logger that is printed tells the details."""
    set_up(reader)
    logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")
    before = logger.level
    records: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    handler = Keep()
    logger.addHandler(handler)
    try:
        reader.run(41)
        handle(reader, TimeoutError("no answer"), operation=fine)
        handle(reader, RuntimeError("xyzzy"))
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)

    assert reader.printed() == ["✅ Matched: api_timeout"]
    details = [record for record in records if record.levelno == logging.DEBUG]
    assert [
        (record.getMessage(), vars(record)["pattern_id"])
        for record in details
        if "pattern_id" in vars(record)
    ] == [
        ("recovery.pattern_looked_up", "api_timeout"),
        ("recovery.analyzed", "api_timeout"),
        ("recovery.analyzed", None),
    ]


def test_no_pattern_matches(reader: Reader) -> None:
    """The other branch of the block: an orchestrator that knows no such pattern says so."""
    set_up(reader)
    for pattern in reader["orchestrator"].patterns:
        reader["orchestrator"].remove_error_pattern(pattern.pattern_id)

    logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")
    before = logger.level
    reader.run(41)
    logger.setLevel(before)

    assert reader.printed() == ["❌ No pattern matched"]


def test_retry_exhaustion(reader: Reader) -> None:
    """The rate counts the recoveries in which all retries were used up."""
    set_up(reader)
    recover(reader, good=3, bad=1)
    reader.run(35)
    reader.printed()

    reader.run(42)

    assert reader.printed() == ["Retry exhaustion rate: 25.0%"]
