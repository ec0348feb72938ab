"""Put a finished package where it belongs: whole or not at all, and never over somebody's work."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from omninode_bridge.errors import OmninodeBridgeError
from omninode_bridge.generation.output_lock import locked

__all__ = [
    "MANIFEST",
    "Placement",
    "PlacingError",
    "WriteFailedError",
    "diff_of",
    "hashes_on_disk",
    "place_package",
    "plan_placement",
    "restore",
]

MANIFEST = ".omninode-bridge.json"
_OLD = ".old-"
_NEW = ".new-"
MAX_MANIFEST = 1_000_000


class PlacingError(OmninodeBridgeError):
    """A package that cannot be put where it belongs; what is there was left as it is."""


class WriteFailedError(PlacingError):
    """The disk did not take a package: full, read-only, or gone."""


@dataclass(frozen=True, slots=True)
class Placement:
    """What writing a package would do.

    Attributes:
        folder: of the package.
        files: what its folder will hold of ours, the manifest included.
        kept: paths that the user edited and that generation did not change; they stay as edited.
        stale: paths whose content would change, appear or go.
        removed: paths of ours that are no longer generated.
    """

    folder: Path
    files: Mapping[str, bytes]
    kept: tuple[str, ...]
    stale: tuple[str, ...]
    removed: tuple[str, ...]


def plan_placement(
    output: Path, name: str, files: Mapping[str, bytes], *, force: bool
) -> Placement:
    """Compare a package with what is on disk.

    A manifest in the package records the hash of every file that we wrote. A file that the user
    edited stays, as long as generation gives the same content as when it was written; where both
    changed, somebody has to choose.

    Raises:
        PlacingError: something is there that is not ours, or was edited and would be lost; the
            message names it and says what to do.
    """
    folder = output / name
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise PlacingError(f"{folder} is not a folder of ours; move it away, then run again")
    for inner in sorted({folder / parent for path in files for parent in Path(path).parents}):
        if inner.is_symlink():
            raise PlacingError(f"{inner} is a link, and what lies behind it is not ours; remove it")
    recorded = _read_manifest(folder)
    foreign: list[str] = []
    edited: list[str] = []
    kept: list[str] = []
    stale: list[str] = []
    for path, content in files.items():
        there = _read(folder, path)
        if there is None:
            stale.append(path)
        elif there != content:
            before = recorded.get(path)
            if before == _hash(content):
                kept.append(path)  # the user's edit; generation says the same as before
                continue
            stale.append(path)
            if before is None:
                foreign.append(path)
            elif before != _hash(there):
                edited.append(path)
    if not force:
        _refuse(folder, foreign, edited)
    elif kept:
        stale.extend(kept)
        kept = []
    removed = [
        path
        for path, digest in recorded.items()
        if path not in files
        and (there := _read(folder, path)) is not None
        and _hash(there) == digest
    ]
    manifest = _manifest(files)
    if _read(folder, MANIFEST) != manifest and folder.exists():
        stale.append(MANIFEST)
    return Placement(
        folder,
        {**files, MANIFEST: manifest},
        tuple(sorted(kept)),
        tuple(sorted({*stale, *removed})),
        tuple(sorted(removed)),
    )


def place_package(placement: Placement) -> None:
    """Write the package aside and move it in.

    Files of the user's beside ours are carried over. The folder is replaced in two renames; a run
    that dies between them is put right by `restore()` at the next one.

    Raises:
        WriteFailedError: the folder cannot be written; what was there is there again.
    """
    folder = placement.folder
    if folder.exists() and not placement.stale:
        return
    output = folder.parent
    try:
        output.mkdir(parents=True, exist_ok=True)
        with locked(output):
            _write_aside_and_swap(placement)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise WriteFailedError(f"{folder} cannot be written: {reason}") from error


def _write_aside_and_swap(placement: Placement) -> None:
    folder = placement.folder
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}{_NEW}", dir=folder.parent))
    try:
        aside.chmod(0o755)
        if folder.exists():
            shutil.copytree(folder, aside, symlinks=True, dirs_exist_ok=True)
        for path in placement.removed:
            (aside / path).unlink(missing_ok=True)
        for path, content in placement.files.items():
            if path not in placement.kept:
                _write(aside, path, content)
        _swap(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def restore(output: Path) -> None:
    """Put back packages whose replacement a dead run left half done, and clear what it left.

    Whoever holds the lock of the output knows that nobody alive is at work on what lies aside.
    """
    if not output.is_dir():
        return
    with suppress(OSError), locked(output):
        for left in sorted(output.glob(".*")):
            name, mark, _ = left.name[1:].rpartition(_OLD)
            if mark and left.is_dir() and not left.is_symlink():
                if not (output / name).exists():
                    left.rename(output / name)  # also what was not ours and --force replaced
                elif (left / MANIFEST).is_file():
                    shutil.rmtree(left, ignore_errors=True)
            elif _NEW in left.name and left.is_dir() and _is_half_done(left):
                shutil.rmtree(left, ignore_errors=True)


def _is_half_done(folder: Path) -> bool:
    """Whether this is what `place_package` writes aside; anything else is not ours to remove."""
    name = folder.name[1:].rpartition(_NEW)[0]
    return name.isidentifier() and not folder.is_symlink()


def diff_of(placement: Placement) -> str:
    """Return a unified diff from what is on disk to what would be written."""
    parts: list[str] = []
    for path in placement.stale:
        if path == MANIFEST:
            continue
        before = _read(placement.folder, path) or b""
        after = placement.files.get(path, b"")
        parts.extend(
            difflib.unified_diff(
                before.decode("utf-8", "replace").splitlines(keepends=True),
                after.decode("utf-8", "replace").splitlines(keepends=True),
                f"a/{placement.folder.name}/{path}",
                f"b/{placement.folder.name}/{path}",
            )
        )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in parts)


def hashes_on_disk(folder: Path, paths: Iterable[str]) -> dict[str, str]:
    """Return the hashes of these files of a package as they are; one that is not there has none."""
    found = {path: _read(folder, path) for path in sorted(paths)}
    return {path: _hash(content) for path, content in found.items() if content is not None}


def _refuse(folder: Path, foreign: list[str], edited: list[str]) -> None:
    if foreign:
        raise PlacingError(
            f"{folder / foreign[0]} was not written by this generator; "
            "move it away, or overwrite it with --force"
        )
    if edited:
        raise PlacingError(
            f"{folder / edited[0]} was edited and its generated content has changed too; "
            "merge by hand (--diff shows the change), or overwrite it with --force"
        )


def _swap(aside: Path, folder: Path) -> None:
    if not folder.exists():
        aside.rename(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}{_OLD}", dir=folder.parent))
    try:
        old.rmdir()
        folder.rename(old)
        try:
            aside.rename(folder)
        except BaseException:
            old.rename(folder)
            raise
    finally:
        if folder.exists():
            shutil.rmtree(old, ignore_errors=True)


def _write(root: Path, path: str, content: bytes) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_symlink():
        target.unlink()
    target.write_bytes(content)


def _read(folder: Path, path: str) -> bytes | None:
    target = folder / path
    with suppress(OSError):
        if target.is_file() and not target.is_symlink():
            return target.read_bytes()
        if os.path.lexists(target):
            return b"\0not a regular file"
    return None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _manifest(files: Mapping[str, bytes]) -> bytes:
    body = {"generator": "omninode-bridge", "files": {p: _hash(files[p]) for p in sorted(files)}}
    return (json.dumps(body, indent=2) + "\n").encode()


def _read_manifest(folder: Path) -> dict[str, str]:
    """Return the recorded hashes; a manifest that cannot be read claims nothing."""
    content = _read(folder, MANIFEST)
    if content is None or len(content) > MAX_MANIFEST:
        return {}
    try:
        files = json.loads(content)["files"]
        return {
            path: digest
            for path, digest in files.items()
            if isinstance(path, str) and isinstance(digest, str) and _is_inside(path)
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _is_inside(path: str) -> bool:
    parts = Path(path).parts
    return bool(parts) and ".." not in parts and not Path(path).is_absolute()
