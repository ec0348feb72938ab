"""Put the input right: generated code by the correction engine, other arguments by named changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omninode_bridge.agents.workflows._call import Call, change_hash
from omninode_bridge.agents.workflows._ladder import FixedMoves, Move
from omninode_bridge.agents.workflows.recovery_models import Attempt, RecoveryStrategy, Rerun
from omninode_bridge.errors import ConfigurationError, CorrectionError

from ._changes import InputCorrection
from ._stepped import Performed, PreparedStep, SteppedStrategy, StepView, check_flags, check_keys

if TYPE_CHECKING:  # the engine is loaded when it is first needed
    from omninode_bridge.agents.workflows.correction import UserCorrection

__all__ = ["ErrorCorrectionStrategy"]

_CODE_NAMES = ("code", "source")
_ONE_CORRECTION = frozenset(
    {"pattern", "replacement", "prepend", "steps", "add_imports", "validation", "error_regex"}
)


@dataclass(frozen=True, slots=True)
class _InputChange:
    """Corrected arguments and what was corrected, in words."""

    name: str
    changes: dict[str, Any]
    words: tuple[str, ...]


class ErrorCorrectionStrategy(SteppedStrategy):
    """Correct generated code, or other input, and run the call again with it.

    Code is taken from ``state["code"]``, else from a text argument named ``code`` or ``source``.
    It counts as corrected only if it compiles, lost nothing, and the call accepts it.

    Args:
        corrections: ``{name: {"pattern": ..., "replacement": ...}}`` for code, or a list of
            `InputCorrection` objects for other arguments.
        validate_after_correction: run the call again with the corrected code; False trusts the
            correction engine's own checks.
        validators: further checks of code by name, for the key ``validation``.
    """

    keys = _ONE_CORRECTION | {"corrections", "validate_after_correction"}

    def __init__(
        self,
        corrections: Any = None,
        *,
        validate_after_correction: bool = True,
        validators: Mapping[str, Callable[[str], Any]] | None = None,
    ) -> None:
        super().__init__(RecoveryStrategy.ERROR_CORRECTION)
        check_flags(validate_after_correction=validate_after_correction)
        self.validate_after_correction = validate_after_correction
        self.validators = _named_checks(validators)
        self.corrections, self.input_corrections = _parse(corrections, self.validators)

    def configured(self, metadata: Mapping[str, Any]) -> ErrorCorrectionStrategy:
        """Return a strategy with these corrections instead of its own."""
        own = check_keys(self, metadata)
        if not own:
            return self
        single = {key: value for key, value in own.items() if key in _ONE_CORRECTION}
        corrections = own.get("corrections")
        if single:
            if "description" in metadata:
                single["description"] = metadata["description"]
            corrections = {**(corrections or {}), "correction": single}
        changed = ErrorCorrectionStrategy(
            corrections,
            validate_after_correction=own.get(
                "validate_after_correction", self.validate_after_correction
            ),
            validators=self.validators,
        )
        if corrections is None:
            changed.corrections, changed.input_corrections = (
                self.corrections,
                self.input_corrections,
            )
        return changed

    def prepare(self, view: StepView) -> PreparedStep | str:
        """Offer the corrections of input that change something, then the correction of code."""
        call = view.call
        may_run = call is not None and call.rerun is not Rerun.NEVER
        inputs = self._input_changes(call) if call is not None and may_run else []
        code = _find_code(view)
        if not inputs and code is None:
            return (
                "there is no code to correct"
                if not self.input_corrections
                else "no correction applies"
            )
        if code is not None and not view.wants_code and (call is None or not may_run):
            return "there is no call that could take corrected code"

        async def perform(attempt: Attempt) -> Performed:
            if attempt.move < len(inputs):
                return await _rerun_with_input(view, inputs[attempt.move])
            assert code is not None  # noqa: S101 -- only then is this move offered
            return await self._correct(view, *code, may_run=may_run)

        def base(attempt: Attempt) -> Mapping[str, Any]:
            return inputs[attempt.move].changes if attempt.move < len(inputs) else {}

        moves = [Move(change_hash(change.changes), change.name) for change in inputs]
        if code is not None:
            moves.append(Move(change_hash({code[0]: code[1]}), "correct the code"))
        return PreparedStep(FixedMoves(tuple(moves)), perform, base)

    def _input_changes(self, call: Call) -> list[_InputChange]:
        """Return the input corrections that change something, each on top of those before."""
        found: list[_InputChange] = []
        changes: dict[str, Any] = {}
        words: tuple[str, ...] = ()
        for correction in self.input_corrections:
            arguments = call.changed(changes).arguments()
            new = {k: v for k, v in correction.changes(arguments).items() if call.accepts(k)}
            if new:
                words += correction.words(arguments, {**arguments, **new})
                changes = {**changes, **new}
                found.append(_InputChange(correction.name, dict(changes), words))
        return found

    async def _correct(self, view: StepView, name: str, code: str, *, may_run: bool) -> Performed:
        from omninode_bridge.agents.workflows.correction import correct_code

        corrections = _matching_corrections(view) or self.corrections
        correction = await view.environment.offload(
            lambda: correct_code(
                code, view.error, corrections=corrections, values=_template_values(view)
            )
        )
        told = {
            "fixes": [f"line {fix.line}: {fix.text}" for fix in correction.fixes],
            "diff": correction.diff,
            "confidence": correction.confidence,
            "truncated": correction.truncated,
        }
        if correction.diagnosis is not None:
            told["diagnosis"] = correction.diagnosis.as_data()
        if not correction.success or not correction.changed:
            reason = correction.reason or "nothing in the code could be corrected"
            if correction.changed:
                told["best_attempt"] = correction.code
            return Performed(
                ok=False,
                error=CorrectionError(reason, code=correction.code),
                details={"metadata": told},
                tried=False,
            )
        details: dict[str, Any] = {"error_fixed": True, "metadata": told}
        call = _with_code(view.call, name, correction.code) if may_run else None
        if call is None or (view.wants_code and not self.validate_after_correction):
            if not view.wants_code:
                raise CorrectionError(
                    "the call takes no code, so nothing shows that the correction helps"
                )
            return Performed(correction.code, details=details, tried=False)
        output = await view.environment.rerun(call)
        if view.wants_code:
            told["output"] = output
            return Performed(correction.code, details=details)
        return Performed(output, details=details)


def _named_checks(validators: Any) -> dict[str, Callable[[str], Any]]:
    right = validators is None or (
        isinstance(validators, Mapping)
        and all(isinstance(name, str) and callable(check) for name, check in validators.items())
    )
    if not right:
        raise ConfigurationError(
            f"validators is {validators!r}; it must be a mapping of names to callables"
        )
    return dict(validators or {})


async def _rerun_with_input(view: StepView, change: _InputChange) -> Performed:
    assert view.call is not None  # noqa: S101 -- input changes are made of a call
    value = await view.environment.rerun(view.call.changed(change.changes))
    details = {"error_fixed": True, "metadata": {"fixes": list(change.words)}}
    return Performed(value, details=details)


def _matching_corrections(view: StepView) -> tuple[UserCorrection, ...]:
    """Return the corrections of all the user's matching patterns, by priority, then order."""
    found: list[UserCorrection] = []
    for strategy in view.services.get("pattern_strategies", ()):
        if isinstance(strategy, ErrorCorrectionStrategy):
            found.extend(strategy.corrections)
    return tuple(found)


