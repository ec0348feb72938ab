"""An error that is made again from data is to a recovery what it was when it was alive."""

from __future__ import annotations

import json
from pathlib import Path

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, JournalEngine
from omninode_bridge.agents.workflows._errors_data import data_of, error_of
from omninode_bridge.errors import ContractSyntaxError


class OddError(Exception):
    """A class of the user's."""


def fail() -> Exception:
    """Return an error of ours with a cause of the user's and one of Python's behind it."""
    try:
        try:
            try:
                raise KeyError("line 6")
            except KeyError as inner:
                raise OddError("while parsing") from inner
        except OddError as cause:
            raise ContractSyntaxError("it ends inside a map", path="a.yaml", line=5) from cause
    except ContractSyntaxError as error:
        return error


def test_it_is_taken_for_the_same(tmp_path: Path) -> None:
    """Its fingerprint, type and reasons are those of the living error, whatever the causes were."""
    with JournalEngine(tmp_path / "j.db") as engine:
        orchestrator = ErrorRecoveryOrchestrator(engine=engine)
        error = fail()
        alive = orchestrator.analyze(error)

        again = error_of(json.loads(json.dumps(data_of(error, alive))))
        found = orchestrator.analyze(again)

        assert found.fingerprint == alive.fingerprint
        assert (found.error_type, found.ladder, found.transient) == (
            alive.error_type,
            alive.ladder,
            alive.transient,
        )
        assert found.reasons == alive.reasons


def test_its_causes_are_told(tmp_path: Path) -> None:
    """Names and texts of the chain are kept, outermost first."""
    with JournalEngine(tmp_path / "j.db") as engine:
        error = fail()
        alive = ErrorRecoveryOrchestrator(engine=engine).analyze(error)

        again = error_of(data_of(error, alive))

        assert type(again) is ContractSyntaxError
        assert (type(again.__cause__).__name__, str(again.__cause__)) == (
            "OddError",
            "while parsing",
        )
        assert type(again.__cause__.__cause__).__name__ == "KeyError"  # type: ignore[union-attr]
