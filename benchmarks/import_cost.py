"""What importing the core costs, against `import asyncio`, each in fresh processes.

CPU time of the import statement alone, measured in turn so that a busy machine disturbs all alike. Run it with
``./dev bench import_cost``. The first round warms the byte code and is not counted. Target for the package: at most
twice asyncio. Names may load on first use, so the statement that every program needs next is shown beside it.
"""

from __future__ import annotations

import platform
import statistics
import subprocess
import sys

BASELINE = "import asyncio"
PACKAGE = "import omninode_bridge.agents.workflows"
FIRST_USE = "from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator"
ROUNDS = 25
TARGET = 2.0
MEASURE = """
import sys, time
statement = compile(sys.argv[1], "statement", "exec")
before = time.process_time_ns()
exec(statement)
print(time.process_time_ns() - before, len(sys.modules))
"""


def run_once(statement: str) -> tuple[float, int]:
    """Run an import in a fresh interpreter; return CPU milliseconds and the number of modules loaded."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, statement], capture_output=True, text=True, check=True
    )
    nanoseconds, loaded = done.stdout.split()
    return int(nanoseconds) / 1e6, int(loaded)


def main() -> int:
    """Measure, print a table, and say whether the target is met."""
    statements = (BASELINE, PACKAGE, FIRST_USE)
    rounds = [[run_once(statement) for statement in statements] for _ in range(ROUNDS + 1)][1:]

    print(
        f"Python {platform.python_version()}, {platform.machine()}, {ROUNDS} rounds, CPU ms of the statement"
    )
    print(f"{'statement':72} {'median':>7} {'least':>7} {'ratio':>6} {'modules':>8}")
    ratios = {}
    for place, statement in enumerate(statements):
        times = [costs[place][0] for costs in rounds]
        ratio = ratios[statement] = statistics.median(
            costs[place][0] / costs[0][0] for costs in rounds
        )
        print(
            f"{statement:72} {statistics.median(times):7.1f} {min(times):7.1f} {ratio:6.2f} {rounds[0][place][1]:8d}"
        )
    met = ratios[PACKAGE] <= TARGET
    print(f"target: ratio of the package at most {TARGET:.1f}: {'met' if met else 'missed'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
