"""Read the codes that are written in a message: status, errno, sqlstate, names of codes."""

from __future__ import annotations

import re
from dataclasses import replace

from omninode_bridge.agents.workflows.recovery_models import ErrorType

from .facts import Facts, passes, stays
from .lazy_regex import LazyRegex
from .providers._class_tables import is_model_service
from .providers._programs import facts_of_end, facts_of_prose
from .providers._tools import facts_of_report
from .providers.classes import facts_of_name
from .providers.cloud import facts_of_code
from .providers.grpc import facts_of_grpc
from .providers.http import OVER_THE_LIMIT, facts_of_status, is_limit
from .providers.kafka import facts_of_kafka
from .providers.llm import facts_of_llm_text, facts_of_operation
from .providers.os_errors import facts_of_errno, facts_of_tls
from .providers.process import facts_of_exit
from .providers.replies import facts_of_amqp, facts_of_reply
from .providers.sentences import (
    DATABASES,
    facts_of_database_sentence,
    facts_of_stated,
    facts_of_transport_sentence,
)
from .providers.sql import facts_of_mysql, facts_of_sqlite_text, facts_of_sqlstate
from .providers.stores import facts_of_oracle, facts_of_store_text

__all__ = ["facts_of_line", "facts_of_message", "facts_of_quoted"]

_MOST = 4096
_MOST_NAME = 200
_STATUS = LazyRegex(
    r"\bHTTP(?:/[\d.]+)?(?:[ _-]?(?:error|status(?:[ _]code)?|code))?[\"']?[:= (\"']{1,3}([1-5]\d\d)\b"
    r"|\b(?:error[ _]?code|status(?:[ _]?code)?|response[ _]code|response[ _]status)[\"']?[:= (\"']{1,3}([1-5]\d\d)\b"
    r"|^\(?([45]\d\d)\)?(?::? [A-Z]|, message=|\n|$)"
    r"|^\w*\(([45]\d\d), "
    r"|\b(?:client error|server error|redirect response)[:']{0,2} ?'?([345]\d\d)\b"
    r"|(?:^|: )([45]\d\d) \{"
    r"|\b(?:returned|URL returned) error: ([45]\d\d)\b"
    r"|\b([45]\d\d) (?:Client Error|Server Error|Unauthorized|Forbidden|Not Found|Bad Request|Method Not Allowed|Conflict|Gone"
    r"|Unprocessable|Too Many Requests|Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time|Payment Required)"
    r"|\b(?:returned|responded with|got|received|rejected with)(?: an?)?(?: error)?(?: HTTP)? ([45]\d\d)\b",
    re.IGNORECASE,
)
_ERRNO = LazyRegex(r"\[Errno (-?\d{1,5})\]|\berrno[:= ]{1,2}(\d{1,3})\b")
_TLS = LazyRegex(r"\[SSL: ([A-Z0-9_]+)\]")
_CERTIFICATE = LazyRegex(
    r"certificate[ _]verify[ _]failed|\bself.signed certificate|certificate has expired",
    re.IGNORECASE,
)
_STATE = LazyRegex(r"\bSQLSTATE[\[=: (']{1,3}([0-9A-Z]{5})\b|^\('([0-9A-Z]{5})', ", re.IGNORECASE)
_MYSQL = LazyRegex(r"^\(?(?:\w+[.(])*(\d{4})(?: \([0-9A-Z]{5}\))?[,:] ")
_GRPC = LazyRegex(r"\bStatusCode\.([A-Z_]+)|\bgrpc.{0,20}?\b([A-Z]{4,}(?:_[A-Z]+)?)\b")
_CLOUD = LazyRegex(
    r"An error occurred \((\w+)\) when calling|^\((\w+)\)(?: |$)|^\(['\"]?([A-Z][a-z]+[A-Z]\w{2,60}|[A-Z]+(?:_[A-Z]+)+)['\"]?, |\b(PGRST[\dX]\d\d)\b|^([a-z]+_[a-z_]+): |\bname=([A-Z][A-Z_]+)\b"
    r"|\b(?:[Cc]ode|[Ee]rror)[:=]([A-Z][a-z]+[A-Z][A-Za-z]{2,60}|[A-Z]+(?:_[A-Z]+)+)\b"
    r"|['\"](?:(?:error_?)?[cC]ode|error)['\"]: ?['\"]([A-Za-z_]{3,60})['\"]|^Code: (\w+)$|\b[Cc]ode: ([A-Z][a-z]+[A-Z][A-Za-z]{2,60})\b|\bErrorCode: ?(\w+)|\(Code: ([A-Za-z]\w+)\)",
    re.MULTILINE,
)
_THREE = LazyRegex(r"[1-5]\d\d")
# Every match of the names above holds one of these.
_MARKS = ("ode", "rror", "(", "_", "name=", "PGRST")
_NEVER = LazyRegex(
    r"\b(?:do not|don't|never|must not|should not|cannot be|not be) (?:try|retry|retried|tried) ?(?:again|this)?|\bnot retr(?:y|i)able|\bnon-?retr(?:y|i)able",
    re.IGNORECASE,
)
_TRANSIENT = LazyRegex(r"\bis_?transient\b['\"]?\s?[:=]\s?true", re.IGNORECASE)
_EXCHANGE = LazyRegex(r"\bAPIError\(code=-(\d{1,5})\)")
_MODELS = LazyRegex(r"when calling the (?:Converse|InvokeModel|InvokeEndpoint|InvokeAgent)")
_REPLY = LazyRegex(r"^\(?b?'?([45]\d\d)[ ,-]|\(([45]\d\d), b?'|\bgot ([45]\d\d)\b")
_AMQP = LazyRegex(r"\(?([2-5]\d\d)[,)]")
_BROKER = LazyRegex(r"\bKafkaError\{code=(\w+)")
_REPLYING = frozenset({"smtplib", "ftplib", "nntplib", "aiosmtplib", "aioftp"})
_BROKERS = frozenset({"pika", "amqp", "aiormq", "aio_pika", "kombu"})
# Python says "name 'x' is not defined"; without the first word, a template engine says it.
_UNDEFINED = stays(ErrorType.GENERATION, reasons=("an undefined name of a template",))
_FORBIDDEN = ("HTTP status 403",)  # so some services answer what is over a limit
_MARKED = passes(ErrorType.NETWORK, reasons=("the message says that it is transient",))
# Binance's own numbers, which stand without their sign.
_OF_EXCHANGE = {
    **dict.fromkeys((1001, 1004, 1008), passes(ErrorType.NETWORK)),
    **dict.fromkeys((1003, 1015), passes(ErrorType.RATE_LIMIT)),
    1007: passes(ErrorType.TIMEOUT),
    **dict.fromkeys((1002, 1022, 2014, 2015), stays(ErrorType.SECURITY)),
    **dict.fromkeys(
        (1020, 1021, *range(1100, 1200), 2010, 2011, 2013), stays(ErrorType.VALIDATION)
    ),
}
_VALUES = frozenset({"ValueError", "builtins.ValueError"})
_QUOTED = LazyRegex(
    r"(?<![\w.])((?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Timeout|Exceeded|Refused|NotFound|Denied|Unavailable|Warning))"
    r"(?:\(([^\n]{0,300})|: ([^\n]{0,300})|(?=['\"]?[\s.,;)]|['\"]?$))"
)
_WRAPPED = LazyRegex(r"^\(([A-Za-z_]\w*(?:\.\w+)+)\) ?(.{0,2048})", re.DOTALL)


