"""Calls in a step of a workflow that is kept: what failed once is not begun again after a restart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ._call import Call
from ._durable import current_step
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
    step = current_step.get()
    assert step is not None  # noqa: S101 -- is_kept() said so
    log = step.recovery(options.node_name or call.name, identity_of(call))
    found, value = log.result
    if found and is_exact(call, {}):
        return value
    if log.first is None or not is_exact(call, {}):
        try:
            return await first()
        except Exception as error:  # noqa: BLE001 -- recovering from it is what this is for
            return await machine.after_failure(error, call, options, log=log)
    return await machine.after_failure(error_of(log.first), call, options, log=log)


def run_kept_blocking(
    machine: Machine, call: Call, options: RunOptions, first: Callable[[], Any]
) -> Any:
    """Do the same in a thread that has no event loop to suspend on."""
    step = current_step.get()
    assert step is not None  # noqa: S101 -- is_kept() said so
    log = step.recovery(options.node_name or call.name, identity_of(call))
    found, value = log.result
    if found and is_exact(call, {}):
        return value
    if log.first is None or not is_exact(call, {}):
        try:
            return first()
        except Exception as error:  # noqa: BLE001 -- recovering from it is what this is for
            return machine.after_failure_blocking(error, call, options, log=log)
    return machine.after_failure_blocking(error_of(log.first), call, options, log=log)
