"""Templates: found by name, rendered strictly, with errors that say where."""

from __future__ import annotations

import asyncio
import pickle
import threading
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from jinja2 import TemplateError, UndefinedError

from omninode_bridge.agents.workflows import template_manager
from omninode_bridge.agents.workflows._attached import attached_call
from omninode_bridge.agents.workflows.recovery_models import Rerun
from omninode_bridge.agents.workflows.template_manager import (
    TemplateManager,
    TemplateRenderError,
    TemplateType,
)
from omninode_bridge.errors import ConfigurationError


def write(folder: Path, **texts: str) -> Path:
    """Write templates into `folder`; `__` stands for a slash and `_py` for its suffix."""
    for name, text in texts.items():
        path = folder / (name.replace("__", "/") + ".j2")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


async def failure(manager: TemplateManager, *args: Any, **kwargs: Any) -> TemplateRenderError:
    with pytest.raises(TemplateRenderError) as raised:
        await manager.render_template(*args, **kwargs)
    return raised.value


async def test_context_goes_by_position_and_by_keyword(tmp_path: Path) -> None:
    """Both ways of the guide give the same text, and so does the way without a loop."""
    manager = TemplateManager(write(tmp_path, node="class {{ node_name }}: ...\n"))

    by_position = await manager.render_template("node", {"node_name": "MyEffect"})
    by_keyword = await manager.render_template("node", context={"node_name": "MyEffect"})

    assert by_position == by_keyword == "class MyEffect: ...\n"
    assert manager.render("node", MappingProxyType({"node_name": "MyEffect"})) == by_position


async def test_the_python_suffix_goes_first(tmp_path: Path) -> None:
    """`x.py.j2` is rendered where `x.j2` stands beside it."""
    (tmp_path / "x.j2").write_text("plain")
    (tmp_path / "x.py.j2").write_text("python")

    assert await TemplateManager(template_dir=tmp_path).render_template("x") == "python"


async def test_a_type_is_a_folder_that_is_looked_into_first(tmp_path: Path) -> None:
    """With a type its folder counts, and what stands outside of it is the fallback."""
    manager = TemplateManager(write(tmp_path, base="any", effect__base="effect", other="other"))

    assert await manager.render_template("base", template_type=TemplateType.EFFECT) == "effect"
    assert await manager.render_template("base", template_type="compute") == "any"
    assert await manager.render_template("base", template_type="../effect") == "any"
    assert await manager.render_template("other", template_type=TemplateType.EFFECT) == "other"


async def test_the_users_own_go_before_the_packaged_ones(tmp_path: Path) -> None:
    """Texts go before the folder, the folder before packages; parts are replaced too."""
    package = "omninode_bridge.generation"
    folder = write(tmp_path, mine="folder", _node="part of mine\n", both="folder")
    (folder / "node_effect_v2.py.j2").write_text("{% include '_node.j2' %}")

    manager = TemplateManager(folder, packages=[package], templates={"both": "text"})

    assert await manager.render_template("both") == "text"
    assert await manager.render_template("mine") == "folder"
    assert await manager.render_template("node_effect_v2") == "part of mine\n"
    assert "node_compute_v1" in manager.template_ids()
    assert manager.template_ids() == tuple(sorted(manager.template_ids()))
    assert not [name for name in manager.template_ids() if name.startswith("_")]


@pytest.mark.parametrize(
    ("text", "line", "variable", "cause"),
    [
        ("a\n{{ absent }}", 2, "absent", "'absent' is undefined"),
        ("a\nb\n{{ node.absent }}", 3, "absent", "has no attribute 'absent'"),
        ("{{ table['key'] }}", 1, "key", "has no"),
        ("a\n{% if %}", 2, None, "Expected an expression"),
        ("a\n\n{{ x", 3, None, "unexpected end of template"),
        ("{{ 1 / 0 }}", 1, None, "division by zero"),
        ("\n{{ ''.__class__.__mro__ }}", 2, None, "unsafe"),
        ("{% include 'gone' %}", 1, None, "gone"),
        ("{{ node.append(1) }}", 1, None, "unsafe"),
        ("\n{{ fails() }}", 2, None, "the caller's own"),
    ],
)
async def test_failures_have_a_place(
    text: str, line: int, variable: str | None, cause: str
) -> None:
    """Template, line and variable are attributes, the message is one line, the cause is chained."""

    def fails() -> None:
        raise OSError("the caller's own\nfault")

    manager = TemplateManager(templates={"trial": text})

    error = await failure(manager, "trial", {"node": [1], "table": {}, "fails": fails})

    assert str(error).startswith("Template 'trial' render failed: ")
    assert "\n" not in str(error)
    assert cause in str(error)
    assert (error.template, error.line, error.variable) == ("trial", line, variable)
    assert error.__cause__ is not None
    if variable is not None:
        assert isinstance(error.__cause__, UndefinedError)


async def test_a_fault_in_a_part_names_the_part() -> None:
    """The line belongs to the file that `file` names."""
    manager = TemplateManager(
        templates={"whole": "\n\n{% include '_part.j2' %}", "_part": "\n{{ x }}"}
    )

    error = await failure(manager, "whole")

    assert (error.template, error.file, error.line) == ("whole", "_part.j2", 2)


async def test_an_unknown_template_names_the_known_ones() -> None:
    """The message lists what there is, and Jinja's own error is its cause."""
    error = await failure(TemplateManager(templates={"b": "", "a": "", "_part": ""}), "c")

    assert str(error) == "Template 'c' render failed: no such template; known: a, b"
    assert isinstance(error.__cause__, TemplateError)
    assert str(await failure(TemplateManager(), "c")).endswith("known: none")


