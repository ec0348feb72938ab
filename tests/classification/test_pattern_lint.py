"""Files of patterns are judged: what cannot work, what is dangerous, what never wins."""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, recovery_patterns
from omninode_bridge.agents.workflows.classification import pattern_lint
from omninode_bridge.agents.workflows.classification.pattern_lint import lint
from omninode_bridge.agents.workflows.classification.pattern_samples import sample_texts
from omninode_bridge.agents.workflows.recovery_models import ErrorPattern
from omninode_bridge.agents.workflows.recovery_patterns import (
    COMMON_NETWORK_PATTERNS,
    COMMON_SYNTAX_PATTERNS,
    COMMON_TIMEOUT_PATTERNS,
    COMMON_VALIDATION_PATTERNS,
    DEFAULT_PATTERNS,
)
from omninode_bridge.agents.workflows.recovery_patterns._file import (
    FilePattern,
    PatternFile,
    read_pattern_file,
)
from omninode_bridge.agents.workflows.recovery_patterns._file_syntax import RawPattern
from omninode_bridge.agents.workflows.recovery_patterns._finding import PatternFinding
from omninode_bridge.errors import OmninodeBridgeError

Row = tuple[str, str] | tuple[str, str, int] | tuple[str, str, int, str]


def refusal(pattern: ErrorPattern) -> str:
    try:
        ErrorRecoveryOrchestrator().add_error_pattern(pattern)
    except OmninodeBridgeError as error:
        return str(error)
    return ""


def judge(*rows: Row) -> list[PatternFinding]:
    """Lint patterns of id, regex, priority and strategy; each stands on the line of its number."""
    found = []
    for number, (name, regex, *more) in enumerate(rows, start=1):
        priority = more[0] if more else 50
        strategy = more[1] if len(more) > 1 else "retry"
        pattern = ErrorPattern(name, "custom", regex, strategy, priority=priority)  # type: ignore[arg-type]
        found.append(FilePattern(pattern, RawPattern({}, number)))
    return lint(PatternFile("p.toml", tuple(found), ()), refusal=refusal)


def codes(*rows: Row) -> list[tuple[int | None, str, str]]:
    return [(one.line, one.code, str(one.severity)) for one in judge(*rows)]


@pytest.mark.parametrize(
    "regex",
    [
        r"card \d+ declined",
        r"LLM.*timeout",
        r"TimeoutError|ReadTimeout|ConnectTimeout",
        r"^ValueError: amount",
        r"quota (?P<left>\d+) of \d+$",
        r"(?-i:ECONNRESET)",
        r"(?<=card )declined",
        r"declined(?! again)",
        r"\bcard\b.{0,40}\bdeclined\b",
        r"code [A-Z0-9]{5} refused",
        r"(?i)quota exceeded",
        r"naïve café",
        r"exit status (?:1|2)",
        r"^\w+Error: disk full",
        r"upstream \w+ differs",
    ],
)
def test_good_patterns_have_no_findings(regex: str) -> None:
    """What people should write is not complained about."""
    assert codes(("good", regex)) == []


