"""``omninode-bridge repair``: what is printed, what is written, what is left alone."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.cli import main
from omninode_bridge.cli.repair_text import Source, read_source

Run = Callable[..., Any]

BROKEN = "def load(path)\n    return path\n"
REPAIRED = "def load(path):\n    return path\n"
FINE = "x = 1\n"
HOPELESS = "a = 1\nx = = 2 y y\n"
CUT = "```python\nimport os\n\n\ndef load(path):\n    return os.stat(path)\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder that no work tree is around."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return tmp_path


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Put bytes on stdin."""

    def put(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))

    return put


@pytest.fixture
def git(folder: Path) -> Callable[..., None]:
    """Run git in the folder, which becomes a work tree."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")

    def call(*arguments: str) -> None:
        who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
        subprocess.run(["git", *who, *arguments], check=True, capture_output=True, cwd=folder)

    call("init")
    return call


def put(name: str, content: str | bytes) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# -- printing --------------------------------------------------------------------------------


def test_the_corrected_code_is_printed(run: Run) -> None:
    """Stdout has the code alone, stderr says what was done; the file is as it was."""
    path = put("a.py", BROKEN)

    ended = run("repair", "a.py")

    assert (ended.code, ended.out) == (0, REPAIRED)
    assert "a.py: repaired, confidence 0." in ended.err
    assert "  line 1: added the missing colon" in ended.err
    assert path.read_text() == BROKEN


def test_code_in_order_is_printed_as_it_is(run: Run) -> None:
    """In a pipe it can stand where sound code comes through, too."""
    put("a.py", FINE)

    ended = run("repair", "a.py")

    assert (ended.code, ended.out, ended.err) == (0, FINE, "a.py: fine\n")


def test_what_cannot_be_corrected_is_not_printed(run: Run) -> None:
    """The error, its lines and what was tried go to stderr; the exit code is 1."""
    put("a.py", HOPELESS)

    ended = run("repair", "a.py")

    assert (ended.code, ended.out) == (1, "")
    assert "a.py: declined: " in ended.err
    assert "line 2: SyntaxError: invalid syntax" in ended.err
    assert ">     2 | x = = 2 y y" in ended.err


def test_cut_off_code_is_printed_and_said(run: Run) -> None:
    """What is there is given, but nobody is told that it is all."""
    put("a.py", CUT)

    ended = run("repair", "a.py")

    assert ended.code == 1
    assert ended.out.startswith("import os")
    assert "a.py: truncated" in ended.err
    assert "cut off" in ended.err


def test_code_comes_from_stdin(run: Run, stdin: Callable[[bytes], None]) -> None:
    """A dash reads it there, and line ends stay."""
    stdin(b"def load(path)\r\n    return path\r\n")

    ended = run("repair", "-")

    assert ended.code == 0
    assert "stdin: repaired" in ended.err


@pytest.mark.parametrize("data", [b"", b"\n"])
def test_nothing_is_fine(run: Run, stdin: Callable[[bytes], None], data: bytes) -> None:
    """An empty text needs no correction."""
    stdin(data)

    ended = run("repair", "-")

    assert ended.code == 0
    assert ended.err.startswith("stdin: fine")


def test_a_text_of_the_code_moves_no_cursor(run: Run) -> None:
    """Context of a diagnosis is data; escape characters in it are written out."""
    put("a.py", "a = '\x1b[2J'\nx = = 2 y y\n")

    ended = run("repair", "a.py")

    assert "\x1b" not in ended.err
    assert "x1b[2J" in ended.err


# -- diffs, dry runs, JSON -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (BROKEN.encode(), "a.py"),
        (BROKEN.replace("\n", "\r\n").encode(), "sub/b.py"),
        (BROKEN.rstrip("\n").encode(), "c.py"),
        (b"# -*- coding: latin-1 -*-\ns = '\xe9'\n" + BROKEN.encode(), "d.py"),
        (b"\xef\xbb\xbf" + FINE.encode() * 9 + BROKEN.encode() + FINE.encode() * 20, "e.py"),
    ],
    ids=["plain", "crlf", "no-newline", "latin-1", "mark"],
)
def test_a_diff_is_a_patch(
    git: Callable[..., None], content: bytes, name: str, capfdbinary: Any
) -> None:
    """`git apply` takes it and makes of the file what --write would."""
    path = put(name, content)
    capfdbinary.readouterr()

    code = main(["repair", "--diff", name])
    out = capfdbinary.readouterr().out
    Path("it.patch").write_bytes(out)
    git("apply", "--whitespace=nowarn", "it.patch")
    patched = path.read_bytes()
    path.write_bytes(content)

    assert code == 0
    assert main(["repair", "--write", "--force", "-q", name]) == 0
    assert path.read_bytes() == patched != content
    compile(patched, name, "exec")


def test_a_folder_gives_one_diff_of_all(run: Run) -> None:
    """Sound files do not appear in it; the account goes to stderr."""
    put("pkg/a.py", BROKEN)
    put("pkg/b.py", FINE)

    ended = run("repair", "--diff", "pkg")

    assert ended.code == 0
    assert ended.out.count("--- a/") == 1
    assert ended.err.endswith("2 files: 1 fine, 1 repaired\n")
    assert Path("pkg/a.py").read_text() == BROKEN


def test_a_dry_run_says_what_writing_would_do(run: Run) -> None:
    """Nothing is written, not even a copy."""
    path = put("a.py", BROKEN)

    ended = run("repair", "--dry-run", "a.py")

    assert ended.code == 0
    assert "would be written; the original goes to a.py.orig" in ended.out
    assert path.read_text() == BROKEN
    assert not Path("a.py.orig").exists()


def test_json_has_the_whole_account(run: Run) -> None:
    """Status, fixes, diff, code and the diagnosis as data, for every file."""
    put("pkg/a.py", BROKEN)
    put("pkg/b.py", HOPELESS)
    put("pkg/c.py", b"\x00\x01")

    ended = run("repair", "--format", "json", "pkg")
    report = json.loads(ended.out)
    first, second, third = report["files"]

    assert ended.code == 1
    assert (report["report_version"], report["ok"]) == (1, False)
    assert report["counts"] == {
        "fine": 0, "repaired": 1, "truncated": 0, "declined": 1, "refused": 1
    }  # fmt: skip
    assert first["code"] == REPAIRED
    assert first["fixes"][0]["line"] == 1
    assert 0 < first["confidence"] <= 1
    assert second["code"] is None
    assert second["diagnosis"]["first"]["line"] == 2
    assert third["status"] == "refused"


# -- writing ---------------------------------------------------------------------------------


def test_outside_of_git_the_original_is_kept(run: Run) -> None:
    """Nothing else could bring it back."""
    path = put("a.py", BROKEN)

    ended = run("repair", "--write", "a.py")

    assert ended.code == 0
    assert path.read_text() == REPAIRED
    assert Path("a.py.orig").read_text() == BROKEN
    assert "the original is a.py.orig" in ended.out


def test_an_earlier_original_is_never_lost(run: Run) -> None:
    """A copy that is there already stops the writing, unless it is forced."""
    path = put("a.py", BROKEN)
    put("a.py.orig", "precious\n")

    stopped = run("repair", "--write", "a.py")
    before = path.read_text()
    forced = run("repair", "--write", "--force", "a.py")

    assert stopped.code == 1
    assert "not written: git does not know it and 'a.py.orig' is there already" in stopped.out
    assert before == BROKEN
    assert forced.code == 0
    assert path.read_text() == REPAIRED
    assert Path("a.py.orig").read_text() == "precious\n"


def test_writing_twice_writes_once(run: Run) -> None:
    """What is in order is not touched, so its time stays, too."""
    path = put("a.py", BROKEN)
    run("repair", "--write", "a.py")
    os.utime(path, ns=(1, 1))

    ended = run("repair", "--write", "a.py")

    assert (ended.code, ended.out) == (0, "a.py: fine\n")
    assert path.stat().st_mtime_ns == 1


def test_a_committed_file_needs_no_copy(run: Run, git: Callable[..., None]) -> None:
    """Git brings it back."""
    path = put("a.py", BROKEN)
    git("add", "a.py")
    git("commit", "-m", "one")

    ended = run("repair", "--write", "a.py")

    assert ended.code == 0
    assert path.read_text() == REPAIRED
    assert not Path("a.py.orig").exists()


@pytest.mark.parametrize("staged", [False, True], ids=["in the work tree", "staged"])
def test_uncommitted_changes_are_not_written_over(
    run: Run, git: Callable[..., None], staged: bool
) -> None:
    """Work that is nowhere else stays, unless it is forced."""
    path = put("a.py", FINE)
    git("add", "a.py")
    git("commit", "-m", "one")
    put("a.py", BROKEN)
    if staged:
        git("add", "a.py")

    ended = run("repair", "--write", "a.py")
    before = path.read_text()
    forced = run("repair", "--write", "--force", "a.py")

    assert ended.code == 1
    assert "not written: it has changes that are not committed" in ended.out
    assert before == BROKEN
    assert forced.code == 0
    assert path.read_text() == REPAIRED


@pytest.mark.parametrize("ignored", [False, True], ids=["untracked", "ignored"])
def test_what_git_does_not_know_is_kept(run: Run, git: Callable[..., None], ignored: bool) -> None:
    """In a work tree, too, a file of which git has nothing gets its copy."""
    put("odd [name] ü.py", BROKEN)
    if ignored:
        put(".gitignore", "*.py\n")
    git("status")

    ended = run("repair", "--write", "odd [name] ü.py")

    assert ended.code == 0
    assert Path("odd [name] ü.py.orig").read_text() == BROKEN


def test_a_work_tree_without_git_is_not_guessed_about(
    run: Run, git: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who cannot ask does not write."""
    path = put("a.py", BROKEN)
    git("add", "a.py")
    monkeypatch.setenv("PATH", "")

    ended = run("repair", "--write", "a.py")

    assert ended.code == 1
    assert "git is not installed" in ended.out
    assert path.read_text() == BROKEN


