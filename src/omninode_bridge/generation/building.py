"""From a parsed document to a contract: every check runs, then the gravest fault is raised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from omninode_bridge.errors import ContractError
from omninode_bridge.generation.contract import Contract, NodeType
from omninode_bridge.generation.document import Document, parse_leniently
from omninode_bridge.generation.findings import Code, Finding, Severity, as_finding, gravest
from omninode_bridge.generation.identity import (
    find_description,
    find_name,
    find_type,
    find_version,
)
from omninode_bridge.generation.keys import find_misspelt_keys
from omninode_bridge.generation.kinds import refuse_other_files
from omninode_bridge.generation.mixins import find_mixins
from omninode_bridge.generation.names import camel_case
from omninode_bridge.generation.oddities import find_oddities
from omninode_bridge.generation.operations import find_operations
from omninode_bridge.generation.references import ContractFiles
from omninode_bridge.generation.schema_build import BuiltSchema, SchemaBuilder
from omninode_bridge.generation.schema_check import check_schema
from omninode_bridge.generation.security import check_security, find_template
from omninode_bridge.generation.states import find_state, model_name

__all__ = ["Inspection", "build_contract", "check_document", "check_text", "inspect_document"]

MAX_FINDINGS = 200

# names that the node's module imports
_TAKEN_CLASSES = frozenset({"Any", "ClassVar", "Generic", "LogicNotWrittenError", "Mapping"})


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a look at a document gave.

    Attributes:
        findings: errors and warnings, in the order of the file.
        contract: the contract, if there is no error.
    """

    findings: tuple[Finding, ...]
    contract: Contract | None


def build_contract(document: Document, *, root: str | Path | None = None) -> Contract:
    """Build the contract that a document holds.

    Args:
        document: the parsed file.
        root: the folder that file references must not leave; None means the file's own folder.

    Raises:
        ContractSecurityError: it would run or write what it must not.
        UnsupportedFeatureError: it asks for something that does not exist here.
        ContractInvalidError: it is no node contract, or not one that can be built.
        MissingExtraError: jsonschema is not installed.
    """
    inspection = inspect_document(document, root=root)
    if inspection.contract is None:
        worst = gravest(inspection.findings)
        raise (worst.as_error() if worst else ContractError("not a contract", path=document.path))
    return inspection.contract


def check_document(document: Document, *, root: str | Path | None = None) -> tuple[Finding, ...]:
    """Return all faults and oddities of a document, in the order of the file.

    An unknown optional mixin is a warning here: it prevents no package, only its own part of it.
    """
    return tuple(
        replace(finding, severity=Severity.WARNING)
        if finding.code is Code.MIXIN_OPTIONAL
        else finding
        for finding in inspect_document(document, root=root).findings
    )


def check_text(text: str, *, path: str = "", root: str | Path | None = None) -> tuple[Finding, ...]:
    """Return all faults and oddities of a contract's text; a syntax error ends the search."""
    try:
        document, doubles = parse_leniently(text, path=path)
    except ContractError as error:
        return (as_finding(error, path=path),)
    found = check_document(document, root=root)
    return _in_order([*doubles, *found])


def inspect_document(document: Document, *, root: str | Path | None = None) -> Inspection:
    """Run every check; build the contract if none found an error."""
    other = refuse_other_files(document)
    if other is not None:
        return Inspection((other,), None)
    findings = [*check_security(document), *find_misspelt_keys(document)]
    node_type, fault = find_type(document)
    findings += [fault] if fault else []
    name, fault = find_name(document)
    findings += [fault] if fault else []
    version, fault = find_version(document)
    findings += [fault] if fault else []
    operations, faults = find_operations(document, node_type or NodeType.COMPUTE)
    findings += faults
    mixins, faults = find_mixins(document)
    findings += faults
    names = class_names(document, name or "node", node_type or NodeType.COMPUTE)
    files = ContractFiles(document, root=root)
    states = {side: _state(document, side, files, names, findings) for side in ("input", "output")}
    findings += find_oddities(document, files)
    ordered = _in_order(findings)
    if node_type is None or any(finding.is_error for finding in ordered):
        return Inspection(ordered, None)
    contract = Contract(
        path=document.path,
        name=name,
        version=version,
        node_type=node_type,
        description=find_description(document),
        input_state=states["input"],
        output_state=states["output"],
        operations=operations,
        mixins=mixins,
        template=find_template(document),
        input_model=names["input"],
        output_model=names["output"],
        node_class=names["node"],
        raw=document.data,
        text=document.text,
    )
    return Inspection(ordered, contract)


def class_names(document: Document, name: str, node_type: NodeType) -> dict[str, str]:
    """Return the classes of node, input and output: safe, and different from each other."""
    camel = camel_case(name)
    stem = camel.removeprefix("Node") if camel not in {"Node", "node"} else camel
    suffix = str(node_type).capitalize()
    base = stem if stem.endswith(suffix) else f"{stem}{suffix}"
    names = {"node": f"Node{base}"}
    if names["node"] in {f"Node{str(kind).capitalize()}" for kind in NodeType}:
        names["node"] = f"Node{stem}Impl"
    for side in ("input", "output"):
        chosen = model_name(document, side)
        if (
            chosen is None
            or chosen in names.values()
            or chosen in _TAKEN_CLASSES
            or chosen.startswith(("Node", "Mixin"))
        ):
            chosen = f"Model{stem}{side.capitalize()}"
        if chosen in names.values():
            chosen = f"{chosen}{side.capitalize()}"
        names[side] = chosen
    return names


def _state(
    document: Document,
    side: str,
    files: ContractFiles,
    names: Mapping[str, str],
    findings: list[Finding],
) -> Mapping[str, object]:
    source = find_state(document, side)
    if source is None:
        where = (f"{side}_state",) if document.has((f"{side}_state",)) else ()
        message = f"the contract has no {side}_state"
        hint = f"describe what {'goes in' if side == 'input' else 'comes out'} as JSON Schema"
        findings.append(document.finding(where, Code.MISSING_STATE, message, hint=hint))
        return {}
    builder = SchemaBuilder(files, taken=set(names.values()))
    built: BuiltSchema = builder.build(source)
    findings += builder.findings
    if not builder.is_full:
        findings += check_schema(built)
    return built.schema


def _in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """Sort by file and place, drop repetitions, keep errors when there are too many."""
    unique = dict.fromkeys(findings)
    errors = [finding for finding in unique if finding.severity is Severity.ERROR]
    others = [finding for finding in unique if finding.severity is not Severity.ERROR]
    if len(errors) > MAX_FINDINGS:
        errors = errors[:MAX_FINDINGS]
        message = f"more than {MAX_FINDINGS} faults; the first of them are listed"
        errors.append(replace(errors[0], code=Code.STATE, message=message, hint=""))
    kept = [*errors, *others][: MAX_FINDINGS + 1]
    return tuple(sorted(kept, key=lambda f: (f.path, f.line or 0, f.column or 0, str(f.code))))
