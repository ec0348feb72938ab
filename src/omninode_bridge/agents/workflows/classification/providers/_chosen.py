"""Which providers are asked, in which order, and how their facts are put together."""

from __future__ import annotations

from collections.abc import Sequence

from omninode_bridge.agents.workflows.classification.facts import NOTHING, Facts, Provider

from .classes import class_facts
from .cloud import cloud_facts
from .frames import frame_facts
from .grpc import grpc_facts
from .http import http_facts
from .kafka import kafka_facts
from .labels import label_facts
from .llm import llm_facts
from .os_errors import os_facts
from .own import own_facts
from .process import process_facts
from .replies import reply_facts
from .sentences import sentence_facts
from .sql import sql_facts
from .stores import store_facts
from .waits import wait_facts

__all__ = ["DEFAULT_PROVIDERS", "facts_of"]

# The most specific first: what a later one adds only fills gaps.
DEFAULT_PROVIDERS: tuple[Provider, ...] = (
    own_facts,
    label_facts,
    llm_facts,
    sql_facts,
    store_facts,
    kafka_facts,
    grpc_facts,
    cloud_facts,
    reply_facts,
    http_facts,
    wait_facts,
    process_facts,
    os_facts,
    frame_facts,
    sentence_facts,
    class_facts,
)


def facts_of(exception: BaseException, providers: Sequence[Provider] = DEFAULT_PROVIDERS) -> Facts:
    """Ask each provider about this one exception, without its causes; never raises.

    A provider that raises is passed over.
    """
    found: Facts | None = None
    for provider in providers:
        try:
            facts = provider(exception)
        except Exception:  # noqa: BLE001, S112 - an odd exception must not stop its own analysis
            continue
        if facts is not None:
            found = facts if found is None else found.completed(facts)
    return found if found is not None else NOTHING
