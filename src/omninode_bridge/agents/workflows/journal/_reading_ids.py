"""Find a row by its id, by the beginning of it, or say which ids are near."""

from __future__ import annotations

import difflib
import sqlite3
from collections.abc import Callable
from typing import Final

from omninode_bridge.errors import (
    ConfigurationError,
    OmninodeBridgeError,
    UnknownEscalationError,
    UnknownWorkflowError,
)

__all__ = ["candidates", "find_escalation", "find_workflow", "is_text", "nearest", "short_id"]

LEAST_SHOWN: Final = 12
_NAMED: Final = 5
_LEAST: Final = 1
_NEAREST_OF: Final = 2_000
_LAST: Final = "\U0010ffff"


def find_workflow(connection: sqlite3.Connection, given: str) -> str:
    """Return the id of the one workflow that has this id, or whose id begins so.

    Raises:
        UnknownWorkflowError: there is none; the message names near ones.
        ConfigurationError: several begin so.
    """
    return _one(connection, "workflows", "workflow", given, UnknownWorkflowError)


def find_escalation(connection: sqlite3.Connection, given: str) -> str:
    """Return the id of the one escalation that has this id, or whose id begins so.

    Raises:
        UnknownEscalationError: there is none; the message names near ones.
        ConfigurationError: several begin so.
    """
    return _one(connection, "escalations", "escalation", given, UnknownEscalationError)


def candidates(connection: sqlite3.Connection, table: str, given: str) -> list[str]:
    """Return the id itself where there is such a row, else up to six ids that begin so."""
    if not given or not is_text(given):
        return []
    exact = connection.execute(f"SELECT id FROM {table} WHERE id = ?", (given,)).fetchone()  # noqa: S608 - our own names
    if exact is not None:
        return [given]
    if table == "escalations" and len(given.removeprefix("esc_")) < _LEAST:
        return []  # a variable of the shell that was empty must not answer what happens to be there
    starts = [given]
    if table == "escalations" and not given.startswith("esc_"):
        starts.append(f"esc_{given}")
    return [
        row[0]
        for start in starts
        for row in connection.execute(
            f"SELECT id FROM {table} WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",  # noqa: S608
            (start, start + _LAST, _NAMED + 1),
        )
    ]


def short_id(connection: sqlite3.Connection, table: str, row_id: str) -> str:
    """Return the shortest beginning of the id that names no other row, 12 characters at least."""
    length = LEAST_SHOWN
    for sign, order in (("<", "DESC"), (">", "ASC")):
        row = connection.execute(
            f"SELECT id FROM {table} WHERE id {sign} ? ORDER BY id {order} LIMIT 1",  # noqa: S608
            (row_id,),
        ).fetchone()
        if row is not None:
            length = max(length, _shared(row_id, row[0]) + 1)
    return row_id[:length]


def is_text(given: str) -> bool:
    """Whether it can be an id: half characters, as from broken file names, are in none."""
    try:
        given.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shared(one: str, other: str) -> int:
    return next(
        (place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )


def _one(
    connection: sqlite3.Connection,
    table: str,
    what: str,
    given: str,
    unknown: Callable[[str], OmninodeBridgeError],
) -> str:
    found = candidates(connection, table, given)
    if len(found) == 1:
        return found[0]
    if table == "escalations" and given == "esc_":
        raise ConfigurationError(
            "'esc_' is the beginning of every escalation's id; give more of it"
        )
    if found:
        named = ", ".join(repr(one) for one in found[:_NAMED])
        more = " and more" if len(found) > _NAMED else ""
        raise ConfigurationError(
            f"{given!r} is the beginning of several {what}s: {named}{more}; give more of it"
        )
    raise unknown(f"no {what} has the id {given!r}; {nearest(connection, table, what, given)}")


def nearest(connection: sqlite3.Connection, table: str, what: str, given: str) -> str:
    """Return a clause that names the ids that `given` may have meant, or the latest ones."""
    order = "created_at" if table == "workflows" else "n"
    known = [
        row[0]
        for row in connection.execute(
            f"SELECT id FROM {table} ORDER BY {order} DESC LIMIT ?",  # noqa: S608
            (_NEAREST_OF,),
        )
    ]
    if not known:
        return f"there are no {what}s in this journal"
    near = difflib.get_close_matches(given[:200], known, n=3, cutoff=0.6)
    word = "nearest" if near else "the latest"
    return f"{word}: {', '.join(repr(one) for one in near or known[:3])}"
