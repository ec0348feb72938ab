"""A parsed contract file: plain JSON values, and the place of every one of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from omninode_bridge.errors import NotAContractError
from omninode_bridge.generation.findings import Code, Finding, NodePath, Severity
from omninode_bridge.generation.yaml_faults import refuse_unprintable
from omninode_bridge.generation.yaml_nodes import Node, build_tree

__all__ = ["Document", "parse_document"]

_SURROGATES = re.compile(r"(\\\\)|\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True)
class Document:
    """One file.

    Attributes:
        path: the file, as the user named it.
        text: what was parsed.
        data: the top-level map; nobody changes it, edits make a new document.
        places: line and column of values, by path.
        key_places: line and column of keys, by the path of their value.
        raw: unquoted scalars as written, by path (``1.10``, not ``1.1``).
        files: edited versions of the files that this one refers to, by resolved path.
    """

    path: str
    text: str
    data: Mapping[str, Any]
    places: Mapping[NodePath, tuple[int, int]]
    key_places: Mapping[NodePath, tuple[int, int]]
    raw: Mapping[NodePath, str]
    files: Mapping[str, Document] = field(default_factory=dict)

    def get(self, where: NodePath, default: Any = None) -> Any:
        """Return the value at `where`, or `default` if there is none."""
        value: Any = self.data
        for step in where:
            table: Any = value if isinstance(value, Mapping) else None
            if isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
                value = value[step]
            elif table is not None and isinstance(step, str) and step in table:
                value = table[step]
            else:
                return default
        return value

    def has(self, where: NodePath) -> bool:
        """Whether there is a value at `where`."""
        missing = object()
        return self.get(where, missing) is not missing

    def written(self, where: NodePath) -> str | None:
        """Return the scalar at `where` as the author wrote it, without quotes."""
        value = self.get(where)
        if isinstance(value, str):
            return value
        return self.raw.get(where) if value is not None else None

    def place(self, where: NodePath) -> tuple[int | None, int | None]:
        """Return line and column of the value at `where`, or of the nearest thing above it.

        A value that starts below its key is placed at the key.
        """
        while where:
            key = self.key_places.get(where)
            value = self.places.get(where)
            if value is not None and (key is None or key[0] == value[0]):
                return value
            if key is not None:
                return key
            where = where[:-1]
        return self.places.get((), (None, None))

    def finding(
        self,
        where: NodePath,
        code: Code,
        message: str,
        *,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> Finding:
        """Return a finding about the value at `where`."""
        line, column = self.place(where)
        return Finding(self.path, line, column, severity, code, message, hint, where)

    def with_value(self, where: NodePath, value: Any) -> Document:
        """Return a copy in which the value at `where` is another one (or a new one)."""
        return replace(self, data=_edited(self.data, where, value=value))

    def without(self, where: NodePath) -> Document:
        """Return a copy without the value at `where`; places of later list items are kept right."""
        if not self.has(where):
            return self
        changed = replace(self, data=_edited(self.data, where, remove=True))
        last = where[-1]
        if isinstance(last, str):
            return changed

        def shifted(path: NodePath) -> NodePath | None:
            head, size = where[:-1], len(where)
            step = path[size - 1] if len(path) >= size and path[: size - 1] == head else None
            if not isinstance(step, int) or step < last:
                return path
            return None if step == last else (*head, step - 1, *path[size:])

        return changed._moved(shifted)

    def renamed(self, where: NodePath, key: str) -> Document:
        """Return a copy in which the key of the value at `where` is another one, in its place."""
        parent = self.get(where[:-1])
        items = {key if name == where[-1] else name: value for name, value in parent.items()}
        changed = replace(self, data=_edited(self.data, where[:-1], value=items))
        size = len(where)
        new = (*where[:-1], key)
        return changed._moved(lambda path: (*new, *path[size:]) if path[:size] == where else path)

    def with_file(self, path: str, document: Document) -> Document:
        """Return a copy that sees `document` in place of the file at `path`."""
        return replace(self, files={**self.files, path: document})

    def _moved(self, move: Any) -> Document:
        def table(old: Mapping[NodePath, Any]) -> dict[NodePath, Any]:
            moved = ((move(path), place) for path, place in old.items())
            return {path: place for path, place in moved if path is not None}

        return replace(
            self,
            places=table(self.places),
            key_places=table(self.key_places),
            raw=table(self.raw),
        )


def _edited(data: Any, where: NodePath, *, value: Any = None, remove: bool = False) -> Any:
    if not where:
        return value
    step, rest = where[0], where[1:]
    copy: Any = dict(data) if isinstance(data, Mapping) else list(data)
    if rest:
        copy[step] = _edited(copy[step], rest, value=value, remove=remove)
    elif remove:
        del copy[step]
    else:
        copy[step] = value
    return copy


def parse_document(text: str, *, path: str = "") -> Document:
    """Parse the text of a contract, or of a file that a contract refers to.

    Raises:
        ContractSyntaxError: not YAML; a key twice in one map (with both lines); cut off.
        ContractInvalidError: empty, no map at the top, too deep, too many values.
        ContractSecurityError: a tag that asks for an object of a programming language.
        UnsupportedFeatureError: any other tag.
    """
    document, findings = parse_leniently(text, path=path)
    if findings:
        raise findings[0].as_error()
    return document


def parse_leniently(text: str, *, path: str = "") -> tuple[Document, tuple[Finding, ...]]:
    """Parse like `parse_document`, but hand over duplicate keys as findings; the first one wins."""
    text = text.removeprefix("\ufeff")
    refuse_unprintable(text, path=path)
    source = _SURROGATES.sub(_joined, text) if path.lower().endswith(".json") else text
    root, duplicates = build_tree(source, path=path)
    if root is None:
        raise NotAContractError(
            "the file is empty", path=path, line=1, hint="a contract is a map with 'node_type'"
        )
    if root.kind != "map":
        kind = "a list" if root.kind == "list" else "a single value"
        raise NotAContractError(
            f"is not a node contract: the top level is {kind}",
            path=path,
            line=root.line,
            column=root.column,
            hint="a contract is a map with 'node_type'",
        )
    places: dict[NodePath, tuple[int, int]] = {}
    keys: dict[NodePath, tuple[int, int]] = {}
    raw: dict[NodePath, str] = {}
    data = _plain(root, (), places, keys, raw)
    found = tuple(
        Finding(
            path,
            error.line,
            error.column,
            Severity.ERROR,
            Code.DUPLICATE_KEY,
            error.message,
            error.hint,
            related_lines=error.related_lines,
        )
        for error in duplicates
    )
    return Document(path, text, data, places, keys, raw), found


def _joined(match: re.Match[str]) -> str:
    """Write a JSON surrogate pair the way YAML knows it."""
    if match.group(1):
        return match.group()
    high, low = int(match.group(2), 16), int(match.group(3), 16)
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"


def _plain(
    node: Node,
    where: NodePath,
    places: dict[NodePath, tuple[int, int]],
    keys: dict[NodePath, tuple[int, int]],
    raw: dict[NodePath, str],
) -> Any:
    places[where] = (node.line, node.column)
    if node.kind == "scalar":
        if not isinstance(node.scalar, str):
            raw[where] = node.text
        return node.scalar
    if node.kind == "list":
        return [_plain(n, (*where, i), places, keys, raw) for i, n in enumerate(node.items)]
    data: dict[str, Any] = {}
    for key, entry in node.entries.items():
        keys[(*where, key)] = (entry.line, entry.column)
        data[key] = _plain(entry.value, (*where, key), places, keys, raw)
    return data
