"""A recorded report as the account that it was made from."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from omninode_bridge.errors import ConfigurationError
from omninode_bridge.generation.report import (
    BatchReport,
    ContractReport,
    EscalationNote,
    KeptNote,
    Outcome,
    StepReport,
)

__all__ = ["batch_of"]

T = TypeVar("T")


def batch_of(report: Mapping[str, Any]) -> BatchReport:
    """Return the account of which `BatchReport.to_json()` gave this.

    Raises:
        ConfigurationError: it is none, or one of another version.
    """
    try:
        kept = report.get("kept")
        return BatchReport(
            contracts=tuple(_contract(one) for one in report["contracts"]),
            output=report["output"],
            mode=report["mode"],
            validation=report["validation"],
            duration_ms=report["duration_ms"],
            speedup=report["speedup"],
            statistics=report["statistics"],
            kept=None if kept is None else _made(KeptNote, kept),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(
            f"the account of the run cannot be read ({type(error).__name__}: {error}); "
            "generate anew"
        ) from error


def _contract(values: Mapping[str, Any]) -> ContractReport:
    note = values["escalation"]
    parts = {
        "outcome": Outcome(values["outcome"]),
        "steps": tuple(_made(StepReport, step) for step in values["steps"]),
        "escalation": None if note is None else _made(EscalationNote, note),
    }
    return _made(ContractReport, {**values, **parts})


def _made(kind: Callable[..., T], values: Mapping[str, Any]) -> T:
    """Make one of our records; lists become tuples, and what it does not know is passed over."""
    known = inspect.signature(kind).parameters
    return kind(
        **{
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
            if name in known
        }
    )
