"""Tasks, threads, processes and streams of the standard library, anyio and trio."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import multiprocessing
import os
import queue
import threading
import time
from typing import Any

from lab import add, black_hole, case, closed_port, wire

LATE = {
    "types": "TIMEOUT NETWORK",
    "strategies": "RETRY GRACEFUL_DEGRADATION",
    "transient": "yes",
    "why": "a deadline passed",
}
LINK = {
    "types": "NETWORK",
    "strategies": "RETRY ESCALATION",
    "transient": "yes",
    "why": "the transport failed",
}
MISUSE = {
    "types": "GENERATION SYNTAX VALIDATION UNKNOWN",
    "strategies": "ERROR_CORRECTION ESCALATION ALTERNATIVE_PATH",
    "transient": "no",
    "why": "a bug in the code that calls",
}
BUSY = {
    "types": "RATE_LIMIT UNKNOWN NETWORK TIMEOUT",
    "strategies": "RETRY GRACEFUL_DEGRADATION",
    "transient": "yes",
    "why": "there is no room for now",
}
LOST = {
    "types": "UNKNOWN NETWORK",
    "strategies": "RETRY ESCALATION GRACEFUL_DEGRADATION",
    "transient": "unknown",
    "why": "a worker died; nobody knows of what",
}


@case("asyncio_wait_for", "asyncio", **LATE)
async def _() -> None:
    await asyncio.wait_for(asyncio.sleep(9), 0.02)


@case("asyncio_timeout", "asyncio", **LATE)
async def _() -> None:
    async with asyncio.timeout(0.02):
        await asyncio.Event().wait()


@case("asyncio_timeout_wrapped", "asyncio", tags=("cause-matters",), **LATE)
async def _() -> None:
    try:
        await asyncio.wait_for(asyncio.Event().wait(), 0.02)
    except TimeoutError as error:
        raise RuntimeError("node generation aborted") from error


@case("asyncio_timeout_bare", "asyncio", **LATE)
async def _() -> None:
    try:
        await asyncio.wait_for(asyncio.Event().wait(), 0.02)
    except TimeoutError as error:
        raise RuntimeError(f"step failed: {error!r}") from None


@case("asyncio_timeout_group", "asyncio", tags=("group",), **LATE)
async def _() -> None:
    async def one() -> None:
        await asyncio.wait_for(asyncio.sleep(9), 0.01)

    async with asyncio.TaskGroup() as group:
        group.create_task(one())
        group.create_task(one())


@case(
    "asyncio_mixed_group",
    "asyncio",
    tags=("group",),
    types="GENERATION VALIDATION SYNTAX UNKNOWN",
    strategies="ERROR_CORRECTION ESCALATION ALTERNATIVE_PATH",
    transient="no",
    why="one member is permanent",
)
async def _() -> None:
    async def late() -> None:
        raise TimeoutError("deadline exceeded")

    async def wrong() -> None:
        {}["operation"]

    async with asyncio.TaskGroup() as group:
        group.create_task(late())
        group.create_task(wrong())


@case("asyncio_nested_group", "asyncio", tags=("group",), **LINK)
async def _() -> None:
    async def reach() -> None:
        await asyncio.open_connection("127.0.0.1", closed_port())

    async def inner() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(reach())

    async with asyncio.TaskGroup() as group:
        group.create_task(inner())


@case("asyncio_incomplete", "asyncio", **LINK | {"strategies": "RETRY"})
async def _() -> None:
    with wire(b"half") as address:
        reader, _writer = await asyncio.open_connection(*address)
        await reader.readexactly(64)


@case(
    "asyncio_limit",
    "asyncio",
    types="VALIDATION NETWORK UNKNOWN",
    strategies="ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION GRACEFUL_DEGRADATION",
    transient="no",
    why="a line is longer than the reader takes",
)
async def _() -> None:
    with wire(b"x" * 200) as address:
        reader, _writer = await asyncio.open_connection(*address, limit=50)
        await reader.readuntil(b"\n")


@case(
    "asyncio_line_limit",
    "asyncio",
    types="VALIDATION NETWORK UNKNOWN",
    strategies="ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION GRACEFUL_DEGRADATION",
    transient="no",
    why="a line is longer than the reader takes",
)
async def _() -> None:
    with wire(b"x" * 200) as address:
        reader, _writer = await asyncio.open_connection(*address, limit=50)
        await reader.readline()


@case("asyncio_refused", "asyncio", **LINK)
async def _() -> None:
    await asyncio.open_connection("127.0.0.1", closed_port())


@case("asyncio_connect_late", "asyncio", **LATE)
async def _() -> None:
    with black_hole() as address:
        async with asyncio.timeout(0.05):
            await asyncio.open_connection(*address)


@case("asyncio_state", "asyncio", **MISUSE)
async def _() -> None:
    future = asyncio.get_running_loop().create_future()
    future.set_result(1)
    future.set_result(2)


@case("asyncio_not_done", "asyncio", **MISUSE)
async def _() -> None:
    asyncio.get_running_loop().create_future().result()


@case("asyncio_queue_full", "asyncio", **BUSY)
async def _() -> None:
    jobs: asyncio.Queue[int] = asyncio.Queue(1)
    jobs.put_nowait(1)
    jobs.put_nowait(2)


@case(
    "asyncio_queue_empty",
    "asyncio",
    types="UNKNOWN TIMEOUT NETWORK",
    strategies="RETRY ESCALATION GRACEFUL_DEGRADATION ALTERNATIVE_PATH",
    transient="unknown",
    why="nothing there for now",
)
async def _() -> None:
    asyncio.Queue().get_nowait()


@case("asyncio_nested_run", "asyncio", **MISUSE)
async def _() -> None:
    steps = asyncio.sleep(0)
    try:
        asyncio.run(steps)
    finally:
        steps.close()


@case("asyncio_no_loop", "asyncio", **MISUSE)
def _() -> None:
    asyncio.get_running_loop()


@case("asyncio_other_loop", "asyncio", **MISUSE)
def _() -> None:
    lock = asyncio.Lock()

    async def hold() -> None:
        async with lock:
            await asyncio.sleep(0.01)

    async def two() -> None:
        await asyncio.gather(hold(), hold())

    asyncio.run(two())
    asyncio.run(two())


@case("asyncio_closed_loop", "asyncio", **MISUSE)
def _() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    step = asyncio.sleep(0)
    try:
        loop.run_until_complete(step)
    finally:
        step.close()


@case("asyncio_not_awaitable", "asyncio", **MISUSE)
async def _() -> None:
    await asyncio.gather(1, 2)


@case(
    "asyncio_barrier",
    "asyncio",
    **LATE
    | {
        "types": "UNKNOWN TIMEOUT NETWORK",
        "strategies": "RETRY ESCALATION GRACEFUL_DEGRADATION",
        "transient": "unknown",
        "why": "another party broke the barrier",
    },
)
async def _() -> None:
    barrier = asyncio.Barrier(2)
    await barrier.abort()
    await barrier.wait()


# ---- threads and processes
@case("futures_late", "concurrent.futures", **LATE)
def _() -> None:
    concurrent.futures.Future().result(timeout=0.02)


@case("futures_process_gone", "concurrent.futures", **LOST)
def _() -> None:
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        pool.submit(os._exit, 3).result(timeout=2)


@case("futures_thread_gone", "concurrent.futures", **LOST)
def _() -> None:
    def start() -> None:
        raise OSError("no data for this thread")

    with concurrent.futures.ThreadPoolExecutor(1, initializer=start) as pool:
        pool.submit(print).result(timeout=1)


@case("futures_shut_down", "concurrent.futures", **MISUSE)
def _() -> None:
    pool = concurrent.futures.ThreadPoolExecutor(1)
    pool.shutdown()
    pool.submit(print)


@case(
    "futures_remote",
    "concurrent.futures",
    types="VALIDATION GENERATION UNKNOWN",
    strategies="ERROR_CORRECTION ESCALATION ALTERNATIVE_PATH",
    transient="no",
    why="what the worker raised is permanent",
    tags=("cause-matters",),
)
def _() -> None:
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        pool.submit(int, "three").result(timeout=2)


@case("futures_remote_refused", "concurrent.futures", **LINK)
def _() -> None:
    import socket

    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        pool.submit(socket.create_connection, ("127.0.0.1", closed_port())).result(timeout=2)


@case("futures_pickle", "concurrent.futures", **MISUSE)
def _() -> None:
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        pool.submit(lambda: 1).result(timeout=2)


@case("multiprocessing_late", "multiprocessing", **LATE)
def _() -> None:
    with multiprocessing.Pool(1) as pool:
        pool.map_async(time.sleep, [9]).get(timeout=0.02)


@case(
    "multiprocessing_end",
    "multiprocessing",
    types="NETWORK UNKNOWN",
    strategies="RETRY ESCALATION ALTERNATIVE_PATH GRACEFUL_DEGRADATION",
    transient="unknown",
    why="the other process closed its end",
)
def _() -> None:
    one, two = multiprocessing.Pipe()
    two.close()
    one.recv()


@case(
    "multiprocessing_auth",
    "multiprocessing",
    types="SECURITY",
    strategies="ESCALATION",
    transient="no",
    why="the wrong key",
)
def _() -> None:
    from multiprocessing.connection import Client, Listener

    with Listener(("127.0.0.1", 0), authkey=b"a") as server:

        def answer() -> None:
            with contextlib.suppress(Exception):
                server.accept()

        threading.Thread(target=answer, daemon=True).start()
        Client(server.address, authkey=b"b")


@case(
    "multiprocessing_memory",
    "multiprocessing",
    types="VALIDATION UNKNOWN",
    strategies="ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    transient="no",
    why="a shared block that is not there",
)
def _() -> None:
    from multiprocessing.shared_memory import SharedMemory

    SharedMemory("omnibridge_no_such_block")


@case("queue_put_late", "queue", **BUSY)
def _() -> None:
    jobs: queue.Queue[int] = queue.Queue(1)
    jobs.put(1)
    jobs.put(2, timeout=0.02)


@case("thread_twice", "threading", **MISUSE)
def _() -> None:
    thread = threading.Thread(target=print, args=("",))
    thread.start()
    thread.join()
    thread.start()


@case("thread_release", "threading", **MISUSE)
def _() -> None:
    threading.Lock().release()


@case(
    "thread_start",
    "threading",
    types="UNKNOWN NETWORK RATE_LIMIT",
    strategies="GRACEFUL_DEGRADATION ESCALATION RETRY",
    transient="unknown",
    why="the system gives no more threads for now",
)
def _() -> None:
    raise RuntimeError("can't start new thread")


@case(
    "thread_broken_barrier",
    "threading",
    **LATE
    | {
        "types": "UNKNOWN TIMEOUT NETWORK",
        "strategies": "RETRY ESCALATION GRACEFUL_DEGRADATION",
        "transient": "unknown",
        "why": "another party broke the barrier",
    },
)
def _() -> None:
    barrier = threading.Barrier(2)
    barrier.abort()
    barrier.wait()


@case("sched_generator", "contextlib", **MISUSE)
def _() -> None:
    @contextlib.contextmanager
    def hold() -> Any:
        if threading is None:
            yield

    with hold():
        pass


@case("generator_stopped", "generators", **MISUSE)
def _() -> None:
    def numbers() -> Any:
        yield 1
        raise StopIteration

    list(numbers())


@case("generator_running", "generators", **MISUSE)
def _() -> None:
    def numbers() -> Any:
        next(me)
        yield

    me = numbers()
    next(me)


# ---- anyio and trio
@case("anyio_fail_after", "anyio", **LATE)
async def _() -> None:
    import anyio

    with anyio.fail_after(0.02):
        await anyio.sleep(9)


@case(
    "anyio_broken",
    "anyio",
    **LINK | {"strategies": "RETRY", "types": "NETWORK UNKNOWN", "transient": "yes"},
)
async def _() -> None:
    import anyio

    with wire(None, "reset") as (host, port):
        async with await anyio.connect_tcp(host, port) as stream:
            await stream.send(b"x")
            await stream.receive()
            await stream.receive()


@case(
    "anyio_end",
    "anyio",
    **LINK
    | {
        "types": "NETWORK UNKNOWN",
        "transient": "unknown",
        "why": "the other side closed the stream",
    },
)
async def _() -> None:
    import anyio

    with wire(b"") as (host, port):
        async with await anyio.connect_tcp(host, port) as stream:
            await stream.receive()


@case("anyio_incomplete", "anyio", **LINK | {"strategies": "RETRY"})
async def _() -> None:
    import anyio
    from anyio.streams.buffered import BufferedByteReceiveStream

    with wire(b"ab") as (host, port):
        async with await anyio.connect_tcp(host, port) as stream:
            await BufferedByteReceiveStream(stream).receive_exactly(9)


@case(
    "anyio_closed",
    "anyio",
    **MISUSE
    | {
        "types": "NETWORK GENERATION UNKNOWN VALIDATION",
        "strategies": "ERROR_CORRECTION ESCALATION RETRY ALTERNATIVE_PATH",
        "transient": "unknown",
        "why": "used after it was closed here",
    },
)
async def _() -> None:
    import anyio

    send, _receive = anyio.create_memory_object_stream[int](1)
    await send.aclose()
    await send.send(1)


@case("anyio_would_block", "anyio", **BUSY)
async def _() -> None:
    import anyio

    send, _receive = anyio.create_memory_object_stream[int](0)
    send.send_nowait(1)


@case(
    "anyio_busy",
    "anyio",
    **MISUSE
    | {
        "types": "UNKNOWN NETWORK GENERATION VALIDATION",
        "strategies": "ERROR_CORRECTION ESCALATION RETRY ALTERNATIVE_PATH",
        "transient": "unknown",
        "why": "another task is using it",
    },
)
async def _() -> None:
    import anyio

    raise anyio.BusyResourceError("reading from")


@case("anyio_refused", "anyio", tags=("cause-matters",), **LINK)
async def _() -> None:
    import anyio

    await anyio.connect_tcp("127.0.0.1", closed_port())


@case("anyio_group", "anyio", tags=("group",), **LATE)
async def _() -> None:
    import anyio

    async def one() -> None:
        with anyio.fail_after(0.01):
            await anyio.sleep(9)

    async with anyio.create_task_group() as group:
        group.start_soon(one)


@case("anyio_worker", "anyio", **LOST)
async def _() -> None:
    import anyio

    raise anyio.BrokenWorkerProcess


def trio(step: Any):
    """Run under the other event loop."""

    def run() -> None:
        import trio as loop

        loop.run(step)

    return run


async def _trio_late() -> None:
    import trio as loop

    with loop.fail_after(0.02):
        await loop.sleep_forever()


async def _trio_refused() -> None:
    import trio as loop

    await loop.open_tcp_stream("127.0.0.1", closed_port())


async def _trio_full() -> None:
    import trio as loop

    send, _receive = loop.open_memory_channel(0)
    send.send_nowait(1)


async def _trio_broken() -> None:
    import trio as loop

    send, receive = loop.open_memory_channel(0)
    receive.close()
    await send.send(1)


async def _trio_group() -> None:
    import trio as loop

    async with loop.open_nursery() as group:
        group.start_soon(_trio_refused)
        group.start_soon(_trio_late)


async def _trio_missing_await() -> None:
    import trio as loop

    loop.run(loop.sleep_forever)


add("trio_late", "trio", trio(_trio_late), **LATE)
add("trio_refused", "trio", trio(_trio_refused), tags=("cause-matters",), **LINK)
add("trio_would_block", "trio", trio(_trio_full), **BUSY)
add(
    "trio_broken",
    "trio",
    trio(_trio_broken),
    **LINK
    | {
        "types": "NETWORK UNKNOWN",
        "transient": "unknown",
        "why": "the other side closed the channel",
    },
)
add("trio_group", "trio", trio(_trio_group), tags=("group",), **LINK | {"types": "NETWORK TIMEOUT"})
add("trio_inside", "trio", trio(_trio_missing_await), **MISUSE)
