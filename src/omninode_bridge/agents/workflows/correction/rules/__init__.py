"""Rules that answer what CPython says; one family a file."""

from ._table import SYNTAX_RULES, Rule

__all__ = ["SYNTAX_RULES", "Rule"]
