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

    Args:
        callback: is told; None tells nobody.
        workflow_id: of the run.
        total: steps of the run.
        held: events wait for `release()`, so that nobody hears of what is not written down.

    Attributes:
        finished: steps that have ended.
        running: steps that are running.
        failures: how often the callback raised.
    """

    def __init__(
        self,
        callback: Callable[[ProgressEvent], object] | None,
        workflow_id: str,
        total: int,
        *,
        held: bool = False,
    ) -> None:
        self.finished = 0
        self.running = 0
        self.failures = 0
        self._callback = callback
        self._workflow_id = workflow_id
        self._total = total
        self._held: list[ProgressEvent] | None = [] if held else None

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
        if self._held is not None:
            self._held.append(event)
        else:
            self._call(event)

    def release(self) -> None:
        """Tell what was held back; what comes after waits for the next time."""
        held = self._held or []
        self._held = [] if self._held is not None else None
        for event in held:
            self._call(event)

    def _call(self, event: ProgressEvent) -> None:
        if self._callback is None:
            return
        try:
            self._callback(event)
        except Exception as error:  # noqa: BLE001 -- who looks on must not stop the work
            self.failures += 1
            if self.failures == 1:
                logger.warning(
                    "workflow.progress_failed",
                    extra={
                        "workflow_id": self._workflow_id,
                        "event": event.name,
                        **failure_fields(error),
                    },
                )
