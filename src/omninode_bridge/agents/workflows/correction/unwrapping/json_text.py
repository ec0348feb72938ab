"""Code as a string of JSON: a field of an object, the whole text, or escapes without quotes."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.models import Fix

from ._layered import Layered, looks_like_code

__all__ = ["from_escapes", "from_json"]

_NAMES = (
    "code", "python_code", "source_code", "generated_code", "corrected_code", "fixed_code", "source",
    "python", "content", "contents", "file_content", "file_contents", "body", "text", "file_text",
    "new_content", "answer", "output", "result", "implementation", "module", "script", "program",
)  # fmt: skip
_FENCE = re.compile(r"\A\s*(?:`{3,}|~{3,})[\w ]*\r?\n([\s\S]*?)(?:\r?\n(?:`{3,}|~{3,})\s*)?\Z")
_DEEPEST = 8
_MOST_STRINGS = 200
_ESCAPE = re.compile(r"\\(?:[\"'\\/bfnrt]|u[0-9a-fA-F]{4})|\\")
_PLAIN = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    '"': '"',
    "'": "'",
    "\\": "\\",
    "/": "/",
    "b": "\b",
    "f": "\f",
}


def from_json(text: str) -> Layered | None:
    """Return the code that JSON holds, in a fence or not."""
    fenced = _FENCE.match(text)
    body = (fenced[1] if fenced else text).strip()
    if not body or body[0] not in '{["':
        return None
    value = _loaded(body)
    if value is None:
        return None
    fix = Fix("unwrap.json", 1, "took the code out of JSON")
    if isinstance(value, str):
        return Layered(value, (fix,)) if _is_code(value) else None
    strings = list(_strings(value))
    named = [(n, s) for n, s in strings if n.lower() in _NAMES and _is_code(s)]
    coded = named or [(n, s) for n, s in strings if _is_code(s)]
    different = list(dict.fromkeys(s for _, s in coded))
    if not different:
        return None
    if len(different) > 1:
        best = min(coded, key=lambda entry: _rank(entry[0]))
        if sum(_rank(n) == _rank(best[0]) for n, _ in coded) > 1:
            return Layered(
                text, (fix,), refusal=f"{len(different)} texts in the JSON look like code"
            )
        different = [best[1]]
    return Layered(
        different[0], (fix,), " ".join(s for _, s in strings if s != different[0])[:20_000]
    )


def _rank(name: str) -> int:
    return _NAMES.index(name.lower()) if name.lower() in _NAMES else len(_NAMES)


def _loaded(body: str) -> object:
    try:
        return json.loads(body, strict=False)
    except (ValueError, RecursionError):
        pass
    if body[0] == '"' or len(body) > 500_000:
        # A string of Python that is none of JSON is a docstring, not a delivery.
        return None
    try:
        return ast.literal_eval(re.sub(r",(\s*[}\]])", r"\1", body))
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None


def _strings(value: object) -> Iterator[tuple[str, str]]:
    """Yield (name, text) of every string inside, the name being that of the nearest key."""
    work: list[tuple[str, object, int]] = [("", value, 0)]
    given = 0
    while work and given < _MOST_STRINGS:
        name, one, depth = work.pop(0)
        if isinstance(one, str):
            given += 1
            yield name, one
        elif depth < _DEEPEST and isinstance(one, dict):
            work += [
                (str(key), inner, depth + 1) for key, inner in list(one.items())[:_MOST_STRINGS]
            ]
        elif depth < _DEEPEST and isinstance(one, list):
            if one and all(isinstance(row, str) for row in one) and len(one) > 2:
                # A notebook keeps a cell as the list of its lines.
                ends = "" if any(str(row).endswith("\n") for row in one) else "\n"
                given += 1
                yield name, ends.join(map(str, one))
            else:
                work += [(name, inner, depth + 1) for inner in one[:_MOST_STRINGS]]


def _is_code(text: str) -> bool:
    lines = text.count("\n")
    return (lines >= 1 or text.count("\\n") >= 2) and (looks_like_code(text) or "```" in text)


def from_escapes(text: str) -> Layered | None:
    r"""Read `\n` and `\"` in a text whose real line ends are gone."""
    ends = text.strip().count("\n")
    escaped = text.count("\\n")
    if escaped < 2 or ends > 2 or ends * 10 > escaped:
        return None
    body = text.strip("\r\n")
    quoted = '\\"' in body

    def meant(found: re.Match[str]) -> str:
        inner = found.group()[1:]
        if not inner or (inner in "\"'" and not quoted):
            return found.group()
        return chr(int(inner[1:], 16)) if inner[0] == "u" else _PLAIN[inner]

    code = _ESCAPE.sub(meant, body)
    if not looks_like_code(code):
        return None
    return Layered(code, (Fix("unwrap.json", 1, "read escaped line ends as line ends"),))
