"""Facts of child processes: return codes and signals."""

from __future__ import annotations

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

from ._read import attribute

__all__ = ["process_facts"]

_LESS = RecoveryStrategy.GRACEFUL_DEGRADATION
_TEMPFAIL = 75  # EX_TEMPFAIL of sysexits.h


def process_facts(exception: BaseException) -> Facts | None:
    """Tell by ``returncode``; a negative one is the signal that ended the process."""
    code = attribute(exception, "returncode")
    if isinstance(code, bool) or not isinstance(code, int) or code == 0:
        return None
    reasons = (f"return code {code}",)
    if code in {124, -14}:
        return passes(ErrorType.TIMEOUT, reasons=reasons)
    if code in {-9, 137}:
        return stays(ErrorType.GENERATION, reasons=reasons, prefer=_LESS)
    if code == 126:
        return stays(ErrorType.SECURITY, reasons=reasons)
    if code == _TEMPFAIL:
        return passes(ErrorType.NETWORK, reasons=reasons)
    return stays(ErrorType.VALIDATION, reasons=reasons)
