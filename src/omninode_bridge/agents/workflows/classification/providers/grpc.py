"""Facts of gRPC: the status code of a call."""

from __future__ import annotations

from collections.abc import Mapping

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType

from ._known import Known
from ._read import attribute, family_of, packages_of, text_of

__all__ = ["KNOWN", "facts_of_grpc", "grpc_facts"]

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
_BY_NUMBER = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
]
_FAMILIES = frozenset({"grpc", "grpclib", "grpcio", "temporalio", "betterproto", "purerpc"})


def facts_of_grpc(code: str) -> Facts | None:
    """Tell by the name of a status code."""
    facts = _BY_CODE.get(code)
    return facts.completed(Facts(reasons=(f"gRPC status {code}",))) if facts else None


def grpc_facts(exception: BaseException) -> Facts | None:
    """Tell by ``code()``, by the code that other RPC libraries keep, or by Google's ``status``."""
    if not _speaks(family_of(exception)):
        named = attribute(exception, "grpc_status_code") or attribute(exception, "status")
        code = named if isinstance(named, str) else attribute(named, "name")
        return facts_of_grpc(code) if isinstance(code, str) else None
    for field in ("code", "status", "grpc_status", "_code"):
        code = attribute(exception, field)
        if callable(code) and field == "code":
            code = code()
        facts = _of_value(code)
        if facts is not None:
            return _unless_too_large(facts, exception)
    return None


def _unless_too_large(facts: Facts, exception: BaseException) -> Facts:
    """A message over the limit has the code of throttling, but stays too large."""
    if facts.error_type is ErrorType.RATE_LIMIT and "larger than max" in text_of(exception, 1024):
        reasons = ("the message is larger than the limit", *facts.reasons)
        return stays(ErrorType.VALIDATION, reasons=reasons)
    return facts


def _speaks(packages: frozenset[str]) -> bool:
    return not packages.isdisjoint(_FAMILIES) or any("grpc" in name for name in packages)


def _of_value(code: object) -> Facts | None:
    if isinstance(code, int) and type(code) is int and 0 < code < len(_BY_NUMBER):
        return facts_of_grpc(_BY_NUMBER[code])
    name = attribute(code, "name")
    if not isinstance(name, str):
        return facts_of_grpc(code) if isinstance(code, str) else None
    return facts_of_grpc(name)


KNOWN = Known(
    reads="`code()` or `status` of gRPC libraries; `grpc_status_code` and `status` of Google's",
    names=frozenset({"grpc_status_code", "status"}),
    asks=lambda cls: _speaks(packages_of(cls)),
    source="the status codes of gRPC; INTERNAL is taken for one that passes, as its documentation of retries does",
    rows=lambda: list(_BY_CODE.items()),
)
