"""What the tests of the classification share."""

from __future__ import annotations

import pytest

from omninode_bridge.agents.workflows.classification import matcher
from omninode_bridge.agents.workflows.classification.providers import _chosen


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an analysis take as long as a busy machine makes it take: it is not what is tested."""
    monkeypatch.setattr(matcher, "ANALYSIS_SECONDS", 60.0)
    monkeypatch.setattr(_chosen, "READING_SECONDS", 60.0)
