"""Run the unchanged call again, after a wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omninode_bridge.agents.workflows._backoff import Backoff
from omninode_bridge.agents.workflows._ladder import RetryMoves
from omninode_bridge.agents.workflows.recovery_models import Attempt, RecoveryStrategy, Rerun
from omninode_bridge.errors import ConfigurationError, NoCallError

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
    """

    keys = frozenset({"max_retries", "base_delay", "exponential_base", "max_delay", "jitter"})

    def __init__(
        self,
        max_retries: int = 3,
        base_delay: float = 1.0,
        *,
        exponential_base: float = 2.0,
        max_delay: float = 60.0,
        jitter: str = "full",
        force: bool = False,
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

        async def perform(attempt: Attempt) -> Performed:
            del attempt
            return Performed(await view.environment.rerun(call))

        moves = RetryMoves(
            self.max_retries,
            self.backoff,
            needs_transient=call.rerun is Rerun.UNKNOWN,
            force=self.force,
        )
        return PreparedStep(moves, perform)
