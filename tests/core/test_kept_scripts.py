"""Random failures, random options, random cuts: what was cut off decides as what was not."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows._climb import Climb
from omninode_bridge.testing import FakeClock

from ._cuts import Cutter, Work, World
from .test_kept_cuts import account, ended
from .test_replay import HttpError, OddError, random_options

BATCHES = 10
SCRIPTS = 15


def random_script(rng: random.Random) -> list[Any]:
    """Return what the first attempts bring; the last one repeats."""
    values: list[Any] = [None, 0, "text", [1, {"a": None}], {"k": 1.5}, object()]
    errors = [
        ConnectionError("reset"),
        TimeoutError("too slow"),
        HttpError(429, 2.0),
        HttpError(503),
        ValueError("wrong a"),
        ValueError("wrong b"),
        OSError(28, "No space left on device", "/f"),
        KeyError("k"),
        UnicodeDecodeError("utf-8", b"\\xff", 0, 1, "bad"),
        OddError("odd"),
        SyntaxError("bad code"),
        PermissionError("not yours"),
        ExceptionGroup("several", [ValueError("a"), TimeoutError("b")]),
    ]
    weights = [6, 5, 3, 3, 3, 3, 1, 1, 1, 2, 1, 1, 1]
    script: list[Any] = rng.choices(errors, weights, k=rng.randint(1, 7))
    return [*script, rng.choice(values)] if rng.random() < 0.7 else script


def options_of(rng: random.Random) -> dict[str, Any]:
    """Return options without a human, and with few enough retries to cut at each."""
    options = random_options(rng)
    options.pop("escalation", None)
    if "strategy" in options:
        kinds = [options["strategy"], *options["fallback_strategies"]]
        kinds = [kind for kind in kinds if kind != "escalation"] or ["retry"]
        options["strategy"], options["fallback_strategies"] = kinds[0], kinds[1:]
    if options.get("retry", {}).get("max_retries", 0) > 5:
        options["retry"]["max_retries"] = 5
    return options


@pytest.mark.parametrize(
    "batch", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, BATCHES))]
)
def test_what_was_cut_off_decides_the_same(batch: int, tmp_path: Path, climbs: list[Climb]) -> None:
    """Same end, same account, no attempt again that had ended, whatever fails and wherever it is cut."""
    rng = random.Random(f"kept {batch}")
    settings = {"enable_notifications": False}
    compared = 0

    for number in range(SCRIPTS):
        options, script, takes = options_of(rng), random_script(rng), rng.choice([0.0, 0.1, 3.0])
        if "budget" in options:
            takes = 0.0  # what ran twice took its time twice, and that counts
        (folder := tmp_path / str(number)).mkdir()
        whole, counter = World(folder / "j.db", FakeClock(), climbs, settings, options), Cutter()
        work = Work(climbs, script, whole.clock, takes=takes)
        expected = ended(whole.live(work, counter))
        told = account(whole.results[-1]) if whole.results else None

        cuts = sorted(rng.sample(range(1, counter.count + 1), min(4, counter.count)))
        for at in cuts:
            (folder := tmp_path / f"{number}-{at}").mkdir()
            cut = World(folder / "j.db", FakeClock(), climbs, settings, options)
            again = Work(climbs, script, cut.clock, takes=takes)
            where = f"script {number} cut at {at} ({counter.names[at - 1]})"

            assert cut.live(again, Cutter(at)) is None, where
            begun, step, recovery = len(again.runs), cut.step, cut.recovery
            following = cut.outcomes + 1 if cut.begun else 0
            last = ended(cut.live(again))

            if step == "failed":
                continue  # it had ended; this was another try
            assert last == expected, where
            if told is None or step == "done" or recovery == "recovered":
                continue
            later = again.runs[begun:]
            assert all(n >= following for n in later if n), where
            if len(cut.results) and later:
                assert account(cut.results[-1]) == told, where
                compared += 1

    assert compared >= SCRIPTS // 2
