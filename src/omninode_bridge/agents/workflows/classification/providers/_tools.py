"""Recognise the output of linters, type checkers, test runners and other programs by its shape."""

from __future__ import annotations

import re

from omninode_bridge.agents.workflows.classification.facts import Facts, stays
from omninode_bridge.agents.workflows.classification.lazy_regex import LazyRegex
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

__all__ = ["SHAPES", "facts_of_report"]

_LESS = RecoveryStrategy.GRACEFUL_DEGRADATION
_TOOL = Facts(reasons=("the output of a tool",))

# What a report looks like; the first row that fits decides. `^` and what follows stay on one line: a space that
# may be a line end is tried from every empty line to the last.
SHAPES: tuple[tuple[str, LazyRegex, Facts], ...] = (
    (
        "a finding of bandit, or of ruff's S rules",
        LazyRegex(
            r"^>> Issue: \[B\d|^[^\S\n]*Test ID: B\d|^Issue: \[B\d{3}|^\S+:\d+:\d+:? (?:\[\*\] )?S\d{3}\b"
            r"|^S\d{3} (?:\[\*\] )?\S.*\n +--> |\bdetected secrets?\b|^RuleID: |\bleaks found\b|\.lang\.security\."
            r"|^Finding: ",
            re.MULTILINE,
        ),
        stays(ErrorType.SECURITY),
    ),
    (
        "source that does not parse",
        LazyRegex(
            r"\b(?:E999|SyntaxError|IndentationError|invalid-syntax)\b|\[syntax\]|: error: invalid syntax"
            r"|^error: cannot format .*: Cannot parse",
            re.MULTILINE,
        ),
        stays(ErrorType.SYNTAX),
    ),
    (
        "too little coverage",
        LazyRegex(
            r"Required test coverage of|Coverage failure: total of|coverage .{0,20}below",
            re.IGNORECASE,
        ),
        stays(ErrorType.VALIDATION, prefer=_LESS),
    ),
    (
        "a tool that was called wrongly",
        LazyRegex(
            r"^usage: |^Usage: |unrecognized arguments|No such option|unexpected argument|Failed to load configuration"
            r"|invalid choice: ",
            re.MULTILINE,
        ),
        stays(ErrorType.VALIDATION),
    ),
    (
        "a compiler's complaint of the source",
        LazyRegex(
            r"^\S+\(\d+,\d+\): error TS1\d{3}\b|: error: expected |: syntax error\b|: undefined: |: missing return"
            r"|error: Import \"|error: Cannot find (?:name|module)|: error: '\w+' undeclared|\bSC10\d\d\b",
            re.MULTILINE,
        ),
        stays(ErrorType.SYNTAX),
    ),
    (
        "too much complexity",
        LazyRegex(
            r"^[^\S\n]+[FMC] \d+:\d+ \S+ - [A-F]\b|maximum allowed complexity|\bC901\b",
            re.MULTILINE,
        ),
        stays(ErrorType.VALIDATION, prefer=_LESS),
    ),
    (
        "a contract that does not fit",
        LazyRegex(r"^\S+\.(?:proto|avsc|graphql|openapi\.ya?ml):\d+:\d+:", re.MULTILINE),
        stays(ErrorType.CONTRACT),
    ),
    (
        "failed tests",
        LazyRegex(
            r"^=+ .*\b\d+ (?:failed|errors?)\b|^FAILED \S+::|^ERROR \S+\.py|^E  +\w|^FAILED \((?:failures|errors)="
            r"|^\d+ failed\b|^FAIL: test|^--- FAIL: |^FAIL\t",
            re.MULTILINE,
        ),
        stays(ErrorType.VALIDATION),
    ),
    (
        "findings with a place",
        LazyRegex(
            r"^[^\s:]+:\d+(?::\d+)?: \S|^\S+:\d+ [A-Z]{2,4}\d{3,4} |^[^\S\n]+--> \S+:\d+:\d+|^Found \d+ errors?\b|^\S+\.py:\d+(?::\d+)? - error"
            r"|^would reformat |^\*{13} Module |^error\[[\w-]+\]: |^[^\S\n]+\S+:\d+:\d+ - (?:error|warning)"
            r"|^In \S+ line \d+:|\bSC\d{4} \(|^--- \S+.*\n\+\+\+ \S+|^unformatted: |^\S+\(\d+,\d+\): error |^[\w./-]+\.\w+: In function",
            re.MULTILINE,
        ),
        stays(ErrorType.VALIDATION),
    ),
)
_START = LazyRegex(
    r"(?:[^\s:]+:\d+(?::\d+)?: \S|>> Issue: |Issue: \[B|=+ |FAILED |FAIL: |ERROR \S+\.py|\w{1,16} .{1,200}\n +--> "
    r"|would reformat |error: cannot format|\*{13} Module |error\[[\w-]+\]: |Coverage failure"
    r"|\S+\(\d+,\d+\): error|--- \S+.*\n\+\+\+ |unformatted: |In \S+ line \d+:|\S+\n\s+\S+:\d+:\d+ - |# \S+\n\S+:\d+:\d+: "
    r"|\S+\.\w+: In function|\S+\.py\n\s+[FMC] \d+:\d+ |[Uu]sage: |\w+ failed\n  Cause: "
    r"|--- FAIL: |Finding: |RuleID: |\S+\.\w+:\d+:\d+:\S|\S+:\d+ [A-Z]{2,4}\d{3,4} |.{0,200}\n.{0,20}\S*\.lang\.security\."
    r"|Run started:|\d+ failed|Found \d+ errors?\b|\S+\.py:\d+)"
)


def facts_of_report(text: str) -> Facts | None:
    """Tell by a text that begins as the report of a tool does."""
    stripped = text.lstrip()
    if not _START.match(stripped):
        return None
    for what, pattern, facts in SHAPES:
        if pattern.search(stripped):
            return facts.completed(Facts(reasons=(f"the output of a tool: {what}",)))
    return None
