"""Large results are encoded piece by piece, to the text that the encoder gives at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import JournalEngine
from omninode_bridge.agents.workflows.journal import _large, book_step
from omninode_bridge.agents.workflows.journal._codec import encode
from omninode_bridge.agents.workflows.staged_execution import (
    StagedParallelExecutor,
    WorkflowFailedError,
    WorkflowStage,
    WorkflowStep,
)
from omninode_bridge.errors import NotDurableError

LARGE: dict[str, Any] = {
    "one text": 'é"\\\n' * 400_000,
    "many numbers": list(range(300_000)),
    "many small ones": [{"id": n, "tags": ["a", None, n / 3]} for n in range(40_000)],
    "a deep one": {"a": {"b": [1, {"c": [[n] for n in range(200_000)], "d": "x" * 300_000}]}},
    "a wide one": {f'key "{n}"': [n, {}] for n in range(100_000)},
    "one among small ones": [[], {}, "y" * 2_000_000, 1, [2] * 100],
}


@pytest.mark.parametrize("name", LARGE)
async def test_the_text_and_the_copy_are_the_same(name: str) -> None:
    """However it was cut; the copy shares nothing that can change."""
    value = LARGE[name]
    assert _large.is_large(value)

    got = await _large.encode_large(value, "it")

    assert got.text == encode(value)
    assert got.copy == value
    assert type(value) is str or got.copy is not value


@pytest.mark.parametrize("value", [None, 7, "short", [1] * 1000, {"a": [{}] * 100}, []])
def test_what_is_small_is_not_large(value: Any) -> None:
    """So it takes the short way."""
    assert not _large.is_large(value)


async def run(path: Path, value: Any) -> Any:
    """Run one step that returns the value."""
    with JournalEngine(path) as engine:
        stages = [WorkflowStage("a", [WorkflowStep("s", lambda: value, version="1")])]
        return (await StagedParallelExecutor(engine=engine).execute_workflow("w", stages)).steps


async def test_a_large_result_is_kept_and_encoded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ahead of its end, and a later run reads the same."""
    ahead: list[str] = []

    async def noted(value: Any, what: str) -> _large.Encoded:
        ahead.append(what)
        return await _large.encode_large(value, what)

    monkeypatch.setattr(book_step, "encode_large", noted)
    monkeypatch.setattr(_large, "SCALARS", None)  # nothing of it is encoded on the loop
    value = LARGE["many small ones"]

    first = (await run(tmp_path / "j.db", value))["s"]
    again = (await run(tmp_path / "j.db", value))["s"]

    assert ahead == ["the result of step 'a/s'"]
    assert (first.result, again.result, again.reused) == (value, value, True)
    assert first.result is not value


async def test_a_large_result_that_is_no_json_is_refused(tmp_path: Path) -> None:
    """With its place, as a small one is."""
    with pytest.raises(WorkflowFailedError, match="a set") as raised:
        await run(tmp_path / "j.db", [*range(300_000), {1}])

    assert isinstance(raised.value.__cause__, NotDurableError)
