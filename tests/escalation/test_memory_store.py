"""The in-memory store: what only it does; the rest is in tests/conformance."""

from __future__ import annotations

import pytest

from omninode_bridge.agents.workflows._ports import EscalationStore
from omninode_bridge.agents.workflows.escalation import InMemoryEscalationStore
from omninode_bridge.agents.workflows.recovery_models import (
    EscalationStatus,
)
from omninode_bridge.errors import (
    ConfigurationError,
)
from omninode_bridge.testing import FakeClock

from .._reports import report


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock) -> InMemoryEscalationStore:
    return InMemoryEscalationStore(clock=clock)


def test_it_is_a_store() -> None:
    """The class keeps the protocol that the core asks for."""
    assert isinstance(InMemoryEscalationStore(), EscalationStore)


async def test_waiting_ends_with_the_time(store: InMemoryEscalationStore, clock: FakeClock) -> None:
    """After the timeout the row is returned as it is, still open, and the waiter is forgotten."""
    await store.open(report())

    row = await store.wait("esc_1", timeout=3600)

    assert row.status is EscalationStatus.OPEN
    assert clock.sleeps == [3600]
    assert len(store._waiters) == 0


async def test_wrong_settings_are_refused(store: InMemoryEscalationStore) -> None:
    """What cannot be is refused where it is said."""
    with pytest.raises(ConfigurationError, match="status is 'closed'; it must be one of 'open'"):
        await store.list("closed")
    with pytest.raises(ConfigurationError, match="max_rows is 0"):
        InMemoryEscalationStore(max_rows=0)
    with pytest.raises(ConfigurationError, match="fold_window is -1"):
        InMemoryEscalationStore(fold_window=-1)
    with pytest.raises(ConfigurationError, match="max_deliveries is 0"):
        InMemoryEscalationStore(max_deliveries=0)
