"""The pipeline: levels, verdicts, the users' own validators, and what it raises."""

from __future__ import annotations

import asyncio
import pickle
import sys
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, ErrorType
from omninode_bridge.agents.workflows._attached import attached_call
from omninode_bridge.agents.workflows.correction import check_for_async_methods
from omninode_bridge.agents.workflows.validation_pipeline import (
    CodeSyntaxError,
    SecurityValidationError,
    Severity,
    ValidationContext,
    ValidationError,
    ValidationFinding,
    ValidationPipeline,
    ValidationResult,
)
from omninode_bridge.errors import ConfigurationError

LEVELS = {
    "basic": ["syntax", "template_residue", "security", "undefined_names"],
    "standard": ["check_for_async_methods"],
    "full": ["unawaited_calls", "blocking_calls"],
}


async def failure(pipeline: ValidationPipeline, code: str, **context: Any) -> ValidationError:
    with pytest.raises(ValidationError) as raised:
        await pipeline.validate(code, ValidationContext(**context))
    return raised.value


@pytest.mark.parametrize("level", LEVELS)
async def test_each_level_has_what_the_one_before_has(level: str) -> None:
    """What ran is told, and so is why the rest did not."""
    names = list(LEVELS)
    expected = [name for one in names[: names.index(level) + 1] for name in LEVELS[one]]

    result = await ValidationPipeline().validate("x = 1", ValidationContext(level=level))

    assert list(result.validators) == expected
    assert result.level == level
    assert sorted(result.skipped) == sorted({n for v in LEVELS.values() for n in v} - set(expected))
    assert all("level" in why for why in result.skipped.values())


async def test_a_verdict_tells_the_whole(caplog: pytest.LogCaptureFixture) -> None:
    """Warnings do not fail it; code and workflow are in the account."""
    result = await ValidationPipeline().validate("x = 1  # {{ y }}", ValidationContext("wf-1"))

    assert result.success
    assert [str(one) for one in result.warnings] == [
        "line 1: '{{ y }}' is left over from a template"
    ]
    assert (result.errors, result.code, result.workflow_id) == ((), "x = 1  # {{ y }}", "wf-1")
    assert result.duration_ms > 0


async def test_after_a_syntax_error_only_the_text_is_looked_at() -> None:
    """What needs a tree is skipped, with the reason; what is left of a template still shows."""
    result = await ValidationPipeline({"mine": lambda code: "never asked"}).check("x = {% y %} =")

    assert result.validators == ("syntax", "template_residue")
    assert set(result.skipped.values()) == {
        "the code does not parse",
        "it belongs to the level 'full'",
    }
    assert result.skipped["mine"] == "the code does not parse"


@pytest.mark.parametrize(
    ("code", "kind", "error_type", "words"),
    [
        ("x = =", CodeSyntaxError, ErrorType.SYNTAX, "validation failed: line 1: SyntaxError"),
        ("def execute(): ...", CodeSyntaxError, ErrorType.SYNTAX, "'execute' is not async"),
        ("x = y", ValidationError, ErrorType.VALIDATION, "name 'y' is not defined"),
        ("def execute(): return y", ValidationError, ErrorType.VALIDATION, "'y' is not defined"),
        (
            "eval(y)",
            SecurityValidationError,
            ErrorType.SECURITY,
            "security validation failed: line 1: eval()",
        ),
    ],
)
async def test_the_gravest_finding_decides_the_error(
    code: str, kind: type[ValidationError], error_type: ErrorType, words: str
) -> None:
    """Its class and its text say what a recovery has to know."""
    error = await failure(ValidationPipeline(), code)

    assert type(error) is kind
    assert isinstance(error, SyntaxError) is (kind is CodeSyntaxError)
    assert words in str(error)
    assert "\n" not in str(error)
    assert ErrorRecoveryOrchestrator().analyze(error).error_type is error_type


async def test_a_syntax_error_has_its_line() -> None:
    """It looks like one of CPython's own."""
    error = await failure(ValidationPipeline(), "x = 1\ny = = 2\n")

    assert isinstance(error, SyntaxError)
    assert (error.lineno, error.filename) == (2, "<generated>")


async def test_many_findings_make_one_line() -> None:
    """The first ones are shown, the others counted; all are in the account."""
    error = await failure(ValidationPipeline(), "\n".join(f"x{n} = y{n}" for n in range(9)))

    assert str(error).endswith("; and 4 more")
    assert len(error.findings) == 9


async def test_errors_survive_pickling() -> None:
    """Class, words and account cross processes."""
    for code in ("x = =", "eval('1')", "x = y"):
        error = await failure(ValidationPipeline(), code)

        copy = pickle.loads(pickle.dumps(error))

        assert (type(copy), str(copy), copy.findings) == (type(error), str(error), error.findings)


