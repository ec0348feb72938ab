"""Channels of the environment: those that cannot be used are said, the others are taken."""

from __future__ import annotations

import pytest

from omninode_bridge.cli.asking import configured_channels

SLACK = "OMNINODE_BRIDGE_SLACK_WEBHOOK"


def test_a_channel_that_cannot_be_used_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever mistyped an address learns it before nobody is told, and the address stays secret."""
    assert configured_channels({SLACK: "ftp://hooks.example/T0/B0/secret"}) == {}

    said = " ".join(capsys.readouterr().err.split())
    assert "channel 'slack' cannot be used, so nobody is told by it: " in said
    assert "secret" not in said


@pytest.mark.parametrize("environ", [{}, {"OMNINODE_BRIDGE_SLACKER": "x"}])
def test_a_channel_that_is_not_set_is_none(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is said of what nobody asked for."""
    assert configured_channels(environ) == {}
    assert capsys.readouterr().err == ""


def test_a_channel_that_is_set_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    """It is found by its name, and nothing is said."""
    found = configured_channels({SLACK: "https://hooks.example/T0/B0/secret"})
    assert (list(found), capsys.readouterr().err) == (["slack"], "")
