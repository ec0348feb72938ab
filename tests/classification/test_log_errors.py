"""Errors found in logs, whatever the log writes around them."""

from __future__ import annotations

import json
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omninode_bridge.agents.workflows.classification import describe
from omninode_bridge.agents.workflows.classification.log_errors import find_errors
from omninode_bridge.agents.workflows.classification.log_marks import LoggedError


def found_in(text: str | Iterable[str]) -> list[LoggedError]:
    lines = text.split("\n") if isinstance(text, str) else text
    return list(find_errors(enumerate(lines, start=1)))


def parts_in(text: str | Iterable[str]) -> list[tuple[str, ...]]:
    return [error.parts for error in found_in(text)]


def fail_simply() -> None:
    raise KeyError("a")


def fail_with_cause() -> None:
    try:
        fail_simply()
    except KeyError as error:
        raise RuntimeError("two") from error


def fail_in_context() -> None:
    try:
        fail_with_cause()
    except RuntimeError:
        raise LookupError("three")  # noqa: B904 - that is what is looked for


def fail_in_a_group() -> None:
    raise ExceptionGroup("many", [ValueError("x"), TimeoutError("late"), OSError(28, "full")])


def raised(fail: Callable[[], None]) -> Exception:
    try:
        fail()
    except Exception as error:
        return error
    raise AssertionError


def printed(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)).rstrip("\n")


FAILS = (fail_simply, fail_with_cause, fail_in_context, fail_in_a_group)
PREFIXES = (
    "",
    "2026-01-01 10:00:0{0},123 ERROR app.views: ",
    "2026-01-01T00:00:00.{0}234567Z ",
    "2026-01-01T00:00:00.{0}Z stderr F ",
    "Jan  1 10:00:0{0} host app[123]: ",
    "web_1    | ",
    "0|app  | ",
    "> ",
    "[pod/app-7c9f/app] ",
    "\tat 10:00:0{0} worker-3: ",
)


@pytest.mark.parametrize("fail", FAILS)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_traceback_is_one_error_whatever_stands_before_its_lines(
    fail: Callable[[], None], prefix: str
) -> None:
    """Prefixes, also such as count or tell the time, change nothing of what is found."""
    error = raised(fail)
    lines = [
        prefix.format(number % 10) + line for number, line in enumerate(printed(error).split("\n"))
    ]

    found = found_in(["2026-01-01 00:00:00 INFO begin", *lines, "2026-01-01 00:00:01 INFO end"])

    assert ["\n".join(one.parts) for one in found] == [describe(error)]
    assert (found[0].first, found[0].last) == (2, len(lines) + 1)
    assert not found[0].is_cut


@pytest.mark.parametrize("fail", FAILS)
def test_a_traceback_is_found_in_json(fail: Callable[[], None]) -> None:
    """A field of a record holds the whole traceback, its message says what was going on."""
    error = raised(fail)
    record = {"level": "error", "message": "it broke", "exc_info": printed(error)}

    found = found_in(json.dumps(record))

    assert ["\n".join(one.parts) for one in found] == [describe(error)]
    assert found[0].note == "it broke"


def test_a_container_runtime_wraps_each_line() -> None:
    """Lines that come each in an envelope of JSON are put together again."""
    error = raised(fail_with_cause)
    lines = [
        json.dumps({"log": f"{line}\n", "stream": "stderr", "time": "2026-01-01T00:00:00Z"})
        for line in printed(error).split("\n")
    ]

    assert ["\n".join(parts) for parts in parts_in(lines)] == [describe(error)]


