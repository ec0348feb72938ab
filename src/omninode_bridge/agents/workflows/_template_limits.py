"""How long one rendering may take and how large what it makes may become."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

__all__ = ["METER", "Meter", "Metered", "TemplateLimitError"]

MAX_BITS = 100_000
_WIDE = re.compile(r"\d{5,}")
_COMPUTED = re.compile(r"%[-#0 +\d.]*\*|\{[^{}]*:[^{}]*\{")
# Filters and methods whose whole numbers say how large something becomes.
_SIZES = frozenset(
    {"batch", "center", "expandtabs", "indent", "ljust", "rjust", "slice", "tojson", "truncate"}
    | {"wordwrap", "zfill"}
)


class TemplateLimitError(RuntimeError):
    """A template that went on for too long, or made something too large."""


@dataclass(slots=True)
class Meter:
    """Watches one rendering; every loop, call and operation of the template passes it.

    One built-in operation on admitted values is not interrupted; whoever waits for the rendering
    stops waiting all the same.

    Attributes:
        max_chars: of the output, and of every text and list on the way.
        seconds: from the first step on.
        stopped: nobody waits any more.
        lookups: templates that were looked up.
        loads: those that were read and compiled.
        reloads: those that had changed.
    """

    max_chars: int
    seconds: float
    monotonic: Callable[[], float] = time.monotonic
    deadline: float = 0.0
    stopped: bool = False
    lookups: int = 0
    loads: int = 0
    reloads: int = 0

    def __post_init__(self) -> None:
        self.deadline = self.monotonic() + self.seconds

    def tick(self) -> None:
        """Go on, or not.

        Raises:
            TemplateLimitError: the time is over, or nobody waits any more.
        """
        if self.stopped:
            raise TemplateLimitError("it was cancelled")
        if self.monotonic() >= self.deadline:
            raise TemplateLimitError(f"it took longer than {self.seconds:g} s")

    def size(self, length: int) -> None:
        """Admit a text or a list of this length."""
        if length > self.max_chars:
            raise TemplateLimitError(f"it makes something larger than {self.max_chars} characters")

    def checked(self, value: Any) -> Any:
        """Return the value if it is not too large."""
        if isinstance(value, str | bytes | list | tuple):
            self.size(len(value))
        return value

    def pieces(self, parts: Iterable[str], gap: int = 0) -> Iterator[str]:
        """Hand the parts of a text on while it is not too large."""
        total = 0
        for part in parts:
            total += len(part) + gap
            self.size(total)
            self.tick()
            yield part

    def before_operation(self, operator: str, left: Any, right: Any) -> None:
        """Refuse an operation whose result would be too large."""
        self.tick()
        if operator == "*":
            for value, times in ((left, right), (right, left)):
                if isinstance(value, str | bytes | list | tuple) and isinstance(times, int):
                    self.size(len(value) * times)
            if isinstance(left, int) and isinstance(right, int):
                self._bits(left.bit_length() + right.bit_length())
        elif operator == "**" and isinstance(left, int) and isinstance(right, int):
            self._bits(left.bit_length() * max(right, 1) if abs(left) > 1 else 1)
        elif operator == "%" and isinstance(left, str):
            self._format(left)

    def before_call(self, name: str, subject: Any, arguments: Iterable[Any]) -> None:
        """Refuse a call of a filter or a method of text whose result would be too large.

        Args:
            name: of the filter or method.
            subject: what it works on.
            arguments: the others.
        """
        given = list(arguments)
        if name in _SIZES:
            for value in given:
                if isinstance(value, int):
                    self.size(abs(value))
        if not isinstance(subject, str):
            return
        if name in {"format", "format_map"}:
            self._format(subject)
        elif name == "replace" and len(given) >= 2 and all(isinstance(v, str) for v in given[:2]):
            self.size(len(subject) + subject.count(given[0]) * len(given[1]))
        elif name in {"expandtabs", "indent"} and given and isinstance(given[0], int):
            marks = subject.count("\t") + subject.count("\n") + 1
            self.size(len(subject) + marks * abs(given[0]))

    def _bits(self, bits: int) -> None:
        if bits > MAX_BITS:
            raise TemplateLimitError(f"it makes a number of more than {MAX_BITS} bits")

    def _format(self, template: str) -> None:
        if _WIDE.search(template) or _COMPUTED.search(template):
            raise TemplateLimitError("it formats to a width of five digits or one that is computed")


class Metered:
    """What a loop of a template goes through, with a tick for each item."""

    __slots__ = ("_items",)

    def __init__(self, items: Any) -> None:
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        meter = METER.get()
        for item in self._items:
            meter.tick()
            yield item

    def __len__(self) -> int:
        return len(self._items)


METER: ContextVar[Meter] = ContextVar("omninode_bridge_template_meter")
