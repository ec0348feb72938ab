"""Rules that answer what CPython or the error says; one family a file."""

from ._table import COMPLAINT_RULES, NAME_RULES, SYNTAX_RULES, ComplaintRule, NameRule, Rule

__all__ = [
    "COMPLAINT_RULES",
    "NAME_RULES",
    "SYNTAX_RULES",
    "ComplaintRule",
    "NameRule",
    "Rule",
]
