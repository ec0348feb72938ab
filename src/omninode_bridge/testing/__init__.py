"""What tests of recoveries need: a clock that advances itself, scripted calls, a recording notifier."""

from ._clock import FakeClock
from ._doubles import RecordingNotifier, ScriptedCall, fails_then

__all__ = ["FakeClock", "RecordingNotifier", "ScriptedCall", "fails_then"]
