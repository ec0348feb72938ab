"""A text is tried on patterns: who wins, who else matches, and why."""

from __future__ import annotations

from omninode_bridge.agents.workflows.classification.pattern_trial import try_patterns
from omninode_bridge.agents.workflows.recovery_models import ErrorPattern


def pattern(name: str, regex: str, priority: int = 50) -> ErrorPattern:
    return ErrorPattern(name, "custom", regex, "retry", priority=priority)  # type: ignore[arg-type]


LOW, HIGH, EQUAL = pattern("low", "slow"), pattern("high", "slow", 60), pattern("equal", "slow")
OURS = pattern("ours", "very slow", 99)


def test_own_patterns_come_before_ours() -> None:
    """No priority of a built-in pattern beats a pattern of the user's."""
    trial = try_patterns("very slow", [LOW], [OURS])

    assert trial.winner is not None
    assert (trial.winner.pattern, trial.winner.excerpt) == (LOW, "slow")
    assert trial.winner.why == "it comes before ours: patterns of your own are tried before ours"
    assert [match.pattern for match in trial.others] == [OURS]


def test_priority_then_order_decides() -> None:
    """Equal priorities are told from different ones."""
    trial = try_patterns("slow", [LOW, EQUAL, HIGH], [])

    assert trial.winner is not None
    assert (trial.winner.pattern, trial.winner.why) == (
        HIGH,
        "it comes before low: priority 60 before 50",
    )
    assert [match.pattern for match in trial.others] == [LOW, EQUAL]
    tied = try_patterns("slow", [LOW, EQUAL], []).winner
    assert tied is not None
    assert "of equal priority 50 the one registered first" in tied.why


def test_groups_and_excerpts_are_redacted() -> None:
    """What a pattern captures is shown without secrets."""
    key = pattern("key", r"key (?P<key>\S+) refused")

    trial = try_patterns("key ghp_abcdefghijklmnopqrstuvwxyz0123 refused", [key], [])

    assert trial.winner is not None
    assert dict(trial.winner.groups) == {"key": "[redacted]"}
    assert "ghp_" not in trial.winner.excerpt


def test_what_takes_too_long_is_told() -> None:
    """A pattern without an answer is neither a match nor silently gone."""
    trial = try_patterns("a" * 5_000 + "!", [pattern("bad", r"(a|a)*\1(a+)+$")], [LOW])

    assert (trial.winner, trial.skipped) == (None, ("bad",))


def test_libraries_that_nobody_added_are_apart() -> None:
    """What would match if it were added does not win."""
    trial = try_patterns("very slow", [], [], [OURS])

    assert trial.winner is None
    assert [match.pattern for match in trial.not_added] == [OURS]
