"""Packages come whole or not at all, and never over somebody's work."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import pytest

from omninode_bridge.generation import placing
from omninode_bridge.generation.output_lock import locked
from omninode_bridge.generation.placing import (
    MANIFEST,
    PlacingError,
    WriteFailedError,
    diff_of,
    place_package,
    plan_placement,
    restore,
)

ONE = {"node.py": b"one\n", "tests/test_node.py": b"test\n"}
TWO = {"node.py": b"two\n", "tests/test_node.py": b"test\n"}


def put(output: Path, files: dict[str, bytes], *, force: bool = False) -> placing.Placement:
    placement = plan_placement(output, "pack", files, force=force)
    place_package(placement)
    return placement


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_new_package_is_written_whole(tmp_path: Path) -> None:
    """The output folder is made; the manifest knows every file."""
    put(tmp_path / "deep" / "out", ONE)

    folder = tmp_path / "deep" / "out" / "pack"
    assert names(folder) == [MANIFEST, "node.py", "tests/test_node.py"]
    assert json.loads((folder / MANIFEST).read_bytes())["files"].keys() == ONE.keys()
    assert [path.name for path in folder.parent.iterdir()] == ["pack"]


def test_planning_writes_nothing(tmp_path: Path) -> None:
    """A plan says what is stale, and the disk stays as it is."""
    placement = plan_placement(tmp_path / "out", "pack", ONE, force=False)

    assert placement.stale == ("node.py", "tests/test_node.py")
    assert list(tmp_path.iterdir()) == []


def test_an_unchanged_package_is_not_touched(tmp_path: Path) -> None:
    """Not even its times change."""
    put(tmp_path, ONE)
    before = (tmp_path / "pack" / "node.py").stat()

    placement = put(tmp_path, ONE)

    assert placement.stale == ()
    assert (tmp_path / "pack" / "node.py").stat().st_ino == before.st_ino


def test_files_beside_ours_are_carried_over(tmp_path: Path) -> None:
    """A person's own files live on in the package, links and rights included."""
    put(tmp_path, ONE)
    own = tmp_path / "pack" / "notes.txt"
    own.write_text("mine")
    own.chmod(0o755)
    (tmp_path / "pack" / "link").symlink_to("notes.txt")

    put(tmp_path, TWO)

    assert own.read_text() == "mine"
    assert own.stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "pack" / "link").is_symlink()
    assert (tmp_path / "pack" / "node.py").read_bytes() == b"two\n"


def test_what_is_no_longer_generated_goes(tmp_path: Path) -> None:
    """Unless a person has edited it."""
    put(tmp_path, ONE | {"old.py": b"old\n", "edited.py": b"old\n"})
    (tmp_path / "pack" / "edited.py").write_text("mine\n")

    put(tmp_path, ONE)

    assert not (tmp_path / "pack" / "old.py").exists()
    assert (tmp_path / "pack" / "edited.py").read_text() == "mine\n"


def test_an_edit_stays_while_generation_says_the_same(tmp_path: Path) -> None:
    """Another file may change meanwhile."""
    put(tmp_path, ONE)
    (tmp_path / "pack" / "node.py").write_text("edited\n")

    placement = put(tmp_path, ONE | {"tests/test_node.py": b"new test\n"})

    assert placement.kept == ("node.py",)
    assert (tmp_path / "pack" / "node.py").read_text() == "edited\n"
    assert (tmp_path / "pack" / "tests/test_node.py").read_bytes() == b"new test\n"


def test_an_edit_that_would_be_lost_is_a_question(tmp_path: Path) -> None:
    """Both sides changed: nothing is written, and the message says what to do."""
    put(tmp_path, ONE)
    (tmp_path / "pack" / "node.py").write_text("edited\n")

    with pytest.raises(PlacingError, match=r"node\.py was edited .* --force"):
        put(tmp_path, TWO)
    put(tmp_path, TWO, force=True)

    assert (tmp_path / "pack" / "node.py").read_bytes() == b"two\n"


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_somebody_elses_work_is_refused(tmp_path: Path, kind: str) -> None:
    """A file, a link or a folder where ours would go."""
    pack = tmp_path / "pack"
    pack.mkdir()
    (tmp_path / "else").write_text("else")
    target = pack / "node.py"
    if kind == "file":
        target.write_text("mine")
    elif kind == "link":
        target.symlink_to(tmp_path / "else")
    else:
        target.mkdir()

    with pytest.raises(PlacingError, match="was not written by this generator"):
        put(tmp_path, ONE)

    assert (tmp_path / "else").read_text() == "else"


