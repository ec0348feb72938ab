"""A client that retries by itself below a recovery is warned of, once, with the setting."""

from __future__ import annotations

import logging
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from omninode_bridge.agents.workflows import RecoveryContext
from omninode_bridge.agents.workflows._sdk_retries import SdkRetries
from omninode_bridge.testing import fails_then

from .conftest import Make


def error_of(module: str, name: str, base: type = Exception, **attributes: Any) -> Exception:
    """Return an exception as that library defines it."""
    made = type(name, (base,), {"__module__": module})("failed")
    for key, value in attributes.items():
        setattr(made, key, value)
    return made  # type: ignore[no-any-return]


def counted(count: str | None) -> SimpleNamespace:
    headers = {} if count is None else {"x-stainless-retry-count": count}
    return SimpleNamespace(headers=headers)


def metadata(**values: Any) -> dict[str, Any]:
    return {"ResponseMetadata": values}


WARNED = [
    (error_of("openai", "APITimeoutError", request=counted("2")), "openai", "max_retries=0", 2),
    (error_of("openai", "APITimeoutError", request=counted(None)), "openai", "max_retries=0", None),
    (error_of("anthropic", "InternalServerError"), "anthropic", "max_retries=0", None),
    (
        error_of("botocore.exceptions", "ClientError", response=metadata(RetryAttempts=4)),
        "botocore",
        "total_max_attempts",
        4,
    ),
    (error_of("botocore.exceptions", "ReadTimeoutError"), "botocore", "total_max", None),
    (error_of("google.api_core.exceptions", "RetryError"), "google.api_core", "retry=None", None),
    (error_of("requests.exceptions", "RetryError"), "requests", "HTTPAdapter", None),
    (error_of("urllib3.exceptions", "MaxRetryError"), "urllib3", "retries=False", None),
]
SILENT = [
    error_of("openai", "APITimeoutError", request=counted("0")),
    error_of("botocore.exceptions", "ClientError", response=metadata(RetryAttempts=0)),
    error_of("requests.exceptions", "ConnectionError"),
    error_of("urllib3.exceptions", "NewConnectionError"),
    error_of("openai_like", "APITimeoutError"),
    error_of("google.protobuf", "DecodeError"),
    ConnectionError("reset by peer"),
]


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[Any]:
    return [one for one in caplog.records if one.message == "recovery.sdk_retries"]


@pytest.mark.parametrize(("error", "sdk", "setting", "retries"), WARNED)
def test_a_client_that_retries(
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    sdk: str,
    setting: str,
    retries: int | None,
) -> None:
    """The warning names the client, what turns it off, and how often it retried where that is told."""
    notices = SdkRetries()

    notices.notice(error)
    notices.notice(error)

    (record,) = warnings_of(caplog)
    assert (record.levelno, record.sdk, record.retries) == (logging.WARNING, sdk, retries)
    assert setting in record.setting


@pytest.mark.parametrize("error", SILENT, ids=lambda error: f"{type(error).__module__}")
def test_others_are_left_alone(caplog: pytest.LogCaptureFixture, error: Exception) -> None:
    """A client whose retries are off, one that has none, and everything else give no warning."""
    SdkRetries().notice(error)

    assert warnings_of(caplog) == []


def test_causes_and_subclasses_count(caplog: pytest.LogCaptureFixture) -> None:
    """A wrapped error is seen, and one that the caller derived; below requests urllib3 is not."""
    wrapped = RuntimeError("no answer")
    wrapped.__cause__ = WARNED[0][0]
    derived = error_of("mine", "Mine", type(WARNED[2][0]))
    plain = error_of("requests.exceptions", "ConnectionError")
    plain.__context__ = WARNED[-1][0]
    notices = SdkRetries()

    for error in (wrapped, derived, plain):
        notices.notice(error)

    assert [record.sdk for record in warnings_of(caplog)] == ["openai", "anthropic"]


@pytest.mark.parametrize("after_the_fact", [False, True])
async def test_every_way_in_warns(
    make: Make, caplog: pytest.LogCaptureFixture, after_the_fact: bool
) -> None:
    """Also the quick retry tells; an error that stays is not retried by anybody."""
    orchestrator = make()
    passing = error_of("openai", "APITimeoutError", TimeoutError, request=counted("2"))
    staying = error_of("openai", "BadRequestError", status_code=400)
    for error in (staying, passing):
        if after_the_fact:
            context = RecoveryContext("w", "n", exception=error)
            await orchestrator.handle_error(context, operation=lambda: "fine")
        else:
            with suppress(type(staying)):
                await orchestrator.run(fails_then(error, "fine"))
        assert len(warnings_of(caplog)) == (error is passing)
