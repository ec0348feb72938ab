"""Recoveries that are parts of another one: what came to nothing within, and was gone on with around."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from ._reading_values import json_object, text

__all__ = ["whole_of"]

_OF_STEPS: Final = """
SELECT id, workflow_id, step_key, node_name, status = 'failed' AND escalation_id IS NULL, first,
  began_at, min(ended_at, coalesce(
    (SELECT max(at) FROM entries WHERE recovery = recoveries.id AND kind IN ('attempt', 'outcome')),
    (SELECT min(at) FROM entries WHERE recovery = recoveries.id), ended_at))
FROM recoveries JOIN (SELECT workflow_id, step_key FROM recoveries WHERE step_key != ''
  GROUP BY workflow_id, step_key HAVING count(*) > 1 AND sum(status = 'failed') > 0)
  USING (workflow_id, step_key) WHERE status != 'superseded' ORDER BY id"""


@dataclass(frozen=True, slots=True)
class _Failed:
    """One that came to nothing, and may be a part of a later one."""

    id: int
    node_name: str
    over_at: float


def whole_of(connection: sqlite3.Connection) -> dict[int, int]:
    """Return, for the number of each recovery that is a part, the number of what it is a part of.

    A recovery that asked nobody and came to nothing hands its error on. Where another node of the
    same step then recovers from that very error, both are one to whoever looks at it. A step that
    runs again takes both up again, so that the first may end last: what it tried tells when it was
    over.
    """
    found: dict[int, int] = {}
    failed: dict[tuple[str, str, str], list[_Failed]] = {}
    for (
        number,
        workflow_id,
        step_key,
        node,
        is_failed,
        first,
        began_at,
        over_at,
    ) in connection.execute(_OF_STEPS):
        message = text(json_object(first), "message")
        earlier = failed.setdefault((workflow_id, step_key, message), [])
        mine = [one for one in earlier if one.node_name != node and one.over_at <= began_at]
        if message and mine:
            found.update({one.id: number for one in mine})
            earlier[:] = [one for one in earlier if one not in mine]
        if is_failed and over_at is not None:
            earlier.append(_Failed(number, node, over_at))
    return {part: _last(found, part) for part in found}


def _last(found: dict[int, int], number: int) -> int:
    while number in found:  # each is a part of a later one
        number = found[number]
    return number
