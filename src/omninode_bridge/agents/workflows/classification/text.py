"""The text of an exception that patterns are matched against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["MAX_TEXT", "base_names", "bounded", "describe", "links", "message_of", "type_name"]

MAX_TEXT = 16_384
_GAP = "\n...\n"
_MAX_MESSAGE = 8_192
_MAX_LINKS = 32
_MAX_LEAVES = 32
_NOT_TOLD = frozenset({"object", "BaseException", "Exception"})
_HUGE = 100_000

# What the exception holds, whatever a class puts in front of it under the same name.
_ARGS: Any = vars(BaseException)["args"].__get__
_CAUSE: Any = vars(BaseException)["__cause__"].__get__
_CONTEXT: Any = vars(BaseException)["__context__"].__get__
_SUPPRESSED: Any = vars(BaseException)["__suppress_context__"].__get__
_MEMBERS: Any = vars(BaseExceptionGroup)["exceptions"].__get__
_PATH: Any = vars(OSError)["filename"].__get__
_NAME: Any = vars(type)["__name__"].__get__
_MRO: Any = vars(type)["__mro__"].__get__


def bounded(text: str) -> str:
    """Return the text, or its head and its tail where it is longer than `MAX_TEXT`."""
    return text if len(text) <= MAX_TEXT else _cut(text, MAX_TEXT)


def _cut(text: str, length: int) -> str:
    half = (length - len(_GAP)) // 2
    return f"{text[:half]}{_GAP}{text[-half:]}"


def type_name(exception: BaseException) -> str:
    """Return the bare name of the class."""
    return str(_NAME(type(exception)))


def message_of(exception: BaseException) -> str:
    """Return what the exception says, bounded; empty where it cannot be asked."""
    try:
        text = _said(exception)
        if type(text) is not str:
            text = str.__str__(text)
    except Exception:  # noqa: BLE001 - the exception is a stranger's
        return "(its text cannot be read)"
    return text if len(text) <= _MAX_MESSAGE else _cut(text, _MAX_MESSAGE)


def _said(exception: BaseException) -> str:
    for argument in _ARGS(exception):
        if _is_huge(argument):
            return _said_of_huge(exception)
    if issubclass(type(exception), OSError) and _is_huge(_PATH(exception)):
        return _said_of_huge(exception)
    return str(exception)


def _is_huge(argument: object) -> bool:
    kind = type(argument)
    return (kind is str or kind is bytes) and len(argument) > _HUGE  # type: ignore[arg-type]


def _said_of_huge(exception: BaseException) -> str:
    """Ask an exception of the same class with shorter arguments: to quote 100 MB takes a second."""
    say = type(exception).__str__
    arguments = _ARGS(exception)
    if say is BaseException.__str__ and len(arguments) == 1 and type(arguments[0]) is str:
        return str(arguments[0])
    if say is OSError.__str__:
        path = _PATH(exception)
        arguments = arguments if path is None else (*arguments[:2], path)
    shorter = [_shorter(one) if _is_huge(one) else one for one in arguments]
    for kind in (KeyError, OSError, BaseException):
        if say is kind.__str__:
            return str(kind(*shorter))
    return str(exception)


def _shorter(argument: str | bytes) -> str | bytes:
    if isinstance(argument, str):
        return _cut(argument, _MAX_MESSAGE)
    half = _MAX_MESSAGE // 2
    return argument[:half] + b"..." + argument[-half:]


def next_of(exception: BaseException) -> tuple[BaseException | None, bool]:
    """Return the cause, if there is one, and whether it was named with ``from``."""
    cause: BaseException | None = _CAUSE(exception)
    if cause is not None or _SUPPRESSED(exception):
        return cause, cause is not None
    return _CONTEXT(exception), False


def leaves_of(exception: BaseException, most: int = _MAX_LEAVES) -> tuple[BaseException, ...]:
    """Return the members of a group, itself flat; empty for an exception that is none."""
    if not issubclass(type(exception), BaseExceptionGroup):
        return ()
    found: list[BaseException] = []
    stack: list[BaseException] = [exception]
    while stack and len(found) < most:
        one = stack.pop()
        if issubclass(type(one), BaseExceptionGroup):
            stack.extend(reversed(_MEMBERS(one)[:most]))
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
        name = _NAME(type(one))
        parts.append(f"{name}: {message}" if message else name)
    return bounded("\n".join(parts))


def base_names(exception: BaseException) -> str:
    """Return the names of the base classes, one per line; they rank below the text itself."""
    names = dict.fromkeys(_NAME(base) for one in links(exception) for base in _MRO(type(one))[1:])
    return "\n".join(name for name in names if name not in _NOT_TOLD)
