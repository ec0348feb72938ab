"""The worker of the survival tests: a three-stage workflow that a human has to help, on a journal.

One call of `work()` is one life of the process. Everything that happens outside of it is in the
folder: ``journal.db``, ``trace`` (a line for each body, call and wait, written before it begins),
``result.json`` at the end. Every moment at which a life may end is announced to `Ticks`.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import os
import signal
import sys
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from omninode_bridge.agents.workflows import (
    Decision,
    ErrorRecoveryOrchestrator,
    JournalEngine,
    RecoveryContext,
    StagedParallelExecutor,
    WorkflowStage,
    WorkflowStep,
)
from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, SystemClock
from omninode_bridge.agents.workflows.recovery_models import AlreadyResolved, Receipt

DONE, PAUSED, BROKEN = 0, 3, 4
VARIANTS = ("plain", "handled", "sync", "parallel", "ladder", "waiting")
WORKFLOW = "w1"
RETRIES = 2


class Ticks:
    """Counts the moments of one life; the process ends itself at the wanted one."""

    def __init__(self, kill_at: int = 0, names: Path | None = None) -> None:
        self.count, self._kill_at, self._names = 0, kill_at, names

    def __call__(self, name: str) -> None:
        self.count += 1
        if self._names is not None:
            append(self._names, f"{self.count} {name}")
        if self.count == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


class LastingClock(SystemClock):
    """A clock whose waits take no time and outlive the process, as a machine's clock does."""

    def __init__(self, folder: Path, tick: Ticks) -> None:
        self._file, self._trace, self._tick = folder / "clock", folder / "trace", tick

    def monotonic(self) -> float:
        lines = self._file.read_text().split() if self._file.exists() else []
        return 1000.0 + sum(map(float, lines))

    def now(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=self.monotonic())

    async def sleep(self, seconds: float) -> None:
        append(self._trace, f"wait {seconds!r}")
        for _ in range(2):  # a life may end in the middle of it
            self._tick("wait")
            append(self._file, repr(seconds / 2))
        await asyncio.sleep(0)


class Post:
    """A channel that posts the notice to a server of this machine."""

    def __init__(self, port: int, name: str, tick: Ticks) -> None:
        self._port, self._name, self._tick = port, name, tick

    async def send(self, report: Any) -> Receipt:
        self._tick("notice")
        body = json.dumps({"id": report.escalation_id, "repeat": report.repeat})
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        connection.request("POST", f"/{self._name}", body)
        connection.getresponse().read()
        connection.close()
        self._tick("notice sent")
        return Receipt(True, "post")


class World:
    """What the bodies of the steps work with."""

    trace: Path
    tick: Ticks
    orchestrator: ErrorRecoveryOrchestrator

    def begins(self, what: str) -> None:
        append(self.trace, what)
        self.tick(f"begins {what}")


WORLD = World()


# -- the workflow ------------------------------------------------------------------------------


async def load(number: int) -> Any:
    WORLD.begins(f"body load{number}")
    value = {"text": f"broken {number}" if number == 1 else f"fine {number}", "number": number}
    WORLD.tick("body done")
    return value


async def convert(inputs: Any, number: int) -> Any:
    WORLD.begins(f"body convert{number}")
    text = await WORLD.orchestrator.run(render, inputs[f"load{number}"]["text"])
    WORLD.tick("body done")
    return {"text": text}


async def convert_handled(inputs: Any, number: int) -> Any:
    WORLD.begins(f"body convert{number}")
    text = inputs[f"load{number}"]["text"]
    try:
        return await render(text)
    except ValueError as error:
        context = RecoveryContext(
            WORKFLOW, f"convert{number}", exception=error, state={"text": text}
        )
    result = await WORLD.orchestrator.handle_error(context, operation=render)
    WORLD.tick("body done")
    return result


def convert_sync(inputs: Any, number: int) -> Any:
    WORLD.begins(f"body convert{number}")
    text = WORLD.orchestrator.run_sync(render_sync, inputs[f"load{number}"]["text"])
    WORLD.tick("body done")
    return {"text": text}


