"""The report for people: a table, a block for each contract that needs somebody, a summary."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from omninode_bridge.cli.account import (
    block_of,
    detail_lines,
    outcome_words,
    recovery_lines,
    seconds,
)
from omninode_bridge.cli.text import plain
from omninode_bridge.generation.report import BatchReport, ContractReport, Outcome

__all__ = ["print_blocks", "print_diff", "print_report"]

NARROW = 110
GAP = 3  # cells between two columns
_STYLES = {
    Outcome.GENERATED: "green",
    Outcome.CURRENT: "green",
    Outcome.STALE: "yellow",
    Outcome.ESCALATED: "magenta",
    Outcome.SKIPPED: "yellow",
    Outcome.REFUSED: "red",
    Outcome.FAILED: "red",
}


def print_report(
    out: Console, batch: BatchReport, *, verbose: bool, strict: bool, waited: str | None
) -> None:
    """Print the whole account of a run."""
    folder, names = _short_names(batch.contracts)
    if folder:
        _line(out, f"contracts in {folder}", style="bold")
    _rows(out, _table(batch, names, width=out.width, verbose=verbose))
    out.print()
    if verbose:
        for report, name in zip(batch.contracts, names, strict=True):
            _block(out, [name, *detail_lines(report)], "bold")
    print_blocks(out, batch, waited=waited)
    for sentence in _summary(batch, strict=strict, verbose=verbose):
        _line(out, sentence)


def print_blocks(out: Console, batch: BatchReport, *, waited: str | None) -> None:
    """Print a block for every contract that has no package, or no current one."""
    for report in batch.contracts:
        _block(out, block_of(report, waited=waited), _STYLES[report.outcome])
    if batch.counts[Outcome.ESCALATED] and batch.kept is None:
        _line(out, "Escalated contracts need a person: correct the file, then run generate again.")


def print_diff(out: Console, batch: BatchReport) -> None:
    """Print the unified diffs as they are; on a terminal without what it would obey."""
    for report in batch.contracts:
        if not report.diff:
            continue
        diff = plain(report.diff, keep="\n\t") if out.is_terminal else report.diff
        out.file.write(diff)
    out.file.flush()


def _table(batch: BatchReport, names: Sequence[str], *, width: int, verbose: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    recovered = [recovery_lines(report, every=verbose) for report in batch.contracts]
    times = [seconds(report.duration_ms) for report in batch.contracts]
    widths = _widths(width, [names, map(outcome_words, batch.contracts), times])
    table.add_column("contract", overflow="fold", width=widths[0])
    table.add_column("outcome", overflow="fold", width=widths[1])
    if any(recovered):
        table.add_column("recoveries", overflow="fold", max_width=widths[3])
    table.add_column("time", justify="right", no_wrap=True, width=widths[2])
    rows = zip(batch.contracts, names, recovered, times, strict=True)
    for report, name, lines, time in rows:
        style = "yellow" if report.ok and report.degraded else _STYLES[report.outcome]
        cells = [Text(plain(name)), Text(outcome_words(report), style=style)]
        if any(recovered):
            cells.append(Text(plain("\n".join(lines), keep="\n")))
        table.add_row(*cells, time)
    return table


def _widths(total: int, columns: Sequence[Iterable[str]]) -> tuple[int, int, int, int]:
    """Share the line: time whole, names up to two fifths, the rest for what was recovered.

    Args:
        total: cells of the line.
        columns: the texts of contracts, outcomes and times.
    """
    names, outcomes, times = (
        max([cell_len(plain(text)) for text in column], default=0) for column in columns
    )
    time = max(len("time"), times)
    name = max(len("contract"), min(names, total * 2 // 5))
    outcome = min(max(len("outcome"), outcomes), 10 if total < NARROW else outcomes)
    return name, outcome, time, max(10, total - name - outcome - time - 3 * GAP)


def _summary(batch: BatchReport, *, strict: bool, verbose: bool) -> list[str]:
    total = len(batch.contracts)
    degraded = sum(report.ok and report.degraded for report in batch.contracts)
    counts = [f"{number} {outcome}" for outcome, number in batch.counts.items() if number]
    if degraded:
        counts.append(f"{degraded} degraded{', which --strict refuses' if strict else ''}")
    account = f"{total} contract{'s' * (total != 1)} in {seconds(batch.duration_ms)}"
    lines = [f"{account}: {', '.join(counts)}; speed-up {batch.speedup:.1f}"]
    packages = [report for report in batch.contracts if report.package is not None and report.ok]
    if packages:
        lines.append(_about_output(batch, packages))
    scaffolds = sum(report.logic == "scaffold" for report in packages)
    if scaffolds:
        lines.append(
            f"logic: scaffold in {_packages(scaffolds)}: "
            "the operations raise until node.py is written"
        )
    warnings = sum(len(report.warnings) for report in batch.contracts)
    if warnings and not verbose:
        lines.append(f"{warnings} warning{'s' * (warnings != 1)} (-v shows them)")
    return lines


def _about_output(batch: BatchReport, packages: Sequence[ContractReport]) -> str:
    changed = sum(report.changed for report in packages)
    where = f"{batch.output}{os.sep}" if not batch.output.endswith(os.sep) else batch.output
    if batch.mode == "check":
        return f"{_packages(len(packages))} up to date in {where}"
    if not changed:
        return f"nothing changed: {_packages(len(packages))} in {where} up to date already"
    if batch.mode == "write":
        now = changed if batch.kept is None else batch.kept.written
        if now < changed:
            return f"{_packages(now)} written to {where} now, {changed - now} before"
        return f"{_packages(changed)} written to {where}"
    return f"{_packages(changed)} would be written to {where}; nothing was"


def _packages(number: int) -> str:
    return f"{number} package{'s' * (number != 1)}"


def _short_names(reports: Sequence[ContractReport]) -> tuple[str, list[str]]:
    """Return the folder that all contracts share, and their paths below it."""
    paths = [report.contract for report in reports]
    if len(paths) < 2:
        return "", paths
    try:
        folder = os.path.commonpath([os.path.dirname(path) for path in paths])  # noqa: PTH120 - text stays text
    except ValueError:
        return "", paths
    if not folder or folder == os.sep:
        return "", paths
    return folder, [os.path.relpath(path, folder) for path in paths]


def _block(out: Console, lines: Sequence[str], style: str) -> None:
    if not lines:
        return
    # A place stays in one piece, so that editors and people can pick it up.
    out.print(Text(plain(lines[0]), style=style), soft_wrap=True)
    for line in lines[1:]:
        for part in Text(plain(line)).wrap(out, max(20, out.width - 2), overflow="fold"):
            part.rstrip()
            out.print(Text("  ") + part, soft_wrap=True)
    out.print()


def _line(out: Console, sentence: str, *, style: str = "") -> None:
    out.print(Text(plain(sentence), style=style), overflow="fold")


def _rows(out: Console, table: Table) -> None:
    """Print the table; in a file without blanks at the ends of its lines."""
    if out.is_terminal:
        out.print(table)
        return
    with out.capture() as capture:
        out.print(table)
    for line in capture.get().splitlines():
        out.print(Text(line.rstrip()), soft_wrap=True)
