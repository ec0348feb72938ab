"""A server that speaks enough of the MySQL protocol to admit a client and then to refuse it in a given way."""

import contextlib
import socket
import struct
from collections.abc import Iterator

from lab import serve

CAPABILITIES = 0x0008A20D
SALT = b"abcdefgh", b"ijklmnopqrst\0"
HELLO = (
    b"\x0a8.0.36\0"
    + struct.pack("<I", 7)
    + SALT[0]
    + b"\0"
    + struct.pack("<HBHHB", CAPABILITIES & 0xFFFF, 45, 2, CAPABILITIES >> 16, 21)
    + bytes(10)
    + SALT[1]
    + b"mysql_native_password\0"
)
DONE = b"\0\0\0" + struct.pack("<HH", 2, 0)


def packet(number: int, body: bytes) -> bytes:
    """Frame one packet."""
    return struct.pack("<I", len(body))[:3] + bytes([number]) + body


def refusal(code: int, state: str, text: str) -> bytes:
    """Give the packet body in which the server reports an error."""
    return b"\xff" + struct.pack("<H", code) + b"#" + state.encode() + text.encode()


@contextlib.contextmanager
def scripted(code: int, state: str, text: str, *, at: str = "query") -> Iterator[tuple[str, int]]:
    """Yield the address of a server that fails `at` the greeting, the login or the first query; ``lost`` closes instead."""

    def talk(connection: socket.socket) -> None:
        stream = connection.makefile("rb")

        def read() -> bytes:
            head = stream.read(4)
            return stream.read(int.from_bytes(head[:3], "little")) if len(head) == 4 else b""

        if at == "greeting":
            return connection.sendall(packet(0, b"\xff" + struct.pack("<H", code) + text.encode()))
        connection.sendall(packet(0, HELLO))
        read()
        connection.sendall(packet(2, refusal(code, state, text) if at == "login" else DONE))
        while at != "login" and (asked := read()):
            if (
                asked[1:4].upper() == b"SET"
                or asked[0] != 3
                or asked[1:9].upper() in {b"ROLLBACK", b"COMMIT"}
            ):
                connection.sendall(packet(1, DONE))
            elif at == "lost":
                return None
            else:
                connection.sendall(packet(1, refusal(code, state, text)))
        return None

    with serve(talk) as address:
        yield address
