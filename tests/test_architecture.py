"""Dependencies flow one way: the imports of the source tree are read and held against the tables below."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.checkout

PACKAGE = "omninode_bridge"
ROOT = Path(__file__).resolve().parent.parent
MOST_LINES = 300

# A module imports only from its own or an earlier layer. Names are relative to the package; the longest one that is
# the module or a package around it decides; `_name` stands for `_name_more` too, the files it was split into. A name
# that ends in "!" stands for itself alone, not for what is inside.
LAYERS: dict[str, tuple[str, ...]] = {
    "foundation": (
        "!",
        "errors",
        "agents!",
        "agents.workflows._blocking",
        "agents.workflows._clock",
        "agents.workflows._deadline",
        "agents.workflows._durable",
        "agents.workflows._foreign",
        "agents.workflows._journal_place",
        "agents.workflows._ports",
        "agents.workflows._spending",
        "agents.workflows._staged_tasks",
        "agents.workflows._threads",
        "agents.workflows.recovery_models",
    ),
    "knowledge": (
        "agents.workflows._redaction",
        "agents.workflows.classification",
        "agents.workflows.recovery_patterns",
    ),
    "strategies": (
        "agents.workflows._backoff",
        "agents.workflows._call",
        "agents.workflows._ladder",
        "agents.workflows.correction",
        "agents.workflows.escalation",
        "agents.workflows.recovery_strategies",
    ),
    "orchestrator": (
        "agents.workflows._attached",
        "agents.workflows._analysis",
        "agents.workflows._errors_data",
        "agents.workflows._identity",
        "agents.workflows._kept_runs",
        "agents.workflows._attempt_text",
        "agents.workflows._parts",
        "agents.workflows._quick",
        "agents.workflows._registration",
        "agents.workflows._climb",
        "agents.workflows._inference",
        "agents.workflows._config",
        "agents.workflows._first_run",
        "agents.workflows._hooks",
        "agents.workflows._machine",
        "agents.workflows._metadata_names",
        "agents.workflows._options",
        "agents.workflows._planning",
        "agents.workflows._recorder",
        "agents.workflows._recoverable",
        "agents.workflows._recovery",
        "agents.workflows._runs",
        "agents.workflows._standalone",
        "agents.workflows._sdk_retries",
        "agents.workflows._switch",
        "agents.workflows._ties",
        "agents.workflows.engines.inline",  # does no I/O, and is the default
        "agents.workflows.error_recovery",
    ),
    "around the orchestrator": (
        "agents.workflows._staged",
        "agents.workflows._template",
        "agents.workflows._workflow_models",
        "agents.workflows.engines",
        "agents.workflows.journal",
        "agents.workflows.integrations",
        "agents.workflows.monitoring",
        "agents.workflows.staged_execution",
        "agents.workflows.template_manager",
        "agents.workflows.validation_pipeline",
    ),
    "face of the workflows": ("agents.workflows!",),
    "beside the workflows": ("agents.coordination", "agents.metrics", "runtime"),
    "generation": ("generation",),
    "edges": ("__main__", "cli", "notifiers", "testing", "web"),
}

# Imports that go up all the same, each with its reason; only inside a function.
UPWARD: dict[tuple[str, str], str] = {
    (
        "agents.workflows.recovery_strategies._stepped",
        "agents.workflows._standalone",
    ): "a strategy that is used without an orchestrator is run by the same machine",
}

# These know nothing of the rest: beyond themselves they import only what is named here.
ALONE: dict[str, tuple[str, ...]] = {
    "agents.coordination": ("agents.metrics", "errors"),
    "agents.metrics": ("errors",),
    "runtime": ("errors", "agents.workflows._redaction_errors"),  # that knows only texts
}

# Third-party modules are imported inside functions, so that a base install can import the core and say which extra
# is missing. Where one may stand at the top of a module all the same; never in the `__init__` of a package.
THIRD_PARTY_AT_TOP: dict[str, frozenset[str]] = {
    "agents.workflows._template_sandbox": frozenset({"jinja2"}),  # itself loaded on first use
    "cli": frozenset({"click", "rich"}),
    "generation": frozenset({"jinja2", "regex", "yaml"}),
    "runtime": frozenset({"pydantic", "pydantic_core"}),
    "testing.plugin": frozenset({"pytest"}),
}


@dataclass(frozen=True)
class Import:
    """One import statement, resolved: what is imported, where, and when it runs."""

    module: str
    target: str
    line: int
    lazy: bool = False
    typing_only: bool = False

    def __str__(self) -> str:
        return f"{self.module} (line {self.line}) imports {self.target}"


def read_tree(source: Path) -> dict[str, Path]:
    """Return every module of the package that lies in this folder, by its full name."""
    modules = {}
    for path in sorted((source / PACKAGE).rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules


class ImportReader(ast.NodeVisitor):
    """Collects the imports of one module, those inside functions and for type checkers marked."""

    def __init__(self, module: str, path: Path, known: Iterable[str]) -> None:
        self.module = module
        self.package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        self.known = frozenset(known)
        self.found: list[Import] = []
        self.lazy = self.typing_only = False

    def add(self, target: str, node: ast.stmt | ast.expr) -> None:
        self.found.append(Import(self.module, target, node.lineno, self.lazy, self.typing_only))

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.add(alias.name, node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = node.module or ""
        if node.level:
            around = self.package.split(".")
            around = around[: len(around) - node.level + 1]
            base = ".".join([*around, base]) if base else ".".join(around)
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            self.add(inner if inner in self.known else base, node)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        first = node.args[0] if node.args else None
        if name == "import_module" and isinstance(first, ast.Constant):
            target = str(first.value)
            self.add(self.package + target if target.startswith(".") else target, node)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.AST) -> None:
        before, self.lazy = self.lazy, True
        self.generic_visit(node)
        self.lazy = before

    visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef

    def visit_If(self, node: ast.If) -> None:
        if not ast.unparse(node.test).endswith("TYPE_CHECKING"):
            self.generic_visit(node)
            return
        before, self.typing_only = self.typing_only, True
        for child in node.body:
            self.visit(child)
        self.typing_only = before
        for child in node.orelse:
            self.visit(child)


def read_imports(modules: Mapping[str, Path]) -> list[Import]:
    """Return every import of these modules."""
    found = []
    for module, path in modules.items():
        reader = ImportReader(module, path, modules)
        reader.visit(ast.parse(path.read_text(encoding="utf-8"), str(path)))
        found += reader.found
    return found


def short(module: str) -> str:
    """The name relative to the package, as the tables write it."""
    return module.removeprefix(PACKAGE).removeprefix(".")


def is_in(module: str, name: str) -> bool:
    """Is this the module of the table's name, or inside it?"""
    inside = (name + ".", name + "_") if name.rpartition(".")[2].startswith("_") else name + "."
    return short(module) == name or short(module).startswith(inside)