def test_cut_off_code_is_not_written(run: Run) -> None:
    """A half file in its place would pass for a whole one; force writes it all the same."""
    path = put("a.py", CUT)

    ended = run("repair", "--write", "a.py")
    before = path.read_text()
    forced = run("repair", "--write", "--force", "a.py")

    assert ended.code == 1
    assert "--force writes that" in ended.out
    assert before == CUT
    assert forced.code == 1
    assert path.read_text().startswith("import os")


def test_mode_and_link_stay(run: Run) -> None:
    """A script stays executable; a link stays a link, and the file behind it is written."""
    path = put("real/a.py", BROKEN)
    path.chmod(0o750)
    Path("link.py").symlink_to(path)

    ended = run("repair", "--write", "link.py")

    assert ended.code == 0
    assert Path("link.py").is_symlink()
    assert path.read_text() == REPAIRED
    assert stat.S_IMODE(path.stat().st_mode) == 0o750
    assert sorted(one.name for one in Path("real").iterdir()) == ["a.py", "a.py.orig"]


def test_a_read_only_file_is_not_written(run: Run) -> None:
    """Whoever made it so meant it."""
    path = put("a.py", BROKEN)
    path.chmod(0o444)

    ended = run("repair", "--write", "a.py")

    assert ended.code == 1
    assert "read-only" in ended.out
    assert path.read_text() == BROKEN


