"""What templates and JSON leave in code: tags, variables without values, doubled braces, literals."""

from __future__ import annotations

import pytest

from omninode_bridge.agents.workflows.correction import Correction, correct_code

from .damage import cases, run

BODY = '''import os


def keep(a, b):
    """Render {% if x %} and ${name} and <NAME> and {{ name }}, don't {# stop #}."""
    x = {"a": {"b": 1}}
    text = "{{ other }}" + '<% end %>' + f"{{name}}"  # {% endif %}
    return x["a"], text, a <b> 1, a %b% 2 if b else [a], os
'''


def corrected(text: str, error: BaseException | None = None) -> Correction:
    """Correct a text with the error that compiling it gives, or another one."""
    if error is None:
        with pytest.raises(SyntaxError) as caught:
            compile(text, "<generated>", "exec")
        error = caught.value
    return correct_code(text, error)


TAGS = [
    ("{% if use_cache %}", "{% endif %}"), ("{%- for f in fields -%}", "{%- endfor %}"),
    ("{# it's generated #}", ""), ("{# it's\n   generated #}", ""), ("{{#if metrics}}", "{{/if}}"),
    ("{{#each fields as |field|}}", "{{/each}}"), ("{{^metrics}}", "{{/metrics}}"),
    ("{{!-- don't edit --}}", ""), ("{{- range .Fields }}", "{{- end }}"), ("<% if metrics %>", "<% end %>"),
    ("<% if (a.b) { %>", "<% } %>"), ("<%# don't %>", ""), ('<%def name="body()">', "</%def>"),
    ("% if metrics:", "% endif"), ("{% block body %}", "{% endblock %}"), ("{% set x = 1 %}", ""),
    ("<#if metrics??>", "</#if>"), ("[% IF metrics %]", "[% END %]"), ("{if $metrics}", "{/if}"),
]  # fmt: skip


@pytest.mark.parametrize(("start", "end"), TAGS)
def test_tags_of_blocks_are_taken_off(start: str, end: str) -> None:
    """What stands between the tags is kept, and strings that hold tags are left alone."""
    ending = f"    {end}\n" if end else ""
    done = corrected(f"{BODY}\n{start}\ny = 1\n{ending}z = 2\n")

    assert done.code == f"{BODY}\ny = 1\nz = 2\n"
    assert done.success


def test_tags_inside_of_a_line_are_taken_off() -> None:
    """Only the tags go."""
    done = corrected("x = [1{% if a %}, 2{% endif %}]\n")

    assert done.code == "x = [1, 2]\n"


def test_two_versions_are_declined_unless_they_are_the_same() -> None:
    """An `else` leaves two versions of the code, and nobody can tell which is meant."""
    tags = "{{% if a %}}\nx = 1\n{{% else %}}\nx = {}\n{{% endif %}}\n"

    assert not corrected(tags.format(2)).success
    assert corrected(tags.format(1)).code == "x = 1\n"


HOLES = [
    "{{{{ {} }}}}", "{{{{{}}}}}", "{{{{- {} -}}}}", "{{{{{{{}}}}}}}", "{{{{ .{} }}}}", "${}", "${{{}}}", "<{}>",
    "%{}%", "[{}]", "@@{}@@", "<%= {} %>", "{{{}}}", "#{{{}}}", "<<{}>>", "[[{}]]", "%{{{}}}",
]  # fmt: skip


@pytest.mark.parametrize("form", HOLES)
@pytest.mark.parametrize(
    ("variable", "of_class", "of_function"),
    [("NODE_NAME", "NodeName", "node_name"), ("serviceName", "ServiceName", "service_name")],
)
def test_variables_without_a_value_become_names(
    form: str, variable: str, of_class: str, of_function: str
) -> None:
    """A class gets CamelCase, a function snake_case, the same in all places; a guess is believed less."""
    hole = form.format(variable)
    classes = f"{BODY}\nclass {hole}:\n    pass\n\n\nclass B({hole}):\n    pass\n\n\nx = {hole}()\n"
    functions = f"{BODY}\nasync def {hole}(a):\n    return await {hole}(a)\n"

    done = corrected(classes)

    assert done.code == classes.replace(hole, of_class)
    assert done.confidence < 0.7
    assert corrected(functions).code == functions.replace(hole, of_function)


@pytest.mark.parametrize(
    "form", ["${}", "${{{}}}", "<{}>", "%{}%", "@@{}@@", "<%= {} %>", "<<{}>>"]
)
def test_variables_without_a_value_are_nothing_where_a_value_stands(form: str) -> None:
    """`None`, or `object` where a type stands."""
    hole = form.format("limit")
    done = corrected(
        f"{BODY}\nx = {hole}\ny: {hole} = [{hole}]\n\n\ndef f(a, b={hole}) -> {hole}: ...\n"
    )

    expected = "x = None\ny: object = [None]\n\n\ndef f(a, b=None) -> object: ...\n"
    assert done.code == f"{BODY}\n{expected}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("class {{ name }}Handler:\n    x = 1\n", "class NameHandler:\n    x = 1\n"),
        (
            "def get_{{ name }}(a):\n    return get_{{ name }}(a)\n",
            "def get_name(a):\n    return get_name(a)\n",
        ),
        (
            "class ${A}Test(Base${B}):\n    pass\nBaseB = 1\n",
            "class ATest(BaseB):\n    pass\nBaseB = 1\n",
        ),
        ("def f(<param>, b=1):\n    return <param>\n", "def f(param, b=1):\n    return param\n"),
        ("def <class>(): ...\n", "def class_(): ...\n"),
        ("name = 1\ndef $name(): ...\n", "name = 1\ndef name_(): ...\n"),
        ("if 1:\n    $x = 1\n    $y = $x + 2\n", "if 1:\n    x = 1\n    y = x + 2\n"),
    ],
)
def test_names_are_valid_and_fresh(before: str, after: str) -> None:
    """Parts of names fit in, keywords are avoided, and no other name is hidden."""
    assert corrected(before).code == after


