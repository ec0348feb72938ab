"""Hold generated code against named validators, without running it."""

from .failures import CodeSyntaxError, SecurityValidationError, ValidationError
from .models import (
    Severity,
    ValidationContext,
    ValidationFinding,
    ValidationLevel,
    ValidationResult,
)
from .pipeline import ValidationPipeline

__all__ = [
    "CodeSyntaxError",
    "SecurityValidationError",
    "Severity",
    "ValidationContext",
    "ValidationError",
    "ValidationFinding",
    "ValidationLevel",
    "ValidationPipeline",
    "ValidationResult",
]
