"""Facts: by class, status, code and attribute, without importing the library."""

from __future__ import annotations

import errno
import socket
import ssl
import subprocess
import sys
from typing import Any

import pytest

from omninode_bridge import errors
from omninode_bridge.agents.workflows.classification import (
    DEFAULT_PROVIDERS,
    Facts,
    facts_of,
)
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy


def foreign(qualified: str, *bases: type[BaseException], **attributes: Any) -> type[BaseException]:
    """Make an exception class that claims to be of another package."""
    module, _, name = qualified.rpartition(".")
    made = type(name, bases or (Exception,), attributes)
    made.__module__ = module
    return made


class Response:
    """An answer as HTTP clients keep it."""

    def __init__(self, status_code: int, headers: dict[str, str] | None = None) -> None:
        self.status_code = status_code
        self.headers = headers or {}


def http_error(
    status: int, headers: dict[str, str] | None = None, name: str = "httpx.HTTPStatusError"
) -> Any:
    """Make the error that a client raises for a status."""
    error = foreign(name)(f"status {status}")
    error.response = Response(status, headers)
    return error


def told(error: BaseException) -> tuple[ErrorType | None, bool | None]:
    facts = facts_of(error)
    return facts.error_type, facts.transient


@pytest.mark.parametrize(
    ("error", "kind", "transient"),
    [
        (TimeoutError("x"), ErrorType.TIMEOUT, True),
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), ErrorType.NETWORK, True),
        (OSError(errno.ECONNRESET, "x"), ErrorType.NETWORK, True),
        (OSError(errno.ENOSPC, "x"), ErrorType.UNKNOWN, False),
        (OSError(errno.EACCES, "x"), ErrorType.SECURITY, False),
        (FileNotFoundError(errno.ENOENT, "x"), ErrorType.VALIDATION, False),
        (PermissionError("x"), ErrorType.SECURITY, False),
        (socket.gaierror(-2, "Name or service not known"), ErrorType.NETWORK, True),
        (ssl.SSLCertVerificationError(1, "x"), ErrorType.SECURITY, False),
        (ssl.SSLEOFError(8, "x"), ErrorType.NETWORK, True),
        (SyntaxError("x"), ErrorType.SYNTAX, False),
        (IndentationError("x"), ErrorType.SYNTAX, False),
        (NameError("x"), ErrorType.SYNTAX, False),
        (ModuleNotFoundError("x"), ErrorType.SYNTAX, False),
        (KeyError("timeout"), ErrorType.VALIDATION, False),
        (ValueError("timeout must be positive"), ErrorType.VALIDATION, False),
        (MemoryError(), ErrorType.GENERATION, False),
        (RecursionError(), ErrorType.GENERATION, False),
        (NotImplementedError(), ErrorType.GENERATION, False),
        (subprocess.TimeoutExpired("x", 1), ErrorType.TIMEOUT, True),
        (subprocess.CalledProcessError(1, "x"), ErrorType.VALIDATION, False),
        (subprocess.CalledProcessError(124, "x"), ErrorType.TIMEOUT, True),
        (RuntimeError("boom"), None, None),
        (Exception("boom"), None, None),
    ],
    ids=repr,
)
def test_errors_of_the_standard_library(
    error: BaseException, kind: ErrorType | None, transient: bool | None
) -> None:
    """Class, errno and return code say what it is."""
    assert told(error) == (kind, transient)


