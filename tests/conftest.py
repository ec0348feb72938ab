"""What holds for every test: no network beyond this machine, no real waiting, reproducible properties."""

from __future__ import annotations

import ipaddress
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

LONGEST_SLEEP = 0.5  # seconds; polling a child process is fine, waiting for time to pass is not

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def is_local(host: object) -> bool:
    """Does this address stay on this machine?"""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in {None, "", "localhost"}:
        return True
    try:
        address = ipaddress.ip_address(str(host))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def forbid(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse connections to elsewhere; an audit hook sees them whichever library asks."""
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        if isinstance(address, tuple) and not is_local(address[0]):
            raise RuntimeError(f"a test opened a connection to {address!r}; use a local server")
    elif event == "socket.getaddrinfo" and not is_local(arguments[0]):
        raise RuntimeError(f"a test looked up {arguments[0]!r}; use a local server")


sys.addaudithook(forbid)


@pytest.fixture(scope="session", autouse=True)
def signals_of_children() -> Iterator[None]:
    """Give child processes the signals that ``nohup`` and a shell's ``&`` make this one ignore.

    What is ignored stays so in every program that is started; what is caught does not.
    """
    ignored = [
        one
        for one in (signal.SIGINT, signal.SIGHUP)
        if signal.getsignal(one) is signal.SIG_IGN
        and threading.current_thread() is threading.main_thread()
    ]
    for one in ignored:
        signal.signal(one, signal.default_int_handler if one is signal.SIGINT else lambda *_: None)
    yield
    for one in ignored:
        signal.signal(one, signal.SIG_IGN)


@pytest.fixture(scope="session", autouse=True)
def no_long_sleep() -> Iterator[None]:
    """Refuse to wait for time to pass."""
    sleep = time.sleep

    def short_sleep(seconds: float) -> None:
        if seconds > LONGEST_SLEEP:
            raise RuntimeError(f"a test slept for {seconds} s; use FakeClock")
        sleep(seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", short_sleep)
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder that holds `tests`, with the rest of the checkout around it."""
    return Path(__file__).resolve().parent.parent