def test_streams_that_interleave_stay_apart() -> None:
    """Two containers fail at the same time; neither takes the other's lines."""
    one = [f"web_1     | {line}" for line in printed(raised(fail_with_cause)).split("\n")]
    two = [f"worker_1  | {line}" for line in printed(raised(fail_simply)).split("\n")]
    mixed = [
        line for pair in zip(one, [*two, *["web_2 | fine"] * 99], strict=False) for line in pair
    ]

    assert sorted(parts_in(mixed)) == [
        ("KeyError: 'a'",),
        ("RuntimeError: two", "KeyError: 'a'"),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2026-01-01 10:00:00,124 ERROR    app.views: Connection refused", "Connection refused"),
        ("ERROR:root:disk is full", "disk is full"),
        ("[2026-01-01 00:00:00 +0000] [7] [ERROR] Worker died", "Worker died"),
        ("2026/01/01 00:00:00 [error] connect() failed", "connect() failed"),
        ("2026-01-01 | CRITICAL | app.main:run:12 - out of memory", "out of memory"),
        ("10:00:00.123 [main] ERROR com.foo.Bar - Something bad", "Something bad"),
        ("E0101 00:00:00.000000    1 main.go:5] sync failed", "sync failed"),
        ('time="x" level=error msg="pull failed" error="timed out"', "pull failed: timed out"),
        ('{"level":50,"pid":1,"hostname":"h","msg":"refused"}', "refused"),
        ('{"levelno": 40, "message": "refused"}', "refused"),
        ('{"severity": "CRITICAL", "message": "refused"}', "refused"),
        ('{"level": "error", "msg": "failed", "error": "refused"}', "failed: refused"),
        ("fatal: repository 'x' not found", "repository 'x' not found"),
        ("src/a.py:3:5: error: bad type", "bad type"),
        ("curl: (7) Failed to connect", None),
        ("httpx.ReadTimeout: slow", "httpx.ReadTimeout: slow"),
        ("asyncio.exceptions.CancelledError", "asyncio.exceptions.CancelledError"),
        (
            "2026-01-01 ERROR call failed: openai.RateLimitError: slow",
            "openai.RateLimitError: slow",
        ),
        ("[x: ERROR/Fork-1] Task a raised unexpected: ValueError('boom')", "ValueError: boom"),
        ("2026-01-01 INFO no error here, ErrorHandler registered", None),
        ("2026-01-01 WARNING retrying after ReadTimeout", None),
        ('{"level": "info", "msg": "0 errors"}', None),
        ('{"level":40,"pid":1,"hostname":"h","msg":"slow"}', None),
        ("0 errors, 3 warnings", None),
        ("GET /errors/500 HTTP/1.1 200", None),
        ("", None),
        ("ERRORS", None),
    ],
)
def test_records_are_errors_by_their_level_or_name(line: str, message: str | None) -> None:
    """The message is told without time, level and logger; what only talks of errors is none."""
    assert parts_in(line) == ([] if message is None else [(message,)])


PYTEST = """\
=================================== FAILURES ===================================
___________________________________ test_one ___________________________________

    def test_one():
>       assert add(1) == 3
E       assert 2 == 3
E        +  where 2 = add(1)

test_a.py:4: AssertionError
___________________________________ test_two ___________________________________

    def test_two():
        try:
>           {}["a"]
E           KeyError: 'a'

test_a.py:7: KeyError

The above exception was the direct cause of the following exception:

    def test_two():
>           raise RuntimeError("wrapped") from e
E           RuntimeError: wrapped

test_a.py:9: RuntimeError
________________________ ERROR at setup of test_three __________________________
test_a.py:2: in db
    raise ConnectionRefusedError(111, "refused")
E   ConnectionRefusedError: [Errno 111] refused
=========================== short test summary info ============================
FAILED test_a.py::test_one - assert 2 == 3
FAILED test_a.py::test_two - RuntimeError: wrapped
ERROR test_a.py::test_three - ConnectionRefusedError: [Errno 111] refused
"""


def test_failures_of_pytest_are_found_once() -> None:
    """Long and short reports are read; the summary says nothing new."""
    assert parts_in(PYTEST) == [
        ("AssertionError: assert 2 == 3\n +  where 2 = add(1)",),
        ("RuntimeError: wrapped", "KeyError: 'a'"),
        ("ConnectionRefusedError: [Errno 111] refused",),
    ]


def test_a_summary_of_pytest_alone_is_read() -> None:
    """Without the failures themselves their summary tells them."""
    found = found_in(PYTEST.partition("summary info")[2])

    assert [error.parts[0] for error in found] == [
        "AssertionError: assert 2 == 3",
        "RuntimeError: wrapped",
        "ConnectionRefusedError: [Errno 111] refused",
    ]
    assert found[0].frame == "test_a.py::test_one"


@pytest.mark.slow
@pytest.mark.parametrize("style", ["auto", "long", "short", "line", "native", "no"])
def test_every_style_of_pytest_tells_the_same(style: str, tmp_path: Path) -> None:
    """Real runs of pytest: the same number of errors, whatever it prints of them."""
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "def test_a(): assert 1 == 2\n"
        "def test_b(): eval('1 +')\n"
        "def test_c(): raise ExceptionGroup('many', [ValueError('x')])\n"
        "@pytest.fixture\ndef db(): raise ConnectionRefusedError(111, 'refused')\n"
        "def test_d(db): pass\n"
        "def test_e():\n  try: {}['a']\n  except KeyError as e: raise RuntimeError('w') from e\n"
    )
    options = ("-p", "no:cacheprovider", "-p", "no:randomly", f"--tb={style}")
    for more in ((), ("-q",), ("-vv",)):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *more, "test_it.py"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

        found = found_in(f"{done.stdout}\nERROR:root:later")

        assert len(found) == 6, done.stdout


