"""What a step may return, and when what it returned is not reused."""

from __future__ import annotations

import functools
import logging
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from omninode_bridge.agents.workflows import JournalEngine, WorkflowStage, WorkflowStep
from omninode_bridge.agents.workflows._call import Call
from omninode_bridge.agents.workflows._kept_runs import identity_of
from omninode_bridge.agents.workflows.staged_execution import WorkflowFailedError
from omninode_bridge.errors import NotDurableError

from ._flows import chain, program, run


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def doubled(times: int) -> Any:
    value: Any = [1]
    for _ in range(times):
        value = [value, value]
    return value


class Text(str):
    pass


WRONG = {
    "nan": ({"a": [1.5, float("nan")]}, "['a'][1] is nan"),
    "infinite": (float("-inf"), "is -inf"),
    "tuple": ({"a": (1, 2)}, "['a'] is a tuple"),
    "set": ({1}, "is a set"),
    "bytes": ([b"x"], "[0] is a bytes"),
    "object": ({"deep": {"er": object()}}, "['deep']['er'] is a object"),
    "subclass": ([Text("x")], "[0] is a Text"),
    "key": ({1: 2}, "has the key 1"),
    "surrogate": ({"a": "\ud800"}, "['a'] has half a character"),
    "surrogate key": ({"\udfff": 1}, "has half a character"),
    "deep": (deep(1_000_000), "nested more than"),
    "digits": (10**5_000, "thousands of digits"),
    "doubled": (doubled(90), "values in it"),
}


@pytest.mark.parametrize(("value", "said"), WRONG.values(), ids=WRONG)
async def test_a_result_that_would_not_come_back_the_same_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: Any, said: str
) -> None:
    """The step has failed with the path of the culprit; its siblings go on; it runs again."""
    monkeypatch.setattr("omninode_bridge.agents.workflows.journal._codec.MAX_VALUES", 10_000)
    right, calls = [False], []

    def wrong() -> Any:
        calls.append("wrong")
        return "right" if right[0] else value

    def sibling() -> str:
        calls.append("sibling")
        return "fine"

    stages = [
        WorkflowStage("s", [WorkflowStep(f.__name__, f, version="1") for f in (wrong, sibling)])
    ]
    with JournalEngine(tmp_path / "j.db") as engine:
        with pytest.raises(WorkflowFailedError) as caught:
            await run(engine, stages)
        right[0] = True
        result = await run(engine, stages)

    error = caught.value.result.steps["wrong"].error
    assert isinstance(error, NotDurableError)
    assert said in str(error)
    assert "'s/wrong'" in str(error)
    assert len(str(error)) < 1_000
    assert sorted(calls) == ["sibling", "wrong", "wrong"]
    assert result.results == {"wrong": "right", "sibling": "fine"}


@pytest.mark.parametrize(("value", "said"), list(WRONG.values())[:12], ids=list(WRONG)[:12])
async def test_arguments_that_would_not_come_back_the_same_are_refused(
    tmp_path: Path, value: Any, said: str
) -> None:
    """Nothing runs at all then."""
    calls: list[int] = []
    with JournalEngine(tmp_path / "j.db") as engine, pytest.raises(NotDurableError) as caught:
        await run(engine, chain(lambda given: calls.append(1), arguments={"given": value}))

    assert "arguments of step 'lambda'['given']" in str(caught.value)
    assert said.removeprefix("is ") in str(caught.value)
    assert not calls


async def test_a_result_of_ten_megabytes(tmp_path: Path) -> None:
    """It is kept whole, and handed on and reused."""
    text, calls = 'é雪\0"\\\n' * 1_500_000, []

    def large() -> dict[str, Any]:
        calls.append("large")
        return {"text": text, "items": list(range(100_000))}

    def size(inputs: Any) -> int:
        calls.append("size")
        return len(inputs["large"]["text"])

    for _ in range(2):
        with JournalEngine(tmp_path / "j.db") as engine:
            result = await run(engine, chain(large, size))
        assert result.results["large"] == {"text": text, "items": list(range(100_000))}
        assert result.results["size"] == len(text)
    assert calls == ["large", "size"]


class Worker:
    def method(self) -> int:
        return 1

    def __call__(self) -> int:
        return 1


CARRYING = {
    "closure": ((lambda x: lambda: x)(1), "a closure over 'x'"),
    "method": (Worker().method, "a bound method"),
    "object": (Worker(), "an object of Worker"),
    "partial": (functools.partial(int, 1), "a partial"),
    "class": (Worker, "an object of type"),
    "built-in method": ("abc".upper, "an object of builtin_function_or_method"),
}


