"""The errors that a failed validation raises.

::

    ValidationError                     a validator found an error
    ├── CodeSyntaxError                 the code has not the form it must have (also a SyntaxError)
    └── SecurityValidationError         the code does what generated code must not do
"""

from __future__ import annotations

from omninode_bridge.errors import OmninodeBridgeError

from .models import ValidationFinding, ValidationResult

__all__ = ["CodeSyntaxError", "SecurityValidationError", "ValidationError", "failure_of"]

_SHOWN = 5
_MOST_CHARS = 2_000

FORM = frozenset({"syntax", "check_for_async_methods"})
SECURITY = "security"


class ValidationError(OmninodeBridgeError):
    """Code in which a validator found an error.

    Attributes:
        result: the whole account.
    """

    def __init__(self, message: str, *, result: ValidationResult | None = None) -> None:
        super().__init__(message)
        self.result = result

    @property
    def findings(self) -> tuple[ValidationFinding, ...]:
        """The errors that were found."""
        return self.result.errors if self.result is not None else ()

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the account when it travels between processes."""
        return (_restored, (type(self), str(self), self.result))


class CodeSyntaxError(ValidationError, SyntaxError):
    """Code that does not parse, or whose ``execute`` functions are not ``async``.

    Attributes:
        lineno: 1-based line of the first fault, or None.
    """

    def __init__(self, message: str, *, result: ValidationResult | None = None) -> None:
        super().__init__(message, result=result)
        self.msg = message
        self.filename = "<generated>"
        self.lineno = self.findings[0].line if self.findings else None


class SecurityValidationError(ValidationError):
    """Code that does what generated code must not do."""


def failure_of(result: ValidationResult) -> ValidationError:
    """Return the error that tells of a failed validation.

    What is gravest decides the class: security, then anything but the form, then the form.
    """
    errors = result.errors
    kind, what = ValidationError, "validation failed"
    if any(finding.validator == SECURITY for finding in errors):
        kind, what = SecurityValidationError, "security validation failed"
        errors = tuple(sorted(errors, key=lambda finding: finding.validator != SECURITY))
    elif all(finding.validator in FORM for finding in errors):
        kind = CodeSyntaxError
    shown = "; ".join(map(str, errors[:_SHOWN]))
    more = f"; and {len(errors) - _SHOWN} more" if len(errors) > _SHOWN else ""
    return kind(f"{what}: {shown}"[: _MOST_CHARS - len(more)] + more, result=result)


def _restored(
    kind: type[ValidationError], message: str, result: ValidationResult | None
) -> ValidationError:
    return kind(message, result=result)
