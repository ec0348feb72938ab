"""What a step's result depends on besides its inputs, in one hash: code, tools, options, files.

Where in doubt something is included: a step that runs once more costs seconds, a stale package more.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import omninode_bridge
from omninode_bridge import __version__
from omninode_bridge.generation.request import GenerateRequest, ValidationLevel
from omninode_bridge.generation.scanning import files_of

__all__ = ["Versions", "code_hash"]

# What the text of a package depends on, and what its checks run; how steps are kept is none of it.
_SOURCES: Final = (
    "generation/**/*",
    "runtime/**/*",
    "agents/workflows/template_manager.py",
    "agents/workflows/_template_*.py",
)
_SUFFIXES: Final = frozenset({".py", ".j2", ".json", ".txt"})
_TOOLS: Final = (
    "ruff",
    "ty",
    "datamodel-code-generator",
    "pydantic",
    "pydantic-core",
    "jsonschema",
    "jinja2",
    "pyyaml",
    "pytest",
)
_MISSING: Final = "-"


@cache
def code_hash() -> str:
    """Hash the sources and templates of this package, and the versions of everything it calls."""
    package = Path(omninode_bridge.__file__).parent
    digest = hashlib.sha256()
    _add(digest, __version__, sys.version, platform.python_implementation())
    for name in _TOOLS:
        _add(digest, name, _version_of(name))
    for path in _sources(package):
        _add(digest, path.relative_to(package).as_posix(), path.read_bytes())
    return digest.hexdigest()


class Versions:
    """The hashes of one run; every file is read once.

    Args:
        request: the run's options.
        code: hash of the code; this package's own by default.
    """

    def __init__(self, request: GenerateRequest, *, code: str | None = None) -> None:
        self._request = request
        self._code = code_hash() if code is None else code
        self._templates = _folder_hash(request.template_dir)
        self._contracts: dict[Path, str] = {}

    def parts(self, name: str, path: Path, root: Path) -> dict[str, str]:
        """Return what the result of a step of one contract is made from.

        Args:
            name: of the step.
            path: the contract.
            root: the folder that its references must stay in.
        """
        return {
            "code": self._code,
            "contract": self._contract(path, root),
            "templates": self._templates if name not in ("contract", "models") else _MISSING,
            "options": self._options(name),
        }

    def of_all(self, name: str) -> str:
        """Return the version of a step that serves all contracts."""
        return _hash(name, self._code)

    def _contract(self, path: Path, root: Path) -> str:
        if path not in self._contracts:
            self._contracts[path] = _hash(
                *(part for file, content in files_of(path, root) for part in (file, content))
            )
        return self._contracts[path]

    def _options(self, name: str) -> str:
        request = self._request
        # Every step may ask a person, whose answer is tried by repeating the steps before it.
        options: dict[str, Any] = {
            "recovery": request.recovery,
            "max_degradation": request.max_degradation,
        }
        if name in ("check", "validate", "place"):
            options["validation"] = str(ValidationLevel(request.validation))
        if name == "place":
            options |= {"mode": str(request.mode), "force": request.force}
            options["output"] = str(request.output.absolute())
        return json.dumps(options, sort_keys=True)


def _sources(package: Path) -> list[Path]:
    found = {path for pattern in _SOURCES for path in package.glob(pattern)}
    return sorted(
        path
        for path in found
        if path.suffix in _SUFFIXES and "__pycache__" not in path.parts and path.is_file()
    )


def _folder_hash(folder: Path | None) -> str:
    """Hash a user's templates: a folder that cannot be read is another one than it was."""
    if folder is None:
        return _MISSING
    digest = hashlib.sha256()
    try:
        for path in sorted(folder.rglob("*.j2")):
            _add(digest, path.relative_to(folder).as_posix(), path.read_bytes())
    except OSError as error:
        _add(digest, f"cannot be read: {error.strerror}")
    return digest.hexdigest()


def _version_of(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return _MISSING


def _hash(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    _add(digest, *parts)
    return digest.hexdigest()


def _add(digest: Any, *parts: str | bytes) -> None:
    """Add texts and bytes so that their borders count."""
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(f"{len(content)}:".encode())
        digest.update(content)
