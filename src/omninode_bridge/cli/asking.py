"""Ask the person at the terminal about escalations, one after the other."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock
from omninode_bridge.agents.workflows._ports import EscalationStore, Notifier
from omninode_bridge.agents.workflows.escalation.channels import UNSET, find_notifier
from omninode_bridge.agents.workflows.escalation.stores import InMemoryEscalationStore
from omninode_bridge.agents.workflows.recovery_models import (
    TIMEOUT,
    AlreadyResolved,
    EscalationReport,
    EscalationRow,
    EscalationStatus,
    Receipt,
)
from omninode_bridge.cli.login import login
from omninode_bridge.cli.progress import Bar
from omninode_bridge.cli.text import plain
from omninode_bridge.cli.typed import TypedLines
from omninode_bridge.errors import JournalError, UnknownEscalationError

if TYPE_CHECKING:
    from omninode_bridge.agents.workflows.engines.journal import JournalEngine

__all__ = ["Asking", "asking_orchestrator", "configured_channels", "telling_orchestrator"]

ANSWERS = {
    "r": "retry",
    "retry": "retry",
    "s": "skip",
    "skip": "skip",
    "a": "abort",
    "abort": "abort",
}
QUESTION = "retry (after correcting the file), skip this contract, or abort (ask no more)? "
#: Seconds before a question is asked again whose answer could not be written down.
_PAUSE = 1.0
CHANNELS = ("apprise", "email", "pagerduty", "slack")
VARIABLES = tuple(
    f"OMNINODE_BRIDGE_{name}" for name in ("APPRISE", "EMAIL", "SMTP", "PAGERDUTY", "SLACK")
)


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, and since when by the monotonic clock."""

    report: EscalationReport
    since: float


