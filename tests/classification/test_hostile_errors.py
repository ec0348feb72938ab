"""Errors that do whatever they like when they are asked: there is an answer, never a crash."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows.classification import (
    PatternSet,
    base_names,
    classify,
    describe,
)
from omninode_bridge.agents.workflows.classification.text import leaves_of, message_of, next_of
from omninode_bridge.agents.workflows.recovery_models import (
    ErrorPattern,
    ErrorType,
    RecoveryStrategy,
)
from omninode_bridge.agents.workflows.recovery_patterns import DEFAULT_PATTERNS


def raising(*_: Any) -> Any:
    raise RuntimeError("no")


class MuteText(Exception):
    __str__ = raising
    __repr__ = raising


class WrongText(Exception):
    def __str__(self) -> str:
        return 7  # type: ignore[return-value]  # noqa: PLE0307 - that is the point


class OddText(Exception):
    def __str__(self) -> str:
        class Loud(str):
            __slots__ = ()
            __len__ = raising
            __getitem__ = raising

        return Loud("a timeout")


class NoAttributes(Exception):
    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)


class WrongAttributes(Exception):
    args = property(raising)  # type: ignore[assignment]
    __cause__ = property(raising)  # type: ignore[assignment]
    __context__ = property(raising)  # type: ignore[assignment]
    __notes__ = property(raising)  # type: ignore[assignment]
    status_code = property(raising)
    response = property(raising)
    headers = property(raising)


class WrongCause(Exception):
    __cause__ = "not an exception"  # type: ignore[assignment]
    __context__ = 5  # type: ignore[assignment]
    __suppress_context__ = "yes"  # type: ignore[assignment]


class WrongTypes(Exception):
    args = 5  # type: ignore[assignment]
    status_code: Any = ("503",)
    response: Any = 3
    headers: Any = "retry-after"
    code: Any = raising
    errno: Any = "x"
    retry_after: Any = object()


class LyingClass(Exception):
    __class__ = property(raising)  # type: ignore[assignment]


class Meta(type):
    __name__ = property(raising)  # type: ignore[assignment]
    __module__ = property(raising)  # type: ignore[assignment]


class NamelessClass(Exception, metaclass=Meta):
    pass


class MetaWithoutHash(type):
    __hash__ = None  # type: ignore[assignment]


class UnhashableClass(Exception, metaclass=MetaWithoutHash):
    pass


class Spiteful:
    """What an attribute may hold: nothing can be asked of it."""

    __class__ = property(raising)  # type: ignore[assignment]


class CarriesSpite(Exception):
    orig: Any = Spiteful()


class CarriesDouble(Exception):
    orig: Any = Mock(spec=ConnectionError)


class LoudText(str):
    __slots__ = ()
    __len__ = raising
    __getitem__ = raising


class WrongGroup(ExceptionGroup[Exception]):
    exceptions = property(raising)  # type: ignore[assignment]


def cycle() -> BaseException:
    one, two, three = ValueError("a"), TypeError("b"), OSError("c")
    one.__cause__, two.__cause__, three.__context__ = two, three, one
    return one


def deep_group(depth: int = 1_000) -> BaseException:
    error: Exception = TimeoutError("timed out")
    for _ in range(depth):
        error = ExceptionGroup("level", [error])
    return error


def wide_group(width: int = 10_000) -> BaseException:
    return ExceptionGroup("wide", [ValueError(f"member {n}") for n in range(width)])


def long_chain(length: int = 5_000) -> BaseException:
    error: BaseException = ValueError("first")
    for n in range(length):
        above = RuntimeError(f"link {n}")
        above.__cause__ = error
        error = above
    return error


def tangled() -> BaseException:
    """Members that are each other's causes, in groups that name the groups above them."""
    members: list[Exception] = [ValueError(str(n)) for n in range(40)]
    group = ExceptionGroup("tangle", [ExceptionGroup("inner", members), *members])
    for member in members:
        member.__cause__ = group
    return group


