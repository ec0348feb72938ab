"""Entries of the tables, held to what the manuals of their libraries say."""

from __future__ import annotations

import errno
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

ORCHESTRATOR = ErrorRecoveryOrchestrator(infer_operation=False)


def foreign(qualified: str, text: str, *, base: type[Exception] = Exception, **attributes: Any) -> Exception:  # fmt: skip
    """Make an error that claims to be of another package."""
    module, _, name = qualified.rpartition(".")
    made = type(name, (base,), {"__module__": module})(text)
    for key, value in attributes.items():
        setattr(made, key, value)
    return made


@pytest.mark.parametrize(
    ("code", "kind", "transient"),
    [
        (48, ErrorType.VALIDATION, False),  # NOT_IMPLEMENTED
        (98, ErrorType.VALIDATION, False),  # CANNOT_WRITE_TO_EMPTY_BLOCK_OUTPUT_STREAM
        (158, ErrorType.VALIDATION, False),  # TOO_MANY_ROWS
        (164, ErrorType.SECURITY, False),  # READONLY
        (195, ErrorType.SECURITY, False),  # IP_ADDRESS_NOT_ALLOWED
        (202, ErrorType.RATE_LIMIT, True),  # TOO_MANY_SIMULTANEOUS_QUERIES
        (210, ErrorType.NETWORK, True),  # NETWORK_ERROR
        (241, ErrorType.GENERATION, False),  # MEMORY_LIMIT_EXCEEDED
        (243, ErrorType.UNKNOWN, False),  # NOT_ENOUGH_SPACE
    ],
)
def test_clickhouse(code: int, kind: ErrorType, transient: bool) -> None:
    """The numbers are those of the server's list of errors."""
    error = foreign(
        "clickhouse_driver.errors.ServerException", f"Code: {code}.\nDB::Exception: x", code=code
    )

    for asked in (error, f"clickhouse_driver.errors.ServerException: Code: {code}. DB::Exception"):
        found = ORCHESTRATOR.analyze(asked)
        assert (found.error_type, found.transient) == (kind, transient)


@pytest.mark.parametrize(
    ("code", "kind", "transient"),
    [
        (146, ErrorType.GENERATION, False),  # ExceededMemoryLimit
        (225, ErrorType.VALIDATION, False),  # TransactionTooOld
        (226, ErrorType.VALIDATION, False),  # AtomicityFailure
        (263, ErrorType.VALIDATION, False),  # OperationNotSupportedInTransaction
        (134, ErrorType.NETWORK, True),  # ReadConcernMajorityNotAvailableYet
        (262, ErrorType.NETWORK, True),  # ExceededTimeLimit
        (365, ErrorType.NETWORK, True),  # TemporarilyUnavailable
        (449, ErrorType.RATE_LIMIT, True),  # RateLimitExceeded
    ],
)
def test_mongodb(code: int, kind: ErrorType, transient: bool) -> None:
    """The numbers are those of the server's list of codes; a retriable category passes."""
    found = ORCHESTRATOR.analyze(foreign("pymongo.errors.OperationFailure", "x", code=code))

    assert (found.error_type, found.transient) == (kind, transient)


def test_an_unknown_error_of_mongodb_is_no_refusal() -> None:
    """Code 8 is UnknownError."""
    error = foreign("pymongo.errors.OperationFailure", "x", code=8)

    assert ORCHESTRATOR.analyze(error).error_type is not ErrorType.SECURITY


@pytest.mark.parametrize(
    ("name", "transient"),
    [
        ("distributed.scheduler.KilledWorker", False),
        ("ray.exceptions.ActorDiedError", False),
        ("ray.exceptions.RayActorError", None),
        ("ray.exceptions.ActorUnavailableError", True),
        ("selenium.common.exceptions.NoSuchDriverException", False),
        ("OpenSSL.SSL.SysCallError", True),
    ],
)
def test_what_passes_by_itself_and_what_does_not(name: str, transient: bool | None) -> None:
    """A worker that was given up, a dead actor and a missing driver are not there a minute later."""
    assert ORCHESTRATOR.analyze(foreign(name, "no words")).transient is transient


