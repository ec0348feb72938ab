"""The steps from a contract file to a package in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from omninode_bridge.errors import ContractError, NotAContractError
from omninode_bridge.generation.building import Inspection, inspect_document
from omninode_bridge.generation.contract import Contract
from omninode_bridge.generation.document import Document, parse_document
from omninode_bridge.generation.findings import Code, Severity
from omninode_bridge.generation.formatting import format_packages
from omninode_bridge.generation.job import Job
from omninode_bridge.generation.ladders import (
    document_corrections,
    document_degradations,
    text_corrections,
)
from omninode_bridge.generation.models import ModelsSource, generate_models
from omninode_bridge.generation.node import NODE_TEMPLATES, logic_of, render_node
from omninode_bridge.generation.package_files import package_files, samples_of, untested_of
from omninode_bridge.generation.placing import (
    diff_of,
    hashes_on_disk,
    place_package,
    plan_placement,
)
from omninode_bridge.generation.reading import ContractText, read_contract
from omninode_bridge.generation.report import Outcome
from omninode_bridge.generation.request import GenerateRequest, Mode
from omninode_bridge.generation.validation import (
    PackageInvalidError,
    validate_package,
    validate_packages,
)
from omninode_bridge.generation.worst import first_slip, worst_fault

__all__ = [
    "check_together",
    "load_contract",
    "place",
    "validate",
    "write_models",
    "write_node",
    "write_tests",
]


def _parse(text: str, path: str) -> Document:
    return parse_document(text, path=path)


def _spelt(document: Document, root: Path) -> tuple[Document, Inspection]:
    """Return the document and what a look at it gave, once nothing in it can be corrected.

    Raises:
        ContractError: the fault that the first correction that applies would remove.
    """
    inspection = inspect_document(document, root=root)
    slip = None if inspection.contract is not None else first_slip(document, inspection, root=root)
    if slip is not None:
        raise slip.as_error()
    return document, inspection


def _build(
    document: Document, root: Path, seen: tuple[Document, Inspection] | None
) -> tuple[Contract, tuple[str, ...]]:
    """Return the contract and the oddities of its document.

    Args:
        document: to build.
        root: the folder that its references must stay in.
        seen: a document that was inspected already, and what that gave; or None.

    Raises:
        NotAContractError: the file is of another kind.
        ContractError: the gravest fault of the document.
    """
    inspection = seen[1] if seen and seen[0] is document else inspect_document(document, root=root)
    if inspection.contract is None:
        worst = worst_fault(document, inspection, root=root)
        if worst is None:
            raise NotAContractError("is not a node contract", path=document.path)
        error = worst.as_error()
        if worst.code is Code.NOT_A_CONTRACT:
            raise NotAContractError(
                error.message,
                path=error.path,
                line=error.line,
                column=error.column,
                hint=error.hint,
            )
        raise error
    warnings = tuple(
        f"line {finding.line}: {finding.message}"
        for finding in inspection.findings
        if finding.severity is Severity.WARNING
    )
    return inspection.contract, warnings


async def load_contract(job: Job, request: GenerateRequest) -> None:
    """Read, parse, correct and check the contract file, or the text that a human gave instead."""
    if job.source is None:
        read = await job.call("read", read_contract, job.path, root=job.root, options={})
    else:
        read = ContractText(str(job.path), job.source)
    document = await job.call(
        "parse",
        _parse,
        read.text,
        path=read.path,
        options={"corrections": text_corrections()},
    )
    seen: tuple[Document, Inspection] | None = None
    if job.orchestrator is not None:
        # Corrections first and apart: what is left out is left out of the corrected document,
        # and the report tells both.
        seen = await job.call(
            "correct",
            _spelt,
            document,
            root=job.root,
            options={"corrections": document_corrections()},
        )
    document = seen[0] if seen is not None else document
    options: dict[str, Any] = {"degradation": document_degradations(job.root)}
    if request.max_degradation is not None:
        options["max_degradation"] = request.max_degradation
    job.contract, warnings = await job.call(
        "check", _build, document, root=job.root, seen=seen, options=options
    )
    job.warnings[:] = warnings


async def write_models(job: Job) -> None:
    """Write the models' source."""
    models: ModelsSource = await job.call(
        "models", _own_models, _contract(job), options={"alternatives": [datamodel_models]}
    )
    job.models = models.text
    job.unchecked[:] = models.unchecked


def _own_models(contract: Contract) -> ModelsSource:
    return generate_models(contract)


