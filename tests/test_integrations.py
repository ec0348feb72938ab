"""Executor, pipeline and templates with recovery around them: as the guide prints it, and as functions.

Run on an installed wheel, these tests show that calls attached by the package's own parts are found there too.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents import workflows
from omninode_bridge.agents.workflows import (
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryStrategy,
    StagedParallelExecutor,
    TemplateManager,
    TemplateRenderError,
    TemplateType,
    ValidationContext,
    ValidationError,
    ValidationPipeline,
    WorkflowFailedError,
    WorkflowStage,
    WorkflowStep,
    execute_with_recovery,
    render_with_recovery,
    validate_with_recovery,
)
from omninode_bridge.testing import FakeClock

GUIDE = Path(__file__).parent / "guide" / "guide.md"
FENCED = re.compile(r"^```python\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
NO_ASYNC = "def execute_effect(context: dict) -> dict:\n    return context\n"


def block(holding: str, **fill: str) -> str:
    """Return the one block of the guide that holds these words, `Name(...)` filled where it must be."""
    texts = [found["text"] for found in FENCED.finditer(GUIDE.read_text(encoding="utf-8"))]
    [text] = [text for text in texts if holding in text]
    for name, arguments in fill.items():
        assert f"{name}(...)" in text
        text = text.replace(f"{name}(...)", f"{name}({arguments})")
    return text


def run(text: str, names: dict[str, Any]) -> dict[str, Any]:
    """Run a block as printed, with `await` at its top where it has one."""
    code = compile(
        text, "guide.py", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
    )
    done = eval(code, names)
    if inspect.iscoroutine(done):
        asyncio.run(done)
    return names


def named(*more: str) -> dict[str, Any]:
    """Return the package's names that the blocks of the guide leave undefined."""
    wanted = ("ErrorPattern", "ErrorType", "RecoveryContext", "RecoveryStrategy", *more)
    return {name: getattr(workflows, name) for name in wanted}


def orchestrator(**settings: Any) -> ErrorRecoveryOrchestrator:
    return ErrorRecoveryOrchestrator(**{"clock": FakeClock(), "jitter": "none", **settings})


class Flaky:
    """A step's operation that fails a number of times first."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.runs = 0

    async def __call__(self) -> int:
        self.runs += 1
        if self.errors:
            raise self.errors.pop(0)
        return self.runs


def templates(folder: Path) -> TemplateManager:
    """A folder in which v2 and v1 need a name that nobody gives, and the basic one is good."""
    (folder / "node_effect_v2.py.j2").write_text("class {{ node_name }}({{ base }}): ...\n")
    (folder / "node_effect_v1.py.j2").write_text("class {{ node_name }}: {{ body }}\n")
    (folder / "node_effect_basic.py.j2").write_text("class {{ node_name }}: ...\n")
    return TemplateManager(template_dir=folder)


# -- the blocks of the guide ---------------------------------------------------------------------


def test_guide_alternative_templates(tmp_path: Path) -> None:
    """The block that falls back to other templates does so, and renders with the context it was given."""
    recovery = orchestrator()
    names = named("TemplateType") | {
        "orchestrator": recovery,
        "template_manager": templates(tmp_path),
    }

    run(block("TEMPLATE_ALTERNATIVES = {"), names)

    assert names["result"] == "class MyEffect: ...\n"
    told = names["recovery_result"]
    assert told.strategy_used is RecoveryStrategy.ALTERNATIVE_PATH
    assert told.fallback_used == "node_effect_basic"
    assert told.analysis.call_source == "the exception"
    assert [a.attempt.move for a in told.attempts] == [0, 1]  # v2 has just failed and is left out


def test_guide_automatic_correction() -> None:
    """The block whose operation lacks `async` ends with code that has it and passes."""
    context = 'RecoveryContext("session", "validator", exception=e)'
    names = named() | {"orchestrator": orchestrator(), "validator": ValidationPipeline()}

    run(block("COMMON_CORRECTIONS = {", handle_error=context), names)

    assert "    async def execute_effect(self, context: dict) -> dict:" in names["corrected_code"]
    assert names["recovery_result"].success
    assert names["recovery_result"].metadata["output"].success


@pytest.mark.parametrize("errors", [0, 1, 2])
def test_guide_execute_with_recovery(errors: int) -> None:
    """The block's function runs a workflow to its end, though a step fails first; what was done stays done."""
    setting = "clock=clock, jitter='none'"
    names = named("WorkflowResult", "WorkflowStage") | {"clock": FakeClock()}
    text = block(
        "async def execute_with_recovery",
        StagedParallelExecutor="",
        ErrorRecoveryOrchestrator=setting,
    )
    run(text, names)
    steady, flaky = Flaky(), Flaky(*[ConnectionError("reset")] * errors)
    stages = [WorkflowStage("s", [WorkflowStep("steady", steady), WorkflowStep("flaky", flaky)])]

    result = asyncio.run(names["execute_with_recovery"]("w", stages))

    assert dict(result.results) == {"steady": 1, "flaky": errors + 1}
    assert steady.runs == 1


