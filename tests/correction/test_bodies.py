"""Blocks that are missing, blocks that moved, and lines between two levels."""

from __future__ import annotations

import pytest
from tests.correction.damage import cases, run

from omninode_bridge.agents.workflows.correction import correct_code


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("class A(Exception):\n\n\nx = 1\n", "class A(Exception):\n    pass\n\n\nx = 1\n"),
        (
            "class A(Exception):\n    # nothing more\n\n\nx = 1\n",
            "class A(Exception):\n    # nothing more\n    pass\n\n\nx = 1\n",
        ),
        (
            "class A:\n    def f(self):\n\n    def g(self):\n        return 1\n",
            "class A:\n    def f(self):\n        pass\n\n    def g(self):\n        return 1\n",
        ),
        (
            "def f(x):\n    if x:\n    elif x is None:\n        return 1\n    else:\n    return 2\n",
            "def f(x):\n    if x:\n        pass\n    elif x is None:\n        return 1\n    else:\n        return 2\n",
        ),
        (
            "def f(x):\n    try:\n        x()\n    except KeyError:\n        # fine\n    x.done = 1\n    return x\n",
            "def f(x):\n    try:\n        x()\n    except KeyError:\n        # fine\n        pass\n    x.done = 1\n    return x\n",
        ),
        (
            "class A(Exception):\n\nclass B(A):\n\nclass C(B):\n    x = 1\n",
            "class A(Exception):\n    pass\n\nclass B(A):\n    pass\n\nclass C(B):\n    x = 1\n",
        ),
        (
            "class A:\n\tdef f(self):\n\n\tdef g(self):\n\t\treturn 1\n",
            "class A:\n\tdef f(self):\n\t\tpass\n\n\tdef g(self):\n\t\treturn 1\n",
        ),
    ],
)
def test_empty_blocks_get_pass(broken, whole):
    """A header that nothing belongs to gets `pass`, below its comments, at the file's own step."""
    outcome = correct_code(broken)

    assert outcome.success, outcome.reason
    assert outcome.code == whole


def test_a_body_missing_at_the_end_may_have_been_cut_off():
    """Nobody can tell an empty last block from a cut: it is filled, and flagged."""
    outcome = correct_code("x = 1\n\n\nclass A(Exception):\n")

    assert outcome.code == "x = 1\n\n\nclass A(Exception):\n    pass\n"
    assert outcome.truncated


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        (
            "def f(x):\n    for y in x:\n    y()\n    return x\n",
            "def f(x):\n    for y in x:\n        y()\n    return x\n",
        ),
        (
            "def f(x):\n    if x is None:\n    x = []\n    g(1)\n    return h(2)\n",
            "def f(x):\n    if x is None:\n        x = []\n    g(1)\n    return h(2)\n",
        ),
        (
            "def f(x, p):\n    if x:\n        p.append(1)\n    else:\n    p.append(2)\n    del x[:]\n    g()\n",
            "def f(x, p):\n    if x:\n        p.append(1)\n    else:\n        p.append(2)\n    del x[:]\n    g()\n",
        ),
        (
            "def f(x):\n    if x:\n    return 1\n    g()\n    return 2\n",
            "def f(x):\n    if x:\n        return 1\n    g()\n    return 2\n",
        ),
        (
            "def f(x):\n    try:\n        x()\n    except E as e:\n    log(e)\n    return x\n",
            "def f(x):\n    try:\n        x()\n    except E as e:\n        log(e)\n    return x\n",
        ),
        (
            "def f(x):\n    y = 1\n    if x:\n    y = 2\n    g(x)\n    h(y)\n",
            "def f(x):\n    y = 1\n    if x:\n        y = 2\n    g(x)\n    h(y)\n",
        ),
        (
            "def f(x):\n    if x.a:\n    g(1)\n    if x.b:\n        g(2)\n    return x\n",
            "def f(x):\n    if x.a:\n        g(1)\n    if x.b:\n        g(2)\n    return x\n",
        ),
        (
            "def f(g):\n    def inner(x):\n    if x:\n        return g(x)\n\n    return inner\n",
            "def f(g):\n    def inner(x):\n        if x:\n            return g(x)\n\n    return inner\n",
        ),
    ],
)
def test_moved_blocks_go_back_where_names_and_branches_tell(broken, whole):
    """What the header binds or asks for, a twin branch or a paragraph shows how far a block reached."""
    head = "from m import E, g, h, log\n\n\n"

    outcome = correct_code(head + broken)

    assert outcome.success, outcome.reason
    assert outcome.code == head + whole


@pytest.mark.parametrize(
    "broken",
    [
        "def f(x):\n    if x:\n    print(1)\n    print(2)\n    print(3)\n",
        "def f(x):\n    try:\n        x()\n    except KeyError:\n    return None\n",
        "class A(Exception):\nclass B(Exception):\n    x = 1\n",
    ],
)
def test_a_block_that_may_end_anywhere_is_declined(broken):
    """Without a sign nothing is claimed."""
    assert not correct_code(broken).success


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        (
            "def f(x):\n    for y in x:\n        if y:\n            continue\n      y()\n\n    return x\n",
            "def f(x):\n    for y in x:\n        if y:\n            continue\n        y()\n\n    return x\n",
        ),
        (
            "def f(x):\n    if x:\n        y = x()\n      y.go()\n    return x\n",
            "def f(x):\n    if x:\n        y = x()\n        y.go()\n    return x\n",
        ),
        (
            "def f(x):\n    if x:\n        g(x)\n\n     return x\n",
            "def f(x):\n    if x:\n        g(x)\n\n    return x\n",
        ),
        (
            "def f(x):\n    if x:\n        g(x)\n      return 1\n    return x\n",
            "def f(x):\n    if x:\n        g(x)\n        return 1\n    return x\n",
        ),
    ],
)
def test_a_line_between_two_levels_goes_where_it_can_belong(broken, whole):
    """The nearer level, else the one that leaves no dead code and no name without a value."""
    outcome = correct_code("from m import g\n\n\n" + broken)

    assert outcome.success, outcome.reason
    assert outcome.code.endswith(whole)


def test_a_return_goes_into_the_function_right_above_it():
    """A decorated function above is no reason to doubt."""
    broken = "@a\ndef f(x):\n    y = x\nreturn y\n\n\n@a\ndef g(x):\n    y = x\n    return y\n"
    head = "from m import a\n\n\n"

    outcome = correct_code(f"{head}@a\ndef e(x):\n    return x\n\n\n{broken}")

    assert outcome.success, outcome.reason
    assert outcome.code == f"{head}@a\ndef e(x):\n    return x\n\n\n" + broken.replace(
        "\nreturn y\n", "\n    return y\n", 1
    )


@pytest.mark.slow
def test_generated_damage_is_corrected():
    """Of moved and missing blocks in other people's files nearly all come back, and none is wrong."""
    names = ("missing_body", "indent_line", "indent_body", "lost_indent_tail", "tabs_mixed")
    verdicts = [run(case)[1].outcome for case in cases(71, 10, names, 60)]

    assert verdicts.count("repaired") >= 0.9 * len(verdicts)
    assert verdicts.count("false") <= 1
