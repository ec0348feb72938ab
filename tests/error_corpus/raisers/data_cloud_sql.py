"""Errors of SQL libraries beside the PostgreSQL drivers."""

import contextlib
import os
import sqlite3
import tempfile
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import data_myserver as mysql
import data_pgserver as postgres
from data_labels import (
    AUTH,
    BAD_DATA,
    BAD_DOCUMENT,
    BAD_QUERY,
    CLOSED_HANDLE,
    CONFLICT,
    CONSTRAINT,
    CONTENTION,
    CORRUPT,
    FULL,
    LOCK_WAIT,
    MISUSE,
    NO_MODULE,
    NO_SLOT,
    NO_TABLE,
    NOT_FOUND,
    POOL_WAIT,
    READ_ONLY,
    REFUSED,
    RESET,
    RESTARTING,
    SETTINGS,
    TIMED_OUT,
    TOO_BIG,
    UNCLEAR,
)
from lab import add, case, closed_port, web

Label = dict[str, Any]
STALE: Label = {
    "types": "VALIDATION UNKNOWN",
    "strategies": "ESCALATION ALTERNATIVE_PATH RETRY",
    "transient": "unknown",
}


@contextlib.contextmanager
def folder() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as place:
        yield place


# ---- sqlite3
def lite(*steps: str, params: Any = ()) -> Callable[[], None]:
    def call() -> None:
        with contextlib.closing(sqlite3.connect(":memory:")) as connection:
            for step in steps[:-1]:
                connection.execute(step)
            connection.execute(steps[-1], params)

    return call


TABLE = (
    "create table builds (id integer primary key, name text not null unique, n int check (n > 0))"
)
ROW = "insert into builds values (1, 'alpha', 1)"
for number, (raiser, label, why) in enumerate(
    [
        (
            lite(TABLE, ROW, "insert into builds values (2, 'alpha', 1)"),
            CONSTRAINT,
            "the name is taken",
        ),
        (
            lite(TABLE, "insert into builds values (1, null, 1)"),
            CONSTRAINT,
            "a required column is missing",
        ),
        (
            lite(TABLE, "insert into builds values (1, 'timed out', 0)"),
            CONSTRAINT,
            "a check constraint refuses the value",
        ),
        (
            lite(
                "pragma foreign_keys = on",
                TABLE,
                "create table steps (b references builds (id))",
                "insert into steps values (4)",
            ),
            CONSTRAINT,
            "the parent row does not exist",
        ),
        (lite("select * from retries"), NO_TABLE, "the table does not exist"),
        (
            lite(TABLE, "insert into builds (id, nme) values (1, 'x')"),
            NO_TABLE,
            "the column does not exist",
        ),
        (lite("select * from where x = 1"), BAD_QUERY, "the statement does not parse"),
        (lite("select 'unclosed"), BAD_QUERY, "the statement does not parse"),
        (lite("create table t (a"), BAD_QUERY, "the statement ends too early"),
        (lite("select 1; select 2"), MISUSE, "two statements where one is allowed"),
        (lite("select ?, ?", params=(1,)), MISUSE, "fewer values than placeholders"),
        (lite("select ?", params=({"retry": 1},)), MISUSE, "the driver can not store this type"),
        (lite("select ?", params=(2**70,)), BAD_DATA, "the number is out of range"),
        (lite("select load_state('x')"), NO_TABLE, "the function does not exist"),
        (lite(TABLE, "pragma query_only = on", ROW), READ_ONLY, "the database may not be written"),
        (
            lite("pragma max_page_count = 2", "create table a (x)", "create table b (x)"),
            FULL,
            "the database is full",
        ),
        (
            lite("create table b (id integer primary key)", "insert into b values ('soon')"),
            CONSTRAINT,
            "the text is no number",
        ),
        (lite("select abs(-9223372036854775808)"), BAD_DATA, "the number overflows"),
        (lite("select json('{timeout')"), BAD_DATA, "the document does not parse"),
        (lite(TABLE, TABLE), CONFLICT, "the table exists"),
        (lite("select zeroblob(3000000000)"), TOO_BIG, "the value is too large"),
        (
            lite("select " + "(" * 1200 + "1" + ")" * 1200),
            {**TOO_BIG, "types": "VALIDATION SYNTAX"},
            "the expression is too deep",
        ),
        (lite("select :name", params={"nam": 1}), MISUSE, "the named value is missing"),
    ],
    1,
):
    add(f"sqlite3_{number:02d}", "sqlite3", raiser, **label, why=why)


@case(
    "sqlite3_30", "sqlite3", **LOCK_WAIT, why="another connection holds a table of the shared cache"
)
def _() -> None:
    where = "file:shared_builds?mode=memory&cache=shared"
    first, second = sqlite3.connect(where, uri=True), sqlite3.connect(where, uri=True)
    with contextlib.closing(first), contextlib.closing(second):
        first.execute("create table if not exists t (x)")
        first.execute("insert into t values (1)")
        second.execute("select * from t")


@case(
    "sqlite3_31",
    "sqlite3",
    **CONTENTION,
    why="the snapshot of the reader is stale; a new transaction will do",
)
def _() -> None:
    with folder() as place:
        first, second = (
            sqlite3.connect(f"{place}/a.db", isolation_level=None, timeout=0.05) for _ in range(2)
        )
        with contextlib.closing(first), contextlib.closing(second):
            first.execute("pragma journal_mode = wal")
            first.execute("create table t (x)")
            first.execute("begin")
            first.execute("select * from t").fetchall()
            second.execute("insert into t values (1)")
            first.execute("insert into t values (2)")


@case("sqlite3_32", "sqlite3", **CORRUPT, why="the file is no database")
def _() -> None:
    with folder() as place:
        Path(place, "a.db").write_bytes(b"timeout: 3\n" * 300)
        with contextlib.closing(sqlite3.connect(f"{place}/a.db")) as connection:
            connection.execute("select * from t")


@case("sqlite3_33", "sqlite3", **NOT_FOUND, why="the folder of the file does not exist")
def _() -> None:
    sqlite3.connect("/srv/app/state/absent/builds.db")


@case("sqlite3_34", "sqlite3", **CORRUPT, why="the pages of the file are damaged")
def _() -> None:
    with folder() as place:
        path = f"{place}/a.db"
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("create table t (x)")
            connection.executemany("insert into t values (?)", [("y" * 500,)] * 100)
            connection.commit()
        with Path(path).open("r+b") as out:
            out.seek(4096)
            out.write(b"\xff" * 8192)
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("select * from t").fetchall()


@case("sqlite3_35", "sqlite3", **MISUSE, why="the program uses a connection of another thread")
def _() -> None:
    connection = sqlite3.connect(":memory:")
    seen: list[Exception] = []

    def other() -> None:
        try:
            connection.execute("select 1")
        except sqlite3.Error as error:
            seen.append(error)

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    raise seen[0]