def test_guide_execute_with_recovery_raises_what_stays() -> None:
    """Where nothing helps, the block's function raises the executor's own error."""
    names = named("WorkflowResult", "WorkflowStage")
    run(
        block(
            "async def execute_with_recovery",
            StagedParallelExecutor="",
            ErrorRecoveryOrchestrator="",
        ),
        names,
    )
    stages = [WorkflowStage("s", [WorkflowStep("broken", Flaky(*[ValueError("no")] * 99))])]

    with pytest.raises(WorkflowFailedError, match="ValueError: no"):
        asyncio.run(names["execute_with_recovery"]("w", stages))


def test_guide_validate_with_recovery() -> None:
    """The block's function validates the corrected code, and raises where nothing can be corrected."""
    names = named("ValidationContext", "ValidationError", "ValidationResult") | {
        "validation_pipeline": ValidationPipeline(),
        "error_recovery": orchestrator(),
    }
    run(block("async def validate_with_recovery"), names)
    validate, context = names["validate_with_recovery"], ValidationContext(workflow_id="w")

    for code in (
        "x = 1",
        NO_ASYNC,
        "def f():\n    return json.dumps(1)\n",
        "def f(:\n    return 1\n",
    ):
        assert asyncio.run(validate(code, context)).success
    for code in ("x = no_such_name_anywhere", "eval('1')"):
        with pytest.raises(ValidationError):
            asyncio.run(validate(code, context))


def test_guide_render_with_recovery(tmp_path: Path) -> None:
    """The block's function renders an alternative where a pattern names some, and raises without."""
    recovery = orchestrator()
    names = named() | {"template_manager": templates(tmp_path), "error_recovery": recovery}
    run(block("async def render_with_recovery"), names)
    render = names["render_with_recovery"]

    assert asyncio.run(render("node_effect_basic", {"node_name": "A"})) == "class A: ...\n"
    with pytest.raises(TemplateRenderError):
        asyncio.run(render("node_effect_v1", {"node_name": "A"}))

    recovery.add_error_pattern(
        ErrorPattern(
            pattern_id="template",
            error_type=ErrorType.VALIDATION,
            regex_pattern=r"Template.*render.*failed|Jinja2.*error",
            recovery_strategy=RecoveryStrategy.ALTERNATIVE_PATH,
            metadata={"alternatives": [("node_effect_basic", TemplateType.EFFECT)]},
        )
    )
    assert asyncio.run(render("node_effect_v1", {"node_name": "A"})) == "class A: ...\n"


# -- the functions of the package ----------------------------------------------------------------


async def test_a_workflow_is_taken_up_where_it_failed() -> None:
    """Steps that were done are not run again."""
    steady, flaky = Flaky(), Flaky(ConnectionError("reset"))
    stages = iter(
        [WorkflowStage("s", [WorkflowStep("steady", steady), WorkflowStep("flaky", flaky)])]
    )

    result = await execute_with_recovery(
        "w", stages, executor=StagedParallelExecutor(), error_recovery=orchestrator()
    )

    assert result.success
    assert (steady.runs, flaky.runs) == (1, 2)


async def test_a_workflow_that_stays_broken_raises_its_own_error() -> None:
    """The error of the executor comes out, with a note of what was tried."""
    stages = [WorkflowStage("s", [WorkflowStep("broken", Flaky(*[ConnectionError("reset")] * 99))])]

    with pytest.raises(WorkflowFailedError) as raised:
        await execute_with_recovery(
            "w", stages, executor=StagedParallelExecutor(), error_recovery=orchestrator()
        )

    assert any("retry" in note for note in raised.value.__notes__)


async def test_validation_gives_the_account_of_the_corrected_code() -> None:
    """`code` of the account is what passed."""
    result = await validate_with_recovery(
        NO_ASYNC, validation_pipeline=ValidationPipeline(), error_recovery=orchestrator()
    )

    assert result.success
    assert result.code == "async " + NO_ASYNC


