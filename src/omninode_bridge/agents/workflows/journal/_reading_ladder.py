"""From the log of a recovery to the ladder that was climbed: each step, tried or passed over, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ._reading_recoveries import RecoveryRow
from ._reading_values import json_list, number, text

__all__ = ["Climbed", "climbed", "ladder_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Climbed:
    """One line of the ladder's story.

    Attributes:
        what: ``succeeded``, ``failed``, ``pending`` or ``running`` of an attempt; ``skipped`` or
            ``unreached`` of a step of the ladder.
        n: number of the attempt; None for a step that was not tried.
        label: the change in a few words.
        wait: seconds before it ran.
        seconds: that it took, the wait included; None where that is not known.
        why: of a step that was not tried.
        budget_left: of attempts, seconds, tokens and money, where there is a limit.
    """

    what: str
    strategy: str
    n: int | None = None
    label: str = ""
    wait: float = 0.0
    seconds: float | None = None
    error: str = ""
    error_type: str = ""
    transient: bool | None = None
    fingerprint: str = ""
    why: str = ""
    budget_left: Mapping[str, float]


def climbed(row: RecoveryRow) -> tuple[Climbed, ...]:
    """Return everything that was tried, in order, with the steps that were not."""
    told = list(_told(row))
    met = {one.strategy for one in told}
    why = "it goes on" if row.status == "open" else _reason_of_the_end(row, told)
    told += [
        Climbed(what="unreached", strategy=step, why=why, budget_left={})
        for step in ladder_of(row)
        if step not in met
    ]
    return tuple(told)


def ladder_of(row: RecoveryRow) -> tuple[str, ...]:
    """Return the strategies that were planned, in order, each once."""
    steps = json_list(row.plan.get("steps") or row.first.get("ladder"))
    return tuple(dict.fromkeys(map(str, steps)))


def _told(row: RecoveryRow) -> Iterator[Climbed]:
    outcomes = {
        one.data.get("n"): one.data for one in row.log if one.kind == "outcome" and one.data
    }
    records = _records(row)
    elapsed = 0.0
    if (first := outcomes.get(0)) is not None:
        elapsed = number(first, "elapsed") or 0.0
    skipped = False
    for entry in row.log:
        if entry.kind == "skipped":
            skipped = True
            yield _skipped(entry.data)
        elif entry.kind == "attempt":
            line = _attempt(entry.data, outcomes.get(entry.data.get("n")), records, elapsed)
            ended = outcomes.get(entry.data.get("n"))
            if ended is not None and (moment := number(ended, "elapsed")) is not None:
                elapsed = moment
            yield line
    if not skipped:
        for one in json_list(row.account.get("skipped")):
            if isinstance(one, dict):
                yield _skipped(one)


def _attempt(
    data: Mapping[str, Any],
    outcome: Mapping[str, Any] | None,
    records: Mapping[Any, Mapping[str, Any]],
    before: float,
) -> Climbed:
    record = records.get(data.get("n"), {})
    what, seconds = "running", None
    if outcome is not None:
        what = "succeeded" if outcome.get("ok") is True else "failed"
        if outcome.get("pending") is True:
            what = "pending"
        moment = number(outcome, "elapsed")
        seconds = None if moment is None else max(0.0, moment - before)
    ended = outcome or {}
    left = data.get("budget_left")
    return Climbed(
        what=what,
        strategy=text(data, "strategy"),
        n=data["n"] if isinstance(data.get("n"), int) else None,
        label=text(data, "label"),
        wait=number(data, "wait") or 0.0,
        seconds=seconds,
        error="" if what == "succeeded" else text(ended, "error") or text(record, "error"),
        error_type="" if what == "succeeded" else text(ended, "error_type"),
        transient=ended["transient"] if isinstance(ended.get("transient"), bool) else None,
        fingerprint=text(ended, "fingerprint"),
        budget_left=_left(left if isinstance(left, dict) else {}),
    )


def _skipped(data: Mapping[str, Any]) -> Climbed:
    return Climbed(
        what="skipped",
        strategy=text(data, "strategy"),
        why=text(data, "reason"),
        budget_left={},
    )


def _left(data: Mapping[str, Any]) -> dict[str, float]:
    names = ("attempts", "seconds", "tokens", "money")
    return {name: left for name in names if (left := number(data, name)) is not None}


def _records(row: RecoveryRow) -> dict[Any, Mapping[str, Any]]:
    """Return what the caller was told of each attempt, by its number."""
    found: dict[Any, Mapping[str, Any]] = {}
    for record in json_list(row.account.get("attempts")):
        if isinstance(record, dict):
            inner = record.get("attempt")
            found[record.get("n", inner.get("n") if isinstance(inner, dict) else None)] = record
    return found


def _reason_of_the_end(row: RecoveryRow, told: list[Climbed]) -> str:
    if row.status == "superseded":
        return "another run took its place"
    if any(one.what == "succeeded" for one in told):
        return "it was not needed"
    if any(one.what == "pending" for one in told):
        return "a human is asked first"
    return text(row.account, "error_message") or "the recovery had ended"
