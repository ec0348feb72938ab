"""Whole logs drawn by lot: every error that was printed into them is found once, and no other."""

from __future__ import annotations

import random
import traceback

from hypothesis import given
from hypothesis import strategies as st

from omninode_bridge.agents.workflows.classification import describe
from omninode_bridge.agents.workflows.classification.log_errors import find_errors

MESSAGES = (
    *("", "x", "connection refused: host 7", "a: b: c", "[Errno 2] No such file", "it's 'so'"),
    *("{'error': {'code': 3}}", "100%", "http://a/b?c=d", "ERROR: bad", "Traceback of sorts"),
    *("   lead", 'message with File "a"'),
)
LONG = ("first\nsecond", "1 error\nname\n  Field required", "a\n\nb", "first\n  indented")
TYPES = (ValueError, KeyError, RuntimeError, OSError, TimeoutError, StopIteration, LookupError)
TALK = (
    "2026-01-01 10:00:00,123 INFO app: fine",
    "2026-01-01 10:00:01,123 DEBUG app.x: ok (0 errors)",
    "2026-01-01 10:00:01,123 WARNING app: retrying",
)
LEVEL = "2026-01-01 10:00:00,123 ERROR app.views: "
STREAMS = ("web_1  | ", "2026-01-01T00:00:00.000Z stderr F ", "Jan  1 10:00:00 h app[12]: ")


def make(draw: random.Random, depth: int, messages: tuple[str, ...]) -> Exception:
    """Return an exception with causes, contexts and members, raised for real."""
    message = draw.choice(messages)
    error: Exception = draw.choice(TYPES)(*[message] if message else [])
    if depth and draw.random() < 0.3:
        members = [make(draw, depth - 1, MESSAGES) for _ in range(draw.randint(1, 3))]
        error = ExceptionGroup("many", members)
    try:
        if depth and draw.random() < 0.5:
            try:
                raise make(draw, depth - 1, messages)
            except Exception as cause:
                if draw.random() < 0.5:
                    raise error from cause
                raise error  # noqa: B904 - a context without a cause
        raise error
    except Exception as raised:
        return raised


@given(st.integers(0, 2**32))
def test_each_error_of_a_log_is_found_once(seed: int) -> None:
    """Trees of exceptions, with any prefix, among other lines, with and without a note before."""
    draw = random.Random(seed)
    prefix = draw.choice(("", LEVEL, *STREAMS))
    messages = MESSAGES + LONG if prefix in {"", LEVEL} and draw.random() < 0.3 else MESSAGES
    errors = [make(draw, draw.randint(0, 2), messages) for _ in range(draw.randint(1, 4))]
    lines: list[str] = []
    for error in errors:
        lines += [draw.choice(TALK)] * draw.randint(1, 2)
        if prefix in {"", LEVEL} and draw.random() < 0.4:
            lines.append(f"{LEVEL}it failed")
        printed = "".join(traceback.format_exception(error)).rstrip("\n")
        lines += [prefix + line for line in printed.split("\n")]
    lines.append(draw.choice(TALK))

    found = [error.parts[0].split("\n")[0] for error in find_errors(enumerate(lines, start=1))]

    assert found == [describe(error).split("\n")[0] for error in errors]
