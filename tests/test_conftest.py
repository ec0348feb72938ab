"""The guards that stand around every test do guard."""

from __future__ import annotations

import socket
import time

import pytest


def test_a_long_sleep_is_refused() -> None:
    """A test that waits for time to pass fails at once."""
    with pytest.raises(RuntimeError, match="use FakeClock"):
        time.sleep(1.0)


def test_a_connection_to_elsewhere_is_refused() -> None:
    """Neither a name nor an address outside this machine is reached."""
    with pytest.raises(RuntimeError, match="looked up"):
        socket.getaddrinfo("example.org", 80)
    with socket.socket() as client, pytest.raises(RuntimeError, match="opened a connection"):
        client.connect(("192.0.2.1", 80))


def test_this_machine_is_reached() -> None:
    """A local server is what tests talk to."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=1) as client,
    ):
        assert client.getpeername() == server.getsockname()
