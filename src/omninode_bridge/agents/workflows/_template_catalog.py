"""All the templates of one manager: several sources, the first that has one wins."""

from __future__ import annotations

from collections.abc import Sequence

from ._template_names import file_names, is_plain
from ._template_sources import Found, RefusedTemplateError, Source

__all__ = ["Catalog"]


class Catalog:
    """Looks templates up, anew each time, so that a file that comes or changes is noticed."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)

    def find(self, file: str) -> Found | None:
        """Return what the first source that has this file holds.

        Raises:
            RefusedTemplateError: it is there and must not be used.
        """
        for source in self._sources:
            found = source.find(file)
            if found is not None:
                return found
        return None

    def file_of(self, template_id: object, folder: str | None = None) -> str | None:
        """Return the file that holds a template; ``.py.j2`` goes first, wherever it lies.

        Args:
            template_id: a name; anything else is no template.
            folder: looked into before what is outside of it; passed over where it is no name.

        Raises:
            RefusedTemplateError: it is there and must not be used.
        """
        if not isinstance(template_id, str) or not is_plain(template_id):
            return None
        names = file_names(template_id, folder if is_plain(folder) else None)
        return next((name for name in names if self.find(name) is not None), None)

    def has(self, template_id: object) -> bool:
        """Whether there is a template of this name that may be used."""
        try:
            return self.file_of(template_id) is not None
        except RefusedTemplateError:
            return False

    def ids(self) -> tuple[str, ...]:
        """List the templates that can be rendered, sorted; parts and folders are left out."""
        return tuple(sorted({name for source in self._sources for name in source.ids()}))
