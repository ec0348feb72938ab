"""What tests of recoveries need: clocks that advance themselves, scripted calls, a recording notifier, a report to send."""

from ._clock import AutojumpClock, FakeClock
from ._doubles import RecordingNotifier, ScriptedCall, fails_then, sample_report

__all__ = [
    "AutojumpClock",
    "FakeClock",
    "RecordingNotifier",
    "ScriptedCall",
    "fails_then",
    "sample_report",
]
