"""Patterns: order, replacement, ranks, groups, bounds; never stalled by a text or a regex."""

from __future__ import annotations

import random
import re
import threading
import time

import pytest

from omninode_bridge.agents.workflows.classification import PatternSet, _compiled
from omninode_bridge.agents.workflows.classification._memo import Memo
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


@pytest.mark.usefixtures("unhurried")
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


@pytest.mark.usefixtures("unhurried")
def test_many_patterns_answer_like_the_plain_loop() -> None:
    """With an index, whether made at once or grown one by one, the answers stay the same."""
    rng = random.Random(4)
    words = [f"{a}{b}{n % 7}" for n, a in enumerate(WORDS[:12]) for b in WORDS[12:24]]
    made = [
        pattern(
            f"p{n}", rng.choice([word, f"{word}.*{rng.choice(WORDS)}", rf"{word} \d+", word[:5]])
        )
        for n, word in enumerate(words)
    ]
    grown = PatternSet.empty()
    for one in made:
        grown = grown.with_pattern(one)
    plain = [(one.pattern_id, re.compile(one.regex_pattern, re.IGNORECASE)) for one in made]

    for _ in range(60):
        text = " ".join(rng.choice(words + WORDS) for _ in range(rng.randrange(1, 60)))
        expected = [pattern_id for pattern_id, regex in plain if regex.search(text)]

        for patterns in (PatternSet.of(made), grown):
            assert [one.pattern.pattern_id for one in patterns.match_all(text)] == expected
            found = patterns.match(text)
            assert (found.pattern.pattern_id if found else None) == (expected or [None])[0]


def test_sets_that_grow_from_one_do_not_meet() -> None:
    """What is added to or removed from one set is unknown to every other."""
    base = PatternSet.of([pattern(f"p{n}", f"word{n}x") for n in range(40)])
    left, right = base, base
    for n in range(40):
        left = left.with_pattern(pattern(f"left{n}", f"left{n}x"))
        right = right.with_pattern(pattern(f"right{n}", f"right{n}x")).without(f"p{n}")

    assert (len(base), len(left), len(right)) == (40, 80, 40)
    assert left.match("left7x") is not None
    assert right.match("left7x") is None
    assert base.match("left7x") is None
    assert right.match("word7x") is None
    assert left.match("word7x") is not None
    assert ids(right) == [f"right{n}" for n in range(40)]


def test_adding_does_not_take_longer_where_many_are() -> None:
    """An addition to 3,000 costs no more steps than one to a few."""
    many = PatternSet.of([pattern(f"p{n}", f"some word{n}x") for n in range(3_000)])

    def spend(patterns: PatternSet, turn: str) -> float:
        begun = time.thread_time()
        for n in range(60):
            patterns = patterns.with_pattern(pattern(f"{turn}{n}", f"{turn} other{n}y"))
        return time.thread_time() - begun

    few = min(spend(PatternSet.empty(), f"few{n}") for n in range(3))

    assert min(spend(many, f"many{n}") for n in range(3)) < 4 * few


def test_the_memo_forgets_what_was_not_asked_for_longest() -> None:
    """The bound is on the number and on the bytes; asking keeps an answer."""
    memo: Memo[str] = Memo(3, 100)
    for key in "abc":
        memo.put(key, key, 10)

    assert memo.get("a") == "a"
    memo.put("d", "d", 10)
    assert [memo.get(key) for key in "abcd"] == ["a", None, "c", "d"]

    memo.put("large", "large", 75)
    assert memo.size <= 100
    assert memo.get("large") == "large"
    assert memo.get("d") == "d"
    assert memo.get("a") is None

    memo.put("too large", "x", 101)
    assert memo.get("too large") is None


