"""One contract file from disk to text: bounded, regular, decodable, inside its folder."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from omninode_bridge.errors import ContractReadError

__all__ = ["MAX_BYTES", "ContractText", "read_contract"]

MAX_BYTES = 1_048_576
"""Larger files are no contracts."""

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


@dataclass(frozen=True, slots=True)
class ContractText:
    """A contract file's text.

    Attributes:
        path: the file, as the user named it.
        text: decoded, without a byte order mark; line ends as they were.
    """

    path: str
    text: str


def read_contract(path: str | Path, *, root: str | Path | None = None) -> ContractText:
    """Read a contract file.

    Args:
        path: the file.
        root: the folder that the file must be in, links resolved; None allows any place.

    Raises:
        ContractReadError: missing, a directory, no regular file, unreadable, outside `root`, larger
            than `MAX_BYTES`, binary, or neither UTF-8 nor UTF-16 with a byte order mark.
    """
    shown = str(path)
    if "\0" in shown:
        raise ContractReadError("a NUL character in a file name", path=ascii(shown))
    try:
        if root is not None and not _is_inside(Path(path), Path(root)):
            raise ContractReadError(
                f"leads out of {str(root)!r}", path=shown, hint="copy the file into the folder"
            )
        data = _bytes(Path(path))
    except OSError as error:
        raise ContractReadError(_reason(error, Path(path)), path=shown) from error
    if len(data) > MAX_BYTES:
        raise ContractReadError(
            f"larger than {MAX_BYTES // 1024} KiB", path=shown, hint="no contract is that large"
        )
    return ContractText(shown, _decoded(data, shown))


def _is_inside(path: Path, root: Path) -> bool:
    # Not resolve(): before Python 3.13 that raises a RuntimeError of its own for a loop of links.
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _bytes(path: Path) -> bytes:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags | getattr(os, "O_NOCTTY", 0))
    with os.fdopen(handle, "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(path)
        if not stat.S_ISREG(mode):
            raise ContractReadError("is no regular file", path=str(path))
        return file.read(MAX_BYTES + 1)


def _reason(error: OSError, path: Path) -> str:
    if isinstance(error, FileNotFoundError):
        return "a link that leads nowhere" if path.is_symlink() else "no such file"
    if isinstance(error, IsADirectoryError | PermissionError) and path.is_dir():
        return "is a directory, not a contract"
    if isinstance(error, PermissionError):
        return "may not be read: permission denied"
    return f"cannot be read: {(error.strerror or type(error).__name__).lower()}"


def _decoded(data: bytes, path: str) -> str:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if encoding is None and b"\0" in data:
        raise ContractReadError("is binary, not text", path=path)
    try:
        return data.decode(encoding or "utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1 if encoding in {None, "utf-8"} else None
        raise ContractReadError(
            f"is not {(encoding or 'utf-8').upper()}",
            path=path,
            line=line,
            hint="save it as UTF-8",
        ) from error
