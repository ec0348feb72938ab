"""Errors that only a human can settle: each must be on record, and told through some channel."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from omninode_bridge.agents.workflows import (
    Decision,
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.agents.workflows.escalation import InMemoryEscalationStore, deliver_due
from omninode_bridge.testing import FakeClock, RecordingNotifier

from ._errors import Reply, stranger, with_fields
from ._tally import Verdict

CHANNELS = ("slack", "email", "pagerduty")
WAYS = ("run", "recoverable", "handle_error", "pattern", "declared")


def _beyond_us(rng: random.Random) -> tuple[str, Exception]:
    """Return an error of the guide's list, by its topic."""
    topics: Mapping[str, tuple[Exception, ...]] = {
        "contract": (
            RuntimeError("Contract 'order' is invalid: no operations"),
            RuntimeError("unsupported contract schema v9"),
            stranger("shop.contracts", "ContractParseError")("line 4"),
            stranger("openapi_spec_validator", "OpenAPIValidationError")("'paths' is missing"),
        ),
        "security": (
            PermissionError(13, "Permission denied"),
            stranger("shop.security", "SecurityViolationError")("os.system in a template"),
            RuntimeError("Vulnerability detected in generated code"),
            with_fields(stranger("httpx", "HTTPStatusError")("no"), response=Reply(403, {})),
            stranger("jwt.exceptions", "InvalidSignatureError")("Signature verification failed"),
            RuntimeError("path traversal: ../../etc/passwd"),
        ),
        "feature": (
            NotImplementedError("streaming nodes"),
            stranger("shop.features", "UnsupportedFeatureError")("mixin 'Teleport'"),
        ),
        "validation": (
            stranger("shop.checks", "CriticalValidationError")("schema of the ledger is broken"),
            ValueError("7 validation errors for Ledger"),
            AssertionError("totals differ"),
        ),
        "unknown": (
            RuntimeError("it broke"),
            Exception(),
            stranger("shop.odd", "WeirdError")("???"),
            OSError(28, "No space left on device"),
        ),
    }
    topic = rng.choice(sorted(topics))
    return topic, rng.choice(topics[topic])


def _channels(rng: random.Random) -> dict[str, RecordingNotifier]:
    """Return one to three channels, of which some refuse, raise, or are down for a while."""
    names = rng.sample(CHANNELS, rng.randint(1, 3))
    faults: tuple[dict[str, Any], ...] = (
        {},
        {},
        {"error": ConnectionError("channel is down")},
        {"error": TimeoutError()},
        {"delivers": False},
    )
    return {name: RecordingNotifier(name, **rng.choice(faults)) for name in names}


async def escalation(rng: random.Random) -> Verdict:
    """Escalate through channels of which all may be down; they come back later."""
    topic, error = _beyond_us(rng)
    channels = _channels(rng)
    clock = FakeClock()
    store = InMemoryEscalationStore(clock=clock)
    chosen = rng.sample(sorted(channels), rng.randint(0, len(channels)))
    config: dict[str, Any] = {
        "priority": rng.choice(("low", "medium", "high", "critical")),
        "assignee": rng.choice(("", "contracts-team")),
        "include_context": rng.random() < 0.5,
    }
    if chosen:
        config["notification_channels"] = chosen
    pauses = rng.random() < 0.4
    if pauses:
        config |= {"pause_workflow": True, "timeout": rng.choice((5, 600))}
        # who waits can only be helped by a channel that works before the wait is over
        working = channels[(chosen or sorted(channels))[0]]
        working.error, working.delivers = None, True
    orchestrator = ErrorRecoveryOrchestrator(
        clock=clock,
        draw=rng.random,
        notifiers=channels,
        escalations=store,
        escalation=config,
    )
    results: list[RecoveryResult] = []
    story = f"{topic}, {type(error).__name__}: {error}, {config}"
    await _go(orchestrator, error, rng.choice(WAYS), config, results)
    if len(results) != 1 or not results[0].escalated or results[0].escalation_id is None:
        return Verdict(topic, f"{story}: {results}")
    result = results[0]
    row = await store.get(str(result.escalation_id))
    healthy = [
        name
        for name in chosen or channels
        if channels[name].error is None and channels[name].delivers
    ]
    if (
        result.success
        or (pauses and row.status != "expired")
        or (not pauses and row.status != "open")
    ):
        return Verdict(topic, f"{story}: {result}, {row.status}")
    if (
        row.report.priority != config["priority"]
        or type(error).__name__ not in row.report.error_message
    ):
        return Verdict(topic, f"{story}: recorded as {row.report}")
    if bool(result.metadata["delivered"]) is not bool(healthy):
        return Verdict(topic, f"{story}: delivered is {result.metadata}")
    if not healthy and not pauses:
        for channel in channels.values():
            channel.error, channel.delivers = None, True
            channel.sent.clear()
        clock.advance(3600)
        await deliver_due(store, channels, clock=clock)
    told = [
        name
        for name in chosen or channels
        for report in channels[name].sent
        if report.escalation_id == row.id
    ]
    if not told:
        return Verdict(topic, f"{story}: nobody was told")
    if not pauses:
        await store.resolve(row.id, Decision.skip(), by="ada")
        if (await store.get(row.id)).by != "ada":
            return Verdict(topic, f"{story}: the answer was not taken")
    return Verdict(topic)


async def _go(
    orchestrator: ErrorRecoveryOrchestrator,
    error: Exception,
    way: str,
    config: dict[str, Any],
    results: list[RecoveryResult],
) -> None:
    async def work(item: int) -> None:
        raise error

    if way in ("run", "recoverable", "declared"):
        try:
            if way == "run":
                await orchestrator.with_options(on_result=results.append).run(work, 1)
            elif way == "recoverable":
                await orchestrator.recoverable(on_result=results.append)(work)(1)
            else:
                kind = RecoveryStrategy.ESCALATION
                await orchestrator.recoverable(None, kind, on_result=results.append)(work)(1)
        except Exception as raised:
            if raised is not error:
                raise
        return
    if way == "pattern":
        orchestrator.add_error_pattern(
            ErrorPattern(
                "mine",
                ErrorType.CONTRACT,
                type(error).__name__,
                RecoveryStrategy.ESCALATION,
                metadata={**config, "description": "Contract validation failed"},
            )
        )
    context = RecoveryContext("w", "n", exception=error, state={"item": 1, "token": "s3cr3t"})
    results.append(await orchestrator.handle_error(context, work))
