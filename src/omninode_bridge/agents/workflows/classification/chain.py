"""An error with what it was raised from, and what the whole of it tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from omninode_bridge.agents.workflows.recovery_models import ErrorType, EvidenceRank

from .facts import NOTHING, Facts, Provider, passes
from .providers import facts_of
from .text import leaves_of, next_of

__all__ = ["Link", "chain_facts", "link_of_exception"]

_MAX_LINKS = 24
_MAX_LEAVES = 1024
_CARRIERS = (ErrorType.NETWORK, ErrorType.TIMEOUT, ErrorType.AI_SERVICE)
_INNER = ("reason", "orig", "original_exception", "original_error", "os_error", "inner_exception")


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
        below = [self.cause, *self.leaves]
        for link in below:
            if link is None:
                continue
            if link.facts.error_type is ErrorType.SYNTAX or link.has_syntax_cause():
                return True
        return False


def link_of_exception(exception: BaseException, providers: Sequence[Provider]) -> Link:
    """Ask the providers about an exception, its causes and its members, each once."""
    return _link(exception, providers, set())


def _link(exception: BaseException, providers: Sequence[Provider], seen: set[int]) -> Link:
    seen.add(id(exception))
    link = Link(facts_of(exception, providers))
    cause, explicit = next_of(exception)
    if not explicit:
        inner = _carried(exception)
        if inner is not None:
            cause, explicit = inner, True
    if cause is not None and id(cause) not in seen and len(seen) < _MAX_LINKS:
        link.cause, link.explicit = _link(cause, providers, seen), explicit
    for leaf in leaves_of(exception, _MAX_LEAVES):
        if id(leaf) not in seen:
            link.leaves.append(_link(leaf, providers, seen))
    return link


def _carried(exception: BaseException) -> BaseException | None:
    """Return the exception that a library keeps in an attribute instead of the chain."""
    for name in _INNER:
        try:
            inner = getattr(exception, name, None)
        except Exception:  # noqa: BLE001, S112 - a property may do anything
            continue
        if isinstance(inner, BaseException):
            return inner
    return None


def chain_facts(link: Link) -> tuple[Facts, int]:
    """Return the merged facts of a chain and the rank of the strongest.

    An error that says something by itself is judged by itself; one whose class anything may raise
    is believed less than a cause that it names; one that says nothing takes the label of its cause.
    """
    own = link.facts
    if link.leaves and (own.silent or own.weak):
        own = _of_group([chain_facts(leaf)[0] for leaf in link.leaves])
        return own, EvidenceRank.NOTHING if own.silent else EvidenceRank.CAUSE
    below = chain_facts(link.cause)[0] if link.cause is not None else NOTHING
    if own.silent:
        merged = own.completed(below) if not below.silent else own
        return merged, EvidenceRank.NOTHING if merged.silent else EvidenceRank.CAUSE
    if below.silent:
        return own, EvidenceRank.FACT
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
    first = members[0]
    return passes(
        first.error_type,
        retry_after=max(waits) if waits else None,
        reasons=first.reasons,
        prefer=first.prefer,
    )
