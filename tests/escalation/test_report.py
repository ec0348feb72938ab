"""Reports: complete, redacted, bounded, and the same for a replay."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from omninode_bridge.agents.workflows.escalation import (
    EscalationSettings,
    build_report,
    escalation_id,
)
from omninode_bridge.agents.workflows.recovery_models import (
    ErrorAnalysis,
    ErrorPattern,
    ErrorType,
    EscalationReport,
    RecoveryContext,
    RecoveryStrategy,
)

from .._reports import NOON


def build(
    exception: BaseException | None = None,
    state: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
    context: dict[str, Any] | None = None,
    **details: Any,
) -> EscalationReport:
    """Build a report of an error."""
    analysis = ErrorAnalysis(
        error_type=ErrorType.CONTRACT,
        ladder=(RecoveryStrategy.ESCALATION,),
        pattern=ErrorPattern("p1", ErrorType.CONTRACT, "x", RecoveryStrategy.ESCALATION),
        fingerprint=lambda: "0123456789abcdef",
    )
    return build_report(
        RecoveryContext("w", "n", 3, state, exception, **context or {}),
        analysis,
        settings=EscalationSettings.parse(settings or {}),
        now=NOON,
        **details,
    )


def failure() -> BaseException:
    """Return an error with a cause, a context and group leaves."""
    try:
        try:
            try:
                raise OSError("disk")
            except OSError:
                raise KeyError("name")  # noqa: B904 - the context is what is tested
        except KeyError as error:
            raise ExceptionGroup("several", [ValueError("a"), TypeError("b")]) from error
    except ExceptionGroup as group:
        return group


def test_a_report_is_complete() -> None:
    """Error, chain, code, difference, attempts, names and settings are all there."""
    made = build(
        failure(),
        {"contract": {"a": 1}, "code": "def f(): ..."},
        {
            "description": "Contract validation failed",
            "priority": "critical",
            "assignee": "team",
            "notification_channels": ["slack", "email"],
            "pause_workflow": True,
        },
        {"correlation_id": "c1"},
        attempt=4,
        attempt_lines=["retry: failed"],
        diff="-a\n+b",
    )

    assert made.error_message == "ExceptionGroup: several (2 sub-exceptions)"
    assert made.chain == ("KeyError: 'name'", "ValueError: a", "TypeError: b", "OSError: disk")
    assert made.code == "def f(): ..."
    assert made.diff == "-a\n+b"
    assert made.attempts == ("retry: failed",)
    assert made.state_keys == ("contract", "code")
    assert made.context == {}
    assert (made.priority, made.assignee, made.pauses) == ("critical", "team", True)
    assert made.channels == ("slack", "email")
    assert (made.correlation_id, made.pattern_id, made.timestamp) == ("c1", "p1", NOON)
    assert made.error_type == "contract"


def test_the_id_is_the_same_for_a_replay_alone() -> None:
    """The five parts make the id; each of them changes it."""
    first = escalation_id("w", "n", 3, 1, "f")

    assert first == escalation_id("w", "n", 3, 1, "f")
    others = {
        escalation_id("x", "n", 3, 1, "f"),
        escalation_id("w", "x", 3, 1, "f"),
        escalation_id("w", "n", 4, 1, "f"),
        escalation_id("w", "n", 3, 2, "f"),
        escalation_id("w", "n", 3, 1, "g"),
        escalation_id("wn", "", 3, 1, "f"),
        escalation_id("\ud800", "n", 3, 1, "f"),
    }
    assert len(others | {first}) == 8
    assert build().escalation_id == build(ValueError("x"), attempt_lines=["a"]).escalation_id


def test_nothing_secret_is_shown() -> None:
    """Every text of the report passes the redactor."""
    secret = "hunter2hunter2"
    text = f"password={secret}"
    made = build(
        ValueError(text),
        {"code": text, text: 1, "inner": {"password": secret, "list": [text]}},
        {"description": text, "include_context": True, "assignee": text},
        {"correlation_id": text},
        attempt_lines=[text],
        diff=text,
    )

    assert secret not in str(made)


def test_values_appear_only_where_allowed_and_objects_by_type() -> None:
    """Without `include_context` there are names; with it JSON values, other objects by type."""
    state = {"a": 1, "o": object(), "b": b"x"}

    assert build(state=state).context == {}
    shown = build(state=state, settings={"include_context": True}).context
    assert shown == {"a": 1, "o": "<object>", "b": "<bytes>"}


def test_everything_is_bounded() -> None:
    """Huge errors, code, chains, states and attempts make a report of limited size."""
    error: BaseException = ValueError("x" * 1_000_000)
    for n in range(50):
        outer = ValueError(f"{n} " + "y" * 10_000)
        outer.__cause__ = error
        error = outer
    state = {f"key{n}" * 100: "z" * 10_000 for n in range(5_000)} | {"code": "c" * 1_000_000}

    made = build(
        error,
        state,
        {"include_context": True, "description": "d" * 100_000},
        attempt_lines=["t" * 10_000] * 1_000,
        diff="-" * 1_000_000,
    )

    assert len(made.chain) == 10
    assert len(made.attempts) == 50
    assert len(json.dumps(dataclasses.asdict(made), default=str)) < 600_000


class Mute(Exception):
    """Cannot be put into words."""

    def __str__(self) -> str:
        raise RuntimeError("no")


def test_errors_that_cannot_be_read_are_named() -> None:
    """An error whose text fails, one in a circle, and none at all are all reported."""
    made = build(state={"a": 1, Mute(): 2})  # type: ignore[dict-item]
    assert made.state_keys == ("a", "<Mute>")
    circle = ValueError("a")
    circle.__cause__ = KeyError("b")
    circle.__cause__.__cause__ = circle

    assert build(Mute()).error_message == "Mute: (its text cannot be read)"
    assert build(circle).chain == ("KeyError: 'b'",)
    assert build().error_message == "no error was given"
    assert build(context={"error_message": "it broke"}).error_message == "it broke"
    both = build(ValueError("x"), context={"error_message": "it broke"})
    assert both.error_message == "ValueError: x"


def test_the_state_is_not_touched() -> None:
    """The caller's mapping is read only."""
    state = {"password": "p", "list": [1]}

    build(state=state, settings={"include_context": True})

    assert state == {"password": "p", "list": [1]}


@pytest.mark.parametrize("code", [None, "given"])
def test_given_code_wins_over_the_states(code: str | None) -> None:
    """`code=` is shown, else the state's code where it is a text."""
    made = build(state={"code": "of the state"}, code=code)

    assert made.code == (code or "of the state")
    assert build(state={"code": 5}).code is None
