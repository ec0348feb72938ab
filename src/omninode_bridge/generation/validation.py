"""Check a generated package before it counts: compile, lint, types, its own tests."""

from __future__ import annotations

import json
import re
import sys
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omninode_bridge.errors import OmninodeBridgeError
from omninode_bridge.generation.child_process import run_child
from omninode_bridge.generation.formatting import write_files
from omninode_bridge.generation.request import ValidationLevel
from omninode_bridge.generation.tools import find_tool

__all__ = ["RULES", "PackageInvalidError", "validate_package"]

# docs/reference/generate.md names these; the security rules belong to every level.
RULES: Mapping[ValidationLevel, str] = {
    ValidationLevel.BASIC: "E9,F821,S",
    ValidationLevel.STANDARD: "E9,F,S,B,ASYNC,PLE",
    ValidationLevel.FULL: "E9,F,S,B,ASYNC,PLE",
}
# pytest's way to check is the assert statement
TEST_RULES_OFF = "**/tests/*:S101"

LINT_SECONDS = 60.0
TYPE_SECONDS = 120.0
TEST_SECONDS = 300.0
MAX_FAULTS = 20

# Template marks that a contract's own text does not hold can only be left over from a template.
_MARKS = (b"{{", b"{%", b"{#")
_TEMPLATED = ("__init__.py", "node.py")


class PackageInvalidError(OmninodeBridgeError):
    """A generated package that does not pass its checks.

    Attributes:
        check: which check it was: ``compile``, ``residue``, ``lint``, ``types``, ``import`` or ``tests``.
        faults: what was found, one line each.
    """

    def __init__(self, check: str, faults: tuple[str, ...]) -> None:
        shown = "; ".join(faults[:3])
        super().__init__(f"the generated package failed its {check} check: {shown}"[:2000])
        self.check = check
        self.faults = faults


async def validate_package(
    name: str, files: Mapping[str, bytes], level: ValidationLevel, *, cpu_seconds: int = 240
) -> None:
    """Check a package; returns where nothing was found.

    Args:
        name: of the package.
        files: its files by path.
        level: how much is checked.
        cpu_seconds: computing time that its import and its tests may take, each.

    Raises:
        PackageInvalidError: a check found something.
        MissingExtraError: ruff, ty or pytest is not installed.
    """
    _compile(files)
    with tempfile.TemporaryDirectory(prefix="omninode-check-") as folder:
        root = Path(folder)
        write_files(root / name, files)
        await _lint(root, level)
        if level is ValidationLevel.BASIC:
            return
        await _check_types(root, name)
        if level is ValidationLevel.FULL:
            await _import(root, name, cpu_seconds)
            await _run_tests(root, name, cpu_seconds)


def _compile(files: Mapping[str, bytes]) -> None:
    for path, content in sorted(files.items()):
        if not path.endswith(".py"):
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                compile(content, path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, Warning, RecursionError) as error:
            raise PackageInvalidError("compile", (f"{path}: {error}",)) from error
    contract = files.get("contract.yaml", b"")
    for path in _TEMPLATED:
        for mark in _MARKS:
            if mark in files.get(path, b"") and mark not in contract:
                raise PackageInvalidError("residue", (f"{path}: {mark.decode()!r} is left over",))


async def _lint(root: Path, level: ValidationLevel) -> None:
    command = [
        find_tool("ruff"),
        "check",
        "--isolated",
        "--no-cache",
        "--target-version=py311",
        "--output-format=json",
        f"--select={RULES[level]}",
        f"--per-file-ignores={TEST_RULES_OFF}",
        ".",
    ]
    result = await run_child(command, cwd=root, seconds=LINT_SECONDS)
    if result.code == 0:
        return
    try:
        found: list[dict[str, Any]] = json.loads(result.output)
    except ValueError:
        raise PackageInvalidError("lint", (f"ruff failed: {result.output[:300]}",)) from None
    raise PackageInvalidError("lint", tuple(_fault(root, item) for item in found[:MAX_FAULTS]))


def _fault(root: Path, item: Mapping[str, Any]) -> str:
    path = Path(str(item.get("filename", "")))
    shown = path.relative_to(root) if path.is_relative_to(root) else path
    row = (item.get("location") or {}).get("row")
    return f"{shown}:{row}: {item.get('code')} {item.get('message')}"


async def _check_types(root: Path, name: str) -> None:
    command = [
        find_tool("ty"),
        "check",
        "--project",
        str(root),
        "--python",
        sys.executable,
        "--output-format=concise",
        "--no-progress",
        name,
    ]
    result = await run_child(command, cwd=root, seconds=TYPE_SECONDS)
    if result.code != 0:
        raise PackageInvalidError("types", _lines(result.code, result.output))


async def _import(root: Path, name: str, cpu_seconds: int) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(root)!r}); import {name}, {name}.models, {name}.node"
    )
    result = await run_child(
        [sys.executable, "-I", "-W", "error", "-c", code],
        cwd=root,
        seconds=TEST_SECONDS,
        cpu_seconds=cpu_seconds,
    )
    if result.code != 0:
        raise PackageInvalidError("import", _lines(result.code, result.output))


async def _run_tests(root: Path, name: str, cpu_seconds: int) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-W",
        "error",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "-p",
        "no:xdist",
        "--rootdir",
        str(root),
        "--import-mode=importlib",
        "-c",
        "/dev/null",
        name,
    ]
    result = await run_child(
        command,
        cwd=root,
        seconds=TEST_SECONDS,
        cpu_seconds=cpu_seconds,
        extra_env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    if result.code != 0:
        raise PackageInvalidError("tests", _lines(result.code, result.output))


def _lines(code: int | None, output: str) -> tuple[str, ...]:
    if code is None:
        return ("it took too long",)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"error|failed|assert", line, re.IGNORECASE)]
    return tuple((telling or lines or [f"exit code {code}"])[:MAX_FAULTS])
