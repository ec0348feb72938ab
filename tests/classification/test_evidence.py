"""The ranking of evidence: own pattern, fact, cause, built-in text, nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from omninode_bridge.agents.workflows.classification import (
    Classification,
    PatternSet,
    classify,
    plan_ladder,
)
from omninode_bridge.agents.workflows.recovery_models import (
    ErrorPattern,
    ErrorType,
    EvidenceRank,
    RecoveryStrategy,
)
from omninode_bridge.agents.workflows.recovery_patterns import DEFAULT_PATTERNS

RETRY = RecoveryStrategy.RETRY
DEFAULTS = PatternSet.of(DEFAULT_PATTERNS, built_in=True)


def look(error: BaseException | str, *own: ErrorPattern) -> Classification:
    patterns = DEFAULTS
    for one in own:
        patterns = patterns.with_pattern(one)
    return classify(error, patterns)


def raised(outer: BaseException, cause: BaseException | None, *, explicit: bool) -> BaseException:
    """Return the outer error as Python leaves it after raising it from, or while handling, another."""
    try:
        try:
            raise cause  # type: ignore[misc]
        except BaseException as error:
            if explicit:
                raise outer from error
            raise outer  # noqa: B904
    except BaseException as error:
        return error


@pytest.mark.parametrize(
    "error",
    [
        KeyError("timeout"),
        KeyError("retry_after"),
        ValueError("timeout must be positive"),
        ValueError("rate limit exceeded"),
        TypeError("connection refused"),
        AttributeError("'NoneType' object has no attribute 'timeout'"),
    ],
    ids=repr,
)
def test_prose_never_overrides_a_fact(error: BaseException) -> None:
    """Words about timeouts in the error of a program are no timeout."""
    found = look(error)

    assert found.transient is False
    assert RETRY not in plan_ladder(found)[0]


def test_nothing_to_go_by_escalates() -> None:
    """An opaque error is given to a human."""
    found = look(Exception("it broke"))

    assert (found.error_type, found.transient, found.rank) == (
        ErrorType.UNKNOWN,
        None,
        EvidenceRank.NOTHING,
    )
    assert plan_ladder(found) == ((RecoveryStrategy.ESCALATION,), False)
    assert found.reasons() == ("nothing to go by",)


def test_prose_decides_where_no_fact_does() -> None:
    """A bare RuntimeError is judged by what it says."""
    found = look(RuntimeError("upstream connection reset by peer"))

    assert (found.error_type, found.transient, found.rank) == (
        ErrorType.NETWORK,
        True,
        EvidenceRank.BUILT_IN_TEXT,
    )


@pytest.mark.parametrize(
    ("message", "kind", "transient"),
    [
        ("upstream answered HTTP 503", ErrorType.NETWORK, True),
        ("request failed with status code 401", ErrorType.SECURITY, False),
        ("[Errno 28] while writing", ErrorType.UNKNOWN, False),
        ("SQLSTATE[40001]: try it later", ErrorType.NETWORK, True),
    ],
)
def test_a_code_in_the_message_of_an_opaque_error(
    message: str, kind: ErrorType, transient: bool
) -> None:
    """Where nothing else is known, codes are read before words."""
    found = look(RuntimeError(message))

    assert (found.error_type, found.transient, found.rank) == (
        kind,
        transient,
        EvidenceRank.BUILT_IN_TEXT,
    )


def test_a_users_pattern_beats_a_fact() -> None:
    """What the user wrote decides type and strategy."""
    own = ErrorPattern(
        "own", ErrorType.GENERATION, "TimeoutError", RecoveryStrategy.GRACEFUL_DEGRADATION
    )

    found = look(TimeoutError("x"), own)

    assert (found.error_type, found.rank) == (ErrorType.GENERATION, EvidenceRank.USER_PATTERN)
    assert plan_ladder(found) == ((RecoveryStrategy.GRACEFUL_DEGRADATION,), True)


def test_a_permanent_fact_vetoes_a_users_retry() -> None:
    """The type's ladder takes the place of a vetoed retry, and the reasons say so."""
    found = look(PermissionError("x"), ErrorPattern("own", ErrorType.NETWORK, "Permission", RETRY))

    assert found.vetoed
    assert RETRY not in plan_ladder(found)[0]
    assert any("no retry" in reason for reason in found.reasons())


