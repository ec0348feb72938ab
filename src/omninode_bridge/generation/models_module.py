"""The module that is being written: its names, imports and definitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from omninode_bridge.generation.models_names import type_name

__all__ = ["Annotation", "ClassDefinition", "FieldLine", "Module"]

_PYDANTIC = ("ConfigDict", "Field")
_TYPING = ("Annotated", "Any", "ClassVar", "Literal")
_BASES = ("CheckedModel", "ContractModel", "Integer", "JsonDefault", "NotNull", "TextEnum")
_CHECKS = ("Check", "MultipleOf", "Nothing", "Pattern", "Values")
_RULES = (
    *("AllOf", "AnyOf", "Contains", "DependentRequired", "If", "MaxProperties", "MinProperties"),
    *("Not", "OneOf", "OtherProperties", "PatternProperties", "PropertyNames", "Required"),
    *("TupleItems", "UniqueItems", "WhenPresent"),
)
_FORMATS = (
    *("DateText", "DateTimeText", "DurationText", "EmailText", "HostnameText", "IdnEmailText"),
    *("Ipv4Text", "Ipv6Text", "JsonPointerText", "RegexText", "TimeText", "UriReferenceText"),
    *("UriText", "UuidText"),
)
SOURCES: dict[str, str] = {
    **dict.fromkeys(_TYPING, "typing"),
    **dict.fromkeys(_PYDANTIC, "pydantic"),
    "TypeAliasType": "typing_extensions",
    **dict.fromkeys(_BASES, "omninode_bridge.runtime.model_base"),
    **dict.fromkeys(_CHECKS, "omninode_bridge.runtime.model_checks"),
    **dict.fromkeys(_RULES, "omninode_bridge.runtime.model_rules"),
    **dict.fromkeys(_FORMATS, "omninode_bridge.runtime.formats"),
}
"""Where each name that a generated module may import comes from."""

LINE = 60
"""Characters of a type that fits on a line with the name of its alias."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """A type as source text.

    Attributes:
        base: the type, without what is in the other attributes.
        constraints: keyword arguments of `Field`, as source text.
        checks: further metadata, as source text.
        members: JSON key of an enumeration's value -> its member, for defaults.
        lazy: it names something that is defined later in the module.
    """

    base: str
    constraints: Mapping[str, str] = field(default_factory=dict)
    checks: tuple[str, ...] = ()
    members: Mapping[object, str] = field(default_factory=dict)
    lazy: bool = False

    def with_checks(self, checks: Iterable[str], *, lazy: bool = False) -> Annotation:
        """Add checks at the end."""
        return replace(self, checks=(*self.checks, *checks), lazy=self.lazy or lazy)


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field: ``name: annotation = default``."""

    name: str
    annotation: str
    default: str


@dataclass(slots=True)
class ClassDefinition:
    """One class or alias of the module, ready to be rendered.

    Attributes:
        kind: ``model``, ``enum`` or ``alias``.
        value: what an alias stands for.
    """

    kind: str
    name: str
    base: str = ""
    doc: str = ""
    config: str = ""
    extras: str = ""
    checks: tuple[str, ...] = ()
    check_type: str = ""
    fields: Sequence[FieldLine] = ()
    value: str = ""


class Module:
    """Collects what the module holds; all names in it are unique."""

    def __init__(self, class_names: Sequence[str]) -> None:
        self.definitions: list[ClassDefinition] = []
        self.rebuilds: list[str] = []
        self.unchecked: list[str] = []
        self.field_names: list[str] = []
        self.texts: list[str] = []
        self.long_lines = False
        self._taken = {*SOURCES, *class_names}
        self._public = frozenset(class_names)
        self._imports: dict[str, set[str]] = {}

    def use(self, name: str) -> str:
        """Import a name and return what it is called in the module."""
        local = f"{name}_" if name in self._public else name
        entry = name if local == name else f"{name} as {local}"
        self._imports.setdefault(SOURCES[name], set()).add(entry)
        return local

    def imports(self) -> list[tuple[str, list[str]]]:
        """Return modules and the names that come from them, sorted."""
        return [(module, sorted(names)) for module, names in sorted(self._imports.items())]

    def new_name(self, *hints: str) -> str:
        """Reserve the first name that is free."""
        name = type_name(hints, self._taken)
        self._taken.add(name)
        return name

    def taken(self) -> frozenset[str]:
        """Return the names that a field must not hide."""
        return frozenset(self._taken)

    def report(self, sentence: str) -> None:
        """Record a check that the models do not make, once."""
        if sentence not in self.unchecked:
            self.unchecked.append(sentence)

    def whole(self, source: str) -> str:
        """Write a type as one string: type checkers do not read several as one."""
        text = " ".join(source.split("\n"))
        self.long_lines = self.long_lines or len(text) > LINE
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def annotated(self, of: Annotation, extra: Mapping[str, str] | None = None) -> str:
        """Write an annotation, with further arguments of `Field`."""
        arguments = {**of.constraints, **(extra or {})}
        metadata = list(of.checks)
        if arguments:
            call = ", ".join(f"{name}={value}" for name, value in arguments.items())
            metadata.insert(0, f"{self.use('Field')}({call})")
        if not metadata:
            return of.base
        return f"{self.use('Annotated')}[{of.base}, {', '.join(metadata)}]"
