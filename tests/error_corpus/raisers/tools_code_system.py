"""The operating system: files, processes, memory, sockets, names, certificates."""

from __future__ import annotations

import errno
import http.client
import os
import pathlib
import resource
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
from typing import Any

from lab import add, black_hole, case, closed_port, tool, web, wire

TRANSIENT = {
    "types": "NETWORK TIMEOUT UNKNOWN",
    "strategies": "RETRY",
    "transient": "yes",
    "why": "the operating system asks to come again",
}
LINK = {
    "types": "NETWORK",
    "strategies": "RETRY ESCALATION",
    "transient": "yes",
    "why": "the transport failed",
}
LATE = {
    "types": "TIMEOUT NETWORK",
    "strategies": "RETRY GRACEFUL_DEGRADATION",
    "transient": "yes",
    "why": "a deadline passed",
}
FULL = {
    "types": "UNKNOWN VALIDATION NETWORK",
    "strategies": "ESCALATION GRACEFUL_DEGRADATION",
    "transient": "no",
    "why": "the disk or the quota is full",
}
BARRED = {
    "types": "SECURITY",
    "strategies": "ESCALATION",
    "transient": "no",
    "why": "the rights are missing",
}
ABSENT = {
    "types": "VALIDATION UNKNOWN GENERATION",
    "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    "transient": "no",
    "why": "the file is not there or is of another kind",
}
MISSING_TOOL = {
    "types": "UNKNOWN VALIDATION",
    "strategies": "ESCALATION ALTERNATIVE_PATH",
    "transient": "no",
    "why": "the program is not installed",
}
MEMORY = {
    "types": "UNKNOWN VALIDATION GENERATION",
    "strategies": "GRACEFUL_DEGRADATION ESCALATION",
    "transient": "no",
    "why": "the memory is too small for this call",
}
CERTIFICATE = {
    "types": "SECURITY",
    "strategies": "ESCALATION",
    "transient": "no",
    "why": "the certificate is not trusted",
}
OPAQUE = {
    "types": "UNKNOWN VALIDATION GENERATION",
    "strategies": "ESCALATION GRACEFUL_DEGRADATION",
    "transient": "unknown",
    "why": "nothing to go by",
}


def system(number: int, path: str | None = None):
    """Raise what the operating system would."""

    def run() -> None:
        raise (
            OSError(number, os.strerror(number), path)
            if path
            else OSError(number, os.strerror(number))
        )

    return run


