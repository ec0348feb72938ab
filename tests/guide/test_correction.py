"""Section 4, Error Correction Strategy."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorCorrectionStrategy,
    ErrorRecoveryOrchestrator,
    RecoveryStrategy,
    ValidationPipeline,
)

from ._reader import Reader
from ._steps import handle, set_up

STRATEGY = RecoveryStrategy.ERROR_CORRECTION
CONTEXT = (
    'handle_error(RecoveryContext(workflow_id="session-1", node_name="validator", exception=e, '
    'state={"code": generated_code}))'
)
PROCESS = "    async def process_data(self, context):\n        return context\n"


def corrected(reader: Reader, code: str, error: Exception | None = None) -> Any:
    """Return what the orchestrator makes of the code after the error."""
    state = {"code": code, "context": {"node_name": "NodeUser"}}
    return handle(reader, error or SyntaxError("'await' outside async function"), state=state)


def syntax_error(code: str) -> SyntaxError:
    """Return what CPython has against the code."""
    try:
        compile(code, "generated.py", "exec")
    except SyntaxError as error:
        return error
    raise AssertionError("the code compiles")


def test_configuration(reader: Reader) -> None:
    """The strategy adds `async`, the imports, and an `await` that is missing."""
    reader.run(14)
    orchestrator = ErrorRecoveryOrchestrator()
    orchestrator.register_strategy(STRATEGY, reader["strategy"])
    reader.supply(orchestrator=orchestrator)
    code = (
        "class NodeUser:\n"
        "    def execute_effect(self, context: Any) -> Optional[dict]:\n"
        "        return await self.load(context)\n"
        "\n"
        "    async def load(self, context):\n"
        "        return context\n"
    )

    result = corrected(reader, code, syntax_error(code))

    assert result.success, result.error_message
    assert "async def execute_effect(" in result.result
    assert result.result.count("async def") == 2
    assert result.result.startswith("from typing import Any, Optional\n")
    compile(result.result, "corrected.py", "exec")


def test_usage_example(reader: Reader) -> None:
    """The missing `async` is found by the pipeline, added, and the code validated again."""
    set_up(reader)
    reader.supply(validator=ValidationPipeline())

    reader.run(15, {"handle_error(...)": CONTEXT})

    result = reader["recovery_result"]
    assert result.success, result.error_message
    assert (
        "    async def execute_effect(self, context: dict) -> dict:\n" in reader["corrected_code"]
    )
    assert "async async" not in reader["corrected_code"]
    assert "result = self.process_data(context)" in reader["corrected_code"]
    # all four patterns have one regex, and each whose correction applies has its say
    assert "from dataclasses import dataclass\n" in reader["corrected_code"]
    assert len(result.metadata["fixes"]) == 2
    assert result.error_fixed
    compile(reader["corrected_code"], "corrected.py", "exec")


COMMON = {
    "missing_async": (
        "def execute_effect(context):\n    return 1\n",
        "async def execute_effect(context):\n    return 1\n",
    ),
    "missing_typing_import": (
        "class NodeUser:\n    name: Optional[str] = None\n",
        (
            "from typing import Any, Dict, List, Optional\nfrom dataclasses import dataclass\n\n"
            "class NodeUser:\n    name: Optional[str] = None\n"
        ),
    ),
    "missing_await": (
        "async def run(node):\n    return (node.execute_it(1))\n",
        "async def run(node):\n    return (await node.execute_it(1))\n",
    ),
    "incorrect_indentation": (
        "class Node:\n  name = 1\n  other = 2\n",
        "class Node:\n    name = 1\n    other = 2\n",
    ),
}


@pytest.mark.parametrize("name", COMMON)
def test_common_corrections(reader: Reader, name: str) -> None:
    """Each of the block's corrections does by itself what its description says."""
    set_up(reader)
    reader.supply(validator=ValidationPipeline())
    reader.run(15, {"handle_error(...)": CONTEXT})
    for pattern in reader["orchestrator"].patterns:
        if pattern.pattern_id.startswith("syntax_") and pattern.pattern_id != f"syntax_{name}":
            reader["orchestrator"].remove_error_pattern(pattern.pattern_id)
    before, after = COMMON[name]

    result = corrected(reader, before, SyntaxError("the node does not follow the rules"))

    assert (result.success, result.result) == (True, after), result.error_message


def test_usage_example_with_a_validator_of_the_readers_own(reader: Reader) -> None:
    """A validator that we know nothing about is asked again, with the corrected code."""
    set_up(reader)
    reader.write("""
        seen = []

        class Validator:
            async def validate_code(self, code):
                seen.append(code)
                if "    def execute_" in code:
                    raise SyntaxError("execute methods must be async")
                return True

        validator = Validator()
    """)

    reader.run(15, {"handle_error(...)": CONTEXT})

    assert "async def execute_effect(self, context: dict) -> dict:" in reader["corrected_code"]
    assert reader["seen"] == [reader["generated_code"], reader["corrected_code"]]
    assert reader["recovery_result"].metadata["output"] is True


NODE = """
from nodes import NodeEffect


class NodeUser(NodeEffect):
    def execute_effect(self, context):
        return {"user": context}
"""


def test_multi_step_corrections(reader: Reader) -> None:
    """All three steps are taken, in their order, and what the second one needs is imported."""
    set_up(reader)

    reader.run(16)
    result = corrected(reader, NODE, ValueError("ONEX v2 compliance check failed"))

    assert result.success, result.error_message
    assert result.pattern_matched == "onex_compliance_fix"
    assert "    async def execute_effect(self, context) -> dict[str, Any]:\n" in result.result
    assert '        """Execute operation."""\n' in result.result
    assert "from typing import Any\n" in result.result
    tree = ast.parse(result.result)
    method = next(node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef))
    assert ast.get_docstring(method) == "Execute operation."


