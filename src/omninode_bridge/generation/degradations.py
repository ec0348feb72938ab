"""What may be left out of a contract that cannot be built as it is: each part listed, none invented.

Each is pure, returns what it dropped in words, and drops nothing the second time. What a schema
accepts only ever grows. Security, references and contradictions are never degraded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from omninode_bridge.generation.building import MAX_FINDINGS, inspect_document
from omninode_bridge.generation.document import Document
from omninode_bridge.generation.findings import Code, Finding, NodePath
from omninode_bridge.generation.mixins import NAME_KEYS, find_mixins
from omninode_bridge.generation.references import ContractFiles, Source
from omninode_bridge.generation.type_names import open_classes, read_type

__all__ = [
    "DEGRADATIONS",
    "drop_broken_patterns",
    "drop_impossible_enum_values",
    "drop_refused_defaults",
    "drop_refused_settings",
    "drop_unknown_mixins",
    "open_missing_states",
    "open_unknown_types",
]

Degraded = tuple[Document, tuple[str, ...]]
Degradation = Callable[..., Degraded]

_MAX_ROUNDS = 4


def drop_unknown_mixins(document: Document, *, root: str | Path | None = None) -> Degraded:
    """Drop mixins that do not exist here and are not required."""
    del root
    dropped = []
    found = [f for f in find_mixins(document)[1] if f.code is Code.MIXIN_OPTIONAL]
    for finding in reversed(found):
        name = _mixin_name(document, finding.where)
        document = document.without(finding.where)
        dropped.append(f"mixin {name!r} (unknown and optional)")
    return document, tuple(reversed(dropped))


def _mixin_name(document: Document, where: NodePath) -> str:
    value = document.get(where)
    if isinstance(value, Mapping):
        value = next((value[key] for key in NAME_KEYS if isinstance(value.get(key), str)), None)
    return value if isinstance(value, str) else str(where[-1])


def drop_refused_settings(document: Document, *, root: str | Path | None = None) -> Degraded:
    """Drop settings of mixins whose value the mixin refuses; its own default takes their place."""
    return _each(document, Code.MIXIN_SETTING, root, lambda _: None, "mixin setting")


def open_missing_states(document: Document, *, root: str | Path | None = None) -> Degraded:
    """Let a node accept any object where the contract describes none."""
    dropped = []
    for finding in _found(document, Code.MISSING_STATE, root):
        side = "input" if "input_state" in finding.message else "output"
        state = {"type": "object", "additionalProperties": True}
        document = document.with_value((f"{side}_state",), state)
        dropped.append(f"all checks of the {side} (no {side}_state): any object is accepted")
    return document, tuple(dropped)


def drop_broken_patterns(document: Document, *, root: str | Path | None = None) -> Degraded:
    """Drop patterns that no regular expression engine of Python can read, and nothing else."""
    return _each(document, Code.PATTERN, root, lambda _: None, "pattern")


def drop_refused_defaults(document: Document, *, root: str | Path | None = None) -> Degraded:
    """Drop defaults that their own schema refuses."""
    return _each(document, Code.DEFAULT, root, lambda _: None, "default")


def drop_impossible_enum_values(document: Document, *, root: str | Path | None = None) -> Degraded:
    """Drop enum values that the rest of their schema refuses, or that stand there twice."""
    return _each(document, Code.ENUM, root, lambda _: None, "enum value")


def open_unknown_types(document: Document, *, root: str | Path | None = None) -> Degraded:
    """Accept any value where a class that the contract does not describe is named as the type.

    A word that is no class name (``strng``) is left alone: it is a slip, and its meaning a guess.
    """
    return _each(document, Code.TYPE_NAME, root, _class_of, "type")


def _class_of(value: Any) -> str | None:
    """Return why a type cannot be dropped; None if it can."""
    return None if isinstance(value, str) and open_classes(value)[1] else "no class name"


def _each(
    document: Document,
    code: Code,
    root: str | Path | None,
    refuse: Callable[[Any], str | None],
    what: str,
) -> Degraded:
    """Remove the values that findings of one kind point at, in the contract or a file beside it.

    Later list items go first, so that the places of the others stay right. A second look finds what
    the first fault hid.
    """
    dropped: list[str] = []
    for _ in range(_MAX_ROUNDS):
        before = len(dropped)
        found = _found(document, code, root)
        for finding in sorted(found, key=_order, reverse=True):
            holder = _holder(document, finding, root)
            if holder is None or refuse(holder[1].get(finding.where)) is not None:
                continue
            value = _what(holder[1].get(finding.where), code)[:160]
            where = ".".join(map(str, finding.where))
            file = "" if holder[0] == "" else f" of {finding.path}"
            document = _removed(document, holder, finding)
            dropped.append(f"{what} {_key(finding, code) or value} at {where}{file}")
        if len(dropped) == before or len(found) >= MAX_FINDINGS:
            break
    return document, tuple(dropped)


def _what(value: Any, code: Code) -> str:
    """Name what is dropped: of a type, only the classes in it."""
    classes = open_classes(value)[1] if code is Code.TYPE_NAME and isinstance(value, str) else ()
    if classes and classes != (value.strip(),):
        return f"{', '.join(map(repr, dict.fromkeys(classes)))} of {value!r}"
    return repr(value)[:80]


def _order(finding: Finding) -> tuple[str, list[tuple[int, str]]]:
    steps = [(step, "") if isinstance(step, int) else (-1, step) for step in finding.where]
    return finding.path, steps


def _key(finding: Finding, code: Code) -> str:
    is_table = code is Code.PATTERN and finding.where[-2:-1] == ("patternProperties",)
    return repr(finding.where[-1]) if is_table else ""


def _holder(
    document: Document, finding: Finding, root: str | Path | None
) -> tuple[str, Document] | None:
    """Return the file that holds the fault: its resolved path (empty for the contract) and it."""
    if finding.path == document.path:
        return ("", document) if document.has(finding.where) else None
    files = ContractFiles(document, root=root)
    relative = Path(finding.path)
    try:
        path = files.resolved(
            Source(document, ()), str(_below(relative, Path(document.path).parent))
        )
        held = files.load(path, shown=finding.path)
    except Exception:  # noqa: BLE001 - any trouble with the other file means: leave it alone
        return None
    return (str(path), held) if held.has(finding.where) else None


def _below(path: Path, folder: Path) -> Path:
    return path.relative_to(folder) if path.is_relative_to(folder) else path


def _removed(document: Document, holder: tuple[str, Document], finding: Finding) -> Document:
    path, held = holder
    value = held.get(finding.where)
    last = finding.where[-1]
    opened = open_classes(value)[0] if isinstance(value, str) else ""
    if finding.code is Code.TYPE_NAME and read_type(opened):
        changed = held.with_value(finding.where, opened)
    elif finding.code is Code.TYPE_NAME and not (isinstance(last, str) and last in _TYPE_KEYS):
        changed = held.with_value(finding.where, {}) if isinstance(value, str) else held
    else:
        changed = held.without(finding.where)
    if finding.code is Code.PATTERN and finding.where[-2:-1] == ("patternProperties",):
        changed = _opened(changed, finding.where[:-2])
    return changed if not path else document.with_file(path, changed)


def _opened(document: Document, where: NodePath) -> Document:
    """Let names that only the lost pattern allowed through: what is accepted must not shrink."""
    for key in ("additionalProperties", "additional_properties", "unevaluatedProperties"):
        document = document.without((*where, key))
    return document


_TYPE_KEYS = frozenset({"type", "object_type", "property_type"})


def _found(document: Document, code: Code, root: str | Path | None) -> list[Finding]:
    findings = inspect_document(document, root=root).findings
    return [finding for finding in findings if finding.code is code and finding.is_error]


DEGRADATIONS: tuple[tuple[str, Degradation], ...] = (
    ("remove_optional_mixins", drop_unknown_mixins),
    ("drop_refused_settings", drop_refused_settings),
    ("drop_refused_defaults", drop_refused_defaults),
    ("drop_broken_patterns", drop_broken_patterns),
    ("drop_impossible_enum_values", drop_impossible_enum_values),
    ("open_unknown_types", open_unknown_types),
    ("open_missing_states", open_missing_states),
)
"""Degradations of a document, mildest first; each takes the document and ``root=``."""
