"""Raise real errors of real libraries, each with a label, against servers that only listen on this machine.

A raiser is a function, plain or ``async``, that ends in an exception. `case` and `add` register it together with its label::

    @case("httpx-pool", "httpx", types="TIMEOUT NETWORK", strategies="RETRY", transient="yes", why="the pool is full for now")
    def _(): ...

``types`` are the accepted error types, the preferred one first; ``strategies`` are the accepted first strategies; ``transient``
tells whether the same call, unchanged, would plausibly succeed within minutes. Nobody reads the outcome of the classifier here.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import logging
import os
import re
import select
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import types
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn

ERROR_TYPES = frozenset(
    [
        "NETWORK",
        "VALIDATION",
        "GENERATION",
        "SYNTAX",
        "CONTRACT",
        "TIMEOUT",
        "RATE_LIMIT",
        "AI_SERVICE",
        "SECURITY",
        "UNKNOWN",
    ]
)
STRATEGIES = frozenset(
    ["RETRY", "ALTERNATIVE_PATH", "GRACEFUL_DEGRADATION", "ERROR_CORRECTION", "ESCALATION"]
)
TRANSIENT = frozenset({"yes", "no", "unknown"})
LIMIT = 3.0
NEUTRAL = "run_step"
CASES: dict[str, Case] = {}


def quiet() -> None:
    """Take away what the surroundings would add to an error: proxies, keys, warnings, logs."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.upper().endswith(("_API_KEY", "_BASE_URL")):
            del os.environ[name]
    os.environ.update(
        AWS_EC2_METADATA_DISABLED="true",
        AWS_CONFIG_FILE="/nonexistent",
        AWS_SHARED_CREDENTIALS_FILE="/nonexistent",
        LITELLM_LOCAL_MODEL_COST_MAP="True",
        ANONYMIZED_TELEMETRY="False",
        OPENAI_AGENTS_DISABLE_TRACING="1",
        HF_HUB_DISABLE_TELEMETRY="1",
        DO_NOT_TRACK="1",
        NO_COLOR="1",
    )
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)


class ToolOutput(Exception):
    """What a tool printed; only its text is an error, the class is ours."""


class NotRaised(AssertionError):
    """A raiser that returned, or that took longer than it may."""


@dataclass(frozen=True)
class Case:
    """A raiser and its label."""

    id: str
    library: str
    raiser: Callable[[], Any]
    types: tuple[str, ...]
    strategies: tuple[str, ...]
    transient: str
    why: str
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a label that breaks the rules."""
        check_label(self.id, self.types, self.strategies, self.transient, self.why)

    def catch(self) -> BaseException:
        """Run the raiser and return what it raised; a first run may import, any other ends within `LIMIT` seconds."""
        for last in (False, True):
            started = time.monotonic()
            try:
                if inspect.iscoroutinefunction(self.raiser):
                    asyncio.run(self.raiser())
                else:
                    self.raiser()
            except (KeyboardInterrupt, NotRaised):
                raise
            except BaseException as error:
                if time.monotonic() - started <= LIMIT:
                    return error
                if last:
                    raise NotRaised(f"case {self.id!r} takes longer than {LIMIT} s") from error
            else:
                raise NotRaised(f"case {self.id!r} raised nothing")
        raise NotRaised(self.id)


def check_label(
    id: str, error_types: Sequence[str], strategies: Sequence[str], transient: str, why: str
) -> None:
    """Raise ValueError for a label that breaks the rules; ``no`` never accepts RETRY, ``yes`` always does."""
    problems = [
        f"unknown error types {sorted(set(error_types) - ERROR_TYPES)}"
        if set(error_types) - ERROR_TYPES or not error_types
        else "",
        f"unknown strategies {sorted(set(strategies) - STRATEGIES)}"
        if set(strategies) - STRATEGIES or not strategies
        else "",
        f"transient is {transient!r}" if transient not in TRANSIENT else "",
        "a permanent error must not accept RETRY"
        if transient == "no" and "RETRY" in strategies
        else "",
        "a transient error must accept RETRY"
        if transient == "yes" and "RETRY" not in strategies
        else "",
        "it does not say why" if not why.strip() else "",
    ]
    if any(problems):
        raise ValueError(f"case {id!r}: {'; '.join(filter(None, problems))}")


def case(
    id: str,
    library: str,
    *,
    types: str,
    strategies: str,
    transient: str,
    why: str,
    tags: Sequence[str] = (),
) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register the decorated raiser; words of `types` and `strategies` are apart by blanks."""

    def register(raiser: Callable[[], Any]) -> Callable[[], Any]:
        if id in CASES:
            raise ValueError(f"there are two cases {id!r}")
        CASES[id] = Case(
            id,
            library,
            neutral(raiser),
            tuple(types.split()),
            tuple(strategies.split()),
            transient,
            why,
            tuple(sorted([tags] if isinstance(tags, str) else tags)),
        )
        return raiser

    return register


