"""Print, class by class, what becomes of damaged files.

python -m tests.correction.damage [--seed N] [--each N] [--classes a,b] [--show N]
"""

from __future__ import annotations

import argparse
import difflib
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.correction.damage import Damaged, cases, installed, run


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--files", type=int, default=400)
    parser.add_argument("--classes", default="")
    parser.add_argument("--show", type=int, default=0)
    given = parser.parse_args()
    chosen = tuple(filter(None, given.classes.split(",")))
    rows: dict[str, list[tuple[str, bool, float, str]]] = defaultdict(list)
    shown = 0
    for case in cases(given.seed, given.each, chosen, given.files, installed()):
        start = time.thread_time()
        found, verdict = run(case)
        spent = (time.thread_time() - start) * 1000
        rows[case.cls].append((verdict.outcome, verdict.hard, spent, case.kind))
        if (
            verdict.outcome in ("declined", "false", "harmful")
            and case.check != "garbage"
            and shown < given.show
        ):
            shown += 1
            _show(case, found.code, f"{verdict.outcome} hard={verdict.hard}: {found.reason}")
    print(f"{'class':24s} {'n':>4} {'good%':>6} {'false':>6} {'hard':>5} {'p50ms':>7} {'p95ms':>7}")
    for name, outs in rows.items():
        times = sorted(ms for _, _, ms, _ in outs)
        kinds = Counter(out for out, _, _, _ in outs)
        good = kinds["repaired"] + kinds["clean"] + (kinds["declined"] if name == "garbage" else 0)
        bad = kinds["false"] + kinds["harmful"]
        lost = Counter(kind for out, _, _, kind in outs if out not in ("repaired", "clean"))
        print(
            f"{name:24s} {len(outs):>4} {100 * good / len(outs):>6.1f} {bad:>6}"
            f" {sum(hard for _, hard, _, _ in outs):>5} {times[len(times) // 2]:>7.1f}"
            f" {times[int(len(times) * 0.95)]:>7.1f}  {dict(lost) if name != 'garbage' else ''}"
        )
    every = [
        out
        for name, outs in rows.items()
        if name not in ("intact", "garbage", "truncated")
        for out in outs
    ]
    done = sum(out[0] == "repaired" for out in every)
    wrong = sum(out[0] == "false" for out in every)
    times = sorted(out[2] for outs in rows.values() for out in outs)
    if every:
        print(
            f"core: {len(every)} cases, repaired {100 * done / len(every):.1f} %, false {100 * wrong / len(every):.2f} %,"
            f" p95 {times[int(len(times) * 0.95)]:.1f} ms, max {times[-1]:.1f} ms"
        )


def _show(case: Damaged, code: str, verdict: str) -> None:
    print(f"\n=== {case.cls} [{case.kind}] {verdict}")
    for left, right, label in (
        (case.original, case.broken, "broken"),
        (case.original, code, "returned"),
    ):
        diff = difflib.unified_diff(
            left.split("\n"), right.split("\n"), "original", label, lineterm="", n=1
        )
        print("\n".join(line[:140] for line in list(diff)[:24]))


if __name__ == "__main__":
    main()