add("os_full", "os", system(errno.ENOSPC, "/srv/app/out/node.py"), **FULL)
add("os_quota", "os", system(errno.EDQUOT, "/srv/app/out/node.py"), **FULL)
add(
    "os_full_bare",
    "os",
    lambda: (_ for _ in ()).throw(OSError("[Errno 28] No space left on device")),
    **FULL,
)
add(
    "os_read_only",
    "os",
    system(errno.EROFS, "/srv/app/contracts"),
    **FULL | {"types": "UNKNOWN SECURITY VALIDATION", "why": "the file system is read-only"},
)
add("os_denied", "os", system(errno.EACCES, "/srv/app/out"), **BARRED)
add("os_not_permitted", "os", system(errno.EPERM, "/etc/hosts"), **BARRED)
add("os_too_long", "os", system(errno.ENAMETOOLONG), **ABSENT)
add("os_again", "os", system(errno.EAGAIN), **TRANSIENT)
add("os_interrupted", "os", system(errno.EINTR), **TRANSIENT)
add(
    "os_busy",
    "os",
    system(errno.EBUSY, "/srv/app/lock"),
    **TRANSIENT
    | {
        "strategies": "RETRY ESCALATION GRACEFUL_DEGRADATION",
        "transient": "unknown",
        "why": "somebody uses it; nobody knows for how long",
    },
)
add(
    "os_text_busy",
    "os",
    system(errno.ETXTBSY, "/srv/app/bin/build"),
    **TRANSIENT
    | {
        "strategies": "RETRY ESCALATION GRACEFUL_DEGRADATION",
        "transient": "unknown",
        "why": "the program is being written",
    },
)
add(
    "os_files",
    "os",
    system(errno.EMFILE, "/srv/app/a.txt"),
    **TRANSIENT
    | {
        "strategies": "RETRY ESCALATION GRACEFUL_DEGRADATION",
        "transient": "unknown",
        "types": "UNKNOWN NETWORK RATE_LIMIT",
        "why": "too many open files in this process",
    },
)
add(
    "os_files_system",
    "os",
    system(errno.ENFILE),
    **TRANSIENT
    | {
        "strategies": "RETRY ESCALATION GRACEFUL_DEGRADATION",
        "transient": "unknown",
        "types": "UNKNOWN NETWORK RATE_LIMIT",
        "why": "too many open files",
    },
)
add(
    "os_broken_pipe",
    "os",
    system(errno.EPIPE),
    **LINK | {"strategies": "RETRY"},
)
add(
    "os_io",
    "os",
    system(errno.EIO, "/srv/app/data"),
    **OPAQUE
    | {
        "strategies": "ESCALATION RETRY ALTERNATIVE_PATH GRACEFUL_DEGRADATION",
        "types": "UNKNOWN NETWORK",
        "why": "a broken disk or a moment's failure",
    },
)
add(
    "os_stale_handle",
    "os",
    system(errno.ESTALE, "/mnt/share/contract.yaml"),
    **OPAQUE
    | {
        "strategies": "ESCALATION RETRY ALTERNATIVE_PATH",
        "types": "NETWORK UNKNOWN",
        "why": "a network file system lost its file",
    },
)
add(
    "os_cross_device",
    "os",
    system(errno.EXDEV),
    **ABSENT | {"why": "the call cannot work between two file systems"},
)
add(
    "os_exists",
    "os",
    lambda: pathlib.Path(tempfile.gettempdir()).mkdir(),
    **ABSENT | {"why": "it exists already"},
)
add(
    "os_not_empty",
    "os",
    lambda: pathlib.Path("/usr").rmdir(),
    **ABSENT
    | {"types": "VALIDATION UNKNOWN SECURITY GENERATION", "why": "the folder is not empty"},
)
add("os_loop", "os", system(errno.ELOOP, "/srv/app/link"), **ABSENT)
add(
    "os_no_memory",
    "os",
    system(errno.ENOMEM),
    **MEMORY | {"transient": "unknown", "strategies": "GRACEFUL_DEGRADATION ESCALATION RETRY"},
)
add(
    "os_absent",
    "pathlib",
    lambda: pathlib.Path("contracts/timeout_policy.yaml").read_text(),
    tags=("misleading",),
    **ABSENT,
)
add("os_folder", "pathlib", lambda: pathlib.Path(tempfile.gettempdir()).read_bytes(), **ABSENT)
add("os_not_folder", "pathlib", lambda: list(pathlib.Path("/etc/hosts").iterdir()), **ABSENT)
add("os_null_byte", "pathlib", lambda: pathlib.Path("node\0.py").read_text(), **ABSENT)
add("os_host_down", "socket", system(errno.EHOSTUNREACH), **LINK)
add("os_net_unreachable", "socket", system(errno.ENETUNREACH), **LINK)
add(
    "os_timed_out",
    "socket",
    system(errno.ETIMEDOUT),
    **LATE | {"strategies": "RETRY GRACEFUL_DEGRADATION ESCALATION"},
)
add("os_aborted", "socket", system(errno.ECONNABORTED), **LINK | {"strategies": "RETRY"})
add(
    "os_family",
    "socket",
    system(errno.EAFNOSUPPORT),
    **ABSENT
    | {"types": "NETWORK VALIDATION UNKNOWN", "why": "an address family that this system lacks"},
)
add(
    "os_address",
    "socket",
    system(errno.EADDRNOTAVAIL),
    **OPAQUE
    | {
        "types": "NETWORK VALIDATION",
        "strategies": "ESCALATION RETRY ALTERNATIVE_PATH",
        "why": "a wrong address, or no port free for now",
    },
)


@case(
    "os_address_in_use",
    "socket",
    types="NETWORK VALIDATION UNKNOWN",
    strategies="ESCALATION RETRY ALTERNATIVE_PATH",
    transient="unknown",
    why="another process holds the port, perhaps for a moment",
)
def _() -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.socket() as other:
        other.bind(one.getsockname())


