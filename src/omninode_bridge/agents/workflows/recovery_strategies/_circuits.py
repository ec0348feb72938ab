"""The state of circuits: closed, open, half open; one for each dependency."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["CircuitLimits", "CircuitSnapshot", "CircuitState", "Circuits", "Permit", "Refusal"]

logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")

MAX_CIRCUITS: Final = 1_000


class CircuitState(StrEnum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitLimits:
    """When a circuit opens and closes.

    Attributes:
        failure_threshold: consecutive failures that open it.
        cooldown_seconds: how long it stays open.
        half_open_probes: calls that go through at one time after that.
        success_threshold: of these, successes that close it.
    """

    failure_threshold: int
    cooldown_seconds: float
    half_open_probes: int
    success_threshold: int


@dataclass(frozen=True, slots=True)
class CircuitSnapshot:
    """A circuit at one moment.

    Attributes:
        state: whether calls go through; one whose cooldown is over is half open.
        failures: consecutive ones so far.
        seconds_left: of the cooldown.
        probes: calls that are on their way while it is half open.
    """

    state: CircuitState = CircuitState.CLOSED
    failures: int = 0
    seconds_left: float = 0.0
    probes: int = 0


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to run one call; it must be settled, whatever comes of the call.

    Attributes:
        dependency: whose circuit it is of.
        period: of the circuit; what a call of an earlier period brings does not count any more.
        probe: the circuit was half open.
    """

    dependency: str
    period: int
    probe: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """No call may run.

    Attributes:
        seconds_left: of the cooldown; 0.0 where it is over and probes are on their way.
    """

    seconds_left: float


class _Circuit:
    __slots__ = (
        "failures",
        "is_open",
        "open_until",
        "period",
        "probe_until",
        "probes",
        "successes",
    )

    def __init__(self) -> None:
        self.is_open = False
        self.open_until = self.probe_until = 0.0
        self.failures = self.successes = self.probes = self.period = 0


class Circuits:
    """Circuits by dependency, for any number of threads; no user code runs under the lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._circuits: OrderedDict[str, _Circuit] = OrderedDict()

    def admit(self, dependency: str, limits: CircuitLimits, now: float) -> Permit | Refusal:
        """Give leave to run one call, or say why not."""
        with self._lock:
            circuit = self._circuit(dependency)
            if not circuit.is_open:
                return Permit(dependency, circuit.period, probe=False)
            if now < circuit.open_until:
                return Refusal(circuit.open_until - now)
            if circuit.probes >= limits.half_open_probes:
                if now < circuit.probe_until:
                    return Refusal(0.0)
                # probes that hang must not keep the circuit open for ever
                circuit.period += 1
                circuit.probes = 0
            circuit.probes += 1
            circuit.probe_until = now + limits.cooldown_seconds
            return Permit(dependency, circuit.period, probe=True)

    def settle(
        self,
        permit: Permit,
        limits: CircuitLimits,
        now: float,
        *,
        ok: bool | None,
    ) -> None:
        """Say what came of the call: True, False, or None where it tells nothing."""
        with self._lock:
            event = self._settle(permit, limits, now, ok=ok)
        # after the lock: a log handler is somebody else's code
        if event == "opened":
            logger.warning(
                "breaker.opened",
                extra={
                    "dependency": permit.dependency,
                    "cooldown_seconds": limits.cooldown_seconds,
                },
            )
        elif event == "closed":
            logger.info("breaker.closed", extra={"dependency": permit.dependency})

    def _settle(self, permit: Permit, limits: CircuitLimits, now: float, *, ok: bool | None) -> str:
        circuit = self._circuits.get(permit.dependency)
        if circuit is None or circuit.period != permit.period:
            return ""
        if permit.probe:
            circuit.probes -= 1
        if ok is None:
            return ""
        if not ok:
            circuit.failures += 1
            if not permit.probe and circuit.failures < limits.failure_threshold:
                return ""
            circuit.is_open = True
            circuit.open_until = now + limits.cooldown_seconds
            circuit.period += 1
            circuit.probes = circuit.successes = 0
            return "opened"
        if not permit.probe:
            circuit.failures = 0
            return ""
        circuit.successes += 1
        if circuit.successes < limits.success_threshold:
            return ""
        _close(circuit)
        return "closed"

    def snapshot(self, dependency: str, now: float) -> CircuitSnapshot:
        """Return a circuit as it is at this moment; one that was never used is closed."""
        with self._lock:
            circuit = self._circuits.get(dependency)
            if circuit is None:
                return CircuitSnapshot()
            if not circuit.is_open:
                return CircuitSnapshot(failures=circuit.failures)
            left = max(0.0, circuit.open_until - now)
            state = CircuitState.OPEN if left else CircuitState.HALF_OPEN
            return CircuitSnapshot(state, circuit.failures, left, circuit.probes)

    def names(self) -> tuple[str, ...]:
        """Return the dependencies that have a circuit."""
        with self._lock:
            return tuple(self._circuits)

    def reset(self, dependency: str | None) -> None:
        """Close one circuit, or all."""
        with self._lock:
            for name, circuit in self._circuits.items():
                if dependency is None or name == dependency:
                    _close(circuit)

    def _circuit(self, dependency: str) -> _Circuit:
        circuit = self._circuits.get(dependency)
        if circuit is not None:
            self._circuits.move_to_end(dependency)
            return circuit
        if len(self._circuits) >= MAX_CIRCUITS:
            # a closed one without failures says nothing; else the one that was quiet longest goes
            quiet = (name for name, one in self._circuits.items() if not one.failures)
            del self._circuits[next(quiet, next(iter(self._circuits)))]
        circuit = self._circuits[dependency] = _Circuit()
        return circuit


def _close(circuit: _Circuit) -> None:
    circuit.is_open = False
    circuit.failures = circuit.successes = circuit.probes = 0
    circuit.period += 1
