"""Read the codes that are written in a message: status, errno, sqlstate, names of codes."""

from __future__ import annotations

import re

from omninode_bridge.agents.workflows.recovery_models import ErrorType

from .facts import Facts, stays
from .lazy_regex import LazyRegex
from .providers._class_tables import is_model_service
from .providers.classes import facts_of_name
from .providers.cloud import facts_of_code
from .providers.grpc import facts_of_grpc
from .providers.http import facts_of_status
from .providers.llm import facts_of_llm_text
from .providers.os_errors import facts_of_errno
from .providers.replies import facts_of_reply
from .providers.sql import facts_of_mysql, facts_of_sqlite_text, facts_of_sqlstate

__all__ = ["facts_of_line", "facts_of_message"]

_MOST = 4096
_MOST_NAME = 200
_STATUS = LazyRegex(
    r"\bHTTP(?:/[\d.]+)?(?:[ _-]?(?:error|status(?:[ _]code)?|code))?[\"']?[:= (\"']{1,3}([1-5]\d\d)\b"
    r"|\b(?:error[ _]?code|status(?:[ _]?code)?|response[ _]code)[\"']?[:= (\"']{1,3}([1-5]\d\d)\b"
    r"|^\(?([45]\d\d)\)?(?::? [A-Z]|, message=|\n)"
    r"|^\w+\(([45]\d\d), "
    r"|\b(?:client|server) error[:']{0,2} ?'?([45]\d\d)\b"
    r"|\b(?:returned|responded with|got|received)(?: an?)?(?: error)? ([45]\d\d)\b",
    re.IGNORECASE,
)
_ERRNO = LazyRegex(r"\[Errno (-?\d{1,5})\]|\berrno[:= ]{1,2}(\d{1,3})\b")
_TLS = LazyRegex(
    r"certificate[ _]verify[ _]failed|\bself.signed certificate|certificate has expired",
    re.IGNORECASE,
)
_STATE = LazyRegex(r"\bSQLSTATE[\[=: (']{1,3}([0-9A-Z]{5})\b", re.IGNORECASE)
_MYSQL = LazyRegex(r"^\(?(?:\w+[.(])*(\d{4})(?: \([0-9A-Z]{5}\))?[,:] ")
_GRPC = LazyRegex(r"\bStatusCode\.([A-Z_]+)|\bgrpc.{0,20}?\b([A-Z]{4,}(?:_[A-Z]+)?)\b")
_CLOUD = LazyRegex(r"An error occurred \((\w+)\) when calling")
_REPLY = LazyRegex(r"^\(?b?'?([45]\d\d)[ ,-]|\(([45]\d\d), b?'")
_BROKER = LazyRegex(r"\bKafkaError\{code=(\w+)")
_REPLYING = frozenset({"smtplib", "ftplib", "nntplib", "aiosmtplib"})


def facts_of_message(name: str, message: str) -> Facts | None:
    """Tell by the codes in a message; `name` is the class that said it, empty if unknown."""
    message = message[:_MOST]
    package = name.partition(".")[0]
    found = _CLOUD.search(message) or _BROKER.search(message)
    if found:
        return facts_of_code(found[1])
    status = _status(message)
    if is_model_service(name):
        return facts_of_llm_text(f"{name} {message}", status)
    if package in _REPLYING:
        reply = _REPLY.search(message)
        if reply:
            return facts_of_reply(int(reply[1] or reply[2]))
    if package == "sqlite3":
        return facts_of_sqlite_text(message)
    if _TLS.search(message):
        return stays(ErrorType.SECURITY, reasons=("the certificate",))
    return _of_number(name, message) or (facts_of_status(status) if status else None)


def _status(message: str) -> int | None:
    found = _STATUS.search(message)
    return int(next(filter(None, found.groups()))) if found else None


def _of_number(name: str, message: str) -> Facts | None:
    found = _ERRNO.search(message)
    if found:
        return facts_of_errno(int(found[1] or found[2]))
    found = _STATE.search(message)
    if found:
        return facts_of_sqlstate(found[1].upper())
    if "mysql" in name.lower() or "mariadb" in name.lower() or "sqlalchemy" in name:
        found = _MYSQL.match(message)
        if found:
            return facts_of_mysql(int(found[1]))
    found = _GRPC.search(message)
    return facts_of_grpc(found[1] or found[2]) if found else None


def facts_of_line(name: str, message: str) -> Facts:
    """Tell by the class and the message that a log shows of an error."""
    by_class = (facts_of_name(name) if len(name) <= _MOST_NAME else None) or Facts()
    if by_class.weak and by_class.transient is False:
        return by_class  # a KeyError stays one, whatever its key is called
    by_code = facts_of_message(name, message)
    return by_class if by_code is None else by_code.completed(by_class)
