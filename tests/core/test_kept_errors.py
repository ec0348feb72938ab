"""Errors cross as data: what a later process gets reads as what was met."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows._errors_data import ReplayedError, data_of, error_of
from omninode_bridge.errors import AttemptTimeoutError, UnusableResultError


class CustomError(Exception):
    """An error of a user's own, with a field and two arguments."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code = code

    def __str__(self) -> str:
        return f"{self.args[1]} ({self.code})"


def crossed(error: Exception) -> Exception:
    """Return what comes back of it."""
    analysis = ErrorRecoveryOrchestrator().analyze(error)
    return error_of(json.loads(json.dumps(data_of(error, analysis))))


@pytest.mark.parametrize(
    "error",
    [
        ValueError("wrong"),
        ValueError(["a", 1]),
        KeyError("k"),
        OSError(2, "No such file", "/f"),
        OSError(18, "Cross-device link", "/a", None, "/b"),
        FileNotFoundError(2, "No such file", "/f"),
        ConnectionResetError(104, "reset"),
        OSError("only a text"),
        SyntaxError("bad", ("f.py", 3, 4, "x = ", 3, 5)),
        SyntaxError("bad"),
        StopIteration(3),
        ZeroDivisionError(),
        ModuleNotFoundError("No module named 'x'", name="x"),
        AttemptTimeoutError("too slow"),
        UnusableResultError("no good", result={"n": 1}),
    ],
    ids=repr,
)
def test_known_errors_come_back(error: Exception) -> None:
    """Built-in errors and our own are of their type again, and say the same."""
    back = crossed(error)

    assert type(back) is type(error)
    assert str(back) == str(error)
    for name in ("errno", "strerror", "filename", "filename2", "lineno", "offset", "value"):
        assert getattr(back, name, None) == getattr(error, name, None)


@pytest.mark.parametrize(
    "error",
    [
        CustomError(7, "odd"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
        ExceptionGroup("several", [ValueError("a")]),
        ValueError(object),
    ],
    ids=lambda error: type(error).__name__,
)
def test_others_have_stand_ins(error: Exception) -> None:
    """Anything else is a stand-in of the same name and text, which can be pickled."""
    back = crossed(error)

    assert isinstance(back, ReplayedError)
    assert type(back).__name__ == type(error).__name__
    assert str(back) == str(error)
    again: Any = pickle.loads(pickle.dumps(back))
    assert (str(again), again.type_name) == (str(back), back.type_name)
    assert back.type_name.endswith(type(error).__name__)


def test_fields_of_a_stand_in() -> None:
    """What was plain of an error's own fields is there."""
    back = crossed(CustomError(7, "odd"))

    assert isinstance(back, ReplayedError)
    assert back.attributes == {"code": 7}


def test_no_class_is_looked_up_by_what_was_written() -> None:
    """Only names of built-in errors and of this package are made; anything else stays a text."""
    for name in (
        "os.system",
        "subprocess.Popen",
        "builtins.eval",
        "print",
        "a b",
        "",
        "SystemExit",
    ):
        back = error_of({"type": name, "message": "x", "args": ["true"], "attributes": {}})
        assert isinstance(back, ReplayedError)
