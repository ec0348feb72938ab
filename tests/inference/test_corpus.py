"""Every situation of the corpus: the right call with the right arguments, or the sentence; never another call."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Iterator

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows._recovery import NO_CALL_HELP
from omninode_bridge.testing import FakeClock

from . import _arguments, _async, _odd, _plain, _refused, _stage
from ._stage import SITUATIONS, Situation

MODULES = (_arguments, _async, _odd, _plain, _refused)


@pytest.fixture(autouse=True)
def stage() -> Iterator[None]:
    """Begin each situation with nothing called."""
    _stage.reset()
    yield
    _stage.reset()


def name(situation: Situation) -> str:
    return situation.act.__name__


@pytest.mark.parametrize("situation", SITUATIONS, ids=name)
def test_the_failed_call_or_none(situation: Situation, caplog: pytest.LogCaptureFixture) -> None:
    """What is run again is the call that failed, with what it was given; else nothing is."""
    orchestrator = ErrorRecoveryOrchestrator(clock=FakeClock(), base_delay=0)
    act = situation.act
    caplog.set_level("DEBUG", "omninode_bridge.agents.workflows.error_recovery")

    if inspect.iscoroutinefunction(act):
        result = asyncio.run(act(orchestrator))
    else:
        result = act(orchestrator)

    reasons = [
        record.reason
        for record in caplog.records
        if record.getMessage() == "recovery.call_not_inferred"
    ]
    if situation.expected is None:
        assert len(reasons) == 1
        assert re.search(situation.why, reasons[0])
        assert _stage.rerun() == []
        assert not result.success
        assert NO_CALL_HELP in (result.error_message or "")
        assert result.analysis.call_source == ""
    else:
        assert reasons == []
        assert _stage.rerun() == ([] if situation.expected[0] == "future" else [situation.expected])
        assert result.success
        assert result.result == ("done", *situation.expected)
        assert result.analysis.call_source.startswith("traceback of ")
        assert situation.source in {"", result.analysis.call_source}


def test_the_corpus_is_large_enough() -> None:
    """Both outcomes are covered by many situations."""
    expected = [situation.expected is not None for situation in SITUATIONS]

    assert len(SITUATIONS) == len({situation.act for situation in SITUATIONS})
    assert expected.count(True) >= 60
    assert expected.count(False) >= 120
