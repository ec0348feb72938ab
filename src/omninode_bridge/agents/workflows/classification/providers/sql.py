"""Facts of databases: sqlstate, MySQL numbers, SQLite names; also behind SQLAlchemy's ``orig``."""

from __future__ import annotations

from collections.abc import Mapping

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.classification.lazy_regex import LazyRegex
from omninode_bridge.agents.workflows.recovery_models import ErrorType

from ._known import Known
from ._read import attribute, packages_of, text_of, whole_number

__all__ = ["KNOWN", "facts_of_mysql", "facts_of_sqlite_text", "facts_of_sqlstate", "sql_facts"]

_PASSES = passes(ErrorType.NETWORK)
_LATE = passes(ErrorType.TIMEOUT)
_SECRET = stays(ErrorType.SECURITY)
_SYNTAX = stays(ErrorType.SYNTAX)
_DATA = stays(ErrorType.VALIDATION)
_FULL = stays(ErrorType.UNKNOWN)

# The longest prefix decides. Classes by ISO/IEC 9075 and appendix A of the PostgreSQL manual.
_STATES: Mapping[str, Facts] = {
    "08": _PASSES,
    "0A": _DATA,
    "21": _DATA,
    "22": _DATA,
    "23": _DATA,
    "25": _DATA,
    "2D": _DATA,
    "25P03": _LATE,
    "25P04": _LATE,
    "26": _DATA,
    "28": _SECRET,
    "34": _DATA,
    "3D": _DATA,
    "3F": _DATA,
    "40": _PASSES,
    "40002": _DATA,
    "42": _DATA,
    "42000": _SYNTAX,
    "42501": _SECRET,
    "42601": _SYNTAX,
    "44": _DATA,
    "53": _PASSES,
    "53100": _FULL,
    "54": _DATA,
    "55": _DATA,
    "55006": _PASSES,
    "55P03": _PASSES,
    "57": _PASSES,
    "57014": _LATE,
    "57P04": _DATA,
    "58": _PASSES,
    "58P01": _DATA,
    "58P02": _DATA,
    "XX": _FULL,
    "70100": _LATE,
    "72000": _LATE,
    "HYT": _LATE,
    "IM": _DATA,
    "P0": _DATA,
}
# What to call them in a reason: the names of the PostgreSQL manual.
_NAMES: Mapping[str, str] = {
    "08": "connection exception",
    "22": "data exception",
    "23": "integrity constraint violation",
    "23502": "not null violation",
    "23503": "foreign key violation",
    "23505": "unique violation",
    "25P03": "idle in transaction session timeout",
    "28": "invalid authorization",
    "28P01": "invalid password",
    "40": "transaction rollback",
    "40001": "serialization failure",
    "40P01": "deadlock",
    "42": "syntax error or access rule violation",
    "42501": "insufficient privilege",
    "42601": "syntax error",
    "42P01": "undefined table",
    "53": "insufficient resources",
    "53100": "disk full",
    "53200": "out of memory",
    "53300": "too many connections",
    "55P03": "lock not available",
    "57": "operator intervention",
    "57014": "query canceled",
    "57P01": "admin shutdown",
    "57P03": "cannot connect now",
    "58": "system error",
}


def _numbers(rows: tuple[tuple[Facts, str], ...]) -> Mapping[int, Facts]:
    return {int(number): facts for facts, numbers in rows for number in numbers.split()}


# The MySQL server's and client's own numbers.
_MYSQL = _numbers(
    (
        (
            _PASSES,
            "1037 1040 1041 1047 1053 1158 1159 1160 1161 1180 1203 1205 1213 1226 1927 3572 4031 2002 2003 2005 2006 2013 2055",
        ),
        (_LATE, "1317 1969 3024"),
        (_SECRET, "1044 1045 1129 1130 1142 1143 1227 1370 1698 1820 2026 2059 2061 3118"),
        (_SYNTAX, "1064 1149 1065"),
        (
            _DATA,
            "1048 1049 1290 1836 1050 1054 1062 1136 1146 1169 1216 1217 1264 1265 1292 1366 1364 1406 1451 1452 3819",
        ),
        (_FULL, "1021 1114 1206 3675"),
    )
)
_SQLITE: Mapping[str, Facts] = {
    "BUSY": _PASSES,
    "LOCKED": _PASSES,
    "PROTOCOL": _PASSES,
    "IOERR": _PASSES,
    "INTERRUPT": Facts(ErrorType.UNKNOWN),
    "PERM": _SECRET,
    "AUTH": _SECRET,
    "READONLY": _SECRET,
    "CONSTRAINT": _DATA,
    "MISMATCH": _DATA,
    "MISUSE": _DATA,
    "RANGE": _DATA,
    "TOOBIG": _DATA,
    "CANTOPEN": _DATA,
    "CORRUPT": _DATA,
    "NOTADB": _DATA,
    "SCHEMA": _DATA,
    "FULL": _FULL,
}
_MYSQLS = ("mysql", "mariadb", "asyncmy")
_SQLITES = frozenset({"sqlite3", "aiosqlite", "apsw", "pysqlite3", "sqlcipher3"})
_SQLITE_TEXT = (
    (LazyRegex(r"database (table |schema )?is locked|disk i/o error"), _PASSES),
    (LazyRegex(r"syntax error|incomplete input|unrecognized token"), _SYNTAX),
    (LazyRegex(r"readonly database|not authorized|access .* prohibited"), _SECRET),
    (LazyRegex(r"(disk|database) .*is full"), _FULL),
    (
        LazyRegex(
            r"no such|has no column|overflow|depth|too many|too big|already exists|constraint failed|not a database|malformed"
        ),
        _DATA,
    ),
    (LazyRegex(r"unable to open|mismatch|values for|ambiguous|misuse|no tables|incorrect"), _DATA),
)


