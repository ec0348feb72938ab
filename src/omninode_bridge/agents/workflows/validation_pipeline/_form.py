"""Checks of form: does it parse, is anything left of a template, are operations coroutines."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.names import names_of
from omninode_bridge.agents.workflows.correction.source import find_problem, split_lines
from omninode_bridge.agents.workflows.correction.validators import check_for_async_methods

from ._source import MAX_CODE, Source
from .models import Severity, ValidationFinding

__all__ = ["async_methods", "syntax", "template_residue", "undefined_names"]

_MARK = re.compile(
    r"\{\{-?\s*[A-Za-z_][^{}\n]{0,200}\}\}|\{%[-+]?\s*\w[^%\n]{0,200}%\}|\{#[^\n]{0,200}?#\}"
)
_PREFIX = re.compile(r"[A-Za-z]*")


def syntax(source: Source) -> Iterator[ValidationFinding]:
    """Find what keeps the code from compiling."""
    if len(source.code) > MAX_CODE:
        many = f"the code has {len(source.code)} characters; at most {MAX_CODE} are read"
        yield ValidationFinding("syntax", many)
        return
    problem = find_problem(source.code)
    if problem is not None:
        text = f"{problem.kind}: {problem.message}"
        yield ValidationFinding("syntax", text, problem.line or None)


def undefined_names(source: Source) -> Iterator[ValidationFinding]:
    """Find names that are read and that nothing defines."""
    if source.tree is None:
        return
    for name, uses in names_of(source.tree).undefined.items():
        if name not in source.known_names:
            line = min(use.node.lineno for use in uses)
            yield ValidationFinding("undefined_names", f"name {name!r} is not defined", line)


def async_methods(source: Source) -> Iterator[ValidationFinding]:
    """Find `execute*` functions that are not coroutine functions."""
    for node in ast.walk(source.tree) if source.tree is not None else ():
        if isinstance(node, ast.FunctionDef):
            # asked about each by itself, since the shipped check tells of one only
            refused = check_for_async_methods(f"def {node.name}(): ...")
            if refused:
                yield ValidationFinding("check_for_async_methods", refused, node.lineno)


def template_residue(source: Source) -> Iterator[ValidationFinding]:
    """Find marks of a template that nothing has rendered.

    Outside of texts they are errors; in a text or comment they may be meant, and are warnings.
    """
    if source.tree is None:
        for number, text in enumerate(split_lines(source.code), 1):
            mark = _MARK.search(text)
            if mark is not None:
                yield _left(mark.group(), number, Severity.ERROR)
        return
    before: tokenize.TokenInfo | None = None
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.code).readline):
            yield from _residue_in(token, before)
            before = token
    except (tokenize.TokenError, SyntaxError):
        return  # it compiles; the tokenizer of the standard library is stricter in odd corners


def _residue_in(
    token: tokenize.TokenInfo, before: tokenize.TokenInfo | None
) -> Iterator[ValidationFinding]:
    if token.type == tokenize.OP:
        opened = before is not None and before.type == tokenize.OP and before.string == "{"
        if token.string == "{" and opened and before is not None and before.end == token.start:
            # a set in a set is a TypeError when it is run
            yield _left("{{", token.start[0], Severity.ERROR)
    elif token.type == tokenize.COMMENT or (
        token.type == tokenize.STRING and not _is_formatted(token.string)
    ):
        for found in _MARK.finditer(token.string):
            line = token.start[0] + token.string.count("\n", 0, found.start())
            yield _left(found.group(), line, Severity.WARNING)


def _is_formatted(literal: str) -> bool:
    prefix = _PREFIX.match(literal)
    return prefix is not None and "f" in prefix.group().lower()


def _left(mark: str, line: int, severity: Severity) -> ValidationFinding:
    return ValidationFinding(
        "template_residue", f"{mark[:60]!r} is left over from a template", line, severity
    )