def datamodel_models(contract: Contract) -> ModelsSource:
    """Have the datamodel-code-generator write the models; checks less than our own."""
    return generate_models(contract, generator="datamodel")


async def write_node(job: Job, request: GenerateRequest) -> None:
    """Render the node's source: with the template that the contract names, else the fullest."""
    contract = _contract(job)
    templates = NODE_TEMPLATES[contract.node_type]
    job.node = await job.call(
        "node",
        render_node,
        contract,
        contract.template or templates[0],
        template_dir=request.template_dir,
        options={"alternatives": list(templates)},
    )


async def write_tests(job: Job) -> None:
    """Put the package's files together, its tests among them."""
    job.files, job.untested = await job.call(
        "tests",
        _with_tests,
        _contract(job),
        job.models,
        job.node,
        unchecked=tuple(job.unchecked),
        options={},
    )


def _with_tests(
    contract: Contract, models: str, node: str, unchecked: Sequence[str]
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return the files of the package, and what its tests leave untested."""
    samples = samples_of(contract)
    files = package_files(contract, models, node, samples=samples, unchecked=unchecked)
    return files, untested_of(samples)


async def check_together(jobs: Sequence[Job], request: GenerateRequest) -> None:
    """Check the packages of several jobs at once; each job learns its own verdict."""
    there = {job.contract.name: job for job in jobs if job.contract is not None and job.files}
    if not there:
        return
    clock = next(iter(there.values())).monotonic
    begun = clock()
    found = await validate_packages(
        {name: job.files for name, job in there.items()}, request.validation
    )
    for name, job in there.items():
        job.verdict = found.get(name, True)
        job.shared_ms += (clock() - begun) * 1000 / len(there)


async def validate(job: Job, request: GenerateRequest) -> None:
    """Take the verdict on the package; where it failed, build it in plainer ways and check these."""
    contract = _contract(job)
    basic = NODE_TEMPLATES[contract.node_type][-1]

    async def checked(files: dict[str, bytes]) -> dict[str, bytes]:
        await validate_package(contract.name, files, request.validation)
        return files

    async def judged(files: dict[str, bytes]) -> dict[str, bytes]:
        if job.verdict is True:
            return files
        if isinstance(job.verdict, PackageInvalidError):
            raise job.verdict
        return await checked(files)

    async def rebuilt(models: ModelsSource, node: str) -> dict[str, bytes]:
        files = package_files(contract, models.text, node, unchecked=models.unchecked)
        formatted = await format_packages({contract.name: files})
        return await checked(formatted[contract.name])

    async def basic_template() -> dict[str, bytes]:
        return await rebuilt(
            ModelsSource(job.models, tuple(job.unchecked)),
            render_node(contract, basic, template_dir=request.template_dir),
        )

    async def datamodel_code_generator() -> dict[str, bytes]:
        return await rebuilt(datamodel_models(contract), job.node)

    ways: list[Callable[..., Any]] = [basic_template, datamodel_code_generator]
    job.files = await job.call("validate", judged, job.files, options={"alternatives": ways})


async def place(job: Job, request: GenerateRequest) -> None:
    """Put the package in its place, or say what that would do."""
    contract = _contract(job)
    placement = await job.call(
        "compare",
        plan_placement,
        request.output,
        contract.name,
        job.files,
        force=request.force,
        options={},
    )
    if request.mode is Mode.WRITE:
        await job.call("place", place_package, placement, options={})
        job.on_disk = hashes_on_disk(placement.folder, placement.files)
    stale = bool(placement.stale)
    node = placement.folder / "node.py"
    edited = node.read_bytes() if "node.py" in placement.kept else None
    job.placed.update(
        files=tuple(sorted(placement.files)),
        kept=placement.kept,
        logic=_logic(edited if edited is not None else job.files["node.py"]),
        package=str(placement.folder),
        changed=stale,
    )
    if request.mode is Mode.DIFF:
        job.placed["diff"] = diff_of(placement)
    if request.mode is Mode.CHECK:
        job.outcome = Outcome.STALE if stale else Outcome.CURRENT
    else:
        job.outcome = Outcome.GENERATED


def _logic(source: bytes) -> str:
    """Tell whether there is logic; a person's file that does not parse is work, so it counts."""
    try:
        return logic_of(source.decode("utf-8", "replace"))
    except (SyntaxError, ValueError, RecursionError):
        return "written"


def _contract(job: Job) -> Contract:
    if job.contract is None:
        raise ContractError("the contract has not been read", path=job.key)
    return job.contract
