"""Facts of child processes: return codes, signals, and what they printed."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

from ._known import Known
from ._programs import SENTENCES, facts_of_output, facts_of_program
from ._read import attribute, family_of, packages_of, whole_number
from ._tools import SHAPES

__all__ = ["KNOWN", "facts_of_exit", "process_facts"]

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
_GIT = frozenset({"git"})  # GitPython keeps the number as `status`
_NUMBERS = ("returncode", "exit_code", "exitstatus", "exit_status")
_PRINTED = ("stderr", "output", "stdout")


def process_facts(exception: BaseException) -> Facts | None:
    """Tell by the return code; a negative one is the signal that ended the process."""
    code = None
    git = not family_of(exception).isdisjoint(_GIT)
    for name in (*_NUMBERS, "status") if git else _NUMBERS:
        code = whole_number(attribute(exception, name))
        if code is not None:
            break
    if not code or not -128 <= code <= 255:
        return None
    printed = [_text(attribute(exception, name)) for name in _PRINTED]
    return facts_of_exit(code, attribute(exception, "cmd"), [text for text in printed if text])


def _text(printed: object) -> str:
    if isinstance(printed, bytes):
        return printed[-_MOST:].decode("utf-8", "replace")
    return printed[-_MOST:] if isinstance(printed, str) else ""


def facts_of_exit(code: int, command: object, printed: Sequence[str]) -> Facts:
    """Tell by the number, the program and what it printed."""
    told = Facts(reasons=(f"return code {code}{_signal_of(code)}",))
    facts = _BY_CODE.get(code) or facts_of_program(command, code)
    for text in printed if facts is None else ():
        facts = facts_of_output(text)
        if facts is not None:
            break
    return (facts or stays(ErrorType.VALIDATION)).completed(told)


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
        *((f"output that speaks of {what}", facts) for what, _, facts in SENTENCES),
    ]


KNOWN = Known(
    reads="`returncode`, `exit_code` or `exitstatus`; where they say only that it failed, `stderr`, `output` and `stdout`",
    names=frozenset(_NUMBERS),
    asks=lambda cls: not packages_of(cls).isdisjoint(_GIT),
    source="sysexits.h, signal(7), the conventions of shells, `timeout`(1) and of the tools' reports",
    rows=_rows,
)
