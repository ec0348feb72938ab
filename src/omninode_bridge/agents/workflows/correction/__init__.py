"""Correct broken code: pure functions over text, under one guard."""

from .diagnosis import Alternative, Diagnosis, Fault, Tried
from .engine import correct_code
from .models import DEFAULT_BUDGET, Correction, CorrectionBudget, Fix
from .user import CORRECTION_KEYS, CorrectionStep, UserCorrection, parse_correction
from .validators import SHIPPED_VALIDATORS, Validator, check_for_async_methods, refusal

__all__ = [
    "CORRECTION_KEYS",
    "DEFAULT_BUDGET",
    "SHIPPED_VALIDATORS",
    "Alternative",
    "Correction",
    "CorrectionBudget",
    "CorrectionStep",
    "Diagnosis",
    "Fault",
    "Fix",
    "Tried",
    "UserCorrection",
    "Validator",
    "check_for_async_methods",
    "correct_code",
    "parse_correction",
    "refusal",
]
