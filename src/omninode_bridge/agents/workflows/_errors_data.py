"""Errors as plain data: what is kept of one, and what a later process gets instead of it.

Nothing is pickled. Built-in exceptions and those of this package come back as what they were, with
their arguments where these are plain; anything else as a `ReplayedError` that names its type. What
is decided about them was decided when they were alive and is part of the data.
"""

from __future__ import annotations

import builtins
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

from omninode_bridge.errors import OmninodeBridgeError

from ._redaction import redact, redact_value
from ._redaction_errors import error_text
from .recovery_models import ErrorAnalysis, ErrorPattern, ErrorType, RecoveryStrategy

__all__ = ["ReplayedError", "analysis_of", "data_of", "error_of", "kept_analysis"]

MAX_MESSAGE: Final = 4_000
MAX_ARGUMENT: Final = 2_000
MAX_ARGUMENTS: Final = 20
MAX_REASONS: Final = 30
MAX_CAUSES: Final = 10
_PACKAGE: Final = "omninode_bridge"
_KEPT: Final = "__omninode_kept__"


class ReplayedError(OmninodeBridgeError):
    """An error that an earlier process met, of a type that is not made again from data.

    The class of one bears the name of what it was, so that records read the same as then.

    Attributes:
        type_name: the qualified name of what it was.
        attributes: what it carried, as far as that was plain.
    """

    def __init__(self, message: str, *, type_name: str, attributes: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.type_name = type_name
        self.attributes = dict(attributes)

    def __reduce__(self) -> tuple[Any, ...]:
        return _replayed, (str(self), self.type_name, self.attributes)


def data_of(error: BaseException | None, analysis: ErrorAnalysis, text: str = "") -> dict[str, Any]:
    """Return what is kept of an error and of what was found out about it: JSON values, redacted."""
    kept: dict[str, Any] = {
        "type": "" if error is None else _name_of(error),
        "message": redact(text, limit=MAX_MESSAGE)
        if error is None
        else error_text(error, limit=MAX_MESSAGE),
        "error_type": str(analysis.error_type),
        "ladder": [str(kind) for kind in analysis.ladder],
        "declared": analysis.declared,
        "transient": analysis.transient,
        "retry_after": analysis.retry_after,
        "rank": analysis.rank,
        "confidence": analysis.confidence,
        "fingerprint": analysis.fingerprint,
        "reasons": [redact(reason, limit=500) for reason in analysis.reasons[:MAX_REASONS]],
        "pattern": analysis.pattern.pattern_id if analysis.pattern is not None else None,
        "on_a_par": [pattern.pattern_id for pattern in analysis.on_a_par],
        "groups": _plain(dict(analysis.groups)),
        "call_source": analysis.call_source,
    }
    if error is not None:
        args = error.args
        if isinstance(error, OSError) and isinstance(error.filename, str):
            args = (*args, error.filename)  # it was an argument, and is none of `args`
            args = args if error.filename2 is None else (*args, None, error.filename2)
        kept["args"] = _plain_all(args)
        kept["attributes"] = _plain_each(getattr(error, "__dict__", {}))
        kept["causes"] = _causes_of(error)
    return kept


def error_of(data: Mapping[str, Any]) -> Exception:
    """Return an exception like the one that was kept, with its causes."""
    error = last = _error_of(data)
    for cause in (data.get("causes") or ())[:MAX_CAUSES]:
        last.__cause__ = _error_of(cause)
        last = last.__cause__
    with suppress(Exception):  # one with slots is looked at anew
        setattr(error, _KEPT, dict(data))
    return error


def kept_analysis(
    error: BaseException | str, patterns: Sequence[ErrorPattern]
) -> ErrorAnalysis | None:
    """Return what was found out about an error that `error_of()` made, when it was alive."""
    data = getattr(error, "__dict__", {}).get(_KEPT) if isinstance(error, BaseException) else None
    return analysis_of(data, patterns) if isinstance(data, dict) else None


def _error_of(data: Mapping[str, Any]) -> Exception:
    name, args = str(data.get("type", "")), data.get("args")
    attributes = data.get("attributes") or {}
    kind = _known(name)
    if kind is not None and isinstance(args, list):
        made = _made(kind, args, attributes)
        if made is not None and error_text(made, limit=MAX_MESSAGE) == data.get("message"):
            return made
    message = str(data.get("message", ""))
    short = name.rpartition(".")[2]
    return _replayed(message.removeprefix(f"{short}: "), name, attributes)


def analysis_of(data: Mapping[str, Any], patterns: Sequence[ErrorPattern]) -> ErrorAnalysis:
    """Return what was found out about the error when it was alive.

    Args:
        data: as `data_of()` made it.
        patterns: of the orchestrator; those that matched are found by their ids.
    """
    by_id = {pattern.pattern_id: pattern for pattern in patterns}
    reasons = tuple(map(str, data.get("reasons", ())))
    fingerprint = str(data.get("fingerprint", ""))
    return ErrorAnalysis(
        error_type=ErrorType(data["error_type"]),
        ladder=tuple(RecoveryStrategy(kind) for kind in data.get("ladder", ())),
        pattern=by_id.get(str(data.get("pattern"))),
        on_a_par=tuple(by_id[one] for one in data.get("on_a_par", ()) if one in by_id),
        groups=dict(data.get("groups") or {}),
        transient=data.get("transient"),
        retry_after=data.get("retry_after"),
        rank=int(data.get("rank", 0)),
        declared=bool(data.get("declared")),
        call_source=str(data.get("call_source", "")),
        reasons=lambda: reasons,
        fingerprint=lambda: fingerprint,
    )


def _causes_of(error: BaseException) -> list[dict[str, Any]]:
    """Return the names and texts of the chain of causes, outermost first."""
    causes: list[dict[str, Any]] = []
    seen = {id(error)}
    current = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    while current is not None and id(current) not in seen and len(causes) < MAX_CAUSES:
        seen.add(id(current))
        text = error_text(current, limit=MAX_MESSAGE)
        causes.append({"type": _name_of(current), "message": text})
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    return causes


def _replayed(message: str, name: str, attributes: Mapping[str, Any]) -> ReplayedError:
    return _stand_in(name)(message, type_name=name, attributes=attributes)


@lru_cache(maxsize=256)
def _stand_in(name: str) -> type[ReplayedError]:
    """Return a class that is called as the one of this qualified name was."""
    short = name.rpartition(".")[2]
    if not short.isidentifier():
        return ReplayedError
    return type(short, (ReplayedError,), {"__module__": ReplayedError.__module__})


def _made(
    kind: type[Exception], args: list[Any], attributes: Mapping[str, Any]
) -> Exception | None:
    """Return one of this class, or None where it wants more than was kept."""
    try:
        if kind.__module__ == "builtins":
            # what they say comes from their constructors; that of a SyntaxError takes a tuple
            pairs = issubclass(kind, SyntaxError)
            made = kind(*(tuple(a) if pairs and isinstance(a, list) else a for a in args))
        else:
            made = kind.__new__(kind, *args)
            made.args = tuple(args)
        for key, value in attributes.items():
            setattr(made, key, tuple(value) if isinstance(value, list) else value)
        str(made)
    except Exception:  # noqa: BLE001 - whatever it is, there is another way
        return None
    return made


def _name_of(error: BaseException) -> str:
    kind = type(error)
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )


