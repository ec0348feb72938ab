"""Generated patterns and tracebacks for ``matching.py``: what operators of services write and read."""

from __future__ import annotations

import random
from collections.abc import Sequence

__all__ = ["pattern_texts", "traceback_text"]

_NOUNS = [
    "account",
    "adapter",
    "archive",
    "backup",
    "batch",
    "billing",
    "broker",
    "bucket",
    "buffer",
    "cache",
    "catalog",
    "channel",
    "cluster",
    "column",
    "commit",
    "config",
    "consumer",
    "context",
    "cursor",
    "daemon",
    "dataset",
    "deploy",
    "device",
    "document",
    "domain",
    "driver",
    "engine",
    "export",
    "feature",
    "field",
    "filter",
    "gateway",
    "graph",
    "handler",
    "header",
    "import",
    "index",
    "ingest",
    "invoice",
    "job",
    "journal",
    "kernel",
    "key",
    "lease",
    "ledger",
    "listener",
    "lock",
    "log",
    "mailbox",
    "message",
    "metric",
    "migration",
    "model",
    "monitor",
    "network",
    "node",
    "object",
    "offset",
    "order",
    "packet",
    "parser",
    "partition",
    "payment",
    "pipeline",
    "plugin",
    "policy",
    "pool",
    "port",
    "process",
    "producer",
    "profile",
    "proxy",
    "query",
    "queue",
    "quota",
    "record",
    "region",
    "registry",
    "replica",
    "report",
    "request",
    "resolver",
    "resource",
    "response",
    "route",
    "router",
    "sandbox",
    "scheduler",
    "schema",
    "script",
    "secret",
    "segment",
    "sensor",
    "server",
    "service",
    "session",
    "shard",
    "signal",
    "snapshot",
    "socket",
    "source",
    "storage",
    "stream",
    "subnet",
    "table",
    "task",
    "template",
    "tenant",
    "thread",
    "ticket",
    "token",
    "topic",
    "trace",
    "tracker",
    "transfer",
    "trigger",
    "tunnel",
    "upload",
    "user",
    "vault",
    "vector",
    "version",
    "volume",
    "webhook",
    "widget",
    "window",
    "worker",
    "workflow",
    "zone",
]
_SYLLABLES = [
    "ba",
    "co",
    "du",
    "fe",
    "gi",
    "lo",
    "mar",
    "nex",
    "or",
    "pul",
    "qui",
    "ras",
    "sol",
    "tem",
]
_STATES = [
    "refused",
    "rejected",
    "expired",
    "unavailable",
    "exhausted",
    "locked",
    "missing",
    "corrupt",
    "invalid",
    "unreachable",
    "aborted",
    "overloaded",
    "throttled",
    "closed",
    "stalled",
    "detached",
    "evicted",
    "drained",
    "revoked",
    "truncated",
    "misaligned",
]
_CAMEL = ["Timeout", "Refused", "Conflict", "Overflow", "NotFound", "Denied", "Mismatch", "Busy"]


def pattern_texts(rng: random.Random, count: int, *, foreign: bool = False) -> list[str]:
    """Return so many regexes, mostly different, in the mixture that pattern files have.

    They are made of the very words that the tracebacks are made of, which is the hardest case; or,
    `foreign`, of words that other services have invented.
    """
    invented = tuple("".join(rng.choice(_SYLLABLES) for _ in range(3)) for _ in range(2 * count))
    return [_pattern(rng, invented if foreign else _NOUNS) for _ in range(count)]


def traceback_text(rng: random.Random, length: int) -> str:
    """Return a traceback of about so many characters that ends with an error nobody knows."""
    lines = ["Traceback (most recent call last):"]
    size = 0
    while size < length:
        noun, other, third = (rng.choice(_NOUNS) for _ in range(3))
        line = (
            f'  File "/srv/app/{noun}/{other}.py", line {rng.randrange(2000)}, in {third}_{noun}\n'
            f"    return self.{other}.{rng.choice(_STATES)}({third}, {noun}={rng.randrange(99)})"
        )
        lines.append(line)
        size += len(line) + 1
    lines.append(f"RuntimeError: {rng.choice(_NOUNS)} 0x{rng.getrandbits(48):x} gave nothing back")
    return "\n".join(lines)[-length:]


def _pattern(rng: random.Random, nouns: Sequence[str]) -> str:
    noun, other, state = rng.choice(nouns), rng.choice(nouns), rng.choice(_STATES)
    number = rng.randrange(10_000)
    shape = rng.random()
    if shape < 0.25:
        return f"{noun.title()}{other.title()}{rng.choice(_CAMEL)}"
    if shape < 0.45:
        return f"{noun} {other} (?:is |was )?{state}"
    if shape < 0.60:
        return f"{noun}.*{other}.*{state}"
    if shape < 0.70:
        return f"{noun[:2].upper()}-{number}"
    if shape < 0.80:
        return rf"{noun} (?P<id>\d+) (?:{state}|{rng.choice(_STATES)})"
    if shape < 0.88:
        return f"{noun}[ _-]?{state}|{other}[ _-]?{state}"
    if shape < 0.94:
        return rf"\b{noun}\s+{other}\b.{{0,40}}{state}"
    if shape < 0.97:
        return rf"(?-i:{noun.upper()}_{state.upper()})|code={number}\b"
    return rf"^\w+Error: {noun} {state}"
