"""Providers of facts: one file each, asked in the order of `DEFAULT_PROVIDERS`."""

from ._chosen import DEFAULT_PROVIDERS, KNOWN, facts_of

__all__ = ["DEFAULT_PROVIDERS", "KNOWN", "facts_of"]
