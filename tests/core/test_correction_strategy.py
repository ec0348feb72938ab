"""Correcting input: code by the engine, other arguments by named changes, and both only if it helps."""

from __future__ import annotations

import ast
import asyncio
import copy
from collections.abc import Callable
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    ErrorCorrectionStrategy,
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    InputCorrection,
    RecoveryContext,
    RecoveryResult,
)
from omninode_bridge.errors import ConfigurationError
from omninode_bridge.testing import FakeClock

Make = Callable[..., ErrorRecoveryOrchestrator]
BROKEN = """class NodeMyEffect:
    def execute_effect(self, context: dict) -> dict:
        return await self.run(context)
"""
RIGHT = BROKEN.replace("    def", "    async def")
MISSING_ASYNC = {
    "missing_async": {"pattern": r"def (execute_\w+)\(", "replacement": r"async def \1("}
}


def error_of(code: str) -> SyntaxError:
    try:
        compile(code, "<code>", "exec")
    except SyntaxError as error:
        return error
    raise AssertionError("the code compiles")


def context(code: str | None = BROKEN, **fields: Any) -> RecoveryContext:
    state = {} if code is None else {"code": code}
    values = {"exception": error_of(BROKEN), "state": state, **fields}
    return RecoveryContext("w", "n", **values)


class Validator:
    """Accepts code that compiles; remembers what it was given."""

    def __init__(self, *, always: str = "") -> None:
        self.always = always
        self.given: list[str] = []

    async def validate(self, code: str) -> str:
        self.given.append(code)
        if self.always:
            raise ValueError(self.always)
        ast.parse(compile(code, "<code>", "exec") and code)
        return f"{len(code)} characters"


async def test_corrected_code_is_the_result(make: Make) -> None:
    """The code is the result, what the call made of it is beside it, and what was done is told."""
    validator = Validator()

    result = await make().handle_error(context(), operation=validator.validate)

    assert result.success
    assert result.result == RIGHT
    assert result.error_fixed
    assert result.metadata["output"] == f"{len(RIGHT)} characters"
    assert result.metadata["fixes"]
    assert "+    async def" in result.metadata["diff"]
    assert validator.given == [RIGHT]


async def test_without_a_call_the_engines_checks_suffice(make: Make) -> None:
    """`handle_error` may be asked for code alone."""
    result = await make().handle_error(context())

    assert (result.success, result.result) == (True, RIGHT)
    assert "output" not in result.metadata


async def test_run_gives_the_value_of_the_rerun(make: Make) -> None:
    """For `run` the corrected code is a means; the value of the call counts."""
    validator = Validator()
    results: list[RecoveryResult] = []

    value = await make().with_options(on_result=results.append).run(validator.validate, BROKEN)

    assert value == f"{len(RIGHT)} characters"
    assert validator.given == [BROKEN, RIGHT]
    assert results[0].error_fixed


@pytest.mark.parametrize("name", ["code", "source"])
async def test_code_is_found_in_a_text_argument(make: Make, name: str) -> None:
    """An argument called code or source is what is corrected."""
    scope: dict[str, Any] = {}
    exec(f"def check({name}):\n    compile({name}, 'x', 'exec')\n    return {name}", scope)

    assert await make().run(scope["check"], BROKEN) == RIGHT


async def test_a_correction_that_does_not_help_is_a_failure(make: Make) -> None:
    """Where the call still fails nothing was corrected, whatever the engine thinks."""
    validator = Validator(always="tests failed")

    result = await make().handle_error(context(), operation=validator.validate)

    assert (result.success, result.result, result.error_fixed) == (False, None, False)
    assert "tests failed" in (result.error_message or "")
    assert RIGHT in validator.given


async def test_code_that_cannot_be_corrected(make: Make) -> None:
    """It is a failure with the reason; the original error stays."""
    code = "def f(:\n  ???\n" * 3
    error = error_of(code)

    result = await make().handle_error(context(code, exception=error))

    assert not result.success
    assert result.error is error
    assert "error_correction" in (result.error_message or "") or "correct" in (
        result.error_message or ""
    )


async def test_no_code(make: Make) -> None:
    """Without code the step is skipped and says so."""
    result = await ErrorCorrectionStrategy().execute(context(None))

    assert not result.success
    assert "there is no code to correct" in (result.error_message or "")


async def test_never_runs_nothing_and_may_still_correct(make: Make) -> None:
    """A call that must not run twice is not run; the code alone is corrected."""
    validator = Validator()

    result = await make().handle_error(
        context(metadata={"rerun": "never"}), operation=validator.validate
    )

    assert validator.given == []
    assert (result.success, result.result) == (True, RIGHT)


@pytest.mark.parametrize("rerun", ["pure", "idempotent", "unknown"])
async def test_changed_input_may_run(make: Make, rerun: str) -> None:
    """Corrected code is another input; only `never` forbids it."""
    result = await make().handle_error(
        context(metadata={"rerun": rerun}), operation=Validator().validate
    )

    assert result.metadata["output"]


async def test_trusting_the_engine(make: Make) -> None:
    """Without validation after correction the call is not run again."""
    validator = Validator()
    strategy = ErrorCorrectionStrategy(validate_after_correction=False)

    result = await strategy.execute(context(), operation=validator.validate)

    assert (result.success, result.result, validator.given) == (True, RIGHT, [])


