"""Facts of sentences: what drivers and transports say in words where they keep no code."""

from __future__ import annotations

import re

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.classification.lazy_regex import LazyRegex
from omninode_bridge.agents.workflows.recovery_models import ErrorType

from ._known import Known
from ._programs import facts_of_prose
from ._read import family_of, packages_of, text_of
from .classes import class_facts, facts_of_class
from .http import facts_of_status
from .os_errors import facts_of_tls

__all__ = [
    "DATABASES",
    "KNOWN",
    "facts_of_database_sentence",
    "facts_of_stated",
    "facts_of_transport_sentence",
    "sentence_facts",
]

_MOST = 2048
DATABASES = frozenset(
    [
        "psycopg",
        "psycopg2",
        "psycopg_pool",
        "asyncpg",
        "pg8000",
        "aiopg",
        "pymysql",
        "aiomysql",
        "asyncmy",
        "MySQLdb",
        "mysql",
        "mariadb",
        "oracledb",
        "cx_Oracle",
        "pymssql",
        "pyodbc",
        "pytds",
        "aioodbc",
        "duckdb",
        "snowflake",
        "databricks",
        "trino",
        "prestodb",
        "pyathena",
        "redshift_connector",
        "vertica_python",
        "clickhouse_driver",
        "clickhouse_connect",
        "ibm_db",
        "ibm_db_dbi",
        "firebird",
        "teradatasql",
        "hdbcli",
        "peewee",
        "tortoise",
        "sqlalchemy",
        "django",
        "databases",
        "ormar",
        "pony",
        "sqlite3",
        "aiosqlite",
    ]
)
_DATABASE: tuple[tuple[str, LazyRegex, Facts], ...] = (
    (
        "the login",
        LazyRegex(
            r"authentication failed|incorrect username|invalid access token|pg_hba\.conf|\brole \S+ does not exist|\buser \S+ does not exist|permission denied"
            r"|access denied|login failed|not authorized|invalid username|logon denied|must be owner|no password supplied"
        ),
        stays(ErrorType.SECURITY),
    ),
    (
        "a wrong use",
        LazyRegex(
            r"read[- ]only|pool is closing|cursor (?:is )?(?:already )?closed|no files found|cannot open file|another operation is in progress|has not been defined|not configured"
        ),
        stays(ErrorType.VALIDATION),
    ),
    (
        "the disk",
        LazyRegex(r"disk full|no space left|could not extend file|invalid page|is corrupt"),
        stays(ErrorType.UNKNOWN),
    ),
    (
        "a deadline",
        LazyRegex(
            r"statement timeout|lock timeout|timeout expired|timed out|query timeout|execution time"
            r"|maximum statement"
        ),
        passes(ErrorType.TIMEOUT),
    ),
    (
        "the connection, a lock or the server's state",
        LazyRegex(
            r"starting up|shutting down|shutdown in progress|recovery mode|recovery state|not yet accepting"
            r"|due to administrator command|crash of another|closed the connection|connection (?:refused|reset|closed"
            r"|lost|aborted)|lost connection|gone away|could not (?:connect|receive|send|translate)|unable to connect"
            r"|connection slots|too many (?:clients|connections)|no more connections|max(?:imum)? (?:client|number of) conn"
            r"|deadlock|could not serialize|can't serialize|restart(?:ing)? transaction|could not obtain lock"
            r"|lock\(s\) could not|database (?:table )?is locked|connection (?:is|was|has been|already) closed"
            r"|ssl syscall|broken pipe|not currently available|no route to host|network is unreachable"
            r"|name or service not known|temporary failure in name|could not fork|out of shared memory|server is not ready"
            r"|try again|not yet prepared|server conn crashed|server closed|no available connection|connection not available|not connected|connection pool|pool (?:is )?(?:exhausted|overflow|limit)|could not set lock|conflict on update|request rate is large|queuepool"
        ),
        passes(ErrorType.NETWORK),
    ),
    (
        "the statement",
        LazyRegex(
            r"syntax error|error in your sql syntax|incomplete input|mismatched input|parser error"
        ),
        stays(ErrorType.SYNTAX),
    ),
    (
        "the data",
        LazyRegex(
            r"duplicate (?:key|entry)|constraint failed|violates .{0,60}constraint|does ?n[o']t exist|no such |unknown"
            r" (?:column|database|table)|already exists|out of range|invalid input|division by zero|divide by zero"
            r"|null value|constraint|overflow|too complex|stack depth|be null|too long|not found|cannot be resolved"
            r"|ambiguous|type mismatch|cannot cast|conversion failed"
        ),
        stays(ErrorType.VALIDATION),
    ),
)
_TRANSPORT: tuple[tuple[str, LazyRegex, Facts], ...] = (
    (
        "the certificate",
        LazyRegex(
            r"certificate[ _]verify[ _]failed|self.signed certificate|certificate has expired|hostname mismatch"
            r"|doesn't match either of|unable to get local issuer"
        ),
        stays(ErrorType.SECURITY),
    ),
    (
        "the address",
        LazyRegex(
            r"unknown url type|no host given|unsupported protocol|no host supplied|no schema supplied|invalid url"
            r"|no connection adapters|unsupported (?:url )?scheme|nonnumeric port|port out of range|label (?:empty or )?too long"
        ),
        stays(ErrorType.VALIDATION),
    ),
    (
        "a key or the host's key",
        LazyRegex(
            r"not found in known_hosts|host key|not a valid \S+ private key|private key file|no acceptable|bad passphrase"
            r"|authentication (?:failed|required)|unknown authority|permission denied|access denied|login (?:failed|incorrect)|administratively prohibited|authenticationfailed|invalid credentials"
        ),
        stays(ErrorType.SECURITY),
    ),
    (
        "what is not there",
        LazyRegex(
            r"was not found or was not executable|no such file|has not been defined|is not configured|not supported"
        ),
        stays(ErrorType.VALIDATION),
    ),
    (
        "a redirect that has no end",
        LazyRegex(r"redirect loop|too many redirects|infinite loop"),
        stays(ErrorType.NETWORK),
    ),
)
_STATED = LazyRegex(
    r"\b(?:request|call|api|server|http|response|query)\b.{0,40}\bstatus(?: code)?[ :=]{1,3}([45]\d\d)\b",
    re.IGNORECASE,
)
_TLS = LazyRegex(r"\[SSL: ([A-Z0-9_]+)\]")
_CLOSE = LazyRegex(r"\b(?:received|sent) (1\d{3}|300[038]) \(|\bclose[ _]code[ =:]{1,2}(1\d{3})\b")
# RFC 6455 and the registry of close codes; others pass or are the application's own.
_BY_CLOSE = {
    1002: stays(ErrorType.NETWORK),
    1003: stays(ErrorType.VALIDATION),
    1007: stays(ErrorType.VALIDATION),
    1008: stays(ErrorType.SECURITY),
    1009: stays(ErrorType.VALIDATION),
    1010: stays(ErrorType.VALIDATION),
    1015: stays(ErrorType.SECURITY),
    3000: stays(ErrorType.SECURITY),
    3003: stays(ErrorType.SECURITY),
    3008: passes(ErrorType.TIMEOUT),
}


