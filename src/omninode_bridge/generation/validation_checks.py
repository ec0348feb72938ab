"""The checks of generated packages, each one run of a tool over all of them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omninode_bridge.generation.child_process import run_child
from omninode_bridge.generation.request import ValidationLevel
from omninode_bridge.generation.tools import find_tool
from omninode_bridge.generation.validation_tests import run_tests

__all__ = ["CHECKS", "RULES", "Faults", "Placed", "source_faults"]

Faults = dict[str, tuple[str, ...]]

# docs/reference/generate.md names these; the security rules belong to every level.
RULES: Mapping[ValidationLevel, str] = {
    ValidationLevel.BASIC: "E9,F63,F821,W605,S",
    ValidationLevel.STANDARD: "E9,F,W605,S,B,ASYNC,PLE",
    ValidationLevel.FULL: "E9,F,W605,S,B,ASYNC,PLE",
}
# pytest's way to check is the assert statement
TEST_RULES_OFF = "**/tests/*:S101"

LINT_SECONDS = 120.0
TYPE_SECONDS = 300.0
IMPORT_SECONDS = 300.0
CPU_SECONDS = 240
MAX_FAULTS = 20

# Template marks that a contract's own text does not hold can only be left over from a template.
_MARKS = (b"{{", b"{%", b"{#")
_TEMPLATED = ("__init__.py", "node.py")


@dataclass(frozen=True, slots=True)
class Placed:
    """Packages on disk for their checks.

    Attributes:
        root: holds them all; where tools run.
        places: folder of each package, by name.
    """

    root: Path
    places: Mapping[str, Path]

    @property
    def arguments(self) -> list[str]:
        """The packages' folders as a command takes them."""
        return [str(place.relative_to(self.root)) for place in self.places.values()]

    def owner(self, path: str) -> str | None:
        """Return the package that a file belongs to; None for any other file."""
        full = self.root / path
        return next((n for n, place in self.places.items() if full.is_relative_to(place)), None)

    def shown(self, path: str) -> str:
        """Return a file's path as it is within the output."""
        name = self.owner(path)
        if name is None:
            return path
        return str((self.root / path).relative_to(self.places[name].parent))

    def all(self, *lines: str) -> Faults:
        """Blame every package: nobody can tell which one it was."""
        return dict.fromkeys(self.places, lines)


def source_faults(packages: Mapping[str, Mapping[str, bytes]]) -> Faults:
    """Compile every module, and look for marks of templates that were left over."""
    found = {name: _source_fault(files) for name, files in packages.items()}
    return {name: (fault,) for name, fault in found.items() if fault}


def _source_fault(files: Mapping[str, bytes]) -> str:
    for path, content in sorted(files.items()):
        if path.endswith(".py"):
            try:
                compile(content, path, "exec", dont_inherit=True)
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                return f"{path}: {error}"
    contract = files.get("contract.yaml", b"")
    for path in _TEMPLATED:
        for mark in _MARKS:
            if mark in files.get(path, b"") and mark not in contract:
                return f"{path}: {mark.decode()!r} is left over from a template"
    return ""


async def _lint(placed: Placed, level: ValidationLevel) -> Faults:
    command = [
        find_tool("ruff"),
        "check",
        "--isolated",
        "--no-cache",
        "--target-version=py311",
        "--output-format=json",
        f"--select={RULES[level]}",
        f"--per-file-ignores={TEST_RULES_OFF}",
        *placed.arguments,
    ]
    result = await run_child(command, cwd=placed.root, seconds=LINT_SECONDS)
    if result.code == 0:
        return {}
    try:
        items: list[dict[str, Any]] = json.loads(result.output)
    except ValueError:
        return placed.all(*_telling(result.code, result.output))
    return _attributed(placed, [(str(i.get("filename", "")), _lint_line(placed, i)) for i in items])


