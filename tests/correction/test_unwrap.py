"""Code in fences, in prose and under an indentation of its own."""

from __future__ import annotations

import textwrap

import pytest

from omninode_bridge.agents.workflows.correction import correct_code

CODE = '''"""Doc.

```python
example()
```
"""
import os


def f(path):
    """Use it.

    ~~~
    f("x")
    ~~~
    """
    return os.fspath(path)
'''


@pytest.mark.parametrize(
    "wrapped",
    [
        f"```python\n{CODE}```\n",
        f"```\n{CODE}```",
        f'\n\n  ```py title="node.py"\n{CODE}  ```\n\n',
        f"~~~~Python\n{CODE}~~~~\n",
        f"Here's what you asked for:\n\n```python3\n{CODE}```\n\nIt doesn't need more.\n",
        f"# Node\n\n```python\n{CODE}```\n\nRun it:\n\n```sh\npython node.py\n```\n",
        f"{CODE}```\n\nThat's all.\n",
        f"Text.\n\n```python\n{CODE}```\n\nUsage:\n\n```python\nprint(f('x'))\n```\n",
    ],
)
def test_the_code_in_a_fence_is_taken_out(wrapped):
    """The code comes out whole, and fences inside its strings stay."""
    outcome = correct_code(wrapped)

    assert outcome.success, outcome.reason
    assert outcome.code.strip() == CODE.strip()
    assert any(fix.rule == "unwrap.fence" for fix in outcome.fixes)


def test_a_split_file_is_joined():
    """Blocks that do not repeat each other are one file."""
    wrapped = (
        "```python\nimport os\n```\n\nAnd then:\n\n```python\ndef f():\n    return os.sep\n```\n"
    )

    assert correct_code(wrapped).code == "import os\ndef f():\n    return os.sep\n"


@pytest.mark.parametrize(
    "wrapped",
    [
        "```python\ndef f():\n    return 1\n```\nBetter:\n```python\ndef f():\n    return 2\n```\n",
        "def f(): return 1\n\nand\n\n```python\ndef g(): return 2\n```\n",
    ],
)
def test_two_versions_are_declined(wrapped):
    """Where nothing says which part counts, none is chosen."""
    outcome = correct_code(wrapped)

    assert not outcome.success
    assert "'f'" in outcome.reason


def test_a_fence_that_never_closes_is_flagged():
    """The code may be all there, but nobody promised: it is flagged as possibly cut off."""
    outcome = correct_code("```python\nx = 1\n")

    assert outcome.success
    assert outcome.truncated
    assert outcome.confidence < 0.7


@pytest.mark.parametrize("margin", ["    ", "  ", "\t"])
def test_an_indented_file_is_moved_back(margin):
    """The indentation of the whole text goes, that of strings included."""
    outcome = correct_code(textwrap.indent(CODE, margin))

    assert outcome.success, outcome.reason
    assert outcome.code == CODE


def test_a_stripped_first_line_counts_as_indented():
    """A text stripped at its ends has one line that does not show the indentation."""
    outcome = correct_code(
        textwrap.indent(CODE.replace('"""Doc.', 'import re\n"""Doc.'), "    ").lstrip()
    )

    assert outcome.success, outcome.reason
    assert outcome.code.startswith('import re\n"""Doc.')


def test_a_fence_in_a_docstring_of_broken_code_is_no_fence():
    """Only the missing colon is put right."""
    outcome = correct_code(CODE.replace("def f(path):", "def f(path)"))

    assert outcome.code == CODE
