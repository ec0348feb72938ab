"""What the tests of the command line share: contracts to work on, and the way in."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from omninode_bridge.cli import main

from ..journal._rows import Journal
from ._contracts import GOOD


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call of the command line ended."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def state_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the journals of the tests out of the developer's own state folder."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    monkeypatch.setenv("OMNINODE_BRIDGE_JOURNAL", str(folder / "journal.db"))
    return folder


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Call the command line in this process, as its script would."""

    def call(*arguments: object) -> Ended:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        return Ended(code, *capfd.readouterr())

    return call


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name the journal of the test, and a terminal of 100 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("OMNINODE_BRIDGE_JOURNAL", str(tmp_path / "journal.db"))
    return tmp_path / "journal.db"


@pytest.fixture
def journal(place: Path) -> Iterator[Journal]:
    with Journal(place) as made:
        yield made


@pytest.fixture
def contracts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write contracts into a folder ``contracts`` of a fresh working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)

    def write(**texts: str) -> Path:
        folder = Path("contracts")
        folder.mkdir(exist_ok=True)
        for name, text in (texts or {"adder": GOOD}).items():
            (folder / f"{name}.yaml").write_text(text.format(name=name), encoding="utf-8")
        return folder

    return write


@pytest.fixture
def tree() -> Callable[[Path], Mapping[str, bytes]]:
    """Read every file below a folder."""

    def read(folder: Path) -> dict[str, bytes]:
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    return read


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every copy of a package end as on a full disk."""

    def refuse(*arguments: object, **named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", refuse)
    monkeypatch.setattr("omninode_bridge.generation.placing._write", refuse)


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Make stdin a terminal; what is written to its other end is typed."""
    master, slave = os.openpty()
    with os.fdopen(slave, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield master
        os.close(master)  # ends the thread that reads