@pytest.mark.parametrize(
    "text",
    [
        "@@decorator@@\ndef f(): ...\n",
        "class A($base):\n    pass\n",
        "x = $make(1)\n",
        "import os\nx = a <b> c\ny = (\n",
        "class A<T>:\n    pass\n",
        "x = {{ name\ny = 2\n",
        "FOO=$BAR\nBAZ=${FOO}\n",
    ],
)
def test_what_nothing_can_stand_for_is_declined(text: str) -> None:
    """No value is made up that is called, inherited from or decorates."""
    assert not corrected(text).success


@pytest.mark.parametrize(
    ("error", "success"),
    [
        (NameError("name 'limit' is not defined"), True),
        (TypeError("unhashable type: 'set'"), True),
        (KeyError("limit"), False),
    ],
)
def test_variables_that_are_python_by_chance_need_an_error_that_says_so(
    error: BaseException, success: bool
) -> None:
    """Two braces around a name compile; only the error tells that they were not meant."""
    done = corrected("x = {{ limit }}\n", error)

    assert done.success == success
    assert done.code == ("x = None\n" if success else "x = {{ limit }}\n")


UNHASHABLE = TypeError("unhashable type: 'dict'")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('x = {{"a": 1}}\n', 'x = {"a": 1}\n'),
        ("x = f({{}}, {{}})\n", "x = f({}, {})\n"),
        ("x = {{\n    'a': {'b': 1},\n}}\n", "x = {\n    'a': {'b': 1},\n}\n"),
        ("x = {{'a': {{'b': 1}}}}\n", "x = {'a': {'b': 1}}\n"),
        ("x = {{a: b for a, b in c}}\n", "x = {a: b for a, b in c}\n"),
        ("x = {{'a', 'b'}}\n", "x = {'a', 'b'}\n"),
        ("x = {{}}\ny = f'{{a}}' + '{{}}'  # {{}}\n", "x = {}\ny = f'{{a}}' + '{{}}'  # {{}}\n"),
    ],
)
def test_doubled_braces_are_made_single(before: str, after: str) -> None:
    """A set whose only element is in braces itself can only fail; strings stay as they are."""
    done = corrected(before, UNHASHABLE)

    assert (done.success, done.code) == (True, after)
    assert correct_code(after, UNHASHABLE).code == after


@pytest.mark.parametrize("text", ["x = {frozenset()}\n", "x = {{1: 2}, 3}\n", "x = { {} }\n"])
def test_other_sets_are_left_alone(text: str) -> None:
    """What is not two braces beside each other around one thing was not doubled."""
    assert corrected(text, UNHASHABLE).code == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('x = {{"a": 1}\ny = 2\n', 'x = {"a": 1}\ny = 2\n'),
        ("x = {{\n    'a': 1,\n}\ny = 2\n", "x = {\n    'a': 1,\n}\ny = 2\n"),
        ("x = {{'a': 1}\n\n@x\ndef f(): ...\n", "x = {'a': 1}\n\n@x\ndef f(): ...\n"),
        ("x = {'a': 1}}\ny = 2\n", "x = {'a': 1}\ny = 2\n"),
    ],
)
def test_a_pair_that_is_doubled_on_one_side_is_made_single(before: str, after: str) -> None:
    """The brace without a partner goes."""
    assert corrected(before).code == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = [true, false, null]\n", "x = [True, False, None]\n"),
        ("x = [TRUE, NULL, nil, undefined]\n", "x = [True, None, None, None]\n"),
        ("x = [true, -Infinity, NaN]\n", 'x = [True, -float("inf"), float("nan")]\n'),
        ("def f(a=true) -> null: ...\n", "def f(a=True) -> None: ...\n"),
        (
            "x = [true]\ndef f(a):\n    match a:\n        case list(b=true): ...\n",
            "x = [True]\ndef f(a):\n    match a:\n        case list(b=True): ...\n",
        ),
        ("x = {'true': true}  # true\n", "x = {'true': True}  # true\n"),
    ],
)
def test_literals_of_json_become_pythons(before: str, after: str) -> None:
    """All of them do, wherever nothing binds the name."""
    word = "TRUE" if "TRUE" in before else "true"
    done = corrected(before, NameError(f"name {word!r} is not defined"))

    assert (done.success, done.code) == (True, after)


def test_bound_names_are_no_literals() -> None:
    """`true = 1` makes it a name."""
    text = "true = 1\nx = [true, null]\n"

    done = corrected(text, NameError("name 'null' is not defined"))

    assert done.code == "true = 1\nx = [true, None]\n"


def test_most_of_generated_damage_is_undone() -> None:
    """Real files, damaged by seed, come back as they were; hardly one is claimed and wrong."""
    names = ("json_literals", "template_vars", "template_blocks", "doubled_braces")
    outcomes = [run(case)[1].outcome for case in cases(5, 6, names, files=40)]

    assert outcomes.count("false") <= 1
    assert outcomes.count("repaired") >= 0.9 * len(outcomes)
