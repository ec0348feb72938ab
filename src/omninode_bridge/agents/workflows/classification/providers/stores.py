"""Facts of other stores: the codes of MongoDB, Redis, Neo4j, ClickHouse, Oracle and SQL Server."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.classification.lazy_regex import LazyRegex
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

from ._known import Known
from ._read import attribute, family_of, packages_of, text_of, whole_number

__all__ = ["KNOWN", "facts_of_oracle", "facts_of_redis", "facts_of_store_text", "store_facts"]

_PASSES, _LATE = passes(ErrorType.NETWORK), passes(ErrorType.TIMEOUT)
_SECRET, _DATA, _SOURCE = (
    stays(ErrorType.SECURITY),
    stays(ErrorType.VALIDATION),
    stays(ErrorType.SYNTAX),
)
_FULL, _LIMIT = stays(ErrorType.UNKNOWN), passes(ErrorType.RATE_LIMIT)
_LESS = stays(ErrorType.GENERATION, prefer=RecoveryStrategy.GRACEFUL_DEGRADATION)  # of memory

_Rows = tuple[tuple[Facts, str], ...]


def _numbers(rows: _Rows) -> Mapping[int, Facts]:
    return {int(number): facts for facts, numbers in rows for number in numbers.split()}


_MONGO = _numbers(
    (
        (
            _PASSES,
            (
                "6 7 24 46 63 64 89 91 112 117 133 134 150 189 202 211 234 239 244 246 250 251 262 265 272 317 "
                "358 365 384 406 407 412 9001 10107 11600 11602 13388 13435 13436"
            ),
        ),
        (_LATE, "50 290"),
        (_SECRET, "11 13 18 31 33 334 8000"),
        (
            _DATA,
            "2 9 14 22 26 27 40 43 48 52 57 59 61 66 68 72 85 86 96 115 121 167 225 226 257 263 10334 11000 11001 12582 16755 17280",
        ),
        (_FULL, "14031"),
        (_LESS, "146 292"),
        (_LIMIT, "402 433 449 16500"),
    )
)
_REDIS: Mapping[str, Facts] = {
    "LOADING": _PASSES,
    "BUSY": _PASSES,
    "TRYAGAIN": _PASSES,
    "CLUSTERDOWN": _PASSES,
    "MASTERDOWN": _PASSES,
    "READONLY": _PASSES,
    "NOREPLICAS": _PASSES,
    "NOTREADY": _PASSES,
    "UNBLOCKED": _PASSES,
    "ASK": _PASSES,
    "MOVED": _PASSES,
    "FAILOVER": _PASSES,
    "INPROG": _PASSES,
    "NOAUTH": _SECRET,
    "WRONGPASS": _SECRET,
    "NOPERM": _SECRET,
    "DENIED": _SECRET,
    "WRONGTYPE": _DATA,
    "NOSCRIPT": _DATA,
    "EXECABORT": _DATA,
    "CROSSSLOT": _DATA,
    "BUSYGROUP": _DATA,
    "NOGROUP": _DATA,
    "MISCONF": _FULL,
    "OOM": _FULL,
}
_NEO4J = (
    ("TransientError", _PASSES),
    ("Deadlock", _PASSES),
    ("DatabaseUnavailable", _PASSES),
    ("NotALeader", _PASSES),
    ("AuthenticationRateLimit", _LIMIT),
    ("Security", _SECRET),
    ("SyntaxError", _SOURCE),
    ("ClientError", _DATA),
    ("DatabaseError", _PASSES),
)
_CLICKHOUSE = _numbers(
    (
        (_PASSES, "3 95 96 203 210 216 225 236 242 252 279 285 286 319 373 415 425 439 473 999"),
        (_LATE, "159 160 209"),
        (_LIMIT, "201 202 364"),
        (_LESS, "173 241"),
        (_SECRET, "164 192 193 194 195 291 492 497 516"),
        (_SOURCE, "62"),
        (
            _DATA,
            "6 10 16 20 27 36 38 41 42 43 44 46 47 48 53 57 60 70 80 81 82 98 117 128 130 131 158 215 349 352 386",
        ),
        (_FULL, "243"),
    )
)
_ORACLE = _numbers(
    (
        (
            _PASSES,
            (
                "28 51 54 60 1012 1033 1034 1089 1090 1092 2396 3113 3114 3135 4021 4068 8103 8177 12153 12505 12514 "
                "12516 12518 12519 12520 12521 12526 12527 12528 12537 12541 12543 12545 12547 12560 12571 14758 16456 25408"
            ),
        ),
        (Facts(ErrorType.UNKNOWN), "1013"),
        (_LATE, "12170 12535 12609 3136 4022"),
        (_SECRET, "1017 1031 1045 28000 28001 28002 1005 28040 12638 29024"),
        (_SOURCE, "900 903 905 906 907 911 917 921 923 933 936 6550"),
        (
            _DATA,
            "1 904 942 955 1400 1407 1438 1476 1722 1830 1843 2290 2291 2292 12899 1403 1422 6502 2289",
        ),
        (_FULL, "1652 1653 1654 1688 1691 30036"),
    )
)
_SERVER = _numbers(
    (
        (
            _PASSES,
            (
                "64 233 921 1204 1205 1222 3960 4060 4221 10053 10054 10060 10928 10929 11001 17197 17830 20047 "
                "40143 40166 40197 40501 40540 40613 41301 41302 41305 41325 41839 42108 42109 49918 49919 49920 49983 20003 20009"
            ),
        ),
        (_LATE, "-2 258 121"),
        (_SECRET, "18456 18470 18486 18487 18488 229 230 262 297 300 916 15247"),
        (_SOURCE, "102 105 156 170 319"),
        (_DATA, "207 208 213 245 515 547 2601 2627 2628 2714 8114 8134 8152 8115 911"),
        (_FULL, "1101 1105 9002"),
    )
)
_ORA = LazyRegex(r"\bORA-(\d{5})|\bDPY-(\d{4})")
_THIN = _numbers(
    (
        (_PASSES, "4005 4011 6000 6001 6003 6005 6006 4010 1001"),
        (_LATE, "4024"),
        (_SECRET, "4001 3008 3015 3022"),
        (_DATA, "2001 2003 2004 2005 2006 2007 2008 4000 4008 4009 4018 4026 4027"),
    )
)


def store_facts(exception: BaseException) -> Facts | None:
    """Tell by the code of a store, of the exception itself or of what SQLAlchemy wraps."""
    for holder in (exception, attribute(exception, "orig")):
        if isinstance(holder, BaseException):
            for package in family_of(holder):
                reader = _READERS.get(package)
                facts = reader(holder) if reader else None
                if facts is not None:
                    return facts
    return None


def facts_of_redis(message: str) -> Facts | None:
    """Tell by the word in capitals that an answer of Redis begins with."""
    word = message[:64].partition(" ")[0].strip(":")
    facts = _REDIS.get(word)
    return facts.completed(Facts(reasons=(f"Redis answers {word}",))) if facts else None


def facts_of_oracle(message: str) -> Facts | None:
    """Tell by the first ORA or DPY number of a message."""
    found = _ORA.search(message[:2048])
    if not found:
        return None
    table, number = (_ORACLE, found[1]) if found[1] else (_THIN, found[2])
    facts = table.get(int(number))
    return facts.completed(Facts(reasons=(found[0],))) if facts else None


def _of_mongo(error: BaseException) -> Facts | None:
    number = whole_number(attribute(error, "code"))
    facts = _MONGO.get(number) if number is not None else None
    return facts.completed(Facts(reasons=(f"MongoDB code {number}",))) if facts else None


def _of_redis(error: BaseException) -> Facts | None:
    return facts_of_redis(text_of(error, 64))


def _of_neo4j(error: BaseException) -> Facts | None:
    code = attribute(error, "code")
    return _by_part(code) if isinstance(code, str) else None


def _by_part(code: str) -> Facts | None:
    for part, facts in _NEO4J:
        if part in code:
            return facts.completed(Facts(reasons=(f"code {code[:120]}",)))
    return None


_SERVER_CODE = LazyRegex(r"\b[Cc]ode: (\d{1,4})\b|\(error code (\d{1,4})")


def _of_clickhouse(error: BaseException) -> Facts | None:
    number = whole_number(attribute(error, "code"))
    if number is None:
        found = _SERVER_CODE.search(text_of(error, 1024))
        number = int(found[1] or found[2]) if found else 0
    facts = _CLICKHOUSE.get(number)
    return facts.completed(Facts(reasons=(f"ClickHouse code {number}",))) if facts else None


def _of_oracle(error: BaseException) -> Facts | None:
    return facts_of_oracle(text_of(error, 2048))


def _of_server(error: BaseException) -> Facts | None:
    number = whole_number(attribute(error, "number"))
    args = attribute(error, "args")
    if number is None and isinstance(args, tuple) and args:
        number = whole_number(args[0])
    facts = _SERVER.get(number) if number is not None else None
    return facts.completed(Facts(reasons=(f"SQL Server error {number}",))) if facts else None


_TEXT_MONGO = LazyRegex(r"['\"]?\bcode['\"]?: (\d{1,5})\b")
_TEXT_NEO4J = LazyRegex(r"\bNeo\.\w+\.[\w.]+")
_TEXT_NUMBER = LazyRegex(r"^\(?(-?\d{1,5}), ")


def facts_of_store_text(package: str, message: str) -> Facts | None:
    """Tell by the code in the message of a store's library, as a log has it."""
    if package in {"pymongo", "mongoengine", "motor"}:
        return _found(_MONGO, _TEXT_MONGO.search(message), "MongoDB code")
    if package == "neo4j":
        found = _TEXT_NEO4J.search(message)
        return _by_part(found[0]) if found else None
    if package.startswith("clickhouse"):
        return _found(_CLICKHOUSE, _SERVER_CODE.search(message), "ClickHouse code")
    if package in {"pymssql", "_mssql", "pytds"}:
        return _found(_SERVER, _TEXT_NUMBER.search(message), "SQL Server error")
    return facts_of_redis(message) if _READERS.get(package) is _of_redis else None


