"""`self` that was forgotten, as a parameter and before members."""

from __future__ import annotations

import pytest
from tests.correction.damage import cases, run

from omninode_bridge.agents.workflows.correction import correct_code

_SELF = NameError("name 'self' is not defined")


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        (
            "class A:\n    def f():\n        return self.x\n",
            "class A:\n    def f(self):\n        return self.x\n",
        ),
        (
            "class A:\n    def f(a, b=1):\n        self.x = a\n",
            "class A:\n    def f(self, a, b=1):\n        self.x = a\n",
        ),
        (
            "class A:\n    async def f(\n        a,\n    ):\n        self.x = a\n",
            "class A:\n    async def f(\n        self,\n        a,\n    ):\n        self.x = a\n",
        ),
        (
            "class A:\n    def f(*, a):\n        def g():\n            return self.x\n        return g\n",
            "class A:\n    def f(self, *, a):\n        def g():\n            return self.x\n        return g\n",
        ),
        (
            "class A:\n    def f():\n        self.x = 1\n\n    @property\n    def g():\n        return self.x\n",
            "class A:\n    def f(self):\n        self.x = 1\n\n    @property\n    def g(self):\n        return self.x\n",
        ),
    ],
)
def test_methods_get_the_parameter_that_they_read(broken, whole):
    """Every method of the file that reads `self` and lacks it gets it, in the layout it has."""
    outcome = correct_code(broken, _SELF)

    assert outcome.success, outcome.reason
    assert outcome.code == whole
    assert correct_code(outcome.code, _SELF).code == whole


def test_class_methods_get_the_class():
    """Where `cls` is read under `@classmethod`, it is `cls` that is missing."""
    broken = "class A:\n    @classmethod\n    def make(x):\n        return cls(x)\n"

    outcome = correct_code(broken, NameError("name 'cls' is not defined"))

    assert outcome.code == broken.replace("make(x)", "make(cls, x)")


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    return self.x\n",
        "class A:\n    @staticmethod\n    def f():\n        return self.x\n",
        "class A:\n    @classmethod\n    def f(cls):\n        return self.x\n",
        "class A:\n    def f(this):\n        return self.x\n",
        "class A:\n    x = self.y\n",
        "from typing import TypeVar\nT = TypeVar('T')\nclass A:\n    def f() -> T:\n        return self\n",
    ],
)
def test_self_is_not_given_to_what_may_mean_something_else(code):
    """Static methods, functions, and methods with another word for it are left alone."""
    outcome = correct_code(code, _SELF)

    assert not outcome.success
    assert outcome.code == code


_CLASS = '''class A:
    limit = 3

    def __init__(self, size):
        self.size = size

    def run(self, a, b=1):
        """Call run(a) and size."""
        return a

    def go(self):
        # run(1)
        {}
'''


@pytest.mark.parametrize(
    ("name", "broken", "whole"),
    [
        ("run", "return run(1) + run(2, b=3)", "return self.run(1) + self.run(2, b=3)"),
        ("run", "return [run(x) for x in self.size]", "return [self.run(x) for x in self.size]"),
        ("run", "return map(run, self.size)", "return map(self.run, self.size)"),
        ("limit", "return limit + 1", "return self.limit + 1"),
    ],
)
def test_members_get_their_self_back(name, broken, whole):
    """A name that only the class around the method has was reached through `self`."""
    outcome = correct_code(_CLASS.format(broken), NameError(f"name {name!r} is not defined"))

    assert outcome.success, outcome.reason
    assert outcome.code == _CLASS.format(whole)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("run", _CLASS.format("return run()")),
        ("run", _CLASS.format("return run(1, 2, 3)")),
        ("run", _CLASS.format("return 1") + "\n\nrun(1)\n"),
        ("size", _CLASS.format("self.size = size")),
        ("size", _CLASS.format("return size")),
        (
            "json",
            "class A:\n    def json(self): ...\n    def go(self):\n        return json.size\n",
        ),
        (
            "deepcopy",
            "class A:\n    def deepcopy(self, x): ...\n    def go(self, x):\n        return deepcopy(x)\n",
        ),
    ],
)
def test_a_name_that_may_mean_something_else_is_left(name, code):
    """No `self.` where the call does not fit, other code reads the name, or an import may be meant."""
    outcome = correct_code(code, NameError(f"name {name!r} is not defined"))

    assert "self." not in "".join(fix.text for fix in outcome.fixes)


def test_generated_damage_is_corrected():
    """Of forgotten `self`s in other people's files nearly all come back, and none is wrong."""
    verdicts = [
        run(case)[1].outcome for case in cases(71, 12, ("missing_self", "missing_self_prefix"), 60)
    ]

    assert verdicts.count("repaired") >= 0.9 * len(verdicts)
    assert "false" not in verdicts
