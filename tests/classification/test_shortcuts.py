"""What is tested cheaply before a regex runs never changes what the regex would have said."""

from __future__ import annotations

import random

import pytest

from omninode_bridge.agents.workflows.classification import codes
from omninode_bridge.agents.workflows.classification.providers import llm, waits

WORDS = [
    "again",
    "retry",
    "retrying",
    "wait",
    "available",
    "resets",
    "your",
    "request",
    "after",
    "in",
    "for",
    "about",
    "5",
    "6.2s",
    "3",
    "minutes",
    "retry_after:",
    "7",
    "retry-delay='12s'",
    "again",
    "2",
    "h",
    "now",
    "Retry",
    "tokens",
    "per",
    "day",
    "daily",
    "limit",
    "429",
    ".",
]


def test_waits_are_found_where_a_search_finds_them() -> None:
    """The first place counts, as it does for a search."""
    chance = random.Random(20261123)
    found = 0
    for _ in range(3_000):
        text = chance.choice(["", " "]).join(chance.choices(WORDS, k=chance.randint(1, 14))).lower()
        expected, got = waits._WORDS.search(text), waits._first_wait(text)
        assert (got and got.span()) == (expected and expected.span()), text
        found += got is not None

    assert found > 300


@pytest.mark.parametrize(
    "text",
    [
        "An error occurred (Throttling) when calling the Get operation",
        "(AuthFailure) no",
        "(AuthFailure, 7)",
        "PGRST116: x",
        "rate_limited: slow down",
        "x\nname=RATE_LIMITED y",
        "code:SlowDown",
        "Error=SLOW_DOWN",
        '{"errorCode": "SLOW_DOWN"}',
        "Code: SlowDown",
        "the code: SlowDownNow came",
        "ErrorCode: 17",
        "no (Code: AuthFailure)",
    ],
)
def test_every_name_of_a_code_has_a_mark(text: str) -> None:
    """Without one of the marks the regex is not asked."""
    assert codes._CLOUD.search(text) is not None
    assert any(mark in text for mark in codes._MARKS)


@pytest.mark.parametrize(
    ("text", "spent"),
    [
        ("requests per day exceeded", True),
        ("limit of 5 tokens (TPD)", True),
        ("your monthly limit: quota per month", True),
        ("GenerateRequestsPerDayPerProject", True),
        ("daily request limit", True),
        ("requests per minute exceeded", False),
        ("you exceeded your current quota", True),
    ],
)
def test_allowances_of_a_day_are_still_known(text: str, *, spent: bool) -> None:
    """In whatever case they are written."""
    assert llm.is_spent(text) is spent
