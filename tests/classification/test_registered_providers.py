"""Providers of the user's own: asked first, and passed over where they go wrong."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows.classification import Facts
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy
from omninode_bridge.errors import ConfigurationError


def test_it_is_asked_before_the_built_in_ones() -> None:
    """Its facts lead, its gaps are filled, its reasons come first."""
    orchestrator = ErrorRecoveryOrchestrator()

    @orchestrator.register_provider
    def billing(error: BaseException) -> Facts | None:
        return (
            Facts(ErrorType.CUSTOM, transient=False, reasons=("billing",))
            if "card" in str(error)
            else None
        )

    found = orchestrator.analyze(TimeoutError("card declined"))

    assert (found.error_type, found.transient) == (ErrorType.CUSTOM, False)
    assert found.reasons[0] == "billing"
    assert orchestrator.analyze(TimeoutError("other")).error_type is ErrorType.TIMEOUT


def test_an_answer_from_before_is_not_remembered() -> None:
    """Registering one changes what is said of an error that was analysed before."""
    orchestrator = ErrorRecoveryOrchestrator()
    before = orchestrator.analyze(TimeoutError("x")).error_type

    orchestrator.register_provider(lambda _: Facts(ErrorType.CONTRACT, transient=False))

    assert before is ErrorType.TIMEOUT
    assert orchestrator.analyze(TimeoutError("x")).error_type is ErrorType.CONTRACT


def test_the_first_that_was_registered_leads() -> None:
    """Several are asked in their order."""
    orchestrator = ErrorRecoveryOrchestrator()
    orchestrator.register_provider(lambda _: Facts(ErrorType.CUSTOM))
    orchestrator.register_provider(lambda _: Facts(ErrorType.CONTRACT, transient=False))

    assert orchestrator.analyze(RuntimeError("x")).error_type is ErrorType.CUSTOM


def test_the_filter_of_a_decorated_call_asks_it_too() -> None:
    """A type that only the provider knows is admitted."""
    orchestrator = ErrorRecoveryOrchestrator(base_delay=0)
    orchestrator.register_provider(lambda _: Facts(ErrorType.NETWORK, transient=True))
    answers = iter([ValueError("x"), "done"])

    @orchestrator.recoverable(ErrorType.NETWORK)
    def ask() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert ask() == "done"


def test_plain_words_become_members() -> None:
    """A provider may say "network"."""
    orchestrator = ErrorRecoveryOrchestrator()
    orchestrator.register_provider(lambda _: Facts("timeout", prefer="escalation", transient=True))  # type: ignore[arg-type]

    found = orchestrator.analyze(RuntimeError("x"))

    assert found.error_type is ErrorType.TIMEOUT
    assert found.strategy is RecoveryStrategy.ESCALATION


@pytest.mark.parametrize(
    "nonsense",
    [
        "network",
        {"error_type": "network"},
        Facts("nonsense"),  # type: ignore[arg-type]
        Facts(transient="yes"),  # type: ignore[arg-type]
        Facts(retry_after=float("nan")),
        Facts(retry_after=-1.0),
        Facts(retry_after="soon"),  # type: ignore[arg-type]
        Facts(retry_at="tomorrow"),  # type: ignore[arg-type]
        Facts(reasons=7),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_nonsense_is_passed_over_and_counted(nonsense: Any) -> None:
    """The built-in providers decide as if it had said nothing."""
    orchestrator = ErrorRecoveryOrchestrator()

    def odd(error: BaseException) -> Any:
        return nonsense

    orchestrator.register_provider(odd)
    found = orchestrator.analyze(TimeoutError("x"))

    assert (found.error_type, found.transient) == (ErrorType.TIMEOUT, True)
    assert list(orchestrator.provider_failures.values()) == [1]


def test_one_that_raises_is_counted_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """The log names the provider, not the error's text, which may hold secrets."""
    orchestrator = ErrorRecoveryOrchestrator()

    def broken(error: BaseException) -> Facts | None:
        raise ZeroDivisionError("secret")

    orchestrator.register_provider(broken)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert orchestrator.analyze(TimeoutError("x")).error_type is ErrorType.TIMEOUT

    records = [one for one in caplog.records if one.message == "classification.provider_failed"]
    assert [(one.provider.rpartition(".")[2], one.error_class) for one in records] == [  # type: ignore[attr-defined]
        ("broken", "ZeroDivisionError")
    ]
    assert "secret" not in caplog.text
    assert set(orchestrator.provider_failures.values()) == {3}


def test_a_cancellation_passes_through_it() -> None:
    """What is no `Exception` is not caught."""

    class Stop(BaseException):
        pass

    orchestrator = ErrorRecoveryOrchestrator()

    def stopping(error: BaseException) -> Facts | None:
        raise Stop

    orchestrator.register_provider(stopping)
    with pytest.raises(Stop):
        orchestrator.analyze(TimeoutError("x"))


def test_what_cannot_be_called_is_refused() -> None:
    """At registration, with its value."""
    with pytest.raises(ConfigurationError, match="the provider is 'x'; it must be callable"):
        ErrorRecoveryOrchestrator().register_provider("x")  # type: ignore[type-var]


def test_a_reason_without_its_tuple_is_one_reason() -> None:
    """It is not taken apart into letters."""
    orchestrator = ErrorRecoveryOrchestrator()
    orchestrator.register_provider(lambda _: Facts(ErrorType.CUSTOM, reasons="hello"))  # type: ignore[arg-type]

    assert "hello" in orchestrator.analyze(RuntimeError("x")).reasons


def test_a_wait_of_ages_is_bounded() -> None:
    """A day is the most that is told."""
    orchestrator = ErrorRecoveryOrchestrator()
    orchestrator.register_provider(
        lambda _: Facts(ErrorType.NETWORK, transient=True, retry_after=1e308)
    )

    assert orchestrator.analyze(RuntimeError("x")).retry_after == 86_400.0