@case("socket_refused", "socket", **LINK)
def _() -> None:
    socket.create_connection(("127.0.0.1", closed_port()), timeout=1)


@case("socket_connect_timeout", "socket", **LATE)
def _() -> None:
    with black_hole() as address:
        socket.create_connection(address, timeout=0.1)


@case("socket_read_timeout", "socket", **LATE)
def _() -> None:
    with wire("hang") as address, socket.create_connection(address, timeout=0.1) as link:
        link.recv(1)


@case("socket_reset", "socket", **LINK | {"strategies": "RETRY"})
def _() -> None:
    with wire(None, "reset") as address, socket.create_connection(address, timeout=1) as link:
        link.sendall(b"x")
        link.recv(1)
        link.recv(1)


@case(
    "socket_unconnected",
    "socket",
    types="NETWORK VALIDATION UNKNOWN GENERATION",
    strategies="ERROR_CORRECTION ESCALATION ALTERNATIVE_PATH RETRY",
    transient="unknown",
    why="never connected, or no longer",
)
def _() -> None:
    with socket.socket() as link:
        link.recv(1)


@case(
    "socket_closed",
    "socket",
    types="NETWORK VALIDATION UNKNOWN GENERATION",
    strategies="ERROR_CORRECTION ESCALATION ALTERNATIVE_PATH RETRY",
    transient="unknown",
    why="used after it was closed",
)
def _() -> None:
    link = socket.socket()
    link.close()
    link.recv(1)


# ---- names
def names(number: int, text: str):
    """Raise what the resolver would."""

    def run() -> None:
        raise socket.gaierror(number, text)

    return run


add(
    "names_again", "socket", names(socket.EAI_AGAIN, "Temporary failure in name resolution"), **LINK
)
add("names_unknown", "socket", names(socket.EAI_NONAME, "Name or service not known"), **LINK)
add(
    "names_no_data",
    "socket",
    names(socket.EAI_NODATA, "No address associated with hostname"),
    **LINK,
)
add(
    "names_fail",
    "socket",
    names(socket.EAI_FAIL, "Non-recoverable failure in name resolution"),
    **LINK
    | {
        "transient": "unknown",
        "why": "the resolver says it is final; often it is the resolver that is down",
    },
)
add(
    "names_mac",
    "socket",
    lambda: (_ for _ in ()).throw(
        socket.gaierror(8, "nodename nor servname provided, or not known")
    ),
    **LINK,
)
add(
    "names_service",
    "socket",
    lambda: socket.getaddrinfo("127.0.0.1", "no-such-service"),
    **ABSENT | {"types": "VALIDATION NETWORK UNKNOWN", "why": "a service name that does not exist"},
)
add(
    "names_label",
    "socket",
    lambda: "a..b".encode("idna"),
    **ABSENT | {"types": "VALIDATION NETWORK UNKNOWN GENERATION", "why": "no valid host name"},
)
add(
    "names_herror",
    "socket",
    lambda: (_ for _ in ()).throw(socket.herror(2, "Host name lookup failure")),
    **LINK,
)


# ---- TLS
def trust():
    """Talk to a server whose certificate nobody signed."""

    def run() -> None:
        with web(mode="tls") as base:
            link = http.client.HTTPSConnection(
                base.partition("//")[2], timeout=2, context=ssl.create_default_context()
            )
            link.request("GET", "/")

    return run


add("tls_self_signed", "ssl", trust(), **CERTIFICATE)


@case(
    "tls_plain_server",
    "ssl",
    types="NETWORK SECURITY",
    strategies="ESCALATION ALTERNATIVE_PATH",
    transient="no",
    why="the server does not speak TLS there",
)
def _() -> None:
    with wire(None, b"HTTP/1.1 400 Bad Request\r\n\r\n") as address:
        http.client.HTTPSConnection(*address, timeout=2).request("GET", "/")


@case("tls_eof", "ssl", **LINK | {"strategies": "RETRY"})
def _() -> None:
    with wire(None) as address:
        http.client.HTTPSConnection(*address, timeout=2).request("GET", "/")


@case("tls_reset", "ssl", **LINK | {"strategies": "RETRY"})
def _() -> None:
    with wire(None, "reset") as address:
        http.client.HTTPSConnection(*address, timeout=2).request("GET", "/")