def _known(name: str) -> type[Exception] | None:
    """Return a class that may be made from data: built in, or ours and imported already or public."""
    module, _, short = name.rpartition(".")
    if not module:
        found = getattr(builtins, name, None)
    elif module == _PACKAGE or module.startswith(f"{_PACKAGE}."):
        found = getattr(sys.modules.get(module), short, None)
    else:
        return None
    return found if isinstance(found, type) and issubclass(found, Exception) else None


def _plain_all(values: Sequence[Any]) -> list[Any] | None:
    """Return the values if all of them are plain; else None, for nothing can be made of some."""
    kept = [_plain(value) for value in values[:MAX_ARGUMENTS]]
    if len(values) > MAX_ARGUMENTS or any(
        new is None and old is not None for new, old in zip(kept, values, strict=False)
    ):
        return None
    return kept


def _plain_each(values: Mapping[str, Any]) -> dict[str, Any]:
    kept = {}
    for name, value in list(values.items())[:MAX_ARGUMENTS]:
        if name.startswith("_"):
            continue
        plain = _plain(value)
        if plain is not None or value is None:
            kept[name] = plain
    return kept


def _plain(value: Any) -> Any:
    """Return a copy made of JSON values and redacted; None where it cannot be one, or is large."""
    if isinstance(value, str) and len(value) <= MAX_ARGUMENT:
        value = str(value)
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None
    return redact_value(json.loads(text)) if len(text) <= 2 * MAX_ARGUMENT else None
