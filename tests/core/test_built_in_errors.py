"""Python's own errors: what an orchestrator says of them, and remembers, is what the classifier says."""

from __future__ import annotations

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows.classification import classify
from omninode_bridge.agents.workflows.classification.plain import _PLAIN
from omninode_bridge.agents.workflows.classification.providers import _chosen

TEXTS = (
    "",
    "no",
    "reset by peer",
    "HTTP 503 Service Unavailable, retry after 7 seconds",
    "status code 429: rate limit, try again in 20s",
    "421 4.7.0 try again later",
    "SQLSTATE 40001 deadlock detected",
    "ThrottlingException: rate exceeded",
    "non_retryable",
    "exit status 137",
    "permission denied: password authentication failed",
    "template x render failed: undefined",
)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let reading take as long as a busy machine makes it take: it is not what is tested here."""
    monkeypatch.setattr(_chosen, "READING_SECONDS", 60.0)


@pytest.mark.parametrize("cls", sorted(_PLAIN, key=lambda cls: cls.__name__))
def test_an_analysis_is_the_classification(cls: type[Exception]) -> None:
    """For every class and text: type, transience, wait, ladder, rank and reasons."""
    orchestrator = ErrorRecoveryOrchestrator()
    patterns = orchestrator._machine.config.patterns

    for arguments in [(text,) for text in TEXTS] + [(), (104, "reset"), (13, "denied"), (5,)]:
        error = cls(*arguments)
        whole, quick = classify(error, patterns), orchestrator.analyze(error)

        assert (quick.error_type, quick.transient, quick.retry_after, quick.rank) == (
            whole.error_type,
            whole.transient,
            whole.retry_after,
            whole.rank,
        ), error
        assert quick.reasons == whole.reasons()


CAUSES = (ConnectionError, TimeoutError, ValueError, KeyError, RuntimeError, MemoryError, OSError)


def raised(error: Exception, cause: Exception, how: str) -> Exception:
    """Raise an error in one of the ways in which one follows another."""
    try:
        try:
            raise cause
        except Exception as inner:
            if how == "from":
                raise error from inner
            if how == "from none":
                raise error from None
            raise error  # noqa: B904 -- one of the ways
    except Exception as found:
        return found


@pytest.mark.parametrize("how", ["from", "while", "from none"])
@pytest.mark.parametrize("cls", sorted(_PLAIN, key=lambda cls: cls.__name__))
def test_an_analysis_of_a_chain_is_the_classification(cls: type[Exception], how: str) -> None:
    """For an error with a cause, too, whatever the two say; asked in an order that warms the memo."""
    orchestrator = ErrorRecoveryOrchestrator()
    patterns = orchestrator._machine.config.patterns

    for inner in CAUSES:
        for one, two in [(TEXTS[2], TEXTS[n]) for n in range(len(TEXTS))] + [
            (TEXTS[n], TEXTS[1]) for n in range(len(TEXTS))
        ]:
            error = raised(cls(one), inner(two), how)
            whole, quick = classify(error, patterns), orchestrator.analyze(error)

            assert (quick.error_type, quick.transient, quick.retry_after, quick.rank) == (
                whole.error_type,
                whole.transient,
                whole.retry_after,
                whole.rank,
            ), repr(error)
            assert quick.reasons == whole.reasons()
            assert quick.fingerprint == whole.fingerprint()
