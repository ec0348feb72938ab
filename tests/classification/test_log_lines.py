"""Lines of logs: any encoding, gzip, colours, any length, bounded memory."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from collections.abc import Iterator

import pytest

from omninode_bridge.agents.workflows.classification.log_lines import LogLines

TEXT = "first line\nKeyError: 'ключ'\nlast line\n"
LINES = [(1, "first line"), (2, "KeyError: 'ключ'"), (3, "last line")]


def packed(data: bytes) -> bytes:
    """Pack without the time, so that every run has the same bytes."""
    return gzip.compress(data, mtime=0)


class Slow(io.RawIOBase):
    """Gives a byte at a time, as a slow pipe does."""

    def __init__(self, data: bytes) -> None:
        self._rest = iter(data)

    def read(self, size: int = -1) -> bytes:
        del size
        return bytes([byte]) if (byte := next(self._rest, None)) is not None else b""


class Endless(io.RawIOBase):
    """Gives megabytes, one chunk after another."""

    def __init__(self, chunk: bytes, count: int) -> None:
        self._chunks: Iterator[bytes] = iter([chunk] * count)

    def read(self, size: int = -1) -> bytes:
        del size
        return next(self._chunks, b"")


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.rstrip("\n").encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r\n").encode("utf-16"),
        packed(TEXT.encode()),
        packed(TEXT[:20].encode()) + packed(TEXT[20:].encode()),
        packed(TEXT.encode()) + b"\0" * 100,
        packed(TEXT.encode("utf-16")),
        TEXT.replace("Key", "\x1b[1;35mKey\x1b[0m").encode(),
        TEXT.replace("Key", "\x1b]8;;http://x\x1b\\Key\x1b(B").encode(),
        TEXT.replace("Key", "#033[31mKey").encode(),
    ],
    ids=range(16),
)
@pytest.mark.parametrize("stream", [io.BytesIO, Slow])
def test_the_text_comes_out_whatever_it_went_through(
    data: bytes, stream: type[io.BytesIO | Slow]
) -> None:
    """Encodings with and without a mark, line ends, gzip and colours end in the same lines."""
    lines = LogLines(stream(data))  # type: ignore[arg-type]

    assert list(lines) == LINES
    assert (lines.count, lines.fault) == (3, "")


def test_bytes_of_an_old_encoding_are_read() -> None:
    """One line that is no UTF-8 does not spoil the others."""
    assert list(LogLines(io.BytesIO("é\n".encode() + "naïve €\n".encode("cp1252")))) == [
        (1, "é"),
        (2, "naïve €"),
    ]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (packed(TEXT.encode() * 1000)[:-20], "the gzip data ends in the middle"),
        (packed(TEXT.encode())[:12] + b"xxxxxxxxxxxx", "the gzip data is damaged"),
    ],
    ids=["cut", "damaged"],
)
def test_damaged_gzip_is_a_fault_with_what_was_read(data: bytes, fault: str) -> None:
    """What came before the damage counts, and the damage is said."""
    lines = LogLines(io.BytesIO(data))

    list(lines)

    assert lines.fault == fault


def test_a_progress_bar_is_several_texts_of_one_line() -> None:
    """Carriage returns separate what a terminal would have shown one after another."""
    assert list(LogLines(io.BytesIO(b"10 %\r20 %\rKeyError: 'a'\nend"))) == [
        (1, "10 %"),
        (1, "20 %"),
        (1, "KeyError: 'a'"),
        (2, "end"),
    ]


@pytest.mark.parametrize("encode", [bytes, lambda chunk: chunk.decode().encode("utf-16-le")])
def test_memory_does_not_grow_with_a_line(encode: type[bytes]) -> None:
    """Thirty megabytes without a line end are one line with a hole."""
    stream = Endless(encode(b"x" * 65_536), 500)
    tracemalloc.start()

    ((number, text),) = LogLines(stream)  # type: ignore[arg-type]

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (number, len(text) < 400_000, peak < 5_000_000) == (1, True, True)


def test_a_gzip_bomb_is_unpacked_in_pieces() -> None:
    """A small file of many megabytes needs no more memory than another."""
    data = gzip.compress((b"x" * 999 + b"\n") * 10_000)
    tracemalloc.start()

    lines = LogLines(io.BytesIO(data))
    count = sum(1 for _ in lines)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, peak < 5_000_000) == (10_000, True)


def test_a_stream_that_fails_keeps_what_came() -> None:
    """An error of the operating system in the middle is a fault, not a crash."""

    class Failing(io.RawIOBase):
        parts = iter([b"KeyError: 'a'\n"])

        def read(self, size: int = -1) -> bytes:
            del size
            try:
                return next(self.parts)
            except StopIteration:
                raise OSError(5, "Input/output error") from None

    lines = LogLines(Failing())  # type: ignore[arg-type]

    assert list(lines) == [(1, "KeyError: 'a'")]
    assert lines.fault == "input/output error"
