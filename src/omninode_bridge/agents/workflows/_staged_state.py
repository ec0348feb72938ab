"""Where the stages and the running steps of one run stand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from ._staged_plan import PlannedStep
from ._workflow_models import StageStatus

__all__ = ["Running", "StageState"]


@dataclass(slots=True)
class StageState:
    """Where a stage stands.

    `waits` counts the stages before it that have not ended, `left` its steps that have not.
    """

    waits: int
    left: int
    started: float | None = None
    timer: asyncio.Task[None] | None = None
    status: StageStatus | None = None
    duration_ms: float = 0.0
    inputs: dict[str, Any] | None = None


@dataclass(slots=True)
class Running:
    """A step that runs; `cut` when its stage's time limit has cancelled it."""

    planned: PlannedStep
    started: float
    cut: bool = False