def facts_of_message(name: str, message: str) -> Facts | None:
    """Tell by the codes in a message; `name` is the class that said it, empty if unknown."""
    message = message[:_MOST]
    package = name.partition(".")[0]
    if "KafkaError{" in message:
        found = _BROKER.search(message)
        if found:
            return facts_of_kafka(found[1])
    if "ransient" in message and _TRANSIENT.search(message):
        return _MARKED
    if "APIError(" in message:
        found = _EXCHANGE.search(message)
        facts = _OF_EXCHANGE.get(int(found[1])) if found else None
        if facts is not None and found:
            return facts.completed(Facts(reasons=(f"error code -{found[1]}",)))
    status = _status(message)
    if is_model_service(name):
        return facts_of_llm_text(f"{name} {message}", status)
    facts = _of_package(package, name, message)
    if facts is not None:
        return facts
    if "when calling the " in message and _MODELS.search(message):
        facts = facts_of_operation(message, status)
        if facts is not None:
            return facts
    found = _CLOUD.search(message) if any(mark in message for mark in _MARKS) else None
    facts = facts_of_code(next(filter(None, found.groups()))) if found else None
    if facts is not None:
        return facts
    lowered = message.lower()
    if "[ssl: " in lowered:
        found = _TLS.search(message)
        if found:
            return facts_of_tls(found[1])
    if ("certificate" in lowered or "signed" in lowered) and _CERTIFICATE.search(message):
        return stays(ErrorType.SECURITY, reasons=("the certificate",))
    facts = _of_number(message)
    if facts is not None or not status:
        return facts
    return OVER_THE_LIMIT if status == 403 and is_limit(message) else facts_of_status(status)


def _status(message: str) -> int | None:
    found = _STATUS.search(message) if _THREE.search(message) else None
    return int(next(filter(None, found.groups()))) if found else None


def _of_package(package: str, name: str, message: str) -> Facts | None:
    """Read what the library of a protocol or a store has in its messages."""
    if package in _REPLYING:
        reply = _REPLY.search(message)
        return facts_of_reply(int(reply[1] or reply[2] or reply[3]), message) if reply else None
    if package in _BROKERS:
        reply = _AMQP.search(message)
        return facts_of_amqp(int(reply[1])) if reply else None
    if package == "sqlite3":
        return facts_of_sqlite_text(message)
    if package in DATABASES:
        number = _MYSQL.match(message) if _is_mysql(name) else None
        facts = facts_of_mysql(int(number[1])) if number else None
        if facts is None:
            facts = facts_of_oracle(message) or _of_state(message)
        if facts is not None:
            return facts
    return facts_of_store_text(package, message)


