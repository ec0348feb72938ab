"""Rules that hold for any library: codes in bodies and texts, words of class names, errnos in text."""

from __future__ import annotations

import errno
import json
import os
from types import SimpleNamespace
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows.classification.providers.sql import (
    facts_of_mysql,
    facts_of_sqlstate,
)

pytestmark = pytest.mark.usefixtures("unhurried")

ORCHESTRATOR = ErrorRecoveryOrchestrator()
LIMIT, PASSES, LATE = ("rate_limit", True), ("network", True), ("timeout", True)
SECRET, DATA = ("security", False), ("validation", False)


def raised(name: str, *args: Any, module: str = "shop", **held: Any) -> Exception:
    cls = type(name, (Exception,), {"__module__": module})
    error: Exception = cls(*args)
    vars(error).update(held)
    return error


def told(error: BaseException | str) -> tuple[str, bool | None]:
    found = ORCHESTRATOR.analyze(error)
    return str(found.error_type), found.transient


@pytest.mark.parametrize("status", [400, 409, 422])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"error": {"code": "RATE_LIMIT_EXCEEDED"}}, LIMIT),
        ({"errors": [{"reason": "rateLimitExceeded"}]}, LIMIT),
        ({"error": {"is_transient": True, "code": 2}}, PASSES),
        ([{"errorCode": "UNABLE_TO_LOCK_ROW", "message": "x"}], PASSES),
        ([{"errorCode": "REQUIRED_FIELD_MISSING"}], DATA),
        ({"error": {"is_transient": False}}, DATA),
        ({"error": "rate limits are explained elsewhere"}, DATA),
        ({"code": 7, "error": None}, DATA),
    ],
)
@pytest.mark.parametrize("how", ["mapping", "text", "bytes", "response"])
def test_a_code_in_the_body_is_believed_where_it_says_that_it_passes(
    status: int, body: Any, expected: tuple[str, bool], how: str
) -> None:
    """Wherever the body is kept; the status alone would blame the caller."""
    text = json.dumps(body)
    if how == "response":
        response = SimpleNamespace(status_code=status, _content=text.encode(), headers={})
        error = raised("AnswerError", "refused", response=response)
    else:
        kept = {"mapping": body, "text": text, "bytes": text.encode()}[how]
        error = raised("AnswerError", "refused", status=status, body=kept)

    assert told(error) == expected


@pytest.mark.parametrize(
    "body", ["{" * 60_000, "[" * 60_000, b"\xff{", "[1" * 40_000, {"a": [[[]]]}, 7, b"", None]
)
def test_a_body_that_is_none_leaves_the_status(body: Any) -> None:
    """Neither depth nor nonsense is an error of ours."""
    assert told(raised("AnswerError", "refused", status=400, body=body)) == DATA


def test_a_body_that_holds_itself_is_read_once() -> None:
    """A cycle ends."""
    body: dict[str, Any] = {"message": "x"}
    body["error"] = body

    assert told(raised("AnswerError", "refused", status=400, body=body)) == DATA


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Response content: [{'errorCode': 'UNABLE_TO_LOCK_ROW', 'message': 'x'}]", PASSES),
        ("400: {'error': {'message': 'x', 'is_transient': True}}", PASSES),
        ('{"error":{"is_transient":true}}', PASSES),
        ("code:ThrottlingException message:slow", LIMIT),
        ("Error:SlowDown, please", LIMIT),
        ("Error:InvalidAccessKeyId", SECRET),
        ("(RequestLimitExceeded, 8f2-11)", LIMIT),
        ("('AuthFailure', 'req-1')", SECRET),
        ("APIError(code=-1003): Way too much weight used", LIMIT),
        ("APIError(code=-1121): Invalid symbol.", DATA),
        ("APIError(code=-2015): Invalid API-key, IP, or permissions for action.", SECRET),
        ("(503, 'down for now')", PASSES),
        ("(404, 'gone')", DATA),
        ("{'message': 'x', 'code': 'PGRST003'}", LATE),
        ("PGRST116: multiple (or no) rows returned", DATA),
        ("{'code': 'PGRST301', 'message': 'x'}", SECRET),
    ],
)
def test_codes_in_texts(text: str, expected: tuple[str, bool]) -> None:
    """The same for an exception whose class says nothing and for a line of a log."""
    assert told(raised("Oops", text)) == expected
    assert told(f"shop.Oops: {text}") == expected


