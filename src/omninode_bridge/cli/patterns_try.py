"""``omninode-bridge patterns test``: which pattern wins a text, and why."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omninode_bridge.cli.options import path as read_path
from omninode_bridge.cli.patterns_print import (
    analysis_lines,
    analysis_plain,
    print_json,
    print_line,
    tell_to_paste,
    words,
)

if TYPE_CHECKING:
    from omninode_bridge.agents.workflows.classification.pattern_trial import Trial
    from omninode_bridge.cli.patterns_load import Known

__all__ = ["test"]

MAX_BYTES = 1_048_576
_LOOKS_LIKE_FILE = re.compile(r"\S+\.(?:log|txt|out|err|gz|trace|json|jsonl)")


@click.command("test")
@click.argument("text", metavar="TEXT|FILE|-")
@click.option("--file", "file", metavar="FILE", callback=read_path, help="Patterns of your own.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def test(ctx: click.Context, /, text: str, file: Path | None, style: str) -> None:
    """Say which patterns match a text, which of them wins, and why.

    The text is given itself, as a file that holds it, or on stdin (-). Exit code 0 where a pattern
    matches, 1 where none does, 2 for wrong usage.
    """
    from omninode_bridge.agents.workflows.classification.pattern_trial import try_patterns
    from omninode_bridge.cli.patterns_load import known_patterns, orchestrator_with
    from omninode_bridge.cli.screen import console, quiet_library

    given, source = _given(text)
    if not given.strip():
        raise click.UsageError(f"{source} is empty; there is nothing to match")
    known = known_patterns(file, with_libraries=True)
    with quiet_library(console(sys.stderr), 0):
        orchestrator = orchestrator_with(known)
        counts = [one for one in known if not one.library]
        own = [one.pattern for one in counts if one.rank == 4]
        ours = [one.pattern for one in counts if one.rank != 4]
        others = [one.pattern for one in known if one.library]
        trial = try_patterns(given, own, ours, others)
        analysis = orchestrator.analyze(given)
    if style == "json":
        print_json(_plain(trial, known, analysis))
    else:
        _print(trial, known, source, analysis)
    ctx.exit(0 if trial.winner is not None else 1)


def _given(text: str) -> tuple[str, str]:
    """Return the text and what it is called in sentences."""
    if text == "-":
        tell_to_paste()
        return sys.stdin.buffer.read(MAX_BYTES).decode("utf-8", "replace"), "stdin"
    try:
        path = Path(text)
        if len(text) < 1000 and "\n" not in text and path.is_file():
            with path.open("rb") as file:
                return file.read(MAX_BYTES).decode("utf-8", "replace"), text
    except (OSError, ValueError):
        pass
    if _LOOKS_LIKE_FILE.fullmatch(text):
        raise click.UsageError(f"{text}: no such file (a text that looks like one goes to stdin)")
    return text, "the text"


def _print(trial: Trial, known: list[Known], source: str, analysis: Any) -> None:
    from omninode_bridge.cli.screen import console

    out = console(sys.stdout)
    sources = {one.pattern.pattern_id: one for one in known}
    if trial.winner is None:
        tried = sum(not one.library for one in known)
        print_line(out, f"none of {tried} patterns matches {source}", style="yellow")
    else:
        won, one = trial.winner, sources[trial.winner.pattern.pattern_id]
        print_line(out, f"{won.pattern.pattern_id} wins", style="bold green")
        print_line(
            out,
            f"{words(won.pattern.error_type)}, {words(won.pattern.recovery_strategy)}; {one.source}",
            indent=2,
        )
        if won.excerpt:
            print_line(out, f"matched {won.excerpt!r}", indent=2)
        for name, value in won.groups.items():
            print_line(out, f"group {name} = {value!r}", indent=2)
        print_line(out, f"because {won.why}", indent=2)
    for title, matches in (
        ("also matches", trial.others),
        ("would match if it were added", trial.not_added),
    ):
        for match in matches:
            place = sources[match.pattern.pattern_id].source
            kind = f"{words(match.pattern.error_type)}, {words(match.pattern.recovery_strategy)}"
            print_line(out, f"{title}: {match.pattern.pattern_id} ({kind}; {place}); {match.why}")
    for name in trial.skipped:
        print_line(
            out, f"got no answer in time: {name}; `patterns validate` says why", style="yellow"
        )
    out.print()
    print_line(out, "the error, by all that is known of it:")
    for line in analysis_lines(analysis):
        print_line(out, line, indent=2)


def _plain(trial: Trial, known: list[Known], analysis: Any) -> dict[str, Any]:
    from omninode_bridge.agents.workflows._redaction import redact

    sources = {one.pattern.pattern_id: one.source for one in known}

    def plain(match: Any) -> dict[str, Any]:
        return {
            "pattern_id": match.pattern.pattern_id,
            "error_type": str(match.pattern.error_type),
            "recovery_strategy": str(match.pattern.recovery_strategy),
            "priority": match.pattern.priority,
            "source": sources[match.pattern.pattern_id],
            "matched": match.excerpt,
            "groups": {name: redact(value, limit=200) for name, value in match.groups.items()},
            "why": match.why,
        }

    return {
        "winner": None if trial.winner is None else plain(trial.winner),
        "others": [plain(match) for match in trial.others],
        "not_added": [plain(match) for match in trial.not_added],
        "skipped": list(trial.skipped),
        "analysis": analysis_plain(analysis),
    }