@case(
    "sqlite3_36",
    "sqlite3",
    **CLOSED_HANDLE,
    why="the connection is closed; whether a new one would be used is not known",
)
def _() -> None:
    connection = sqlite3.connect(":memory:")
    connection.close()
    connection.execute("select 1")


@case("sqlite3_37", "sqlite3", **UNCLEAR, why="somebody interrupted the statement; why is not said")
def _() -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.set_progress_handler(lambda: 1, 10)
        connection.execute(
            "with recursive t(x) as (select 1 union all select x + 1 from t) select max(x) from t"
        ).fetchall()


@case("sqlite3_38", "sqlite3", **AUTH, why="the authorizer denies it")
def _() -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.set_authorizer(lambda *_: sqlite3.SQLITE_DENY)
        connection.execute("select 1")


@case(
    "sqlite3_39", "sqlite3", **LOCK_WAIT, why="the cause is a locked file", tags=("cause-matters",)
)
def _() -> None:
    with folder() as place:
        first, second = (
            sqlite3.connect(f"{place}/a.db", isolation_level=None, timeout=0.05) for _ in range(2)
        )
        with contextlib.closing(first), contextlib.closing(second):
            first.execute("begin exclusive")
            try:
                second.execute("create table t (x)")
            except sqlite3.OperationalError as error:
                raise RuntimeError("migration 0007 was not applied") from error


@case(
    "sqlite3_40",
    "sqlite3",
    **CONSTRAINT,
    why="one of the writes violates a constraint",
    tags=("group",),
)
def _() -> None:
    found: list[Exception] = []
    for raiser in (lite(TABLE, ROW, ROW), lite(TABLE, "insert into builds values (1, null, 1)")):
        try:
            raiser()
        except sqlite3.Error as error:
            found.append(error)
    raise ExceptionGroup("2 of 14 writes failed", found)


@case("sqlite3_41", "sqlite3", **READ_ONLY, why="the file is opened for reading only")
def _() -> None:
    with folder() as place:
        sqlite3.connect(f"{place}/a.db").close()
        with contextlib.closing(
            sqlite3.connect(f"file:{place}/a.db?mode=ro", uri=True)
        ) as connection:
            connection.execute("create table t (x)")


@case(
    "sqlite3_42",
    "sqlite3",
    **CONSTRAINT,
    why="a bare re-raise still quotes the constraint",
    tags=("from-none",),
)
def _() -> None:
    try:
        lite(TABLE, ROW, ROW)()
    except sqlite3.Error as error:
        raise RuntimeError(str(error)) from None


# ---- aiosqlite
def aio(*steps: str, path: str = ":memory:") -> Callable[[], Any]:
    async def call() -> None:
        import aiosqlite

        async with aiosqlite.connect(path) as connection:
            for step in steps:
                await connection.execute(step)

    return call


add("aiosqlite_01", "aiosqlite", aio(TABLE, ROW, ROW), **CONSTRAINT, why="the key exists")
add(
    "aiosqlite_02",
    "aiosqlite",
    aio("select deadline from builds"),
    **NO_TABLE,
    why="the table does not exist",
)
add(
    "aiosqlite_03",
    "aiosqlite",
    aio("select 1", path="/srv/app/absent/x.db"),
    **NOT_FOUND,
    why="the folder of the file does not exist",
)


@case("aiosqlite_04", "aiosqlite", **LOCK_WAIT, why="another connection holds the file")
async def _() -> None:
    import aiosqlite

    with folder() as place:
        async with aiosqlite.connect(f"{place}/a.db", isolation_level=None) as first:
            await first.execute("begin immediate")
            async with aiosqlite.connect(f"{place}/a.db", timeout=0.05) as second:
                await second.execute("create table t (x)")


# ---- SQLAlchemy
def alchemy(
    url: str, sql: str, *before: str, params: Any = None, **options: Any
) -> Callable[[], None]:
    def call() -> None:
        import sqlalchemy

        where = url if "{" not in url else url.format(port=postgres.port(), closed=closed_port())
        engine = sqlalchemy.create_engine(where, **options)
        try:
            with engine.connect() as connection:
                for step in before:
                    connection.execute(sqlalchemy.text(step))
                connection.execute(sqlalchemy.text(sql), params or {})
        finally:
            engine.dispose()

    return call


PG = "postgresql+psycopg://owner@127.0.0.1:{port}/planner"
PG2 = "postgresql+psycopg2://owner@127.0.0.1:{port}/planner"
MEMORY = "sqlite://"
for number, (raiser, label, why) in enumerate(
    [
        (alchemy(PG, "insert into builds values (1, 'x', 'new', 3)"), CONSTRAINT, "the key exists"),
        (
            alchemy(PG, "select pg_sleep(1)", "set statement_timeout = 40"),
            TIMED_OUT,
            "the statement ran out of its time",
        ),
        (alchemy(PG, "select * from retry_queue"), NO_TABLE, "the table does not exist"),
        (alchemy(PG, "select * fom builds"), BAD_QUERY, "the statement does not parse"),
        (
            alchemy(PG2, "update builds set state = 'timeout' where id = 1"),
            CONSTRAINT,
            "a check constraint refuses the value",
        ),
        (
            alchemy(PG2, "select pg_terminate_backend(pg_backend_pid())"),
            RESTARTING,
            "an administrator ended the session",
        ),
        (
            alchemy("postgresql+psycopg2://clerk@127.0.0.1:{port}/planner", "select 1"),
            NO_SLOT,
            "all connections of the role are taken",
        ),
        (
            alchemy("postgresql+psycopg2://reporting:bad@127.0.0.1:{port}/planner", "select 1"),
            AUTH,
            "the password is wrong",
        ),
        (
            alchemy("postgresql+psycopg://app@127.0.0.1:{closed}/planner", "select 1"),
            REFUSED,
            "nobody listens",
        ),
        (
            alchemy(
                "postgresql+psycopg2://reader@127.0.0.1:{port}/planner", "select * from secrets"
            ),
            AUTH,
            "the role has no privilege",
        ),
        (alchemy(MEMORY, ROW, TABLE, ROW), CONSTRAINT, "the key exists"),
        (
            alchemy(MEMORY, "select timeout from builds", TABLE),
            NO_TABLE,
            "the column does not exist",
        ),
        (alchemy(MEMORY, "select :a", params={"b": 1}), MISUSE, "the named value is missing"),
        (
            alchemy("sqlite:////srv/app/absent/x.db", "select 1"),
            NOT_FOUND,
            "the folder of the file does not exist",
        ),
        (alchemy("oracal://x", "select 1"), NO_MODULE, "there is no such dialect"),
        (alchemy("postgresql//x", "select 1"), SETTINGS, "the address does not parse"),
        (
            alchemy(PG, "insert into builds values (31, :n, 'new', 3)", params={"n": {"a": 1}}),
            MISUSE,
            "the driver can not send this type",
        ),
    ],
    1,
):
    add(f"sqlalchemy_{number:02d}", "sqlalchemy", raiser, **label, why=why)


