"""Look for texts on which the correction of code breaks a promise; new lines of ours guide the search.

python scripts/fuzz_correction.py [--seconds N | --rounds N] [--seed N] [--save DIR] [--grow]

It mutates the texts of tests/correction/corpus and keeps what reaches lines that nothing reached
before. The same seed and rounds do the same. What breaks a promise is made smaller, printed, and
saved as ``<hash>.json`` for ``--replay``; the exit code is then 1. ``--grow`` adds what reached new
lines to the corpus.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.correction._promises import broken_promise  # noqa: E402 - the root comes first

CORPUS = ROOT / "tests" / "correction" / "corpus" / "texts.jsonl"
OURS = "workflows/correction/"
MOST_CHARS = 3_000
SHRINKING = 150
SHRINKING_SECONDS = 10.0
PIECES = (
    "```", "```python\n", "~~~\n", "<code>", "</code>", "<![CDATA[", "]]>", "&lt;", "&amp;", "&quot;", ">>> ", "... ",
    "In [1]: ", "1: ", "  12 | ", "@@ -1 +1 @@\n", "+", "-", "<<<<<<< a\n", "=======\n", ">>>>>>> b\n", '{"code": "', '\\n',
    "{{ name }}", "{{", "}}", "{% if a %}", "{% endif %}", "<%= a %>", "${a}", "%(a)s", "(", ")", "[", "]", "{", "}", "'", '"',
    "'''", '"""', "f'{", "\\", "#", ":", ",", ";", "=", "==", ":=", "->", "**", "*", "...", "def f(x):\n", "async def f():\n",
    "class A:\n", "    def f(self):\n", "if x:\n", "else:\n", "else if x:\n", "try:\n", "except E, e:\n", "finally:\n", "for x in y:\n",
    "while x\n", "with a as b:\n", "match x:\n", "case 1:\n", "return x\n", "yield\n", "await f()\n", "print 'x'\n", "exec x\n",
    "raise E, 'x'\n", "import os\n", "from typing import Any\n", "from __future__ import annotations\n", "lambda x: x", "@d\n",
    "self.x", "true", "null", "i++\n", "a && b", "!a", "function f() {\n", "\t", "    ", "  ", "\n", "\r\n", "\r", "\x0c",
    "\u201c", "\u2019", "\u00a0", "\u200b", "\ufeff", "\u2013", "\ud800", "\x00", "\u2028", "é", "0x", "1_", "0777", "''.join(",
)  # fmt: skip
ERRORS = (
    None, None, None, "SyntaxError: invalid syntax (<generated>, line 2)", "NameError: name 'json' is not defined",
    "NameError: name 'x' is not defined", "RuntimeWarning: coroutine 'f' was never awaited", "missing async keyword: 'def f'",
    "TypeError: f() takes 0 positional arguments but 1 was given", "SyntaxWarning: invalid escape sequence '\\d'",
    "TypeError: 'coroutine' object is not iterable", "IndentationError: unexpected indent (line 1)", "connection refused",
)  # fmt: skip
Case = tuple[str, str | None]


