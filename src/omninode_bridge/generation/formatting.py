"""Format the packages of a whole run in one pass of ruff."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from omninode_bridge.errors import OmninodeBridgeError
from omninode_bridge.generation.child_process import run_child
from omninode_bridge.generation.tools import FORMAT_RULES, find_tool

__all__ = ["Files", "FormatError", "format_packages", "write_files"]

Files = Mapping[str, bytes]

FORMAT_SECONDS = 120.0


class FormatError(OmninodeBridgeError):
    """The formatter itself failed, as it does on code that does not parse."""


async def format_packages(packages: Mapping[str, Files]) -> dict[str, dict[str, bytes]]:
    """Return the packages with their Python files put in order; other files are untouched.

    A file that does not parse comes back as it was: validation will say so of its package alone.

    Args:
        packages: files by path, by the name of their package.

    Raises:
        FormatError: ruff failed for another reason, or took longer than two minutes.
        MissingExtraError: ruff is not installed.
    """
    ruff = find_tool("ruff")
    with tempfile.TemporaryDirectory(prefix="omninode-format-") as folder:
        root = Path(folder)
        for name, files in packages.items():
            write_files(root / name, files)
        common = ("--isolated", "--no-cache", "--quiet")
        fix = (
            "check",
            "--fix",
            "--exit-zero",
            "--target-version",
            "py311",
            "--select",
            FORMAT_RULES,
        )
        for arguments in ((*fix, *common), ("format", *common, "--target-version", "py311")):
            result = await run_child([ruff, *arguments, "."], cwd=root, seconds=FORMAT_SECONDS)
            if result.code is None:
                raise FormatError(f"ruff {arguments[0]} took longer than {FORMAT_SECONDS:g} s")
            if result.code not in (0, 2):
                raise FormatError(f"ruff {arguments[0]} failed: {result.output[:500]}")
        return {
            name: {path: (root / name / path).read_bytes() for path in files}
            for name, files in packages.items()
        }


def write_files(folder: Path, files: Files) -> None:
    """Write files below `folder`; their paths are ours, not the contract's."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