def alchemy_failing(*words: str) -> Callable[[], None]:
    def call() -> None:
        import sqlalchemy

        with postgres.scripted(*words) as (host, port):
            engine = sqlalchemy.create_engine(
                f"postgresql+psycopg2://app@{host}:{port}/planner?sslmode=disable",
                _initialize=False,
            )
            with engine.connect() as connection:
                connection.exec_driver_sql("update builds set n = n + 1")

    return call


for number, (words, label, why) in enumerate(
    [
        (
            (
                "40P01",
                "deadlock detected",
                "Process 91 waits for ShareLock on transaction 7; blocked by process 92.",
            ),
            CONTENTION,
            "a deadlock",
        ),
        (
            ("40001", "could not serialize access due to concurrent delete"),
            CONTENTION,
            "a serialization failure",
        ),
        (
            ("55P03", "canceling statement due to lock timeout"),
            LOCK_WAIT,
            "another transaction holds the lock",
        ),
        (
            (
                "53100",
                'could not write to file "base/pgsql_tmp/pgsql_tmp88.0": No space left on device',
            ),
            FULL,
            "the disk of the server is full",
        ),
        (
            ("25006", "cannot execute UPDATE in a read-only transaction"),
            READ_ONLY,
            "this server takes no writes",
        ),
        (("53300", 'too many connections for role "app"'), NO_SLOT, "all connections are taken"),
        (
            ("42P01", 'relation "connection_resets" does not exist'),
            NO_TABLE,
            "the relation does not exist",
        ),
        (
            (
                "23503",
                'update or delete on table "builds" violates foreign key constraint "steps_build_id_fkey" on table "steps"',
                'Key (id)=(504) is still referenced from table "steps".',
            ),
            CONSTRAINT,
            "rows still refer to it",
        ),
        (
            ("57014", "canceling statement due to user request"),
            UNCLEAR,
            "somebody cancelled it; why is not said",
        ),
    ],
    20,
):
    add(f"sqlalchemy_{number}", "sqlalchemy", alchemy_failing(*words), **label, why=why)


@case("sqlalchemy_40", "sqlalchemy", **POOL_WAIT, why="every connection of the pool is in use")
def _() -> None:
    import sqlalchemy

    engine = sqlalchemy.create_engine(
        MEMORY, poolclass=sqlalchemy.QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.05
    )
    with engine.connect(), engine.connect():
        pass


def orm() -> Any:
    import sqlalchemy
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

    class Base(DeclarativeBase):
        pass

    class Build(Base):
        __tablename__ = "builds"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        version: Mapped[int] = mapped_column(default=1)
        steps = relationship("Step")
        __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    class Step(Base):
        __tablename__ = "steps"
        id: Mapped[int] = mapped_column(primary_key=True)
        build_id: Mapped[int] = mapped_column(sqlalchemy.ForeignKey("builds.id"))

    Build.__annotations__.clear()
    engine = sqlalchemy.create_engine(MEMORY, poolclass=sqlalchemy.StaticPool)
    Base.metadata.create_all(engine)
    return engine, Build


@case(
    "sqlalchemy_41",
    "sqlalchemy",
    **STALE,
    why="somebody else changed the row; whether the call reads it anew is not known",
)
def _() -> None:
    import sqlalchemy
    from sqlalchemy.orm import Session

    engine, Build = orm()
    with Session(engine) as session:
        session.add(Build(id=1, name="a"))
        session.commit()
        build = session.get(Build, 1)
        session.execute(sqlalchemy.text("update builds set version = 9"))
        build.name = "b"
        session.flush()


@case("sqlalchemy_42", "sqlalchemy", **NOT_FOUND, why="there is no such row")
def _() -> None:
    import sqlalchemy
    from sqlalchemy.orm import Session

    engine, Build = orm()
    with Session(engine) as session:
        session.execute(sqlalchemy.select(Build).where(Build.id == 408)).scalar_one()


@case("sqlalchemy_43", "sqlalchemy", **BAD_DATA, why="several rows where one is wanted")
def _() -> None:
    import sqlalchemy
    from sqlalchemy.orm import Session

    engine, Build = orm()
    with Session(engine) as session:
        session.add_all([Build(id=1, name="a"), Build(id=2, name="a")])
        session.flush()
        session.execute(sqlalchemy.select(Build)).scalar_one()


@case("sqlalchemy_44", "sqlalchemy", **MISUSE, why="the object outlived its session")
def _() -> None:
    from sqlalchemy.orm import Session

    engine, Build = orm()
    with Session(engine) as session:
        session.add(Build(id=1, name="a"))
        session.commit()
        build = session.get(Build, 1)
    _ = build.steps


@case(
    "sqlalchemy_45",
    "sqlalchemy",
    **MISUSE,
    why="the session was not rolled back after an earlier failure",
)
def _() -> None:
    from sqlalchemy.exc import IntegrityError
    from sqlalchemy.orm import Session

    engine, Build = orm()
    with Session(engine) as session:
        session.add_all([Build(id=1, name="a")])
        session.commit()
        session.expunge_all()
        session.add(Build(id=1, name="b"))
        with contextlib.suppress(IntegrityError):
            session.flush()
        session.get(Build, 2)


@case("sqlalchemy_46", "sqlalchemy", **MISUSE, why="an async engine needs an async driver")
def _() -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    create_async_engine(MEMORY)


@case("sqlalchemy_47", "sqlalchemy", **CONSTRAINT, why="the key exists")
async def _() -> None:
    import sqlalchemy
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(f"postgresql+asyncpg://owner@127.0.0.1:{postgres.port()}/planner")
    try:
        async with engine.begin() as connection:
            await connection.execute(
                sqlalchemy.text("insert into builds values (2, 'x', 'new', 3)")
            )
    finally:
        await engine.dispose()


@case("sqlalchemy_48", "sqlalchemy", **TIMED_OUT, why="the statement ran out of its time")
async def _() -> None:
    import sqlalchemy
    from sqlalchemy.ext.asyncio import create_async_engine

    url = f"postgresql+asyncpg://owner@127.0.0.1:{postgres.port()}/planner"
    engine = create_async_engine(url, connect_args={"server_settings": {"statement_timeout": "40"}})
    try:
        async with engine.begin() as connection:
            await connection.execute(sqlalchemy.text("select pg_sleep(1)"))
    finally:
        await engine.dispose()


@case("sqlalchemy_49", "sqlalchemy", **REFUSED, why="nobody listens")
async def _() -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    await (
        create_async_engine(f"postgresql+asyncpg://app@127.0.0.1:{closed_port()}/planner")
        .connect()
        .__aenter__()
    )


@case("sqlalchemy_50", "sqlalchemy", **LOCK_WAIT, why="another connection holds the file")
def _() -> None:
    import sqlalchemy

    with (
        folder() as place,
        contextlib.closing(sqlite3.connect(f"{place}/a.db", isolation_level=None)) as holder,
    ):
        holder.execute("begin exclusive")
        engine = sqlalchemy.create_engine(f"sqlite:///{place}/a.db", connect_args={"timeout": 0.05})
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text("create table t (x)"))


