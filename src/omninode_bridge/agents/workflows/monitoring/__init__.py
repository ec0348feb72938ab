"""Watch recoveries: health checks, and alerts where a statistic leaves its bounds."""

from .alert import Alert, AlertKind
from .alerts import AlertManager
from .health import HealthChecker
from .health_models import CheckResult, HealthStatus

__all__ = [
    "Alert",
    "AlertKind",
    "AlertManager",
    "CheckResult",
    "HealthChecker",
    "HealthStatus",
]
