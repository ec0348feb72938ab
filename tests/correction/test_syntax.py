"""Damage that keeps code from compiling: before, after, and nothing done where it is unclear."""

from __future__ import annotations

import textwrap

import pytest

from omninode_bridge.agents.workflows.correction import correct_code


def problem_of(code: str) -> SyntaxError:
    with pytest.raises(SyntaxError) as caught:
        compile(code, "<generated>", "exec")
    return caught.value


def text(code: str) -> str:
    return textwrap.dedent(code).lstrip("\n")


CLASS = text(
    '''
    """A module."""
    import asyncio


    class Node:
        """It does things."""

        def __init__(self, rate: int) -> None:
            self.rate = rate
            self.seen = []

        async def fetch(self, url: str) -> str:
            """Fetch it.

            Slowly.
            """
            if not url:
                raise ValueError(url)
            for _ in range(self.rate):
                await asyncio.sleep(0)
            return url

        def close(self) -> None:
            self.seen.clear()


    def build() -> Node:
        node = Node(3)
        return node
    '''
)

CASES = {
    "async_body": ("    async def fetch", "    def fetch"),
    "colon_def": ("def close(self) -> None:", "def close(self) -> None"),
    "colon_if": ("if not url:", "if not url"),
    "colon_class": ("class Node:", "class Node"),
    "bracket_line": ("raise ValueError(url)", "raise ValueError(url"),
    "bracket_header": ("range(self.rate):", "range(self.rate:"),
    "line_shallow": ("        self.seen = []", "      self.seen = []"),
    "line_deep": ("        self.seen = []", "            self.seen = []"),
    "line_odd": ("        return url", "       return url"),
    "tab": ("        self.rate = rate", "\t\tself.rate = rate"),
    "body_lost": (
        "        self.rate = rate\n        self.seen = []",
        "    self.rate = rate\n    self.seen = []",
    ),
    "body_one": ("        self.seen.clear()", "    self.seen.clear()"),
    "tail_lost": ("        return url\n", "    return url\n"),
    "tail_top": ("    node = Node(3)\n    return node", "    node = Node(3)\nreturn node"),
}


@pytest.mark.parametrize("case", CASES)
def test_one_damage_is_undone(case):
    """Each damage is undone exactly, and a second run has nothing to do."""
    before, after = CASES[case]
    assert CLASS.count(before) == 1
    broken = CLASS.replace(before, after)

    outcome = correct_code(broken, problem_of(broken))

    assert outcome.success, outcome.reason
    assert outcome.code == CLASS
    assert outcome.fixes
    assert 0 < outcome.confidence <= 1
    assert correct_code(outcome.code).changed is False


def test_several_damages_are_undone_together():
    """A fence, a lost colon, a lost async and a shifted line are undone in one go."""
    broken = CLASS
    for before, after in (CASES["colon_if"], CASES["async_body"], CASES["line_shallow"]):
        broken = broken.replace(before, after)
    broken = f"Sure, here's the code:\n\n```python\n{broken}```\nIt's done.\n"

    outcome = correct_code(broken, problem_of(broken))

    assert outcome.success, outcome.reason
    assert outcome.code == CLASS


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("def f(a, b):\n    return g(a + b\n\nx = 1\n", "two places for the bracket"),
        ("def f(x):\n    if x:\n    y = 1\n    z = 2\n    return x\n", "one statement or two"),
        (
            "def f(x):\n    try:\n        g()\n    except E:\n    return x\n",
            "moved, or a body gone",
        ),
        ("def f():\n\n    x = 1\n  y = 2\n", "no such level, nothing to compare with"),
        ("def f(x):\n    return [x,\n", "cut off"),
        ("def f(x):\n    return x\n\ndef g(y)\n", "cut off after a header"),
        ("this is not code at all, is it?\n", "prose"),
    ],
)
def test_what_is_unclear_is_declined(broken, why):
    """Nothing is claimed where two readings are as good, or where nothing is known."""
    outcome = correct_code(broken)

    if outcome.success:
        pytest.fail(f"{why}: {outcome.code}")
    assert outcome.reason
    assert outcome.confidence == 0.0


@pytest.mark.parametrize(
    ("broken", "closed"),
    [
        ("class A:\n    def f(self):\n        return 'abc\n", "'abc'\n"),
        ("def f(x):\n    return len(x\n", "len(x)\n"),
    ],
)
def test_what_is_open_at_the_end_is_closed_and_called_truncated(broken, closed):
    """The end of the text may be the end of what was delivered, so the outcome says so."""
    outcome = correct_code(broken)

    assert outcome.success
    assert outcome.code.endswith(closed)
    assert outcome.truncated


def test_await_in_a_nested_function_makes_only_that_one_async():
    """The function whose own code awaits becomes async, not the one around it."""
    broken = "def outer():\n    def inner(x):\n        return await x\n    return inner\n"

    outcome = correct_code(broken, problem_of(broken))

    assert outcome.code == broken.replace("def inner", "async def inner")


def test_await_at_the_top_is_declined():
    """There is no function to make async."""
    assert not correct_code("await f()\n").success


@pytest.mark.parametrize("name", ["__init__", "__len__"])
def test_protocol_methods_are_not_made_async(name):
    """A constructor that awaits cannot be put right by a keyword."""
    assert not correct_code(f"class A:\n    def {name}(self):\n        await f()\n").success


def test_line_ends_survive():
    """Windows line ends are kept where lines are edited and imported."""
    broken = "class A:\r\n    def f(self) -> Any\r\n        return 1\r\n"

    outcome = correct_code(broken)

    assert outcome.code == (
        "from typing import Any\r\n\r\nclass A:\r\n    def f(self) -> Any:\r\n        return 1\r\n"
    )


def test_a_name_that_lost_its_binding_is_no_success():
    """Moving lines out of a function must not leave its locals behind."""
    broken = "def f(a):\n    total = a\n  for x in a:\n    print(total)\n    return total\n"

    outcome = correct_code(broken)

    assert not outcome.success or "def f(a):\n    total = a\n    for x" in outcome.code


def test_diff_and_best_attempt_are_kept():
    """A failure keeps the furthest attempt and says where it stopped."""
    broken = "class A\n    pass\n\nx = ?\n"

    outcome = correct_code(broken)

    assert not outcome.success
    assert outcome.code.startswith("class A:\n")
    assert "+class A:" in outcome.diff
    assert "line 4" in outcome.reason


def test_many_equal_readings_are_seen_to_be_equal():
    """A block that may reach to any of nine lines is given to none of them."""
    lines = "".join(f"    call{n}()\n" for n in range(9))

    outcome = correct_code(f"def f(x, call0):\n    if x:\n{lines}    for y in x:\n        y()\n")

    assert not outcome.success
    assert "equally plausible" in outcome.reason