@case(
    "sqlalchemy_51",
    "sqlalchemy",
    **CONTENTION,
    why="the cause of the service's own error is a deadlock",
    tags=("cause-matters",),
)
def _() -> None:
    from sqlalchemy.exc import DBAPIError

    class StoreError(Exception):
        pass

    try:
        alchemy_failing("40P01", "deadlock detected")()
    except DBAPIError as error:
        raise StoreError("could not save build 12") from error


@case("sqlalchemy_52", "sqlalchemy", **MISUSE, why="the driver was called outside of its greenlet")
def _() -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    create_async_engine("sqlite+aiosqlite://").sync_engine.connect()


@case("sqlalchemy_53", "sqlalchemy", **MISUSE, why="the model is declared wrongly")
def _() -> None:
    from sqlalchemy.orm import declarative_base

    type("Build", (declarative_base(),), {"__tablename__": "builds"})


@case("sqlalchemy_54", "sqlalchemy", **BAD_DATA, why="the value has the wrong type for the column")
def _() -> None:
    import sqlalchemy

    engine = sqlalchemy.create_engine(MEMORY)
    table = sqlalchemy.Table(
        "t", sqlalchemy.MetaData(), sqlalchemy.Column("at", sqlalchemy.DateTime)
    )
    with engine.connect() as connection:
        connection.execute(table.insert(), {"at": "2026-01-01"})


# ---- MySQL drivers
def pymysql_call(*words: Any, **more: Any) -> Callable[[], None]:
    def call() -> None:
        import pymysql

        with mysql.scripted(*words, **more) as (host, port):
            connection = pymysql.connect(
                host=host, port=port, user="app", password="x", database="planner", read_timeout=2
            )
            connection.cursor().execute("update builds set n = n + 1")

    return call


def connector_call(*words: Any, **more: Any) -> Callable[[], None]:
    def call() -> None:
        import mysql.connector

        with mysql_scripted(*words, **more) as (host, port):
            connection = mysql.connector.connect(
                host=host,
                port=port,
                user="app",
                password="x",
                use_pure=True,
                connection_timeout=2,
                ssl_disabled=True,
            )
            connection.cursor().execute("update builds set n = n + 1")

    return call


def aiomysql_call(*words: Any, **more: Any) -> Callable[[], Any]:
    async def call() -> None:
        import aiomysql

        with mysql.scripted(*words, **more) as (host, port):
            connection = await aiomysql.connect(
                host=host, port=port, user="app", password="x", connect_timeout=2
            )
            try:
                cursor = await connection.cursor()
                await cursor.execute("update builds set n = n + 1")
            finally:
                connection.close()

    return call


def asyncmy_call(*words: Any, **more: Any) -> Callable[[], Any]:
    async def call() -> None:
        import asyncmy

        with mysql.scripted(*words, **more) as (host, port):
            connection = await asyncmy.connect(
                host=host, port=port, user="app", password="x", connect_timeout=2
            )
            async with connection.cursor() as cursor:
                await cursor.execute("update builds set n = n + 1")

    return call


def mysql_alchemy(*words: Any, **more: Any) -> Callable[[], None]:
    def call() -> None:
        import sqlalchemy

        with mysql.scripted(*words, **more) as (host, port):
            engine = sqlalchemy.create_engine(
                f"mysql+pymysql://app:x@{host}:{port}/planner", _initialize=False
            )
            with engine.connect() as connection:
                connection.exec_driver_sql("update builds set n = n + 1")

    return call


mysql_scripted = mysql.scripted
WAIT = (1205, "HY000", "Lock wait timeout exceeded; try restarting transaction")
DEAD = (1213, "40001", "Deadlock found when trying to get lock; try restarting transaction")
SITUATIONS: dict[str, tuple[tuple[Any, ...], dict[str, Any], Label, str]] = {
    "wait": (WAIT, {}, LOCK_WAIT, "another transaction holds the lock"),
    "dead": (DEAD, {}, CONTENTION, "a deadlock"),
    "twice": (
        (1062, "23000", "Duplicate entry 'deadlock' for key 'builds.name'"),
        {},
        CONSTRAINT,
        "the name is taken",
    ),
    "child": (
        (
            1452,
            "23000",
            "Cannot add or update a child row: a foreign key constraint fails (`planner`.`steps`, CONSTRAINT `steps_ibfk_1` FOREIGN KEY (`build_id`) REFERENCES `builds` (`id`))",
        ),
        {},
        CONSTRAINT,
        "the parent row does not exist",
    ),
    "table": (
        (1146, "42S02", "Table 'planner.timeouts' doesn't exist"),
        {},
        NO_TABLE,
        "the table does not exist",
    ),
    "column": (
        (1054, "42S22", "Unknown column 'retry_count' in 'field list'"),
        {},
        NO_TABLE,
        "the column does not exist",
    ),
    "null": (
        (1048, "23000", "Column 'name' cannot be null"),
        {},
        CONSTRAINT,
        "a required column is missing",
    ),
    "long": (
        (1406, "22001", "Data too long for column 'name' at row 1"),
        {},
        BAD_DATA,
        "the value is too long",
    ),
    "read": (
        (
            1290,
            "HY000",
            "The MySQL server is running with the --read-only option so it cannot execute this statement",
        ),
        {},
        READ_ONLY,
        "this server takes no writes",
    ),
    "stop": ((1053, "08S01", "Server shutdown in progress"), {}, RESTARTING, "the server restarts"),
    "disk": (
        (1114, "HY000", "The table 'builds' is full"),
        {},
        FULL,
        "the table or its disk is full",
    ),
    "time": (
        (
            3024,
            "HY000",
            "Query execution was interrupted, maximum statement execution time exceeded",
        ),
        {},
        TIMED_OUT,
        "the statement ran out of its time",
    ),
    "denied": (
        (1045, "28000", "Access denied for user 'app'@'10.1.0.9' (using password: YES)"),
        {"at": "login"},
        AUTH,
        "the password is wrong",
    ),
    "base": (
        (1049, "42000", "Unknown database 'planner'"),
        {"at": "login"},
        NOT_FOUND,
        "the database does not exist",
    ),
    "many": (
        (1040, "08004", "Too many connections"),
        {"at": "greeting"},
        NO_SLOT,
        "all connections are taken",
    ),
    "user_many": (
        (
            1226,
            "42000",
            "User 'app' has exceeded the 'max_user_connections' resource (current value: 10)",
        ),
        {"at": "login"},
        NO_SLOT,
        "all connections of the user are taken",
    ),
    "hour": (
        (
            1226,
            "42000",
            "User 'app' has exceeded the 'max_questions' resource (current value: 1000)",
        ),
        {},
        {
            **NO_SLOT,
            "types": "RATE_LIMIT NETWORK",
            "transient": "unknown",
            "strategies": "RETRY ESCALATION ALTERNATIVE_PATH",
        },
        "the hourly allowance is used up; whether minutes suffice is not known",
    ),
    "blocked": (
        (
            1129,
            "HY000",
            "Host '10.1.0.9' is blocked because of many connection errors; unblock with 'mysqladmin flush-hosts'",
        ),
        {"at": "greeting"},
        AUTH,
        "the host is locked out until an administrator acts",
    ),
    "table_denied": (
        (1142, "42000", "UPDATE command denied to user 'app'@'10.1.0.9' for table 'builds'"),
        {},
        AUTH,
        "the user has no privilege",
    ),
    "lost": (
        (0, "", ""),
        {"at": "lost"},
        RESET,
        "the server closed the connection during the query",
    ),
    "big": (
        (1153, "08S01", "Got a packet bigger than 'max_allowed_packet' bytes"),
        {},
        TOO_BIG,
        "the statement is too large",
    ),
    "cluster": (
        (1047, "08S01", "WSREP has not yet prepared node for application use"),
        {},
        RESTARTING,
        "the node joins its cluster",
    ),
    "parse": (
        (
            1064,
            "42000",
            "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near 'sett n = 1' at line 1",
        ),
        {},
        BAD_QUERY,
        "the statement does not parse",
    ),
    "killed": (
        (1317, "70100", "Query execution was interrupted"),
        {},
        UNCLEAR,
        "somebody cancelled it; why is not said",
    ),
    "nowait": (
        (
            3572,
            "HY000",
            "Statement aborted because lock(s) could not be acquired immediately and NOWAIT is set.",
        ),
        {},
        LOCK_WAIT,
        "the lock is held and the caller would not wait",
    ),
}
DRIVERS: list[tuple[str, Callable[..., Any], str]] = [
    (
        "pymysql",
        pymysql_call,
        "wait child table null read stop disk user_many lost cluster nowait hour",
    ),
    (
        "mysql-connector-python",
        connector_call,
        "dead twice column denied base many lost time parse table_denied",
    ),
    ("aiomysql", aiomysql_call, "dead twice denied many lost long read"),
    ("asyncmy", asyncmy_call, "wait child denied lost stop"),
    ("sqlalchemy", mysql_alchemy, "wait dead child table many lost killed read"),
]
for library, maker, names in DRIVERS:
    for number, key in enumerate(names.split(), 1):
        arguments, options, label, why = SITUATIONS[key]
        short = library.split("-")[0] + ("_mysql" if library == "sqlalchemy" else "")
        add(f"{short}_{number:02d}", library, maker(*arguments, **options), **label, why=why)


