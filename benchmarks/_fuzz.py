"""Generated regexes and texts: the ground for ``matching.py`` and for the tests of the matcher."""

from __future__ import annotations

import random
import re
import warnings

__all__ = ["fuzzed_regex", "fuzzed_text"]

WORDS = [
    "error",
    "timeout",
    "Timed",
    "out",
    "refused",
    "reset",
    "connection",
    "kelvin",
    "Kiss",
    "disk",
    "task",
    "straße",
    "STRASSE",
    "istanbul",
    "ISTANBUL",
    "file",
    "line",
    "404",
    "503",
    "x12y",
    "a",
    "ab",
    "abc",
    "aab",
    "k",
    "i",
    "s",
    "ss",
    "foo",
    "bar",
    "baz",
    "not",
    "found",
    "null",
]
ODD = ["İ", "ı", "ſ", "K", "ß", "ẞ", "é", "É", "Å", "Σ", "ς", "σ", "ﬁ", "\x00", "\ud800", "\udfff",
       "\n", "\n", "\r", "\u2028", "\t", " ", " ", ".", "'", "-", "_"]  # fmt: skip
CLASSES = [r"\d", r"\w", r"\s", r"\S", r"\D", r"\W", ".", "[a-z]", "[^a-z]", "[^\\n]", "[kK]", "[İi]",
           "[ſß]", r"[\w.]", "[]|]", "[^]x]", r"[\]|]", "[0-9_]", r"\x00", "[ \t]"]  # fmt: skip
ANCHORS = ["^", "$", r"\b", r"\B", r"\A", r"\Z"]
QUANTIFIERS = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "{2,}", "*+", "++", "?+"]
FLAGS = ["(?i:{})", "(?-i:{})", "(?s:{})", "(?m:{})", "(?a:{})", "(?x: {} )"]
LOOKS = ["(?={})", "(?!{})", "(?<={})", "(?<!{})"]


def fuzzed_regex(rng: random.Random) -> str:
    """Return a regex that compiles, of any kind that `re` knows."""
    while True:
        source = _alternatives(rng, depth=3, names=[])
        if rng.random() < 0.1:
            source = rng.choice(["(?i)", "(?s)", "(?m)", "(?a)", "(?x)", "(?sm)"]) + source
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                re.compile(source, re.IGNORECASE)
        except (re.error, OverflowError):
            continue
        if source:
            return source


def fuzzed_text(rng: random.Random, regexes: list[str]) -> str:
    """Return a text of words, odd characters and parts of what the regexes look for."""
    parts = []
    for _ in range(rng.choice([0, 1, 2, 4, 8, 16, 60])):
        kind = rng.random()
        if kind < 0.5:
            word = rng.choice(WORDS)
            parts.append(rng.choice([word, word.upper(), word.title(), word + " "]))
        elif kind < 0.75:
            parts.append(rng.choice(ODD))
        elif regexes:
            source = rng.choice(regexes)
            parts += re.findall(r"\w+| ", re.sub(r"\\\w|\(\?[^:]*:|[{}]", " ", source))
    return "".join(parts)


def _alternatives(rng: random.Random, depth: int, names: list[str]) -> str:
    count = rng.choice([1, 1, 1, 2, 3] if depth else [1])
    return "|".join(_sequence(rng, depth, names) for _ in range(count))


def _sequence(rng: random.Random, depth: int, names: list[str]) -> str:
    parts = [_item(rng, depth, names) for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 4]))]
    return "".join(parts)


def _item(rng: random.Random, depth: int, names: list[str]) -> str:
    kind = rng.random()
    if kind < 0.45:
        atom = re.escape(rng.choice(WORDS) if rng.random() < 0.8 else rng.choice(ODD))
        return atom + (rng.choice(QUANTIFIERS) if rng.random() < 0.1 else "")
    if kind < 0.55:
        return rng.choice([".*", ".+", ".*?", r"\s+", r"\w*", r"[^\n]*"])
    if kind < 0.68 or not depth:
        return rng.choice(CLASSES) + (rng.choice(QUANTIFIERS) if rng.random() < 0.4 else "")
    if kind < 0.74:
        return rng.choice(ANCHORS)
    if kind < 0.78 and names:
        return f"(?P={rng.choice(names)})" if rng.random() < 0.8 else "\\1"
    body = _alternatives(rng, depth - 1, names)
    if kind < 0.83:
        return rng.choice(LOOKS).format(body)
    if kind < 0.88:
        return rng.choice(FLAGS).replace("{}", body)
    if kind < 0.91:
        name = f"n{len(names)}"
        names.append(name)
        return f"(?P<{name}>{body})"
    wrapped = rng.choice(["(?:{})", "(?:{})", "({})", "(?>{})"]).replace("{}", body)
    return wrapped + (rng.choice(QUANTIFIERS) if rng.random() < 0.4 else "")
