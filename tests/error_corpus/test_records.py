"""The corpus of recorded errors: every record obeys the rules, and can be made again and classified without its library."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator

HERE = Path(__file__).resolve().parent
AREAS = sorted(path.stem for path in (HERE / "records").glob("*.jsonl"))
LONGEST_RECORD, LONGEST_TRACEBACK = 25_000, 8_200
FEWEST = 100  # records in each half


def module(name: str) -> ModuleType:
    """Return a module of this folder, which is no package."""
    if (found := sys.modules.get(name)) is None:
        spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
        assert spec
        assert spec.loader
        found = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(found)
    return found


lab, halves, replay = module("lab"), module("halves"), module("replay")


def mro(cls: type) -> list[str]:
    """Return the qualified names of a class and its bases, as records have them."""
    names = [replay.qualified(one) for one in cls.__mro__ if one is not object]
    # Python 3.13 gave it another name.
    return ["re.error" if name == "re.PatternError" else name for name in names]


@pytest.mark.parametrize("area", AREAS)
def test_labels_obey_the_rules(area: str) -> None:
    """A permanent error never accepts a retry, a transient one always does, and each label says why."""
    records = replay.load(area)

    for record in records:
        lab.check_label(
            record["id"],
            record["types"],
            record["strategies"],
            record["transient"],
            record["why"],
        )
    assert records


def test_ids_are_unique() -> None:
    """No two records of all areas have the same id."""
    counted = Counter(record["id"] for record in replay.load())

    assert [id for id, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("area", AREAS)
def test_records_are_bounded_and_tell_nothing_of_the_machine(area: str) -> None:
    """No record is long, and none names a place where it was made."""
    for line in (HERE / "records" / f"{area}.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)

        assert len(line.encode()) <= LONGEST_RECORD, record["id"]
        assert len(record["traceback"].encode()) <= LONGEST_TRACEBACK * 2, record["id"]
        assert not re.search(rf"error_corpus|{re.escape(str(Path.home()))}/", line), record["id"]


@pytest.mark.parametrize("area", AREAS)
def test_replays_are_what_was_raised(area: str) -> None:
    """Class, bases, text, causes and members of the replay are those of the record."""
    for record in replay.load(area):
        error = replay.rebuild(record)

        assert mro(type(error)) == record["mro"], record["id"]
        assert safely(error) == record["str"], record["id"]
        assert [type(link).__name__ for link in chain(error)] == [
            link["class"].partition("#")[0].rpartition(".")[2] for link in record.get("chain", [])
        ], record["id"]
        if isinstance(error, BaseExceptionGroup):
            assert [str(one) for one in error.exceptions] == [
                one["str"] for one in record["group"]
            ], record["id"]


def safely(error: BaseException) -> str:
    """Return the text of an error as the recorder cut it."""
    return str(error)[:8_000]


def chain(error: BaseException) -> list[BaseException]:
    """Return what led to an error, hidden contexts too."""
    found: list[BaseException] = []
    while following := error.__cause__ or error.__context__:
        found.append(following)
        error = following
    return found


@pytest.mark.parametrize("area", AREAS)
def test_every_record_is_classified(area: str) -> None:
    """The error itself, its text and its traceback get an answer; none of them an exception."""
    analyze = ErrorRecoveryOrchestrator().analyze

    for record in replay.load(area):
        forms: list[Any] = [replay.rebuild(record), record["text"], record["traceback"]]

        assert all(analyze(form).strategy for form in forms), record["id"]


def test_both_halves_are_large_enough() -> None:
    """Each half has enough records and libraries to say something."""
    counted = Counter(halves.half(record["library"]) for record in replay.load())
    libraries = Counter(map(halves.half, {record["library"] for record in replay.load()}))

    assert min(counted[half] for half in halves.HALVES) >= FEWEST
    assert min(libraries[half] for half in halves.HALVES) >= FEWEST // 10


@pytest.mark.parametrize(
    ("label", "problem"),
    [
        ({"strategies": "RETRY", "transient": "no"}, "permanent"),
        ({"strategies": "ESCALATION", "transient": "yes"}, "transient"),
        ({"types": "WEATHER"}, "WEATHER"),
        ({"strategies": "RETRY HOPE", "transient": "yes"}, "HOPE"),
        ({"transient": "maybe"}, "maybe"),
        ({"why": " "}, "why"),
    ],
)
def test_wrong_labels_are_refused(label: dict[str, str], problem: str) -> None:
    """The laboratory refuses a label that breaks a rule, and says which."""
    good = {"types": "NETWORK", "strategies": "ESCALATION", "transient": "no", "why": "it stays"}

    with pytest.raises(ValueError, match=problem):
        lab.case("wrong", "none", **{**good, **label})(lambda: None)

    assert "wrong" not in lab.CASES


def test_an_area_keeps_to_one_half_by_library() -> None:
    """The half of a library does not depend on the area, the process or the order."""
    assert halves.half("httpx") == halves.half("httpx")
    assert {halves.half(f"library {number}") for number in range(40)} == set(halves.HALVES)


def test_a_replay_without_records_of_the_library_keeps_its_words() -> None:
    """Attributes, methods, headers, links and frames come back as they were."""
    record = {
        "class": "vendor._errors.Throttled",
        "classes": {"vendor._errors.Throttled": ["vendor.Error"], "vendor.Error": ["Exception"]},
        "str": "slow down",
        "args": [{"$tuple": [1, {"$bytes": "\u00ff"}]}],
        "attributes": {
            "status_code": 429,
            "code": {"$call": "slow"},
            "response": {
                "$object": {
                    "class": "vendor.Response",
                    "attributes": {"headers": {"$headers": [["Retry-After", "3"]]}},
                }
            },
            "reason": {"$link": 0},
        },
        "chain": [{"how": "cause", "class": "ConnectionResetError", "str": "[Errno 104] x", "attributes": {"errno": 104, "strerror": "x"}}],
        "frames": [["vendor.http", "/srv/vendor/http.py", "send", 7]],
    }  # fmt: skip

    error: Any = replay.rebuild(record)

    assert mro(type(error)) == ["vendor._errors.Throttled", "vendor.Error", "Exception", "BaseException"]  # fmt: skip
    assert (str(error), error.args, error.status_code, error.code()) == (
        "slow down",
        ((1, b"\xff"),),
        429,
        "slow",
    )
    assert error.response.headers["retry-after"] == "3"
    assert error.reason is error.__cause__
    assert error.__cause__.errno == 104
    frame = error.__traceback__.tb_frame
    assert (frame.f_globals["__name__"], frame.f_code.co_name, error.__traceback__.tb_lineno) == (
        "vendor.http",
        "send",
        7,
    )
