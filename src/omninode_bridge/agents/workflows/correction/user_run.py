"""Run a user's corrections as they are written, inside the guard."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from .bench import Bench
from .complaint import Complaint
from .guard import new_undefined, objection
from .import_index import Import
from .imports import add_import, complete, header_end, imported
from .models import Fix
from .source import Offsets, newline_of, parse
from .user import CorrectionStep, UserCorrection
from .validators import refusal

__all__ = ["Run", "run_user"]

# A match may lose this many tokens beyond the 2 %: it is the user's own edit.
_SLACK = 12


@dataclass(slots=True)
class Run:
    """A text on its way through the user's corrections.

    Attributes:
        fixes: what survived.
        notes: what was taken back or could not be run, one sentence each.
        held: matches that were left alone because they already are what they would become.
    """

    text: str
    fixes: list[Fix] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    held: int = 0


@dataclass(frozen=True, slots=True)
class _Match:
    start: int
    end: int
    becomes: str


def run_user(
    bench: Bench,
    text: str,
    corrections: Sequence[UserCorrection],
    complaint: Complaint | None,
) -> Run:
    """Apply each correction in order; one whose validation refuses the outcome is taken back whole."""
    run = Run(text)
    for correction in corrections:
        if not _asked_for(bench, correction, complaint):
            continue
        before, count = run.text, len(run.fixes)
        for step in correction.steps:
            _run_step(bench, run, correction.name, step)
        if correction.validation and bench.problem(run.text) is None:
            why = refusal(correction.validation, run.text)
            if why:
                run.notes.append(f"correction {correction.name!r} was taken back: {why}")
                run.text = before
                del run.fixes[count:]
    return run


def _asked_for(bench: Bench, correction: UserCorrection, complaint: Complaint | None) -> bool:
    if correction.error_regex is None or complaint is None:
        return True
    try:
        found = correction.error_regex.search(complaint.text, timeout=bench.budget.pattern_seconds)
    except TimeoutError:
        return False
    return found is not None


def _run_step(bench: Bench, run: Run, name: str, step: CorrectionStep) -> None:
    matches = _matches(bench, run, name, step)
    if step.pattern is not None and not matches:
        return
    if step.prepend is not None:
        _prepend(bench, run, name, step.prepend)
    if step.replacement is not None:
        _replace(bench, run, name, [m for m in matches if not _held(run, m)])
    for line in step.imports:
        _add_line(bench, run, name, line)
    if step.all_imports:
        names = bench.names(run.text)
        text, fixes, _ = complete(bench, run.text, list(names.undefined) if names else [])
        _accept(bench, run, name, text, fixes)


def _matches(bench: Bench, run: Run, name: str, step: CorrectionStep) -> list[_Match]:
    if step.pattern is None:
        return []
    import regex

    most = bench.budget.max_matches
    found: list[_Match] = []
    try:
        for match in step.pattern.finditer(run.text, timeout=bench.budget.pattern_seconds):
            becomes = match.group() if step.replacement is None else match.expand(step.replacement)
            found.append(_Match(match.start(), match.end(), becomes))
            if len(found) >= most:
                run.notes.append(
                    f"correction {name!r} has more than {most} matches; the rest was left"
                )
                break
    except TimeoutError:
        run.notes.append(f"correction {name!r} took too long on this text and was not run")
        return []
    except (regex.error, IndexError, MemoryError) as error:
        run.notes.append(f"correction {name!r} could not be run: {error}")
        return []
    return found


def _held(run: Run, match: _Match) -> bool:
    """Whether the text around a match already is what the match would become."""
    old = run.text[match.start : match.end]
    if match.becomes == old:
        return True
    at = match.becomes.find(old)
    if at < 0 or not old:
        return False
    before, after = match.becomes[:at].split(), match.becomes[at + len(old) :].split()
    if not before and not after:
        # Only white space comes: it is there if it is there to the letter.
        lead, tail = match.becomes[:at], match.becomes[at + len(old) :]
        there = run.text.endswith(lead, 0, match.start) and run.text.startswith(tail, match.end)
        run.held += there
        return there
    reach = 2 * len(match.becomes) + 40
    left = run.text[max(0, match.start - reach) : match.start].split()
    right = run.text[match.end : match.end + reach].split()
    same = left[len(left) - len(before) :] == before and right[: len(after)] == after
    run.held += same
    return same


def _replace(bench: Bench, run: Run, name: str, matches: list[_Match]) -> None:
    """Try all matches at once; else those on neighbouring lines together; else each apart."""
    if not matches:
        return
    if not _try(bench, run, name, matches, quiet=len(matches) > 1) and len(matches) > 1:
        # From the end, so that what is accepted does not move what is still to come.
        for group in reversed(_neighbours(run.text, matches)):
            if not _try(bench, run, name, group, quiet=len(group) > 1) and len(group) > 1:
                for match in reversed(group):
                    _try(bench, run, name, [match], quiet=False)


def _neighbours(text: str, matches: list[_Match]) -> list[list[_Match]]:
    groups = [[matches[0]]]
    for before, match in pairwise(matches):
        if text.count("\n", before.end, match.start) <= 1:
            groups[-1].append(match)
        else:
            groups.append([match])
    return groups


def _try(bench: Bench, run: Run, name: str, matches: list[_Match], *, quiet: bool) -> bool:
    text = run.text
    for match in reversed(matches):
        text = text[: match.start] + match.becomes + text[match.end :]
    fixes = [
        Fix(name, run.text.count("\n", 0, match.start) + 1, "replaced a match of its pattern")
        for match in matches
    ]
    return _accept(bench, run, name, text, fixes, quiet=quiet)


def _accept(
    bench: Bench, run: Run, name: str, text: str, fixes: Iterable[Fix], *, quiet: bool = False
) -> bool:
    """Take a candidate if the guard has nothing against it, after completing its imports."""
    listed = list(fixes)
    if text == run.text or not listed:
        return True
    why = _objection(bench, run.text, text)
    if why:
        lacking = new_undefined(bench, run.text, text)
        if lacking:
            text, added, _ = complete(bench, text, lacking)
            listed += added
            why = _objection(bench, run.text, text)
    if why:
        if not quiet:
            run.notes.append(f"correction {name!r} at line {listed[0].line} was taken back: {why}")
        return False
    run.text = text
    run.fixes += listed
    return True


def _objection(bench: Bench, before: str, after: str) -> str:
    """Judge a candidate; in a text that does not compile, what counts is that it gets no worse."""
    problem = bench.problem(before)
    now = bench.problem(after)
    if problem is None or now is None:
        return objection(bench, before, after, slack=_SLACK)
    if now.place < problem.place:
        return f"line {now.line} does not compile: {now.message}"
    return ""


def _prepend(bench: Bench, run: Run, name: str, prepend: str) -> None:
    """Put text after the docstring and the `__future__` imports, without what is there already."""
    tree = bench.tree(run.text)
    if tree is None:
        run.notes.append(f"correction {name!r}: there is no place for its 'prepend' in broken code")
        return
    block = _missing(prepend, tree, run.text)
    if not block.strip():
        run.held += 1
        return
    offsets = Offsets(run.text)
    at, line = header_end(run.text, tree, offsets)
    newline = newline_of(run.text)
    block = block.replace("\r\n", "\n").replace("\n", newline)
    if not block.endswith(newline):
        block += newline
    lead = "" if not at or run.text[at - 1] in "\r\n" else newline
    text = run.text[:at] + lead + block + run.text[at:]
    _accept(bench, run, name, text, [Fix(name, line, "added its text at the top")])


def _missing(prepend: str, tree: ast.Module, text: str) -> str:
    """Return the part of a prepend that the module does not have."""
    own = parse(prepend)
    if own is None:
        return "" if prepend.strip() in text else prepend
    bound = imported(tree)
    there = {ast.unparse(node) for node in tree.body}
    kept: list[str] = []
    for node in own.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            node.names = [a for a in node.names if (a.asname or a.name.split(".")[0]) not in bound]
            if not node.names:
                continue
        if ast.unparse(node) not in there:
            kept.append(ast.unparse(node))
    if len(kept) == len(own.body) and kept == [
        ast.unparse(n) for n in (parse(prepend) or own).body
    ]:
        return prepend
    tail = prepend[len(prepend.rstrip("\n")) :] or "\n"
    return "\n".join(kept) + tail if kept else ""


def _add_line(bench: Bench, run: Run, name: str, line: str) -> None:
    """Add one import that is written as a line or as a name."""
    tree = bench.tree(run.text)
    if tree is None:
        run.notes.append(f"correction {name!r}: {line!r} cannot be imported into broken code")
        return
    bound = imported(tree)
    if line.startswith(("import ", "from ")):
        _prepend(bench, run, name, line + "\n")
        return
    names = bench.names(run.text)
    if names and line in names.undefined:
        text, fixes, left = complete(bench, run.text, [line])
        if not left:
            _accept(bench, run, name, text, fixes)
            return
    if line.split(".", maxsplit=1)[0] in bound:
        run.held += 1
        return
    text, number = add_import(run.text, _plain(line))
    _accept(bench, run, name, text, [Fix(name, number, f"added an import of {line!r}")])


def _plain(line: str) -> Import:
    return Import(line)
