"""Calls in a step of a workflow that is kept: what failed once is not begun again after a restart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ._call import Call
from ._durable import RecoveryLog, current_step
from ._errors_data import error_of
from ._identity import identity_of, is_exact
from ._machine import Machine
from ._options import RunOptions

__all__ = ["is_kept", "run_kept", "run_kept_blocking"]


def is_kept(machine: Machine) -> bool:
    """Whether what is called now belongs to a step whose recoveries are kept."""
    return machine.engine is not None and current_step.get() is not None


async def run_kept(
    machine: Machine, call: Call, options: RunOptions, first: Callable[[], Awaitable[Any]]
) -> Any:
    """Make the first call and recover where it fails, or go on where an earlier process was.

    A recovery that had brought a value other than None gives it again, as far as it is JSON. Where the
    arguments are not JSON, another call may stand in this place now, so it is made once more.

    Args:
        machine: of the orchestrator.
        call: to run again.
        options: of the call.
        first: makes the first call.
    """
    log, (found, value), error = _take_up(call, options)
    if found:
        return value
    if error is None:
        try:
            return await first()
        except Exception as failure:  # noqa: BLE001 -- recovering from it is what this is for
            error = failure
    return await machine.after_failure(error, call, options, log=log)


def run_kept_blocking(
    machine: Machine, call: Call, options: RunOptions, first: Callable[[], Any]
) -> Any:
    """Do the same in a thread that has no event loop to suspend on."""
    log, (found, value), error = _take_up(call, options)
    if found:
        return value
    if error is None:
        try:
            return first()
        except Exception as failure:  # noqa: BLE001 -- recovering from it is what this is for
            error = failure
    return machine.after_failure_blocking(error, call, options, log=log)


def _take_up(
    call: Call, options: RunOptions
) -> tuple[RecoveryLog, tuple[bool, Any], Exception | None]:
    """Return the log of the call, the value that it has already, and the error that it met already."""
    step = current_step.get()
    assert step is not None  # noqa: S101 -- is_kept() said so
    log = step.recovery(options.node_name or call.name, identity_of(call))
    if not is_exact(call, {}):
        return log, (False, None), None
    return log, log.result, None if log.first is None else error_of(log.first)
