"""The reference page runs and lists what there is."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from omninode_bridge.agents.workflows.classification import DEFAULT_PROVIDERS, Facts
from omninode_bridge.agents.workflows.classification.providers import KNOWN

pytestmark = pytest.mark.checkout

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "classification.md"


def test_every_snippet_runs() -> None:
    """The code of the page does what its assertions say."""
    snippets = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)

    assert snippets
    for snippet in snippets:
        exec(compile(snippet, str(PAGE), "exec"), {})


def test_the_page_of_known_errors_is_what_the_tables_say() -> None:
    """Whoever changes a table writes the page again: python scripts/build_known_errors.py."""
    script = ROOT / "scripts" / "build_known_errors.py"
    built = runpy.run_path(str(script))

    assert (ROOT / "docs" / "reference" / "errors-known.md").read_text(encoding="utf-8") == built[
        "page"
    ]()


def test_every_provider_says_what_it_reads_and_where_from() -> None:
    """Its rows, where it has a table, are told in words with facts."""
    for provider in DEFAULT_PROVIDERS:
        known = KNOWN[provider]
        assert known.reads, provider
        assert known.source, provider
        for what, facts in known.rows():
            assert what, provider
            assert isinstance(facts, Facts), what


def test_providers_are_listed_in_their_order() -> None:
    """The table names the file of each provider, in the order in which they are asked."""
    listed = re.findall(r"^\| `(\w+)\.py` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert listed == [provider.__module__.rpartition(".")[2] for provider in DEFAULT_PROVIDERS]