@case("tls_late", "ssl", **LATE)
def _() -> None:
    with wire("hang") as address:
        http.client.HTTPSConnection(*address, timeout=0.2).request("GET", "/")


@case(
    "tls_handshake_alert",
    "ssl",
    types="SECURITY NETWORK",
    strategies="ESCALATION ALTERNATIVE_PATH",
    transient="no",
    why="both sides have no version or cipher in common",
)
def _() -> None:
    with wire(None, b"\x15\x03\x03\x00\x02\x02\x28") as address:
        http.client.HTTPSConnection(*address, timeout=2).request("GET", "/")


@case("tls_unknown_authority", "ssl", **CERTIFICATE)
def _() -> None:
    with wire(None, b"\x15\x03\x03\x00\x02\x02\x30") as address:
        http.client.HTTPSConnection(*address, timeout=2).request("GET", "/")


@case(
    "tls_version_alert",
    "ssl",
    types="SECURITY NETWORK",
    strategies="ESCALATION ALTERNATIVE_PATH",
    transient="no",
    why="the protocol version is refused",
)
def _() -> None:
    with wire(None, b"\x15\x03\x03\x00\x02\x02\x46") as address:
        http.client.HTTPSConnection(*address, timeout=2).request("GET", "/")


@case(
    "tls_internal_alert",
    "ssl",
    types="NETWORK SECURITY",
    strategies="RETRY ESCALATION ALTERNATIVE_PATH",
    transient="unknown",
    why="the server's own failure",
)
def _() -> None:
    with wire(None, b"\x15\x03\x03\x00\x02\x02\x50") as address:
        http.client.HTTPSConnection(*address, timeout=2).request("GET", "/")


@case("tls_host_name", "ssl", **CERTIFICATE | {"why": "the certificate is for another host"})
def _() -> None:
    error = ssl.SSLCertVerificationError(
        1,
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, certificate is not valid for 'models.internal'. (_ssl.c:1006)",
    )
    error.reason, error.verify_code = "CERTIFICATE_VERIFY_FAILED", 62
    error.verify_message = "Hostname mismatch, certificate is not valid for 'models.internal'."
    raise error


@case("tls_expired", "ssl", **CERTIFICATE | {"why": "the certificate has expired"})
def _() -> None:
    error = ssl.SSLCertVerificationError(
        1,
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1006)",
    )
    error.reason, error.verify_code, error.verify_message = (
        "CERTIFICATE_VERIFY_FAILED",
        10,
        "certificate has expired",
    )
    raise error


@case(
    "tls_key_file",
    "ssl",
    types="SECURITY VALIDATION UNKNOWN",
    strategies="ESCALATION",
    transient="no",
    why="the key file is none",
)
def _() -> None:
    with tempfile.NamedTemporaryFile("w+") as file:
        file.write("no key")
        file.flush()
        ssl.create_default_context().load_cert_chain(file.name)


# ---- processes
def child(source: str, **options: Any):
    """Run this interpreter."""

    def run() -> None:
        options.setdefault("timeout", 2)
        subprocess.run(
            [sys.executable, "-c", source], check=True, capture_output=True, text=True, **options
        )

    return run


def shell(line: str):
    """Run a line of shell from a file, so that its words stand in the output alone."""

    def run() -> None:
        tool(["sh", "job.sh"], {"job.sh": line})

    return run


