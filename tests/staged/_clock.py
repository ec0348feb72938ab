"""The clock of these tests."""

from __future__ import annotations

from omninode_bridge.testing import AutojumpClock as JumpingClock

__all__ = ["JumpingClock"]
