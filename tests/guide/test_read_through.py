"""The whole guide, read from the first block to the last, in one module."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Optional

import pytest

from omninode_bridge.agents.workflows import (
    AlternativePathStrategy,
    Decision,
    RecoveryStrategy,
    TemplateManager,
    TemplateType,
    ValidationContext,
    ValidationError,
    ValidationPipeline,
    ValidationResult,
    WorkflowResult,
    WorkflowStage,
    WorkflowStep,
)

from ._blocks import BLOCKS
from ._reader import Reader
from ._steps import CONTEXT
from ._webhook import Webhook
from .test_escalation import answer

# Everything that the guide takes for granted; what fails does so once, or as long as the text says.
WORLD = """
    contract = {"name": "user"}
    prompt = "Write a node"
    calls = {}

    def count(name):
        calls[name] = calls.get(name, 0) + 1
        return calls[name]

    async def generate_code(contract):
        if count("generate_code") < 3:
            raise TimeoutError("no answer in time")
        return f"class {contract['name']}: ..."

    class Response:
        def __init__(self, path):
            self.path = path

        def json(self):
            return {"id": self.path.rpartition("/")[2]}

    class HttpClient:
        async def get(self, path):
            if count("get") < 3:
                raise TimeoutError("no answer in time")
            return Response(path)

    class LLMClient:
        async def generate(self, prompt, model):
            count(model)
            if model != "claude-3":
                raise RuntimeError(f"Model {model} unavailable")
            return f"{model}: {prompt}"

    class ComplexGenerator:
        async def generate(self, contract):
            return contract

    async def generate_with_mixins(contract, mixins, enable_ai_quorum, enable_profiling):
        if mixins:
            raise TimeoutError("Generation timeout")
        return f"{contract['name']} without mixins"

    async def validate_contract(contract):
        raise ValidationError("Security validation failed: the contract reads /etc/passwd")

    http_client, llm_client, complex_generator = HttpClient(), LLMClient(), ComplexGenerator()
"""

# What the text says comes of the blocks that recover, as it stands right after each of them.
OUTCOMES: dict[int, tuple[str, Any]] = {
    2: ("result", "class user: ..."),
    5: ("contract", {"id": "contract-123"}),
    7: ("result", "class MyEffect: ..."),
    8: ("result", "claude-3: Write a node"),
    18: ("recovery_result.result", "approved"),
}
FILL = {
    **{number: {"handle_error(...)": CONTEXT} for number in (8, 10, 18)},
    15: {
        "handle_error(...)": CONTEXT.replace("state=state", 'state={"code": generated_code}'),
    },
    32: {
        "StagedParallelExecutor(...)": "StagedParallelExecutor()",
        "ErrorRecoveryOrchestrator(...)": "ErrorRecoveryOrchestrator()",
    },
}


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    """A webhook, known by the environment; it has to be there before the reader's loop is."""
    with Webhook() as server:
        monkeypatch.setenv("OMNINODE_BRIDGE_SLACK_WEBHOOK", server.url)
        yield server


@pytest.fixture
def quiet() -> Iterator[None]:
    """Block 41 turns a logger up; turn it down again."""
    logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")
    before = logger.level
    yield
    logger.setLevel(before)


def value_of(reader: Reader, path: str) -> Any:
    name, _, attribute = path.partition(".")
    return getattr(reader[name], attribute) if attribute else reader[name]


def between(reader: Reader, number: int) -> None:
    """Do what the reader does before a block: bring in what its text speaks of."""
    if number == 3:
        reader.supply(error_recovery=reader["orchestrator"])
    elif number == 6:
        reader.supply(contract={"name": "user"})
    elif number == 10:
        reader.write("generate_complex_model = generate_with_mixins")
    elif number == 18:
        reader.meanwhile(answer(reader["orchestrator"], Decision.value("approved")))


def test_from_the_first_block_to_the_last(webhook: Webhook, quiet: None, reader: Reader) -> None:
    """All 42 blocks run one after the other, those that recover with the outcome that is printed."""
    templates = {
        "node_effect_v2": "class {{ node_name }}: {{ title }}",
        "node_effect_v1": "class {{ node_name }}: ...",
    }
    reader.supply(
        Any=Any,
        Callable=Callable,
        Optional=Optional,
        TemplateType=TemplateType,
        ValidationContext=ValidationContext,
        ValidationError=ValidationError,
        ValidationResult=ValidationResult,
        WorkflowResult=WorkflowResult,
        WorkflowStage=WorkflowStage,
        assignee="contracts-team",
        error_id="esc_1",
        error_message="no name",
        error_type="contract",
        logger=logging.getLogger("reader"),
        state={"session": 1},
        template_manager=TemplateManager(templates=templates),
        time=time,
        timestamp=datetime.now(UTC).isoformat(),
        validation_pipeline=ValidationPipeline(),
        validator=ValidationPipeline(),
        workflow_id="session-1",
    )
    reader.write(WORLD)

    for number in BLOCKS:
        between(reader, number)
        reader.run(number, FILL.get(number))
        if number in OUTCOMES:
            path, expected = OUTCOMES[number]
            assert value_of(reader, path) == expected, f"block {number}"
        if number == 10:
            assert reader["result"] == "user without mixins"
        if number == 15:
            assert "async def execute_effect(" in reader["corrected_code"]

    ask = functools.partial(reader["http_client"].get, "/contracts/1")
    stages = [WorkflowStage("one", [WorkflowStep("ask", ask)])]
    done = reader.wait_for(reader["execute_with_recovery"]("w-1", stages))

    code = "def execute_effect(context):\n    return await context.load()\n"
    valid = reader.wait_for(
        reader["validate_with_recovery"](code, ValidationContext(workflow_id="w-1"))
    )
    # block 32 made an orchestrator of its own, which knows no alternatives yet
    reader["error_recovery"].register_strategy(
        RecoveryStrategy.ALTERNATIVE_PATH, AlternativePathStrategy(["node_effect_v1"])
    )
    page = reader.wait_for(reader["render_with_recovery"]("node_effect_v2", {"node_name": "Mine"}))

    assert (valid.code, page) == (f"async {code}", "class Mine: ...")
    assert reader.ran == sorted(BLOCKS)
    assert done.success
    assert reader.printed()[0] == "✅ Recovered using retry"
    assert len(webhook.messages) == 1
