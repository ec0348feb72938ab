"""Which fault of a document is told first: what nothing cures, then what a correction cures."""

from __future__ import annotations

from pathlib import Path

from omninode_bridge.generation.building import Inspection, inspect_document
from omninode_bridge.generation.corrections import DOCUMENT_CORRECTIONS
from omninode_bridge.generation.degradations import DEGRADATIONS
from omninode_bridge.generation.document import Document
from omninode_bridge.generation.findings import Code, Finding, gravest

__all__ = ["first_slip", "is_final", "what_is_left", "worst_fault"]

_FINAL = frozenset(
    {Code.SECURITY_NAME, Code.SECURITY_SHELL, Code.SECURITY_CODE, Code.SECURITY_FILE}
    | {Code.NOT_A_CONTRACT}
)


def is_final(finding: Finding) -> bool:
    """Whether a person has to look, whatever else might be corrected or left out."""
    return finding.code in _FINAL


def worst_fault(
    document: Document, inspection: Inspection, *, root: str | Path | None = None
) -> Finding | None:
    """Return the fault that a person has to know about first; None where there is none.

    A fault that no correction and no degradation removes stands before those that would go away,
    so that nobody mends the wrong line.
    """
    first = gravest(inspection.findings)
    if first is None or is_final(first):
        return first
    return gravest(what_is_left(document, root).findings) or first


def first_slip(
    document: Document, inspection: Inspection, *, root: str | Path | None = None
) -> Finding | None:
    """Return a fault that the first correction that applies removes; None where none applies.

    None also where a person has to look anyway: such a document is told about as it is.
    """
    first = gravest(inspection.findings)
    if first is None or is_final(first):
        return None
    for _, correct in DOCUMENT_CORRECTIONS:
        corrected, changes = correct(document)
        if changes:
            after = inspect_document(corrected, root=root).findings
            still = {(finding.code, finding.message) for finding in after}
            cured = [f for f in inspection.findings if (f.code, f.message) not in still]
            return gravest(tuple(cured)) or first
    return None


def what_is_left(document: Document, root: str | Path | None) -> Inspection:
    """Inspect what is left when everything that may be corrected or left out is."""
    for _, correct in DOCUMENT_CORRECTIONS:
        document, _changes = correct(document)
    for _, degrade in DEGRADATIONS:
        document, _dropped = degrade(document, root=root)
    return inspect_document(document, root=root)
