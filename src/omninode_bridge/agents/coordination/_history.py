"""What was said before: the last signals of the workflows that spoke last."""

from __future__ import annotations

from collections import OrderedDict, deque

from .types import Signal

__all__ = ["History"]


class History:
    """Signals by workflow, within bounds; not locked, the coordinator does that."""

    def __init__(self, per_workflow: int, workflows: int) -> None:
        self._per_workflow = per_workflow
        self._workflows = workflows
        self._kept: OrderedDict[str, deque[Signal]] = OrderedDict()

    def add(self, signal: Signal) -> None:
        """Keep the signal; where there is no room, what was said first goes first."""
        kept = self._kept.get(signal.workflow_id)
        if kept is None:
            while len(self._kept) >= self._workflows:
                self._kept.popitem(last=False)
            kept = self._kept[signal.workflow_id] = deque(maxlen=self._per_workflow)
        else:
            self._kept.move_to_end(signal.workflow_id)
        kept.append(signal)

    def read(self, workflow_id: str | None) -> list[Signal]:
        """Return the signals of one workflow, or of all, in the order in which they were emitted."""
        if workflow_id is not None:
            return list(self._kept.get(workflow_id, ()))
        kept = [signal for signals in self._kept.values() for signal in signals]
        return sorted(kept, key=lambda signal: signal.number)

    def workflows(self) -> tuple[str, ...]:
        """Return the workflows that are remembered; the one that spoke last is last."""
        return tuple(self._kept)

    def forget(self, workflow_id: str | None) -> None:
        """Forget one workflow, or all."""
        if workflow_id is None:
            self._kept.clear()
        else:
            self._kept.pop(workflow_id, None)