def layer_of(module: str) -> tuple[int, str] | None:
    """Return rank and name of the module's layer, None where the table does not list it."""
    best: tuple[int, int, str] | None = None
    for rank, (layer, names) in enumerate(LAYERS.items()):
        for name in names:
            fits = short(module) == name[:-1] if name.endswith("!") else is_in(module, name)
            if fits and (best is None or len(name) > best[0]):
                best = (len(name), rank, layer)
    return best[1:] if best else None


def unlisted(modules: Iterable[str]) -> list[str]:
    """Say which modules the table of layers does not know."""
    return [
        f"{module} belongs to no layer: add {short(module)!r} to LAYERS in {Path(__file__).name}"
        for module in modules
        if layer_of(module) is None
    ]


def upward(imports: Iterable[Import]) -> list[str]:
    """Say which imports go to a later layer, whether they run or not."""
    found = []
    for item in imports:
        here, there = layer_of(item.module), layer_of(item.target)
        excused = item.lazy and (short(item.module), short(item.target)) in UPWARD
        if (
            item.target.startswith(PACKAGE)
            and here
            and there
            and there[0] > here[0]
            and not excused
        ):
            found.append(f"{item}: {here[1]!r} must not know {there[1]!r}")
    return found


def not_alone(imports: Iterable[Import]) -> list[str]:
    """Say which imports leave a part that must stand alone."""
    found = []
    for item in imports:
        part = next((name for name in ALONE if is_in(item.module, name)), None)
        if part is None or not item.target.startswith(PACKAGE) or item.target == PACKAGE:
            continue
        if not any(is_in(item.target, name) for name in (part, *ALONE[part])):
            found.append(f"{item}: {part!r} may know only {ALONE[part]}")
    return found


