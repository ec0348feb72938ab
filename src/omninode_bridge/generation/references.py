"""Where a ``$ref`` of a contract leads: into the state, the contract, or another file beside it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from omninode_bridge.errors import ContractError
from omninode_bridge.generation.document import Document, parse_document
from omninode_bridge.generation.findings import Code, Finding, NodePath
from omninode_bridge.generation.names import leaves_folder
from omninode_bridge.generation.reading import read_contract

__all__ = ["DEFINITIONS", "ContractFiles", "Source", "find_definition", "resolve"]

MAX_FILES = 32
DEFINITIONS: tuple[NodePath, ...] = (
    ("$defs",),
    ("definitions",),
    ("definitions", "models"),
    ("definitions", "schemas"),
    ("components", "schemas"),
    ("schemas",),
    ("models",),
    ("model_definitions",),
)
"""Maps in which contracts keep named schemas."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Source:
    """A value in a file.

    Attributes:
        document: the file.
        where: the path of the value.
        base: the path of the schema that ``#`` means (the state); ``()`` in other files.
        file: resolved path of the file, empty for the contract itself.
    """

    document: Document
    where: NodePath
    base: NodePath = ()
    file: str = ""

    @property
    def value(self) -> Any:
        """The value itself."""
        return self.document.get(self.where)

    def down(self, *steps: str | int) -> Source:
        """Return the value further down."""
        return Source(self.document, (*self.where, *steps), self.base, self.file)

    def finding(self, code: Code, message: str, *, hint: str = "") -> Finding:
        """Return a finding about this value."""
        return self.document.finding(self.where, code, message, hint=hint)


class ContractFiles:
    """The files that one contract may refer to: those in its folder, each read once.

    Args:
        contract: the contract whose references are followed.
        root: the folder that no reference may leave; None means the contract's own folder.
    """

    def __init__(self, contract: Document, *, root: str | Path | None = None) -> None:
        self.folder = Path(contract.path).parent
        self.root = Path(root) if root is not None else self.folder
        self._edited = contract.files
        self._read: dict[str, Document | ContractError] = {}

    def resolved(self, source: Source, name: str) -> Path:
        """Return the absolute path that `name` means when `source` refers to it."""
        folder = Path(source.file).parent if source.file else self.folder.resolve()
        return (folder / name).resolve()

    def is_inside(self, path: Path) -> bool:
        """Whether a resolved path is in the folder."""
        return path.is_relative_to(self.root.resolve())

    def load(self, path: Path, *, shown: str) -> Document:
        """Return the parsed file.

        Raises:
            ContractError: it cannot be read or parsed, or there are more than `MAX_FILES`.
        """
        key = str(path)
        if key in self._edited:
            return self._edited[key]
        if key not in self._read:
            if len(self._read) >= MAX_FILES:
                raise ContractError(f"refers to more than {MAX_FILES} files")
            try:
                text = read_contract(path, root=self.root).text
                self._read[key] = parse_document(text, path=shown)
            except ContractError as error:
                self._read[key] = error
        known = self._read[key]
        if isinstance(known, ContractError):
            raise known
        return known


def resolve(reference: str, source: Source, files: ContractFiles) -> Source | Finding:
    """Return what `reference`, written at `source`, leads to, or the finding against it."""
    name, _, fragment = reference.partition("#")
    shown = repr(reference[:_SHOWN])
    if name:
        target = _other_file(unquote(name), shown, source, files)
        if isinstance(target, Finding):
            return target
    else:
        target = Source(source.document, (), source.base, source.file)
    steps = _steps(fragment)
    if steps is None:
        hint = "write '#/$defs/Name'"
        return source.finding(Code.REFERENCE, f"reference {shown} is no pointer", hint=hint)
    for where in _candidates(steps, target.base):
        if target.document.has(where):
            return Source(target.document, where, target.base, target.file)
    return source.finding(
        Code.REFERENCE, f"reference {shown} leads nowhere", hint=_near(steps, target)
    )


def _other_file(name: str, shown: str, source: Source, files: ContractFiles) -> Source | Finding:
    is_address = _SCHEME.match(name) is not None
    if name.lower().startswith("file:") or (not is_address and leaves_folder_by_root(name)):
        return source.finding(
            Code.SECURITY_FILE,
            f"reference {shown} names a file by its absolute path",
            hint="name it relative to the contract",
        )
    if is_address or name.startswith("//"):
        return source.finding(
            Code.UNSUPPORTED,
            f"reference {shown} would need the network",
            hint="put the schema into a file beside the contract",
        )
    try:
        path = files.resolved(source, name)
        if not files.is_inside(path):
            return source.finding(
                Code.SECURITY_FILE,
                f"reference {shown} leaves the contract's folder",
                hint="keep referenced files in the folder",
            )
        document = files.load(path, shown=str(Path(source.document.path).parent / name))
    except ContractError as error:
        if not Path(name).suffix:
            hint = f"for a definition of this contract write '#/$defs/{name}'"
        else:
            hint = error.hint
        message = f"reference {shown} leads to a file that cannot be used: {error.message}"
        return source.finding(Code.REFERENCE, message, hint=hint)
    except (OSError, ValueError, RuntimeError) as error:
        return source.finding(Code.REFERENCE, f"reference {shown} is no file name: {error}")
    return Source(document, (), (), str(path))


def leaves_folder_by_root(name: str) -> bool:
    """Whether a file name is absolute; ``..`` is judged after it was resolved."""
    return leaves_folder(name.replace("..", "x")) and not name.startswith("//")


def _steps(fragment: str) -> tuple[str, ...] | None:
    if not fragment or fragment == "/":
        return ()
    if not fragment.startswith("/"):
        return None
    parts = unquote(fragment).removeprefix("/").split("/")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def _candidates(steps: tuple[str, ...], base: NodePath) -> list[NodePath]:
    """Return where a pointer may lead: below the state, below the top, with the other word."""
    path: NodePath = tuple(int(step) if step.isdigit() else step for step in steps)
    tops = [base, ()] if base else [()]
    found = [(*top, *form) for top in tops for form in {path: 0, steps: 0}]
    if len(steps) >= 2 and steps[0] in {"$defs", "definitions"}:
        found += [(*top, *names, *path[1:]) for top in tops for names in DEFINITIONS[:4]]
    return found


def _near(steps: tuple[str, ...], target: Source) -> str:
    wanted = steps[-1] if steps else ""
    names: list[str] = []
    for top in dict.fromkeys((target.base, ())):
        for spot in DEFINITIONS[:2]:
            table = target.document.get((*top, *spot))
            if isinstance(table, Mapping):
                names += table
    close = difflib.get_close_matches(wanted, names[:500], n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"defined are: {', '.join(map(repr, names[:10]))}" if names else "define it under $defs"


def find_definition(name: str, source: Source) -> Source | None:
    """Return the named schema of `source`'s file, if it is a map that looks like a schema."""
    for top in dict.fromkeys((source.base, ())):
        for spot in DEFINITIONS:
            where = (*top, *spot, name)
            value = source.document.get(where)
            if isinstance(value, Mapping) and (
                {"type", "properties", "$ref", "allOf", "anyOf", "oneOf", "enum"} & set(value)
            ):
                return Source(source.document, where, source.base, source.file)
    return None
