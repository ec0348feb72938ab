"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.checkout

ROOT = Path(__file__).resolve().parent.parent
IN_ROOT = {
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "benchmarks",
    "dev",
    "docs",
    "examples",
    "pyproject.toml",
    "scripts",
    "src",
    "tests",
}
RESULTS = {"__pycache__", "build", "dist", "generated", "htmlcov", "node_modules"}
LOG_METHODS = {"critical", "debug", "error", "exception", "info", "log", "warning"}
EVENT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
PICTURES = re.compile("[\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
SHOWS_PICTURES = {
    "_slack_message.py",
    "slack.py",
}  # its layout is given, and part of the data it sends


def project_files() -> Iterator[Path]:
    """Yield the files of the project, not what tools left behind."""
    for path in sorted(ROOT.iterdir()):
        if path.is_file():
            yield path
        elif path.name in IN_ROOT | {".ci", ".github"}:
            yield from (
                inner
                for inner in sorted(path.rglob("*"))
                if inner.is_file()
                and not RESULTS & set(inner.parts)
                and ".egg-info" not in str(inner)
            )


def texts() -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every file that is text."""
    for path in project_files():
        data = path.read_bytes()
        if b"\0" not in data[:8192] and path.suffix not in {".gz", ".pyc"}:
            yield path.relative_to(ROOT).as_posix(), data


def trees(folder: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield the syntax trees of the Python files of a folder."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def bad_logs(tree: ast.Module) -> Iterator[str]:
    """Yield the logging calls whose first argument is not a constant event name such as ``recovery.finished``."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr not in LOG_METHODS or ast.unparse(node.func.value) not in {
            "log",
            "logger",
            "logging",
        }:
            continue
        arguments = node.args[1:] if node.func.attr == "log" else node.args
        event = arguments[0] if arguments else None
        if (
            len(arguments) != 1
            or not isinstance(event, ast.Constant)
            or not EVENT.fullmatch(str(event.value))
        ):
            yield f"line {node.lineno}: {ast.unparse(node)}"


def test_no_stray_pages_in_the_root() -> None:
    """Plans, summaries and reports live elsewhere."""
    stray = (
        {path.name for path in ROOT.iterdir() if not path.name.startswith(".")} - IN_ROOT - RESULTS
    )

    assert stray == set()


def test_log_calls_name_an_event() -> None:
    """A log call gives a constant dotted name and puts the data into fields."""
    assert [f"{name} {found}" for name, tree in trees("src") for found in bad_logs(tree)] == []


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ("logger.info('recovery.finished', extra={})", 0),
        ("logger.log(10, 'recovery.finished')", 0),
        ("math.log(2)", 0),
        ("logger.info(f'{x} done')", 1),
        ("logger.info('x.done %s', x)", 1),
        ("logger.info('Recovery is done')", 1),
    ],
)
def test_bad_logs_are_found(call: str, count: int) -> None:
    """The check above sees formatted text, arguments and sentences."""
    assert len(list(bad_logs(ast.parse(call)))) == count


def test_no_pictures_in_what_we_print() -> None:
    """Text that reaches a user has no emoji, arrows or dingbats."""
    found = [
        f"{name} line {node.lineno}"
        for name, tree in trees("src")
        if name.rpartition("/")[2] not in SHOWS_PICTURES
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and PICTURES.search(node.value)
    ]

    assert found == []


def test_every_test_says_what_it_holds() -> None:
    """Each test function has a docstring."""
    silent = [
        f"{name}: {node.name}"
        for name, tree in trees("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not name.startswith("tests/data/")
        and not ast.get_docstring(node)
    ]

    assert silent == []


def test_no_places_of_this_machine() -> None:
    """No file names the folder of this checkout or the home of whoever made it."""
    places = [f"{place}/".encode() for place in {ROOT, Path.home()} if len(place.parts) > 1]
    found = [name for name, data in texts() if any(place in data for place in places)]

    assert found == []


def test_text_files_are_tidy() -> None:
    """UTF-8, one newline at the end, no carriage returns, no trailing blanks."""
    wild = ("examples/", "tests/data/")  # what is faulty there is so on purpose
    untidy = []
    for name, data in texts():
        if name.startswith(wild) or not data:
            continue
        data.decode("utf-8")
        if (
            not data.endswith(b"\n")
            or data.endswith(b"\n\n")
            or b"\r" in data
            or re.search(rb"[ \t]\n", data)
        ):
            untidy.append(name)

    assert untidy == []


def test_hooks_and_workflow_use_the_one_script() -> None:
    """The pre-commit hooks and the hosted workflow call what everybody calls, and actions are pinned by hash."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")

    entries = [hook["entry"] for repo in hooks["repos"] for hook in repo["hooks"]]
    actions = re.findall(r"uses:\s*(\S+)", workflow)

    assert entries
    assert all(entry.startswith("./dev ") for entry in entries)
    assert "bash .ci/run" in workflow
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action) for action in actions)


def test_the_script_explains_itself() -> None:
    """Every command of ./dev is listed by its help, and an unknown one is refused with exit code 2."""
    script = ROOT / "dev"
    commands = re.findall(r"^([a-z]+)\)", script.read_text(encoding="utf-8"), re.MULTILINE)

    helped = subprocess.run(
        ["sh", str(script), "help"], capture_output=True, text=True, check=False
    )
    refused = subprocess.run(
        ["sh", str(script), "brew"], capture_output=True, text=True, check=False
    )

    assert {"run", "test", "unit", "lint", "types", "docs", "bench", "ci", "fmt"} <= set(commands)
    assert [name for name in commands if f"\n  {name} " not in helped.stdout] == []
    assert (refused.returncode, "no command 'brew'" in refused.stderr) == (2, True)