async def test_a_users_patterns_correct_code_that_compiles(make: Make) -> None:
    """A matched pattern's correction runs although there is nothing wrong with the syntax."""
    orchestrator = make()
    orchestrator.add_error_pattern(
        ErrorPattern(
            "compliance",
            ErrorType.VALIDATION,
            "ONEX.*failed",
            "error_correction",  # type: ignore[arg-type]
            MISSING_ASYNC["missing_async"],
        )
    )
    code = "def execute_it(x):\n    return x\n"

    result = await orchestrator.handle_error(
        context(code, exception=ValueError("ONEX compliance failed"))
    )

    assert result.success
    assert result.result == "async def execute_it(x):\n    return x\n"
    assert result.pattern_matched == "compliance"


async def test_input_is_corrected_by_named_changes(make: Make) -> None:
    """Each is tried on top of those before, until the call accepts; what was done is told."""
    given: list[tuple[str, int]] = []

    def build(kind: str, size: int) -> str:
        given.append((kind, size))
        if kind != "effect":
            raise ValueError("unknown kind")
        if size > 10:
            raise ValueError("too large")
        return "built"

    corrections = [
        InputCorrection("spell", lambda a: {"kind": a["kind"].lower().replace("efect", "effect")}),
        InputCorrection("nothing", lambda a: dict(a)),
        InputCorrection(
            "shrink", lambda a: {"size": 10}, lambda b, a: (f"size {b['size']} to 10",)
        ),
    ]
    results: list[RecoveryResult] = []
    runs = make().with_options(
        strategy="error_correction", corrections=corrections, on_result=results.append
    )

    assert await runs.run(build, "Efect", 50) == "built"
    assert given == [("Efect", 50), ("effect", 50), ("effect", 10)]
    assert results[0].metadata["fixes"] == ["spell", "size 50 to 10"]
    assert results[0].error_fixed


async def test_later_steps_build_on_a_correction_that_moved_the_error_on(make: Make) -> None:
    """What was put right stays so; what changed nothing is forgotten."""
    given: list[tuple[str, str]] = []

    def build(kind: str, template_id: str = "t2") -> str:
        given.append((kind, template_id))
        if kind == "wrong":
            raise ValueError("unknown kind")
        if template_id != "t1":
            raise ValueError("template broke")
        return "built"

    runs = make().with_options(
        strategy="error_correction",
        fallback_strategies=["alternative_path"],
        corrections=[InputCorrection("spell", lambda a: {"kind": "right"})],
        alternatives=["t1"],
    )

    assert await runs.run(build, "wrong") == "built"
    assert given[-1] == ("right", "t1")


async def test_the_callers_state_is_untouched(make: Make) -> None:
    """Corrected code is in the result, not in the state."""
    state = {"code": BROKEN, "deep": {"k": [1]}}
    before = copy.deepcopy(state)

    await make().handle_error(context(state=state), operation=Validator().validate)

    assert state == before


async def test_many_at_once(make: Make) -> None:
    """One strategy corrects each caller's own code."""
    strategy = ErrorCorrectionStrategy()

    async def one(n: int) -> Any:
        code = BROKEN.replace("MyEffect", f"My{n}")
        return (await strategy.execute(context(code, exception=error_of(code)))).result

    results = await asyncio.gather(*(one(n) for n in range(20)))

    assert results == [RIGHT.replace("MyEffect", f"My{n}") for n in range(20)]


async def test_a_failing_hook_changes_nothing(make: Make, clock: FakeClock) -> None:
    """The correction counts although a hook fails."""
    orchestrator = make()
    orchestrator.on_recovery_attempt(lambda *_: 1 / 0)

    assert (await orchestrator.handle_error(context())).success
    assert orchestrator.get_statistics().hook_failures == 1


def test_run_sync_corrects_too(make: Make) -> None:
    """Without a loop the engine runs in this thread."""

    def check(code: str) -> str:
        compile(code, "x", "exec")
        return code

    assert make().run_sync(check, BROKEN) == RIGHT


@pytest.mark.parametrize(
    "settings",
    [
        {"corrections": 5},
        {"corrections": "missing_async"},
        {"corrections": ["missing_async"]},
        {"corrections": {"a": {}}},
        {"corrections": {"a": 5}},
        {"corrections": {"a": {"pattern": "("}}},
        {"corrections": {"a": {"pattern": "x"}}},
        {"corrections": {"a": {"pattern": "x", "replacement": r"\9"}}},
        {"corrections": {"a": {"pattern": "x", "replacement": "y", "validation": "no_such_check"}}},
        {"corrections": {"a": {"pattern": "x", "replacement": "y", "colour": "red"}}},
        {"validate_after_correction": "yes"},
        {"validators": ["check"]},
        {"validators": {"check": 5}},
    ],
    ids=str,
)
def test_settings_that_cannot_be(settings: dict[str, Any]) -> None:
    """Each is refused at construction in one sentence."""
    with pytest.raises(ConfigurationError) as refused:
        ErrorCorrectionStrategy(**settings)
    assert "\n" not in str(refused.value)
