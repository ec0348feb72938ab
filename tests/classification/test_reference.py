"""The reference page runs and lists what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from omninode_bridge.agents.workflows.classification import DEFAULT_PROVIDERS

pytestmark = pytest.mark.checkout

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "classification.md"


def test_every_snippet_runs() -> None:
    """The code of the page does what its assertions say."""
    snippets = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)

    assert snippets
    for snippet in snippets:
        exec(compile(snippet, str(PAGE), "exec"), {})


def test_providers_are_listed_in_their_order() -> None:
    """The table names the file of each provider, in the order in which they are asked."""
    listed = re.findall(r"^\| `(\w+)\.py` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert listed == [provider.__module__.rpartition(".")[2] for provider in DEFAULT_PROVIDERS]
