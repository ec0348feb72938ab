"""Contracts with several faults at once: every cure is told, and the fault that stays comes first."""

from __future__ import annotations

from pathlib import Path

import pytest

from omninode_bridge.generation.batch import generate
from omninode_bridge.generation.report import ContractReport
from omninode_bridge.generation.request import GenerateRequest, ValidationLevel

OUTPUT = "output_state: {type: object, properties: {b: {type: string}}}\n"
INPUT = "input_state: {type: object, properties: {a: {type: integer}}}\n"


async def told(folder: Path, text: str, name: str = "given.yaml") -> ContractReport:
    """Generate one contract and return what the report says of it."""
    path = folder / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    report = await generate(
        GenerateRequest(
            paths=(path.parent,), output=folder / "out", validation=ValidationLevel.BASIC
        )
    )
    return report.contracts[0]


async def test_a_correction_and_a_degradation_help_together(tmp_path: Path) -> None:
    """Both are told, each in its own step."""
    report = await told(tmp_path, f"name: a_clock\nnode_type: comput\n{INPUT}")

    assert report.outcome == "generated"
    assert [str(step.kind) for step in report.recoveries] == [
        "error_correction",
        "graceful_degradation",
    ]
    assert report.recoveries[0].change == ("node type 'comput' became 'compute'",)
    assert report.dropped == ("all checks of the output (no output_state): any object is accepted",)


async def test_a_misspelt_optional_mixin_is_corrected_beside_another_fault(tmp_path: Path) -> None:
    """It is not dropped only because something else has to be."""
    text = f"name: a_clock\nnode_type: compute\n{INPUT}mixins: [MixinMetrisc]\n"

    report = await told(tmp_path, text)

    assert "became 'MixinMetrics'" in " ".join(report.recoveries[0].change)
    assert not [what for what in report.dropped if "mixin" in what]


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        (f"name: a_clock\nnode_type: banana\n{OUTPUT}", "unknown node type 'banana'", 2),
        (f"name: ''\nnode_type: compute\n{OUTPUT}", "name", 1),
        (
            (
                "name: a_clock\nnode_type: compute\ninput_state:\n  properties:\n"
                "    a: {type: strng}\n    b: {type: wobble}\n"
            ),
            "unknown type 'wobble'",
            6,
        ),
        (
            (
                f"name: a_clock\nnode_type: efect\n{INPUT}output_state:\n  properties:\n"
                "    a: {$ref: '#/$defs/Gone'}\n"
            ),
            "'#/$defs/Gone' leads nowhere",
            6,
        ),
    ],
)
async def test_the_fault_that_stays_is_told(
    tmp_path: Path, text: str, message: str, line: int
) -> None:
    """Faults that would have gone away by themselves do not hide it."""
    report = await told(tmp_path, text)

    assert report.outcome == "escalated"
    assert report.escalation is not None
    assert message in report.escalation.message
    assert report.escalation.line == line
    assert not (tmp_path / "out" / "a_clock").exists()


async def test_a_name_alone_makes_no_contract(tmp_path: Path) -> None:
    """A file beside a contract that is called like its node is refused, and takes no name away."""
    text = "name: price_reader_effect\nversion: '1.0'\nnode_role: effect\ndependencies: [numpy]\n"

    report = await told(tmp_path, text, "metadata.yaml")

    assert report.outcome == "refused"
    assert "is not a node contract" in report.error
