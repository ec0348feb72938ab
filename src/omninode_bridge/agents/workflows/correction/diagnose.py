"""Put together what a correction found out."""

from __future__ import annotations

from collections.abc import Sequence

from .bench import Bench, BudgetSpent
from .complaint import Complaint
from .diagnosis import Alternative, Diagnosis, Fault, Tried, complaint_fault, fault_at

__all__ = ["diagnose"]

MOST_TRIED = 12


def diagnose(
    bench: Bench,
    original: str,
    best: str,
    complaint: Complaint | None,
    tried: Sequence[Tried],
    alternatives: tuple[Alternative, ...],
) -> Diagnosis | None:
    """Return the diagnosis of a text that was not in order; None where no error is known.

    Args:
        bench: knows what is wrong with the texts that it saw.
        original: the text as it was given.
        best: the outcome, or the best attempt.
        complaint: the error that was given with it.
        tried: what was not taken, the most interesting first.
        alternatives: outcomes that were as good as each other.
    """
    first = _fault(bench, original)
    if first is None and complaint is not None:
        first = complaint_fault(original, complaint.text, complaint.line)
    if first is None:
        return None
    once = tuple(dict.fromkeys(tried))
    return Diagnosis(
        first=first,
        left=_fault(bench, best) if best != original else None,
        tried=once[:MOST_TRIED],
        omitted=max(0, len(once) - MOST_TRIED),
        alternatives=alternatives,
    )


def _fault(bench: Bench, text: str) -> Fault | None:
    try:
        problem = bench.problem(text)
    except (BudgetSpent, RecursionError):
        return None
    return fault_at(text, problem) if problem is not None else None
