"""Template engines: what is missing, what does not parse, what must not run."""

from __future__ import annotations

import asyncio
import json
import pathlib
import tempfile
from typing import Any

from lab import add, case

RENDER = {
    "types": "GENERATION VALIDATION",
    "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION",
    "transient": "no",
    "why": "the template asks for something that the context does not hold",
}
PARSE = {
    "types": "GENERATION SYNTAX VALIDATION",
    "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION",
    "transient": "no",
    "why": "the template does not parse",
}
BUG = {
    "types": "GENERATION VALIDATION SYNTAX UNKNOWN",
    "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION",
    "transient": "no",
    "why": "what the template or the prompt computes is wrong",
}
ABSENT = {
    "types": "GENERATION VALIDATION",
    "strategies": "ALTERNATIVE_PATH ERROR_CORRECTION",
    "transient": "no",
    "why": "there is no such template",
}
BARRED = {
    "types": "SECURITY GENERATION",
    "strategies": "ESCALATION ALTERNATIVE_PATH",
    "transient": "no",
    "why": "the sandbox refused what the template does",
}


def jinja(
    source: str, *, strict: bool = True, loader: dict[str, str] | None = None, **context: Any
):
    """Render a text."""

    def run() -> None:
        import jinja2

        env = jinja2.Environment(
            undefined=jinja2.StrictUndefined if strict else jinja2.Undefined,
            loader=jinja2.DictLoader(loader or {}),
            autoescape=True,
        )
        env.from_string(source).render(**context)

    return run


add(
    "jinja_undefined",
    "jinja2",
    jinja("class Node{{ node.display_name }}:\n    pass", node={}),
    **RENDER,
)
add(
    "jinja_undefined_timeout",
    "jinja2",
    jinja("TIMEOUT = {{ connection_timeout }}"),
    tags=("misleading",),
    **RENDER,
)
add(
    "jinja_none_attr",
    "jinja2",
    jinja("{{ contract.io.input }}", strict=False, contract=None),
    **RENDER,
)
add("jinja_undefined_call", "jinja2", jinja("{{ snake(name) }}", strict=False, name="x"), **RENDER)
add(
    "jinja_block_left_open",
    "jinja2",
    jinja("{% for f in fields %}\n{{ f }}\n{% if f.required %}\n{% endfor %}"),
    **PARSE,
)
add(
    "jinja_unknown_tag",
    "jinja2",
    jinja("{% retry 3 %}x{% endretry %}"),
    tags=("misleading",),
    **PARSE,
)
add("jinja_brace", "jinja2", jinja("{{ {'a': 1 }"), **PARSE)
add("jinja_unknown_filter", "jinja2", jinja("{{ name | pascalcase }}", name="x"), **PARSE)
add("jinja_unknown_test", "jinja2", jinja("{% if x is coroutine %}1{% endif %}", x=1), **PARSE)
add("jinja_end_comment", "jinja2", jinja("{# the header of the node"), **PARSE)
add("jinja_not_found", "jinja2", jinja("{% include 'partials/license_header.j2' %}"), **ABSENT)
add(
    "jinja_select_missing",
    "jinja2",
    jinja("{% include ['node_orchestrator_v4.j2', 'node_orchestrator_v3.j2'] %}"),
    **ABSENT,
)
add("jinja_filter_raises", "jinja2", jinja("{{ size | round(2, 'up') }}", size=1.5), **RENDER)
add(
    "jinja_type",
    "jinja2",
    jinja("{{ 'retries: ' + retries }}", retries=3),
    tags=("misleading",),
    **BUG,
)
add("jinja_zero", "jinja2", jinja("{{ total / count }}", total=1, count=0), **BUG)
add(
    "jinja_macro_arguments",
    "jinja2",
    jinja("{% macro field(name) %}{{ name }}{% endmacro %}{{ field('a', kind='str') }}"),
    **BUG,
)


@case("jinja_endless_include", "jinja2", **BUG | {"why": "a template that includes itself"})
def _() -> None:
    jinja("{% include 'a' %}", loader={"a": "{% include 'a' %}"})()


@case("jinja_async_undefined", "jinja2", **RENDER)
async def _() -> None:
    import jinja2

    env = jinja2.Environment(enable_async=True, undefined=jinja2.StrictUndefined, autoescape=True)
    await env.from_string("{{ contract.operations[0].name }}").render_async(contract={})


