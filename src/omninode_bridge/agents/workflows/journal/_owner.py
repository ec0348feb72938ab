"""Who runs a workflow, and whether that process is still there."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

__all__ = [
    "APART",
    "STALE_AFTER",
    "Owner",
    "boot_id",
    "is_alive",
    "this_process",
]

#: Seconds without a sign of life after which a process that cannot be looked at counts as gone.
STALE_AFTER: Final = 300.0
#: Seconds more where only the hour tells them: clocks of two machines differ, and are set.
APART: Final = 300.0
# Of the machine itself, not of a container in it: PROC_PID_INIT_INO, PROC_TIME_INIT_INO in
# https://github.com/torvalds/linux/blob/v6.6/include/linux/proc_ns.h
_FIRST_PIDS, _FIRST_TIME = "pid:[4026531836]", "time:[4026531834]"


@dataclass(frozen=True, slots=True)
class Owner:
    """One process, told from every other one before and after it.

    Attributes:
        pid: its number, within `space`.
        started: when it started, as the system writes it; tells it from a later one of that number.
        boot: of the machine; empty where that is not known.
        space: the namespace that the number belongs to; containers have their own. With that of the
            machine's clock, where it has one.
        host: name of the machine.
    """

    pid: int
    started: str
    boot: str
    space: str
    host: str


def this_process() -> Owner:
    """Return who we are."""
    return _this_process(os.getpid())


@lru_cache(maxsize=4)
def _this_process(pid: int) -> Owner:
    return Owner(pid, _started(pid), boot_id(), _space(), platform.node())


def is_alive(
    owner: Owner,
    *,
    seen: float,
    now: float,
    me: Owner | None = None,
    seen_ticks: float | None = None,
    ticks: float | None = None,
) -> bool:
    """Whether that process still runs; a stopped one does.

    Where it cannot be looked at its last sign of life decides: in another container of this machine
    by the clock of the machine's start, which nobody sets and which stands still while the machine
    sleeps; on another machine, or one that says it is, by the hour, with a margin.

    Args:
        owner: the process.
        seen: its last sign of life, in seconds since 1970.
        now: the time, of the same kind.
        me: who asks; this process by default.
        seen_ticks: its last sign of life, in seconds of `time.monotonic()`, where that is known.
        ticks: the time, of the same kind.
    """
    me = this_process() if me is None else me
    is_here = owner.boot == me.boot and (bool(me.boot) or owner.host == me.host)
    if is_here and owner.space == me.space:
        return _is_running(owner.pid) and _started(owner.pid) in (owner.started, "")
    if owner.boot and me.boot and owner.boot != me.boot and _is_same_machine(owner, me):
        return False  # the machine has been started again
    is_same_clock = owner.space.partition(" ")[2] == me.space.partition(" ")[2]
    if is_here and is_same_clock and seen_ticks is not None and ticks is not None:
        return ticks - seen_ticks < STALE_AFTER
    return now - seen < STALE_AFTER + APART


def _is_same_machine(owner: Owner, me: Owner) -> bool:
    """Whether both are outside of containers, whose names and starts may be made up."""
    return owner.host == me.host and owner.space == me.space and me.space in ("", _FIRST_PIDS)


def _is_running(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is somebody else's
    return _state(pid) != "Z"  # a dead child that nobody has collected runs no more


@lru_cache(maxsize=1)
def boot_id() -> str:
    """Return what tells one start of the machine from another; empty where nothing does."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    if sys.platform == "darwin":
        return _said("sysctl", "-n", "kern.bootsessionuuid")
    return ""


def _space() -> str:
    shifted = _namespace("time")
    return _namespace("pid") + (f" {shifted}" if shifted not in ("", _FIRST_TIME) else "")


def _namespace(kind: str) -> str:
    with suppress(OSError):
        return os.readlink(f"/proc/self/ns/{kind}")  # noqa: PTH115 - a link that points at no path
    return ""


def _stat(pid: int) -> list[str]:
    """Return the fields of ``/proc/PID/stat`` from the third on; the second may hold anything."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _state(pid: int) -> str:
    return next(iter(_stat(pid)), "")


def _started(pid: int) -> str:
    fields = _stat(pid)
    if len(fields) > 19:
        return fields[19]  # field 22, in clock ticks since the boot: proc(5)
    if sys.platform == "darwin":
        return _said("ps", "-o", "lstart=", "-p", str(pid))
    return ""


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603 - fixed words
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