def add(id: str, library: str, raiser: Callable[[], Any], **label: Any) -> None:
    """Register `raiser`; the label is as in `case`."""
    case(id, library, **label)(raiser)


def neutral(raiser: Callable[[], Any]) -> Callable[[], Any]:
    """Give the raiser a name that tells nothing, for it stands in recorded tracebacks."""
    if isinstance(raiser, types.FunctionType):
        raiser.__code__ = raiser.__code__.replace(co_name=NEUTRAL, co_qualname=NEUTRAL)
    return raiser


# -- servers


def closed_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def black_hole() -> Iterator[tuple[str, int]]:
    """Yield the address of a listener that is full: connecting hangs until the client gives up."""
    with socket.socket() as one, contextlib.ExitStack() as waiting:
        one.bind(("127.0.0.1", 0))
        one.listen(0)
        clients = [waiting.enter_context(socket.socket()) for _ in range(4)]
        for client in clients:
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                client.connect(one.getsockname())
        select.select([], clients[:1], [], 5)  # the first is in; there is no room for another
        yield one.getsockname()


@contextlib.contextmanager
def serve(
    handle: Callable[[socket.socket], None], *, tls: bool = False
) -> Iterator[tuple[str, int]]:
    """Yield the address of a server that calls `handle` with every connection, in a thread of its own."""
    server = socket.create_server(("127.0.0.1", 0))
    context = _certificate() if tls else None

    def talk(connection: socket.socket) -> None:
        connection.settimeout(LIMIT)
        with connection, contextlib.suppress(Exception):
            if context:
                with context.wrap_socket(connection, server_side=True) as wrapped:
                    handle(wrapped)
            else:
                handle(connection)

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server.getsockname()
    finally:
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()


@contextlib.contextmanager
def wire(*script: bytes | str | float | None, tls: bool = False) -> Iterator[tuple[str, int]]:
    """Yield the address of a server that plays `script` to every connection and then closes it.

    Bytes are sent; None waits for something from the client; a number waits so many seconds;
    ``"reset"`` cuts hard; ``"hang"`` says nothing more.
    """

    def play(connection: socket.socket) -> None:
        for step in script:
            if step is None:
                if not connection.recv(65536):
                    return
            elif isinstance(step, bytes):
                connection.sendall(step)
            elif isinstance(step, str):
                if step == "reset":
                    return _reset(connection)
                time.sleep(LIMIT)
            else:
                time.sleep(step)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(0.3)
            connection.recv(65536)
        return None

    with serve(play, tls=tls) as address:
        yield address


@dataclass(frozen=True)
class Answer:
    """One answer of a web server."""

    status: int = 200
    body: Any = "{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    mode: str = "answer"


MODES = frozenset(
    ["answer", "cut", "reset", "garbage", "hang", "tls", "short", "chunks_cut", "bad_chunk"]
)


@contextlib.contextmanager
def web(
    status: int = 200,
    body: Any = "{}",
    headers: Mapping[str, str] | None = None,
    delay: float = 0.0,
    mode: str = "answer",
    steps: Sequence[Mapping[str, Any]] = (),
) -> Iterator[str]:
    """Yield the base URL of a web server that gives one answer, or those of `steps` one after the other and then the last again.

    Modes: ``answer``; ``cut`` and ``reset`` close without a word; ``garbage`` is no HTTP; ``hang`` never answers;
    ``tls`` answers behind a certificate that nobody signed; ``short`` promises more body than it sends; ``chunks_cut``
    sends the body as one chunk (a list: as many) and closes before the last; ``bad_chunk`` breaks the framing.
    """
    first = {
        "status": status,
        "body": body,
        "headers": headers or {},
        "delay": delay,
        "mode": mode,
    }
    answers = [Answer(**{**first, **step}) for step in steps] or [Answer(**first)]
    if {answer.mode for answer in answers} - MODES:
        raise ValueError(f"modes are {sorted(MODES)}")
    counted = iter(range(1_000_000))

    def handle(connection: socket.socket) -> None:
        if _read_request(connection):
            _answer(connection, answers[min(next(counted), len(answers) - 1)])

    tls = any(answer.mode == "tls" for answer in answers)
    with serve(handle, tls=tls) as (host, port):
        yield f"{'https' if tls else 'http'}://{host}:{port}"


