"""``omninode-bridge escalations answer``: a person decides, once."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from omninode_bridge.agents.workflows.recovery_models import DecisionKind
from omninode_bridge.cli.journal_reading import journal_option, place, reader, say_failure

if TYPE_CHECKING:
    from omninode_bridge.agents.workflows.recovery_models import (
        AlreadyResolved,
        Decision,
        Won,
    )

__all__ = ["answer"]


@click.command(context_settings={"ignore_unknown_options": True})  # -5 is a value
@click.argument("escalation", metavar="ID")
@click.argument(
    "kind", metavar="retry|edit|value|skip|abort", type=click.Choice([*map(str, DecisionKind)])
)
@click.argument("given", metavar="[VALUE]...", nargs=-1)
@click.option(
    "--set-json",
    "set_json",
    metavar="NAME=JSON",
    multiple=True,
    help="With edit: give an argument that is no text; NAME=@FILE reads the JSON from a file.",
)
@click.option("--text", metavar="TEXT", help="With value: the result is this text.")
@click.option("--by", metavar="NAME", help="Who answers; your login name by default.")
@journal_option
@click.pass_context
def answer(
    ctx: click.Context,
    /,
    escalation: str,
    kind: str,
    given: tuple[str, ...],
    set_json: tuple[str, ...],
    text: str | None,
    by: str | None,
    journal: Path | None,
) -> None:
    """Answer an escalation; the first answer counts.

    \b
    ID retry                 run it again, unchanged
    ID edit NAME=VALUE...    run it again with these arguments
    ID value JSON            take this as the result
    ID skip                  go on without a result
    ID abort                 give up

    ID is the escalation's id or the beginning of it. In place of VALUE or JSON, @FILE is the
    content of a file and @- that of stdin. The answer is checked first: one that cannot be applied
    is refused, and the escalation stays open.

    Exit codes: 0 accepted, 1 too late, 2 refused, wrong usage, or no such escalation.
    """  # noqa: D301 - the escape keeps click from wrapping
    from omninode_bridge.agents.workflows.journal import reading
    from omninode_bridge.cli.escalations_values import decision_of
    from omninode_bridge.cli.login import login

    where = place(journal)
    with reader(where) as file:
        escalation_id = file.read(lambda c: reading.find_escalation(c, escalation))
    decision = decision_of(DecisionKind(kind), given, set_json=set_json, text=text)
    ended = _resolve(where, escalation_id, decision, login() if by is None else by)
    ctx.exit(_told(where, escalation_id, ended, journal))


def _resolve(where: Path, escalation_id: str, decision: Decision, by: str) -> Won | AlreadyResolved:
    import asyncio

    from omninode_bridge.agents.workflows.journal import JournalFile
    from omninode_bridge.agents.workflows.journal.escalations import JournalEscalationStore
    from omninode_bridge.errors import DecisionRefusedError
    from omninode_bridge.generation.answers import ANSWER_CHECKS

    async def resolve(store: JournalEscalationStore) -> Won | AlreadyResolved:
        await store.expire_due()  # perhaps nobody was there when the time was over
        return await store.resolve(escalation_id, decision, by)

    file = JournalFile(where)
    try:
        return asyncio.run(resolve(JournalEscalationStore(file, checks=ANSWER_CHECKS)))
    except DecisionRefusedError as refused:
        raise DecisionRefusedError(_as_typed(str(refused))) from refused
    finally:
        file.close()


def _as_typed(sentence: str) -> str:
    """Say the answers as they are typed here, not as a program writes them."""
    return sentence.replace("Decision.edit(state)", "'edit'").replace(
        "Decision.value(result)", "'value'"
    )


def _told(
    where: Path, escalation_id: str, ended: Won | AlreadyResolved, journal: Path | None
) -> int:
    from omninode_bridge.agents.workflows.journal import reading
    from omninode_bridge.agents.workflows.recovery_models import Won
    from omninode_bridge.cli.ended_notices import tell_channels
    from omninode_bridge.cli.escalations_print import print_next, too_late
    from omninode_bridge.cli.screen import console

    with reader(where) as file:
        now = file.now()
        found = file.read(lambda c: reading.escalation_account(c, escalation_id, now=now))
        if not isinstance(ended, Won):
            if found.line.at is not None:  # its deadline, not when we noticed that it was over
                ended = replace(ended, at=datetime.fromtimestamp(found.line.at, UTC))
            return say_failure(f"too late for {escalation_id}: {too_late(ended, now)}")
    print_next(console(sys.stdout), found, journal=journal)
    tell_channels([ended.row])
    return 0
