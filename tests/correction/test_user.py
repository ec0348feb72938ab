"""A user's corrections: parsed once, run as written, held by the guard."""

from __future__ import annotations

import pytest

from omninode_bridge.agents.workflows.correction import (
    CorrectionBudget,
    check_for_async_methods,
    correct_code,
    parse_correction,
)
from omninode_bridge.errors import ConfigurationError

# Printed in the guide.
COMMON_CORRECTIONS = {
    "missing_async": {
        "description": "Add async keyword to execute methods",
        "pattern": r"def (execute_\w+)\(",
        "replacement": r"async def \1(",
        "validation": "check_for_async_methods",
    },
    "missing_typing_import": {
        "description": "Add typing module imports",
        "pattern": r"^(class Node\w+)",
        "prepend": (
            "from typing import Any, Dict, List, Optional\nfrom dataclasses import dataclass\n\n"
        ),
    },
    "missing_await": {
        "description": "Add await keyword for async calls",
        "pattern": r"([^await\s])(\w+\.execute\w+\()",
        "replacement": r"\1await \2",
    },
    "incorrect_indentation": {
        "description": "Fix indentation (4 spaces)",
        "pattern": r"^  ([^\s])",
        "replacement": r"    \1",
    },
}
COMPLIANCE = {
    "steps": [
        {
            "description": "Add async keyword",
            "pattern": r"def (execute_\w+)\(",
            "replacement": r"async def \1(",
        },
        {
            "description": "Add type hints",
            "pattern": r"async def (\w+)\(([^)]+)\):",
            "replacement": r"async def \1(\2) -> dict[str, Any]:",
        },
        {
            "description": "Add docstring",
            "pattern": r"(async def \w+\([^)]+\)[^:]+:)\n",
            "replacement": r'\1\n        """Execute operation."""\n',
        },
    ],
}
GENERATED = """
class NodeMyEffect(NodeEffect):
    def execute_effect(self, context: dict) -> dict:
        result = self.process_data(context)
        return result
"""


def common(name):
    return parse_correction(name, COMMON_CORRECTIONS[name])


def run(code, *corrections, error="SyntaxError: the code is not usable", **options):
    return correct_code(code, error, corrections=corrections, **options)


def test_the_printed_example_is_corrected():
    """`async` is added, and nothing else, although the base class is not imported."""
    outcome = run(GENERATED, common("missing_async"))

    assert outcome.success, outcome.reason
    assert outcome.code == GENERATED.replace("def execute", "async def execute")
    assert outcome.fixes[0].rule == "missing_async"


def test_a_match_that_already_is_what_it_would_become_is_skipped():
    """Twice is once: there is never an `async async def`."""
    once = run(GENERATED, common("missing_async"))
    twice = run(once.code, common("missing_async"))

    assert twice.code == once.code
    assert not twice.changed


def test_a_prepend_goes_after_docstring_and_future_imports():
    """Names that are there are not imported again."""
    code = (
        '"""Doc."""\n\nfrom __future__ import annotations\nfrom typing import Any\n\n\n'
        "class NodeA:\n    x: Any = 1\n"
    )

    outcome = run(code, common("missing_typing_import"))

    assert outcome.success, outcome.reason
    assert "annotations\nfrom typing import Dict, List, Optional\nfrom dataclasses" in outcome.code
    assert outcome.code.count("Any") == 2
    assert run(outcome.code, common("missing_typing_import")).code == outcome.code


AWAITED = (
    "class A:\n    async def go(self):\n        r = await self.execute_x(1)\n        return r\n\n"
    "    async def execute_x(self, n):\n        return n\n"
)


def test_the_printed_missing_await_does_no_damage():
    """The regular expression would write `sawait elf.execute_x(1)`; the guard takes it back."""
    outcome = run(AWAITED, common("missing_await"))

    assert outcome.code == AWAITED
    assert not outcome.success
    assert "missing_await" in outcome.reason
    assert "line 3" in outcome.reason


def test_each_match_is_tried_apart():
    """One match of two breaks the code; the other is kept."""
    code = AWAITED.replace("return r\n", "return str(self.execute_x(r))\n", 1)

    outcome = run(code, common("missing_await"))

    assert outcome.code == code.replace("str(self", "str(await self")
    assert outcome.notes


@pytest.mark.parametrize(
    ("code", "right"),
    [
        ("def f():\n  x = 1\n  return x\n", "def f():\n    x = 1\n    return x\n"),
        ("def f():\n    x = 1\n  return x\n", "def f():\n    x = 1\n    return x\n"),
    ],
)
def test_the_printed_indentation_is_corrected(code, right):
    """Two spaces become four at every line start, also where only all together compile."""
    outcome = run(code, common("incorrect_indentation"))

    assert outcome.success, outcome.reason
    assert outcome.code == right


def test_several_steps_and_the_names_they_bring():
    """Type hints that need `Any` get its import; the docstring is added once."""
    outcome = run(
        GENERATED.replace(" -> dict:", ":"), parse_correction("onex_v2_compliance", COMPLIANCE)
    )

    assert outcome.success, outcome.reason
    assert "async def execute_effect(self, context: dict) -> dict[str, Any]:" in outcome.code
    assert '    """Execute operation."""\n' in outcome.code
    assert "from typing import Any\n" in outcome.code
    assert any("import Any" in fix.text for fix in outcome.fixes)
    again = run(outcome.code, parse_correction("onex_v2_compliance", COMPLIANCE))
    assert again.code == outcome.code


def test_corrections_follow_when_the_text_was_broken_first():
    """What keeps the text from compiling goes first, then the user's patterns run."""
    broken = f"```python\n{GENERATED.replace('dict:', 'dict')}```\n"

    outcome = run(broken, common("missing_async"))

    assert outcome.success, outcome.reason
    assert "async def execute_effect(self, context: dict) -> dict:" in outcome.code


