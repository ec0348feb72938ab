"""Read error patterns from a file that people write: TOML, YAML or JSON."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from omninode_bridge.agents.workflows.recovery_models import ErrorPattern
from omninode_bridge.errors import PatternError

from ._file_fields import read_fields
from ._file_syntax import FileSyntaxError, RawPattern, parse_patterns
from ._finding import PatternFinding, Severity

__all__ = [
    "FilePattern",
    "PatternFile",
    "doubles_in",
    "load_patterns",
    "read_pattern_file",
    "refuse_faults",
]

MAX_BYTES = 4 * 1024 * 1024
_SUFFIXES = (".toml", ".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class FilePattern:
    """A pattern and where the file has it."""

    pattern: ErrorPattern
    raw: RawPattern

    @property
    def line(self) -> int | None:
        """The 1-based line where it begins, or None."""
        return self.raw.line


@dataclass(frozen=True, slots=True)
class PatternFile:
    """What a file of patterns holds, and what is wrong with it.

    Attributes:
        path: the file, as the user named it.
        patterns: those that can be used, in the order of the file; ids may repeat.
        findings: why the others cannot.
    """

    path: str
    patterns: tuple[FilePattern, ...]
    findings: tuple[PatternFinding, ...]


def load_patterns(path: str | os.PathLike[str]) -> tuple[ErrorPattern, ...]:
    """Read the patterns of a TOML, YAML or JSON file, in the order of the file.

    The file holds a list named ``patterns`` of tables with the fields of `ErrorPattern`. Each goes
    to `ErrorRecoveryOrchestrator.add_error_pattern()`, which also checks its metadata.

    Raises:
        PatternError: the file cannot be read, or a pattern of it cannot be used; the message names
            the first line that is wrong and how many mistakes there are.
    """
    file = read_pattern_file(path)
    refuse_faults(file)
    return tuple(found.pattern for found in file.patterns)


def refuse_faults(file: PatternFile) -> None:
    """Refuse a file in which something is wrong.

    Raises:
        PatternError: it names the first place and how many there are.
    """
    faults = sorted((*file.findings, *doubles_in(file)), key=lambda one: one.line or 0)
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise PatternError(f"{faults[0]}{more}", pattern_id=faults[0].pattern_id)


def read_pattern_file(path: str | os.PathLike[str]) -> PatternFile:
    """Read what can be read of a file of patterns; everything that is wrong is a finding."""
    shown = os.fspath(path)
    try:
        raws = parse_patterns(_text_of(shown), Path(shown).suffix.lower())
    except FileSyntaxError as error:
        finding = PatternFinding(
            shown, error.line, "", Severity.ERROR, "unreadable", str(error), fix=error.fix
        )
        return PatternFile(shown, (), (finding,))
    patterns: list[FilePattern] = []
    findings: list[PatternFinding] = []
    for number, raw in enumerate(raws, start=1):
        pattern, wrong = read_fields(raw, shown, number)
        findings += wrong
        if pattern is not None:
            patterns.append(FilePattern(pattern, raw))
    return PatternFile(shown, tuple(patterns), tuple(findings))


def doubles_in(file: PatternFile) -> Iterator[PatternFinding]:
    """Yield a finding for each id that an earlier pattern of the file has already."""
    first: dict[str, FilePattern] = {}
    for found in file.patterns:
        name = found.pattern.pattern_id
        before = first.setdefault(name, found)
        if before is not found:
            place = f" (line {before.line})" if before.line is not None else ""
            yield PatternFinding(
                file.path,
                found.raw.line_of("pattern_id"),
                name,
                Severity.ERROR,
                "duplicate-id",
                f"an earlier pattern has this id{place}",
                "the later one would replace it",
                "give it an id of its own",
            )


def _text_of(path: str) -> str:
    if Path(path).suffix.lower() not in _SUFFIXES:
        raise FileSyntaxError(
            "patterns are read from .toml, .yaml, .yml and .json files",
            fix="give the file one of these endings",
        )
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileSyntaxError(f"cannot be read: {reason.lower()}") from error
    if len(data) > MAX_BYTES:
        raise FileSyntaxError(f"larger than {MAX_BYTES // 1024 // 1024} MiB")
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileSyntaxError("not UTF-8", line=line, fix="save it as UTF-8") from error
    return text.replace("\r\n", "\n")
