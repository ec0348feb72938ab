"""Check generated packages before they count: compile, lint, types, import, their own tests.

Many packages are checked by one run of each tool, because the tools' start costs far more than their
work. A pass in company is a pass. A fault in company is only a suspicion: such a package is checked
again by itself, and that decides, so one package's trouble is never another's.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from omninode_bridge.errors import OmninodeBridgeError
from omninode_bridge.generation.formatting import write_files
from omninode_bridge.generation.request import ValidationLevel
from omninode_bridge.generation.validation_checks import (
    CHECKS,
    RULES,
    Faults,
    Placed,
    source_faults,
)

__all__ = ["RULES", "PackageInvalidError", "validate_package", "validate_packages"]

Packages = Mapping[str, Mapping[str, bytes]]


class PackageInvalidError(OmninodeBridgeError):
    """A generated package that does not pass its checks.

    Attributes:
        check: which check it was: ``source``, ``lint``, ``types``, ``import`` or ``tests``.
        faults: what was found, one line each.
    """

    def __init__(self, check: str, faults: tuple[str, ...]) -> None:
        shown = "; ".join(faults[:3])
        super().__init__(f"the generated package failed its {check} check: {shown}"[:2000])
        self.check = check
        self.faults = faults


async def validate_packages(
    packages: Packages, level: ValidationLevel
) -> dict[str, PackageInvalidError]:
    """Check packages, and return what was found, by package; those that pass are left out.

    Args:
        packages: files by path, by the name of their package.
        level: how much is checked.

    Raises:
        MissingExtraError: ruff, ty or pytest is not installed.
        OSError: the packages cannot be written to a temporary folder.
    """
    found = await _check(packages, level)
    if len(packages) == 1:
        return found
    return {
        name: error
        for suspect in found
        for name, error in (await _check({suspect: packages[suspect]}, level)).items()
    }


async def validate_package(name: str, files: Mapping[str, bytes], level: ValidationLevel) -> None:
    """Check one package; returns where nothing was found.

    Raises:
        PackageInvalidError: a check found something.
        MissingExtraError: ruff, ty or pytest is not installed.
    """
    for error in (await validate_packages({name: files}, level)).values():
        raise error


async def _check(packages: Packages, level: ValidationLevel) -> dict[str, PackageInvalidError]:
    found: dict[str, PackageInvalidError] = {}

    def note(check: str, faults: Faults) -> None:
        found.update({name: PackageInvalidError(check, lines) for name, lines in faults.items()})

    note("source", source_faults(packages))
    with tempfile.TemporaryDirectory(prefix="omninode-check-") as folder:
        root = _real(folder)
        # A folder for each: a package may be called like a module that the tools need.
        places = {name: root / f"p{number}" / name for number, name in enumerate(packages)}
        for name, place in places.items():
            if name not in found:
                write_files(place, packages[name])
        for check, run in CHECKS[level].items():
            left = {name: place for name, place in places.items() if name not in found}
            if left:
                note(check, await run(Placed(root, left), level))
    return found


def _real(folder: str) -> Path:
    """Return the folder as the tools name it in what they say."""
    return Path(os.path.realpath(folder))
