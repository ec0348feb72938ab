"""What can be done about an error, one strategy a file."""

from ._bucket import RetryBucket
from ._changes import ArgumentChange, DegradationStep, InputCorrection
from ._stepped import Performed, PreparedStep, SteppedStrategy, StepView
from .alternative_path import AlternativePathStrategy
from .base import BaseRecoveryStrategy
from .circuit_breaker import CircuitBreakerStrategy
from .correction import ErrorCorrectionStrategy
from .degradation import GracefulDegradationStrategy
from .escalation import EscalationStrategy
from .retry import RetryStrategy

__all__ = [
    "AlternativePathStrategy",
    "ArgumentChange",
    "BaseRecoveryStrategy",
    "CircuitBreakerStrategy",
    "DegradationStep",
    "ErrorCorrectionStrategy",
    "EscalationStrategy",
    "GracefulDegradationStrategy",
    "InputCorrection",
    "Performed",
    "PreparedStep",
    "RetryBucket",
    "RetryStrategy",
    "StepView",
    "SteppedStrategy",
]
