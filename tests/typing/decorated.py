"""What a type checker makes of the three ways in; checked by mypy, never run."""

from __future__ import annotations

from typing import assert_type

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, ErrorType, RecoveryStrategy

orchestrator = ErrorRecoveryOrchestrator()


@orchestrator.recoverable
def plain(name: str, times: int = 1) -> str:
    """Be decorated without arguments."""
    return name * times


@orchestrator.recoverable(ErrorType.NETWORK, RecoveryStrategy.RETRY, attempt_timeout=2.0)
async def fetch(address: str) -> bytes:
    """Be decorated with arguments."""
    return address.encode()


async def use() -> None:
    """Use each of them."""
    assert_type(plain("a", times=2), str)
    assert_type(await fetch("a"), bytes)
    assert_type(await orchestrator.run(fetch, "a"), bytes)
    assert_type(orchestrator.run_sync(plain, "a"), str)
    assert_type(orchestrator.with_options(rerun="pure").run_sync(plain, "a"), str)
    orchestrator.run_sync(plain, 1)  # type: ignore[arg-type]
