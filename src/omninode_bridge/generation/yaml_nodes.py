"""YAML text to a tree of nodes with places, bounded in depth and size before anything is built.

The tree is built from parser events, not by PyYAML's composer: the composer recurses, expands
aliases without a bound, keeps the last of two equal keys, and turns tags into Python objects.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from omninode_bridge.errors import ContractError, ContractInvalidError, ContractSyntaxError
from omninode_bridge.generation.scalars import MAX_DIGITS, TooLargeNumberError, plain_value
from omninode_bridge.generation.yaml_faults import mark_place, syntax_error, tag_error

__all__ = ["MAX_DEPTH", "MAX_NODES", "Entry", "Node", "build_tree"]

MAX_DEPTH = 64
MAX_NODES = 100_000
"""Values in one document, aliases counted as often as they are used."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STANDARD = "tag:yaml.org,2002:"
_AS_TEXT = frozenset({"!", _STANDARD + "str", _STANDARD + "timestamp"})
_AS_PLAIN = frozenset({_STANDARD + name for name in ("int", "float", "bool", "null")})
_COLLECTIONS = frozenset({"!", _STANDARD + "map", _STANDARD + "seq"})


@dataclass(slots=True)
class Entry:
    """One key of a mapping and its value."""

    key: str
    line: int
    column: int
    value: Node


@dataclass(slots=True)
class Node:
    """A value with its 1-based place; `size` and `height` count what an alias to it adds."""

    kind: str
    line: int
    column: int
    scalar: str | int | float | bool | None = None
    text: str = ""
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    size: int = 1
    height: int = 1


@dataclass(slots=True)
class _Open:
    """A collection whose end has not been seen."""

    node: Node
    anchor: str | None
    key: Node | None = None
    merges: list[Node] = field(default_factory=list)


def build_tree(text: str, *, path: str) -> tuple[Node | None, list[ContractSyntaxError]]:
    """Build the tree of the only document in `text`; None if there is no content.

    Returns:
        The tree, and an error for every key that a mapping holds twice (the first one is kept).

    Raises:
        ContractSyntaxError: not YAML, or several documents.
        ContractInvalidError: too deep, too many values, a number too large.
        ContractSecurityError: a tag that asks for a programming language's object.
        UnsupportedFeatureError: any other tag.
    """
    builder = _Builder(path)
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        if mark is not None and "maximum nesting depth" in str(getattr(error, "problem", "")):
            # newer versions of libyaml read ahead, and meet their own limit before ours
            raise builder.too_much(f"nested deeper than {MAX_DEPTH} levels", mark) from error
        raise syntax_error(error, text, path=path) from error
    return builder.root, builder.duplicates


def _events(text: str) -> Iterator[Any]:
    return yaml.parse(text, Loader=_LOADER)


