"""Judge a file of patterns: what cannot work, what is dangerous, what never wins."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

from omninode_bridge.agents.workflows.recovery_models import ErrorPattern
from omninode_bridge.agents.workflows.recovery_patterns import DEFAULT_PATTERNS
from omninode_bridge.agents.workflows.recovery_patterns._file import (
    FilePattern,
    PatternFile,
    doubles_in,
)
from omninode_bridge.agents.workflows.recovery_patterns._file_fields import nearest
from omninode_bridge.agents.workflows.recovery_patterns._finding import PatternFinding, Severity
from omninode_bridge.errors import PatternError

from .matcher import PatternSet
from .pattern_checks import CHECKS, Probe, Said
from .pattern_shadow import shadow_of

__all__ = ["lint"]

_NO_SETTING = re.compile(r"there is no setting '(.{1,80}?)'; settings: (.+)")
# A file with more to say than this allows is judged as far as it goes.
_CHECKING_SECONDS = 5.0
_SHADOW_SECONDS = 5.0
_QUOTED = re.compile(r"^pattern '.*?': ")


def lint(
    file: PatternFile,
    *,
    refusal: Callable[[ErrorPattern], str],
    clock: Callable[[], float] = time.monotonic,
) -> list[PatternFinding]:
    """Return everything that is wrong with the patterns of a file, by line.

    It takes about ten seconds at most; a finding says how many patterns were not looked at.

    Args:
        file: what was read.
        refusal: why an orchestrator would not take a pattern; empty where it would.
        clock: seconds.
    """
    findings = [*file.findings, *doubles_in(file)]
    probes: list[tuple[FilePattern, Probe]] = []
    end = clock() + _CHECKING_SECONDS
    checked = 0
    for found in file.patterns:
        if clock() > end:
            break
        checked += 1
        try:
            probe = Probe(found.pattern)
        except (PatternError, re.error) as error:
            findings.append(_finding(file, found, _refused(error)))
            continue
        probes.append((found, probe))
        findings += [_finding(file, found, said) for check in CHECKS for said in check(probe)]
        findings += [_finding(file, found, said) for said in _metadata(found, refusal)]
        findings += [_finding(file, found, said) for said in _replacing(found)]
    end = clock() + _SHADOW_SECONDS
    compared = 0
    for found, shadow in _shadowed(probes):
        if shadow is not None:
            findings.append(_finding(file, found, shadow))
        compared += 1
        if clock() > end:
            break
    findings.sort(key=lambda one: one.line or 0)
    names = {found.pattern.pattern_id for found, _ in probes}
    left = max(len(file.patterns) - checked, len(names) - compared)
    return findings if left <= 0 else [_unfinished(file, left), *findings]


def _refused(error: Exception) -> Said:
    return Said(
        Severity.ERROR,
        "does-not-compile",
        f"the regex is refused: {_QUOTED.sub('', str(error))}",
        "an orchestrator refuses the pattern",
    )


def _unfinished(file: PatternFile, left: int) -> PatternFinding:
    return PatternFinding(
        file.path,
        None,
        "",
        Severity.WARNING,
        "unfinished",
        f"{left} of {len(file.patterns)} patterns were not looked at in full: it would take too long",
        fix="put them into several files and validate each",
    )


def _finding(file: PatternFile, found: FilePattern, said: Said) -> PatternFinding:
    return PatternFinding(
        file.path,
        found.raw.line_of(said.key),
        found.pattern.pattern_id,
        said.severity,
        said.code,
        said.message,
        said.why,
        said.fix,
    )


def _metadata(found: FilePattern, refusal: Callable[[ErrorPattern], str]) -> Iterator[Said]:
    reason = _QUOTED.sub("", refusal(found.pattern))
    if not reason:
        return
    wrong = _NO_SETTING.search(reason)
    key, fix = "metadata", ""
    if wrong is not None:
        key = f"metadata.{wrong[1]}"
        known = wrong[2].split(", ")
        close = nearest(wrong[1], known)
        fix = f"did you mean {close!r}?" if close else f"settings: {', '.join(known)}"
        strategy = str(found.pattern.recovery_strategy)
        reason = f"the strategy {strategy!r} has no setting {wrong[1]!r}"
    yield Said(
        Severity.ERROR, "wrong-metadata", reason, "an orchestrator refuses the pattern", fix, key
    )


def _replacing(found: FilePattern) -> Iterator[Said]:
    if found.pattern.pattern_id in DEFAULT_PATTERNS:
        yield Said(
            Severity.WARNING,
            "replaces-built-in",
            "a built-in pattern has this id",
            "adding it removes the built-in one",
            "give it an id of its own, unless that is meant",
            "pattern_id",
        )


def _shadowed(
    probes: list[tuple[FilePattern, Probe]],
) -> Iterator[tuple[FilePattern, Said | None]]:
    """Yield each pattern, with why it never wins where an earlier one of the file always does."""
    unique = {found.pattern.pattern_id: (found, probe) for found, probe in probes}
    everything = PatternSet.of(found.pattern for found, _ in unique.values())
    order = everything.in_order
    for number, pattern in enumerate(order):
        found, probe = unique[pattern.pattern_id]
        shadow = shadow_of(pattern, order[:number], everything, probe.samples)
        if shadow is None:
            yield found, None
            continue
        first = unique[shadow.by[0]][0]
        names = ", ".join(repr(name) for name in shadow.by[:3])
        line = "" if first.line is None or len(shadow.by) > 1 else f" (line {first.line})"
        higher = first.pattern.priority > pattern.priority
        fix = (
            f"give it a priority above {first.pattern.priority}"
            if (higher or len(shadow.by) > 1)
            else "put it before that one, or give it a higher priority"
        )
        if first.pattern.regex_pattern == pattern.regex_pattern:
            yield (
                found,
                Said(
                    Severity.ERROR,
                    "duplicate-regex",
                    f"{names}{line} has the same regex and is tried first",
                    "this one never wins",
                    "remove one of them",
                ),
            )
            continue
        sample = f", such as {shadow.sample[:80]!r}"
        yield (
            found,
            Said(
                Severity.ERROR if shadow.is_proved else Severity.WARNING,
                "shadowed",
                f"{'shadowed' if shadow.is_proved else 'seems shadowed'} by {names}{line}",
                (
                    "that one is tried first and matches every text that this one matches"
                    if shadow.is_proved
                    else f"{len(probe.samples)} texts made from this regex are all taken earlier"
                )
                + sample,
                fix,
            ),
        )
