"""Base classes and mixins that generated nodes subclass; needs the standard library alone."""

from __future__ import annotations

from omninode_bridge.runtime._core import NodeCore
from omninode_bridge.runtime._errors import LogicNotWrittenError
from omninode_bridge.runtime._settings import check_mixin_config
from omninode_bridge.runtime._stores import Cache, Metrics, Timing
from omninode_bridge.runtime.mixins import (
    HealthReport,
    MixinCaching,
    MixinHealthCheck,
    MixinLogging,
    MixinMetrics,
)
from omninode_bridge.runtime.nodes import (
    Node,
    NodeCompute,
    NodeEffect,
    NodeOrchestrator,
    NodeReducer,
)

__all__ = [
    "KNOWN_MIXINS",
    "RESERVED_NAMES",
    "Cache",
    "HealthReport",
    "LogicNotWrittenError",
    "Metrics",
    "MixinCaching",
    "MixinHealthCheck",
    "MixinLogging",
    "MixinMetrics",
    "Node",
    "NodeCompute",
    "NodeCore",
    "NodeEffect",
    "NodeOrchestrator",
    "NodeReducer",
    "Timing",
    "check_mixin_config",
]

KNOWN_MIXINS: tuple[str, ...] = (
    "MixinCaching",
    "MixinHealthCheck",
    "MixinLogging",
    "MixinMetrics",
)

RESERVED_NAMES: frozenset[str] = frozenset(
    name
    for kind in (NodeOrchestrator, MixinCaching, MixinHealthCheck, MixinLogging, MixinMetrics)
    for name in dir(kind)
) | {"cache", "clock", "metrics"}
"""Attributes of nodes and mixins: no operation's method can be called like one of these."""
