"""Other versions of a template, the one to be tried first in front."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omninode_bridge.agents.workflows._template_names import alternatives_among
from omninode_bridge.agents.workflows.template_manager import TemplateManager

KNOWN = (
    "node_compute_v1",
    "node_effect",
    "node_effect_basic",
    "node_effect_simple",
    "node_effect_v1",
    "node_effect_v10",
    "node_effect_v1_fallback",
    "node_effect_v2",
    "node_effect_v2_1",
    "node_effects_v1",
)


@pytest.mark.parametrize(
    ("template_id", "expected"),
    [
        ("node_effect_v2", ["v1", "v1_fallback", "", "simple", "basic", "v2_1", "v10"]),
        ("node_effect_v10", ["v2_1", "v2", "v1", "v1_fallback", "", "simple", "basic"]),
        ("node_effect_v9", ["v2_1", "v2", "v1", "v1_fallback", "", "simple", "basic", "v10"]),
        ("node_effect_simple", ["v10", "v2_1", "v2", "v1", "v1_fallback", "basic", ""]),
    ],
)
def test_versions_come_in_order(template_id: str, expected: list[str]) -> None:
    """Older versions, then plainer ones, then newer ones; the base's name must be the same."""
    found = alternatives_among(template_id, KNOWN)

    assert found == tuple(f"node_effect_{end}".rstrip("_") for end in expected)


@pytest.mark.parametrize("template_id", ["node_reducer_v1", "", "_v1", "node_compute_v1", "v1"])
def test_there_may_be_none(template_id: str) -> None:
    """A template without siblings has no alternatives."""
    assert alternatives_among(template_id, KNOWN) == ()


@given(st.sampled_from(KNOWN), st.randoms())
def test_the_order_does_not_depend_on_the_order(template_id: str, lot: random.Random) -> None:
    """It is a function of the set, and never holds what was asked about."""
    mixed = list(KNOWN)
    lot.shuffle(mixed)

    found = alternatives_among(template_id, mixed)

    assert found == alternatives_among(template_id, KNOWN)
    assert template_id not in found


def test_a_manager_offers_what_it_has() -> None:
    """Parts of templates are not offered."""
    manager = TemplateManager(templates={"x_v2": "", "x_v1": "", "_x_v3": "", "y_v1": ""})

    assert manager.alternatives_for("x_v2") == ("x_v1",)
    assert manager.has_template("x_v1")
    assert not manager.has_template("x_v3")
