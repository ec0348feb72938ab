"""Exceptions that steer somebody else's control flow; they are never an error to recover from."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

__all__ = ["FOREIGN_CONTROL_FLOW", "is_foreign", "passes_through"]

# Qualified names: the libraries are never imported for this.
FOREIGN_CONTROL_FLOW = frozenset(
    {
        "airflow.exceptions.AirflowFailException",
        "airflow.exceptions.AirflowRescheduleException",
        "airflow.exceptions.AirflowSkipException",
        "airflow.sdk.exceptions.AirflowFailException",
        "airflow.sdk.exceptions.AirflowRescheduleException",
        "airflow.sdk.exceptions.AirflowSkipException",
        "bdb.BdbQuit",
        "celery.exceptions.Ignore",
        "celery.exceptions.Reject",
        "celery.exceptions.Retry",
        "celery.exceptions.TaskPredicate",
        "click.exceptions.Abort",
        "click.exceptions.Exit",
        "dbos._error.DBOSAwaitedWorkflowCancelledError",
        "dbos._error.DBOSBaseException",
        "dbos._error.DBOSPatchNondeterminismError",
        "dbos._error.DBOSStepNondeterminismError",
        "dbos._error.DBOSUnexpectedStepError",
        "dbos._error.DBOSWorkflowCancelledError",
        "dbos._error.MaxRecoveryAttemptsExceededError",
        "dramatiq.errors.Retry",
        "huey.exceptions.CancelExecution",
        "huey.exceptions.RetryTask",
        "langgraph.errors.GraphBubbleUp",
        "langgraph.errors.GraphInterrupt",
        "langgraph.errors.NodeInterrupt",
        "langgraph.errors.ParentCommand",
        "omninode_bridge.errors.EngineError",
        "prefect.exceptions.Abort",
        "prefect.exceptions.CancelledRun",
        "prefect.exceptions.Pause",
        "prefect.exceptions.PrefectSignal",
        "temporalio.exceptions.CancelledError",
        "temporalio.workflow.ContinueAsNewError",
        "tornado.web.Finish",
        "unittest.case.SkipTest",
    }
)

_MAX_LEAVES = 1000


def is_foreign(error: BaseException) -> bool:
    """Whether the exception belongs to another system's control flow."""
    kind: Any = type(error)
    return _is_foreign_type(kind)


@lru_cache(maxsize=1024)
def _is_foreign_type(kind: Any) -> bool:
    return any(
        f"{cls.__module__}.{cls.__qualname__}" in FOREIGN_CONTROL_FLOW
        for cls in kind.__mro__
        if cls.__module__ != "builtins"
    )


def passes_through(error: BaseException, never: tuple[type[BaseException], ...] = ()) -> bool:
    """Whether a recovery must leave the exception alone.

    That is: cancellation, interrupts and exits, foreign control flow, what the caller excludes,
    and groups with any such member.
    """
    if not isinstance(error, BaseExceptionGroup):
        if not isinstance(error, Exception) or is_foreign(error):
            return True
        return bool(never) and isinstance(error, never)
    pending: list[BaseException] = [error]
    for _ in range(_MAX_LEAVES):
        if not pending:
            return False
        current = pending.pop()
        if isinstance(current, BaseExceptionGroup):
            pending.extend(current.exceptions)
        elif not isinstance(current, Exception) or is_foreign(current):
            return True
        if never and isinstance(current, never):
            return True
    return False
