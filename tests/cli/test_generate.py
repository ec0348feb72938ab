"""``omninode-bridge generate`` on contracts that are right, wrong, hostile, or there already."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ._contracts import DANGLING, GOOD, OPTIONAL_MIXIN

Run = Callable[..., Any]
Write = Callable[..., Path]
Tree = Callable[[Path], Mapping[str, bytes]]

BASIC = ("generate", "contracts", "-o", "out", "--validation", "basic")


def test_a_contract_becomes_a_package(run: Run, contracts: Write, tree: Tree) -> None:
    """The table names contract, outcome and time; the summary says where the package is."""
    contracts()

    ended = run("generate", "contracts", "-o", "out")

    assert (ended.code, ended.err) == (0, "")
    assert "contracts/adder.yaml" in ended.out
    assert "generated" in ended.out
    assert "1 package written to out/" in ended.out
    assert "logic: scaffold in 1 package" in ended.out
    assert {"adder/models.py", "adder/node.py", "adder/py.typed"} <= tree(Path("out")).keys()


def test_an_escalated_contract_says_what_to_do(run: Run, contracts: Write) -> None:
    """Place, fault, what would be right, and how to answer and go on."""
    contracts(adder=GOOD, broken=DANGLING)

    ended = run(*BASIC)

    assert ended.code == 1
    assert re.search(r"omninode-bridge escalations answer esc_[0-9a-f]{20} ANSWER", ended.out)
    assert re.search(r"omninode-bridge resume generate-[0-9]{8}-[0-9a-f]{4}", ended.out)
    assert "escalated  contracts/broken.yaml:8:" in ended.out
    assert not Path("out/broken").exists()
    assert Path("out/adder").is_dir()


def test_without_a_journal_the_command_is_run_again(run: Run, contracts: Write) -> None:
    """Nothing can be answered later, so the file is what there is to correct."""
    contracts(adder=GOOD, broken=DANGLING)

    ended = run(*BASIC, "--no-journal")

    assert ended.code == 1
    assert "escalated  contracts/broken.yaml:8:" in ended.out
    assert "reference '#/$defs/Nothing' leads nowhere" in ended.out
    assert "correct the file, then run generate again" in ended.out
    assert "resume" not in ended.out
    assert not Path("out/broken").exists()
    assert Path("out/adder").is_dir()


def test_strict_refuses_what_is_degraded(run: Run, contracts: Write) -> None:
    """A package without one of its features is a success, unless strictness was asked for."""
    contracts(adder=OPTIONAL_MIXIN)

    lenient, strict = run(*BASIC), run(*BASIC, "--strict")

    assert (lenient.code, strict.code) == (0, 1)
    assert "generated, degraded" in lenient.out
    assert "MixinConfetti" in lenient.out


@pytest.mark.parametrize("option", [("--no-recovery",), ("--max-degradation", "0")])
def test_recovery_can_be_held_back(run: Run, contracts: Write, option: tuple[str, ...]) -> None:
    """Without the degradation there is no package."""
    contracts(adder=OPTIONAL_MIXIN)

    ended = run(*BASIC, *option)

    assert ended.code == 1
    assert not Path("out").exists()


def test_a_second_run_changes_nothing_and_says_so(run: Run, contracts: Write, tree: Tree) -> None:
    """Files that are right are not even touched."""
    contracts()
    run(*BASIC)
    before = tree(Path("out"))
    times = {path: path.stat().st_mtime_ns for path in Path("out").rglob("*")}

    ended = run(*BASIC)

    assert ended.code == 0
    assert "nothing changed" in ended.out
    assert tree(Path("out")) == before
    assert {path: path.stat().st_mtime_ns for path in Path("out").rglob("*")} == times


def test_check_tells_current_from_stale(run: Run, contracts: Write) -> None:
    """Fresh output is current; after an edit of the contract it is stale; nothing is written."""
    folder = contracts()
    missing = run(*BASIC, "--check")
    exists = Path("out").exists()
    run(*BASIC)
    fresh = run(*BASIC, "--check")
    contract = folder / "adder.yaml"
    contract.write_text(contract.read_text().replace("minimum: 0", "minimum: 1"))

    stale = run(*BASIC, "--check")

    assert (missing.code, fresh.code, stale.code) == (1, 0, 1)
    assert not exists
    assert "is not there" in missing.out
    assert "current" in fresh.out
    assert "stale  contracts/adder.yaml" in stale.out


def test_a_dry_run_writes_nothing(run: Run, contracts: Write) -> None:
    """Not even the output folder appears."""
    contracts()

    ended = run(*BASIC, "--dry-run")

    assert ended.code == 0
    assert "would be written" in ended.out
    assert not Path("out").exists()


def test_diff_prints_a_patch(run: Run, contracts: Write) -> None:
    """Stdout holds the unified diff alone, so that it can be applied; the rest is on stderr."""
    folder = contracts()
    run(*BASIC)
    contract = folder / "adder.yaml"
    contract.write_text(contract.read_text().replace("Adds two numbers", "Adds 2 numbers"))

    ended = run(*BASIC, "--diff")

    assert ended.code == 0
    assert ended.out.startswith("--- a/adder/")
    assert "-description: Adds two numbers." in ended.out
    assert "+description: Adds 2 numbers." in ended.out
    assert "would be written" in ended.err
    assert all(line[:1] in "-+@ " for line in ended.out.splitlines())


def test_an_edited_node_is_kept(run: Run, contracts: Write) -> None:
    """What a person wrote stays, also when another part of the contract changes the models."""
    folder = contracts()
    run(*BASIC)
    node = Path("out/adder/node.py")
    node.write_text(node.read_text() + "\n# mine\n")
    contract = folder / "adder.yaml"
    contract.write_text(contract.read_text().replace("minimum: 0", "minimum: 1"))

    ended = run(*BASIC, "-v")

    assert ended.code == 0
    assert node.read_text().endswith("# mine\n")
    assert "kept as edited: node.py" in ended.out
    assert "ge=1" in Path("out/adder/models.py").read_text()


@pytest.mark.parametrize("text", ["def broken(:\n", "\udcff"])
def test_an_edited_node_need_not_be_python(run: Run, contracts: Write, text: str) -> None:
    """Work in progress is no reason to fail."""
    contracts()
    run(*BASIC)
    Path("out/adder/node.py").write_text(text, encoding="utf-8", errors="surrogateescape")

    ended = run(*BASIC)

    assert ended.code == 0


def test_files_that_are_not_ours_are_left_alone(run: Run, contracts: Write) -> None:
    """A file of somebody else in the package's place is overwritten with ``--force`` only."""
    contracts()
    Path("out/adder").mkdir(parents=True)
    foreign = Path("out/adder/models.py")
    foreign.write_text("mine = True\n")

    refused, kept = run(*BASIC), foreign.read_text()
    forced = run(*BASIC, "--force")

    assert (refused.code, forced.code) == (1, 0)
    assert "was not written by this generator" in refused.out
    assert kept == "mine = True\n"
    assert foreign.read_text() != kept


