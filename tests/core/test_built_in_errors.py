"""Python's own errors: what an orchestrator says of them, and remembers, is what the classifier says."""

from __future__ import annotations

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows._analysis import _PLAIN
from omninode_bridge.agents.workflows.classification import classify

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
