"""How ``omninode-bridge escalations list`` orders what it shows, and shares a line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from ..journal._rows import Journal

Run = Callable[..., Any]


def ids(text: str) -> list[str]:
    """Return the ids in the order in which they are shown."""
    return re.findall(r"^esc_\d+", text, re.MULTILINE)


def test_open_ones_come_first(run: Run, journal: Journal) -> None:
    """Whatever has ended is less urgent, also where nobody has written yet that its time is over."""
    resolved = {"status": "resolved", "decision": "skip", "decided_by": "ann", "at": journal.now}
    over = {"timeout": 1.0, "due": 0.0, "deadline": journal.now - 5}
    journal.escalation("esc_0", priority="critical", columns=resolved)
    journal.escalation("esc_1", priority="critical", columns=over)
    journal.escalation("esc_2", priority="low")
    journal.escalation("esc_3", priority="high")

    everything = run("escalations", "list", "--status", "all")
    some = run("escalations", "list", "--status", "all", "--limit", "2")

    assert ids(everything.out) == ["esc_3", "esc_2", "esc_0", "esc_1"]
    assert ids(some.out) == ["esc_3", "esc_2"]


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("status", ["open", "all"])
def test_one_workflow_is_named_once(
    run: Run, journal: Journal, monkeypatch: pytest.MonkeyPatch, width: int, status: str
) -> None:
    """No line is longer than the screen, and two questions can be told apart in every width."""
    monkeypatch.setenv("COLUMNS", str(width))
    ended = {"status": "expired", "at": journal.now}
    for number in range(6):
        journal.escalation(
            f"esc_{number:020}",
            workflow_id="generate-20261123-d8ae",
            error_message=f"ValueError: c{number}.yaml:1:2: {'something is wrong ' * 9}",
            columns=ended if number > 3 else None,
        )

    told = run("escalations", "list", "--status", status).out
    lines = told.splitlines()

    assert lines[0] == "workflow generate-20261123-d8ae"
    assert told.count("generate-20261123-d8ae") == 1
    assert max(map(len, lines)) <= width
    shown = 6 if status == "all" else 4
    assert re.findall(r"c(\d)\.yaml", told) == [str(number) for number in range(shown)]


def test_several_workflows_are_named_each(
    run: Run, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where they differ they are a column."""
    monkeypatch.setenv("COLUMNS", "120")
    journal.escalation("esc_0", workflow_id="one")
    journal.escalation("esc_1", workflow_id="two")

    told = run("escalations", "list").out

    assert re.search(r"^id +priority +age +workflow", told)
    assert re.search(r"esc_0 .* one ", told)
    assert re.search(r"esc_1 .* two ", told)
