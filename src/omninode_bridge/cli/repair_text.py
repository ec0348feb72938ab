"""Bytes of a source file as text, and back: encoding and byte order mark stay what they were."""

from __future__ import annotations

import ast
import codecs
import io
import tokenize
import warnings
from dataclasses import dataclass

__all__ = ["MAX_BYTES", "Source", "read_source"]

MAX_BYTES = 8_000_000
_WIDE = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A file as text.

    Attributes:
        data: its bytes.
        text: without a byte order mark, line ends as they are.
        encoding: the declared one, else UTF-8.
        mark: the byte order mark, or nothing.
    """

    data: bytes
    text: str
    encoding: str
    mark: bytes

    def bytes_of(self, text: str) -> bytes | str:
        """Return another text as the file would hold it, or why it cannot."""
        try:
            data = self.mark + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            char = error.object[error.start]
            return f"the corrected code has {char!r}, which {self.encoding} cannot hold"
        if data.isascii() or _tree(data) == _tree(text):
            return data
        return "the corrected code would be read in another encoding than it was written in"


def read_source(data: bytes) -> Source | str:
    """Return the file as text, or why it is none that can be corrected."""
    if len(data) > MAX_BYTES:
        return f"it is too large: at most {MAX_BYTES:,} bytes are read"
    wide = next((name for mark, name in _WIDE.items() if data.startswith(mark)), None)
    if wide is not None:
        return f"it is {wide}, which Python does not read; save it as UTF-8"
    if b"\0" in data:
        return f"it is no text: byte {data.index(0):,} is NUL"
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        text = data[len(mark) :].decode(encoding)
        kept = mark + text.encode(encoding) == data
    except SyntaxError as error:
        return _undeclared(data, mark) or f"its encoding cannot be told: {error.msg}"
    except UnicodeDecodeError as error:
        return _undeclared(data, mark) or _place(data, error, encoding)
    except (LookupError, ValueError):
        return f"{encoding!r}, which it declares, is no encoding of text"
    if not kept:
        return f"it would not come back the same from {encoding!r}, which it declares"
    return Source(data, text, encoding, mark)


def _undeclared(data: bytes, mark: bytes) -> str:
    """Say where it is not UTF-8, if nothing else is declared."""
    head = b"".join(data[:4_000].splitlines(keepends=True)[:2])
    if b"coding" in head:
        return ""
    try:
        data[len(mark) :].decode("utf-8")
    except UnicodeDecodeError as error:
        return (
            f"{_place(data, error, 'UTF-8')}; declare its encoding in the first line, "
            "such as '# -*- coding: latin-1 -*-'"
        )
    return ""


def _place(data: bytes, error: UnicodeDecodeError, encoding: str) -> str:
    line = data.count(b"\n", 0, error.start) + 1
    return f"it is not {encoding}: line {line} has the byte {data[error.start]:#04x}"


def _tree(code: bytes | str) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.dump(ast.parse(code))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
