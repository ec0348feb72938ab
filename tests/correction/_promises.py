"""What `correct_code()` promises about any text and any error; the fuzzer and the tests ask here."""

from __future__ import annotations

import json
import time
import warnings

from omninode_bridge.agents.workflows.correction import Correction, CorrectionBudget, correct_code

__all__ = ["broken_promise"]

BUDGET = CorrectionBudget(seconds=2.0)
# One step that is under way when the time is up ends; on small texts that is little.
SLACK = 3.0


def broken_promise(text: str, error: str | None) -> str:
    """Return which promise a correction of the text breaks, or an empty string."""
    begun = time.thread_time()
    try:
        found = correct_code(text, error, budget=BUDGET)
    except Exception as fault:  # the first promise
        return f"raises {type(fault).__name__}: {fault}"[:300]
    if time.thread_time() - begun > BUDGET.seconds + SLACK:
        return f"takes {time.thread_time() - begun:.1f} s"
    return _of_outcome(text, error, found)


def _of_outcome(text: str, error: str | None, found: Correction) -> str:
    if bool(found.reason) is found.success:
        return f"success is {found.success} and the reason {found.reason!r}"
    if not 0 <= found.confidence <= 1:
        return f"confidence is {found.confidence}"
    if found.success is not (found.confidence > 0):
        return f"success is {found.success} with confidence {found.confidence}"
    if found.diagnosis is not None:
        data = found.diagnosis.as_data()
        if json.loads(json.dumps(data)) != data:
            return "its diagnosis is not data"
        if len(json.dumps(data)) > 100_000:
            return "its diagnosis is not bounded"
    if found.changed and found.diagnosis is None:
        return "it changed something and has no diagnosis"
    if found.changed is not bool(found.diff):
        return "its diff does not say whether anything changed"
    if _compiles(text) and error is None and found.changed:
        return "it changed code in which nothing is wrong"
    if not found.success:
        return ""
    if not _compiles(found.code):
        return "it calls a success what does not compile"
    for again in (None, error):
        twice = correct_code(found.code, again, budget=BUDGET)
        if twice.code != found.code and twice.success:
            return f"twice is not once: {[fix.text for fix in twice.fixes]}"
    return ""


def _compiles(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "<text>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
            return False
    return True