class Coverage:
    """Lines of ours that ran since they were last asked for and never before."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, int]] = set()
        self._new = 0
        if sys.version_info >= (3, 12):
            watch: Any = sys.monitoring
            tool = watch.COVERAGE_ID
            watch.use_tool_id(tool, "fuzz")

            def line_ran(code: CodeType, line: int) -> Any:
                if OURS in code.co_filename:
                    self._line(code.co_filename, line)
                return watch.DISABLE

            watch.register_callback(tool, watch.events.LINE, line_ran)
            watch.set_events(tool, watch.events.LINE)
        else:
            sys.settrace(self._trace)

    def taken(self) -> int:
        """Return how many lines ran for the first time since the last call."""
        new, self._new = self._new, 0
        return new

    def _line(self, name: str, line: int) -> None:
        if (name, line) not in self.seen:
            self.seen.add((name, line))
            self._new += 1

    def _trace(self, frame: FrameType, event: str, value: object) -> Callable[..., Any] | None:
        del value
        if event == "call" and OURS not in frame.f_code.co_filename:
            return None
        self._line(frame.f_code.co_filename, frame.f_lineno)
        return self._trace


def mutated(rng: random.Random, corpus: list[Case]) -> Case:
    """Return a text made of those that are known, and an error."""
    text, error = rng.choice(corpus)
    for _ in range(rng.choice((1, 1, 2, 3, 5))):
        text = _changed(rng, text, corpus)[:MOST_CHARS]
    return text, error if rng.random() < 0.5 else rng.choice(ERRORS)


def _changed(rng: random.Random, text: str, corpus: list[Case]) -> str:
    way = rng.randrange(10)
    at = rng.randrange(len(text) + 1)
    to = min(len(text), at + rng.choice((1, 1, 2, 5, 20)))
    if way < 3:
        return text[:at] + rng.choice(PIECES) + text[at:]
    if way == 3:
        return text[:at] + text[to:]
    if way == 4:
        return text[:at] + rng.choice(PIECES) + text[to:]
    if way == 5:
        other = rng.choice(corpus)[0]
        return text[:at] + other[rng.randrange(len(other) + 1) :]
    if way == 6:
        return text[:at]
    lines = text.splitlines(keepends=True)
    if len(lines) < 2:
        return text + rng.choice(PIECES)
    one, two = rng.randrange(len(lines)), rng.randrange(len(lines))
    if way == 7:
        lines[one], lines[two] = lines[two], lines[one]
    elif way == 8:
        lines[one] = rng.choice(("    ", "  ", "\t", " ")) + lines[one]
    else:
        lines[one] = lines[one].lstrip() if rng.random() < 0.5 else lines[one] + lines[two]
    return "".join(lines)


def smaller(case: Case, promise: str) -> Case:
    """Return a smaller text that breaks the same promise."""
    text, error = case
    kind = promise.partition(":")[0][:20]
    tries, size = 0, max(1, len(text) // 2)
    until = time.monotonic() + SHRINKING_SECONDS
    while size and tries < SHRINKING and time.monotonic() < until:
        at = 0
        while at < len(text) and tries < SHRINKING and time.monotonic() < until:
            tries += 1
            shorter = text[:at] + text[at + size :]
            if broken_promise(shorter, error).startswith(kind):
                text = shorter
            else:
                at += size
        size //= 2
    return text, error


def read_cases(path: Path) -> list[Case]:
    """Return the cases of a file, one JSON object a line."""
    rows = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [(row["text"], row["error"]) for row in map(json.loads, rows)]


def as_line(case: Case) -> str:
    """Return a case as a line of such a file."""
    return json.dumps({"text": case[0], "error": case[1]}) + "\n"


def main() -> int:
    """Fuzz, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--rounds", type=int, default=0, help="instead of seconds")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument(
        "--save", type=Path, default=Path(tempfile.gettempdir()) / "fuzz-correction"
    )
    parser.add_argument("--grow", action="store_true")
    parser.add_argument("--replay", type=Path)
    given = parser.parse_args()
    if given.replay is not None:
        told = [broken_promise(*case) for case in read_cases(given.replay)]
        print("\n".join(told))
        return int(any(told))
    seed = secrets.randbelow(2**32) if given.seed is None else given.seed
    return fuzz(given, random.Random(seed), seed)  # noqa: S311 - the same seed does the same


def fuzz(given: argparse.Namespace, rng: random.Random, seed: int) -> int:
    """Mutate until the time is over or the rounds are done."""
    coverage = Coverage()
    known = read_cases(CORPUS)
    broken = {}
    grown: list[Case] = []
    begun, done = time.monotonic(), 0
    waiting = list(known) or [("x = 1\n", None)]
    corpus: list[Case] = list(waiting)
    while done < given.rounds if given.rounds else time.monotonic() - begun < given.seconds:
        case = waiting.pop(0) if waiting else mutated(rng, corpus)
        done += 1
        coverage.taken()
        promise = broken_promise(*case)
        if promise and promise.partition(":")[0] not in broken:
            broken[promise.partition(":")[0]] = report(smaller(case, promise), promise, given.save)
        elif coverage.taken() and not promise and done > len(known):
            corpus.append(case)
            grown.append(case)
    if given.grow and grown:
        with CORPUS.open("a", encoding="utf-8") as file:
            file.writelines(as_line(case) for case in grown)
    print(
        f"seed {seed}: {done} texts in {time.monotonic() - begun:.0f} s, {len(coverage.seen)} lines reached,"
        f" {len(grown)} texts reached new ones, {len(broken)} promises broken"
    )
    return int(bool(broken))


def report(case: Case, promise: str, folder: Path) -> Path:
    """Print and save a text that breaks a promise."""
    folder.mkdir(parents=True, exist_ok=True)
    line = as_line(case)
    path = folder / f"{hashlib.sha256(line.encode()).hexdigest()[:16]}.json"
    path.write_text(line, encoding="utf-8")
    print(f"{promise}\n  text: {case[0]!r}\n  error: {case[1]!r}\n  saved: {path}", flush=True)
    return path


if __name__ == "__main__":
    raise SystemExit(main())