def _find_code(view: StepView) -> tuple[str, str] | None:
    """Return the name of the argument that holds code, and the code."""
    code = view.context.state.get("code")
    if isinstance(code, str):
        return "code", code
    if view.call is not None:
        arguments = view.call.arguments()
        for name in _CODE_NAMES:
            if isinstance(arguments.get(name), str):
                return name, arguments[name]
    return None


def _template_values(view: StepView) -> dict[str, Any]:
    """Return what a template may have been rendered with, the names of its own context first."""
    values = {**(view.call.arguments() if view.call is not None else {}), **view.context.state}
    inner = values.get("context")
    return {**values, **inner} if isinstance(inner, Mapping) else values


def _with_code(call: Call | None, name: str, code: str) -> Call | None:
    """Return the call with this code, or None where it takes none."""
    if call is None:
        return None
    for parameter in (name, *_CODE_NAMES):
        if call.accepts(parameter):
            return call.changed({parameter: code})
    if not call.complete and name in call.state:
        return call.replace(state={**call.state, name: code})
    return None


def _parse(
    corrections: Any, validators: Mapping[str, Callable[[str], Any]]
) -> tuple[tuple[UserCorrection, ...], tuple[InputCorrection, ...]]:
    if corrections is None:
        return (), ()
    if isinstance(corrections, Mapping):
        from omninode_bridge.agents.workflows.correction import parse_correction

        parsed = tuple(
            parse_correction(str(name), mapping, validators=validators)
            for name, mapping in corrections.items()
        )
        return parsed, ()
    if isinstance(corrections, Iterable) and not isinstance(corrections, (str, bytes)):
        inputs = tuple(corrections)
        if all(isinstance(entry, InputCorrection) for entry in inputs):
            return (), inputs
    raise ConfigurationError(
        f"corrections is {corrections!r}; it must be a mapping of names to corrections, "
        "or a list of InputCorrection objects"
    )
