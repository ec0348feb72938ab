"""Parts of a workflow with recovery around them: run it, and where it fails recover, else raise.

Each of them is what `orchestrator.handle_error()` is for, spelled out: the part attaches its failed
call to the exception, so that a recovery can run it again, changed or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from ._attempt_text import add_note
from ._workflow_models import WorkflowResult, WorkflowStage
from .error_recovery import ErrorRecoveryOrchestrator
from .recovery_models import RecoveryContext, RecoveryResult
from .staged_execution import StagedParallelExecutor
from .template_manager import TemplateManager
from .validation_pipeline import (
    ValidationContext,
    ValidationError,
    ValidationPipeline,
    ValidationResult,
)

__all__ = ["execute_with_recovery", "render_with_recovery", "validate_with_recovery"]


T = TypeVar("T")


async def execute_with_recovery(
    workflow_id: str,
    stages: Iterable[WorkflowStage],
    *,
    executor: StagedParallelExecutor,
    error_recovery: ErrorRecoveryOrchestrator,
) -> WorkflowResult:
    """Execute a workflow; where it fails, recover from the first failed step's error.

    A recovery that runs the workflow again leaves the finished steps alone.

    Args:
        workflow_id: goes into events, records and messages.
        stages: the definition.
        executor: runs it.
        error_recovery: recovers.

    Raises:
        Exception: what the executor raised, with a note, where nothing helped.
    """
    definition = tuple(stages)
    try:
        return await executor.execute_workflow(workflow_id, definition)
    except Exception as error:
        recovered = await error_recovery.handle_error(
            RecoveryContext(
                workflow_id=workflow_id,
                node_name="staged_executor",
                exception=error,
                state={"stages": [getattr(stage, "stage_id", None) for stage in definition]},
            )
        )
        if recovered.success:
            return _expected(recovered, WorkflowResult, error)
        add_note(error, recovered)
        raise


async def validate_with_recovery(
    code: str,
    context: ValidationContext | None = None,
    *,
    validation_pipeline: ValidationPipeline,
    error_recovery: ErrorRecoveryOrchestrator,
) -> ValidationResult:
    """Validate code; where a validator finds an error, correct the code and validate that.

    Args:
        code: Python source.
        context: where it comes from.
        validation_pipeline: validates.
        error_recovery: recovers.

    Returns:
        The account of the code that passed; its `code` is the corrected one.

    Raises:
        ValidationError: what the pipeline raised, with a note, where nothing helped.
    """
    context = ValidationContext() if context is None else context
    try:
        return await validation_pipeline.validate(code, context)
    except ValidationError as error:
        recovered = await error_recovery.handle_error(
            RecoveryContext(
                workflow_id=context.workflow_id or "validation",
                node_name=context.node_name or "validator",
                exception=error,
                state={"code": code, "context": context},
            )
        )
        if recovered.success and isinstance(recovered.result, ValidationResult):
            return recovered.result
        if recovered.success:
            corrected = _expected(recovered, str, error)
            return await validation_pipeline.validate(corrected, context)
        add_note(error, recovered)
        raise


async def render_with_recovery(
    template_id: str,
    context: Mapping[str, Any] | None = None,
    *,
    template_manager: TemplateManager,
    error_recovery: ErrorRecoveryOrchestrator,
    alternatives: Iterable[Any] | None = None,
) -> str:
    """Render a template; where that fails, render an alternative.

    Args:
        template_id: name of the template.
        context: what it may use, by name.
        template_manager: renders.
        error_recovery: recovers.
        alternatives: template ids, or pairs of id and type, in order of preference. Left out, a
            matching pattern with alternatives decides, else the other versions that the manager
            knows.

    Raises:
        Exception: what the manager raised, with a note, where nothing helped.
    """
    try:
        return await template_manager.render_template(template_id, context)
    except Exception as error:
        if alternatives is None:
            pattern = error_recovery.analyze(error).pattern
            declared = pattern is not None and "alternatives" in pattern.metadata
            others = () if declared else template_manager.alternatives_for(template_id)
        else:
            others = tuple(alternatives)
        recovered = await error_recovery.handle_error(
            RecoveryContext(
                workflow_id=f"render_{template_id}",
                node_name="template_manager",
                exception=error,
                state={"template_id": template_id, "context": context},
                metadata={"alternatives": others} if others else {},
            )
        )
        if recovered.success:
            return _expected(recovered, str, error)
        add_note(error, recovered)
        raise


def _expected(recovered: RecoveryResult, kind: type[T], error: Exception) -> T:
    """Return a recovery's result if it is what the call would have returned."""
    if isinstance(recovered.result, kind):
        return recovered.result
    error.add_note(f"the recovery gave {type(recovered.result).__name__}, not {kind.__name__}")
    raise error
