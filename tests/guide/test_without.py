"""Each strategy is needed: without any one of them blocks of the guide fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import RecoveryStrategy
from omninode_bridge.errors import ConfigurationError, PatternError

from . import test_alternative_path as other
from . import test_configuration as configuration
from . import test_correction as correction
from . import test_degradation as degradation
from . import test_escalation as escalation
from . import test_integration as integration
from . import test_quick_start as quick_start
from . import test_retry as retry
from ._reader import Reader
from ._table import BLOCK_TESTS

Test = Callable[..., Any]

# The tests of blocks that recover by this strategy, on an orchestrator that a block made.
NEEDED: dict[RecoveryStrategy, tuple[Test, ...]] = {
    RecoveryStrategy.RETRY: (
        quick_start.test_basic_setup,
        quick_start.test_handling_errors,
        quick_start.test_quick_recovery_patterns,
        retry.test_usage_example,
        retry.test_usage_example_by_its_own_pattern,
        integration.test_staged_executor,
        configuration.test_orchestrator,
    ),
    RecoveryStrategy.ALTERNATIVE_PATH: (
        quick_start.test_quick_recovery_patterns,
        other.test_usage_example,
        other.test_usage_example_with_a_renderer_of_the_readers_own,
        other.test_alternative_models,
        integration.test_template_manager,
    ),
    RecoveryStrategy.GRACEFUL_DEGRADATION: (
        quick_start.test_quick_recovery_patterns,
        degradation.test_usage_example,
        degradation.test_usage_example_after_the_setup,
    ),
    RecoveryStrategy.ERROR_CORRECTION: (
        correction.test_usage_example,
        correction.test_usage_example_with_a_validator_of_the_readers_own,
        correction.test_multi_step_corrections,
        integration.test_validation_pipeline,
    ),
    RecoveryStrategy.ESCALATION: (escalation.test_pause,),
    RecoveryStrategy.CUSTOM: (
        configuration.test_custom_strategy,
        configuration.test_custom_strategy_recovers,
    ),
    RecoveryStrategy.CIRCUIT_BREAKER: (configuration.test_circuit_breaker,),
}
CASES = [(kind, test) for kind, tests in NEEDED.items() for test in tests]
NAMES = [f"{kind}-{test.__module__.rpartition('.')[2]}-{test.__name__}" for kind, test in CASES]


def run(test: Test, folder: Path, without: RecoveryStrategy | None) -> None:
    with Reader(folder, without=without) as somebody:
        test(somebody)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "test"), CASES, ids=NAMES)
def test_each_strategy_is_needed(kind: RecoveryStrategy, test: Test, tmp_path: Path) -> None:
    """With a strategy of this kind that always fails the block's test fails, and without it does not."""
    run(test, tmp_path, None)

    # the block fails or its outcome is wrong; that it could not even be read would prove nothing
    with pytest.raises(Exception) as caught:
        run(test, tmp_path, kind)
    assert not isinstance(caught.value, (ConfigurationError, PatternError, NameError))


def test_all_are_there() -> None:
    """The guide's five strategies, its breaker and its custom one, each with a block."""
    assert set(NEEDED) == set(RecoveryStrategy)
    stands_for = {f"{test.__module__.rpartition('.')[2]}.py::{test.__name__}" for _, test in CASES}
    blocks = {number for number, test in BLOCK_TESTS.items() if test in stands_for}
    assert {1, 2, 3, 5, 7, 8, 10, 15, 16, 26, 29, 30, 31, 32, 33, 34} <= blocks
