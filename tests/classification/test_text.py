"""The text of an exception: whole, in order, bounded, whatever the exception does."""

from __future__ import annotations

from omninode_bridge.agents.workflows.classification import base_names, describe


def test_the_error_then_its_causes_then_its_members() -> None:
    """One line each, the explicit cause in front of what was handled."""
    error = ExceptionGroup("all failed", [ValueError("a"), TypeError()])
    error.__cause__ = OSError("disk")
    error.__context__ = KeyError("hidden")

    assert describe(error).split("\n") == [
        "ExceptionGroup: all failed (2 sub-exceptions)",
        "OSError: disk",
        "ValueError: a",
        "TypeError",
    ]


def test_a_hidden_context_is_not_told() -> None:
    """`from None` is respected."""
    error = ValueError("a")
    error.__context__ = KeyError("hidden")
    error.__suppress_context__ = True

    assert describe(error) == "ValueError: a"


def test_a_cycle_is_told_once() -> None:
    """Each error of a cycle appears once."""
    one, two = ValueError("a"), TypeError("b")
    one.__cause__, two.__cause__ = two, one

    assert describe(one) == "ValueError: a\nTypeError: b"


def test_an_unreadable_error_is_told_by_its_name() -> None:
    """A text that raises is replaced by a remark."""

    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no")

    assert describe(Mute()) == "Mute: (its text cannot be read)"


def test_a_huge_message_keeps_its_ends() -> None:
    """Head and tail stay, the whole is bounded."""
    text = describe(ValueError("head" + "x" * 5_000_000 + "tail"))

    assert text.startswith("ValueError: head")
    assert text.endswith("tail")
    assert len(text) <= 16_384


def test_names_of_bases_leave_out_those_of_everything() -> None:
    """Exception, BaseException and object tell nothing."""
    assert base_names(ConnectionResetError("x")) == "ConnectionError\nOSError"
