"""Integration with the executor, the pipeline and the template manager."""

from __future__ import annotations

import pytest

from omninode_bridge.agents.workflows import (
    AlternativePathStrategy,
    RecoveryContext,
    RecoveryStrategy,
    TemplateManager,
    ValidationContext,
    ValidationError,
    ValidationPipeline,
    ValidationResult,
    WorkflowResult,
    WorkflowStage,
    WorkflowStep,
)

from ._reader import Reader
from ._steps import set_up


def executor(reader: Reader) -> None:
    reader.supply(
        WorkflowStage=WorkflowStage, WorkflowResult=WorkflowResult, RecoveryContext=RecoveryContext
    )
    reader.run(
        32,
        {
            "StagedParallelExecutor(...)": "StagedParallelExecutor(max_parallel=4)",
            "ErrorRecoveryOrchestrator(...)": "ErrorRecoveryOrchestrator(max_retries=3)",
        },
    )


def test_staged_executor(reader: Reader) -> None:
    """A workflow of which a step fails for a while ends well, and what was done is not done again."""
    executor(reader)
    ran = []

    async def parse() -> str:
        ran.append("parse")
        return "contract"

    async def generate() -> str:
        ran.append("generate")
        if ran.count("generate") <= 2:
            raise TimeoutError("the model did not answer in time")
        return "code"

    stages = [
        WorkflowStage("parse", [WorkflowStep("parse", parse)]),
        WorkflowStage("generate", [WorkflowStep("generate", generate)], dependencies=["parse"]),
    ]
    result = reader.wait_for(reader["execute_with_recovery"]("w-1", stages))

    assert isinstance(result, WorkflowResult)
    assert result.success
    assert result.results == {"parse": "contract", "generate": "code"}
    assert ran == ["parse", "generate", "generate", "generate"]


def test_staged_executor_without_help(reader: Reader) -> None:
    """Where nothing helps the block raises what the executor raised."""
    executor(reader)

    async def generate() -> None:
        raise KeyError("name")

    stages = [WorkflowStage("generate", [WorkflowStep("generate", generate)])]

    with pytest.raises(Exception, match="name"):
        reader.wait_for(reader["execute_with_recovery"]("w-1", stages))


def pipeline(reader: Reader) -> None:
    set_up(reader)
    reader.supply(
        validation_pipeline=ValidationPipeline(),
        ValidationContext=ValidationContext,
        ValidationResult=ValidationResult,
        ValidationError=ValidationError,
        error_recovery=reader["orchestrator"],
    )
    reader.run(33)


def test_validation_pipeline(reader: Reader) -> None:
    """Code without its `async` is corrected, and the account is that of the corrected code."""
    pipeline(reader)
    code = "def execute_effect(context):\n    return await context.load()\n"

    result = reader.wait_for(
        reader["validate_with_recovery"](code, ValidationContext(workflow_id="w-1"))
    )

    assert isinstance(result, ValidationResult)
    assert result.success
    assert result.code == "async " + code


def test_validation_pipeline_without_help(reader: Reader) -> None:
    """Code that nobody can correct is refused with the pipeline's own error."""
    pipeline(reader)

    with pytest.raises(ValidationError):
        reader.wait_for(
            reader["validate_with_recovery"]("class (:\n", ValidationContext(workflow_id="w-1"))
        )


def templates(reader: Reader) -> None:
    set_up(reader)
    reader.supply(
        template_manager=TemplateManager(
            templates={
                "node_effect_v2": "class {{ node_name }}: {{ title }}",
                "node_effect_v1": "class {{ node_name }}: ...",
            }
        ),
        error_recovery=reader["orchestrator"],
    )
    reader.run(34)


def test_template_manager(reader: Reader) -> None:
    """The template that cannot be rendered is replaced by the alternative that the reader named."""
    templates(reader)
    reader["orchestrator"].register_strategy(
        RecoveryStrategy.ALTERNATIVE_PATH,
        AlternativePathStrategy(["node_effect_v2", "node_effect_v1"]),
    )

    page = reader.wait_for(
        reader["render_with_recovery"]("node_effect_v2", {"node_name": "MyEffect"})
    )

    assert page == "class MyEffect: ..."


def test_template_manager_without_help(reader: Reader) -> None:
    """Without an alternative the block raises what the manager raised."""
    templates(reader)

    with pytest.raises(Exception, match="Template 'node_effect_v2' render failed"):
        reader.wait_for(reader["render_with_recovery"]("node_effect_v2", {"node_name": "MyEffect"}))
