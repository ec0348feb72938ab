"""Quick Start: the setup, an error that is handled after the fact, and the decorator."""

from __future__ import annotations

import pytest

from omninode_bridge.agents.workflows import RecoveryStrategy

from ._reader import Reader
from ._steps import handle, set_up, waits


def test_basic_setup(reader: Reader) -> None:
    """The orchestrator has the reader's pattern beside the defaults, counts, and tells its signals."""
    set_up(reader)
    reader.write("""
        class ReadTimeout(Exception):
            pass

        calls = []

        async def ask():
            calls.append("ask")
            if len(calls) < 5:
                raise ReadTimeout("no answer")
            return "answer"
    """)

    patterns = [pattern.pattern_id for pattern in reader["orchestrator"].patterns]
    result = handle(reader, reader["ReadTimeout"]("no answer"), operation=reader["ask"])

    assert "api_timeout" in patterns
    assert len(patterns) > 1
    assert (result.success, result.result) == (True, "answer")
    assert result.pattern_matched == "api_timeout"
    assert result.retry_count == 5
    assert all(wait <= most for wait, most in zip(waits(result), (2, 4, 8, 16, 32), strict=True))
    counted = reader["metrics"].snapshot()
    assert counted.counter("recoveries", strategy="retry", outcome="success") == 1
    told = [signal.name for signal in reader["signals"].history("session-1")]
    assert told[-1] == "recovery_succeeded"


GENERATE = """
    contract = {"name": "user_node"}
    seen = []

    async def generate_code(contract):
        seen.append(contract)
        if len(seen) <= 2:
            raise TimeoutError("the model did not answer in time")
        return f"class {contract['name']}: ..."
"""


def test_handling_errors(reader: Reader) -> None:
    """Timeouts that pass are retried with the same contract, and the reader gets the code."""
    set_up(reader)
    reader.write(GENERATE)

    reader.run(2)

    assert reader["result"] == "class user_node: ..."
    assert reader["seen"] == [{"name": "user_node"}] * 3
    assert reader["recovery_result"].strategy_used is RecoveryStrategy.RETRY
    assert reader.printed() == ["✅ Recovered using retry"]


def test_handling_errors_that_stay(reader: Reader) -> None:
    """Where nothing helps the reader is told why, and the `raise` of the block raises the original."""
    set_up(reader)
    reader.write("""
        contract = {}

        async def generate_code(contract):
            raise KeyError("name")
    """)

    with pytest.raises(KeyError, match="name"):
        reader.run(2)

    assert reader.printed() == [
        f"❌ Recovery failed: {reader['recovery_result'].error_message}",
    ]
    assert not reader["recovery_result"].success


def test_quick_recovery_patterns(reader: Reader) -> None:
    """Each decorated function recovers in the way that its decorator names."""
    set_up(reader)
    reader.write("""
        class ValidationError(ValueError):
            pass

        class GenerationError(Exception):
            pass

        asked, rendered, generated = [], [], []

        class http_client:
            @staticmethod
            async def get(url):
                asked.append(url)
                if len(asked) < 3:
                    raise ConnectionError("connection reset by peer")
                return {"from": url}

        class template_manager:
            @staticmethod
            async def render_template(template_id, context):
                rendered.append(template_id)
                if template_id == "node_effect_v2":
                    raise ValidationError("validation failed: the field 'name' is required")
                return f"{template_id} of {context['node_name']}"

        class complex_generator:
            @staticmethod
            async def generate(contract):
                generated.append(contract)
                if contract["cache"]:
                    raise MemoryError("cannot allocate memory")
                return f"class {contract['name']}: ..."
    """)
    reader.write("""
        from omninode_bridge.agents.workflows import (
            AlternativePathStrategy, DegradationStep, GracefulDegradationStrategy
        )

        error_recovery = orchestrator
        error_recovery.register_strategy(
            RecoveryStrategy.ALTERNATIVE_PATH,
            AlternativePathStrategy(alternatives=["node_effect_v2", "node_effect_v1"]),
        )
        error_recovery.register_strategy(
            RecoveryStrategy.GRACEFUL_DEGRADATION,
            GracefulDegradationStrategy([
                DegradationStep("drop_caching", lambda a: {"contract": {**a["contract"], "cache": False}})
            ]),
        )
    """)

    reader.run(3)
    fetched = reader.wait_for(reader["fetch_from_api"]("https://api/contracts"))
    page = reader.wait_for(
        reader["generate_with_template"]("node_effect_v2", {"node_name": "MyEffect"})
    )
    model = reader.wait_for(reader["generate_complex_model"]({"name": "User", "cache": True}))

    assert fetched == {"from": "https://api/contracts"}
    assert reader["asked"] == ["https://api/contracts"] * 3
    assert page == "node_effect_v1 of MyEffect"
    assert reader["rendered"] == ["node_effect_v2", "node_effect_v1"]
    assert model == "class User: ..."
    assert [contract["cache"] for contract in reader["generated"]] == [True, False]
