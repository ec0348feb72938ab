"""One real PostgreSQL server on the loopback, started on first use and removed at exit."""

import contextlib
import functools
import os
import pwd
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from lab import serve

_SERVERS: list[object] = []
DATABASE = "planner"
HBA = """\
local all all trust
host all reporting 127.0.0.1/32 scram-sha-256
host all outsider 127.0.0.1/32 reject
host all all 127.0.0.1/32 trust
"""
SETTINGS = """\
listen_addresses = '127.0.0.1'
fsync = off
deadlock_timeout = 60ms
max_connections = 40
max_prepared_transactions = 0
logging_collector = off
log_min_messages = panic
"""
SCHEMA = """\
create role reporting login password 'right';
create role outsider login;
create role clerk login connection limit 0;
create role reader login;
create table builds (id int primary key, name varchar(12) not null, state text check (state in ('new', 'done')), n int);
create table steps (id int primary key, build_id int references builds (id), span int4range,
  exclude using gist (span with &&));
create table secrets (v text);
insert into builds values (1, 'alpha', 'new', 1), (2, 'beta', 'done', 2);
"""


def _run(argv: list[str], user: str, **more: object) -> None:
    subprocess.run(
        argv, user=user, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more
    )  # type: ignore[call-overload]


@functools.cache
def port() -> int:
    """Start the server if it is not running and give its port."""
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"))
    home = tempfile.mkdtemp(prefix="pg_")
    if os.geteuid() == 0:
        shutil.chown(home, user)
    data = f"{home}/data"
    _run(
        [
            f"{binaries}/initdb",
            "-D",
            data,
            "-U",
            "owner",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale",
            "C",
        ],
        user,
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    for name, text in (
        ("postgresql.conf", SETTINGS + f"port = {number}\nunix_socket_directories = '{home}'\n"),
        ("pg_hba.conf", HBA),
    ):
        Path(data, name).write_text(text, encoding="utf-8")
    # it ends with us, however we end: then its standard input is closed
    watch = '"$0" -D "$1" & read -r _; kill -QUIT $!; wait; rm -rf "$2"'
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    argv = ["sh", "-c", watch, f"{binaries}/postgres", data, home]
    _SERVERS.append(subprocess.Popen(argv, user=user, stdin=subprocess.PIPE, cwd="/", **quiet))  # type: ignore[call-overload]
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", number), 0.2):
            break
        time.sleep(0.05)
    psql = [
        f"{binaries}/psql",
        "-q",
        "-h",
        "127.0.0.1",
        "-p",
        str(number),
        "-U",
        "owner",
        "-v",
        "ON_ERROR_STOP=1",
    ]
    for _ in range(100):
        with contextlib.suppress(subprocess.CalledProcessError):
            _run([*psql, "-d", "postgres", "-c", f"create database {DATABASE}"], user)
            break
        time.sleep(0.05)
    _run([*psql, "-d", DATABASE, "-c", SCHEMA], user)
    return number


def dsn(user: str = "owner", database: str = DATABASE, **more: object) -> str:
    """Give a connection string in the driver-neutral keyword form."""
    words = {"host": "127.0.0.1", "port": port(), "user": user, "dbname": database, **more}
    return " ".join(f"{key}={value}" for key, value in words.items())


def message(kind: bytes, body: bytes = b"") -> bytes:
    """Frame one message of the server."""
    return kind + struct.pack("!i", len(body) + 4) + body


def failure(
    code: str, text: str, detail: str = "", hint: str = "", severity: str = "ERROR"
) -> bytes:
    """Give the message in which the server reports an error."""
    fields = (
        (b"S", severity),
        (b"V", severity),
        (b"C", code),
        (b"M", text),
        (b"D", detail),
        (b"H", hint),
    )
    return message(
        b"E", b"".join(letter + value.encode() + b"\0" for letter, value in fields if value) + b"\0"
    )


@contextlib.contextmanager
def scripted(
    code: str, text: str, detail: str = "", hint: str = "", severity: str = "ERROR"
) -> Iterator[tuple[str, int]]:
    """Yield the address of a server that admits everybody and fails every statement in the given way."""
    words = b"".join(
        message(b"S", key + b"\0" + value + b"\0")
        for key, value in (
            (b"server_version", b"15.4"),
            (b"client_encoding", b"UTF8"),
            (b"DateStyle", b"ISO, MDY"),
            (b"standard_conforming_strings", b"on"),
        )
    )
    welcome = (
        message(b"R", struct.pack("!i", 0))
        + words
        + message(b"K", struct.pack("!ii", 7, 7))
        + message(b"Z", b"I")
    )

    def talk(connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        stream.read(struct.unpack("!i", stream.read(4))[0] - 4)
        connection.sendall(welcome)
        parsed = b""
        while kind := stream.read(1):
            body = stream.read(struct.unpack("!i", stream.read(4))[0] - 4)
            parsed = body if kind in b"QP" else parsed
            if kind == b"H":
                connection.sendall(failure(code, text, detail, hint, severity))
                parsed = b""
            if kind not in b"QS":
                continue
            if not parsed:
                connection.sendall(message(b"Z", b"E"))
                continue
            if parsed.strip(b"\0").lower().startswith((b"begin", b"rollback")):
                verb = parsed.strip(b"\0").split(b";")[0].split()[0].upper()
                extended = message(b"1") + message(b"2") + message(b"n") if kind == b"S" else b""
                connection.sendall(
                    extended
                    + message(b"C", verb + b"\0")
                    + message(b"Z", b"T" if verb == b"BEGIN" else b"I")
                )
                continue
            connection.sendall(failure(code, text, detail, hint, severity))
            if severity == "FATAL":
                return
            connection.sendall(message(b"Z", b"E"))

    with serve(talk) as address:
        yield address
