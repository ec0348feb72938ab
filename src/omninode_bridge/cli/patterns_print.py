"""How the commands about patterns print: tables, indented sentences, JSON."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from omninode_bridge.agents.workflows.recovery_models import ErrorAnalysis
from omninode_bridge.cli.report_file import json_bytes
from omninode_bridge.cli.text import plain

__all__ = [
    "analysis_lines",
    "analysis_plain",
    "print_json",
    "print_line",
    "print_table",
    "tell_to_paste",
    "words",
]

GAP = 3  # cells between two columns
_LEAST = 16  # cells that the last column gets in any case


def print_json(value: Mapping[str, Any]) -> None:
    """Print JSON on stdout, as bytes of UTF-8."""
    sys.stdout.flush()
    sys.stdout.buffer.write(json_bytes(value))
    sys.stdout.buffer.flush()


def print_table(
    out: Console, columns: Sequence[str], rows: Sequence[Sequence[str]], *, whole: bool
) -> None:
    """Print a table; its last column is cut to the width, or folded where `whole` says so."""
    cells = [[plain(cell) for cell in row] for row in rows]
    widths = [
        max(cell_len(name), *(cell_len(row[number]) for row in cells))
        for number, name in enumerate(columns)
    ]
    room = out.width - sum(widths[:-1]) - GAP * (len(columns) - 1)
    if room < _LEAST:
        _print_stacked(out, columns, cells, whole=whole)
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for name, width in zip(columns[:-1], widths, strict=False):
        justify: JustifyMethod = "right" if name == "#" else "left"
        table.add_column(name, no_wrap=True, justify=justify, width=width)
    table.add_column(
        columns[-1], overflow="fold" if whole else "ellipsis", no_wrap=not whole, width=room
    )
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    with out.capture() as capture:
        out.print(table)
    for line in capture.get().splitlines():
        out.file.write(f"{line.rstrip()}\n")


def _print_stacked(
    out: Console, columns: Sequence[str], cells: Sequence[Sequence[str]], *, whole: bool
) -> None:
    """Print two lines a row where one would not do: what it is, and what it matches."""
    number = max(len(row[0]) for row in cells)
    for row in cells:
        facts = [
            f"{name} {cell}" if cell.isdecimal() else cell
            for name, cell in zip(columns[1:-1], row[1:-1], strict=True)
        ]
        first = Text(f"{row[0]:>{number}}  {row[3]}", style="bold")
        out.print(first, overflow="ellipsis", no_wrap=True)
        for line in (", ".join(fact for fact in facts if fact != row[3]), row[-1]):
            print_line(out, line, indent=number + 2, cut=not whole)


def print_line(
    out: Console, sentence: str, *, indent: int = 0, style: str = "", cut: bool = False
) -> None:
    """Print a sentence, wrapped to the width below its own beginning, or cut to one line."""
    width = max(20, out.width - indent)
    text = Text(plain(sentence), style=style)
    if cut:
        text.truncate(width, overflow="ellipsis")
    for part in text.wrap(out, width, overflow="fold"):
        part.rstrip()
        out.print(Text(" " * indent) + part, soft_wrap=True)


def tell_to_paste() -> None:
    """Tell a person at a terminal that the program waits for them."""
    if sys.stdin.isatty():
        print("paste the text, then end it with Ctrl-D on a line of its own", file=sys.stderr)


def words(name: object) -> str:
    """Return a kind as people write it."""
    return str(name).replace("_", " ")


def _transience(*, transient: bool | None) -> str:
    """Return whether waiting helps, in words."""
    if transient is None:
        return "nobody knows whether it passes"
    return "passes by itself" if transient else "stays"


def analysis_lines(analysis: ErrorAnalysis) -> list[str]:
    """Return what an error is, what is tried, and why."""
    from omninode_bridge.agents.workflows._redaction import redact

    lines = [f"{words(analysis.error_type)}; {_transience(transient=analysis.transient)}"]
    ladder = [words(step) for step in analysis.ladder] or ["escalation"]
    tried = f"try {', then '.join(ladder)}"
    if analysis.retry_after is not None:
        tried += f"; wait at least {analysis.retry_after:g} s"
    lines.append(tried)
    lines.append(f"because {'; '.join(redact(reason, limit=200) for reason in analysis.reasons)}")
    return lines


def analysis_plain(analysis: ErrorAnalysis) -> dict[str, Any]:
    """Return an analysis as JSON has it."""
    from omninode_bridge.agents.workflows._redaction import redact

    return {
        "error_type": str(analysis.error_type),
        "transient": analysis.transient,
        "strategy": str(analysis.strategy),
        "ladder": [str(step) for step in analysis.ladder],
        "retry_after": analysis.retry_after,
        "confidence": analysis.confidence,
        "pattern": analysis.pattern.pattern_id if analysis.pattern else None,
        "reasons": [redact(reason, limit=500) for reason in analysis.reasons],
        "skipped_patterns": list(analysis.skipped_patterns),
    }