async def test_code_by_itself_may_lack_names() -> None:
    """`validate_code` warns of names that may be defined around it, and raises for the rest."""
    pipeline = ValidationPipeline()

    result = await pipeline.validate_code("class A(Base): ...")

    assert [one.severity for one in result.findings] == [Severity.WARNING]
    for code in ("def execute(): ...", "x = ="):
        with pytest.raises(SyntaxError):
            await pipeline.validate_code(code)
    with pytest.raises(SecurityValidationError):
        await pipeline.validate_code("eval('1')")


@pytest.mark.parametrize("way", ["validate", "validate_code"])
async def test_the_failed_call_travels_with_the_error(way: str) -> None:
    """A recovery finds the call and can run it with other code."""
    with pytest.raises(ValidationError) as raised:
        await getattr(ValidationPipeline(), way)("def execute(): ...")

    call = attached_call(raised.value)
    assert call is not None
    result = await call.changed({"code": "async def execute(): ..."})()
    assert isinstance(result, ValidationResult)
    assert result.success


def refuses_by_raising(code: str) -> None:
    raise ValueError("no\ngood")


async def refuses_in_a_coroutine(code: str) -> str:
    await asyncio.sleep(0)
    return "no good"


class Checker:
    """An object that can be called, asynchronously."""

    async def __call__(self, code: str) -> bool:
        return False


@pytest.mark.parametrize(
    ("check", "messages"),
    [
        (lambda code: None, []),
        (lambda code: True, []),
        (lambda code: "", []),
        (lambda code: [], []),
        (lambda code: 1, []),
        (lambda code: SimpleNamespace(success=True), []),
        (lambda code: False, ["the validator refused it"]),
        (lambda code: 0, ["the validator refused it"]),
        (lambda code: "too\nshort", ["too short"]),
        (lambda code: ["a", "", "b"], ["a", "b"]),
        (lambda code: (str(n) for n in range(3)), ["0", "1", "2"]),
        (lambda code: SimpleNamespace(is_valid=False), ["the validator refused it"]),
        (lambda code: ValidationFinding("x", "said", 3), ["said"]),
        (lambda code: [ValidationFinding("x", "said", 3)], ["said"]),
        (lambda code: asyncio.sleep(0, "awaited"), ["awaited"]),
        (check_for_async_methods, ["'execute' is not async"]),
        (refuses_by_raising, ["'mine' raised ValueError: no good"]),
        (refuses_in_a_coroutine, ["no good"]),
        (Checker(), ["the validator refused it"]),
        (lambda code, context: context.workflow_id, ["wf-1"]),
        (lambda code, context=None: context.workflow_id, ["wf-1"]),
        (lambda code, strict=False: strict or None, []),
        (len, []),
    ],
)
async def test_every_way_to_answer_is_understood(check: Any, messages: list[str]) -> None:
    """Plain or a coroutine, by value, text, finding or exception; named as it was registered."""
    pipeline = ValidationPipeline({"mine": check}, level="basic")

    result = await pipeline.check("def execute(): ...", ValidationContext("wf-1"))

    own = [one for one in result.findings if one.validator == "mine"]
    assert [one.message for one in own] == messages
    assert result.success is not bool(messages)


async def test_a_result_of_another_pipeline_is_an_answer() -> None:
    """Its findings count, with their severity."""
    inner = ValidationPipeline()
    pipeline = ValidationPipeline({"inner": inner.check}, level="basic")

    result = await pipeline.check("x = 1  # {{ y }}\ndef execute(): ...")

    told = {one.message: one.severity for one in result.findings if one.validator == "inner"}
    assert told["'execute' is not async"] is Severity.ERROR
    assert told["'{{ y }}' is left over from a template"] is Severity.WARNING


async def test_a_raised_syntax_error_keeps_its_line() -> None:
    """A validator that parses by itself tells where."""
    pipeline = ValidationPipeline()

    def check(code: str) -> None:
        raise SyntaxError("no walrus here", ("f", 7, 1, ""))

    pipeline.add_validator("mine", check, severity="warning")

    [finding] = (await pipeline.check("x = 1")).warnings

    assert finding.line == 7


@pytest.mark.parametrize("plain", [True, False])
async def test_a_validator_that_takes_too_long_is_a_finding(plain: bool) -> None:
    """It is not waited for, the others go on, and the verdict is no."""
    release = threading.Event()

    async def never(code: str) -> None:
        await asyncio.Event().wait()

    pipeline = ValidationPipeline(timeout_seconds=60)
    pipeline.add_validator(
        "slow", (lambda code: release.wait(30)) if plain else never, timeout_seconds=0.05
    )
    pipeline.add_validator("after", lambda code: "after all")

    result = await pipeline.check("x = 1")
    release.set()

    assert [one.message for one in result.errors] == ["'slow' took longer than 0.05 s", "after all"]