def _answer(connection: socket.socket, answer: Answer) -> None:
    """Send one answer and close."""
    time.sleep(answer.delay)
    if answer.mode == "hang":
        time.sleep(LIMIT)
    if answer.mode in {"cut", "hang"}:
        return
    if answer.mode == "reset":
        return _reset(connection)
    if answer.mode == "garbage":
        return connection.sendall(b"\x16\x03\x03 no such protocol\r\n\r\n")
    chunks = [_encoded(part) for part in answer.body] if isinstance(answer.body, list) else None
    body = _encoded(answer.body) if chunks is None else b"".join(chunks)
    headers = {"content-type": "application/json", "connection": "close"}
    headers.update({name.lower(): value for name, value in answer.headers.items()})
    if answer.mode in {"chunks_cut", "bad_chunk"} or chunks is not None:
        headers["transfer-encoding"] = "chunked"
    else:
        headers.setdefault(
            "content-length", str(len(body) + (512 if answer.mode == "short" else 0))
        )
    reason = (
        HTTPStatus(answer.status).phrase
        if answer.status in HTTPStatus._value2member_map_
        else "Error"
    )
    head = f"HTTP/1.1 {answer.status} {reason}\r\n" + "".join(
        f"{k}: {v}\r\n" for k, v in headers.items()
    )
    connection.sendall(head.encode() + b"\r\n")
    if answer.mode == "bad_chunk":
        connection.sendall(b"zz\r\n" + body)
    elif "transfer-encoding" in headers:
        for chunk in chunks or [body]:
            connection.sendall(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        if answer.mode != "chunks_cut":
            connection.sendall(b"0\r\n\r\n")
    else:
        connection.sendall(body)
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(0.3)
        connection.recv(1)
    return None


def _encoded(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def _read_request(connection: socket.socket) -> bytes:
    """Read one request; bytes of its head, empty where the client said nothing."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length:\s*(\d+)", head)
    chunked = re.search(rb"(?i)transfer-encoding:\s*chunked", head)
    if re.search(rb"(?i)expect:\s*100-continue", head):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    while (length and len(body) < int(length[1])) or (chunked and not body.endswith(b"0\r\n\r\n")):
        more = connection.recv(65536)
        if not more:
            break
        body += more
    return head


def _reset(connection: socket.socket) -> None:
    """Close hard, so that the other side sees a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@cache
def _certificate() -> ssl.SSLContext:
    """Return a server context with a certificate that nobody signed, made anew for this run."""
    with tempfile.TemporaryDirectory() as place:
        key, certificate = Path(place, "key.pem"), Path(place, "certificate.pem")
        words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
        subprocess.run(
            [*words.split(), "-keyout", str(key), "-out", str(certificate)],
            check=True,
            capture_output=True,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    return context


# -- tools


def tool(
    argv: Sequence[str],
    files: Mapping[str, str] | None = None,
    *,
    output: bool = False,
    stdin: str | None = None,
) -> NoReturn:
    """Run a tool beside `files` in a folder of its own and raise its failure.

    ``python`` as the first word is this interpreter. With `output` what it printed is raised as `ToolOutput`, whatever its
    exit code; else `subprocess.CalledProcessError`.
    """
    with tempfile.TemporaryDirectory() as place:
        for name, text in (files or {}).items():
            path = Path(place, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        words = [sys.executable if argv[0] == "python" else argv[0], *argv[1:]]
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        }
        done = subprocess.run(
            words,
            cwd=place,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=not output,
        )
    raise ToolOutput((done.stdout + done.stderr).replace(place, "/srv/app/tmp").strip())
