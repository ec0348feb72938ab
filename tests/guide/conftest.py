"""A reader for each test, and a check that the blocks which the table promises really ran."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ._reader import Reader
from ._table import BLOCK_TESTS


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the machine's own settings out of the guide."""
    for name in [name for name in os.environ if name.startswith("OMNINODE_BRIDGE_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("ENVIRONMENT", raising=False)


@pytest.fixture
def reader(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """Somebody who reads the guide; at the end the blocks of this test must have run."""
    with Reader(tmp_path) as somebody:
        yield somebody
    name = f"{request.path.name}::{request.node.originalname}"
    missing = {number for number, test in BLOCK_TESTS.items() if test == name} - {*somebody.ran}
    assert not missing, f"{name} stands for the blocks {sorted(missing)}, which it did not run"
