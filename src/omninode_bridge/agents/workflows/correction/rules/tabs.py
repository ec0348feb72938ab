"""Tabs among spaces in the indentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.lexer import Line, logical
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Problem, split_lines

__all__ = ["indent_unit", "propose"]


def indent_unit(lines: list[Line]) -> int:
    """Return the step of indentation that most blocks indented by spaces have; 4 if none tells."""
    steps: Counter[int] = Counter()
    starts = [lines[index] for index in logical(lines)]
    for opener, body in pairwise(starts):
        if "\t" not in opener.indent + body.indent and len(body.indent) > len(opener.indent):
            steps[len(body.indent) - len(opener.indent)] += 1
    return steps.most_common(1)[0][0] if steps else 4


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Write every indentation with spaces, a tab being as wide as the file's own step."""
    indentation = problem.kind in {"TabError", "IndentationError"}
    if not indentation and "outside function" not in problem.message:
        return
    lines = bench.lines(text)
    indented = [line for line in lines if line.indent and line.begins_statement]
    tabbed = [line for line in indented if "\t" in line.indent]
    if not tabbed:
        return
    if 2 * sum(not line.indent.strip("\t") for line in tabbed) > len(indented):
        yield from _spaces(text, lines)
        return
    unit = indent_unit(lines)
    for size, cost in ((unit, 1.0), (8, 1.5)):
        if size == 8 == unit:
            continue
        rows = split_lines(text)
        for index, line in enumerate(lines):
            if "\t" in line.indent and (not line.in_string or _prose(lines, index)):
                rows[index] = line.indent.expandtabs(size) + rows[index][len(line.indent) :]
        fix = Fix("tabs", tabbed[0].number, f"wrote tabs in indentations as {size} spaces")
        yield Proposal("".join(rows), fix, cost)


def _spaces(text: str, lines: list[Line]) -> Iterator[Proposal]:
    """Write the spaces among tabs as tabs, in a file whose indentations are tabs."""
    spaced = [line for line in lines if " " in line.indent and line.begins_statement]
    pure = [len(line.indent) for line in spaced if "\t" not in line.indent]
    step = next((size for size in (4, 2, 8, 3) if not any(n % size for n in pure)), 0)
    if not spaced or not step:
        return
    rows = split_lines(text)
    for line in spaced:
        tabs, index = line.indent.count("\t"), line.number - 1
        deep = tabs or len(line.indent) // step
        rows[index] = "\t" * deep + rows[index][len(line.indent) :]
    fix = Fix("tabs", spaced[0].number, "wrote spaces in indentations as tabs")
    yield Proposal("".join(rows), fix)


def _prose(lines: list[Line], index: int) -> bool:
    """Whether the tabs of a string's line are the file's and not the string's own.

    They are in a docstring, and where other lines of the same string begin with spaces.
    """
    begin = index
    while begin > 0 and lines[begin].in_string:
        begin -= 1
    head = lines[begin].text.strip()[:5].lower()
    if head.lstrip("rub").startswith(('"""', "'''")):
        return True
    end = begin + 1
    while end < len(lines) and lines[end].in_string:
        end += 1
    return any(line.indent and "\t" not in line.indent for line in lines[begin + 1 : end])
