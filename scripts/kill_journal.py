"""Kill a workflow on a journal at every moment, at random ones and twice in a row.

For instance ``python scripts/kill_journal.py --all --random 200 --pairs 3 --variant plain``;
without ``--variant`` each one is tried. Prints one JSON object for each and ends with 1 where a
promise was broken. The promises are in docs/explanation/survival.md.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DRIVER = Path(__file__).resolve().parent.parent / "tests" / "journal" / "survival" / "driver.py"
VARIANTS = ("plain", "handled", "sync", "parallel", "ladder", "waiting")


def main(arguments: list[str]) -> int:
    """Run the driver once for each variant that is asked for."""
    chosen = [[]] if "--variant" in arguments else [["--variant", one] for one in VARIANTS]
    codes = []
    for variant in chosen:
        command = [sys.executable, str(DRIVER), *arguments, *variant]
        codes.append(subprocess.run(command, check=False).returncode)  # noqa: S603 - our own driver
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