def test_force_lifts_the_veto() -> None:
    """`metadata["force"]` is the user's last word."""
    own = ErrorPattern("own", ErrorType.NETWORK, "Permission", RETRY, metadata={"force": True})

    assert plan_ladder(look(PermissionError("x"), own)) == ((RETRY,), True)


def test_declared_fallbacks_follow_and_nothing_else() -> None:
    """The ladder of a declared strategy is what the user declared."""
    own = ErrorPattern(
        "own",
        ErrorType.TIMEOUT,
        "TimeoutError",
        RETRY,
        metadata={"fallback_strategies": ["escalation"]},
    )

    assert plan_ladder(look(TimeoutError("x"), own)) == ((RETRY, RecoveryStrategy.ESCALATION), True)


def test_base_classes_rank_below_the_text() -> None:
    """A pattern with the name of a base matches, but one with the own name comes first."""

    class Slow(TimeoutError):
        pass

    by_base = ErrorPattern("base", ErrorType.TIMEOUT, "TimeoutError", RETRY, priority=100)
    by_name = ErrorPattern("name", ErrorType.CUSTOM, "Slow", RETRY)

    only_base = look(Slow("x"), by_base).match
    both = look(Slow("x"), by_base, by_name).match

    assert only_base is not None
    assert only_base.pattern is by_base
    assert both is not None
    assert both.pattern is by_name


@pytest.mark.parametrize(
    "outer", [RuntimeError("step failed"), Exception("x"), ValueError("no template")], ids=repr
)
def test_an_uninformative_wrapper_takes_the_label_of_its_cause(outer: BaseException) -> None:
    """`raise ... from` a timeout is a timeout."""
    found = look(raised(outer, TimeoutError("x"), explicit=True))

    assert (found.error_type, found.transient, found.rank) == (
        ErrorType.TIMEOUT,
        True,
        EvidenceRank.CAUSE,
    )


def test_a_bug_while_handling_another_error_is_judged_by_itself() -> None:
    """A KeyError in the handler of a timeout is a bug, not a timeout."""
    found = look(raised(KeyError("x"), TimeoutError("x"), explicit=False))

    assert (found.error_type, found.transient) == (ErrorType.VALIDATION, False)


def test_from_none_hides_the_context() -> None:
    """What was hidden on purpose is not looked at."""
    error = raised(RuntimeError("step failed"), TimeoutError("x"), explicit=False)
    error.__suppress_context__ = True

    assert look(error).error_type is ErrorType.UNKNOWN


def test_a_certificate_below_a_connection_error_stays() -> None:
    """The transport failed because of the certificate: trying again does not help."""
    import ssl

    found = look(raised(ConnectionError("x"), ssl.SSLCertVerificationError(1, "x"), explicit=True))

    assert (found.error_type, found.transient) == (ErrorType.SECURITY, False)


def test_one_member_that_stays_makes_the_group_stay() -> None:
    """A group passes only if all its members do, wherever the permanent one is."""
    passing = ExceptionGroup("g", [TimeoutError("a"), ConnectionResetError("b")])
    staying = ExceptionGroup(
        "g", [*[TimeoutError("a")] * 200, ExceptionGroup("h", [PermissionError("p")])]
    )

    assert look(passing).transient is True
    assert look(staying).transient is False
    assert RETRY not in plan_ladder(look(staying))[0]


def test_a_cycle_of_causes_ends() -> None:
    """Errors that are each other's cause get an answer."""
    one, two = RuntimeError("a"), RuntimeError("b")
    one.__cause__, two.__cause__ = two, one

    assert look(one).error_type is ErrorType.UNKNOWN


