"""Code as it was typed at a prompt."""

from __future__ import annotations

import re

from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.source import split_lines

from ._layered import Layered, looks_like_code

__all__ = ["without_prompts"]

_STYLES = (
    (re.compile(r"[ \t]*>>>(?: |(?=\r?\n|$))"), re.compile(r"[ \t]*\.\.\.(?: |(?=\r?\n|$))")),
    (
        re.compile(r"[ \t]*In \[\d{0,6}\]: ?"),
        re.compile(r"[ \t]*\.{3,10}: ?"),
    ),
)


def without_prompts(text: str) -> Layered | None:
    """Take off prompts from a text that begins with one; lines without one are output and go."""
    rows = split_lines(text)
    first = next((row for row in rows if row.strip()), "")
    for primary, secondary in _STYLES:
        if not primary.match(first):
            continue
        kept: list[str] = []
        dropped: list[str] = []
        for row in rows:
            found = primary.match(row) or secondary.match(row)
            if found:
                kept.append(row[found.end() :])
            elif row.strip():
                dropped.append(row)
            else:
                kept.append(row)
        line = rows.index(first) + 1
        if looks_like_code("".join(dropped)):
            why = "lines without a prompt look like code as well"
            return Layered(text, (Fix("unwrap.prompts", line, why),), refusal=why)
        what = "took off the prompts" + (" and the output between them" if dropped else "")
        return Layered("".join(kept), (Fix("unwrap.prompts", line, what),), "".join(dropped))
    return None
