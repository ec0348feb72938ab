"""A decorated stream hears what its reader sends and throws, as the undecorated one does."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator

Make = Callable[..., ErrorRecoveryOrchestrator]


async def test_what_is_sent_arrives(make: Make) -> None:
    """`asend()` reaches the stream below, after a recovery too."""
    opened = []

    @make(base_delay=0).recoverable
    async def echo() -> AsyncGenerator[str, str]:
        opened.append(1)
        if len(opened) == 1:
            raise ConnectionError("reset")
        said = yield "hello"
        while said:
            said = yield said.upper()

    stream = echo()

    assert [await anext(stream), await stream.asend("a"), await stream.asend("b")] == [
        "hello",
        "A",
        "B",
    ]
    with pytest.raises(StopAsyncIteration):
        await stream.asend("")
    assert len(opened) == 2


async def test_what_is_thrown_arrives(make: Make) -> None:
    """`athrow()` reaches the stream below, which may go on; what it does not catch comes out as it is."""

    @make().recoverable
    async def patient() -> AsyncGenerator[str, None]:
        try:
            yield "first"
        except KeyError:
            yield "caught"

    stream = patient()
    await anext(stream)
    assert await stream.athrow(KeyError("x")) == "caught"

    error = ValueError("not for it")
    with pytest.raises(ValueError, match="not for it") as raised:
        await stream.athrow(error)
    assert raised.value is error
    assert not hasattr(error, "__notes__")


@pytest.mark.parametrize("error", [None, ValueError("in the body"), StopAsyncIteration("odd")])
async def test_a_context_manager_hears_of_its_body(make: Make, error: Exception | None) -> None:
    """The clean-up of a transaction sees whether its body failed."""
    seen: list[str] = []

    @asynccontextmanager
    @make().recoverable
    async def transaction() -> AsyncIterator[str]:
        try:
            yield "connection"
        except Exception:
            seen.append("rolled back")
            raise
        else:
            seen.append("committed")
        finally:
            seen.append("closed")

    raised: BaseException | None = None
    try:
        async with transaction():
            if error is not None:
                raise error
    except Exception as caught:
        raised = caught

    assert raised is error
    assert seen == ["committed" if error is None else "rolled back", "closed"]
