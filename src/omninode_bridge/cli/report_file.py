"""The report on disk: tried before any work, whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from omninode_bridge.errors import ConfigurationError

__all__ = ["ReportFile", "json_bytes"]

_BEGINNING = b'{\n  "report_version":'


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """Return JSON as UTF-8; bytes of file names that are no text are escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode("utf-8", "backslashreplace")


class ReportFile:
    """A place for the report, reserved while the work runs.

    Args:
        path: the file; its folder is made where it is missing.
        inputs: files that must not be overwritten.

    Raises:
        ConfigurationError: on entering, where the file cannot be written.
    """

    def __init__(self, path: Path, *, inputs: Collection[Path] = ()) -> None:
        self._path = path
        self._inputs = inputs
        self._aside: Path | None = None
        self._target = path

    def __enter__(self) -> Self:
        """Make the file aside, so that what forbids it is known now."""
        try:
            self._target = self._path.resolve()
            inputs = {os.path.realpath(path) for path in self._inputs}
            if str(self._target) in inputs and not _is_report(self._target):
                raise self._refused("it is one of the contracts")
            if self._target.is_dir():
                raise self._refused("it is a folder")
            if self._target.exists() and not self._target.is_file():
                return self  # a device or a pipe, which cannot be replaced
            if self._target.exists() and not os.access(self._target, os.W_OK):
                raise self._refused("permission denied")
            if not _is_or_may_be_folder(self._target.parent):
                raise self._refused(f"{self._path.parent} is not a folder")
            self._target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(
                prefix=f".{self._target.name[:100]}.", suffix=".tmp", dir=self._target.parent
            )
            os.close(handle)
            self._aside = Path(name)
        except (OSError, RuntimeError) as error:
            raise self._refused(getattr(error, "strerror", None) or str(error)) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Clear away what was not used."""
        if self._aside is not None:
            with suppress(OSError):
                self._aside.unlink(missing_ok=True)

    def write(self, report: Mapping[str, Any]) -> None:
        """Put the report in its place.

        Raises:
            ConfigurationError: it cannot be written any more.
        """
        content = json_bytes(report)
        try:
            if self._aside is None:
                self._target.write_bytes(content)
                return
            self._aside.write_bytes(content)
            self._aside.chmod(_mode(self._target))
            self._aside.replace(self._target)
        except OSError as error:
            raise self._refused(error.strerror or str(error)) from error

    def _refused(self, reason: str) -> ConfigurationError:
        return ConfigurationError(
            f"the report {str(self._path)!r} cannot be written: {reason.lower()}"
        )


def _is_report(path: Path) -> bool:
    """Whether an earlier run has written this file."""
    with path.open("rb") as file:
        return file.read(len(_BEGINNING)) == _BEGINNING


def _is_or_may_be_folder(path: Path) -> bool:
    return next(parent for parent in (path, *path.parents) if parent.exists()).is_dir()


def _mode(target: Path) -> int:
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
