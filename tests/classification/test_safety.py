"""The parse tree tells which text a regex needs and how long it may take."""

from __future__ import annotations

import pytest

from omninode_bridge.agents.workflows.classification.safety import EXPONENTIAL, analyse


@pytest.mark.parametrize(
    ("regex", "literals"),
    [
        ("ReadTimeout", {"readtimeout"}),
        (r"Read(?:ing)? timeout", {"read timeout", "reading timeout"}),
        (r"Read(?:ing)?\d timeout", {" timeout"}),
        (r"foo|barbaz", {"foo", "barbaz"}),
        (r"\d+ foo", {" foo"}),
        (r"(?:abc)*", set()),
        (r"(?:abc)+", {"abc"}),
        (r"a|\d", set()),
        (r"[Tt]ime", {"time"}),
        (r"größe", {"gr"}),
        (r"\bkey\b", {"key"}),
    ],
)
def test_needed_literals(regex: str, literals: set[str]) -> None:
    """At least one of the literals is in every text that matches."""
    needs = analyse(regex).needs

    assert set(needs[0] if needs else ()) == literals


@pytest.mark.parametrize(
    "regex",
    [
        r"(a+)+",
        r"(a|ab)*c",
        r"(.+)\1+",
        r"(?:x*y?){5,}",
        "a?" * 20,
        r"((ab)*c)*",
        r"(?P<a>x)(?:(?(a)y+|z))*",
    ],
)
def test_shapes_that_blow_up_are_known(regex: str) -> None:
    """Nested repeats, ambiguous repeats, back references and many options are not bounded."""
    assert analyse(regex).degree == EXPONENTIAL


@pytest.mark.parametrize(
    ("regex", "degree"),
    [("abc", 0), (r"a.*b", 1), (r"a.*b\s+c", 2), (r"(?:a|b+)c", 1), (r"(.+)\1", 2)],
)
def test_the_degree_counts_repeats_without_an_end(regex: str, degree: int) -> None:
    """Each repeat in a row adds one to the exponent."""
    assert analyse(regex).degree == degree


@pytest.mark.parametrize(
    ("regex", "is_chain"),
    [
        ("Template.*render.*failed|Jinja2.*error", True),
        ("a.+b", True),
        ("(?:a|b).*c", True),
        ("a.*", True),
        (".+a", False),
        ("a.+", False),
        ("(a.*)b", True),
        ("(?P<x>a).*b", False),
        ("(?s)a.*b", False),
        (r"a\d", False),
        ("(?-i:a)", False),
    ],
)
def test_what_is_no_more_than_literals_with_gaps(regex: str, *, is_chain: bool) -> None:
    """Only such a regex is run without an engine."""
    assert (analyse(regex).chains is not None) is is_chain


@pytest.mark.parametrize(
    ("regex", "one_line"),
    [
        ("a.*b", True),
        (r"a\sb", False),
        ("a[^b]c", False),
        ("^a", False),
        (r"\ba\w+", True),
        ("(?s)a.b", False),
    ],
)
def test_what_cannot_leave_its_line(regex: str, *, one_line: bool) -> None:
    """A regex that can hold a line break, or looks for the ends of the text, runs on all of it."""
    assert analyse(regex).one_line is one_line
