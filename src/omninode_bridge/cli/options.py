"""Option values: parsed once, refused with one sentence."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import click

__all__ = ["DEFAULT_JOBS", "DEFAULT_WAIT", "bare_wait", "duration", "path", "paths", "whole_number"]

DEFAULT_WAIT: Final = "10m"
MAX_WAIT: Final = 7 * 24 * 3600.0
DEFAULT_JOBS: Final = max(1, min(4, os.cpu_count() or 1))

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PARTS = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([smhd])")
_DURATION = re.compile(rf"(?:{_PARTS.pattern})+|[0-9]{{1,9}}(?:\.[0-9]{{1,6}})?", re.IGNORECASE)


def duration(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """Read ``30s``, ``10m``, ``1h30m`` or a number of seconds."""
    del ctx
    if value is None:
        return None
    text = value.strip().lower()
    seconds = 0.0
    if _DURATION.fullmatch(text):
        parts = _PARTS.findall(text)
        seconds = sum(float(n) * _UNITS[unit] for n, unit in parts) if parts else float(text)
    if not 0 < seconds <= MAX_WAIT:
        raise click.UsageError(
            f"{param.opts[0]} is {value!r}; it must be a duration of up to 7 days, "
            "such as 30s, 10m or 1h30m"
        )
    return seconds


def whole_number(
    least: int, most: int
) -> Callable[[click.Context, click.Parameter, str | None], int | None]:
    """Return the reader of a whole number within limits."""

    def read(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
        del ctx
        if value is None:
            return None
        if re.fullmatch(r"[+-]?[0-9]{1,9}", value) and least <= int(value) <= most:
            return int(value)
        raise click.UsageError(
            f"{param.opts[0]} is {value!r}; it must be a whole number from {least} to {most}"
        )

    return read


def path(ctx: click.Context, param: click.Parameter, value: str | None) -> Path | None:
    """Read a path; the empty one would silently be the current folder."""
    if value is None:
        return None
    return paths(ctx, param, (value,))[0]


def paths(ctx: click.Context, param: click.Parameter, value: Sequence[str]) -> tuple[Path, ...]:
    """Read several paths."""
    del ctx
    if "" in value:
        name = "PATH" if isinstance(param, click.Argument) else param.opts[0]
        raise click.UsageError(f"{name} is empty; it must name a file or folder")
    return tuple(map(Path, value))


def bare_wait(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with a value for every ``--wait`` that has none.

    What follows is its value where it looks like one, or is neither an option nor an existing path.
    """
    given = list(arguments)
    for index, argument in enumerate(given):
        if argument == "--":
            break
        if argument != "--wait":
            continue
        following = given[index + 1] if index + 1 < len(given) else "-"
        looks_right = _DURATION.fullmatch(following) is not None
        if not looks_right and (following.startswith("-") or os.path.lexists(following)):
            given[index] = f"--wait={DEFAULT_WAIT}"
    return given
