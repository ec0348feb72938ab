"""Files of patterns in TOML, YAML or JSON: from text to plain values, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ._file_places import json_places, toml_places

__all__ = ["MAX_DOTS", "FileSyntaxError", "RawPattern", "dotted_line", "parse_patterns"]

MAX_PATTERNS = 10_000
_MAX_DEPTH = 40
_MAX_NODES = 200_000
MAX_DOTS = 40  # in one key of TOML: to read one takes a time that grows with their square
# A text that is never closed is taken up to its end too: nothing is read twice.
_STRINGS = (
    r"\"{3}(?:\\[\s\S]|[^\\])*?(?:\"{3}|\Z)|'{3}[\s\S]*?(?:'{3}|\Z)"
    r"|\"(?:\\.|[^\"\\\n])*+\"?|'[^'\n]*+'?|#[^\n]*"
)
_DOTTED = rf"\.(?:[\w \t\"'-]*\.){{{MAX_DOTS}}}"
_AT_LINE = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)")
_QUOTES = "write a regex in single quotes, where a backslash stays a backslash"


class FileSyntaxError(Exception):
    """The text is not what its format asks for.

    Attributes:
        line: 1-based line, or None.
        fix: what would be right; empty where nothing better is known.
    """

    def __init__(self, message: str, *, line: int | None = None, fix: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.fix = fix


@dataclass(frozen=True, slots=True)
class RawPattern:
    """One item of the list of patterns, not judged yet.

    Attributes:
        value: what the file holds; a mapping if all is well.
        line: where it begins.
        lines: where its keys are, those of metadata as ``metadata.key``.
    """

    value: Any
    line: int | None = None
    lines: Mapping[str, int] = field(default_factory=dict)

    def line_of(self, key: str) -> int | None:
        """Return the line of a key, or where the pattern begins."""
        return self.lines.get(key) or self.lines.get(key.partition(".")[0]) or self.line


def parse_patterns(text: str, suffix: str) -> list[RawPattern]:
    """Return the patterns of a text.

    Args:
        text: the content of the file.
        suffix: ``.toml``, ``.yaml``, ``.yml`` or ``.json``.

    Raises:
        FileSyntaxError: the text is not of its format, or has no list of patterns.
    """
    try:
        if suffix == ".toml":
            return _of_toml(text)
        if suffix == ".json":
            return _of_json(text)
        return _of_yaml(text)
    except RecursionError:
        raise FileSyntaxError("nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits
        raise FileSyntaxError(_lower(str(error))) from error


def dotted_line(text: str) -> int | None:
    """Return the first line of a TOML text that has a key with more than `MAX_DOTS` dots, or None."""
    if text.count(".") <= MAX_DOTS:
        return None
    bare = re.sub(_STRINGS, lambda found: '""' + "\n" * found[0].count("\n"), text)
    found = re.search(_DOTTED, bare)
    return None if found is None else bare.count("\n", 0, found.start()) + 1


def _of_toml(text: str) -> list[RawPattern]:
    import tomllib

    line = dotted_line(text)
    if line is not None:
        raise FileSyntaxError(f"a key has more than {MAX_DOTS} dots", line=line)
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _AT_LINE.search(message)
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        said = _AT_LINE.sub("", message).strip()
        fix = _QUOTES if "\\" in said or "escape" in said.lower() else ""
        raise FileSyntaxError(f"not TOML: {_lower(said)}", line=line, fix=fix) from error
    items = _listed(value)
    return _placed(items, toml_places(text, len(items)))


def _of_json(text: str) -> list[RawPattern]:
    import json

    try:
        value = json.loads(text, object_pairs_hook=_without_doubles)
    except json.JSONDecodeError as error:
        fix = "in JSON a backslash is written twice" if "escape" in error.msg else ""
        raise FileSyntaxError(
            f"not JSON: {_lower(error.msg)}", line=error.lineno, fix=fix
        ) from error
    items = _listed(value)
    return _placed(items, json_places(text))


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise FileSyntaxError(f"key {double!r} occurs twice in one object")
    return found


def _of_yaml(text: str) -> list[RawPattern]:
    import yaml

    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return _placed(_listed(None), [])
        _refuse_doubles(root)
        value = loader.construct_document(root)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        said = str(getattr(error, "problem", None) or error)
        fix = _QUOTES if "escape" in said else ""
        line = mark.line + 1 if mark is not None else None
        raise FileSyntaxError(f"not YAML: {_lower(said)}", line=line, fix=fix) from error
    finally:
        loader.dispose()
    items = _listed(value)
    return _placed(items, list(_yaml_places(root)))


def _refuse_doubles(root: Any) -> None:
    """Refuse what YAML would take silently, and what grows without bounds when it is read."""
    left = _MAX_NODES
    stack = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        left -= 1
        if left < 0 or depth > _MAX_DEPTH:
            raise FileSyntaxError("nested too deeply or too large", line=node.start_mark.line + 1)
        if node.id == "sequence":
            stack += [(inner, depth + 1) for inner in node.value]
        elif node.id == "mapping":
            seen: set[str] = set()
            for key, value in node.value:
                name = key.value if key.id == "scalar" else ""
                if name in seen and name:
                    raise FileSyntaxError(
                        f"key {name!r} occurs twice", line=key.start_mark.line + 1
                    )
                seen.add(name)
                stack.append((value, depth + 1))


def _yaml_places(root: Any) -> Iterator[tuple[int, dict[str, int]]]:
    items = root.value if root.id == "sequence" else []
    if root.id == "mapping":
        items = next((v.value for k, v in root.value if k.value == "patterns"), [])
    for item in items:
        lines: dict[str, int] = {}
        for key, value in item.value if item.id == "mapping" else ():
            lines[str(key.value)] = key.start_mark.line + 1
            for inner, _ in value.value if value.id == "mapping" else ():
                lines[f"{key.value}.{inner.value}"] = inner.start_mark.line + 1
        yield item.start_mark.line + 1, lines


def _listed(value: Any) -> list[Any]:
    """Return the list of patterns: the whole file, or what it has under ``patterns``."""
    if isinstance(value, Mapping):
        others = [str(key) for key in value if key != "patterns"]
        if others:
            raise FileSyntaxError(
                f"there is no key {others[0]!r} beside 'patterns'",
                fix="a file holds a list of patterns under the key 'patterns'",
            )
        value = value.get("patterns")
    if not isinstance(value, list):
        raise FileSyntaxError(
            "there is no list of patterns",
            fix="begin each with [[patterns]] in TOML; list them under 'patterns' in YAML and JSON",
        )
    if len(value) > MAX_PATTERNS:
        raise FileSyntaxError(f"{len(value)} patterns; at most {MAX_PATTERNS} are allowed")
    return value


def _placed(items: list[Any], places: list[tuple[int, dict[str, int]]]) -> list[RawPattern]:
    if len(places) != len(items):  # an unusual layout: better no line than a wrong one
        return [RawPattern(item) for item in items]
    return [RawPattern(item, *place) for item, place in zip(items, places, strict=True)]


def _lower(said: str) -> str:
    said = " ".join(said.split())
    return said[:1].lower() + said[1:]
