"""Run one step and say how it ended; only what must pass is raised."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from omninode_bridge.errors import StepTimeoutError, WorkflowError

from ._call import is_async_callable
from ._clock import Clock
from ._deadline import deadline
from ._durable import PreparesResults, current_step
from ._foreign import passes_through
from ._staged_answers import describe, ended_by_answer, how_it_failed
from ._staged_definition import StepInputs
from ._staged_plan import PlannedStep
from ._threads import run_in_thread
from ._workflow_models import StepEscalatedError, StepOutcome, StepStatus
from .recovery_models import RecoveryResult

__all__ = ["run_step"]


async def run_step(planned: PlannedStep, inputs: StepInputs, clock: Clock) -> StepOutcome:
    """Run the operation under the step's own time limit.

    Raises:
        CancelledError: the task was cancelled, not merely the operation.
        BaseException: interrupts, exits and foreign control flow.
    """
    step = planned.step
    started = clock.monotonic()

    def ended(status: StepStatus, **details: Any) -> StepOutcome:
        return StepOutcome(
            step_id=step.step_id,
            stage_id=inputs.stage_id,
            status=status,
            duration_ms=(clock.monotonic() - started) * 1000,
            **details,
        )

    try:
        async with deadline(clock, step.timeout_seconds) as scope:
            value = await _call(planned, inputs)
        if scope.expired():  # the operation swallowed its cancellation and answered too late
            return ended(StepStatus.TIMED_OUT, **_late(step.step_id, step.timeout_seconds))
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        message = "the operation was cancelled from within"
        return ended(StepStatus.CANCELLED, error=error, error_message=message)
    except StepEscalatedError as error:
        return ended(
            StepStatus.ESCALATED,
            error=error,
            error_message=describe(error),
            escalation_id=error.escalation_id,
        )
    except Exception as error:
        if passes_through(error):
            raise
        if isinstance(error, TimeoutError) and scope.expired():
            return ended(StepStatus.TIMED_OUT, **_late(step.step_id, step.timeout_seconds))
        return ended(**how_it_failed(error))
    finally:
        inputs._over = True
    outcome = (
        ended(**_judge(value))
        if isinstance(value, RecoveryResult)
        else ended(StepStatus.DONE, result=value)
    )
    kept = current_step.get()
    if outcome.status is StepStatus.DONE and isinstance(kept, PreparesResults):
        await kept.prepare(outcome.result)
    return outcome


async def _call(planned: PlannedStep, inputs: StepInputs) -> Any:
    operation, handing = planned.step.operation, planned.handing
    args = (inputs,) if handing.by_position else ()
    kwargs = dict(planned.step.arguments)
    if handing.by_name is not None:
        kwargs[handing.by_name] = inputs
    if is_async_callable(operation):
        value = operation(*args, **kwargs)
    else:
        value = await run_in_thread(operation, *args, **kwargs)
    return await value if inspect.isawaitable(value) else value


def _late(step_id: str, seconds: float | None) -> dict[str, Any]:
    error = StepTimeoutError(f"step {step_id!r} took longer than {seconds:g} s")
    return {"error": error, "error_message": str(error)}


def _judge(recovery: RecoveryResult) -> dict[str, Any]:
    """Read a recovery's answer as the step's own."""
    if recovery.success:
        return {"status": StepStatus.DONE, "result": recovery.result, "recovery": recovery}
    message = recovery.error_message or "the recovery failed"
    if (answered := ended_by_answer(recovery)) is not None:
        return {**answered, "error": recovery.error or WorkflowError(message), "recovery": recovery}
    return {
        "status": StepStatus.ESCALATED if recovery.escalated else StepStatus.FAILED,
        "error": recovery.error or WorkflowError(message),
        "error_message": message,
        "escalation_id": recovery.escalation_id,
        "recovery": recovery,
    }
