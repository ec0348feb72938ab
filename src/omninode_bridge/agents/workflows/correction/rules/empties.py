"""Whether a header without a block never had one, or whether its block moved beside it."""

from __future__ import annotations

import re

from omninode_bridge.agents.workflows.correction.lexer import Line
from omninode_bridge.agents.workflows.correction.reindent import columns, statement_end

from .runs import CLAUSES, DEFINING, LEAVING, Statement, gap_above, header_names, run_of

__all__ = ["EMPTY", "MOVED", "UNKNOWN", "inner_comments", "what_happened"]

EMPTY, MOVED, UNKNOWN = "empty", "moved", "unknown"
# What people write where code is still to come, or none is meant to be.
_PLACEHOLDER = re.compile(
    r"(?i)\b(?:todo|fixme|implement\w*|placeholder|your (?:\w+ )?(?:code|logic)|goes here|ignor\w+|nothing|"
    r"no-?op|stub|skip\w*|logic|later|not (?:needed|used|supported)|left (?:blank|empty)|here)\b|\.\.\.|^#\W*$"
)
_INNER_CLASSES = frozenset({"Meta", "Config", "Params", "Media", "Arguments"})
_CLASS = re.compile(r"\s*class\s+(\w+)")
_RECEIVER = re.compile(r"\s*(?:async\s+)?def\s+\w+\s*\(\s*(?:self|cls)\b")


def inner_comments(lines: list[Line], opener: int) -> list[Line]:
    """Return the comments that stand directly below a header and deeper than it."""
    found: list[Line] = []
    for line in lines[statement_end(lines, opener) + 1 :]:
        comment = line.text.lstrip().startswith("#") and columns(line) > columns(lines[opener])
        if not comment or line.in_string:
            break
        found.append(line)
    return found


def what_happened(lines: list[Line], opener: int, following: int | None) -> str:
    """Say whether the block is empty, or whether what follows at the same level is it."""
    if following is None:
        return EMPTY
    level, here = columns(lines[opener]), columns(lines[following])
    if here < level:
        levels = {0, *(columns(line) for line in lines[:opener] if line.begins_statement)}
        return EMPTY if here in levels else UNKNOWN
    if here > level:
        return UNKNOWN
    if lines[following].first_word in CLAUSES:
        return EMPTY
    kind = lines[opener].first_word
    gap = gap_above(lines, following)
    if kind == "class":
        return _class(lines, opener, following, gap)
    if kind in {"def", "async"}:
        return _function(lines, opener, following, gap)
    if kind == "try":
        return MOVED
    if gap > 1 or (gap and lines[following].first_word in DEFINING):
        return EMPTY
    comments = inner_comments(lines, opener)
    if kind == "except":
        return EMPTY if comments else _handler(lines, opener, following, gap)
    if gap:
        return EMPTY
    if comments:
        said = any(_PLACEHOLDER.search(line.text) for line in comments)
        run, _ = run_of(lines, following)
        if run[0].word in LEAVING and len(run) > 1:
            return MOVED
        return EMPTY if said else UNKNOWN
    if kind in {"for", "while"}:
        first = run_of(lines, following)[0][0]
        # A loop that leaves at once, whatever it is given, is no loop: its block may be gone.
        if first.word in LEAVING and not first.reads & header_names(lines[opener].text)[1]:
            return UNKNOWN
    return MOVED


def _function(lines: list[Line], opener: int, following: int, gap: int) -> str:
    if gap:
        return EMPTY
    if lines[following].first_word not in DEFINING:
        return MOVED
    if inner_comments(lines, opener):
        return EMPTY
    level = columns(lines[opener])
    above = next(
        (x for x in reversed(lines[:opener]) if x.begins_statement and columns(x) < level), None
    )
    return EMPTY if above is not None and above.first_word == "class" else MOVED


def _class(lines: list[Line], opener: int, following: int, gap: int) -> str:
    named = _CLASS.match(lines[opener].text)
    run, _ = run_of(lines, following)
    if gap > 1 or inner_comments(lines, opener):
        return EMPTY
    first = run[0]
    if named and named[1] in first.reads:
        return EMPTY  # its own body cannot name it
    if first.word == "class":
        inner = _CLASS.match(lines[following].text)
        if gap:
            return EMPTY
        return MOVED if inner and inner[1] in _INNER_CLASSES else UNKNOWN
    if not gap:
        return MOVED
    if first.word in {"def", "async", "@"}:
        head = next(
            (x for x in lines[following:] if x.begins_statement and x.first_word != "@"), None
        )
        return MOVED if head is not None and _RECEIVER.match(head.text) else EMPTY
    if first.word in {"import", "from", "if", "try", "for", "with"}:
        return EMPTY
    return UNKNOWN


def _handler(lines: list[Line], opener: int, following: int, gap: int) -> str:
    """Judge `except`: its body is the one that most often does nothing."""
    run, clause = run_of(lines, following)
    first = run[0]
    _, given = header_names(lines[opener].text)
    if first.reads & given:
        return MOVED
    text = lines[following].text[: lines[following].code_end].strip()
    if gap:
        return EMPTY
    if clause or text == "raise" or (first.word in LEAVING and len(run) > 1):
        return MOVED
    bound = _bound_in_try(lines, opener)
    if first.binds & bound and not first.reads & bound:
        return MOVED
    if first.word in {"continue", "break"}:
        return MOVED
    if first.word == "raise" and not _leaves(lines, opener):
        return MOVED  # else nothing that was tried could ever be of use
    return UNKNOWN if first.word in {"return", "raise"} else EMPTY


def _bound_in_try(lines: list[Line], opener: int) -> frozenset[str]:
    """Return what the block of the `try` before a handler binds."""
    found: set[str] = set()
    for statement in _tried(lines, opener):
        found |= statement.binds
    return frozenset(found)


def _leaves(lines: list[Line], opener: int) -> bool:
    """Whether the block of the `try` before a handler can end the function or the loop."""
    tried = _tried(lines, opener)
    inside = lines[tried[0].first : opener] if tried else []
    return any(line.begins_statement and line.first_word in LEAVING for line in inside)


def _tried(lines: list[Line], opener: int) -> list[Statement]:
    """Return the statements of the branch before a handler."""
    level = columns(lines[opener])
    begin = opener - 1
    while begin >= 0 and not (lines[begin].begins_statement and columns(lines[begin]) <= level):
        begin -= 1
    inner = next((n for n in range(begin + 1, opener) if lines[n].begins_statement), None)
    if begin < 0 or lines[begin].first_word != "try" or inner is None:
        return []
    return run_of(lines, inner)[0]
