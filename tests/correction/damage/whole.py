"""Two damages at once, files that are fine, and texts that are no code at all."""

from __future__ import annotations

import random
from collections.abc import Callable

from . import bindings, dialects, layout, marks, templates, wraps
from ._judge import Damaged
from ._source import Source, tree_of

__all__ = ["MAKERS"]

Maker = Callable[[random.Random, Source], Damaged | None]
_INNER: tuple[Maker, ...] = (
    marks.missing_colon, marks.missing_comma, marks.bracket_missing, marks.smart_quotes,
    bindings.missing_async, bindings.missing_import_typing, templates.json_literals, layout.indent_line,
    layout.future_import, marks.keyword_typo, layout.tabs_mixed, templates.template_blocks, dialects.foreign_syntax,
)  # fmt: skip
_OUTER: tuple[Maker, ...] = (
    wraps.fence, wraps.fence_prose, wraps.prose_nofence, wraps.xml_wrap, wraps.json_wrap,
    wraps.html_escaped, wraps.diff_markers, wraps.line_numbers, layout.indent_whole,
)  # fmt: skip


def compound(rng: random.Random, source: Source) -> Damaged | None:
    """Damage it, and wrap what is damaged."""
    inner = rng.choice(_INNER)(rng, source)
    if inner is None or "accept" in inner.check:
        return None
    if inner.check == "ast" and inner.error is None and tree_of(inner.broken) is not None:
        return None
    outer = rng.choice(_OUTER)
    if outer is layout.indent_whole:
        broken = "".join(
            "    " + r if r.strip() else r for r in inner.broken.splitlines(keepends=True)
        )
    else:
        wrapped = outer(rng, _Fake(inner.broken))  # type: ignore[arg-type]
        if wrapped is None:
            return None
        broken = wrapped.broken
    if tree_of(broken) is not None:
        return None
    kind = f"{inner.cls}+{outer.__name__}"
    return Damaged("compound", kind, inner.original, broken, inner.check)


class _Fake:
    """A text that need not parse, for the wrappers that only look at lines."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.splitlines(keepends=True)


_COMPLAINTS: tuple[BaseException | str, ...] = (
    NameError("name 'helper_from_elsewhere' is not defined"),
    SyntaxError("invalid syntax (other_module.py, line 3)"),
    TypeError("unhashable type: 'dict'"),
    RuntimeWarning("coroutine 'Client.fetch' was never awaited"),
    ValueError("validation failed: quality score 0.61 below 0.80"),
    ValueError("missing async keyword"),
    IndentationError("unexpected indent (template.j2, line 9)"),
)


def intact(rng: random.Random, source: Source) -> Damaged:
    """Hand over a file that is fine, with an error that is about something else."""
    kind = rng.choice(("plain", "crlf", "no_newline", "trailing_space"))
    text = source.text
    if kind == "crlf":
        text = text.replace("\n", "\r\n")
    elif kind == "no_newline":
        text = text.rstrip("\n")
    elif kind == "trailing_space":
        text += "   \n\n"
    return Damaged("intact", kind, text, text, "intact", rng.choice(_COMPLAINTS))


def garbage(rng: random.Random, source: Source) -> Damaged | None:
    """Make a text of which nobody can say what it was."""
    kind = rng.choice(
        ("shuffled", "deleted", "reversed", "rot", "prose", "java", "columns", "swapped")
    )
    text = source.text[:4000]
    if kind == "shuffled":
        words = text.split(" ")
        rng.shuffle(words)
        text = " ".join(words)
    elif kind == "deleted":
        text = "".join(c for c in text if rng.random() > 0.08)
    elif kind == "reversed":
        text = "\n".join(row[::-1] for row in text.split("\n"))
    elif kind == "rot":
        text = "".join(chr(ord(c) + 1) if c.isalpha() else c for c in text).replace(" ", "", 40)
    elif kind == "prose":
        text = "I am sorry, but I can't write this module.\nPlease tell me more about the node (its inputs).\n"
    elif kind == "java":
        text = (
            "public class Node {\n  private int a;\n  public int run(int x) { return x + a; }\n}\n"
        )
    elif kind == "columns":
        text = "\n".join(row[: len(row) // 2] for row in text.split("\n"))
    else:
        rows = text.split("\n")
        half = len(rows) // 2
        text = "\n".join(
            a[: len(a) // 2] + b for a, b in zip(rows[:half], rows[half:], strict=False)
        )
    return (
        None
        if tree_of(text) is not None
        else Damaged("garbage", kind, source.text, text, "garbage")
    )


MAKERS: tuple[Maker, ...] = (compound, intact, garbage)