def test_a_correction_may_know_what_the_engine_does_not():
    """A pattern that makes broken code compile is kept."""
    outcome = run(
        "x = 1 && y\ny = 2\n", parse_correction("and", {"pattern": "&&", "replacement": "and"})
    )

    assert outcome.success, outcome.reason
    assert outcome.code == "x = 1 and y\ny = 2\n"


@pytest.mark.parametrize("pattern", [r"(?s)def f.*?return 1\n", r"\breturn 1", r"x"])
def test_what_would_lose_code_is_taken_back(pattern):
    """A pattern that deletes a function, breaks it or unbinds a name changes nothing."""
    code = "def f(x):\n    return 1\n\n\ndef g(x):\n    return x\n"
    replacement = {"x": "y", r"\breturn 1": "return ("}.get(pattern, "")
    if pattern == "x":
        pattern = r"return x"
        replacement = "return y"

    outcome = run(code, parse_correction("bad", {"pattern": pattern, "replacement": replacement}))

    assert outcome.code == code
    assert not outcome.success
    assert "bad" in outcome.reason


def test_validation_takes_its_correction_back():
    """The named validator is asked about the outcome of the steps."""
    code = "class A:\n    def execute_a(self): ...\n    def executes(self): ...\n"

    outcome = run(code, common("missing_async"))

    assert outcome.code == code
    assert "'executes' is not async" in outcome.reason
    assert check_for_async_methods("async def execute_a(): ...\n") == ""


@pytest.mark.parametrize(
    ("answer", "accepts"),
    [(None, True), (True, True), ("", True), (False, False), ("too short", False)],
)
def test_the_validator_has_the_last_word(answer, accepts):
    """None, True and an empty text accept; False and a text refuse."""
    outcome = run(GENERATED, common("missing_async"), validator=lambda _code: answer)

    assert outcome.success is accepts
    assert "async def" in outcome.code


def test_a_validator_that_raises_refuses():
    """Its error is the reason."""

    def refuse(_code):
        raise LookupError("no such node")

    outcome = run(GENERATED, common("missing_async"), validator=refuse)

    assert not outcome.success
    assert "no such node" in outcome.reason


def test_error_regex_decides_whether_a_correction_runs():
    """A correction for another error is left out."""
    rule = parse_correction(
        "r", {"pattern": "a", "replacement": "b", "error_regex": "Import.*failed"}
    )

    assert run("a = 1\n", rule, error="TypeError: x").code == "a = 1\n"
    assert run("a = 1\n", rule, error="import has failed").code == "b = 1\n"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (True, "import json\n"),
        (["json"], "import json\n"),
        (["import json"], "import json\n"),
        (["from typing import Any", "json"], "from typing import Any\n"),
    ],
)
def test_add_imports(given, expected):
    """True adds what is missing, a list adds what it says; neither adds twice."""
    rule = parse_correction("imports", {"add_imports": given})

    outcome = run("x = json.dumps(1)\n", rule)

    assert outcome.success, outcome.reason
    assert expected in outcome.code
    assert run(outcome.code, rule).code == outcome.code


def test_a_pattern_that_blows_up_is_stopped():
    """A catastrophic pattern costs its timeout, not the recovery."""
    rule = parse_correction(
        "slow", {"pattern": r"(?:a|a|ab)*(?:a|a)*\1?c(x+x+)+y|(a|aa)+$!", "replacement": "b"}
    )
    code = f"x = '{'a' * 5000}'\n"

    outcome = run(code, rule, budget=CorrectionBudget(pattern_seconds=0.01))

    assert outcome.code == code
    assert not outcome.success


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"regexp": "x", "replacement": "y"}, ["'regexp'", "'pattern'"]),
        ({"pattern": "x"}, ["neither 'replacement' nor 'prepend'"]),
        ({"replacement": "x"}, ["no 'pattern'"]),
        ({}, ["does nothing"]),
        ({"pattern": "(", "replacement": "y"}, ["no regular expression", "'('"]),
        ({"pattern": "x", "replacement": r"\2"}, ["does not fit"]),
        ({"pattern": 3, "replacement": "y"}, ["must be a text", "3"]),
        ({"steps": []}, ["'steps'", "[]"]),
        (
            {"steps": [{"pattern": "x", "replacement": "y"}], "pattern": "x"},
            ["'steps' and 'pattern'"],
        ),
        ({"steps": [{"steps": []}]}, ["step 1", "'steps'"]),
        ({"add_imports": ["x = 1"]}, ["'x = 1'"]),
        ({"add_imports": 3}, ["must be True or a list"]),
        (
            {"pattern": "x", "replacement": "y", "validation": "no_such"},
            ["'no_such'", "check_for_async"],
        ),
        ({"pattern": "x", "replacement": "y", "validation": 3}, ["a name or a callable"]),
        ({"pattern": "x", "replacement": "y", "error_regex": "["}, ["'error_regex'"]),
    ],
)
def test_a_wrong_correction_is_refused_when_it_is_parsed(mapping, words):
    """One sentence says what is wrong and what would be right."""
    with pytest.raises(ConfigurationError) as caught:
        parse_correction("mine", mapping)

    message = str(caught.value)
    assert "'mine" in message
    assert all(word in message for word in words), message
    assert "\n" not in message


def test_registered_validators_are_found_by_name():
    """A caller's validators stand beside the shipped one."""
    rule = parse_correction(
        "mine",
        {"pattern": "1", "replacement": "2", "validation": "no_two"},
        validators={"no_two": lambda code: "2" not in code},
    )

    assert run("x = 1\n", rule).code == "x = 1\n"
