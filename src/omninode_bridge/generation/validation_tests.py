"""Run the tests of generated packages, and say whose tests failed."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from omninode_bridge.generation.child_process import ChildResult, run_child

__all__ = ["run_tests"]

TEST_SECONDS = 600.0
_RESULTS = "results.xml"
_FAILED = ("failure", "error")


async def run_tests(
    root: Path, folders: Sequence[str], *, cpu_seconds: int
) -> tuple[set[str] | None, ChildResult]:
    """Run the tests of packages in one child process.

    Args:
        root: where it runs.
        folders: the packages' folders, relative to `root`.
        cpu_seconds: computing time that it may take.

    Returns:
        The folders whose tests failed or are not there, None where nobody can tell, and what the
        child process said.
    """
    results = root / _RESULTS
    results.unlink(missing_ok=True)
    options = (
        "--quiet --no-header --tb=short --import-mode=importlib -W error "
        "-p no:cacheprovider -c /dev/null -o junit_family=xunit1"
    )
    # Without -P the working folder would come before the modules that pytest itself needs.
    command = [
        *(sys.executable, "-P", "-m", "pytest", *options.split()),
        *(f"--rootdir={root}", f"--junitxml={results}", *folders),
    ]
    result = await run_child(
        command,
        cwd=root,
        seconds=TEST_SECONDS,
        cpu_seconds=cpu_seconds,
        extra_env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    if result.code not in (0, 1):
        return None, result
    try:
        cases = list(ET.parse(results).iter("testcase"))  # noqa: S314 - written by our own pytest
    except (OSError, ET.ParseError):
        return None, result
    passed: set[str] = set()
    failed: set[str] = set()
    for case in cases:
        path = Path(case.get("file") or "")
        folder = next((f for f in folders if path.is_relative_to(f)), None)
        if folder is None:
            return None, result
        (failed if any(case.find(word) is not None for word in _FAILED) else passed).add(folder)
    if result.code == 1 and not failed:
        return None, result
    return failed | (set(folders) - passed), result
