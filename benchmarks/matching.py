"""What it costs to find a pattern: against a loop over compiled `re`, against a cold compile, against tenacity.

CPU time of the thread, the candidates in turn within each round, medians. Run it with ``./dev bench matching``;
seeds are fresh at every run and printed, ``python benchmarks/matching.py 1 2 3`` takes these.
"""

from __future__ import annotations

import itertools
import logging
import platform
import random
import re
import secrets
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import tenacity

from _corpus import pattern_texts, traceback_text
from _fuzz import fuzzed_regex, fuzzed_text
from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows.classification import PatternSet
from omninode_bridge.agents.workflows.classification.safety import analyse
from omninode_bridge.agents.workflows.recovery_models import (
    ErrorPattern,
    ErrorType,
    RecoveryStrategy,
)

TEXTS = 24
HOSTILE = [
    r"(a+)+$", r"(a|a)*b", r"(a|aa)+$", r"(x+x+)+y", "a?" * 30 + "a" * 30, r"(\w+\s*)+:", r"(?=(a+))a*b\1",
    r"(.+)\1{3}q", r"(?:a{1,5}){1,8}c", r"(?s).*x.*y.*z.*w", r"(.*)(.*)(.*)(.*)z", r"([a-z]+)*\d$",
    r"[\s\S]*foo[\s\S]*bar[\s\S]*baz", r"(?:\w{1,60}\s{0,60}){1,60}x", r"\w{1,60}\w{1,60}\w{1,60}!",
    r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(?=.*a)(?=.*b)(?=.*\d{3})\w+@", r"(a{10}){10}b", r"(?:.*,){11}P",
]  # fmt: skip


def spend(fn: Callable[[], Any]) -> float:
    """Return the CPU seconds of one call."""
    begun = time.thread_time()
    fn()
    return time.thread_time() - begun


def patterns_of(regexes: list[str]) -> list[ErrorPattern]:
    """Return a pattern for each, with priorities as people give them."""
    return [
        ErrorPattern(f"p{n}", ErrorType.CUSTOM, regex, RecoveryStrategy.RETRY, priority=n % 7 * 10)
        for n, regex in enumerate(regexes)
    ]


def loop(compiled: list[tuple[str, re.Pattern[str]]], text: str) -> str | None:
    """Search as the plain loop does."""
    for pattern_id, regex in compiled:
        if regex.search(text):
            return pattern_id
    return None


def searching(seed: int) -> None:
    """Compare searches of 5 kB tracebacks."""
    rng = random.Random(seed)
    for count, foreign in itertools.product((100, 1_000, 10_000), (True, False)):
        regexes = pattern_texts(rng, count, foreign=foreign)
        patterns = PatternSet.of(patterns_of(regexes))
        patterns.match("warm")
        compiled = [
            (one.pattern_id, re.compile(one.regex_pattern, re.IGNORECASE))
            for one in patterns.in_order
        ]
        plain, ours, found, every = [], [], 0, []
        for _ in range(TEXTS if count < 10_000 else 6):
            text = traceback_text(rng, 5_000)
            expected: list[str | None] = []
            plain.append(spend(lambda c=compiled, t=text, e=expected: e.append(loop(c, t))))
            got: list[Any] = []
            ours.append(spend(lambda p=patterns, t=text, g=got: g.append(p.match(t))))
            every.append(spend(lambda p=patterns, t=text: p.match_all(t)))
            if (got[0].pattern.pattern_id if got[0] else None) != expected[0]:
                raise AssertionError(f"another answer for {text!r}")
            found += expected[0] is not None
        # Texts that end the loop early are compared as well: the ratio is of the sums.
        print(
            f"  {count:6} patterns of {'foreign' if foreign else 'the same'} words: loop {statistics.mean(plain) * 1e3:8.2f} ms, ours "
            f"{statistics.mean(ours) * 1e3:6.3f} ms, match_all {statistics.mean(every) * 1e3:6.3f} ms; "
            f"{sum(plain) / sum(ours):6.1f} times as fast; {found} of {len(plain)} texts matched"
        )


def adding(seed: int) -> None:
    """Compare adding and removing with one cold compile of the same regex."""
    rng = random.Random(seed)
    for count in (0, 1_000, 10_000):
        patterns = PatternSet.of(patterns_of(pattern_texts(rng, count)))
        added, removed, cold = [], [], []
        for n in range(300):
            regex = f"{pattern_texts(rng, 1)[0]}|new {seed} {n}"
            one = ErrorPattern(f"new{n}", ErrorType.CUSTOM, regex, RecoveryStrategy.RETRY)
            re.purge()
            cold.append(spend(lambda r=regex: re.compile(r, re.IGNORECASE)))
            re.purge()
            held: list[PatternSet] = []
            added.append(spend(lambda p=patterns, o=one, h=held: h.append(p.with_pattern(o))))
            patterns = held.pop()
            if n % 3 == 2:
                old = f"new{n - 1}"
                removed.append(spend(lambda p=patterns, i=old, h=held: h.append(p.without(i))))
                patterns = held.pop()
        print(
            f"  {count:6} there: adding {sum(added) / sum(cold):5.2f} cold compiles "
            f"(median {statistics.median(a / c for a, c in zip(added, cold, strict=True)):.2f}, most "
            f"{max(added) * 1e3:.2f} ms), removing {statistics.mean(removed) * 1e6:.0f} us"
        )


