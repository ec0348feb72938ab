"""Run the call another way: another template, another model, another function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omninode_bridge.agents.workflows._call import Call, change_hash
from omninode_bridge.agents.workflows._ladder import FixedMoves, Move
from omninode_bridge.agents.workflows.recovery_models import Attempt, RecoveryStrategy, Rerun
from omninode_bridge.errors import ConfigurationError

from ._alternatives import Alternative, parse_alternatives
from ._stepped import Performed, PreparedStep, SteppedStrategy, StepView, check_flags, check_keys

__all__ = ["AlternativePathStrategy"]


class AlternativePathStrategy(SteppedStrategy):
    """Run alternatives in order of preference; the first whose result is usable counts.

    Args:
        alternatives: values for `parameter`, ``(value, label)`` pairs, or callables that are
            called instead; the one that just failed is passed over.
        model_alternatives: the same for the argument ``model``; tried after `alternatives`.
        parameter: the argument that a value of `alternatives` replaces.
        validate_alternatives: hold results against the caller's ``validate`` check.
        stop_on_first_success: False runs the remaining ones too, as far as the budget goes; the
            most preferred usable result counts and the others are in ``metadata["others"]``.
    """

    keys = frozenset(
        {
            "alternatives",
            "model_alternatives",
            "parameter",
            "validate_alternatives",
            "stop_on_first_success",
        }
    )

    def __init__(
        self,
        alternatives: Any = None,
        *,
        model_alternatives: Any = None,
        parameter: str = "template_id",
        validate_alternatives: bool = True,
        stop_on_first_success: bool = True,
    ) -> None:
        super().__init__(RecoveryStrategy.ALTERNATIVE_PATH)
        check_flags(
            validate_alternatives=validate_alternatives, stop_on_first_success=stop_on_first_success
        )
        if not isinstance(parameter, str) or not parameter:
            raise ConfigurationError(f"parameter is {parameter!r}; it must be an argument's name")
        self.parameter = parameter
        self.validate_alternatives = validate_alternatives
        self.stop_on_first_success = stop_on_first_success
        self._settings = {"alternatives": alternatives, "model_alternatives": model_alternatives}
        self.alternatives: tuple[Alternative, ...] = ()
        if alternatives is not None:
            self.alternatives += parse_alternatives(alternatives, parameter=parameter)
        if model_alternatives is not None:
            self.alternatives += parse_alternatives(
                model_alternatives, parameter="model", what="model_alternatives"
            )

    def configured(self, metadata: Mapping[str, Any]) -> AlternativePathStrategy:
        """Return a strategy with these settings over its own."""
        own = check_keys(self, metadata)
        if not own:
            return self
        settings: dict[str, Any] = {
            **self._settings,
            "parameter": self.parameter,
            "validate_alternatives": self.validate_alternatives,
            "stop_on_first_success": self.stop_on_first_success,
        }
        return AlternativePathStrategy(**(settings | own))

    def prepare(self, view: StepView) -> PreparedStep | str:
        """Offer each alternative that the call can take and that did not just fail."""
        call = view.call
        if call is None:
            return "there is no call to run another way"
        if call.rerun is Rerun.NEVER:
            return "the call must not run twice"
        if not self.alternatives:
            return "no alternatives are configured"
        usable = [
            alternative
            for alternative in self.alternatives
            if alternative.fn is not None or call.accepts(alternative.parameter, by_keywords=True)
        ]
        if not usable:
            return f"{call.name}() has no parameter {self.alternatives[0].parameter!r}"
        offered = _distinct([other for other in usable if not other.is_what_failed(call)], call)
        if not offered:
            return "the only alternative is the one that failed"

        async def perform(attempt: Attempt) -> Performed:
            chosen = offered[attempt.move]
            value = await self._run(view, chosen.apply(call))
            details: dict[str, Any] = {"fallback_used": chosen.name}
            if chosen.label is not None:
                details["metadata"] = {"label": str(chosen.label)}
            if not self.stop_on_first_success:
                room = int(min(attempt.budget_left.attempts - 1, len(offered)))
                rest = offered[attempt.move + 1 :][: max(0, room)]
                others = {other.name: await self._run_other(view, other, call) for other in rest}
                details["metadata"] = {**details.get("metadata", {}), "others": others}
            return Performed(value, details=details)

        moves = tuple(_move(other, call, place) for place, other in enumerate(offered))
        return PreparedStep(FixedMoves(moves), perform)

    async def _run(self, view: StepView, call: Call) -> Any:
        return await view.environment.rerun(call, validated=self.validate_alternatives)

    async def _run_other(self, view: StepView, other: Alternative, call: Call) -> dict[str, Any]:
        try:
            return {"result": await self._run(view, other.apply(call))}
        except Exception as error:  # one that fails is part of the comparison
            if view.environment.is_foreign(error):
                raise
            return {"error": f"{type(error).__name__}: {error}"[:500]}


def _distinct(alternatives: list[Alternative], call: Call) -> list[Alternative]:
    """Return each alternative once, in order; the same one again would only fail again."""
    kept: dict[tuple[str, int], Alternative] = {}
    for other in alternatives:
        kept.setdefault((change_hash(other.changes(call)), id(other.fn)), other)
    return list(kept.values())


def _move(alternative: Alternative, call: Call, place: int) -> Move:
    # callables of one name are different ones: lambdas, functions that a function made
    changes = alternative.changes(call) or {"": f"{place} {alternative.name}"}
    return Move(change_hash(changes), alternative.name)
