"""Facts of the older protocols: three-digit replies of SMTP, FTP and NNTP."""

from __future__ import annotations

from collections.abc import Mapping

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.classification.lazy_regex import LazyRegex
from omninode_bridge.agents.workflows.recovery_models import ErrorType

from ._known import Known
from ._read import attribute, family_of, packages_of, text_of

__all__ = ["KNOWN", "facts_of_amqp", "facts_of_reply", "reply_facts"]

_PACKAGES = frozenset({"smtplib", "ftplib", "nntplib", "aiosmtplib", "aioftp"})
_LEADING = LazyRegex(r"\(?b?'?\{?([1-5]\d\d)[ ,-]")
_BROKERS = frozenset({"pika", "amqp", "aiormq", "aio_pika", "kombu"})
_AMQP = {
    200: passes(ErrorType.NETWORK),
    311: stays(ErrorType.VALIDATION),
    312: stays(ErrorType.VALIDATION),
    313: passes(ErrorType.NETWORK),
    320: passes(ErrorType.NETWORK),
    402: stays(ErrorType.VALIDATION),
    403: stays(ErrorType.SECURITY),
    404: stays(ErrorType.VALIDATION),
    405: passes(ErrorType.NETWORK),
    406: stays(ErrorType.VALIDATION),
    **dict.fromkeys((501, 502, 503, 504, 505, 530, 540), stays(ErrorType.VALIDATION)),
    506: passes(ErrorType.NETWORK),
    541: passes(ErrorType.NETWORK),
}
_LOGIN = frozenset({430, 530, 532, 534, 535, 538})


def _of_recipients(refused: Mapping[object, object]) -> Facts | None:
    """One address that is refused for good makes the sending stay refused."""
    replies = [one for one in list(refused.values())[:100] if isinstance(one, tuple) and one]
    codes = [one[0] for one in replies if isinstance(one[0], int)]
    return facts_of_reply(max(codes)) if codes else None


def facts_of_reply(code: int, text: str = "") -> Facts | None:
    """Tell by a reply: 4yz may pass, 5yz stays; 5.7.z in the text is a matter of policy."""
    reasons = (f"reply {code}",)
    if code in _LOGIN or (code >= 500 and "5.7." in text):
        return stays(ErrorType.SECURITY, reasons=reasons)
    if 400 <= code < 500:
        return passes(ErrorType.NETWORK, reasons=reasons)
    if 500 <= code < 600:
        return stays(ErrorType.VALIDATION, reasons=reasons)
    return None


def facts_of_amqp(code: int) -> Facts | None:
    """Tell by a reply of an AMQP broker."""
    facts = _AMQP.get(code)
    return facts.completed(Facts(reasons=(f"AMQP reply {code}",))) if facts else None


def reply_facts(exception: BaseException) -> Facts | None:
    """Tell by ``smtp_code``, or by the reply that the message begins with."""
    code = attribute(exception, "reply_code")
    if isinstance(code, int) and family_of(exception) & _BROKERS:
        return facts_of_amqp(code)
    refused = attribute(exception, "recipients")
    if isinstance(refused, Mapping):
        return _of_recipients(refused)
    code = attribute(exception, "smtp_code")
    if isinstance(code, int) and not isinstance(code, bool):
        return facts_of_reply(code, text_of(attribute(exception, "smtp_error"), 256))
    if type(exception).__module__.partition(".")[0] not in _PACKAGES:
        return None
    found = _LEADING.match(text_of(exception, 16))
    return facts_of_reply(int(found[1])) if found else None


KNOWN = Known(
    reads="`smtp_code`, `reply_code` of AMQP, and the number that errors of SMTP, FTP and NNTP begin with",
    names=frozenset({"smtp_code", "reply_code", "recipients"}),
    asks=lambda cls: not packages_of(cls).isdisjoint(_PACKAGES),
    source="RFC 5321, RFC 4954, RFC 959, RFC 3977, AMQP 0-9-1",
    rows=lambda: [
        (", ".join(map(str, sorted(_LOGIN))), stays(ErrorType.SECURITY)),
        ("4yz", passes(ErrorType.NETWORK)),
        ("5yz", stays(ErrorType.VALIDATION)),
        *((f"AMQP {code}", facts) for code, facts in _AMQP.items()),
    ],
)
