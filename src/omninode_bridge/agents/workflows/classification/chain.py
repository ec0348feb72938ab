"""An error with what it was raised from, and what the whole of it tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeGuard

from omninode_bridge.agents.workflows.recovery_models import ErrorType, EvidenceRank

from .facts import NOTHING, Facts, Provider, passes
from .providers import facts_of
from .providers._read import attribute
from .text import leaves_of, next_of

__all__ = ["Link", "chain_facts", "link_of_exception"]

_MAX_WALK = 20_000
_MAX_LINKS = 32  # of a longer chain, this many at its end and at its root are asked
_MAX_LEAVES = 1024
_MAX_DEPTH = 3  # of groups among the causes of members of groups
_CARRIERS = (ErrorType.NETWORK, ErrorType.TIMEOUT, ErrorType.AI_SERVICE)
_INNER = (
    "reason",
    "orig",
    "original_exception",
    "original_error",
    "os_error",
    "inner_exception",
    "inner_error",
    "last_exception",
    "last_error",
    "caused_by",
    "exc",
    "source",
)
_NAMES = frozenset({*_INNER, "last_attempt"})


@dataclass(slots=True)
class Link:
    """One error of a chain.

    Attributes:
        facts: of this error alone.
        cause: what it was raised from, or what was being handled when it was raised.
        explicit: the cause was named with ``from``.
        leaves: the members of a group.
    """

    facts: Facts = NOTHING
    cause: Link | None = None
    explicit: bool = False
    leaves: list[Link] = field(default_factory=list)

    def has_syntax_cause(self) -> bool:
        """Whether a cause or a member, not this error itself, is code that does not parse."""
        waiting = [self.cause, *self.leaves]
        while waiting:
            link = waiting.pop()
            if link is None:
                continue
            if link.facts.error_type is ErrorType.SYNTAX:
                return True
            waiting += [link.cause, *link.leaves]
        return False


def link_of_exception(exception: BaseException, providers: Sequence[Provider]) -> Link:
    """Ask the providers about an exception, its causes and its members, each once."""
    return _linked(exception, providers, set(), 0)


def _linked(
    exception: BaseException, providers: Sequence[Provider], seen: set[int], depth: int
) -> Link:
    link: Link | None = None
    for one, explicit in reversed(_chain(exception, seen)):
        link = Link(facts_of(one, providers), link, explicit)
        if depth < _MAX_DEPTH:
            for leaf in leaves_of(one, _MAX_LEAVES):
                if id(leaf) not in seen:
                    link.leaves.append(_linked(leaf, providers, seen, depth + 1))
    return link if link is not None else Link()


def _chain(exception: BaseException, seen: set[int]) -> list[tuple[BaseException, bool]]:
    """Return the exception and its causes, each with whether its own cause is explicit."""
    found: list[tuple[BaseException, bool]] = []
    one: BaseException | None = exception
    while one is not None and len(found) < _MAX_WALK:
        seen.add(id(one))
        cause, explicit = next_of(one)
        if not explicit:
            inner = _carried(one)
            if inner is not None:
                cause, explicit = inner, True
        found.append((one, explicit))
        one = cause if cause is not None and id(cause) not in seen else None
    if len(found) > 2 * _MAX_LINKS:
        found[_MAX_LINKS:-_MAX_LINKS] = []
    return found


def _carried(exception: BaseException) -> BaseException | None:
    """Return the exception that a library keeps in an attribute instead of the chain."""
    if not _is_foreign(type(exception)):
        return None
    if not _may_carry(exception):
        return _among_arguments(exception)
    for name in _INNER:
        inner = attribute(exception, name)
        if _is_error(inner) and inner is not exception:
            return inner
    attempt = attribute(exception, "last_attempt")  # a retry keeps the future of its last one
    if attempt is not None:
        inner = attribute(attempt, "_exception")
        value = attribute(attempt, "value")
        if inner is None and isinstance(value, tuple) and len(value) == 3:
            inner = value[1]
        if _is_error(inner):
            return inner
    return _among_arguments(exception)


def _is_error(value: object) -> TypeGuard[BaseException]:
    """Whether it is one by its type: what stands in an attribute may feign any class."""
    return issubclass(type(value), BaseException)


def _is_foreign(cls: type[BaseException]) -> bool:
    try:
        return cls.__module__ != "builtins"
    except Exception:  # noqa: BLE001 - a metaclass may do anything
        return True


def _may_carry(exception: BaseException) -> bool:
    """Whether one of the attributes is there at all; a class with `__getattr__` may have any."""
    kept = attribute(exception, "__dict__")
    if type(kept) is not dict or not _NAMES.isdisjoint(kept):
        return True
    try:
        return _class_may_carry(type(exception))  # type: ignore[arg-type]  # classes hash
    except Exception:  # noqa: BLE001 - a metaclass may do anything
        return True


@lru_cache(maxsize=2048)
def _class_may_carry(cls: type[BaseException]) -> bool:
    own = [base for base in cls.__mro__ if base.__module__ != "builtins"]
    return any("__getattr__" in vars(base) or not _NAMES.isdisjoint(vars(base)) for base in own)


def _among_arguments(exception: BaseException) -> BaseException | None:
    """Some wrappers are made with what they wrap, and keep it nowhere else."""
    arguments = attribute(exception, "args")
    if not isinstance(arguments, tuple):
        return None
    for inner in arguments[:3]:
        if _is_error(inner) and inner is not exception:
            return inner
    return None


def chain_facts(link: Link) -> tuple[Facts, int]:
    """Return the merged facts of a chain and the rank of the strongest.

    An error that says something by itself is judged by itself; one whose class anything may raise
    is believed less than a cause that it names; one that says nothing takes the label of its cause.
    """
    chain: list[Link] = []
    one: Link | None = link
    while one is not None:
        chain.append(one)
        one = one.cause
    found = _joined(chain.pop(), None)
    while chain:
        found = _joined(chain.pop(), found[0])
    return found


def _joined(link: Link, below: Facts | None) -> tuple[Facts, int]:
    own = link.facts
    if link.leaves and (own.silent or own.weak):
        own = _of_group([chain_facts(leaf)[0] for leaf in link.leaves])
    if below is None:
        return own, EvidenceRank.NOTHING if own.silent else EvidenceRank.FACT
    if own.silent:
        merged = own.completed(below)
        return merged, EvidenceRank.NOTHING if merged.silent else EvidenceRank.CAUSE
    if below.silent:
        return own, EvidenceRank.FACT
    if link.explicit and below.told and below.transient is False and own.transient is not False:
        return replace(own, transient=False, told=True, reasons=own.reasons + below.reasons), (
            EvidenceRank.FACT
        )
    if own.weak and link.explicit and not below.weak:
        return below.completed(own), EvidenceRank.CAUSE
    if own.error_type in _CARRIERS and below.error_type is ErrorType.SECURITY:
        # The transport failed because a certificate or a permission did.
        return below.completed(own), EvidenceRank.CAUSE
    if own.weak:
        return own, EvidenceRank.FACT
    return own.completed(below) if link.explicit else own, EvidenceRank.FACT


def _of_group(members: list[Facts]) -> Facts:
    """One member that stays makes the group stay; only if all pass does the group pass."""
    for facts in members:
        if facts.transient is False:
            return facts
    for facts in members:
        if facts.transient is None:
            typed = next((one for one in members if one.error_type is not None), facts)
            return Facts(typed.error_type, reasons=typed.reasons)
    waits = [facts.retry_after for facts in members if facts.retry_after is not None]
    moments = [facts.retry_at for facts in members if facts.retry_at is not None]
    first = members[0]
    return replace(
        passes(
            first.error_type,
            retry_after=max(waits) if waits else None,
            reasons=first.reasons,
            prefer=first.prefer,
        ),
        retry_at=max(moments) if moments else None,
    )
