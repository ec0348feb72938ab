"""What a validation is asked and what it found."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from omninode_bridge.errors import ConfigurationError

__all__ = [
    "Severity",
    "ValidationContext",
    "ValidationFinding",
    "ValidationLevel",
    "ValidationResult",
]

_EMPTY: Mapping[str, Any] = MappingProxyType({})


class ValidationLevel(StrEnum):
    """How much is checked; each level has all checks of the one before."""

    BASIC = "basic"
    STANDARD = "standard"
    FULL = "full"

    def includes(self, other: ValidationLevel) -> bool:
        """Whether the checks of another level belong to this one."""
        order = list(ValidationLevel)
        return order.index(other) <= order.index(self)


class Severity(StrEnum):
    """How grave a finding is; only errors make a validation fail."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class ValidationFinding:
    """One thing that a validator has to say about the code.

    Attributes:
        validator: who says it.
        message: one line.
        line: 1-based, or None where it is not about a line.
        severity: an error makes the validation fail.
    """

    validator: str
    message: str
    line: int | None = None
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


@dataclass(frozen=True, slots=True)
class ValidationContext:
    """Where the code comes from, and what is known around it.

    Attributes:
        workflow_id: for logs and recoveries.
        node_name: of the node that the code belongs to.
        level: how much is checked; None for the level of the pipeline.
        known_names: names that are defined for the code without its doing.
        metadata: for the user's own validators.

    Raises:
        ConfigurationError: a level that does not exist.
    """

    workflow_id: str = ""
    node_name: str = ""
    level: ValidationLevel | str | None = None
    known_names: Collection[str] = ()
    metadata: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)

    def __post_init__(self) -> None:
        levels = list(ValidationLevel)
        if self.level is not None and self.level not in levels:
            known = ", ".join(repr(str(level)) for level in levels)
            raise ConfigurationError(f"level is {self.level!r}; it must be one of {known}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationResult:
    """What came of a validation.

    Attributes:
        success: no validator found an error.
        code: what was validated.
        findings: in the order of the validators, then of the lines.
        level: how much was checked.
        validators: which ran.
        skipped: which did not, and why.
        workflow_id: of the context.
        duration_ms: all together.
    """

    success: bool
    code: str = field(repr=False)
    findings: tuple[ValidationFinding, ...] = ()
    level: ValidationLevel = ValidationLevel.STANDARD
    validators: tuple[str, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    workflow_id: str = ""
    duration_ms: float = 0.0

    @property
    def errors(self) -> tuple[ValidationFinding, ...]:
        """The findings for which it failed."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[ValidationFinding, ...]:
        """The findings that are worth a look."""
        return tuple(f for f in self.findings if f.severity is Severity.WARNING)
