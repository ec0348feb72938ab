"""What a package exports is what its `__all__` says, in order, and nothing else is in sight."""

from __future__ import annotations

import importlib
import pkgutil
import re
from types import ModuleType

import pytest

import omninode_bridge

# The names that the documentation has always promised, by the place they are imported from.
PROMISED = {
    "omninode_bridge.agents.coordination": {"SignalCoordinator"},
    "omninode_bridge.agents.metrics": {"MetricsCollector"},
    "omninode_bridge.agents.workflows": {
        "AlternativePathStrategy",
        "ErrorCorrectionStrategy",
        "ErrorPattern",
        "ErrorRecoveryOrchestrator",
        "ErrorType",
        "EscalationStrategy",
        "GracefulDegradationStrategy",
        "RecoveryContext",
        "RecoveryResult",
        "RecoveryStrategy",
        "RetryStrategy",
        "StagedParallelExecutor",
    },
    "omninode_bridge.agents.workflows.monitoring": {"AlertManager", "HealthChecker"},
    "omninode_bridge.agents.workflows.recovery_patterns": {
        "COMMON_NETWORK_PATTERNS",
        "COMMON_SYNTAX_PATTERNS",
        "COMMON_TIMEOUT_PATTERNS",
        "COMMON_VALIDATION_PATTERNS",
    },
    "omninode_bridge.agents.workflows.recovery_strategies": {"BaseRecoveryStrategy"},
}


def public_packages() -> list[str]:
    """Return every package that is not private, and the errors."""
    inside = pkgutil.walk_packages(omninode_bridge.__path__, f"{omninode_bridge.__name__}.")
    packages = [module.name for module in inside if module.ispkg and "._" not in module.name]
    return [omninode_bridge.__name__, "omninode_bridge.errors", *packages]


def in_order(name: str) -> tuple[object, ...]:
    """Sort as ruff does: CONSTANTS, Classes, functions; digits by value."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return (kind, *((int(part) if part.isdigit() else part) for part in re.split(r"(\d+)", name)))


def is_ours(value: object, name: str) -> bool:
    """Was this made by the package, as far as it can be told?"""
    if isinstance(value, ModuleType) or name in {"TYPE_CHECKING", "annotations"}:
        return False
    home = getattr(value, "__module__", None)
    return not isinstance(home, str) or home.startswith(omninode_bridge.__name__)


@pytest.mark.parametrize("package", public_packages())
def test_all_is_sorted_and_every_name_is_there(package: str) -> None:
    """Each exported name exists (a lazy one is loaded), once, and the list is in order."""
    module = importlib.import_module(package)

    names = list(getattr(module, "__all__", ()))

    assert names == sorted(set(names), key=in_order)
    assert [name for name in names if not hasattr(module, name)] == []
    assert not hasattr(module, "a_name_that_nobody_exports")


@pytest.mark.parametrize("package", public_packages())
def test_nothing_else_is_in_sight(package: str) -> None:
    """A name of ours without an underscore is exported; helpers have one."""
    module = importlib.import_module(package)
    visible = {
        name for name, value in vars(module).items() if name[0] != "_" and is_ours(value, name)
    }

    assert visible - set(getattr(module, "__all__", ())) == set()


@pytest.mark.parametrize("package", sorted(PROMISED))
def test_promised_names_are_exported(package: str) -> None:
    """The names that users import are where they have always been."""
    module = importlib.import_module(package)

    assert PROMISED[package] - set(getattr(module, "__all__", ())) == set()
