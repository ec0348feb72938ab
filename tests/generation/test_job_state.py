"""What a step added to its job survives a journal, whatever the contract holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omninode_bridge.agents.workflows.journal._codec import decode, encode
from omninode_bridge.generation.building import build_contract
from omninode_bridge.generation.document import parse_document
from omninode_bridge.generation.job import Job
from omninode_bridge.generation.job_state import FIELDS, added, mark, restore
from omninode_bridge.generation.plain import bytes_in, bytes_out, plain, text_in, text_out, unplain
from omninode_bridge.generation.report import EscalationNote, Outcome, StepReport
from omninode_bridge.generation.validation import PackageInvalidError

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "contracts").glob("0*.yaml"))


def job() -> Job:
    return Job(Path("a.yaml"), Path(), None, lambda: 0.0)


def through_a_journal(changed: Job) -> Job:
    """Return a fresh job with what this one has, as another process would restore it."""
    fresh = job()
    restore(fresh, decode(encode(added(changed, mark(fresh)))))
    return fresh


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_contracts_come_back_equal(path: Path) -> None:
    """Schemas, operations, mixins, text: every member and its type."""
    before = job()
    text = path.read_text(encoding="utf-8")
    before.contract = build_contract(parse_document(text, path=str(path)), root=path.parent)

    after = through_a_journal(before)

    assert after.contract == before.contract
    assert repr(after.contract) == repr(before.contract)


def test_every_member_comes_back() -> None:
    """None of those that steps change is forgotten."""
    before = job()
    before.source = "name: x"
    before.models, before.node = "a = 1\n", "b = 2\n"
    before.files = {"a.py": b"x\r\n", "odd": b"\xff\xfe", "text:": b"base64:no"}
    before.steps = [StepReport(step="read", outcome="done", change=("x", "y"), duration_ms=1.5)]
    before.dropped, before.unchecked = ["d"], ["u"]
    before.untested, before.warnings = ("t",), ["w"]
    before.escalation = EscalationNote(id="e", kind="k", message="m", related_lines=(1, 2))
    before.error, before.outcome = "no", Outcome.SKIPPED
    before.placed = {"files": ("a", "b"), "kept": (), "package": "out/a", "changed": True}
    before.on_disk = {"a": "00"}
    before.verdict = PackageInvalidError("lint", ("one", "two"))
    before.shared_ms = 2.5

    after = through_a_journal(before)

    for name in FIELDS.keys() - {"contract", "verdict"}:
        assert getattr(after, name) == getattr(before, name), name
    assert isinstance(after.verdict, PackageInvalidError)
    assert str(after.verdict) == str(before.verdict)
    assert after.report(package="x") == before.report(package="x")


def test_only_what_changed_is_kept() -> None:
    """A list that grew counts as changed, one that was looked at does not."""
    one = job()
    before = mark(one)
    one.warnings.append("w")

    assert added(one, before) == {"warnings": ["w"]}


def test_members_of_another_version_are_passed_over() -> None:
    """What a later version records beside it prevents nothing."""
    one = job()

    restore(one, {"models": "x", "unheard_of": 1})

    assert one.models == "x"


@given(st.text(st.characters(), max_size=30))
def test_any_text_comes_back(text: str) -> None:
    """Also halves of characters, which names of files may hold, and texts that look like marks."""
    for given_text in (text, f"text:{text}", f"base64:{text}", f"surrogates:{text}"):
        kept = decode(encode(text_out(given_text)))

        assert text_in(kept) == given_text


@given(st.binary(max_size=40))
def test_any_content_comes_back(content: bytes) -> None:
    """Whether it is text or not."""
    assert bytes_in(decode(encode(bytes_out(content)))) == content
    assert bytes_in(bytes_out(b"base64:" + content)) == b"base64:" + content


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(), max_size=8), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(JSON)
def test_any_value_comes_back(value: Any) -> None:
    """As a journal takes it, in the order of its keys."""
    kept = json.loads(encode(plain(value)))

    assert unplain(kept) == value
