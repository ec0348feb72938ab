"""The settings of the mixins: what a contract may configure, with bounds."""

from __future__ import annotations

import dataclasses
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from omninode_bridge.errors import ConfigurationError

__all__ = [
    "SETTINGS",
    "CachingSettings",
    "HealthCheckSettings",
    "LoggingSettings",
    "MetricsSettings",
    "check_mixin_config",
    "read_settings",
]

MAX_SECONDS = 10 * 365 * 86_400.0
MAX_COUNT = 1_000_000
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True, slots=True)
class HealthCheckSettings:
    """Settings of `MixinHealthCheck`: seconds that one check may take, and how many there may be."""

    timeout_seconds: float = 5.0
    max_checks: int = 100


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """Settings of `MixinMetrics`: how many names are kept, and how many timings of each."""

    max_series: int = 256
    window: int = 1_000


@dataclass(frozen=True, slots=True)
class LoggingSettings:
    """Settings of `MixinLogging`: the level at which operations are logged."""

    level: str = "INFO"


@dataclass(frozen=True, slots=True)
class CachingSettings:
    """Settings of `MixinCaching`: seconds that an entry lives, and how many there may be."""

    ttl_seconds: float = 300.0
    max_entries: int = 1_024


SETTINGS: Mapping[str, type] = {
    "MixinCaching": CachingSettings,
    "MixinHealthCheck": HealthCheckSettings,
    "MixinLogging": LoggingSettings,
    "MixinMetrics": MetricsSettings,
}

SettingsT = TypeVar(
    "SettingsT", HealthCheckSettings, MetricsSettings, LoggingSettings, CachingSettings
)


def check_mixin_config(mixin: str, config: Mapping[str, object]) -> tuple[str, ...]:
    """Say what is wrong with the settings of `mixin`: unknown keys and values out of bounds."""
    kind = SETTINGS.get(mixin)
    if kind is None:
        return (f"no mixin {mixin!r}; known: {', '.join(sorted(SETTINGS))}",)
    defaults = {field.name: field.default for field in dataclasses.fields(kind)}
    problems = []
    for key, value in config.items():
        if key not in defaults:
            problems.append(f"{mixin} has no setting {key!r}; known: {', '.join(defaults)}")
        elif fault := _fault(value, defaults[key]):
            problems.append(f"{mixin} setting {key!r} is {value!r}; {fault}")
    return tuple(problems)


def read_settings(
    kind: type[SettingsT], mixin: str, configs: Mapping[str, Mapping[str, object]]
) -> SettingsT:
    """Build the settings of `mixin`; unknown keys are ignored with a warning in the log.

    Raises:
        ConfigurationError: a known setting has a value that cannot be used.
    """
    config = configs.get(mixin, {})
    names = {field.name for field in dataclasses.fields(kind)}
    known = {key: value for key, value in config.items() if key in names}
    if problems := check_mixin_config(mixin, known):
        raise ConfigurationError("; ".join(problems))
    if ignored := sorted(str(key) for key in config if key not in names):
        logging.getLogger("omninode_bridge.runtime").warning(
            "mixin.settings_ignored", extra={"mixin": mixin, "settings": ignored}
        )
    return kind(**cast("Mapping[str, Any]", known))  # checked above


def _fault(value: object, default: object) -> str:
    if isinstance(default, str):
        ok = isinstance(value, str) and value.upper() in LEVELS
        return "" if ok else f"give one of {', '.join(LEVELS)}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "give a number"
    if isinstance(default, int):
        ok = isinstance(value, int) and 1 <= value <= MAX_COUNT
        return "" if ok else f"give a whole number from 1 to {MAX_COUNT}"
    ok = math.isfinite(value) and 0 < value <= MAX_SECONDS
    return "" if ok else "give seconds above 0 and below ten years"
