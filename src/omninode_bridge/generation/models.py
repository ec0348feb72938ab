"""Contract -> ``models.py``: models that accept and refuse what the JSON Schemas do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from omninode_bridge.errors import ConfigurationError
from omninode_bridge.generation.contract import Contract
from omninode_bridge.generation.models_document import Document
from omninode_bridge.generation.models_module import Annotation, ClassDefinition, Module
from omninode_bridge.generation.models_text import docstring, quoted, suspicions
from omninode_bridge.generation.models_types import TypeBuilder
from omninode_bridge.generation.templating import render

__all__ = ["Generator", "ModelsSource", "generate_models"]

Generator = Literal["jinja", "datamodel"]
"""Who writes the models."""


@dataclass(frozen=True, slots=True)
class ModelsSource:
    """The text of a ``models.py``.

    Attributes:
        text: Python source, the same bytes for the same contract.
        unchecked: one sentence for each part of the schemas that the models do not check; empty
            where they accept and refuse exactly what the schemas do.
    """

    text: str
    unchecked: tuple[str, ...] = ()


def generate_models(contract: Contract, *, generator: Generator = "jinja") -> ModelsSource:
    """Write the models of a contract.

    Args:
        contract: a complete contract.
        generator: ``jinja`` writes every keyword as a visible constraint; ``datamodel`` has the
            datamodel-code-generator write the classes, and checks less (see `unchecked`).

    Raises:
        ContractInvalidError: a reference that names nothing or leads to itself, or a schema nested
            deeper than 64 levels.
        MissingExtraError: the extra ``codegen`` is not installed.
    """
    if generator == "datamodel":
        from omninode_bridge.generation.models_datamodel import datamodel_source

        text, unchecked = datamodel_source(contract)
        return ModelsSource(text, unchecked)
    if generator != "jinja":
        raise ConfigurationError(f"no generator {generator!r}; there are 'datamodel' and 'jinja'")
    module = Module([contract.input_model, contract.output_model])
    shared: dict[str, Annotation] = {}
    states = (
        (contract.input_model, contract.input_state, "input_state", "takes"),
        (contract.output_model, contract.output_state, "output_state", "returns"),
    )
    for name, schema, label, verb in states:
        described = schema.get("description")
        doc = str(described) if described else f"What {contract.name} {verb}."
        TypeBuilder(Document(schema, label), module, shared).root(name, doc)
    return ModelsSource(_render(contract, module), tuple(module.unchecked))


def _render(contract: Contract, module: Module) -> str:
    definitions = [_with_doc(one) for one in module.definitions]
    return render(
        "_models",
        {
            "header": docstring(f"Models of {contract.name}, version {contract.version}.", 0),
            "noqa": (
                *(["E501"] if module.long_lines else []),
                *suspicions(module.texts, module.field_names),
            ),
            "imports": module.imports(),
            "exported": [quoted(one.name) for one in sorted(definitions, key=lambda one: one.name)],
            "definitions": definitions,
            "rebuilds": module.rebuilds,
        },
    )


def _with_doc(definition: ClassDefinition) -> ClassDefinition:
    if definition.doc:
        definition.doc = docstring(definition.doc)
    return definition