async def test_a_timeout_that_a_validator_raises_is_its_own() -> None:
    """The words tell it from the pipeline's time limit."""

    def check(code: str) -> None:
        raise TimeoutError("the server")

    result = await ValidationPipeline({"mine": check}).check("x = 1")

    assert [one.message for one in result.errors] == ["'mine' raised TimeoutError: the server"]


async def test_cancellation_passes() -> None:
    """Who cancels a validation gets its cancellation, and no thread of it goes on."""
    begun, ended = asyncio.Event(), asyncio.Event()

    async def check(code: str) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.create_task(ValidationPipeline({"mine": check}).validate("x = 1"))
    await begun.wait()

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_what_is_never_ours_passes_from_a_validator() -> None:
    """An exit is no finding."""

    def check(code: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await ValidationPipeline({"mine": check}).check("x = 1")


async def test_findings_are_bounded() -> None:
    """An endless answer is cut off, and so is an endless message."""

    def check(code: str) -> Any:
        while True:
            yield "x" * 10_000

    result = await ValidationPipeline({"mine": check}).check("x = 1")

    assert len(result.findings) == 100
    assert max(len(one.message) for one in result.findings) == 500


async def test_the_code_is_never_run(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the code nor what it imports."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "trap_of_the_pipeline.py").write_text("raise SystemExit('imported')")
    code = "import trap_of_the_pipeline\nraise SystemExit('run')\n"

    result = await ValidationPipeline(level="full").validate(code)

    assert result.success
    assert "trap_of_the_pipeline" not in sys.modules


async def test_validators_come_and_go() -> None:
    """Their order is that of registration; syntax and security stay."""
    pipeline = ValidationPipeline({"b": lambda code: "b", "a": lambda code: "a"})
    pipeline.add_validator("b", lambda code: "new", level="basic")

    assert pipeline.validators[-2:] == ("b", "a")
    assert [one.message for one in (await pipeline.check("x = 1")).errors] == ["new", "a"]

    pipeline.remove_validator("b")
    pipeline.remove_validator("undefined_names")
    assert [one.message for one in (await pipeline.check("x = y")).errors] == ["a"]
    for name, words in (
        ("syntax", "cannot be taken out"),
        ("security", "cannot be taken out"),
        ("c", "there is no"),
    ):
        with pytest.raises(ConfigurationError, match=words):
            pipeline.remove_validator(name)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"name": ""}, "name is ''"),
        ({"check": 5}, "must be callable"),
        ({"level": "deep"}, "level is 'deep'; it must be one of 'basic', 'standard', 'full'"),
        ({"severity": "bad"}, "severity is 'bad'"),
        ({"timeout_seconds": 0}, "timeout_seconds is 0"),
        ({"timeout_seconds": True}, "timeout_seconds is True"),
        ({"name": "security"}, "is built in"),
    ],
)
def test_a_validator_that_cannot_be_used_is_refused(settings: dict[str, Any], words: str) -> None:
    """One sentence says why, and nothing is added."""
    pipeline = ValidationPipeline()
    before = pipeline.validators
    given = {"name": "mine", "check": len, **settings}

    with pytest.raises(ConfigurationError, match=words):
        pipeline.add_validator(given.pop("name"), given.pop("check"), **given)

    assert pipeline.validators == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((b"x = 1",), "code is of type bytes"),
        ((None,), "code is of type NoneType"),
        (("x = 1", {"workflow_id": "w"}), "must be a ValidationContext"),
    ],
)
async def test_arguments_that_cannot_be_used_are_refused(
    arguments: tuple[Any, ...], words: str
) -> None:
    """A caller's mistake is no finding."""
    with pytest.raises(ConfigurationError, match=words):
        await ValidationPipeline().validate(*arguments)


@pytest.mark.parametrize(
    "settings", [{"level": "deep"}, {"validators": [len]}, {"timeout_seconds": -1}]
)
def test_a_pipeline_that_cannot_be_used_is_refused(settings: dict[str, Any]) -> None:
    """Raised where it is made."""
    with pytest.raises(ConfigurationError):
        ValidationPipeline(**settings)


async def test_many_validations_share_one_pipeline() -> None:
    """Concurrent validations, with a validator added meanwhile, each have their own account."""
    pipeline = ValidationPipeline()
    codes = [f"x = {'y' if n % 2 else n}" for n in range(40)]

    running = [asyncio.create_task(pipeline.check(code)) for code in codes]
    pipeline.add_validator("late", lambda code: None)
    results = await asyncio.gather(*running)

    assert [result.success for result in results] == [n % 2 == 0 for n in range(40)]
    assert [result.code for result in results] == codes
