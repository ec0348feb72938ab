"""Generated regexes of every kind that `re` knows, on generated texts: each answer is the plain loop's."""

from __future__ import annotations

import importlib.util
import random
import re
import warnings
from pathlib import Path
from types import ModuleType

import pytest

from omninode_bridge.agents.workflows.classification import PatternSet
from omninode_bridge.agents.workflows.classification._pieces import pieces_of
from omninode_bridge.agents.workflows.classification._shapes import known_sources
from omninode_bridge.agents.workflows.classification.safety import analyse
from omninode_bridge.agents.workflows.recovery_models import (
    ErrorPattern,
    ErrorType,
    RecoveryStrategy,
)

ROOT = Path(__file__).parents[2]


def load(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("loaded_" + Path(path).stem, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FUZZ = load("benchmarks/_fuzz.py")


def is_tame(regex: str, *, short: bool) -> bool:
    """Whether the plain loop ends soon."""
    shape = analyse(regex)
    return short or (shape.degree < 2 and shape.choices < 200)


@pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.usefixtures("unhurried")
def test_every_answer_equals_the_plain_loops(seed: int) -> None:
    """Winner, groups and all matches are those of `re`, by priority and then by registration."""
    rng = random.Random(seed)
    short = seed % 3 == 2  # what can explode is compared where the plain loop ends
    for _ in range(5):
        regexes = [FUZZ.fuzzed_regex(rng) for _ in range(30)]
        made = [
            ErrorPattern(f"p{n}", ErrorType.CUSTOM, regex, RecoveryStrategy.RETRY, priority=n % 3)
            for n, regex in enumerate(regexes)
            if is_tame(regex, short=short)
        ]
        patterns = PatternSet.of(made)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            plain = [
                (one.pattern_id, re.compile(one.regex_pattern, re.IGNORECASE))
                for one in sorted(made, key=lambda one: -one.priority)
            ]

        for _ in range(20):
            text = FUZZ.fuzzed_text(rng, regexes)[: 12 if short else 200]
            expected = [
                (name, {k: v for k, v in match.groupdict().items() if v is not None})
                for name, regex in plain
                if (match := regex.search(text))
            ]
            found = [(m.pattern.pattern_id, dict(m.groups)) for m in patterns.match_all(text)]
            winner = patterns.match(text)

            assert found == expected
            assert (winner and winner.pattern.pattern_id) == (expected[0][0] if expected else None)


@pytest.mark.parametrize(
    ("source", "pieces"),
    [
        ("a|b", ["a", "b"]),
        ("a(b|c)|d", ["a(b|c)", "d"]),
        (r"a\|b", [r"a\|b"]),
        ("[]|]|[^]|]|x", ["[]|]", "[^]|]", "x"]),
        (r"[\]|]|x", [r"[\]|]", "x"]),
        ("a|", ["a|"]),
        ("(?x)a|b", ["(?x)a|b"]),
        ("(?P<n>a)|b", ["(?P<n>a)|b"]),
        (r"(a)\1|b", [r"(a)\1|b"]),
        ("(?i:a|b)|c", ["(?i:a|b)", "c"]),
    ],
)
def test_the_outermost_alternatives(source: str, pieces: list[str]) -> None:
    """A regex is taken apart where nothing binds its alternatives together."""
    assert pieces_of(source) == pieces


def test_what_is_known_beforehand_is_what_the_analysis_says() -> None:
    """The table beside the code is that of the patterns of today."""
    script = load("scripts/write_shapes.py")

    assert script.TABLE.read_text(encoding="utf-8") == script.rendered()
    assert known_sources()
