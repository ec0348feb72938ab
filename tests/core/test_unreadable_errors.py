"""Errors that refuse to be read are named all the same, wherever a text quotes them."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from omninode_bridge.agents.workflows import BaseRecoveryStrategy, RecoveryContext
from omninode_bridge.agents.workflows._redaction_errors import error_text
from omninode_bridge.agents.workflows.recovery_strategies import SteppedStrategy
from omninode_bridge.errors import UnusableResultError
from omninode_bridge.testing import ScriptedCall

from .conftest import Make


class Mute(ValueError):
    """An error whose text cannot be read."""

    def __str__(self) -> str:
        raise RuntimeError("no")


def test_the_text_of_an_error() -> None:
    """The class and the message; the class alone where there is no message; never more than asked."""
    assert error_text(ValueError("x")) == "ValueError: x"
    assert error_text(ValueError()) == "ValueError"
    assert error_text(Mute()) == "Mute: (its text cannot be read)"
    assert len(error_text(ValueError("x" * 9000), limit=100)) <= 100
    assert "hunter2" not in error_text(ValueError("password=hunter2"))


async def test_a_call_that_raises_one(make: Make) -> None:
    """The attempts say what can be said, and the error itself comes out."""
    error = Mute()
    orchestrator = make(max_retries=1)

    result = await orchestrator.handle_error(
        RecoveryContext("w", "n", exception=ConnectionError("x")), operation=ScriptedCall([error])
    )

    assert result.error is error
    assert "Mute: (its text cannot be read)" in (result.error_message or "")


async def test_a_check_that_raises_one(make: Make) -> None:
    """The result is unusable, and says which error the check raised."""

    def check(value: Any) -> None:
        raise Mute

    runs = make(max_retries=0).with_options(validate=check)

    with pytest.raises(UnusableResultError, match=r"Mute: \(its text cannot be read\)"):
        await runs.run(lambda: 1)


async def test_a_strategy_that_raises_one_when_it_prepares(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """Its step is skipped with the name of the error, and the recovery goes on."""

    class Broken(SteppedStrategy):
        def __init__(self) -> None:
            BaseRecoveryStrategy.__init__(self, "alternative_path")

        def prepare(self, view: Any) -> Any:
            raise Mute

    orchestrator = make()
    orchestrator.register_strategy("alternative_path", Broken())

    with caplog.at_level(logging.WARNING):
        result = await orchestrator.handle_error(
            RecoveryContext("w", "n", exception=ValueError("x")), operation=ScriptedCall([1])
        )

    assert any("Mute: (its text cannot be read)" in skip.reason for skip in result.skipped)
