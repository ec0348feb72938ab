"""What the tables of the documentation say is what the code does."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows import (
    BaseRecoveryStrategy,
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryBudget,
    RecoveryResult,
    RecoveryStatistics,
    RecoveryStrategy,
)
from omninode_bridge.agents.workflows._options import ADMITTED, OptionArguments, RunOptions
from omninode_bridge.agents.workflows._recorder import WINDOW
from omninode_bridge.agents.workflows.classification._compiled import PATTERN_SECONDS
from omninode_bridge.agents.workflows.classification.matcher import ANALYSIS_SECONDS
from omninode_bridge.agents.workflows.correction.user import CORRECTION_KEYS
from omninode_bridge.agents.workflows.escalation.delivery import CHANNEL_TIMEOUT
from omninode_bridge.agents.workflows.escalation.settings import (
    MAX_CHANNELS,
    SETTING_KEYS,
    EscalationSettings,
)
from omninode_bridge.agents.workflows.recovery_models.pattern import MAX_REGEX_LENGTH
from omninode_bridge.agents.workflows.recovery_models.statistics import StrategyStatistics
from omninode_bridge.agents.workflows.recovery_strategies import SteppedStrategy
from omninode_bridge.agents.workflows.recovery_strategies._alternatives import MAX_ALTERNATIVES
from omninode_bridge.agents.workflows.recovery_strategies._bucket import MAX_BUCKETS, RetryBucket
from omninode_bridge.agents.workflows.recovery_strategies._circuits import MAX_CIRCUITS
from omninode_bridge.agents.workflows.recovery_strategies._degradation_steps import (
    BUILT_IN_STEPS,
    MAX_STEPS,
)
from omninode_bridge.agents.workflows.recovery_strategies._registry import built_in_strategies
from omninode_bridge.agents.workflows.recovery_strategies.escalation import DEFAULT_WAIT
from omninode_bridge.agents.workflows.recovery_strategies.retry import MAX_RETRIES_LIMIT

pytestmark = pytest.mark.checkout

ROOT = Path(__file__).resolve().parent.parent
STRATEGIES = ROOT / "docs" / "strategies"
OPTIONS = ROOT / "docs" / "reference" / "options.md"
ORDER = ["About", "Usage", "Defaults", "Events", "Patterns", "Anti-patterns"]
BUILT_IN = built_in_strategies(
    max_retries=3,
    base_delay=1.0,
    jitter="full",
    escalation=None,
    degradation_steps=None,
    validators=None,
)
PAGES: dict[str, type[BaseRecoveryStrategy]] = {
    **{str(kind).replace("_", "-"): type(strategy) for kind, strategy in BUILT_IN.items()},
    "custom": BaseRecoveryStrategy,
}
LIMITS = {
    "characters of a regular expression of a pattern": MAX_REGEX_LENGTH,
    "retries of one step": MAX_RETRIES_LIMIT,
    "alternatives": MAX_ALTERNATIVES,
    "degradation steps of one list": MAX_STEPS,
    "channels of one escalation": MAX_CHANNELS,
    "seconds of a paused workflow without `timeout`": DEFAULT_WAIT,
    "seconds for one channel": CHANNEL_TIMEOUT,
    "circuits that are kept": MAX_CIRCUITS,
    "dependencies that a retry bucket keeps": MAX_BUCKETS,
    "durations that statistics keep of each strategy": WINDOW,
    "milliseconds for one pattern": PATTERN_SECONDS * 1000,
    "milliseconds for the patterns of one analysis": ANALYSIS_SECONDS * 1000,
}
# What describes its default in words, because the default is an object.
IN_WORDS = {"clock", "draw", "new_id"}

Row = dict[str, str]


def tables(page: Path) -> Iterator[list[Row]]:
    """Yield the tables of a page, each row by the names of its columns."""
    for block in re.findall(r"(?:^\|.*\|\n)+", page.read_text(encoding="utf-8"), re.MULTILINE):
        head, _, *body = (split_row(line) for line in block.splitlines())
        yield [dict(zip(head, row, strict=True)) for row in body]


def split_row(line: str) -> list[str]:
    cells = re.split(r"(?<!\\)\|", line.strip()[1:-1])
    return [cell.strip() for cell in cells]


def table(page: Path, first: str) -> list[Row]:
    """Return the one table whose first column has this name."""
    (found,) = (rows for rows in tables(page) if rows and next(iter(rows[0])) == first)
    return found


def names(rows: list[Row]) -> list[str]:
    """Return the code in the first column, in order."""
    return [name for row in rows for name in re.findall(r"`([^`]+)`", next(iter(row.values())))]


def assert_default(row: Row, default: Any) -> None:
    name = names([row])[0]
    text = row["default"]
    if default is inspect.Parameter.empty or default is MISSING:
        assert text == "required", name
    elif name in IN_WORDS:
        assert text
    else:
        written = ast.literal_eval(text)
        assert written == default, name
        assert type(written) is type(default) or isinstance(default, str), name


def parameters(callable_: Any) -> dict[str, inspect.Parameter]:
    return {k: p for k, p in inspect.signature(callable_).parameters.items() if k != "self"}


def test_every_strategy_has_a_page() -> None:
    """One page for each kind, and an index that names them all."""
    pages = {page.stem for page in STRATEGIES.glob("*.md")} - {"README"}
    index = (STRATEGIES / "README.md").read_text(encoding="utf-8")

    assert pages == set(PAGES)
    assert {str(kind).replace("_", "-") for kind in RecoveryStrategy} == pages
    assert all(f"({page}.md)" in index for page in pages)


@pytest.mark.parametrize("page", PAGES)
def test_pages_of_strategies_have_one_order(page: str) -> None:
    """A reader finds the same headings at the same places."""
    text = (STRATEGIES / f"{page}.md").read_text(encoding="utf-8")

    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ORDER


@pytest.mark.parametrize("page", PAGES)
def test_defaults_of_a_strategy(page: str) -> None:
    """Settings, defaults and what metadata may hold are those of the constructor."""
    strategy = PAGES[page]
    rows = table(STRATEGIES / f"{page}.md", "setting")
    taken = parameters(strategy.__init__)

    assert names([{"": row["setting"]} for row in rows]) == list(taken)
    keys = strategy.keys if issubclass(strategy, SteppedStrategy) else frozenset()
    for row in rows:
        name = row["setting"].strip("`")
        default = taken[name].default
        if default is None and row["default"] != "None":
            assert " " in row["default"] or "'" in row["default"], "a default in words"
        else:
            assert_default(row, default)
        assert row["in metadata"] == ("yes" if name in keys | {"force"} else "no"), name


def test_settings_of_a_retry_bucket() -> None:
    """The settings of a bucket and their defaults are those of its constructor."""
    rows = table(STRATEGIES / "retry.md", "setting of `RetryBucket`")
    taken = parameters(RetryBucket.__init__)

    assert names(rows) == list(taken)
    for row in rows:
        assert_default(row, taken[names([row])[0]].default)


def test_settings_of_escalation() -> None:
    """The keys of an escalation and their defaults are those that are parsed."""
    rows = table(STRATEGIES / "escalation.md", "key")
    settings = EscalationSettings()

    assert sorted(names(rows)) == sorted(SETTING_KEYS)
    for row in rows:
        name = row["key"].strip("`")
        if name.startswith("notification_channel"):
            assert row["default"] == "every channel"
            assert settings.channels == ()
        else:
            assert_default(row, getattr(settings, name.removeprefix("escalation_")))


def test_one_correction_in_metadata() -> None:
    """The page names all keys of a correction."""
    text = (STRATEGIES / "error-correction.md").read_text(encoding="utf-8")
    (sentence,) = re.findall(r"may stand by themselves: (.*)\.$", text, re.MULTILINE)

    assert set(re.findall(r"`(\w+)`", sentence)) == set(CORRECTION_KEYS)


def test_statistics_fields() -> None:
    """The index of strategies names every field, and none that is not there."""
    page = STRATEGIES / "README.md"

    assert names(table(page, "statistics field")) == [f.name for f in fields(RecoveryStatistics)]
    assert names(table(page, "record of one strategy")) == [
        f.name for f in fields(StrategyStatistics)
    ]


def test_hooks_exist() -> None:
    """Each hook is a method of the orchestrator, or an option of a call."""
    hooks = names(table(STRATEGIES / "README.md", "hook"))

    assert hooks == [
        *sorted(
            (name for name in dir(ErrorRecoveryOrchestrator) if name.startswith("on_")),
            key=list(hooks).index,
        ),
        "on_result",
    ]


@cache
def logged() -> dict[str, set[str]]:
    """Return the levels of every event that the package logs under a constant name."""
    found: dict[str, set[str]] = {}
    for file in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if getattr(node.func.value, "id", "") != "logger" or not node.args:
                continue
            at = 1 if node.func.attr == "log" else 0
            name = node.args[at] if len(node.args) > at else None
            if isinstance(name, ast.Constant):
                found.setdefault(name.value, set()).add(node.func.attr.upper())
    return found


@pytest.mark.parametrize("page", [*PAGES, "README"])
def test_log_events_exist(page: str) -> None:
    """An event in a table is logged, at the level beside it."""
    known = logged()
    for rows in tables(STRATEGIES / f"{page}.md"):
        for row in rows if rows and "log event" in rows[0] else []:
            event = row["log event"].strip("`")
            assert event in known
            assert known[event] & {"LOG", row["level"].partition(",")[0]}, event


def test_recovery_events_are_complete() -> None:
    """Every event of a recovery, a breaker and an escalation is in a table."""
    told = {
        name
        for page in [*PAGES, "README"]
        for rows in tables(STRATEGIES / f"{page}.md")
        if rows and "log event" in rows[0]
        for name in names(rows)
    }

    assert {
        name for name in logged() if name.startswith(("recovery.", "breaker.", "escalation."))
    } <= told


@pytest.mark.parametrize("page", [*PAGES, "README"])
def test_fields_of_the_result_exist(page: str) -> None:
    """What a page says of `result.x` is a field of the result."""
    text = (STRATEGIES / f"{page}.md").read_text(encoding="utf-8")

    assert set(re.findall(r"`result\.(\w+)", text)) <= set(RecoveryResult.__slots__)


def test_arguments_of_the_orchestrator() -> None:
    """All arguments, in their order, with their defaults."""
    rows = table(OPTIONS, "argument")
    taken = parameters(ErrorRecoveryOrchestrator.__init__)

    assert [row["argument"].strip("`") for row in rows] == list(taken)
    for row in rows:
        assert_default(row, taken[row["argument"].strip("`")].default)


def test_options_of_a_call() -> None:
    """All options, with the default that leaving them out amounts to."""
    rows = table(OPTIONS, "option")
    defaults = {field.name: getattr(RunOptions(), field.name) for field in fields(RunOptions)}

    assert sorted(row["option"].strip("`") for row in rows) == sorted(
        OptionArguments.__annotations__
    )
    for row in rows:
        assert_default(row, defaults.get(row["option"].strip("`")))


def test_admitted_types() -> None:
    """The kin that a filter lets through."""
    rows = table(OPTIONS, "filter")
    told = {
        ErrorType(row["filter"].strip("`")): set(re.findall(r"`(\w+)`", row["also admits"]))
        for row in rows
    }

    assert told == {kind: set(map(str, others)) for kind, others in ADMITTED.items()}


@pytest.mark.parametrize(
    ("heading", "cls"), [("Budget", RecoveryBudget), ("Patterns", ErrorPattern)]
)
def test_fields_of_what_is_passed(heading: str, cls: type) -> None:
    """Budget and pattern have these fields and defaults."""
    text = OPTIONS.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [split_row(line) for line in text.splitlines() if line.startswith("| `")]

    found = {
        field.name: field.default_factory()
        if field.default_factory is not MISSING
        else field.default
        for field in fields(cls)
    }
    assert [line[0].strip("`") for line in lines] == list(found)
    for line in lines:
        assert_default({"name": line[0], "default": line[1]}, found[line[0].strip("`")])


def test_metadata_keys() -> None:
    """For each strategy, the documented keys are those that it takes."""
    rows = table(OPTIONS, "key")
    for kind, strategy in BUILT_IN.items():
        assert isinstance(strategy, SteppedStrategy)
        told = {row["key"].strip("`") for row in rows if row["strategies"] in ("all", str(kind))}
        assert told == strategy.known_keys(), kind
    assert {row["strategies"] for row in rows} <= {"all", *map(str, BUILT_IN)}


def test_degradation_steps() -> None:
    """Each step changes the arguments that the table names, and no other."""
    rows = table(OPTIONS, "step")
    arguments = {
        "mixins": ["A"],
        "enable_ai_quorum": True,
        "enable_profiling": True,
        "enable_metrics": True,
        "validation_level": "full",
        "template_id": "node_effect_v2",
        "model": "large",
        "contract": "x",
    }

    assert names([{"": row["step"]} for row in rows]) == list(BUILT_IN_STEPS)
    for row in rows:
        changed = BUILT_IN_STEPS[row["step"].strip("`")].changes(arguments)
        assert set(changed) == set(re.findall(r"`(\w+)`", row["changes"])), row["step"]


def test_limits() -> None:
    """Every limit is the constant that the code uses."""
    told = {row["what"]: float(row["most"].replace(",", "")) for row in table(OPTIONS, "what")}

    assert told == pytest.approx(LIMITS)
