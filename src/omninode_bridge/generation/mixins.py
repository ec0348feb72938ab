"""The mixins that a contract enables, and those that nobody knows."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from omninode_bridge.generation.contract import MixinUse
from omninode_bridge.generation.document import Document
from omninode_bridge.generation.findings import Code, Finding, NodePath, Severity
from omninode_bridge.generation.scalars import as_flag
from omninode_bridge.runtime import KNOWN_MIXINS, check_mixin_config

__all__ = ["NAME_KEYS", "close_mixin", "find_mixins"]

_SPOTS: tuple[NodePath, ...] = (("mixins",), ("node", "mixins"), ("contract", "mixins"))
NAME_KEYS = ("name", "mixin", "class", "class_name", "mixin_name")
MAX_MIXINS = 100


def _stem(name: str) -> str:
    """Return what makes two spellings one mixin: ``LoggingMixin`` is ``mixin_logging``."""
    last = re.split(r"[.:]", name.strip())[-1]
    word = re.sub(r"[^a-z0-9]", "", last.lower())
    return word.removeprefix("mixin").removesuffix("mixin")


_BY_STEM = {_stem(name): name for name in KNOWN_MIXINS}


def close_mixin(name: str) -> str | None:
    """Return the only known mixin whose name is nearly `name`."""
    close = difflib.get_close_matches(_stem(name), _BY_STEM, n=2, cutoff=0.84)
    return _BY_STEM[close[0]] if len(close) == 1 else None


def find_mixins(document: Document) -> tuple[tuple[MixinUse, ...], list[Finding]]:
    """Return the known mixins, and a finding for each unknown one.

    A mixin with ``enabled: false`` is passed over. One that does not say ``required: true`` is
    optional: leaving it out is listed in the report, so that nobody is deceived, while a contract
    that cannot do without it has a word to say so.
    """
    uses: dict[str, MixinUse] = {}
    findings: list[Finding] = []
    for spot in _SPOTS:
        for where, name, details in list(_entries(document.get(spot), spot))[:MAX_MIXINS]:
            if as_flag(details.get("enabled")) is False:
                continue
            required = as_flag(details.get("required")) is True or (
                as_flag(details.get("optional")) is False
            )
            if name is None:
                hint = f"one of {', '.join(KNOWN_MIXINS)}"
                message = "a mixin without a name"
                findings.append(document.finding(where, Code.KEY, message, hint=hint))
                continue
            known = _BY_STEM.get(_stem(name))
            if known is None:
                findings.append(_unknown(document, where, name, required=required))
            elif known not in uses:
                key = "config" if "config" in details else "configuration"
                config = details.get(key)
                config = dict(config) if isinstance(config, Mapping) else {}
                uses[known] = MixinUse(known, required, config)
                findings += _settings(document, (*where, key), known, config)
    return tuple(uses.values()), findings


def _settings(
    document: Document, where: NodePath, mixin: str, config: Mapping[str, Any]
) -> Iterator[Finding]:
    """Yield what the runtime says against each setting: unknown ones it passes over."""
    unknown = check_mixin_config(mixin, {"": None})[0].partition("; ")[2]
    for key in list(config)[:MAX_MIXINS]:
        for problem in check_mixin_config(mixin, {key: config[key]}):
            is_unknown = bool(unknown) and problem.endswith(unknown)
            severity = Severity.WARNING if is_unknown else Severity.ERROR
            message, _, hint = problem.partition("; ")
            code = Code.MIXIN_SETTING
            yield document.finding((*where, key), code, message[:300], hint=hint, severity=severity)


def _entries(
    value: Any, where: NodePath
) -> Iterator[tuple[NodePath, str | None, Mapping[str, Any]]]:
    if isinstance(value, str):
        yield where, value, {}
    elif isinstance(value, list):
        for index, item in enumerate(value):
            spot = (*where, index)
            if isinstance(item, str):
                yield spot, item, {}
            elif isinstance(item, Mapping):
                names = (item.get(key) for key in NAME_KEYS)
                name = next((name for name in names if isinstance(name, str)), None)
                if name is None and len(item) == 1:
                    ((name, details),) = item.items()
                    yield spot, name, details if isinstance(details, Mapping) else {}
                else:
                    yield spot, name, item
            else:
                yield spot, None, {}
    elif isinstance(value, Mapping):
        for name, details in value.items():
            enabled = {} if isinstance(details, Mapping) else {"enabled": details}
            yield (*where, name), name, details if isinstance(details, Mapping) else enabled


def _unknown(document: Document, where: NodePath, name: str, *, required: bool) -> Finding:
    code = Code.MIXIN_REQUIRED if required else Code.MIXIN_OPTIONAL
    kind = "required" if required else "optional"
    message = f"unknown {kind} mixin {name[:80]!r}"
    close = close_mixin(name)
    hint = f"did you mean {close!r}?" if close else f"known are {', '.join(KNOWN_MIXINS)}"
    return document.finding(where, code, message, hint=hint)