@case("pymysql_20", "pymysql", **REFUSED, why="nobody listens")
def _() -> None:
    import pymysql

    pymysql.connect(host="127.0.0.1", port=closed_port(), user="app")


@case("pymysql_21", "pymysql", **TIMED_OUT, why="the server admits the connection and says nothing")
def _() -> None:
    import pymysql
    from lab import wire

    with wire("hang") as (host, port):
        pymysql.connect(host=host, port=port, user="app", connect_timeout=1, read_timeout=1)


@case(
    "mysql_20", "mysql-connector-python", **POOL_WAIT, why="every connection of the pool is in use"
)
def _() -> None:
    from mysql.connector.pooling import MySQLConnectionPool

    with mysql.scripted(*WAIT) as (host, port):
        pool = MySQLConnectionPool(
            pool_size=1,
            pool_name="p",
            host=host,
            port=port,
            user="app",
            password="x",
            use_pure=True,
            ssl_disabled=True,
        )
        pool.get_connection()
        pool.get_connection()


@case("mysql_21", "mysql-connector-python", **REFUSED, why="nobody listens")
def _() -> None:
    import mysql.connector

    mysql.connector.connect(host="127.0.0.1", port=closed_port(), user="app", use_pure=True)


# ---- DuckDB
def duck(sql: str, *before: str) -> Callable[[], None]:
    def call() -> None:
        import duckdb

        with duckdb.connect(":memory:") as connection:
            for step in before:
                connection.execute(step)
            connection.execute(sql)

    return call


DUCK_TABLE = "create table builds (id int primary key, n int check (n > 0))"
for number, (raiser, label, why) in enumerate(
    [
        (duck("select * from timeouts"), NO_TABLE, "the table does not exist"),
        (duck("selct 1"), BAD_QUERY, "the statement does not parse"),
        (
            duck("insert into builds values (1, 1), (1, 1)", DUCK_TABLE),
            CONSTRAINT,
            "the key exists",
        ),
        (
            duck("insert into builds values (1, -1)", DUCK_TABLE),
            CONSTRAINT,
            "a check constraint refuses the value",
        ),
        (duck("select 'soon'::int"), BAD_DATA, "the text is no number"),
        (duck("select deadline from builds", DUCK_TABLE), NO_TABLE, "the column does not exist"),
        (
            duck("select * from read_csv('/srv/app/absent.csv')"),
            NOT_FOUND,
            "the file does not exist",
        ),
        (duck("select 200::tinyint"), BAD_DATA, "the number is out of range"),
        (duck("select no_such(1)"), NO_TABLE, "the function does not exist"),
        (
            duck(
                "select string_agg(repeat('y', 900) || x, '') from range(40000) t(x)",
                "set temp_directory = ''",
                "set memory_limit = '10MB'",
                "set threads = 1",
            ),
            TOO_BIG
            | {
                "types": "UNKNOWN VALIDATION",
                "strategies": "GRACEFUL_DEGRADATION ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
            },
            "the memory limit is too small for the query",
        ),
        (duck("load absent_extension"), NOT_FOUND, "the extension is not installed"),
        (duck("commit"), MISUSE, "no transaction is open"),
    ],
    1,
):
    add(f"duckdb_{number:02d}", "duckdb", raiser, **label, why=why)


@case("duckdb_20", "duckdb", **CONTENTION, why="two transactions changed the same row")
def _() -> None:
    import duckdb

    with duckdb.connect(":memory:") as first, first.cursor() as second:
        first.execute("create table t (x int)")
        first.execute("insert into t values (1)")
        first.execute("begin")
        second.execute("begin")
        first.execute("update t set x = 2")
        second.execute("update t set x = 3")


@case("duckdb_21", "duckdb", **LOCK_WAIT, why="another process holds the file")
def _() -> None:
    import subprocess
    import sys

    import duckdb

    with folder() as place:
        program = f"import duckdb, sys; c = duckdb.connect({place + '/a.db'!r}); print('up', flush=True); sys.stdin.read()"
        with subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as other:
            assert other.stdin is not None
            assert other.stdout is not None
            other.stdout.readline()
            try:
                duckdb.connect(f"{place}/a.db")
            finally:
                other.stdin.close()


