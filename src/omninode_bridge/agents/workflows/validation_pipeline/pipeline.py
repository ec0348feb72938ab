"""Run named validators over code, in order, each in its time; the code itself is never run."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from omninode_bridge.agents.workflows._attached import attach_call
from omninode_bridge.agents.workflows._call import Call, is_async_callable
from omninode_bridge.agents.workflows._redaction_errors import error_text
from omninode_bridge.agents.workflows._threads import run_in_thread
from omninode_bridge.agents.workflows.recovery_models import Rerun
from omninode_bridge.errors import ConfigurationError

from ._source import Source
from ._validators import (
    ALWAYS,
    BUILT_IN,
    Validator,
    checked_seconds,
    choice,
    finding,
    findings_in,
    make_validator,
)
from .failures import failure_of
from .models import (
    Severity,
    ValidationContext,
    ValidationFinding,
    ValidationLevel,
    ValidationResult,
)

__all__ = ["ValidationPipeline"]

logger = logging.getLogger(__name__)

DEFAULT_TIMEOUT: Final = 10.0
MAX_VALIDATORS: Final = 200


class ValidationPipeline:
    """Holds code against named validators.

    ``basic`` checks syntax, template residue, security patterns and undefined names; ``standard``
    also that ``execute*`` functions are ``async``; ``full`` also that no coroutine is dropped and
    that none holds up the event loop. Nothing of the code is run or imported.

    Args:
        validators: further checks by name, as for `add_validator()`.
        level: of validations whose context names none.
        timeout_seconds: for each validator that has no time limit of its own.

    Example:
        >>> import asyncio
        >>> pipeline = ValidationPipeline()
        >>> asyncio.run(pipeline.validate("x = 1")).success
        True
        >>> asyncio.run(pipeline.validate("x = y"))
        Traceback (most recent call last):
        ...
        omninode_bridge.agents.workflows.validation_pipeline.failures.ValidationError: validation failed: line 1: name 'y' is not defined
    """

    def __init__(
        self,
        validators: Mapping[str, Callable[..., Any]] | None = None,
        *,
        level: ValidationLevel | str = ValidationLevel.STANDARD,
        timeout_seconds: float = DEFAULT_TIMEOUT,
    ) -> None:
        self._level = choice(ValidationLevel, level, what="level")
        self._timeout = checked_seconds(timeout_seconds) or DEFAULT_TIMEOUT
        self._lock = threading.Lock()
        self._validators: Mapping[str, Validator] = {v.name: v for v in BUILT_IN}
        if validators is not None and not isinstance(validators, Mapping):
            raise ConfigurationError(
                f"validators is {validators!r}; it must be a mapping of names to callables"
            )
        for name, check in (validators or {}).items():
            self.add_validator(name, check)

    @property
    def validators(self) -> tuple[str, ...]:
        """Names of all validators, in the order in which they run."""
        return tuple(self._validators)

    def add_validator(
        self,
        name: str,
        check: Callable[..., Any],
        *,
        level: ValidationLevel | str = ValidationLevel.BASIC,
        severity: Severity | str = Severity.ERROR,
        timeout_seconds: float | None = None,
    ) -> None:
        """Add a validator, or replace an added one of the same name.

        Args:
            name: in findings.
            check: ``check(code)`` or ``check(code, context)``, plain (run in a worker thread) or
                a coroutine function. It refuses by returning False, a text that says why, a
                collection of texts or findings, or by raising. It is not asked about code that
                does not parse.
            level: the lowest one at which it runs.
            severity: of findings that do not say theirs.
            timeout_seconds: after which it is not waited for, which is a finding; None for the
                pipeline's.

        Raises:
            ConfigurationError: something that cannot be used, or the name of a built-in validator.
        """
        added = make_validator(
            name, check, level=level, severity=severity, timeout_seconds=timeout_seconds
        )
        with self._lock:
            there = self._validators.get(name)
            if there is not None and there.built_in:
                raise ConfigurationError(f"validator {name!r} is built in; choose another name")
            if len(self._validators) >= MAX_VALIDATORS:
                raise ConfigurationError(f"there are {MAX_VALIDATORS} validators already")
            self._validators = {**self._validators, name: added}

    def remove_validator(self, name: str) -> None:
        """Take a validator out; syntax and security stay.

        Raises:
            ConfigurationError: there is none of this name, or it has to stay.
        """
        with self._lock:
            if name not in self._validators:
                known = ", ".join(self._validators)
                raise ConfigurationError(f"there is no validator {name!r}; there are {known}")
            if name in ALWAYS:
                raise ConfigurationError(f"validator {name!r} cannot be taken out")
            self._validators = {k: v for k, v in self._validators.items() if k != name}

    async def validate(
        self, code: str, context: ValidationContext | None = None
    ) -> ValidationResult:
        """Hold code against the validators of the level.

        Args:
            code: Python source.
            context: where it comes from; its level goes before the pipeline's.

        Raises:
            ValidationError: a validator found an error; it carries the account. It is a
                `SecurityValidationError` where security did, and a `SyntaxError` too where only
                the form is wrong. A recovery can run the call again with other code.
        """
        result = await self.check(code, context)
        if not result.success:
            raise self._failure(result, self.validate, {"code": code, "context": context})
        return result

    async def validate_code(self, code: str) -> ValidationResult:
        """Hold a piece of code against the validators by itself.

        Names that it does not define are warnings: what stands around it may define them.

        Raises:
            ValidationError: as `validate()`; code that does not parse raises a `SyntaxError`.
        """
        result = await self._run(code, ValidationContext(), lenient=frozenset({"undefined_names"}))
        if not result.success:
            raise self._failure(result, self.validate_code, {"code": code})
        return result

    async def check(self, code: str, context: ValidationContext | None = None) -> ValidationResult:
        """Do the same as `validate()`, and return the account of a failure too."""
        return await self._run(code, ValidationContext() if context is None else context)

    def _failure(self, result: ValidationResult, method: Any, given: dict[str, Any]) -> Exception:
        error = failure_of(result)
        call = Call(
            method,
            kwargs=given,
            rerun=Rerun.IDEMPOTENT,
            source="ValidationPipeline",
            complete=True,
        )
        attach_call(error, call)
        return error

    async def _run(
        self, code: str, context: ValidationContext, *, lenient: frozenset[str] = frozenset()
    ) -> ValidationResult:
        if not isinstance(code, str):
            raise ConfigurationError(f"code is of type {type(code).__name__}; it must be a text")
        if not isinstance(context, ValidationContext):
            raise ConfigurationError(f"context is {context!r}; it must be a ValidationContext")
        begun = time.perf_counter()
        level = self._level
        if context.level is not None:
            level = choice(ValidationLevel, context.level, what="level")
        source = Source(code, frozenset(context.known_names))
        found: list[ValidationFinding] = []
        ran: list[str] = []
        skipped: dict[str, str] = {}
        broken = False
        for validator in self._validators.values():
            if not level.includes(validator.level):
                skipped[validator.name] = f"it belongs to the level {str(validator.level)!r}"
            elif broken and validator.needs_tree:
                skipped[validator.name] = "the code does not parse"
            else:
                told = await self._ask(validator, source, context)
                broken = broken or (validator.name == "syntax" and bool(told))
                ran.append(validator.name)
                if validator.name in lenient:
                    told = tuple(replace(one, severity=Severity.WARNING) for one in told)
                found += told
        result = ValidationResult(
            success=not any(one.severity is Severity.ERROR for one in found),
            code=code,
            findings=tuple(found),
            level=level,
            validators=tuple(ran),
            skipped=skipped,
            workflow_id=context.workflow_id,
            duration_ms=(time.perf_counter() - begun) * 1000,
        )
        logger.debug(
            "validation.finished",
            extra={
                "workflow_id": context.workflow_id,
                "success": result.success,
                "findings": len(found),
                "level": str(level),
                "duration_ms": result.duration_ms,
            },
        )
        return result

    async def _ask(
        self, validator: Validator, source: Source, context: ValidationContext
    ) -> tuple[ValidationFinding, ...]:
        """Return what one validator found; whatever goes wrong with it is a finding too."""
        seconds = validator.timeout_seconds or self._timeout
        timer = asyncio.timeout(seconds)
        try:
            async with timer:
                answer = await _answer(validator, source, context)
            return findings_in(validator, answer)
        except TimeoutError as error:
            if timer.expired():
                return (finding(validator, f"{validator.name!r} took longer than {seconds:g} s"),)
            return (_raised(validator, error),)
        except Exception as error:  # noqa: BLE001 -- a validator may raise whatever it likes
            return (_raised(validator, error),)


async def _answer(validator: Validator, source: Source, context: ValidationContext) -> Any:
    if validator.built_in:
        return await run_in_thread(
            lambda: sorted(validator.check(source), key=lambda f: f.line or 0)
        )
    given = (source.code, context) if validator.takes_context else (source.code,)
    if is_async_callable(validator.check):
        return await validator.check(*given)
    answer = await run_in_thread(validator.check, *given)
    return await answer if inspect.isawaitable(answer) else answer


def _raised(validator: Validator, error: Exception) -> ValidationFinding:
    line = getattr(error, "lineno", None)
    said = f"{validator.name!r} raised {error_text(error, limit=1_000)}"
    return finding(validator, said, line if isinstance(line, int) and line > 0 else None)
