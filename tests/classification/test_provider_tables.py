"""What the providers read beside HTTP: stores, brokers, programs, services, wrappers."""

from __future__ import annotations

import itertools
import subprocess
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows.classification import PatternSet, classify, facts_of
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

NETWORK, TIMEOUT, LIMIT = ErrorType.NETWORK, ErrorType.TIMEOUT, ErrorType.RATE_LIMIT
DATA, SECRET, SOURCE = ErrorType.VALIDATION, ErrorType.SECURITY, ErrorType.SYNTAX


def foreign(qualified: str, *arguments: object, **attributes: Any) -> Exception:
    """Make an exception that claims to be of another package."""
    module, _, name = qualified.rpartition(".")
    error = type(name, (Exception,), {"__module__": module})(*arguments)
    for key, value in attributes.items():
        setattr(error, key, value)
    return error  # type: ignore[no-any-return]


def told(error: BaseException) -> tuple[ErrorType | None, bool | None]:
    facts = facts_of(error)
    return facts.error_type, facts.transient


class Named:
    """An object with a name, as enums and the errors of C clients are."""

    def __init__(self, name: str, *, retriable: bool = False) -> None:
        self._name = name
        self._retriable = retriable

    def name(self) -> str:
        return self._name

    def retriable(self) -> bool:
        return self._retriable


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (foreign("pymongo.errors.OperationFailure", "x", code=112), (NETWORK, True)),
        (foreign("pymongo.errors.OperationFailure", "x", code=13), (SECRET, False)),
        (foreign("pymongo.errors.OperationFailure", "x", code=503), (DATA, False)),
        (foreign("redis.exceptions.ResponseError", "LOADING Redis is loading"), (NETWORK, True)),
        (
            foreign("redis.exceptions.ResponseError", "NOAUTH Authentication required"),
            (SECRET, False),
        ),
        (
            foreign("neo4j.exceptions.Neo4jError", "x", code="Neo.TransientError.General.X"),
            (NETWORK, True),
        ),
        (foreign("clickhouse_driver.errors.ServerException", "x", code=516), (SECRET, False)),
        (foreign("clickhouse_driver.errors.ServerException", "x", code=159), (TIMEOUT, True)),
        (
            foreign("oracledb.exceptions.DatabaseError", "ORA-00060: deadlock detected"),
            (NETWORK, True),
        ),
        (
            foreign("oracledb.exceptions.DatabaseError", "ORA-01017: invalid username"),
            (SECRET, False),
        ),
        (foreign("pymssql.exceptions.OperationalError", 1205, b"deadlock victim"), (NETWORK, True)),
        (foreign("pyodbc.Error", "40001", "deadlock"), (NETWORK, True)),
        (foreign("confluent_kafka.KafkaException", Named("_TRANSPORT")), (NETWORK, True)),
        (
            foreign("confluent_kafka.KafkaException", Named("TOPIC_AUTHORIZATION_FAILED")),
            (SECRET, False),
        ),
        (foreign("confluent_kafka.KafkaException", Named("MSG_SIZE_TOO_LARGE")), (DATA, False)),
        (foreign("kafka.errors.SomethingNew", "x", retriable=False), (NETWORK, False)),
        (foreign("app.Odd", "x", retriable=True), (None, True)),
        (foreign("app.Odd", "x", retriable=False), (None, None)),
        (foreign("pika.exceptions.ChannelClosedByBroker", 404, "x", reply_code=404), (DATA, False)),
        (
            foreign("pika.exceptions.ConnectionClosedByBroker", 320, "x", reply_code=320),
            (NETWORK, True),
        ),
        (
            foreign("smtplib.SMTPRecipientsRefused", {}, recipients={"a": (450, b"later")}),
            (NETWORK, True),
        ),
        (
            foreign(
                "smtplib.SMTPRecipientsRefused", {}, recipients={"a": (450, b""), "b": (550, b"")}
            ),
            (DATA, False),
        ),
    ],
)
def test_codes_of_stores_and_brokers(
    error: Exception, expected: tuple[ErrorType | None, bool | None]
) -> None:
    """Each has numbers or words of its own, and none of them is taken for an HTTP status."""
    assert told(error) == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            foreign(
                "slack_sdk.errors.SlackApiError",
                "x",
                response={"ok": False, "error": "ratelimited"},
            ),
            (LIMIT, True),
        ),
        (
            foreign("slack_sdk.errors.SlackApiError", "x", response={"error": "invalid_auth"}),
            (SECRET, False),
        ),
        (
            foreign(
                "gql.transport.exceptions.TransportQueryError",
                "x",
                errors=[{"extensions": {"code": "UNAUTHENTICATED"}}],
            ),
            (SECRET, False),
        ),
        (foreign("minio.error.S3Error", "x", code="SlowDown"), (LIMIT, True)),
        (foreign("minio.error.S3Error", "x", code="NoSuchKey"), (DATA, False)),
        (foreign("authlib.OAuthError", "x", error="temporarily_unavailable"), (NETWORK, True)),
        (
            foreign("google.genai.errors.ClientError", "x", code=429, status="RESOURCE_EXHAUSTED"),
            (LIMIT, True),
        ),
        (
            foreign("github.GithubException.RateLimitExceededException", "x", status=403),
            (LIMIT, True),
        ),
        (
            foreign("elastic_transport.ApiError", "x", meta=type("M", (), {"status": 503})()),
            (NETWORK, True),
        ),
        (
            foreign("app.ModelProviderError", "Incorrect API key provided", status_code=401),
            (SECRET, False),
        ),
    ],
)
def test_codes_of_services(
    error: Exception, expected: tuple[ErrorType | None, bool | None]
) -> None:
    """The code decides, wherever the library keeps it."""
    assert told(error) == expected