@case("jinja_streamed", "jinja2", **RENDER)
async def _() -> None:
    import jinja2

    env = jinja2.Environment(enable_async=True, undefined=jinja2.StrictUndefined, autoescape=True)
    async for _piece in env.from_string("head\n{{ body.lines[3] }}").generate_async(
        body={"lines": []}
    ):
        pass


@case("jinja_sandbox", "jinja2", **BARRED)
def _() -> None:
    from jinja2.sandbox import SandboxedEnvironment

    SandboxedEnvironment().from_string("{{ ''.__class__.__mro__[1].__subclasses__() }}").render()


@case("jinja_sandbox_immutable", "jinja2", **BARRED)
def _() -> None:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    ImmutableSandboxedEnvironment().from_string("{{ items.append(1) }}").render(items=[])


@case("jinja_file_parse", "jinja2", **PARSE)
def _() -> None:
    import jinja2

    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "node_reducer.py.j2").write_text("{% set x = %}\n")
        env = jinja2.Environment(loader=jinja2.FileSystemLoader(folder), autoescape=True)
        env.get_template("node_reducer.py.j2")


@case("jinja_wrapped", "jinja2", tags=("cause-matters",), **RENDER)
def _() -> None:
    GenerationStepError = type("GenerationStepError", (Exception,), {"__module__": "app.steps"})
    try:
        jinja("{{ model.fields[0].name }}", model={"fields": []})()
    except Exception as error:
        raise GenerationStepError("node file could not be produced") from error


@case("jinja_bare_text", "jinja2", **PARSE)
def _() -> None:
    try:
        jinja("{% block body %}")()
    except Exception as error:
        raise RuntimeError(f"jinja2.exceptions.TemplateSyntaxError: {error}") from None


@case("jinja_group", "jinja2", tags=("group",), **RENDER)
async def _() -> None:
    async def one(text: str) -> None:
        jinja(text)()

    async with asyncio.TaskGroup() as group:
        group.create_task(one("{{ a }}"))
        group.create_task(one("{{ b.c }}"))


# ---- mako
def mako(source: str, **context: Any):
    """Render a text."""

    def run() -> None:
        from mako.template import Template

        Template(source, strict_undefined=True).render(**context)

    return run


add(
    "mako_name",
    "mako",
    mako("class ${class_name}:\n    timeout = ${seconds}\n", class_name="A"),
    **BUG,
)
add("mako_control", "mako", mako("% for x in range(3):\n${x}\n% endif\n"), **PARSE)
add("mako_expression", "mako", mako("${ 1 + }"), **PARSE)
add("mako_tag", "mako", mako("<%def name='a()'>text"), **PARSE)


@case("mako_lookup", "mako", **ABSENT)
def _() -> None:
    from mako.lookup import TemplateLookup

    TemplateLookup(directories=[tempfile.gettempdir()]).get_template("node_compute.mako")


@case("mako_attribute", "mako", **BUG)
def _() -> None:
    mako("${contract.version.major}", contract=object())()


# ---- logic-less
def pystache(source: str, partials: dict[str, str] | None = None, **context: Any):
    """Render a text strictly."""

    def run() -> None:
        from pystache import Renderer

        Renderer(missing_tags="strict", partials=partials or {}).render(source, context)

    return run


add("pystache_missing", "pystache", pystache("{{greeting}} {{node_name}}", greeting="a"), **RENDER)
add("pystache_section", "pystache", pystache("{{#fields}}{{name}}{{/field}}", fields=[]), **PARSE)
add("pystache_partial", "pystache", pystache("{{> footer}}"), **ABSENT)


def chevron(source: str):
    """Render a text."""

    def run() -> None:
        import chevron as engine

        engine.render(source, {})

    return run


add("chevron_open_section", "chevron", chevron("{{#operations}}\n{{name}}\n"), **PARSE)
add("chevron_wrong_close", "chevron", chevron("{{#a}}{{/b}}"), **PARSE)
add("chevron_open_tag", "chevron", chevron("{{ name"), **PARSE)


