"""The external programs that format and check generated code."""

from __future__ import annotations

import sys
import sysconfig
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from omninode_bridge.errors import MissingExtraError

__all__ = ["FORMAT_RULES", "find_tool", "require_modules"]

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


def require_modules(*names: str) -> None:
    """Make sure that modules of the ``codegen`` extra can be imported, without importing them.

    Raises:
        MissingExtraError: one is not installed.
    """
    for name in names:
        if find_spec(name) is None:
            raise MissingExtraError(f"the module {name!r}", extra="codegen")
