"""What all ways into an orchestrator share: analyse, find the call, recover, re-raise."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any

from omninode_bridge.errors import ConfigurationError

from ._attached import (
    answer_of,
    attach_answer,
    attach_call,
    attach_question,
    attached_answer,
)
from ._attempt_text import add_note, note
from ._blocking import drive
from ._call import Call
from ._durable import RecoveryLog
from ._foreign import passes_through
from ._machine_calls import find_call
from ._machine_parts import MachineParts
from ._machine_recovery import run_recovery
from ._options import RunOptions
from ._quick import Recovered, retry_first
from ._redaction_errors import failure_fields
from .recovery_models import ErrorAnalysis, RecoveryContext, RecoveryResult

__all__ = ["Machine", "new_workflow_id"]

logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")


def new_workflow_id() -> str:
    """Return an id that nobody else has."""
    return uuid.uuid4().hex


class Machine(MachineParts):
    """Analyses, finds the call, recovers and re-raises."""

    __slots__ = ()

    async def handle(
        self,
        context: RecoveryContext,
        operation: Callable[..., Any] | None,
        options: RunOptions,
    ) -> RecoveryResult:
        """Recover from an error after the fact; raises only what is never ours to catch."""
        try:
            return await self._handle(context, operation, options)
        except ConfigurationError:
            raise
        except Exception as failure:
            if passes_through(failure, options.never):
                raise
            return RecoveryResult.failed(None, _broken(failure), error=context.exception)

    async def _handle(
        self,
        context: RecoveryContext,
        operation: Callable[..., Any] | None,
        options: RunOptions,
    ) -> RecoveryResult:
        if isinstance(context, RecoveryContext) and (off := self.switch.why_off()):
            return self._decline(context, off, options)
        analysis, call = self.look_at(context, operation)
        if call is not None and options.said_rerun and not context.metadata.get("rerun"):
            call = call.replace(rerun=options.rerun)
        if context.exception is not None and passes_through(context.exception, options.never):
            raise context.exception
        if context.metadata:
            self.metadata_names.notice(context.metadata, self.config.strategies.values())
        if context.exception is not None and analysis.transient is not False:
            self.sdk_retries.notice(context.exception)
        result = await run_recovery(
            self, context, call, options, analysis=analysis, wants_code=True
        )
        if context.exception is not None:
            _mark(context.exception, result)
        return result

    def _decline(self, context: RecoveryContext, why: str, options: RunOptions) -> RecoveryResult:
        """Return the account of a recovery that is switched off; nothing counts it."""
        error = context.exception
        if error is not None and passes_through(error, options.never):
            raise error
        subject = error if error is not None else context.error_message or ""
        analysis = self.analyze(subject, self.config)
        return RecoveryResult.failed(None, why, error=error, analysis=analysis)

    async def after_failure(
        self, error: Exception, call: Call, options: RunOptions, *, log: RecoveryLog | None = None
    ) -> Any:
        """Recover a call that failed: return its value, or raise `error` with a note.

        Args:
            error: what it raised.
            call: what failed.
            options: of the call.
            log: where the recovery is kept, in a step of a workflow that is.

        Raises:
            Exception: `error` itself, when nothing helped.
        """
        return self._value(error, call, await self._try(error, call, options, log=log))

    def after_failure_blocking(
        self, error: Exception, call: Call, options: RunOptions, *, log: RecoveryLog | None = None
    ) -> Any:
        """Do the same in a thread that has no event loop to suspend on."""
        # the error is raised out here: a coroutine cannot let a StopIteration pass
        result = drive(self._try(error, call, options, blocking=True, log=log))
        return self._value(error, call, result)

    async def _try(
        self,
        error: Exception,
        call: Call,
        options: RunOptions,
        *,
        blocking: bool = False,
        log: RecoveryLog | None = None,
    ) -> RecoveryResult | Recovered | None:
        """Recover from the error, or return None where it is not for us, or where we break."""
        try:
            if self.switch.why_off() or passes_through(error, options.never):
                return None
            if attached_answer(error) is not None:
                return None  # a call within this one has asked, and a human has decided
            analysis = self.analyze(error, self.config)
            if not options.admits(analysis.error_type, transient=analysis.transient):
                return None
            if analysis.transient is not False:
                self.sdk_retries.notice(error)
            seed = self.draw()
            first = None
            if self.engine is None:
                first = await retry_first(
                    self, self.config, analysis, call, options, seed=seed, blocking=blocking
                )
            if isinstance(first, Recovered):
                return first
            context = RecoveryContext(
                workflow_id=options.workflow_id
                or (log.workflow_id if log is not None else "")
                or self.new_id(),
                node_name=options.node_name or call.name,
                exception=error,
            )
            return await run_recovery(
                self,
                context,
                call,
                options,
                analysis=analysis,
                blocking=blocking,
                first=first,
                seed=seed,
                log=log,
            )
        except Exception as failure:
            if passes_through(failure, options.never):
                raise
            note(error, _broken(failure))
            return None

    def _value(
        self, error: Exception, call: Call, result: RecoveryResult | Recovered | None
    ) -> Any:
        if isinstance(result, Recovered):
            return result.value
        if result is not None and result.success:
            return result.result
        if result is not None:
            attach_call(error, call)
            add_note(error, result)
            _mark(error, result)
        raise error

    def look_at(
        self, context: RecoveryContext, operation: Callable[..., Any] | None = None
    ) -> tuple[ErrorAnalysis, Call | None]:
        """Return what the error is and the call to run again, or None where there is none.

        Raises:
            ConfigurationError: no context, or an operation that cannot be called.
        """
        if not isinstance(context, RecoveryContext):
            raise ConfigurationError(f"context is {context!r}; it must be a RecoveryContext")
        if operation is not None and not callable(operation):
            raise ConfigurationError(f"operation is {operation!r}; it must be callable or None")
        config, error = self.config, context.exception
        analysis = self.analyze(error if error is not None else context.error_message or "", config)
        call = find_call(context, operation, config, analysis.pattern, self.inference)
        return (analysis if call is None else analysis.replace(call_source=call.source)), call


def _mark(error: BaseException, result: RecoveryResult) -> None:
    """Let the exception carry what a human has to do with it, to whoever it is raised to."""
    asked = result.escalation_id if result.metadata.get("pending") else None
    attach_question(error, asked)
    attach_answer(error, answer_of(result))


def _broken(failure: Exception) -> str:
    """Log that a recovery itself failed, and return the sentence; its error is not the caller's."""
    fields = failure_fields(failure)
    logger.error("recovery.broken", extra=fields)
    return f"the recovery itself failed: {fields['error']}"
