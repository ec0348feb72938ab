"""What is promised of any text: sound files untouched, an answer within the budget, the corpus of the fuzzer."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import sysconfig
import time
import warnings
from pathlib import Path

import pytest

from omninode_bridge.agents.workflows.correction import CorrectionBudget, correct_code

from ._promises import broken_promise
from .damage import CLASSES, cases

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).parent / "corpus" / "texts.jsonl"
COMPLAINTS = (
    None,
    SyntaxError("invalid syntax (another_module.py, line 3)"),
    IndentationError("unexpected indent (another_module.py, line 12)"),
    NameError("name 'no_file_has_this_name' is not defined"),
    RuntimeWarning("coroutine 'NoClass.no_such_call' was never awaited"),
    ConnectionError("[Errno 111] Connection refused"),
    "the function 'no_such_function' must be async",
    "ValidationError: 1 validation error for Settings\nport\n  Input should be a valid integer",
)
PARTS = 8


def sound_files(count: int) -> list[Path]:
    """Return files of the standard library and, if those are too few, of what is installed."""
    paths = sysconfig.get_paths()
    roots = [Path(paths["stdlib"]), Path(paths["purelib"])]
    found: list[Path] = []
    for root in roots:
        for path in sorted(root.rglob("*.py")):
            parts = path.relative_to(root).parts
            if not {"site-packages", "lib2to3", "bad", "__pycache__"} & set(parts):
                found.append(path)
    random.Random(8).shuffle(found)
    return found[: count * 2]


def sound_texts(paths: list[Path], count: int, most: int = 120_000):
    """Yield files that compile without a warning."""
    left = count
    for path in paths:
        if not left:
            return
        try:
            if not 0 < path.stat().st_size < most:
                continue
            text = path.read_bytes().decode("utf-8")
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                compile(text, path.name, "exec", dont_inherit=True)
        except (OSError, UnicodeDecodeError, SyntaxError, ValueError, Warning):
            continue
        left -= 1
        yield path, text


def comes_back(texts, complaints_each: int) -> int:
    """Correct each text with some of the complaints; return how many there were."""
    seen = 0
    for path, text in texts:
        for turn in range(complaints_each):
            error = COMPLAINTS[(seen + turn) % len(COMPLAINTS)]
            found = correct_code(text, error)
            assert found.code == text, (path, error, found.fixes)
            assert found.success is (error is None), (path, error, found.reason)
        seen += 1
    return seen


def test_sound_files_come_back_byte_for_byte():
    """Real files are left alone, each with one of several errors that are about something else."""
    assert comes_back(sound_texts(sound_files(300), 150, 30_000), 1) >= 120


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_two_thousand_sound_files_come_back_byte_for_byte(part):
    """The whole of them, each with one of several errors."""
    paths = sound_files(2_000)[part::PARTS]

    assert comes_back(sound_texts(paths, 2_000 // PARTS), 1) >= 2_000 // PARTS * 0.8


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CLASSES))
def test_twice_is_once_on_every_kind_of_damage(name):
    """What was corrected is in order: neither the same error nor none changes it again."""
    for case in cases(31, 3, (name,), files=120):
        error = case.error if case.error is None else f"{type(case.error).__name__}: {case.error}"
        assert broken_promise(case.broken, error) == "", case.kind


N = 100_000
HOSTILE = {
    "open brackets": "(" * N,
    "deep list": "[" * N + "]" * N,
    "braces": "x = " + "{" * N,
    "closing brackets": ")" * N,
    "one line of a megabyte": "x = " + " + ".join(["value"] * 125_000) + "\n",
    "a string of a megabyte": "x = '" + "a" * 1_000_000,
    "a word of a megabyte": "a" * 1_000_000,
    "an open list of a megabyte": "x = [" + "1, " * 330_000 + "\n",
    "spaces": " " * 1_000_000,
    "empty lines": "\n" * 1_000_000,
    "backslashes": "\\" * 1_000_000,
    "quotes": "'" * 1_000_001,
    "triple quotes": '"""' * 333_333,
    "fences": "```\n" * 250_000,
    "conflicts": "<<<<<<< a\n=======\n>>>>>>> b\n" * 30_000,
    "holes": "{{ a }}" * 140_000,
    "blocks": "{% if a %}\n" * 90_000,
    "tags": "<code>" * 160_000,
    "entities": "&lt;" * 250_000,
    "headers without colons": "def f(x)\n    return x\n" * 10_000,
    "headers without bodies": "if x:\n" * 20_000,
    "prompts": ">>> x = 1\n" * 20_000,
    "old prints": "print 'a'\n" * 20_000,
    "branches": "if x:\n pass\n" + "elif x:\n pass\n" * 10_000,
    "levels": "".join(" " * n + "if x:\n" for n in range(1_000)),
    "names of nothing": "".join(f"print(name_{n})\n" for n in range(20_000)) + "x = (\n",
    "methods without self": "class A:\n" + "    def f():\n        return self.x\n" * 7_000,
    "JSON": '{"code": "' + "x = 1\\n" * 140_000 + '"}',
    "minus signs": "-" * N + "1",
    "attributes": "x" + ".y" * N,
    "f-strings": "f'{" * 20_000,
    "words": "a b c d e f " * 90_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_large_and_hostile_text_ends(name):
    """The budget ends it: what is under way when the time is up is finished, and nothing else begun."""
    begun = time.thread_time()

    found = correct_code(HOSTILE[name], "NameError: name 'json' is not defined")

    assert found.success or found.reason
    assert time.thread_time() - begun < 12


