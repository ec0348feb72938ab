"""How users write recoveries; mypy reads this file in strict mode, nothing runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_type

from omninode_bridge.agents.workflows import (
    BaseRecoveryStrategy,
    Call,
    Clock,
    Decision,
    DegradationStep,
    ErrorAnalysis,
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    EscalationStore,
    Event,
    InputCorrection,
    Notifier,
    RecoveryBudget,
    RecoveryContext,
    RecoveryResult,
    RecoveryStatistics,
    RecoveryStrategy,
    Rerun,
    RetryStrategy,
)
from omninode_bridge.testing import FakeClock, RecordingNotifier, ScriptedCall

clock: Clock = FakeClock()
notifier: Notifier = RecordingNotifier()


class Signals:
    def emit(self, event: Event) -> None:
        assert_type(event.data, Mapping[str, Any])


orchestrator = ErrorRecoveryOrchestrator(
    None,
    Signals(),
    max_retries=3,
    base_delay=1.0,
    jitter="none",
    enable_statistics=True,
    enable_notifications=False,
    notifiers={"mine": notifier},
    escalation={"priority": "high"},
    degradation_steps={
        "halve": DegradationStep("halve", lambda arguments: {"n": arguments["n"] // 2})
    },
    clock=clock,
)


def add(a: int, b: int = 2) -> int:
    return a + b


assert_type(orchestrator.run_sync(add, 1, b=3), int)


@orchestrator.on_recovery_attempt
async def attempt(context: RecoveryContext, strategy: RecoveryStrategy) -> None: ...


@orchestrator.on_recovery_success
def success(result: RecoveryResult) -> None: ...


@orchestrator.operation("node")
async def registered(contract_id: str) -> dict[str, str]:
    return {}


async def calls() -> None:
    result = await orchestrator.handle_error(
        RecoveryContext("w", "n", state={"a": 1}, exception=ValueError()), operation=add
    )
    assert_type(result, RecoveryResult)
    assert_type(result.success, bool)
    assert_type(result.strategy_used, RecoveryStrategy | None)
    assert_type(result.dropped, tuple[str, ...])
    assert_type(await registered("c"), dict[str, str])

    await orchestrator.run(ScriptedCall([1]))
    runs = orchestrator.with_options(
        strategy=RecoveryStrategy.RETRY,
        fallback_strategies=["escalation"],
        alternatives=[("v1", "EFFECT"), add],
        degradation=["halve"],
        corrections=[InputCorrection("spell", lambda arguments: {"a": 1})],
        retry={"max_retries": 5},
        validate=lambda value: value > 0,
        rerun=Rerun.PURE,
        attempt_timeout=5.0,
        budget=RecoveryBudget(attempts=5, seconds=None),
        never=(KeyError,),
        on_result=success,
    )
    assert_type(runs.run_sync(add, 1), int)
    store: EscalationStore = orchestrator.escalations
    await store.resolve("id", Decision.value(5), by="ann")


assert_type(orchestrator.analyze("text"), ErrorAnalysis)
assert_type(orchestrator.analyze(ValueError()).transient, bool | None)
assert_type(orchestrator.match_error_pattern("text"), ErrorPattern | None)
assert_type(orchestrator.get_statistics(), RecoveryStatistics)
assert_type(orchestrator.get_statistics().success_rate, float)
assert_type(orchestrator.patterns, tuple[ErrorPattern, ...])
orchestrator.add_error_pattern(
    ErrorPattern(
        "p", ErrorType.NETWORK, "x", RecoveryStrategy.RETRY, {"max_retries": 5}, priority=100
    )
)
orchestrator.register_strategy(RecoveryStrategy.RETRY, RetryStrategy(5, 2.0))


class Custom(BaseRecoveryStrategy):
    def __init__(self) -> None:
        super().__init__(RecoveryStrategy.CUSTOM)

    async def execute(self, context: RecoveryContext, **kwargs: Any) -> RecoveryResult:
        operation: Call = kwargs["operation"]
        return RecoveryResult.recovered(RecoveryStrategy.CUSTOM, await operation(context.state))


orchestrator.register_strategy("custom", Custom())
orchestrator.with_options(retries=3)  # type: ignore[call-arg]
orchestrator.run_sync(add, "1")  # type: ignore[arg-type]
