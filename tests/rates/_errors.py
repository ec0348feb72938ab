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
    ("shop.storage", "ServiceBusyException"),
    ("shop.storage", "ConnectionPoolTimeout"),
    ("shop.clients", "BackendUnreachable"),
    ("shop.clients", "RetryableError"),
    ("shop.clients", "TransientFailure"),
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
    "Request failed with status code 503",
    "HTTP Error 502: Bad Gateway",
    "net::ERR_CONNECTION_RESET",
    "connect ETIMEDOUT 10.0.0.3:443",
    "socket hang up",
    "upstream connect error or disconnect/reset before headers",
    "dial tcp 10.0.0.3:443: i/o timeout",
    "context deadline exceeded",
    "no healthy upstream",
    "Too many connections",
    'could not obtain lock on relation "orders"',
    "LEADER_NOT_AVAILABLE",
    "UNAVAILABLE: failed to connect to all addresses",
    "Service Temporarily Unavailable",
    "The server is currently overloaded",
    "Something went wrong. Please try again later.",
    "Lost connection to MySQL server during query",
    "MySQL server has gone away",
    "FATAL: remaining connection slots are reserved for superusers",
    "cannot assign requested address",
    "Connection pool is full, discarding connection",
    "Operation timed out after 30001 milliseconds with 0 bytes received",
    "curl: (28) Failed to connect",
    "Name or service not known",
    'could not translate host name "db" to address: Temporary failure in name resolution',
    "TLS handshake timeout",
    "EOF occurred in violation of protocol",
    "Remote end closed connection without response",
    "ConnectionResetError(104, 'Connection reset by peer')",
    "429 Client Error: Too Many Requests for url",
    "Rate limit exceeded, retry in 12s",
    "throttled by the API",
    "Max requests per minute reached",
    "quota per minute exceeded, slow down",
    "The engine is currently overloaded, please try again later",
    "database is locked",
    "deadlock found when trying to get lock; try restarting transaction",
    "could not serialize access due to concurrent update",
    "the operation was aborted because of a network change",
    "peer hung up",
    "host is down",
    "I/O operation timed out",
    "the request took too long to process",
    "gateway time-out",
    "temporarily out of capacity",
    "anthropic: Overloaded",
    "Internal server error",
    "Error 1205: Lock wait timeout exceeded",
    "queue is full, try later",
    "ssh: connect to host x port 22: Connection refused",
    "HTTPSConnectionPool(host='x', port=443): Max retries exceeded with url: / (Caused by NewConnectionError)",
    "[Errno 110] Connection timed out",
    "ReadTimeoutError: HTTPSConnectionPool: Read timed out. (read timeout=10)",
    "server returned 503",
    "unexpected status 500 from upstream",
    "status=504 body=''",
    "response 429: slow down",
    "Request limit exceeded, wait 20 seconds",
    "Your request was rate limited",
    "TooManyRequestsError: throttled",
    "RESOURCE_EXHAUSTED: quota exceeded for requests per minute",
    "model is warming up",
    "model is currently loading",
    "inference endpoint is not ready",
    "backend is not ready",
    "replica set has no primary",
    "primary stepped down",
    "connection pool timed out waiting for a connection",
    "cursor closed because the connection was lost",
    "broken pipe",
    "unexpected end of stream",
    "premature close",
    "stream closed before response completed",
    "read ECONNRESET",
    "getaddrinfo EAI_AGAIN api.example.org",
    "SSL: unexpected eof while reading",
    "the remote host closed the connection",
    "no route to host",
    "Device or resource busy",
    "Resource temporarily unavailable",
    "Too many open files",
    "Text file busy",
    "Stale file handle",
    "timeout of 5000ms exceeded",
    "the worker timed out",
    "job exceeded the time limit",
    "lease expired while waiting for the lock",
    "canceling statement due to lock timeout",
    "canceling statement due to conflict with recovery",
    "transaction was aborted, retry it",
    "cluster is down",
    "node is not reachable",
    "service is restarting",
    "maintenance in progress, come back later",
    "the gateway did not receive a response in time",
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
