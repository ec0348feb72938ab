"""Whatever is done to them in whatever order, the store in memory and the one in a journal agree."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from omninode_bridge.agents.workflows.escalation import InMemoryEscalationStore
from omninode_bridge.agents.workflows.journal import JournalFile
from omninode_bridge.agents.workflows.journal.escalations import JournalEscalationStore
from omninode_bridge.agents.workflows.recovery_models import Decision, Receipt, Won
from omninode_bridge.errors import OmninodeBridgeError
from omninode_bridge.testing import FakeClock

from .._reports import report

STEPS = 60
IDS = [f"e{n}" for n in range(6)]
ANSWERS = [Decision.retry(), Decision.value([1]), Decision.edit({"x": 1}), "skip", "wrong"]
KEYS = ["", "", "k1", "k2"]


def drawn(draw: random.Random) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    """Draw a method and its arguments."""
    one = draw.choice(IDS)
    receipts = [
        Receipt(
            delivered=(delivered := draw.random() < 0.4),
            channel=name,
            uncertain=not delivered and draw.random() < 0.5,
        )
        for name in draw.sample(["a", "b", "c"], draw.randint(0, 2))
    ]
    what = draw.choice(
        ["open"] * 6 + ["resolve"] * 3 + ["claim_notice", "claim_outbox", "settle_outbox"] * 4
        + ["expire", "supersede", "take_answer", "list", "get", "wait", "expire_due"]
    )  # fmt: skip
    made = report(
        one,
        draw.choice(["", "f", "f", "g"]),
        timeout=draw.choice([None, None, 5.0, 50.0]),
        on_timeout=draw.choice(["expire", "retry", "skip"]),
        answers=draw.choice([(), ("skip", "value"), ("retry", "edit")]),
    )
    arguments: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
        "open": ((made,), {"key": draw.choice(KEYS)}),
        "resolve": ((one, draw.choice(ANSWERS), draw.choice(["ann", "bob", ""])), {}),
        "claim_notice": ((one,), {}),
        "claim_outbox": ((draw.randint(1, 3),), {}),
        "settle_outbox": (
            (one,),
            {"delivered": any(r.delivered for r in receipts), "receipts": receipts},
        ),
        "expire": ((one,), {}),
        "supersede": ((one, draw.choice([None, "e0"])), {}),
        "take_answer": ((one, draw.choice(KEYS)), {}),
        "list": ((draw.choice([None, "open", "resolved"]),), {"limit": draw.choice([None, 2])}),
        "get": ((one,), {}),
        "wait": ((one, 0.0), {}),
        "expire_due": ((), {}),
    }
    return what, *arguments[what]


async def outcome(store: Any, what: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return what the method brings, or what it raises."""
    try:
        value = await getattr(store, what)(*args, **kwargs)
    except OmninodeBridgeError as error:
        return type(error).__name__, str(error)
    if isinstance(value, Won):
        value = value.row
    return list(value) if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize("seed", range(40))
def test_both_stores_do_the_same(tmp_path: Path, seed: int) -> None:
    """Sixty random steps give the same rows, claims, states and refusals."""
    draw, clock = random.Random(seed), FakeClock()
    settings = {
        "max_rows": draw.choice([3, 1000]),
        "fold_window": draw.choice([0.0, 20.0]),
        "retry_delay": 7.0,
        "max_deliveries": draw.choice([1, 3]),
    }
    file = JournalFile(tmp_path / "journal.db", clock=clock)
    stores = (
        InMemoryEscalationStore(clock=clock, **settings),
        JournalEscalationStore(file, **settings),
    )

    async def compare() -> None:
        for n in range(STEPS):
            clock.advance(draw.choice([0.001, 1, 10]))
            step = drawn(draw)
            first, second = [await outcome(store, *step) for store in stores]
            assert first == second, (n, step)
            for one in IDS:
                for asked in ("notice_state", "notice_progress"):
                    ends = [await outcome(store, asked, (one,), {}) for store in stores]
                    assert ends[0] == ends[1], (n, step, asked, one)

    asyncio.run(compare())
    file.close()