# ---- django
def django(source: str, **context: Any):
    """Render a text with an engine of its own."""

    def run() -> None:
        from django.conf import settings
        from django.template import Context, Engine

        if not settings.configured:
            settings.configure(USE_I18N=False)
        Engine().from_string(source).render(Context(context))

    return run


add("django_filter", "django", django("{{ name|snake_case }}"), **PARSE)
add("django_unclosed", "django", django("{% for f in fields %}{{ f }}"), **PARSE)
add("django_expected_end", "django", django("{% if a %}{% endfor %}"), **PARSE)
add("django_load", "django", django("{% load node_tags %}"), **PARSE)
add("django_include", "django", django("{% include 'nodes/_header.txt' %}"), **ABSENT)
add("django_filter_argument", "django", django("{{ name|cut }}", name="x"), **PARSE)
add("django_empty", "django", django("{{ }}"), **PARSE)


@case("django_select", "django", **ABSENT)
def _() -> None:
    from django.template import Engine

    Engine(dirs=[tempfile.gettempdir()]).select_template(["effect_v9.txt", "effect_v8.txt"])


@case(
    "django_permission",
    "django",
    types="SECURITY",
    strategies="ESCALATION",
    transient="no",
    why="a refused action",
)
def _() -> None:
    from django.core.exceptions import PermissionDenied

    raise PermissionDenied("you may not publish this node")


@case(
    "django_suspicious",
    "django",
    types="SECURITY",
    strategies="ESCALATION",
    transient="no",
    why="a path that leaves its folder",
)
def _() -> None:
    from django.utils._os import safe_join

    safe_join("/srv/templates", "../../etc/passwd")


@case(
    "django_form",
    "django",
    types="VALIDATION",
    strategies="ALTERNATIVE_PATH ERROR_CORRECTION",
    transient="no",
    why="data that a validator refuses",
    tags=("misleading",),
)
def _() -> None:
    from django.core.exceptions import ValidationError

    raise ValidationError({"retry_limit": ["Ensure this value is less than or equal to 10."]})


@case(
    "django_settings",
    "django",
    types="VALIDATION UNKNOWN",
    strategies="ESCALATION ALTERNATIVE_PATH",
    transient="no",
    why="a wrong configuration",
)
def _() -> None:
    from django.core.exceptions import ImproperlyConfigured

    raise ImproperlyConfigured("The SECRET_KEY setting must not be empty.")


# ---- project generators
@case("cookiecutter_context", "cookiecutter", **RENDER)
def _() -> None:
    from cookiecutter.main import cookiecutter

    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder, "tpl", "{{cookiecutter.name}}")
        root.mkdir(parents=True)
        pathlib.Path(folder, "tpl", "cookiecutter.json").write_text(json.dumps({"name": "node"}))
        (root / "README.md").write_text("{{ cookiecutter.owner_mail }}")
        cookiecutter(str(root.parent), no_input=True, output_dir=folder)


@case("cookiecutter_hook", "cookiecutter", **RENDER | {"why": "a hook of the template failed"})
def _() -> None:
    from cookiecutter.main import cookiecutter

    with tempfile.TemporaryDirectory() as folder:
        base = pathlib.Path(folder, "tpl")
        (base / "{{cookiecutter.name}}").mkdir(parents=True)
        (base / "hooks").mkdir()
        (base / "cookiecutter.json").write_text(json.dumps({"name": "node"}))
        (base / "hooks" / "pre_gen_project.py").write_text("import sys; sys.exit(1)\n")
        cookiecutter(str(base), no_input=True, output_dir=folder)


@case("cookiecutter_json", "cookiecutter", **PARSE)
def _() -> None:
    from cookiecutter.main import cookiecutter

    with tempfile.TemporaryDirectory() as folder:
        base = pathlib.Path(folder, "tpl")
        (base / "{{cookiecutter.name}}").mkdir(parents=True)
        (base / "cookiecutter.json").write_text('{"name": "node",}')
        cookiecutter(str(base), no_input=True, output_dir=folder)


@case("cookiecutter_absent", "cookiecutter", **ABSENT)
def _() -> None:
    from cookiecutter.main import cookiecutter

    with tempfile.TemporaryDirectory() as folder:
        cookiecutter(folder + "/no_such_template", no_input=True, output_dir=folder)


