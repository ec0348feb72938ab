"""The external programs that format and check generated code."""

from __future__ import annotations

import sys
import sysconfig
from functools import cache
from pathlib import Path

from omninode_bridge.errors import MissingExtraError

__all__ = ["FORMAT_RULES", "find_tool"]

# What the formatting pass may put right by itself; the rules that are checked are in validation.py.
FORMAT_RULES = "E,F,I,UP,B,W"


@cache
def find_tool(name: str) -> str:
    """Return the path of a program that a Python package brings.

    Raises:
        MissingExtraError: it is not installed beside this interpreter.
    """
    folders = (Path(sys.executable).parent, Path(sysconfig.get_path("scripts")))
    suffix = ".exe" if sys.platform == "win32" else ""
    for folder in folders:
        candidate = folder / f"{name}{suffix}"
        if candidate.is_file():
            return str(candidate)
    raise MissingExtraError(f"the program {name!r}", extra="codegen")
