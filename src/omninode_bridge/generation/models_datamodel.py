"""Models by datamodel-code-generator: the alternative to our own writer.

The generator gets simplified schemas (`models_prepare`); its output is read as a syntax tree,
brought onto our runtime bases and types, and written anew. So no text of a contract can reach the
module other than as a literal.
"""

from __future__ import annotations

import ast
import json
import warnings
from typing import TYPE_CHECKING, Any

from omninode_bridge.errors import MissingExtraError
from omninode_bridge.generation.models_document import Document
from omninode_bridge.generation.models_module import SOURCES, Module
from omninode_bridge.generation.models_prepare import Preparation
from omninode_bridge.generation.models_text import docstring, suspicions
from omninode_bridge.generation.models_tree import Rewriter

if TYPE_CHECKING:
    from omninode_bridge.generation.contract import Contract

__all__ = ["datamodel_source"]

LINE = 88


def datamodel_source(contract: Contract) -> tuple[str, tuple[str, ...]]:
    """Return the text of the models and what they do not check."""
    module = Module([contract.input_model, contract.output_model])
    prepared = Preparation(module)
    for name, schema, label, verb in (
        (contract.input_model, contract.input_state, "input_state", "takes"),
        (contract.output_model, contract.output_state, "output_state", "returns"),
    ):
        doc = str(schema.get("description") or f"What {contract.name} {verb}.")
        prepared.add(Document(schema, label), name, doc)
    tree = ast.parse(_generate({"$defs": prepared.definitions}))
    rewriter = Rewriter(prepared, module)
    body = rewriter.body(tree)
    header = docstring(f"Models of {contract.name}, version {contract.version}.", 0)
    return _source(header, body, rewriter.quoted_names), prepared.unchecked


def _source(header: str, body: list[ast.stmt], quoted_names: set[str]) -> str:
    defined = sorted(_defined(body))
    used = {
        node.id for one in body for node in ast.walk(one) if isinstance(node, ast.Name)
    } | quoted_names
    imports = [f"from {SOURCES[name]} import {name}" for name in sorted(used & SOURCES.keys())]
    parts = ["from __future__ import annotations", *imports, f"__all__ = {defined!r}"]
    parts += [ast.unparse(ast.fix_missing_locations(one)) for one in body]
    texts = [
        node.value
        for one in body
        for node in ast.walk(one)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    names = [node.id for one in body for node in ast.walk(one) if isinstance(node, ast.Name)]
    rules = list(suspicions(texts, names))
    if any(len(line) > LINE // 2 for text in texts for line in text.splitlines()):
        rules.insert(0, "E501")
    noqa = f"# ruff: noqa: {', '.join(rules)}\n\n" if rules else ""
    return noqa + "\n\n".join([header, *parts]) + "\n"


def _defined(body: list[ast.stmt]) -> set[str]:
    names = {one.name for one in body if isinstance(one, ast.ClassDef)}
    for one in body:
        if isinstance(one, ast.Assign):
            names |= {target.id for target in one.targets if isinstance(target, ast.Name)}
    return names


def _generate(schema: dict[str, Any]) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import datamodel_code_generator

            generator: Any = datamodel_code_generator
    except ImportError as error:
        raise MissingExtraError("this generator of models", extra="codegen") from error

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = generator.generate(
            json.dumps(schema),
            input_file_type=generator.InputFileType.JsonSchema,
            output_model_type=generator.DataModelType.PydanticV2BaseModel,
            target_python_version=generator.PythonVersion.PY_311,
            base_class="omninode_bridge.runtime.model_base.ContractModel",
            use_annotated=True,
            field_constraints=True,
            strict_nullable=True,
            strict_refs=True,
            use_specialized_enum=True,
            use_schema_description=True,
            use_union_operator=True,
            use_standard_collections=True,
            disable_timestamp=True,
            formatters=[],
        )
    return str(made)
