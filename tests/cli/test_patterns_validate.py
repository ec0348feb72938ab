"""``omninode-bridge patterns validate``: what is wrong with files of patterns."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
GOOD = """\
[[patterns]]
pattern_id = "card"
error_type = "custom"
regex_pattern = 'card \\d+ declined'
recovery_strategy = "retry"
"""
BROKEN = GOOD.replace("'card \\d+ declined'", "'card (declined'")
BROAD = GOOD.replace("'card \\d+ declined'", "'error'")
HIDDEN = GOOD + GOOD.replace('"card"', '"visa"').replace("'card", "'visa card")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    return tmp_path


def write(text: str, name: str = "p.toml") -> str:
    Path(name).write_text(text)
    return name


def test_a_good_file_has_no_findings(run: Run) -> None:
    """Exit code 0 and one line that says what was looked at."""
    ended = run("patterns", "validate", write(GOOD))

    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "1 usable pattern in 1 file: 0 errors, 0 warnings\n"


def test_an_error_has_place_reason_and_fix(run: Run) -> None:
    """File and line first, as editors and compilers have it."""
    ended = run("patterns", "validate", write(BROKEN))

    assert ended.code == 1
    assert ended.out.startswith("p.toml:4: error: card: the regex does not compile: missing )")
    assert ", before '(declined' [does-not-compile]\n" in ended.out
    assert "    why: it is not loaded\n" in ended.out
    assert "    fix: a parenthesis that is text is written \\( or \\)\n" in ended.out
    assert ended.out.endswith("0 usable patterns in 1 file: 1 error, 0 warnings\n")


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--strict",), 1)])
def test_warnings_fail_only_where_asked(run: Run, options: tuple[str, ...], code: int) -> None:
    """A pattern that is merely too broad works as written."""
    ended = run("patterns", "validate", write(BROAD), *options)

    assert ended.code == code
    assert "p.toml:4: warning: card: matches " in ended.out
    assert "[over-general]" in ended.out


def test_a_hidden_pattern_names_the_one_before(run: Run) -> None:
    """The finding says which pattern wins, and on which text."""
    ended = run("patterns", "validate", write(HIDDEN))

    assert ended.code == 1
    assert "p.toml:9: " in ended.out
    assert "error: visa: shadowed by 'card' (line 1) [shadowed]" in ended.out


def test_json_has_the_same_findings(run: Run) -> None:
    """Every part of a finding is a field."""
    names = [write(GOOD), write(BROKEN, "q.toml"), write("patterns: 1", "r.yaml")]

    ended = run("patterns", "validate", *names, "--format", "json")

    report = json.loads(ended.out)
    assert (ended.code, ended.err, report["errors"], report["warnings"]) == (1, "", 2, 0)
    assert [(one["file"], one["usable"]) for one in report["files"]] == [
        ("p.toml", 1),
        ("q.toml", 0),
        ("r.yaml", 0),
    ]
    (finding,) = report["files"][1]["findings"]
    assert (finding["line"], finding["pattern_id"], finding["severity"], finding["code"]) == (
        4,
        "card",
        "error",
        "does-not-compile",
    )
    assert all(finding[key] for key in ("message", "why", "fix"))


def test_an_unreadable_file_is_a_finding(run: Run) -> None:
    """A broken file does not keep the others from being judged."""
    ended = run("patterns", "validate", write("[[patterns]\n", "bad.toml"), write(GOOD))

    assert ended.code == 1
    assert "bad.toml:1: error: not TOML: " in ended.out
    assert "1 usable pattern in 2 files: 1 error, 0 warnings" in ended.out


def test_of_many_findings_the_first_are_printed(run: Run) -> None:
    """Errors first; the rest is counted, and JSON is bounded too."""
    text = "\n".join(BROAD.replace('"card"', f'"card{n}"') for n in range(300))
    name = write(text)

    ended = run("patterns", "validate", name)

    assert ended.out.count("\np.toml:") == 199
    assert ": error: " in ended.out
    assert ": warning: " not in ended.out
    assert " more; mend these first\n" in ended.out
    assert json.loads(run("patterns", "validate", name, "--format", "json").out)["left_out"] == 0


def test_a_device_is_no_file(run: Run) -> None:
    """It is there, but cannot be read as a file is."""
    ended = run("patterns", "validate", "/dev/null")

    assert ended.code == 2
    assert "/dev/null: is a device or a pipe, not a file" in ended.err
