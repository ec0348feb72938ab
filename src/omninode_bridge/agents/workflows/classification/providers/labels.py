"""Facts that are stated outright: this may, or must not, be tried again."""

from __future__ import annotations

import math
from collections.abc import Mapping

from omninode_bridge.agents.workflows.classification.facts import Facts
from omninode_bridge.agents.workflows.recovery_models import ErrorType

from ._durations import duration_of
from ._known import Known
from ._read import ANSWER_NAMES, attribute, family_of, headers_of, packages_of

__all__ = ["KNOWN", "label_facts"]

_FLAGS = ("retriable", "retryable", "is_retryable", "is_retriable", "is_transient")
_MONGO = ("RetryableWriteError", "TransientTransactionError", "RetryableReadError")
_SHOULD = ("x-should-retry", "stripe-should-retry")
_KAFKA = frozenset({"kafka", "aiokafka"})  # elsewhere False is often only what nobody set
_BROKERS = frozenset({"confluent_kafka", "cimpl"})


def label_facts(exception: BaseException) -> Facts | None:
    """Tell by a label such as ``non_retryable`` (Temporal) or ``retriable`` (Kafka)."""
    if attribute(exception, "non_retryable") is True:
        return _told(None, "marked non_retryable", transient=False)
    headers = headers_of(exception)
    if headers:
        facts = _of_headers(headers)
        if facts is not None:
            return facts
    for name in _FLAGS:
        value = attribute(exception, name)
        if value is True or (value is False and not family_of(exception).isdisjoint(_KAFKA)):
            words = f"marked {name}" if value else f"marked as not {name}"
            return _told(None, words, transient=value)
    family = family_of(exception)
    if family & _BROKERS:
        return _of_broker(exception)
    if "pymongo" in family:
        return _of_mongo(exception)
    if any("grpc" in name for name in family):
        return _of_pushback(exception)
    return None


def _told(kind: ErrorType | None, reason: str, *, transient: bool) -> Facts:
    return Facts(kind, transient=transient, reasons=(reason,), told=True)


def _of_headers(headers: Mapping[str, str]) -> Facts | None:
    for name in _SHOULD:
        if headers.get(name, "").lower() == "false":
            return _told(None, f"{name}: false", transient=False)
    pushback = headers.get("grpc-retry-pushback-ms")
    return _of_millis(pushback) if pushback is not None else None


def _of_millis(text: str) -> Facts | None:
    """A server of gRPC says after how many milliseconds to come, or not to come: anything else."""
    millis = duration_of(text)
    said = f"grpc-retry-pushback-ms: {text}"
    if millis is None or math.isnan(millis) or millis < 0:
        return _told(None, said, transient=False)
    seconds = min(millis / 1000, 86_400.0)
    return Facts(None, transient=True, retry_after=seconds, reasons=(said,), told=True)


def _of_pushback(exception: BaseException) -> Facts | None:
    metadata = attribute(exception, "trailing_metadata")
    pairs = metadata() if callable(metadata) else attribute(exception, "_trailing_metadata")
    if not isinstance(pairs, (list, tuple)):
        return None
    for pair in pairs[:100]:
        if isinstance(pair, tuple) and len(pair) >= 2 and pair[0] == "grpc-retry-pushback-ms":
            return _of_millis(str(pair[1])[:32])
    return None


def _of_broker(exception: BaseException) -> Facts | None:
    """The C client of Kafka keeps its error as the first argument, with methods that tell."""
    args = attribute(exception, "args")
    inner = args[0] if isinstance(args, tuple) and args else None
    for name, transient in (("fatal", False), ("retriable", True)):
        method = attribute(inner, name)
        if callable(method) and method() is True:
            return _told(ErrorType.NETWORK, f"marked {name}", transient=transient)
    return None


def _of_mongo(exception: BaseException) -> Facts | None:
    has_label = attribute(exception, "has_error_label")
    for label in _MONGO if callable(has_label) else ():
        if has_label(label) is True:
            return _told(ErrorType.NETWORK, f"label {label}", transient=True)
    return None


def _is_asked(cls: type[BaseException]) -> bool:
    packages = packages_of(cls)
    return (
        "pymongo" in packages
        or not packages.isdisjoint(_BROKERS)
        or any("grpc" in name for name in packages)
    )


def _rows() -> list[tuple[str, Facts]]:
    never, again = Facts(transient=False), Facts(transient=True)
    return [
        ("`non_retryable` is true", never),
        *((f"`{name}: false`", never) for name in _SHOULD),
        ("`grpc-retry-pushback-ms` below nought", never),
        ("`grpc-retry-pushback-ms`", again),
        *((f"`{name}` is true", again) for name in _FLAGS),
        *((f"`{name}` is false, of Kafka", never) for name in _FLAGS),
        ("`fatal()` of the argument", Facts(ErrorType.NETWORK, transient=False)),
        ("`retriable()` of the argument", Facts(ErrorType.NETWORK, transient=True)),
        *((f"label `{name}`", Facts(ErrorType.NETWORK, transient=True)) for name in _MONGO),
    ]


KNOWN = Known(
    reads="what the library, the application or the server says outright of trying again; "
    "a no wins over everything else",
    names=frozenset({"non_retryable", *_FLAGS, *ANSWER_NAMES}),
    asks=_is_asked,
    source="the manuals of Temporal, Kafka, MongoDB, gRPC (A6), OpenAI, Anthropic and Stripe",
    rows=_rows,
)