class Asking:
    """A channel that is a person at a terminal.

    Each notice becomes a question on stderr; the answer comes from stdin and goes to the store. The
    end of the input is no answer: the person has left, and nobody is waited for any more.

    Args:
        out: where it asks.
        bar: what it takes off the screen meanwhile.
        name: of the channel; one of its own for each process, since a question that was put at
            another terminal, or earlier at this one, is news here.
        wait: seconds that each question waits for its answer; None where others decide that.
        clock: tells how many of them are over.

    Attributes:
        name: of the channel.
        is_left: the input has ended.
    """

    def __init__(
        self,
        out: Console,
        bar: Bar,
        *,
        name: str = "",
        wait: float | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.name = name or _terminal()
        self._out = out
        self._bar = bar
        self._wait = wait
        self._clock = clock
        self._by = login()
        self._open: asyncio.Queue[_Question] = asyncio.Queue()
        self._lines = TypedLines()
        self._aborted = False
        self.is_left = False

    async def send(self, report: EscalationReport) -> Receipt:
        """Put the question in line."""
        self._open.put_nowait(_Question(report, self._clock.monotonic()))
        return Receipt(delivered=True, channel=self.name)

    async def answer_all(self, store: EscalationStore) -> None:
        """Ask until cancelled."""
        while True:
            question = await self._open.get()
            while not await self._is_over(question, store):
                await self._clock.sleep(_PAUSE)

    async def _is_over(self, question: _Question, store: EscalationStore) -> bool:
        """Ask, and apply the answer; False where the journal could not be read or written."""
        report = question.report
        try:
            decision = "abort" if self._aborted else None
            if not (self._aborted or self.is_left):
                decision = await self._ask(question, store)
            if self.is_left:
                await _leave(store, report)
            if decision is not None:
                with suppress(UnknownEscalationError):
                    ended = await store.resolve(report.escalation_id, decision, by=self._by)
                    if isinstance(ended, AlreadyResolved) and not self._aborted:
                        self._show(f"too late: {ended.said}")
                self._aborted = decision == "abort"
        except JournalError as error:
            self._show(f"not answered: {error}")
            return False
        return True

    async def _ask(self, question: _Question, store: EscalationStore) -> str | None:
        """Return the answer, or None where the time for it is over, or the person has left."""
        with self._bar.aside():
            report = question.report
            message = report.error_message.partition(": ")[2] or report.error_message
            self._show(f"{report.description or 'escalation'} ({report.priority})", "magenta")
            self._show(f"  {message}")
            self._show(f"  {self._glance(question, store)}", "dim")
            await self._lines.forget()  # typed before the question was there
            while True:
                self._out.print(Text(QUESTION), end="", soft_wrap=True)
                line = await self._line_or_end(report, store)
                if line is None:
                    return None
                decision = ANSWERS.get(line.strip().lower())
                if decision is not None:
                    return decision
                self._show(f"{line.strip()!r} is no answer; type retry, skip or abort")
                self._show(f"  {self._glance(question, store)}", "dim")

    def _glance(self, question: _Question, store: EscalationStore) -> str:
        """Return by which id others may answer, where they can, and how much time is left."""
        from omninode_bridge.cli.journal_print import lasted
        from omninode_bridge.generation.questions import Attended

        short, rest = "", None
        if isinstance(store, Attended):
            short, rest = store.glance(question.report.escalation_id)
        waited = self._clock.monotonic() - question.since
        ends = [one for one in (rest, self._wait and self._wait - waited) if one is not None]
        return ", ".join(filter(None, (short, f"{lasted(min(ends))} left" if ends else "")))

    async def _line_or_end(self, report: EscalationReport, store: EscalationStore) -> str | None:
        line = asyncio.ensure_future(self._lines.next())
        ended = asyncio.ensure_future(store.wait(report.escalation_id))
        try:
            await asyncio.wait({line, ended}, return_when=asyncio.FIRST_COMPLETED)
            if line.done() and (typed := line.result()) is not None:
                return typed
            self._show("")
            if line.done():
                self.is_left = True
                self._show("no answer; nobody is asked here any more")
            else:
                self._show(_said_elsewhere(ended.result()))
            return None
        finally:
            line.cancel()
            ended.cancel()

    def _show(self, text: str, style: str = "") -> None:
        self._out.print(Text(plain(text), style=style), soft_wrap=True)


def _said_elsewhere(row: EscalationRow) -> str:
    """Say why a question is no longer asked."""
    if row.status is EscalationStatus.OPEN:
        return "the time for an answer is over"
    said = AlreadyResolved.of(row)
    if row.decision is None or row.by in (None, TIMEOUT):
        return said.said
    return f"{row.by} answered {str(row.decision.kind)!r} from elsewhere"


def _terminal() -> str:
    """Return a name that no other process has had; in containers numbers alone come again."""
    from omninode_bridge.agents.workflows.journal._owner import this_process

    me = this_process()
    return "-".join(("terminal", str(me.pid), *re.findall(r"\w+", me.started)))


async def _leave(store: EscalationStore, report: EscalationReport) -> None:
    """Let the question stay open, or end where nothing outlives the process."""
    from omninode_bridge.generation.questions import Attended

    if isinstance(store, Attended):
        store.leave()
        return
    with suppress(UnknownEscalationError):
        await store.expire(report.escalation_id)


def asking_orchestrator(channel: Asking, engine: JournalEngine | None) -> ErrorRecoveryOrchestrator:
    """Return an orchestrator whose escalations this channel answers; in a journal, others too.

    Args:
        channel: the person at the terminal.
        engine: the journal; None keeps escalations in memory.
    """
    if engine is None:
        store: EscalationStore = InMemoryEscalationStore(fold_window=0)
        return ErrorRecoveryOrchestrator(
            escalation={}, escalations=store, notifiers={channel.name: channel}
        )
    from omninode_bridge.agents.workflows.journal.attended import AttendedEscalationStore
    from omninode_bridge.generation.answers import ANSWER_CHECKS

    return ErrorRecoveryOrchestrator(
        escalation={},
        # each question is asked, also where two contracts have the same fault
        escalations=AttendedEscalationStore(engine.file, fold_window=0, checks=ANSWER_CHECKS),
        notifiers={channel.name: channel, **configured_channels()},
        engine=engine,
    )


def telling_orchestrator(engine: JournalEngine | None) -> ErrorRecoveryOrchestrator | None:
    """Return an orchestrator that tells people by the channels of the environment; None without any.

    Args:
        engine: the journal; without one nobody could answer, so nobody is told.
    """
    channels = configured_channels() if engine is not None else {}
    if not channels:
        return None
    return ErrorRecoveryOrchestrator(escalation={}, notifiers=channels, engine=engine)


def configured_channels(environ: Mapping[str, str] | None = None) -> dict[str, Notifier]:
    """Return the channels that the environment configures, by name; the console is none of them.

    One that is configured and cannot be used is said on stderr.
    """
    environ = os.environ if environ is None else environ
    if not any(name.startswith(VARIABLES) for name in environ):
        return {}
    found = {name: find_notifier(name, {}, environ, SYSTEM_CLOCK) for name in CHANNELS}
    for name, why in found.items():
        if isinstance(why, str) and why != UNSET:
            _say_unusable(name, why)
    return {name: one for name, one in found.items() if not isinstance(one, str)}


def _say_unusable(name: str, why: str) -> None:
    from omninode_bridge.cli.generate_run import say

    say(f"channel {name!r} cannot be used, so nobody is told by it: {why}")
