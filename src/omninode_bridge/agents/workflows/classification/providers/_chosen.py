"""Which providers are asked, in which order, and how their facts are put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from omninode_bridge.agents.workflows.classification.facts import NOTHING, Facts, Provider
from omninode_bridge.agents.workflows.classification.lazy_regex import compile_waiting

from . import (
    bodies,
    classes,
    cloud,
    frames,
    grpc,
    http,
    kafka,
    labels,
    llm,
    os_errors,
    own,
    process,
    replies,
    sentences,
    sql,
    stores,
    waits,
)
from ._known import Known

__all__ = ["DEFAULT_PROVIDERS", "KNOWN", "READING_SECONDS", "facts_of"]

# The most specific first: what a later one adds only fills gaps.
_TABLE: tuple[tuple[Provider, Known], ...] = (
    (own.own_facts, own.KNOWN),
    (labels.label_facts, labels.KNOWN),
    (llm.llm_facts, llm.KNOWN),
    (sql.sql_facts, sql.KNOWN),
    (stores.store_facts, stores.KNOWN),
    (kafka.kafka_facts, kafka.KNOWN),
    (grpc.grpc_facts, grpc.KNOWN),
    (cloud.cloud_facts, cloud.KNOWN),
    (replies.reply_facts, replies.KNOWN),
    (bodies.body_facts, bodies.KNOWN),
    (http.http_facts, http.KNOWN),
    (waits.wait_facts, waits.KNOWN),
    (process.process_facts, process.KNOWN),
    (os_errors.os_facts, os_errors.KNOWN),
    (frames.frame_facts, frames.KNOWN),
    (sentences.sentence_facts, sentences.KNOWN),
    (classes.class_facts, classes.KNOWN),
)
DEFAULT_PROVIDERS: tuple[Provider, ...] = tuple(provider for provider, _ in _TABLE)
KNOWN: Mapping[Provider, Known] = MappingProxyType(dict(_TABLE))

# An exception whose properties take longer than this altogether is told by its class alone.
READING_SECONDS = 0.025
# After that, one provider may take so long. The machine pauses once (for another process, for the
# garbage), which is not the exception's fault; one whose properties are slow takes long again.
_GRACE_SECONDS = 0.004
_SLOW = Facts(reasons=("reading it took too long, so not all of it was read",))
_ALWAYS: frozenset[str] | None = None
_ROOTS = frozenset({object, BaseException, Exception})
_Asked = tuple[tuple[Provider, frozenset[str] | None], ...]


def facts_of(
    exception: BaseException,
    providers: Sequence[Provider] = DEFAULT_PROVIDERS,
    *,
    timer: Callable[[], float] = time.perf_counter,
) -> Facts:
    """Ask each provider about this one exception, without its causes; never raises.

    A provider that raises is passed over, and one that has nothing to read is not asked.
    """
    found: Facts | None = None
    kept = _kept(exception)
    compile_waiting()  # before the clock runs: it is our time, not the exception's
    deadline = timer() + READING_SECONDS
    late: float | None = None
    slow = False
    for provider, names in _asked_about(exception, providers):
        if names is not None and names.isdisjoint(kept):
            continue
        if provider is not classes.class_facts and (now := timer()) > deadline:
            slow = slow or (late is not None and now - late > _GRACE_SECONDS)
            if slow:
                continue
            late = now
        try:
            facts = provider(exception)
        except Exception:  # noqa: BLE001, S112 - an odd exception must not stop its own analysis
            continue
        if facts is not None:
            found = facts if found is None else found.completed(facts)
    if slow:
        found = (found or NOTHING).completed(_SLOW)
    return found if found is not None else NOTHING


def _asked_about(exception: BaseException, providers: Sequence[Provider]) -> _Asked:
    try:
        return _asked(type(exception), tuple(providers))  # type: ignore[arg-type]  # classes hash
    except Exception:  # noqa: BLE001 - a metaclass may do anything
        return tuple((provider, _ALWAYS) for provider in providers)


def _kept(exception: BaseException) -> Mapping[str, object]:
    try:
        kept = exception.__dict__
    except Exception:  # noqa: BLE001 - a stranger's class may do anything
        return {}
    return kept if type(kept) is dict else {}


@lru_cache(maxsize=2048)
def _asked(cls: type[BaseException], providers: tuple[Provider, ...]) -> _Asked:
    """Return the providers for errors of a class; those with names only if one of them is kept."""
    dynamic = any(
        "__getattr__" in vars(base) or "__getattribute__" in vars(base)
        for base in cls.__mro__
        if base.__module__ != "builtins"
    )
    has = {name for base in cls.__mro__ if base not in _ROOTS for name in vars(base)}
    chosen: list[tuple[Provider, frozenset[str] | None]] = []
    for provider in providers:
        known = KNOWN.get(provider)
        if (
            known is None
            or (known.asks is None and not known.names)
            or (known.asks is not None and known.asks(cls))
            or not known.names.isdisjoint(has)
        ):
            chosen.append((provider, _ALWAYS))
        elif known.names:
            chosen.append((provider, _ALWAYS if dynamic else known.names))
    return tuple(chosen)