@pytest.mark.parametrize(
    "before", ["x = \u201ca\u201d\n", "x = \u00a01 // 2\n", "if x {\n", "x 1\n"]
)
@pytest.mark.parametrize("quote", ['"', "'", '"""', "'''"])
@pytest.mark.parametrize("ending", ["", "\\", "\n", "\\\n"], ids=ascii)
def test_a_string_that_is_never_closed_costs_no_more_the_longer_it_is(before, quote, ending):
    """Expressions that look for strings give up at once where there is no end."""
    begun = time.thread_time()

    found = correct_code(f"{before}y = {quote}{'ab cd ' * 40}{ending}")

    assert found.success or found.reason
    assert time.thread_time() - begun < 2


def test_marks_of_models_at_the_end_cost_no_more_the_more_they_are():
    """What ends with many of them and then something else is read once."""
    begun = time.thread_time()

    found = correct_code("x = 1\ny = = 2\n" + "</s>   " * 60 + "x\n")

    assert not found.success
    assert time.thread_time() - begun < 2


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["", "def broken(x)\n    return x\n"], ids=["sound", "broken"])
def test_a_file_of_twenty_thousand_lines_is_corrected(ending):
    """That is what a budget of some seconds is enough for."""
    code = "".join(
        f"def name_{n}(first, second=None):\n    value = [first, {n}]\n    return value, second\n\n\n"
        for n in range(4_000)
    )

    found = correct_code(code + ending, budget=CorrectionBudget(seconds=20))

    assert code.count("\n") == 20_000
    assert found.success, found.reason
    assert found.code == code + ending.replace(")\n", "):\n", 1)


def test_the_corpus_of_the_fuzzer_keeps_every_promise():
    """What once reached a new line is tried again with every change."""
    rows = [json.loads(row) for row in CORPUS.read_text(encoding="utf-8").splitlines()]

    assert len(rows) >= 30
    sample = random.Random(len(rows)).sample(rows, min(len(rows), 40))
    assert [broken_promise(row["text"], row["error"]) for row in sample] == [""] * len(sample)


@pytest.mark.slow
@pytest.mark.checkout
def test_the_fuzzer_is_deterministic_and_finds_what_is_planted(tmp_path):
    """The same seed and rounds reach the same; a broken promise is printed, saved and exit code 1."""
    script = ROOT / "scripts" / "fuzz_correction.py"
    planted = (
        "import runpy, sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "import tests.correction._promises as promises\n"
        "right = promises.broken_promise\n"
        "def wrong(text, error):\n"
        "    return 'planted: it has a quote' if '\"' in text else right(text, error)\n"
        "promises.broken_promise = wrong\n"
        f"sys.argv = ['fuzz', '--rounds', '60', '--seed', '5', '--save', {str(tmp_path)!r}]\n"
        f"runpy.run_path({str(script)!r}, run_name='__main__')\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", planted], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 1, ended.stderr
    assert "planted: it has a quote" in ended.stdout
    (saved,) = tmp_path.glob("*.json")
    assert json.loads(saved.read_text())["text"] == '"'
