"""The benchmark of the overhead knows the printed targets; its figures are its own business."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

pytestmark = pytest.mark.checkout

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "overhead.py"


def test_the_overhead_is_measured_against_the_printed_targets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A few rounds of each case bring figures for each printed target."""
    spec = importlib.util.spec_from_file_location("overhead", FILE)
    assert spec is not None
    assert spec.loader is not None
    overhead = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(overhead)
    monkeypatch.setattr(overhead, "SINGLE", 20)
    monkeypatch.setattr(overhead, "RECOVERIES", 5)
    monkeypatch.setattr(overhead, "CORRECTIONS", (5, 2))

    rows = list(overhead.measure())
    overhead.show(rows)

    assert {kind for kind, _, _ in rows} == set(overhead.TARGETS)
    assert overhead.TARGETS == {"recovery": 500.0, "analysis": 100.0, "decision": 50.0}
    assert all(spent for _, _, spent in rows)
    assert "retry" in capsys.readouterr().out
