"""Errors as strangers raise them: classes of other libraries by their shape, none of them imported."""

from __future__ import annotations

import asyncio
import errno
import http.client
import random
import socket
import sqlite3
from collections.abc import Callable
from typing import Any

Make = Callable[[random.Random], Exception]


def stranger(module: str, name: str, base: type[Exception] = Exception) -> type[Exception]:
    """Make a class that says it comes from another library."""
    return type(name, (base,), {"__module__": module})


def with_fields(error: Exception, **fields: Any) -> Exception:
    """Set attributes on an error, as its library does."""
    for name, value in fields.items():
        setattr(error, name, value)
    return error


class Reply:
    """What an HTTP library keeps of an answer."""

    def __init__(self, status: int, headers: dict[str, str]) -> None:
        self.status_code = status
        self.headers = headers


class Code:
    """A member of a foreign enumeration."""

    def __init__(self, name: str) -> None:
        self.name = name


HttpxStatusError = stranger("httpx", "HTTPStatusError")
RequestsHTTPError = stranger("requests.exceptions", "HTTPError", OSError)
AiohttpResponseError = stranger("aiohttp.client_exceptions", "ClientResponseError")
OpenaiError = stranger("openai", "APIStatusError")
BotoError = stranger("botocore.exceptions", "ClientError")
GrpcError = stranger("grpc.aio", "AioRpcError")
PostgresError = stranger("psycopg.errors", "OperationalError")

PASSING_STATUS = (408, 425, 429, 500, 502, 503, 504, 520, 522, 524)
PASSING_ERRNO = [
    "ECONNRESET",
    "ECONNREFUSED",
    "ECONNABORTED",
    "EPIPE",
    "ETIMEDOUT",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENETRESET",
    "EAGAIN",
    "EBUSY",
    "EINTR",
    "EMFILE",
    "ENFILE",
    "ESTALE",
    "ENOBUFS",
    "EADDRNOTAVAIL",
    "EIO",
]
PASSING_CLASSES = (
    ("httpx", "ReadTimeout"),
    ("httpx", "ConnectTimeout"),
    ("httpx", "PoolTimeout"),
    ("httpx", "ConnectError"),
    ("httpx", "ReadError"),
    ("httpx", "RemoteProtocolError"),
    ("httpcore", "ConnectTimeout"),
    ("requests.exceptions", "ConnectionError"),
    ("requests.exceptions", "ReadTimeout"),
    ("requests.exceptions", "ChunkedEncodingError"),
    ("urllib3.exceptions", "ProtocolError"),
    ("aiohttp.client_exceptions", "ServerDisconnectedError"),
    ("redis.exceptions", "ConnectionError"),
    ("pymongo.errors", "AutoReconnect"),
    ("openai", "APITimeoutError"),
    ("openai", "APIConnectionError"),
    ("anthropic", "RateLimitError"),
    ("shop.clients", "UpstreamUnavailableError"),
    ("shop.clients", "TooManyRequestsError"),
    ("shop.storage", "DeadlockDetectedError"),
    ("shop.storage", "LockWaitTimeout"),
)
PASSING_WORDS = (
    "connection reset by peer",
    "Connection refused",
    "read timed out",
    "upstream request timeout",
    "deadline exceeded while awaiting headers",
    "rate limit reached for requests",
    "Too Many Requests",
    "502 Bad Gateway",
    "503 Service Unavailable",
    "HTTP 504 Gateway Timeout",
    "temporary failure in name resolution",
    "the server closed the connection unexpectedly",
    "could not connect to server: Connection timed out",
    "database is locked",
    "deadlock detected",
    "model is overloaded, please retry",
    "network is unreachable",
    "broken pipe",
    "resource temporarily unavailable",
    "server is busy",
)
NOISE = (
    "",
    "[req 7f3a-22] ",
    "step 4 of 12: ",
    "2029-03-04T11:00:00Z worker-3 ",
    "POST https://api.example.org/v1/items/88: ",
    "while fetching 'orders': ",
)


