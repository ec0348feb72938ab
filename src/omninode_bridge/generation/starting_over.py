"""What is run again after a person has corrected a contract: everything up to where it failed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from omninode_bridge.errors import ContractInvalidError
from omninode_bridge.generation import steps
from omninode_bridge.generation.formatting import format_packages
from omninode_bridge.generation.job import Job
from omninode_bridge.generation.request import GenerateRequest

__all__ = ["start_over"]


async def start_over(
    job: Job, request: GenerateRequest, *, until: str, text: str | None = None
) -> None:
    """Read the contract again and repeat the steps up to the one that failed.

    Args:
        job: its account of earlier steps stays; what they dropped does not.
        request: of the run.
        until: name of the step that failed.
        text: stands in for the contract's file from now on; None reads the file.

    Raises:
        ContractInvalidError: the contract has got another name, which other contracts of the run
            may have too.
        Exception: a step failed again.
    """
    before = job.contract.name if job.contract is not None else None
    job.dropped.clear()
    job.verdict = False
    job.source = text
    await steps.load_contract(job, request)
    if until == "contract" or job.contract is None:
        return
    if before is not None and job.contract.name != before:
        raise ContractInvalidError(
            f"the name changed from {before!r} to {job.contract.name!r} during the run",
            path=job.key,
            hint="finish this run, then run generate again",
        )
    name = job.contract.name

    async def tidy() -> None:
        job.files = (await format_packages({name: job.files}))[name]

    work: dict[str, Callable[[], Awaitable[None]]] = {
        "models": lambda: steps.write_models(job),
        "node": lambda: steps.write_node(job, request),
        "tests": lambda: steps.write_tests(job),
        "format": tidy,
        "validate": lambda: steps.validate(job, request),
        "place": lambda: steps.place(job, request),
    }
    for step, run in work.items():
        await run()
        if step == until:
            return
