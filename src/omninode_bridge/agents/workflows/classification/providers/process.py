"""Facts of child processes: return codes, signals, and what they printed."""

from __future__ import annotations

import signal
from collections.abc import Mapping

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

from ._known import Known
from ._read import attribute, instance_of, whole_number
from ._tools import SHAPES, facts_of_output

__all__ = ["KNOWN", "process_facts"]

_LESS = RecoveryStrategy.GRACEFUL_DEGRADATION
_MOST = 4096
# By number; a signal has the shell's number (128 and more) too. sysexits.h names those from 64 on.
_BY_CODE: Mapping[int, Facts] = {
    124: passes(ErrorType.TIMEOUT),
    -signal.SIGALRM if hasattr(signal, "SIGALRM") else -14: passes(ErrorType.TIMEOUT),
    142: passes(ErrorType.TIMEOUT),
    -24: passes(ErrorType.TIMEOUT),
    152: passes(ErrorType.TIMEOUT),
    -9: stays(ErrorType.GENERATION, prefer=_LESS),
    137: stays(ErrorType.GENERATION, prefer=_LESS),
    -15: passes(ErrorType.UNKNOWN),
    143: passes(ErrorType.UNKNOWN),
    -1: passes(ErrorType.UNKNOWN),
    129: passes(ErrorType.UNKNOWN),
    -13: passes(ErrorType.NETWORK),
    141: passes(ErrorType.NETWORK),
    75: passes(ErrorType.NETWORK),
    68: passes(ErrorType.NETWORK),
    69: passes(ErrorType.NETWORK),
    77: stays(ErrorType.SECURITY),
    126: stays(ErrorType.SECURITY),
    127: stays(ErrorType.VALIDATION),
}
_NUMBERS = ("returncode", "exit_code", "exitstatus", "exit_status")
_PRINTED = ("stderr", "output", "stdout")


def process_facts(exception: BaseException) -> Facts | None:
    """Tell by the return code; a negative one is the signal that ended the process."""
    code = None
    for name in _NUMBERS:
        code = whole_number(attribute(exception, name))
        if code is not None:
            break
    if not code or not -128 <= code <= 255:
        return None
    reasons = (f"return code {code}{_signal_of(code)}",)
    facts = _BY_CODE.get(code)
    if facts is not None:
        return facts.completed(Facts(reasons=reasons))
    for name in _PRINTED:
        printed = instance_of(exception, name)
        if isinstance(printed, bytes):
            printed = printed[-_MOST:].decode("utf-8", "replace")
        told = facts_of_output(printed[-_MOST:]) if isinstance(printed, str) else None
        if told is not None:
            return told.completed(Facts(reasons=reasons))
    return stays(ErrorType.VALIDATION, reasons=reasons)


def _signal_of(code: int) -> str:
    if code >= 0:
        return ""
    try:
        return f" ({signal.Signals(-code).name})"
    except ValueError:
        return ""


def _rows() -> list[tuple[str, Facts]]:
    return [
        *((f"return code {code}{_signal_of(code)}", facts) for code, facts in _BY_CODE.items()),
        ("another return code", stays(ErrorType.VALIDATION)),
        *((f"output: {what}", facts) for what, _, facts in SHAPES),
    ]


KNOWN = Known(
    reads="`returncode`, `exit_code` or `exitstatus`; where they say only that it failed, `stderr`, `output` and `stdout`",
    names=frozenset(_NUMBERS),
    source="sysexits.h, signal(7), the conventions of shells, `timeout`(1) and of the tools' reports",
    rows=_rows,
)