# ---- object mappers
def django_ready() -> Any:
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(
            DATABASES={
                "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
                "main": {
                    "ENGINE": "django.db.backends.postgresql",
                    "HOST": "127.0.0.1",
                    "PORT": postgres.port(),
                    "NAME": "planner",
                    "USER": "owner",
                },
                "gone": {
                    "ENGINE": "django.db.backends.postgresql",
                    "HOST": "127.0.0.1",
                    "PORT": closed_port(),
                    "NAME": "planner",
                    "USER": "owner",
                },
                "broken": {"ENGINE": "django.db.backends.nosuch", "NAME": "x"},
            },
            INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
            USE_TZ=True,
        )
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
    from django.contrib.auth.models import Group

    return Group


def raw(alias: str, *steps: str) -> Callable[[], None]:
    def call() -> None:
        django_ready()
        from django.db import connections

        with connections[alias].cursor() as cursor:
            for step in steps:
                cursor.execute(step)

    return call


for number, (raiser, label, why) in enumerate(
    [
        (lambda: django_ready().objects.get(name="rate limit"), NOT_FOUND, "there is no such row"),
        (
            lambda: django_ready().objects.create(
                id=django_ready().objects.get_or_create(name="a")[0].id, name="b"
            ),
            CONSTRAINT,
            "the key exists",
        ),
        (
            lambda: django_ready().objects.filter(retry_after=3),
            NO_TABLE,
            "the field does not exist",
        ),
        (lambda: django_ready()(name="x" * 151).full_clean(), BAD_DATA, "the value is too long"),
        (raw("main", "insert into builds values (1, 'x', 'new', 3)"), CONSTRAINT, "the key exists"),
        (
            raw("main", "set statement_timeout = 40", "select pg_sleep(1)"),
            TIMED_OUT,
            "the statement ran out of its time",
        ),
        (raw("gone", "select 1"), REFUSED, "nobody listens"),
        (raw("broken", "select 1"), SETTINGS, "there is no such backend"),
        (raw("other", "select 1"), SETTINGS, "there is no such connection"),
        (
            lambda: django_ready().objects.filter(id="soon").first(),
            BAD_DATA,
            "the text is no number",
        ),
        (raw("main", "select * from timeouts"), NO_TABLE, "the table does not exist"),
    ],
    1,
):
    add(f"django_db_{number:02d}", "django", raiser, **label, why=why)


@case("django_db_20", "django", **BAD_DATA, why="several rows where one is wanted")
def _() -> None:
    group = django_ready()
    for name in ("m1", "m2"):
        group.objects.get_or_create(name=name)
    group.objects.get(name__startswith="m")


@case("django_db_21", "django", **MISUSE, why="the transaction failed before; only its end helps")
def _() -> None:
    group = django_ready()
    from django.db import Error, transaction

    with transaction.atomic():
        with contextlib.suppress(Error):
            group.objects.create(id=group.objects.get_or_create(name="a")[0].id, name="b")
        group.objects.count()


@case("django_db_22", "django", **MISUSE, why="a synchronous call from a running loop")
async def _() -> None:
    from django.core.exceptions import SynchronousOnlyOperation

    assert SynchronousOnlyOperation
    django_ready().objects.count()


def pee(*steps: Callable[[Any], Any]) -> Callable[[], None]:
    def call() -> None:
        import peewee

        database = peewee.SqliteDatabase(":memory:")

        class Build(peewee.Model):
            name = peewee.CharField(unique=True)
            n = peewee.IntegerField()

            class Meta:
                pass

        Build._meta.set_database(database)
        database.create_tables([Build])
        for step in steps:
            step(Build)

    return call


add(
    "peewee_01",
    "peewee",
    pee(lambda m: m.create(name="a", n=1), lambda m: m.create(name="a", n=1)),
    **CONSTRAINT,
    why="the name is taken",
)
add(
    "peewee_02",
    "peewee",
    pee(lambda m: m.get(m.name == "timeout")),
    **NOT_FOUND,
    why="there is no such row",
)
add(
    "peewee_03",
    "peewee",
    pee(lambda m: m.create(name="a")),
    **CONSTRAINT,
    why="a required column is missing",
)
add(
    "peewee_04",
    "peewee",
    pee(lambda m: m.raw("select * from retries").execute()),
    **NO_TABLE,
    why="the table does not exist",
)
add(
    "peewee_05",
    "peewee",
    pee(lambda m: m.raw("selec 1").execute()),
    **BAD_QUERY,
    why="the statement does not parse",
)


@case("peewee_06", "peewee", **LOCK_WAIT, why="another connection holds the file")
def _() -> None:
    import peewee

    with (
        folder() as place,
        contextlib.closing(sqlite3.connect(f"{place}/a.db", isolation_level=None)) as holder,
    ):
        holder.execute("begin exclusive")
        peewee.SqliteDatabase(f"{place}/a.db", timeout=0).execute_sql("create table t (x)")


@case("peewee_07", "peewee", **REFUSED, why="nobody listens")
def _() -> None:
    import peewee

    peewee.PostgresqlDatabase("planner", host="127.0.0.1", port=closed_port(), user="app").connect()


@case("peewee_08", "peewee", **POOL_WAIT, why="every connection of the pool is in use")
def _() -> None:
    from playhouse.pool import PooledSqliteDatabase

    pool = PooledSqliteDatabase(":memory:", max_connections=1, timeout=0.05)
    pool.connect()
    thread_error: list[Exception] = []

    def other() -> None:
        try:
            pool.connect()
        except Exception as error:
            thread_error.append(error)

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    raise thread_error[0]


MODELS = types.ModuleType("models")


@case("tortoise_01", "tortoise-orm", **NO_TABLE, why="the table does not exist")
async def _() -> None:
    from tortoise import Tortoise

    await Tortoise.init(db_url="sqlite://:memory:", modules={"models": [MODELS]})
    try:
        await Tortoise.get_connection("default").execute_query("select * from timeouts")
    finally:
        await Tortoise.close_connections()


@case("tortoise_02", "tortoise-orm", **CONSTRAINT, why="the key exists")
async def _() -> None:
    from tortoise import Tortoise

    await Tortoise.init(db_url="sqlite://:memory:", modules={"models": [MODELS]})
    try:
        connection = Tortoise.get_connection("default")
        for step in (TABLE, ROW, ROW):
            await connection.execute_query(step)
    finally:
        await Tortoise.close_connections()


@case("tortoise_03", "tortoise-orm", **REFUSED, why="nobody listens")
async def _() -> None:
    from tortoise import Tortoise

    await Tortoise.init(
        db_url=f"asyncpg://app:x@127.0.0.1:{closed_port()}/planner", modules={"models": [MODELS]}
    )
    try:
        await Tortoise.get_connection("default").execute_query("select 1")
    finally:
        await Tortoise.close_connections()


@case("tortoise_04", "tortoise-orm", **SETTINGS, why="the address names no backend")
async def _() -> None:
    from tortoise import Tortoise

    await Tortoise.init(db_url="oracel://x", modules={"models": [MODELS]})


@case("pony_01", "pony", **CONSTRAINT, why="the key exists")
def _() -> None:
    from pony import orm as pony

    database = pony.Database("sqlite", ":memory:")
    type("Build", (database.Entity,), {"name": pony.PrimaryKey(str)})
    database.generate_mapping(create_tables=True)
    with pony.db_session:
        database.Build(name="timeout")
        pony.flush()
        database.execute("insert into build values ('timeout')")


