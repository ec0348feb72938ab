"""What an orchestrator is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ._analysis import analyze, declines
from ._clock import Clock
from ._config import Config
from ._durable import Engine
from ._errors_data import kept_analysis
from ._inference import Inference
from ._metadata_names import MetadataNames
from ._options import RunOptions
from ._parts import check_parts
from ._ports import EscalationStore, MetricsSink, Notifier, SignalSink
from ._recorder import Recorder
from ._sdk_retries import SdkRetries
from ._switch import Switch
from .escalation.sender import Sender
from .recovery_models import ErrorAnalysis
from .recovery_strategies._stepped import check_flags

__all__ = ["MachineParts"]


@dataclass(slots=True)
class MachineParts:
    """The parts of one orchestrator; `config` is swapped whole, nothing else changes."""

    config: Config
    clock: Clock
    draw: Callable[[], float]
    new_id: Callable[[], str]
    store: EscalationStore
    notifiers: Mapping[str, Notifier]
    notify: bool
    human_configured: bool
    recorder: Recorder
    metrics: MetricsSink | None = None
    signals: SignalSink | None = None
    engine: Engine | None = None
    inference: Inference = field(default_factory=lambda: Inference(enabled=False))
    switch: Switch = field(default_factory=Switch)
    sdk_retries: SdkRetries = field(default_factory=SdkRetries)
    metadata_names: MetadataNames = field(default_factory=MetadataNames)
    sender: Sender = field(init=False)

    def __post_init__(self) -> None:
        check_parts(
            notifiers=self.notifiers,
            clock=self.clock,
            store=self.store,
            metrics=self.metrics,
            signals=self.signals,
            draw=self.draw,
            new_id=self.new_id,
        )
        self.notifiers = dict(self.notifiers)
        self.sender = Sender(self.store, self.notifiers, self.clock)
        check_flags(enable_notifications=self.notify, enable_statistics=self.recorder.enabled)

    def analyze(self, error: BaseException | str, config: Config) -> ErrorAnalysis:
        """Say what an error is and what would be tried."""
        if self.engine is not None and (kept := kept_analysis(error, config.patterns.in_order)):
            return kept
        return analyze(error, config, self.clock.now)

    def declines(self, error: Exception, options: RunOptions) -> bool:
        """Whether a filter leaves the error alone; asked before anything else is made."""
        try:
            return declines(error, self.config, options, self.clock.now)
        except Exception:  # noqa: BLE001 -- an error that breaks its reader is told of where it is recovered
            return False
