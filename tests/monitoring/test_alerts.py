"""Alerts: when they are told, to whom, how often, and how the watch ends."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, RecoveryStrategy
from omninode_bridge.agents.workflows.monitoring import AlertKind, AlertManager
from omninode_bridge.agents.workflows.monitoring import alerts as alerts_module
from omninode_bridge.agents.workflows.recovery_models.statistics import (
    RecoveryStatistics,
    StrategyStatistics,
)
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.testing import FakeClock, RecordingNotifier, fails_then

RETRY = RecoveryStrategy.RETRY
PATIENCE = 5.0  # seconds of real time after which a test that hangs fails


class Told:
    """An orchestrator whose statistics are what a test says."""

    def __init__(self, **statistics: Any) -> None:
        self.statistics = RecoveryStatistics(**{"total_attempts": 10, **statistics})
        self.asked = 0

    def set(self, **changes: Any) -> None:
        self.statistics = replace(self.statistics, **changes)

    def get_statistics(self) -> RecoveryStatistics:
        self.asked += 1
        return self.statistics


class GateClock(FakeClock):
    """A clock whose waits end when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = asyncio.Event()
        self._gate = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.waiting.set()
        await self._gate.wait()
        self._gate.clear()
        self.advance(seconds)

    async def next(self) -> None:
        """Let one wait end, and come back when the next one has begun."""
        async with asyncio.timeout(PATIENCE):
            await self.waiting.wait()
            self.waiting.clear()
            self._gate.set()
            await self.waiting.wait()


def manager(told: Any, channel: RecordingNotifier | None = None, **options: Any) -> AlertManager:
    notifiers = {"slack": channel or RecordingNotifier("slack")}
    return AlertManager(told, **{"notifiers": notifiers, "clock": FakeClock(), **options})


def descriptions(channel: RecordingNotifier) -> list[str]:
    return [report.description for report in channel.sent]


async def test_a_breach_is_told_once_and_its_end_once() -> None:
    """However often one looks, each crossing of a bound makes one notice."""
    told, channel = Told(success_rate=0.9), RecordingNotifier("slack")
    alerts = manager(told, channel)
    alerts.add_threshold("recovery_success_rate", min_value=0.85, severity="high")

    found = []
    for rate in (0.9, 0.85, 0.8, 0.7, 0.8, 0.85, 0.9, 0.2):
        told.set(success_rate=rate)
        found.append([str(alert.kind) for alert in await alerts.check_now()])

    assert found == [[], [], ["breached"], [], [], ["recovered"], [], ["breached"]]
    assert descriptions(channel) == [
        "recovery_success_rate is 0.8, below 0.85 (over 10 recoveries)",
        "recovery_success_rate is 0.85, within its bounds again (over 10 recoveries)",
        "recovery_success_rate is 0.2, below 0.85 (over 10 recoveries)",
    ]
    assert [alert.value for alert in alerts.active] == [0.2]
    assert [alert.kind for alert in alerts.history] == [
        AlertKind.BREACHED,
        AlertKind.RECOVERED,
        AlertKind.BREACHED,
    ]
    first, second, third = alerts.history
    assert second.breach_id == first.alert_id
    assert len({alert.alert_id for alert in alerts.history}) == 3
    assert third.breach_id is None


async def test_the_report_says_what_a_channel_needs() -> None:
    """Severity becomes priority, the statistic the node, and the time is the clock's."""
    told, channel = Told(recovery_time_p95=1500.0), RecordingNotifier("slack")
    clock = FakeClock()
    alerts = manager(told, channel, clock=clock, notification_channel="slack")
    alerts.add_threshold("recovery_time_p95", max_value=1000.0, severity="MEDIUM")

    (alert,) = await alerts.check_now()

    (report,) = channel.sent
    assert report.escalation_id == alert.alert_id
    assert (report.priority, report.node_name) == ("medium", "recovery_time_p95")
    assert (report.channels, report.timestamp) == (("slack",), clock.now())
    assert report.error_message.startswith("alert breached: recovery_time_p95 is 1500, above 1000")
    assert report.error_type == "alert_breached"