@pytest.mark.parametrize(
    ("regex", "code", "severity"),
    [
        (r"(a+)+b declined", "unsafe", "error"),
        (r"(a|a)*b declined", "unsafe", "error"),
        (r"(\w+) failed \1", None, None),
        (r"costs $a", "never-matches", "error"),
        (r"price ^x", "never-matches", "error"),
        (r"(?:a$b|c$d) declined", "never-matches", "error"),
        (r"declined\Zx", "never-matches", "error"),
        (r"declined(?! again) again", "never-matches", "warning"),
        (r"card\bdeclined", "never-matches", "warning"),
        (r"first\nsecond", "needs-line-break", "warning"),
        (r"^connection was refused", "anchored", "warning"),
        (r"\b[A-Z]{3} refused", "ignores-case", "warning"),
        (r"(?-i:timeouterror)", "case", "warning"),
        (r"error", "over-general", "warning"),
        (r"\w+Error: |exception", "over-general", "warning"),
        (r".*", "matches-everything", "error"),
        (r"(?:declined)?", "matches-everything", "error"),
        (r"a*", "matches-everything", "error"),
        (r"\d\d\d\d", "no-literal", "warning"),
        (r"\w+ \w+ed", None, None),
    ],
)
def test_each_fault_has_its_finding(regex: str, code: str | None, severity: str | None) -> None:
    """The finding names the fault, why it matters and what would be right."""
    findings = judge(("p", regex))

    assert [(one.code, str(one.severity)) for one in findings if one.code == code] == (
        [] if code is None else [(code, severity)]
    )
    assert all(one.message and one.why and one.fix for one in findings)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ((("a", "timeout"), ("b", "LLM.*timeout")), [(2, "shadowed", "error")]),
        ((("a", "timeout"), ("b", r"timeout after (\d+) s")), [(2, "shadowed", "error")]),
        ((("a", "timeout"), ("b", r"(?:Read|Connect)Timeout: \d")), [(2, "shadowed", "error")]),
        ((("a", "TIMEOUT"), ("b", "read timeout")), [(2, "shadowed", "error")]),
        ((("a", "time.*out"), ("b", "time is up and out")), [(2, "shadowed", "error")]),
        ((("a", "slow|late"), ("b", "too slow|too late")), [(2, "shadowed", "error")]),
        ((("a", r"card \d+ late"), ("b", r"visa card \d+ late \w")), [(2, "shadowed", "error")]),
        ((("a", "^Card: late"), ("b", "visa Card: late")), []),
        ((("b", "LLM.*timeout"), ("a", "timeout")), []),
        ((("a", "timeout"), ("b", "LLM.*timeout", 60)), []),
        ((("b", "LLM timeout", 40), ("a", "timeout", 50)), [(1, "shadowed", "error")]),
        ((("a", "slow"), ("b", "slow")), [(2, "duplicate-regex", "error")]),
        (
            (("a", "slow", 50, "error_correction"), ("b", "slow", 50, "error_correction")),
            [],
        ),
        (
            (("a", "slow", 50, "retry"), ("b", "slow", 50, "error_correction")),
            [(2, "duplicate-regex", "error")],
        ),
        ((("a", "Connection refused"), ("b", "Connection.*refused")), []),
        ((("a", r"timeout \d"), ("b", r"timeout [0-9]+ s")), [(2, "shadowed", "warning")]),
        (
            (("a", "slow \\w"), ("c", "late \\w"), ("b", "slow \\w+|late \\w+")),
            [(3, "shadowed", "warning")],
        ),
        ((("a", "out.*time"), ("b", "time is out")), []),
        ((("a", "slow"), ("b", "quick|slow")), []),
    ],
)
def test_what_never_wins_is_told(rows: tuple[Row, ...], found: list[tuple[int, str, str]]) -> None:
    """A proof is an error, samples alone a warning; what can win at least once is neither."""
    assert codes(*rows) == found


def test_a_shadow_names_who_casts_it_and_a_sample() -> None:
    """The earlier pattern, its line, and a text that both match."""
    (finding,) = judge(("generic", "timeout"), ("special", r"LLM timeout after (\d+)"))

    assert finding.place == "p.toml:2"
    assert "shadowed by 'generic' (line 1)" in finding.message
    assert "LLM timeout after " in finding.why
    assert "higher priority" in finding.fix


@pytest.mark.parametrize(
    ("settings", "line", "sentence"),
    [
        ("max_retry = 3", 7, "did you mean 'max_retries'?"),
        ("max_retries = -1", 6, ""),
        ("zzzzzz = 1", 7, "settings: "),
    ],
)
def test_wrong_settings_are_found_where_they_stand(
    tmp_path: Path, settings: str, line: int, sentence: str
) -> None:
    """What an orchestrator would refuse is known before it does."""
    path = tmp_path / "p.toml"
    path.write_text(
        '[[patterns]]\npattern_id = "a"\nerror_type = "timeout"\nregex_pattern = "slow"\n'
        f'recovery_strategy = "retry"\n[patterns.metadata]\n{settings}\n'
    )

    (finding,) = lint(read_pattern_file(path), refusal=refusal)

    assert (finding.code, finding.line) == ("wrong-metadata", line)
    assert sentence in finding.fix


def test_the_id_of_a_built_in_pattern_is_a_warning() -> None:
    """Adding such a pattern removes ours, which is rarely meant."""
    assert codes((DEFAULT_PATTERNS[0].pattern_id, "card declined")) == [
        (1, "replaces-built-in", "warning")
    ]


