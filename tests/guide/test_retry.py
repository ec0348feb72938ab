"""Section 1, Retry Strategy."""

from __future__ import annotations

import asyncio

import pytest

from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    RecoveryResult,
    RecoveryStrategy,
    RetryStrategy,
)

from ._reader import Reader
from ._steps import handle, set_up, waits


async def never(contract_id: str = "") -> None:
    raise ConnectionError("connection reset by peer")


def exhaust(reader: Reader, strategy: RetryStrategy) -> RecoveryResult:
    """Let a strategy retry what never passes."""
    orchestrator = ErrorRecoveryOrchestrator()
    orchestrator.register_strategy(RecoveryStrategy.RETRY, strategy)
    reader.supply(orchestrator=orchestrator)
    return handle(reader, ConnectionError("connection reset by peer"), operation=never)


def test_configuration(reader: Reader) -> None:
    """The three strategies retry as often, and wait at most as long, as their comments say."""
    reader.run(4)

    for name, most in (
        ("strategy", (1, 2, 4)),
        ("aggressive_strategy", (2, 4, 8, 16, 32)),
        ("fast_strategy", (0.5, 1)),
    ):
        strategy = reader[name]
        result = exhaust(reader, strategy)
        assert not result.success
        assert len(waits(result)) == len(most), name
        assert all(0 <= wait <= limit for wait, limit in zip(waits(result), most, strict=True))
        assert [strategy.backoff.ceiling(n) for n in range(1, len(most) + 1)] == list(most)


FETCH = """
    asked = []

    class Response:
        def json(self):
            return {"id": asked[-1].rpartition("/")[2]}

    class http_client:
        @staticmethod
        async def get(path):
            asked.append(path)
            if len(asked) <= 3:
                raise TimeoutError("no answer within 5 s")
            return Response()
"""


def test_usage_example(reader: Reader) -> None:
    """The fetch that timed out is run again, for the same contract, until it answers."""
    set_up(reader)
    reader.write(FETCH)

    reader.run(5)

    assert reader["contract"] == {"id": "contract-123"}
    assert reader["asked"] == ["/contracts/contract-123"] * 4
    assert reader["recovery_result"].strategy_used is RecoveryStrategy.RETRY
    assert reader["recovery_result"].retry_count == 3


def test_usage_example_by_its_own_pattern(reader: Reader) -> None:
    """Where the pattern of the block decides, its operation runs again with the arguments that failed."""
    reader.write("""
        from omninode_bridge.agents.workflows import (
            ErrorPattern, ErrorRecoveryOrchestrator, ErrorType, RecoveryContext, RecoveryStrategy
        )

        orchestrator = ErrorRecoveryOrchestrator()
    """)
    reader.write(FETCH)

    reader.run(5)

    assert reader["recovery_result"].pattern_matched == "api_fetch_timeout"
    assert reader["asked"] == ["/contracts/contract-123"] * 4
    assert reader["contract"] == {"id": "contract-123"}


def test_exponential_backoff(reader: Reader) -> None:
    """Without jitter the waits are exactly those that are printed, and add up to seven seconds."""
    result = exhaust(reader, RetryStrategy(jitter="none"))

    assert waits(result) == [1, 2, 4]
    assert reader.passed == pytest.approx(7)


def test_delays_are_configurable(reader: Reader) -> None:
    """Base, growth and longest wait all change the schedule."""
    strategy = RetryStrategy(
        max_retries=5, base_delay=0.5, exponential_base=3, max_delay=4, jitter="none"
    )

    assert waits(exhaust(reader, strategy)) == [0.5, 1.5, 4, 4, 4]