@case("pony_02", "pony", **NOT_FOUND, why="there is no such row")
def _() -> None:
    from pony import orm as pony

    database = pony.Database("sqlite", ":memory:")
    type("Build", (database.Entity,), {"name": pony.PrimaryKey(str)})
    database.generate_mapping(create_tables=True)
    with pony.db_session:
        _ = database.Build["429"]


@case("alembic_01", "alembic", **NOT_FOUND, why="there is no such revision")
def _() -> None:
    from alembic import command
    from alembic.config import Config

    with folder() as place:
        config = Config()
        config.set_main_option("script_location", place)
        Path(place, "versions").mkdir()
        Path(place, "env.py").write_text("")
        command.show(config, "ae10timeout")


@case("alembic_02", "alembic", **SETTINGS, why="the folder of the scripts does not exist")
def _() -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "/srv/app/migrations")
    command.current(config)


@case("pymssql_01", "pymssql", **REFUSED, why="nobody listens")
def _() -> None:
    import pymssql

    pymssql.connect(
        server="127.0.0.1", port=str(closed_port()), user="app", password="x", login_timeout=1
    )


def mssql(number: int, text: str) -> Callable[[], None]:
    def call() -> None:
        import pymssql

        raise pymssql.OperationalError(
            number,
            text.encode()
            + b"DB-Lib error message 20018, severity 16:\nGeneral SQL Server error: Check messages from the SQL Server\n",
        )

    return call


add(
    "pymssql_02",
    "pymssql",
    mssql(
        1205,
        "Transaction (Process ID 57) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.",
    ),
    **CONTENTION,
    why="a deadlock",
)
add(
    "pymssql_03",
    "pymssql",
    mssql(208, "Invalid object name 'dbo.timeouts'."),
    **NO_TABLE,
    why="the table does not exist",
)
add(
    "pymssql_04",
    "pymssql",
    mssql(18456, "Login failed for user 'app'."),
    **AUTH,
    why="the password is wrong",
)
add(
    "pymssql_05",
    "pymssql",
    mssql(
        40613,
        "Database 'planner' on server 'sql-eu' is not currently available.  Please retry the connection later.",
    ),
    **RESTARTING,
    why="the cloud moves the database",
)


@case("oracledb_01", "oracledb", **REFUSED, why="nobody listens")
def _() -> None:
    import oracledb

    oracledb.connect(
        user="app", password="x", dsn=f"127.0.0.1:{closed_port()}/planner", tcp_connect_timeout=1
    )


def oracle(code: int, text: str, kind: str) -> Callable[[], None]:
    def call() -> None:
        import oracledb
        from oracledb import errors

        detail = errors._Error(f"ORA-{code:05d}: {text}", code=code)
        raise getattr(oracledb, kind)(detail)

    return call


for number, (code, text, kind, label, why) in enumerate(
    [
        (
            1,
            "unique constraint (APP.BUILDS_PK) violated",
            "IntegrityError",
            CONSTRAINT,
            "the key exists",
        ),
        (
            60,
            "deadlock detected while waiting for resource",
            "DatabaseError",
            CONTENTION,
            "a deadlock",
        ),
        (
            54,
            "resource busy and acquire with NOWAIT specified or timeout expired",
            "DatabaseError",
            LOCK_WAIT,
            "the lock is held",
        ),
        (
            942,
            "table or view does not exist",
            "DatabaseError",
            NO_TABLE,
            "the table does not exist",
        ),
        (
            1017,
            "invalid username/password; logon denied",
            "DatabaseError",
            AUTH,
            "the password is wrong",
        ),
        (
            12514,
            "Cannot connect to database. Service planner is not registered with the listener at host db port 1521",
            "OperationalError",
            {**REFUSED, "transient": "unknown", "strategies": "RETRY ESCALATION ALTERNATIVE_PATH"},
            "the service is unknown or not up yet",
        ),
        (
            3113,
            "end-of-file on communication channel",
            "OperationalError",
            RESET,
            "the server closed the connection",
        ),
        (
            1653,
            "unable to extend table APP.BUILDS by 1024 in tablespace USERS",
            "DatabaseError",
            FULL,
            "the tablespace is full",
        ),
        (
            8177,
            "can't serialize access for this transaction",
            "DatabaseError",
            CONTENTION,
            "a serialization failure",
        ),
        (
            1013,
            "user requested cancel of current operation",
            "OperationalError",
            UNCLEAR,
            "somebody cancelled it; why is not said",
        ),
    ],
    2,
):
    add(f"oracledb_{number:02d}", "oracledb", oracle(code, text, kind), **label, why=why)


# ---- stores behind HTTP
def click(
    status: int,
    body: str,
    headers: dict[str, str] | None = None,
    sql: str = "select * from builds",
    **more: Any,
) -> Callable[[], None]:
    def call() -> None:
        import clickhouse_connect

        first = {"status": 200, "body": "22.8.1\tUTC\n", "headers": {}}
        last = {"status": status, "body": body, "headers": headers or {}, **more}
        with web(steps=[first, last]) as base:
            host, port = base.removeprefix("http://").split(":")
            client = clickhouse_connect.get_client(
                host=host,
                port=int(port),
                connect_timeout=1,
                send_receive_timeout=1,
                query_retries=0,
                autogenerate_session_id=False,
            )
            client.query(sql)

    return call


for number, (raiser, label, why) in enumerate(
    [
        (
            click(
                404,
                "Code: 60. DB::Exception: Unknown table expression identifier 'builds' in scope SELECT * FROM builds. (UNKNOWN_TABLE) (version 24.3.1)",
                {"X-ClickHouse-Exception-Code": "60"},
            ),
            NO_TABLE,
            "the table does not exist",
        ),
        (
            click(
                403,
                "Code: 516. DB::Exception: app: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)",
                {"X-ClickHouse-Exception-Code": "516"},
            ),
            AUTH,
            "the password is wrong",
        ),
        (
            click(
                500,
                "Code: 202. DB::Exception: Too many simultaneous queries. Maximum: 100. (TOO_MANY_SIMULTANEOUS_QUERIES)",
                {"X-ClickHouse-Exception-Code": "202"},
            ),
            {**NO_SLOT, "types": "RATE_LIMIT NETWORK"},
            "the server is busy with other queries",
        ),
        (
            click(
                500,
                "Code: 241. DB::Exception: Memory limit (for query) exceeded: would use 9.32 GiB (attempt to allocate chunk of 4360992 bytes), maximum: 9.31 GiB. (MEMORY_LIMIT_EXCEEDED)",
                {"X-ClickHouse-Exception-Code": "241"},
            ),
            {
                "types": "UNKNOWN VALIDATION NETWORK",
                "strategies": "GRACEFUL_DEGRADATION ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
                "transient": "no",
            },
            "the query needs more memory than it may have",
        ),
        (
            click(
                400,
                "Code: 62. DB::Exception: Syntax error: failed at position 1 ('selec'): selec 1. Expected one of: SELECT query. (SYNTAX_ERROR)",
                {"X-ClickHouse-Exception-Code": "62"},
            ),
            BAD_QUERY,
            "the statement does not parse",
        ),
        (
            click(
                500,
                "Code: 159. DB::Exception: Timeout exceeded: elapsed 5.0 seconds, maximum: 5. (TIMEOUT_EXCEEDED)",
                {"X-ClickHouse-Exception-Code": "159"},
            ),
            TIMED_OUT,
            "the query ran out of its time",
        ),
        (
            click(
                503,
                "Code: 242. DB::Exception: Table is in readonly mode since table metadata was not found in zookeeper. (TABLE_IS_READ_ONLY)",
                {"X-ClickHouse-Exception-Code": "242"},
            ),
            {
                **READ_ONLY,
                "transient": "unknown",
                "strategies": "ESCALATION RETRY ALTERNATIVE_PATH",
            },
            "the replica lost its keeper; whether it comes back is not known",
        ),
        (click(200, "", mode="hang"), TIMED_OUT, "the server says nothing"),
        (click(200, "", mode="cut"), RESET, "the server hangs up"),
    ],
    1,
):
    add(f"clickhouse_{number:02d}", "clickhouse-connect", raiser, **label, why=why)


