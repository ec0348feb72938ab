"""Files of patterns: three formats, one meaning, and every mistake with its line."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows.recovery_models import (
    ErrorPattern,
    ErrorType,
    RecoveryStrategy,
)
from omninode_bridge.agents.workflows.recovery_patterns import load_patterns
from omninode_bridge.agents.workflows.recovery_patterns._file import read_pattern_file
from omninode_bridge.agents.workflows.recovery_patterns._file_syntax import dotted_line
from omninode_bridge.errors import PatternError

TOML = """\
# patterns of the shop
[[patterns]]
pattern_id = "card"
error_type = "custom"
regex_pattern = 'card \\d+ declined'
recovery_strategy = "escalation"
priority = 80

[[patterns]]
pattern_id = "slow"
error_type = "timeout"
regex_pattern = "slow"
recovery_strategy = "retry"
[patterns.metadata]
max_retries = 5
"""
YAML = """\
patterns:
  - pattern_id: card
    error_type: custom
    regex_pattern: 'card \\d+ declined'
    recovery_strategy: escalation
    priority: 80
  - pattern_id: slow
    error_type: timeout
    regex_pattern: slow
    recovery_strategy: retry
    metadata: {max_retries: 5}
"""
JSON = """\
{"patterns": [
  {"pattern_id": "card", "error_type": "custom",
   "regex_pattern": "card \\\\d+ declined", "recovery_strategy": "escalation", "priority": 80},
  {"pattern_id": "slow", "error_type": "timeout",
   "regex_pattern": "slow", "recovery_strategy": "retry",
   "metadata": {
     "max_retries": 5}}
]}
"""
INLINE = """\
patterns = [
  {pattern_id = "card", error_type = "custom", regex_pattern = 'card \\d+ declined', recovery_strategy = "escalation", priority = 80},
  {pattern_id = "slow", error_type = "timeout", regex_pattern = "slow", recovery_strategy = "retry", metadata = {max_retries = 5}},
]
"""
MEANT = (
    ErrorPattern(
        "card",
        ErrorType.CUSTOM,
        r"card \d+ declined",
        RecoveryStrategy.ESCALATION,
        priority=80,
    ),
    ErrorPattern(
        "slow", ErrorType.TIMEOUT, "slow", RecoveryStrategy.RETRY, metadata={"max_retries": 5}
    ),
)


def write(folder: Path, text: str | bytes, name: str = "p.toml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("p.toml", TOML, (2, 9, 15)),
        ("p.yaml", YAML, (2, 7, 11)),
        ("p.yml", YAML.removeprefix("patterns:\n"), (1, 6, 10)),
        ("p.json", JSON, (2, 4, 7)),
        ("P.JSON", JSON.partition(":")[2].strip().removesuffix("}"), (2, 4, 7)),
        ("p.toml", INLINE, (2, 3, 3)),
        ("p.toml", TOML.replace("\n", "\r\n"), (2, 9, 15)),
        ("p.toml", b"\xef\xbb\xbf" + TOML.encode(), (2, 9, 15)),
    ],
)
def test_one_meaning_in_every_format(
    tmp_path: Path, name: str, text: str | bytes, lines: tuple[int, int, int]
) -> None:
    """The same patterns come out, and every one knows its line and those of its keys."""
    path = write(tmp_path, text, name)

    file = read_pattern_file(path)

    assert load_patterns(path) == MEANT
    assert file.findings == ()
    assert (file.patterns[0].line, file.patterns[1].line) == lines[:2]
    assert file.patterns[1].raw.line_of("metadata.max_retries") == lines[2]


def test_loaded_patterns_are_the_users_own(tmp_path: Path) -> None:
    """What was loaded goes to an orchestrator and outranks its built-in patterns."""
    orchestrator = ErrorRecoveryOrchestrator()

    for pattern in load_patterns(write(tmp_path, TOML)):
        orchestrator.add_error_pattern(pattern)

    assert orchestrator.analyze("RuntimeError: card 7 declined").error_type is ErrorType.CUSTOM
    assert orchestrator.analyze("the disk is slow").pattern == MEANT[1]


ONE = TOML.partition("\n\n")[0]


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        (ONE.replace('"custom"', '"netwrok"'), ":4", "did you mean 'network'?"),
        (ONE.replace('"custom"', '"ErrorType.NETWORK"'), ":4", "did you mean 'network'?"),
        (ONE.replace('"custom"', '"zzzz"'), ":4", "one of network, validation"),
        (ONE.replace('"escalation"', '"human"'), ":6", "did you mean 'escalation'?"),
        (ONE.replace("regex_pattern", "regex"), ":5", "did you mean 'regex_pattern'?"),
        (ONE.replace("priority", "prio"), ":7", "there is no field 'prio'"),
        (ONE.replace("= 80", "= '80'"), ":7", "must be an integer"),
        (ONE.replace('"card"', '" "'), ":3", "must be a non-empty text"),
        (ONE.replace("'card \\d+ declined'", "'a(b'"), ":5", "at position 1, before '(b'"),
        (ONE.replace("'card \\d+ declined'", "'a)'"), ":5", "is written \\( or \\)"),
        (ONE.replace("'card \\d+ declined'", "'*a'"), ":5", "nothing to repeat"),
        (ONE.replace("'card \\d+ declined'", "''"), ":5", "must be a non-empty text"),
        (ONE.replace("'card \\d+ declined'", '"\\d"'), ":5", "write a regex in single quotes"),
        (ONE.replace("[[patterns]]", "[[pattern]]"), "", "there is no key 'pattern' beside"),
        (f"{ONE}\n{ONE}", ":10", "an earlier pattern has this id (line 2)"),
        ("", "", "there is no list of patterns"),
        ("patterns = [1]", "", "pattern 1 is 1; it must be a table of fields"),
        ("patterns = ", ":1", "not TOML"),
        (b"\xff\xfe\xff", ":1", "not UTF-8"),
        (b"a\n\xe9", ":2", "not UTF-8"),
    ],
)
def test_mistakes_have_a_line_and_a_way_out(
    tmp_path: Path, text: str | bytes, place: str, sentence: str
) -> None:
    """The first mistake is told with file, line, what is wrong and what would be right."""
    path = write(tmp_path, text)

    with pytest.raises(PatternError) as caught:
        load_patterns(path)

    assert str(caught.value).startswith(f"{path}{place}: ")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "place", "sentence"),
    [
        ("p.json", '[{"a": 1, "a": 2}]', "", "key 'a' occurs twice"),
        ("p.json", '[\n{"regex_pattern": "\\d"}]', ":2", "a backslash is written twice"),
        ("p.json", "[" * 100_000, "", "nested too deeply"),
        ("p.json", "[" + "9" * 5_000 + "]", "", "exceeds the limit"),
        ("p.toml", "patterns = " + "9" * 5_000, "", "exceeds the limit"),
        ("p.yaml", "- " + "9" * 5_000, "", "exceeds the limit"),
        ("p.yaml", "- pattern_id: a\n  pattern_id: b\n", ":2", "key 'pattern_id' occurs twice"),
        ("p.yaml", '- regex_pattern: "\\d"\n', ":1", "write a regex in single quotes"),
        ("p.yaml", "- !!python/object:os.system {}\n", ":1", "not YAML"),
        ("p.yaml", "- &a [*a]\n", ":1", "nested too deeply"),
        ("p.yaml", "[" * 5_000, "", "nested too deeply"),
        ("p.yaml", "", "", "there is no list of patterns"),
        ("p.toml", "a" + ".a" * 100_000 + " = 1\n", ":1", "a key has more than 40 dots"),
        ("p.toml", "[x]\n[" + " a ." * 100_000 + "a]\n", ":2", "a key has more than 40 dots"),
        ("p.toml", "a = '''\n'''\nb = {'a'" + '."a"' * 10_000 + "= 1}\n", ":3", "40 dots"),
        ("p.ini", "", "", "patterns are read from .toml, .yaml, .yml and .json files"),
    ],
)
def test_other_formats_refuse_as_clearly(
    tmp_path: Path, name: str, text: str, place: str, sentence: str
) -> None:
    """Doubles, wrong escapes, foreign tags, cycles and depth are sentences, not crashes."""
    path = write(tmp_path, text, name)

    with pytest.raises(PatternError) as caught:
        load_patterns(path)

    assert str(caught.value).startswith(f"{path}{place}: ")
    assert sentence in str(caught.value)


def test_shared_parts_do_not_explode(tmp_path: Path) -> None:
    """A small file of aliases that would grow without bounds is refused quickly."""
    text = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for one, two in zip("abcdefgh", "bcdefghi", strict=True):
        text += f"{two}: &{two} [{', '.join([f'*{one}'] * 9)}]\n"

    with pytest.raises(PatternError, match="too large"):
        load_patterns(write(tmp_path, text, "p.yaml"))


def test_every_mistake_is_counted(tmp_path: Path) -> None:
    """The sentence names one and says how many there are; the reader has them all."""
    path = write(tmp_path, TOML.replace('"custom"', '"x1"').replace('"retry"', '"x2"'))

    with pytest.raises(PatternError, match=r"\(and 1 more\)"):
        load_patterns(path)

    assert [finding.line for finding in read_pattern_file(path).findings] == [4, 13]


def test_what_is_no_header_is_not_counted(tmp_path: Path) -> None:
    """Headers inside strings and comments do not move the lines."""
    text = TOML.replace("priority = 80", "metadata.note = '''\n[[patterns]]\n'''").replace(
        "# patterns", "# [[patterns]] "
    )

    file = read_pattern_file(write(tmp_path, text))

    assert [found.line for found in file.patterns] == [2, 11]


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    """No traceback of the operating system reaches the caller."""
    with pytest.raises(PatternError, match="no such file or directory"):
        load_patterns(tmp_path / "nowhere.toml")


def test_dots_within_texts_are_no_keys(tmp_path: Path) -> None:
    """A regex, a comment and a list of numbers may have as many as they like."""
    dots = "." * 100
    text = ONE.replace("card \\d+ declined", dots)
    text = f"# {dots}\n{text}\n[patterns.metadata]\nz = '''\n{dots} \"\n'''\n"

    file = read_pattern_file(write(tmp_path, f'{text}x = "\\"{dots}"\ny = [{"1.5, " * 100}]\n'))

    assert [found.pattern.regex_pattern for found in file.patterns] == [dots], file.findings


@pytest.mark.parametrize(
    "part",
    ['\\"', '"""\\"', "'''a\"\"\"\n", '"a\n', "a. " * 13 + "\n", ".a" * 39 + " =\n", '"', "'"],
)
def test_no_text_takes_long_to_be_looked_through(part: str) -> None:
    """Quotes that are never closed are read once."""
    text = "." * 50 + '"' + part * (1_000_000 // len(part))
    begun = time.thread_time()

    dotted_line(text)

    assert time.thread_time() - begun < 1
