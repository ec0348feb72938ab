"""Node modules: foreign text stays text, every template compiles, logic is told from scaffold."""

from __future__ import annotations

import ast
import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from omninode_bridge.errors import ContractInvalidError
from omninode_bridge.generation.contract import Contract, MixinUse, NodeType, Operation
from omninode_bridge.generation.node import NODE_TEMPLATES, logic_of, methods_of, render_node
from omninode_bridge.runtime import LogicNotWrittenError

ALL_TEMPLATES = [(kind, name) for kind, names in NODE_TEMPLATES.items() for name in names]
HOSTILE = 'a """b""" \'c\' C:\\new\\ {{ 7 * 7 }} {% raw %} \x00\x1b\u202e\ud800\u2028"'


def make_contract(
    *,
    name: str = "page_fetcher",
    kind: NodeType = NodeType.EFFECT,
    description: str = "Fetches pages.",
    operations: tuple[Operation, ...] = (Operation("fetch page", "fetch_page", "Fetches one."),),
    mixins: tuple[MixinUse, ...] = (),
    raw: Mapping[str, object] | None = None,
    input_model: str = "ModelIn",
    node_class: str = "NodePageFetcher",
    version: str = "1.2.3",
) -> Contract:
    """Build a contract by hand."""
    return Contract(
        path="page_fetcher.yaml",
        name=name,
        version=version,
        node_type=kind,
        description=description,
        input_state={"type": "object"},
        output_state={"type": "object"},
        operations=operations,
        mixins=mixins,
        template=None,
        input_model=input_model,
        output_model="ModelOut",
        node_class=node_class,
        raw=raw or {},
        text="",
    )


