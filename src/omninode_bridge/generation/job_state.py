"""What a step added to its job, as JSON values, and the job as those values had made it.

A journal keeps these for each step. A later process restores the job from the steps that it does
not run again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any, Final

from omninode_bridge.generation.contract import Contract, MixinUse, NodeType, Operation
from omninode_bridge.generation.plain import (
    bytes_in,
    bytes_out,
    plain,
    text_in,
    text_out,
    unplain,
)
from omninode_bridge.generation.report import EscalationNote, Outcome, StepReport
from omninode_bridge.generation.validation import PackageInvalidError

__all__ = ["FIELDS", "added", "mark", "restore"]

_RAW: Final = frozenset({"input_state", "output_state", "raw"})


def mark(job: Any) -> dict[str, Any]:
    """Return what the job has now, to be held against what it has later."""
    return {name: _copied(getattr(job, name)) for name in FIELDS}


def added(job: Any, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has changed since `before`, as JSON values."""
    return {
        name: to_json(getattr(job, name))
        for name, (to_json, _) in FIELDS.items()
        if getattr(job, name) != before[name]
    }


def restore(job: Any, changes: Mapping[str, Any]) -> None:
    """Give the job what `added()` said of a step; a member that is not known is passed over."""
    for name, value in changes.items():
        if name in FIELDS:
            setattr(job, name, FIELDS[name][1](value))


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, list | dict) else value


def _files_out(files: Mapping[str, bytes]) -> dict[str, str]:
    return {text_out(path): bytes_out(content) for path, content in files.items()}


def _files_in(files: Mapping[str, str]) -> dict[str, bytes]:
    return {text_in(path): bytes_in(content) for path, content in files.items()}


def _contract_out(contract: Contract | None) -> dict[str, Any] | None:
    if contract is None:
        return None
    # Schemas and documents as text: they may be nested deeper than a journal's values.
    values = {one.name: getattr(contract, one.name) for one in fields(contract)}
    raw = {name: json.dumps(values.pop(name)) for name in sorted(_RAW)}
    values["operations"] = [asdict(operation) for operation in contract.operations]
    values["mixins"] = [
        {"name": use.name, "required": use.required, "config": json.dumps(use.config)}
        for use in contract.mixins
    ]
    return {**plain(values), **raw}


def _contract_in(values: Mapping[str, Any] | None) -> Contract | None:
    if values is None:
        return None
    raw = {name: json.loads(values[name]) for name in _RAW}
    rest = unplain({name: value for name, value in values.items() if name not in _RAW})
    rest["node_type"] = NodeType(rest["node_type"])
    rest["operations"] = tuple(Operation(**operation) for operation in rest["operations"])
    rest["mixins"] = tuple(
        MixinUse(use["name"], use["required"], json.loads(use["config"])) for use in rest["mixins"]
    )
    return Contract(**rest, **raw)


def _steps_in(values: list[Any]) -> list[StepReport]:
    return [StepReport(**_with_tuples(unplain(value), "change")) for value in values]


def _note_in(value: Any) -> EscalationNote | None:
    if value is None:
        return None
    return EscalationNote(**_with_tuples(unplain(value), "related_lines"))


def _placed_in(value: Any) -> dict[str, Any]:
    return _with_tuples(unplain(value), "files", "kept")


def _with_tuples(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {**values, **{name: tuple(values[name]) for name in names if name in values}}


def _verdict_out(verdict: PackageInvalidError | bool) -> Any:  # noqa: FBT001
    if isinstance(verdict, bool):
        return verdict
    return {"check": verdict.check, "faults": plain(verdict.faults)}


def _verdict_in(value: Any) -> PackageInvalidError | bool:
    if isinstance(value, bool):
        return value
    return PackageInvalidError(value["check"], tuple(unplain(value["faults"])))


_Both = tuple[Callable[[Any], Any], Callable[[Any], Any]]
_PLAIN: _Both = (plain, unplain)

FIELDS: Final[Mapping[str, _Both]] = {
    "contract": (_contract_out, _contract_in),
    "source": _PLAIN,
    "models": _PLAIN,
    "node": _PLAIN,
    "files": (_files_out, _files_in),
    "steps": (lambda steps: [plain(asdict(step)) for step in steps], _steps_in),
    "dropped": _PLAIN,
    "unchecked": _PLAIN,
    "untested": (plain, lambda value: tuple(unplain(value))),
    "warnings": _PLAIN,
    "escalation": (lambda note: None if note is None else plain(asdict(note)), _note_in),
    "error": _PLAIN,
    "outcome": (str, Outcome),
    "placed": (plain, _placed_in),
    "on_disk": _PLAIN,
    "verdict": (_verdict_out, _verdict_in),
    "shared_ms": _PLAIN,
}
"""Members of a job that its steps change, and how each becomes JSON values and comes back."""
