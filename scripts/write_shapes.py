"""Write down what the analysis says about the regexes of our own patterns.

Run it after a change of a built-in or `COMMON_*` pattern, or of the analysis: ``python
scripts/write_shapes.py``. A test fails where that was forgotten.
"""

from __future__ import annotations

import json
from pathlib import Path

from omninode_bridge.agents.workflows import classification, recovery_patterns
from omninode_bridge.agents.workflows.classification._pieces import pieces_of
from omninode_bridge.agents.workflows.classification.safety import analyse

TABLE = Path(classification.__file__).with_name("_shapes.json")


def shapes() -> dict[str, list[list[object]]]:
    """Return the alternatives of every regex of ours and their shapes."""
    libraries = (
        recovery_patterns.DEFAULT_PATTERNS,
        recovery_patterns.COMMON_NETWORK_PATTERNS,
        recovery_patterns.COMMON_SYNTAX_PATTERNS,
        recovery_patterns.COMMON_VALIDATION_PATTERNS,
        recovery_patterns.COMMON_TIMEOUT_PATTERNS,
    )
    sources = [pattern.regex_pattern for library in libraries for pattern in library]
    return {
        source: [[piece, *analyse(piece)] for piece in pieces_of(source)]
        for source in dict.fromkeys(sources)
    }


def rendered() -> str:
    """Return the text of the table, one regex a line."""
    lines = [f"{json.dumps(source)}: {json.dumps(rows)}" for source, rows in shapes().items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    TABLE.write_text(rendered(), encoding="utf-8")
