"""Section 2, Alternative Path Strategy."""

from __future__ import annotations

import pytest

from omninode_bridge.agents.workflows import (
    AlternativePathStrategy,
    ErrorRecoveryOrchestrator,
    RecoveryStrategy,
    TemplateManager,
    TemplateType,
)

from ._reader import Reader
from ._steps import handle, set_up

RENDERERS = """
    class TemplateError(Exception):
        pass

    tried = []
    broken = {"node_effect_v2"}

    async def render(template_id, context=None):
        tried.append(template_id)
        if template_id in broken:
            raise TemplateError(f"Template {template_id!r} render failed: 'title' is undefined")
        return f"rendered with {template_id}"
"""


def write_templates(reader: Reader) -> TemplateManager:
    """Let v2 need a variable that nobody gives; v1 and the basic one are good."""
    (reader.folder / "node_effect_v2.py.j2").write_text("class {{ node_name }}: {{ title }}\n")
    (reader.folder / "node_effect_v1.py.j2").write_text("class {{ node_name }}:\n    version = 1\n")
    (reader.folder / "node_effect_basic.py.j2").write_text("class {{ node_name }}: ...\n")
    return TemplateManager(template_dir=reader.folder)


def test_configuration(reader: Reader) -> None:
    """The strategy tries its three templates in the order in which they are printed."""
    reader.supply(TemplateType=TemplateType)
    reader.write(RENDERERS)
    reader.write("broken |= {'node_effect', 'node_effect_v1_fallback'}")

    reader.run(6)
    orchestrator = ErrorRecoveryOrchestrator()
    orchestrator.register_strategy(RecoveryStrategy.ALTERNATIVE_PATH, reader["strategy"])
    result = reader.wait_for(orchestrator.run(reader["render"], "node_effect"))

    assert result == "rendered with node_effect_simple"
    assert reader["tried"] == [
        "node_effect",
        "node_effect_v2",
        "node_effect_v1_fallback",
        "node_effect_simple",
    ]


def test_usage_example(reader: Reader) -> None:
    """The template that cannot be rendered is replaced by the next one of its list."""
    set_up(reader)
    reader.supply(TemplateType=TemplateType, template_manager=write_templates(reader))

    reader.run(7)

    assert reader["result"] == "class MyEffect:\n    version = 1\n"
    assert reader["recovery_result"].fallback_used == "node_effect_v1"
    assert reader["recovery_result"].pattern_matched == "template_render_failure"
    assert reader["TEMPLATE_ALTERNATIVES"]["node_compute"][1] == (
        "node_compute_v1",
        TemplateType.COMPUTE,
    )


def test_usage_example_with_a_renderer_of_the_readers_own(reader: Reader) -> None:
    """A template manager that we know nothing about is run again with the other template as well."""
    set_up(reader)
    reader.supply(TemplateType=TemplateType)
    reader.write(RENDERERS)
    reader.write("""
        broken.add("node_effect_v1")

        class Renderer:
            async def render_template(self, template_id, context):
                return await render(template_id, context)

        template_manager = Renderer()
    """)

    reader.run(7)

    assert reader["result"] == "rendered with node_effect_basic"
    assert reader["tried"] == ["node_effect_v2", "node_effect_v1", "node_effect_basic"]


def test_alternative_models(reader: Reader) -> None:
    """Where gemini is unavailable gpt-4 is asked the same, and then claude-3."""
    set_up(reader)
    reader.write("""
        prompt = "Write a node"
        asked = []

        class LLMClient:
            async def generate(self, prompt, model):
                asked.append((prompt, model))
                if model != "claude-3":
                    raise RuntimeError(f"Model {model} unavailable")
                return f"{model} wrote a node"

        llm_client = LLMClient()
        state = {}
    """)

    reader.run(8, {"handle_error(...)": HANDLE})

    assert reader["result"] == "claude-3 wrote a node"
    assert [model for _, model in reader["asked"]] == ["gemini-1.5-pro", "gpt-4", "claude-3"]
    assert {prompt for prompt, _ in reader["asked"]} == {"Write a node"}
    assert reader["recovery_result"].fallback_used == "claude-3"
    assert reader["recovery_result"].metadata["label"] == "tertiary"


HANDLE = (
    'handle_error(RecoveryContext(workflow_id="session-1", node_name="llm_client", exception=e))'
)