@pytest.mark.parametrize(("operation", "said"), CARRYING.values(), ids=CARRYING)
async def test_what_carries_state_needs_a_version(
    tmp_path: Path, operation: Any, said: str
) -> None:
    """Nobody could see when it changes; nothing runs before that is said."""
    calls: list[int] = []
    first = WorkflowStep("first", lambda: calls.append(1), version="1")

    with JournalEngine(tmp_path / "j.db") as engine:
        for version, wanted in ((None, True), ("1", False)):
            steps = [first, WorkflowStep("it", operation, version=version)]
            try:
                await run(engine, [WorkflowStage("s", steps)])
                refused = ""
            except NotDurableError as error:
                refused = str(error)
            except WorkflowFailedError:
                refused = ""  # it ran: what it returned is another matter
            assert (said in refused) is wanted
            assert bool(calls) is not wanted


# -- staleness ---------------------------------------------------------------------------------


def made(source: str) -> Any:
    """Return the function ``step`` of a source text."""
    space: dict[str, Any] = {}
    exec(source, space)
    return space["step"]


PLAIN = "def step(n=1):\n    return [n, 'a']\n"
CHANGES = {
    "constant": (PLAIN, PLAIN.replace("'a'", "'b'")),
    "default": (PLAIN, PLAIN.replace("n=1", "n=2")),
    "keyword default": ("def step(*, n=1): return n", "def step(*, n=2): return n"),
    "default of many": (
        "def step(n=(1, {'a': [2]})): return 1",
        "def step(n=(1, {'a': [3]})): return 1",
    ),
    "default function": ("def step(f=lambda: 1): return f()", "def step(f=lambda: 2): return f()"),
    "name": ("def step(): return len([])", "def step(): return sum([])"),
    "inner": (
        "def step():\n return [x + 1 for x in [1]]",
        "def step():\n return [x + 2 for x in [1]]",
    ),
    "handler": (
        "def step():\n    try:\n        a = int('1')\n        b = int('2')\n    except ValueError:\n        b = 0\n    return b",
        "def step():\n    a = int('1')\n    try:\n        b = int('2')\n    except ValueError:\n        b = 0\n    return b",
    ),
    "members": ("def step(): return 1 in {1, 2}", "def step(): return 1 in {1, 3}"),
}


@pytest.mark.parametrize(("before", "after"), CHANGES.values(), ids=CHANGES)
async def test_changed_code_runs_again_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, before: str, after: str
) -> None:
    """Whatever of the function changed; and the changed one is reused after that."""

    def stages(source: str) -> list[WorkflowStage]:
        return [WorkflowStage("s", [WorkflowStep("it", made(source))])]

    with JournalEngine(tmp_path / "j.db") as engine, caplog.at_level(logging.WARNING):
        await run(engine, stages(before))
        moved = await run(engine, stages("\n\n# moved\n" + before))
        changed = await run(engine, stages(after))
        again = await run(engine, stages(after))

    assert moved.steps["it"].reused
    assert not changed.steps["it"].reused
    assert changed.steps["it"].stale == "its code or version changed"
    assert again.steps["it"].reused
    assert [r.reason for r in caplog.records if r.message == "workflow.step_stale"] == [
        "its code or version changed"
    ]


def numbered(source: str) -> FunctionType:
    found: FunctionType = made(source)
    return found


async def test_changed_arguments_and_versions_run_again_and_say_so(tmp_path: Path) -> None:
    """The order of keys is no change, at any depth; a million characters are no hindrance."""
    long = "x" * 1_000_000

    def step(**given: Any) -> int:
        return len(given)

    async def once(version: str = "1", **given: Any) -> Any:
        stages = [WorkflowStage("s", [WorkflowStep("it", step, arguments=given, version=version)])]
        with JournalEngine(tmp_path / "j.db") as engine:
            return (await run(engine, stages)).steps["it"]

    first = await once(a=long, b={"x": 1, "y": [{"p": 1, "q": 2}]})
    same = await once(b={"y": [{"q": 2, "p": 1}], "x": 1}, a=long)
    other = await once(b={"y": [{"q": 2, "p": 3}], "x": 1}, a=long)
    longer = await once(b={"y": [{"q": 2, "p": 3}], "x": 1}, a=long + "x")
    newer = await once("2", b={"y": [{"q": 2, "p": 3}], "x": 1}, a=long + "x")
    both = await once("3")

    assert (first.reused, first.stale) == (False, "")
    assert (same.reused, same.stale) == (True, "")
    assert (other.reused, other.stale) == (False, "its arguments changed")
    assert (longer.reused, longer.stale) == (False, "its arguments changed")
    assert (newer.reused, newer.stale) == (False, "its code or version changed")
    assert (both.reused, both.stale) == (False, "its code or version and arguments changed")


