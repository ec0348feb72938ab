"""How far one notice has come on each channel: what took it, and what may have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from omninode_bridge.agents.workflows.recovery_models import Receipt

__all__ = ["MAX_UNKNOWN", "ChannelProgress", "NoticeProgress"]

#: How often a notice is sent to one channel whose answer nobody knows.
MAX_UNKNOWN: Final = 2


@dataclass(frozen=True, slots=True)
class ChannelProgress:
    """What one channel is known to have done.

    Attributes:
        delivered: it took the notice.
        maybe: how often a send began whose end is unknown.
        fault: why the last send failed; empty where none did, or it took the notice after all.
    """

    delivered: bool = False
    maybe: int = 0
    fault: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more may be sent to it."""
        return self.delivered or self.maybe >= MAX_UNKNOWN


@dataclass(frozen=True, slots=True)
class NoticeProgress:
    """What is known of one notice.

    Attributes:
        maybe: sends that began and whose process ended before it could say which channel took it;
            they count for every channel that is not known to have.
        channels: by name.
        told: names of the channels that whoever opened it has, where its report names none; empty
            for a notice of everybody's.
    """

    maybe: int = 0
    channels: Mapping[str, ChannelProgress] = field(default_factory=dict)
    told: tuple[str, ...] = ()

    def of(self, channel: str) -> ChannelProgress:
        """Return what is known of one channel."""
        known = self.channels.get(channel, ChannelProgress())
        return replace(known, maybe=known.maybe + self.maybe)

    @property
    def is_begun(self) -> bool:
        """Whether a channel took it or may have."""
        return self.maybe > 0 or any(one.delivered or one.maybe for one in self.channels.values())

    @property
    def is_uncertain(self) -> bool:
        """Whether somebody may have been told whom we do not know of."""
        return self.maybe > 0 or any(
            one.maybe and not one.delivered for one in self.channels.values()
        )

    @property
    def is_delivered(self) -> bool:
        """Whether a channel took it."""
        return any(one.delivered for one in self.channels.values())

    def is_news_to(self, told: Iterable[str]) -> bool:
        """Whether these have a channel that was not to be told so far, and may be."""
        return bool(self.told) and any(
            name not in self.told and not self.of(name).is_over for name in told
        )

    def joined_by(self, told: Iterable[str]) -> NoticeProgress:
        """Return the same with these channels to be told as well, while others are being told."""
        new = {name: ChannelProgress() for name in told if not self.of(name).is_over}
        return replace(self, channels={**new, **self.channels})

    def after(self, receipts: Iterable[Receipt]) -> NoticeProgress:
        """Return what is known once the channels have answered."""
        channels = dict(self.channels)
        for receipt in receipts:
            known = channels.get(receipt.channel, ChannelProgress())
            if receipt.delivered:
                channels[receipt.channel] = ChannelProgress(delivered=True, maybe=known.maybe)
            elif not known.is_over:
                maybe = known.maybe + receipt.uncertain
                fault = receipt.detail or "it did not say why"
                channels[receipt.channel] = ChannelProgress(maybe=maybe, fault=fault)
        return replace(self, channels=channels)

    def is_over(self, receipts: Iterable[Receipt], *, delivered: bool) -> bool:
        """Whether none of the channels that answered is to be asked again.

        Args:
            receipts: of the channels that were tried; without any `delivered` decides.
            delivered: whether the notice reached anybody.
        """
        tried = [receipt.channel for receipt in receipts]
        if any(
            one == ChannelProgress() and not self.of(name).is_over
            for name, one in self.channels.items()
        ):
            return False  # it joined while the others were told
        return all(self.of(name).is_over for name in tried) if tried else delivered