def facts_of_sqlstate(state: str) -> Facts | None:
    """Tell by five characters of sqlstate."""
    for length in (5, 3, 2):
        facts = _STATES.get(state[:length])
        if facts is not None:
            words = _NAMES.get(state) or _NAMES.get(state[:2])
            return facts.completed(
                Facts(reasons=(f"sqlstate {state}: {words}" if words else f"sqlstate {state}",))
            )
    return None


def facts_of_mysql(number: int) -> Facts | None:
    """Tell by a number of MySQL."""
    facts = _MYSQL.get(number)
    return facts.completed(Facts(reasons=(f"MySQL error {number}",))) if facts else None


def facts_of_sqlite_text(message: str) -> Facts | None:
    """Tell by SQLite's own sentences; it has one code for all faults of a statement."""
    message = message[:512].lower()
    for pattern, facts in _SQLITE_TEXT:
        if pattern.search(message):
            return facts.completed(Facts(reasons=("the sentence of SQLite",)))
    return None


def sql_facts(exception: BaseException) -> Facts | None:
    """Tell by the code that a database driver keeps."""
    for holder in (exception, attribute(exception, "orig"), attribute(exception, "diag")):
        if holder is None:
            continue
        facts = _of_holder(holder)
        if facts is not None:
            return facts
    return None


def _of_holder(holder: object) -> Facts | None:
    name = attribute(holder, "sqlite_errorname")
    if isinstance(name, str):
        facts = _SQLITE.get(name.removeprefix("SQLITE_").partition("_")[0])
        if facts is not None:
            return facts.completed(Facts(reasons=(name,)))
        return facts_of_sqlite_text(text_of(holder, 512))
    module = type(holder).__module__
    if not isinstance(module, str):
        return None
    args = attribute(holder, "args")
    first = args[0] if isinstance(args, tuple) and args else None
    if any(part in module.lower() for part in _MYSQLS):
        number = whole_number(attribute(holder, "errno"))
        facts = facts_of_mysql(number if number is not None else whole_number(first) or 0)
        if facts is not None:
            return facts
    for field in ("sqlstate", "pgcode", "sql_state"):
        state = attribute(holder, field)
        if isinstance(state, str) and len(state) == 5:
            return facts_of_sqlstate(state)
    package = module.partition(".")[0]
    if package == "postgrest":
        code = attribute(holder, "code")
        return facts_of_sqlstate(code) if isinstance(code, str) and len(code) == 5 else None
    if package == "pyodbc" and isinstance(first, str) and len(first) == 5:
        return facts_of_sqlstate(first)
    return facts_of_sqlite_text(text_of(holder, 512)) if package in _SQLITES else None


def _rows() -> list[tuple[str, Facts]]:
    states = [
        (
            f"sqlstate {state}{'...' if len(state) < 5 else ''} {_NAMES.get(state, '')}".strip(),
            facts,
        )
        for state, facts in _STATES.items()
    ]
    numbers: dict[int, list[str]] = {}
    for number, facts in _MYSQL.items():
        numbers.setdefault(id(facts), []).append(str(number))
    mysql = [
        (f"MySQL {', '.join(told)}", next(f for f in _MYSQL.values() if id(f) == key))
        for key, told in numbers.items()
    ]
    return [*states, *mysql, *((f"SQLITE_{name}", facts) for name, facts in _SQLITE.items())]


KNOWN = Known(
    reads="`sqlstate`, `pgcode`, `diag`, MySQL's numbers, `sqlite_errorname` and SQLite's sentences; also of `orig`",
    names=frozenset({"sqlite_errorname", "sqlstate", "pgcode", "sql_state", "orig", "diag"}),
    asks=lambda cls: any(
        name in _SQLITES
        or name in {"pyodbc", "postgrest"}
        or any(part in name.lower() for part in _MYSQLS)
        for name in packages_of(cls)
    ),
    source="ISO/IEC 9075, appendix A of the PostgreSQL manual, the error references of MySQL and SQLite",
    rows=_rows,
)