def test_equal_names_are_refused_and_others_generated(run: Run, contracts: Write) -> None:
    """Contracts that would share a folder, also where case is not told apart, name each other."""
    contracts(one=GOOD.replace("{name}", "same"), two=GOOD.replace("{name}", "SAME"), three=GOOD)

    ended = run(*BASIC)

    assert ended.code == 1
    assert "'same' is also used by contracts/two.yaml" in ended.out
    assert "also used by contracts/one.yaml" in ended.out
    assert [path.name for path in Path("out").iterdir()] == ["three"]


def test_odd_files_are_refused_with_a_sentence(run: Run, contracts: Write) -> None:
    """Binary, huge, wrongly encoded, nested without end, aliases without end, links to elsewhere."""
    folder = contracts()
    Path("elsewhere.yaml").write_text(GOOD.format(name="elsewhere"))
    (folder / "binary.yaml").write_bytes(bytes(range(256)))
    (folder / "huge.yaml").write_bytes(b"a: " + b"x" * 10_000_000)
    (folder / "latin.yaml").write_bytes(b"name: \xe9toile\n")
    (folder / "deep.yaml").write_text("[" * 100_000)
    (folder / "bomb.yaml").write_text(
        "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1},' * 9}]\n" for n in range(1, 10))
    )
    (folder / "link.yaml").symlink_to(Path("elsewhere.yaml").resolve())
    (folder / "loop.yaml").symlink_to("loop.yaml")
    (folder / "empty.yaml").touch()

    ended = run(*BASIC, "--format", "json")

    outcomes = {Path(c["contract"]).stem: c for c in json.loads(ended.out)["contracts"]}
    assert ended.code == 1
    assert outcomes.pop("adder")["outcome"] == "generated"
    assert {c["outcome"] for c in outcomes.values()} <= {"refused", "escalated"}
    assert all(c["error"] and "\n" not in c["error"] for c in outcomes.values())
    assert "Traceback" not in ended.err
    assert [path.name for path in Path("out").iterdir()] == ["adder"]


