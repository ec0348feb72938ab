"""Where the text of templates comes from: a mapping, folders, packages; the first that has one wins."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from omninode_bridge.errors import ConfigurationError

from ._template_names import id_of_file

__all__ = [
    "FolderSource",
    "Found",
    "MappingSource",
    "RefusedTemplateError",
    "Source",
    "folder_source",
    "package_source",
]

MAX_LISTED = 10_000


class RefusedTemplateError(Exception):
    """A template file that is there and must not be used; caught by the manager."""


@dataclass(frozen=True, slots=True)
class Found:
    """One template's text as it is now.

    Attributes:
        file: shown in messages.
        stamp: changes when the text does.
        path: where the text is read; None where it is at hand.
        text: where there is no path.
    """

    file: str
    stamp: tuple[object, ...]
    path: Path | None = None
    text: str = ""

    def read(self, most: int) -> str:
        """Return the text.

        Raises:
            RefusedTemplateError: too large, not UTF-8, or not to be read.
        """
        if self.path is None:
            text = self.text
        else:
            try:
                with self.path.open("rb") as file:
                    data = file.read(most + 1)
                text = data.decode("utf-8-sig") if len(data) <= most else "x" * len(data)
            except UnicodeDecodeError as error:
                raise RefusedTemplateError(f"{self.file!r} is not UTF-8: {error}") from error
            except OSError as error:
                raise RefusedTemplateError(f"{self.file!r} cannot be read: {error}") from error
        if len(text) > most:
            raise RefusedTemplateError(f"{self.file!r} is larger than {most} bytes")
        return text


class Source(Protocol):
    """Something that holds templates."""

    def find(self, name: str) -> Found | None:
        """Return what is under a file's name now, or None.

        Raises:
            RefusedTemplateError: it is there and must not be used.
        """
        ...

    def ids(self) -> Iterator[str]:
        """Yield the templates that can be rendered, in any order."""
        ...


class MappingSource:
    """Templates that are given as text, by id or by file name."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        if not isinstance(templates, Mapping):
            raise ConfigurationError(f"templates is {templates!r}; it must map names to texts")
        self._texts = dict(templates)
        for name, text in self._texts.items():
            if not isinstance(name, str) or not isinstance(text, str):
                raise ConfigurationError(
                    f"templates has {name!r}: {type(text).__name__}; it must map names to texts"
                )

    def find(self, name: str) -> Found | None:
        """Return a text by its file name; a bare id stands for ``<id>.j2``."""
        text = self._texts.get(name, self._texts.get(name.removesuffix(".j2")))
        return None if text is None else Found(name, (name, text), text=text)

    def ids(self) -> Iterator[str]:
        """Yield ids."""
        for name in self._texts:
            found = id_of_file(name if name.endswith(".j2") else f"{name}.j2")
            if found is not None:
                yield found


class FolderSource:
    """Templates in a folder; nothing outside of it, whatever links and names say."""

    def __init__(self, folder: Path) -> None:
        self._root = folder.resolve()

    def find(self, name: str) -> Found | None:
        """Return a file by its name relative to the folder."""
        parts = name.split("/")
        if any(part in {"", ".", ".."} or "\\" in part or "\0" in part for part in parts):
            return None
        try:
            path = self._root.joinpath(*parts).resolve(strict=True)
            info = path.stat()
        except (OSError, RuntimeError, ValueError):  # RuntimeError: links in a circle, until 3.13
            return None
        if not path.is_relative_to(self._root):
            raise RefusedTemplateError(f"{name!r} leads out of its folder")
        if not stat.S_ISREG(info.st_mode):
            raise RefusedTemplateError(f"{name!r} is not a regular file")
        return Found(name, (path, info.st_mtime_ns, info.st_size), path=path)

    def ids(self) -> Iterator[str]:
        """Yield ids of the files right in the folder."""
        try:
            for path in islice(self._root.iterdir(), MAX_LISTED):
                found = id_of_file(path.name)
                if found is not None:
                    yield found
        except OSError:
            return


def folder_source(template_dir: object) -> FolderSource:
    """Return the templates of a user's folder.

    Raises:
        ConfigurationError: there is no such folder.
    """
    if not isinstance(template_dir, str | Path) or not str(template_dir):
        raise ConfigurationError(f"template_dir is {template_dir!r}; it must be a folder's path")
    path = Path(template_dir)
    if not path.is_dir():
        raise ConfigurationError(f"template_dir is {str(template_dir)!r}; there is no such folder")
    return FolderSource(path)


def package_source(spec: str) -> FolderSource:
    """Return the templates of a package: its folder ``templates``, or ``package:folder``.

    Raises:
        ConfigurationError: no such package, or no such folder in it.
    """
    from importlib.resources import files

    package, _, folder = spec.partition(":") if isinstance(spec, str) else ("", "", "")
    try:
        place = files(package).joinpath(*(folder or "templates").split("/"))
    except (ImportError, ValueError, TypeError, AttributeError) as error:
        raise ConfigurationError(
            f"packages has {spec!r}; it must be 'package' or 'package:folder' ({error})"
        ) from error
    if not isinstance(place, Path) or not place.is_dir():
        raise ConfigurationError(
            f"packages has {spec!r}; there is no folder {folder or 'templates'!r} on disk in it"
        )
    return FolderSource(place)
