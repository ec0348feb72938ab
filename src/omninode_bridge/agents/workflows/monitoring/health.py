"""Ask whether recoveries are well."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from omninode_bridge.agents.workflows._clock import Clock
from omninode_bridge.agents.workflows._redaction import redact
from omninode_bridge.agents.workflows._redaction_errors import error_text
from omninode_bridge.agents.workflows._threads import run_in_thread
from omninode_bridge.errors import ConfigurationError

from ._arguments import positive, text
from ._watched import StatisticsSource, check_source, clock_of
from .health_models import CheckResult, HealthStatus

__all__ = ["HealthChecker"]

logger = logging.getLogger(__name__)

MAX_CHECKS: Final = 1_000
_AT_ONCE: Final = 16
_MESSAGE: Final = 300

Check = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class _Check:
    name: str
    ask: Check
    critical: bool
    timeout: float


@dataclass(slots=True)
class _Run:
    check: _Check
    ended: bool = False


class HealthChecker:
    """Run named checks and say which fail.

    Args:
        error_recovery: the orchestrator whose statistics go along with the answer.
        timeout: seconds that one check may take; they are the machine's, whatever the clock is.
        clock: tells when and how long; the orchestrator's by default.

    Example:
        >>> import asyncio
        >>> from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
        >>> orchestrator = ErrorRecoveryOrchestrator()
        >>> checker = HealthChecker(error_recovery=orchestrator)
        >>> checker.add_check("rate", lambda: orchestrator.get_statistics().success_rate >= 0.9)
        >>> asyncio.run(checker.check_all()).all_passing
        True
    """

    def __init__(
        self,
        error_recovery: StatisticsSource | None = None,
        *,
        timeout: float = 5.0,
        clock: Clock | None = None,
    ) -> None:
        if error_recovery is not None:
            check_source(error_recovery)
        self._error_recovery = error_recovery
        self._timeout = positive("timeout", timeout)
        self._clock = clock or clock_of(error_recovery)
        self._lock = threading.Lock()
        self._checks: dict[str, _Check] = {}
        self._hanging: set[int] = set()

    def add_check(
        self, name: str, check: Check, *, critical: bool = False, timeout: float | None = None
    ) -> None:
        """Add a check, or replace the one of this name.

        Args:
            name: of the check.
            check: takes nothing and returns whether all is well; a coroutine function, or a plain
                one, which runs in a worker thread. What it raises is a failure.
            critical: listed in `HealthStatus.critical_failures` where it fails.
            timeout: seconds that it may take.

        Raises:
            ConfigurationError: no name, no callable, no time, or `MAX_CHECKS` checks already.
        """
        text("the name of a check", name)
        if not callable(check):
            raise ConfigurationError(f"check {name!r} is {check!r}; it must be callable")
        if not isinstance(critical, bool):
            raise ConfigurationError(f"critical is {critical!r}; it must be True or False")
        seconds = self._timeout if timeout is None else positive("timeout", timeout)
        with self._lock:
            if name not in self._checks and len(self._checks) >= MAX_CHECKS:
                raise ConfigurationError(f"there are {MAX_CHECKS} checks; no more are taken")
            self._checks[name] = _Check(name, check, critical, seconds)

    def remove_check(self, name: str) -> None:
        """Remove a check.

        Raises:
            ConfigurationError: there is none of this name.
        """
        with self._lock:
            if self._checks.pop(name, None) is None:
                raise ConfigurationError(f"there is no check {name!r}")

    @property
    def checks(self) -> tuple[str, ...]:
        """Names of the checks, in the order in which they were added."""
        return tuple(self._checks)

    async def check_all(self) -> HealthStatus:
        """Run every check, several at once, and return what they found."""
        with self._lock:
            checks = tuple(self._checks.values())
        at = self._clock.now()
        gate = asyncio.Semaphore(_AT_ONCE)

        async def run(check: _Check) -> CheckResult:
            async with gate:
                return await self._run(check)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(run(check)) for check in checks]
        results = tuple(task.result() for task in tasks)
        status = HealthStatus(results=results, at=at, statistics=self._statistics())
        for result in results:
            if not result.passing:
                logger.warning(
                    "health.check_failed",
                    extra={
                        "check": result.name,
                        "critical": result.critical,
                        "reason": result.message,
                    },
                )
        return status

    async def _run(self, check: _Check) -> CheckResult:
        begun = self._clock.monotonic()
        message = await self._complaint(check)
        return CheckResult(
            check.name,
            passing=not message,
            critical=check.critical,
            message=message,
            duration_ms=max(0.0, self._clock.monotonic() - begun) * 1000,
        )

    async def _complaint(self, check: _Check) -> str:
        """Return why the check does not pass; empty where it does."""
        try:
            async with asyncio.timeout(check.timeout) as scope:
                answer = await self._ask(check)
                if answer is None:
                    return "it returned None, not True or False"
                return "" if bool(answer) else f"it returned {_short(answer)}"
        except TimeoutError as error:
            if scope.expired():
                return f"it took longer than {check.timeout:g} s"
            return error_text(error, limit=_MESSAGE)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return "what it waited for was cancelled"
        except Exception as error:  # noqa: BLE001 - whatever a check raises, the others are asked
            return error_text(error, limit=_MESSAGE)

    async def _ask(self, check: _Check) -> Any:
        if inspect.iscoroutinefunction(check.ask):
            return await check.ask()
        with self._lock:
            if id(check) in self._hanging:
                # a thread cannot be stopped; one that hangs is enough
                raise TimeoutError("it has not come back from the last time")
        run = _Run(check)
        try:
            answer = await run_in_thread(self._ask_in_thread, run)
        except asyncio.CancelledError:
            with self._lock:
                if not run.ended:
                    self._hanging.add(id(check))
            raise
        return await answer if inspect.isawaitable(answer) else answer

    def _ask_in_thread(self, run: _Run) -> Any:
        try:
            return run.check.ask()
        finally:
            with self._lock:
                run.ended = True
                self._hanging.discard(id(run.check))

    def _statistics(self) -> Any:
        if self._error_recovery is None:
            return None
        try:
            return self._error_recovery.get_statistics()
        except Exception as error:  # noqa: BLE001 - the checks have been answered all the same
            logger.warning("health.no_statistics", extra={"error": type(error).__name__})
            return None


def _short(answer: object) -> str:
    try:
        return redact(repr(answer), limit=_MESSAGE)
    except Exception:  # noqa: BLE001 - an answer of the user's that cannot be read
        return f"a {type(answer).__name__}"