@pytest.mark.parametrize(
    ("error", "kind", "transient"),
    [
        (errors.ContractInvalidError("x"), ErrorType.CONTRACT, False),
        (errors.ContractSyntaxError("x"), ErrorType.CONTRACT, False),
        (errors.UnsupportedFeatureError("x"), ErrorType.CONTRACT, False),
        (errors.ContractSecurityError("x"), ErrorType.SECURITY, False),
        (errors.UnusableResultError("x"), ErrorType.VALIDATION, None),
        (errors.AttemptTimeoutError("x"), ErrorType.TIMEOUT, True),
        (errors.StepTimeoutError("x"), ErrorType.TIMEOUT, True),
        (
            foreign("omninode_bridge.generation.templates.TemplateRenderError")("x"),
            ErrorType.GENERATION,
            False,
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_errors_of_this_package(
    error: BaseException, kind: ErrorType, transient: bool | None
) -> None:
    """Our own classes have their own file of facts."""
    assert told(error) == (kind, transient)


@pytest.mark.parametrize(
    ("name", "kind", "transient"),
    [
        ("jinja2.exceptions.TemplateNotFound", ErrorType.GENERATION, False),
        ("jinja2.exceptions.UndefinedError", ErrorType.GENERATION, False),
        ("json.decoder.JSONDecodeError", ErrorType.SYNTAX, False),
        ("yaml.scanner.ScannerError", ErrorType.SYNTAX, False),
        ("pydantic_core._pydantic_core.ValidationError", ErrorType.VALIDATION, False),
        ("jsonschema.exceptions.ValidationError", ErrorType.VALIDATION, False),
        ("httpx.ReadTimeout", ErrorType.TIMEOUT, True),
        ("httpx.ConnectError", ErrorType.NETWORK, True),
        ("requests.exceptions.InvalidURL", ErrorType.VALIDATION, False),
        ("jwt.exceptions.ExpiredSignatureError", ErrorType.SECURITY, False),
        ("anyvendor.RateLimitError", ErrorType.RATE_LIMIT, True),
        ("anyvendor.ServiceUnavailable", ErrorType.NETWORK, True),
        ("anyvendor.PermissionDenied", ErrorType.SECURITY, False),
        ("anyvendor.InvalidTimeoutError", ErrorType.VALIDATION, False),
        ("openai.InternalServerError", ErrorType.AI_SERVICE, True),
        ("anthropic.OverloadedError", ErrorType.AI_SERVICE, True),
        ("tenacity.RetryError", ErrorType.UNKNOWN, False),
        ("app.ModelContractError", ErrorType.CONTRACT, False),
        ("app.Oops", None, None),
    ],
)
def test_classes_by_name(name: str, kind: ErrorType | None, transient: bool | None) -> None:
    """Tables, packages and words tell; nothing is imported."""
    package = name.partition(".")[0]
    before = package in sys.modules

    assert told(foreign(name)("x")) == (kind, transient)
    assert (package in sys.modules) is before


def test_the_nearest_base_that_tells_decides() -> None:
    """A class of one's own is what it was derived from."""
    own = foreign("app.Mine", foreign("app.Between", TimeoutError))

    assert told(own("x")) == (ErrorType.TIMEOUT, True)


@pytest.mark.parametrize(
    ("status", "kind", "transient"),
    [
        (400, ErrorType.VALIDATION, False),
        (401, ErrorType.SECURITY, False),
        (403, ErrorType.SECURITY, False),
        (404, ErrorType.VALIDATION, False),
        (408, ErrorType.TIMEOUT, True),
        (422, ErrorType.VALIDATION, False),
        (429, ErrorType.RATE_LIMIT, True),
        (500, ErrorType.NETWORK, True),
        (501, ErrorType.NETWORK, False),
        (503, ErrorType.NETWORK, True),
        (504, ErrorType.TIMEOUT, True),
    ],
)
def test_http_status(status: int, kind: ErrorType, transient: bool) -> None:
    """The status decides, whatever the class is called."""
    assert told(http_error(status)) == (kind, transient)


def test_a_number_called_code_is_no_status_below_400() -> None:
    """A parser's error code 200 is not an answer."""
    assert told(foreign("app.Odd", code=204)("x")) == (None, None)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "12"}, 12.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds are read where they are seconds; nonsense is no wait."""
    assert facts_of(http_error(429, headers)).retry_after == seconds


def test_the_servers_word_against_trying_again_wins() -> None:
    """`x-should-retry: false` makes a 503 stay."""
    assert told(http_error(503, {"x-should-retry": "false"})) == (ErrorType.NETWORK, False)


@pytest.mark.parametrize(
    ("name", "status", "body", "kind", "transient"),
    [
        ("openai.RateLimitError", 429, {"code": "insufficient_quota"}, ErrorType.AI_SERVICE, False),
        ("openai.RateLimitError", 429, {"code": "rate_limit_exceeded"}, ErrorType.RATE_LIMIT, True),
        (
            "openai.BadRequestError",
            400,
            {"code": "context_length_exceeded"},
            ErrorType.AI_SERVICE,
            False,
        ),
        ("openai.BadRequestError", 400, {"code": "invalid_api_key"}, ErrorType.SECURITY, False),
        ("openai.NotFoundError", 404, {"code": "model_not_found"}, ErrorType.AI_SERVICE, False),
        (
            "openai.BadRequestError",
            400,
            {"message": "please try again, overloaded"},
            ErrorType.VALIDATION,
            False,
        ),
        (
            "anthropic.APIStatusError",
            200,
            {"error": {"type": "overloaded_error"}},
            ErrorType.AI_SERVICE,
            True,
        ),
        (
            "anthropic.InternalServerError",
            529,
            {"error": {"type": "overloaded_error"}},
            ErrorType.AI_SERVICE,
            True,
        ),
    ],
)
def test_model_vendors(
    name: str,
    status: int,
    body: dict[str, Any],
    kind: ErrorType,
    transient: bool,
) -> None:
    """The vendor's code says more than the status; its prose makes no client error pass."""
    error = http_error(status, name=name)
    error.body = body

    assert told(error) == (kind, transient)


def test_a_full_context_asks_for_less() -> None:
    """Degradation comes first where the input is too long."""
    error = http_error(400, name="openai.BadRequestError")
    error.body = {"code": "context_length_exceeded"}

    assert facts_of(error).prefer is RecoveryStrategy.GRACEFUL_DEGRADATION


@pytest.mark.parametrize(
    ("name", "attributes", "kind", "transient"),
    [
        ("psycopg.errors.SerializationFailure", {"sqlstate": "40001"}, ErrorType.NETWORK, True),
        ("psycopg.OperationalError", {"sqlstate": "57P01"}, ErrorType.NETWORK, True),
        ("psycopg.Error", {"sqlstate": "28P01"}, ErrorType.SECURITY, False),
        ("psycopg.Error", {"sqlstate": "42601"}, ErrorType.SYNTAX, False),
        ("psycopg2.Error", {"pgcode": "23505"}, ErrorType.VALIDATION, False),
        ("smtplib.SMTPResponseException", {"smtp_code": 421}, ErrorType.NETWORK, True),
        ("smtplib.SMTPResponseException", {"smtp_code": 535}, ErrorType.SECURITY, False),
        ("temporalio.exceptions.ApplicationError", {"non_retryable": True}, None, False),
        (
            "botocore.exceptions.ClientError",
            {
                "response": {
                    "Error": {"Code": "ThrottlingException"},
                    "ResponseMetadata": {"HTTPStatusCode": 400},
                }
            },
            ErrorType.RATE_LIMIT,
            True,
        ),
        (
            "botocore.exceptions.ClientError",
            {
                "response": {
                    "Error": {"Code": "AccessDenied"},
                    "ResponseMetadata": {"HTTPStatusCode": 403},
                }
            },
            ErrorType.SECURITY,
            False,
        ),
        (
            "botocore.exceptions.ClientError",
            {
                "response": {
                    "Error": {"Code": "NoSuchKey"},
                    "ResponseMetadata": {"HTTPStatusCode": 404},
                }
            },
            ErrorType.VALIDATION,
            False,
        ),
    ],
)
def test_codes_of_services(
    name: str,
    attributes: dict[str, Any],
    kind: ErrorType | None,
    transient: bool,
) -> None:
    """sqlstate, replies, labels and cloud codes are facts."""
    assert told(foreign(name, **attributes)("x")) == (kind, transient)


@pytest.mark.parametrize(
    ("code", "kind", "transient"),
    [
        ("UNAVAILABLE", ErrorType.NETWORK, True),
        ("DEADLINE_EXCEEDED", ErrorType.TIMEOUT, True),
        ("PERMISSION_DENIED", ErrorType.SECURITY, False),
    ],
)
def test_grpc(code: str, kind: ErrorType, transient: bool) -> None:
    """The status code of a call is read through its method."""
    named = type("Code", (), {"name": code})()
    error = foreign("grpc._channel._InactiveRpcError", code=lambda self: named)("x")

    assert told(error) == (kind, transient)


def test_an_odd_exception_gets_an_answer() -> None:
    """Text, attributes and properties may all raise."""

    class Odd(Exception):
        def __str__(self) -> str:
            raise ValueError("no text")

        def __getattr__(self, name: str) -> object:
            raise RuntimeError(name)

    assert facts_of(Odd()) == Facts()


def test_a_provider_of_ones_own_comes_first() -> None:
    """A callable is enough; one that raises is passed over."""

    def broken(_: BaseException) -> Facts | None:
        raise ZeroDivisionError

    def mine(error: BaseException) -> Facts | None:
        return Facts(ErrorType.CUSTOM, transient=True) if "billing" in str(error) else None

    facts = facts_of(ValueError("billing"), (broken, mine, *DEFAULT_PROVIDERS))

    assert (facts.error_type, facts.transient) == (ErrorType.CUSTOM, True)
