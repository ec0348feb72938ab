"""What a person's answer to a paused run does when the run goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from omninode_bridge.agents.workflows.recovery_models import AlreadyResolved, Decision
from omninode_bridge.errors import DecisionRefusedError
from omninode_bridge.generation import stages

from ._kept import CONTRACT, DANGLING, Kept, by_name, outcomes


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def corrected(name: str) -> str:
    return CONTRACT.format(name=name)


async def test_an_edited_text_stands_in_for_the_file(kept: Kept) -> None:
    """The package is made of it, the report says whose it is, the file stays as it was."""
    kept.write(bad=DANGLING)
    await kept.run()
    await kept.answer("bad", Decision.edit({"text": corrected("bad")}))

    report = await kept.run()
    again = await kept.run()

    assert outcomes(report) == {"bad": "generated"}
    changes = [change for step in report.contracts[0].steps for change in step.change]
    assert "ann answered 'edit'" in changes
    package = kept.output / "bad"
    assert (package / "contract.yaml").read_text() == corrected("bad")
    assert (kept.contracts / "bad.yaml").read_text() == DANGLING.format(name="bad")
    assert again.contracts == report.contracts
    assert not kept.began
    assert report.kept is not None
    assert report.kept.status == "done"


async def test_a_question_whose_time_was_over_is_asked_anew(kept: Kept) -> None:
    """Nobody was there to end it; who goes on does that first."""
    kept.write(bad=DANGLING)
    first = await kept.run()
    with closing(sqlite3.connect(kept.folder / "journal.db")) as connection, connection:
        connection.execute("UPDATE escalations SET timeout = 1, due = 0, deadline = 0")

    second = await kept.run()

    assert await kept.statuses() == {"expired": 1, "open": 1}
    assert first.kept is not None
    assert second.kept is not None
    assert set(first.kept.open).isdisjoint(second.kept.open)


async def test_a_document_stands_in_for_the_file(kept: Kept) -> None:
    """It is the contract as JSON."""
    kept.write(bad=DANGLING)
    await kept.run()
    document = yaml.safe_load(corrected("bad"))
    await kept.answer("bad", Decision.value(document))

    report = await kept.run()

    assert outcomes(report) == {"bad": "generated"}
    assert yaml.safe_load((kept.output / "bad" / "contract.yaml").read_text()) == document
    steps = [(step.step, step.outcome) for step in report.contracts[0].recoveries]
    assert ("contract", "recovered") in steps


async def test_a_retry_reads_the_file_again(kept: Kept) -> None:
    """A corrected file needs no answer, but may have one."""
    kept.write(bad=DANGLING)
    await kept.run()
    await kept.answer("bad", "retry")
    kept.write(bad=CONTRACT)

    report = await kept.run()

    assert outcomes(report) == {"bad": "generated"}


async def test_a_retry_that_does_not_help_is_another_question(kept: Kept) -> None:
    """It is a new row, with the same fault."""
    kept.write(bad=DANGLING)
    first = await kept.run()
    await kept.answer("bad", "retry")

    second = await kept.run()
    third = await kept.run()

    notes = [by_name(report)["bad"].escalation for report in (first, second, third)]
    assert notes[0] is not None
    assert notes[1] is not None
    assert notes[0].id != notes[1].id
    assert notes[1] == notes[2]
    assert await kept.statuses() == {"open": 1, "resolved": 1}


async def test_a_contract_with_two_faults_is_asked_about_in_the_same_words(kept: Kept) -> None:
    """However often the run goes on: what was corrected on the way changes nothing."""
    kept.write(bad=DANGLING.replace("compute", "efffect"))
    reports = [await kept.run() for _ in range(3)]
    await kept.answer("bad", "retry")
    reports += [await kept.run() for _ in range(3)]

    notes = [by_name(report)["bad"].escalation for report in reports]
    assert notes[0] is not None
    assert notes[0].kind == "invalid_contract"
    assert notes[0].line is not None
    assert notes[0] == notes[1] == notes[2]
    assert notes[3] == notes[4] == notes[5] != notes[2]
    assert [s.step for s in reports[3].contracts[0].steps] == [
        s.step for s in reports[5].contracts[0].steps
    ]
    assert await kept.statuses() == {"open": 1, "resolved": 1}
    text = corrected("bad").replace("compute", "efffect")
    await kept.answer("bad", Decision.edit({"text": text}))
    assert outcomes(await kept.run()) == {"bad": "generated"}
    assert await kept.statuses() == {"resolved": 2}


async def test_a_corrected_file_ends_the_question(kept: Kept) -> None:
    """Nobody has to answer what nobody asks any more."""
    kept.write(bad=DANGLING)
    await kept.run()
    kept.write(bad=CONTRACT)

    report = await kept.run()

    assert outcomes(report) == {"bad": "generated"}
    assert await kept.statuses() == {"superseded": 1}


async def test_a_question_of_another_step_says_what_took_its_place(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks at the earlier one finds the one that is open."""
    kept.write(bad=DANGLING, worse=DANGLING)
    await kept.run()
    kept.write(bad=CONTRACT, worse=CONTRACT)

    async def refuse(job: Any) -> None:
        if job.path.stem == "bad":
            raise ValueError("no models")

    monkeypatch.setattr(stages, "write_models", refuse)
    report = await kept.run()

    assert report.kept is not None
    with kept.journal() as engine:
        rows = await engine.escalations.list("superseded")
    ended = {row.report.node_name.rpartition("/")[2]: row.superseded_by for row in rows}
    assert ended == {"bad.yaml": report.kept.open[0], "worse.yaml": None}


