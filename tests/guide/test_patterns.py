"""Error Patterns: matching, types, priority, and the library."""

from __future__ import annotations

import pytest

from omninode_bridge.agents.workflows import ErrorPattern, ErrorType, RecoveryStrategy
from omninode_bridge.agents.workflows import recovery_patterns as shipped

from ._reader import Reader
from ._steps import handle, set_up


def test_pattern_matching(reader: Reader) -> None:
    """The pattern is found by the name of the exception, which its message does not have."""
    set_up(reader)
    reader["orchestrator"].remove_error_pattern("api_timeout")
    runs = []

    async def ask() -> None:
        runs.append("ask")
        raise TimeoutError("no answer")

    reader.run(20)
    result = handle(reader, TimeoutError("no answer"), operation=ask)

    assert reader["orchestrator"].match_error_pattern("ReadTimeout: no answer") is reader["pattern"]
    assert result.pattern_matched == "unique_pattern_id"
    assert result.analysis is not None
    assert result.analysis.error_type is ErrorType.NETWORK
    assert len(runs) == 3


class RateLimitError(Exception):
    status_code = 429


EXAMPLES = {
    "NETWORK": ConnectionResetError("reset by peer"),
    "VALIDATION": ValueError("validation failed: the field 'name' is required"),
    "GENERATION": RuntimeError("code generation failed"),
    "SYNTAX": SyntaxError("invalid syntax"),
    "CONTRACT": RuntimeError("contract user.yaml is malformed"),
    "TIMEOUT": TimeoutError("no answer"),
    "RATE_LIMIT": RateLimitError("slow down"),
    "AI_SERVICE": RuntimeError("the model is overloaded: llm unavailable"),
    "SECURITY": PermissionError("permission denied"),
    "UNKNOWN": RuntimeError("something"),
}


def test_error_types(reader: Reader) -> None:
    """Every type that is printed exists, and an error of each is recognised without any pattern."""
    set_up(reader)
    reader["orchestrator"].remove_error_pattern("api_timeout")

    reader.run(21)
    found = {
        name: reader["orchestrator"].analyze(error).error_type for name, error in EXAMPLES.items()
    }

    assert found == {name: getattr(ErrorType, name) for name in EXAMPLES}
    assert {"CUSTOM", *EXAMPLES} == set(ErrorType.__members__)


def test_priority(reader: Reader) -> None:
    """The pattern of higher priority is taken where both match, the other where only it does."""
    set_up(reader)
    reader["orchestrator"].remove_error_pattern("api_timeout")

    reader.run(22)
    # printed first, so that order alone would do; registered again, it comes after the other
    reader.write("""
        specific = next(p for p in orchestrator.patterns if p.pattern_id == "specific_timeout")
        orchestrator.remove_error_pattern("specific_timeout")
        orchestrator.add_error_pattern(specific)
    """)
    match = reader["orchestrator"].match_error_pattern

    assert match("LLM request timeout").pattern_id == "specific_timeout"
    assert match("request timeout").pattern_id == "generic_timeout"
    assert match("read time out") is None or match("read time out").pattern_id != "generic_timeout"
    ids = [pattern.pattern_id for pattern in reader["orchestrator"].patterns]
    assert ids.index("specific_timeout") < ids.index("generic_timeout")


def test_priority_decides_the_recovery(reader: Reader) -> None:
    """An LLM's timeout is answered by another model, any other timeout by the same call again."""
    set_up(reader)
    reader["orchestrator"].remove_error_pattern("api_timeout")
    reader.run(22)
    models = []

    async def ask(model: str) -> str:
        models.append(model)
        return f"answer of {model}"

    reader.write("""
        from omninode_bridge.agents.workflows import AlternativePathStrategy

        orchestrator.register_strategy(
            RecoveryStrategy.ALTERNATIVE_PATH, AlternativePathStrategy(model_alternatives=["small"])
        )
    """)
    llm = handle(
        reader, TimeoutError("LLM request timeout"), operation=ask, state={"model": "large"}
    )
    other = handle(reader, TimeoutError("request timeout"), operation=ask, state={"model": "large"})

    assert (llm.strategy_used, llm.result) == (
        RecoveryStrategy.ALTERNATIVE_PATH,
        "answer of small",
    )
    assert (other.strategy_used, other.result) == (RecoveryStrategy.RETRY, "answer of large")


