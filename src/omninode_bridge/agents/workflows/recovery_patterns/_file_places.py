"""Where the patterns of a TOML or JSON file begin, and where their keys are."""

from __future__ import annotations

import re

__all__ = ["json_places", "toml_places"]

Place = tuple[int, dict[str, int]]

_TOML_QUIET = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*', re.DOTALL
)
_TOML_LINE = re.compile(
    r"^[ \t]*(?:(\[\[ *patterns *\]\])|\[ *patterns *\. *(\w+) *\]|(\[)|([\w.-]+)[ \t]*=)",
    re.MULTILINE,
)
_TOML_KEY = re.compile(r"([\w.-]+)[ \t]*=")
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def toml_places(text: str, count: int) -> list[Place]:
    """Return line and lines of keys for each pattern; another number of them if not sure."""
    quiet = _TOML_QUIET.sub(lambda m: re.sub(r"[^\n]", "_", m[0]), text)
    places = _toml_tables(quiet)
    return places if len(places) == count else _toml_inline(quiet)


def _toml_tables(quiet: str) -> list[Place]:
    places: list[Place] = []
    table: str | None = None
    line, at = 1, 0
    for found in _TOML_LINE.finditer(quiet):
        start = found.start(found.lastindex or 0)
        line += quiet.count("\n", at, start)
        at = start
        if found[1]:
            places.append((line, {}))
            table = ""
        elif found[2]:
            table = f"{found[2]}."
            if places:
                places[-1][1].setdefault(found[2], line)
        elif found[3]:
            table = None
        elif places and table is not None:
            places[-1][1].setdefault(table + found[4], line)
    return places


def _toml_inline(quiet: str) -> list[Place]:
    """Read ``patterns = [{...}, {...}]``."""
    begins = re.search(r"^[ \t]*patterns[ \t]*=[ \t]*\[", quiet, re.MULTILINE)
    places: list[Place] = []
    depth = 0
    start = 0
    for found in re.finditer(r"[{}]", quiet[begins.end() :]) if begins else ():
        at = found.start() + (begins.end() if begins else 0)
        if found[0] == "{":
            start = at if depth == 0 else start
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                line = quiet.count("\n", 0, start) + 1
                lines = {
                    key[1]: line + quiet.count("\n", start, key.start())
                    for key in _TOML_KEY.finditer(quiet, start, at)
                }
                places.append((line, lines))
    return places


def json_places(text: str) -> list[Place]:
    """Return line and lines of keys for each pattern of a list under ``patterns`` or alone."""
    places: list[Place] = []
    path: list[str] = []  # the open brackets, and under which key each was opened
    key = last = ""
    line, at = 1, 0
    for found in _JSON_TOKEN.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        sign = found[0]
        if sign in "{[":
            if sign == "{" and path in (["["], ["{", "[patterns"]):
                places.append((line, {}))
            path.append(sign + key)
            key = ""
        elif sign in "}]":
            path = path[:-1]
        elif sign == ":":
            key = last.strip('"')
            inside = len(path) - (2 if path[:1] == ["{"] else 1)
            if places and inside == 1:
                places[-1][1].setdefault(key, line)
            elif places and inside == 2 and path[-1].startswith("{"):
                places[-1][1].setdefault(f"{path[-1][1:]}.{key}", line)
        elif sign == ",":
            key = ""
        last = sign
    return places