def trino_call(
    error: dict[str, Any] | None, status: int = 200, body: str = "", **more: Any
) -> Callable[[], None]:
    def call() -> None:
        import trino

        answer: Any = (
            body
            if error is None
            else {"id": "20260101_q", "stats": {"state": "FAILED"}, "error": error}
        )
        with web(status, answer, **more) as base:
            host, port = base.removeprefix("http://").split(":")
            connection = trino.dbapi.connect(
                host=host, port=int(port), user="app", max_attempts=1, request_timeout=1
            )
            connection.cursor().execute("select 1")

    return call


for number, (raiser, label, why) in enumerate(
    [
        (
            trino_call(
                {
                    "errorCode": 46,
                    "errorName": "TABLE_NOT_FOUND",
                    "errorType": "USER_ERROR",
                    "message": "line 1:15: Table 'hive.app.timeouts' does not exist",
                }
            ),
            NO_TABLE,
            "the table does not exist",
        ),
        (
            trino_call(
                {
                    "errorCode": 131075,
                    "errorName": "EXCEEDED_TIME_LIMIT",
                    "errorType": "INSUFFICIENT_RESOURCES",
                    "message": "Query exceeded maximum time limit of 5.00m",
                }
            ),
            TIMED_OUT,
            "the query ran out of its time",
        ),
        (
            trino_call(
                {
                    "errorCode": 65540,
                    "errorName": "PAGE_TRANSPORT_TIMEOUT",
                    "errorType": "INTERNAL_ERROR",
                    "message": "Encountered too many errors talking to a worker node. The node may have crashed or be under too much load.",
                }
            ),
            {**TIMED_OUT, "types": "NETWORK TIMEOUT"},
            "a worker did not answer",
        ),
        (
            trino_call(None, 503, "Service Unavailable"),
            RESTARTING,
            "the coordinator is not available",
        ),
        (trino_call(None, 401, "Unauthorized"), AUTH, "the credentials are wrong"),
        (
            trino_call(
                {
                    "errorCode": 4,
                    "errorName": "PERMISSION_DENIED",
                    "errorType": "USER_ERROR",
                    "message": "Access Denied: Cannot select from table app.builds",
                }
            ),
            AUTH,
            "the user has no privilege",
        ),
    ],
    1,
):
    add(f"trino_{number:02d}", "trino", raiser, **label, why=why)


def snow(code: int, state: str, text: str, kind: str) -> Callable[[], None]:
    def call() -> None:
        from snowflake.connector import errors

        raise getattr(errors, kind)(msg=text, errno=code, sqlstate=state, sfqid="01b2-0000")

    return call


for number, (code, state, text, kind, label, why) in enumerate(
    [
        (
            1003,
            "42000",
            "SQL compilation error:\nsyntax error line 1 at position 0 unexpected 'selec'.",
            "ProgrammingError",
            BAD_QUERY,
            "the statement does not parse",
        ),
        (
            2003,
            "02000",
            "SQL compilation error:\nObject 'TIMEOUTS' does not exist or not authorized.",
            "ProgrammingError",
            NO_TABLE,
            "the table does not exist",
        ),
        (
            250001,
            "08001",
            "Failed to connect to DB: app.example:443. Incorrect username or password was specified.",
            "DatabaseError",
            AUTH,
            "the password is wrong",
        ),
        (
            630,
            "57014",
            "Statement reached its statement or warehouse timeout of 30 second(s) and was canceled.",
            "ProgrammingError",
            TIMED_OUT,
            "the statement ran out of its time",
        ),
        (
            390114,
            "08001",
            "Authentication token has expired.  The user must authenticate again.",
            "ProgrammingError",
            AUTH,
            "the token is too old",
        ),
        (
            625,
            "57014",
            "Statement 'x' has locked table 'BUILDS' in transaction 17 and this lock has not yet been released.",
            "ProgrammingError",
            LOCK_WAIT,
            "another transaction holds the lock",
        ),
        (
            90073,
            "22000",
            "Warehouse 'LOAD_WH' cannot be resumed because resource monitor 'MONTH' has exceeded its quota.",
            "ProgrammingError",
            {
                "types": "RATE_LIMIT UNKNOWN VALIDATION",
                "strategies": "ESCALATION ALTERNATIVE_PATH GRACEFUL_DEGRADATION",
                "transient": "no",
            },
            "the credits are used up",
        ),
    ],
    1,
):
    add(
        f"snowflake_{number:02d}",
        "snowflake-connector-python",
        snow(code, state, text, kind),
        **label,
        why=why,
    )


@case("snowflake_20", "snowflake-connector-python", **SETTINGS, why="the account is not named")
def _() -> None:
    import snowflake.connector

    snowflake.connector.connect(user="app", password="x")


@case("sqlmodel_01", "sqlmodel", **CONSTRAINT, why="a required column is missing")
def _() -> None:
    from sqlmodel import Field, Session, SQLModel, create_engine

    name = f"builds_{os.urandom(3).hex()}"
    space = {
        "__annotations__": {"id": int | None, "name": str},
        "id": Field(default=None, primary_key=True),
        "__tablename__": name,
    }
    Build = type(SQLModel)("Build", (SQLModel,), space, table=True)
    engine = create_engine(MEMORY)
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Build())
        session.commit()


@case("tinydb_01", "tinydb", **BAD_DOCUMENT, why="the file of the store does not parse")
def _() -> None:
    from tinydb import TinyDB

    with folder() as place:
        Path(place, "db.json").write_text('{"_default": {"1": {"timeout": ')
        TinyDB(f"{place}/db.json").insert({"x": 1})
