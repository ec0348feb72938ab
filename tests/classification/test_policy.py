"""Ladders of one's own: what a policy changes, and what it is refused for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, RecoveryStrategy
from omninode_bridge.agents.workflows.classification import Policy, policy_of
from omninode_bridge.agents.workflows.recovery_models import ErrorType
from omninode_bridge.errors import ConfigurationError

RETRY, HUMAN = RecoveryStrategy.RETRY, RecoveryStrategy.ESCALATION
OTHER = RecoveryStrategy.ALTERNATIVE_PATH


def ladders(**tables: Any) -> dict[str, Any]:
    return {"ladders": tables}


def test_a_file_replaces_the_ladders_it_names(tmp_path: Path) -> None:
    """The ladder of the file is the whole one; others stay as they are."""
    path = tmp_path / "policy.toml"
    path.write_text('[ladders.network]\npasses = ["alternative_path"]\n', encoding="utf-8")

    orchestrator = ErrorRecoveryOrchestrator(policy=path)

    assert orchestrator.analyze(ConnectionResetError("x")).ladder == (OTHER,)
    assert orchestrator.analyze(TimeoutError("x")).strategy is RETRY


def test_a_path_as_text_and_a_policy_do_as_well(tmp_path: Path) -> None:
    """Each form gives the same table."""
    path = tmp_path / "policy.toml"
    path.write_text('[ladders.timeout]\nalways = ["escalation"]\n', encoding="utf-8")

    from_text = policy_of(str(path))

    assert dict(from_text.ladders) == dict(
        policy_of(ladders(timeout={"always": ["escalation"]})).ladders
    )
    assert policy_of(from_text) is from_text
    assert {key[1] for key in from_text.ladders} == {True, None, False}
    assert policy_of(None) == Policy()


def test_a_built_in_pattern_does_not_come_before_a_ladder_of_ones_own() -> None:
    """What the policy says is not added to."""
    mine = ErrorRecoveryOrchestrator(policy=ladders(timeout={"passes": ["escalation"]}))

    found = mine.analyze(TimeoutError("read timed out"))

    assert found.ladder == (HUMAN,)


def test_a_retry_of_what_stays_needs_force() -> None:
    """It is refused unless the file says that it is meant."""
    table = {"stays": ["retry", "escalation"]}

    with pytest.raises(
        ConfigurationError, match=r"ladders.security.stays has 'retry'.*force = true"
    ):
        policy_of(ladders(security=table))
    forced = ErrorRecoveryOrchestrator(policy=ladders(security={**table, "force": True}))
    assert forced.analyze(PermissionError("x")).ladder == (RETRY, HUMAN)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (7, "policy is 7; it must be a path to a TOML file, a mapping or a Policy"),
        ({"ladder": {}}, "policy: 'ladder' is no key of a policy; did you mean 'ladders'?"),
        ({"ladders": []}, r"policy: ladders is \[\]; it must be a table by error type"),
        (
            ladders(networking={}),
            "policy: ladders: 'networking' is no error type; did you mean 'network'?",
        ),
        (ladders(zzz={}), "'zzz' is no error type; known: 'network', 'validation'"),
        (ladders(network=["retry"]), r"ladders.network is \['retry'\]; it must be a table"),
        (
            ladders(network={"pass": ["retry"]}),
            "'pass' is no key of a ladder; did you mean 'passes'?",
        ),
        (
            ladders(network={"stays": "retry"}),
            "ladders.network.stays is 'retry'; it must be a list",
        ),
        (ladders(network={"stays": []}), r"ladders.network.stays is \[\]; it must be a list"),
        (
            ladders(network={"passes": ["retries"]}),
            "'retries' is no strategy; did you mean 'retry'?",
        ),
        (ladders(network={"passes": [3]}), "3 is no strategy; known: 'retry'"),
        (ladders(network={"passes": ["retry", "retry"]}), "network.passes has 'retry' twice"),
        (ladders(network={"force": "yes"}), "network.force is 'yes'; it must be true or false"),
        (
            ladders(network={"always": ["escalation"], "stays": ["escalation"]}),
            "ladders.network has 'always' beside 'stays'",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_advice(value: Any, message: str) -> None:
    """The message names the place, the value and what would be right."""
    with pytest.raises(ConfigurationError, match=message):
        ErrorRecoveryOrchestrator(policy=value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[ladders", r"policy.toml: expected"),
        (b"a = 1\na = 2\n", r"policy.toml: .*line 2"),
        (b"\xff\xfe", r"policy.toml: byte 0 is not UTF-8"),
        (b"a = " + b"[" * 20_000, "policy.toml: nested too deeply"),
        (b"\na" + b".a" * 3_000 + b" = 1", "policy.toml:2: a key has more than 40 dots$"),
        (b"a = " + b"9" * 5_000, "policy.toml: exceeds the limit"),
        (b"#" * 1_000_001, "is larger than 1000000 bytes"),
        (
            b"[ladders.timeouts]\n",
            r"policy.toml: ladders: 'timeouts' is no error type; did you mean 'timeout'",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    """Also the line, where the file is no TOML."""
    path = tmp_path / "policy.toml"
    path.write_bytes(content)

    with pytest.raises(ConfigurationError, match=message):
        policy_of(path)


def test_a_path_that_cannot_be_one_is_refused() -> None:
    """A zero in it is a mistake like any other."""
    with pytest.raises(ConfigurationError, match="cannot be read: embedded null"):
        policy_of("policy\0.toml")


def test_an_empty_path_is_refused() -> None:
    """It is not the folder that we are in."""
    with pytest.raises(ConfigurationError, match=r"^policy is ''; it must be a path"):
        policy_of("")


def test_the_mark_of_windows_is_passed_over(tmp_path: Path) -> None:
    """Some editors put a byte order mark before the first line."""
    path = tmp_path / "policy.toml"
    path.write_bytes(b'\xef\xbb\xbf[ladders.network]\nstays = ["escalation"]\n')

    assert policy_of(path).ladders


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With what the system says."""
    with pytest.raises(ConfigurationError, match=r"none.toml' cannot be read: no such file"):
        policy_of(tmp_path / "none.toml")


def test_a_policy_does_not_change() -> None:
    """Its table is a copy that refuses writes."""
    table = {(ErrorType.NETWORK, True): (HUMAN,)}
    policy = Policy(table)
    table.clear()

    assert policy.ladders[ErrorType.NETWORK, True] == (HUMAN,)
    with pytest.raises(TypeError):
        policy.ladders[ErrorType.NETWORK, True] = ()  # type: ignore[index]
