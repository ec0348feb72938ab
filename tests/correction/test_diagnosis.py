"""What was wrong and what was tried is data that a question to a model can be built from."""

from __future__ import annotations

import json

import pytest

from omninode_bridge.agents.workflows import (
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryStrategy,
)
from omninode_bridge.agents.workflows.correction import Fix, correct_code
from omninode_bridge.agents.workflows.correction import search as search_module
from omninode_bridge.agents.workflows.correction.proposal import Proposal
from omninode_bridge.agents.workflows.recovery_models import ErrorPattern

HOPELESS = "import os\n\n\ndef load(path)\n    return os.stat(path)\n\n\nx = = 2 y y\n"


def test_code_in_order_has_no_diagnosis():
    """Nothing was wrong, so nothing is told."""
    assert correct_code("x = 1\n").diagnosis is None


def test_the_first_error_has_its_place_and_lines():
    """Type, message, line and column are CPython's; three lines stand on each side."""
    code = "a = 1\nb = 2\nc = 3\nd = 4\ndef f(x)\n    return x\ne = 5\ng = 6\nh = 7\n"

    found = correct_code(code)

    assert found.success
    first = found.diagnosis.first
    assert (first.kind, first.message, first.line, first.column) == (
        "SyntaxError",
        "expected ':'",
        5,
        9,
    )
    assert first.first_line == 2
    assert first.context == tuple(code.splitlines()[1:8])
    assert found.diagnosis.left is None


def test_the_best_attempt_has_its_own_error():
    """What was corrected is not asked again: the error that is left is told apart."""
    found = correct_code(HOPELESS)

    assert not found.success
    assert found.diagnosis.first.line == 4
    assert found.diagnosis.left.line == 8
    assert "x = = 2 y y" in found.diagnosis.left.context


def test_what_was_tried_says_why_it_was_refused():
    """Each chain has its edits with lines, and the error at which it ended."""
    found = correct_code("def f(x)\n    return x\nx = foo bar baz\n")

    assert found.diagnosis.tried
    for tried in found.diagnosis.tried:
        assert all(edit.startswith("line ") for edit in tried.edits)
        assert tried.refused


def test_outcomes_that_are_as_good_are_listed(monkeypatch):
    """Where nobody can tell, the alternatives are there to choose from, each with what it changes."""

    def unsure(bench, text, problem):
        for digit in "12":
            fix = Fix("filled", problem.line, f"wrote {digit}")
            yield Proposal(text.replace("@@", digit), fix)

    monkeypatch.setattr(search_module, "SYNTAX_RULES", (unsure,))

    found = correct_code("a = 0\nx = @@\n")

    assert "equally plausible" in found.reason
    first, second = found.diagnosis.alternatives
    assert (first.edits, second.edits) == (("line 2: wrote 1",), ("line 2: wrote 2",))
    assert "+x = 1\n" in first.diff
    assert "+x = 2\n" in second.diff


def test_a_long_line_is_shown_around_its_column():
    """Context is bounded whatever the text is."""
    code = "x = [" + "1, " * 5_000 + "2 ** ** 3, " + "1, " * 5_000 + "]\n"

    first = correct_code(code).diagnosis.first

    assert len(first.context[0]) <= 160
    assert "** **" in first.context[0]


def test_what_was_tried_is_bounded_and_the_rest_counted():
    """A text on which much can be tried does not make an endless account."""
    found = correct_code("if a\n  x = (1\n y = [2\n" * 12)

    assert len(found.diagnosis.tried) <= 12
    assert found.diagnosis.omitted >= 0
    assert len(json.dumps(found.diagnosis.as_data())) < 40_000


@pytest.mark.parametrize(
    "code", ["", "x = 1\x00", "def f(\r\n", "\ud800 = (", "x" * 300 + "(", "(" * 500]
)
def test_any_diagnosis_is_data(code):
    """It goes through JSON and comes back the same."""
    found = correct_code(code, "an error")

    if found.diagnosis is not None:
        data = found.diagnosis.as_data()
        assert json.loads(json.dumps(data)) == data


def test_an_error_about_code_that_compiles_is_the_first_error():
    """Its type is told apart from its message, and its line gives the context."""
    found = correct_code("import os\nx = 1\n", "ValueError: no such thing (line 2)")

    first = found.diagnosis.first
    assert (first.kind, first.message, first.line) == (
        "ValueError",
        "no such thing (line 2)",
        2,
    )


def compiled(code):
    compile(code, "<generated>", "exec")
    return "accepted"


async def recovered(code):
    with pytest.raises(SyntaxError) as caught:
        compiled(code)
    orchestrator = ErrorRecoveryOrchestrator()
    orchestrator.add_error_pattern(
        ErrorPattern(
            pattern_id="broken",
            error_type=ErrorType.SYNTAX,
            regex_pattern="SyntaxError",
            recovery_strategy=RecoveryStrategy.ERROR_CORRECTION,
        )
    )
    context = RecoveryContext("w", "n", state={"code": code}, exception=caught.value)
    return await orchestrator.handle_error(context, operation=compiled)


async def test_the_result_of_a_recovery_has_the_diagnosis():
    """A caller builds its next question from metadata, without correcting again."""
    result = await recovered("def f(x)\n    return x\n")

    assert result.success
    assert result.metadata["diagnosis"]["first"]["message"] == "expected ':'"
    assert "best_attempt" not in result.metadata


async def test_a_failed_recovery_has_diagnosis_and_best_attempt():
    """What could not be corrected says how far it came."""
    result = await recovered(HOPELESS)

    assert not result.success
    assert "line 8" in result.error_message
    assert result.metadata["diagnosis"]["left"]["line"] == 8
    assert "def load(path):" in result.metadata["best_attempt"]
    assert "def load(path)\n" in result.metadata["diagnosis"]["first"]["context"][3] + "\n"
