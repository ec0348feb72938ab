"""The libraries: what the guide prints, immutable, indexed, safe to run."""

from __future__ import annotations

import pytest

from omninode_bridge.agents.workflows.classification import PatternSet
from omninode_bridge.agents.workflows.classification.safety import EXPONENTIAL, analyse
from omninode_bridge.agents.workflows.recovery_models import (
    ErrorPattern,
    ErrorType,
    RecoveryStrategy,
)
from omninode_bridge.agents.workflows.recovery_patterns import (
    COMMON_NETWORK_PATTERNS,
    COMMON_SYNTAX_PATTERNS,
    COMMON_TIMEOUT_PATTERNS,
    COMMON_VALIDATION_PATTERNS,
    DEFAULT_PATTERNS,
    PatternLibrary,
    is_library_pattern,
)
from omninode_bridge.errors import ConfigurationError

LIBRARIES = (
    COMMON_NETWORK_PATTERNS,
    COMMON_SYNTAX_PATTERNS,
    COMMON_VALIDATION_PATTERNS,
    COMMON_TIMEOUT_PATTERNS,
    DEFAULT_PATTERNS,
)
ALL = [pattern for library in LIBRARIES for pattern in library]

PRINTED = [
    (
        "connection_timeout",
        ErrorType.NETWORK,
        r"ConnectionTimeout|ConnectTimeout",
        "retry",
        {"max_retries": 3, "base_delay": 2.0},
    ),
    (
        "read_timeout",
        ErrorType.NETWORK,
        r"ReadTimeout|Socket.*timeout",
        "retry",
        {"max_retries": 5, "base_delay": 1.0},
    ),
    (
        "connection_refused",
        ErrorType.NETWORK,
        r"ConnectionRefused|Connection.*refused",
        "escalation",
        {},
    ),
    (
        "missing_async",
        ErrorType.SYNTAX,
        r"SyntaxError.*'await'.*outside.*async",
        "error_correction",
        {"pattern": r"def (execute_\w+)\(", "replacement": r"async def \1("},
    ),
    (
        "missing_import",
        ErrorType.SYNTAX,
        r"NameError.*not defined",
        "error_correction",
        {"add_imports": True},
    ),
]


@pytest.mark.parametrize(
    ("pattern_id", "kind", "regex", "strategy", "metadata"),
    PRINTED,
    ids=lambda value: str(value)[:20],
)
def test_entries_are_as_printed(
    pattern_id: str, kind: ErrorType, regex: str, strategy: str, metadata: dict[str, object]
) -> None:
    """Regex, strategy and metadata of the guide are kept to the letter."""
    pattern = next(one for one in ALL if one.pattern_id == pattern_id)

    assert (pattern.error_type, pattern.regex_pattern, pattern.recovery_strategy) == (
        kind,
        regex,
        strategy,
    )
    assert dict(pattern.metadata) == metadata
    assert pattern.priority == 50


def test_entries_that_the_guide_only_names_exist() -> None:
    """They are taken out by id."""
    assert COMMON_TIMEOUT_PATTERNS["llm_timeout"].error_type is ErrorType.TIMEOUT
    assert (
        COMMON_VALIDATION_PATTERNS["quality_threshold"].recovery_strategy
        is RecoveryStrategy.GRACEFUL_DEGRADATION
    )


def test_libraries_iterate_and_index_by_id_and_place() -> None:
    """In the order of definition; a wrong key is answered with those that exist."""
    first = next(iter(COMMON_NETWORK_PATTERNS))

    assert COMMON_NETWORK_PATTERNS[0] is first is COMMON_NETWORK_PATTERNS["connection_timeout"]
    assert len(list(COMMON_NETWORK_PATTERNS)) == len(COMMON_NETWORK_PATTERNS)
    with pytest.raises(
        KeyError, match="COMMON_NETWORK_PATTERNS has no pattern 'nope'; it has 'connection_timeout'"
    ):
        COMMON_NETWORK_PATTERNS["nope"]
    with pytest.raises(IndexError, match="there is none at 99"):
        COMMON_NETWORK_PATTERNS[99]


def test_a_double_id_is_refused() -> None:
    """A library is a mapping, so its ids differ."""
    pattern = COMMON_NETWORK_PATTERNS[0]

    with pytest.raises(ConfigurationError, match="'connection_timeout' occurs twice in MINE"):
        PatternLibrary("MINE", [pattern, pattern])


def test_a_library_cannot_be_changed() -> None:
    """There is no assignment by key."""
    with pytest.raises(TypeError):
        COMMON_NETWORK_PATTERNS["x"] = COMMON_NETWORK_PATTERNS[0]  # type: ignore[index]


def test_only_the_very_pattern_keeps_the_built_in_rank() -> None:
    """A user's pattern with the id of one of ours is the user's."""
    ours = COMMON_NETWORK_PATTERNS["read_timeout"]
    theirs = ErrorPattern(ours.pattern_id, ours.error_type, "x", ours.recovery_strategy)

    assert is_library_pattern(ours)
    assert not is_library_pattern(theirs)


@pytest.mark.parametrize("pattern", ALL, ids=lambda pattern: pattern.pattern_id)
def test_every_pattern_compiles_needs_a_literal_and_is_bounded(pattern: ErrorPattern) -> None:
    """None of ours needs the slow engine, and none runs on a text that lacks its words."""
    shape = analyse(pattern.regex_pattern)

    assert shape.needs
    assert shape.degree < EXPONENTIAL
    assert PatternSet.empty().with_pattern(pattern).match("zzz") is None


def test_ids_differ_over_all_libraries() -> None:
    """Adding every library loses none of its patterns."""
    assert len(PatternSet.of(ALL)) == len(ALL)


@pytest.mark.parametrize(
    ("text", "pattern_id"),
    [
        ("LLM request timeout", "llm_timeout"),
        ("Code quality score 0.4 is below the threshold", "quality_threshold"),
        ("Generation of model timeout", "generation_timeout"),
        ("Template 'node' render failed: x", "template_render"),
        ("Connection was refused", "connection_refused"),
        ("NameError: name 'Any' is not defined", "missing_import"),
    ],
)
def test_the_entries_match_what_they_are_for(text: str, pattern_id: str) -> None:
    """One sentence for each of the entries that are named in the guide."""
    common = [pattern for library in LIBRARIES[:4] for pattern in library]

    found = PatternSet.of(common).match_all(text)

    assert pattern_id in [one.pattern.pattern_id for one in found]