def _is_mysql(name: str) -> bool:
    lowered = name.lower()
    return any(part in lowered for part in ("mysql", "mariadb", "asyncmy", "sqlalchemy"))


def _of_state(message: str) -> Facts | None:
    if not message.startswith("('") and "sqlstate" not in message.lower():
        return None
    found = _STATE.search(message)
    return facts_of_sqlstate((found[1] or found[2]).upper()) if found else None


def _of_number(message: str) -> Facts | None:
    if "rrno" in message:
        found = _ERRNO.search(message)
        if found:
            return facts_of_errno(int(found[1] or found[2]))
    facts = _of_state(message)
    if facts is not None:
        return facts
    if "StatusCode." not in message and "grpc" not in message:
        return None
    found = _GRPC.search(message)
    return facts_of_grpc(found[1] or found[2]) if found else None


def facts_of_quoted(message: str) -> Facts | None:
    """Tell by an error that a message quotes: "step failed: TimeoutError()"."""
    message = message[:_MOST]
    for found in _QUOTED.compiled.finditer(message):
        rest = found[2] or found[3] or ""
        facts = _of_line(found[1], rest.strip("'\""))
        if not facts.silent:
            return facts
    return None


def facts_of_line(name: str, message: str) -> Facts:
    """Tell by the class and the message that a log shows of an error."""
    wrapped = _WRAPPED.match(message)
    if wrapped:  # SQLAlchemy: (psycopg.errors.UniqueViolation) duplicate key ...
        inner = _of_line(wrapped[1], wrapped[2])
        if not inner.silent:
            return inner.completed(_of_line(name, ""))
    if name == "NameError" and message.startswith("'"):
        return _UNDEFINED
    ended = facts_of_end(message[:_MOST]) if name.endswith("CalledProcessError") else None
    if ended:
        return facts_of_exit(ended[1], ended[0], [ended[2]])
    if name.endswith("ExceptionGroup"):
        return Facts()  # its members speak for it
    facts = _of_line(name, message)
    if facts.silent:
        facts = (
            facts_of_report(message[:_MOST])
            or facts_of_quoted(message)
            or _in_words(message)
            or facts_of_prose(message[:_MOST])
            or facts
        )
    if facts.transient is not False and _forbids(message[:_MOST]):
        return replace(facts, transient=False, reasons=("the message forbids it", *facts.reasons))
    return facts


def _forbids(message: str) -> bool:
    lowered = message.lower()
    told = "retr" in lowered or "try" in lowered or "tried" in lowered
    return told and _NEVER.search(message) is not None


def _of_line(name: str, message: str) -> Facts:
    by_class = (facts_of_name(name) if len(name) <= _MOST_NAME else None) or Facts()
    if by_class.weak and by_class.transient is False and by_class.error_type is ErrorType.UNKNOWN:
        return facts_of_quoted(message) or facts_of_prose(message[:_MOST]) or by_class
    if (
        by_class.weak
        and by_class.transient is False
        and by_class.error_type is ErrorType.VALIDATION
    ):
        # A KeyError stays one, whatever its key is called; a ValueError may report an answer.
        stated = facts_of_stated(message) if name in _VALUES else None
        return stated or by_class
    by_code = facts_of_message(name, message)
    if by_class.error_type is ErrorType.RATE_LIMIT and by_code and by_code.reasons == _FORBIDDEN:
        return by_class
    package = name.partition(".")[0]
    if by_code is None and by_class.transient is not False and package in DATABASES:
        by_code = facts_of_database_sentence(message)
    if by_class.error_type is ErrorType.NETWORK and (
        by_code is None or by_code.transient is not False
    ):
        by_code = facts_of_transport_sentence(message) or by_code
        if by_code is None and by_class.transient is None:
            by_code = facts_of_prose(message[:_MOST])
    return by_class if by_code is None else by_code.completed(by_class)


_IN_WORDS: tuple[tuple[LazyRegex, Facts], ...] = (
    (
        LazyRegex(r"constraint failed|violates .{0,40}constraint|duplicate (?:key|entry)\b"),
        stays(ErrorType.VALIDATION),
    ),
    (
        LazyRegex(r"\bdeadlock detected|could not serialize access|database is locked"),
        passes(ErrorType.NETWORK),
    ),
)


def _in_words(message: str) -> Facts | None:
    """Read sentences of databases that survive a bare re-raise."""
    text = message[:_MOST].lower()
    for pattern, facts in _IN_WORDS:
        found = pattern.search(text)
        if found:
            return facts.completed(Facts(reasons=(f"the words {found[0]!r}",)))
    return None