@pytest.mark.parametrize(
    ("regex", "words"),
    [
        ("((a{1000}){1000}){1000}", "copies of their parts; at most 10000 are allowed"),
        ("[\\x00-\\uffff]" * 40, "characters; at most 300000 are allowed in all"),
        ("(" * 1_000 + "a" + ")" * 1_000, "groups lie too deep in one another"),
        ("(?<=a+)b", "look-behind requires fixed-width pattern"),
        ("a|(?<=a+)b", "look-behind requires fixed-width pattern"),
        ("[[:alpha:]]+", "[[:alpha:] is no class of letters here; write [a-z] or"),
        ("[^[:digit:]]", "is no class of letters here"),
        ("a{3,2}", "min repeat greater than max repeat at position"),
        ("a{99999999999999999999}", "the repetition number is too large"),
    ],
)
def test_what_would_take_long_to_compile_is_refused(regex: str, words: str) -> None:
    """One sentence says what is too much; nothing is registered."""
    begun = time.thread_time()
    with pytest.raises(PatternError) as caught:
        PatternSet.empty().with_pattern(pattern("mine", regex))

    assert words in str(caught.value)
    assert time.thread_time() - begun < 0.5


def test_many_slow_patterns_share_one_budget() -> None:
    """A hundred that explode take no longer than a few; every one without an answer is named."""
    patterns = PatternSet.of([pattern(f"h{n}", rf"(a+)+{n}$") for n in range(100)])
    patterns = patterns.with_pattern(pattern("quick", "the end", -1))
    text = "a" * 15_000 + "".join(map(str, range(100))) + "! the end"
    patterns.match_all(text)

    begun = time.thread_time()
    found = patterns.match_all(text)
    spent = time.thread_time() - begun

    assert [one.pattern.pattern_id for one in found] == ["quick"]
    assert len(found[0].skipped) > 90
    assert spent < 0.1


def test_slow_patterns_in_threads_end_in_time_too() -> None:
    """No signal is needed: any thread keeps the budget."""
    patterns = PatternSet.of([pattern("slow", r"(a+)+$"), pattern("quick", "!")])
    found: list[object] = []

    def work(n: int) -> None:
        match = patterns.match("a" * 12_000 + f"{n}!")
        found.append(match and (match.pattern.pattern_id, match.skipped))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)

    assert found == [("quick", ("slow",))] * 4


@pytest.mark.parametrize(
    "letter", ["\u0131", "\u0130", "\xdf", "\u212a", "k", "s", "\u017f", "[s]"]
)
def test_a_long_literal_takes_no_longer_at_the_first_search(letter: str) -> None:
    """What an engine works out of it is worked out before, or not at all."""
    patterns = PatternSet.of(
        [pattern("long", letter * (1_000 if len(letter) > 1 else 1_500) + "+")]
    )
    text = letter.strip("[]") * 8_000

    begun = time.thread_time()
    found = patterns.search(text)

    assert time.thread_time() - begun < 0.05
    assert found.match is not None or found.skipped


@pytest.mark.parametrize(
    ("regex", "text"),
    [
        ("(?x) (a+)+ b  # " + "long comment " * 20, "a" * 10 + "b"),
        ("(?s)" + "x" * 150 + ".*?y.*?z+", "x" * 150 + "\n1y2z"),
        ("x" * 150 + "(?P<n>a+)+b|c", "x" * 150 + "aab"),
    ],
)
def test_a_long_regex_means_the_same_in_the_engine_with_a_timeout(regex: str, text: str) -> None:
    """Flags, comments, alternatives and groups are what they were."""
    (clause,) = (
        _compiled.clauses_of(regex) if "|c" not in regex else _compiled.clauses_of(regex)[:1]
    )
    expected = re.search(regex, text, re.IGNORECASE)

    found = clause._search_timed(text, 0, len(text), 1.0)

    assert expected is not None
    assert found is not None
    assert dict(found) == expected.groupdict()


def test_a_set_within_a_set_does_not_warn() -> None:
    """It means what it means to the standard library, and nobody is told about the future."""
    patterns = PatternSet.of(
        [pattern("odd", r"[[a]+ [a||b]+ [a&&b]"), pattern("slow", "([[a]+)+$")]
    )

    assert patterns.match("[a b &") is not None
    assert patterns.search("a" * 10_000 + "!").skipped == ("slow",)
