"""What the generated situations found, one small case each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, RecoveryContext
from omninode_bridge.testing import FakeClock


def ask(text: str, template_id: str = "v2") -> str:
    if template_id != "basic":
        raise ValueError("3 validation errors for Order")
    return f"{text} by {template_id}"


def refusing(calls: list[int], number: int) -> Callable[[str], str]:
    def way(text: str) -> str:
        calls.append(number)
        if number != 3:
            raise ValueError("3 validation errors for Order")
        return f"{text} by the third"

    return way


def test_alternatives_of_one_name_are_different_ones() -> None:
    """Functions that share a name, as lambdas do, are all tried even if they fail alike."""
    calls: list[int] = []
    others = [refusing(calls, number) for number in (1, 2, 3)]

    runs = ErrorRecoveryOrchestrator(clock=FakeClock()).with_options(alternatives=others)

    assert runs.run_sync(ask, "x") == "x by the third"
    assert calls == [1, 2, 3]


@pytest.mark.parametrize("names", [["v1", "v1", "basic"], ["v1", "v0", "v1", "v0", "basic"]])
def test_an_alternative_that_is_named_twice_runs_once(names: list[str]) -> None:
    """A double entry neither runs again nor ends the step before the one that works."""
    results: list[Any] = []
    orchestrator = ErrorRecoveryOrchestrator(clock=FakeClock())
    runs = orchestrator.with_options(alternatives=names, on_result=results.append)

    assert runs.run_sync(ask, "x") == "x by basic"
    assert [record.label for record in results[0].attempts] == list(dict.fromkeys(names))


@pytest.mark.parametrize(
    ("error", "metadata"),
    [
        (RuntimeError("it broke"), {"alternatives": ["basic"]}),
        (RuntimeError("contract version is unsupported"), {"alternatives": ["basic"]}),
        (RuntimeError("it broke"), {"degradation_steps": ["use_basic_template"]}),
        (RuntimeError("it broke"), {"level_1": {"use_basic_template": True}}),
    ],
)
async def test_what_a_context_offers_is_tried(error: Exception, metadata: dict[str, Any]) -> None:
    """Settings in a context's metadata add their strategy to the ladder, as options of a call do."""
    state = {"text": "x", "template_id": "basic_v2"}
    context = RecoveryContext("w", "n", exception=error, state=state, metadata=metadata)

    def work(text: str, template_id: str) -> str:
        assert template_id in ("basic", "basic_basic")
        return text

    result = await ErrorRecoveryOrchestrator(clock=FakeClock()).handle_error(context, work)

    assert result.result == "x"


async def test_a_context_offers_nothing_for_a_security_error() -> None:
    """Only a human may go on after a security error, whatever the context's metadata says."""
    context = RecoveryContext(
        "w",
        "n",
        exception=PermissionError("no"),
        state={"text": "x"},
        metadata={"alternatives": ["basic"], "priority": "high"},
    )

    result = await ErrorRecoveryOrchestrator(clock=FakeClock()).handle_error(context, ask)

    assert not result.success
    assert result.escalated


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("the request took too long to process", "retry"),
        ("the name is too long", "alternative_path"),
        ("Max retries exceeded with url: /items", "retry"),
        ("max retries exceeded", "escalation"),
        ("quota exceeded for requests per minute", "retry"),
        ("quota exceeded for this month", "alternative_path"),
        ("unexpected end of stream", "retry"),
        ("unexpected end of file", "error_correction"),
        ("unexpected eof while reading", "retry"),
        ("unexpected EOF while parsing", "error_correction"),
        ("model is warming up", "retry"),
        ("'busy' is not a valid status", "alternative_path"),
        ("no healthy upstream", "retry"),
        ("service is down", "retry"),
        ("killed: OOM", "graceful_degradation"),
        ("generation is too complex", "graceful_degradation"),
        ("max tokens reached before the end", "graceful_degradation"),
        ("TemplateNotFound: node.j2", "alternative_path"),
        ("model output was empty", "alternative_path"),
        ("expected ':'", "error_correction"),
        ("'(' was never closed", "error_correction"),
    ],
)
def test_words_of_what_passes_and_of_what_stays(text: str, first: str) -> None:
    """Where an error is nothing but words, near ones are told apart."""
    analysis = ErrorRecoveryOrchestrator().analyze(RuntimeError(text))

    assert analysis.ladder[0] == first
