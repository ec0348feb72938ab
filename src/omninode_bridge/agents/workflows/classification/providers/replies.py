"""Facts of the older protocols: three-digit replies of SMTP, FTP and NNTP."""

from __future__ import annotations

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.classification.lazy_regex import LazyRegex
from omninode_bridge.agents.workflows.recovery_models import ErrorType

from ._known import Known
from ._read import attribute, text_of

__all__ = ["KNOWN", "facts_of_reply", "reply_facts"]

_PACKAGES = frozenset({"smtplib", "ftplib", "nntplib", "aiosmtplib", "aioftp"})
_LEADING = LazyRegex(r"\(?b?'?\{?([1-5]\d\d)[ ,-]")
_LOGIN = frozenset({430, 530, 532, 534, 535, 538})


def facts_of_reply(code: int) -> Facts | None:
    """Tell by a reply: 4yz may pass, 5yz stays."""
    reasons = (f"reply {code}",)
    if code in _LOGIN:
        return stays(ErrorType.SECURITY, reasons=reasons)
    if 400 <= code < 500:
        return passes(ErrorType.NETWORK, reasons=reasons)
    if 500 <= code < 600:
        return stays(ErrorType.VALIDATION, reasons=reasons)
    return None


def reply_facts(exception: BaseException) -> Facts | None:
    """Tell by ``smtp_code``, or by the reply that the message begins with."""
    code = attribute(exception, "smtp_code")
    if isinstance(code, int) and not isinstance(code, bool):
        return facts_of_reply(code)
    if type(exception).__module__.partition(".")[0] not in _PACKAGES:
        return None
    found = _LEADING.match(text_of(exception, 16))
    return facts_of_reply(int(found[1])) if found else None


KNOWN = Known(
    reads="`smtp_code`, and the number that errors of SMTP, FTP and NNTP begin with",
    source="RFC 5321, RFC 4954, RFC 959, RFC 3977",
    rows=lambda: [
        (", ".join(map(str, sorted(_LOGIN))), stays(ErrorType.SECURITY)),
        ("4yz", passes(ErrorType.NETWORK)),
        ("5yz", stays(ErrorType.VALIDATION)),
    ],
)