def _status(rng: random.Random) -> Exception:
    status = rng.choice(PASSING_STATUS)
    headers: dict[str, str] = {}
    if status in (429, 503) and rng.random() < 0.6:
        headers = rng.choice(
            (
                {"Retry-After": str(rng.randint(0, 20))},
                {"retry-after": str(rng.randint(0, 20))},
                {"retry-after-ms": str(rng.randint(1, 9000))},
                {"Retry-After": "Tue, 01 Jan 2030 00:00:07 GMT"},
            )
        )
    text = f"{rng.choice(NOISE)}status {status}"
    kind = rng.randrange(4)
    if kind == 0:
        return with_fields(HttpxStatusError(text), response=Reply(status, headers))
    if kind == 1:
        return with_fields(RequestsHTTPError(text), response=Reply(status, headers))
    if kind == 2:
        return with_fields(AiohttpResponseError(text), status=status, headers=headers)
    return with_fields(OpenaiError(text), status_code=status, response=Reply(status, headers))


def _errno(rng: random.Random) -> Exception:
    name = rng.choice(PASSING_ERRNO)
    return OSError(getattr(errno, name), f"{rng.choice(NOISE)}{name.lower()}")


def _class(rng: random.Random) -> Exception:
    module, name = rng.choice(PASSING_CLASSES)
    return stranger(module, name)(rng.choice(("", "failed", "it did not work", "see the log")))


def _builtin(rng: random.Random) -> Exception:
    return rng.choice(
        (
            TimeoutError(),
            TimeoutError("read"),
            TimeoutError(),
            TimeoutError("socket"),
            ConnectionError("gone"),
            ConnectionResetError(),
            ConnectionRefusedError("no"),
            BrokenPipeError(),
            BlockingIOError(errno.EAGAIN, "busy"),
            InterruptedError(),
            socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
            http.client.RemoteDisconnected("Remote end closed connection without response"),
            http.client.IncompleteRead(b"", 10),
            asyncio.IncompleteReadError(b"", 4),
            sqlite3.OperationalError("database is locked"),
        )
    )


def _coded(rng: random.Random) -> Exception:
    kind = rng.randrange(3)
    if kind == 0:
        code = rng.choice(
            (
                "ThrottlingException",
                "SlowDown",
                "RequestTimeout",
                "InternalError",
                "ServiceUnavailable",
            )
        )
        return with_fields(
            BotoError("An error occurred"), response={"Error": {"Code": code, "Message": "no"}}
        )
    if kind == 1:
        code = rng.choice(("UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "ABORTED"))
        return with_fields(GrpcError("rpc failed"), code=lambda: Code(code))
    state = rng.choice(("40001", "40P01", "08006", "08001", "55P03", "57P03", "53300"))
    return with_fields(PostgresError("statement failed"), sqlstate=state)


def _words(rng: random.Random) -> Exception:
    text = f"{rng.choice(NOISE)}{rng.choice(PASSING_WORDS)}{rng.choice(('', ' (attempt 1)', '.'))}"
    return rng.choice((RuntimeError, Exception))(text)


def _caused(rng: random.Random) -> Exception:
    inner = rng.choice((_status, _errno, _class, _builtin, _coded))(rng)
    outer = rng.choice(
        (
            RuntimeError("step failed"),
            stranger("shop.steps", "StepError")("could not load the orders"),
            stranger("shop.steps", "FetchFailed")(""),
        )
    )
    if rng.random() < 0.6:
        outer.__cause__ = inner
    else:
        outer.__context__ = inner
    return outer


def _grouped(rng: random.Random) -> Exception:
    leaves = [
        rng.choice((_status, _errno, _class, _builtin))(rng) for _ in range(rng.randint(1, 3))
    ]
    return ExceptionGroup("several fetches failed", leaves)


PASSING: dict[str, Make] = {
    "status": _status,
    "errno": _errno,
    "class": _class,
    "builtin": _builtin,
    "code": _coded,
    "words": _words,
    "cause": _caused,
    "group": _grouped,
}


def passing(rng: random.Random) -> tuple[str, Exception]:
    """Return an error that passes by itself, and how it tells."""
    kind = rng.choice(sorted(PASSING))
    return kind, PASSING[kind](rng)