add("process_late", "subprocess", child("import time; time.sleep(9)", timeout=0.2), **LATE)
add(
    "process_killed",
    "subprocess",
    child("import os; os.kill(os.getpid(), 9)"),
    **MEMORY
    | {
        "transient": "unknown",
        "strategies": "GRACEFUL_DEGRADATION ESCALATION RETRY",
        "why": "killed from outside, mostly for its memory",
    },
)
add(
    "process_killed_shell",
    "subprocess",
    shell("exit 137"),
    **MEMORY
    | {
        "transient": "unknown",
        "strategies": "GRACEFUL_DEGRADATION ESCALATION RETRY",
        "why": "killed from outside, mostly for its memory",
    },
)
add(
    "process_terminated",
    "subprocess",
    child("import os; os.kill(os.getpid(), 15)"),
    **OPAQUE
    | {"strategies": "ESCALATION RETRY GRACEFUL_DEGRADATION", "why": "somebody asked it to stop"},
)
add(
    "process_segfault",
    "subprocess",
    child(f"import os; os.kill(os.getpid(), {int(signal.SIGSEGV)})"),
    **OPAQUE
    | {
        "strategies": "ESCALATION GRACEFUL_DEGRADATION ALTERNATIVE_PATH RETRY",
        "why": "a crash in native code",
    },
)
add(
    "process_abort",
    "subprocess",
    child("import os; os.abort()"),
    **OPAQUE
    | {
        "strategies": "ESCALATION GRACEFUL_DEGRADATION ALTERNATIVE_PATH RETRY",
        "why": "a crash in native code",
    },
)
add(
    "process_opaque",
    "subprocess",
    shell("exit 1"),
    **OPAQUE | {"strategies": "ESCALATION GRACEFUL_DEGRADATION ALTERNATIVE_PATH"},
)
add("process_not_found", "subprocess", shell("omnigen --build"), **MISSING_TOOL)
add(
    "process_not_executable",
    "subprocess",
    shell("/usr"),
    **BARRED
    | {
        "types": "SECURITY UNKNOWN VALIDATION",
        "strategies": "ESCALATION ALTERNATIVE_PATH",
        "why": "the program may not be run",
    },
)
add("process_timeout_tool", "subprocess", shell("timeout 0.1 sleep 5"), **LATE)
add(
    "process_temporary",
    "subprocess",
    shell("echo 'queue is busy; deferred' >&2; exit 75"),
    **TRANSIENT | {"why": "the exit code says that it is temporary"},
)
add(
    "process_configuration",
    "subprocess",
    shell("echo 'bad setting: workers' >&2; exit 78"),
    **ABSENT | {"why": "the exit code says that the configuration is wrong"},
)
add("process_no_permission", "subprocess", shell("echo 'not allowed' >&2; exit 77"), **BARRED)
add(
    "process_usage",
    "subprocess",
    shell("echo 'usage: build [-h] file' >&2; exit 64"),
    **ABSENT | {"why": "called wrongly"},
)
add(
    "process_network_text",
    "subprocess",
    shell(
        "echo 'curl: (7) Failed to connect to 127.0.0.1 port 9 after 0 ms: Connection refused' >&2; exit 7"
    ),
    **LINK | {"strategies": "RETRY ESCALATION"},
)
add(
    "process_denied_text",
    "subprocess",
    shell("echo 'fatal: Authentication failed for https://git.internal/nodes.git' >&2; exit 128"),
    **BARRED,
)
add(
    "process_full_text",
    "subprocess",
    shell(
        "echo 'tar: node.tar: Wrote only 4096 of 10240 bytes: No space left on device' >&2; exit 2"
    ),
    **FULL,
)


def told(line: str):
    """Say what the tool said, as many wrappers do."""

    def run() -> None:
        try:
            tool(["sh", "job.sh"], {"job.sh": line})
        except subprocess.CalledProcessError as error:
            raise RuntimeError(
                f"command failed with exit code {error.returncode}: {error.stderr.strip()}"
            ) from None

    return run


