"""Errors of message brokers, task queues and mail."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from data_labels import (
    AUTH,
    BAD_DATA,
    BAD_DOCUMENT,
    CERTIFICATE,
    CLOSED_HANDLE,
    CONFLICT,
    CONTENTION,
    FULL,
    GIVEN_UP,
    LEADER,
    MISUSE,
    NO_SLOT,
    NOT_FOUND,
    OPAQUE,
    OVERLOADED,
    QUOTA,
    REFUSED,
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
from lab import add, case, closed_port, serve, wire

Label = dict[str, Any]
Row = tuple[Callable[[], Any], Label, str]


def rows(prefix: str, library: str, found: list[Row], start: int = 1) -> None:
    for number, (raiser, label, why) in enumerate(found, start):
        add(f"{prefix}_{number:02d}", library, raiser, **label, why=why)


# ---- Kafka
def kafka(name: str, *words: Any, module: str = "kafka") -> Callable[[], None]:
    def call() -> None:
        raise getattr(__import__(f"{module}.errors").errors, name)(*words)

    return call


LOST_OFFSET: Label = {
    "types": "VALIDATION UNKNOWN NETWORK",
    "strategies": "ESCALATION ALTERNATIVE_PATH",
    "transient": "no",
}
rows(
    "kafka",
    "kafka-python",
    [
        (kafka("NotLeaderForPartitionError"), LEADER, "another broker leads the partition"),
        (kafka("LeaderNotAvailableError"), LEADER, "the partition elects a leader"),
        (
            kafka("TopicAuthorizationFailedError", {"builds"}),
            AUTH,
            "the client has no privilege on the topic",
        ),
        (
            kafka(
                "MessageSizeTooLargeError",
                "The message is 2097152 bytes when serialized which is larger than the maximum request size",
            ),
            TOO_BIG,
            "the message is too large",
        ),
        (
            kafka("KafkaTimeoutError", "Failed to update metadata after 60.0 secs."),
            TIMED_OUT,
            "the metadata did not come in time",
        ),
        (kafka("RequestTimedOutError"), TIMED_OUT, "the broker did not answer in time"),
        (
            kafka("OffsetOutOfRangeError", {"builds-0": 7}),
            LOST_OFFSET,
            "the wanted records are gone",
        ),
        (kafka("UnsupportedVersionError"), UNSUPPORTED, "the broker is too old"),
        (kafka("NotEnoughReplicasError"), RESTARTING, "too few replicas at this moment"),
        (
            kafka("CorruptRecordError"),
            RESET,
            "the record was damaged on its way; the protocol calls it retriable",
        ),
        (kafka("RebalanceInProgressError"), CONTENTION, "the group shares its partitions anew"),
        (kafka("InvalidTopicError", "build queue/retry"), BAD_DATA, "the name is no topic name"),
        (
            kafka(
                "SaslAuthenticationFailedError",
                "Authentication failed during authentication due to invalid credentials",
            ),
            AUTH,
            "the password is wrong",
        ),
        (kafka("ThrottlingQuotaExceededError"), THROTTLED, "the quota per second is used up"),
    ],
)


@case("kafka_20", "kafka-python", **REFUSED, why="no broker can be reached")
def _() -> None:
    import kafka as library

    library.KafkaProducer(
        bootstrap_servers=f"127.0.0.1:{closed_port()}", bootstrap_timeout_ms=500, max_block_ms=300
    )


@case("kafka_21", "kafka-python", **SETTINGS, why="the option does not exist")
def _() -> None:
    import kafka as library

    library.KafkaProducer(bootstrap_servers="127.0.0.1:1", retry_limit=3)


@case(
    "kafka_22",
    "kafka-python",
    **CLOSED_HANDLE,
    why="the producer is closed; whether a new one would be used is not known",
)
def _() -> None:
    raise __import__("kafka.errors").errors.KafkaConnectionError(
        "Socket EVENT_READ without in-flight-requests"
    )


@case("aiokafka_01", "aiokafka", **REFUSED, why="no broker can be reached")
async def _() -> None:
    from aiokafka import AIOKafkaProducer

    producer = AIOKafkaProducer(
        bootstrap_servers=f"127.0.0.1:{closed_port()}", request_timeout_ms=500
    )
    try:
        await producer.start()
    finally:
        await producer.stop()


rows(
    "aiokafka",
    "aiokafka",
    [
        (
            kafka("UnknownTopicOrPartitionError", module="aiokafka"),
            {
                **NOT_FOUND,
                "transient": "unknown",
                "strategies": "RETRY ESCALATION ALTERNATIVE_PATH",
            },
            "the topic does not exist, or not yet; the protocol calls it retriable",
        ),
        (
            kafka("CoordinatorNotAvailableError", module="aiokafka"),
            LEADER,
            "the group elects a coordinator",
        ),
        (
            kafka("GroupAuthorizationFailedError", "workers", module="aiokafka"),
            AUTH,
            "the client has no privilege on the group",
        ),
        (kafka("RecordTooLargeError", module="aiokafka"), TOO_BIG, "the record is too large"),
        (kafka("ProducerFenced", module="aiokafka"), STALE, "another producer took over"),
        (kafka("InvalidTopicError", module="aiokafka"), BAD_DATA, "the name is no topic name"),
        (
            kafka("KafkaConnectionError", "Connection at broker-2:9092 closed", module="aiokafka"),
            RESET,
            "the broker closed the connection",
        ),
    ],
    2,
)


def confluent(name: str, text: str) -> Callable[[], None]:
    def call() -> None:
        import confluent_kafka

        raise confluent_kafka.KafkaException(
            confluent_kafka.KafkaError(getattr(confluent_kafka.KafkaError, name), text)
        )

    return call


rows(
    "confluent",
    "confluent-kafka",
    [
        (
            confluent("_MSG_TIMED_OUT", "Local: Message timed out"),
            TIMED_OUT,
            "the message was not delivered in time",
        ),
        (
            confluent("_ALL_BROKERS_DOWN", "2/2 brokers are down"),
            REFUSED,
            "no broker can be reached",
        ),
        (
            confluent(
                "_TRANSPORT",
                "broker-1:9092/1: Connect to ipv4#10.1.0.4:9092 failed: Connection refused (after 0ms in state CONNECT)",
            ),
            REFUSED,
            "nobody listens",
        ),
        (
            confluent("TOPIC_AUTHORIZATION_FAILED", "Broker: Topic authorization failed"),
            AUTH,
            "the client has no privilege on the topic",
        ),
        (
            confluent(
                "_AUTHENTICATION",
                "sasl_ssl://broker-1:9093/bootstrap: SASL authentication error: Authentication failed: Invalid username or password",
            ),
            AUTH,
            "the password is wrong",
        ),
        (
            confluent("MSG_SIZE_TOO_LARGE", "Broker: Message size too large"),
            TOO_BIG,
            "the message is too large",
        ),
        (
            confluent("_QUEUE_FULL", "Local: Queue full"),
            NO_SLOT,
            "the local queue is full at this moment",
        ),
        (
            confluent("NOT_LEADER_FOR_PARTITION", "Broker: Not leader for partition"),
            LEADER,
            "another broker leads the partition",
        ),
        (confluent("_UNKNOWN_TOPIC", "Local: Unknown topic"), NOT_FOUND, "there is no such topic"),
        (
            confluent(
                "_SSL",
                "ssl://broker-1:9093/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could not be verified",
            ),
            CERTIFICATE,
            "the certificate is not trusted",
        ),
        (
            confluent("_VALUE_DESERIALIZATION", "Schema registry: unknown magic byte"),
            {**BAD_DATA, "types": "VALIDATION CONTRACT SYNTAX"},
            "the value was written with another schema",
        ),
        (
            confluent("OFFSET_OUT_OF_RANGE", "Broker: Offset out of range"),
            LOST_OFFSET,
            "the wanted records are gone",
        ),
    ],
)


@case("confluent_20", "confluent-kafka", **SETTINGS, why="the option does not exist")
def _() -> None:
    import confluent_kafka

    confluent_kafka.Producer({"bootstrap.servers": "127.0.0.1:1", "retry.limit": 3})


@case("confluent_21", "confluent-kafka", **NO_SLOT, why="the local queue is full at this moment")
def _() -> None:
    import confluent_kafka

    producer = confluent_kafka.Producer(
        {
            "bootstrap.servers": f"127.0.0.1:{closed_port()}",
            "queue.buffering.max.messages": 2,
            "message.timeout.ms": 500,
        }
    )
    for _number in range(4):
        producer.produce("builds", b"x")


# ---- RabbitMQ
def closed(code: int, text: str, *, channel: bool = True) -> Callable[[], None]:
    def call() -> None:
        import pika

        raise (
            pika.exceptions.ChannelClosedByBroker
            if channel
            else pika.exceptions.ConnectionClosedByBroker
        )(code, text)

    return call


rows(
    "rabbit",
    "pika",
    [
        (
            closed(404, "NOT_FOUND - no queue 'retry.timeout' in vhost '/'"),
            NOT_FOUND,
            "the queue does not exist",
        ),
        (
            closed(
                406,
                "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'builds' in vhost '/': received 'false' but current is 'true'",
            ),
            CONFLICT,
            "the queue exists with other settings",
        ),
        (
            closed(
                403, "ACCESS_REFUSED - access to queue 'builds' in vhost '/' refused for user 'app'"
            ),
            AUTH,
            "the user has no privilege",
        ),
        (
            closed(406, "PRECONDITION_FAILED - unknown delivery tag 3"),
            MISUSE,
            "the message was acknowledged twice",
        ),
        (
            closed(
                320,
                "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'",
                channel=False,
            ),
            RESTARTING,
            "the broker restarts",
        ),
        (
            closed(
                405,
                "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'builds' in vhost '/'",
            ),
            {
                **CONTENTION,
                "transient": "unknown",
                "strategies": "RETRY ESCALATION ALTERNATIVE_PATH",
            },
            "another connection owns the queue; for how long is not known",
        ),
        (
            closed(530, "NOT_ALLOWED - vhost planner not found", channel=False),
            NOT_FOUND,
            "the virtual host does not exist",
        ),
        (
            closed(
                406,
                "PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: 1800000 ms.",
            ),
            {
                **TIMED_OUT,
                "transient": "unknown",
                "strategies": "RETRY ESCALATION GRACEFUL_DEGRADATION ALTERNATIVE_PATH",
            },
            "the worker took too long for one message; the same work may take as long again",
        ),
        (closed(541, "INTERNAL_ERROR", channel=False), UNCLEAR, "the broker does not say more"),
        (
            closed(506, "RESOURCE_ERROR - too many connections", channel=False),
            NO_SLOT,
            "all connections are taken",
        ),
    ],
)


def pika_raises(name: str, *words: Any) -> Callable[[], None]:
    def call() -> None:
        import pika

        raise getattr(pika.exceptions, name)(*words)

    return call


rows(
    "rabbit",
    "pika",
    [
        (
            pika_raises(
                "AMQPHeartbeatTimeout",
                "No activity or too many missed heartbeats in the last 60 seconds",
            ),
            {**TIMED_OUT, "types": "TIMEOUT NETWORK"},
            "the broker was silent for too long",
        ),
        (
            pika_raises(
                "StreamLostError",
                "Stream connection lost: ConnectionResetError(104, 'Connection reset by peer')",
            ),
            RESET,
            "the connection was reset",
        ),
        (pika_raises("UnroutableError", []), NOT_FOUND, "no queue takes the message"),
        (
            pika_raises("ConnectionWrongStateError", "BlockingConnection is closed"),
            CLOSED_HANDLE,
            "the connection is closed; whether a new one would be used is not known",
        ),
        (
            pika_raises("ChannelWrongStateError", "Channel is closed."),
            CLOSED_HANDLE,
            "the channel is closed; whether a new one would be used is not known",
        ),
        (
            pika_raises("BodyTooLongError", 4096, 1024),
            BAD_DATA,
            "the body is longer than announced",
        ),
    ],
    20,
)


@case(
    "rabbit_30",
    "pika",
    **{
        **RESET,
        "transient": "unknown",
        "strategies": "RETRY ESCALATION",
        "types": "NETWORK SECURITY VALIDATION",
    },
    why="the peer closes before the protocol starts: another protocol, or a broker that starts",
)
def _() -> None:
    import pika

    with wire(None, b"HTTP/1.1 400 Bad Request\r\n\r\n") as (host, port):
        pika.BlockingConnection(
            pika.ConnectionParameters(
                host, port, connection_attempts=1, socket_timeout=1, blocked_connection_timeout=1
            )
        )


@case("rabbit_31", "aio-pika", **REFUSED, why="nobody listens")
async def _() -> None:
    import aio_pika

    await aio_pika.connect(f"amqp://app:x@127.0.0.1:{closed_port()}/", timeout=1)


@case("rabbit_32", "aio-pika", **TIMED_OUT, why="the broker says nothing")
async def _() -> None:
    import aio_pika

    with wire("hang") as (host, port):
        await aio_pika.connect(f"amqp://app:x@{host}:{port}/", timeout=0.3)


def aio(name: str, *words: Any) -> Callable[[], None]:
    def call() -> None:
        import aio_pika

        raise getattr(aio_pika.exceptions, name)(*words)

    return call


rows(
    "rabbit",
    "aio-pika",
    [
        (
            aio("ChannelNotFoundEntity", "NOT_FOUND - no exchange 'deadline' in vhost '/'"),
            NOT_FOUND,
            "the exchange does not exist",
        ),
        (
            aio(
                "ProbableAuthenticationError",
                "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN.",
            ),
            AUTH,
            "the password is wrong",
        ),
        (
            aio("QueueEmpty"),
            {
                **NOT_FOUND,
                "types": "UNKNOWN VALIDATION NETWORK",
                "transient": "unknown",
                "strategies": "ESCALATION GRACEFUL_DEGRADATION RETRY ALTERNATIVE_PATH",
            },
            "the queue holds nothing; whether something comes is not known",
        ),
        (
            aio(
                "ChannelPreconditionFailed",
                "PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'builds'",
            ),
            CONFLICT,
            "the queue exists with other settings",
        ),
    ],
    33,
)


# ---- NATS
def nats(name: str, *words: Any) -> Callable[[], None]:
    def call() -> None:
        raise getattr(__import__("nats.errors").errors, name)(*words)

    return call


def stream(status: int, code: int, text: str) -> Callable[[], None]:
    def call() -> None:
        from nats.js.errors import APIError

        APIError.from_error({"code": status, "err_code": code, "description": text})

    return call


def nats_server(*script: Any) -> Callable[[], Any]:
    async def call() -> None:
        import nats as library

        async def ignore(error: Exception) -> None:
            return None

        with wire(*script) as (host, port):
            await library.connect(
                f"nats://{host}:{port}",
                connect_timeout=0.4,
                max_reconnect_attempts=1,
                allow_reconnect=False,
                error_cb=ignore,
            )

    return call


INFO = b'INFO {"server_id":"x","version":"2.10.0","max_payload":1048576,"auth_required":true}\r\n'
rows(
    "nats",
    "nats-py",
    [
        (
            nats("NoRespondersError"),
            {
                **RESTARTING,
                "types": "NETWORK UNKNOWN",
                "transient": "unknown",
                "strategies": "RETRY ESCALATION ALTERNATIVE_PATH GRACEFUL_DEGRADATION",
            },
            "nobody serves the subject; whether somebody will is not known",
        ),
        (nats("TimeoutError"), TIMED_OUT, "no answer in time"),
        (nats("MaxPayloadError"), TOO_BIG, "the message is too large"),
        (nats("AuthorizationError"), AUTH, "the user has no privilege"),
        (
            nats("ConnectionClosedError"),
            CLOSED_HANDLE,
            "the connection is closed; whether a new one would be used is not known",
        ),
        (nats("NoServersError"), REFUSED, "no server can be reached"),
        (nats("BadSubjectError"), BAD_DATA, "the name is no subject"),
        (nats("StaleConnectionError"), RESET, "the server was silent for too long"),
        (
            nats("SlowConsumerError", "builds.*", "x", 3, None),
            OVERLOADED,
            "the consumer is too slow at this moment",
        ),
        (stream(404, 10059, "stream not found"), NOT_FOUND, "the stream does not exist"),
        (stream(400, 10071, "wrong last sequence: 9"), STALE, "somebody else wrote in between"),
        (
            stream(503, 10008, "JetStream system temporarily unavailable"),
            RESTARTING,
            "the server is on its way",
        ),
        (
            stream(400, 10058, "stream name already in use with a different configuration"),
            CONFLICT,
            "the stream exists with other settings",
        ),
        (
            nats_server(INFO, None, b"-ERR 'Authorization Violation'\r\n"),
            AUTH,
            "the password is wrong",
        ),
        (nats_server("hang"), TIMED_OUT, "the server says nothing"),
    ],
)


# ---- Celery, RQ, dramatiq, huey, arq
@case("celery_01", "celery", **MISUSE, why="no task of that name is registered")
def _() -> None:
    from celery.exceptions import NotRegistered

    raise NotRegistered("builds.tasks.retry")


@case("celery_02", "celery", **REFUSED, why="the broker does not listen")
def _() -> None:
    from celery import Celery

    app = Celery(broker=f"amqp://127.0.0.1:{closed_port()}//")
    with app.connection_for_write() as connection:
        connection.connect()


@case("celery_03", "celery", **TIMED_OUT, why="the result did not come in time")
def _() -> None:
    from celery.exceptions import TimeoutError as ResultTimeout

    raise ResultTimeout("The operation timed out.")


@case("celery_04", "celery", **GIVEN_UP, why="the queue has retried as often as it may")
def _() -> None:
    from celery.exceptions import MaxRetriesExceededError

    raise MaxRetriesExceededError("Can't retry builds.make[1f] args:(7,) kwargs:{}")


@case(
    "celery_05",
    "celery",
    **{
        **TIMED_OUT,
        "transient": "unknown",
        "strategies": "ESCALATION GRACEFUL_DEGRADATION RETRY ALTERNATIVE_PATH",
    },
    why="the task took longer than it may; the same task may take as long again",
)
def _() -> None:
    from billiard.exceptions import TimeLimitExceeded

    raise TimeLimitExceeded(300)


@case(
    "celery_06",
    "celery",
    **{**UNCLEAR, "types": "UNKNOWN NETWORK GENERATION"},
    why="the worker was killed, for memory or by an operator",
)
def _() -> None:
    from billiard.exceptions import WorkerLostError

    raise WorkerLostError("Worker exited prematurely: signal 9 (SIGKILL) Job: 12.")


@case("celery_07", "celery", **SETTINGS, why="the configuration is wrong")
def _() -> None:
    from celery.exceptions import ImproperlyConfigured

    raise ImproperlyConfigured(
        "Cannot mix new and old setting keys, please rename the following settings: CELERY_TASK_TIME_LIMIT -> task_time_limit"
    )


@case("kombu_01", "kombu", **REFUSED, why="the broker does not listen")
def _() -> None:
    import kombu

    with kombu.Connection(f"redis://127.0.0.1:{closed_port()}/0") as connection:
        connection.ensure_connection(max_retries=0, timeout=0.3, reraise_as_library_errors=True)


@case(
    "kombu_02",
    "kombu",
    **{**BAD_DATA, "types": "SECURITY VALIDATION"},
    why="the content type is not accepted, by rule",
)
def _() -> None:
    from kombu.serialization import loads

    loads(b"x", "application/x-python-serialize", "binary", accept=["json"])


@case("kombu_03", "kombu", **BAD_DATA, why="the value can not be written as JSON")
def _() -> None:
    from kombu.serialization import dumps

    dumps({"timeout": object()}, serializer="json")


@case("kombu_04", "kombu", **BAD_DOCUMENT, why="the message does not parse")
def _() -> None:
    from kombu.serialization import loads

    loads(b'{"retry": ', "application/json", "utf-8")


@case("amqp_01", "amqp", **NOT_FOUND, why="the queue does not exist")
def _() -> None:
    import amqp

    raise amqp.NotFound("no queue 'rate-limit' in vhost '/'", (50, 10), "Queue.declare")


@case("amqp_02", "amqp", **AUTH, why="the password is wrong")
def _() -> None:
    import amqp

    raise amqp.AccessRefused(
        "(0, 0): (403) ACCESS_REFUSED - Login was refused using authentication mechanism AMQPLAIN",
        (10, 50),
        "",
    )


@case("amqp_03", "amqp", **RESTARTING, why="the broker restarts")
def _() -> None:
    import amqp

    raise amqp.ConnectionForced("broker forced connection closure with reason 'shutdown'")


@case(
    "amqp_04", "amqp", **FULL, why="the broker has an alarm of disk or memory until somebody acts"
)
def _() -> None:
    import amqp

    raise amqp.ResourceError("PRECONDITION_FAILED: low on disk")


@case("rq_01", "rq", **NOT_FOUND, why="there is no such job")
def _() -> None:
    from rq.exceptions import NoSuchJobError

    raise NoSuchJobError("No such job: timeout-7")


@case(
    "rq_02",
    "rq",
    **{
        **TIMED_OUT,
        "transient": "unknown",
        "strategies": "ESCALATION GRACEFUL_DEGRADATION RETRY ALTERNATIVE_PATH",
    },
    why="the job took longer than it may; the same job may take as long again",
)
def _() -> None:
    from rq.timeouts import JobTimeoutException

    raise JobTimeoutException("Task exceeded maximum timeout value (180 seconds)")


@case("rq_03", "rq", **MISUSE, why="the function can not be found")
def _() -> None:
    from rq.exceptions import DeserializationError

    raise DeserializationError from AttributeError(
        "module 'builds.tasks' has no attribute 'retry_later'"
    )


@case("dramatiq_02", "dramatiq", **THROTTLED, why="the limiter has no slot at this moment")
def _() -> None:
    from dramatiq.rate_limits import ConcurrentRateLimiter
    from dramatiq.rate_limits.backends import StubBackend

    limiter = ConcurrentRateLimiter(StubBackend(), "builds", limit=1)
    with limiter.acquire(), limiter.acquire():
        pass


@case(
    "dramatiq_03",
    "dramatiq",
    **{
        **TIMED_OUT,
        "transient": "unknown",
        "strategies": "ESCALATION GRACEFUL_DEGRADATION RETRY ALTERNATIVE_PATH",
    },
    why="the task took longer than it may; the same task may take as long again",
)
def _() -> None:
    from dramatiq.middleware import TimeLimitExceeded

    raise TimeLimitExceeded


@case("dramatiq_04", "dramatiq", **TIMED_OUT, why="the result did not come in time")
def _() -> None:
    from dramatiq.results import ResultTimeout

    raise ResultTimeout("Message(queue='builds', actor='make', id='7')")


@case("dramatiq_05", "dramatiq", **NOT_FOUND, why="there is no such actor")
def _() -> None:
    from dramatiq.brokers.stub import StubBroker

    StubBroker().get_actor("timeout")


@case("huey_01", "huey", **OPAQUE, why="the task failed; of what is not known")
def _() -> None:
    from huey.exceptions import TaskException

    raise TaskException(
        {
            "error": "RuntimeError('build 7 is broken')",
            "retries": 0,
            "task_id": "7",
            "traceback": "",
        }
    )


@case("huey_02", "huey", **CONTENTION, why="the lock is held at this moment")
def _() -> None:
    from huey import MemoryHuey

    huey = MemoryHuey()
    with huey.lock_task("builds"), huey.lock_task("builds"):
        pass


@case("huey_03", "huey", **TIMED_OUT, why="the result did not come in time")
def _() -> None:
    from huey import MemoryHuey

    huey = MemoryHuey()

    @huey.task()
    def work() -> None:
        return None

    work()(blocking=True, timeout=0.05)


@case("arq_01", "arq", **REFUSED, why="the store does not listen")
async def _() -> None:
    from arq import create_pool
    from arq.connections import RedisSettings

    await create_pool(RedisSettings(port=closed_port(), conn_retries=0, conn_timeout=1))


@case("arq_02", "arq", **BAD_DATA, why="the result can not be written")
def _() -> None:
    from arq.jobs import serialize_job

    serialize_job("make", (lambda: 1,), {}, 1, 1)


# ---- ZeroMQ
@case(
    "zmq_01",
    "pyzmq",
    **{
        **CONTENTION,
        "types": "NETWORK TIMEOUT UNKNOWN",
        "strategies": "RETRY GRACEFUL_DEGRADATION",
    },
    why="nothing to read at this moment",
)
def _() -> None:
    import zmq

    with zmq.Context() as context, context.socket(zmq.PULL) as puller:
        puller.bind("inproc://builds")
        puller.recv(flags=zmq.NOBLOCK)


@case(
    "zmq_02",
    "pyzmq",
    **{
        **CONTENTION,
        "types": "NETWORK TIMEOUT UNKNOWN",
        "strategies": "RETRY GRACEFUL_DEGRADATION",
    },
    why="nothing came in time",
)
async def _() -> None:
    import zmq
    import zmq.asyncio

    with zmq.asyncio.Context() as context, context.socket(zmq.PULL) as puller:
        puller.rcvtimeo = 40
        puller.bind("inproc://builds")
        await puller.recv()


@case("zmq_03", "pyzmq", **MISUSE, why="the pattern of this socket forbids two requests in a row")
def _() -> None:
    import zmq

    with zmq.Context() as context, context.socket(zmq.REQ) as asker:
        asker.linger = 0
        asker.bind("tcp://127.0.0.1:0")
        asker.recv(zmq.NOBLOCK)


@case(
    "zmq_04",
    "pyzmq",
    **{
        **SETTINGS,
        "types": "NETWORK VALIDATION UNKNOWN",
        "transient": "unknown",
        "strategies": "ESCALATION ALTERNATIVE_PATH RETRY",
    },
    why="somebody else holds the port; for how long is not known",
)
def _() -> None:
    import zmq

    with (
        zmq.Context() as context,
        context.socket(zmq.PULL) as first,
        context.socket(zmq.PULL) as second,
    ):
        port = first.bind_to_random_port("tcp://127.0.0.1")
        second.bind(f"tcp://127.0.0.1:{port}")


@case("zmq_05", "pyzmq", **SETTINGS, why="the transport does not exist")
def _() -> None:
    import zmq

    with zmq.Context() as context, context.socket(zmq.PULL) as puller:
        puller.connect("htp://127.0.0.1:1")


# ---- Pulsar, STOMP, MQTT
def pulsar(name: str, result: str) -> Callable[[], None]:
    def call() -> None:
        import _pulsar
        import pulsar.exceptions as found

        raise getattr(found, name)(getattr(_pulsar.Result, result))

    return call


@case("pulsar_01", "pulsar-client", **SETTINGS, why="the address is wrong")
def _() -> None:
    import pulsar as library

    library.Client("pulsa//broker:6650")


@case(
    "pulsar_02",
    "pulsar-client",
    **{
        **REFUSED,
        "types": "NETWORK TIMEOUT",
        "strategies": "RETRY ESCALATION GRACEFUL_DEGRADATION",
    },
    why="nobody listens",
)
def _() -> None:
    import pulsar as library

    client = library.Client(
        f"pulsar://127.0.0.1:{closed_port()}",
        operation_timeout_seconds=1,
        logger=library.ConsoleLogger(library.LoggerLevel.Error),
    )
    try:
        client.create_producer("builds")
    finally:
        client.close()


@case("stomp_01", "stomp.py", **REFUSED, why="nobody listens")
def _() -> None:
    import stomp

    stomp.Connection(
        [("127.0.0.1", closed_port())],
        reconnect_attempts_max=1,
        timeout=0.5,
        reconnect_sleep_initial=0.01,
    ).connect("app", "x", wait=True)


@case(
    "stomp_02",
    "stomp.py",
    **CLOSED_HANDLE,
    why="nobody is connected; whether a new connection would be used is not known",
)
def _() -> None:
    import stomp

    stomp.Connection([("127.0.0.1", 1)]).send("builds", "x")


@case("mqtt_01", "paho-mqtt", **REFUSED, why="nobody listens")
def _() -> None:
    import paho.mqtt.client as mqtt

    mqtt.Client(mqtt.CallbackAPIVersion.VERSION2).connect("127.0.0.1", closed_port())


@case("mqtt_02", "paho-mqtt", **BAD_DATA, why="the name is no topic to publish to")
def _() -> None:
    import paho.mqtt.client as mqtt

    mqtt.Client(mqtt.CallbackAPIVersion.VERSION2).publish("builds/#", "x")


@case("mqtt_03", "paho-mqtt", **TOO_BIG, why="the payload is too large")
def _() -> None:
    import paho.mqtt.client as mqtt

    mqtt.Client(mqtt.CallbackAPIVersion.VERSION2).publish("builds", b"x" * 268435456)


# ---- mail
def mail(*replies: bytes, asynchronous: bool = False) -> Callable[[], Any]:
    """Send one mail to a server that answers the greeting, EHLO, MAIL, RCPT, DATA and the body with `replies`."""

    def talk(connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        left = list(replies)
        connection.sendall(left.pop(0) + b"\r\n")
        while line := stream.readline():
            verb = line.strip().upper()
            if verb in {b"QUIT", b"RSET"}:
                connection.sendall(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
                continue
            if not left:
                return
            answer = left.pop(0)
            connection.sendall(answer + b"\r\n")
            if answer.startswith(b"354"):
                while stream.readline().strip() != b".":
                    pass
                connection.sendall((left.pop(0) if left else b"250 ok") + b"\r\n")

    def call() -> None:
        import smtplib

        with serve(talk) as (host, port), smtplib.SMTP(host, port, timeout=1) as client:
            client.sendmail("app@app.example", ["ops@app.example"], "Subject: build\r\n\r\nfailed")

    async def call_async() -> None:
        import aiosmtplib

        with serve(talk) as (host, port):
            message = (
                b"From: app@app.example\r\nTo: ops@app.example\r\nSubject: build\r\n\r\nfailed"
            )
            await aiosmtplib.send(
                message,
                sender="app@app.example",
                recipients=["ops@app.example"],
                hostname=host,
                port=port,
                timeout=1,
                start_tls=False,
            )

    return call_async if asynchronous else call


OK = b"250 ok"
MAILS: list[tuple[tuple[bytes, ...], Label, str]] = [
    (
        (
            b"220 hi",
            OK,
            OK,
            b"550 5.1.1 <ops@app.example>: Recipient address rejected: User unknown",
        ),
        NOT_FOUND,
        "there is no such recipient",
    ),
    (
        (
            b"220 hi",
            OK,
            OK,
            b"450 4.2.0 <ops@app.example>: Recipient address rejected: Greylisted, try again in 300 seconds",
        ),
        {**THROTTLED, "types": "RATE_LIMIT NETWORK UNKNOWN"},
        "the server asks to come back later",
    ),
    (
        (b"220 hi", OK, b"452 4.3.1 Insufficient system storage"),
        {**UNCLEAR, "types": "NETWORK UNKNOWN VALIDATION"},
        "the server has no room; it calls that temporary",
    ),
    ((b"220 hi", OK, b"530 5.7.0 Authentication required"), AUTH, "nobody is logged in"),
    (
        (b"220 hi", OK, OK, OK, b"354 go", b"554 5.7.1 Message rejected as spam by content filter"),
        {
            **BAD_DATA,
            "types": "VALIDATION SECURITY",
            "strategies": "ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH",
        },
        "the content is refused",
    ),
    (
        (b"220 hi", OK, OK, OK, b"354 go", b"552 5.3.4 Message size exceeds fixed limit"),
        TOO_BIG,
        "the message is too large",
    ),
    (
        (b"421 4.3.2 Service not available, closing transmission channel",),
        OVERLOADED,
        "the server has no time now",
    ),
    (
        (b"554 5.7.1 Service unavailable; Client host [10.1.0.9] blocked using zen.example",),
        {**AUTH, "types": "SECURITY NETWORK"},
        "the host is on a block list",
    ),
    (
        (b"220 hi", OK, b"421 4.7.0 Too many messages from your host, try again later"),
        {**THROTTLED, "types": "RATE_LIMIT NETWORK"},
        "too many messages",
    ),
    (
        (b"220 hi", OK, OK, b"552 5.2.2 <ops@app.example>: mailbox is full, quota exceeded"),
        {**QUOTA, "types": "VALIDATION UNKNOWN RATE_LIMIT NETWORK"},
        "the mailbox is full",
    ),
    (
        (b"220 hi", OK, b"501 5.1.7 Bad sender address syntax"),
        {**BAD_DATA, "types": "VALIDATION SYNTAX"},
        "the address does not parse",
    ),
    (
        (b"220 hi", OK, OK, OK, b"354 go", b"451 4.3.0 Temporary lookup failure"),
        OVERLOADED,
        "the server looked something up in vain and calls that temporary",
    ),
]
for number, (replies, label, why) in enumerate(MAILS, 1):
    if number % 3:
        add(f"smtplib_{number:02d}", "smtplib", mail(*replies), **label, why=why)
    if number % 2 or number in {2, 6}:
        add(
            f"aiosmtplib_{number:02d}",
            "aiosmtplib",
            mail(*replies, asynchronous=True),
            **label,
            why=why,
        )


@case("smtplib_30", "smtplib", **AUTH, why="the password is wrong")
def _() -> None:
    import smtplib

    with wire(
        b"220 hi\r\n",
        None,
        b"250-hi\r\n250 AUTH PLAIN\r\n",
        None,
        b"535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6\r\n",
        None,
    ) as (host, port):
        smtplib.SMTP(host, port, timeout=1).login("app", "x")


@case("smtplib_31", "smtplib", **UNSUPPORTED, why="the server has no encryption")
def _() -> None:
    import smtplib

    with wire(b"220 hi\r\n", None, b"250 hi\r\n", None) as (host, port):
        smtplib.SMTP(host, port, timeout=1).starttls()


@case("smtplib_32", "smtplib", **RESET, why="the server closed the connection")
def _() -> None:
    import smtplib

    with wire() as (host, port):
        smtplib.SMTP(host, port, timeout=1)


@case("smtplib_33", "smtplib", **TIMED_OUT, why="the server says nothing")
def _() -> None:
    import smtplib

    with wire("hang") as (host, port):
        smtplib.SMTP(host, port, timeout=0.2)


@case(
    "smtplib_34",
    "smtplib",
    **CLOSED_HANDLE,
    why="nobody is connected; whether the program would connect anew is not known",
)
def _() -> None:
    import smtplib

    smtplib.SMTP().sendmail("a@app.example", ["b@app.example"], "x")


@case("aiosmtplib_30", "aiosmtplib", **TIMED_OUT, why="the server says nothing")
async def _() -> None:
    import aiosmtplib

    with wire("hang") as (host, port):
        await aiosmtplib.SMTP(hostname=host, port=port, timeout=0.2).connect()


@case("aiosmtplib_31", "aiosmtplib", **REFUSED, why="nobody listens")
async def _() -> None:
    import aiosmtplib

    await aiosmtplib.SMTP(hostname="127.0.0.1", port=closed_port(), timeout=1).connect()


@case("aiosmtplib_32", "aiosmtplib", **AUTH, why="the password is wrong")
async def _() -> None:
    import aiosmtplib

    with wire(
        b"220 hi\r\n",
        None,
        b"250-hi\r\n250 AUTH PLAIN\r\n",
        None,
        b"535 5.7.8 Username and Password not accepted\r\n",
        None,
    ) as (host, port):
        await aiosmtplib.send(
            "Subject: x\r\n\r\ny",
            sender="a@app.example",
            recipients=["b@app.example"],
            hostname=host,
            port=port,
            username="app",
            password="x",
            timeout=1,
            start_tls=False,
        )


@case(
    "kafka_30",
    "kafka-python",
    **LEADER,
    why="every member of the group is transient",
    tags=("group",),
)
async def _() -> None:
    async def run(step: Callable[[], None]) -> None:
        step()

    async with asyncio.TaskGroup() as group:
        group.create_task(run(kafka("NotLeaderForPartitionError")))
        group.create_task(run(kafka("RequestTimedOutError")))


@case(
    "celery_08",
    "celery",
    **REFUSED,
    why="a bare re-raise still quotes the refused connection",
    tags=("from-none",),
)
def _() -> None:
    import kombu

    try:
        kombu.Connection(f"amqp://127.0.0.1:{closed_port()}//").connect()
    except OSError as error:
        raise RuntimeError(f"could not queue the build: {error}") from None


@case("celery_09", "celery", **OPAQUE, why="the words say nothing and the cause is hidden")
def _() -> None:
    from celery.exceptions import TaskError

    try:
        kafka("TopicAuthorizationFailedError")()
    except Exception:
        raise TaskError("build 7 was not done") from None
