"""What tests of recoveries need: clocks that advance themselves, scripted calls, a recording notifier."""

from ._clock import AutojumpClock, FakeClock
from ._doubles import RecordingNotifier, ScriptedCall, fails_then

__all__ = ["AutojumpClock", "FakeClock", "RecordingNotifier", "ScriptedCall", "fails_then"]
