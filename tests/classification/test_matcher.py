"""Patterns: order, replacement, ranks, groups, bounds; never stalled by a text or a regex."""

from __future__ import annotations

import random
import re
import threading
import time

import pytest

from omninode_bridge.agents.workflows.classification import PatternSet
from omninode_bridge.agents.workflows.recovery_models import (
    ErrorPattern,
    ErrorType,
    RecoveryStrategy,
)
from omninode_bridge.errors import PatternError


def pattern(
    pattern_id: str,
    regex: str,
    priority: int = 50,
    strategy: RecoveryStrategy = RecoveryStrategy.RETRY,
) -> ErrorPattern:
    return ErrorPattern(pattern_id, ErrorType.CUSTOM, regex, strategy, priority=priority)


def ids(patterns: PatternSet) -> list[str]:
    return [one.pattern_id for one in patterns.in_order]


def test_higher_priority_first_then_order_of_registration() -> None:
    """Priority decides, and equal ones keep the order in which they came."""
    patterns = (
        PatternSet.empty()
        .with_pattern(pattern("first", "x"))
        .with_pattern(pattern("second", "x"))
        .with_pattern(pattern("top", "x", 100))
        .with_pattern(pattern("low", "x", -5))
    )

    assert ids(patterns) == ["top", "first", "second", "low"]
    assert [found.pattern.pattern_id for found in patterns.match_all("x")] == ids(patterns)


def test_the_same_id_replaces_and_keeps_its_place() -> None:
    """A replaced pattern stands where the old one stood among equals."""
    patterns = PatternSet.of([pattern("a", "old"), pattern("b", "x")])

    changed = patterns.with_pattern(pattern("a", "new"))

    assert ids(changed) == ["a", "b"]
    assert changed.match("old") is None
    assert changed.match("new") is not None
    assert patterns.match("old") is not None


def test_without_leaves_the_old_set_alone() -> None:
    """Removal gives another set; an unknown id changes nothing."""
    patterns = PatternSet.of([pattern("a", "x"), pattern("b", "y")])

    assert ids(patterns.without("a")) == ["b"]
    assert ids(patterns) == ["a", "b"]
    assert patterns.without("nobody") is patterns


def test_the_users_own_pattern_wins_over_a_built_in_of_higher_priority() -> None:
    """Rank comes before priority: what the user wrote is tried first."""
    patterns = (
        PatternSet.empty()
        .with_pattern(pattern("ours", "timeout", 100), built_in=True)
        .with_pattern(pattern("own", "timeout", 1))
    )

    found = patterns.match("a timeout")

    assert found is not None
    assert found.pattern.pattern_id == "own"
    assert not found.built_in


def test_case_is_ignored_unless_the_regex_asks_for_it() -> None:
    """`(?-i:...)` is the way to be case-sensitive."""
    patterns = PatternSet.of([pattern("loose", "readtimeout"), pattern("strict", "(?-i:Abc)")])

    assert [found.pattern.pattern_id for found in patterns.match_all("ReadTimeout ABC")] == [
        "loose"
    ]
    assert [found.pattern.pattern_id for found in patterns.match_all("Abc")] == ["strict"]


def test_named_groups_come_from_the_winner() -> None:
    """Groups that took no part are left out."""
    patterns = PatternSet.of([pattern("p", r"port (?P<port>\d+)(?: on (?P<host>\w+))?")])

    found = patterns.match("cannot bind port 8080")

    assert found is not None
    assert dict(found.groups) == {"port": "8080"}


@pytest.mark.parametrize(
    ("regex", "words"),
    [
        ("(unclosed", "missing ), unterminated subpattern at position 0"),
        ("a[b", "unterminated character set at position 1"),
        ("*x", "nothing to repeat at position 0"),
        (r"(?P<n>x)(?P<n>y)", "redefinition of group name"),
    ],
)
def test_a_bad_regex_is_refused_with_its_place(regex: str, words: str) -> None:
    """The sentence names the pattern, the reason and the position."""
    with pytest.raises(PatternError) as caught:
        PatternSet.empty().with_pattern(pattern("mine", regex))

    assert "'mine'" in str(caught.value)
    assert words in str(caught.value)
    assert caught.value.pattern_id == "mine"


def test_match_all_filters_by_strategy() -> None:
    """Only patterns of the asked strategy are returned."""
    patterns = PatternSet.of(
        [pattern("r", "x"), pattern("c", "x", strategy=RecoveryStrategy.ERROR_CORRECTION)]
    )

    found = patterns.match_all("x", RecoveryStrategy.ERROR_CORRECTION)

    assert [one.pattern.pattern_id for one in found] == ["c"]


def test_head_and_tail_of_a_long_text_are_looked_at() -> None:
    """The middle of a long text is not; both its ends are."""
    patterns = PatternSet.of([pattern("needle", "needle")])
    filler = "x" * 500_000

    assert patterns.match("needle" + filler) is not None
    assert patterns.match(filler + "needle") is not None
    assert patterns.match(filler + "needle" + filler) is None


