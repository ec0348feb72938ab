"""Where escalations are kept."""

from .memory import InMemoryEscalationStore

__all__ = ["InMemoryEscalationStore"]
