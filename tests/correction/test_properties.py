"""What holds for any text: an answer within the budget, good code untouched, twice is once."""

from __future__ import annotations

import sysconfig
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omninode_bridge.agents.workflows.correction import (
    CorrectionBudget,
    correct_code,
    parse_correction,
)

ROOT = Path(sysconfig.get_paths()["stdlib"])
STDLIB = [
    path
    for pattern in ("*.py", "[a-km-z]*/*.py")
    for path in sorted(ROOT.glob(pattern))
    if "site-packages" not in path.parts and 0 < path.stat().st_size < 20_000
]
FRAGMENTS = st.sampled_from(
    ["def f(x):", "async def g(self)", "class A:", "    return x", "  y = 1", "\tz = [", ")", "```python",
     "```", "if x", "await g()", "'''", '"""', "import os", "# c", "x = json.dumps(1)", "\\", "\x0c",
     "else:", "try:", "}", "f'{x", "lambda: (", "@d", "\ud800", "\x00", "é = 1", "prose, isn't it?", ""]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(FRAGMENTS, max_size=25).map("\n".join),
    st.lists(FRAGMENTS).map("\r\n".join),
)
ERRORS = st.one_of(
    st.none(),
    st.text(max_size=60),
    st.sampled_from(
        [NameError("name 'json' is not defined"), RuntimeWarning("coroutine 'g' was never awaited"),
         SyntaxError("missing async keyword: 'def f'"), TypeError("'coroutine' object is not iterable")]
    ),
)  # fmt: skip
RULES = [
    parse_correction("a", {"pattern": r"def (\w+)\(", "replacement": r"async def \1("}),
    parse_correction(
        "b", {"pattern": r"^  ([^\s])", "replacement": r"    \1", "add_imports": True}
    ),
    parse_correction("c", {"pattern": r"^class", "prepend": "import sys\n"}),
]


def sources(count):
    for path in STDLIB[:count]:
        try:
            yield path, path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            continue


def test_the_standard_library_comes_back_byte_for_byte():
    """Hundreds of real files are left alone, with an error that points elsewhere."""
    error = SyntaxError("invalid syntax (other_module.py, line 3)")
    seen = 0
    for path, code in sources(120):
        outcome = correct_code(code, error)
        assert outcome.code == code, path
        assert not outcome.success
        seen += 1

    assert seen >= 100


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, ERRORS, st.booleans())
def test_any_text_gets_an_answer_and_twice_is_once(code, error, with_rules):
    """Nothing is raised; a success compiles, and correcting it again changes nothing."""
    rules = RULES if with_rules else []

    outcome = correct_code(code, error, corrections=rules)

    assert bool(outcome.reason) is not outcome.success
    assert isinstance(outcome.diff, str)
    if outcome.success:
        compile(outcome.code, "<generated>", "exec")
        assert correct_code(outcome.code).code == outcome.code
        assert correct_code(outcome.code, error).code == outcome.code


@pytest.mark.parametrize(
    "code",
    [
        "(" * 10_000,
        "x = " + "[" * 150 + "]" * 150,
        "-" * 50_000 + "1",
        "x" + ".y" * 20_000,
        "x = 1\x00\n",
        "x = '\ud800'\n",
        "```python\n" * 2_000,
        "if x:\n" + "".join(" " * n + "if x:\n" for n in range(1, 120)),
        "class A\n" * 300,
        "def f(:\n" * 300,
        "'''" * 999,
        "a b c\n" * 5_000,
    ],
    ids=lambda code: ascii(code[:12]),
)
def test_hostile_text_gets_an_answer_in_its_budget(code):
    """Depth, NULs, surrogates and endless damage end within the budget and a few compilations."""
    begun = time.process_time()

    outcome = correct_code(code, budget=CorrectionBudget(seconds=0.3))

    assert outcome.success or outcome.reason
    assert time.process_time() - begun < 5


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["", "def broken(x)\n    return x\n", "x = (\n"])
def test_a_megabyte_of_text_gets_an_answer(ending):
    """Large input ends too, changed or not."""
    code = (
        "".join(f"value_{n} = {{'a': [{n}, 'text'], 'b': None}}\n" for n in range(22_000)) + ending
    )

    outcome = correct_code(code, budget=CorrectionBudget(seconds=0.5))

    assert len(code) > 900_000
    assert outcome.success or outcome.reason


def test_text_beyond_the_limit_is_declined_unread():
    """The limit is the budget's."""
    outcome = correct_code("x = 1\n" * 100, budget=CorrectionBudget(max_chars=10))

    assert not outcome.success
    assert "600 characters" in outcome.reason


def test_a_budget_without_trials_is_said():
    """The best attempt so far comes back with the reason."""
    outcome = correct_code("def f()\n    pass\n", budget=CorrectionBudget(trials=1))

    assert not outcome.success
    assert "budget" in outcome.reason
