"""Engines: how steps are run and what of them outlives the process."""

from .inline import InlineEngine

__all__ = ["InlineEngine"]
