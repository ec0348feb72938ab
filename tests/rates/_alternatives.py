"""Calls of which one alternative works, at any place of the list and among irrelevant ones."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jinja2

from omninode_bridge.agents.workflows import (
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.testing import FakeClock

from ._errors import Reply, stranger, with_fields
from ._tally import Verdict

WAYS = ("run", "run_sync", "recoverable", "declared", "pattern", "metadata")
TEMPLATES = ("node_effect_v3", "node_effect_v2", "node_effect_v1", "node_simple", "node_basic")
MODELS = ("gemini-1.5-pro", "gpt-4", "claude-3", "local-7b", "mini")
PARSERS = ("fast", "strict", "lenient", "html5", "legacy")


def _template_error(rng: random.Random) -> Exception:
    """Fail as templates really fail."""
    source = rng.choice(("{{ missing }}", "{% for %}", "{{ 1 | nofilter }}", "{{ a.b.c }}", ""))
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    try:
        if not source:
            environment.get_template("node.j2")
        environment.from_string(source).render()
    except Exception as error:
        if rng.random() < 0.5:
            wrapped = RuntimeError(f"Template 'node_effect_v3' render failed: {error}")
            wrapped.__cause__ = error
            return wrapped
        return error
    raise AssertionError(source)


def _model_error(rng: random.Random) -> Exception:
    openai = functools.partial(stranger, "openai")
    status = rng.choice((404, 410, 500, 503, 529))
    return rng.choice(
        (
            with_fields(openai("APIStatusError")("it failed"), status_code=status),
            with_fields(
                openai("RateLimitError")("you exceeded your current quota"),
                status_code=429,
                code="insufficient_quota",
            ),
            with_fields(
                openai("NotFoundError")("no"), status_code=404, body={"code": "model_not_found"}
            ),
            openai("APIConnectionError")("Connection error."),
            stranger("anthropic", "OverloadedError")("Overloaded"),
            RuntimeError("Model gemini-1.5-pro is unavailable"),
            RuntimeError("failed to generate: empty response of the model"),
            stranger("shop.llm", "ContentFilterError")("the answer was filtered"),
            TimeoutError("inference"),
        )
    )


def _input_error(rng: random.Random) -> Exception:
    reply = Reply(422, {})
    return rng.choice(
        (
            ValueError("3 validation errors for Order"),
            stranger("pydantic_core._pydantic_core", "ValidationError", ValueError)("size: wrong"),
            stranger("jsonschema.exceptions", "ValidationError")("'a' is not of type 'integer'"),
            with_fields(stranger("httpx", "HTTPStatusError")("no"), response=reply),
            KeyError("title"),
            TypeError("unhashable type: 'list'"),
            NotImplementedError("tables are not supported"),
            stranger("shop.parsing", "UnsupportedFeatureError")("nested tables"),
            stranger("shop.parsing", "ContractVersionError")("v3 cannot be read by a v2 reader"),
            UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
            RuntimeError("it broke"),
        )
    )


@dataclass(frozen=True)
class Scene:
    """A call with an argument of which one value works."""

    parameter: str
    values: tuple[str, ...]
    error: Callable[[random.Random], Exception]
    option: str = "alternatives"
    settings: dict[str, Any] = field(default_factory=dict)


SCENES = {
    "template": Scene("template_id", TEMPLATES, _template_error),
    "model": Scene("model", MODELS, _model_error, option="model_alternatives"),
    "parser": Scene("parser", PARSERS, _input_error, settings={"parameter": "parser"}),
    "callable": Scene("template_id", TEMPLATES, _input_error),
}


class Work:
    """A call that only works with one value of its argument; all others fail somehow."""

    def __init__(self, scene: Scene, good: str, first: Exception, rng: random.Random) -> None:
        self.scene, self.good, self.rng = scene, good, rng
        self.errors = [first]
        self.tried: list[str] = []
        self.unusable = False

    def do(self, value: str, text: str) -> str:
        self.tried.append(value)
        if value == self.good:
            return f"{text} by {value}"
        if self.errors:
            raise self.errors.pop()
        if self.unusable:
            return ""
        raise self.scene.error(self.rng)

    def template(self, template_id: str, text: str) -> str:
        return self.do(template_id, text)

    def model(self, text: str, *, model: str, temperature: float = 0.0) -> str:
        return self.do(model, text)

    def parser(self, text: str, parser: str = "fast", **more: Any) -> str:
        return self.do(parser, text)

    def other(self, value: str) -> Callable[..., str]:
        """Return a function of its own that does it another way."""

        def way(text: str) -> str:
            return self.do(value, text)

        return way


def _entries(scene: Scene, kind: str, work: Work, values: list[str], rng: random.Random) -> Any:
    """Write the alternatives as users write them: values, pairs, callables, some of it noise."""
    entries: list[Any] = list(values)
    if rng.random() < 0.3:
        entries.insert(rng.randrange(len(entries) + 1), rng.choice(values))  # named twice
    if kind == "callable":
        return [work.other(value) if rng.random() < 0.8 else value for value in entries]
    if rng.random() < 0.5:
        return [(value, rng.choice(("primary", "secondary", 3))) for value in entries]
    return entries


async def alternatives(rng: random.Random) -> Verdict:
    """Offer one to five alternatives in any order; exactly one of them works."""
    kind = rng.choice(sorted(SCENES))
    scene = SCENES[kind]
    failed = scene.values[0]
    good, *rest = rng.sample(scene.values[1:], rng.randint(1, len(scene.values) - 1))
    values = [good, *rest, failed] if rng.random() < 0.7 else [good, *rest]
    rng.shuffle(values)
    first = scene.error(rng)
    work = Work(scene, good, first, rng)
    entries = _entries(scene, kind, work, values, rng)
    function = work.template if kind == "callable" else getattr(work, kind)
    settings = {scene.option: entries, **scene.settings}
    bound = {scene.parameter: failed} if kind != "parser" or rng.random() < 0.5 else {}
    orchestrator = ErrorRecoveryOrchestrator(clock=FakeClock(), draw=rng.random)
    results: list[RecoveryResult] = []
    orchestrator.on_recovery_success(results.append)
    orchestrator.on_recovery_failure(results.append)
    way = rng.choice(WAYS[4:] if scene.settings else WAYS)
    # where results are checked, some failures are results that cannot be used
    work.unusable = way in WAYS[:4] and rng.random() < 0.3
    try:
        value = await _go(orchestrator, function, way, settings, bound)
    except Exception as error:
        value = error
    result = results[-1] if results else None
    story = f"{way}, {type(first).__name__}: {first}, {values}, good {good}, tried {work.tried}"
    if value != f"some text by {good}":
        return Verdict(kind, f"{story}: {value!r}, {result and result.analysis}")
    if result is None or result.strategy_used is not RecoveryStrategy.ALTERNATIVE_PATH:
        return Verdict(kind, f"{story}: by {result}")
    if not result.fallback_used:
        return Verdict(kind, f"{story}: it is not said which alternative it was")
    return Verdict(kind)


async def _go(
    orchestrator: ErrorRecoveryOrchestrator,
    function: Callable[..., Any],
    way: str,
    settings: dict[str, Any],
    bound: dict[str, Any],
) -> Any:
    if way in ("run", "run_sync"):
        runs = orchestrator.with_options(**settings, validate=bool)
        if way == "run":
            return await runs.run(function, text="some text", **bound)
        return runs.run_sync(function, text="some text", **bound)
    if way == "recoverable":
        return orchestrator.recoverable(**settings, validate=bool)(function)(
            text="some text", **bound
        )
    if way == "declared":
        strategy = RecoveryStrategy.ALTERNATIVE_PATH
        return orchestrator.recoverable(None, strategy, **settings, validate=bool)(function)(
            text="some text", **bound
        )
    return await _afterwards(orchestrator, function, way, settings, bound)


async def _afterwards(
    orchestrator: ErrorRecoveryOrchestrator,
    function: Callable[..., Any],
    way: str,
    settings: dict[str, Any],
    bound: dict[str, Any],
) -> Any:
    """Recover from the caught error; the state knows what the call was given."""
    try:
        return function(text="some text", **bound)
    except Exception as error:
        caught = error
    if way == "pattern":
        orchestrator.add_error_pattern(
            ErrorPattern(
                "mine",
                ErrorType.GENERATION,
                type(caught).__name__,
                RecoveryStrategy.ALTERNATIVE_PATH,
                metadata=settings,
            )
        )
        settings = {}
    context = RecoveryContext(
        "workflow",
        "node",
        exception=caught,
        state={"text": "some text", "other": 1, **bound},
        metadata=settings,
    )
    result = await orchestrator.handle_error(context, function)
    return result.result if result.success else result.error_message