def sentence_facts(exception: BaseException) -> Facts | None:
    """Tell by the sentence of a database's driver, or of a transport, whose class leaves it open."""
    family = family_of(exception)
    if not family:
        return _of_built_in(exception)
    by_class = class_facts(exception)
    if family & DATABASES:
        if by_class is not None and by_class.transient is False and not by_class.weak:
            return None
        return facts_of_database_sentence(text_of(exception, _MOST))
    if by_class is None or by_class.error_type is not ErrorType.NETWORK:
        return None
    text = text_of(exception, _MOST)
    facts = facts_of_transport_sentence(text)
    return facts_of_prose(text) if facts is None and by_class.transient is None else facts


def _of_built_in(exception: BaseException) -> Facts | None:
    if type(exception) is ValueError:
        return facts_of_stated(text_of(exception, _MOST))
    if type(exception) is BufferError and "queue full" in text_of(exception, 256).lower():
        return passes(ErrorType.NETWORK, reasons=("a queue is full",))  # of Kafka's C client
    return None


def facts_of_database_sentence(text: str) -> Facts | None:
    """Tell by what a driver says."""
    return _first(_DATABASE, text[:_MOST].lower(), "the driver speaks of")


def facts_of_transport_sentence(text: str) -> Facts | None:
    """Tell by what a client of the network says: TLS reasons, close codes, wrong addresses."""
    found = _TLS.search(text)
    if found:
        return facts_of_tls(found[1])
    if "1" in text or "3" in text:
        close = _CLOSE.search(text)
        facts = _BY_CLOSE.get(int(close[1] or close[2])) if close else None
        if close and facts is not None:
            return facts.completed(Facts(reasons=(f"close code {close[1] or close[2]}",)))
    return _first(_TRANSPORT, text[:_MOST].lower(), "the message speaks of")


def facts_of_stated(text: str) -> Facts | None:
    """Tell by the status of an answer that a bare ValueError reports."""
    if "status" not in text:
        return None
    found = _STATED.search(text[:_MOST])
    return facts_of_status(int(found[1])) if found else None


def _first(rows: tuple[tuple[str, LazyRegex, Facts], ...], text: str, how: str) -> Facts | None:
    for what, pattern, facts in rows:
        if pattern.search(text):
            return facts.completed(Facts(reasons=(f"{how} {what}",)))
    return None


def _is_asked(cls: type[BaseException]) -> bool:
    by_class = facts_of_class(cls)  # type: ignore[arg-type]  # mypy doubts that classes hash
    if not packages_of(cls).isdisjoint(DATABASES):
        return True
    return cls in {ValueError, BufferError} or (
        by_class is not None and by_class.error_type is ErrorType.NETWORK
    )


def _rows() -> list[tuple[str, Facts]]:
    told = [(f"a driver speaks of {what}", facts) for what, _, facts in _DATABASE]
    told += [(f"a transport speaks of {what}", facts) for what, _, facts in _TRANSPORT]
    return told + [(f"close code {code}", facts) for code, facts in _BY_CLOSE.items()]


KNOWN = Known(
    reads="the message of drivers of databases and of transports, where class and codes leave it open",
    asks=_is_asked,
    source="the messages of PostgreSQL, MySQL, SQLite and OpenSSL; RFC 6455",
    rows=_rows,
)
