"""Many contracts in one run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.errors import ConfigurationError, ContractReadError
from omninode_bridge.generation import formatting, steps
from omninode_bridge.generation.batch import generate
from omninode_bridge.generation.child_process import run_child
from omninode_bridge.generation.report import BatchReport, ContractReport, Outcome
from omninode_bridge.generation.request import GenerateRequest, Mode, ValidationLevel
from omninode_bridge.generation.validation import PackageInvalidError

CONTRACT = """\
name: {name}
version: 1.0.0
node_type: {kind}
input_state: {{type: object, properties: {{a: {{type: integer}}}}, required: [a]}}
output_state: {{type: object, properties: {{b: {{type: string, maxLength: 3}}}}}}
"""


def write(folder: Path, **kinds: str) -> Path:
    """Write a contract for each name and node type."""
    folder.mkdir(exist_ok=True)
    for name, kind in kinds.items():
        (folder / f"{name}.yaml").write_text(CONTRACT.format(name=name, kind=kind))
    return folder


def request(folder: Path, **changes: Any) -> GenerateRequest:
    values: dict[str, Any] = {
        "paths": (folder,),
        "output": folder.parent / "out",
        "validation": ValidationLevel.BASIC,
    }
    return GenerateRequest(**(values | changes))


def by_name(report: BatchReport) -> dict[str, ContractReport]:
    return {Path(entry.contract).stem: entry for entry in report.contracts}


async def test_one_fault_keeps_nobody_else_from_a_package(tmp_path: Path) -> None:
    """The order of the report is that of the paths; counts and exit code follow."""
    folder = write(tmp_path / "in", one="effect", three="banana", two="reducer")

    report = await generate(request(folder))

    assert [Path(c.contract).stem for c in report.contracts] == ["one", "three", "two"]
    assert [c.outcome for c in report.contracts] == ["generated", "escalated", "generated"]
    assert report.counts["generated"] == 2
    assert (report.exit_code(), report.contracts[0].logic) == (1, "scaffold")


async def test_progress_counts_to_its_end(tmp_path: Path) -> None:
    """The last event says that all steps have ended."""
    events: list[Any] = []

    await generate(request(write(tmp_path / "in", one="effect")), on_progress=events.append)

    assert events[-1].finished == events[-1].total > 5
    assert {"contract", "check", "place"} <= {event.stage_id for event in events}


@pytest.mark.parametrize("jobs", [1, 3, 64])
async def test_every_number_of_jobs_gives_the_same(tmp_path: Path, jobs: int) -> None:
    """How the packages are grouped for their checks does not show."""
    kinds = dict(zip("abcde", ["effect", "compute", "reducer", "orchestrator", "x"], strict=True))

    report = await generate(request(write(tmp_path / "in", **kinds), jobs=jobs))

    assert [str(c.outcome) for c in report.contracts] == ["generated"] * 4 + ["escalated"]
    assert report.contracts[0].files == report.contracts[1].files


def break_tests(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let the generated tests of one contract fail, whatever template and models it gets."""
    before = steps.package_files

    def broken(contract: Any, *arguments: Any, **named: Any) -> dict[str, bytes]:
        files = before(contract, *arguments, **named)
        if contract.name == name:
            files["tests/test_node.py"] += b"\n\ndef test_it() -> None:\n    assert not 1\n"
        return files

    monkeypatch.setattr(steps, "package_files", broken)


@pytest.mark.slow
async def test_a_package_whose_tests_fail_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the level ``full`` it is escalated after the plainer ways failed too; others are written."""
    break_tests(monkeypatch, "bad")
    folder = write(tmp_path / "in", bad="effect", good="effect")

    report = await generate(request(folder, validation=ValidationLevel.FULL))

    reports = by_name(report)
    assert (reports["bad"].outcome, reports["good"].outcome) == ("escalated", "generated")
    assert reports["bad"].escalation is not None
    assert reports["bad"].escalation.kind == "generation_failed"
    assert "failed its tests check" in reports["bad"].error
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["good"]


async def test_a_package_that_fails_is_built_in_a_plainer_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recovery is an alternative path, and the report names it."""
    before = steps.validate_packages

    async def suspicious(packages: Any, level: ValidationLevel) -> dict[str, PackageInvalidError]:
        found = await before(packages, level)
        return {**found, "one": PackageInvalidError("lint", ("node.py:1: X1 wrong",))}

    monkeypatch.setattr(steps, "validate_packages", suspicious)

    report = await generate(request(write(tmp_path / "in", one="effect")))

    step = next(s for s in report.contracts[0].recoveries if s.step == "validate")
    assert report.contracts[0].outcome is Outcome.GENERATED
    assert (step.kind, step.outcome) == ("alternative_path", "recovered")
    assert "basic_template" in step.change[0]


async def test_a_formatter_that_fails_ends_all_with_its_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What serves all contracts and breaks is told at each."""

    async def fail(packages: Any) -> None:
        raise RuntimeError("the formatter is gone")

    monkeypatch.setattr(formatting, "format_packages", fail)

    report = await generate(request(write(tmp_path / "in", one="effect", two="effect")))

    assert {c.outcome for c in report.contracts} == {Outcome.FAILED}
    assert all("the formatter is gone" in c.error for c in report.contracts)
    assert not (tmp_path / "out").exists()


async def test_equal_names_are_refused_together(tmp_path: Path) -> None:
    """A case that some disks do not tell apart makes no difference."""
    folder = write(tmp_path / "in", one="effect")
    (folder / "two.yaml").write_text(CONTRACT.format(name="ONE", kind="effect"))

    report = await generate(request(folder))

    assert {c.outcome for c in report.contracts} == {Outcome.REFUSED}
    assert not (tmp_path / "out").exists()


async def test_inputs_beside_the_output_and_the_exclusions(tmp_path: Path) -> None:
    """Copies in the output and excluded files are not read, a loop of links is."""
    folder = write(tmp_path / "in", one="effect")
    write(folder / "out", old="effect")
    (folder / "report.json").write_text("{}")
    (folder / "loop.yaml").symlink_to("loop.yaml")

    report = await generate(
        request(folder, output=folder / "out", exclude=(folder / "report.json",))
    )

    assert {name: str(c.outcome) for name, c in by_name(report).items()} == {
        "one": "generated",
        "loop": "refused",
    }


@pytest.mark.parametrize("mode", list(Mode))
async def test_an_output_that_is_no_folder_is_refused(tmp_path: Path, mode: Mode) -> None:
    """In every mode, before anything is read."""
    folder = write(tmp_path / "in", one="effect")

    with pytest.raises(ConfigurationError, match="is not a folder"):
        await generate(request(folder, output=folder / "one.yaml", mode=mode))


async def test_paths_without_contracts_are_refused(tmp_path: Path) -> None:
    """Nothing there, an empty folder, and nothing but the output."""
    (tmp_path / "empty").mkdir()
    only_output = write(tmp_path / "in", one="effect")

    for path, output in (("nowhere", "out"), ("empty", "out"), ("in", "in")):
        with pytest.raises(ContractReadError):
            await generate(request(only_output, paths=(tmp_path / path,), output=tmp_path / output))


@pytest.mark.slow
async def test_a_package_passes_what_a_user_would_run(tmp_path: Path) -> None:
    """Its own tests, run without any of our options, in another folder."""
    await generate(request(write(tmp_path / "in", one="effect", two="compute")))

    result = await run_child(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "one", "two"],
        cwd=tmp_path / "out",
        seconds=60,
    )

    assert result.code == 0, result.output
