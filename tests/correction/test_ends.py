"""Imports from `__future__` that came late, and texts that end in the middle."""

from __future__ import annotations

import pytest
from tests.correction.damage import cases, run

from omninode_bridge.agents.workflows.correction import correct_code

_LINE = "from __future__ import annotations\n"


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        (f"import os\n{_LINE}x = os\n", f"{_LINE}import os\nx = os\n"),
        (
            f'"""Doc."""\n\nimport os\n{_LINE}x = os\n',
            f'"""Doc."""\n{_LINE}\nimport os\nx = os\n',
        ),
        (
            f"#!/usr/bin/python\n# words\nimport os\n{_LINE}x = os\n",
            f"#!/usr/bin/python\n# words\n{_LINE}import os\nx = os\n",
        ),
        (f"{_LINE}import os\n{_LINE}x = os\n", f"{_LINE}import os\nx = os\n"),
        (
            f"{_LINE}import os\nfrom __future__ import annotations, division\nx = os\n",
            f"{_LINE}from __future__ import division\nimport os\nx = os\n",
        ),
        (
            f'import os\n"""Doc."""\n{_LINE}x = os\n',
            f'"""Doc."""\n{_LINE}\nimport os\nx = os\n',
        ),
        (f"x = 1\n{_LINE}y = 2\n", f"{_LINE}\nx = 1\ny = 2\n"),
        (f"import os\r\n{_LINE[:-1]}\r\nx = os\r\n", f"{_LINE[:-1]}\r\nimport os\r\nx = os\r\n"),
    ],
)
def test_late_imports_from_the_future_move_to_their_place(broken, whole):
    """They go below the docstring and above all else; what is there already is not said twice."""
    outcome = correct_code(broken)

    assert outcome.success, outcome.reason
    assert outcome.code == whole


@pytest.mark.parametrize(
    "text",
    [
        f'"""Doc.\n\nimport os\n{_LINE}"""\n{_LINE}import os\n',
        f"import os\n\nTEXT = '''\n{_LINE}'''\n# {_LINE}",
    ],
)
def test_the_words_inside_strings_and_comments_stay(text):
    """Nothing late is there."""
    outcome = correct_code(text)

    assert outcome.code == text
    assert not outcome.fixes


_WHOLE = "import os\n\n\ndef f(x):\n    return os.path.join(x)\n\n\n"


@pytest.mark.parametrize(
    ("end", "kept"),
    [
        ("def g(y):\n    z = f(y)\n    return z if z ==", "def g(y):\n    z = f(y)\n"),
        (
            "def g(y):\n    z = f(y)\n    w = {\n        'a': z,\n        'b",
            "def g(y):\n    z = f(y)\n",
        ),
        ('def g(y):\n    """Do what is asked.\n\n    If it is', ""),
        ("def g(y):\n    try:\n        z = f(y)\n        return (z", ""),
        ("@f\ndef g(y, *, z", ""),
        ("class A:\n    def g(se", "class A:\n    pass\n"),
        ("class A:\n    x = 1\n\n    def g(se", "class A:\n    x = 1\n\n"),
    ],
)
def test_a_text_that_was_cut_off_keeps_what_is_complete(end, kept):
    """The unfinished statement goes, with headers that it leaves empty, and the outcome is flagged."""
    outcome = correct_code(_WHOLE + end)

    assert outcome.success, outcome.reason
    assert outcome.code == _WHOLE + kept
    assert outcome.truncated
    assert "truncated" in outcome.fixes[-1].text


@pytest.mark.parametrize(
    "text",
    [
        _WHOLE + "y = f(1\n\ndef g(x):\n    return x\n\nz = g(2)",
        _WHOLE + 'def g(x):\n    """Do it.\n    return f(x)\n\n\ndef h(x):\n    return f(x)',
        _WHOLE.replace("os.path.join(x)", "helper(x)") + "y = [f(1",
        "def f(x):\n    return [",
    ],
)
def test_a_cut_is_not_claimed_for_what_is_open_further_up(text):
    """A bracket that swallows functions is a lost bracket; a name that never came is no whole."""
    outcome = correct_code(text)

    assert not any(fix.rule == "truncated" for fix in outcome.fixes) or not outcome.success


@pytest.mark.slow
def test_cut_texts_are_flagged_or_declined():
    """No text that was cut off is given out as whole, and no late import is lost."""
    found = [(c, *run(c)) for c in cases(71, 25, ("truncated", "future_import"), 80)]

    assert all(verdict.outcome != "false" for _, _, verdict in found)
    assert sum(verdict.outcome == "repaired" for _, _, verdict in found) >= 0.8 * len(found)