@pytest.mark.parametrize(("settings", "retries"), [({}, 3), ({"max_retries": 7}, 7)])
def test_number_of_retries(reader: Reader, settings: dict[str, int], retries: int) -> None:
    """An orchestrator retries three times unless it is told otherwise, in addition to the first call."""
    reader.supply(orchestrator=ErrorRecoveryOrchestrator(**settings))

    result = handle(reader, ConnectionError("connection reset by peer"), operation=never)

    assert result.retry_count == retries
    assert result.strategy_used is RecoveryStrategy.RETRY
    assert not result.success
    assert isinstance(result.error, ConnectionError)


def test_no_wait_above_eight_seconds(reader: Reader) -> None:
    """The first wait is a second at most; the one after three retries would be eight, and none is longer."""
    one_more = exhaust(reader, RetryStrategy(max_retries=4, jitter="none"))
    drawn = [waits(exhaust(reader, RetryStrategy(max_retries=4))) for _ in range(50)]
    default = [waits(exhaust(reader, RetryStrategy())) for _ in range(50)]

    assert waits(one_more) == [1, 2, 4, 8]
    assert {len(schedule) for schedule in default} == {3}
    for n, most in enumerate((1, 2, 4, 8)):
        seen = [schedule[n] for schedule in drawn]
        assert 0 <= min(seen) < most / 2 < max(seen) <= most
    assert max(map(sum, default)) <= 7


def test_permanent_errors_are_not_retried(reader: Reader) -> None:
    """A 400 stays a 400: the call is not run again, also where a pattern says retry."""

    class BadRequest(Exception):
        status_code = 400

    ran = []

    async def post() -> None:
        ran.append("post")

    set_up(reader)
    result = handle(reader, BadRequest("400 Bad Request"), operation=post)
    reader.write("""
        orchestrator.add_error_pattern(ErrorPattern(
            "bad", ErrorType.NETWORK, "Bad ?Request", RecoveryStrategy.RETRY
        ))
    """)
    declared = handle(reader, BadRequest("400 Bad Request"), operation=post)

    assert not result.success
    assert not declared.success
    assert ran == []

    reader.write("""
        orchestrator.add_error_pattern(ErrorPattern(
            "bad", ErrorType.NETWORK, "Bad ?Request", RecoveryStrategy.RETRY,
            metadata={"force": True},
        ))
    """)
    assert handle(reader, BadRequest("400 Bad Request"), operation=post).success
    assert ran == ["post"]


def test_latency_is_told(reader: Reader) -> None:
    """What the waits cost stands in the record of each attempt, and the budget bounds it."""
    result = exhaust(reader, RetryStrategy(max_retries=50, base_delay=60, jitter="none"))

    assert sum(waits(result)) == pytest.approx(reader.passed)
    assert len(waits(result)) < 50


def test_there_is_a_limit() -> None:
    """A number of retries beyond reason, or none at all, is refused."""
    from omninode_bridge.errors import ConfigurationError

    for wrong in (1001, -1, None, float("inf")):
        with pytest.raises(ConfigurationError, match="max_retries"):
            RetryStrategy(max_retries=wrong)  # type: ignore[arg-type]


def test_waiting_can_be_cancelled(reader: Reader) -> None:
    """A wait does not hold up whoever wants to stop."""
    reader.supply(orchestrator=ErrorRecoveryOrchestrator(base_delay=60, jitter="none"))

    async def stop_soon() -> None:
        async with asyncio.timeout(1):
            await reader["orchestrator"].run(never)

    with pytest.raises(TimeoutError):
        reader.wait_for(stop_soon())
    assert reader.passed == pytest.approx(1)


def test_an_error_that_turns_permanent_ends_the_retries(reader: Reader) -> None:
    """What passed for a hiccup and comes back as a 400 is not sent a third time."""

    class BadRequest(Exception):
        status_code = 400

    sent: list[int] = []

    async def post() -> None:
        sent.append(1)
        raise BadRequest("400 Bad Request")

    set_up(reader)
    result = handle(reader, ConnectionError("connection reset by peer"), operation=post)

    assert not result.success
    assert len(sent) == 1
    assert isinstance(result.error, BadRequest)
