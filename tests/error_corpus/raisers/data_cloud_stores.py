"""Errors of key-value, document, search, graph and vector stores."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import data_mongoserver as mongo
from data_labels import (
    AUTH,
    BAD_DATA,
    BAD_QUERY,
    CONFLICT,
    CONSTRAINT,
    CONTENTION,
    FULL,
    LEADER,
    LOCK_WAIT,
    MEMORY,
    MISUSE,
    NO_SLOT,
    NO_TABLE,
    NOT_FOUND,
    OVERLOADED,
    POOL_WAIT,
    QUOTA,
    REFUSED,
    REPLICA,
    RESET,
    RESTARTING,
    SETTINGS,
    STALE,
    THROTTLED,
    TIMED_OUT,
    TOO_BIG,
    UNCLEAR,
    UNSUPPORTED,
)
from lab import add, case, closed_port, serve, web, wire

Label = dict[str, Any]
Row = tuple[Callable[[], Any], Label, str]


def rows(prefix: str, library: str, found: list[Row], start: int = 1) -> None:
    for number, (raiser, label, why) in enumerate(found, start):
        add(f"{prefix}_{number:02d}", library, raiser, **label, why=why)


# ---- Redis and its kin
def answering(reply: bytes | None) -> Any:
    """Serve the Redis protocol: greet as it must be, then give one reply to everything."""

    def talk(connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        while head := stream.readline():
            words = []
            for _ in range(int(head[1:])):
                size = int(stream.readline()[1:])
                words.append(stream.read(size + 2)[:-2].upper())
            if words[0] == b"HELLO":
                connection.sendall(
                    b"%3\r\n+server\r\n+redis\r\n+version\r\n+7.2.0\r\n+proto\r\n:3\r\n"
                )
            elif words[0] in {b"CLIENT", b"SELECT"}:
                connection.sendall(b"+OK\r\n")
            elif reply is None:
                return
            else:
                connection.sendall(reply)

    return serve(talk)


def said(text: str) -> bytes:
    return f"-{text}\r\n".encode()


def red(text: str | None, module: str = "redis") -> Callable[[], None]:
    def call() -> None:
        library = __import__(module)
        with answering(None if text is None else said(text)) as (host, port):
            keywords = {"retry": None} if module == "redis" else {}
            client = library.Redis(host=host, port=port, socket_timeout=1, **keywords)
            client.set("builds:7", "1")

    return call


def red_async(text: str | None) -> Callable[[], Any]:
    async def call() -> None:
        import redis.asyncio

        with answering(None if text is None else said(text)) as (host, port):
            async with redis.asyncio.Redis(
                host=host, port=port, socket_timeout=1, retry=None
            ) as client:
                await client.set("builds:7", "1")

    return call


def cored(text: str | None) -> Callable[[], Any]:
    async def call() -> None:
        import coredis

        with answering(None if text is None else said(text)) as (host, port):
            async with coredis.Redis(host=host, port=port, stream_timeout=1) as client:
                await client.set("builds:7", "1")

    return call


rows(
    "redis",
    "redis",
    [
        (red("LOADING Redis is loading the dataset in memory"), RESTARTING, "the server starts up"),
        (
            red("OOM command not allowed when used memory > 'maxmemory'."),
            MEMORY,
            "the memory of the server is full; whether keys expire soon is not known",
        ),
        (
            red("READONLY You can't write against a read only replica."),
            REPLICA,
            "this server takes no writes; a failover may be under way",
        ),
        (red("NOAUTH Authentication required."), AUTH, "no password was given"),
        (
            red("WRONGPASS invalid username-password pair or user is disabled."),
            AUTH,
            "the password is wrong",
        ),
        (
            red("NOPERM this user has no permissions to run the 'set' command"),
            AUTH,
            "the user has no privilege",
        ),
        (
            red("WRONGTYPE Operation against a key holding the wrong kind of value"),
            BAD_DATA,
            "the key holds another kind of value",
        ),
        (
            red("ERR unknown command 'SETT', with args beginning with: 'timeout'"),
            UNSUPPORTED,
            "there is no such command",
        ),
        (
            red(
                "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
            ),
            CONTENTION,
            "a script runs and will end",
        ),
        (
            red("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."),
            RESTARTING,
            "the replica waits for its master",
        ),
        (red("CLUSTERDOWN The cluster is down"), RESTARTING, "the cluster elects"),
        (
            red("TRYAGAIN Multiple keys request during rehashing of slot"),
            CONTENTION,
            "the slot is on its way",
        ),
        (
            red(
                "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled."
            ),
            FULL,
            "the server can not write its disk until somebody acts",
        ),
        (
            red("NOSCRIPT No matching script. Please use EVAL."),
            NOT_FOUND,
            "the script is not loaded",
        ),
        (red("ERR max number of clients reached"), NO_SLOT, "all connections are taken"),
        (
            red("ERR value is not an integer or out of range"),
            BAD_DATA,
            "the stored text is no number",
        ),
        (
            red("NOREPLICAS Not enough good replicas to write."),
            RESTARTING,
            "too few replicas at this moment",
        ),
        (red("BUSYGROUP Consumer Group name already exists"), CONFLICT, "the group exists"),
        (
            red("NOGROUP No such key 'retries' or consumer group 'workers'"),
            NOT_FOUND,
            "the group does not exist",
        ),
        (
            red("EXECABORT Transaction discarded because of previous errors."),
            MISUSE,
            "a command of the transaction was wrong",
        ),
        (red("ERR DB index is out of range"), SETTINGS, "there is no such database"),
        (red("ERR syntax error"), BAD_QUERY, "the command does not parse"),
        (
            red(
                "ERR Error running script (call to f_1): @user_script:1: user_script:1: rate limit table is nil"
            ),
            BAD_DATA,
            "the script itself is wrong",
        ),
        (red(None), RESET, "the server closed the connection"),
        (
            red_async("LOADING Redis is loading the dataset in memory"),
            RESTARTING,
            "the server starts up",
        ),
        (red_async("CLUSTERDOWN Hash slot not served"), RESTARTING, "the cluster elects"),
        (
            red_async("ERR invalid expire time in 'set' command"),
            BAD_DATA,
            "the argument is out of range",
        ),
        (red_async(None), RESET, "the server closed the connection"),
        (
            red_async("WRONGPASS invalid username-password pair or user is disabled."),
            AUTH,
            "the password is wrong",
        ),
    ],
)


@case("redis_40", "redis", **REFUSED, why="nobody listens")
def _() -> None:
    import redis

    redis.Redis(port=closed_port(), retry=None).get("x")


@case("redis_41", "redis", **TIMED_OUT, why="the server says nothing")
def _() -> None:
    import redis

    with wire("hang") as (host, port):
        redis.Redis(host=host, port=port, socket_timeout=0.2, retry=None).get("x")


@case("redis_42", "redis", **TIMED_OUT, why="the server says nothing")
async def _() -> None:
    import redis.asyncio

    with wire("hang") as (host, port):
        await redis.asyncio.Redis(host=host, port=port, socket_timeout=0.2, retry=None).get("x")


@case("redis_43", "redis", **MISUSE, why="the driver can not send this type")
def _() -> None:
    import redis

    with answering(b"+OK\r\n") as (host, port):
        redis.Redis(host=host, port=port).set("limits", {"retry": 3})  # type: ignore[arg-type]


@case("redis_44", "redis", **NO_SLOT, why="every connection of the pool is in use")
def _() -> None:
    import redis

    with answering(b"+OK\r\n") as (host, port):
        pool = redis.ConnectionPool(host=host, port=port, max_connections=1)
        pool.get_connection()
        pool.get_connection()


@case("redis_45", "redis", **POOL_WAIT, why="every connection of the pool is in use")
def _() -> None:
    import redis

    with answering(b"+OK\r\n") as (host, port):
        pool = redis.BlockingConnectionPool(host=host, port=port, max_connections=1, timeout=0.05)
        pool.get_connection()
        pool.get_connection()


@case("redis_46", "redis", **LOCK_WAIT, why="somebody else holds the lock")
def _() -> None:
    import redis

    with (
        answering(b"_\r\n") as (host, port),
        redis.Redis(host=host, port=port).lock("build", blocking_timeout=0.05),
    ):
        pass


@case(
    "redis_47", "redis", **CONTENTION, why="the watched key changed; the transaction may run again"
)
def _() -> None:
    import redis

    raise redis.WatchError("Watched variable changed.")


@case("redis_48", "redis", **STALE, why="the lock ran out and belongs to somebody else now")
def _() -> None:
    import redis

    raise redis.exceptions.LockNotOwnedError("Cannot release a lock that's no longer owned")


@case(
    "redis_49",
    "redis",
    **RESTARTING,
    why="the cause of the service's own error is a starting server",
    tags=("cause-matters",),
)
def _() -> None:
    import redis

    try:
        red("LOADING Redis is loading the dataset in memory")()
    except redis.RedisError as error:
        raise RuntimeError("could not read the cache") from error


@case("redis_50", "redis", **SETTINGS, why="the scheme of the address is wrong")
def _() -> None:
    import redis

    redis.from_url("reddis://127.0.0.1/0")


rows(
    "valkey",
    "valkey",
    [
        (
            red("OOM command not allowed when used memory > 'maxmemory'.", "valkey"),
            MEMORY,
            "the memory of the server is full; whether keys expire soon is not known",
        ),
        (
            red("NOPERM User app has no permissions to access the 'builds:7' key", "valkey"),
            AUTH,
            "the user has no privilege",
        ),
        (
            red("LOADING Valkey is loading the dataset in memory", "valkey"),
            RESTARTING,
            "the server starts up",
        ),
        (
            red("WRONGTYPE Operation against a key holding the wrong kind of value", "valkey"),
            BAD_DATA,
            "the key holds another kind of value",
        ),
        (red(None, "valkey"), RESET, "the server closed the connection"),
        (red("CLUSTERDOWN The cluster is down", "valkey"), RESTARTING, "the cluster elects"),
    ],
)
rows(
    "coredis",
    "coredis",
    [
        (
            cored("LOADING Redis is loading the dataset in memory"),
            RESTARTING,
            "the server starts up",
        ),
        (
            cored("WRONGTYPE Operation against a key holding the wrong kind of value"),
            BAD_DATA,
            "the key holds another kind of value",
        ),
        (
            cored("NOPERM this user has no permissions to run the 'set' command"),
            AUTH,
            "the user has no privilege",
        ),
    ],
)


# ---- MongoDB
def mong(
    answer: dict[str, Any] | None, work: Callable[[Any], Any] | None = None, **hello: Any
) -> Callable[[], None]:
    def call() -> None:
        import pymongo

        with mongo.scripted(answer, **hello) as where:
            client: Any = pymongo.MongoClient(
                f"mongodb://{where}/?directConnection=true",
                retryWrites=False,
                retryReads=False,
                serverSelectionTimeoutMS=800,
                socketTimeoutMS=800,
            )
            try:
                (work or (lambda table: table.insert_one({"_id": 7})))(client.planner.builds)
            finally:
                client.close()

    return call


def mong_async(answer: dict[str, Any] | None, *, motor: bool = False) -> Callable[[], Any]:
    async def call() -> None:
        with mongo.scripted(answer) as where:
            if motor:
                from motor.motor_asyncio import AsyncIOMotorClient as Client
            else:
                from pymongo import AsyncMongoClient as Client
            client: Any = Client(
                f"mongodb://{where}/?directConnection=true",
                retryWrites=False,
                retryReads=False,
                serverSelectionTimeoutMS=800,
            )
            await client.planner.builds.find_one({"name": "alpha"})

    return call


def refused(code: int, name: str, text: str, *labels: str) -> dict[str, Any]:
    return {
        "ok": 0.0,
        "code": code,
        "codeName": name,
        "errmsg": text,
        **({"errorLabels": list(labels)} if labels else {}),
    }


def find(table: Any) -> Any:
    return table.find_one({"name": "alpha"})


rows(
    "pymongo",
    "pymongo",
    [
        (
            mong(
                {
                    "ok": 1.0,
                    "n": 0,
                    "writeErrors": [
                        {
                            "index": 0,
                            "code": 11000,
                            "errmsg": "E11000 duplicate key error collection: planner.builds index: _id_ dup key: { _id: 7 }",
                            "keyPattern": {"_id": 1},
                            "keyValue": {"_id": 7},
                        }
                    ],
                }
            ),
            CONSTRAINT,
            "the key exists",
        ),
        (
            mong(
                {
                    "ok": 1.0,
                    "n": 0,
                    "writeErrors": [
                        {
                            "index": 0,
                            "code": 121,
                            "errmsg": "Document failed validation",
                            "errInfo": {"failingDocumentId": 7},
                        }
                    ],
                }
            ),
            CONSTRAINT,
            "the schema of the collection refuses it",
        ),
        (
            mong(
                refused(
                    13,
                    "Unauthorized",
                    'not authorized on planner to execute command { insert: "builds" }',
                )
            ),
            AUTH,
            "the user has no privilege",
        ),
        (
            mong(refused(18, "AuthenticationFailed", "Authentication failed.")),
            AUTH,
            "the password is wrong",
        ),
        (
            mong(refused(50, "MaxTimeMSExpired", "operation exceeded time limit"), find),
            TIMED_OUT,
            "the operation ran out of its time",
        ),
        (
            mong(
                refused(
                    91,
                    "ShutdownInProgress",
                    "The server is in quiesce mode and will shut down",
                    "RetryableWriteError",
                )
            ),
            RESTARTING,
            "the server restarts",
        ),
        (
            mong(refused(10107, "NotWritablePrimary", "not primary", "RetryableWriteError")),
            LEADER,
            "another node became the primary",
        ),
        (
            mong(
                refused(
                    11602,
                    "InterruptedDueToReplStateChange",
                    "operation was interrupted",
                    "RetryableWriteError",
                )
            ),
            LEADER,
            "another node became the primary",
        ),
        (
            mong(
                refused(
                    189, "PrimarySteppedDown", "Primary stepped down while waiting for replication"
                ),
                find,
            ),
            LEADER,
            "another node became the primary",
        ),
        (
            mong(
                refused(
                    112,
                    "WriteConflict",
                    "Caused by :: Write conflict during plan execution and yielding is disabled. :: Please retry your operation or multi-document transaction.",
                    "TransientTransactionError",
                )
            ),
            CONTENTION,
            "two transactions changed the same document",
        ),
        (
            mong(
                refused(
                    251,
                    "NoSuchTransaction",
                    "Given transaction number 4 does not match any in-progress transactions.",
                    "TransientTransactionError",
                )
            ),
            CONTENTION,
            "the transaction was aborted and may run again",
        ),
        (
            mong(
                refused(
                    24, "LockTimeout", "Unable to acquire IX lock on 'planner.builds' within 5ms."
                )
            ),
            LOCK_WAIT,
            "another operation holds the lock",
        ),
        (
            mong(
                refused(59, "CommandNotFound", "no such command: 'retry'"),
                lambda table: table.database.command("retry"),
            ),
            UNSUPPORTED,
            "there is no such command",
        ),
        (
            mong(
                refused(2, "BadValue", "unknown operator: $timeout"),
                lambda table: table.find_one({"n": {"$timeout": 1}}),
            ),
            BAD_QUERY,
            "there is no such operator",
        ),
        (
            mong(
                refused(
                    16500,
                    "RequestRateTooLarge",
                    "Error=16500, RetryAfterMs=81, Details='Response status code does not indicate success: TooManyRequests (429); Substatus: 3200'",
                )
            ),
            THROTTLED,
            "the cloud's allowance per second is used up",
        ),
        (
            mong(refused(8000, "AtlasError", "bad auth : authentication failed")),
            AUTH,
            "the password is wrong",
        ),
        (
            mong(
                refused(8000, "AtlasError", "you are over your space quota, using 513 MB of 512 MB")
            ),
            QUOTA,
            "the space that was paid for is full",
        ),
        (
            mong(
                {
                    "ok": 1.0,
                    "n": 1,
                    "writeConcernError": {
                        "code": 64,
                        "codeName": "WriteConcernFailed",
                        "errmsg": "waiting for replication timed out",
                        "errInfo": {"wtimeout": True},
                    },
                }
            ),
            TIMED_OUT,
            "the replicas did not acknowledge in time",
        ),
        (mong(None), RESET, "the server closed the connection"),
        (
            mong({"ok": 1.0}, lambda table: table.insert_one({"n": {1, 2}})),
            MISUSE,
            "the driver can not store this type",
        ),
        (
            mong({"ok": 1.0}, lambda table: table.insert_one({"x": "y" * 17_000_000})),
            TOO_BIG,
            "the document is too large",
        ),
        (
            mong({"ok": 1.0}, lambda table: table.insert_one({"n": 2**70})),
            BAD_DATA,
            "the number is out of range",
        ),
        (
            mong({"ok": 1.0}, find, maxWireVersion=2),
            UNSUPPORTED,
            "the server is too old for this driver",
        ),
        (
            mong({"ok": 1.0}, lambda table: table.update_one({"_id": 1}, {"n": 2})),
            MISUSE,
            "an update needs operators",
        ),
        (
            mong(refused(43, "CursorNotFound", "cursor id 7782 not found"), find),
            STALE,
            "the cursor is gone; whether the query starts anew is not known",
        ),
        (
            mong(
                refused(
                    14031,
                    "OutOfDiskSpace",
                    "available disk space of 461 MB is less than required minimum of 500 MB",
                )
            ),
            FULL,
            "the disk of the server is full",
        ),
        (
            mong_async(refused(50, "MaxTimeMSExpired", "operation exceeded time limit")),
            TIMED_OUT,
            "the operation ran out of its time",
        ),
        (
            mong_async(refused(13, "Unauthorized", "command find requires authentication")),
            AUTH,
            "nobody is logged in",
        ),
        (mong_async(None), RESET, "the server closed the connection"),
        (
            mong_async(
                refused(
                    13436, "NotPrimaryOrSecondary", "node is not in primary or recovering state"
                )
            ),
            LEADER,
            "the node is on its way back",
        ),
    ],
)
rows(
    "motor",
    "motor",
    [
        (
            mong_async(
                refused(11600, "InterruptedAtShutdown", "interrupted at shutdown"), motor=True
            ),
            RESTARTING,
            "the server restarts",
        ),
        (
            mong_async(
                refused(
                    17287,
                    "Location17287",
                    "Can't canonicalize query :: caused by :: unknown top level operator: $retry",
                ),
                motor=True,
            ),
            BAD_QUERY,
            "there is no such operator",
        ),
        (
            mong_async(
                refused(
                    13,
                    "Unauthorized",
                    'not authorized on planner to execute command { find: "builds" }',
                ),
                motor=True,
            ),
            AUTH,
            "the user has no privilege",
        ),
    ],
)


@case("pymongo_50", "pymongo", **REFUSED, why="no server of the set can be reached")
def _() -> None:
    import pymongo

    pymongo.MongoClient(
        f"mongodb://127.0.0.1:{closed_port()}", serverSelectionTimeoutMS=300
    ).planner.command("ping")


@case("pymongo_51", "pymongo", **TIMED_OUT, why="the server says nothing")
def _() -> None:
    import pymongo

    with wire("hang") as (host, port):
        pymongo.MongoClient(
            f"mongodb://{host}:{port}", serverSelectionTimeoutMS=500, connectTimeoutMS=200
        ).planner.command("ping")


@case("pymongo_52", "pymongo", **SETTINGS, why="the address does not parse")
def _() -> None:
    import pymongo

    pymongo.MongoClient("mongodb://app:p@ss@db:27017/planner")


@case("pymongo_53", "pymongo", **BAD_DATA, why="the text is no identifier")
def _() -> None:
    import bson

    bson.ObjectId("retry-429")


@case("pymongo_54", "pymongo", **CONSTRAINT, why="one write of the batch violates a constraint")
def _() -> None:
    import pymongo

    answer = {
        "ok": 1.0,
        "n": 1,
        "writeErrors": [
            {
                "index": 1,
                "code": 11000,
                "errmsg": "E11000 duplicate key error collection: planner.builds index: timeout_1 dup key: { timeout: 3 }",
            }
        ],
    }
    mong(
        answer,
        lambda table: table.bulk_write(
            [pymongo.InsertOne({"_id": 1}), pymongo.InsertOne({"_id": 2})]
        ),
    )()


@case("mongoengine_01", "mongoengine", **CONSTRAINT, why="a required field is missing")
def _() -> None:
    import mongoengine

    fields = {
        "name": mongoengine.StringField(required=True),
        "timeout": mongoengine.IntField(max_value=3),
    }
    type("Build", (mongoengine.Document,), {**fields, "meta": {"allow_inheritance": False}})(
        timeout=9
    ).validate()


@case("mongoengine_02", "mongoengine", **SETTINGS, why="no connection was configured")
def _() -> None:
    import mongoengine

    mongoengine.get_db("absent")


@case("mongoengine_03", "mongoengine", **CONSTRAINT, why="the key exists")
def _() -> None:
    import mongoengine

    answer = {
        "ok": 1.0,
        "n": 0,
        "writeErrors": [
            {
                "index": 0,
                "code": 11000,
                "errmsg": "E11000 duplicate key error collection: planner.step index: _id_",
            }
        ],
    }
    Step = type(
        "Step",
        (mongoengine.Document,),
        {"id": mongoengine.IntField(primary_key=True), "meta": {"auto_create_index": False}},
    )
    with mongo.scripted(answer) as where:
        mongoengine.connect(
            "planner",
            host=f"mongodb://{where}/planner?directConnection=true&retryWrites=false",
            alias="default",
        )
        try:
            Step(id=1).save(force_insert=True)
        finally:
            mongoengine.disconnect_all()


# ---- Cassandra
def cass(make: Callable[[Any], Exception]) -> Callable[[], None]:
    def call() -> None:
        import cassandra

        raise make(cassandra)

    return call


rows(
    "cassandra",
    "cassandra-driver",
    [
        (
            cass(
                lambda c: c.ReadTimeout(
                    "Error from server: code=1200 [Coordinator node timed out waiting for replica nodes' responses]",
                    consistency=4,
                    required_responses=2,
                    received_responses=1,
                    data_retrieved=False,
                )
            ),
            TIMED_OUT,
            "the replicas did not answer in time",
        ),
        (
            cass(
                lambda c: c.WriteTimeout(
                    "Error from server: code=1100 [Coordinator node timed out waiting for replica nodes' responses]",
                    consistency=4,
                    required_responses=2,
                    received_responses=1,
                    write_type=0,
                )
            ),
            TIMED_OUT,
            "the replicas did not answer in time",
        ),
        (
            cass(
                lambda c: c.Unavailable(
                    'Error from server: code=1000 [Unavailable exception] message="Cannot achieve consistency level QUORUM"',
                    consistency=4,
                    required_replicas=2,
                    alive_replicas=1,
                )
            ),
            RESTARTING,
            "too few replicas are alive at this moment",
        ),
        (
            cass(
                lambda c: c.InvalidRequest(
                    'Error from server: code=2200 [Invalid query] message="unconfigured table timeouts"'
                )
            ),
            NO_TABLE,
            "the table does not exist",
        ),
        (
            cass(
                lambda c: c.Unauthorized(
                    'Error from server: code=2100 [Unauthorized] message="User app has no SELECT permission on <table planner.builds> or any of its parents"'
                )
            ),
            AUTH,
            "the user has no privilege",
        ),
        (
            cass(
                lambda c: c.AuthenticationFailed(
                    'Failed to authenticate to 10.1.0.4:9042: Error from server: code=0100 [Bad credentials] message="Provided username app and/or password are incorrect"'
                )
            ),
            AUTH,
            "the password is wrong",
        ),
        (cass(lambda c: c.AlreadyExists("planner", "builds")), CONFLICT, "the table exists"),
        (
            cass(
                lambda c: c.OperationTimedOut(
                    {
                        "10.1.0.4:9042": "Client request timeout. See Session.execute[_async](timeout)"
                    },
                    "10.1.0.4:9042",
                )
            ),
            TIMED_OUT,
            "the client waited long enough",
        ),
        (
            cass(
                lambda c: __import__("cassandra.protocol").protocol.SyntaxException(
                    0x2000, "line 1:0 no viable alternative at input 'selec'", None
                )
            ),
            BAD_QUERY,
            "the statement does not parse",
        ),
        (
            cass(
                lambda c: __import__("cassandra.protocol").protocol.OverloadedErrorMessage(
                    0x1001, "Too many in flight hints: 128", None
                )
            ),
            OVERLOADED,
            "the node has too much to do",
        ),
        (
            cass(
                lambda c: __import__("cassandra.protocol").protocol.IsBootstrappingErrorMessage(
                    0x1002, "Cannot read from a bootstrapping node", None
                )
            ),
            RESTARTING,
            "the node starts up",
        ),
    ],
)


@case("cassandra_20", "cassandra-driver", **REFUSED, why="no host can be reached")
def _() -> None:
    from cassandra.cluster import Cluster
    from cassandra.io.asyncioreactor import AsyncioConnection

    Cluster(
        ["127.0.0.1"], port=closed_port(), connect_timeout=1, connection_class=AsyncioConnection
    ).connect()


# ---- Elasticsearch and OpenSearch
def cause(kind: str, reason: str, status: int, **more: Any) -> dict[str, Any]:
    return {
        "error": {
            "root_cause": [{"type": kind, "reason": reason}],
            "type": kind,
            "reason": reason,
            **more,
        },
        "status": status,
    }


def elastic(
    status: int, body: Any, work: Callable[[Any], Any] | None = None, **more: Any
) -> Callable[[], None]:
    def call() -> None:
        from elasticsearch import Elasticsearch

        with web(status, body, headers={"X-Elastic-Product": "Elasticsearch"}, **more) as base:
            client = Elasticsearch(base, max_retries=0, request_timeout=0.5)
            (work or (lambda c: c.index(index="builds", id="7", document={"n": 1})))(client)

    return call


def elastic_async(status: int, body: Any, **more: Any) -> Callable[[], Any]:
    async def call() -> None:
        from elasticsearch import AsyncElasticsearch

        headers = {
            "X-Elastic-Product": "Elasticsearch",
            "Content-Type": "text/html" if isinstance(body, str) else "application/json",
        }
        with web(status, body, headers=headers, **more) as base:
            async with AsyncElasticsearch(base, max_retries=0, request_timeout=0.5) as client:
                await client.get(index="builds", id="7")

    return call


def bulk(client: Any) -> Any:
    from elasticsearch import helpers

    return helpers.bulk(client, [{"_index": "builds", "_id": "1", "n": "soon"}])


rows(
    "elasticsearch",
    "elasticsearch",
    [
        (
            elastic(
                409,
                cause(
                    "version_conflict_engine_exception",
                    "[7]: version conflict, document already exists (current version [1])",
                    409,
                ),
            ),
            STALE,
            "somebody else changed the document; whether the call reads it anew is not known",
        ),
        (
            elastic(
                400,
                cause(
                    "mapper_parsing_exception",
                    "failed to parse field [timeout] of type [long] in document with id '7'",
                    400,
                ),
            ),
            BAD_DATA,
            "the value does not fit the mapping",
        ),
        (
            elastic(
                429,
                cause(
                    "es_rejected_execution_exception",
                    "rejected execution of coordinating operation [coordinating_and_primary_bytes=0]",
                    429,
                ),
            ),
            THROTTLED,
            "the queue of the node is full",
        ),
        (
            elastic(
                403,
                cause(
                    "cluster_block_exception",
                    "index [builds] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];",
                    403,
                ),
            ),
            {**FULL, "types": "UNKNOWN NETWORK VALIDATION SECURITY"},
            "the disk of the cluster is full",
        ),
        (
            elastic(
                503,
                cause(
                    "cluster_block_exception",
                    "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];",
                    503,
                ),
            ),
            RESTARTING,
            "the cluster starts up",
        ),
        (
            elastic(503, cause("master_not_discovered_exception", "null", 503)),
            LEADER,
            "the cluster elects a master",
        ),
        (
            elastic(
                503,
                cause(
                    "unavailable_shards_exception",
                    "[builds][0] primary shard is not active Timeout: [1m]",
                    503,
                ),
            ),
            RESTARTING,
            "the shard is on its way back",
        ),
        (
            elastic(
                401,
                cause(
                    "security_exception",
                    "missing authentication credentials for REST request [/builds/_doc/7]",
                    401,
                ),
            ),
            AUTH,
            "nobody is logged in",
        ),
        (
            elastic(
                400,
                cause("parsing_exception", "unknown query [matsch] did you mean [match]?", 400),
                lambda c: c.search(index="builds", query={"matsch": {}}),
            ),
            BAD_QUERY,
            "there is no such query",
        ),
        (
            elastic(
                404,
                {"_index": "builds", "_id": "timeout", "found": False},
                lambda c: c.get(index="builds", id="timeout"),
            ),
            NOT_FOUND,
            "there is no such document",
        ),
        (
            elastic(
                413,
                "",
            ),
            TOO_BIG,
            "the request is too large",
        ),
        (elastic(200, "", mode="hang"), TIMED_OUT, "the server says nothing"),
        (elastic(200, "", mode="cut"), RESET, "the server closed the connection"),
        (
            elastic(500, cause("search_phase_execution_exception", "all shards failed", 500)),
            OVERLOADED,
            "the server failed",
        ),
        (
            elastic(
                200,
                {
                    "took": 1,
                    "errors": True,
                    "items": [
                        {
                            "index": {
                                "_index": "builds",
                                "_id": "1",
                                "status": 400,
                                "error": {
                                    "type": "mapper_parsing_exception",
                                    "reason": "failed to parse field [n] of type [long]",
                                },
                            }
                        }
                    ],
                },
                bulk,
            ),
            BAD_DATA,
            "the value does not fit the mapping",
        ),
        (
            elastic_async(404, cause("index_not_found_exception", "no such index [builds]", 404)),
            NOT_FOUND,
            "the index does not exist",
        ),
        (
            elastic_async(502, "<html>502 Bad Gateway</html>"),
            OVERLOADED,
            "the gateway reached nobody",
        ),
        (elastic_async(200, "", mode="hang"), TIMED_OUT, "the server says nothing"),
        (
            elastic(
                400,
                cause("resource_already_exists_exception", "index [builds/x] already exists", 400),
                lambda c: c.indices.create(index="builds"),
            ),
            CONFLICT,
            "the index exists",
        ),
        (
            elastic(
                408,
                cause("timeout_exception", "Request timed out waiting for green", 408),
                lambda c: c.cluster.health(wait_for_status="green"),
            ),
            TIMED_OUT,
            "the cluster did not get green in time",
        ),
    ],
)


def opens(status: int, body: Any, **more: Any) -> Callable[[], None]:
    def call() -> None:
        from opensearchpy import OpenSearch

        with web(status, body, **more) as base:
            host, port = base.removeprefix("http://").split(":")
            OpenSearch([{"host": host, "port": int(port)}], max_retries=0, timeout=0.5).search(
                index="builds", body={}
            )

    return call


rows(
    "opensearch",
    "opensearch-py",
    [
        (
            opens(
                429,
                cause(
                    "rejected_execution_exception",
                    "Rejecting request because search thread pool is overloaded",
                    429,
                ),
            ),
            THROTTLED,
            "the queue of the node is full",
        ),
        (
            opens(
                403,
                {
                    "Message": "User: anonymous is not authorized to perform: es:ESHttpGet because no resource-based policy allows the es:ESHttpGet action"
                },
            ),
            AUTH,
            "the user has no privilege",
        ),
        (
            opens(404, cause("index_not_found_exception", "no such index [builds]", 404)),
            NOT_FOUND,
            "the index does not exist",
        ),
        (
            opens(504, {"message": "Endpoint request timed out"}),
            TIMED_OUT,
            "the gateway waited long enough",
        ),
        (opens(503, "Service Unavailable"), OVERLOADED, "the service is not available"),
        (
            opens(
                400,
                cause(
                    "query_shard_exception",
                    "No mapping found for [retry_after] in order to sort on",
                    400,
                ),
            ),
            {**BAD_QUERY, "types": "VALIDATION SYNTAX"},
            "the field does not exist",
        ),
        (opens(200, "", mode="cut"), RESET, "the server closed the connection"),
        (opens(200, "", mode="hang"), TIMED_OUT, "the server says nothing"),
    ],
)


# ---- Neo4j
def graph(code: str, text: str) -> Callable[[], None]:
    def call() -> None:
        from neo4j.exceptions import Neo4jError

        raise Neo4jError._hydrate_neo4j(code=code, message=text)

    return call


rows(
    "neo4j",
    "neo4j",
    [
        (
            graph(
                "Neo.TransientError.Transaction.DeadlockDetected",
                "ForsetiClient[transactionId=12] can't acquire ExclusiveLock because holders of that lock are waiting for it.",
            ),
            CONTENTION,
            "a deadlock",
        ),
        (
            graph(
                "Neo.ClientError.Statement.SyntaxError", "Invalid input 'MTCH': expected 'MATCH'"
            ),
            BAD_QUERY,
            "the statement does not parse",
        ),
        (
            graph(
                "Neo.ClientError.Schema.ConstraintValidationFailed",
                "Node(7) already exists with label `Build` and property `name` = 'timeout'",
            ),
            CONSTRAINT,
            "the name is taken",
        ),
        (
            graph(
                "Neo.ClientError.Security.Unauthorized",
                "The client is unauthorized due to authentication failure.",
            ),
            AUTH,
            "the password is wrong",
        ),
        (
            graph(
                "Neo.ClientError.Cluster.NotALeader",
                "No write operations are allowed directly on this database.",
            ),
            LEADER,
            "another node leads",
        ),
        (
            graph(
                "Neo.TransientError.General.MemoryPoolOutOfMemoryError",
                "The allocation of an extra 2.0 MiB would use more than the limit 1.4 GiB.",
            ),
            MEMORY,
            "the pool of memory is empty; the server calls it transient",
        ),
        (
            graph(
                "Neo.ClientError.Transaction.TransactionTimedOut",
                "The transaction has been terminated. Retry your operation in a new transaction, and you should see a successful result. The transaction has not completed within the specified timeout.",
            ),
            TIMED_OUT,
            "the transaction ran out of its time",
        ),
        (
            graph(
                "Neo.ClientError.Security.AuthenticationRateLimit",
                "The client has provided incorrect authentication details too many times in a row.",
            ),
            AUTH,
            "the password was wrong too often",
        ),
        (
            graph("Neo.DatabaseError.General.UnknownError", "An unexpected error occurred."),
            UNCLEAR,
            "the server does not know either",
        ),
        (
            graph(
                "Neo.ClientError.Database.DatabaseNotFound",
                "Database does not exist. Database name: 'planner'.",
            ),
            NOT_FOUND,
            "the database does not exist",
        ),
    ],
)


@case("neo4j_20", "neo4j", **REFUSED, why="nobody listens")
def _() -> None:
    import neo4j

    with neo4j.GraphDatabase.driver(
        f"bolt://127.0.0.1:{closed_port()}", connection_timeout=1
    ) as driver:
        driver.verify_connectivity()


@case("neo4j_21", "neo4j", **RESET, why="the server closed the connection")
def _() -> None:
    import neo4j

    with (
        wire(None) as (host, port),
        neo4j.GraphDatabase.driver(f"bolt://{host}:{port}", connection_timeout=1) as driver,
    ):
        driver.verify_connectivity()


# ---- stores behind HTTP
def qdrant(status: int, body: Any, **more: Any) -> Callable[[], None]:
    def call() -> None:
        from qdrant_client import QdrantClient

        with web(status, body, **more) as base:
            QdrantClient(url=base, timeout=1, check_compatibility=False).get_collection("builds")

    return call


rows(
    "qdrant",
    "qdrant-client",
    [
        (
            qdrant(
                404,
                {"status": {"error": "Not found: Collection `builds` doesn't exist!"}, "time": 0.1},
            ),
            NOT_FOUND,
            "the collection does not exist",
        ),
        (qdrant(403, {"error": "forbidden"}), AUTH, "the key is wrong"),
        (
            qdrant(
                500, {"status": {"error": "Service internal error: 1 of 1 read operations failed"}}
            ),
            OVERLOADED,
            "the server failed",
        ),
        (
            qdrant(
                429,
                {
                    "status": {
                        "error": "Rate limiting exceeded: Read rate limit exceeded, retry later"
                    }
                },
                headers={"Retry-After": "2"},
            ),
            THROTTLED,
            "too many requests",
        ),
        (
            qdrant(
                400,
                {
                    "status": {
                        "error": "Wrong input: Vector dimension error: expected dim: 768, got 384"
                    }
                },
            ),
            BAD_DATA,
            "the vector has the wrong length",
        ),
        (qdrant(200, "", mode="cut"), RESET, "the server closed the connection"),
        (qdrant(200, "", mode="hang"), TIMED_OUT, "the server says nothing"),
        (qdrant(200, {"result": {"status": "purple"}}), BAD_DATA, "the answer has the wrong shape"),
    ],
)


def milvus(code: int, text: str) -> Callable[[], None]:
    def call() -> None:
        from pymilvus import MilvusException

        raise MilvusException(code, text)

    return call


rows(
    "milvus",
    "pymilvus",
    [
        (
            milvus(100, "can't find collection[database=default][collection=builds]"),
            NOT_FOUND,
            "the collection does not exist",
        ),
        (
            milvus(
                1100,
                "the dim (384) of field data(vector) is not equal to schema dim (768): invalid parameter[expected=768][actual=384]",
            ),
            BAD_DATA,
            "the vector has the wrong length",
        ),
        (
            milvus(
                8,
                "rate limit exceeded[rate=0.1]: request is rejected by grpc RateLimiter middleware, please retry later",
            ),
            THROTTLED,
            "too many requests",
        ),
        (
            milvus(
                1401,
                "auth check failure, please check username and password are correct: unauthenticated",
            ),
            AUTH,
            "the password is wrong",
        ),
    ],
)


@case("milvus_20", "pymilvus", **{**REFUSED, "types": "NETWORK TIMEOUT"}, why="nobody listens")
def _() -> None:
    from pymilvus import MilvusClient

    MilvusClient(uri=f"http://127.0.0.1:{closed_port()}", timeout=0.5)


def weav(make: Callable[[Any], Exception]) -> Callable[[], None]:
    def call() -> None:
        import weaviate

        raise make(weaviate.exceptions)

    return call


rows(
    "weaviate",
    "weaviate-client",
    [
        (
            weav(lambda x: x.WeaviateConnectionError("[Errno 111] Connection refused")),
            REFUSED,
            "nobody listens",
        ),
        (
            weav(lambda x: x.WeaviateTimeoutError("Read timed out")),
            TIMED_OUT,
            "the server says nothing",
        ),
        (
            weav(
                lambda x: x.WeaviateInvalidInputError(
                    "Argument 'limit' must be one of: [int, None], but got <class 'str'>"
                )
            ),
            MISUSE,
            "the argument has the wrong type",
        ),
        (
            weav(lambda x: x.WeaviateClosedClientError()),
            MISUSE,
            "the program uses a client that it closed",
        ),
    ],
)


def influx(
    status: int,
    body: Any,
    headers: dict[str, str] | None = None,
    *,
    write: bool = True,
    **more: Any,
) -> Callable[[], None]:
    def call() -> None:
        import influxdb_client
        from influxdb_client.client.write_api import SYNCHRONOUS

        with web(status, body, headers, **more) as base:
            client = influxdb_client.InfluxDBClient(url=base, token="t", org="o", timeout=500)
            if write:
                client.write_api(write_options=SYNCHRONOUS).write(
                    bucket="builds", record="steps n=1"
                )
            else:
                client.query_api().query('from(bucket: "builds")')

    return call


rows(
    "influxdb",
    "influxdb-client",
    [
        (
            influx(401, {"code": "unauthorized", "message": "unauthorized access"}),
            AUTH,
            "the token is wrong",
        ),
        (
            influx(
                429,
                {
                    "code": "too many requests",
                    "message": "org 1234 has exceeded limited_write plan limit",
                },
                {"Retry-After": "30"},
            ),
            THROTTLED,
            "too many writes",
        ),
        (
            influx(
                503, {"code": "unavailable", "message": "service unavailable"}, {"Retry-After": "4"}
            ),
            OVERLOADED,
            "the service is not available",
        ),
        (
            influx(
                400,
                {"code": "invalid", "message": "unable to parse 'steps n=': missing field value"},
            ),
            BAD_DATA,
            "the line does not parse",
        ),
        (
            influx(
                422,
                {
                    "code": "unprocessable entity",
                    "message": 'failure writing points to database: partial write: field type conflict: input field "timeout" is type string, already exists as type float dropped=1',
                },
            ),
            BAD_DATA,
            "the field has another type",
        ),
        (
            influx(404, {"code": "not found", "message": 'bucket "builds" not found'}, write=False),
            NOT_FOUND,
            "the bucket does not exist",
        ),
        (influx(200, "", mode="hang"), TIMED_OUT, "the server says nothing"),
        (influx(204, "", mode="cut"), RESET, "the server closed the connection"),
    ],
)


def arango(status: int, body: dict[str, Any]) -> Callable[[], None]:
    def call() -> None:
        from arango import ArangoClient

        with web(status, {"error": True, "code": status, **body}) as base:
            ArangoClient(hosts=base).db("planner", username="app", password="x").collection(
                "builds"
            ).insert({"_key": "7"})

    return call


rows(
    "arango",
    "python-arango",
    [
        (
            arango(
                409,
                {
                    "errorNum": 1210,
                    "errorMessage": "unique constraint violated - in index primary of type primary over '_key'; conflicting key: 7",
                },
            ),
            CONSTRAINT,
            "the key exists",
        ),
        (
            arango(409, {"errorNum": 1200, "errorMessage": "write-write conflict; key: 7"}),
            CONTENTION,
            "two writers changed the same document",
        ),
        (
            arango(404, {"errorNum": 1203, "errorMessage": "collection or view not found: builds"}),
            NOT_FOUND,
            "the collection does not exist",
        ),
        (
            arango(401, {"errorNum": 11, "errorMessage": "not authorized to execute this request"}),
            AUTH,
            "the user has no privilege",
        ),
        (
            arango(503, {"errorNum": 1496, "errorMessage": "not a leader"}),
            LEADER,
            "another node leads",
        ),
    ],
)


def consul(status: int, body: str) -> Callable[[], None]:
    def call() -> None:
        import consul as library

        with web(status, body) as base:
            host, port = base.removeprefix("http://").split(":")
            library.Consul(host=host, port=int(port)).kv.get("builds/timeout")

    return call


rows(
    "consul",
    "python-consul",
    [
        (consul(500, "No cluster leader"), LEADER, "the cluster elects a leader"),
        (
            consul(
                403, "Permission denied: token with AccessorID '0001' lacks permission 'key:read'"
            ),
            AUTH,
            "the token may not do this",
        ),
        (consul(400, "Invalid URL. No key name."), BAD_DATA, "the key is not named"),
    ],
)


def vault(status: int, errors: list[str], *, read: bool = True) -> Callable[[], None]:
    def call() -> None:
        import hvac

        with web(status, {"errors": errors}) as base:
            client = hvac.Client(url=base, token="t", timeout=1)
            if read:
                client.secrets.kv.v2.read_secret_version(
                    path="builds", raise_on_deleted_version=True
                )
            else:
                client.auth.approle.login(role_id="r", secret_id="s")

    return call


rows(
    "hvac",
    "hvac",
    [
        (vault(403, ["permission denied"]), AUTH, "the token may not do this"),
        (vault(404, []), NOT_FOUND, "there is no such secret"),
        (
            vault(503, ["Vault is sealed"]),
            {
                **RESTARTING,
                "types": "NETWORK SECURITY",
                "transient": "unknown",
                "strategies": "ESCALATION RETRY ALTERNATIVE_PATH",
            },
            "somebody has to unseal it; whether that happens soon is not known",
        ),
        (
            vault(400, ["invalid role or secret ID"], read=False),
            {**AUTH, "types": "SECURITY VALIDATION"},
            "the secret is wrong",
        ),
        (
            vault(429, ['request path "secret/data/builds": rate limit quota exceeded']),
            THROTTLED,
            "too many requests",
        ),
        (
            vault(500, ["local node not active but active cluster node not found"]),
            LEADER,
            "the cluster elects a leader",
        ),
        (vault(502, ["upstream did not answer"]), OVERLOADED, "the gateway reached nobody"),
    ],
)


def memcache(*script: Any, work: Callable[[Any], Any] | None = None) -> Callable[[], None]:
    def call() -> None:
        from pymemcache.client.base import Client

        with wire(*script) as address:
            (work or (lambda client: client.set("builds", "1", noreply=False)))(
                Client(address, connect_timeout=1, timeout=0.3)
            )

    return call


rows(
    "memcache",
    "pymemcache",
    [
        (
            memcache(None, b"SERVER_ERROR out of memory storing object\r\n"),
            MEMORY,
            "the memory of the server is full; whether keys expire soon is not known",
        ),
        (
            memcache(None, b"SERVER_ERROR object too large for cache\r\n"),
            TOO_BIG,
            "the value is too large",
        ),
        (memcache(None, b"CLIENT_ERROR bad data chunk\r\n"), BAD_DATA, "the client sent nonsense"),
        (memcache(None), RESET, "the server closed the connection"),
        (memcache("hang"), TIMED_OUT, "the server says nothing"),
        (
            memcache(None, work=lambda client: client.get("rate limit key with blanks")),
            MISUSE,
            "the key may not have blanks",
        ),
        (
            memcache(None, work=lambda client: client.set("k" * 300, "1")),
            MISUSE,
            "the key is too long",
        ),
        (memcache(None, b"ERROR\r\n"), UNSUPPORTED, "there is no such command"),
    ],
)


def meili(status: int, body: dict[str, Any] | str, **more: Any) -> Callable[[], None]:
    def call() -> None:
        import meilisearch

        with web(status, body, **more) as base:
            meilisearch.Client(base, "key", timeout=1).index("builds").search("timeout")

    return call


rows(
    "meilisearch",
    "meilisearch",
    [
        (
            meili(
                404,
                {
                    "message": "Index `builds` not found.",
                    "code": "index_not_found",
                    "type": "invalid_request",
                    "link": "",
                },
            ),
            NOT_FOUND,
            "the index does not exist",
        ),
        (
            meili(
                403,
                {
                    "message": "The provided API key is invalid.",
                    "code": "invalid_api_key",
                    "type": "auth",
                    "link": "",
                },
            ),
            AUTH,
            "the key is wrong",
        ),
        (
            meili(
                400,
                {
                    "message": "Attribute `retry_after` is not filterable.",
                    "code": "invalid_search_filter",
                    "type": "invalid_request",
                    "link": "",
                },
            ),
            BAD_DATA,
            "the attribute can not be filtered by",
        ),
        (
            meili(
                503,
                {
                    "message": "Too many search requests running at the same time: 1000. Retry after 10s.",
                    "code": "too_many_search_requests",
                    "type": "system",
                    "link": "",
                },
                headers={"Retry-After": "10"},
            ),
            {**THROTTLED, "types": "RATE_LIMIT NETWORK"},
            "too many searches at once",
        ),
        (meili(200, "", mode="hang"), TIMED_OUT, "the server says nothing"),
        (
            meili(
                507,
                {
                    "message": "There is no more space left on the device.",
                    "code": "no_space_left_on_device",
                    "type": "system",
                    "link": "",
                },
            ),
            FULL,
            "the disk of the server is full",
        ),
    ],
)


def types_(status: int, body: Any, **more: Any) -> Callable[[], None]:
    def call() -> None:
        import typesense

        with web(status, body, **more) as base:
            host, port = base.removeprefix("http://").split(":")
            node = {"host": host, "port": port, "protocol": "http"}
            client = typesense.Client(
                {
                    "nodes": [node],
                    "api_key": "k",
                    "connection_timeout_seconds": 0.4,
                    "num_retries": 0,
                }
            )
            client.collections["builds"].documents.create({"id": "7"})

    return call


rows(
    "typesense",
    "typesense",
    [
        (
            types_(409, {"message": "A document with id 7 already exists."}),
            CONSTRAINT,
            "the key exists",
        ),
        (
            types_(
                401, {"message": "Forbidden - a valid `x-typesense-api-key` header must be sent."}
            ),
            AUTH,
            "the key is wrong",
        ),
        (types_(404, {"message": "Not found."}), NOT_FOUND, "the collection does not exist"),
        (types_(503, {"message": "Not Ready or Lagging"}), RESTARTING, "the node catches up"),
        (
            types_(400, {"message": "Field `timeout` must be an int32."}),
            BAD_DATA,
            "the field has the wrong type",
        ),
    ],
)


# ---- ZooKeeper, Couchbase, SurrealDB, others
def zoo(name: str, *words: Any) -> Callable[[], None]:
    def call() -> None:
        from kazoo import exceptions

        raise getattr(exceptions, name)(*words)

    return call


rows(
    "kazoo",
    "kazoo",
    [
        (zoo("NoNodeError"), NOT_FOUND, "the node does not exist"),
        (zoo("NodeExistsError"), CONFLICT, "the node exists"),
        (zoo("ConnectionLoss"), RESET, "the connection was lost"),
        (zoo("SessionExpiredError"), RESTARTING, "the session ended; a new one will do"),
        (zoo("NoAuthError"), AUTH, "the client has no privilege"),
        (zoo("BadVersionError"), STALE, "somebody else changed the node"),
        (
            zoo("LockTimeout", "Failed to acquire lock on /builds/7 after 5 seconds"),
            LOCK_WAIT,
            "somebody else holds the lock",
        ),
        (zoo("OperationTimeoutError"), TIMED_OUT, "the operation ran out of its time"),
    ],
)


@case(
    "kazoo_20",
    "kazoo",
    **{
        **REFUSED,
        "types": "TIMEOUT NETWORK",
        "strategies": "RETRY ESCALATION GRACEFUL_DEGRADATION",
    },
    why="nobody listens, so the wait for a session ends",
)
def _() -> None:
    from kazoo.client import KazooClient

    client = KazooClient(hosts=f"127.0.0.1:{closed_port()}")
    try:
        client.start(timeout=0.3)
    finally:
        client.stop()
        client.close()


def couch(name: str, text: str) -> Callable[[], None]:
    def call() -> None:
        from couchbase import exceptions

        raise getattr(exceptions, name)(message=text)

    return call


rows(
    "couchbase",
    "couchbase",
    [
        (
            couch("DocumentNotFoundException", "document_not_found (101)"),
            NOT_FOUND,
            "there is no such document",
        ),
        (couch("DocumentExistsException", "document_exists (105)"), CONSTRAINT, "the key exists"),
        (
            couch("CASMismatchException", "cas_mismatch (9)"),
            STALE,
            "somebody else changed the document",
        ),
        (
            couch("UnAmbiguousTimeoutException", "unambiguous_timeout (14)"),
            TIMED_OUT,
            "the operation ran out of its time",
        ),
        (
            couch("AuthenticationException", "authentication_failure (6)"),
            AUTH,
            "the password is wrong",
        ),
        (
            couch("TemporaryFailException", "temporary_failure (7)"),
            OVERLOADED,
            "the server has too much to do",
        ),
        (
            couch(
                "ParsingFailedException",
                "parsing_failure (8): syntax error - line 1, column 1, near 'selec'",
            ),
            BAD_QUERY,
            "the statement does not parse",
        ),
    ],
)


@case("zodb_01", "ZODB", **CONTENTION, why="two transactions changed the same object")
def _() -> None:
    import transaction
    import ZODB

    database = ZODB.DB(None)
    first, second = transaction.TransactionManager(), transaction.TransactionManager()
    one, two = database.open(first), database.open(second)
    one.root()["n"] = 0
    first.commit()
    second.begin()
    one.root()["n"] = 1
    two.root()["n"] = 2
    second.commit()
    first.commit()


@case("iceberg_01", "pyiceberg", **NOT_FOUND, why="the table does not exist")
def _() -> None:
    from pyiceberg.catalog.memory import InMemoryCatalog

    InMemoryCatalog("c", warehouse="memory://w").load_table("builds.timeouts")


@case("iceberg_02", "pyiceberg", **STALE, why="somebody else changed the table")
def _() -> None:
    from pyiceberg.exceptions import CommitFailedException

    raise CommitFailedException(
        "Requirement failed: branch main has changed: expected id 7, found 9"
    )


@case("deltalake_01", "deltalake", **NOT_FOUND, why="there is no table")
def _() -> None:
    from deltalake import DeltaTable

    DeltaTable("/srv/app/state/absent")


@case("lancedb_01", "lancedb", **NOT_FOUND, why="the table does not exist")
def _() -> None:
    import tempfile

    import lancedb

    with tempfile.TemporaryDirectory() as place:
        lancedb.connect(place).open_table("timeouts")


@case("pyarrow_01", "pyarrow", **BAD_DATA, why="the text is no number")
def _() -> None:
    import pyarrow as pa

    pa.array(["soon"]).cast(pa.int64())


@case(
    "pyarrow_02",
    "pyarrow",
    **{**BAD_DATA, "types": "VALIDATION UNKNOWN SYNTAX"},
    why="the file has the wrong format",
)
def _() -> None:
    import io

    import pyarrow.parquet

    pyarrow.parquet.read_table(io.BytesIO(b"this is no parquet file at all, retry"))


@case("s3fs_01", "fsspec", **NOT_FOUND, why="there is no such file")
def _() -> None:
    import fsspec

    fsspec.filesystem("memory").cat_file("/builds/timeout.json")


@case("s3fs_02", "fsspec", **SETTINGS, why="there is no such protocol")
def _() -> None:
    import fsspec

    fsspec.filesystem("s4")


@case(
    "redis_60",
    "redis",
    **AUTH,
    why="one member of the group is permanent, so the group is",
    tags=("group",),
)
async def _() -> None:
    works = [
        red_async("LOADING Redis is loading the dataset in memory")(),
        red_async("NOAUTH Authentication required.")(),
    ]
    raise ExceptionGroup(
        "2 of 2 caches failed",
        [
            e
            for e in await asyncio.gather(*works, return_exceptions=True)
            if isinstance(e, Exception)
        ],
    )


@case(
    "redis_61", "redis", **RESTARTING, why="every member of the group is transient", tags=("group",)
)
async def _() -> None:
    works = [
        red_async("LOADING Redis is loading the dataset in memory")(),
        red_async("CLUSTERDOWN The cluster is down")(),
    ]
    raise ExceptionGroup(
        "2 of 2 caches failed",
        [
            e
            for e in await asyncio.gather(*works, return_exceptions=True)
            if isinstance(e, Exception)
        ],
    )
