"""What a person is told of repairs: one line for each file, its fixes, and what stopped it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TextIO

from omninode_bridge.agents.workflows.correction import Diagnosis, Fault
from omninode_bridge.cli.repair_run import Repair, Status
from omninode_bridge.cli.screen import is_terminal
from omninode_bridge.cli.text import plain

__all__ = ["print_account", "report_data", "send_bytes"]

REPORT_VERSION = 1
_MOST_SHOWN = 3
_MOST_FIXES = 10


def print_account(repairs: Sequence[Repair], stream: TextIO, *, is_dry: bool, quiet: bool) -> None:
    """Print what became of each file; of several only those that are not fine."""
    rows: list[str] = []
    for one in repairs:
        if (len(repairs) == 1 or one.status is not Status.FINE) and not (quiet and one.ok):
            rows += _lines(one, is_dry=is_dry)
    if len(repairs) > 1 and not quiet:
        rows.append(_summary(repairs))
    for row in rows:
        print(plain(row), file=stream)
    stream.flush()


def report_data(repairs: Sequence[Repair], mode: str) -> dict[str, object]:
    """Return the whole account as JSON has it."""
    counts = Counter(str(one.status) for one in repairs)
    return {
        "report_version": REPORT_VERSION,
        "mode": mode,
        "ok": all(one.ok for one in repairs),
        "counts": {str(status): counts[str(status)] for status in Status},
        "files": [one.as_data(mode) for one in repairs],
    }


def send_bytes(data: bytes, encoding: str) -> None:
    """Put code on stdout byte for byte; on a terminal without what it would obey."""
    sys.stdout.flush()
    if is_terminal(sys.stdout):
        sys.stdout.write(plain(data.decode(encoding, "replace"), keep="\n\t\r"))
    else:
        sys.stdout.buffer.write(data)
    sys.stdout.flush()


def _lines(one: Repair, *, is_dry: bool) -> Iterator[str]:
    name = "stdin" if one.path == "-" else one.path
    correction = one.correction
    if one.status is Status.FINE:
        empty = one.source is not None and not one.source.data
        yield f"{name}: fine{', it is empty' * empty}"
        return
    if correction is None or one.status is Status.DECLINED:
        yield f"{name}: {one.status}: {one.reason}"
        if correction is not None and correction.diagnosis is not None:
            yield from _diagnosis(correction.diagnosis)
        return
    where = ""
    if one.written or (is_dry and not one.reason):
        where = ", written" if one.written else ", would be written"
        where += f"; the original {'is' if one.written else 'goes to'} {one.backup}" * bool(
            one.backup
        )
    why = f": {one.reason}" if one.reason else ""
    yield f"{name}: {one.status}, confidence {correction.confidence:.2f}{where}{why}"
    for fix in correction.fixes[:_MOST_FIXES]:
        yield f"  line {fix.line}: {fix.text}"
    if len(correction.fixes) > _MOST_FIXES:
        yield f"  and {len(correction.fixes) - _MOST_FIXES} more"
    for note in correction.notes[:_MOST_SHOWN]:
        yield f"  {note}"


def _diagnosis(found: Diagnosis) -> Iterator[str]:
    yield from _fault(found.first)
    if found.left is not None and found.left != found.first:
        yield "  the best attempt still has"
        yield from _fault(found.left)
    for way in found.alternatives:
        yield f"  it may be: {'; '.join(way.edits)}"
        changed = [row for row in way.diff.splitlines() if row[:1] in "+-"]
        yield from (f"    {row}" for row in changed[2:8])
    for tried in found.tried[:_MOST_SHOWN] if not found.alternatives else ():
        yield f"  tried: {'; '.join(tried.edits)}; but {tried.refused}"


def _fault(fault: Fault) -> Iterator[str]:
    place = f"line {fault.line}: " if fault.line else ""
    kind = f"{fault.kind}: " if fault.kind else ""
    yield f"  {place}{kind}{fault.message}"
    for number, row in enumerate(fault.context, start=fault.first_line):
        yield f"  {'>' if number == fault.line else ' '} {number:>5} | {row}"


def _summary(repairs: Sequence[Repair]) -> str:
    counts = Counter(one.status for one in repairs)
    parts = [f"{counts[status]} {status}" for status in Status if counts[status]]
    unwritten = sum(one.reason.startswith("not written") for one in repairs)
    if unwritten:
        parts.append(f"{unwritten} not written")
    return f"{len(repairs)} files: {', '.join(parts)}"