@pytest.mark.parametrize(
    ("code", "command", "printed", "expected"),
    [
        (7, ["curl", "-s", "x"], "", (NETWORK, True)),
        (28, ["/usr/bin/curl"], "", (TIMEOUT, True)),
        (60, "curl https://x", "", (SECRET, False)),
        (1, ["tool"], "", (DATA, False)),
        (-9, ["tool"], "", (ErrorType.GENERATION, False)),
        (128, ["git", "clone"], "fatal: Could not resolve host: example", (NETWORK, True)),
        (128, ["git", "push"], "git@example: Permission denied (publickey).", (SECRET, False)),
        (1, ["ruff"], "a.py:1:1: F401 `os` imported but unused", (DATA, False)),
        (1, ["ruff"], "a.py:1:1: S105 Possible hardcoded password", (SECRET, False)),
        (1, ["python"], "Traceback\nSyntaxError: invalid syntax", (SOURCE, False)),
        (1, ["mypy"], "a.py:3: error: Incompatible types in assignment", (DATA, False)),
        (1, ["pytest"], "FAILED tests/test_timeout.py::test_retry - assert 1 == 2", (DATA, False)),
        (75, ["sendmail"], "", (NETWORK, True)),
    ],
)
def test_child_processes(
    code: int, command: Any, printed: str, expected: tuple[ErrorType, bool]
) -> None:
    """By number, by the program's own meaning of it, then by what it printed."""
    error = subprocess.CalledProcessError(code, command, stderr=printed)

    assert told(error) == expected
    as_text = classify(f"subprocess.CalledProcessError: {error}\n{printed}", PatternSet.empty())
    assert as_text.facts.transient is expected[1]


def test_a_retry_is_judged_by_its_last_attempt() -> None:
    """The future that tenacity keeps, the tuple that retrying keeps, or nothing."""
    future = type("Future", (), {"_exception": ConnectionResetError("x")})()
    attempt = type("Attempt", (), {"value": (ValueError, ValueError("x"), None)})()

    def judged(error: BaseException) -> tuple[ErrorType, bool | None]:
        found = classify(error, PatternSet.empty())
        return found.error_type, found.transient

    assert judged(foreign("tenacity.RetryError", "x", last_attempt=future)) == (NETWORK, True)
    assert judged(foreign("retrying.RetryError", "x", last_attempt=attempt))[1] is False
    assert judged(foreign("tenacity.RetryError", "x")) == (ErrorType.UNKNOWN, False)


def test_what_a_wrapper_was_made_with_speaks_for_it() -> None:
    """An exception among the arguments, or in a known attribute, is its cause."""
    for error in (
        foreign("app.StepError", TimeoutError("x")),
        foreign("app.StepError", "x", original_error=TimeoutError("x")),
    ):
        assert classify(error, PatternSet.empty()).error_type is TIMEOUT


