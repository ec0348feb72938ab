r"""Escapes that are none: `"\d"`."""

from __future__ import annotations

import re

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.complaint import Complaint
from omninode_bridge.agents.workflows.correction.models import Fix

from .tokens import Token, tokens_of

__all__ = ["wanted"]

_SAID = re.compile(r"invalid (?:octal )?escape sequence|W605|\"\\\\.\" is an invalid escape")
_VALID = frozenset("\n\r\\'\"abfnrtvx01234567NuU")
_CLASSES = frozenset("dswDSWB.()[]{}+*?$^|")
_NAMED = re.compile(r"(?i)regex|pattern|(?:^|_)re$|(?:^|_)rx$")
_ESCAPE = re.compile(r"\\([\s\S])")


def wanted(bench: Bench, text: str, said: Complaint) -> tuple[str, list[Fix]]:
    r"""Make strings raw whose escapes are all invalid; double the backslash of one among valid ones."""
    if not _SAID.search(said.text) or bench.problem(text) is not None:
        return text, []
    fixes: list[Fix] = []
    tokens = tokens_of(text)
    for number in range(len(tokens) - 1, -1, -1):
        token = tokens[number]
        if token.kind != "string" or "\\" not in token.text:
            continue
        quotes = re.search(r"[\"']", token.text)
        assert quotes is not None  # noqa: S101 -- a string has quotes
        prefix, body = token.text[: quotes.start()], token.text[quotes.start() :]
        if "r" in prefix.lower():
            continue
        valid = _VALID - set("NuU") if "b" in prefix.lower() else _VALID
        escapes = _ESCAPE.findall(body)
        bad = [char for char in escapes if char not in valid]
        if not bad:
            continue
        line = text.count("\n", 0, token.start) + 1
        good = set(escapes) - set(bad)
        pattern = _is_pattern(tokens, number) or (good <= {"b"} and bool(_CLASSES & set(bad)))
        if (not good or pattern) and "u" not in prefix.lower():
            new = "r" + token.text
            fixes.append(Fix("escapes", line, "made a string raw"))
        else:
            new = prefix + _doubled(body, valid)
            fixes.append(Fix("escapes", line, "doubled the backslash of an invalid escape"))
        text = text[: token.start] + new + text[token.end :]
    return text, fixes[::-1]


def _is_pattern(tokens: list[Token], number: int) -> bool:
    """Whether a string is handed to `re`, or to a name that says it is a pattern."""
    near = [t for t in tokens[max(0, number - 8) : number] if t.kind == "name"]
    called = any(t.text in ("re", "regex") for t in near[-2:])
    return called or any(_NAMED.search(t.text) for t in near[-1:])


def _doubled(body: str, valid: frozenset[str]) -> str:
    return _ESCAPE.sub(lambda m: m.group() if m[1] in valid else "\\" + m.group(), body)