@pytest.mark.parametrize(
    ("text", "kind", "transient"),
    [
        ("Page.goto: net::ERR_CERT_AUTHORITY_INVALID at https://x.test/", ErrorType.SECURITY, False),
        ("Page.goto: net::ERR_CONNECTION_REFUSED at http://x.test/", ErrorType.NETWORK, True),
        ("Page.goto: net::ERR_CONNECTION_TIMED_OUT at http://x.test/", ErrorType.TIMEOUT, True),
        ("Page.goto: net::ERR_NAME_NOT_RESOLVED at http://x.test/", ErrorType.NETWORK, True),
    ],
)  # fmt: skip
def test_the_names_of_a_browser(text: str, kind: ErrorType, transient: bool) -> None:
    """A browser names what went wrong, whatever drives it."""
    found = ORCHESTRATOR.analyze(foreign("playwright._impl._errors.Error", text))

    assert (found.error_type, found.transient) == (kind, transient)


def test_an_error_of_a_browser_alone_is_not_retried() -> None:
    """Most of them are mistakes in a selector or a script."""
    error = foreign("playwright._impl._errors.Error", "Page.click: Element is not an <input>")

    assert ORCHESTRATOR.analyze(error).strategy is not RecoveryStrategy.RETRY


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("403 Exceeded rate limits: too many table update operations", ErrorType.RATE_LIMIT),
        ("403 User Rate Limit Exceeded", ErrorType.RATE_LIMIT),
        ('403 {"reason": "rateLimitExceeded"}', ErrorType.RATE_LIMIT),
        ("403 You have exceeded a secondary rate limit", ErrorType.RATE_LIMIT),
        ("403 Forbidden for url: https://x.test/rate_limit", ErrorType.SECURITY),
        ("403 Permission denied", ErrorType.SECURITY),
    ],
)
def test_a_refusal_at_the_end_of_a_rate_limit(text: str, kind: ErrorType) -> None:
    """Google and GitHub refuse with 403 what comes too often, and say so; an address says nothing."""
    error = foreign("some_client.errors.HttpError", text, status_code=403)

    for asked in (error, f"some_client.errors.HttpError: {text}"):
        assert ORCHESTRATOR.analyze(asked).error_type is kind


def test_the_limit_of_a_day_does_not_pass() -> None:
    """Though it is called a rate limit."""
    error = foreign("x.HttpError", "403 Daily rate limit exceeded for today", status_code=403)

    assert ORCHESTRATOR.analyze(error).transient is False


def test_a_reply_that_was_not_expected() -> None:
    """What FTP replies with 530 is not what a proxy answers with 530."""
    error = foreign(
        "aioftp.errors.StatusCodeError", "Waiting for ('230',) but got 530 [' Login incorrect.']"
    )

    assert ORCHESTRATOR.analyze(error).error_type is ErrorType.SECURITY


def test_an_oserror_without_a_number_is_not_of_the_network() -> None:
    """Libraries raise it for models, images and files; nothing says that it passes."""
    for error in (OSError("[E050] Can't open model 'en'"), foreign("x.E", "odd", base=OSError)):
        assert ORCHESTRATOR.analyze(error).strategy is not RecoveryStrategy.RETRY


@pytest.mark.parametrize("name", ["ENODEV", "ENXIO", "ENOSYS", "EMSGSIZE", "ERANGE"])
def test_numbers_that_stay(name: str) -> None:
    """A device that is not there and a call that does not exist are so a minute later."""
    assert ORCHESTRATOR.analyze(OSError(getattr(errno, name), "x")).transient is False


@pytest.mark.parametrize(
    ("text", "transient"),
    [
        ("OOM when allocating tensor with shape[512,1024,1024]", False),
        ("Out of memory while trying to allocate 17179869184 bytes", False),
        ("Quota exceeded for requests per minute", True),
    ],
)
def test_a_resource_that_is_exhausted(text: str, transient: bool) -> None:
    """It may be an allowance of requests, or the memory of a device."""
    error = foreign("tensorflow.python.framework.errors_impl.ResourceExhaustedError", text)

    assert ORCHESTRATOR.analyze(error).transient is transient
