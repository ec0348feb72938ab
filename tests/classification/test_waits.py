"""How long the other side asks us to wait, and where it forbids to come again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, RecoveryStrategy
from omninode_bridge.agents.workflows.classification import PatternSet, classify, facts_of
from omninode_bridge.agents.workflows.recovery_models import ErrorType
from omninode_bridge.testing import FakeClock

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RETRY = RecoveryStrategy.RETRY


pytestmark = pytest.mark.usefixtures("unhurried")


class Answer:
    """What an HTTP client keeps."""

    def __init__(self, status: int, headers: Any) -> None:
        self.status_code = status
        self.headers = headers


def answered(status: int, headers: Any = None, message: str = "x") -> Exception:
    error = type("HTTPStatusError", (Exception,), {"__module__": "httpx"})(message)
    error.response = Answer(status, headers or {})  # type: ignore[attr-defined]
    return error  # type: ignore[no-any-return]


def seconds(error: BaseException) -> float | None:
    return classify(error, PatternSet.empty(), now=lambda: NOW).retry_after


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "12"}, 12.0),
        ({"Retry-After": b"12"}, 12.0),
        ([("retry-after", "12")], 12.0),
        ({"Retry-After": ["12", "9"]}, 12.0),
        ({"Retry-After": "Sun, 01 Mar 2026 12:01:00 GMT"}, 60.0),
        ({"Retry-After": "Sunday, 01-Mar-26 12:01:00 GMT"}, 60.0),
        ({"Retry-After": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"x-ms-retry-after-ms": "1500"}, 1.5),
        ({"X-RateLimit-Reset": "30"}, 30.0),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 45)}, 45.0),
        ({"x-ratelimit-reset": str((int(NOW.timestamp()) + 45) * 1000)}, 45.0),
        ({"x-ratelimit-reset-requests": "6m0s", "x-ratelimit-remaining-requests": "0"}, 360.0),
        (
            {
                "x-ratelimit-reset-requests": "1s",
                "x-ratelimit-remaining-requests": "9",
                "x-ratelimit-reset-tokens": "2m30.5s",
                "x-ratelimit-remaining-tokens": "0",
            },
            150.5,
        ),
        (
            {
                "anthropic-ratelimit-requests-reset": "2026-03-01T12:00:20Z",
                "anthropic-ratelimit-requests-remaining": "0",
            },
            20.0,
        ),
        ({"x-ratelimit-reset-requests": "6m0s", "x-ratelimit-remaining-requests": "5"}, None),
    ],
)
def test_headers_of_a_limit(headers: Any, wait: float | None) -> None:
    """Seconds, milliseconds, durations, dates and moments, whatever the case and kind of mapping."""
    assert seconds(answered(429, headers)) == wait


def test_reset_headers_count_beside_a_limit_only() -> None:
    """They come with every answer, also with one that has nothing to do with the limit."""
    assert seconds(answered(500, {"x-ratelimit-reset": "30"})) is None
    assert seconds(answered(500, {"retry-after": "30"})) == 30.0


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("31536000", 86_400.0),
        ("9" * 80, None),
    ],
)
def test_what_makes_no_sense_is_bounded_and_said(text: str, wait: float | None) -> None:
    """A year is a day, and less than nothing is nothing; the reasons name what was written."""
    found = classify(answered(429, {"Retry-After": text}), PatternSet.empty(), now=lambda: NOW)

    assert found.retry_after == wait
    assert any("Retry-After" in reason for reason in found.reasons())


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        (5, 5.0),
        ("5", 5.0),
        (timedelta(seconds=7), 7.0),
        (NOW + timedelta(seconds=9), 9.0),
        (True, None),
        (object(), None),
    ],
)
def test_an_attribute_of_the_exception(value: object, wait: float | None) -> None:
    """Numbers, spans and moments; nothing else."""
    error = RuntimeError("slow down")
    error.retry_after = value  # type: ignore[attr-defined]

    assert seconds(error) == wait


def test_who_says_when_to_come_expects_us() -> None:
    """An error of an unknown class with a wait is a limit that passes."""
    error = Exception("x")
    error.retry_after = 3  # type: ignore[attr-defined]

    assert facts_of(error).error_type is ErrorType.RATE_LIMIT
    assert facts_of(error).transient is True


@pytest.mark.parametrize(
    ("message", "wait"),
    [
        ("Please try again in 6.2s.", 6.2),
        ("Rate limit reached. Please retry after 5 seconds", 5.0),
        ("Please retry in 1m30s", 90.0),
        ("retry in 250ms", 0.25),
        ('"retryDelay": "34s"', 34.0),
        ("try again later", None),
        ("try again in 2 versions", None),
    ],
)
def test_the_sentence_of_an_error_that_passes(message: str, wait: float | None) -> None:
    """Where no header tells, the words do."""
    assert seconds(answered(429, message=message)) == wait


def test_the_sentence_of_an_error_that_stays_is_not_read() -> None:
    """A ValueError that quotes a wait asks for none."""
    assert seconds(ValueError("try again in 6.2s")) is None


@pytest.mark.parametrize(
    "details",
    [
        {"error": {"details": [{"@type": "google.rpc.RetryInfo", "retryDelay": "34s"}]}},
        [{"@type": "google.rpc.RetryInfo", "retryDelay": "34s"}],
        [type("RetryInfo", (), {"retry_delay": type("D", (), {"seconds": 34, "nanos": 0})()})()],
    ],
    ids=["json", "list", "message"],
)
def test_retry_info_of_google(details: object) -> None:
    """As JSON or as a decoded message."""
    error = type("ResourceExhausted", (Exception,), {"__module__": "google.api_core.exceptions"})(
        "x"
    )
    error.details = details

    assert seconds(error) == 34.0


@pytest.mark.parametrize(
    ("millis", "transient", "wait"),
    [("1500", True, 1.5), ("-1", False, None), ("soon", False, None)],
)
def test_pushback_of_grpc(millis: str, transient: object, wait: float | None) -> None:
    """A number asks for a wait, anything else forbids to come again."""
    error = type("RpcError", (Exception,), {"__module__": "grpc"})("x")
    error.trailing_metadata = lambda: (("grpc-retry-pushback-ms", millis),)
    error.code = lambda: type("Code", (), {"name": "UNAVAILABLE"})()

    found = classify(error, PatternSet.empty())

    assert (found.error_type, found.transient, found.retry_after) == (
        ErrorType.NETWORK,
        transient,
        wait,
    )


@pytest.mark.parametrize("header", ["x-should-retry", "Stripe-Should-Retry"])
def test_a_no_of_the_server_wins_over_everything(header: str) -> None:
    """Over its own status, over Retry-After, and over an error that was raised from it."""
    refused = answered(503, {header: "false", "retry-after": "1"})
    wrapper = TimeoutError("step")
    wrapper.__cause__ = refused

    assert facts_of(refused).transient is False
    assert classify(wrapper, PatternSet.empty()).transient is False
    assert RETRY not in ErrorRecoveryOrchestrator().analyze(refused).ladder


def test_a_wait_is_a_minimum_and_beyond_the_cap_it_ends_the_retry() -> None:
    """The clock moves by no less than what was asked for; a wait above the cap is not begun."""
    clock = FakeClock()
    orchestrator = ErrorRecoveryOrchestrator(clock=clock, base_delay=0.01)
    answers: list[Any] = [answered(503, {"retry-after": "17"}), "done"]

    def ask() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    before = clock.monotonic()
    assert orchestrator.run_sync(ask) == "done"
    assert clock.monotonic() - before >= 17

    calls = 0

    def refuse() -> None:
        nonlocal calls
        calls += 1
        raise answered(503, {"retry-after": "4000"})

    with pytest.raises(Exception, match="x"):
        orchestrator.run_sync(refuse)
    assert calls == 1
