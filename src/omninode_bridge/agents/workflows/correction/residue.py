"""Take off what a template left standing: the tags of its blocks, then its variables."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from .bench import Bench
from .complaint import Complaint
from .models import Fix
from .residue_blocks import without_tags
from .residue_holes import Hole, around, find_holes, word_before
from .residue_names import as_identifier, filtered, fresh, look_up, words_of
from .source import has_python, parse

__all__ = ["UNKNOWN", "fill_variables", "filled_by_chance", "rendered"]

# The rule of a fix that puts something where nothing is known: the outcome is a guess there.
UNKNOWN = "template.unknown"
_UNRENDERED = re.compile(r"unhashable type: '?set|(?i:template|render|jinja|placeholder)")
_NAMED_AFTER = frozenset({"class", "def", "import", "from", "as", "global", "nonlocal", "for", "."})
_TARGET = re.compile(r"[ \t]*(?:[-+*/%&|^@]|//|\*\*|<<|>>)?=(?!=)|[ \t]*:(?!=)")
_KEYWORD = re.compile(r"[ \t]*=(?!=)")
_ANNOTATES = re.compile(
    r"(?:^[ \t]*(?:[A-Za-z_][\w.]*|[^\s\w:][^:\r\n]*)[ \t]*:|->)[ \t]*(?:[\w.]+\[[^\]\r\n]*)?$"
)
_PARAMETER = re.compile(r"[(,*][ \t]*$|^[ \t]*\**$")
_PARAMETER_TYPE = re.compile(r"[(,*][ \t]*[A-Za-z_]\w*[ \t]*:[ \t]*$")
_HEADER = re.compile(r"^[ \t]*(?:async[ \t]+)?def\b")
_USED = re.compile(r"^[ \t]*(?:class\b[^:]*\(|except\b|raise\b|@)[^=\r\n]*$")
_CAMEL = re.compile(r"[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+\Z")
_WORD = re.compile(r"[A-Za-z_]\w*")


def rendered(text: str, values: Mapping[str, object]) -> tuple[str, list[Fix]]:
    """Return the text as if its template had run, as far as that can be told."""
    text, fixes = without_tags(text)
    text, more = fill_variables(text, values)
    return text, fixes + more


def filled_by_chance(
    bench: Bench, text: str, said: Complaint, values: Mapping[str, object]
) -> tuple[str, list[Fix]]:
    """Fill in variables that are Python by chance (a set in a set), if the error speaks of them."""
    opened = _left_open(bench, text)
    if not opened & set(said.undefined) and not (opened and _UNRENDERED.search(said.text)):
        return text, []
    filled, fixes = fill_variables(text, values)
    sound = bench.problem(filled) is None and not _left_open(bench, filled)
    return (filled, fixes) if sound else (text, [])


def _left_open(bench: Bench, text: str) -> set[str]:
    """Return the undefined names that stand in two braces: to Python a set in a set, which none can be."""
    tree, names = bench.tree(text), bench.names(text)
    found: set[str] = set()
    if "{{" not in text or tree is None or names is None:
        return found
    for node in ast.walk(tree):
        inner = node.elts[0] if isinstance(node, ast.Set) and len(node.elts) == 1 else None
        held: ast.expr | None = None
        if isinstance(inner, ast.Set) and len(inner.elts) == 1:
            held = inner.elts[0]
        while isinstance(held, ast.Attribute):
            held = held.value
        if isinstance(held, ast.Name) and held.id in names.undefined:
            found.add(held.id)
    return found


def fill_variables(text: str, values: Mapping[str, object]) -> tuple[str, list[Fix]]:
    """Put values, or names made of their own, in place of variables like ``{{ name }}``.

    Two braces are good Python inside of strings. So a variable in a string is filled in only where
    the same one also stands outside of strings, and in no f-string. One that has no value becomes a
    valid name, the same in all places, where a name has to stand; `None` (`object` in annotations)
    where a value does.

    Args:
        text: of a template, partly rendered; not code as it stands.
        values: by name; mappings inside are reached by dots.
    """
    holes = find_holes(text)
    if not holes:
        return text, []
    groups: dict[tuple[str, str], list[Hole]] = {}
    for hole in holes:
        groups.setdefault(hole.key, []).append(hole)
    taken = _words_outside(text, holes)
    # Shell, PHP and configuration are full of such variables, and none of them is a template.
    sure = has_python(text) or parse(text) is not None
    edits: list[tuple[Hole, str, Fix]] = []
    for (name, filters), same in groups.items():
        value = filtered(look_up(values, name), filters)
        roles = [_role(text, hole) if hole.quoted is None else "" for hole in same]
        named = any(role in ("class", "def", "name") for role in roles)
        if value is None and (not sure or (not named and "used" in roles)):
            continue
        known = value is not None
        rule = "template" if known else UNKNOWN
        whole = _name_of(text, name, filters, value, same, roles, taken) if named else ""
        taken.add(whole)
        for hole, role in zip(same, roles, strict=True):
            put = whole or _value_of(value, role, taken)
            if hole.quoted is not None and not whole:
                if not known:
                    continue
                put = str(value)
            what = f"filled in {name!r}" if known else f"put {put} for {name!r}, which has no value"
            line = text.count("\n", 0, hole.start) + 1
            edits.append((hole, put, Fix(rule, line, what)))
    fixes = []
    for hole, put, fix in sorted(edits, key=lambda edit: -edit[0].start):
        text = text[: hole.start] + put + text[hole.end :]
        fixes.append(fix)
    return text, fixes[::-1]


def _words_outside(text: str, holes: list[Hole]) -> set[str]:
    """Return the words of a text without those of its variables."""
    parts, done = [], 0
    for hole in holes:
        parts.append(text[done : hole.start])
        done = hole.end
    return set(_WORD.findall(" ".join([*parts, text[done:]])))


def _name_of(
    text: str,
    name: str,
    filters: str,
    value: object,
    same: list[Hole],
    roles: list[str],
    taken: set[str],
) -> str:
    """Return the name that all places of a variable get."""
    lone = any(around(text, hole) == text[hole.start : hole.end] for hole in same)
    words = [word.lower() for word in words_of(name)]
    of_class = "class" in roles or (
        "def" not in roles and ("class" in words or _CAMEL.match(name) is not None)
    )
    if isinstance(value, str) and value.isidentifier():
        return value
    if not lone:
        hole = same[0]
        head, tail = around(text, hole).split(text[hole.start : hole.end], 1)
        of_class = tail[:1].isupper() or (head[-1:].islower() and not tail)
        return as_identifier(
            name if value is None else str(value), filters, of_class=of_class, lone=not head
        )
    made = as_identifier(name if value is None else str(value), filters, of_class=of_class)
    return fresh(made, taken)


def _value_of(value: object, role: str, taken: set[str]) -> str:
    """Return what stands for a variable where a value has to stand."""
    if value is None:
        return "object" if role == "type" else "None"
    if not isinstance(value, str):
        return repr(value)
    words = set(_WORD.findall(value))
    try:
        tree = ast.parse(value, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return repr(value)
    plain = role in ("type", "used") or isinstance(
        tree, (ast.Constant, ast.List, ast.Dict, ast.Tuple)
    )
    return value if plain or words <= taken else repr(value)


def _role(text: str, hole: Hole) -> str:
    """Say what stands at a place: class, name, type, used (called, reached into) or value."""
    start = hole.start
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    before = word_before(text, start)
    row_start = text.rfind("\n", 0, start) + 1
    row = text[row_start:start]
    rest = text[hole.end : hole.end + 80]
    if before in ("class", "def"):
        return before
    if before in _NAMED_AFTER or around(text, hole) != text[hole.start : hole.end]:
        return "name"
    in_header = _HEADER.match(_opener(text, row_start))
    if in_header and _PARAMETER.search(row) and rest.lstrip(" \t")[:1] in tuple(",):="):
        return "name"
    opened = _open_bracket(text, start)
    if not opened and not before and _TARGET.match(rest):
        return "name"
    if opened == "(" and before in ("", "(", ",") and _KEYWORD.match(rest):
        return "name"
    if (
        (_ANNOTATES.search(row) and not opened)
        or row.rstrip().endswith("->")
        or (in_header and _PARAMETER_TYPE.search(row))
    ):
        return "type"
    alone = not opened and not row.strip() and not rest.split("\n", 1)[0].strip(" \t\r;")
    if alone or _USED.match(row) or rest[:1] in tuple("([.") or before == "@":
        return "used"
    return "value"


def _opener(text: str, row_start: int) -> str:
    """Return the line on which the statement around a place seems to begin."""
    for _ in range(30):
        end = text.find("\n", row_start)
        row = text[row_start : end if end >= 0 else len(text)]
        if not row_start or re.match(r"[ \t]*(?:async|def|class|return|@|\w+[ \t]*=)", row):
            return row
        row_start = text.rfind("\n", 0, row_start - 1) + 1
    return ""


def _open_bracket(text: str, at: int) -> str:
    """Return the bracket around a place, by what is near before it; an empty string if there is none."""
    depth = 0
    for place in range(at - 1, max(-1, at - 2000), -1):
        char = text[place]
        if char in ")]}":
            depth += 1
        elif char in "([{":
            if not depth:
                return char
            depth -= 1
        elif char == "\n" and text[place + 1 : place + 2].strip():
            # A line at the margin begins a statement.
            return ""
    return ""
