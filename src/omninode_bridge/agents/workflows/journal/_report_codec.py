"""Reports of escalations and their answers as the text that a journal keeps."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from omninode_bridge.agents.workflows.recovery_models import (
    Decision,
    DecisionKind,
    EscalationPriority,
    EscalationReport,
)
from omninode_bridge.errors import DecisionRefusedError, NotDurableError

from ._codec import encode

__all__ = ["decode_report", "encode_payload", "encode_report"]

_NAMES: Final = tuple(one.name for one in fields(EscalationReport))
_LISTS: Final = frozenset({"channels", "chain", "attempts", "state_keys", "answers", "edits"})
# Where an older or a newer version wrote no such field.
_MISSING: Final = {
    one.name: 0 if one.name == "step_count" else ""
    for one in fields(EscalationReport)
    if one.default is MISSING and one.default_factory is MISSING
}
# What is not written, since it says nothing.
_DEFAULTS: Final[tuple[Any, ...]] = tuple(
    {} if one.default_factory is not MISSING else one.default for one in fields(EscalationReport)
)
_values_of: Final = attrgetter(*_NAMES)
# ASCII alone: the half characters of a broken text come back as they were.
_ENCODER: Final = json.JSONEncoder(
    separators=(",", ":"), default=lambda value: f"<{type(value).__name__}>"
)


def encode_report(report: EscalationReport) -> str:
    """Return the report as JSON; what is no JSON in its context is named by its type."""
    data = {
        name: value
        for name, value, default in zip(_NAMES, _values_of(report), _DEFAULTS, strict=True)
        if value is not default and value != default
    }
    data["timestamp"] = report.timestamp.isoformat()
    for name in ("context", "subject"):
        if name in data:
            data[name] = _plain(data[name])
    return _ENCODER.encode(data)


def decode_report(text: str) -> EscalationReport:
    """Return the report of such a text; fields that another version added are left out."""
    data = json.loads(text)
    known = {**_MISSING, **{name: data[name] for name in _NAMES if name in data}}
    for name in _LISTS & known.keys():
        known[name] = tuple(known[name])
    known["timestamp"] = datetime.fromisoformat(known["timestamp"])
    if "priority" in known:
        known["priority"] = EscalationPriority(known["priority"])
    return EscalationReport(**known)


def encode_payload(answer: Decision) -> str | None:
    """Return what the answer carries as JSON.

    Raises:
        DecisionRefusedError: it is none; the message names the path of the culprit.
    """
    if answer.kind not in (DecisionKind.EDIT, DecisionKind.VALUE):
        return None
    what = "the value" if answer.kind is DecisionKind.VALUE else "the edited input"
    try:
        return encode(answer.payload, what)
    except NotDurableError as error:
        raise DecisionRefusedError(str(error)) from error


def _plain(value: Any) -> Any:
    """Return it with the keys and numbers that JSON has."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
