"""The two blocks of the guide that hand over an error without saying how to call again, as printed."""

from __future__ import annotations

import ast
import asyncio
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryStrategy,
)
from omninode_bridge.testing import FakeClock

QUICK_START = """
# Execute workflow with error recovery
try:
    result = await generate_code(contract)

except Exception as e:
    # Create recovery context
    context = RecoveryContext(
        workflow_id="codegen-session-1",
        node_name="model_generator",
        step_count=5,
        state={"contract": contract},
        exception=e,
    )

    # Attempt recovery
    recovery_result = await orchestrator.handle_error(context)

    if recovery_result.success:
        print(f"✅ Recovered using {recovery_result.strategy_used}")
        result = recovery_result.result
    else:
        print(f"❌ Recovery failed: {recovery_result.error_message}")
        raise
"""
GENERATE = """
asked = []
async def generate_code(contract):
    asked.append(contract)
    if len(asked) < 3:
        raise ConnectionError("connection reset by peer")
    return f"# code of {contract['name']}"
"""
RETRY = '''
# Define operation to retry
async def fetch_contract(contract_id: str) -> dict:
    """Fetch contract from API (may fail transiently)."""
    response = await http_client.get(f"/contracts/{contract_id}")
    return response.json()

# Add retry pattern
orchestrator.add_error_pattern(ErrorPattern(
    pattern_id="api_fetch_timeout",
    error_type=ErrorType.NETWORK,
    regex_pattern=r"TimeoutError|ReadTimeout|ConnectTimeout",
    recovery_strategy=RecoveryStrategy.RETRY,
    metadata={
        "max_retries": 5,
        "base_delay": 2.0,
        "operation": fetch_contract,
    },
))

# Automatic retry on timeout
try:
    contract = await fetch_contract("contract-123")
except TimeoutError as e:
    context = RecoveryContext(
        workflow_id="fetch-contract",
        node_name="api_client",
        exception=e,
    )
    recovery_result = await orchestrator.handle_error(context)
    contract = recovery_result.result
'''


class Client:
    """Answers the third time."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    async def get(self, path: str) -> Client:
        self.paths.append(path)
        if len(self.paths) < 3:
            raise TimeoutError("the request timed out")
        return self

    def json(self) -> dict[str, str]:
        return {"id": self.paths[-1].rpartition("/")[2]}


def run(text: str, names: dict[str, Any]) -> None:
    """Run a block with `await` at its top in a namespace of its own."""
    code = compile(text, "guide.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    async def block() -> None:
        found = eval(code, names)
        if found is not None:
            await found

    asyncio.run(block())


def names(**more: Any) -> dict[str, Any]:
    return {
        "ErrorPattern": ErrorPattern,
        "ErrorType": ErrorType,
        "RecoveryContext": RecoveryContext,
        "RecoveryStrategy": RecoveryStrategy,
        "orchestrator": ErrorRecoveryOrchestrator(clock=FakeClock()),
        **more,
    }


def test_handling_errors(capsys: pytest.CaptureFixture[str]) -> None:
    """Quick Start recovers by running `generate_code(contract)` again."""
    space = names(contract={"name": "orders"})
    run(GENERATE, space)

    run(QUICK_START, space)

    assert space["result"] == "# code of orders"
    assert space["asked"] == [{"name": "orders"}] * 3
    assert "Recovered using retry" in capsys.readouterr().out
    assert space["recovery_result"].analysis.call_source == "traceback of generate_code()"


def test_handling_errors_that_stay(capsys: pytest.CaptureFixture[str]) -> None:
    """What does not recover is raised again, as printed."""
    space = names(contract={"name": "orders"})
    run(GENERATE.replace("< 3", "< 300"), space)

    with pytest.raises(ConnectionError):
        run(QUICK_START, space)

    assert "Recovery failed" in capsys.readouterr().out


def test_retry_usage() -> None:
    """The pattern names the function, the failed call says for which contract."""
    space = names(http_client=Client())

    run(RETRY, space)

    assert space["contract"] == {"id": "contract-123"}
    assert space["http_client"].paths == ["/contracts/contract-123"] * 3
    assert space["recovery_result"].analysis.call_source == "the pattern's metadata"