def test_common_patterns(reader: Reader) -> None:
    """The libraries can be added whole and by name, and decide afterwards."""
    set_up(reader)
    reader["orchestrator"].remove_error_pattern("api_timeout")

    reader.run(23)

    ids = {pattern.pattern_id for pattern in reader["orchestrator"].patterns}
    assert {pattern.pattern_id for pattern in shipped.COMMON_NETWORK_PATTERNS} <= ids
    assert {pattern.pattern_id for pattern in shipped.COMMON_SYNTAX_PATTERNS} <= ids
    assert {"llm_timeout", "quality_threshold"} <= ids
    match = reader["orchestrator"].match_error_pattern
    assert match("ConnectTimeout: no route").pattern_id == "connection_timeout"
    assert match("the LLM request timed out").pattern_id == "llm_timeout"
    assert match("quality score below 0.8").pattern_id == "quality_threshold"


def as_data(pattern: ErrorPattern) -> tuple[object, ...]:
    return (
        pattern.pattern_id,
        pattern.error_type,
        pattern.regex_pattern,
        pattern.recovery_strategy,
        pattern.priority,
        dict(pattern.metadata),
    )


def test_network_patterns(reader: Reader) -> None:
    """The shipped network patterns begin with those that are printed, value for value."""
    set_up(reader)

    reader.run(24)

    printed = [as_data(pattern) for pattern in reader["COMMON_NETWORK_PATTERNS"]]
    assert printed == [as_data(one) for one in shipped.COMMON_NETWORK_PATTERNS][: len(printed)]
    assert len(printed) == 3


def test_syntax_patterns(reader: Reader) -> None:
    """The shipped syntax patterns begin with those that are printed, value for value."""
    set_up(reader)

    reader.run(25)

    printed = [as_data(pattern) for pattern in reader["COMMON_SYNTAX_PATTERNS"]]
    assert printed == [as_data(one) for one in shipped.COMMON_SYNTAX_PATTERNS][: len(printed)]
    assert len(printed) == 2


def test_printed_syntax_patterns_correct(reader: Reader) -> None:
    """Registered as printed, the two patterns correct what they are for."""
    set_up(reader)
    reader.run(25)
    reader.write("for pattern in COMMON_SYNTAX_PATTERNS: orchestrator.add_error_pattern(pattern)")
    no_async = "def execute_effect(context):\n    return await load(context)\n"
    no_import = "def dump(value):\n    return json.dumps(value)\n"

    first = handle(reader, SyntaxError("'await' outside async function"), state={"code": no_async})
    second = handle(reader, NameError("name 'json' is not defined"), state={"code": no_import})

    assert (first.pattern_matched, second.pattern_matched) == ("missing_async", "missing_import")
    assert first.result == "async " + no_async
    assert "import json\n" in second.result