ERRORS: dict[str, Callable[[], BaseException]] = {
    "text raises": MuteText,
    "text is no text": WrongText,
    "text is an odd str": OddText,
    "attributes raise": lambda: WrongAttributes("a timeout"),
    "attributes have wrong types": lambda: WrongTypes("a timeout"),
    "cause is no exception": lambda: WrongCause("a timeout"),
    "members raise": lambda: WrongGroup("group", [TimeoutError("timed out")]),
    "causes in a circle": cycle,
    "group 1,000 deep": deep_group,
    "group of 10,000": wide_group,
    "5,000 causes": long_chain,
    "group that names itself": tangled,
    "lone surrogates": lambda: ValueError("\ud800 timeout \udfff"),
    "zeros": lambda: ValueError("\x00" * 5_000 + "timeout"),
    "argument that raises": lambda: ValueError(MuteText(), [MuteText()]),
    "no arguments": lambda: KeyError(),
    "bytes": lambda: OSError(b"\xff\xfe"),
    "class has no hash": lambda: UnhashableClass("a timeout"),
    "attribute without a class": lambda: CarriesSpite("a timeout"),
    "attribute that feigns an exception": lambda: CarriesDouble("a timeout"),
    "no attribute can be read": lambda: NoAttributes("a timeout"),
    "class raises": lambda: LyingClass("a timeout"),
    "class has no name": lambda: NamelessClass("a timeout"),
    "100,000 lines": lambda: ValueError("\n" * 100_000 + "timeout"),
}


@pytest.mark.parametrize("make", ERRORS.values(), ids=ERRORS.keys())
def test_there_is_an_answer(make: Callable[[], BaseException]) -> None:
    """Each is analysed with and without patterns of the user's, and every part can be read."""
    error = make()
    orchestrator = ErrorRecoveryOrchestrator()
    orchestrator.add_error_pattern(
        ErrorPattern("own", ErrorType.CUSTOM, "nobody says this", RecoveryStrategy.RETRY)
    )

    for analysis in (
        orchestrator.analyze(error),
        ErrorRecoveryOrchestrator().analyze(error),
    ):
        assert isinstance(analysis.error_type, ErrorType)
        assert analysis.ladder
        assert all(isinstance(reason, str) for reason in analysis.reasons)
        assert len(analysis.fingerprint) == 16


@pytest.mark.parametrize("make", ERRORS.values(), ids=ERRORS.keys())
def test_its_text_is_bounded(make: Callable[[], BaseException]) -> None:
    """Text, names, cause and members can be asked for one by one."""
    error = make()

    assert len(describe(error)) <= 16_384
    assert isinstance(base_names(error), str)
    assert isinstance(message_of(error), str)
    assert isinstance(next_of(error)[1], bool)
    assert len(leaves_of(error)) <= 32


def test_an_odd_text_is_read_as_a_text() -> None:
    """A subclass of `str` is taken for the characters that it has."""
    assert ErrorRecoveryOrchestrator().analyze(LoudText("timed out")).error_type is not None


def test_the_leaf_of_a_deep_group_is_found() -> None:
    """What lies a thousand groups deep decides."""
    found = classify(deep_group(), PatternSet.of(DEFAULT_PATTERNS, built_in=True))

    assert found.error_type is ErrorType.TIMEOUT


class Loud(BaseException):
    def __str__(self) -> str:
        raise KeyboardInterrupt


def test_what_is_no_error_passes_through() -> None:
    """A cancellation that arrives while the error is asked is not swallowed."""
    with pytest.raises(KeyboardInterrupt):
        describe(Loud())


HUGE: dict[str, Callable[[str], BaseException]] = {
    "one text": ValueError,
    "a key": KeyError,
    "several arguments": lambda text: ValueError(text, 5, "end"),
    "a file name": lambda text: OSError(2, "not there", text),
    "bytes": lambda text: ValueError(text.encode()),
    "a cause": lambda text: _caused(ValueError(text)),
    "a member": lambda text: ExceptionGroup("group", [ValueError(text)]),
}


def _caused(cause: BaseException) -> BaseException:
    error = RuntimeError("above")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("make", HUGE.values(), ids=HUGE.keys())
def test_a_message_of_100_mb_is_not_copied(make: Callable[[str], BaseException]) -> None:
    """Only its ends are read; to quote the whole takes far longer."""
    error = make("head " + "x" * 100_000_000 + " tail")
    patterns = PatternSet.of(DEFAULT_PATTERNS, built_in=True)
    patterns.search("warm")

    begun = time.thread_time()
    text = describe(error)
    patterns.search(text)
    spent = time.thread_time() - begun

    assert "head xxx" in text
    assert spent < 0.05


def test_an_analysis_of_100_mb_is_short() -> None:
    """No part of the classification walks through the whole message."""
    orchestrator = ErrorRecoveryOrchestrator()
    orchestrator.analyze(ValueError("warm"))
    error = ConnectionError("head " + "x" * 100_000_000 + " tail")

    begun = time.thread_time()
    analysis = orchestrator.analyze(error)
    spent = time.thread_time() - begun

    assert analysis.error_type is ErrorType.NETWORK
    assert spent < 0.2
