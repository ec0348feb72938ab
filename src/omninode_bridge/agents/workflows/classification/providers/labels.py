"""Facts that a library states outright: this may, or must not, be tried again."""

from __future__ import annotations

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType

from ._read import attribute

__all__ = ["label_facts"]


def label_facts(exception: BaseException) -> Facts | None:
    """Tell by a label such as ``non_retryable`` (Temporal) or ``retriable`` (Kafka)."""
    if attribute(exception, "non_retryable") is True:
        return stays(None, reasons=("marked non_retryable",))
    for name in ("retriable", "retryable", "is_retryable"):
        if _says(attribute(exception, name)) is True:
            return passes(None, reasons=(f"marked {name}",))
        args = attribute(exception, "args")
        inner = args[0] if isinstance(args, tuple) and args else None
        if isinstance(inner, (str, int, type(None))):
            continue
        if _says(attribute(inner, name)) is True:
            return passes(ErrorType.NETWORK, reasons=(f"marked {name}",))
    if attribute(exception, "retriable") is False or attribute(exception, "retryable") is False:
        return stays(None, reasons=("marked as not retriable",))
    has_label = attribute(exception, "has_error_label")
    if callable(has_label):
        for label in ("RetryableWriteError", "TransientTransactionError"):
            if has_label(label) is True:
                return passes(ErrorType.NETWORK, reasons=(f"label {label}",))
    return None


def _says(value: object) -> object:
    return value() if callable(value) and not isinstance(value, type) else value
