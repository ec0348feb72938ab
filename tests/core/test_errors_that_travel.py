"""The error that a recovery raises anew goes wherever it went before: to other processes, into copies."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator
from omninode_bridge.agents.workflows._attached import attached_call

Make = Callable[..., ErrorRecoveryOrchestrator]


def failing(unsendable: object) -> None:
    raise ConnectionRefusedError(111, "refused")


def recovered_in_a_worker() -> None:
    from omninode_bridge.testing import FakeClock

    ErrorRecoveryOrchestrator(clock=FakeClock()).run_sync(failing, lambda: None)


def raised_by(orchestrator: ErrorRecoveryOrchestrator) -> ConnectionError:
    with pytest.raises(ConnectionError) as caught:
        orchestrator.run_sync(failing, lambda: None)
    return caught.value


def test_it_can_be_pickled(make: Make) -> None:
    """With its arguments and notes, though the arguments of the call cannot be."""
    error = raised_by(make())

    arrived = pickle.loads(pickle.dumps(error))

    assert (type(arrived), arrived.args, arrived.__notes__) == (
        ConnectionRefusedError,
        (111, "refused"),
        error.__notes__,
    )
    assert attached_call(arrived) is None
    with pytest.raises(ConnectionError):
        make().run_sync(_raise, arrived)
    assert attached_call(arrived) is not None


def _raise(error: Exception) -> None:
    raise error


def test_it_can_be_read_where_the_package_is_missing(make: Make) -> None:
    """Whoever started the worker need not have us."""
    data = pickle.dumps(raised_by(make()))
    program = (
        "import pickle, sys; error = pickle.loads(sys.stdin.buffer.read());"
        "print(type(error).__name__, 'omninode_bridge' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-S", "-c", program], input=data, capture_output=True, check=True
    )

    assert done.stdout.split() == [b"ConnectionRefusedError", b"False"]


def test_it_can_be_copied(make: Make) -> None:
    """Flat and in depth."""
    error = raised_by(make())

    assert copy.copy(error).args == copy.deepcopy(error).args == (111, "refused")


@pytest.mark.slow
def test_it_comes_back_from_a_worker_process() -> None:
    """The parent sees the original error, not that it could not be sent."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        error = pool.submit(recovered_in_a_worker).exception()

    assert type(error) is ConnectionRefusedError
