"""Named changes of a call's arguments: what degradation and input correction are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from omninode_bridge.errors import ConfigurationError

__all__ = ["ArgumentChange", "DegradationStep", "InputCorrection", "same"]

Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ArgumentChange:
    """A pure function from the arguments of a call to changed arguments.

    Attributes:
        name: in records.
        apply: takes all arguments by name and returns those that it changes (or all of them);
            it must not write to what it is given.
        describe: takes the arguments before and after, and returns what was changed or dropped in
            words; without it the name alone is told.
    """

    name: str
    apply: Callable[[Arguments], Arguments]
    describe: Callable[[Arguments, Arguments], tuple[str, ...]] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ConfigurationError(f"name is {self.name!r}; it must be a non-empty text")
        if not callable(self.apply):
            raise ConfigurationError(
                f"apply of {self.name!r} is {self.apply!r}; it must be callable"
            )

    def changes(self, arguments: Arguments) -> dict[str, Any]:
        """Return the arguments that it changes and their new values."""
        after = self.apply(arguments)
        return {
            name: value
            for name, value in after.items()
            if name not in arguments or not same(arguments[name], value)
        }

    def words(self, before: Arguments, after: Arguments) -> tuple[str, ...]:
        """Return what it changed, in words."""
        if self.describe is None:
            return (self.name,)
        return tuple(self.describe(before, after)) or (self.name,)


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal; those that refuse to be compared are not."""
    if a is b:
        return True
    try:
        return bool(a == b)
    except Exception:  # noqa: BLE001 -- arrays and the like refuse a truth value
        return False


class DegradationStep(ArgumentChange):
    """A change that gives something up, so that the rest can be had."""

    __slots__ = ()


class InputCorrection(ArgumentChange):
    """A change that puts a call's input right without giving anything up."""

    __slots__ = ()
