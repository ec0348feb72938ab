"""A log as an account: kinds counted, worst first, bounded, with the marks of live errors."""

from __future__ import annotations

import io
import time
import traceback
from collections.abc import Iterator

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows.classification import log_groups
from omninode_bridge.agents.workflows.classification.log_reading import LogReport, read_log

ORCHESTRATOR = ErrorRecoveryOrchestrator(infer_operation=False)


def read(text: str) -> LogReport:
    return read_log(io.BytesIO(text.encode()), ORCHESTRATOR.analyze)


def test_errors_of_one_kind_are_counted_together() -> None:
    """Numbers and names that differ do not make another kind."""
    text = "".join(
        f"2026-01-01 10:00:{number:02d} ERROR app: request {number} to host-{number} timed out\n"
        for number in range(20)
    )

    report = read(text)

    (group,) = report.groups
    assert (report.lines, report.total, group.count) == (20, 20, 20)
    assert (group.first, group.last) == (1, 20)
    assert (group.analysis.error_type, group.analysis.transient) == ("timeout", True)


def test_the_worst_comes_first_then_the_most_frequent() -> None:
    """What needs a person, what stays, what nobody knows, what passes."""
    text = (
        "ConnectionResetError: [Errno 104] reset\n" * 9
        + "RuntimeError: it broke\n" * 2
        + "KeyError: 'a'\n"
        + "ZeroDivisionError: division by zero\n" * 3
        + "PermissionError: [Errno 13] Permission denied\n"
    )

    report = read(text)

    assert [group.error.parts[0].partition(":")[0] for group in report.groups] == [
        "PermissionError",
        "ZeroDivisionError",
        "KeyError",
        "RuntimeError",
        "ConnectionResetError",
    ]


def fail_with_cause() -> None:
    try:
        raise ConnectionResetError(104, "Connection reset by peer")
    except OSError as error:
        raise RuntimeError("call failed") from error


def fail_plainly() -> None:
    raise TimeoutError


def fail_in_a_group() -> None:
    raise ExceptionGroup("many", [ValueError("x"), KeyError("late")])


@pytest.mark.parametrize("fail", [fail_with_cause, fail_plainly, fail_in_a_group])
def test_a_log_says_of_an_error_what_the_live_one_says(fail: object) -> None:
    """Type, transience, ladder and fingerprint are those of the exception itself."""
    with pytest.raises(Exception) as caught:
        fail()  # type: ignore[operator]
    live = ORCHESTRATOR.analyze(caught.value)

    (group,) = read("".join(traceback.format_exception(caught.value))).groups

    assert group.fingerprint == live.fingerprint
    assert group.analysis.error_type is live.error_type
    assert group.analysis.transient is live.transient
    assert group.analysis.ladder == live.ladder


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("Connection refused\n", 1),
        ("\n  too many requests, slow down  \n", 1),
        ("all is well\n", 0),
        ("", 0),
        ("\n\n", 0),
        ("line\n" * 50 + "Connection refused\n", 0),
    ],
)
def test_a_pasted_message_is_an_error_of_itself(text: str, total: int) -> None:
    """A few lines about which something is known are taken as the error that somebody pasted."""
    assert read(text).total == total


def test_kinds_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors of ever new kinds are counted, not kept."""
    monkeypatch.setattr(log_groups, "MAX_GROUPS", 3)
    names = ["Ab", "Bc", "Cd", "De", "Ef"]

    report = read("".join(f"{name}Error: x\n" for name in names))

    assert (len(report.groups), report.total, report.lost) == (3, 5, 2)


def test_an_interrupt_keeps_what_was_read() -> None:
    """Who ends a stream that goes on sees what came until then."""

    class Interrupted(io.RawIOBase):
        parts: Iterator[bytes] = iter([b"KeyError: 'a'\nmore\n"])

        def read(self, size: int = -1) -> bytes:
            del size
            try:
                return next(self.parts)
            except StopIteration:
                raise KeyboardInterrupt from None

    report = read_log(Interrupted(), ORCHESTRATOR.analyze)  # type: ignore[arg-type]

    assert (report.total, report.fault) == (1, "interrupted")


@pytest.mark.parametrize(
    "line",
    [
        "2026-01-01 10:00:00 ERROR " + "_" * 100_000,
        "2026-01-01 10:00:00 ERROR " + "a." * 50_000,
        "ERROR " + "::" * 50_000,
        "ERROR x" + "\\n" * 20_000,
        '{"level": "error", "message": "x", "stack": "' + "\\n" * 50_000 + '"}',
    ],
    ids=["low lines", "dots", "colons", "escaped line ends", "empty lines of a stack"],
)
def test_a_long_line_of_one_character_does_not_hold_up_a_log(line: str) -> None:
    """What takes longer with the square of a line would take minutes for one of 100,000 characters."""
    begun = time.thread_time()

    report = read(line + "\n")

    assert report.lines == 1
    assert time.thread_time() - begun < 2
