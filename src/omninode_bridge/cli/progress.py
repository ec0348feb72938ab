"""The progress bar: on a terminal only, on stderr only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from omninode_bridge.agents.workflows.staged_execution import ProgressEvent

__all__ = ["Bar", "progress_bar"]

_WORDS = {
    "contract": "reading contracts",
    "names": "comparing names",
    "models": "writing models",
    "node": "writing nodes",
    "tests": "writing tests",
    "written": "formatting",
    "format": "formatting",
    "formatted": "checking packages",
    "check": "checking packages",
    "validate": "checking packages",
    "place": "putting packages in place",
}


class Bar:
    """A bar that can step aside while a person is asked.

    Attributes:
        on_progress: takes the run's events; None where there is no bar.
    """

    def __init__(self, bar: Progress | None) -> None:
        self._bar = bar
        self._task = bar.add_task("starting", total=None) if bar is not None else None
        self.on_progress: Callable[[ProgressEvent], object] | None = (
            self._update if bar is not None else None
        )

    def _update(self, event: ProgressEvent) -> None:
        if self._bar is None or self._task is None or event.name.startswith("stage_"):
            return
        words = _WORDS.get(event.stage_id, event.stage_id)
        self._bar.update(self._task, description=words, completed=event.finished, total=event.total)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar off the screen for a while."""
        if self._bar is None:
            yield
            return
        self._bar.stop()
        try:
            yield
        finally:
            self._bar.start()


@contextmanager
def progress_bar(out: Console, *, wanted: bool) -> Iterator[Bar]:
    """Show a bar on the console while the body runs, if it is a terminal."""
    if not wanted or not out.is_terminal:
        yield Bar(None)
        return
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        console=out,
        transient=True,
        expand=True,
    )
    with bar:
        yield Bar(bar)