async def test_alerts_go_through_the_orchestrators_channels() -> None:
    """Notifiers, clock and the wish not to be told are those of the orchestrator."""
    slack, email = RecordingNotifier("slack"), RecordingNotifier("email")
    clock = FakeClock()

    async def failing(**options: Any) -> ErrorRecoveryOrchestrator:
        orchestrator = ErrorRecoveryOrchestrator(
            clock=clock, notifiers={"slack": slack, "email": email}, **options
        )
        run = orchestrator.with_options(ask_human=False).run
        for _ in range(6):
            with pytest.raises(ConnectionError):
                await run(fails_then(ConnectionError("reset"), "ok", times=99))
        return orchestrator

    async def judge(alerts: AlertManager) -> tuple[int, int, int]:
        alerts.add_threshold("recovery_success_rate", min_value=0.85, severity="high")
        found = await alerts.check_now()
        return len(found), len(slack.sent), len(email.sent)

    noisy, silent = await failing(), await failing(enable_notifications=False)

    assert await judge(AlertManager(noisy, notification_channel="slack")) == (1, 1, 0)
    assert await judge(AlertManager(noisy)) == (1, 2, 1)
    assert await judge(AlertManager(noisy, notification_channel=["email"])) == (1, 2, 2)
    assert await judge(AlertManager(silent)) == (1, 2, 2)
    assert slack.sent[0].timestamp == clock.now()