class _Builder:
    def __init__(self, path: str) -> None:
        self.path = path
        self.root: Node | None = None
        self.duplicates: list[ContractSyntaxError] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node | None] = {}
        self._count = 0

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            node = self._scalar(event)
            if event.anchor:
                self._anchors[event.anchor] = node
            self._add(node, event)
        elif isinstance(event, yaml.AliasEvent):
            self._add(self._alias(event), event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._start(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._end(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._anchors.clear()

    def _start(self, event: Any) -> None:
        kind = "map" if isinstance(event, yaml.MappingStartEvent) else "list"
        line, column = mark_place(event.start_mark)
        if event.tag and event.tag not in _COLLECTIONS:
            raise tag_error(event.tag, event.start_mark, path=self.path)
        if len(self._open) >= MAX_DEPTH:
            raise self.too_much(f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
        if event.anchor:
            self._anchors[event.anchor] = None
        self._open.append(_Open(Node(kind, line, column), event.anchor))

    def _end(self, event: Any) -> None:
        closed = self._open.pop()
        for merged in closed.merges:
            self._merge(closed.node, merged, event)
        if closed.anchor:
            self._anchors[closed.anchor] = closed.node
        self._add(closed.node, event)

    def _scalar(self, event: Any) -> Node:
        line, column = mark_place(event.start_mark)
        value = event.value
        tag = event.tag
        if tag and tag not in _AS_TEXT and tag not in _AS_PLAIN:
            raise tag_error(tag, event.start_mark, path=self.path)
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            raise ContractSyntaxError(
                "half a character (a lone surrogate)", path=self.path, line=line, column=column
            )
        plain = tag in _AS_PLAIN if tag else event.style in {None, ""} and event.implicit[0]
        try:
            scalar = plain_value(value) if plain else value
        except TooLargeNumberError as error:
            raise ContractInvalidError(
                f"a number of more than {MAX_DIGITS} digits",
                path=self.path,
                line=line,
                column=column,
                hint="write it as text, in quotes",
            ) from error
        return Node("scalar", line, column, scalar=scalar, text=value)

    def _alias(self, event: Any) -> Node:
        line, column = mark_place(event.start_mark)
        target = self._anchors.get(event.anchor)
        if target is not None:
            return target
        inside = event.anchor in self._anchors
        raise ContractSyntaxError(
            f"alias '*{event.anchor}' {'stands inside its own anchor' if inside else 'has no anchor'}",
            path=self.path,
            line=line,
            column=column,
            hint=f"write '&{event.anchor}' at the value first, or put text with a star in quotes",
        )

    def _add(self, node: Node, event: Any) -> None:
        self._count += node.size if isinstance(event, yaml.AliasEvent) else 1
        if self._count > MAX_NODES:
            raise self.too_much(f"more than {MAX_NODES} values, aliases expanded", event.start_mark)
        if len(self._open) + node.height > MAX_DEPTH:
            raise self.too_much(f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
        if not self._open:
            self._finish_document(node)
            return
        parent = self._open[-1]
        if parent.node.kind == "list":
            parent.node.items.append(node)
            self._grow(parent.node, node)
        elif parent.key is None:
            parent.key = self._checked_key(node, event)
        else:
            self._put(parent, parent.key, node, event)
            parent.key = None

    def _checked_key(self, node: Node, event: Any) -> Node:
        if node.kind != "scalar":
            raise ContractSyntaxError(
                "a map or list where a key should be",
                path=self.path,
                line=node.line,
                column=node.column,
                hint="put text that starts with a brace or bracket in quotes",
            )
        if isinstance(event, yaml.AliasEvent):
            line, column = mark_place(event.start_mark)
            return Node("scalar", line, column, scalar=node.scalar, text=node.text)
        return node

    def _put(self, parent: _Open, key: Node, value: Node, event: Any) -> None:
        if key.text == "<<" and isinstance(key.scalar, str):
            parent.merges.append(value)
            return
        first = parent.node.entries.get(key.text)
        if first is not None:
            self.duplicates.append(
                ContractSyntaxError(
                    f"duplicate key {key.text!r}: lines {first.line} and {key.line}",
                    path=self.path,
                    line=key.line,
                    column=key.column,
                    hint="keep one of the two",
                    related_lines=(first.line,),
                )
            )
            return
        parent.node.entries[key.text] = Entry(key.text, key.line, key.column, value)
        self._grow(parent.node, value)

    def _merge(self, target: Node, source: Node, event: Any) -> None:
        for part in source.items if source.kind == "list" else [source]:
            if part.kind != "map":
                raise ContractSyntaxError(
                    "the merge key '<<' takes a map or a list of maps",
                    path=self.path,
                    line=part.line,
                    column=part.column,
                )
            self._count += part.size
            if self._count > MAX_NODES:
                raise self.too_much(
                    f"more than {MAX_NODES} values, aliases expanded", event.start_mark
                )
            for key, entry in part.entries.items():
                if key not in target.entries:
                    target.entries[key] = entry
                    self._grow(target, entry.value)

    @staticmethod
    def _grow(parent: Node, child: Node) -> None:
        parent.size += child.size
        parent.height = max(parent.height, child.height + 1)

    def _finish_document(self, node: Node) -> None:
        if node.kind == "scalar" and node.scalar is None:
            return
        if self.root is not None:
            raise ContractSyntaxError(
                "a second document starts here",
                path=self.path,
                line=node.line,
                column=node.column,
                hint="one contract per file",
                related_lines=(self.root.line,),
            )
        self.root = node

    def too_much(self, what: str, mark: Any) -> ContractError:
        line, column = mark_place(mark)
        return ContractInvalidError(what, path=self.path, line=line, column=column)
