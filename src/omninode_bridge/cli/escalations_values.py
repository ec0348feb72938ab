"""What a person types as an answer, made a decision: arguments, files, JSON, texts."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from omninode_bridge.agents.workflows.recovery_models import Decision, DecisionKind
from omninode_bridge.cli.patterns_print import tell_to_paste

__all__ = ["MAX_FILE", "decision_of"]

#: Bytes of a file, or of stdin, that an answer may be read from.
MAX_FILE: Final = 16 * 1024 * 1024
_PLAIN: Final = (DecisionKind.RETRY, DecisionKind.SKIP, DecisionKind.ABORT)


def decision_of(
    kind: DecisionKind, given: Sequence[str], *, set_json: Sequence[str], text: str | None
) -> Decision:
    """Return the decision.

    Args:
        kind: of the answer.
        given: what follows it: ``NAME=VALUE`` of an edit, the JSON of a value.
        set_json: ``NAME=JSON`` of an edit.
        text: a value that is this text.

    Raises:
        UsageError: what is given does not go with the kind, or cannot be read.
    """
    if set_json and kind is not DecisionKind.EDIT:
        raise click.UsageError(f"--set-json goes with 'edit', not with {str(kind)!r}")
    if text is not None and kind is not DecisionKind.VALUE:
        raise click.UsageError(f"--text goes with 'value', not with {str(kind)!r}")
    if kind in _PLAIN:
        if given:
            raise click.UsageError(f"{given[0]!r} is too much: {str(kind)!r} stands alone")
        return Decision.parse(str(kind))
    if sum(one.endswith("@-") for one in (*given, *set_json)) > 1:
        raise click.UsageError("@- stands twice; stdin can be read once")
    if kind is DecisionKind.EDIT:
        return Decision.edit(_edits(given, set_json))
    return Decision.value(_value(given, text))


def _edits(given: Sequence[str], set_json: Sequence[str]) -> dict[str, Any]:
    edits: dict[str, Any] = {}
    for one, is_json in [(one, False) for one in given] + [(one, True) for one in set_json]:
        name, sign, value = one.partition("=")
        form = "NAME=JSON" if is_json else "NAME=VALUE"
        if not sign or not name.strip():
            raise click.UsageError(f"{one[:80]!r} is no {form}, such as text=@contract.yaml")
        if name in edits:
            raise click.UsageError(f"{name!r} is given twice")
        read = _content(value) if value.startswith("@") else value
        edits[name] = _parsed(read, what=name) if is_json else read
    if not edits:
        raise click.UsageError("'edit' needs NAME=VALUE, NAME=@FILE or --set-json NAME=JSON")
    return edits


def _value(given: Sequence[str], text: str | None) -> Any:
    if text is not None:
        if given:
            raise click.UsageError("--text and a JSON value exclude each other; give one of them")
        return text
    if len(given) != 1:
        raise click.UsageError("'value' needs one of JSON, @FILE or --text TEXT")
    one = given[0]
    return _parsed(_content(one), what=one[1:]) if one.startswith("@") else _parsed(one, what="")


def _parsed(text: str, *, what: str) -> Any:
    def refuse(word: str) -> Any:
        raise ValueError(f"the number {word} does not exist there")

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError:
        reason = "it is nested too deep"
    except ValueError as error:
        reason = str(error)
    where = f"{what}: " if what else ""
    shown = text if len(text) <= 40 else f"{text[:37]}..."
    hint = "; a text is given with --text" if not what else ""
    raise click.UsageError(f"{where}{shown!r} is no JSON: {reason[:1].lower()}{reason[1:]}{hint}")


def _content(value: str) -> str:
    """Return the text of ``@FILE``, or of stdin for ``@-``."""
    name = value[1:]
    if not name:
        raise click.UsageError("@ names no file; write @FILE, or @- for stdin")
    try:
        if name == "-":
            tell_to_paste()
            data = sys.stdin.buffer.read(MAX_FILE + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(MAX_FILE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise click.UsageError(f"{name}: {reason.lower()}") from error
    if len(data) > MAX_FILE:
        raise click.UsageError(f"{name} is larger than {MAX_FILE // 2**20} MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{name} is no UTF-8 text (byte {error.start})") from error