async def test_a_channel_that_does_not_exist_is_answered_for_by_the_console(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with escalations, a notice for nobody is printed."""
    monkeypatch.delenv("OMNINODE_BRIDGE_SLACK_WEBHOOK", raising=False)
    alerts = AlertManager(Told(pending=3), notification_channel="slack", clock=FakeClock())
    alerts.add_threshold("pending", max_value=0)

    await alerts.check_now()

    assert "pending is 3, above 0" in capsys.readouterr().err


async def test_what_no_channel_took_is_sent_again() -> None:
    """A dead channel costs nothing but time; when it is back the notice comes, once."""
    clock, channel = FakeClock(), RecordingNotifier("slack", error=OSError("dead"))
    told = Told(success_rate=0.0)
    alerts = manager(told, channel, clock=clock)
    alerts.add_threshold("success_rate", min_value=0.5)

    await alerts.check_now()
    assert len(channel.sent) == 1
    channel.error = None
    for _ in range(10):
        clock.advance(60)
        await alerts.check_now()

    assert len(channel.sent) == 2
    assert channel.sent[0].escalation_id == channel.sent[1].escalation_id


async def test_a_cancelled_delivery_is_made_up_for() -> None:
    """Cancelling a check in the middle of its notices loses none of them."""
    clock, gate = FakeClock(), asyncio.Event()
    sent: list[str] = []

    class Slow:
        async def send(self, report: Any) -> None:
            await gate.wait()
            sent.append(report.node_name)

    alerts = AlertManager(
        Told(pending=3, escalated=3),
        notifiers={"slow": Slow()},
        clock=clock,  # type: ignore[dict-item]
    )
    alerts.add_threshold("pending", max_value=0)
    alerts.add_threshold("escalated", max_value=0)
    task = asyncio.create_task(alerts.check_now())
    for _ in range(20):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    gate.set()
    clock.advance(3600)
    assert await alerts.check_now() == ()

    assert sorted(sent) == ["escalated", "pending"]


async def test_two_checks_at_one_time_find_a_breach_once() -> None:
    """Who looks first tells; nobody is told twice."""
    channel = RecordingNotifier("slack")
    alerts = manager(Told(success_rate=0.0), channel)
    alerts.add_threshold("success_rate", min_value=0.5)

    found = await asyncio.gather(*(alerts.check_now() for _ in range(5)))

    assert sorted(len(one) for one in found) == [0, 0, 0, 0, 1]
    assert len(channel.sent) == 1


@pytest.mark.parametrize(
    ("name", "samples", "breached"),
    [
        ("success_rate", 4, False),
        ("success_rate", 5, True),
        ("avg_recovery_time_ms", 4, False),
        ("recovery_time_p95", 4, False),
        ("recovery_time_p95", 5, True),
        ("pending", 0, True),
        ("hook_failures", 0, True),
        ("total_attempts", 4, True),
    ],
)
async def test_rates_and_times_wait_for_samples(name: str, samples: int, *, breached: bool) -> None:
    """Five recoveries make a rate; the number of something is exact from the first."""
    told = Told(total_attempts=samples)
    alerts = manager(told)
    alerts.add_threshold(name, min_value=1e9)

    assert bool(await alerts.check_now()) is breached


async def test_the_number_of_samples_may_be_said() -> None:
    """For all thresholds, and for one."""
    alerts = manager(Told(success_rate=0.0, total_attempts=2, pending=1), min_samples=2)
    alerts.add_threshold("success_rate", min_value=0.5)
    alerts.add_threshold("pending", max_value=0, min_samples=3)

    assert [alert.statistic for alert in await alerts.check_now()] == ["success_rate"]


DETAILS = {RETRY: StrategyStatistics(uses=8, successes=2, exhaustion_rate=0.75, p95=42.0)}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("recovery_success_rate", 0.25),
        ("success_rate", 0.25),
        ("recovery_failure_rate", 0.75),
        ("failure_rate", 0.75),
        ("avg_recovery_time_ms", 12.5),
        ("avg_recovery_time", 12.5),
        ("recovery_avg_recovery_time_ms", 12.5),
        ("recovery_time_p95", 99.0),
        ("time_p95", 99.0),
        ("recovery_total_attempts", 10.0),
        ("escalated", 1.0),
        ("delivered", 2.0),
        ("resolved", 3.0),
        ("recovery_pending", 4.0),
        ("hook_failures", 5.0),
        ("strategy_usage.retry", 8.0),
        ("strategy_usage.escalation", 0.0),
        ("strategy_success_rates.retry", 0.25),
        ("recovery_strategy_success_rates.RETRY", 0.25),
        ("strategy_durations.retry", 20.0),
        ("strategy_details.retry.exhaustion_rate", 0.75),
        ("strategy_details.retry.p95", 42.0),
        ("strategy_details.retry.uses", 8.0),
        ("error_type_counts.network", 6.0),
        ("error_type_counts.syntax", 0.0),
        (" success_rate ", 0.25),
    ],
)
async def test_every_statistic_has_a_name(name: str, value: float) -> None:
    """Every number of the statistics, with and without the prefix, by strategy and by type."""
    told = Told(
        success_rate=0.25,
        failure_rate=0.75,
        avg_recovery_time_ms=12.5,
        recovery_time_p95=99.0,
        escalated=1,
        delivered=2,
        resolved=3,
        pending=4,
        hook_failures=5,
        strategy_usage={RETRY: 8},
        strategy_success_rates={RETRY: 0.25},
        strategy_durations={RETRY: (10.0, 30.0)},
        strategy_details=DETAILS,
        error_type_counts={"network": 6},
    )
    alerts = manager(told)
    alerts.add_threshold(name, min_value=1e9)

    (alert,) = await alerts.check_now()

    assert alert.value == value


def test_every_number_of_the_statistics_can_be_watched() -> None:
    """A field that is added to the statistics is known by its name without further ado."""
    alerts = manager(Told())
    statistics = ErrorRecoveryOrchestrator().get_statistics()
    scalars = [
        name
        for name in RecoveryStatistics.__dataclass_fields__
        if type(getattr(statistics, name)) in (int, float)
    ]

    assert len(scalars) >= 10
    for name in scalars:
        alerts.add_threshold(name, min_value=0)


@pytest.mark.parametrize(
    "name",
    ["strategy_success_rates.retry", "strategy_durations.retry", "strategy_details.retry.p95"],
)
async def test_a_strategy_that_was_never_used_breaches_nothing(name: str) -> None:
    """No uses, no rate, whatever the number of samples that is asked for."""
    alerts = manager(Told(), min_samples=0)
    alerts.add_threshold(name, min_value=1e9)

    assert await alerts.check_now() == ()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "nonsense",
        "enabled",
        "strategy_success_rates",
        "strategy_success_rates.nonsense",
        "strategy_success_rates.retry.p95",
        "strategy_details.retry",
        "strategy_details.retry.p42",
        "success_rate.retry",
        "error_type_counts.retry",
        "__class__",
        None,
        5,
    ],
)
def test_an_unknown_statistic_is_refused_with_the_list(name: Any) -> None:
    """The message names what there is."""
    with pytest.raises(ConfigurationError, match=r"success_rate.*strategy_success_rates\.<str"):
        manager(Told()).add_threshold(name, min_value=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"min_value": 2, "max_value": 1},
        {"min_value": float("nan")},
        {"max_value": float("inf")},
        {"min_value": "0.85"},
        {"min_value": True},
        {"min_value": 1, "severity": "urgent"},
        {"min_value": 1, "severity": None},
        {"min_value": 1, "min_samples": -1},
        {"min_value": 1, "min_samples": 2.5},
    ],
)
def test_wrong_thresholds_are_refused(wrong: dict[str, Any]) -> None:
    """Told when the threshold is added."""
    with pytest.raises(ConfigurationError):
        manager(Told()).add_threshold("success_rate", **wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"notification_channel": ""},
        {"notification_channel": ["slack", 5]},
        {"notification_channel": [str(n) for n in range(11)]},
        {"interval_seconds": 0},
        {"min_samples": -1},
        {"history": "5"},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    """Told at construction; so is an orchestrator that is none."""
    with pytest.raises(ConfigurationError):
        manager(Told(), **wrong)
    with pytest.raises(ConfigurationError, match="error_recovery"):
        AlertManager(object())  # type: ignore[arg-type]


async def test_severities_are_thresholds_of_their_own() -> None:
    """One statistic may have a bound for each severity; the same one again replaces it."""
    alerts = manager(Told(success_rate=0.6))
    alerts.add_threshold("success_rate", min_value=0.99, severity="high")
    alerts.add_threshold("recovery_success_rate", min_value=0.5, severity="high")
    alerts.add_threshold("success_rate", min_value=0.85, severity="low")

    assert [alert.severity for alert in await alerts.check_now()] == ["low"]
    alerts.remove_threshold("recovery_success_rate")
    assert alerts.active == ()
    assert await alerts.check_now() == ()
    with pytest.raises(ConfigurationError, match="no threshold"):
        alerts.remove_threshold("success_rate")


def test_thresholds_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A further one is refused, replacing one is not."""
    monkeypatch.setattr(alerts_module, "MAX_THRESHOLDS", 1)
    alerts = manager(Told())
    alerts.add_threshold("success_rate", min_value=0.5)

    with pytest.raises(ConfigurationError, match="no more are taken"):
        alerts.add_threshold("failure_rate", min_value=0.5)
    alerts.add_threshold("success_rate", min_value=0.9, max_value=0.9)


async def test_a_value_must_be_within_both_bounds() -> None:
    """A band is left above and below; the bounds themselves are right."""
    told = Told()
    alerts = manager(told)
    alerts.add_threshold("success_rate", min_value=0.2, max_value=0.8)

    found = []
    for rate in (0.2, 0.8, 0.81, 0.1, 0.5):
        told.set(success_rate=rate)
        found.append([alert.message.split(", ")[1] for alert in await alerts.check_now()])

    assert found[:3] == [[], [], ["above 0.8 (over 10 recoveries)"]]
    assert found[3:] == [[], ["within its bounds again (over 10 recoveries)"]]


async def test_without_statistics_there_is_nothing_to_judge(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An orchestrator that does not count is said so once, and no alert is invented."""
    alerts = manager(ErrorRecoveryOrchestrator(enable_statistics=False))
    alerts.add_threshold("total_attempts", min_value=1)

    with caplog.at_level(logging.WARNING):
        assert await alerts.check_now() == ()
        assert await alerts.check_now() == ()

    assert caplog.messages == ["alerts.statistics_disabled"]


async def test_the_history_is_bounded() -> None:
    """The oldest alerts go first."""
    told = Told()
    alerts = manager(told, history=3)
    alerts.add_threshold("success_rate", min_value=0.5)

    for number in range(10):
        told.set(success_rate=float(number % 2))
        await alerts.check_now()

    assert len(alerts.history) == 3


async def test_monitoring_checks_at_once_and_after_every_interval() -> None:
    """The call returns at once; the task looks, waits, looks again; stopping ends it."""
    told, clock = Told(success_rate=0.9), GateClock()
    channel = RecordingNotifier("slack")
    alerts = manager(told, channel, clock=clock)
    alerts.add_threshold("success_rate", min_value=0.85)

    await alerts.start_monitoring(interval_seconds=60)
    assert (alerts.is_monitoring, told.asked) == (True, 0)
    await clock.next()
    told.set(success_rate=0.1)
    await clock.next()
    await clock.next()

    assert told.asked == 4
    assert clock.sleeps == [60, 60, 60, 60]
    assert len(channel.sent) == 1
    await alerts.stop_monitoring()
    await alerts.stop_monitoring()
    assert alerts.is_monitoring is False
    assert [task for task in asyncio.all_tasks() if task.get_name() == "alert-monitoring"] == []


async def test_a_check_that_fails_does_not_end_the_watch(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is logged, and the next one comes in its time."""
    clock = GateClock()

    class Broken(Told):
        def get_statistics(self) -> RecoveryStatistics:
            super().get_statistics()
            raise RuntimeError("no")

    told = Broken()
    async with manager(told, clock=clock, interval_seconds=5) as alerts:
        with caplog.at_level(logging.WARNING):
            await clock.next()
        assert alerts.is_monitoring

    assert (told.asked, alerts.is_monitoring) == (2, False)
    assert caplog.messages == ["alerts.check_failed"] * 2
    assert clock.sleeps == [5, 5]


async def test_monitoring_runs_once() -> None:
    """A second start is refused with the remedy; after a stop it may begin again."""
    alerts = manager(Told(), clock=GateClock())

    await alerts.start_monitoring()
    with pytest.raises(ConfigurationError, match="stop_monitoring"):
        await alerts.start_monitoring()
    await alerts.stop_monitoring()
    with pytest.raises(ConfigurationError, match="interval_seconds"):
        await alerts.start_monitoring(interval_seconds=0)
    await alerts.start_monitoring(5)
    await alerts.stop_monitoring()


def test_monitoring_may_begin_again_on_another_loop() -> None:
    """The end of a loop ends the watch; the next loop may start it."""
    alerts = manager(Told())

    async def start() -> None:
        await alerts.start_monitoring()

    asyncio.run(start())
    assert alerts.is_monitoring is False
    asyncio.run(start())


async def test_monitoring_may_be_stopped_from_another_thread() -> None:
    """The task ends on its own loop, whoever asks for it."""
    alerts = manager(Told(), clock=GateClock())
    await alerts.start_monitoring()
    (task,) = (one for one in asyncio.all_tasks() if one.get_name() == "alert-monitoring")

    await asyncio.to_thread(lambda: asyncio.run(alerts.stop_monitoring()))

    await asyncio.wait({task}, timeout=PATIENCE)
    assert task.cancelled()


async def test_a_notifier_may_stop_the_watch() -> None:
    """Stopping from within the task does not wait for itself."""
    alerts: AlertManager
    stopped = asyncio.Event()

    class Stopper:
        async def send(self, report: Any) -> None:
            await alerts.stop_monitoring()
            stopped.set()

    alerts = AlertManager(
        Told(pending=1),
        notifiers={"stop": Stopper()},
        clock=GateClock(),  # type: ignore[dict-item]
    )
    alerts.add_threshold("pending", max_value=0)
    await alerts.start_monitoring()
    async with asyncio.timeout(PATIENCE):
        await stopped.wait()

    assert alerts.is_monitoring is False


async def test_a_cancelled_stop_passes() -> None:
    """Whoever waits for the end may give up."""
    held = asyncio.Event()

    class Stubborn:
        async def send(self, report: Any) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                await held.wait()

    alerts = AlertManager(
        Told(pending=1),
        notifiers={"stop": Stubborn()},
        clock=GateClock(),  # type: ignore[dict-item]
    )
    alerts.add_threshold("pending", max_value=0)
    await alerts.start_monitoring()
    for _ in range(10):
        await asyncio.sleep(0)
    stop = asyncio.create_task(alerts.stop_monitoring())
    for _ in range(10):
        await asyncio.sleep(0)
    stop.cancel()

    with pytest.raises(asyncio.CancelledError):
        await stop
    held.set()
