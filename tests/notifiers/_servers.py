"""Servers on this machine that answer from a script."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class Webhook:
    """A webhook on this machine that answers from a script."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.bodies: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.asked = threading.Event()
        self.release = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.paths.append(f"GET {self.path}")
                self.send_response(200)
                self.send_header("Content-Length", "15")
                self.end_headers()
                self.wfile.write(b"<html>log in</>")

            def do_POST(self) -> None:
                outer.paths.append(f"POST {self.path}")
                size = int(self.headers["Content-Length"])
                outer.bodies.append(json.loads(self.rfile.read(size)))
                outer.asked.set()
                answer = outer.answers.pop(0) if outer.answers else (200, {}, b"ok")
                if answer == "hang":
                    outer.release.wait(10)
                    return
                if answer == "drop":
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/services/T/B/X"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)


class SmtpServer:
    """An SMTP server in this event loop.

    Args:
        tls: speak TLS from the first byte.
        starttls: offer STARTTLS.
        login: offer AUTH, and take any password.

    Attributes:
        says: what it answers instead of yes, by command, one after the other; ``CONTENT`` is the end of a
            letter, ``drop`` closes the connection, ``hang`` says nothing.
        letters: what it took.
        commands: what it was told, one line each; ``TLS`` where the connection became secret.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        starttls: ssl.SSLContext | None = None,
        login: bool = False,
        **says: list[str],
    ) -> None:
        self.tls, self.starttls, self.login = tls, starttls, login
        self.says = says
        self.letters: list[bytes] = []
        self.commands: list[str] = []
        self.asked = asyncio.Event()
        self._end = asyncio.Event()
        self._talks: list[asyncio.Task[None] | None] = []

    async def __aenter__(self) -> Self:
        self.server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, ssl=self.tls, limit=2**22
        )
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server.close()
        self._end.set()
        await asyncio.gather(*(talk for talk in self._talks if talk is not None))

    @property
    def words(self) -> list[str]:
        """The commands without what followed them."""
        return [command.partition(" ")[0] for command in self.commands]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._talks.append(asyncio.current_task())
        try:
            if await self._say(writer, "HELLO", "220 here"):
                while line := await reader.readline():
                    command = line.decode().strip()
                    self.commands.append(command)
                    if not await self._obey(command, reader, writer):
                        break
        except (ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def _obey(
        self, command: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        word = command.partition(" ")[0].upper()
        if word == "EHLO":
            offers = ["localhost"]
            if self.starttls is not None and "TLS" not in self.commands:
                offers.append("STARTTLS")
            if self.login:
                offers.append("AUTH PLAIN LOGIN")
            lines = [f"250{' ' if one is offers[-1] else '-'}{one}" for one in offers]
            return await self._say(writer, word, "\r\n".join(lines))
        if word == "STARTTLS" and self.starttls is not None:
            if not await self._say(writer, word, "220 go on"):
                return False
            await writer.start_tls(self.starttls)
            self.commands.append("TLS")
            return True
        if word == "DATA":
            refused = bool(self.says.get("DATA"))
            if not await self._say(writer, word, "354 go on"):
                return False
            if refused:
                return True
            letter = await reader.readuntil(b"\r\n.\r\n")
            taken = not self.says.get("CONTENT")
            if taken:
                self.letters.append(letter[:-3].replace(b"\r\n..", b"\r\n."))
            return await self._say(writer, "CONTENT", "250 taken")
        goes_on = await self._say(writer, word, "235 in" if word == "AUTH" else "250 yes")
        return goes_on and word != "QUIT"

    async def _say(self, writer: asyncio.StreamWriter, word: str, usual: str) -> bool:
        script = self.says.get(word)
        answer = script.pop(0) if script else usual
        if answer == "hang":
            self.asked.set()
            await self._end.wait()
        if answer in {"drop", "hang"}:
            return False
        writer.write(f"{answer}\r\n".encode())
        await writer.drain()
        return True