def third_party_at_top(imports: Iterable[Import], packages: frozenset[str]) -> list[str]:
    """Say which third-party modules are imported as soon as a module of ours is."""
    found = []
    for item in imports:
        name = item.target.partition(".")[0]
        if name in {PACKAGE, *sys.stdlib_module_names} or item.lazy or item.typing_only:
            continue
        allowed = {
            top
            for place, names in THIRD_PARTY_AT_TOP.items()
            if is_in(item.module, place)
            for top in names
        }
        if item.module in packages or name not in allowed:
            found.append(f"{item} at the top: import it in the function that needs it")
    return found


def cycles(imports: Iterable[Import]) -> list[list[str]]:
    """Return the groups of modules that need each other while they are being imported."""
    graph: dict[str, set[str]] = {}
    for item in imports:
        if item.target.startswith(PACKAGE) and not item.lazy and not item.typing_only:
            graph.setdefault(item.module, set()).add(item.target)

    def reachable(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [*graph.get(start, ())]
        while waiting:
            module = waiting.pop()
            if module not in seen:
                seen.add(module)
                waiting += graph.get(module, ())
        return seen

    ahead = {module: reachable(module) for module in graph}
    groups = {
        tuple(sorted({other for other in ahead[module] if module in ahead.get(other, ())}))
        for module in graph
        if module in ahead[module]
    }
    return [list(group) for group in sorted(groups)]


@pytest.fixture(scope="module")
def modules() -> dict[str, Path]:
    return read_tree(ROOT / "src")


@pytest.fixture(scope="module")
def imports(modules: dict[str, Path]) -> list[Import]:
    return read_imports(modules)


def test_every_module_belongs_to_a_layer(modules: dict[str, Path]) -> None:
    """A new module must be given its place."""
    found = unlisted(modules)

    assert not found, "\n".join(found)


def test_imports_go_to_the_same_or_an_earlier_layer(imports: list[Import]) -> None:
    """What is underneath never knows what stands on it, not even for a type."""
    found = upward(imports)

    assert not found, "\n".join(found)


def test_excuses_are_needed(imports: list[Import]) -> None:
    """An excuse for an import that is not there any more goes too."""
    there = {(short(item.module), short(item.target)) for item in imports}

    assert UPWARD.keys() - there == set()


def test_separate_parts_stay_separate(imports: list[Import]) -> None:
    """Metrics, signals and the runtime of generated nodes can be used without the workflows."""
    found = not_alone(imports)

    assert not found, "\n".join(found)


def test_no_import_cycles(imports: list[Import]) -> None:
    """Every module can be the first one that is imported."""
    assert cycles(imports) == []


def test_third_party_imports_are_lazy(modules: dict[str, Path], imports: list[Import]) -> None:
    """Only the listed modules may need a third-party package before a function of theirs is called."""
    packages = frozenset(name for name, path in modules.items() if path.name == "__init__.py")
    found = sorted(set(third_party_at_top(imports, packages)))

    assert not found, "\n".join(found)


def test_no_long_files(modules: dict[str, Path]) -> None:
    """One idea a file: none is longer than 300 lines."""
    files = [
        *modules.values(),
        *ROOT.glob("scripts/*"),
        *ROOT.glob("benchmarks/*.py"),
        ROOT / "dev",
    ]
    lines = {
        path: len(path.read_text(encoding="utf-8").splitlines()) for path in files if path.is_file()
    }

    assert {str(path): count for path, count in lines.items() if count > MOST_LINES} == {}


IMPORT_ALL = """
import importlib, sys

class OnlyStandardLibrary:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in {ours, *sys.stdlib_module_names, *allowed}:
            raise ModuleNotFoundError(f"{name} is not there", name=name)

ours, allowed, names = "omninode_bridge", sys.argv[1].split(","), sys.argv[2:]
sys.meta_path.insert(0, OnlyStandardLibrary())
for name in names:
    importlib.import_module(name)
"""


@pytest.mark.parametrize(
    ("allowed", "part"), [("", ""), ("jinja2,markupsafe,yaml,_yaml,regex", "generation")]
)
def test_public_packages_import_without_extras(
    modules: dict[str, Path], allowed: str, part: str
) -> None:
    """Every public package imports where no extra is installed; all but generation with nothing installed at all."""
    names = [
        name
        for name, path in modules.items()
        if path.name == "__init__.py"
        and "._" not in name
        and is_in(name, "generation") == bool(part)
    ]

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT_ALL, allowed, *names],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def plant(folder: Path, files: Mapping[str, str]) -> list[Import]:
    """Write modules of a made-up package and read their imports."""
    for name, text in files.items():
        path = folder / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_imports(read_tree(folder))


