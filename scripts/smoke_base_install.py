"""Check an installation without extras: the core imports and recovers, the command names the extra it misses.

Run it with the interpreter of that installation. It ends with 0 or with a sentence that says what is wrong.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

BASE = {"jinja2", "markupsafe", "omninode-bridge", "pip", "pyyaml", "regex", "setuptools"}


def check_installation() -> str:
    """Only the base dependencies are here."""
    installed = {str(found.name).lower() for found in metadata.distributions()}
    assert installed <= BASE, f"a base install brought {sorted(installed - BASE)}"
    return "nothing but the base dependencies is installed"


def check_import() -> str:
    """The core imports, and loads no third-party module while it does."""
    import omninode_bridge.agents.workflows as workflows

    ours = {"omninode_bridge", "__main__", *sys.stdlib_module_names}
    loaded = {name.partition(".")[0] for name in sys.modules} - ours
    loaded = {
        name for name in loaded if not name.startswith(("_", "sitecustomize", "usercustomize"))
    }
    assert not loaded, f"importing {workflows.__name__} loaded {sorted(loaded)}"
    return "omninode_bridge.agents.workflows imports without third-party modules"


def check_recovery() -> str:
    """A call that fails once succeeds at the second attempt."""
    from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator

    calls: list[int] = []

    def flaky() -> str:
        calls.append(1)
        if len(calls) == 1:
            raise ConnectionError("connection reset by peer")
        return "done"

    result = ErrorRecoveryOrchestrator(base_delay=0.0).run_sync(flaky)
    assert result == "done", f"the recovery returned {result!r}"
    return f"recovered with {len(calls)} calls"


def check_command() -> str:
    """The command says in one sentence which extra it needs."""
    program = Path(sys.executable).with_name("omninode-bridge")
    done = subprocess.run(  # noqa: S603 - our own program
        [str(program), "generate", "nowhere", "-o", "nowhere-else"],
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stderr.strip()
    assert done.returncode == 2, f"the command ended with {done.returncode}, not 2: {said!r}"
    assert "omninode-bridge[" in said, f"the command names no extra: {said!r}"
    assert "Traceback" not in said, f"the command printed a traceback: {said!r}"
    return f"the command says: {said}"


def main() -> int:
    """Run every check in order; the first that fails ends it."""
    for check in (check_installation, check_import, check_recovery, check_command):
        try:
            print(f"ok: {check()}")
        except AssertionError as error:
            print(f"{check.__name__}: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
