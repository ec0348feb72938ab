"""What is known about an exception, and the providers that tell it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

__all__ = ["NOTHING", "Facts", "Provider", "passes", "stays"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What one exception tells by its class, its codes and its attributes.

    Attributes:
        error_type: what the error is, or None where that is not known.
        transient: True where the same call, unchanged, would plausibly succeed within minutes;
            False where it would not; None where nothing tells.
        retry_after: seconds that the other side asked us to wait.
        retry_at: the moment that the other side asked us to wait for, with its zone; whoever has a
            clock turns it into seconds.
        reasons: why, in words, strongest first.
        prefer: the strategy that this very error calls for, where that is not the first one of its
            type (less input for a model whose context is full).
        weak: the class is one that anything may raise (``ValueError``); an explicit cause that
            says more is believed instead.
        told: the other side, or whoever raised it, said outright whether to try again; where it
            said no, nothing that another fact says changes that.
    """

    error_type: ErrorType | None = None
    transient: bool | None = None
    retry_after: float | None = None
    reasons: tuple[str, ...] = ()
    prefer: RecoveryStrategy | None = None
    retry_at: datetime | None = None
    weak: bool = False
    told: bool = False

    def completed(self, other: Facts) -> Facts:
        """Return these facts with their gaps filled from `other`; the stronger ones lead."""
        if other.told and other.transient is False and not self.told:
            return other.completed(replace(self, transient=None))
        if (self.weak or self.silent) and not (other.weak or other.silent):
            return other.completed(self)
        transient = self.transient
        if transient is None and (self.error_type is None or self.error_type is other.error_type):
            transient = other.transient
        return replace(
            self,
            error_type=self.error_type if self.error_type is not None else other.error_type,
            transient=transient,
            retry_after=self.retry_after if self.retry_after is not None else other.retry_after,
            retry_at=self.retry_at or other.retry_at,
            prefer=self.prefer or (None if self.error_type else other.prefer),
            reasons=self.reasons + other.reasons,
            weak=other.weak if self.silent else self.weak and (other.weak or other.silent),
            told=self.told or (other.told and transient is other.transient),
        )

    @property
    def silent(self) -> bool:
        """Whether neither the type nor the transience is known."""
        return self.error_type is None and self.transient is None


Provider = Callable[[BaseException], Facts | None]

NOTHING = Facts()


def passes(
    error_type: ErrorType | None,
    *,
    reasons: tuple[str, ...] = (),
    prefer: RecoveryStrategy | None = None,
    retry_after: float | None = None,
) -> Facts:
    """Return facts of an error that would plausibly be gone within minutes."""
    return Facts(
        error_type, transient=True, reasons=reasons, prefer=prefer, retry_after=retry_after
    )


def stays(
    error_type: ErrorType | None,
    *,
    reasons: tuple[str, ...] = (),
    prefer: RecoveryStrategy | None = None,
    weak: bool = False,
) -> Facts:
    """Return facts of an error that the same call would meet again."""
    return Facts(error_type, transient=False, reasons=reasons, prefer=prefer, weak=weak)
