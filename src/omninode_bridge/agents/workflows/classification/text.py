"""The text of an exception that patterns are matched against."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["MAX_TEXT", "base_names", "bounded", "describe", "links", "message_of", "type_name"]

MAX_TEXT = 16_384
_GAP = "\n...\n"
_MAX_MESSAGE = 8_192
_MAX_LINKS = 32
_MAX_LEAVES = 32
_NOT_TOLD = frozenset({"object", "BaseException", "Exception"})


def bounded(text: str) -> str:
    """Return the text, or its head and its tail where it is longer than `MAX_TEXT`."""
    return text if len(text) <= MAX_TEXT else _cut(text, MAX_TEXT)


def _cut(text: str, length: int) -> str:
    half = (length - len(_GAP)) // 2
    return f"{text[:half]}{_GAP}{text[-half:]}"


def type_name(exception: BaseException) -> str:
    """Return the bare name of the class."""
    return type(exception).__name__


def message_of(exception: BaseException) -> str:
    """Return what the exception says, bounded; empty where it cannot be asked."""
    try:
        text = str(exception)
    except Exception:  # noqa: BLE001 - the exception is a stranger's
        return "(its text cannot be read)"
    if type(text) is not str:
        text = str.__str__(text)
    return text if len(text) <= _MAX_MESSAGE else _cut(text, _MAX_MESSAGE)


def next_of(exception: BaseException) -> tuple[BaseException | None, bool]:
    """Return the cause, if there is one, and whether it was named with ``from``."""
    cause = exception.__cause__
    if cause is not None or exception.__suppress_context__:
        return cause, cause is not None
    return exception.__context__, False


def leaves_of(exception: BaseException, most: int = _MAX_LEAVES) -> tuple[BaseException, ...]:
    """Return the members of a group, itself flat; empty for an exception that is none."""
    if not isinstance(exception, BaseExceptionGroup):
        return ()
    found: list[BaseException] = []
    stack: list[BaseException] = [exception]
    while stack and len(found) < most:
        one = stack.pop()
        if isinstance(one, BaseExceptionGroup):
            stack.extend(reversed(one.exceptions[:most]))
        else:
            found.append(one)
    return tuple(found)


def links(exception: BaseException) -> Iterator[BaseException]:
    """Yield the exception, then its causes and the members of groups, each once."""
    seen: set[int] = set()
    queue: list[BaseException] = [exception]
    while queue and len(seen) < _MAX_LINKS:
        one = queue.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        cause, _ = next_of(one)
        if cause is not None:
            queue.insert(0, cause)
        queue.extend(leaves_of(one))


def describe(exception: BaseException) -> str:
    """Return ``TypeName: message`` of the exception, then of its causes and group members.

    One per line, bounded; an exception that cannot be asked for its text is told by its name.
    """
    parts = []
    for one in links(exception):
        message = message_of(one)
        parts.append(f"{type(one).__name__}: {message}" if message else type(one).__name__)
    return bounded("\n".join(parts))


def base_names(exception: BaseException) -> str:
    """Return the names of the base classes, one per line; they rank below the text itself."""
    names = dict.fromkeys(
        base.__name__ for one in links(exception) for base in type(one).__mro__[1:]
    )
    return "\n".join(name for name in names if name not in _NOT_TOLD)
