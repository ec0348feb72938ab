"""From the log of a recovery to the ladder that was climbed: each step, tried or passed over, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ._reading_recoveries import RecoveryRow
from ._reading_values import json_list, json_mapping, number, text

__all__ = ["Climbed", "attempt_number", "climbed", "ladder_of", "took"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Climbed:
    """One line of the ladder's story.

    Attributes:
        what: ``succeeded``, ``failed``, ``pending`` or ``running`` of an attempt; ``skipped`` or
            ``unreached`` of a step of the ladder; ``note`` of anything else.
        n: number of the attempt; None for what was not tried.
        label: the change in a few words.
        changes: what was corrected, left out or answered.
        wait: seconds before it ran.
        seconds: that it took, without the wait; None where that is not known.
        reasons: why the error is taken for what it is, where it was another one than before.
        why: of what was not tried.
        budget_left: of attempts, seconds, tokens and money before it, where there is a limit.
    """

    what: str
    strategy: str
    n: int | None = None
    label: str = ""
    changes: tuple[str, ...] = ()
    wait: float = 0.0
    seconds: float | None = None
    error: str = ""
    error_type: str = ""
    transient: bool | None = None
    fingerprint: str = ""
    reasons: tuple[str, ...] = ()
    why: str = ""
    budget_left: Mapping[str, float] = field(default_factory=dict, hash=False)


def climbed(row: RecoveryRow) -> tuple[Climbed, ...]:
    """Return everything that was tried, in order, with the steps that were not."""
    told = list(_told(row))
    met = {one.strategy for one in told}
    why = "it goes on" if row.status == "open" else _reason_of_the_end(row, told)
    told += [
        Climbed(what="unreached", strategy=step, why=why)
        for step in ladder_of(row)
        if step not in met
    ]
    return tuple(told)


def ladder_of(row: RecoveryRow) -> tuple[str, ...]:
    """Return the strategies that were planned, in order, each once."""
    steps = json_list(row.plan.get("steps") or row.first.get("ladder"))
    return tuple(dict.fromkeys(map(str, steps)))


def took(attempt: Mapping[str, Any], outcome: Mapping[str, Any], before: float) -> float | None:
    """Return the seconds that an attempt ran, without the wait before it; None where not known.

    Args:
        attempt: its entry.
        outcome: the entry of its end.
        before: seconds from the start of the recovery to the end of what went before.
    """
    ran = number(json_mapping(outcome, "record"), "duration_ms")
    if ran is not None:
        return ran / 1000
    moment = number(outcome, "elapsed")
    wait = number(attempt, "wait") or 0.0
    return None if moment is None else max(0.0, moment - before - wait)


def attempt_number(data: Mapping[str, Any]) -> int | None:
    """Return the number of the attempt that an entry is about."""
    n = data.get("n")
    return n if isinstance(n, int) else None


def _told(row: RecoveryRow) -> Iterator[Climbed]:
    outcomes = {attempt_number(one.data): one.data for one in row.log if one.kind == "outcome"}
    elapsed = number(outcomes.get(0, {}), "elapsed") or 0.0
    fingerprint = text(row.first, "fingerprint")
    kinds = {one.kind for one in row.log}
    passed: set[Climbed] = set()
    for entry in row.log:
        if entry.kind == "skipped":
            line = _skipped(entry.data)
            if line not in passed:  # a later process comes by the same steps again
                yield line
            passed.add(line)
        elif entry.kind == "attempt":
            outcome = outcomes.get(attempt_number(entry.data))
            line = _attempt(entry.data, outcome, elapsed, fingerprint)
            elapsed = number(outcome or {}, "elapsed") or elapsed
            fingerprint = line.fingerprint or fingerprint
            yield line
        elif entry.kind != "outcome" and (why := text(entry.data, "reason")):
            yield Climbed(what="note", strategy="", why=f"{entry.kind.replace('_', ' ')}: {why}")
    if "skipped" not in kinds:
        for one in json_list(row.account.get("skipped")):
            if isinstance(one, dict):
                yield _skipped(one)


def _attempt(
    data: Mapping[str, Any], outcome: Mapping[str, Any] | None, before: float, known: str
) -> Climbed:
    ended = outcome or {}
    what = "succeeded" if ended.get("ok") is True else "failed"
    if outcome is None:
        what = "running"
    elif ended.get("pending") is True:
        what = "pending"
    record, error = json_mapping(ended, "record"), json_mapping(ended, "error")
    failed, fingerprint = what == "failed", text(ended, "fingerprint")
    said = text(error, "message") or text(ended, "error") or text(record, "error")
    is_new = failed and fingerprint not in {"", known}
    return Climbed(
        what=what,
        strategy=text(data, "strategy"),
        n=attempt_number(data),
        label=text(data, "label"),
        changes=tuple(_changes(record)),
        wait=number(data, "wait") or 0.0,
        seconds=None if outcome is None else took(data, outcome, before),
        error=said if failed else "",
        error_type=text(ended, "error_type") if failed else "",
        transient=ended["transient"] if isinstance(ended.get("transient"), bool) else None,
        fingerprint=fingerprint,
        reasons=tuple(map(str, json_list(error.get("reasons")))) if is_new else (),
        budget_left=_left(json_mapping(data, "budget_left")),
    )


def _changes(record: Mapping[str, Any]) -> Iterator[str]:
    details, told = json_mapping(record, "details"), json_mapping(record, "metadata")
    yield from map(str, json_list(told.get("fixes")))
    if dropped := json_list(details.get("dropped")):
        yield f"without {', '.join(map(str, dropped))}"
    if fallback := text(details, "fallback_used"):
        yield f"by {fallback}"
    if decision := text(told, "decision"):
        yield f"{text(told, 'decided_by') or 'somebody'} answered {decision!r}"


def _skipped(data: Mapping[str, Any]) -> Climbed:
    return Climbed(what="skipped", strategy=text(data, "strategy"), why=text(data, "reason"))


def _left(data: Mapping[str, Any]) -> dict[str, float]:
    names = ("attempts", "seconds", "tokens", "money")
    return {name: left for name in names if (left := number(data, name)) is not None}


def _reason_of_the_end(row: RecoveryRow, told: list[Climbed]) -> str:
    if row.status == "superseded":
        return "another run took its place"
    if any(one.what == "succeeded" for one in told):
        return "it was not needed"
    if any(one.what == "pending" for one in told):
        return "a human is asked first"
    return text(row.account, "error_message") or "the recovery had ended"
