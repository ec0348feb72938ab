"""``omninode-bridge patterns list`` and ``test``: what is known, and what it makes of a text."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
OWN = """\
[[patterns]]
pattern_id = "late"
error_type = "custom"
regex_pattern = 'shipment (?P<number>\\d+) is late'
recovery_strategy = "escalation"
priority = 10

[[patterns]]
pattern_id = "lost"
error_type = "custom"
regex_pattern = "lost"
recovery_strategy = "retry"
priority = 90
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    Path("own.toml").write_text(OWN)
    return tmp_path


def say(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_patterns_are_listed_in_the_order_of_matching(run: Run) -> None:
    """The user's own by priority, then libraries and built-in ones by theirs."""
    ended = run("patterns", "list", "--file", "own.toml", "--format", "json")

    listed = json.loads(ended.out)["patterns"]
    keys = [(-one["rank"], -one["priority"]) for one in listed]
    assert (ended.code, ended.err) == (0, "")
    assert keys == sorted(keys)
    assert [one["pattern_id"] for one in listed[:2]] == ["lost", "late"]
    assert [one["source"] for one in listed[:2]] == ["own.toml:8", "own.toml:1"]
    assert [one["position"] for one in listed] == list(range(1, len(listed) + 1))
    assert {one["source"] for one in listed if not one["added_by_default"]} == {
        "COMMON_NETWORK_PATTERNS",
        "COMMON_SYNTAX_PATTERNS",
        "COMMON_TIMEOUT_PATTERNS",
        "COMMON_VALIDATION_PATTERNS",
    }


def test_a_list_can_be_narrowed(run: Run) -> None:
    """Positions stay those of the whole list."""
    ended = run(
        *("patterns", "list", "--file", "own.toml", "--type", "custom", "--strategy", "escalation")
    )

    assert ended.code == 0
    assert "late" in ended.out
    assert "lost" not in ended.out
    assert "1 of 36 patterns: 1 of your own" in ended.out


@pytest.mark.parametrize("columns", ["60", "80", "120", "200"])
def test_no_line_is_wider_than_the_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    """A table where there is room, two lines for each pattern where there is not."""
    monkeypatch.setenv("COLUMNS", columns)

    ended = run("patterns", "list", "--file", "own.toml")
    whole = run("patterns", "list", "--file", "own.toml", "-v")

    assert max(map(len, ended.out.splitlines())) <= int(columns)
    assert "default_network" in ended.out
    assert len(whole.out) > len(ended.out)


def test_a_match_tells_who_wins_and_why(run: Run) -> None:
    """Winner, groups, rivals, and what the error is by all evidence."""
    ended = run("patterns", "test", "lost: shipment 7 is late", "--file", "own.toml")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("lost wins\n")
    assert "because it comes before late: priority 90 before 10" in ended.out
    assert "also matches: late (custom, escalation; own.toml:1)" in ended.out
    assert "try retry" in ended.out


def test_groups_are_shown(run: Run) -> None:
    """Named groups are told with their values."""
    ended = run("patterns", "test", "shipment 7 is late", "--file", "own.toml")

    assert "group number = '7'" in ended.out
    assert "matched 'shipment 7 is late'" in ended.out


def test_no_match_is_exit_code_1(run: Run) -> None:
    """Scripts can ask; the analysis still says what is known."""
    ended = run("patterns", "test", "all is well")

    assert ended.code == 1
    assert ended.out.startswith("none of 17 patterns matches the text\n")
    assert "unknown; nobody knows whether it passes" in ended.out


def test_a_text_can_come_from_a_file_or_stdin(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """All three ways give the same answer."""
    Path("said.txt").write_text("shipment 7 is late\n")
    say(monkeypatch, b"shipment 7 is late\n")

    by_file = run("patterns", "test", "said.txt", "--file", "own.toml", "--format", "json")
    by_stdin = run("patterns", "test", "-", "--file", "own.toml", "--format", "json")
    given = run("patterns", "test", "shipment 7 is late", "--file", "own.toml", "--format", "json")

    assert by_file.out == by_stdin.out == given.out
    report = json.loads(given.out)
    assert report["winner"]["pattern_id"] == "late"
    assert report["winner"]["groups"] == {"number": "7"}
    assert report["analysis"]["ladder"] == ["escalation"]


def test_libraries_that_are_not_added_do_not_win(run: Run) -> None:
    """They are named apart, with the name that a program has to add."""
    report = json.loads(run("patterns", "test", "ReadTimeout", "--format", "json").out)

    assert "read_timeout" in {one["pattern_id"] for one in report["not_added"]}
    assert report["winner"] is None or report["winner"]["source"] == "built-in"


def test_secrets_are_not_printed(run: Run) -> None:
    """What was captured goes through the redactor first."""
    Path("key.toml").write_text(OWN.replace("shipment (?P<number>\\d+)", "(?P<number>.+)"))

    ended = run(
        *("patterns", "test", "password=hunter2horse is late", "--file", "key.toml"),
    )

    assert ended.code == 0
    assert "hunter2horse" not in ended.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("patterns",), "missing command"),
        (("patterns", "test"), "missing argument 'TEXT|FILE|-'"),
        (("patterns", "test", " "), "the text is empty; there is nothing to match"),
        (("patterns", "test", "no-such.log"), "no-such.log: no such file"),
        (("patterns", "test", "x", "--file", "nope.toml"), "nope.toml: cannot be read"),
        (("patterns", "test", "x", "--file", ""), "--file is empty"),
        (("patterns", "test", "x", "--file", "bad.toml"), "bad.toml:3: pattern 'late': error_type"),
        (("patterns", "test", "x", "--file", "key.toml"), "there is no setting 'max_retry'"),
        (("patterns", "list", "--type", "netwrok"), "'netwrok' is not one of 'network'"),
        (("patterns", "list", "--strategy", "x"), "'x' is not one of 'retry'"),
        (("patterns", "explain"), "missing argument 'FILE|-'"),
        (("patterns", "explain", "nope.log"), "nope.log: no such file or directory"),
        (("patterns", "explain", "."), ". is a folder; it must be a log file"),
        (("patterns", "explain", "own.toml", "--limit", "0"), "--limit is '0'"),
        (("patterns", "validate"), "missing argument 'FILE...'"),
        (("patterns", "validate", "nope.toml"), "nope.toml: no such file"),
        (("patterns", "validate", "."), ".: is a folder, not a file"),
    ],
)
def test_wrong_usage_is_one_sentence(run: Run, arguments: tuple[str, ...], sentence: str) -> None:
    """Exit code 2, nothing on stdout, and the offending value in the sentence."""
    Path("bad.toml").write_text(OWN.replace('"custom"', '"costum"', 1))
    Path("key.toml").write_text(OWN + "metadata = {max_retry = 1}\n")

    ended = run(*arguments)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("omninode-bridge: ")
    assert sentence in ended.err
    assert ended.err.count("\n") == 1