def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    """Even by force nothing is written through a link to elsewhere."""
    (tmp_path / "out" / "pack").mkdir(parents=True)
    (tmp_path / "else").write_text("else")
    (tmp_path / "out" / "pack" / "node.py").symlink_to(tmp_path / "else")

    put(tmp_path / "out", ONE, force=True)

    assert (tmp_path / "else").read_text() == "else"
    assert (tmp_path / "out" / "pack" / "node.py").read_bytes() == b"one\n"


@pytest.mark.parametrize(
    "manifest", ["", "[]", '{"files": 1}', '{"files": {"../../x": "0"}}', "\0"]
)
def test_a_broken_manifest_claims_nothing(tmp_path: Path, manifest: str) -> None:
    """Neither is it trusted, nor does it stop a package that is right."""
    put(tmp_path, ONE)
    (tmp_path / "x").write_text("outside")
    (tmp_path / "pack" / MANIFEST).write_text(manifest)

    put(tmp_path, ONE)

    assert (tmp_path / "x").exists()
    with pytest.raises(PlacingError):
        (tmp_path / "pack" / MANIFEST).write_text(manifest)
        put(tmp_path, TWO)


@pytest.mark.parametrize("step", ["_write", "_swap"])
def test_a_failing_disk_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The old package stands, and nothing lies beside it."""
    put(tmp_path, ONE)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(placing, step, refuse)

    with pytest.raises(WriteFailedError, match="no space left on device"):
        put(tmp_path, TWO)

    assert [path.name for path in tmp_path.iterdir()] == ["pack"]
    assert (tmp_path / "pack" / "node.py").read_bytes() == b"one\n"


def test_a_move_that_fails_half_way_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second of the two renames fails: the old folder comes back."""
    put(tmp_path, ONE)
    rename = Path.rename

    def fail_second(self: Path, target: Path) -> Path:
        if ".new-" in self.name:
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_second)

    with pytest.raises(WriteFailedError):
        put(tmp_path, TWO)

    assert [path.name for path in tmp_path.iterdir()] == ["pack"]
    assert (tmp_path / "pack" / "node.py").read_bytes() == b"one\n"


def test_a_dead_run_is_put_right(tmp_path: Path) -> None:
    """What it had moved away comes back, what it had begun goes, and other hidden things stay."""
    put(tmp_path, ONE)
    (tmp_path / "pack").rename(tmp_path / ".pack.old-abc")
    shutil.copytree(tmp_path / ".pack.old-abc", tmp_path / ".other.old-abc")
    put(tmp_path, TWO)
    shutil.move(tmp_path / "pack", tmp_path / "other")
    (tmp_path / ".pack.new-abc").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".not ours.new-x").mkdir()

    restore(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".hidden",
        ".not ours.new-x",
        "other",
        "pack",
    ]
    assert (tmp_path / "pack" / "node.py").read_bytes() == b"one\n"
    assert (tmp_path / "other" / "node.py").read_bytes() == b"two\n"


def test_runs_wait_for_each_other(tmp_path: Path) -> None:
    """While one holds the output another neither places a package nor clears away."""
    (tmp_path / ".pack.new-abc").mkdir()
    done = threading.Event()

    def other_run() -> None:
        restore(tmp_path)
        put(tmp_path, ONE)
        done.set()

    with locked(tmp_path):
        thread = threading.Thread(target=other_run)
        thread.start()
        too_early = done.wait(0.2)
        still_there = (tmp_path / ".pack.new-abc").exists()
    thread.join(timeout=10)

    assert (too_early, still_there) == (False, True)
    assert [path.name for path in tmp_path.iterdir()] == ["pack"]


def test_a_diff_shows_both_sides(tmp_path: Path) -> None:
    """New, changed and removed files, with the manifest left out."""
    put(tmp_path, ONE | {"old.py": b"old"})

    diff = diff_of(plan_placement(tmp_path, "pack", TWO | {"new.py": b"new\n"}, force=False))

    assert "-one\n+two\n" in diff
    assert "+new\n" in diff
    assert "-old\n" in diff
    assert MANIFEST not in diff


@pytest.mark.parametrize("force", [False, True])
def test_nothing_is_written_through_a_linked_folder(tmp_path: Path, *, force: bool) -> None:
    """A link in place of a folder of the package leads elsewhere, so the package is refused."""
    (tmp_path / "else").mkdir()
    (tmp_path / "out" / "pack").mkdir(parents=True)
    (tmp_path / "out" / "pack" / "tests").symlink_to(tmp_path / "else")

    with pytest.raises(PlacingError, match="tests is a link"):
        put(tmp_path / "out", ONE, force=force)

    assert list((tmp_path / "else").iterdir()) == []