HOSTILE = [
    r"(a+)+$",
    r"(a|a)*b",
    r"(a|aa)+$",
    r"(x+x+)+y",
    "a?" * 30 + "a" * 30,
    r"(\w+\s*)+:",
    r"(?=(a+))a*b\1",
    r"(.+)\1{3}q",
    r"(?:a{1,5}){1,8}c",
    r"(?s).*x.*y.*z.*w",
    r"Template.*render.*failed",
    r"(.*)(.*)(.*)(.*)z",
    r"[\s\S]*foo[\s\S]*bar[\s\S]*baz",
]
LONG = ["a" * 1_000_000, "a" * 16_000 + "!", "Template render " * 1000, "xy" * 8000, "a b " * 4000]


def test_no_text_stalls_a_set_of_hostile_patterns() -> None:
    """Whatever the text, a search is over in its budget and tells what it left out."""
    patterns = PatternSet.of([pattern(f"h{n}", regex) for n, regex in enumerate(HOSTILE)])
    patterns.match_all("a" * 300)  # compiles what is compiled on first use
    skipped: set[str] = set()

    for text in LONG:
        start = time.thread_time()
        skipped.update(patterns.search(text).skipped)
        # The budget is 50 ms; the rest is room for a busy machine.
        assert time.thread_time() - start < 0.2

    assert "h0" in skipped


def test_a_skipped_pattern_does_not_hide_the_next() -> None:
    """A pattern that got no answer is named in the match that came after it."""
    patterns = PatternSet.of([pattern("slow", r"(a+)+$", 90), pattern("quick", "!")])

    found = patterns.match("a" * 16_000 + "!")

    assert found is not None
    assert found.pattern.pattern_id == "quick"
    assert found.skipped == ("slow",)


WORDS = [
    "Connection",
    "refused",
    "timeout",
    "timed",
    "out",
    "Template",
    "render",
    "failed",
    "Jinja2",
    "error",
    "foo",
    "bar",
    "baz",
    "qux",
    "LLM",
    "SyntaxError",
    "'await'",
    "outside",
    "async",
    "x12y",
    "abc",
    "Abc",
    "acd",
    "abzd",
    "line",
    "kiſ",
    "K",
    "key",
    "İ",
    "ı",
    "not",
    "defined",
    "found",
]
REGEXES = [
    r"Template.*render.*failed|Jinja2.*error",
    r"ConnectionRefused|Connection.*refused",
    r"SyntaxError.*'await'.*outside.*async",
    r"foo.+bar",
    r"(foo|ba[rz])qux",
    r"^Err.*x$",
    r"(?-i:Abc)",
    r"\bkey\b",
    r"ki.s",
    r"a(?:b.*|c)d",
    r".+foo",
    r"foo.*",
    r"x(?P<n>\d+)y",
    r"k\d",
    r"not (?!found)\w+",
    r"(?x) a b  c",
    r"a.{0,3}c",
    r"(?m)^line$",
    r"\w+\s+refused",
    r"(?s)foo.*bar",
    r"[^\n]+baz",
    r"(?:time|out)+",
]


def test_every_answer_equals_the_plain_loops() -> None:
    """Literals, lines and chains are shortcuts: the answer is that of searching with `re`."""
    rng = random.Random(20)
    patterns = PatternSet.of(
        [pattern(f"p{n}", regex, rng.randrange(100)) for n, regex in enumerate(REGEXES)]
    )
    plain = [
        (one.pattern_id, re.compile(one.regex_pattern, re.IGNORECASE)) for one in patterns.in_order
    ]

    for _ in range(1500):
        count = rng.randrange(1, rng.choice([4, 20, 120]))
        text = "".join(
            rng.choice(WORDS) + rng.choice([" ", " ", "\n", ".", ""]) for _ in range(count)
        )
        expected = [pattern_id for pattern_id, regex in plain if regex.search(text)]

        assert [found.pattern.pattern_id for found in patterns.match_all(text)] == expected


def test_searches_in_many_threads_agree() -> None:
    """One set answers the same in eight threads while others are derived from it."""
    patterns = PatternSet.of([pattern(f"p{n}", f"word{n}x") for n in range(50)])
    wrong: list[str] = []

    def work(seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(300):
            n = rng.randrange(50)
            found = patterns.match(f"some word{n}x here {rng.randrange(200)}")
            patterns.with_pattern(pattern("more", "more"))
            if found is None or found.pattern.pattern_id != f"p{n}":
                wrong.append(f"p{n}")

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_a_lone_surrogate_is_text_like_any_other() -> None:
    """Text that cannot be encoded is matched all the same."""
    assert PatternSet.of([pattern("p", "timeout")]).match("\ud800 Timeout") is not None
