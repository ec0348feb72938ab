"""``omninode-bridge contracts check``: where, what, and what would be right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ._contracts import DANGLING, GOOD, OPTIONAL_MIXIN

Run = Callable[..., Any]
Write = Callable[..., Path]


def test_a_good_contract_has_no_findings(run: Run, contracts: Write) -> None:
    """Exit code 0, and one line that says how many were looked at."""
    contracts()

    ended = run("contracts", "check", "contracts")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out == "1 contract: 0 errors, 0 warnings\n"


def test_an_error_has_a_place_a_fault_and_a_hint(run: Run, contracts: Write) -> None:
    """One line each, as editors and compilers have it."""
    contracts(broken=DANGLING)

    ended = run("contracts", "check", "contracts")

    assert ended.code == 1
    assert ended.out.startswith("contracts/broken.yaml:8:")
    assert ": error: reference '#/$defs/Nothing' leads nowhere" in ended.out
    assert "[dangling-reference]" in ended.out
    assert "1 contract: 1 error, 0 warnings" in ended.out


def test_warnings_do_not_fail(run: Run, contracts: Write) -> None:
    """An unknown optional mixin prevents no package."""
    contracts(adder=OPTIONAL_MIXIN)

    ended = run("contracts", "check", "contracts")

    assert ended.code == 0
    assert "warning: unknown optional mixin 'MixinConfetti'" in ended.out
    assert "0 errors, 1 warning" in ended.out


def test_all_faults_are_told_at_once(run: Run, contracts: Write) -> None:
    """Nobody has to run the command once for each fault."""
    contracts(broken=DANGLING.replace("compute", "computt"), other=DANGLING)

    ended = run("contracts", "check", "contracts")

    assert ended.out.count(": error: ") == 3
    assert "2 contracts: 3 errors" in ended.out


def test_what_generate_would_correct_is_counted(run: Run, contracts: Write) -> None:
    """A misspelt type is an error of the contract, and one that generate corrects."""
    contracts(adder=GOOD.replace("compute", "computt"))

    ended = run("contracts", "check", "contracts")

    assert ended.code == 1
    assert "generate would correct 1 of the 1 faulty contract" in ended.out


def test_json_has_the_same_findings(run: Run, contracts: Write) -> None:
    """Line, column, code and hint are fields, not text to be taken apart."""
    contracts(adder=GOOD, broken=DANGLING)

    ended = run("contracts", "check", "contracts", "--format", "json")

    report = json.loads(ended.out)
    assert (ended.code, ended.err, report["errors"], report["warnings"]) == (1, "", 1, 0)
    good, bad = report["contracts"]
    assert good == {"contract": "contracts/adder.yaml", "findings": []}
    assert bad["findings"][0]["line"] == 8
    assert bad["findings"][0]["code"] == "dangling-reference"
    assert bad["findings"][0]["curable"] is False


def test_unreadable_files_are_findings(run: Run, contracts: Write) -> None:
    """Binary files, broken YAML and files of another kind are errors with their place."""
    folder = contracts()
    (folder / "binary.yaml").write_bytes(b"\0\1")
    (folder / "cut.yaml").write_text("name: [a, b\n")
    (folder / "other.yaml").write_text("services: {web: {image: x}}\nversion: '3'\n")

    ended = run("contracts", "check", "contracts")

    assert ended.code == 1
    assert "contracts/binary.yaml: error: is binary, not text" in ended.out
    assert "contracts/cut.yaml:" in ended.out
    assert "contracts/other.yaml" in ended.out


def test_references_may_not_leave_the_folder(run: Run, contracts: Write) -> None:
    """The folder that was named is the border, for the check as for the generation."""
    reference = 'input_state: {{$ref: "../outside.yaml"}}'
    contracts(
        adder=GOOD.partition("input_state:")[0] + reference + "\noutput_state: {{type: object}}\n"
    )
    Path("outside.yaml").write_text("{type: object}")

    ended = run("contracts", "check", "contracts")

    assert ended.code == 1
    assert "file-outside" in ended.out


def test_nothing_is_written(run: Run, contracts: Write, tree: Callable[[Path], Any]) -> None:
    """A check looks, and that is all."""
    contracts(adder=GOOD, broken=DANGLING)
    before = tree(Path())

    run("contracts", "check", "contracts")

    assert tree(Path()) == before
