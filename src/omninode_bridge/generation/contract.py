"""A node contract after it was read, checked and brought into one shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Contract", "MixinUse", "NodeType", "Operation"]


class NodeType(StrEnum):
    """The four kinds of node."""

    EFFECT = "effect"
    COMPUTE = "compute"
    REDUCER = "reducer"
    ORCHESTRATOR = "orchestrator"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a node does.

    Attributes:
        name: as the contract writes it.
        method: the Python method that carries it out; unique within the contract.
        description: one paragraph of plain text; may be empty.
    """

    name: str
    method: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class MixinUse:
    """A mixin that a contract enables.

    Attributes:
        name: a class name of `omninode_bridge.runtime`.
        required: whether a node without it is useless.
        config: JSON values, handed to the mixin.
    """

    name: str
    required: bool
    config: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Contract:
    """One node contract, complete and self-contained.

    Attributes:
        path: the file, as the user named it.
        name: snake case, a Python identifier and no keyword: the name of the package.
        version: ``major.minor.patch``.
        node_type: which runtime base the node subclasses.
        description: plain text, any characters, may be empty.
        input_state: a JSON Schema (2020-12) of an object; every ``$ref`` is local and resolves
            within this mapping (``#/$defs/...``); the wire names are untouched.
        output_state: the same for what the node returns.
        operations: at least one.
        mixins: known ones only, in the contract's order.
        template: the node template that the contract asks for, or None.
        input_model: class name of the input model.
        output_model: class name of the output model; never equal to `input_model`.
        node_class: class name of the node.
        raw: the whole document as parsed, unknown keys included.
        text: the document's text, for the copy in the package.
    """

    path: str
    name: str
    version: str
    node_type: NodeType
    description: str
    input_state: Mapping[str, object]
    output_state: Mapping[str, object]
    operations: tuple[Operation, ...]
    mixins: tuple[MixinUse, ...]
    template: str | None
    input_model: str
    output_model: str
    node_class: str
    raw: Mapping[str, object]
    text: str
