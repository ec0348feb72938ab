"""The edge of this process: what goes out is redacted and bounded once more, and own secrets stay."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Final
from urllib.parse import quote, unquote

from omninode_bridge.agents.workflows._redaction import REDACTED, redact, redact_value
from omninode_bridge.agents.workflows.recovery_models import EscalationReport
from omninode_bridge.errors import ConfigurationError

__all__ = ["Secrets", "check_seconds", "cleaned", "line", "plain_id"]

MAX_ID: Final = 255
MAX_NAME: Final = 200
MAX_LINE: Final = 500
MAX_MESSAGE: Final = 4_000
MAX_CODE: Final = 16_384
MAX_CHAIN: Final = 10
MAX_ATTEMPTS: Final = 50
MAX_NAMES: Final = 100
MAX_DETAIL: Final = 300
_SHORTEST_SECRET: Final = 4


def line(text: str, limit: int = MAX_LINE) -> str:
    """Return the text on one line, without secrets, with at most `limit` characters."""
    return " ".join(redact(text, limit=limit).split())


def plain_id(escalation_id: str) -> str:
    """Return the id as it can be shown and sent; those of ours are so already."""
    shown = escalation_id[:MAX_ID]
    return shown if shown.isprintable() else "".join(c if c.isprintable() else "_" for c in shown)


def cleaned(report: EscalationReport) -> EscalationReport:
    """Return the report redacted and bounded, whoever wrote it; ours come out as they went in."""
    return replace(
        report,
        escalation_id=plain_id(report.escalation_id),
        workflow_id=line(report.workflow_id, MAX_NAME),
        node_name=line(report.node_name, MAX_NAME),
        error_type=line(report.error_type, MAX_NAME),
        description=line(report.description),
        error_message=redact(report.error_message, limit=MAX_MESSAGE),
        assignee=line(report.assignee, MAX_NAME),
        chain=tuple(redact(cause, limit=MAX_MESSAGE) for cause in report.chain[:MAX_CHAIN]),
        code=None if report.code is None else redact(report.code, limit=MAX_CODE),
        diff=None if report.diff is None else redact(report.diff, limit=MAX_CODE),
        attempts=tuple(line(attempt) for attempt in report.attempts[-MAX_ATTEMPTS:]),
        state_keys=tuple(line(key, MAX_NAME) for key in report.state_keys[:MAX_NAMES]),
        context=redact_value(report.context),
        answers=tuple(line(kind, MAX_NAME) for kind in report.answers[:MAX_NAMES]),
        edits=tuple(line(name, MAX_NAME) for name in report.edits[:MAX_NAMES]),
    )


class Secrets:
    """Secrets that are known as such, to be taken out of whatever a server or library says."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
        forms = known | {unquote(one) for one in known} | {quote(one) for one in known}
        forms |= {quote(one, safe="") for one in known}
        forms |= {base64.b64encode(one.encode()).decode() for one in known}
        # The longest first: a path holds a token.
        self._forms = sorted(forms, key=len, reverse=True)

    def scrub(self, text: str, limit: int = MAX_DETAIL) -> str:
        """Return the text on one line, without any of them, redacted, bounded."""
        for form in self._forms:
            text = text.replace(form, REDACTED)
        return line(text, limit)


def check_seconds(name: str, value: float) -> None:
    """Refuse what is no positive number of seconds.

    Raises:
        ConfigurationError: so.
    """
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 < value < math.inf:
        raise ConfigurationError(f"{name} is {value!r}; it must be seconds, more than 0")
