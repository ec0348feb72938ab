"""``omninode-bridge patterns explain``: the errors of a log, told to a person or a program."""

from __future__ import annotations

import gzip
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
LOG = """\
2026-01-01 10:00:00 INFO app: begin
2026-01-01 10:00:01 ERROR app: order 7 failed
Traceback (most recent call last):
  File "/app/orders.py", line 12, in place
    card.charge(key="sk-live")
KeyError: 'card'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/orders.py", line 14, in place
    raise RuntimeError("no card")
RuntimeError: no card
2026-01-01 10:00:02 ERROR app: Connection refused by 10.0.0.1
2026-01-01 10:00:03 ERROR app: Connection refused by 10.0.0.2
2026-01-01 10:00:04 INFO app: end
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    Path("app.log").write_text(LOG)
    return tmp_path


def say(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_a_log_is_told_by_kinds(run: Run) -> None:
    """What it is, what is tried, why, where, and how often."""
    ended = run("patterns", "explain", "app.log")

    assert (ended.code, ended.err) == (0, "")
    assert "1 x  RuntimeError: no card\n    from KeyError: 'card'\n" in ended.out
    assert "raised at /app/orders.py:14 in place" in ended.out
    assert "logged as 'order 7 failed'" in ended.out
    assert "2 x  Connection refused by 10.0.0.1\n  network; passes by itself\n" in ended.out
    assert "  lines 14 to 15\n" in ended.out
    assert ended.out.endswith("3 errors of 2 kinds in 16 lines of app.log\n")


def test_stdin_gzip_and_file_say_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the log comes, its account is the same."""
    Path("app.log.gz").write_bytes(gzip.compress(LOG.encode()))
    say(monkeypatch, LOG.encode())

    by_file = run("patterns", "explain", "app.log", "--format", "json")
    by_gzip = run("patterns", "explain", "app.log.gz", "--format", "json")
    by_stdin = run("patterns", "explain", "-", "--format", "json")

    assert by_file.out == by_gzip.out == by_stdin.out
    report = json.loads(by_file.out)
    assert (report["errors"], report["kinds"], report["lines"], report["fault"]) == (3, 2, 16, None)
    group = next(one for one in report["groups"] if one["count"] == 2)
    assert (group["error_type"], group["transient"]) == ("network", True)
    assert group["ladder"][0] == group["strategy"] == "retry"
    assert (group["first_line"], group["last_line"]) == (14, 15)


def test_no_error_is_said_with_the_number_of_lines(run: Run) -> None:
    """An empty answer would leave open whether anything was read."""
    Path("fine.log").write_text("all is well\n" * 3)

    ended = run("patterns", "explain", "fine.log")

    assert (ended.code, ended.out) == (0, "no error found in 3 lines of fine.log\n")


def test_the_list_is_bounded(run: Run) -> None:
    """The worst are shown, the others counted."""
    names = "".join(f"{one}{two}Error: x\n" for one in "ABCDE" for two in "abcde")
    Path("many.log").write_text(names)

    ended = run("patterns", "explain", "many.log", "--limit", "2")

    assert ended.out.count("fingerprint ") == 2
    assert "23 more kinds with 23 errors are not shown (--limit)" in ended.out


def test_secrets_of_logs_are_not_printed(run: Run) -> None:
    """Messages, notes and causes go through the redactor, in text and in JSON."""
    secret = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
    Path("keys.log").write_text(
        f"ERROR:root:call with {secret} failed\n"
        f"Traceback (most recent call last):\nKeyError: '{secret}'\n\n"
        "The above exception was the direct cause of the following exception:\n\n"
        f"Traceback (most recent call last):\nRuntimeError: {secret}\n"
    )

    text = run("patterns", "explain", "keys.log").out
    plain = run("patterns", "explain", "keys.log", "--format", "json").out

    assert "RuntimeError" in text
    assert "RuntimeError" in plain
    assert secret not in text + plain


def test_what_a_terminal_would_obey_is_escaped(run: Run) -> None:
    """A log cannot move the cursor of who reads its account."""
    Path("odd.log").write_text("KeyError: 'a\u202eb\u0007'\n")

    ended = run("patterns", "explain", "odd.log")

    assert "1 x  KeyError" in ended.out
    assert "\u202e" not in ended.out
    assert "\u0007" not in ended.out


def test_patterns_of_ones_own_count(run: Run) -> None:
    """What the user knows outranks what the log shows."""
    Path("own.yaml").write_text(
        "- pattern_id: card\n  error_type: custom\n  regex_pattern: no card\n"
        "  recovery_strategy: escalation\n"
    )

    ended = run("patterns", "explain", "app.log", "--file", "own.yaml")

    assert "custom; " in ended.out
    assert "because pattern 'card' matches the text" in ended.out


def test_a_log_that_breaks_off_is_exit_code_1(run: Run) -> None:
    """What was read is told, and that it was not all."""
    Path("cut.gz").write_bytes(gzip.compress(LOG.encode() * 99)[:-30])

    ended = run("patterns", "explain", "cut.gz")

    assert ended.code == 1
    assert "cut.gz was not read to its end: the gzip data ends in the middle" in ended.out


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_sentences_fold_at_the_width(
    run: Run, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    """Nothing is wider than the terminal."""
    monkeypatch.setenv("COLUMNS", columns)
    Path("wide.log").write_text("ValueError: " + "a long message that goes on " * 30 + "\n")

    ended = run("patterns", "explain", "wide.log")

    assert ended.code == 0
    assert max(map(len, ended.out.splitlines())) <= int(columns)


def test_an_interrupt_shows_what_was_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ending a stream that goes on with Ctrl-C is the way to its account."""

    class Stream(io.RawIOBase):
        parts = iter([LOG.encode()])

        def read(self, size: int = -1) -> bytes:
            del size
            try:
                return next(self.parts)
            except StopIteration:
                raise KeyboardInterrupt from None

    class Stdin:
        buffer = Stream()

        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Stdin())

    ended = run("patterns", "explain", "-")

    assert ended.code == 130
    assert ended.err == "paste the text, then end it with Ctrl-D on a line of its own\n"
    assert "3 errors of 2 kinds" in ended.out
    assert "stdin was not read to its end: interrupted" in ended.out
