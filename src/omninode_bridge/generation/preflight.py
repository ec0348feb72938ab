"""What must be right before a run begins."""

from __future__ import annotations

import os
from pathlib import Path

from omninode_bridge.errors import ConfigurationError, ContractReadError
from omninode_bridge.generation.discovery import find_contracts
from omninode_bridge.generation.request import GenerateRequest, Mode, ValidationLevel
from omninode_bridge.generation.tools import find_tool, require_modules

__all__ = ["check_output", "check_request", "check_tools", "find_inputs"]


def check_request(request: GenerateRequest) -> list[Path]:
    """Make sure that the run can begin, and return the contract files.

    Raises:
        ContractReadError: a path that does not exist, or a folder without contracts.
        ConfigurationError: an output folder that cannot be one.
        MissingExtraError: something that the run needs is not installed.
    """
    check_output(request)
    check_tools(request.validation)
    return find_inputs(request)


def find_inputs(request: GenerateRequest) -> list[Path]:
    """Return the contract files, without the copies that earlier runs left in the output.

    Raises:
        ContractReadError: a path does not exist, or there is no contract at all.
    """
    output = _real(request.output)
    left_out = {_real(path) for path in request.exclude}

    def is_input(path: Path) -> bool:
        real = _real(path)
        return output not in real.parents and real not in left_out

    paths = [path for path in find_contracts(request.paths) if is_input(path)]
    if not paths:
        raise ContractReadError(
            "holds no contracts beside the output folder", path=str(request.paths[0])
        )
    return paths


def check_output(request: GenerateRequest) -> None:
    """Make sure that the output is a folder or can become one.

    Raises:
        ConfigurationError: it is something else, or a folder that may not be written.
    """
    output = request.output
    shown = repr(str(output))
    try:
        if os.path.lexists(output) and not output.is_dir():
            raise ConfigurationError(f"the output {shown} is not a folder")
        if request.mode is not Mode.WRITE:
            return
        there = next(path for path in (output, *output.absolute().parents) if path.exists())
    except OSError as error:
        raise ConfigurationError(
            f"the output {shown} cannot be used: {(error.strerror or str(error)).lower()}"
        ) from error
    if not there.is_dir():
        raise ConfigurationError(f"the output {shown} cannot be made: {there} is not a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise ConfigurationError(f"the output {shown} cannot be written: permission denied")


def check_tools(level: ValidationLevel) -> None:
    """Make sure that everything that this level needs is installed.

    Raises:
        MissingExtraError: something of the ``codegen`` extra is not there.
    """
    require_modules("pydantic", "jsonschema")
    find_tool("ruff")
    if level is not ValidationLevel.BASIC:
        find_tool("ty")
    if level is ValidationLevel.FULL:
        require_modules("pytest")


def _real(path: Path) -> Path:
    """Resolve links as far as that goes; a loop of links stays what it is."""
    return Path(os.path.realpath(path))