def _found(table: Mapping[int, Facts], match: re.Match[str] | None, called: str) -> Facts | None:
    number = int(next(filter(None, match.groups()))) if match else None
    facts = table.get(number) if number is not None else None
    return facts.completed(Facts(reasons=(f"{called} {number}",))) if facts else None


_READERS: Mapping[str, Callable[[BaseException], Facts | None]] = {
    "pymongo": _of_mongo,
    "mongoengine": _of_mongo,
    "redis": _of_redis,
    "valkey": _of_redis,
    "aioredis": _of_redis,
    "rediscluster": _of_redis,
    "coredis": _of_redis,
    "neo4j": _of_neo4j,
    "clickhouse_driver": _of_clickhouse,
    "clickhouse_connect": _of_clickhouse,
    "oracledb": _of_oracle,
    "cx_Oracle": _of_oracle,
    "pymssql": _of_server,
    "_mssql": _of_server,
    "pytds": _of_server,
}


def _rows() -> list[tuple[str, Facts]]:
    rows: list[tuple[str, Facts]] = []
    for name, table in (
        ("MongoDB", _MONGO),
        ("ClickHouse", _CLICKHOUSE),
        ("ORA", _ORACLE),
        ("DPY", _THIN),
        ("SQL Server", _SERVER),
    ):
        by_facts: dict[Facts, list[str]] = {}
        for number, facts in table.items():
            by_facts.setdefault(facts, []).append(str(number))
        rows += [(f"{name} {', '.join(numbers)}", facts) for facts, numbers in by_facts.items()]
    rows += [(f"Redis `{word}`", facts) for word, facts in _REDIS.items()]
    return rows + [(f"Neo4j *{part}*", facts) for part, facts in _NEO4J]


KNOWN = Known(
    reads="`code` of MongoDB, Neo4j and ClickHouse, the first word of Redis, `ORA-` and `DPY-` numbers, "
    "the numbers of SQL Server; also of `orig`",
    names=frozenset({"orig"}),
    asks=lambda cls: not packages_of(cls).isdisjoint(_READERS),
    source="the error lists of these servers and of their drivers",
    rows=_rows,
)
