"""A server that speaks enough of the MongoDB protocol to be selected and then to answer in a given way."""

import contextlib
import socket
import struct
from collections.abc import Iterator
from typing import Any

from lab import serve

QUERY, REPLY, MESSAGE = 2004, 1, 2013


@contextlib.contextmanager
def scripted(answer: dict[str, Any] | None, **hello: Any) -> Iterator[str]:
    """Yield the address of a server that answers every command with `answer`; None closes the connection instead."""
    import bson

    greeting = {
        "ok": 1.0,
        "ismaster": True,
        "isWritablePrimary": True,
        "helloOk": True,
        "maxBsonObjectSize": 16777216,
        "maxMessageSizeBytes": 48000000,
        "maxWriteBatchSize": 100000,
        "minWireVersion": 0,
        "maxWireVersion": 21,
        **hello,
    }

    def talk(connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        while len(head := stream.read(16)) == 16:
            length, number, _, code = struct.unpack("<iiii", head)
            body = stream.read(length - 16)
            if code == QUERY:
                data = struct.pack("<iqii", 8, 0, 0, 1) + bson.encode(greeting)
                connection.sendall(
                    struct.pack("<iiii", len(data) + 16, number, number, REPLY) + data
                )
                continue
            size = struct.unpack("<i", body[5:9])[0]
            asked = bson.decode(body[5 : 5 + size])
            verb = next(iter(asked)).lower()
            if verb in {"hello", "ismaster"}:
                found: dict[str, Any] | None = greeting
            elif verb in {"endsessions", "killcursors"}:
                found = {"ok": 1.0}
            else:
                found = answer
            if found is None:
                return
            data = bytes(5) + bson.encode(found)
            connection.sendall(struct.pack("<iiii", len(data) + 16, number, number, MESSAGE) + data)

    with serve(talk) as (host, port):
        yield f"{host}:{port}"
