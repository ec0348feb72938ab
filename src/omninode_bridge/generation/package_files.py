"""The files of a generated package, before it is formatted and written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from omninode_bridge.generation.contract import Contract, MixinUse
from omninode_bridge.generation.samples import Samples, make_samples
from omninode_bridge.generation.templating import Text, docstring
from omninode_bridge.generation.test_files import render_model_tests, render_node_tests

__all__ = ["package_files", "samples_of", "untested_of"]

MAX_UNTESTED = 20

KEYWORDS = frozenset(
    [
        "additionalProperties",
        "allOf",
        "anyOf",
        "const",
        "contains",
        "dependentRequired",
        "dependentSchemas",
        "else",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "if",
        "items",
        "maxContains",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minContains",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "not",
        "oneOf",
        "pattern",
        "patternProperties",
        "prefixItems",
        "propertyNames",
        "required",
        "then",
        "type",
        "unevaluatedItems",
        "unevaluatedProperties",
        "uniqueItems",
    ]
)


def package_files(
    contract: Contract,
    models_source: str,
    node_source: str,
    *,
    samples: tuple[Samples, Samples] | None = None,
    unchecked: Sequence[str] = (),
    mixins: Sequence[MixinUse] | None = None,
    template_dir: Path | None = None,
) -> dict[str, bytes]:
    """Put together the package of `contract`: path inside the package -> content.

    The tests are a subpackage and import relatively, so that any number of packages can be tested
    in one run, from any folder, in any import mode.

    Args:
        contract: what the package is made from.
        models_source: source of ``models.py``.
        node_source: source of ``node.py``.
        samples: of the input and the output schema; made here if not given.
        unchecked: what the models leave unchecked, as `ModelsSource.unchecked` says it; the tests
            then leave out what only these checks would refuse.
        mixins: those that the node was rendered with, if not the contract's own.
        template_dir: a folder whose test templates replace the packaged ones.

    Raises:
        MissingExtraError: the ``codegen`` extra is not installed.
        TemplateRenderError: a test template cannot be rendered.
    """
    of_input, of_output = samples or samples_of(contract)
    of_input = of_input.without(_keywords(unchecked, "input_state"))
    of_output = of_output.without(_keywords(unchecked, "output_state"))
    model_tests = render_model_tests(contract, of_input, of_output, template_dir=template_dir)
    node_tests = render_node_tests(contract, of_input, mixins=mixins, template_dir=template_dir)
    texts = {
        "__init__.py": _exports(contract),
        "contract.yaml": contract.text,
        "models.py": models_source,
        "node.py": node_source,
        "py.typed": "",
        "tests/__init__.py": f'"""Tests of `{contract.name}`."""\n',
        "tests/test_models.py": model_tests,
        "tests/test_node.py": node_tests,
    }
    return {path: text.encode("utf-8", "surrogatepass") for path, text in texts.items()}


def samples_of(contract: Contract) -> tuple[Samples, Samples]:
    """Make samples of the input and of the output schema.

    Raises:
        MissingExtraError: the ``codegen`` extra is not installed.
    """
    return make_samples(contract.input_state), make_samples(contract.output_state)


def untested_of(samples: tuple[Samples, Samples]) -> tuple[str, ...]:
    """Say what the tests made of `samples` leave untested, one sentence each."""
    found: list[str] = []
    for side, one in zip(("input_state", "output_state"), samples, strict=True):
        found += [
            f"{side}: no value is known for {label!r}, so no test shows what is accepted"
            for label in one.blocked[:MAX_UNTESTED]
        ]
        if not one.accepted and not one.blocked:
            found.append(f"{side}: no value is known, so no test shows what is accepted")
        found += [f"{side}: no test breaks {text[:200]}" for text in one.untested[:MAX_UNTESTED]]
        if len(one.untested) > MAX_UNTESTED:
            found.append(f"{side}: and {len(one.untested) - MAX_UNTESTED:,} more constraints")
    return tuple(found)


def _keywords(unchecked: Sequence[str], side: str) -> set[str]:
    sentences = [one for one in unchecked if one.startswith(side)]
    words = {word for one in sentences for word in re.findall(r"[A-Za-z]+", one)} & KEYWORDS
    return words | ({"then", "else"} if "if" in words else set())


def _exports(contract: Contract) -> str:
    models = sorted((contract.input_model, contract.output_model))
    exported = "".join(f'    "{name}",\n' for name in sorted([*models, contract.node_class]))
    text = Text(contract.description.strip() or f"Node `{contract.name}`.")
    return (
        f"{docstring(text, 0)}\n\n"
        f"from .models import {', '.join(models)}\n"
        f"from .node import {contract.node_class}\n\n"
        f"__all__ = [\n{exported}]\n"
    )