async def convert_ladder(inputs: Any, number: int) -> Any:
    WORLD.begins(f"body convert{number}")
    text = await WORLD.orchestrator.with_options(
        strategy="retry",
        fallback_strategies=["escalation"],
        retry={"max_retries": RETRIES, "base_delay": 4.0, "jitter": "none"},
    ).run(fetch, inputs[f"load{number}"]["text"])
    WORLD.tick("body done")
    return {"text": text}


async def write(inputs: Any) -> Any:
    WORLD.begins("body write")
    joined = {name: inputs[name] for name in sorted(inputs)}
    WORLD.tick("body done")
    return {"joined": joined, "size": len(json.dumps(joined))}


async def render(text: str) -> str:
    return render_sync(text)


def render_sync(text: str) -> str:
    WORLD.begins(f"call {text}")
    if "broken" in text:
        raise ValueError(f"cannot render {text}")
    WORLD.tick("call done")
    return text.upper()


async def fetch(text: str) -> str:
    WORLD.begins(f"call {text}")
    if "broken" in text:
        raise ConnectionResetError("the other side hung up")
    WORLD.tick("call done")
    return text.upper()


def stages(variant: str) -> list[WorkflowStage]:
    numbers = (0, 1, 2) if variant == "parallel" else (1,)
    body = {"handled": convert_handled, "sync": convert_sync, "ladder": convert_ladder}
    operation = body.get(variant, convert)

    def steps(name: str, work: Any) -> list[WorkflowStep]:
        return [WorkflowStep(f"{name}{n}", work, arguments={"number": n}) for n in numbers]

    return [
        WorkflowStage("read", steps("load", load)),
        WorkflowStage("convert", steps("convert", operation), dependencies=["read"]),
        WorkflowStage(
            "write",
            [WorkflowStep("write", write, dependencies=[f"convert{n}" for n in numbers])],
        ),
    ]


def work(folder: Path, variant: str, port: int, tick: Ticks) -> int:
    """Live once; returns how the workflow stands."""
    WORLD.trace, WORLD.tick = folder / "trace", tick
    clock = LastingClock(folder, tick) if variant == "ladder" else SYSTEM_CLOCK
    with JournalEngine(folder / "journal.db", clock=clock, boundary=tick) as engine:
        WORLD.orchestrator = ErrorRecoveryOrchestrator(
            engine=engine,
            clock=clock,
            escalation={"pause_workflow": variant == "waiting", "timeout": 60.0},
            notifiers={"post": Post(port, folder.name, tick)},
        )
        executor = StagedParallelExecutor(engine=engine, clock=clock)
        result = asyncio.run(executor.execute_workflow(WORKFLOW, stages(variant)))
    if not result.success:
        return PAUSED
    aside = folder / "result.aside"
    aside.write_text(json.dumps(dict(result.results), indent=1, sort_keys=True))
    tick("result")
    aside.replace(folder / "result.json")
    tick("result placed")
    return DONE


# -- the human ---------------------------------------------------------------------------------


def answer(folder: Path, tick: Ticks) -> int:
    """Answer what is open, then try to answer it otherwise; returns 0 once something was answered."""

    async def talk(engine: JournalEngine) -> int:
        code = PAUSED
        for row in await engine.escalations.list("open"):
            await engine.escalations.resolve(row.id, Decision.edit({"text": "mended"}), by="ann")
            code = DONE
            tick("answered")
        for row in await engine.escalations.list("resolved"):
            late = await engine.escalations.resolve(row.id, Decision.abort(), by="bob")
            if not isinstance(late, AlreadyResolved) or late.by != "ann":
                raise AssertionError(f"the second answer was told {late!r}")
            code = DONE
        return code

    with JournalEngine(folder / "journal.db", boundary=tick) as engine:
        return asyncio.run(talk(engine))


def append(path: Path, line: str) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, f"{line}\n".encode())
    finally:
        os.close(descriptor)


def live(folder: Path, role: Any, *arguments: Any) -> None:
    """Do it and end this process, without anything that the parent registered."""
    code = BROKEN
    try:
        logging.disable(logging.CRITICAL)
        code = role(folder, *arguments)
    except BaseException:
        append(folder / "errors", traceback.format_exc())
    finally:
        sys.stdout.flush()
        os._exit(code)
