"""Asking a human: the report, the row that keeps it, the notice."""

from .delivery import deliver, deliver_due
from .report import build_report, escalation_id
from .settings import EscalationSettings
from .stores import InMemoryEscalationStore

__all__ = [
    "EscalationSettings",
    "InMemoryEscalationStore",
    "build_report",
    "deliver",
    "deliver_due",
    "escalation_id",
]
