"""No template goes on forever, makes something huge, or reaches what it was not given."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from omninode_bridge.agents.workflows._template_limits import Meter, TemplateLimitError
from omninode_bridge.agents.workflows.template_manager import TemplateManager, TemplateRenderError

TOO_LARGE = {
    "product": "{{ 'a' * 10**9 }}",
    "product of lists": "{{ ([1] * 10**9)|length }}",
    "sum that doubles": "{% set n = namespace(x='aa') %}{% for i in r %}{% set n.x = n.x + n.x %}{% endfor %}",
    "text that doubles": "{% set n = namespace(x='aa') %}{% for i in r %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    "block that doubles": "{% set n = namespace(x='aa') %}{% for i in r %}{% set n.x %}{{ n.x }}{{ n.x }}{% endset %}{% endfor %}",
    "macro": "{% macro m() %}{% for i in r %}{{ 'a' * 100000 }}{% endfor %}{% endmacro %}{% set x = m() %}",
    "output": "{% for i in r %}{{ 'a' * 100000 }}{% endfor %}",
    "number": "{{ 10 ** (10 ** 8) }}",
    "product of numbers": "{% set n = namespace(x=3) %}{% for i in r %}{% set n.x = n.x * n.x %}{% endfor %}",
    "width": "{{ '%0999999999d' % 1 }}",
    "computed width": "{{ '%*d' % (10 ** 9, 1) }}",
    "width of a filter": "{{ '%0999999999d'|format(1) }}",
    "width of a method": "{{ '{:>999999999}'.format(1) }}",
    "width of a mapped method": "{{ '{a:>999999999}'.format_map({'a': 1}) }}",
    "computed width of a method": "{{ '{:{w}}'.format(1, w=10 ** 9) }}",
    "zfill": "{{ 'a'.zfill(10 ** 9) }}",
    "center": "{{ 'a'|center(10 ** 9) }}",
    "ljust": "{{ 'a'.ljust(10 ** 9) }}",
    "indent": "{{ 'a'|indent(10 ** 9) }}",
    "tojson": "{{ {'a': 1}|tojson(indent=10 ** 9) }}",
    "batch": "{{ [1]|batch(10 ** 9, 0)|list }}",
    "join": "{{ (['a' * 100000] * 1000)|join }}",
    "join by attribute": "{{ ([{'a': 'a' * 100000}] * 1000)|join(',', attribute='a') }}",
    "joining method": "{{ ','.join(['a' * 100000] * 1000) }}",
    "replace": "{{ ('a' * 100000)|replace('a', 'b' * 100000) }}",
    "replacing method": "{{ ('a' * 100000).replace('a', 'b' * 100000) }}",
    "expandtabs": "{{ ('\\t' * 100000).expandtabs(100000) }}",
    "range": "{% for i in range(10 ** 6) %}{% endfor %}",
    "recursion": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "inclusion of itself": "{% include 'inclusion.j2' %}",
    "depth": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_would_be_huge_is_refused_before_it_is_made(name: str) -> None:
    """Each way to make something huge ends in one sentence, at once."""
    text = TOO_LARGE[name]
    manager = TemplateManager(templates={"trial": text, "inclusion": text}, max_output=1_000_000)
    begun = time.process_time()

    with pytest.raises(TemplateRenderError) as raised:
        manager.render("trial", {"r": range(100)})

    assert "\n" not in str(raised.value)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in r %}{% for j in r %}{% endfor %}{% endfor %}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
        "{% for i in endless %}{% endfor %}",
        "{% for i in r recursive %}{{ loop(r) }}{% endfor %}",
        "{% set n = namespace(x=0) %}{% for i in r for_filter %}{% endfor %}".replace(
            " for_filter", " if i < 0"
        )
        * 200,
    ],
)
def test_what_never_ends_is_ended(text: str) -> None:
    """Loops, calls and recursion stop when the time is over."""

    def endless() -> object:
        while True:
            yield 0

    manager = TemplateManager(templates={"trial": text}, time_limit=0.1)
    begun = time.process_time()

    with pytest.raises(TemplateRenderError, match=r"longer than 0\.1 s|recursion"):
        manager.render("trial", {"r": range(100_000), "endless": endless()})

    assert time.process_time() - begun < 3


USUAL = {
    "{% for i in x %}{{ loop.index }}/{{ loop.length }}{{ ',' if not loop.last }}{% endfor %}": "1/3,2/3,3/3",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% else %}none{% endfor %}": "a=1;b=2;",
    "{% for i in [] %}{% else %}none{% endfor %}": "none",
    "{% for i in x if i > 1 %}{{ i }}{% endfor %}": "23",
    "{% for i in [[1], [2, [3]]] recursive %}{{ '[' ~ loop(i) ~ ']' if i is iterable else i }}{% endfor %}": "[1][2[3]]",
    "{{ x|join('-') }} {{ [d]|join(attribute='a') }} {{ x|map('string')|join }}": "1-2-3 1 123",
    "{{ d|tojson }} {{ x|sort(reverse=true) }} {{ x|sum }} {{ x|batch(2)|list }}": '{"a": 1, "b": 2} [3, 2, 1] 6 [[1, 2], [3]]',
    "{{ 2 ** 10 }} {{ 7 % 4 }} {{ '%05.2f|%s' % (1.5, 'x') }} {{ '{:>4}'.format(1) }}": "1024 3 01.50|x    1",
    "{{ 'a' ~ 1 ~ none }} {{ 'ab'|upper }} {{ 'a b'|replace(' ', '_') }} {{ ', '.join(['a', 'b']) }}": "a1None AB a_b a, b",
    "{% macro m(a, b=2) %}{{ a + b }}{{ caller() if caller is defined }}{% endmacro %}{{ m(1) }}{% call m(2) %}!{% endcall %}": "34!",
    "{% set t %}x{{ 1 }}{% endset %}{{ t }}{% filter upper %}y{% endfilter %}": "x1Y",
    "{% set n = namespace(c=0) %}{% for i in x %}{% set n.c = n.c + i %}{% endfor %}{{ n.c }}": "6",
    "{{ y|default(30000000) }} {{ '%d'|format(30000000) }} {{ '{}'.format(30000000) }} {{ x|sum(start=30000000) }}": "30000000 30000000 30000000 30000006",
    "{{ missing|default('d') }} {{ missing is defined }} {{ x|first }} {{ 'abc'[1:] }}": "d False 1 bc",
}


@pytest.mark.parametrize(("text", "expected"), USUAL.items())
def test_usual_templates_are_as_in_jinja(text: str, expected: str) -> None:
    """What is measured prints what Jinja prints."""
    from jinja2 import Environment

    context = {"x": [1, 2, 3], "d": {"a": 1, "b": 2}}

    assert TemplateManager(templates={"t": text}).render("t", context) == expected
    assert Environment().from_string(text).render(context) == expected


def test_large_outputs_within_the_limit_are_whole() -> None:
    """The limit is exact: one character more is too many."""
    manager = TemplateManager(templates={"a": "{{ 'x' * n }}"}, max_output=1000)

    assert len(manager.render("a", {"n": 1000})) == 1000
    with pytest.raises(TemplateRenderError, match="larger than 1000 characters"):
        manager.render("a", {"n": 1001})


@pytest.mark.parametrize(
    ("template_id", "linked"),
    [("../secret", False), ("/etc/hostname", False), ("a/b", False), ("..", False), ("", False),
     ("a\nb", False), ("a\0b", False), ("a\\b", False), ("x" * 129, False), ("out", True)],
)  # fmt: skip
def test_names_and_links_do_not_leave_the_folder(
    tmp_path: Path, template_id: str, linked: bool
) -> None:
    """What lies outside is never read, neither by a path nor through a link."""
    (tmp_path / "secret.j2").write_text("secret")
    folder = tmp_path / "inside"
    folder.mkdir()
    (folder / "out.j2").symlink_to(tmp_path / "secret.j2")
    manager = TemplateManager(folder)

    with pytest.raises(TemplateRenderError) as raised:
        manager.render(template_id)

    assert ("leads out of its folder" if linked else "no such template") in str(raised.value)
    assert not manager.has_template(template_id)


@pytest.mark.parametrize("value", [None, 5, ["node"], Path("node")])
def test_an_identifier_that_is_no_text_is_no_template(value: object) -> None:
    """Whatever is asked for, the answer is one sentence."""
    with pytest.raises(TemplateRenderError, match="no such template"):
        TemplateManager(templates={"node": ""}).render(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "part", ["../secret.j2", "sub/../../secret.j2", "/etc/hostname", "out/secret.j2"]
)
def test_parts_do_not_leave_the_folder_either(tmp_path: Path, part: str) -> None:
    """An include of what lies outside fails."""
    (tmp_path / "secret.j2").write_text("secret")
    folder = tmp_path / "inside"
    folder.mkdir()
    (folder / "out").symlink_to(tmp_path)
    (folder / "a.j2").write_text(f"{{% include {part!r} %}}")

    with pytest.raises(TemplateRenderError):
        TemplateManager(folder).render("a")


def test_links_inside_and_a_folder_that_is_one_are_fine(tmp_path: Path) -> None:
    """Links are refused only where they lead out."""
    real = tmp_path / "real"
    real.mkdir()
    (real / "a.j2").write_text("a")
    (real / "b.j2").symlink_to("a.j2")
    (tmp_path / "link").symlink_to(real)

    assert TemplateManager(tmp_path / "link").render("b") == "a"


def test_odd_files_end_in_one_sentence(tmp_path: Path) -> None:
    """A folder, a circle of links, foreign bytes and a huge file are refused with their reason."""
    (tmp_path / "folder.j2").mkdir()
    (tmp_path / "circle.j2").symlink_to("circle.j2")
    (tmp_path / "bytes.j2").write_bytes(b"\xff\xfe")
    (tmp_path / "huge.j2").write_bytes(b"x" * 1_000_001)
    (tmp_path / "mark.j2").write_bytes(b"\xef\xbb\xbfx")
    manager = TemplateManager(tmp_path)
    said = {}
    for name in ("folder", "circle", "bytes", "huge"):
        with pytest.raises(TemplateRenderError) as raised:
            manager.render(name)
        said[name] = raised.value.cause

    assert "not a regular file" in said["folder"]
    assert "no such template" in said["circle"]
    assert "not UTF-8" in said["bytes"]
    assert "larger than 1000000 bytes" in said["huge"]
    assert manager.render("mark") == "x"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes in folders")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A file that would never end is not opened."""
    import os

    os.mkfifo(tmp_path / "pipe.j2")

    with pytest.raises(TemplateRenderError, match="not a regular file"):
        TemplateManager(tmp_path).render("pipe")


def test_a_meter_that_was_stopped_lets_nothing_pass() -> None:
    """Who no longer waits ends the work at its next step."""
    meter = Meter(10, 100)
    meter.tick()

    meter.stopped = True

    with pytest.raises(TemplateLimitError, match="cancelled"):
        meter.tick()
