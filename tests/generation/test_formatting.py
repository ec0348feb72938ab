"""Formatting goes over all packages at once and changes nothing that it cannot read."""

from __future__ import annotations

import pytest

from omninode_bridge.generation import formatting
from omninode_bridge.generation.child_process import ChildResult
from omninode_bridge.generation.formatting import FormatError, format_packages


async def test_python_is_put_in_order_and_the_rest_is_left() -> None:
    """Imports are sorted, unused ones go, code is formatted; other files keep their bytes."""
    messy = b"import os\nfrom typing import Optional\nimport abc\nx = {  'a':1 }\nprint(abc)\n"
    files = {"node.py": messy, "contract.yaml": b"a:   1\n", "py.typed": b""}

    formatted = await format_packages({"one": files, "two": files})

    assert formatted["one"] == formatted["two"]
    assert formatted["one"]["node.py"] == b'import abc\n\nx = {"a": 1}\nprint(abc)\n'
    assert formatted["one"]["contract.yaml"] == b"a:   1\n"
    assert formatted["one"].keys() == files.keys()


async def test_a_file_that_does_not_parse_comes_back_as_it_was() -> None:
    """One package's fault keeps no other from its format."""
    packages = {"bad": {"node.py": b"def broken(:\n"}, "good": {"node.py": b"x=1\n"}}

    formatted = await format_packages(packages)

    assert formatted == {"bad": {"node.py": b"def broken(:\n"}, "good": {"node.py": b"x = 1\n"}}


async def test_formatting_twice_changes_nothing() -> None:
    """Its own output is already in order."""
    once = await format_packages({"one": {"node.py": b"import sys, os\nprint(os,sys)\n"}})

    assert await format_packages(once) == once


async def test_nothing_to_format_is_nothing_to_do() -> None:
    """A run in which every contract failed still ends well."""
    assert await format_packages({}) == {}


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        (ChildResult(None, ""), "took longer than 120 s"),
        (ChildResult(-11, "crashed"), "ruff check failed: crashed"),
    ],
)
async def test_a_formatter_that_fails_says_so(
    monkeypatch: pytest.MonkeyPatch, result: ChildResult, sentence: str
) -> None:
    """That is no fault of any package."""

    async def fail(*_: object, **__: object) -> ChildResult:
        return result

    monkeypatch.setattr(formatting, "run_child", fail)

    with pytest.raises(FormatError, match=sentence):
        await format_packages({"one": {"node.py": b"x = 1\n"}})
