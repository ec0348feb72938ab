"""Templates: one error with a place, and no way for foreign text to become code."""

from __future__ import annotations

import ast
import math
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateError, UndefinedError

from omninode_bridge.generation.literals import python_literal
from omninode_bridge.generation.templating import (
    TemplateRenderError,
    Text,
    docstring,
    render,
    template_ids,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def template(folder: Path, text: str, name: str = "trial") -> Path:
    """Write a template into `folder`."""
    (folder / f"{name}.py.j2").write_text(text)
    return folder


def test_an_unknown_template_names_the_known_ones(tmp_path: Path) -> None:
    """The message is one line and lists what there is."""
    template(tmp_path, "", "mine")

    with pytest.raises(TemplateRenderError) as raised:
        render("nope", {}, template_dir=tmp_path)

    message = str(raised.value)
    assert message.startswith("Template 'nope' render failed: no such template; known: mine, node_")
    assert "\n" not in message
    assert isinstance(raised.value.__cause__, TemplateError)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/b", "", "a\nb", ".."])
def test_a_template_name_is_no_path(name: str, tmp_path: Path) -> None:
    """Names that leave the folder are unknown templates."""
    (tmp_path / "secret.py.j2").write_text("secret")
    inside = tmp_path / "inside"
    inside.mkdir()

    with pytest.raises(TemplateRenderError, match="no such template"):
        render(name, {}, template_dir=inside)


@pytest.mark.parametrize(
    ("text", "line", "variable", "cause"),
    [
        ("a\n{{ absent }}", 2, "absent", "'absent' is undefined"),
        ("a\nb\n{{ node.absent }}", 3, "absent", "no attribute 'absent'"),
        ("a\n{% if %}", 2, None, "Expected an expression"),
        ("{{ 1 / 0 }}", 1, None, "division by zero"),
        ("\n{{ ''.__class__.__mro__ }}", 2, None, "unsafe"),
        ("{% include 'gone' %}", 1, None, "gone"),
    ],
)
def test_failures_have_a_place(
    tmp_path: Path, text: str, line: int, variable: str | None, cause: str
) -> None:
    """Line and variable are attributes; the message is one line; Jinja's error is chained."""
    with pytest.raises(TemplateRenderError) as raised:
        render("trial", {"node": 1}, template_dir=template(tmp_path, text))

    error = raised.value
    assert (error.template, error.variable) == ("trial", variable)
    assert error.line == line
    assert cause in str(error)
    assert "\n" not in str(error)
    assert error.__cause__ is not None
    if variable is not None:
        assert isinstance(error.__cause__, UndefinedError)


def test_the_error_survives_pickling() -> None:
    """Place and cause cross processes."""
    error = TemplateRenderError("x", "it\nbroke", line=3, variable="v")

    copy = pickle.loads(pickle.dumps(error))

    assert (str(copy), copy.line, copy.variable) == ("Template 'x' render failed: it broke", 3, "v")


@pytest.mark.parametrize(
    "how", ["{{ text }}", "{{ text ~ '' }}", "{{ text | string }}", "{{ text | e }}"]
)
def test_foreign_text_cannot_be_printed_raw(tmp_path: Path, how: str) -> None:
    """Only the filters that escape let text through."""
    with pytest.raises(TemplateRenderError, match="must pass the filter 'literal' or 'docstring'"):
        render("trial", {"text": Text("import os")}, template_dir=template(tmp_path, how))


def test_known_templates_hide_their_parts() -> None:
    """What a template is made of is not offered as a template."""
    known = template_ids()

    assert "node_effect_v2" in known
    assert not [name for name in known if name.startswith("_")]


@given(JSON)
def test_literals_read_back_as_they_were(value: object) -> None:
    """The source of a JSON value is ASCII-safe to print and means the same value."""
    source = python_literal(value)

    assert eval(source, {"__builtins__": {"float": float, "range": range, "list": list}}) == value
    assert all(char.isprintable() for char in source)


@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("a" * 1_000_001, '("a" * 1000001)'),
        ("https://" + "b" * 500, '("https://" + "b" * 500)'),
        (list(range(3, 10_004)), "list(range(3, 10003 + 1))"),
        ([1] * 10_001, "([1] * 10001)"),
        (["x"] * 200 + ["y"], '(["x"] * 200 + ["y"])'),
    ],
)
def test_long_repetitions_stay_short(value: object, source: str) -> None:
    """A million equal characters are an expression, not a megabyte of source."""
    written = python_literal(value)

    assert written.strip("()") == source.strip("()")
    assert eval(written) == value


@pytest.mark.parametrize("value", ["0.0.0.0", "/tmp/x", "::", "/var/tmp", "a 0.0.0.0:80 0.0.0.0"])
def test_data_is_not_taken_for_a_mistake(value: str) -> None:
    """Addresses and paths that linters object to are put together from parts."""
    source = python_literal(value)

    constants = [n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant)]
    assert eval(source) == value
    assert not [
        part for part in constants if "0.0.0.0" in part or part[:4] in {"/tmp", "::", "/var"}
    ]


def test_what_json_cannot_say_is_refused() -> None:
    """Only JSON values have literals; infinity is written so that it can be read."""
    assert eval(python_literal(math.inf)) == math.inf
    with pytest.raises(TypeError, match="no JSON value"):
        python_literal({1, 2})


def test_docstrings_wrap_and_indent() -> None:
    """Long lines are wrapped; the closing quotes of several lines stand alone."""
    text = docstring("word " * 30, 4)

    assert text.startswith('"""word')
    assert text.endswith('\n    """')
    assert max(map(len, text.splitlines())) <= 92
