"""Compiled templates are kept, counted and thrown away when their file changes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from omninode_bridge.agents.workflows.template_manager import TemplateManager, TemplateRenderError


def test_the_second_rendering_is_a_hit(tmp_path: Path) -> None:
    """Parts count too, each by itself."""
    (tmp_path / "a.j2").write_text("{% include '_b.j2' %}")
    (tmp_path / "_b.j2").write_text("b")
    manager = TemplateManager(tmp_path)

    manager.render("a")
    first = manager.get_statistics()
    manager.render("a")
    second = manager.get_statistics()

    assert (first.hits, first.misses, first.hit_rate) == (0, 2, 0.0)
    assert (second.hits, second.misses, second.cached) == (2, 2, 2)
    assert second.hit_rate == 0.5
    assert second.render_ms > first.render_ms > 0


@pytest.mark.parametrize("same", ["size", "time"])
def test_a_changed_file_is_read_again(tmp_path: Path, same: str) -> None:
    """A change shows by the time or by the size, whichever of them differs."""
    file = tmp_path / "a.j2"
    file.write_text("one")
    info = file.stat()
    manager = TemplateManager(tmp_path)
    manager.render("a")

    file.write_text("two" if same == "size" else "three")
    moved = 0 if same == "time" else 1_000_000
    os.utime(file, ns=(info.st_atime_ns, info.st_mtime_ns + moved))

    assert manager.render("a") == ("two" if same == "size" else "three")
    assert manager.get_statistics().reloads == 1


def test_a_file_that_comes_later_goes_before(tmp_path: Path) -> None:
    """An override that is put beside a running program is taken up, and its end too."""
    package = "omninode_bridge.generation"
    manager = TemplateManager(tmp_path, packages=[package])
    with pytest.raises(TemplateRenderError, match="No filter named"):
        manager.render("node_effect_basic")
    own = tmp_path / "node_effect_basic.py.j2"
    own.write_text("mine")

    assert manager.render("node_effect_basic") == "mine"

    own.unlink()
    with pytest.raises(TemplateRenderError, match="No filter named"):
        manager.render("node_effect_basic")


def test_the_cache_is_bounded() -> None:
    """However many templates there are, no more than `cache_size` are kept."""
    manager = TemplateManager(templates={f"t{n}": str(n) for n in range(20)}, cache_size=5)

    texts = [manager.render(f"t{n}") for n in range(20)]

    assert texts == [str(n) for n in range(20)]
    assert manager.get_statistics().cached == 5
    manager.clear_cache()
    assert (manager.get_statistics().cached, manager.get_statistics().misses) == (0, 20)


def test_failures_are_counted() -> None:
    """Each rendering counts once, and so does each that failed."""
    manager = TemplateManager(templates={"a": "{{ x }}", "b": "b"})
    for name in ("a", "missing", "b"):
        try:
            manager.render(name)
        except TemplateRenderError:
            continue

    told = manager.get_statistics()

    assert (told.renders, told.failures) == (3, 2)


def test_a_fresh_manager_has_done_nothing() -> None:
    """Statistics can be asked for before anything was rendered."""
    told = TemplateManager(cache_size=7).get_statistics()

    assert (told.renders, told.cached, told.cache_size, told.hit_rate) == (0, 0, 7, 0.0)