def test_a_correction_that_ran_is_not_run_again(reader: Reader) -> None:
    """Code that is as the three steps want it is left alone."""
    set_up(reader)
    reader.run(16)
    error = ValueError("ONEX v2 compliance check failed")
    once = corrected(reader, NODE, error).result

    again = corrected(reader, once, error)

    assert not again.success
    assert again.result is None


BROKEN = {
    "Missing async keywords": "def execute_effect(context):\n    return await load(context)\n",
    "Missing imports": "def now() -> str:\n    return json.dumps({})\n",
    "Syntax errors from template variables": "name = '{{ node_name }}'\nclass {{ node_name }}:\n    pass\n",
    "Indentation issues": "class Node:\n  def a(self):\n      return 1\n    def b(self):\n      return 2\n",
    "Known formatting errors": "Here is the module:\n```python\nvalue = 1\n```\n",
}


@pytest.mark.parametrize("sentence", BROKEN)
def test_best_for(reader: Reader, sentence: str) -> None:
    """Code with such a mistake comes back compiling, whatever the orchestrator has been told."""
    code = BROKEN[sentence]
    reader.supply(orchestrator=ErrorRecoveryOrchestrator())
    error: Exception = NameError("name 'json' is not defined")
    if sentence != "Missing imports":
        error = syntax_error(code)

    result = corrected(reader, code, error)

    assert result.strategy_used is STRATEGY
    assert result.success, result.error_message
    compile(result.result, "corrected.py", "exec")
    assert "{{" not in result.result
    assert ("import json" in result.result) == (sentence == "Missing imports")


def test_only_matching_patterns_correct(reader: Reader) -> None:
    """A correction runs where its pattern matches the message, and nowhere else."""
    set_up(reader)
    reader.write("""
        orchestrator.add_error_pattern(ErrorPattern(
            "rename", ErrorType.VALIDATION, "wrong name", RecoveryStrategy.ERROR_CORRECTION,
            metadata={"pattern": "old_value", "replacement": "new_value"},
        ))
    """)
    code = "old_value = 1\nprint(old_value)\n"

    matched = corrected(reader, code, ValueError("wrong name in line 1"))
    other = corrected(reader, code, ValueError("wrong type in line 1"))

    assert matched.result == "new_value = 1\nprint(new_value)\n"
    assert not other.success


def test_corrected_code_is_validated_again(reader: Reader) -> None:
    """A correction counts only if the call takes the corrected code; the correction alone is none."""
    seen = []

    async def validate(code: str) -> str:
        seen.append(code)
        if "v3" not in code:
            raise ValueError("version must be v3")
        return "valid"

    set_up(reader)
    reader.write("""
        orchestrator.add_error_pattern(ErrorPattern(
            "version", ErrorType.VALIDATION, "version must be", RecoveryStrategy.ERROR_CORRECTION,
            metadata={"pattern": "v1", "replacement": "v2"},
        ))
    """)

    result = handle(
        reader,
        ValueError("version must be v3"),
        operation=validate,
        state={"code": "version = 'v1'\n"},
    )

    assert seen == ["version = 'v2'\n"]
    assert not result.success
    assert not result.error_fixed


def test_a_named_validation_decides(reader: Reader) -> None:
    """A correction that does not lead to what its `validation` asks for is taken back."""
    set_up(reader)
    reader.write("""
        orchestrator.add_error_pattern(ErrorPattern(
            "rename", ErrorType.SYNTAX, "must be async", RecoveryStrategy.ERROR_CORRECTION,
            metadata={
                "pattern": "old", "replacement": "new", "validation": "check_for_async_methods"
            },
        ))
    """)

    result = corrected(
        reader, "def execute_old():\n    return 1\n", ValueError("execute methods must be async")
    )

    assert not result.success


def test_unknown_errors_are_left_alone(reader: Reader) -> None:
    """Code that is beyond correction comes back as a failure, with the reason, for a human to mend."""
    set_up(reader)
    code = "class (:\n    def\n  ]]] return {\n"

    result = corrected(reader, code, syntax_error(code))

    assert not result.success
    assert result.result is None
    assert result.error_message


def test_fragile_corrections_are_taken_back(reader: Reader) -> None:
    """The guide's own `missing_await` would damage a correct line; the guard keeps the line."""
    reader.run(14)
    orchestrator = ErrorRecoveryOrchestrator()
    orchestrator.register_strategy(STRATEGY, reader["strategy"])
    reader.supply(orchestrator=orchestrator)
    line = "        r = await self.execute_x(1)\n"
    code = f"class Worker:\n    async def run(self):\n{line}        return r\n\n    def execute_x(self, n):\n        return n\n"

    result = corrected(reader, code, ValueError("execute methods must be async"))

    assert result.success, result.error_message
    assert line in result.result
    assert "    async def execute_x(self, n):" in result.result


def test_settings_for_every_value(reader: Reader) -> None:
    """Without validation after the correction the engine's own checks have to do."""
    seen = []

    async def validate(code: str) -> None:
        seen.append(code)

    code = "def execute_effect(context):\n    return await load(context)\n"
    for again, times in ((True, 1), (False, 0)):
        seen.clear()
        orchestrator = ErrorRecoveryOrchestrator()
        strategy = ErrorCorrectionStrategy(validate_after_correction=again)
        orchestrator.register_strategy(STRATEGY, strategy)
        reader.supply(orchestrator=orchestrator)
        result = handle(reader, syntax_error(code), operation=validate, state={"code": code})
        assert result.success, result.error_message
        assert len(seen) == times
