"""The report: JSON that follows the published schema, on stdout and on disk."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from omninode_bridge.cli.report_file import ReportFile, json_bytes
from omninode_bridge.errors import ConfigurationError

from ._contracts import DANGLING, GOOD, OPTIONAL_MIXIN

Run = Callable[..., Any]
Write = Callable[..., Path]
BASIC = ("generate", "contracts", "-o", "out", "--validation", "basic")
SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "reference" / "report.schema.json"


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def all_objects(schema: Any) -> list[dict[str, Any]]:
    """Return every subschema that has properties."""
    found = [schema] if isinstance(schema, dict) and "properties" in schema else []
    inner = (
        schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    )
    return found + [item for value in inner for item in all_objects(value)]


def test_the_schema_is_closed(validator: jsonschema.Draft202012Validator) -> None:
    """No object of the report may hold a member that is not described, and none may lack one."""
    objects = all_objects(validator.schema)

    assert len(objects) >= 5
    assert all(item["additionalProperties"] is False for item in objects)
    assert all(set(item["required"]) == set(item["properties"]) for item in objects)


@pytest.mark.parametrize(
    "mode", [(), ("--check",), ("--dry-run",), ("--diff",), ("--no-recovery",)]
)
def test_real_reports_follow_the_schema(
    run: Run, contracts: Write, validator: jsonschema.Draft202012Validator, mode: tuple[str, ...]
) -> None:
    """Every way a contract can end, in every mode."""
    folder = contracts(
        adder=GOOD,
        tabs=GOOD.replace("    left", "\tleft").replace("    right", "\tright"),
        broken=DANGLING,
        twin_a=GOOD.replace("{name}", "twin"),
        twin_b=GOOD.replace("{name}", "twin"),
        mixin=OPTIONAL_MIXIN,
        odd=GOOD.replace("node_type", "surprise: 1\nnode_type"),
    )
    (folder / "list.yaml").write_text("[1, 2]\n")
    (folder / "binary.yaml").write_bytes(b"\0\1")

    ended = run(*BASIC, *mode, "--report", "report.json", "--format", "json")

    on_disk = Path("report.json").read_bytes()
    assert ended.out.encode() == on_disk
    report = json.loads(on_disk)
    validator.validate(report)
    assert ended.code == 1
    assert sum(report["counts"].values()) == len(report["contracts"]) == 9


def test_what_the_tests_leave_untested_is_told(
    run: Run, contracts: Write, validator: jsonschema.Draft202012Validator
) -> None:
    """A required field for which there is no value is named; other contracts have nothing to say."""
    blocked = GOOD.replace("[left, right]", "[left, right, never]").replace(
        "    left:", "    never: {{not: {{}}}}\n    left:"
    )
    contracts(adder=GOOD, odd=blocked)

    ended = run(*BASIC[:-1], "full", "--format", "json")

    report = json.loads(ended.out)
    validator.validate(report)
    adder, odd = report["contracts"]
    assert (ended.code, odd["outcome"], odd["degraded"]) == (0, "generated", False)
    assert adder["untested"] == []
    assert any("'never'" in text for text in odd["untested"])


def test_json_stands_alone_on_stdout(run: Run, contracts: Write) -> None:
    """The table for people goes to stderr, where a pipe does not see it."""
    contracts()

    ended = run(*BASIC, "--format", "json")

    assert json.loads(ended.out)["counts"]["generated"] == 1
    assert "adder.yaml" in ended.err


def test_the_report_may_lie_in_the_output_and_the_input(run: Run, contracts: Write) -> None:
    """Its folder is made, and a report of an earlier run is no contract of the next one."""
    contracts()
    in_output = run(*BASIC, "--report", "out/deep/report.json")
    first = run(*BASIC, "--report", "contracts/report.json")

    second = run(*BASIC, "--report", "contracts/report.json")

    assert (in_output.code, first.code, second.code) == (0, 0, 0)
    assert Path("out/deep/report.json").is_file()
    assert len(json.loads(Path("contracts/report.json").read_bytes())["contracts"]) == 1


def test_a_report_keeps_the_old_one_until_it_is_whole(tmp_path: Path) -> None:
    """Where the run ends in an error the old report stays and nothing else is left."""
    target = tmp_path / "report.json"
    target.write_text("old")

    with pytest.raises(RuntimeError, match="boom"), ReportFile(target):
        raise RuntimeError("boom")

    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    assert target.read_text() == "old"


def test_a_report_replaces_the_file_behind_a_link(tmp_path: Path) -> None:
    """The link stays a link, and the file keeps who may read it."""
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("old")
    real.chmod(0o600)
    link.symlink_to(real)

    with ReportFile(link) as file:
        file.write({"a": 1})

    assert link.is_symlink()
    assert json.loads(real.read_text()) == {"a": 1}
    assert real.stat().st_mode & 0o777 == 0o600
    assert len(list(tmp_path.iterdir())) == 2


def test_a_new_report_may_be_read_by_whom_the_mask_allows(tmp_path: Path) -> None:
    """It is made like any other file, not with the narrow rights of a temporary one."""
    before = os.umask(0o022)
    try:
        with ReportFile(tmp_path / "r.json") as file:
            file.write({})
    finally:
        os.umask(before)

    assert (tmp_path / "r.json").stat().st_mode & 0o777 == 0o644


def test_a_pipe_gets_the_report(tmp_path: Path) -> None:
    """What is no regular file is written into, never replaced."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()

    with ReportFile(pipe) as file:
        file.write({"a": 1})
    reader.join(timeout=10)

    assert json.loads(read[0]) == {"a": 1}
    assert pipe.is_fifo()


def test_a_report_on_a_full_disk_is_a_sentence() -> None:
    """The device says so when it is written to."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")

    with (
        pytest.raises(ConfigurationError, match="cannot be written: no space left on device"),
        ReportFile(Path("/dev/full")) as file,
    ):
        file.write({})


def test_bytes_that_are_no_text_become_escapes() -> None:
    """The report stays JSON in UTF-8, and the name can be had back."""
    name = os.fsdecode(b"\xe9toile \xf0\x9f\x98\x80.yaml")

    written = json_bytes({"contract": name, "other": "é"})

    assert json.loads(written) == {"contract": name, "other": "é"}
    assert "é".encode() in written