def run_source(source: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Execute a node module beside a stand-in for its models."""
    models = ModuleType("trial.models")
    models.__dict__.update(ModelIn=int, ModelOut=str)
    monkeypatch.setitem(sys.modules, "trial", ModuleType("trial"))
    monkeypatch.setitem(sys.modules, "trial.models", models)
    module = ModuleType("trial.node")
    module.__package__ = "trial"
    monkeypatch.setitem(sys.modules, "trial.node", module)
    exec(compile(source, "node.py", "exec", dont_inherit=True), module.__dict__)
    return module


@pytest.mark.parametrize(("kind", "template"), ALL_TEMPLATES)
def test_every_template_makes_a_node_that_runs(
    kind: NodeType, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each template yields a scaffold of the right type whose operation says what is missing."""
    mixins = (MixinUse("MixinMetrics", required=True, config={"window": 5}),)
    source = render_node(make_contract(kind=kind, mixins=mixins), template)

    node = run_source(source, monkeypatch).NodePageFetcher()

    assert (node.node_type, node.node_version, logic_of(source)) == (kind, "1.2.3", "scaffold")
    assert node.mixin_config == {"MixinMetrics": {"window": 5}}
    assert node.unwritten_operations() == ("fetch page",)
    with pytest.raises(LogicNotWrittenError, match="'fetch_page' of node 'NodePageFetcher'"):
        asyncio.run(node.perform("fetch page", 1))


def test_the_full_template_tracks_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the v2 template, metrics see each call."""
    mixins = (MixinUse("MixinMetrics", required=True, config={}),)
    source = render_node(make_contract(mixins=mixins), "node_effect_v2")
    node = run_source(source, monkeypatch).NodePageFetcher()

    with pytest.raises(LogicNotWrittenError):
        asyncio.run(node.fetch_page(1))

    assert node.metrics.counters() == {"fetch page.failed": 1}


@pytest.mark.parametrize("template", NODE_TEMPLATES[NodeType.ORCHESTRATOR])
def test_hostile_text_stays_text(template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quotes, braces, control characters and lone surrogates come back as they went in."""
    contract = make_contract(
        kind=NodeType.ORCHESTRATOR,
        description=HOSTILE,
        version=HOSTILE,
        operations=(Operation(HOSTILE, "work", HOSTILE),),
        mixins=(MixinUse("MixinLogging", required=False, config={HOSTILE: HOSTILE}),),
        raw={"workflow_steps": [{"step": HOSTILE}, HOSTILE]},
    )

    source = render_node(contract, template)
    node = run_source(source, monkeypatch).NodePageFetcher

    assert source.isascii()
    assert dict(node.operations) == {HOSTILE: "work"}
    assert node.node_version == HOSTILE
    assert node.mixin_config == {"MixinLogging": {HOSTILE: HOSTILE}}
    assert node.workflow_steps == ({"step": HOSTILE}, {"step": HOSTILE})


@given(st.text(st.characters(codec=None), max_size=200))
@example('"')
@example('says """')
@example('ends in \\"')
def test_any_description_makes_one_docstring(description: str) -> None:
    """No text ends its docstring early or adds a statement."""
    source = render_node(make_contract(description=description), "node_effect_v1")

    (node,) = [item for item in ast.parse(source).body if isinstance(item, ast.ClassDef)]
    docstring = ast.get_docstring(node) or ""
    assert [type(item).__name__ for item in node.body[:2]] == ["Expr", "AnnAssign"]
    spelled_out = description.encode("utf-8", "backslashreplace").decode()
    assert "".join(docstring.split()) == "".join(spelled_out.split()) or not spelled_out.strip()


def test_workflow_steps_are_brought_to_plain_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """A map of steps becomes a list; what JSON does not know becomes text."""
    from datetime import date

    raw = {"workflow_steps": {"first": {"on": date(2024, 2, 29), 1: {2}}, "second": None}}
    contract = make_contract(kind=NodeType.ORCHESTRATOR, raw=raw)

    node = run_source(render_node(contract, "node_orchestrator_v1"), monkeypatch).NodePageFetcher

    assert node.workflow_steps == (
        {"step": "first", "on": "2024-02-29", "1": "{2}"},
        {"step": "second"},
    )


def test_operations_keep_out_of_the_way_of_the_runtime() -> None:
    """A method that every node already has gets another name; the operation keeps its own."""
    contract = make_contract(
        operations=(
            Operation("perform", "perform"),
            Operation("perform_operation", "perform_operation"),
            Operation("fetch", "fetch"),
        )
    )

    assert methods_of(contract) == {
        "perform": "perform_operation_operation",
        "perform_operation": "perform_operation",
        "fetch": "fetch",
    }


def test_a_class_called_like_its_base_is_no_recursion(monkeypatch: pytest.MonkeyPatch) -> None:
    """The base is imported under another name where the node's class needs the name itself."""
    source = render_node(make_contract(node_class="NodeEffect"), "node_effect_v2")

    assert run_source(source, monkeypatch).NodeEffect.__mro__[1].__module__.startswith("omninode")


@pytest.mark.parametrize("name", ["class", "x-y", "__import__('os')", "1a", "", "naïve"])
def test_names_that_are_no_identifiers_are_refused(name: str) -> None:
    """Nothing but an identifier is ever written as code."""
    with pytest.raises(ContractInvalidError, match="cannot be a name in Python"):
        render_node(make_contract(input_model=name), "node_effect_v2")


@pytest.mark.parametrize(
    ("body", "logic"),
    [
        ("raise LogicNotWrittenError(self, 'a')", "scaffold"),
        ("'''Doc.'''\n        raise LogicNotWrittenError(self, 'a')", "scaffold"),
        ("with self.track('a'):\n            raise LogicNotWrittenError(self, 'a')", "scaffold"),
        ("return 1", "written"),
        (
            "if request:\n            raise LogicNotWrittenError(self, 'a')\n        return 1",
            "partial",
        ),
    ],
)
def test_logic_is_told_from_scaffold(body: str, logic: str) -> None:
    """A body that only raises is a scaffold, wrapped or not."""
    assert logic_of(f"class A:\n    async def a(self, request):\n        {body}\n") == logic


def test_logic_of_a_node_with_some_operations_written() -> None:
    """Some written and some not is partial; helpers that are no operations do not count."""
    source = (
        "class A:\n"
        "    operations: X = {'a': 'a', 'b': 'b'}\n"
        "    async def a(self, request):\n        raise LogicNotWrittenError(self, 'a')\n"
        "    async def b(self, request):\n        BODY\n"
        "    async def helper(self):\n        return 1\n"
    )

    assert logic_of(source.replace("BODY", "return 1")) == "partial"
    assert logic_of(source.replace("BODY", "raise LogicNotWrittenError(self, 'b')")) == "scaffold"


def test_a_template_of_the_user_comes_first(tmp_path: Path) -> None:
    """A file of the same name in the user's folder replaces the packaged template."""
    (tmp_path / "node_effect_v2.j2").write_text(
        "# mine: {{ node.name }} {{ node.version|literal }}"
    )

    packaged_first = render_node(make_contract(), "node_effect_v1", template_dir=tmp_path)
    mine = render_node(make_contract(), "node_effect_v2", template_dir=tmp_path)

    assert packaged_first.startswith('"""Node')
    assert not mine.startswith("# mine")  # `.py.j2` goes before `.j2`, wherever it lies
    (tmp_path / "node_effect_v2.py.j2").write_text("# mine: {{ node.name }}")
    assert render_node(make_contract(), "node_effect_v2", template_dir=tmp_path) == (
        "# mine: page_fetcher"
    )