OURS = [
    pattern
    for library in (
        COMMON_NETWORK_PATTERNS,
        COMMON_SYNTAX_PATTERNS,
        COMMON_TIMEOUT_PATTERNS,
        COMMON_VALIDATION_PATTERNS,
        DEFAULT_PATTERNS,
    )
    for pattern in library
]


def test_our_own_patterns_pass() -> None:
    """Nothing that we ship is unsafe, broken or hidden."""
    file = PatternFile("ours", tuple(FilePattern(one, RawPattern({})) for one in OURS), ())

    found = [one for one in lint(file, refusal=lambda _: "") if one.code != "replaces-built-in"]

    assert [str(one) for one in found if one.is_error] == []


@pytest.mark.parametrize("pattern", OURS, ids=lambda pattern: pattern.pattern_id)
def test_samples_of_real_patterns_match(pattern: ErrorPattern) -> None:
    """The writer of samples follows what real regexes are made of."""
    texts = sample_texts(pattern.regex_pattern)
    compiled = re.compile(pattern.regex_pattern, re.IGNORECASE)

    assert sum(compiled.search(text) is not None for text in texts) >= 0.5 * len(texts) > 0


PARTS = st.sampled_from(
    [
        *("a", "b+", "[^x]", r"\d", "(?:c|d)", "(e)", r"\1", "$", "^", ".*", "(?=f)", "(?<!g)"),
        *("(?-i:K)", "[A-Z]", r"\b", "(?P<n>x)?", "é", r"\n", "|", "(?i:z)", "(?>y)", "h{2,3}"),
    ]
)


@given(st.lists(PARTS, min_size=1, max_size=8))
def test_no_regex_is_a_crash(parts: list[str]) -> None:
    """Whatever compiles is judged, in order, without an exception."""
    regex = "".join(parts)
    try:
        re.compile(regex, re.IGNORECASE)
    except re.error:
        return

    found = judge(("a", "b+"), ("p", regex))

    assert [one.line for one in found] == sorted(one.line or 0 for one in found)


def test_a_large_file_is_judged_in_time() -> None:
    """The work grows with the number of patterns, not with its square."""
    rows = [(f"p{number}", f"service{number} failed with code {number}x") for number in range(300)]

    assert codes(*rows) == []


@pytest.mark.checkout
def test_the_reference_lists_every_finding() -> None:
    """The page has the codes that the sources give, and no others."""
    sources = [
        *Path(pattern_lint.__file__).parent.glob("pattern_*.py"),
        *Path(recovery_patterns.__file__).parent.glob("_file*.py"),
    ]
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    given = {
        *re.findall(r"Severity\.\w+(?: if [^,]+ else Severity\.\w+)?,\s*\"([a-z-]+)\"", text),
        *re.findall(r"(?:yield|error\()\s*\"([a-z]+-[a-z-]+)\"", text),
        *("unknown-type", "unknown-strategy"),
    }
    page = Path(__file__).parents[2] / "docs" / "reference" / "patterns.md"
    rows = page.read_text(encoding="utf-8").partition("## `validate`")[2].splitlines()

    listed = {
        code
        for row in rows
        if row.startswith("| `")
        for code in re.findall(r"`([a-z-]+)`", row.split(" | ")[0])
    }

    assert listed == given


def test_a_regex_that_an_orchestrator_refuses_is_a_finding() -> None:
    """Also one that only we refuse."""
    assert codes(("a", "[[:alpha:]]x"), ("b", "((a{1000}){1000}){1000}")) == [
        (1, "does-not-compile", "error"),
        (2, "does-not-compile", "error"),
    ]


def test_a_long_file_is_judged_as_far_as_the_time_allows(tmp_path: Path) -> None:
    """A finding says how many patterns are left."""
    path = tmp_path / "p.toml"
    path.write_text(
        "\n".join(
            f'[[patterns]]\npattern_id = "p{n}"\nerror_type = "timeout"\n'
            f'regex_pattern = "slow {n} x"\nrecovery_strategy = "retry"'
            for n in range(100)
        )
    )
    ticks = count()

    found = lint(read_pattern_file(path), refusal=refusal, clock=lambda: float(next(ticks)))

    assert [one.code for one in found] == ["unfinished"]
    assert found[0].message.startswith("95 of 100 patterns were not looked at")
