"""A run that is kept: what is done is not done again, and what changed is."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows.engines.journal import JournalEngine
from omninode_bridge.agents.workflows.journal.reading import JournalReader, workflow_account
from omninode_bridge.errors import ConfigurationError, WorkflowOwnedError
from omninode_bridge.generation import versions
from omninode_bridge.generation.batch import generate
from omninode_bridge.generation.kept import new_workflow_id, request_of, spec_of
from omninode_bridge.generation.report import BatchReport
from omninode_bridge.generation.report_reading import batch_of
from omninode_bridge.generation.request import GenerateRequest, Mode, ValidationLevel
from omninode_bridge.generation.stages import STEPS
from omninode_bridge.testing import FakeClock

from ._kept import CONTRACT, DANGLING, Kept, by_name, outcomes, tree


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


async def test_what_is_kept_changes_nothing(kept: Kept, tmp_path: Path) -> None:
    """Packages and reports are those of a run without a journal."""
    kept.write(one=CONTRACT, two=CONTRACT.replace("compute", "efffect"), three=DANGLING)
    plain = await generate(
        GenerateRequest(
            paths=(kept.contracts,), output=tmp_path / "plain", validation=ValidationLevel.BASIC
        )
    )

    report = await kept.run()

    assert tree(kept.output) == tree(tmp_path / "plain")
    for one, other in zip(report.contracts, plain.contracts, strict=True):
        assert (one.outcome, one.error, one.dropped) == (other.outcome, other.error, other.dropped)
        assert [(s.step, s.outcome, s.change) for s in one.steps] == [
            (s.step, s.outcome, s.change) for s in other.steps
        ]


async def test_a_finished_run_does_nothing_again(kept: Kept) -> None:
    """The second account is the first one's."""
    kept.write(one=CONTRACT, two=CONTRACT)
    first = await kept.run()

    second = await kept.run()

    assert not kept.began
    assert second.contracts == first.contracts
    assert first.kept is not None
    assert second.kept is not None
    assert (first.kept.status, first.kept.reused) == ("done", 0)
    assert (second.kept.status, second.kept.reused) == ("done", 2 * len(STEPS) + 3)


async def test_a_paused_run_begins_again_where_it_waits(kept: Kept) -> None:
    """The question is the same one, and nothing else runs."""
    kept.write(one=CONTRACT, bad=DANGLING)
    first = await kept.run()

    second = await kept.run()

    assert set(kept.began) == {"contract: bad.yaml"}
    assert outcomes(first) == outcomes(second) == {"bad": "escalated", "one": "generated"}
    assert by_name(first)["bad"].escalation == by_name(second)["bad"].escalation
    assert await kept.statuses() == {"open": 1}
    assert second.kept is not None
    assert second.kept.status == "paused"


async def test_a_changed_contract_is_made_again_alone(kept: Kept) -> None:
    """All its own steps, none of another's, and it is said."""
    kept.write(one=CONTRACT, two=CONTRACT)
    await kept.run()
    kept.write(two=CONTRACT.replace("maxLength: 3", "maxLength: 4"))

    report = await kept.run()

    assert kept.began_for("two") == set(STEPS)
    assert kept.began_for("one") == set()
    assert report.kept is not None
    (said,) = report.kept.stale
    assert said.endswith("two.yaml: the contract, or a file that it refers to, changed")
    assert b"max_length=4" in (kept.output / "two" / "models.py").read_bytes()
    with JournalReader(kept.folder / "journal.db") as journal:
        account = journal.read(lambda c: workflow_account(c, "w", now=journal.now()))
    assert {one.stale for one in account.steps if one.step.endswith("two.yaml")} == {
        "the contract, or a file that it refers to, changed"
    }
    assert {one.stale for one in account.steps if one.step.endswith("one.yaml")} == {""}


async def test_a_file_that_a_contract_refers_to_counts(kept: Kept) -> None:
    """Also through another file."""
    refers = CONTRACT.replace("{{type: integer}}", '{{$ref: "_a.yaml#/A"}}')
    kept.write(one=refers, two=CONTRACT)
    (kept.contracts / "_a.yaml").write_text("A: {$ref: '_b.yaml#/B'}\n")
    (kept.contracts / "_b.yaml").write_text("B: {type: integer}\n")
    await kept.run()
    (kept.contracts / "_b.yaml").write_text("B: {type: string}\n")

    report = await kept.run()

    assert outcomes(report) == {"one": "generated", "two": "generated"}
    assert kept.began_for("one") == set(STEPS)
    assert kept.began_for("two") == set()


