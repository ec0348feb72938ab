"""Which notices are due: retries, and folding of what says the same thing again."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from omninode_bridge.agents.workflows.recovery_models import EscalationReport, Receipt
from omninode_bridge.errors import ConfigurationError

from ._progress import NoticeProgress
from ._serving import Serves, anybody

__all__ = ["NoticeState", "Outbox", "OutboxSettings", "held_for", "retry_after"]

_MAX_RETRY_DELAY = 3600.0


class NoticeState(StrEnum):
    """What became of a notice so far."""

    DUE = "due"
    LATER = "later"
    CLAIMED = "claimed"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    """How notices are folded and retried; seconds, and how often one is handed out at most."""

    fold_window: float
    retry_delay: float
    max_deliveries: int

    def __post_init__(self) -> None:
        for name in ("fold_window", "retry_delay"):
            value = getattr(self, name)
            if not isinstance(value, (int, float)) or isinstance(value, bool) or not value >= 0:
                raise ConfigurationError(f"{name} is {value!r}; it must be seconds, 0 or more")
        most = self.max_deliveries
        if not isinstance(most, int) or isinstance(most, bool) or most < 1:
            raise ConfigurationError(f"max_deliveries is {most!r}; it must be a positive integer")


def retry_after(settings: OutboxSettings, tries: int) -> float:
    """Return the seconds until a notice is due again that was handed out so often."""
    return min(settings.retry_delay * 2.0 ** min(tries - 1, 60), _MAX_RETRY_DELAY)


def held_for(settings: OutboxSettings, timeout: float | None) -> float:
    """Return the seconds that a notice may be held back: nobody can answer what is told too late."""
    window = settings.fold_window
    return window if timeout is None else min(window, timeout / 2)


@dataclass(slots=True)
class _Entry:
    report: EscalationReport
    due: float
    tries: int = 0
    claimed: bool = False
    # Id of the notice that stands for this one while it is claimed.
    leader: str = ""
    # Ids of the notices that this one stands for while it is claimed.
    folded: tuple[str, ...] = ()
    progress: NoticeProgress = field(default_factory=NoticeProgress)


_DROPPED = (NoticeState.DROPPED, NoticeProgress())


class Outbox:
    """The notices of one store; not locked, its store does that.

    The first notice of a fingerprint within a workflow is due at once. Further ones within
    `fold_window` seconds become due together when the window ends, as one report that carries their
    number.
    """

    def __init__(self, settings: OutboxSettings) -> None:
        self._settings = settings
        self._entries: dict[str, _Entry] = {}
        self._final: dict[str, tuple[NoticeState, NoticeProgress]] = {}
        self._announced: dict[Hashable, float] = {}

    def put(self, report: EscalationReport, told: tuple[str, ...] = ()) -> None:
        """Add the notice of an escalation that has none; have it told to new channels anew.

        Args:
            report: of the escalation.
            told: names of the channels of whoever opens it, or joins it; empty for everybody's.
        """
        one_id = report.escalation_id
        entry, final = self._entries.get(one_id), self._final.get(one_id)
        progress = entry.progress if entry is not None else final[1] if final else NoticeProgress()
        is_news, progress = progress.is_news_to(told), replace(progress, told=told or progress.told)
        if entry is None and (final is None or is_news):
            self._final.pop(one_id, None)
            self._entries[one_id] = _Entry(report, due=float("-inf"), progress=progress)
        elif entry is not None:
            entry.progress = progress.joined_by(told) if is_news and entry.claimed else progress
            if is_news and not entry.claimed:
                entry.due, entry.tries = float("-inf"), 0

    def cancel(self, escalation_id: str) -> None:
        """Take back a notice that nobody needs any more, unless it is being delivered."""
        entry = self._entries.get(escalation_id)
        if entry is not None and not entry.claimed:
            del self._entries[escalation_id]
            if entry.progress.is_delivered:
                self._final[escalation_id] = (NoticeState.DELIVERED, entry.progress)

    def forget(self, escalation_id: str) -> None:
        """Remove every trace of a notice; those it stood for are due again."""
        entry = self._entries.pop(escalation_id, None)
        self._final.pop(escalation_id, None)
        for one_id in entry.folded if entry is not None else ():
            if self._leads(escalation_id, one_id):
                one = self._entries[one_id]
                one.claimed, one.leader = False, ""

    def claim(
        self, now: float, limit: int, serves: Serves = anybody
    ) -> tuple[EscalationReport, ...]:
        """Take up to `limit` due notices, of those that `serves` says yes to."""
        self._forget_windows(now)
        taken: list[EscalationReport] = []
        for escalation_id in list(self._entries):
            if len(taken) >= limit:
                break
            entry = self._entries[escalation_id]
            if entry.claimed or self._due(entry) > now or not _is_served(entry, serves):
                continue
            report = self.claim_one(now, escalation_id)
            if report is not None:
                taken.append(report)
        return tuple(taken)

    def next_due(self, serves: Serves) -> float | None:
        """Return when the next notice is due that `serves` says yes to; None without any."""
        waiting = [
            self._due(entry)
            for entry in self._entries.values()
            if not entry.claimed and _is_served(entry, serves)
        ]
        return min(waiting, default=None)

    def claim_one(
        self, now: float, escalation_id: str, *, at_once: bool = False
    ) -> EscalationReport | None:
        """Take one notice, with those of its kind that were held back, or None.

        Args:
            now: the time.
            escalation_id: of the notice.
            at_once: also where it is held back on account of its like.
        """
        entry = self._entries.get(escalation_id)
        if entry is None or entry.claimed:
            return None
        if (entry.due if at_once else self._due(entry)) > now:
            return None
        entry.claimed = True
        repeat = entry.progress.is_uncertain
        key = _kind(entry)
        if key is None or self._settings.fold_window <= 0:
            return replace(entry.report, repeat=repeat)
        if not entry.progress.is_begun:
            self._announced[key] = now
        same = [
            other_id
            for other_id, other in self._entries.items()
            if not other.claimed
            and other.due <= now
            and _kind(other) == key
            and other.progress == entry.progress
        ]
        for other_id in same:
            self._entries[other_id].claimed = True
            self._entries[other_id].leader = escalation_id
        entry.folded = tuple(same)
        return replace(entry.report, folded=entry.report.folded + len(same), repeat=repeat)

    def progress(self, escalation_id: str) -> NoticeProgress:
        """Return what is known of a notice."""
        entry = self._entries.get(escalation_id)
        if entry is not None:
            return entry.progress
        return self._final.get(escalation_id, _DROPPED)[1]

    def settle(
        self,
        now: float,
        escalation_id: str,
        *,
        delivered: bool,
        receipts: Sequence[Receipt] = (),
    ) -> tuple[str, ...]:
        """End a claim, for the notice and those that it stood for; return the ids of all."""
        entry = self._entries.get(escalation_id)
        if entry is None or not entry.claimed or entry.leader:
            return ()
        # an id that was forgotten and opened anew is not the notice that was folded
        followers = [one for one in entry.folded if self._leads(escalation_id, one)]
        settled = (escalation_id, *followers)
        for one_id in settled:
            one = self._entries[one_id]
            one.tries += 1
            one.claimed, one.leader, one.folded = False, "", ()
            one.progress = one.progress.after(receipts)
            if (
                one.progress.is_over(receipts, delivered=delivered)
                or one.tries >= self._settings.max_deliveries
            ):
                del self._entries[one_id]
                reached = delivered or one.progress.is_delivered
                state = NoticeState.DELIVERED if reached else NoticeState.GIVEN_UP
                self._final[one_id] = (state, one.progress)
            else:
                one.due = now + retry_after(self._settings, one.tries)
        if not delivered:
            # Nobody was told, so nothing is held back on its account.
            self._announced.pop(_kind(entry), None)
        return settled

    def state(self, now: float, escalation_id: str) -> NoticeState:
        """Return what became of a notice so far."""
        entry = self._entries.get(escalation_id)
        if entry is None:
            return self._final.get(escalation_id, _DROPPED)[0]
        if entry.claimed:
            return NoticeState.CLAIMED
        return NoticeState.DUE if self._due(entry) <= now else NoticeState.LATER

    def _leads(self, escalation_id: str, other_id: str) -> bool:
        other = self._entries.get(other_id)
        return other is not None and other.leader == escalation_id

    def _due(self, entry: _Entry) -> float:
        if entry.progress.is_begun:
            return entry.due  # what was told in part is not told anew, so there is nothing to fold
        announced = self._announced.get(_kind(entry))
        if announced is None:
            return entry.due
        return max(entry.due, announced + held_for(self._settings, entry.report.timeout))

    def _forget_windows(self, now: float) -> None:
        gone = [
            key for key, at in self._announced.items() if at + self._settings.fold_window <= now
        ]
        for key in gone:
            del self._announced[key]


def _kind(entry: _Entry) -> Hashable:
    """What two notices must share to be told as one; None where they never are."""
    report = entry.report
    if not report.fingerprint:
        return None
    # whoever waits in another workflow is told by a notice of their own
    shared = (report.workflow_id, report.fingerprint, report.assignee, report.priority)
    return (*shared, report.channels or entry.progress.told)


def _is_served(entry: _Entry, serves: Serves) -> bool:
    return serves(entry.report.escalation_id, entry.report.channels, entry.progress)
