"""Analyse an error, and remember the answer where the error is all there is to it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ._config import Config
from ._foreign import passes_through
from ._options import RunOptions
from ._ties import patterns_on_a_par, with_their_steps
from .classification import Classification, classify, plan_ladder
from .classification.plain import is_plain, outline_of, read_plain
from .classification.providers.frames import frame_facts
from .recovery_models import ErrorAnalysis, ErrorType

__all__ = ["analyze", "declines"]

logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")

_MEMO_SIZE = 256
_MEMO_TEXT = 300

# Those of which a single class says what they are; see classification/providers/_class_tables.py.
_BY_CLASS = frozenset(
    {
        ArithmeticError,
        AssertionError,
        IndexError,
        KeyError,
        TypeError,
        ValueError,
        ZeroDivisionError,
    }
)


def analyze(
    error: BaseException | str, config: Config, now: Callable[[], datetime]
) -> ErrorAnalysis:
    """Say what an error is and what would be tried."""
    found = _remembered(error, config, now)
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug(
            "recovery.analyzed",
            extra={
                "error_type": str(found.error_type),
                "ladder": [str(kind) for kind in found.ladder],
                "pattern_id": found.pattern.pattern_id if found.pattern is not None else None,
                "on_a_par": [pattern.pattern_id for pattern in found.on_a_par],
                "skipped_patterns": list(found.skipped_patterns),
                "transient": found.transient,
            },
        )
    return found


def _remembered(
    error: BaseException | str, config: Config, now: Callable[[], datetime]
) -> ErrorAnalysis:
    if not isinstance(error, BaseException) or config.own_providers:
        found = classify(error, config.patterns, providers=config.providers, now=now)
        return _analysis_of(found, config)
    key = _key(error)
    known = config.memo.get(key) if key is not None else None
    if known is not None:
        return known
    plain = read_plain(error)
    if plain is None:
        found = classify(error, config.patterns, providers=config.providers, now=now)
        return _analysis_of(found, config)
    if key is None:
        key = plain
        known = config.memo.get(key)
        if known is not None:
            return known
    outline = plain.text, outline_of(error, plain, config.providers, config.outlines)
    found = classify(error, config.patterns, providers=config.providers, now=now, outline=outline)
    known = _analysis_of(found, config)
    if len(config.memo) >= _MEMO_SIZE:
        config.memo.clear()
    config.memo[key] = known
    return known


def declines(
    error: Exception, config: Config, options: RunOptions, now: Callable[[], datetime]
) -> bool:
    """Whether the filter of a decorated call leaves this error alone.

    A built-in error without a cause is known by its class: no text of ours overrides that, and the
    place where it was raised could only make it an error of generation.
    """
    wanted = options.error_types
    if wanted is None:
        return False
    bare = (
        error.__context__ is None
        and error.__cause__ is None
        and not error.__dict__
        and not config.own_providers
    )
    kind: Any = type(error)
    args = error.args
    known = config.declined
    if bare:
        declined = known.get((kind, wanted))
        if declined is None and len(args) == 1 and type(args[0]) is str:
            declined = known.get((kind, wanted, args[0]))
        if declined is not None:
            return declined
    if passes_through(error, options.never):
        return True
    found = analyze(error, config, now)
    declined = not options.admits(found.error_type, transient=found.transient)
    if bare and is_plain(kind) and not options.admits(ErrorType.GENERATION, transient=False):
        if len(known) >= _MEMO_SIZE:
            known.clear()
        if kind in _BY_CLASS and not len(config.patterns.own):
            known[kind, wanted] = declined
        elif len(args) == 1 and type(args[0]) is str and len(args[0]) <= _MEMO_TEXT:
            known[kind, wanted, args[0]] = declined
    return declined


def _key(error: BaseException) -> tuple[object, ...] | None:
    """Return what identifies the answer, or None where more than type and arguments counts."""
    kind: Any = type(error)
    if not is_plain(kind) or error.__cause__ is not None or error.__dict__:
        return None
    if error.__context__ is not None and not error.__suppress_context__:
        return None
    if getattr(error, "filename", None) is not None or len(error.args) > 2:
        return None
    for argument in error.args:
        if type(argument) is not int and (type(argument) is not str or len(argument) > _MEMO_TEXT):
            return None
    in_template = not isinstance(error, OSError) and frame_facts(error) is not None
    return (kind, in_template, *error.args)


def _analysis_of(found: Classification, config: Config) -> ErrorAnalysis:
    """Bring a classification into the shape that callers see."""
    ladder, declared = plan_ladder(found, config.policy)
    on_a_par = patterns_on_a_par(found, config)
    if on_a_par:
        ladder, declared = with_their_steps(found, on_a_par, ladder if declared else ()), True
    match = found.match

    def reasons() -> tuple[str, ...]:
        also = (f"pattern {one.pattern_id!r} of the same priority does too" for one in on_a_par)
        first, *others = found.reasons()
        return (first, *also, *others)

    return ErrorAnalysis(
        error_type=found.error_type,
        ladder=ladder,
        pattern=match.pattern if match is not None else None,
        on_a_par=on_a_par,
        groups=match.groups if match is not None else {},
        transient=found.transient,
        retry_after=found.retry_after,
        rank=found.rank,
        declared=declared,
        skipped_patterns=found.skipped_patterns,
        reasons=reasons if on_a_par else found.reasons,
        fingerprint=found.fingerprint,
    )
