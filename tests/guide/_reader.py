"""Somebody who reads the guide and copies its blocks into one module, as they are printed."""

from __future__ import annotations

import ast
import asyncio
import inspect
import io
import sys
import textwrap
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any, Self
from unittest import mock

from omninode_bridge.agents.workflows import (
    BaseRecoveryStrategy,
    ErrorRecoveryOrchestrator,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
)

from ._blocks import BLOCKS
from ._virtual_time import VirtualTimeLoop

__all__ = ["AlwaysFails", "Reader"]

# Where the guide prints `...` for an argument. Nothing else of a block is ever replaced.
FILLED = ("handle_error(...)", "StagedParallelExecutor(...)", "ErrorRecoveryOrchestrator(...)")
MODULE = "reader_of_the_guide"


class AlwaysFails(BaseRecoveryStrategy):
    """Stands for a kind of strategy and never recovers anything."""

    async def execute(self, context: RecoveryContext, **kwargs: Any) -> RecoveryResult:
        return RecoveryResult.failed(self.strategy_type, "this strategy is switched off")


class Reader:
    """Runs blocks of the guide in one namespace, on a loop on which no wait takes time.

    Args:
        folder: the reader's own.
        without: a kind of strategy that never recovers anything, on any orchestrator that the reader
            has, whatever is registered for it.

    Attributes:
        ran: numbers of the blocks that ran, in order.
    """

    def __init__(self, folder: Path, *, without: RecoveryStrategy | None = None) -> None:
        self.folder = folder
        self.without = without
        self.ran: list[int] = []
        self._printed = io.StringIO()
        self._module = ModuleType(MODULE)
        self._runner = asyncio.Runner(loop_factory=VirtualTimeLoop)
        self._written = 0

    def __enter__(self) -> Self:
        self._runner.__enter__()
        self._clock = mock.patch("time.monotonic", self._machine_time(time.monotonic))
        self._clock.start()
        sys.modules[MODULE] = self._module
        return self

    def __exit__(self, *exc: object) -> None:
        del sys.modules[MODULE]
        self._clock.stop()
        self._runner.__exit__(*exc)

    # -- what the reader has ------------------------------------------------------------------

    def __getitem__(self, name: str) -> Any:
        return self._module.__dict__[name]

    def __contains__(self, name: str) -> bool:
        return name in self._module.__dict__

    def supply(self, **names: Any) -> None:
        """Define names that the guide leaves undefined."""
        self._module.__dict__.update(names)
        self._switch_off()

    def write(self, source: str) -> None:
        """Run code of the reader's own, at the top of the same module."""
        self._written += 1
        self._execute(textwrap.dedent(source), f"reader_{self._written}.py")

    # -- the guide ----------------------------------------------------------------------------

    def run(self, number: int, fill: Mapping[str, str] | None = None) -> Any:
        """Run a block as printed.

        Args:
            number: of the block.
            fill: what stands in place of the calls that the guide prints with `...`.

        Returns:
            The value of the block's last line, where that is an expression.
        """
        block = BLOCKS[number]
        text = block.text
        places = [place for place in FILLED if place in text]
        assert sorted(places) == sorted(fill or {}), f"block {number} prints {places}"
        for place, call in (fill or {}).items():
            assert text.count(place) == 1
            text = text.replace(place, call)
        value = self._execute("\n" * (block.line - 1) + text, f"guide_block_{number}.py")
        self.ran.append(number)
        return value

    def printed(self) -> list[str]:
        """Return the lines that were printed since this was asked last."""
        lines = self._printed.getvalue().splitlines()
        self._printed.seek(0)
        self._printed.truncate()
        return lines

    # -- time ---------------------------------------------------------------------------------

    @property
    def passed(self) -> float:
        """The seconds that were waited so far."""
        return self._loop.time()

    def _machine_time(self, real: Callable[[], float]) -> Callable[[], float]:
        """Let the machine's clock go on by what was waited, so that a recovery's duration has it."""
        return lambda: real() + self.passed

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return self._runner.get_loop()

    def wait_for(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end."""
        self._switch_off()
        with redirect_stdout(self._printed):
            return self._runner.run(work)

    def meanwhile(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Let a coroutine run while blocks do."""
        return self._loop.create_task(work)

    # -- running ------------------------------------------------------------------------------

    def _execute(self, source: str, name: str) -> Any:
        self._switch_off()
        tree = ast.parse(source, name)
        names = self._module.__dict__
        value = None
        last = tree.body[-1] if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        steps: list[ast.AST] = [ast.Module(tree.body[:-1] if last else tree.body, [])]
        if last is not None:
            steps.append(ast.Expression(last.value))
        try:
            for step in steps:
                mode = "eval" if isinstance(step, ast.Expression) else "exec"
                code = compile(
                    step, name, mode, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
                )
                with redirect_stdout(self._printed):
                    value = eval(code, names)
                    if code.co_flags & inspect.CO_COROUTINE:
                        value = self._runner.run(value)
        finally:
            self._switch_off()
        return value

    def _switch_off(self) -> None:
        if self.without is None:
            return
        for thing in list(self._module.__dict__.values()):
            if isinstance(thing, ErrorRecoveryOrchestrator):
                thing.register_strategy(self.without, AlwaysFails(self.without))