def test_a_file_that_changed_meanwhile_is_not_written(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody saves while we think stays."""
    from omninode_bridge.cli import repair_run

    path = put("a.py", BROKEN)

    def meddle(*arguments: Any, **options: Any) -> Any:
        path.write_text("saved = True\n")
        return planned(*arguments, **options)

    planned = repair_run.plan_writing
    monkeypatch.setattr(repair_run, "plan_writing", meddle)

    ended = run("repair", "--write", "--force", "a.py")

    assert ended.code == 1
    assert "changed while it was being corrected" in ended.out
    assert path.read_text() == "saved = True\n"


def test_a_failed_write_leaves_the_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk costs neither the file nor leaves anything beside it."""

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    path = put("a.py", BROKEN)
    monkeypatch.setattr(os, "fsync", full)

    ended = run("repair", "--write", "--force", "a.py")

    assert ended.code == 1
    assert "no space left on device" in ended.out
    assert [one.name for one in Path().iterdir()] == ["a.py"]
    assert path.read_text() == BROKEN


# -- encodings -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BROKEN.replace("\n", "\r\n").encode(), REPAIRED.replace("\n", "\r\n").encode()),
        (b"\xef\xbb\xbf" + BROKEN.encode(), b"\xef\xbb\xbf" + REPAIRED.encode()),
        (
            b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + BROKEN.encode(),
            b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + REPAIRED.encode(),
        ),
        (
            "#!/usr/bin/python3\n# vim: set fileencoding=cp1251 :\ns = 'да'\n".encode("cp1251")
            + BROKEN.encode(),
            "#!/usr/bin/python3\n# vim: set fileencoding=cp1251 :\ns = 'да'\n".encode("cp1251")
            + REPAIRED.encode(),
        ),
        ("s = 'да'\n".encode() + BROKEN.encode(), "s = 'да'\n".encode() + REPAIRED.encode()),
        (BROKEN.rstrip().encode(), REPAIRED.rstrip().encode()),
    ],
    ids=["crlf", "mark", "latin-1", "cp1251", "utf-8", "no newline at the end"],
)
def test_encoding_and_line_ends_stay(run: Run, before: bytes, after: bytes) -> None:
    """Everything but the repair is the same byte for byte."""
    path = put("a.py", before)

    assert run("repair", "--write", "--force", "a.py").code == 0
    assert path.read_bytes() == after


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (BROKEN.encode("utf-16"), "it is UTF-16, which Python does not read"),
        (BROKEN.encode("utf-32"), "it is UTF-32"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "it is no text: byte 8 is NUL"),
        (b"x = 1\n# caf\xe9\n", "line 2 has the byte 0xe9; declare its encoding"),
        (b"# -*- coding: utf-8 -*-\n# caf\xe9\n", "it is not utf-8: line 2 has the byte 0xe9"),
        (b"# -*- coding: klingon -*-\nx = 1\n", "unknown encoding: klingon"),
        (b"# -*- coding: rot13 -*-\nx = 1\n", "is no encoding of text"),
        (b"\xef\xbb\xbf# -*- coding: latin-1 -*-\nx = 1\n", "its encoding cannot be told"),
    ],
    ids=["utf-16", "utf-32", "binary", "undeclared", "wrong", "unknown", "no text", "two"],
)
def test_what_is_no_readable_text_is_refused(run: Run, data: bytes, why: str) -> None:
    """One sentence says what it is; nothing is written."""
    path = put("a.py", data)

    ended = run("repair", "--write", "--force", "a.py")

    assert ended.code == 1
    assert ended.out.startswith("a.py: refused: ")
    assert why in ended.out
    assert path.read_bytes() == data