@case(
    "cookiecutter_exists",
    "cookiecutter",
    types="GENERATION VALIDATION UNKNOWN",
    strategies="ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    transient="no",
    why="the output folder exists and is not overwritten",
)
def _() -> None:
    from cookiecutter.main import cookiecutter

    with tempfile.TemporaryDirectory() as folder:
        base = pathlib.Path(folder, "tpl")
        (base / "{{cookiecutter.name}}").mkdir(parents=True)
        (base / "cookiecutter.json").write_text(json.dumps({"name": "node"}))
        pathlib.Path(folder, "node").mkdir()
        cookiecutter(str(base), no_input=True, output_dir=folder)


@case("copier_undefined", "copier", **RENDER)
def _() -> None:
    from copier import run_copy

    with tempfile.TemporaryDirectory() as folder:
        base = pathlib.Path(folder, "tpl")
        base.mkdir()
        (base / "copier.yml").write_text("_envops:\n  undefined: jinja2.StrictUndefined\n")
        (base / "a.txt.jinja").write_text("{% if %}")
        run_copy(str(base), folder + "/out", defaults=True, quiet=True)


@case(
    "copier_answer",
    "copier",
    types="VALIDATION GENERATION",
    strategies="ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION",
    transient="no",
    why="an answer that the template's validator refuses",
)
def _() -> None:
    from copier import run_copy

    with tempfile.TemporaryDirectory() as folder:
        base = pathlib.Path(folder, "tpl")
        base.mkdir()
        (base / "copier.yml").write_text(
            'port:\n  type: int\n  validator: "{% if port < 1024 %}Must be above 1023{% endif %}"\n'
        )
        run_copy(str(base), folder + "/out", data={"port": 80}, defaults=True, quiet=True)


@case(
    "copier_version",
    "copier",
    types="VALIDATION GENERATION UNKNOWN",
    strategies="ESCALATION ALTERNATIVE_PATH",
    transient="no",
    why="the template wants another version of the tool",
)
def _() -> None:
    from copier import run_copy

    with tempfile.TemporaryDirectory() as folder:
        base = pathlib.Path(folder, "tpl")
        base.mkdir()
        (base / "copier.yml").write_text('_min_copier_version: "99.0.0"\n')
        run_copy(str(base), folder + "/out", defaults=True, quiet=True)


@case("stringtemplate_key", "string", **BUG)
def _() -> None:
    import string

    string.Template("class $node_name($base_class)").substitute(node_name="A")


@case("stringtemplate_placeholder", "string", **BUG)
def _() -> None:
    import string

    string.Template("cost: $ 12").substitute()


@case("format_key", "string", **BUG)
def _() -> None:
    text = "You write {language} code. Answer as {{json}} for {contract_name}."
    text.format(language="Python")


@case("format_brace", "string", **BUG)
def _() -> None:
    text = 'answer as {"code": "..."} for {name}'
    text.format(name="x")


# ---- more engines
@case("tornado_template", "tornado", **PARSE)
def _() -> None:
    from tornado.template import Template

    Template("{% for x in y %}")


@case("tornado_render", "tornado", **BUG)
def _() -> None:
    from tornado.template import Template

    Template("{{ node_title }}").generate()


@case("liquid_parse", "python-liquid", **PARSE)
def _() -> None:
    from liquid import Template

    Template("{% if a %}{{ a }}")


@case("liquid_filter", "python-liquid", **PARSE | {"types": "GENERATION VALIDATION SYNTAX"})
def _() -> None:
    from liquid import Template

    Template("{{ name | kebab }}").render(name="x")


@case("liquid_absent", "python-liquid", **ABSENT)
def _() -> None:
    from liquid import DictLoader, Environment

    Environment(loader=DictLoader({})).get_template("node_effect.liquid")


@case("chameleon_parse", "chameleon", **PARSE)
def _() -> None:
    from chameleon import PageTemplate

    PageTemplate('<p tal:repeat="x in"></p>')()


@case("genshi_parse", "genshi", **PARSE)
def _() -> None:
    from genshi.template import MarkupTemplate

    MarkupTemplate("<p><b></p>")


@case("genshi_name", "genshi", **RENDER | {"types": "GENERATION SYNTAX VALIDATION"})
def _() -> None:
    from genshi.template import NewTextTemplate

    NewTextTemplate("Hello ${node.name}", lookup="strict").generate().render()
