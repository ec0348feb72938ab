"""Packages: deterministic files whose own tests pass, alone and side by side, from anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from omninode_bridge.generation.contract import Contract, MixinUse, NodeType, Operation
from omninode_bridge.generation.models import generate_models
from omninode_bridge.generation.node import NODE_TEMPLATES, render_node
from omninode_bridge.generation.package_files import package_files
from omninode_bridge.generation.samples import make_samples
from omninode_bridge.generation.test_files import render_model_tests, render_node_tests

RULES = "E9,F,I,B,ASYNC,PLE,S,UP,W"
HOSTILE = 'a """b""" \'c\' C:\\new {{ 7 * 7 }} {% raw %} \x00\x1b\u202e\u2028"'

CONTRACT = Contract(
    path="label_printer.yaml",
    name="label_printer",
    version="1.0.0",
    node_type=NodeType.EFFECT,
    description=HOSTILE,
    input_state={
        "type": "object",
        "required": ["text"],
        "additionalProperties": False,
        "properties": {
            "text": {"type": "string", "maxLength": 1_000, "description": HOSTILE},
            "style": {"type": "string", "enum": ["bold", "2-column", "a/b", HOSTILE]},
            "path": {"type": "string", "default": "/tmp/labels"},
            "password": {"type": "string", "default": "hunter2"},
            "host": {"type": "string", "default": "0.0.0.0"},
            "copies": {"type": "integer", "minimum": 1, "default": 1},
            "ключ\u202e": {"type": "integer", "minimum": 1},
        },
    },
    output_state={"type": "object", "properties": {"printed": {"type": "integer", "minimum": 0}}},
    operations=(Operation(HOSTILE, "print_label", HOSTILE), Operation("perform", "perform")),
    mixins=tuple(
        MixinUse(name, required=True, config={})
        for name in ("MixinCaching", "MixinHealthCheck", "MixinLogging", "MixinMetrics")
    ),
    template=None,
    input_model="ModelLabelPrinterInput",
    output_model="ModelLabelPrinterOutput",
    node_class="NodeLabelPrinter",
    raw={},
    text="name: label_printer\n",
)
OTHER = replace(
    CONTRACT,
    name="label_counter",
    node_type=NodeType.REDUCER,
    mixins=(),
    operations=(Operation("count", "count"),),
    input_state={"type": "object"},
)


def files_of(contract: Contract, template: int = 0) -> dict[str, bytes]:
    """Make the package with the fullest template, or a plainer one."""
    node = render_node(contract, NODE_TEMPLATES[contract.node_type][template])
    return package_files(contract, generate_models(contract).text, node)


def write(folder: Path, *contracts: Contract, template: int = 0) -> Path:
    """Write packages side by side, tidied as the generator does it."""
    for contract in contracts:
        for path, content in files_of(contract, template).items():
            target = folder / contract.name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    run("ruff", "check", "--isolated", "--fix", "-q", "--select", RULES, ".", cwd=folder)
    run("ruff", "format", "--isolated", "-q", ".", cwd=folder)
    return folder


def run(tool: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a tool of this environment."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", tool, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def run_tests(*arguments: str, cwd: Path) -> str:
    """Run pytest as a stranger would, with warnings as errors; return its last line."""
    plain = ("-q", "-W", "error", "-p", "no:cacheprovider", "-p", "no:asyncio")
    return run("pytest", *plain, *arguments, cwd=cwd).stdout.strip().splitlines()[-1]


def test_a_package_has_these_files_and_always_the_same_bytes() -> None:
    """The same contract makes the same package."""
    first, second = files_of(CONTRACT), files_of(CONTRACT)

    assert sorted(first) == [
        "__init__.py",
        "contract.yaml",
        "models.py",
        "node.py",
        "py.typed",
        "tests/__init__.py",
        "tests/test_models.py",
        "tests/test_node.py",
    ]
    assert first == second
    assert first["contract.yaml"] == b"name: label_printer\n"


def test_weaker_models_are_not_asked_for_what_they_do_not_check() -> None:
    """Samples of unchecked keywords are left out, on their side and with all that lies below."""
    sentences = (
        "input_state: format 'uri' beside a length or a pattern is not checked",
        "output_state: minimum is not checked",
    )
    node = render_node(CONTRACT, "node_effect_v2")
    models = generate_models(CONTRACT).text

    tests = package_files(CONTRACT, models, node, unchecked=sentences)["tests/test_models.py"]

    assert b'id="copies minimum"' in tests
    assert b'id="printed minimum"' not in tests
    assert b'id="printed minimum"' in files_of(CONTRACT)["tests/test_models.py"]


def test_exports_are_sorted() -> None:
    """The package exports its models and its node, in order."""
    source = files_of(CONTRACT)["__init__.py"].decode()

    exported = source[source.index("__all__") :]
    assert exported == (
        "__all__ = [\n"
        '    "ModelLabelPrinterInput",\n'
        '    "ModelLabelPrinterOutput",\n'
        '    "NodeLabelPrinter",\n'
        "]\n"
    )


def test_tests_name_the_constraint() -> None:
    """A reader of a failed test sees the place and the keyword in its id."""
    samples = make_samples(CONTRACT.input_state)

    source = render_model_tests(CONTRACT, samples, make_samples(CONTRACT.output_state))

    assert 'id="copies minimum"' in source
    assert 'id="text required"' in source
    assert "OUTPUT_DEFAULTS" not in source  # there are none, so there is no empty test


def test_a_schema_without_samples_still_has_node_tests() -> None:
    """Where no request can be made, an unchecked one does."""
    nothing = make_samples({"type": "object", "required": ["a"], "properties": {"a": False}})

    source = render_node_tests(CONTRACT, nothing)

    assert "REQUEST" not in source
    compile(source, "test_node.py", "exec")


def test_dropped_mixins_are_not_tested() -> None:
    """The node tests follow the mixins that the node was rendered with."""
    samples = make_samples(CONTRACT.input_state)

    source = render_node_tests(CONTRACT, samples, mixins=())

    assert "cache" not in source
    assert "health" not in source


@pytest.mark.slow
@pytest.mark.parametrize("template", [0, 1, 2])
def test_packages_pass_ruff_and_their_own_tests(tmp_path: Path, template: int) -> None:
    """After one tidying pass nothing is left to say, whatever the text in the contract."""
    folder = write(tmp_path, CONTRACT, OTHER, template=template)

    lint = run("ruff", "check", "--isolated", "--select", RULES, str(folder), cwd=Path("/"))
    layout = run("ruff", "format", "--isolated", "--check", str(folder))

    assert lint.returncode == 0, lint.stdout
    assert layout.returncode == 0, layout.stdout
    assert " failed" not in run_tests(str(folder), cwd=Path("/"))


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["prepend", "append", "importlib"])
def test_packages_are_tested_from_anywhere(tmp_path: Path, mode: str) -> None:
    """One package or many, from its own folder, from above or from elsewhere, in each import mode."""
    folder = write(tmp_path / "out dir", CONTRACT, OTHER)
    option = f"--import-mode={mode}"

    ends = [
        run_tests(option, str(folder), cwd=Path("/")),
        run_tests(option, ".", cwd=folder),
        run_tests(option, ".", cwd=folder / "label_printer"),
        run_tests(option, "tests", cwd=folder / "label_counter"),
    ]

    assert all(" passed" in end and "error" not in end and "failed" not in end for end in ends), (
        ends
    )


@pytest.mark.slow
def test_ty_finds_nothing(tmp_path: Path) -> None:
    """The packages are typed, their tests included."""
    folder = write(tmp_path, CONTRACT, OTHER)

    check = run("ty", "check", "--python", sys.prefix, ".", cwd=folder)

    assert check.returncode == 0, check.stdout


@pytest.mark.slow
def test_written_logic_does_not_fail_the_node_tests(tmp_path: Path) -> None:
    """Once an operation is written its placeholder test is skipped and says what to do."""
    folder = write(tmp_path, OTHER)
    node = folder / "label_counter" / "node.py"
    source = node.read_text()
    start = source.index('with self.track("count")')
    node.write_text(source[:start] + "return ModelLabelPrinterOutput()\n")

    end = run_tests("-rs", str(folder / "label_counter" / "tests" / "test_node.py"), cwd=folder)

    assert "1 skipped" in end
    assert "failed" not in end