@pytest.mark.parametrize("context", [[], "text", 5, [("a", 1)], {1: "a"}, {"a": 1, None: 2}])
async def test_a_context_that_maps_no_names_is_refused(context: Any) -> None:
    """One sentence names the template and what was given."""
    manager = TemplateManager(templates={"a": ""})

    with pytest.raises(ConfigurationError, match=r"^the context of template 'a' is .+ must map"):
        await manager.render_template("a", context)


async def test_the_context_is_never_changed() -> None:
    """A template that tries to change what it was given fails, and nothing is changed."""
    items = [1]
    manager = TemplateManager(templates={"a": "{% do items.append(2) %}", "b": "{{ items.pop() }}"})

    await failure(manager, "a", {"items": items})
    await failure(manager, "b", {"items": items})

    assert items == [1]


async def test_own_filters_are_there() -> None:
    """Filters are added by name, and what they raise has a place too."""

    def shout(value: str) -> str:
        return value.upper()

    manager = TemplateManager(
        templates={"a": "{{ 'x'|shout }}", "b": "\n{{ 1|shout }}"}, filters={"shout": shout}
    )

    assert await manager.render_template("a") == "X"
    assert (await failure(manager, "b")).line == 2


async def test_output_is_the_same_each_time() -> None:
    """What prints by chance is not there."""
    manager = TemplateManager(templates={"a": "{{ [1, 2]|random }}", "b": "{{ lipsum() }}"})

    assert "random" in str(await failure(manager, "a"))
    assert (await failure(manager, "b")).variable == "lipsum"


async def test_the_failed_call_travels_with_the_error() -> None:
    """A recovery finds the call on the exception and can run it with another template."""
    manager = TemplateManager(templates={"a": "{{ x }}{{ y }}", "b": "b{{ x }}"})

    error = await failure(manager, "a", {"x": 1}, template_type=TemplateType.EFFECT)
    call = attached_call(error)

    assert call is not None
    assert call.rerun is Rerun.PURE
    assert call.accepts("template_id")
    assert call.accepts("template_type")
    assert await call.changed({"template_id": "b"})() == "b1"


def test_the_failed_call_travels_without_a_loop_too() -> None:
    """The way without a loop attaches itself."""
    manager = TemplateManager(templates={"a": "{{ x }}", "b": "b"})

    with pytest.raises(TemplateRenderError) as raised:
        manager.render("a")

    call = attached_call(raised.value)
    assert call is not None
    assert asyncio.run(call.changed({"template_id": "b"})()) == "b"


def test_the_error_survives_pickling() -> None:
    """Place and cause cross processes."""
    error = TemplateRenderError("x", "it\nbroke", line=3, variable="v", file="x.j2")

    copy = pickle.loads(pickle.dumps(error))

    assert str(copy) == "Template 'x' render failed: it broke"
    assert (copy.line, copy.variable, copy.file) == (3, "v", "x.j2")


async def test_a_cancelled_rendering_ends_its_thread() -> None:
    """Cancellation passes at once, and the worker stops at its next step."""
    loops = "{% for i in r %}{% for j in r %}{% for k in r %}{% endfor %}{% endfor %}{% endfor %}"
    manager = TemplateManager(templates={"long": loops}, time_limit=60)
    task = asyncio.create_task(manager.render_template("long", {"r": range(100_000)}))
    await asyncio.sleep(0.05)
    workers = [t for t in threading.enumerate() if t.name.startswith("omninode-bridge-worker")]

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert workers
    for worker in workers:
        worker.join(5)
    assert not any(worker.is_alive() for worker in workers)


async def test_the_caller_does_not_wait_for_what_cannot_be_interrupted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A call of the context's own that hangs ends the wait all the same."""
    monkeypatch.setattr(template_manager, "GRACE", 0.05)
    release = threading.Event()
    manager = TemplateManager(templates={"a": "{{ hang() }}"}, time_limit=0.05)

    error = await failure(manager, "a", {"hang": lambda: release.wait(30)})
    release.set()

    assert "it took longer than 0.05 s" in str(error)
    assert attached_call(error) is not None


async def test_a_timeout_of_the_caller_stays_one() -> None:
    """What the caller's own time limit raises is not taken for the manager's."""
    loops = "{% for i in r %}{% for j in r %}{% endfor %}{% endfor %}"
    manager = TemplateManager(templates={"long": loops}, time_limit=60)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(manager.render_template("long", {"r": range(100_000)}), 0.05)


async def test_many_at_once_each_get_their_own() -> None:
    """Concurrent renderings do not see each other."""
    manager = TemplateManager(templates={"a": "{% for i in range(50) %}{{ n }},{% endfor %}"})

    texts = await asyncio.gather(*(manager.render_template("a", {"n": n}) for n in range(40)))

    assert texts == [f"{n}," * 50 for n in range(40)]
    assert manager.get_statistics().renders == 40


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"template_dir": "/no/such/folder"}, "there is no such folder"),
        ({"template_dir": 5}, "template_dir is 5"),
        ({"packages": "jinja2"}, "must be a list"),
        ({"packages": ["no.such.package"]}, "no.such.package"),
        ({"packages": ["json:templates"]}, "no folder 'templates'"),
        ({"templates": {"a": 1}}, "must map names to texts"),
        ({"cache_size": 0}, "cache_size is 0"),
        ({"max_output": True}, "max_output is True"),
        ({"time_limit": float("inf")}, "time_limit is inf"),
    ],
)
def test_settings_are_refused_when_they_are_given(settings: dict[str, Any], words: str) -> None:
    """One sentence says which setting cannot be used."""
    with pytest.raises(ConfigurationError, match=words):
        TemplateManager(**settings)
