"""Run the main job on `examples/contracts` and hold its report against `examples/expected.json`.

Some examples are faulty on purpose, so the job is expected to end with exit code 1. This script ends with 0 only
when exit code and outcomes are exactly the expected ones. Further arguments go to ``omninode-bridge generate``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = Path("examples", "contracts")
EXPECTED = Path("examples", "expected.json")
OUTPUT = Path("generated")
REPORT = OUTPUT / "report.json"


def load_expected(path: Path) -> dict[str, str]:
    """Read ``{contract: outcome}``; a contract is a path relative to the folder of the contracts."""
    expected = json.loads(path.read_text(encoding="utf-8"))
    return {str(contract): str(outcome) for contract, outcome in expected.items()}


def reported_outcomes(report: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Return the outcome of every contract of a report, by its path relative to the folder."""
    outcomes: dict[str, str] = {}
    for entry in report["contracts"]:
        contract = ROOT / entry["contract"]
        name = contract.relative_to(folder) if contract.is_relative_to(folder) else contract
        outcomes[name.as_posix()] = str(entry["outcome"])
    return outcomes


def differences(expected: Mapping[str, str], actual: Mapping[str, str]) -> list[str]:
    """Say in one line each where the two disagree; nothing where they are equal."""
    return [
        f"{contract}: expected {expected.get(contract, 'no such contract')!r}, "
        f"got {actual.get(contract, 'no report')!r}"
        for contract in sorted(expected.keys() | actual.keys())
        if expected.get(contract) != actual.get(contract)
    ]


def run_job(arguments: Sequence[str]) -> int:
    """Run the command of this environment and return its exit code."""
    program = Path(sys.executable).with_name("omninode-bridge")
    command = [str(program), "generate", str(CONTRACTS), "-o", str(OUTPUT), "--validation", "full"]
    command.append("--no-journal")  # nobody is to be asked about examples
    return subprocess.run(  # noqa: S603 - our own program, and arguments of the person who calls
        [*command, "--report", str(REPORT), *arguments], cwd=ROOT, check=False
    ).returncode


def main(arguments: Sequence[str]) -> int:
    """Run, compare, say in one line what it means."""
    try:
        expected = load_expected(ROOT / EXPECTED)
    except (OSError, ValueError, AttributeError) as error:
        print(f"{EXPECTED} cannot be used: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    (ROOT / REPORT).unlink(missing_ok=True)
    (ROOT / OUTPUT).mkdir(exist_ok=True)
    refused = sum(outcome not in {"generated", "degraded"} for outcome in expected.values())
    expected_code = 1 if refused else 0

    code = run_job(arguments)
    if code == 130:
        return code
    try:
        report = json.loads((ROOT / REPORT).read_text(encoding="utf-8"))
        found = differences(expected, reported_outcomes(report, ROOT / CONTRACTS))
    except (OSError, ValueError, KeyError, TypeError) as error:
        found = [f"{REPORT} cannot be used: {type(error).__name__}: {error}"]
    if code != expected_code:
        found.append(f"the job: expected exit code {expected_code}, got {code}")

    if found:
        print("not as expected:", *found, sep="\n  ", file=sys.stderr)
        return 1
    print(
        f"as expected: exit code {code}, because {refused} of {len(expected)} examples must not be generated; "
        f"all {len(expected)} outcomes are those of examples/expected.json"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
