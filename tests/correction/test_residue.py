"""Template variables that were never rendered, where their values are known."""

from __future__ import annotations

import pytest

from omninode_bridge.agents.workflows.correction import correct_code

VALUES = {
    "name": "NodeUser",
    "count": 3,
    "node": {"base": "Node"},
    "long": "x" * 1000,
    "nl": "a\nb",
}


def filled(code: str) -> str | None:
    """Return the corrected code, or None where it was not corrected."""
    done = correct_code(code, SyntaxError("invalid syntax"), values=VALUES)
    return done.code if done.success else None


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("class {{ name }}:\n    pass\n", "class NodeUser:\n    pass\n"),
        ("class {{name}}:\n    n = {{ count }}\n", "class NodeUser:\n    n = 3\n"),
        (
            "class A:\n    x = {{ node.base }}.y\n    def {{-name-}}(self): ...\n",
            "class A:\n    x = Node.y\n    def NodeUser(self): ...\n",
        ),
        ("class {{ name }}:\n    t = '{{ name }}'\n", "class NodeUser:\n    t = 'NodeUser'\n"),
    ],
)
def test_known_variables_are_filled_in(code: str, expected: str) -> None:
    """A variable outside of strings takes its value, and so does the same one inside of a string."""
    assert filled(code) == expected


def test_braces_in_good_strings_stay() -> None:
    """What is a template on purpose stays: variables that only strings have, and f-strings."""
    code = "class {{ name }}:\n    t = '{{ count }}'\n    f = f'{{name}}'\n"

    assert filled(code) == "class NodeUser:\n    t = '{{ count }}'\n    f = f'{{name}}'\n"


@pytest.mark.parametrize("name", ["unknown", "node", "node.other", "long", "nl", "name | upper"])
def test_what_is_not_known_is_not_made_up(name: str) -> None:
    """Without a value of one line the code stays uncorrected."""
    assert filled(f"class {{{{ {name} }}}}:\n    pass\n") is None


def test_code_that_compiles_is_left_alone() -> None:
    """A set of a set is odd Python, but Python."""
    done = correct_code("x = {{name}}\n", values=VALUES)

    assert done.code == "x = {{name}}\n"


def test_the_record_says_what_was_filled_in() -> None:
    """Each variable is told with its line."""
    done = correct_code("\nclass {{ name }}: ...\n", SyntaxError("invalid syntax"), values=VALUES)

    assert [(fix.line, fix.text) for fix in done.fixes] == [(2, "filled in 'name'")]