def test_the_output_of_unittest_is_read() -> None:
    """The rule between the name of a test and its traceback parts nothing."""
    text = (
        f"{'=' * 70}\nERROR: test_e (tests.T.test_e)\n{'-' * 70}\n{printed(raised(fail_simply))}\n\n"
        f"{'-' * 70}\nRan 1 test in 0.001s\n\nFAILED (errors=1)\n"
    )

    (error,) = found_in(text)

    assert (error.parts, error.note) == (("KeyError: 'a'",), "test_e (tests.T.test_e)")


def test_a_message_of_several_lines_is_kept() -> None:
    """Indented lines, and lines before indented ones, belong to the message."""
    text = (
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\n'
        "pydantic_core._pydantic_core.ValidationError: 2 validation errors for Order\n"
        "id\n  Field required [type=missing]\nqty\n  Input should be an integer"
    )

    assert parts_in(text) == [
        (text.partition("pydantic_core._pydantic_core.")[2],),
    ]


def test_lines_of_one_moment_are_one_message() -> None:
    """Where each line has the time, a line with the same one belongs to the message."""
    prefix = "2026-01-01 10:00:00,123 ERROR app: "
    lines = [*printed(raised(fail_simply)).split("\n"), "second line"]
    other = "2026-01-01 10:00:00,999 ERROR app: another error"

    assert parts_in([*(prefix + line for line in lines), other]) == [
        ("KeyError: 'a'\nsecond line",),
        ("another error",),
    ]


def test_what_follows_a_traceback_is_not_its_message() -> None:
    """Ordinary output after a traceback stays out of the error, so that its mark stays the same."""
    text = (
        printed(raised(fail_simply)) + "\nserver started\nlistening\n\nall fine\nERROR:root:other"
    )

    assert parts_in(f"server begins\n{text}") == [("KeyError: 'a'",), ("other",)]


@pytest.mark.parametrize(
    ("text", "parts", "is_cut"),
    [
        ('  File "a.py", line 3, in f\n    g()\nValueError: x', ("ValueError: x",), False),
        ('Traceback (most recent call last):\n  File "a.py", line 3, in f\n    g()', (), True),
        ("Traceback (most recent call last):", (), True),
        ("Traceback (most recent call last):\n  ...\nOSError: x", ("OSError: x",), False),
    ],
)
def test_what_is_cut_off_is_told_as_far_as_it_goes(
    text: str, parts: tuple[str, ...], is_cut: bool
) -> None:
    """A missing beginning costs nothing; a missing end is said."""
    (error,) = found_in(text)

    assert (error.parts, error.is_cut) == (parts, is_cut)


def test_the_line_before_a_traceback_is_its_note() -> None:
    """A logged error with its traceback is one error, not two."""
    text = "2026-01-01 ERROR app: order 7 failed\n" + printed(raised(fail_simply))

    (error,) = found_in(text)

    assert (error.parts, error.note, error.first) == (("KeyError: 'a'",), "order 7 failed", 1)
    assert error.frame.endswith("in fail_simply")


def test_a_traceback_with_escaped_line_ends_is_read() -> None:
    """Key and value on one line, as many loggers have it."""
    escaped = printed(raised(fail_simply)).replace('"', '\\"').replace("\n", "\\n")

    assert parts_in(f'ts=1 level=error exc="{escaped}\\n"') == [("KeyError: 'a'",)]


def test_lists_of_exceptions_in_json_are_read() -> None:
    """Structured tracebacks have types and values instead of text; the last is the error."""
    record = {
        "event": "x",
        "level": "error",
        "exception": [{"exc_type": "OSError", "exc_value": "disk", "frames": []}],
    }

    assert parts_in(json.dumps(record)) == [("OSError: disk",)]


def test_frames_are_not_part_of_the_text() -> None:
    """A file called timeout.py makes no timeout."""
    text = (
        'Traceback (most recent call last):\n  File "/app/timeout.py", line 1, in connection_refused\n'
        "    timeout()\nRuntimeError: x"
    )

    (error,) = found_in(text)

    assert error.text == "RuntimeError: x"
    assert error.frame == "/app/timeout.py:1 in connection_refused"


PIECES = st.sampled_from(
    [
        *printed(raised(fail_in_a_group)).split("\n"),
        *printed(raised(fail_in_context)).split("\n"),
        *PYTEST.split("\n"),
        *("web_1 | Traceback (most recent call last):", "{", '{"log": "x\\n", "stream": "s"}'),
        *('{"exception": [[{"a": 1}]], "level": {"name": []}}', "E   ", "ERROR", "", " ", "\t|"),
        *("Traceback (most recent call last):\\n", '{"level": "9", "error": {"error": {}}}'),
    ]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=40))
def test_no_order_of_lines_is_a_crash(lines: list[str]) -> None:
    """Whatever comes, errors lie within the text and have a text of their own unless cut."""
    for error in found_in(lines):
        assert 1 <= error.first <= error.last <= len(lines)
        assert error.is_cut or (error.text.strip() and error.parts)
