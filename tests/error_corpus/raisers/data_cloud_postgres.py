"""Errors of PostgreSQL drivers, most of them from a real server."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any

import data_pgserver as server
from data_labels import (
    AUTH,
    BAD_DATA,
    BAD_QUERY,
    CLOSED_HANDLE,
    CONFLICT,
    CONSTRAINT,
    CONTENTION,
    CORRUPT,
    FULL,
    LOCK_WAIT,
    MISUSE,
    NO_SLOT,
    NO_TABLE,
    NOT_FOUND,
    OPAQUE,
    POOL_WAIT,
    READ_ONLY,
    REFUSED,
    RESET,
    RESTARTING,
    TIMED_OUT,
    TOO_BIG,
    UNCLEAR,
    UNSUPPORTED,
)
from lab import add, black_hole, case, closed_port, wire

server.port()

Label = dict[str, Any]


def fatal(code: str, message: str) -> bytes:
    """Give the bytes of a fatal error as the server sends it instead of a welcome."""
    return server.failure(code, message, severity="FATAL")


# ---- psycopg 3
def psy(sql: str, *before: str, params: Any = None, **words: Any) -> Callable[[], None]:
    def call() -> None:
        import psycopg

        with psycopg.connect(server.dsn(**words)) as connection:
            for step in before:
                connection.execute(step)
            connection.execute(sql, params)

    return call


def psy_async(sql: str, *before: str) -> Callable[[], Any]:
    async def call() -> None:
        import psycopg

        connection = await psycopg.AsyncConnection.connect(server.dsn())
        async with connection:
            for step in before:
                await connection.execute(step)
            await connection.execute(sql)

    return call


def fail(*words: str, severity: str = "ERROR") -> Callable[[], None]:
    def call() -> None:
        import psycopg

        with server.scripted(*words, severity=severity) as (host, port):
            where = f"host={host} port={port} user=app dbname=planner sslmode=disable"
            with psycopg.connect(where) as connection:
                connection.execute("select * from builds")

    return call


DISK = (
    "53100",
    'could not extend file "base/16384/24601": No space left on device',
    "",
    "Check free disk space.",
)
for number, (raiser, label, why) in enumerate(
    [
        (
            psy("insert into builds values (1, 'gamma', 'new', 3)"),
            CONSTRAINT,
            "the key exists and will exist on the next call",
        ),
        (psy("insert into builds (id) values (9)"), CONSTRAINT, "a required column is missing"),
        (psy("insert into steps values (1, 77)"), CONSTRAINT, "the parent row does not exist"),
        (
            psy("insert into builds values (9, 'x', 'retry', 3)"),
            CONSTRAINT,
            "a check constraint refuses the value",
        ),
        (
            psy("select * from timeouts"),
            NO_TABLE,
            "the relation does not exist, whatever its name says",
        ),
        (psy("select deadline from builds"), NO_TABLE, "the column does not exist"),
        (psy("selec 1"), BAD_QUERY, "the statement does not parse"),
        (psy("select 1/0"), BAD_DATA, "the data divides by zero"),
        (psy("select 'soon'::int"), BAD_DATA, "the text is no number"),
        (
            psy("insert into builds values (9, 'much too long for it', 'new', 3)"),
            BAD_DATA,
            "the value is too long",
        ),
        (psy("select 99999999999::int"), BAD_DATA, "the number is out of range"),
        (
            psy("select pg_sleep(1)", "set statement_timeout = 40"),
            TIMED_OUT,
            "the statement ran out of its time",
        ),
        (psy("select * from secrets", user="reader"), AUTH, "the role has no privilege"),
        (psy("select 1", user="reporting", password="wrong"), AUTH, "the password is wrong"),
        (psy("select 1", user="outsider"), AUTH, "the host file rejects this role"),
        (psy("select 1", user="nobody"), AUTH, "the role does not exist"),
        (psy("select 1", database="planer"), NOT_FOUND, "the database does not exist"),
        (psy("select 1", user="clerk"), NO_SLOT, "all connections of the role are taken"),
        (
            psy("insert into builds values (9, 'x', 'new', 3)", "set transaction read only"),
            READ_ONLY,
            "the transaction may not write",
        ),
        (
            psy("select pg_terminate_backend(pg_backend_pid())"),
            RESTARTING,
            "an administrator ended the session",
        ),
        (fail(*DISK), FULL, "the disk of the server is full"),
        (
            fail(
                "53200",
                "out of memory",
                'Failed on request of size 8192 in memory context "ExecutorState".',
            ),
            UNCLEAR,
            "the server had no memory for this statement",
        ),
        (
            fail(
                "57P02",
                "terminating connection because of crash of another server process",
                severity="FATAL",
            ),
            RESTARTING,
            "the server restarts after a crash",
        ),
        (
            fail(
                "40001",
                "could not serialize access due to read/write dependencies among transactions",
                "Reason code: Canceled on identification as a pivot, during write.",
                "The transaction might succeed if retried.",
            ),
            CONTENTION,
            "a serialization failure",
        ),
        (
            fail(
                "P0001", "retry limit for build 7 is 3, please try again later with another build"
            ),
            CONSTRAINT,
            "a business rule written in the database refuses it",
        ),
        (
            fail("XX001", "invalid page in block 17 of relation base/16384/16397"),
            CORRUPT,
            "the data on disk is damaged",
        ),
        (
            fail(
                "25P03",
                "terminating connection due to idle-in-transaction timeout",
                severity="FATAL",
            ),
            TIMED_OUT,
            "the session sat idle in a transaction for too long",
        ),
        (
            fail(
                "54001",
                "stack depth limit exceeded",
                "",
                'Increase the configuration parameter "max_stack_depth".',
            ),
            {**TOO_BIG, "types": "VALIDATION SYNTAX"},
            "the statement is too complex for the server",
        ),
        (psy("select %s, %s", params=(1,)), MISUSE, "fewer values than placeholders"),
        (psy("select %s", params=(object(),)), MISUSE, "the driver can not send this type"),
        (psy("select (select id from builds)"), BAD_DATA, "a subquery gives more than one row"),
        (psy("create table builds (id int)"), CONFLICT, "the table exists"),
        (
            psy("insert into steps values (5, 1, '[1,4)'), (6, 1, '[2,3)')"),
            CONSTRAINT,
            "an exclusion constraint refuses the overlap",
        ),
    ],
    1,
):
    add(f"psycopg_{number:02d}", "psycopg", raiser, **label, why=why)


@case(
    "psycopg_40",
    "psycopg",
    **CONTENTION,
    why="a real deadlock of two transactions; the victim may simply run again",
)
def _() -> None:
    import psycopg

    first, second = psycopg.connect(server.dsn()), psycopg.connect(server.dsn())
    with first, second:
        second.execute("set deadlock_timeout = 5000")
        first.execute("update builds set n = 5 where id = 1")
        second.execute("update builds set n = 5 where id = 2")

        def other() -> None:
            with contextlib.suppress(psycopg.Error):
                second.execute("update builds set n = 6 where id = 1")

        thread = threading.Thread(target=other)
        thread.start()
        try:
            first.execute("update builds set n = 6 where id = 2")
        finally:
            first.rollback()
            thread.join()
            second.rollback()


@case("psycopg_41", "psycopg", **CONTENTION, why="a real serialization failure of two transactions")
def _() -> None:
    import psycopg

    first, second = psycopg.connect(server.dsn()), psycopg.connect(server.dsn())
    with first, second:
        first.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        first.execute("select * from builds")
        second.execute("update builds set n = n + 1 where id = 1")
        second.commit()
        first.execute("update builds set n = n + 1 where id = 1")


def held(*before: str, sql: str) -> Callable[[], None]:
    def call() -> None:
        import psycopg

        with psycopg.connect(server.dsn()) as holder, psycopg.connect(server.dsn()) as connection:
            holder.execute("lock table builds in access exclusive mode")
            for step in before:
                connection.execute(step)
            connection.execute(sql)

    return call


add(
    "psycopg_42",
    "psycopg",
    held("set lock_timeout = 40", sql="select * from builds"),
    **LOCK_WAIT,
    why="another transaction holds the lock",
)
add(
    "psycopg_43",
    "psycopg",
    held(sql="lock table builds nowait"),
    **LOCK_WAIT,
    why="the lock is held and the caller would not wait",
)
add(
    "psycopg_44",
    "psycopg",
    psy_async("select pg_sleep(1)", "set statement_timeout = 40"),
    **TIMED_OUT,
    why="the statement ran out of its time",
)
add(
    "psycopg_45",
    "psycopg",
    psy_async("insert into builds values (2, 'timeout', 'new', 3)"),
    **CONSTRAINT,
    why="the key exists",
    tags=("misleading",),
)
add(
    "psycopg_46",
    "psycopg",
    fail("57P01", "terminating connection due to administrator command", severity="FATAL"),
    **RESTARTING,
    why="the server is going down and comes back",
)


@case("psycopg_47", "psycopg", **REFUSED, why="nobody listens")
def _() -> None:
    import psycopg

    psycopg.connect(f"host=127.0.0.1 port={closed_port()} user=app dbname=planner")


@case("psycopg_48", "psycopg", **TIMED_OUT, why="the server accepts and never answers")
def _() -> None:
    import psycopg

    with black_hole() as (host, port):
        psycopg.connect(f"host={host} port={port} user=app dbname=planner connect_timeout=2")


def greeted(*script: bytes) -> Callable[[], None]:
    def call() -> None:
        import psycopg

        with wire(None, *script) as (host, port):
            psycopg.connect(
                f"host={host} port={port} user=app dbname=planner sslmode=disable connect_timeout=2"
            )

    return call


for number, (script, label, why) in enumerate(
    [
        (fatal("57P03", "the database system is starting up"), RESTARTING, "the server starts up"),
        (
            fatal("57P03", "the database system is in recovery mode"),
            RESTARTING,
            "the server recovers",
        ),
        (fatal("53300", "sorry, too many clients already"), NO_SLOT, "all connections are taken"),
        (
            fatal(
                "53300",
                "remaining connection slots are reserved for roles with the SUPERUSER attribute",
            ),
            NO_SLOT,
            "all connections are taken",
        ),
        (
            fatal(
                "28000",
                'no pg_hba.conf entry for host "10.2.0.7", user "app", database "planner", no encryption',
            ),
            AUTH,
            "the host is not admitted",
        ),
        (
            fatal("08P01", "no more connections allowed (max_client_conn)"),
            NO_SLOT,
            "the pooler has no slot",
        ),
        (
            fatal("08P01", "query_wait_timeout"),
            POOL_WAIT,
            "the pooler gave no server connection in time",
        ),
        (
            fatal("28P01", 'password authentication failed for user "app"'),
            AUTH,
            "the password is wrong",
        ),
        (fatal("53400", "Max client connections reached"), NO_SLOT, "the pooler has no slot"),
        (b"", RESET, "the server hangs up during the greeting"),
        (
            fatal("3D000", "no such database: planner"),
            NOT_FOUND,
            "the pooler knows no such database",
        ),
        (
            fatal("0A000", "unsupported frontend protocol 3.2: server supports 3.0 to 3.0"),
            UNSUPPORTED,
            "the server is too old for this client",
        ),
    ],
    50,
):
    add(f"psycopg_{number}", "psycopg", greeted(script), **label, why=why)


@case("psycopg_70", "psycopg", **RESET, why="the session was ended behind the client's back")
def _() -> None:
    import psycopg

    with (
        psycopg.connect(server.dsn(), autocommit=True) as boss,
        psycopg.connect(server.dsn()) as connection,
    ):
        boss.execute("select pg_terminate_backend(%s)", (connection.info.backend_pid,))
        connection.execute("select 1")


@case("psycopg_71", "psycopg", **MISUSE, why="the transaction failed before; only a rollback helps")
def _() -> None:
    import psycopg

    with psycopg.connect(server.dsn()) as connection:
        with contextlib.suppress(psycopg.Error):
            connection.execute("select * from nothing")
        connection.execute("select 1")


@case("psycopg_72", "psycopg", **CLOSED_HANDLE, why="the program uses a connection that it closed")
def _() -> None:
    import psycopg

    connection = psycopg.connect(server.dsn())
    connection.close()
    connection.execute("select 1")


@case("psycopg_73", "psycopg-pool", **POOL_WAIT, why="every connection of the pool is in use")
def _() -> None:
    from psycopg_pool import ConnectionPool

    with (
        ConnectionPool(server.dsn(), min_size=1, max_size=1, timeout=0.1) as pool,
        pool.connection(),
        pool.connection(),
    ):
        pass


@case("psycopg_74", "psycopg-pool", **POOL_WAIT, why="the queue of the pool is full")
async def _() -> None:
    from psycopg_pool import AsyncConnectionPool

    async with AsyncConnectionPool(
        server.dsn(), min_size=1, max_size=1, max_waiting=1, timeout=0.3, open=False
    ) as pool:

        async def use() -> None:
            async with pool.connection():
                await asyncio.sleep(0.2)

        async with asyncio.TaskGroup() as group:
            for _number in range(4):
                group.create_task(use())


# ---- psycopg2
def two(sql: str, *before: str, **words: Any) -> Callable[[], None]:
    def call() -> None:
        import psycopg2

        with (
            contextlib.closing(psycopg2.connect(server.dsn(**words))) as connection,
            connection.cursor() as cursor,
        ):
            for step in before:
                cursor.execute(step)
            cursor.execute(sql)

    return call


def two_fail(*words: str) -> Callable[[], None]:
    def call() -> None:
        import psycopg2

        with server.scripted(*words) as (host, port):
            connection = psycopg2.connect(
                host=host, port=port, user="app", dbname="planner", sslmode="disable"
            )
            with contextlib.closing(connection), connection.cursor() as cursor:
                cursor.execute("update builds set n = n + 1")

    return call


for number, (raiser, label, why) in enumerate(
    [
        (
            two("insert into builds values (2, 'rate limit', 'new', 3)"),
            CONSTRAINT,
            "the key exists",
        ),
        (
            two("select pg_sleep(1)", "set statement_timeout = '40ms'"),
            TIMED_OUT,
            "the statement ran out of its time",
        ),
        (two("update builds set retries = 1"), NO_TABLE, "the column does not exist"),
        (two("select * from builds where"), BAD_QUERY, "the statement does not parse"),
        (two("select no_such(1)"), NO_TABLE, "the function does not exist"),
        (two("select 1", user="reporting", password="old"), AUTH, "the password is wrong"),
        (two("select 1", user="clerk"), NO_SLOT, "all connections of the role are taken"),
        (
            two_fail(
                "40P01",
                "deadlock detected",
                "Process 4711 waits for ShareLock on transaction 890; blocked by process 4712.",
                "See server log for query details.",
            ),
            CONTENTION,
            "a deadlock",
        ),
        (
            two_fail("40001", "could not serialize access due to concurrent update"),
            CONTENTION,
            "a serialization failure",
        ),
        (
            two_fail(
                "40001",
                "canceling statement due to conflict with recovery",
                "User query might have needed to see row versions that must be removed.",
            ),
            CONTENTION,
            "the replica had to catch up",
        ),
        (
            two_fail(
                "55006",
                'database "planner" is being accessed by other users',
                "There is 1 other session using the database.",
            ),
            CONTENTION,
            "the object is in use at this moment",
        ),
        (
            two(
                "update builds set n = 3",
                "set session characteristics as transaction read only",
                "commit",
            ),
            READ_ONLY,
            "the session may not write",
        ),
        (two("delete from secrets", user="reader"), AUTH, "the role has no privilege"),
        (
            two("select pg_terminate_backend(pg_backend_pid())"),
            RESTARTING,
            "an administrator ended the session",
        ),
        (two_fail(*DISK), FULL, "the disk of the server is full"),
        (two("select '{\"timeout\": }'::json"), BAD_DATA, "the document does not parse"),
        (
            two("select 'ERROR: deadlock detected'::date"),
            BAD_DATA,
            "the text is no date, whatever it quotes",
        ),
        (
            two_fail("42501", "must be owner of table builds"),
            AUTH,
            "the role does not own the table",
        ),
        (
            two_fail("0A000", "cached plan must not change result type"),
            UNCLEAR,
            "the table changed under a prepared statement",
        ),
        (
            two_fail("57014", "canceling statement due to user request"),
            UNCLEAR,
            "somebody cancelled it; why is not said",
        ),
        (
            two_fail("XX000", "cache lookup failed for relation 16412"),
            UNCLEAR,
            "an internal error of the server",
        ),
        (
            two_fail("72000", "snapshot too old"),
            CONTENTION,
            "the snapshot aged away; a new one will do",
        ),
    ],
    1,
):
    add(f"psycopg2_{number:02d}", "psycopg2", raiser, **label, why=why)


@case("psycopg2_30", "psycopg2", **REFUSED, why="nobody listens")
def _() -> None:
    import psycopg2

    psycopg2.connect(host="127.0.0.1", port=closed_port(), user="app", dbname="planner")


@case("psycopg2_32", "psycopg2", **RESTARTING, why="the standby is not ready")
def _() -> None:
    import psycopg2

    with wire(None, fatal("57P03", "the database system is not yet accepting connections")) as (
        host,
        port,
    ):
        psycopg2.connect(host=host, port=port, user="app", dbname="planner", sslmode="disable")


@case("psycopg2_33", "psycopg2", **CLOSED_HANDLE, why="the program uses a cursor that it closed")
def _() -> None:
    import psycopg2

    cursor = psycopg2.connect(server.dsn()).cursor()
    cursor.close()
    cursor.execute("select 1")


@case("psycopg2_34", "psycopg2", **MISUSE, why="nothing was selected, so there is nothing to fetch")
def _() -> None:
    import psycopg2

    cursor = psycopg2.connect(server.dsn()).cursor()
    cursor.execute("set lock_timeout = 1")
    cursor.fetchone()


@case(
    "psycopg2_35",
    "psycopg2",
    **CONTENTION,
    why="a bare re-raise still quotes the deadlock",
    tags=("cause-matters",),
)
def _() -> None:
    import psycopg2

    try:
        two_fail("40P01", "deadlock detected")()
    except psycopg2.Error as error:
        raise RuntimeError(f"saving the build failed: {error}") from error


@case(
    "psycopg2_36",
    "psycopg2",
    **CONSTRAINT,
    why="the cause is a violated constraint",
    tags=("cause-matters",),
)
def _() -> None:
    import psycopg2

    try:
        two("insert into builds values (1, 'x', 'new', 3)")()
    except psycopg2.Error as error:
        raise RuntimeError("temporary problem, the store did not answer") from error


@case(
    "psycopg2_37",
    "psycopg2",
    **OPAQUE,
    why="the cause is hidden on purpose and the words say nothing",
)
def _() -> None:
    import psycopg2

    try:
        two("select 1", user="clerk")()
    except psycopg2.Error:
        raise RuntimeError("the build could not be stored") from None


# ---- asyncpg
def apg(
    sql: str, *before: str, args: tuple[Any, ...] = (), timeout: float | None = None, **words: Any
) -> Callable[[], Any]:
    async def call() -> None:
        import asyncpg

        keywords = {
            "host": "127.0.0.1",
            "port": server.port(),
            "user": "owner",
            "database": server.DATABASE,
            **words,
        }
        connection = await asyncpg.connect(**keywords)
        try:
            for step in before:
                await connection.execute(step)
            await connection.fetch(sql, *args, timeout=timeout)
        finally:
            await connection.close(timeout=1)

    return call


def apg_fail(*words: str) -> Callable[[], Any]:
    async def call() -> None:
        import asyncpg

        with server.scripted(*words) as (host, port):
            connection = await asyncpg.connect(
                host=host, port=port, user="app", database="planner", ssl=False
            )
            try:
                await connection.fetch("select * from builds")
            finally:
                connection.terminate()

    return call


for number, (raiser, label, why) in enumerate(
    [
        (apg("insert into builds values (1, 'x', 'new', 3)"), CONSTRAINT, "the key exists"),
        (
            apg("insert into builds values (31, null, 'new', 3)"),
            CONSTRAINT,
            "a required column is missing",
        ),
        (apg("select * from retry_after"), NO_TABLE, "the relation does not exist"),
        (apg("select * form builds"), BAD_QUERY, "the statement does not parse"),
        (apg("select $1::int", args=("seven",)), BAD_DATA, "the argument has the wrong type"),
        (apg("select $1::int, $2::int", args=(1,)), MISUSE, "fewer arguments than placeholders"),
        (apg("select pg_sleep(1)", timeout=0.05), TIMED_OUT, "the client waited long enough"),
        (
            apg("select pg_sleep(1)", "set statement_timeout = 40"),
            TIMED_OUT,
            "the statement ran out of its time",
        ),
        (apg("select 1", user="reporting", password="bad"), AUTH, "the password is wrong"),
        (apg("select 1", user="outsider"), AUTH, "the host file rejects this role"),
        (apg("select * from secrets", user="reader"), AUTH, "the role has no privilege"),
        (apg("select 1", database="planner2"), NOT_FOUND, "the database does not exist"),
        (apg("select 1", user="clerk"), NO_SLOT, "all connections of the role are taken"),
        (apg_fail("40P01", "deadlock detected"), CONTENTION, "a deadlock"),
        (
            apg_fail(
                "40001",
                "restart transaction: TransactionRetryWithProtoRefreshError: WriteTooOldError: write for key /Table/52 at timestamp 1.0 too old",
                "",
                "See the page of this error code.",
            ),
            CONTENTION,
            "a distributed store asks for a restart of the transaction",
        ),
        (
            apg_fail("55P03", 'could not obtain lock on row in relation "builds"'),
            LOCK_WAIT,
            "the row is locked",
        ),
        (apg_fail(*DISK), FULL, "the disk of the server is full"),
        (
            apg_fail("57P01", "terminating connection due to administrator command"),
            RESTARTING,
            "the server is going down and comes back",
        ),
        (
            apg_fail("25006", "cannot execute INSERT in a read-only transaction"),
            READ_ONLY,
            "this server does not take writes",
        ),
        (
            apg_fail(
                "23505", 'duplicate key value violates unique constraint "connection_timeout_key"'
            ),
            CONSTRAINT,
            "the key exists, whatever its name",
        ),
        (
            apg_fail("P0001", "insufficient_quota: tenant 12 has no builds left this month"),
            CONSTRAINT,
            "a business rule written in the database refuses it",
        ),
        (
            apg_fail("53300", 'too many connections for database "planner"'),
            NO_SLOT,
            "all connections are taken",
        ),
    ],
    1,
):
    add(f"asyncpg_{number:02d}", "asyncpg", raiser, **label, why=why)

add("asyncpg_30", "asyncpg", apg("select 1", port=closed_port()), **REFUSED, why="nobody listens")


@case("asyncpg_31", "asyncpg", **RESET, why="the server hangs up during the greeting")
async def _() -> None:
    import asyncpg

    with wire(None, b"") as (host, port):
        await asyncpg.connect(
            host=host, port=port, user="app", database="planner", ssl=False, timeout=1
        )


@case(
    "asyncpg_32",
    "asyncpg",
    **CLOSED_HANDLE,
    why="the session is gone; whether a new one would be used is not known",
)
async def _() -> None:
    import asyncpg

    words = {
        "host": "127.0.0.1",
        "port": server.port(),
        "user": "owner",
        "database": server.DATABASE,
    }
    boss, connection = await asyncpg.connect(**words), await asyncpg.connect(**words)
    await boss.execute("select pg_terminate_backend($1)", connection.get_server_pid())
    await asyncio.sleep(0.1)
    await connection.fetch("select 1")


@case("asyncpg_33", "asyncpg", **POOL_WAIT, why="every connection of the pool is in use")
async def _() -> None:
    import asyncpg

    words = {
        "host": "127.0.0.1",
        "port": server.port(),
        "user": "owner",
        "database": server.DATABASE,
    }
    async with asyncpg.create_pool(min_size=1, max_size=1, **words) as pool, pool.acquire():
        await pool.acquire(timeout=0.05)


@case(
    "asyncpg_34", "asyncpg", **MISUSE, why="the program runs two queries on one connection at once"
)
async def _() -> None:
    import asyncpg

    connection = await asyncpg.connect(
        host="127.0.0.1", port=server.port(), user="owner", database=server.DATABASE
    )
    first = asyncio.ensure_future(connection.fetch("select pg_sleep(0.1)"))
    await asyncio.sleep(0.02)
    try:
        await connection.fetch("select 1")
    finally:
        await first


@case(
    "asyncpg_35",
    "asyncpg",
    **CONSTRAINT,
    why="one member of the group is permanent, so the group is",
    tags=("group",),
)
async def _() -> None:
    works = (
        apg("insert into builds values (2, 'x', 'new', 3)")(),
        apg_fail("57P03", "the database system is shutting down")(),
    )
    raise ExceptionGroup("saving two builds", await asyncio.gather(*works, return_exceptions=True))


@case("asyncpg_36", "asyncpg", **RESTARTING, why="the server shuts down")
async def _() -> None:
    import asyncpg

    with wire(None, fatal("57P03", "the database system is shutting down")) as (host, port):
        await asyncpg.connect(
            host=host, port=port, user="app", database="planner", ssl=False, timeout=1
        )
