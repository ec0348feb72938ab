"""Wait for the end of an escalation that any process may bring about."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import Final

from omninode_bridge.agents.workflows._deadline import deadline
from omninode_bridge.agents.workflows.recovery_models import EscalationRow, EscalationStatus

from . import _escalation_rows as rows
from ._file import JournalFile
from ._writing import write

__all__ = ["adopt", "wait_for_end"]

_FIRST_LOOK: Final = 0.05
# of the time that was waited already: whoever took an hour may wait a moment more
_LOOK_SHARE: Final = 0.01


async def wait_for_end(
    file: JournalFile,
    escalation_id: str,
    timeout: float | None,
    *,
    woken: asyncio.Future[EscalationRow],
    poll: float,
) -> EscalationRow:
    """Return the row when it has ended, or its time or `timeout` seconds are over.

    Args:
        file: the journal.
        escalation_id: of the row.
        timeout: seconds; None for the row's own time alone.
        woken: ends a pause between two looks; the file is looked at all the same.
        poll: seconds of the longest pause.

    Raises:
        UnknownEscalationError: no row has this id.
    """
    clock = file.clock
    began = clock.monotonic()
    whole: float | None = None
    while True:
        row, rest = file.read(
            lambda c: (rows.known_row(c, escalation_id), rows.rest_of(file, c, escalation_id))
        )
        waited = clock.monotonic() - began
        if whole is None:
            whole = rest
        # where only the hour tells what is left, setting the clock back adds nothing
        left = [None if one is None else one - waited for one in (timeout, whole)]
        ends = [one for one in (rest, *left) if one is not None]
        if row.status is not EscalationStatus.OPEN or any(one <= 0 for one in ends):
            return row
        pause = min(poll, max(_FIRST_LOOK, waited * _LOOK_SHARE), *ends)
        with suppress(TimeoutError):
            async with deadline(clock, pause):
                await asyncio.shield(woken)


async def adopt(file: JournalFile) -> None:
    """After a restart of the machine, let the time of its rows run on."""
    if file.boot_id and file.read(partial(rows.has_rows_of_another_boot, file)):
        await write(file, partial(rows.adopt_rows, file))
