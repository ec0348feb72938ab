"""Situations under an event loop: awaits, tasks, threads, timeouts."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ._stage import about, declines, runs, touch


async def fetch(one: Any, two: Any = 2) -> Any:
    await asyncio.sleep(0)
    return touch("fetch", one, two)


def fetch_blocking(one: Any) -> Any:
    return touch("blocking", one)


async def slow(one: Any) -> None:
    await asyncio.sleep(one)


async def after_a_future(one: Any) -> Any:
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.call_soon(future.set_exception, ConnectionError("reset"))
    if touched := [call for call in seen() if call == ("future", one)]:
        return ("done", *touched[0])
    seen().append(("future", one))
    await future


def seen() -> list[Any]:
    from ._stage import SEEN

    return SEEN


class Client:
    async def fetch(self, one: Any) -> Any:
        await asyncio.sleep(0)
        return touch("client", one)


def get_client() -> Client:
    return Client()


client = Client()


class Proxy:
    def __getattr__(self, name: str) -> Any:
        return getattr(client, name)


proxy = Proxy()


async def keeps_failing(future: list[Any]) -> None:
    """Work for others: hands the error over and lives on."""
    try:
        await fetch(1)
    except ConnectionError as error:
        future[0].set_exception(error)
    await asyncio.sleep(0)


@runs("fetch", 1, 3, source="traceback of fetch()")
async def a_coroutine(o: Any) -> Any:
    try:
        await fetch(1, two=3)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("future", 1)
async def a_coroutine_that_waited_for_a_future(o: Any) -> Any:
    try:
        await after_a_future(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("client", 1, source="traceback of Client.fetch()")
async def a_coroutine_method(o: Any) -> Any:
    try:
        await client.fetch(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("client", 1)
async def a_coroutine_method_of_something_new(o: Any) -> Any:
    try:
        await Client().fetch(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("client", 1, since=(3, 12))
async def a_coroutine_method_of_what_a_call_gave(o: Any) -> Any:
    try:
        await get_client().fetch(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("client", 1, since=(3, 12))
async def a_coroutine_method_through_a_proxy(o: Any) -> Any:
    try:
        await proxy.fetch(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("fetch", 1, 2)
async def a_coroutine_in_a_variable(o: Any) -> Any:
    waiting = fetch(1)
    try:
        await waiting
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("fetch", 1, 2)
async def inside_a_timeout(o: Any) -> Any:
    try:
        async with asyncio.timeout(5):
            await fetch(1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@declines("not called there directly")
async def the_timeout_itself(o: Any) -> Any:
    try:
        async with asyncio.timeout(0):
            await slow(5)
    except TimeoutError as error:
        return await o.handle_error(about(error))


@runs("fetch", 1, 2)
async def wait_for(o: Any) -> Any:
    try:
        await asyncio.wait_for(fetch(1), 5)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("fetch", 1, 2)
async def wait_for_without_a_limit(o: Any) -> Any:
    try:
        await asyncio.wait_for(fetch(1), None)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("fetch", 1, 2)
async def wait_for_a_task(o: Any) -> Any:
    try:
        await asyncio.wait_for(asyncio.create_task(fetch(1)), 5)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@declines("by the standard library")
async def wait_for_that_expires(o: Any) -> Any:
    try:
        await asyncio.wait_for(slow(5), 0)
    except TimeoutError as error:
        return await o.handle_error(about(error))


@declines("not called there")
async def wait_for_several(o: Any) -> Any:
    try:
        await asyncio.wait_for(asyncio.gather(fetch(1), fetch(2)), 5)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("blocking", 1)
async def to_thread(o: Any) -> Any:
    try:
        await asyncio.to_thread(fetch_blocking, 1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("blocking", 1)
async def wait_for_a_thread(o: Any) -> Any:
    try:
        await asyncio.wait_for(asyncio.to_thread(fetch_blocking, 1), 5)
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("fetch", 1, 2)
async def an_asynchronous_comprehension(o: Any) -> Any:
    try:
        [await fetch(one) for one in (1, 2)]
    except ConnectionError as error:
        return await o.handle_error(about(error))


@runs("fetch", 1, 2)
def plain_code_that_runs_a_loop(o: Any) -> Any:
    try:
        asyncio.run(fetch(1))
    except ConnectionError as error:
        return asyncio.run(o.handle_error(about(error)))


@runs("blocking", 1)
def plain_code_without_a_loop(o: Any) -> Any:
    try:
        fetch_blocking(1)
    except ConnectionError as error:
        return asyncio.run(o.handle_error(about(error)))


@runs("fetch", 1, 2, since=(3, 12))
async def handled_under_a_timeout(o: Any) -> Any:
    try:
        await fetch(1)
    except ConnectionError as error:
        return await asyncio.wait_for(o.handle_error(about(error)), 5)


@declines("is waiting for")
async def handled_in_another_task(o: Any) -> Any:
    try:
        await fetch(1)
    except ConnectionError as error:
        task = asyncio.create_task(o.handle_error(about(error)))
    return await task


@declines("is waiting for")
async def handled_in_another_thread(o: Any) -> Any:
    results: list[Any] = []
    try:
        await fetch(1)
    except ConnectionError as error:
        context = about(error)
        thread = threading.Thread(
            target=lambda: results.append(asyncio.run(o.handle_error(context)))
        )
        thread.start()
        thread.join()
    return results[0]


async def catches(kept: list[Any]) -> None:
    try:
        await fetch(1)
    except ConnectionError as error:
        kept.append(error)


@declines("is waiting for")
async def kept_and_handled_elsewhere(o: Any) -> Any:
    kept: list[Any] = []
    await catches(kept)
    return await o.handle_error(about(kept[0]))


@declines("did not end")
async def kept_and_raised_elsewhere(o: Any) -> Any:
    kept: list[Any] = []
    await catches(kept)
    try:
        raise kept[0]
    except ConnectionError as error:
        return await o.handle_error(about(error))


@declines("not called there")
async def a_task(o: Any) -> Any:
    try:
        await asyncio.create_task(fetch(1))
    except ConnectionError as error:
        return await o.handle_error(about(error))


@declines("not called there")
async def several_at_once(o: Any) -> Any:
    try:
        await asyncio.gather(fetch(1), slow(0))
    except ConnectionError as error:
        return await o.handle_error(about(error))


@declines("not called there")
async def a_group_of_tasks(o: Any) -> Any:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fetch(1))
    except BaseExceptionGroup as error:
        return await o.handle_error(about(error))


@declines("is waiting for")
async def one_of_a_group(o: Any) -> Any:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fetch(1))
    except BaseExceptionGroup as error:
        return await o.handle_error(about(error.exceptions[0]))


@declines("not called there")
async def a_shield(o: Any) -> Any:
    try:
        await asyncio.shield(fetch(1))
    except ConnectionError as error:
        return await o.handle_error(about(error))


@declines("did not end")
async def a_future_that_somebody_else_failed(o: Any) -> Any:
    future = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(keeps_failing([future]))
    try:
        await future
    except ConnectionError as error:
        return await o.handle_error(about(error))
    finally:
        await task


@declines("did not end")
async def a_future_that_was_failed_by_a_call_that_returned(o: Any) -> Any:
    future = asyncio.get_running_loop().create_future()
    await keeps_failing([future])
    try:
        await future
    except ConnectionError as error:
        return await o.handle_error(about(error))


@declines("did not end")
async def wait_for_a_future_of_somebody_else(o: Any) -> Any:
    future = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(keeps_failing([future]))
    try:
        await asyncio.wait_for(future, 5)
    except ConnectionError as error:
        return await o.handle_error(about(error))
    finally:
        await task


@declines("belongs to the standard library")
async def a_pool(o: Any) -> Any:
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(fetch_blocking, 1)
        try:
            future.result()
        except ConnectionError as error:
            return await o.handle_error(about(error))


@declines("not called there")
async def an_executor_of_the_loop(o: Any) -> Any:
    try:
        await asyncio.get_running_loop().run_in_executor(None, fetch_blocking, 1)
    except ConnectionError as error:
        return await o.handle_error(about(error))


async def stream(one: Any) -> Any:
    yield touch("stream", one)


@declines("not called there")
async def an_asynchronous_generator(o: Any) -> Any:
    try:
        async for _ in stream(1):
            pass
    except ConnectionError as error:
        return await o.handle_error(about(error))
