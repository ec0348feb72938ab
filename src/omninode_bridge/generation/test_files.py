"""The test files of a generated package: its models against its contract, its node as it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from omninode_bridge.generation.contract import Contract, MixinUse
from omninode_bridge.generation.node import methods_of, node_context
from omninode_bridge.generation.samples import Accepted, Default, Refused, Samples
from omninode_bridge.generation.templating import Text, render

__all__ = ["render_model_tests", "render_node_tests"]

MAX_ID = 120


def render_model_tests(
    contract: Contract,
    input_samples: Samples,
    output_samples: Samples,
    *,
    template_dir: Path | None = None,
) -> str:
    """Render the tests that hold the models to the contract's schemas.

    Args:
        contract: names the models.
        input_samples: samples of `contract.input_state`.
        output_samples: samples of `contract.output_state`.
        template_dir: a folder whose ``test_models.py.j2`` replaces the packaged one.

    Raises:
        TemplateRenderError: the template cannot be rendered.
    """
    groups = [
        _group("input", contract.input_model, input_samples),
        _group("output", contract.output_model, output_samples),
    ]
    context = {**node_context(contract), "groups": groups}
    return render("test_models", context, template_dir=template_dir)


def render_node_tests(
    contract: Contract,
    input_samples: Samples,
    *,
    mixins: Sequence[MixinUse] | None = None,
    template_dir: Path | None = None,
) -> str:
    """Render the tests of the node; they hold before and after its logic is written.

    Args:
        contract: names the node, its models and operations.
        input_samples: the first accepted one is the request of the tests.
        mixins: those that the node was rendered with, if not the contract's own.
        template_dir: a folder whose ``test_node.py.j2`` replaces the packaged one.

    Raises:
        TemplateRenderError: the template cannot be rendered.
    """
    request = [Text(sample.data) for sample in input_samples.accepted[:1]]
    operations = [(Text(name), method) for name, method in methods_of(contract).items()]
    context = {
        **node_context(contract, mixins=mixins),
        "operations": operations,
        "request": request,
    }
    return render("test_node", context, template_dir=template_dir)


def _group(label: str, model: str, samples: Samples) -> Mapping[str, object]:
    return {
        "label": label,
        "model": model,
        "accepted": _cases(samples.accepted),
        "refused": _cases(samples.refused),
        "defaults": _cases(samples.defaults),
        "beside": _cases(samples.beside),
    }


def _cases(samples: Sequence[Accepted | Refused | Default]) -> list[Mapping[str, object]]:
    used: set[str] = set()
    return [{"id": Text(_id(sample.name, used)), **_arguments(sample)} for sample in samples]


def _arguments(sample: Accepted | Refused | Default) -> dict[str, object]:
    if isinstance(sample, Accepted):
        return {"data": Text(sample.data)}
    if isinstance(sample, Refused):
        return {"data": Text(sample.data), "at": sample.at}
    return {"absent": Text(sample.absent), "present": Text(sample.present)}


def _id(name: str, used: set[str]) -> str:
    base = name[:MAX_ID] or "root"
    unique, number = base, 2
    while unique in used:
        unique, number = f"{base} ({number})", number + 1
    used.add(unique)
    return unique
