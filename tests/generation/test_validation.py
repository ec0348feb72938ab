"""A package counts only when it passes, and no package answers for another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from omninode_bridge.generation import validation, validation_checks
from omninode_bridge.generation.child_process import ChildResult
from omninode_bridge.generation.request import ValidationLevel
from omninode_bridge.generation.validation import (
    PackageInvalidError,
    validate_package,
    validate_packages,
)

BASIC, STANDARD, FULL = ValidationLevel.BASIC, ValidationLevel.STANDARD, ValidationLevel.FULL


def package(**changes: str) -> dict[str, bytes]:
    """Return a package that passes everything, with some of its files replaced."""
    texts = {
        "__init__.py": '"""A package."""\n',
        "models.py": "VALUE: int = 1\n",
        "node.py": "from .models import VALUE\n\nDOUBLE: int = VALUE * 2\n",
        "tests/__init__.py": "",
        "tests/test_node.py": "from ..node import DOUBLE\n\n\ndef test_double() -> None:\n    assert DOUBLE == 2\n",
        "contract.yaml": "name: x\n",
    }
    named = {key.replace("__", "/", 1) + ".py": text for key, text in changes.items()}
    return {path: text.encode() for path, text in (texts | named).items()}


async def fault(files: dict[str, bytes], level: ValidationLevel) -> str:
    """Return which check the package fails; empty for none."""
    found = await validate_packages({"pack": files}, level)
    return found["pack"].check if found else ""


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (package(), ("", "", "")),
        (package(node="def broken(:\n"), ("source",) * 3),
        (package(node='TEXT = "{{ left_over }}"\n'), ("source",) * 3),
        (package(node="import subprocess\n\nsubprocess.run('ls', shell=True)\n"), ("lint",) * 3),
        (package(node="DOUBLE = unknown_name\n"), ("lint",) * 3),
        (package(node="import os\n\nDOUBLE = 2\n"), ("", "lint", "lint")),
        (package(node="DOUBLE: int = 'two'\n"), ("", "types", "types")),
        (
            package(
                node="import sys\n\nif not sys.flags.isolated:\n    DOUBLE = 2\nelse:\n    raise RuntimeError('no')\n"
            ),
            ("", "", "import"),
        ),
        (package(node="from .models import VALUE\n\nDOUBLE: int = VALUE * 3\n"), ("", "", "tests")),
        (package(tests__test_node=""), ("", "", "tests")),
    ],
)
async def test_levels_find_what_they_promise(
    files: dict[str, bytes], found: tuple[str, ...]
) -> None:
    """Each level includes the one before; security rules belong to all."""
    seen = [await fault(files, level) for level in (BASIC, STANDARD, FULL)]

    assert tuple(seen) == found


async def test_warnings_fail_the_tests(tmp_path: Path) -> None:
    """A generated package must not warn its users."""
    warns = "import warnings\n\n\ndef test_it() -> None:\n    warnings.warn('old', DeprecationWarning, stacklevel=1)\n"

    assert await fault(package(tests__test_node=warns), FULL) == "tests"


async def test_many_are_checked_in_one_run_of_each_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four packages cost as many processes as one."""
    commands: list[str] = []

    async def count(command: list[str], **_: object) -> ChildResult:
        commands.append(Path(command[0]).name)
        return ChildResult(0, "")

    monkeypatch.setattr(validation_checks, "run_child", count)

    found = await validate_packages({f"p{n}": package() for n in range(4)}, STANDARD)

    assert found == {}
    assert commands == ["ruff", "ty"]


async def test_each_package_has_its_own_verdict() -> None:
    """Faults of every kind side by side: the good ones pass, each bad one has its own fault."""
    packages = {
        "good": package(),
        "broken": package(node="def broken(:\n"),
        "unsafe": package(node="DOUBLE = eval('2')\n"),
        "untyped": package(node="DOUBLE: int = 'two'\n"),
        "failing": package(node="from .models import VALUE\n\nDOUBLE: int = VALUE * 3\n"),
        "fine": package(),
    }

    found = await validate_packages(packages, FULL)

    assert {name: error.check for name, error in found.items()} == {
        "broken": "source",
        "unsafe": "lint",
        "untyped": "types",
        "failing": "tests",
    }
    assert "unsafe/node.py:1: S307" in str(found["unsafe"])
    assert "untyped/node.py:1" in str(found["untyped"])


@pytest.mark.parametrize(
    "text",
    [
        "import os\n\n\ndef test_it() -> None:\n    os._exit(0)\n",
        pytest.param(
            "import os\n\n\ndef test_it() -> None:\n    os.kill(os.getpid(), 11)\n",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "import sys\n\n\ndef test_it() -> None:\n    sys.modules.clear()\n",
            marks=pytest.mark.slow,
        ),
    ],
)
async def test_a_package_that_ends_the_run_fails_alone(text: str) -> None:
    """Whatever its tests do to their process, the others get their own verdict."""
    packages = {"a_good": package(), "killer": package(tests__test_node=text), "z_good": package()}

    found = await validate_packages(packages, FULL)

    assert found.keys() <= {"killer"}
    if "modules" not in text:
        assert found["killer"].check == "tests"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["calendar", "colorsys", "iniconfig"])
async def test_names_of_other_modules_harm_nobody(name: str) -> None:
    """A package may be called like a module that Python or the tools need."""
    packages = {name: package(), "good": package()}

    found = await validate_packages(packages, FULL)

    assert "good" not in found


async def test_a_tool_that_fails_blames_nobody_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a tool says nothing usable in company, each package is asked by itself."""
    runs: list[int] = []

    async def crash(command: list[str], **_: object) -> ChildResult:
        folders = [argument for argument in command if argument.startswith("p")]
        runs.append(len(folders))
        return ChildResult(2, "error: crashed") if len(folders) > 1 else ChildResult(0, "")

    monkeypatch.setattr(validation_checks, "run_child", crash)

    found = await validate_packages({"one": package(), "two": package()}, BASIC)

    assert found == {}
    assert runs == [2, 1, 1]


async def test_time_that_is_over_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that never ends is not passed."""

    async def late(*_: object, **__: object) -> ChildResult:
        return ChildResult(None, "")

    monkeypatch.setattr(validation_checks, "run_child", late)

    with pytest.raises(PackageInvalidError, match="it took too long"):
        await validate_package("pack", package(), BASIC)


async def test_marks_of_the_contract_are_no_residue() -> None:
    """Braces that the contract itself holds may stand in the package."""
    files = package(node='DOUBLE: int = 2\nTEXT = "{{ name }}"\n')
    files["contract.yaml"] = b"name: x\ndescription: uses {{ name }}\n"

    assert await fault(files, BASIC) == ""


async def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of a check goes with it, passed or not."""
    monkeypatch.setattr(validation.tempfile, "tempdir", str(tmp_path))

    await fault(package(), BASIC)
    await fault(package(node="eval('1')\n"), BASIC)

    assert not os.listdir(tmp_path)  # noqa: PTH208 - short and synchronous
