"""Code written, in part, as Python 2 or another language has it."""

from __future__ import annotations

from collections.abc import Iterator

from omninode_bridge.agents.workflows.correction.bench import Bench
from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.correction.source import Problem, has_python

from .foreign import FOREIGN
from .foreign_comments import with_hashes
from .habits import Code, habits_changed
from .python2 import PYTHON2

__all__ = ["propose"]

_COST, _TOGETHER = 0.6, 0.7
# What stands after the place where CPython stopped cannot be why; but it may stop late.
_LINES_AFTER = 2


def propose(bench: Bench, text: str, problem: Problem) -> Iterator[Proposal]:
    """Write what Python has for the signs and words of another language, all of a kind at once."""
    if problem.stage != 1:
        return
    lines = bench.lines(text)
    after = problem.line + _LINES_AFTER
    upto = lines[after].start if problem.line and after < len(lines) else len(text)
    plain, line, count = with_hashes(text) if _has_comments(text, upto) else (text, 0, 0)
    if count:
        fix = Fix("foreign", line, f"wrote '#' for comments, {count} changes")
        yield Proposal(plain, fix, _COST)
    code = Code(text)
    yield from habits_changed("python2", code, PYTHON2, _COST, upto)
    if not has_python(text):
        # All of it is another language: nobody wants that translated.
        return
    single = list(habits_changed("foreign", code, FOREIGN, _COST, upto))
    yield from single
    if count or len(single) > 1:
        yield from _together(plain, line)


def _has_comments(text: str, upto: int) -> bool:
    return text.find("//", 0, upto) >= 0 or text.find("/*", 0, upto) >= 0


def _together(text: str, line: int) -> Iterator[Proposal]:
    """Propose the text without any habit: where there are several, one alone may not be seen to help."""
    done: list[str] = []
    code = Code(text)
    for habit in FOREIGN:
        changed = next(habits_changed("foreign", code, (habit,)), None)
        if changed is not None:
            line = line or changed.fix.line
            code = Code(changed.text)
            done.append(habit.what)
    if done:
        yield Proposal(
            code.text, Fix("foreign", line, f"made it Python: {', '.join(done)}"), _TOGETHER
        )