def test_first_success_counts(reader: Reader) -> None:
    """After the first alternative that works no other is run."""
    reader.write(RENDERERS)
    orchestrator = ErrorRecoveryOrchestrator()
    run = orchestrator.with_options(
        strategy="alternative_path", alternatives=["node_effect_v1", "node_effect_basic"]
    ).run

    assert (
        reader.wait_for(run(reader["render"], "node_effect_v2")) == "rendered with node_effect_v1"
    )
    assert reader["tried"] == ["node_effect_v2", "node_effect_v1"]


def test_alternatives_exhausted(reader: Reader) -> None:
    """When none works the recovery fails, names what was tried, and the error stays."""
    set_up(reader)
    reader.write(RENDERERS)
    reader.write("broken |= {'a', 'b'}")
    reader["orchestrator"].register_strategy(
        RecoveryStrategy.ALTERNATIVE_PATH, AlternativePathStrategy(["a", "b"])
    )

    error = reader["TemplateError"]("Template 'x' render failed: no title")
    result = handle(reader, error, operation=reader["render"], state={"template_id": "x"})

    assert not result.success
    assert [record.label for record in result.attempts if record.label] == ["a", "b"]
    assert reader["tried"] == ["a", "b"]
    assert "render failed" in str(result.error)


def test_alternatives_of_every_kind(reader: Reader) -> None:
    """Templates, models, callables, and values of any other parameter can be alternatives."""
    orchestrator = ErrorRecoveryOrchestrator()

    async def generate(prompt: str, model: str = "large", template_id: str = "v2") -> str:
        if (model, template_id) == ("large", "v2"):
            raise ValueError("validation failed: not a valid module")
        return f"{prompt} by {model} on {template_id}"

    async def plain(prompt: str) -> str:
        return f"{prompt} by hand"

    def recover(**options: object) -> object:
        run = orchestrator.with_options(strategy="alternative_path", **options).run  # type: ignore[arg-type]
        return reader.wait_for(run(generate, "node"))

    assert recover(alternatives=["v1"]) == "node by large on v1"
    assert recover(model_alternatives=[("small", "secondary")]) == "node by small on v2"
    assert recover(alternatives=[plain]) == "node by hand"


def test_without_alternatives(reader: Reader) -> None:
    """Where nobody has named alternatives the step is passed over, and the result says why."""
    set_up(reader)
    reader.write(RENDERERS)

    error = reader["TemplateError"]("Template 'x' render failed: no title")
    result = handle(reader, error, operation=reader["render"], state={"template_id": "x"})

    skipped = {skip.strategy: skip.reason for skip in result.skipped}
    assert not result.success
    assert skipped[RecoveryStrategy.ALTERNATIVE_PATH] == "no alternatives are configured"


def test_what_was_used_instead_is_told(reader: Reader) -> None:
    """A result of another quality can be told from the wished one: it says where it came from."""
    set_up(reader)
    reader.write(RENDERERS)
    reader["orchestrator"].register_strategy(
        RecoveryStrategy.ALTERNATIVE_PATH, AlternativePathStrategy([("node_effect_v1", "older")])
    )

    error = reader["TemplateError"]("Template 'node_effect_v2' render failed: no title")
    result = handle(
        reader, error, operation=reader["render"], state={"template_id": "node_effect_v2"}
    )

    assert result.success
    assert result.fallback_used == "node_effect_v1"
    assert result.metadata["label"] == "older"


@pytest.mark.parametrize(("checks", "tried"), [(True, ["empty", "good"]), (False, ["empty"])])
def test_alternatives_are_validated(reader: Reader, checks: bool, tried: list[str]) -> None:
    """What an alternative returns is held against the caller's check, unless that is switched off."""
    orchestrator = ErrorRecoveryOrchestrator()
    strategy = AlternativePathStrategy(["empty", "good"], validate_alternatives=checks)
    orchestrator.register_strategy(RecoveryStrategy.ALTERNATIVE_PATH, strategy)

    ran: list[str] = []

    async def render(template_id: str) -> str:
        ran.append(template_id)
        if template_id == "broken":
            raise ValueError("validation failed: not a valid module")
        return "" if template_id == "empty" else template_id

    run = orchestrator.with_options(strategy="alternative_path", validate=bool).run

    assert reader.wait_for(run(render, "broken")) == ("good" if checks else "")
    assert ran == ["broken", *tried]