async def test_skip_leaves_one_contract_out(kept: Kept) -> None:
    """The run is over then, and stays as it is."""
    kept.write(bad=DANGLING, worse=DANGLING, one=CONTRACT)
    await kept.run()
    await kept.answer("bad", "skip")

    report = await kept.run()

    assert outcomes(report) == {"bad": "skipped", "one": "generated", "worse": "escalated"}
    assert await kept.statuses() == {"open": 1, "resolved": 1}
    await kept.answer("worse", "skip")
    over = await kept.run()
    assert over.kept is not None
    assert over.kept.status == "done"
    await kept.run()
    assert not kept.began


async def test_abort_leaves_out_all_that_is_open(kept: Kept) -> None:
    """What was answered before counts; what is right is generated."""
    kept.write(a=DANGLING, b=DANGLING, c=DANGLING, d=DANGLING, one=CONTRACT)
    await kept.run()
    await kept.answer("a", Decision.edit({"text": corrected("a")}))
    await kept.answer("b", "skip")
    await kept.answer("c", "abort", by="bob")

    report = await kept.run()

    assert outcomes(report) == {
        "a": "generated",
        "b": "skipped",
        "c": "skipped",
        "d": "skipped",
        "one": "generated",
    }
    answers = {
        name: entry.escalation and entry.escalation.answer
        for name, entry in by_name(report).items()
    }
    assert answers == {"a": None, "b": "skip", "c": "abort", "d": "abort", "one": None}
    assert await kept.statuses() == {"resolved": 4}
    assert report.kept is not None
    assert report.kept.status == "done"


async def test_after_abort_nobody_is_asked_any_more(kept: Kept) -> None:
    """Also about what turns out to be wrong only then."""
    kept.write(a=DANGLING, b=DANGLING)
    await kept.run()
    await kept.answer("a", "abort")
    kept.write(b=CONTRACT.replace("compute", "banana"), c=DANGLING)

    report = await kept.run()

    assert outcomes(report) == {"a": "skipped", "b": "skipped", "c": "skipped"}
    assert "open" not in await kept.statuses()


@pytest.mark.parametrize(
    "answer",
    [
        Decision.edit({"text": DANGLING.format(name="bad")}),
        Decision.edit({"contract": "x"}),
        Decision.value({"name": "bad"}),
        Decision.value([]),
    ],
    ids=["still dangling", "other argument", "no contract", "a list"],
)
async def test_a_wrong_answer_leaves_the_question_open(kept: Kept, answer: Decision) -> None:
    """It is refused in whatever process it is given."""
    kept.write(bad=DANGLING)
    await kept.run()

    with pytest.raises(DecisionRefusedError):
        await kept.answer("bad", answer)

    assert await kept.statuses() == {"open": 1}


async def test_the_second_answer_is_too_late(kept: Kept) -> None:
    """Its giver is told who was first."""
    kept.write(bad=DANGLING)
    report = await kept.run()
    note = by_name(report)["bad"].escalation
    assert note is not None
    assert note.id is not None
    await kept.answer("bad", "skip")

    with kept.journal() as engine:
        late = await engine.escalations.resolve(note.id, "retry", "bob")

    assert isinstance(late, AlreadyResolved)
    assert late.by == "ann"


async def test_an_answer_is_no_answer_to_a_changed_contract(kept: Kept) -> None:
    """What was answered about the old text says nothing about the new one."""
    kept.write(bad=DANGLING)
    await kept.run()
    await kept.answer("bad", Decision.edit({"text": corrected("bad")}))
    kept.write(bad=CONTRACT.replace("compute", "banana"))

    report = await kept.run()

    assert outcomes(report) == {"bad": "escalated"}
    assert "banana" in report.contracts[0].error


async def test_later_steps_can_be_answered_too(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that fails its checks is built from the text that a person gives."""
    from omninode_bridge.generation import steps

    before = steps.package_files

    def broken(contract: Any, *arguments: Any, **named: Any) -> dict[str, bytes]:
        files = before(contract, *arguments, **named)
        if contract.version == "1.0.0":
            files["models.py"] += b"\nundefined_name\n"
        return files

    monkeypatch.setattr(steps, "package_files", broken)
    kept.write(bad=CONTRACT, one=CONTRACT.replace("1.0.0", "2.0.0"))
    first = await kept.run()
    with pytest.raises(DecisionRefusedError, match="keep the name"):
        await kept.answer("bad", Decision.edit({"text": corrected("other")}))
    text = corrected("bad").replace("1.0.0", "3.0.0")
    await kept.answer("bad", Decision.edit({"text": text}))

    report = await kept.run()

    assert outcomes(first) == {"bad": "escalated", "one": "generated"}
    assert outcomes(report) == {"bad": "generated", "one": "generated"}
    assert kept.began_for("bad") == {"validate", "place"}
    assert (kept.output / "bad" / "contract.yaml").read_text() == text