@pytest.mark.parametrize(
    "text",
    [
        "from omninode_bridge.cli import main",
        "from .cli import main",
        "from . import cli",
        "def load():\n    import omninode_bridge.cli.main",
        "import typing\nif typing.TYPE_CHECKING:\n    from .cli import main",
        "import importlib\ndef load():\n    importlib.import_module('omninode_bridge.cli')",
    ],
)
def test_an_upward_import_is_found(tmp_path: Path, text: str) -> None:
    """However it is written, an import of the command line by the foundation is reported."""
    planted = plant(tmp_path, {"__init__.py": "", "cli/__init__.py": "", "errors.py": text})

    assert len(upward(planted)) == 1


def test_a_cycle_is_found_and_a_lazy_import_is_none(tmp_path: Path) -> None:
    """Two modules that import each other at once are a cycle; one lazy import between them breaks it."""
    lazy = "def run():\n    from . import a"

    both = plant(
        tmp_path / "1", {"__init__.py": "", "a.py": "from . import b", "b.py": "from .a import c"}
    )
    one = plant(tmp_path / "2", {"__init__.py": "", "a.py": "from . import b", "b.py": lazy})

    assert cycles(both) == [[f"{PACKAGE}.a", f"{PACKAGE}.b"]]
    assert cycles(one) == []


def test_third_party_at_the_top_is_found(tmp_path: Path) -> None:
    """The core may not import a package at its top, an edge may import its own, a package's `__init__` none."""
    text = "import click"
    planted = plant(
        tmp_path,
        {"__init__.py": "", "errors.py": text, "cli/main.py": text, "cli/__init__.py": text},
    )

    found = third_party_at_top(planted, frozenset({f"{PACKAGE}.cli"}))

    assert [line.partition(" ")[0] for line in found] == [f"{PACKAGE}.cli", f"{PACKAGE}.errors"]


def test_a_module_without_a_layer_and_a_part_that_is_not_alone_are_found(tmp_path: Path) -> None:
    """An unknown module is named, and so is the import by which metrics would learn of the workflows."""
    clock = "from omninode_bridge.agents.workflows._clock import Clock"
    planted = plant(
        tmp_path, {"agents/workflows/_clock.py": "", "agents/metrics/x.py": clock, "nowhere.py": ""}
    )

    assert len(not_alone(planted)) == 1
    assert [line.partition(" ")[0] for line in unlisted(read_tree(tmp_path))] == [
        f"{PACKAGE}.nowhere"
    ]
