"""Score the classifier on the recorded errors: `python tests/error_corpus/score.py [--half tuning] [--area http_llm] [--show]`.

Each record is asked three times: as the exception itself, made again from the record; as one line of text; as its traceback.
The two halves are apart by library; `--show` lists what is wrong, of the tuning half only.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from halves import HALVES, half
from replay import load, rebuild

MODES = ("live", "text", "traceback")
NEED_CHAIN = frozenset({"cause-matters", "group"})


@dataclass(frozen=True)
class Row:
    """What the classifier said of one record."""

    record: dict[str, Any]
    error_type: str
    strategy: str
    microseconds: float

    @property
    def type_right(self) -> bool:
        """Is the type one that the label accepts?"""
        return self.error_type in self.record["types"]

    @property
    def strategy_right(self) -> bool:
        """Is the strategy one that the label accepts?"""
        return self.strategy in self.record["strategies"]


def ask(records: Sequence[dict[str, Any]], mode: str) -> list[Row]:
    """Return what the classifier says of each record in one of the `MODES`."""
    from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator

    orchestrator = ErrorRecoveryOrchestrator()
    rows = []
    for record in records:
        asked: Any
        if mode == "live" and record["kind"] == "live":
            asked = rebuild(record)
        elif mode == "traceback" or (mode == "text" and NEED_CHAIN & set(record["tags"])):
            asked = record["traceback"]
        else:
            asked = record["text"]
        started = time.perf_counter()
        try:
            found = orchestrator.analyze(asked)
            answer = found.error_type.name, found.strategy.name
        except Exception as error:
            answer = "CRASH", type(error).__name__
        rows.append(Row(record, *answer, (time.perf_counter() - started) * 1e6))
    return rows


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the figures of some rows, shares in percent."""
    known = [row for row in rows if "UNKNOWN" not in row.record["types"]]
    permanent = [row for row in rows if row.record["transient"] == "no"]
    transient = [row for row in rows if row.record["transient"] == "yes"]
    times = sorted(row.microseconds for row in rows)

    def share(found: Sequence[bool]) -> float | None:
        return round(100 * sum(found) / len(found), 1) if found else None

    return {
        "n": len(rows),
        "type_known": share([row.type_right for row in known]),
        "strategy": share([row.strategy_right for row in rows]),
        "joint": share([row.type_right and row.strategy_right for row in rows]),
        "permanent_retried": share([row.strategy == "RETRY" for row in permanent]),
        "n_permanent": len(permanent),
        "transient_missed": share([not row.strategy_right for row in transient]),
        "n_transient": len(transient),
        "crashes": sum(row.error_type == "CRASH" for row in rows),
        "p50_us": round(times[len(times) // 2]) if times else None,
        "p95_us": round(times[int(len(times) * 0.95)]) if times else None,
    }


def wrong(row: Row) -> str:
    """Return one line about a wrong row."""
    record = row.record
    return (
        f"   {record['id']}: {row.error_type}/{row.strategy}, not {'|'.join(record['types'])} / "
        f"{'|'.join(record['strategies'])} ({record['transient']}: {record['why']}) {record['text'][:110]!r}"
    )


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)  # fmt: skip
    parser.add_argument("--half", choices=HALVES, action="append")
    parser.add_argument("--area")
    parser.add_argument("--mode", choices=MODES, action="append")
    parser.add_argument("--show", action="store_true", help="list what is wrong (tuning half only)")
    chosen = parser.parse_args()
    halves = chosen.half or list(HALVES)
    if chosen.show and halves != ["tuning"]:
        parser.error(
            "--show goes with --half tuning only; the other half judges and is not looked into"
        )
    records = load(chosen.area)
    for name in halves:
        mine = [record for record in records if half(record["library"]) == name]
        for mode in chosen.mode or MODES:
            rows = ask(mine, mode)
            sys.stdout.write(f"{name} {mode}: {json.dumps(figures(rows))}\n")
            if chosen.show:
                lines = [wrong(row) for row in rows if not (row.type_right and row.strategy_right)]
                sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