add(
    "told_network",
    "subprocess",
    told(
        "echo 'fatal: unable to access nodes.git: Could not resolve host: git.internal' >&2; exit 128"
    ),
    **LINK,
)
add(
    "told_reset",
    "subprocess",
    told("echo 'rsync: read error: Connection reset by peer (104)' >&2; exit 12"),
    **LINK | {"strategies": "RETRY"},
)
add(
    "told_denied",
    "subprocess",
    told("echo 'git@git.internal: Permission denied (publickey).' >&2; exit 255"),
    **BARRED,
)
add("told_absent", "subprocess", told("omnigen build"), **MISSING_TOOL)
add(
    "told_full",
    "subprocess",
    told("echo 'cp: error writing out.bin: No space left on device' >&2; exit 1"),
    **FULL,
)
add(
    "told_killed",
    "subprocess",
    told("echo Killed >&2; exit 137"),
    **MEMORY | {"transient": "unknown", "strategies": "GRACEFUL_DEGRADATION ESCALATION RETRY"},
)
add(
    "told_locked",
    "subprocess",
    told(
        "echo 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 (unattended-upgr)' >&2; exit 100"
    ),
    **TRANSIENT | {"why": "another process holds the lock for now"},
)
add(
    "process_absent",
    "subprocess",
    lambda: subprocess.run(["omnigen", "--version"], check=True),
    **MISSING_TOOL,
)
add(
    "process_cwd",
    "subprocess",
    lambda: subprocess.run(["ls"], cwd="/srv/nowhere", check=True),
    **ABSENT,
)
add(
    "process_argument_list",
    "subprocess",
    lambda: subprocess.run(["true", "x" * 3_000_000], check=True),
    **ABSENT
    | {
        "types": "VALIDATION UNKNOWN GENERATION",
        "strategies": "GRACEFUL_DEGRADATION ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH",
        "why": "too long a command line",
    },
)
add(
    "process_format",
    "subprocess",
    lambda: tool(["./run"], {"run": "x"}),
    **BARRED
    | {
        "types": "SECURITY UNKNOWN VALIDATION",
        "strategies": "ESCALATION ALTERNATIVE_PATH",
        "why": "the program may not be run",
    },
)


@case("process_reraised", "subprocess", tags=("cause-matters",), **LATE)
def _() -> None:
    try:
        child("import time; time.sleep(9)", timeout=0.1)()
    except subprocess.TimeoutExpired as error:
        raise RuntimeError("formatting was not finished") from error


@case("process_exec_async", "asyncio", **MISSING_TOOL)
async def _() -> None:
    import asyncio

    await asyncio.create_subprocess_exec("ruff-nightly", "check")


# ---- memory and depth
@case("memory_bytes", "memory", **MEMORY)
def _() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, before[1]))
    try:
        bytearray(64 << 30)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@case("memory_text", "memory", **MEMORY)
def _() -> None:
    raise MemoryError(
        "Unable to allocate 14.9 GiB for an array with shape (2000000000,) and data type float64"
    )


@case("memory_wrapped", "memory", tags=("cause-matters",), **MEMORY)
def _() -> None:
    try:
        raise MemoryError
    except MemoryError as error:
        raise RuntimeError("building the index failed") from error


@case("memory_child", "subprocess", **MEMORY | {"types": "UNKNOWN VALIDATION GENERATION"})
def _() -> None:
    child("raise MemoryError")()


@case(
    "recursion_function",
    "recursion",
    types="GENERATION UNKNOWN VALIDATION SYNTAX",
    strategies="ERROR_CORRECTION ESCALATION GRACEFUL_DEGRADATION ALTERNATIVE_PATH",
    transient="no",
    why="code without an end",
)
def _() -> None:
    def walk(node: object) -> object:
        return walk(node)

    walk(1)


@case(
    "recursion_json",
    "recursion",
    types="VALIDATION GENERATION UNKNOWN SYNTAX",
    strategies="ERROR_CORRECTION ESCALATION GRACEFUL_DEGRADATION ALTERNATIVE_PATH",
    transient="no",
    why="a document that is nested too deep",
)
def _() -> None:
    import json

    json.loads("[" * 100_000)


@case(
    "overflow_float",
    "math",
    types="VALIDATION GENERATION UNKNOWN",
    strategies="ERROR_CORRECTION ESCALATION ALTERNATIVE_PATH",
    transient="no",
    why="a number out of range",
)
def _() -> None:
    import math

    math.exp(1e6)


@case(
    "overflow_digits",
    "math",
    types="VALIDATION GENERATION UNKNOWN",
    strategies="ERROR_CORRECTION ESCALATION ALTERNATIVE_PATH",
    transient="no",
    why="a number out of range",
)
def _() -> None:
    int("9" * 5000)


@case("process_lock", "fcntl", **TRANSIENT | {"why": "another process holds the lock for now"})
def _() -> None:
    import fcntl

    with tempfile.NamedTemporaryFile() as one, pathlib.Path(one.name).open() as two:
        fcntl.flock(one, fcntl.LOCK_EX)
        fcntl.flock(two, fcntl.LOCK_EX | fcntl.LOCK_NB)
