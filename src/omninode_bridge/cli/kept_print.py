"""What is said of a run that is kept: what was taken up, what not, and how it goes on."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from omninode_bridge.cli.journal_print import command, count, print_command
from omninode_bridge.cli.patterns_print import print_line
from omninode_bridge.generation.report import BatchReport

__all__ = ["print_stale", "print_way_on"]

MAX_SHOWN = 20


def print_stale(out: Console, batch: BatchReport) -> None:
    """Say what was recorded and not taken, and what was taken."""
    if batch.kept is None:
        return
    for sentence in batch.kept.stale[:MAX_SHOWN]:
        print_line(out, f"begun again: {sentence}")
    if len(batch.kept.stale) > MAX_SHOWN:
        print_line(out, f"and {len(batch.kept.stale) - MAX_SHOWN} more contracts, begun again")
    if batch.kept.reused:
        done = count(batch.kept.reused, "step")
        print_line(out, f"{done} had been done before; that time is not counted here")
    for folder in batch.kept.left[:MAX_SHOWN]:
        print_line(out, f"{folder} is still there; its contract was left out after it was written")
    if len(batch.kept.left) > MAX_SHOWN:
        print_line(out, f"and {len(batch.kept.left) - MAX_SHOWN} more such packages")


def print_way_on(out: Console, batch: BatchReport, *, journal: Path | None) -> None:
    """Say how to answer, and how to go on then; nothing where the run is over.

    Args:
        out: where to.
        batch: the account.
        journal: the file; None for the default one.
    """
    kept = batch.kept
    if kept is None or kept.status == "done":
        return
    if kept.status == "paused" and kept.open:
        print_line(out, "This run is paused until a person answers:")
        about = {
            report.escalation.id: report.contract
            for report in batch.contracts
            if report.escalation is not None
        }
        for one in kept.open[:MAX_SHOWN]:
            print_line(out, f"{about.get(one, one)}:", indent=2)
            print_command(out, command("escalations", "answer", one, "ANSWER", journal=journal))
        if len(kept.open) > MAX_SHOWN:
            print_command(out, command("escalations", "list", journal=journal))
        print_line(
            out,
            "ANSWER is retry (the file was corrected), edit text=@FILE, value @FILE, skip, or "
            "abort (leave out all that is open). Then go on:",
        )
    elif batch.counts["escalated"] and kept.status == "failed":
        print_line(out, "Nobody answered in time. To be asked again:")
    else:
        print_line(out, "This run can be taken up again:")
    print_command(out, command("resume", kept.workflow, journal=journal))