async def test_a_changed_result_makes_stale_what_was_made_of_it(tmp_path: Path) -> None:
    """And nothing else; a step that ran again and returned the same makes nothing stale."""
    calls: list[str] = []

    def stages(text: str, version: str) -> list[WorkflowStage]:
        def source() -> str:
            calls.append("source")
            return text

        def other() -> int:
            calls.append("other")
            return 1

        def made_of_it(inputs: Any) -> str:
            calls.append("made_of_it")
            return inputs["source"].upper()

        def after(inputs: Any) -> list[Any]:
            calls.append("after")
            return sorted(inputs)

        return [
            WorkflowStage(
                "a",
                [
                    WorkflowStep("source", source, version=version),
                    WorkflowStep("other", other, version="1"),
                ],
            ),
            WorkflowStage("b", [WorkflowStep("made_of_it", made_of_it, ["source"], version="1")]),
            WorkflowStage("c", [WorkflowStep("after", after, version="1")], ["a"]),
        ]

    with JournalEngine(tmp_path / "j.db") as engine:
        await run(engine, stages("one", "1"))
        calls.clear()
        same = await run(engine, stages("one", "2"))
        ran_same, calls[:] = list(calls), []
        changed = await run(engine, stages("two", "3"))

    assert ran_same == ["source"]
    assert same.steps["made_of_it"].reused
    assert calls == ["source", "made_of_it", "after"]
    assert changed.results["made_of_it"] == "TWO"
    assert changed.steps["made_of_it"].stale == "its inputs changed"
    assert changed.steps["after"].stale == "its inputs changed"
    assert changed.steps["other"].reused


async def test_ids_that_could_be_taken_for_one_another_are_kept_apart(tmp_path: Path) -> None:
    """A stage ``a/b`` with a step ``c`` is not a stage ``a`` with a step ``b/c``."""
    stages = [
        WorkflowStage("a/b", [WorkflowStep("c", lambda: "first", version="1")]),
        WorkflowStage("a", [WorkflowStep("b/c", lambda: "second", version="1")]),
        WorkflowStage("a%2Fb", [WorkflowStep("c ", lambda: "third", version="1")]),
    ]
    for _ in range(2):
        with JournalEngine(tmp_path / "j.db") as engine:
            result = await run(engine, stages)
        assert dict(result.results) == {"c": "first", "b/c": "second", "c ": "third"}


@pytest.mark.parametrize(
    ("workflow", "stage", "step"),
    [("\ud800", "s", "x"), ("w", "\ud800", "x"), ("w", "s", "\ud800")],
)
async def test_an_id_that_cannot_be_written_is_refused(
    tmp_path: Path, workflow: str, stage: str, step: str
) -> None:
    """Before anything runs, and nobody owns the workflow afterwards."""
    calls: list[int] = []
    stages = [WorkflowStage(stage, [WorkflowStep(step, lambda: calls.append(1), version="1")])]
    with JournalEngine(tmp_path / "j.db") as engine:
        with pytest.raises(NotDurableError, match="half a character"):
            await run(engine, stages, name=workflow)
        owned = "SELECT count(*) FROM workflows WHERE owner IS NOT NULL"
        assert engine.file.read(lambda c: c.execute(owned).fetchone()[0]) == 0

    assert not calls


def test_another_process_sees_the_same_code(tmp_path: Path) -> None:
    """Neither the seed of hashes nor the place in memory goes into what is compared."""
    source = """
import asyncio, sys
from omninode_bridge.agents.workflows import *
def step(kind="a", *, kinds=frozenset({"a", "b", "c"}), f=lambda x: x in {"p", "q", "r"}, o=sys.stdin):
    return kind in {"x", "y", "z", "a"}
with JournalEngine(sys.argv[1]) as engine:
    stages = [WorkflowStage("s", [WorkflowStep("it", step)])]
    result = asyncio.run(StagedParallelExecutor(engine=engine).execute_workflow("w", stages))
    print(result.steps["it"].reused)
"""
    said = [
        program(source, tmp_path / "j.db", before=["env", f"PYTHONHASHSEED={seed}"]).stdout
        for seed in (1, 2, 3)
    ]

    assert said == ["False\n", "True\n", "True\n"]


# -- calls in a step ---------------------------------------------------------------------------


def test_calls_with_objects_are_told_apart_by_the_rest_of_their_arguments() -> None:
    """What was recorded of one call may not be given to another one beside it."""

    def fetch(client: Any, page: int) -> int:
        return page

    def of(*arguments: Any, **named: Any) -> str:
        return identity_of(Call(fetch, arguments, named))

    assert of(Worker(), 1) == of(Worker(), 1) != of(Worker(), 2)
    assert of(Worker(), page=1) != of(object(), page=1)
    assert of({"a": 1, "b": 2}) == of({"b": 2, "a": 1})
    assert of({(1, 2): 3}) == of(float("nan")) == ""
