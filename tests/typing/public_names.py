"""What a type checker must see in the public names; mypy reads this file, nothing runs it."""

from __future__ import annotations

from typing import assert_type

from omninode_bridge.agents.workflows._clock import SYSTEM_CLOCK, Clock, SystemClock
from omninode_bridge.agents.workflows.recovery_models import RecoveryResult, RecoveryStrategy
from omninode_bridge.errors import ConfigurationError, OmninodeBridgeError, PatternError

clock: Clock = SystemClock()
default_clock: Clock = SYSTEM_CLOCK

result = RecoveryResult.recovered(RecoveryStrategy.RETRY, 1)
assert_type(result, RecoveryResult)
assert_type(result.success, bool)
assert_type(result.replace(retry_count=1), RecoveryResult)

errors: list[type[OmninodeBridgeError]] = [ConfigurationError, PatternError]
value_error: type[ValueError] = PatternError