def test_a_state_of_the_database_behind_an_interface_of_the_web() -> None:
    """PostgREST hands it on as the code."""
    error = raised("APIError", "{'code': '23505'}", code="23505", module="postgrest.exceptions")

    assert told(error) == DATA


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("ConfigurationError", "API key missing", SECRET),
        ("UsageError", "Invalid API key provided", SECRET),
        ("ConfigurationError", "the api_key is not set", SECRET),
        ("MissingSettingError", "set the environment variable SHOP_API_KEY", None),
        ("ConfigurationError", "the port is missing", DATA),
        ("ConfigurationError", "the key 'a' is missing", DATA),
        ("SerializationConflictError", "x", PASSES),
        ("ConflictError", "x", DATA),
        ("SerializationError", "x", None),
        ("AuthRetryableError", "x", PASSES),
        ("NonRetryableAuthError", "x", None),
        ("AuthError", "x", SECRET),
        ("LockLostError", "x", PASSES),
        ("LeaseLost", "x", PASSES),
        ("WorkersExhaustedError", "x", PASSES),
        ("RetriesExhausted", "x", ("unknown", False)),
        ("QuotaExhaustedError", "x", ("ai_service", False)),
    ],
)
def test_words_of_class_names(name: str, text: str, expected: tuple[str, bool] | None) -> None:
    """What says more comes first; None stands for anything but a retry."""
    for error in (raised(name, text), f"shop.{name}: {text}"):
        found = told(error)
        assert found == expected or (expected is None and found[1] is not True)


@pytest.mark.parametrize(
    ("text", "retried"),
    [
        ("Video unavailable. This video is private", False),
        ("This item is unavailable in your country", False),
        ("Content unavailable: it has been deleted", False),
        ("Service Unavailable", True),
        ("the server is temporarily unavailable", True),
    ],
)
def test_what_is_unavailable_for_good_is_not_the_network(text: str, *, retried: bool) -> None:
    """A right, a place or an end is the reason."""
    assert (told(raised("DownloadError", text))[1] is True) is retried


@pytest.mark.parametrize(
    "name", ["EADDRINUSE", "EACCES", "ENOSPC", "ENOENT", "ECONNREFUSED", "ENOMEM", "EIO", "EROFS"]
)
@pytest.mark.parametrize("cls", ["Oops", "StartupError", "RuntimeError"])
def test_an_errno_in_the_text_is_judged_like_the_errno(name: str, cls: str) -> None:
    """Where the class says nothing by itself."""
    number = getattr(errno, name)
    text = f"could not start: [Errno {number}] {os.strerror(number)}"
    itself = ORCHESTRATOR.analyze(OSError(number, os.strerror(number)))

    for error in (
        RuntimeError(text) if cls == "RuntimeError" else raised(cls, text),
        f"{cls}: {text}",
    ):
        found = ORCHESTRATOR.analyze(error)
        assert (found.error_type, found.transient, found.ladder) == (
            itself.error_type,
            itself.transient,
            itself.ladder,
        )


@pytest.mark.parametrize("state", ["58P01", "58P02", "2D000", "34000", "44000"])
def test_states_that_stay(state: str) -> None:
    """By appendix A of the manual of PostgreSQL."""
    facts = facts_of_sqlstate(state)

    assert facts is not None
    assert facts.transient is False


@pytest.mark.parametrize(
    ("number", "passes"), [(1037, True), (1041, True), (1206, False), (1927, True), (4031, True)]
)
def test_numbers_of_mysql(number: int, *, passes: bool) -> None:
    """Memory and lost connections pass, a lock table that is too small for the statement does not."""
    facts = facts_of_mysql(number)

    assert facts is not None
    assert facts.transient is passes