async def test_other_templates_make_what_they_make_again(kept: Kept, tmp_path: Path) -> None:
    """Models do not come from them, so these stay."""
    templates = tmp_path / "templates"
    templates.mkdir()
    kept.write(one=CONTRACT)
    await kept.run(template_dir=templates)
    (templates / "other.py.j2").write_text("x")

    report = await kept.run(template_dir=templates)

    assert kept.began_for("one") == set(STEPS) - {"contract", "models"}
    assert report.kept is not None
    assert report.kept.stale[0].endswith("the templates changed")


async def test_another_version_of_the_code_makes_all_again(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of what the old one made is trusted."""
    kept.write(one=CONTRACT)
    await kept.run()
    monkeypatch.setattr(versions, "code_hash", lambda: "another")

    report = await kept.run()

    assert kept.began_for("one") == set(STEPS)
    assert report.kept is not None
    assert "another version" in report.kept.stale[0]


async def test_options_count_where_they_matter(kept: Kept) -> None:
    """Another level of validation checks again, and generates nothing anew."""
    kept.write(one=CONTRACT)
    await kept.run()

    await kept.run(validation=ValidationLevel.STANDARD)

    assert kept.began_for("one") == {"check", "validate", "place"}


async def test_what_is_not_on_disk_any_more_is_put_there_again(kept: Kept) -> None:
    """Nothing else of the contract is done for that."""
    kept.write(one=CONTRACT, two=CONTRACT)
    await kept.run()
    before = tree(kept.output)
    (kept.output / "two" / "models.py").unlink()

    report = await kept.run()
    again = await kept.run()

    assert tree(kept.output) == before
    assert report.kept is not None
    assert report.kept.stale[0].endswith("is not what was put there")
    assert again.kept is not None
    assert (again.kept.stale, again.kept.reused) == ((), 2 * len(STEPS) + 3)


async def test_an_edited_file_stays_edited(kept: Kept) -> None:
    """A person's work on a package is taken for what is there, and kept."""
    kept.write(one=CONTRACT)
    await kept.run()
    node = kept.output / "one" / "node.py"
    node.write_text(node.read_text() + "\n# mine\n")

    report = await kept.run()

    assert kept.began_for("one") == {"place"}
    assert report.contracts[0].kept == ("node.py",)
    assert node.read_text().endswith("# mine\n")


async def test_a_contract_that_clashes_by_now_is_refused(kept: Kept) -> None:
    """The other contract has the same name only since the run was last at work."""
    kept.write(one=CONTRACT, two=CONTRACT, three=CONTRACT)
    await kept.run()
    kept.write(two=CONTRACT.replace("{name}", "one"))

    report = await kept.run()

    assert outcomes(report) == {"one": "refused", "three": "generated", "two": "refused"}


async def test_contracts_may_come_and_go(kept: Kept) -> None:
    """The folder is looked at anew; a question about a file that is gone is nobody's."""
    kept.write(one=CONTRACT, bad=DANGLING)
    await kept.run()
    (kept.contracts / "bad.yaml").unlink()
    kept.write(new=CONTRACT)

    report = await kept.run()

    assert outcomes(report) == {"new": "generated", "one": "generated"}
    assert kept.began_for("one") == set()
    assert await kept.statuses() == {"superseded": 1}


async def test_two_runs_share_no_question(kept: Kept) -> None:
    """The same fault of the same file is asked about once for each."""
    kept.write(bad=DANGLING)

    first, second = await kept.run("w1"), await kept.run("w2")

    notes = [by_name(report)["bad"].escalation for report in (first, second)]
    assert notes[0] is not None
    assert notes[1] is not None
    assert notes[0].id != notes[1].id
    assert await kept.statuses() == {"open": 2}


async def test_equal_contracts_share_no_question(kept: Kept) -> None:
    """Two files with one fault are two questions."""
    kept.write(one=DANGLING, two=DANGLING)

    await kept.run()

    assert await kept.statuses() == {"open": 2}


async def test_a_run_without_its_journal_is_another_one(kept: Kept) -> None:
    """What is not recorded is done; what is right on disk is not touched."""
    kept.write(one=CONTRACT)
    await kept.run()
    for path in kept.folder.glob("journal.db*"):
        path.unlink()

    report = await kept.run()

    assert kept.began_for("one") == set(STEPS)
    assert not report.contracts[0].changed


async def test_a_run_that_somebody_alive_is_at_is_left_alone(kept: Kept) -> None:
    """Also in this very process."""
    kept.write(one=CONTRACT)
    with kept.journal() as engine:
        await engine.open_workflow("w")

        with pytest.raises(WorkflowOwnedError):
            await kept.run()

    assert not kept.output.exists()


@pytest.mark.parametrize("stage", ["contract", "names", "tests", "format", "check", "place"])
async def test_a_run_that_was_cut_off_goes_on(kept: Kept, stage: str) -> None:
    """What was finished stays so, and the packages are the same."""
    kept.write(one=CONTRACT, two=CONTRACT, three=CONTRACT)
    await kept.run("whole", output=kept.folder / "whole")
    task: asyncio.Task[Any] | None = None

    def cut(event: Any) -> None:
        if event.stage_id == stage and event.name == "step_started" and task is not None:
            task.cancel()

    async def cut_off() -> None:
        request = GenerateRequest(
            paths=(kept.contracts,), output=kept.output, validation=ValidationLevel.BASIC
        )
        with kept.journal() as engine:
            await generate(request, engine=engine, workflow_id="w", on_progress=cut)

    task = asyncio.create_task(cut_off())
    with pytest.raises(asyncio.CancelledError):
        await task

    done = kept.done()

    report = await kept.run()

    assert set(outcomes(report).values()) == {"generated"}
    assert tree(kept.output) == tree(kept.folder / "whole")
    assert done.isdisjoint(kept.began)
    assert done or stage == "contract"


async def test_names_that_are_no_text_are_kept_too(kept: Kept) -> None:
    """Linux has file names of any bytes."""
    try:
        kept.write(**{os.fsdecode(b"\xff"): CONTRACT.replace("{name}", "odd"), "bad": DANGLING})
    except OSError:
        pytest.skip("this file system wants text")

    await kept.run()
    report = await kept.run()

    assert sorted(str(entry.outcome) for entry in report.contracts) == ["escalated", "generated"]
    assert report.kept is not None
    assert report.kept.reused


def test_a_request_comes_back() -> None:
    """Everything that `resume` needs, and what it is asked itself."""
    request = GenerateRequest(
        paths=(Path("a"), Path("/b\udcff")),
        output=Path("out"),
        mode=Mode.WRITE,
        jobs=3,
        validation=ValidationLevel.FULL,
        recovery=False,
        max_degradation=2,
        wait=5.0,
        force=True,
        template_dir=Path("t"),
        exclude=(Path("r.json"),),
        strict=True,
    )

    again, folder = request_of(spec_of(request, cwd=Path("/somewhere")), wait=5.0)

    assert (again, folder) == (request, Path("/somewhere"))


@pytest.mark.parametrize("spec", [{}, {"version": 2}, {"version": 1}, {"version": 1, "cwd": 5}])
def test_a_record_that_cannot_be_read_is_told(spec: dict[str, Any]) -> None:
    """One sentence, whatever is wrong with it."""
    with pytest.raises(ConfigurationError, match="recorded run"):
        request_of(spec)


async def test_an_account_comes_back(kept: Kept) -> None:
    """As it is printed again for a run that is over."""
    kept.write(one=CONTRACT.replace("compute", "efffect"), bad=DANGLING)
    report = await kept.run()

    again = batch_of(report.to_json())

    assert again.to_json() == report.to_json()
    assert isinstance(again, BatchReport)
    with pytest.raises(ConfigurationError, match="account of the run"):
        batch_of({"contracts": [{}]})


def test_ids_can_be_typed() -> None:
    """The day, and something that tells the runs of one day apart."""
    name = new_workflow_id(FakeClock().now(), suffix=lambda: "1f3a")

    assert name.startswith("generate-20")
    assert name.endswith("-1f3a")
    assert new_workflow_id(FakeClock().now()) != new_workflow_id(FakeClock().now())


async def test_a_result_of_the_engine_is_not_asked_about(kept: Kept) -> None:
    """A journal that cannot be written is an error of the run, not of a contract."""
    kept.write(one=CONTRACT)
    engine = JournalEngine(kept.folder / "journal.db")
    request = GenerateRequest(
        paths=(kept.contracts,), output=kept.output, validation=ValidationLevel.BASIC
    )
    engine.close()

    with pytest.raises(Exception, match="closed"):
        await generate(request, engine=engine, workflow_id="w")

    assert not kept.output.exists()
