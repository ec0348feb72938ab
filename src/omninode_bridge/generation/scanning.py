"""Which files a contract may refer to, without understanding it: also where it is broken.

Rather too many are found than too few. A name counts where it stands behind ``$ref`` or ends like a
contract's, wherever that is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from omninode_bridge.errors import ContractError
from omninode_bridge.generation.document import parse_document
from omninode_bridge.generation.reading import MAX_BYTES, read_contract

__all__ = ["MAX_FILES", "files_of"]

MAX_FILES: Final = 256
MAX_NAMES: Final = 20_000
MAX_NAME: Final = 1_024

_BEHIND_REF = re.compile(r"""\$ref["']?\s*:\s*(?:"([^"\n]+)"|'([^'\n]+)'|([^\s"',}\]]+))""")
_LIKE_FILE = re.compile(r"""[^"'\n:,{}\[\]]{1,1024}?\.(?:ya?ml|json)(?![\w.])""", re.IGNORECASE)
_MARKS = re.compile(r"[./]")


def files_of(contract: Path, root: Path) -> list[tuple[str, bytes]]:
    """Return the contract's own bytes, and those of the files that it may refer to, and so on.

    Args:
        contract: the file; one that cannot be read counts as empty.
        root: the folder that references must stay in.

    Returns:
        Paths relative to the contract's folder with their content, in the order of their names.
    """
    top = Path(os.path.realpath(root))
    start = Path(os.path.realpath(contract))
    found: dict[Path, bytes] = {}
    todo = [start]
    while todo and len(found) < MAX_FILES:
        path = todo.pop()
        if path in found:
            continue
        content = _content(path)
        if content is None and path != start:
            continue
        found[path] = content or b""
        text = _text(path, top)
        for name in _names(text, path) if text is not None else ():
            other = _resolved(path.parent, name)
            if other is not None and other not in found and other.is_relative_to(top):
                todo.append(other)
    return sorted((os.path.relpath(path, start.parent), content) for path, content in found.items())


def _content(path: Path) -> bytes | None:
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError:
        return None


def _text(path: Path, root: Path) -> str | None:
    try:
        return read_contract(path, root=root).text
    except ContractError:
        return None


def _names(text: str, path: Path) -> Iterator[str]:
    """Yield what may be names of files, each once, as they may be meant."""
    seen: set[str] = set()
    for written in (*_written(text), *_parsed(text, path)):
        for name in (written, unquote(written)):
            short = name.partition("#")[0].strip()
            if short and short not in seen and len(short) <= MAX_NAME:
                seen.add(short)
                yield short
                if len(seen) >= MAX_NAMES:
                    return


def _written(text: str) -> Iterator[str]:
    for match in _BEHIND_REF.finditer(text):
        yield next(group for group in match.groups() if group is not None)
    for match in _LIKE_FILE.finditer(text):
        yield match.group().strip().removeprefix("- ").strip()


def _parsed(text: str, path: Path) -> Iterator[str]:
    """Yield the texts of the document itself: quotes and escapes may hide a name from a search."""
    try:
        pending: list[object] = [parse_document(text, path=str(path)).data]
    except ContractError:
        return
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            reference = value.get("$ref")
            if isinstance(reference, str):
                yield reference
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
        elif isinstance(value, str) and len(value) <= MAX_NAME and _MARKS.search(value):
            yield value


def _resolved(folder: Path, name: str) -> Path | None:
    try:
        return Path(os.path.realpath(folder / name))
    except (OSError, ValueError):
        return None
