"""Names of templates: which are allowed, which files they stand for, which are versions of each other."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["SUFFIXES", "alternatives_among", "file_names", "id_of_file", "is_plain"]

SUFFIXES = (".py.j2", ".j2")

_PLAIN = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_WORDS = ("fallback", "full", "standard", "simple", "minimal", "basic")  # the plainest last
_ID = re.compile(
    r"(?P<base>.+?)(?:_v(?P<version>\d{1,9}(?:[._]\d{1,9}){0,3}))?"
    rf"(?:_(?P<word>{'|'.join(_WORDS)}))?"
)


def is_plain(name: object) -> bool:
    """Whether a template, or a folder of templates, may be called so: a name, never a path."""
    return isinstance(name, str) and _PLAIN.fullmatch(name) is not None


def file_names(template_id: str, folder: str | None = None) -> list[str]:
    """Return the files that a template may stand in, best first."""
    names = [template_id + suffix for suffix in SUFFIXES]
    return [f"{folder}/{name}" for name in names] + names if folder else names


def id_of_file(name: str) -> str | None:
    """Return the template that a file holds; None for a part of templates and for other files."""
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            found = name.removesuffix(suffix)
            return found if is_plain(found) and not found.startswith("_") else None
    return None


def alternatives_among(template_id: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the other versions of a template, the one to be tried first in front.

    Of one base (`node_effect` of `node_effect_v2_basic`): first older versions, the newest of
    them in front; then those without a version, from the fullest to the plainest; newer versions
    last, nearest first.
    """
    base, version, word = _parts(template_id)
    ranked: list[tuple[tuple[int, tuple[int, ...], int, str], str]] = []
    for other in set(known) - {template_id}:
        its_base, its_version, its_word = _parts(other)
        if its_base != base:
            continue
        if its_version and version and its_version > version:
            key = (2, its_version, its_word, other)
        elif its_version:
            down = tuple(-number for number in its_version)
            key = (0, (*down, 1), its_word, other)
        else:
            key = (1, (), its_word, other)
        if its_version == version and its_word < word:
            key = (2, (), its_word, other)  # what is fuller than the one that failed
        ranked.append((key, other))
    return tuple(other for _, other in sorted(ranked))


def _parts(template_id: str) -> tuple[str, tuple[int, ...], int]:
    """Return base, version and how plain the name says it is (0 where it says nothing)."""
    found = _ID.fullmatch(template_id)
    if found is None:
        return template_id, (), 0
    version = tuple(int(part) for part in re.split(r"[._]", found["version"] or "") if part)
    return found["base"], version, _WORDS.index(found["word"]) + 1 if found["word"] else 0
