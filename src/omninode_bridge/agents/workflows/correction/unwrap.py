"""Take code out of all that it was delivered in, layer by layer."""

from __future__ import annotations

from .bench import Bench
from .models import Fix
from .source import split_lines
from .unwrapping import LAYERS, Layered

__all__ = ["Unwrapped", "unwrap"]

Unwrapped = Layered

_MOST_LAYERS = 6


def unwrap(bench: Bench, text: str) -> Unwrapped:
    """Return the code inside a text that does not compile; the text itself if nothing is around it."""
    code, dropped, open_ended = text, "", False
    fixes: list[Fix] = []
    for _ in range(_MOST_LAYERS):
        layered = next((found for layer in LAYERS if (found := layer(code)) is not None), None)
        if layered is None:
            break
        if layered.refusal:
            return Unwrapped(text, refusal=layered.refusal)
        code = layered.code
        fixes += layered.fixes
        dropped += layered.dropped
        open_ended |= layered.open_ended
        if bench.problem(code) is None:
            return Unwrapped(code, tuple(fixes), dropped, open_ended)
    before = bench.problem(code)
    flat = _dedent(bench, code, stripped=before is not None and before.kind == "IndentationError")
    if flat is not None and before is not None:
        after = bench.problem(flat[0])
        if after is not None and after.place <= before.place:
            return Unwrapped(code, tuple(fixes), dropped, open_ended)
        code, line = flat
        fixes.append(Fix("unwrap.indent", line, "took off the indentation of the whole text"))
    return Unwrapped(code, tuple(fixes), dropped, open_ended)


def _dedent(bench: Bench, text: str, *, stripped: bool) -> tuple[str, int] | None:
    """Take off an indentation that every line has, or every line but the first."""
    lines = bench.lines(text)
    starts = [line for line in lines if line.begins_statement]
    if not starts:
        return None
    first, stripped_first = starts[0], False
    if not first.indent:
        # The first line lost what the others kept, as when a text was stripped at its ends.
        if not stripped or first.opens_block or len(starts) < 2 or not starts[1].indent:
            return None
        first, stripped_first = starts[1], True
    margin = first.indent
    inside = [line for line in starts if line.number >= first.number]
    if not all(line.indent.startswith(margin) for line in inside):
        return None
    rows = split_lines(text)
    if stripped_first and not all(
        row.startswith(margin) for row in rows[starts[0].number :] if row.strip()
    ):
        # A string that was never closed hides the lines that stand further out.
        return None
    spared = all(
        row.startswith(margin) or not row.strip() or n < first.number - 1
        for n, row in enumerate(rows)
    )
    for n, row in enumerate(rows):
        if row.startswith(margin) and (spared or not lines[n].in_string):
            rows[n] = row[len(margin) :]
    return "".join(rows), first.number
