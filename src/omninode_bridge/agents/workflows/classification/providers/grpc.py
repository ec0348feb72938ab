"""Facts of gRPC: the status code of a call."""

from __future__ import annotations

from collections.abc import Mapping

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType

from ._read import attribute

__all__ = ["facts_of_grpc", "grpc_facts"]

_BY_CODE: Mapping[str, Facts] = {
    "UNAVAILABLE": passes(ErrorType.NETWORK),
    "ABORTED": passes(ErrorType.NETWORK),
    "INTERNAL": passes(ErrorType.NETWORK),
    "UNKNOWN": Facts(ErrorType.NETWORK, weak=True),
    "CANCELLED": Facts(ErrorType.NETWORK, weak=True),
    "DEADLINE_EXCEEDED": passes(ErrorType.TIMEOUT),
    "RESOURCE_EXHAUSTED": passes(ErrorType.RATE_LIMIT),
    "UNAUTHENTICATED": stays(ErrorType.SECURITY),
    "PERMISSION_DENIED": stays(ErrorType.SECURITY),
    "INVALID_ARGUMENT": stays(ErrorType.VALIDATION),
    "NOT_FOUND": stays(ErrorType.VALIDATION),
    "ALREADY_EXISTS": stays(ErrorType.VALIDATION),
    "FAILED_PRECONDITION": stays(ErrorType.VALIDATION),
    "OUT_OF_RANGE": stays(ErrorType.VALIDATION),
    "UNIMPLEMENTED": stays(ErrorType.VALIDATION),
    "DATA_LOSS": stays(ErrorType.VALIDATION),
}


def facts_of_grpc(code: str) -> Facts | None:
    """Tell by the name of a status code."""
    facts = _BY_CODE.get(code)
    return facts.completed(Facts(reasons=(f"gRPC status {code}",))) if facts else None


def grpc_facts(exception: BaseException) -> Facts | None:
    """Tell by ``code()``, or by the code that other RPC libraries keep as an attribute."""
    if not any("grpc" in (base.__module__ or "") for base in type(exception).__mro__):
        return None
    code = attribute(exception, "code")
    if callable(code):
        code = code()
    name = attribute(code, "name")
    return facts_of_grpc(name) if isinstance(name, str) else None