def equal(seed: int) -> None:
    """Count fuzzed texts whose answers differ from those of the plain loop."""
    rng = random.Random(seed)
    texts = different = matches = left_out = 0
    while texts < 3_000:
        short = rng.random() < 0.3  # what can explode is compared where the plain loop ends
        regexes = [fuzzed_regex(rng) for _ in range(40)]
        if not short:
            regexes = [regex for regex in regexes if is_tame(regex)]
        patterns = PatternSet.of(patterns_of(regexes))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = [
                (one.pattern_id, re.compile(one.regex_pattern, re.IGNORECASE))
                for one in patterns.in_order
            ]
        for _ in range(50):
            texts += 1
            text = fuzzed_text(rng, regexes)[: 15 if short else 300]
            expected = [(i, named(m)) for i, regex in compiled if (m := regex.search(text))]
            found = patterns.match_all(text)
            skipped = patterns.search(text).skipped
            left_out += len(skipped)
            got = [(one.pattern.pattern_id, dict(one.groups)) for one in found]
            wanted = [pair for pair in expected if pair[0] not in skipped]
            if got != wanted:
                different += 1
                print(
                    f"  differs: {text!r}: {[p for p in got + wanted if (p in got) != (p in wanted)]}"
                )
            matches += len(expected)
    print(
        f"  {texts} texts, {matches} matches: {different} differ, {left_out} got no answer in time"
    )


def is_tame(regex: str) -> bool:
    """Whether the plain loop ends soon on a text of some hundred characters."""
    shape = analyse(regex)
    return shape.degree < 2 and shape.choices < 200


def named(match: re.Match[str]) -> dict[str, str]:
    """Return the named groups that took part."""
    return {name: value for name, value in match.groupdict().items() if value is not None}


def hostile(seed: int) -> None:
    """Tell the longest analysis under patterns that explode."""
    rng = random.Random(seed)
    orchestrator = ErrorRecoveryOrchestrator()
    for one in patterns_of(HOSTILE):
        orchestrator.add_error_pattern(one)
    alone = PatternSet.of(patterns_of(HOSTILE))
    bodies = ["a", "ab", "x", "xy", "foo ", "a b ", "template render ", "aaaaaaaa,", "1 ", "aB"]
    longest, skipped = [0.0, 0.0], set()
    for n in range(40):
        body = rng.choice(bodies)
        text = (body * (1_000_000 // len(body)))[: rng.choice([300, 5_000, 16_000, 1_000_000])]
        text = f"{n} {text}{rng.choice(['', '!', chr(0x130)])}"
        held: list[Any] = []
        error = RuntimeError(text)
        spent = spend(lambda e=error, h=held: h.append(orchestrator.analyze(e)))
        every = spend(lambda t=text: alone.match_all(t))
        skipped.update(held[0].skipped_patterns, alone.search(text).skipped)
        longest = [max(longest[0], spent), max(longest[1], every)]
    print(
        f"  longest analysis {longest[0] * 1e3:.1f} ms, longest match_all {longest[1] * 1e3:.1f} ms; "
        f"{len(skipped)} of {len(HOSTILE)} patterns were left out at some text"
    )


def chain_of(n: int) -> Exception:
    """Return an error with a cause, as it was raised, with a text that no memo knows."""
    try:
        try:
            raise ConnectionError(f"reset by peer {n}")
        except ConnectionError as cause:
            raise RuntimeError(f"cannot load order {n}") from cause
    except RuntimeError as error:
        return error


def analysing(seed: int) -> None:
    """Compare whole analyses with what tenacity spends on one call that fails once."""
    orchestrator, bare = ErrorRecoveryOrchestrator(), ErrorRecoveryOrchestrator()
    for one in bare.patterns:
        bare.remove_error_pattern(one.pattern_id)
    rounds, same = [], []
    for turn in range(12):
        errors = [chain_of(seed % 1_000_003 + turn * 1_000 + n) for n in range(400)]
        calls = iter([answer for error in errors for answer in (error, None)])

        def flaky(calls: Any = calls) -> None:
            error = next(calls)
            if error is not None:
                raise error

        quiet = tenacity.retry(
            stop=tenacity.stop_after_attempt(3),
            retry=tenacity.retry_if_exception_type(RuntimeError),
            sleep=lambda _: None,
        )(flaky)
        ours = spend(lambda e=errors: [orchestrator.analyze(x) for x in e]) / len(errors)
        peer = spend(lambda e=errors, q=quiet: [q() for _ in e]) / len(errors)
        rounds.append((ours, peer))
        one = ConnectionError("reset by peer")
        two = errors[0]
        for number, error in enumerate((one, two)):
            ours = spend(lambda e=error: [orchestrator.analyze(e) for _ in range(500)]) / 500
            none = spend(lambda e=error: [bare.analyze(e) for _ in range(500)]) / 500
            same.append((number, ours, none))
    ours, peer = (statistics.median(pair[at] for pair in rounds[1:]) for at in (0, 1))
    ratio = statistics.median(a / b for a, b in rounds[1:])
    print(
        f"  two links, new text: {ours * 1e6:.1f} us; tenacity {peer * 1e6:.1f} us; ratio {ratio:.2f}"
    )
    for number, what in enumerate(("one error again", "two links again")):
        pairs = [(a, b) for which, a, b in same[2:] if which == number]
        ratio = statistics.median(a / b for a, b in pairs)
        ours = statistics.median(a for a, _ in pairs)
        print(f"  {what}: {ours * 1e6:.1f} us; {ratio:.2f} times an analysis without patterns")


def main() -> int:
    """Measure and print everything for each seed."""
    logging.disable(logging.CRITICAL)
    seeds = [int(one) for one in sys.argv[1:]] or [secrets.randbits(32) for _ in range(3)]
    print(f"Python {platform.python_version()}, {platform.machine()}")
    for seed in seeds:
        for part in (searching, adding, equal, hostile, analysing):
            print(f"{part.__name__}, seed {seed}")
            part(seed)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
