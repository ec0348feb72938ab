"""Which notices the channels of this process can bring to anybody."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from omninode_bridge.agents.workflows._clock import Clock
from omninode_bridge.agents.workflows._ports import Notifier

from ._progress import NoticeProgress
from .channels import CONSOLE, find_notifier

__all__ = ["Opened", "Serves", "Serving", "anybody", "nobodys"]

#: Asked for each notice that is due: its id, the names of its channels, and how far it has come.
Serves = Callable[[str, Sequence[str], NoticeProgress], bool]
#: What the environment is to be overlaid with for an escalation that this process opened; None for
#: those of others.
Opened = Callable[[str], Mapping[str, str] | None]


def anybody(escalation_id: str, channels: Sequence[str], progress: NoticeProgress) -> bool:
    """Take every notice."""
    return True


def nobodys(escalation_id: str) -> None:
    """Know of no escalation that this process opened."""


class Serving:
    """Say yes where a channel that is still to be told is one of ours, by its name.

    Where the report names none, those of whoever opened it count.
    What this process opened is always ours: where a channel does not exist, its console stands in.
    What is in `busy` is being told by whoever opens it just now.
    """

    def __init__(
        self,
        notifiers: Mapping[str, Notifier],
        environ: Mapping[str, str],
        clock: Clock,
        opened: Opened,
        busy: Collection[str] = (),
    ) -> None:
        self._notifiers = notifiers
        self._environ = environ
        self._clock = clock
        self._opened = opened
        self._busy = busy
        self._known: dict[str, bool] = {}

    def __call__(
        self, escalation_id: str, channels: Sequence[str], progress: NoticeProgress
    ) -> bool:
        """Whether to take this notice."""
        if escalation_id in self._busy:
            return False
        if self._opened(escalation_id) is not None:
            return True
        left = [name for name in channels or progress.told if not progress.of(name).is_over]
        return not left or any(self._has(name) for name in left)

    def _has(self, name: str) -> bool:
        if name in self._notifiers:
            return True
        if name == CONSOLE:
            return not self._notifiers  # somebody else's console is not where ours is read
        if name not in self._known:
            found = find_notifier(name, {}, self._environ, self._clock)
            self._known[name] = not isinstance(found, str)
        return self._known[name]