def test_a_name_that_is_no_text_is_shown_escaped(run: Run, contracts: Write) -> None:
    """A path with odd bytes and control characters is worked on, and cannot write to the terminal."""
    folder = contracts()
    odd = os.fsdecode(b"odd\xff\x1b[31m.yaml")
    (folder / "adder.yaml").rename(folder / odd)

    text, data = run(*BASIC), run(*BASIC, "--format", "json")
    check = run("contracts", "check", folder)

    assert text.code == data.code == check.code == 0
    assert "\x1b" not in text.out + check.out
    assert r"odd\udcff\x1b[31m.yaml" in text.out
    assert json.loads(data.out)["contracts"][0]["contract"].endswith(odd)


def test_a_full_disk_fails_the_package_only(run: Run, contracts: Write, full_disk: None) -> None:
    """The sentence names the folder and the reason, and nothing half done is left."""
    contracts()

    ended = run(*BASIC)

    assert ended.code == 1
    assert "failed  contracts/adder.yaml" in ended.out
    assert "no space left on device" in ended.out
    assert list(Path("out").iterdir()) == []


def test_text_of_contracts_does_not_reach_the_terminal_as_codes(run: Run, contracts: Write) -> None:
    """Escapes in a contract's values are shown, not obeyed."""
    contracts(adder=GOOD.replace("node_type: compute", 'node_type: "\\e[2Jwipe"'))

    ended = run(*BASIC)

    assert ended.code == 1
    assert "\x1b" not in ended.out
    assert "wipe" in ended.out


def test_quiet_prints_errors_only(run: Run, contracts: Write) -> None:
    """Silence where all is well; blocks on stderr where not."""
    contracts()
    well = run(*BASIC, "-q")
    contracts(broken=DANGLING)

    wrong = run(*BASIC, "-q")

    assert (well.out, well.err, wrong.out) == ("", "", "")
    assert "broken.yaml:8:" in wrong.err
    assert "adder" not in wrong.err


def test_verbose_prints_steps(run: Run, contracts: Write) -> None:
    """Every step of every contract is there; the log only with two."""
    contracts()

    once, twice = run(*BASIC, "-v"), run(*BASIC, "-vv")

    assert "models: done" in once.out
    assert once.err == ""
    assert "workflow.finished" in twice.err


def test_piped_output_has_no_codes_and_whole_names(
    run: Run, contracts: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the environment says about colours, a file gets plain text with whole file names."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    names = {f"a_rather_long_name_of_a_contract_{n}": GOOD for n in range(2)}
    contracts(**names, broken=DANGLING)

    ended = run(*BASIC)

    assert "\x1b" not in ended.out + ended.err
    assert "\r" not in ended.out + ended.err
    joined = ended.out.replace("\n", "")
    assert max(map(len, ended.out.splitlines())) <= 80
    assert "broken.yaml:8:" in joined
    assert all(line == line.rstrip() for line in ended.out.splitlines())


@pytest.mark.slow
def test_two_runs_write_the_same_bytes(contracts: Write, tree: Tree) -> None:
    """Another folder, another number of jobs, another hash seed: not one byte differs."""
    contracts(adder=GOOD, second=GOOD, third=OPTIONAL_MIXIN)
    outputs = []
    for jobs, seed in (("1", "0"), ("4", "4242")):
        output = f"out{jobs}"
        subprocess.run(
            [
                sys.executable,
                "-m",
                "omninode_bridge",
                "generate",
                "contracts",
                "-o",
                output,
                "--jobs",
                jobs,
                "-q",
            ],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
        )
        outputs.append(tree(Path(output)))

    assert outputs[0] == outputs[1]
    assert len(outputs[0]) >= 27


def test_output_inside_the_input_is_no_input(run: Run, contracts: Write) -> None:
    """The copies of contracts in generated packages are not generated again."""
    contracts()
    first = run("generate", "contracts", "-o", "contracts/out", "--validation", "basic")

    second = run("generate", "contracts", "-o", "contracts/out", "--validation", "basic")

    assert (first.code, second.code) == (0, 0)
    assert "1 contract in" in second.out


def test_a_closed_stdout_is_no_defect(contracts: Write) -> None:
    """A reader that goes away ends the output quietly; the package is there."""
    contracts()
    shell = shutil.which("sh")
    assert shell is not None
    command = f"{sys.executable} -m omninode_bridge generate contracts -o out --validation basic"

    closed = subprocess.run(
        [shell, "-c", f"{command} >&-"], capture_output=True, text=True, check=False
    )

    assert (closed.returncode, closed.stderr) == (0, "")
    assert Path("out/adder/node.py").is_file()