def test_a_group_a_thousand_deep_and_a_long_chain_end() -> None:
    """Depth costs no stack; the innermost member and the root of the chain are seen."""
    deep: Exception = TimeoutError("x")
    for _ in range(1000):
        deep = ExceptionGroup("g", [deep])
    chained: BaseException = ValueError("x")
    for _ in range(10_000):
        chained, below = RuntimeError("x"), chained
        chained.__cause__ = below

    assert look(deep).error_type is ErrorType.TIMEOUT
    assert look(chained).error_type is ErrorType.VALIDATION


def test_syntax_in_the_causes_puts_correction_first() -> None:
    """A validation failure because code does not parse is corrected before anything else."""
    error = raised(ValueError("generated code refused"), SyntaxError("x"), explicit=False)

    assert plan_ladder(look(error))[0][0] is RecoveryStrategy.ERROR_CORRECTION


def test_a_built_in_pattern_puts_its_strategy_first() -> None:
    """The printed strategy leads, the ladder of the type follows."""
    refused = ErrorPattern(
        "refused", ErrorType.NETWORK, "Connection.*refused", RecoveryStrategy.ESCALATION
    )
    patterns = PatternSet.of([refused], built_in=True)

    ladder, declared = plan_ladder(
        classify(ConnectionRefusedError(111, "Connection refused"), patterns)
    )

    assert not declared
    assert ladder[:2] == (RecoveryStrategy.ESCALATION, RETRY)


def test_a_pattern_that_disagrees_does_not_hide_one_that_agrees() -> None:
    """The first built-in pattern that does not contradict the facts gives its settings."""
    wrong = ErrorPattern("wrong", ErrorType.SECURITY, "timed out", RecoveryStrategy.ESCALATION)
    right = ErrorPattern(
        "right", ErrorType.TIMEOUT, "timed out", RETRY, metadata={"max_retries": 7}
    )

    found = classify(TimeoutError("timed out"), PatternSet.of([wrong, right], built_in=True))

    assert found.match is not None
    assert found.match.pattern is right
    assert found.error_type is ErrorType.TIMEOUT


def test_a_moment_to_wait_for_needs_a_clock() -> None:
    """An HTTP date becomes seconds by the clock that is passed in, and never negative ones."""
    error = type("HTTPError", (Exception,), {})("x")
    error.status_code = 503
    error.headers = {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}
    before = datetime(2026, 10, 21, 7, 27, tzinfo=UTC)
    after = datetime(2026, 10, 21, 8, 0, tzinfo=UTC)

    assert classify(error, DEFAULTS).retry_after is None
    assert classify(error, DEFAULTS, now=lambda: before).retry_after == 60.0
    assert classify(error, DEFAULTS, now=lambda: after).retry_after == 0.0


def test_fingerprints_are_equal_for_one_kind() -> None:
    """Numbers, quoted names, paths, addresses and ids do not make two kinds; words and classes do."""
    one = look(ValueError("node 'a' at /srv/x/1.py:12 failed, id 0x7f12ab after 3 s"))
    two = look(ValueError("node 'bcd' at /home/y.py:7 failed, id 0x99 after 41 s"))
    other = look(TypeError("node 'a' at /srv/x/1.py:12 failed, id 0x7f12ab after 3 s"))

    assert one.fingerprint() == two.fingerprint()
    assert one.fingerprint() != other.fingerprint()
    assert len(one.fingerprint()) == 16
    assert look("\ud800").fingerprint()


def test_reasons_are_strongest_first() -> None:
    """The user's pattern is named before the class."""
    own = ErrorPattern("own", ErrorType.CUSTOM, "TimeoutError", RETRY)

    assert look(TimeoutError("x"), own).reasons() == (
        "pattern 'own' matches the text",
        "the class TimeoutError",
    )