def test_an_open_breaker_passes() -> None:
    """It closes again by itself."""
    assert told(foreign("pybreaker.CircuitBreakerError", "x")) == (NETWORK, True)


def test_money_is_no_rate_limit() -> None:
    """A limit of money or of a day stays, one of a minute passes."""
    look = ErrorRecoveryOrchestrator().analyze

    spent = look(
        foreign("app.LimitError", "You exceeded your current quota, check billing", status_code=429)
    )
    daily = look(foreign("app.LimitError", "tokens per day (TPD): limit 1000", status_code=429))
    minute = look(
        foreign("app.LimitError", "quota exceeded, plan and billing; retry in 34s", status_code=429)
    )

    assert (spent.transient, daily.transient, minute.transient) == (False, False, True)
    assert minute.retry_after == 34.0


def test_words_of_a_name_are_words() -> None:
    """Bad alone tells nothing, and a network of nodes is not one of machines."""
    assert told(foreign("app.BadStr", "x")) == (None, None)
    assert told(foreign("app.NetworkXNoPath", "x")) == (None, None)
    assert told(foreign("app.NetworkError", "x")) == (NETWORK, True)
    assert told(foreign("app.NonRetryableError", "x")) == (None, False)
    assert told(foreign("app.InvalidSessionTimeoutError", "x")) == (DATA, False)


def test_what_is_derived_from_a_timeout_is_one() -> None:
    """Also where a word of its name speaks of something else."""
    own = type("GenerationAborted", (TimeoutError,), {"__module__": "app.jobs"})

    assert told(own("x")) == (TIMEOUT, True)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "\ud800 timeout",
        "",
        "\x00" * 50,
        "HTTP " * 10_000,
        "Traceback (most recent call last):" * 500,
    ],
    ids=["long", "surrogate", "empty", "nul", "repeated", "tracebacks"],
)
def test_any_text_gets_an_answer(text: str) -> None:
    """As a text, as a message and as a code."""
    look = ErrorRecoveryOrchestrator().analyze

    for one in (
        text,
        RuntimeError(text),
        foreign("app.Odd", text, code=text, status=text, retry_after=text),
    ):
        assert look(one).ladder


def test_properties_that_take_their_time_are_not_read_to_the_end() -> None:
    """The class still tells, and the reasons say what was left out."""
    moments = [0.0]

    class Slow(TimeoutError):
        def __getattr__(self, name: str) -> Any:
            moments.append(moments[-1] + 0.03)
            raise AttributeError(name)

    facts = facts_of(Slow("x"), timer=lambda: moments[-1])

    assert facts.error_type is TIMEOUT
    assert any("too long" in reason for reason in facts.reasons)
    assert len(moments) < 30


def test_one_pause_of_the_machine_leaves_nothing_unread() -> None:
    """Another process or the garbage took the time, not the exception."""
    moments = itertools.chain([0.0, 0.2], itertools.count(0.2, 0.0001))
    error = foreign("shop.AnswerError", "refused", status=400, body={"ok": False})

    facts = facts_of(error, timer=lambda: next(moments))

    assert facts == facts_of(error, timer=lambda: 0.0)
    assert facts.error_type is DATA


def test_attributes_of_any_kind_are_survived() -> None:
    """Everything that is asked for is there, and is nonsense."""

    class Anything(Exception):
        def __getattr__(self, name: str) -> Any:
            return lambda *_: self

    class Raising(Exception):
        def __getattribute__(self, name: str) -> Any:
            if name.startswith("__") and name != "__dict__":
                return super().__getattribute__(name)
            raise RuntimeError(name)

    look = ErrorRecoveryOrchestrator().analyze

    assert look(Anything("x")).ladder
    assert look(Raising("x")).ladder == (RecoveryStrategy.ESCALATION,)


def test_reasons_name_the_evidence() -> None:
    """In words, the strongest first."""
    error = foreign("psycopg.errors.DeadlockDetected", "x", sqlstate="40P01")

    assert facts_of(error).reasons[0] == "sqlstate 40P01: deadlock"
    assert (
        facts_of(foreign("httpx.HTTPStatusError", "x", status_code=429)).reasons[0]
        == "HTTP status 429"
    )
