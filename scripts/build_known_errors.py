"""Write docs/reference/errors-known.md from the tables of the providers: `python scripts/build_known_errors.py [--check]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from omninode_bridge.agents.workflows.classification import Facts, ladder_for
from omninode_bridge.agents.workflows.classification.providers import KNOWN
from omninode_bridge.agents.workflows.recovery_models import ErrorType

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "errors-known.md"
HEAD = """# Known errors

What the built-in [providers of facts](classification.md#providers) know, in the order in which they are asked.
This page is generated from their tables by `scripts/build_known_errors.py`; a test fails while it is stale.

- *type* is empty where the provider leaves it to the next one.
- *passes*: the same call would plausibly succeed within minutes, *stays*: it would not, *open*: nothing tells.
- *first* is the strategy that the ladder begins with.
- *weak* rows are believed less than a cause that says more.
"""
TRANSIENCE = {True: "passes", False: "stays", None: "open"}


def first_of(facts: Facts) -> str:
    """Return the first strategy for an error of which nothing else is known."""
    kind = facts.error_type if facts.error_type is not None else ErrorType.UNKNOWN
    return str(ladder_for(kind, facts.transient, prefer=facts.prefer)[0]).replace("_", " ")


def rows_of(rows: object) -> Iterator[str]:
    """Yield the lines of one table."""
    yield "| what | type | transience | first |"
    yield "|---|---|---|---|"
    for what, facts in rows:  # type: ignore[attr-defined]
        kind = f"`{facts.error_type}`" if facts.error_type is not None else ""
        transience = TRANSIENCE[facts.transient] + (", weak" if facts.weak else "")
        escaped = what.replace("|", "\\|")
        yield f"| {escaped} | {kind} | {transience} | {first_of(facts)} |"


def page() -> str:
    """Return the text of the page."""
    parts = [HEAD]
    for provider, known in KNOWN.items():
        module = provider.__module__.rpartition(".")[2]
        doc = (provider.__doc__ or "").partition("\n")[0]
        parts.append(
            f"## `{module}.py`\n\n{doc}\n\nReads {known.reads}.\nSource: {known.source}.\n"
        )
        rows = known.rows()
        if rows:
            parts.append("\n".join(rows_of(rows)) + "\n")
    return "\n".join(parts)


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` only say whether it is what it should be."""
    text = page()
    if "--check" not in arguments:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == text:
        return 0
    print(f"{PAGE.name} is stale; run python scripts/build_known_errors.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
