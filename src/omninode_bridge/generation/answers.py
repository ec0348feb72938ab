"""What a human may answer about a contract, and what an answer is held against before it counts.

An edited text and a document stand in for the file in this run; the file itself is never changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from omninode_bridge.agents.workflows.recovery_models import (
    Decision,
    DecisionKind,
    EscalationReport,
)
from omninode_bridge.errors import ContractError, DecisionRefusedError
from omninode_bridge.generation.building import inspect_document
from omninode_bridge.generation.contract import Contract
from omninode_bridge.generation.corrections import TEXT_CORRECTIONS
from omninode_bridge.generation.document import Document, parse_document
from omninode_bridge.generation.plain import unplain
from omninode_bridge.generation.reading import MAX_BYTES
from omninode_bridge.generation.worst import is_final, what_is_left, worst_fault

__all__ = ["ANSWER_CHECK", "ANSWER_CHECKS", "check_answer", "document_text"]

ANSWER_CHECK: Final = "generation.contract"

# What YAML does not take as it is, not even between quotes.
_UNPRINTABLE = re.compile(
    "[^\x20-\x7e\n\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def check_answer(report: EscalationReport, decision: Decision) -> None:
    """Refuse a text or a document that is still no contract that can be built.

    What a run corrects or leaves out by itself may stay as it is.

    Args:
        report: of the escalation; its subject says which contract it is about.
        decision: the answer.

    Raises:
        DecisionRefusedError: the answer has another form, or a fault; the message has its place.
        MissingExtraError: contracts cannot be checked here, the ``codegen`` extra is missing.
    """
    if decision.kind is DecisionKind.EDIT:
        text = _edited(decision.payload)
    elif decision.kind is DecisionKind.VALUE:
        text = document_text(decision.payload)
    else:
        return
    subject: Mapping[str, Any] = unplain(dict(report.subject))
    path = str(subject.get("path") or "")
    root = subject.get("root")
    try:
        contract = _built(text, path, Path(root) if isinstance(root, str) else None)
    except ContractError as error:
        raise DecisionRefusedError(
            f"the answer {str(decision.kind)!r} is refused: {_sentence(error, decision.kind)}"
        ) from error
    name = subject.get("name")
    if isinstance(name, str) and contract.name != name:
        raise DecisionRefusedError(
            f"the answer {str(decision.kind)!r} is refused: it changes the name from {name!r} to "
            f"{contract.name!r}, which other contracts of the run may have too; keep the name, or "
            "finish this run and generate anew"
        )


ANSWER_CHECKS: Final[Mapping[str, Callable[[EscalationReport, Decision], None]]] = {
    ANSWER_CHECK: check_answer
}
"""By the name under which reports ask for it; for stores that take answers."""


def document_text(document: object) -> str:
    """Return the text of a contract that was given as a JSON document.

    Raises:
        DecisionRefusedError: it is no JSON object, or one that is nested too deep.
    """
    if not isinstance(document, Mapping):
        raise DecisionRefusedError(
            f"the answer 'value' has a {_kind(document)}; it must be the contract as a JSON object"
        )
    try:
        text = json.dumps(document, indent=2, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise DecisionRefusedError(f"the answer 'value' is no JSON document: {error}") from error
    return _UNPRINTABLE.sub(_escaped, text) + "\n"


def _edited(payload: object) -> str:
    if not isinstance(payload, Mapping) or set(payload) != {"text"}:
        given = ", ".join(sorted(map(repr, payload))) if isinstance(payload, Mapping) else "nothing"
        raise DecisionRefusedError(
            f"the answer 'edit' gives {given}; it must give 'text', the contract as it should be"
        )
    text = payload["text"]
    if not isinstance(text, str):
        raise DecisionRefusedError(
            f"the answer 'edit' has a {_kind(text)} as 'text'; it must be the contract's text"
        )
    return text


def _built(text: str, path: str, root: Path | None) -> Contract:
    """Return the contract that a run would make of the text.

    Raises:
        ContractError: the fault that would end it.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise ContractError(f"larger than {MAX_BYTES // 1024} KiB")
    document = _parsed(text, path)
    inspection = inspect_document(document, root=root)
    if inspection.contract is not None:
        return inspection.contract
    worst = worst_fault(document, inspection, root=root)
    left = what_is_left(document, root).contract
    if left is not None and not (worst is not None and is_final(worst)):
        return left
    raise worst.as_error() if worst is not None else ContractError("is not a node contract")


def _parsed(text: str, path: str) -> Document:
    try:
        return parse_document(text, path=path)
    except ContractError:
        for _, correct in TEXT_CORRECTIONS:
            corrected, changes = correct(text)
            if changes:
                return parse_document(corrected, path=path)
        raise


def _sentence(error: ContractError, kind: DecisionKind) -> str:
    """Say what is wrong, and where in the text; not in which file, since the text is not the file's."""
    place = ""
    if error.line is not None and kind is DecisionKind.EDIT:
        place = f"line {error.line}" + (f", column {error.column}" if error.column else "")
    hint = f" ({error.hint})" if error.hint else ""
    return f"{place}: {error.message}{hint}" if place else f"{error.message}{hint}"


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def _kind(value: object) -> str:
    names = {type(None): "null", list: "list", str: "text", bool: "boolean", int: "number"}
    return names.get(type(value), type(value).__name__)
