"""Corrections of a contract's slips: made only where a single reading is left, and always listed.

Each is pure, returns what it changed in words, and changes nothing the second time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from omninode_bridge.errors import ContractError
from omninode_bridge.generation.building import inspect_document
from omninode_bridge.generation.contract import NodeType
from omninode_bridge.generation.document import Document, parse_document
from omninode_bridge.generation.findings import Code, Finding, NodePath
from omninode_bridge.generation.identity import (
    SECTIONS,
    TYPE_KEYS,
    find_name,
    find_text,
    find_type,
    type_word,
)
from omninode_bridge.generation.keys import misspelt_keys, only_close
from omninode_bridge.generation.kinds import refuse_other_files
from omninode_bridge.generation.mixins import NAME_KEYS, close_mixin, find_mixins
from omninode_bridge.generation.names import snake_case
from omninode_bridge.generation.type_names import KNOWN_TYPES, UNSUPPORTED_TYPES

__all__ = [
    "DOCUMENT_CORRECTIONS",
    "TEXT_CORRECTIONS",
    "correct_keys",
    "correct_mixins",
    "correct_name",
    "correct_node_type",
    "correct_tabs",
    "correct_types",
]

Corrected = tuple[Document, tuple[str, ...]]

_CUTOFF = 0.7
_INDENT = re.compile(r"(?m)^[ ]*\t[ \t]*")
_STANDS_FOR_FOLDER = re.compile(
    r"(?:(?:node|effect|compute|reducer|orchestrator)[_-])?(?:contract|node|index|main|spec)",
    re.IGNORECASE,
)
_WORDS = tuple(str(kind) for kind in NodeType)
_TYPE_WORDS = (*KNOWN_TYPES, "stream")


def correct_tabs(text: str) -> tuple[str, tuple[str, ...]]:
    """Turn tabs in indentation into spaces, as many as the file's other indentation uses.

    Where that does not parse, the usual other widths are tried. Text behind the indentation keeps its tabs.
    """
    lines = [text.count("\n", 0, match.start()) + 1 for match in _INDENT.finditer(text)]
    if not lines:
        return text, ()
    width = _indent_width(text)
    width = next((w for w in (width, 8, 4, 2) if _parses(_widened(text, w))), width)
    changed = _widened(text, width)
    shown = f"line {lines[0]}" if len(lines) == 1 else f"{len(lines)} lines from line {lines[0]}"
    return changed, (f"tabs in the indentation of {shown} became {width} spaces each",)


def _widened(text: str, width: int) -> str:
    return _INDENT.sub(lambda match: _spaces(match.group(), width), text)


def _parses(text: str) -> bool:
    try:
        parse_document(text)
    except ContractError:
        return False
    return True


def _indent_width(text: str) -> int:
    depths = [len(match) for match in re.findall(r"(?m)^( {2,8})[^ \t\n#]", text)]
    return min(depths, default=2) if min(depths, default=2) in {2, 3, 4, 8} else 2


def _spaces(indent: str, width: int) -> str:
    """Let a tab reach the next multiple of `width`."""
    size = 0
    for char in indent:
        size = size + 1 if char == " " else (size // width + 1) * width
    return " " * size


def correct_node_type(document: Document) -> Corrected:
    """Replace a misspelt node type by the only one that is close; read a missing one off the name.

    The name counts where it ends in the type: ``price_reader_effect``. A file that is no contract
    does not become one by its name.
    """
    if find_type(document)[0] is not None or refuse_other_files(document) is not None:
        return document, ()
    for section in SECTIONS:
        for key in TYPE_KEYS:
            value = document.get((*section, key))
            if isinstance(value, str):
                close = _close_type(value)
                if close is None:
                    return document, ()
                change = f"node type {value[:60]!r} became {close!r}"
                return document.with_value((*section, key), close), (change,)
    named = find_text(document, "name", "node_name")
    kind = type_word(snake_case(named[1]).rpartition("_")[2]) if named else None
    if kind is None or find_type(document)[1] is None:
        return document, ()
    change = f"node type {str(kind)!r} was read off the name"
    return document.with_value(("node_type",), str(kind)), (change,)


def _close_type(value: str) -> str | None:
    """Return the node type close to the text, or to what is left without its usual endings."""
    plain = re.sub(r"_?(?:generic|node|type)_?", "", snake_case(value))
    return only_close(plain, _WORDS, _CUTOFF)


def correct_name(document: Document) -> Corrected:
    """Name a contract without a name after its file, if that ends in its node type.

    A file that is called ``contract`` and the like stands for its folder.
    """
    kind, _ = find_type(document)
    name, fault = find_name(document)
    if kind is None or name or fault is None or fault.code is not Code.NAME:
        return document, ()
    path = Path(document.path)
    folders = (path.parent.name, path.parent.parent.name, path.parent.parent.parent.name)
    for candidate in (path.stem, *(folders if _STANDS_FOR_FOLDER.fullmatch(path.stem) else ())):
        found = snake_case(candidate)
        if found.endswith(f"_{kind}"):
            change = f"the name {found!r} was read off the path"
            return document.with_value(("name",), found), (change,)
    return document, ()


def correct_keys(document: Document) -> Corrected:
    """Rename a top-level key that is nearly one whose absence prevents or weakens the package."""
    found = misspelt_keys(document)
    for key, wanted in found.items():
        document = document.renamed((key,), wanted)
    return document, tuple(f"key {key!r} became {wanted!r}" for key, wanted in found.items())


def correct_types(document: Document) -> Corrected:
    """Replace misspelt types in the states (``strng``) by the only type that is close."""
    changes = []
    for finding in _found(document, Code.TYPE_NAME):
        value = document.get(finding.where)
        if finding.path != document.path or not isinstance(value, str):
            continue
        close = only_close(value.strip().lower(), _TYPE_WORDS, _CUTOFF)
        if close is None or close in UNSUPPORTED_TYPES or _is_class(value):
            continue
        beside = document.get(finding.where[:-1])
        if isinstance(beside, list) and close in beside:
            continue  # it is listed already, so something else was meant
        document = document.with_value(finding.where, close)
        changes.append(f"type {value[:60]!r} became {close!r} (line {finding.line})")
    return document, tuple(changes)


def _is_class(text: str) -> bool:
    """Whether a type looks like a class, which is no misspelt word."""
    return re.match(r"(?:\w+\.)*[A-Z][a-z]+[A-Z]", text) is not None


def correct_mixins(document: Document) -> Corrected:
    """Replace misspelt names of mixins by the only known one that is close."""
    changes = []
    for finding in find_mixins(document)[1]:
        spot = _mixin_name(document, finding.where)
        value = document.get(spot)
        close = close_mixin(value) if isinstance(value, str) else None
        if close is not None:
            document = document.with_value(spot, close)
            changes.append(f"mixin {value!r} became {close!r}")
    return document, tuple(changes)


def _mixin_name(document: Document, where: NodePath) -> NodePath:
    value = document.get(where)
    if isinstance(value, Mapping):
        return next(((*where, key) for key in NAME_KEYS if isinstance(value.get(key), str)), where)
    return where


def _found(document: Document, code: Code) -> list[Finding]:
    return [finding for finding in inspect_document(document).findings if finding.code is code]


TEXT_CORRECTIONS: tuple[tuple[str, Callable[[str], tuple[str, tuple[str, ...]]]], ...] = (
    ("tabs_to_spaces", correct_tabs),
)
"""Corrections of a text that does not parse, in the order in which to try them."""

DOCUMENT_CORRECTIONS: tuple[tuple[str, Callable[[Document], Corrected]], ...] = (
    ("misspelt_keys", correct_keys),
    ("node_type", correct_node_type),
    ("name", correct_name),
    ("schema_types", correct_types),
    ("mixin_names", correct_mixins),
)
"""Corrections of a document, in the order in which to try them."""