# What each "Best For" list files under its strategy, as errors look in the field.
BEST_FOR: dict[tuple[RecoveryStrategy, str], Exception] = {
    (RecoveryStrategy.RETRY, "Network timeouts"): TimeoutError("timed out"),
    (RecoveryStrategy.RETRY, "Temporary API failures"): type(
        "HTTPStatusError", (Exception,), {"status_code": 503}
    )("503 Service Unavailable"),
    (RecoveryStrategy.RETRY, "Database connection issues"): type(
        "OperationalError", (Exception,), {"sqlstate": "08006"}
    )("server closed the connection unexpectedly"),
    (RecoveryStrategy.RETRY, "LLM rate limiting"): RateLimitError("rate limit reached"),
    (RecoveryStrategy.RETRY, "Temporary file system errors"): BlockingIOError(
        11, "Resource temporarily unavailable"
    ),
    (RecoveryStrategy.ALTERNATIVE_PATH, "Template rendering failures"): RuntimeError(
        "Template 'node' render failed: 'title' is undefined"
    ),
    (RecoveryStrategy.ALTERNATIVE_PATH, "Model generation issues"): RuntimeError(
        "code generation failed: empty response"
    ),
    (RecoveryStrategy.ALTERNATIVE_PATH, "Validation failures"): ValueError("validation failed"),
    (RecoveryStrategy.ALTERNATIVE_PATH, "Incompatible contract versions"): ValueError(
        "contract version 3.0 is incompatible"
    ),
    (RecoveryStrategy.ALTERNATIVE_PATH, "Feature not supported by primary method"): (
        NotImplementedError("streaming is not supported by this renderer")
    ),
    (RecoveryStrategy.GRACEFUL_DEGRADATION, "Complex contract generation failures"): RuntimeError(
        "code generation failed: the contract is too complex"
    ),
    (RecoveryStrategy.GRACEFUL_DEGRADATION, "Memory constraints"): MemoryError("out of memory"),
    (RecoveryStrategy.GRACEFUL_DEGRADATION, "Timeout issues"): TimeoutError("timed out"),
    (RecoveryStrategy.GRACEFUL_DEGRADATION, "Quality gate failures"): ValueError(
        "quality gate failed: score 0.4 below threshold"
    ),
    (RecoveryStrategy.ESCALATION, "Invalid contracts"): ValueError("invalid contract user.yaml"),
    (RecoveryStrategy.ESCALATION, "Unsupported features"): NotImplementedError(
        "feature not supported"
    ),
    (RecoveryStrategy.ESCALATION, "Critical validation failures"): ValueError(
        "critical validation failed"
    ),
    (RecoveryStrategy.ESCALATION, "Unknown error patterns"): RuntimeError("xyzzy"),
    (RecoveryStrategy.ESCALATION, "Security violations"): PermissionError("permission denied"),
}


@pytest.mark.parametrize(("kind", "sentence"), BEST_FOR, ids=[sentence for _, sentence in BEST_FOR])
def test_best_for(reader: Reader, kind: RecoveryStrategy, sentence: str) -> None:
    """An error of this kind is ended by the strategy that the guide calls best for it, unasked.

    Alternatives and degradation are both offered, and nothing but this strategy helps, so that the
    error's own plan has to come to it.
    """
    from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
    from omninode_bridge.testing import RecordingNotifier

    error = BEST_FOR[kind, sentence]
    human = RecordingNotifier()
    told: list[object] = []
    ran: list[tuple[str, object]] = []

    async def generate(template_id: str = "v2", degradation: object = None) -> str:
        plain = (template_id, degradation) == ("v2", None)
        ran.append((template_id, degradation))
        helps = {
            RecoveryStrategy.RETRY: plain and len(ran) > 2,
            RecoveryStrategy.ALTERNATIVE_PATH: template_id != "v2",
            RecoveryStrategy.GRACEFUL_DEGRADATION: degradation is not None,
            RecoveryStrategy.ESCALATION: False,
        }
        if not helps[kind]:
            raise error
        return "generated"

    orchestrator = ErrorRecoveryOrchestrator(notifiers={"recording": human})
    run = orchestrator.with_options(
        on_result=told.append, alternatives=["v1"], degradation=["simplify_validation"]
    ).run

    if kind is RecoveryStrategy.ESCALATION:
        with pytest.raises(type(error)):
            reader.wait_for(run(generate))
        assert len(human.sent) == 1
    else:
        assert reader.wait_for(run(generate)) == "generated"
        assert human.sent == []
    assert told[0].strategy_used is kind  # type: ignore[attr-defined]


def test_performance_critical(reader: Reader) -> None:
    """Where every second counts, the caller bounds the time of an attempt and of the recovery."""
    import asyncio

    from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator

    async def generate(mixins: list[str]) -> str:
        await asyncio.sleep(10 * len(mixins))
        return f"{len(mixins)} mixins"

    run = (
        ErrorRecoveryOrchestrator()
        .with_options(
            strategy="graceful_degradation", degradation=["remove_all_mixins"], attempt_timeout=2
        )
        .run
    )

    assert reader.wait_for(run(generate, ["LoggingMixin"])) == "0 mixins"
    assert reader.passed == pytest.approx(2)
