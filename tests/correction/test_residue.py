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
            "import Node\nclass A:\n    x = {{ node.base }}.y\n    def {{-name-}}(self): ...\n",
            "import Node\nclass A:\n    x = Node.y\n    def NodeUser(self): ...\n",
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


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("unknown", "Unknown"),
        ("node", "Node"),
        ("node.other", "Other"),
        ("long", "Long"),
        ("nl", "Nl"),
        ("name | upper", "NODEUSER"),
        ("service.name | pascal_case", "ServiceName"),
    ],
)
def test_without_a_value_a_name_is_made_and_said(name: str, made: str) -> None:
    """A class needs a name: it gets its variable's, and the outcome is believed less."""
    code = f"class {{{{ {name} }}}}:\n    pass\nx = {{{{ {name} }}}}()\n"
    done = correct_code(code, SyntaxError("invalid syntax"), values=VALUES)

    assert done.code == f"class {made}:\n    pass\nx = {made}()\n"
    assert (done.confidence < 0.7) == (made != "NODEUSER")


def test_code_that_compiles_is_left_alone() -> None:
    """A set of a set is odd Python, but Python."""
    done = correct_code("x = {{name}}\n", values=VALUES)

    assert done.code == "x = {{name}}\n"


def test_the_record_says_what_was_filled_in() -> None:
    """Each variable is told with its line."""
    done = correct_code("\nclass {{ name }}: ...\n", SyntaxError("invalid syntax"), values=VALUES)

    assert [(fix.line, fix.text) for fix in done.fixes] == [(2, "filled in 'name'")]