async def test_code_with_a_security_finding_is_never_corrected() -> None:
    """It is escalated, and the pipeline's error comes out."""
    recovery = orchestrator()
    tried: list[RecoveryStrategy] = []
    recovery.on_recovery_attempt(lambda context, strategy: tried.append(strategy))

    with pytest.raises(ValidationError, match="security validation failed"):
        await validate_with_recovery(
            "def execute_x(): eval('1')",
            ValidationContext(workflow_id="w"),
            validation_pipeline=ValidationPipeline(),
            error_recovery=recovery,
        )

    assert tried == [RecoveryStrategy.ESCALATION]


async def test_other_versions_are_rendered_without_being_named(tmp_path: Path) -> None:
    """What the manager knows beside the failed template is tried in its order."""
    text = await render_with_recovery(
        "node_effect_v2",
        {"node_name": "A", "body": "..."},
        template_manager=templates(tmp_path),
        error_recovery=orchestrator(),
    )

    assert text == "class A: ...\n"


async def test_named_alternatives_go_before_known_versions(tmp_path: Path) -> None:
    """The caller's list decides; so does a pattern's, where the caller gives none."""
    manager = templates(tmp_path)
    (tmp_path / "other.j2").write_text("other")
    (tmp_path / "pattern.j2").write_text("pattern")
    recovery = orchestrator()
    recovery.add_error_pattern(
        ErrorPattern(
            pattern_id="template",
            error_type=ErrorType.GENERATION,
            regex_pattern="render failed",
            recovery_strategy=RecoveryStrategy.ALTERNATIVE_PATH,
            metadata={"alternatives": ["pattern"]},
        )
    )
    parts: dict[str, Any] = {"template_manager": manager, "error_recovery": recovery}

    by_caller = await render_with_recovery("node_effect_v2", {}, **parts, alternatives=["other"])
    by_pattern = await render_with_recovery("node_effect_v2", {}, **parts)

    assert (by_caller, by_pattern) == ("other", "pattern")


async def test_a_template_without_alternatives_raises_its_own_error() -> None:
    """The manager's error comes out, with a note."""
    with pytest.raises(TemplateRenderError, match="'x' is undefined") as raised:
        await render_with_recovery(
            "a",
            template_manager=TemplateManager(templates={"a": "{{ x }}"}),
            error_recovery=orchestrator(),
        )

    assert raised.value.__notes__


@pytest.mark.parametrize("part", ["template", "validation", "executor"])
async def test_the_call_is_found_on_the_exception(part: str) -> None:
    """Where the package is installed its frames are not read: each part attaches its own call."""
    recovery = orchestrator()
    stages = [WorkflowStage("s", [WorkflowStep("broken", Flaky(OSError("no")))])]
    work = {
        "template": lambda: TemplateManager().render_template("a"),
        "validation": lambda: ValidationPipeline().validate("x = ="),
        "executor": lambda: StagedParallelExecutor().execute_workflow("w", stages),
    }[part]
    try:
        await work()
    except Exception as error:
        found = recovery.analyze(RecoveryContext("w", "n", exception=error))

    assert found.call_source == "the exception"


@pytest.mark.parametrize("which", ["template", "validation", "executor"])
async def test_cancellation_passes_through(which: str) -> None:
    """Nothing is recovered from a cancellation."""
    recovery = orchestrator()
    begun, never = asyncio.Event(), asyncio.Event()

    async def wait(*args: Any) -> None:
        begun.set()
        await never.wait()

    loops = "{{ begun() }}{% for i in r %}{% for j in r %}{% endfor %}{% endfor %}"
    loop = asyncio.get_running_loop()
    work = {
        "template": lambda: render_with_recovery(
            "a",
            {"r": range(100_000), "begun": lambda: loop.call_soon_threadsafe(begun.set)},
            template_manager=TemplateManager(templates={"a": loops}),
            error_recovery=recovery,
        ),
        "validation": lambda: validate_with_recovery(
            "x = 1",
            validation_pipeline=ValidationPipeline({"mine": wait}),
            error_recovery=recovery,
        ),
        "executor": lambda: execute_with_recovery(
            "w",
            [WorkflowStage("s", [WorkflowStep("slow", wait)])],
            executor=StagedParallelExecutor(),
            error_recovery=recovery,
        ),
    }[which]
    task = asyncio.create_task(work())
    await begun.wait()

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert recovery.get_statistics().total_attempts == 0
