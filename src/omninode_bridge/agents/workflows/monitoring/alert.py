"""A statistic left its bounds, or came back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from omninode_bridge.agents.workflows.recovery_models import EscalationPriority, EscalationReport

from ._statistic import Statistic

__all__ = ["Alert", "AlertKind", "Threshold", "report_of"]


class AlertKind(StrEnum):
    """What happened."""

    BREACHED = "breached"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """The bounds of one statistic.

    Attributes:
        min_value: the least that is right, or None.
        max_value: the most that is right, or None.
        severity: how soon a human should look.
        min_samples: recoveries without which nothing is said.
    """

    statistic: Statistic
    min_value: float | None
    max_value: float | None
    severity: EscalationPriority
    min_samples: int

    def complaint(self, value: float) -> str:
        """Say which bound a value is beyond; empty where it is within."""
        if self.min_value is not None and value < self.min_value:
            return f"below {self.min_value:g}"
        if self.max_value is not None and value > self.max_value:
            return f"above {self.max_value:g}"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing that is told: once when a bound is crossed, once when it is kept again.

    Attributes:
        alert_id: of this notice.
        kind: whether the bound was crossed or is kept again.
        statistic: its name, as it was given to `AlertManager.add_threshold()`.
        value: of the statistic.
        samples: recoveries that it is made of.
        min_value: as it was given.
        max_value: as it was given.
        severity: as it was given.
        message: all of this in one sentence.
        at: when it was found.
        breach_id: the `alert_id` of the breach that is over; None for a breach.
    """

    alert_id: str
    kind: AlertKind
    statistic: str
    value: float
    samples: int
    min_value: float | None
    max_value: float | None
    severity: EscalationPriority
    message: str
    at: datetime
    breach_id: str | None = None

    @classmethod
    def of(
        cls,
        threshold: Threshold,
        *,
        value: float,
        samples: int,
        at: datetime,
        number: int,
        breach: Alert | None = None,
    ) -> Alert:
        """Write down what was found; `breach` is the alert that is over, if it is."""
        name = threshold.statistic.name
        if breach is None:
            kind, what = AlertKind.BREACHED, f"is {value:.6g}, {threshold.complaint(value)}"
        else:
            kind, what = AlertKind.RECOVERED, f"is {value:.6g}, within its bounds again"
        named = f"{name}/{threshold.severity}/{kind}/{at.isoformat()}/{number}"
        return cls(
            alert_id=f"alert_{hashlib.sha256(named.encode()).hexdigest()[:20]}",
            kind=kind,
            statistic=name,
            value=value,
            samples=samples,
            min_value=threshold.min_value,
            max_value=threshold.max_value,
            severity=threshold.severity,
            message=f"{name} {what} (over {samples} recoveries)",
            at=at,
            breach_id=None if breach is None else breach.alert_id,
        )


def report_of(alert: Alert, channels: tuple[str, ...]) -> EscalationReport:
    """Return the alert in the form that channels take."""
    return EscalationReport(
        escalation_id=alert.alert_id,
        workflow_id="monitoring",
        node_name=alert.statistic,
        step_count=0,
        error_type=f"alert_{alert.kind}",
        fingerprint=hashlib.sha256(alert.statistic.encode()).hexdigest()[:16],
        description=alert.message,
        error_message=f"alert {alert.kind}: {alert.message}",
        timestamp=alert.at,
        priority=alert.severity,
        channels=channels,
    )
