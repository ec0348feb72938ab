"""Run the unchanged call again, after a wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omninode_bridge.agents.workflows._backoff import Backoff
from omninode_bridge.agents.workflows._call import Call
from omninode_bridge.agents.workflows._ladder import RetryMoves
from omninode_bridge.agents.workflows.recovery_models import Attempt, RecoveryStrategy, Rerun
from omninode_bridge.errors import ConfigurationError, NoCallError

from ._bucket import RetryBucket
from ._lent import lent_clock
from ._stepped import Performed, PreparedStep, SteppedStrategy, StepView, check_flags, check_keys

__all__ = ["RetryStrategy"]

MAX_RETRIES_LIMIT = 1000


class RetryStrategy(SteppedStrategy):
    """Run the call again with exponential backoff.

    Before retry n the wait is at most ``min(base_delay * exponential_base ** (n - 1), max_delay)``
    seconds, spread by `jitter`; ``jitter="none"`` waits exactly that long. A ``Retry-After`` of
    the other side is a minimum; one above `max_delay` ends the step.

    Args:
        max_retries: in addition to the first call, 0 to 1,000.
        base_delay: seconds before the first retry.
        exponential_base: growth of the wait from retry to retry, at least 1.
        max_delay: longest wait, in seconds.
        jitter: ``full``, ``equal`` or ``none``.
        force: retry even an error that is known to stay.
        bucket: limits the retries of a dependency over all its calls; None is no limit.
        dependency: whose tokens are taken; the context's node by default.
    """

    keys = frozenset(
        {
            "base_delay",
            "bucket",
            "dependency",
            "exponential_base",
            "jitter",
            "max_delay",
            "max_retries",
        }
    )

    def __init__(
        self,
        max_retries: int = 3,
        base_delay: float = 1.0,
        *,
        exponential_base: float = 2.0,
        max_delay: float = 60.0,
        jitter: str = "full",
        force: bool = False,
        bucket: RetryBucket | None = None,
        dependency: str | None = None,
    ) -> None:
        super().__init__(RecoveryStrategy.RETRY)
        check_flags(force=force)
        if isinstance(max_retries, bool) or not isinstance(max_retries, int):
            raise ConfigurationError(f"max_retries is {max_retries!r}; it must be an integer")
        if not 0 <= max_retries <= MAX_RETRIES_LIMIT:
            raise ConfigurationError(
                f"max_retries is {max_retries}; it must be 0 to {MAX_RETRIES_LIMIT}"
            )
        self.max_retries = max_retries
        self.backoff = Backoff(base_delay, exponential_base, max_delay, jitter)
        self.force = force
        if bucket is not None and not isinstance(bucket, RetryBucket):
            raise ConfigurationError(f"bucket is {bucket!r}; it must be a RetryBucket or None")
        if dependency is not None and (not isinstance(dependency, str) or not dependency.strip()):
            raise ConfigurationError(f"dependency is {dependency!r}; it must be a text or None")
        self.bucket = bucket
        self.dependency = dependency

    def configured(self, metadata: Mapping[str, Any]) -> RetryStrategy:
        """Return a strategy with these settings over its own."""
        own = check_keys(self, metadata)
        force = metadata.get("force", self.force)
        check_flags(force=force)
        if not own and force == self.force:
            return self
        settings: dict[str, Any] = {
            "max_retries": self.max_retries,
            "base_delay": self.backoff.base_delay,
            "exponential_base": self.backoff.exponential_base,
            "max_delay": self.backoff.max_delay,
            "jitter": self.backoff.jitter,
            "bucket": self.bucket,
            "dependency": self.dependency,
        }
        return RetryStrategy(**(settings | own), force=force)

    def prepare(self, view: StepView) -> PreparedStep | str:
        """Offer the unchanged call up to `max_retries` times."""
        call = view.call
        if call is None:
            return "there is no call to run again"
        if call.rerun is Rerun.NEVER:
            return "the call must not run twice"
        try:
            call.bind()
        except NoCallError as error:
            return str(error)

        moves = RetryMoves(
            self.max_retries,
            self.backoff,
            needs_transient=call.rerun is Rerun.UNKNOWN,
            force=self.force,
        )
        if self.bucket is not None:
            return _limited(view, call, moves, self.bucket, self.dependency)

        async def perform(attempt: Attempt) -> Performed:
            del attempt
            return Performed(await view.environment.rerun(call))

        return PreparedStep(moves, perform)


def _limited(
    view: StepView, call: Call, moves: RetryMoves, bucket: RetryBucket, dependency: str | None
) -> PreparedStep:
    """Return the step whose retries take tokens of a bucket."""
    clock, name = lent_clock(view), dependency or view.context.node_name

    def admit() -> str:
        if bucket.take(name, clock.monotonic()):
            return ""
        return f"the retry bucket of {name!r} is empty: too many of its retries failed"

    def withdraw() -> None:
        bucket.give_back(name, clock.monotonic())

    async def perform(attempt: Attempt) -> Performed:
        del attempt
        value = await view.environment.rerun(call)
        bucket.give_back(name, clock.monotonic())
        return Performed(value)

    return PreparedStep(moves, perform, admit=admit, withdraw=withdraw)
