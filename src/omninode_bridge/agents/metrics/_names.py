"""Which names and label values are right, and how they are kept within bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from omninode_bridge.errors import ConfigurationError

from .snapshot import LabelSet

__all__ = [
    "MAX_LABELS",
    "MAX_VALUE",
    "OTHER",
    "check_labels",
    "check_metric_name",
    "error_label",
    "families",
]

MAX_NAME: Final = 120
MAX_LABELS: Final = 8
MAX_VALUE: Final = 120
#: The value of every label of the series that stands for all further ones.
OTHER: Final = "_other"

# https://prometheus.io/docs/concepts/data_model/; dots are ours and become underscores
_METRIC: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_LABEL: Final = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]*")
_RESERVED: Final = frozenset({"le", "quantile"})
_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_CLASS: Final = re.compile(r"([A-Z][A-Za-z0-9_]{0,79})(?=:|$)")


def check_metric_name(name: object, *, what: str = "the name of a metric") -> str:
    """Return the name.

    Raises:
        ConfigurationError: it is none.
    """
    if not isinstance(name, str) or len(name) > MAX_NAME or not _METRIC.fullmatch(name):
        raise ConfigurationError(
            f"{what} is {_short(name)}; it must be letters, digits, '_' and '.', "
            f"not begin with a digit, and have at most {MAX_NAME} characters"
        )
    return name


def check_labels(labels: Mapping[str, object] | None) -> LabelSet:
    """Return the labels as sorted pairs, their values as bounded texts.

    Raises:
        ConfigurationError: no mapping, too many, or a name that cannot be one.
    """
    if not labels:
        if labels is None or isinstance(labels, Mapping):
            return ()
        raise ConfigurationError(f"labels is {_short(labels)}; it must be a mapping or None")
    if not isinstance(labels, Mapping):
        raise ConfigurationError(f"labels is {_short(labels)}; it must be a mapping or None")
    if len(labels) > MAX_LABELS:
        raise ConfigurationError(f"{len(labels)} labels are given; at most {MAX_LABELS} are kept")
    pairs = []
    for name, value in labels.items():
        if (
            not isinstance(name, str)
            or len(name) > MAX_NAME
            or name in _RESERVED
            or not _LABEL.fullmatch(name)
        ):
            raise ConfigurationError(
                f"a label is named {_short(name)}; it must be letters, digits and '_', not begin "
                f"with a digit or '__', and not be 'le' or 'quantile'"
            )
        pairs.append((name, _text(value)))
    return tuple(sorted(pairs))


def _text(value: object) -> str:
    """Return a label's value: one text of bounded length that any encoder takes."""
    text = str.__str__(value) if isinstance(value, str) else str(value)
    if len(text) > MAX_VALUE:
        text = f"{text[: MAX_VALUE - 3]}..."
    return _CONTROL.sub("\ufffd", text)


def error_label(message: str | None) -> str:
    """Return the class that an error's text opens with; anything else is a label nobody can bound."""
    found = _CLASS.match(message) if isinstance(message, str) else None
    return found[1] if found is not None else "other"


def families(kind: str, name: str) -> tuple[str, ...]:
    """Return the exported names of a metric: its own first, then those of its samples.

    Counters end in ``_total``; timings are exported in seconds and say so.
    """
    base = name.replace(".", "_")
    if kind == "counter":
        return (base if base.endswith("_total") else f"{base}_total",)
    if kind == "timing":
        for unit in ("_ms", "_seconds"):
            base = base.removesuffix(unit)
        base = f"{base}_seconds"
        return (base, f"{base}_bucket", f"{base}_sum", f"{base}_count")
    return (base,)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
