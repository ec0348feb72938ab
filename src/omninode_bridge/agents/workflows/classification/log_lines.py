"""The lines of a log: bounded, in whatever encoding, without colours, unpacked where it is gzip."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

__all__ = ["LogLines"]

MAX_LINE = 262_144
_CHUNK = 65_536
_ENOUGH = 4  # bytes of the longest mark
_GAP = " ... "
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_COLOURS = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)?|[PX^_][^\x1b]{0,2000}\x1b\\|[ -/]*[0-~])"
    r"|\x9b[0-?]*[ -/]*[@-~]|[\x00\x08\x0e\x0f\x7f]|#033\[[0-9;]*m|\^\[\[[0-9;]*m"
)


class LogLines:
    """Iterates over ``(number, text)`` of the lines of a stream; memory does not grow with it.

    A line that holds carriage returns comes as several texts with one number. What is longer than
    262,144 bytes loses its middle.

    Args:
        stream: bytes, read as they come.

    Attributes:
        count: lines seen so far.
        fault: why the stream ended before its end; empty otherwise.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0
        self.fault = ""

    def __iter__(self) -> Iterator[tuple[int, str]]:
        for data in self._lines():
            self.count += 1
            text = data.rstrip("\r\n")
            if not text.isprintable() or "#033[" in text or "^[[" in text:
                text = _COLOURS.sub("", text)
            for part in text.split("\r") if "\r" in text else (text,):
                yield self.count, part

    def _lines(self) -> Iterator[str]:
        chunks = self._chunks()
        first = _head(chunks)
        if first[:2] == b"\x1f\x8b":
            chunks = self._inflated(first, chunks)
            first = _head(chunks)
        encoding, first = _encoding_of(first)
        if encoding is None:
            yield from map(_decoded, _split(first, chunks))
        else:
            yield from _split_text(encoding, first, chunks)

    def _chunks(self) -> Iterator[bytes]:
        # What a pipe has now is better than a full buffer later.
        read = getattr(self._stream, "read1", self._stream.read)
        try:
            while data := read(_CHUNK):
                yield data
        except OSError as error:
            self.fault = (error.strerror or type(error).__name__).lower()

    def _inflated(self, first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Unpack gzip, its members one after another, a bounded piece at a time."""
        inflater, is_open = zlib.decompressobj(31), False
        try:
            for chunk in chain((first,), chunks):
                data = chunk if is_open else chunk.lstrip(b"\0")  # what tapes are filled up with
                while data:
                    piece = inflater.decompress(data, _CHUNK)
                    data, is_open = inflater.unconsumed_tail, not inflater.eof
                    if piece:
                        yield piece
                    if inflater.eof:
                        data = inflater.unused_data.lstrip(b"\0")
                        inflater = zlib.decompressobj(31)
            if is_open:
                yield inflater.flush()
        except zlib.error:
            self.fault = "the gzip data is damaged"
            return
        if is_open and not inflater.eof:
            self.fault = "the gzip data ends in the middle"


def _head(chunks: Iterator[bytes]) -> bytes:
    """Return enough to tell an encoding by, however slowly it comes."""
    head = b""
    while len(head) < _ENOUGH and (chunk := next(chunks, b"")):
        head += chunk
    return head


def _encoding_of(first: bytes) -> tuple[str | None, bytes]:
    """Return a codec for text of wide characters, None for bytes that lines can be split from."""
    for mark, name in _MARKS:
        if first.startswith(mark):
            return (None if name == "utf-8" else name), first[len(mark) :]
    head = first[:2000]
    if head.count(0) * 3 > len(head):
        even, odd = head[::2].count(0), head[1::2].count(0)
        if odd > 4 * even:
            return "utf-16-le", first
        if even > 4 * odd:
            return "utf-16-be", first
    return None, first


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _split(first: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chain((first,), chunks):
        *lines, tail = chunk.split(b"\n")
        if lines:
            yield rest + lines[0]
            yield from lines[1:]
            rest = tail
        else:
            rest += tail
        if len(rest) > MAX_LINE:
            rest = rest[: MAX_LINE // 2] + _GAP.encode() + rest[-MAX_LINE // 4 :]
    if rest:
        yield rest


def _split_text(encoding: str, first: bytes, chunks: Iterable[bytes]) -> Iterator[str]:
    import codecs

    decoder = codecs.getincrementaldecoder(encoding)("replace")
    rest = ""
    for chunk in chain((first,), chunks):
        *lines, tail = decoder.decode(chunk).split("\n")
        if lines:
            yield rest + lines[0]
            yield from lines[1:]
            rest = tail
        else:
            rest += tail
        if len(rest) > MAX_LINE:
            rest = rest[: MAX_LINE // 2] + _GAP + rest[-MAX_LINE // 4 :]
    if rest:
        yield rest
