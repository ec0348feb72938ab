"""Arguments that are given twice, parameters that stand in an order that is not allowed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Offsets, Problem

from .tokens import Token, tokens_of

__all__ = ["propose_order", "propose_repeated"]

_REPEATED = re.compile(r"keyword argument repeated: (\w+)")
_ORDER = re.compile(r"non-default argument follows|parameter without a default follows|non-default")


def propose_repeated(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Take away the second of two keyword arguments that say the same."""
    said = _REPEATED.match(problem.message)
    if said is None:
        return
    tree = bench.tree(text)
    if tree is None:
        return
    offsets = Offsets(text)
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Call, ast.ClassDef)):
            continue
        named = [k for k in node.keywords if k.arg == said[1]]
        if len(named) < 2 or ast.dump(named[0].value) != ast.dump(named[1].value):
            continue
        start, end = offsets.at(named[1].lineno, named[1].col_offset), offsets.end(named[1].value)
        before = re.compile(r",[ \t]*(?:#[^\n]*)?\s*\Z").search(text, max(0, start - 300), start)
        after = re.compile(r"[ \t]*,[ \t]*").match(text, end)
        if before is not None:
            start = before.start()
        elif after is not None:
            end = after.end()
        fix = Fix("arguments", named[1].lineno, f"took away the second {said[1]!r}")
        yield Proposal(text[:start] + text[end:], fix)


def propose_order(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Put the parameters without a default before those that have one."""
    if not _ORDER.match(problem.message) or not problem.line:
        return
    lines = bench.lines(text)
    if problem.line > len(lines):
        return
    here = lines[problem.line - 1]
    first = here.open_before[0].line if here.open_before else problem.line
    start = lines[first - 1].start
    for at in re.finditer(
        r"\bdef[ \t]+\w+[ \t]*(?:\[[^\]\n]*\])?\(|\blambda\b",
        text[start : here.start + len(here.text)],
    ):
        moved = _ordered(text, start + at.end(), lambda_=at.group() == "lambda")
        if moved is not None:
            yield Proposal(
                moved,
                Fix("arguments", problem.line, "moved parameters without a default to the front"),
            )


def _ordered(text: str, start: int, *, lambda_: bool) -> str | None:
    """Return the text with the parameters that begin at `start` in a legal order."""
    parts = _parameters(
        tokens_of(text, start, min(len(text), start + 20_000)), ":" if lambda_ else ")"
    )
    positional: list[tuple[int, int]] = []
    plain: list[bool] = []
    for tokens in parts or ():
        if tokens[0].text in ("*", "**", "/"):
            break
        positional.append((tokens[0].start, tokens[-1].end))
        plain.append(not any(t.text == "=" for t in _level(tokens)))
    if not positional or plain == sorted(plain, reverse=True):
        return None
    order = [n for n, p in enumerate(plain) if p] + [n for n, p in enumerate(plain) if not p]
    texts = [text[a:b] for a, b in positional]
    for (a, b), number in zip(reversed(positional), reversed(order), strict=True):
        text = text[:a] + texts[number] + text[b:]
    return text


def _parameters(tokens: list[Token], closing: str) -> list[list[Token]] | None:
    """Cut what stands up to the closing sign at its commas."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind == "newline":
            continue
        if not depth and token.text == closing:
            return [part for part in parts if part]
        if token.text in ("(", "[", "{"):
            depth += 1
        elif token.text in (")", "]", "}"):
            depth -= 1
        if not depth and token.text == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return None


def _level(tokens: list[Token]) -> Iterator[Token]:
    """Yield the tokens outside of brackets."""
    depth = 0
    for token in tokens:
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if not depth:
            yield token
