"""What a result depends on is in its version, and nothing else is."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from omninode_bridge.generation.request import GenerateRequest, ValidationLevel
from omninode_bridge.generation.scanning import MAX_FILES, files_of
from omninode_bridge.generation.stages import STEPS
from omninode_bridge.generation.versions import Versions, code_hash

REQUEST = GenerateRequest(paths=(Path("in"),), output=Path("out"))


def found(contract: Path, root: Path | None = None) -> list[str]:
    return [name for name, _ in files_of(contract, contract.parent if root is None else root)]


@pytest.mark.parametrize(
    "text",
    [
        "a: {$ref: 'part.yaml#/A'}",
        'a: {"$ref": "part.yaml"}',
        "a:\n  $ref: part.yaml#/A\n",
        "a: {$ref: ./part.yaml}",
        "a: {$ref: 'p%61rt.yaml#/A'}",
        'a: {$ref: "p\\x61rt.yaml"}',
        "subcontracts: [part.yaml]",
        "subcontracts:\n  - part.yaml\n",
        "subcontracts: {x: {path: part.yaml}}",
        "a: {$ref: part.yaml",
        "\ta: x\n\tb:\n\t\t$ref: part.yaml#/A",
        "!!python/object:x {$ref: part.yaml}",
    ],
)
def test_files_that_are_referred_to_are_found(tmp_path: Path, text: str) -> None:
    """However the name is written, also in a contract that cannot be read."""
    (tmp_path / "a.yaml").write_text(text)
    (tmp_path / "part.yaml").write_text("A: {}")

    assert found(tmp_path / "a.yaml") == ["a.yaml", "part.yaml"]


def test_names_with_blanks_and_without_suffix_are_found(tmp_path: Path) -> None:
    """As long as they stand behind a reference."""
    (tmp_path / "a.yaml").write_text("a: {$ref: 'my part.yaml#/A'}\nb: {$ref: part}\n")
    (tmp_path / "my part.yaml").write_text("x: 1")
    (tmp_path / "part").write_text("x: 1")

    assert found(tmp_path / "a.yaml") == ["a.yaml", "my part.yaml", "part"]


def test_references_are_followed_and_end(tmp_path: Path) -> None:
    """Through other folders, in a circle, and no further than there is to go."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.yaml").write_text("$ref: sub/b.yaml")
    (tmp_path / "sub" / "b.yaml").write_text("$ref: ../c.yaml")
    (tmp_path / "c.yaml").write_text("$ref: a.yaml")

    assert found(tmp_path / "a.yaml") == ["a.yaml", "c.yaml", "sub/b.yaml"]


def test_nothing_outside_the_root_is_read(tmp_path: Path) -> None:
    """Neither by a path nor through a link; what is no file is passed over."""
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.yaml").write_text("x: 1")
    (tmp_path / "in" / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    os.mkfifo(tmp_path / "in" / "pipe.yaml")
    (tmp_path / "in" / "a.yaml").write_text(
        "a: [../secret.yaml, link.yaml, pipe.yaml, '.', '/etc/hostname', 'a\\0.yaml', '~.yaml']"
    )

    assert found(tmp_path / "in" / "a.yaml") == ["a.yaml"]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x00" * 10, b"", None])
def test_a_contract_that_is_no_text_counts_by_its_bytes(
    tmp_path: Path, content: bytes | None
) -> None:
    """One that is not there counts as empty."""
    if content is not None:
        (tmp_path / "a.yaml").write_bytes(content)

    assert files_of(tmp_path / "a.yaml", tmp_path) == [("a.yaml", content or b"")]


def test_there_is_an_end_to_the_files(tmp_path: Path) -> None:
    """A contract that names thousands is not read for ever."""
    names = [f"p{number}.yaml" for number in range(MAX_FILES + 50)]
    for name in names:
        (tmp_path / name).write_text("x: 1")
    (tmp_path / "a.yaml").write_text("\n".join(f"k{name}: {name}" for name in names))

    assert len(found(tmp_path / "a.yaml")) == MAX_FILES


def test_the_bytes_of_the_contract_count_for_every_step(tmp_path: Path) -> None:
    """Also those that mean nothing: the text is part of the package."""
    contract = tmp_path / "a.yaml"
    contract.write_text("name: a\n")
    before = [Versions(REQUEST).parts(step, contract, tmp_path) for step in STEPS]
    contract.write_text("name: a # comment\n")

    after = [Versions(REQUEST).parts(step, contract, tmp_path) for step in STEPS]

    assert all(
        one["contract"] != other["contract"] for one, other in zip(before, after, strict=True)
    )


@pytest.mark.parametrize(
    ("change", "steps"),
    [
        ({"validation": ValidationLevel.FULL}, {"check", "validate", "place"}),
        ({"force": True}, {"place"}),
        ({"output": Path("elsewhere")}, {"place"}),
        ({"recovery": False}, set(STEPS)),
        ({"max_degradation": 1}, set(STEPS)),
        ({"jobs": 7}, set()),
        ({"wait": 5.0}, set()),
        ({"strict": True}, set()),
    ],
)
def test_options_count_where_they_matter(
    tmp_path: Path, change: dict[str, object], steps: set[str]
) -> None:
    """How fast, how patient and how strict a run is changes no package."""
    contract = tmp_path / "a.yaml"
    one, other = Versions(REQUEST), Versions(replace(REQUEST, **change))  # type: ignore[arg-type]

    changed = {
        step
        for step in STEPS
        if one.parts(step, contract, tmp_path) != other.parts(step, contract, tmp_path)
    }

    assert changed == steps


def test_the_code_counts(tmp_path: Path) -> None:
    """For the steps of one contract and for those of all."""
    one, other = Versions(REQUEST, code="1"), Versions(REQUEST, code="2")

    assert one.of_all("names") != other.of_all("names")
    assert one.parts("node", tmp_path, tmp_path) != other.parts("node", tmp_path, tmp_path)
    assert Versions(REQUEST).of_all("names") == Versions(REQUEST, code=code_hash()).of_all("names")