def _lint_line(placed: Placed, item: Mapping[str, Any]) -> str:
    row = (item.get("location") or {}).get("row")
    path = placed.shown(str(item.get("filename", "")))
    return f"{path}:{row}: {item.get('code')} {item.get('message')}"


async def _check_types(placed: Placed, level: ValidationLevel) -> Faults:
    del level
    command = [
        find_tool("ty"),
        "check",
        "--project",
        str(placed.root),
        "--python",
        sys.executable,
        "--output-format=concise",
        "--no-progress",
        *placed.arguments,
    ]
    result = await run_child(command, cwd=placed.root, seconds=TYPE_SECONDS)
    if result.code == 0:
        return {}
    found = [
        (path, f"{placed.shown(path)}:{rest}")
        for path, colon, rest in (line.partition(":") for line in result.output.splitlines())
        if colon and placed.owner(path)
    ]
    if result.code != 1 or not found:
        return placed.all(*_telling(result.code, result.output))
    return _attributed(placed, found)


_IMPORTS = """
import importlib, json, sys
failed = {}
for name, folder in json.load(sys.stdin).items():
    sys.path.insert(0, folder)
    try:
        for module in (name, name + ".models", name + ".node"):
            importlib.import_module(module)
    except Exception as error:
        failed[name] = type(error).__name__ + ": " + str(error)[:500]
    sys.path.remove(folder)
print()
print(json.dumps(failed))
"""


async def _import(placed: Placed, level: ValidationLevel) -> Faults:
    del level
    folders = {name: str(place.parent) for name, place in placed.places.items()}
    result = await run_child(
        [sys.executable, "-I", "-W", "error", "-c", _IMPORTS],
        cwd=placed.root,
        seconds=IMPORT_SECONDS,
        cpu_seconds=CPU_SECONDS,
        stdin=json.dumps(folders).encode(),
    )
    try:
        if result.code == 0:
            failed = dict(json.loads(result.output.rstrip().rpartition("\n")[2]))
            return {name: (str(text),) for name, text in failed.items() if name in placed.places}
    except (ValueError, TypeError):
        pass  # something else has written to the output
    return placed.all(*_telling(result.code, result.output))


async def _run_tests(placed: Placed, level: ValidationLevel) -> Faults:
    del level
    failed, result = await run_tests(placed.root, placed.arguments, cpu_seconds=CPU_SECONDS)
    if failed is None:
        return placed.all(*_telling(result.code, result.output))
    named = {str(place.relative_to(placed.root)): name for name, place in placed.places.items()}
    lines = _telling(result.code, result.output)
    return {
        named[folder]: tuple(line for line in lines if folder in line) or lines for folder in failed
    }


def _attributed(placed: Placed, found: list[tuple[str, str]]) -> Faults:
    by_name: dict[str, list[str]] = {}
    for path, line in found:
        name = placed.owner(path)
        if name is not None:
            by_name.setdefault(name, []).append(line)
    if not by_name:
        return placed.all(*(line for _, line in found[:MAX_FAULTS]))
    return {name: tuple(lines[:MAX_FAULTS]) for name, lines in by_name.items()}


def _telling(code: int | None, output: str) -> tuple[str, ...]:
    """Return the lines of a tool's output that say what is wrong."""
    if code is None:
        return ("it took too long",)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"error|failed|assert", line, re.IGNORECASE)]
    return tuple((telling or lines or [f"exit code {code}"])[:MAX_FAULTS])


Check = Callable[[Placed, ValidationLevel], Awaitable[Faults]]

CHECKS: Mapping[ValidationLevel, Mapping[str, Check]] = {
    ValidationLevel.BASIC: {"lint": _lint},
    ValidationLevel.STANDARD: {"lint": _lint, "types": _check_types},
    ValidationLevel.FULL: {
        "lint": _lint,
        "types": _check_types,
        "import": _import,
        "tests": _run_tests,
    },
}
"""The checks of each level after the source was compiled, in the order in which they run."""