def test_a_character_that_the_encoding_lacks_is_told() -> None:
    """The corrected code must fit into the file as it is."""
    source = read_source(b"# -*- coding: latin-1 -*-\nx = 1\n")

    assert isinstance(source, Source)
    assert (
        source.bytes_of("s = 'д'\n") == "the corrected code has 'д', which iso-8859-1 cannot hold"
    )


def test_a_declaration_that_comes_to_the_top_changes_nothing_unseen(run: Run) -> None:
    """Code out of a fence that declares another encoding than the file had is not written."""
    data = "```python\n# -*- coding: latin-1 -*-\ns = 'é'\n```\n".encode()
    path = put("a.py", data)

    ended = run("repair", "--write", "--force", "a.py")

    assert ended.code == 1
    assert "another encoding" in ended.out
    assert path.read_bytes() == data


# -- which files -----------------------------------------------------------------------------


def test_a_folder_is_searched_without_links_hidden_ones_and_environments(run: Run) -> None:
    """A link in a circle ends nothing, and foreign code is not looked at."""
    put("pkg/a.py", BROKEN)
    put("pkg/sub/b.py", FINE)
    put("pkg/notes.txt", BROKEN)
    put("pkg/.hidden/c.py", BROKEN)
    put("pkg/__pycache__/d.py", BROKEN)
    put("pkg/env/pyvenv.cfg", "")
    put("pkg/env/lib/e.py", BROKEN)
    Path("pkg/sub/again").symlink_to(Path("pkg").absolute())
    Path("pkg/away.py").symlink_to("/nowhere")

    ended = run("repair", "--format", "json", "pkg", "pkg/a.py", "./pkg")

    assert [Path(one["path"]).as_posix() for one in json.loads(ended.out)["files"]] == [
        "pkg/a.py",
        "pkg/sub/b.py",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_said(run: Run) -> None:
    """The others are looked at all the same."""
    put("pkg/a.py", BROKEN).chmod(0)
    put("pkg/b.py", BROKEN)

    ended = run("repair", "--dry-run", "pkg")

    assert ended.code == 1
    assert "permission denied" in ended.out
    assert "1 repaired, 1 refused" in ended.out


def test_a_file_that_goes_away_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between finding and reading anything may happen."""
    from omninode_bridge.cli import repair_find

    monkeypatch.setattr(repair_find, "_below", lambda folder: iter([folder / "gone.py"]))

    ended = run("repair", "--dry-run", ".")

    assert ended.code == 1
    assert "'gone.py' cannot be used: no such file or directory" in ended.out


def test_a_file_that_is_too_large_is_refused(run: Run) -> None:
    """It is not even read to its end."""
    put("a.py", b"x = 1\n" * 1_400_000)

    ended = run("repair", "a.py")

    assert ended.code == 1
    assert "it is too large: at most 8,000,000 bytes are read" in ended.err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nowhere.py"], "'nowhere.py' cannot be read: no such file or directory"),
        (["empty"], "'empty' has no .py file in it"),
        (["pipe"], "'pipe' is a pipe"),
        (["a\x00b"], "is no path"),
        (["-", "a.py"], "it must be the only path"),
        (["--write", "-"], "--write needs a file"),
        (["--error", "-", "-"], "only one of code and error"),
        (["--write", "--diff", "a.py"], "exclude each other"),
        (["--force", "a.py"], "--force goes with --write"),
        (["a.py", "b.py"], "several files cannot be printed as one"),
        (["pkg"], "several files cannot be printed as one"),
        (["--error", "", "a.py"], "--error is empty"),
        (["--error", "what.log", "a.py"], "'what.log', which is no file"),
        (["--error", "blank.log", "a.py"], "'blank.log' has no text"),
        (["--error", "x", ""], "it must name a file or folder"),
    ],
)
def test_wrong_usage_is_one_sentence(run: Run, arguments: list[str], why: str) -> None:
    """Exit code 2, before anything is done."""
    put("a.py", BROKEN)
    put("b.py", BROKEN)
    put("pkg/c.py", BROKEN)
    put("blank.log", "\n")
    Path("empty").mkdir()
    os.mkfifo("pipe")

    ended = run("repair", *arguments)

    assert (ended.code, ended.out) == (2, "")
    assert why in ended.err
    assert ended.err.count("\n") == 1


# -- errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["text", "file", "stdin"])
def test_an_error_says_what_compiling_does_not(
    run: Run, stdin: Callable[[bytes], None], way: str
) -> None:
    """The name that a traceback calls undefined gets its import, in whatever way it comes."""
    put("a.py", "print(json.dumps(1))\n")
    said = "Traceback (most recent call last):\n  ...\nNameError: name 'json' is not defined\n"
    stdin(said.encode())
    put("trace.log", said)

    ended = run("repair", "--error", {"text": said, "file": "trace.log", "stdin": "-"}[way], "a.py")

    assert ended.code == 0
    assert ended.out.startswith("import json\n")


def test_an_error_that_points_nowhere_is_said(run: Run) -> None:
    """The code is not what was wrong, and that is no success."""
    put("a.py", FINE)

    ended = run("repair", "--error", "connection refused", "a.py")

    assert (ended.code, ended.out) == (1, FINE)
    assert ended.err == "a.py: fine\nthe error does not point to this code\n"


def test_an_error_of_one_file_is_no_fault_of_the_others(run: Run) -> None:
    """A folder is repaired if the file that the error means is."""
    put("pkg/a.py", "print(json.dumps(1))\n")
    put("pkg/b.py", FINE)

    ended = run("repair", "--diff", "--error", "NameError: name 'json' is not defined", "pkg")

    assert ended.code == 0
    assert "+import json" in ended.out


def test_quiet_says_only_what_needs_a_person(run: Run) -> None:
    """What went well is silent."""
    put("pkg/a.py", BROKEN)
    put("pkg/b.py", HOPELESS)

    ended = run("repair", "--dry-run", "-q", "pkg")

    assert ended.code == 1
    assert "b.py: declined" in ended.out
    assert "a.py" not in ended.out
