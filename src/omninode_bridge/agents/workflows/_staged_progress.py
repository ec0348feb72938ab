"""Tell the caller how far a workflow is, without letting that disturb it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from ._redaction_errors import failure_fields
from ._workflow_models import ProgressEvent

__all__ = ["Progress"]

logger = logging.getLogger(__name__)


class Progress:
    """Counts the steps of one run and tells the callback of each change.

    Attributes:
        finished: steps that have ended.
        running: steps that are running.
        failures: how often the callback raised.
    """

    def __init__(
        self, callback: Callable[[ProgressEvent], object] | None, workflow_id: str, total: int
    ) -> None:
        self.finished = 0
        self.running = 0
        self.failures = 0
        self._callback = callback
        self._workflow_id = workflow_id
        self._total = total

    def tell(
        self,
        name: str,
        stage_id: str,
        step_id: str | None = None,
        *,
        status: str = "",
        duration_ms: float = 0.0,
    ) -> None:
        """Call the callback; what it raises is logged once for each run, and counted."""
        if self._callback is None:
            return
        event = ProgressEvent(
            name=name,
            workflow_id=self._workflow_id,
            stage_id=stage_id,
            step_id=step_id,
            status=status,
            finished=self.finished,
            running=self.running,
            total=self._total,
            duration_ms=duration_ms,
        )
        try:
            self._callback(event)
        except Exception as error:  # noqa: BLE001 -- who looks on must not stop the work
            self.failures += 1
            if self.failures == 1:
                logger.warning(
                    "workflow.progress_failed",
                    extra={
                        "workflow_id": self._workflow_id,
                        "event": name,
                        **failure_fields(error),
                    },
                )
