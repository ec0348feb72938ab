"""What retry libraries, breakers, limiters, locks and workflow engines raise at their end."""

from __future__ import annotations

import asyncio
import pathlib
import socket
import tempfile
import threading
from typing import Any, NoReturn

from lab import add, case, closed_port

# an uninformative wrapper has the label of its cause; that somebody tried before makes other ways welcome too
LINK = {
    "types": "NETWORK",
    "strategies": "RETRY ESCALATION ALTERNATIVE_PATH GRACEFUL_DEGRADATION",
    "transient": "yes",
    "why": "the transport failed, a few times already",
    "tags": ("cause-matters", "retried"),
}
LATE = {
    "types": "TIMEOUT NETWORK",
    "strategies": "RETRY ESCALATION ALTERNATIVE_PATH GRACEFUL_DEGRADATION",
    "transient": "yes",
    "why": "a deadline passed, a few times already",
    "tags": ("cause-matters", "retried"),
}
PERMANENT = {
    "types": "VALIDATION GENERATION UNKNOWN",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    "transient": "no",
    "why": "the error beneath is permanent, however often it is tried",
    "tags": ("cause-matters", "retried"),
}
SPENT = {
    "types": "UNKNOWN TIMEOUT NETWORK GENERATION",
    "strategies": "ESCALATION GRACEFUL_DEGRADATION ALTERNATIVE_PATH",
    "transient": "no",
    "why": "an outer layer has used its tries up, and does not say on what",
    "tags": ("retried",),
}
OPEN = {
    "types": "NETWORK UNKNOWN RATE_LIMIT TIMEOUT",
    "strategies": "RETRY ALTERNATIVE_PATH GRACEFUL_DEGRADATION",
    "transient": "yes",
    "why": "the breaker closes again by itself",
}
LIMITED = {
    "types": "RATE_LIMIT",
    "strategies": "RETRY ALTERNATIVE_PATH",
    "transient": "yes",
    "why": "too many calls in this window",
}
LOCKED = {
    "types": "TIMEOUT UNKNOWN NETWORK",
    "strategies": "RETRY GRACEFUL_DEGRADATION",
    "transient": "yes",
    "why": "somebody else holds the lock for now",
}

# an error that holds its surroundings must not tell of this machine
PLAIN = {"PATH": "/usr/bin:/bin"}


def refused() -> None:
    """Find nobody there."""
    socket.create_connection(("127.0.0.1", closed_port()), timeout=1)


def late() -> None:
    """Wait for too long."""
    raise TimeoutError("model did not answer within 30 s")


def wrong() -> None:
    """Fail for good."""
    raise ValueError("contract 'effect' has no operations")


def barred() -> None:
    """Be turned away."""
    raise PermissionError(13, "Permission denied", "/srv/app/models.key")


def missing() -> None:
    """Miss a key whose name sounds like something else."""
    _ = {}["timeout"]


# ---- tenacity
def tenacity(step: Any, *, reraise: bool = False):
    """Try twice."""

    def run() -> None:
        import tenacity as library

        library.retry(stop=library.stop_after_attempt(2), reraise=reraise)(step)()

    return run


SECRET = {
    "types": "SECURITY",
    "strategies": "ESCALATION",
    "transient": "no",
    "why": "the error beneath is permanent",
    "tags": ("cause-matters", "retried"),
}
add("tenacity_refused", "tenacity", tenacity(refused), **LINK)
add("tenacity_late", "tenacity", tenacity(late), **LATE)
add("tenacity_wrong", "tenacity", tenacity(wrong), **PERMANENT)
add("tenacity_barred", "tenacity", tenacity(barred), **SECRET)
add(
    "tenacity_missing",
    "tenacity",
    tenacity(missing),
    **PERMANENT | {"tags": ("cause-matters", "retried", "misleading")},
)
add(
    "tenacity_reraised",
    "tenacity",
    tenacity(refused, reraise=True),
    **LINK | {"tags": ("retried",)},
)
add(
    "tenacity_reraised_wrong",
    "tenacity",
    tenacity(wrong, reraise=True),
    **PERMANENT | {"tags": ("retried",)},
)


@case("tenacity_async", "tenacity", **LATE)
async def _() -> None:
    import tenacity as library

    @library.retry(stop=library.stop_after_attempt(2))
    async def step() -> None:
        await asyncio.wait_for(asyncio.sleep(9), 0.01)

    await step()


@case("tenacity_result", "tenacity", **SPENT | {"why": "the answer never was what it should be"})
def _() -> None:
    import tenacity as library

    library.retry(
        stop=library.stop_after_attempt(2), retry=library.retry_if_result(lambda r: r is None)
    )(lambda: None)()


@case("tenacity_wrapped", "tenacity", **LINK)
def _() -> None:
    StepError = type("StepError", (Exception,), {"__module__": "app.steps"})
    try:
        tenacity(refused)()
    except Exception as error:
        raise StepError("publishing failed") from error


@case(
    "tenacity_text", "tenacity", **LATE | {"tags": ("retried",), "types": "TIMEOUT NETWORK UNKNOWN"}
)
def _() -> None:
    try:
        tenacity(late)()
    except Exception as error:
        raise RuntimeError(f"gave up: {error}") from None


@case(
    "tenacity_syntax",
    "tenacity",
    **PERMANENT | {"types": "SYNTAX", "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH"},
)
def _() -> None:
    tenacity(lambda: compile("def f(\n", "generated/node.py", "exec"))()


# ---- the others
@case("stamina_refused", "stamina", **LINK | {"tags": ("retried",)})
def _() -> None:
    import stamina

    stamina.retry(on=OSError, attempts=2, wait_initial=0, wait_jitter=0, wait_max=0)(refused)()


@case("stamina_wrong", "stamina", **PERMANENT | {"tags": ("retried",)})
def _() -> None:
    import stamina

    stamina.retry(on=OSError, attempts=2)(wrong)()


@case("backoff_late", "backoff", **LATE | {"tags": ("retried",)})
def _() -> None:
    import backoff

    backoff.on_exception(backoff.constant, Exception, max_tries=2, interval=0, jitter=None)(late)()


@case("retrying_result", "retrying", **SPENT | {"why": "the answer never was what it should be"})
def _() -> None:
    from retrying import retry

    retry(stop_max_attempt_number=2, retry_on_result=lambda r: True)(lambda: None)()


@case("retrying_wrapped", "retrying", **LINK)
def _() -> None:
    from retrying import retry

    retry(stop_max_attempt_number=2, wrap_exception=True)(refused)()


@case("urllib3_spent", "urllib3", **LINK)
def _() -> None:
    import urllib3

    urllib3.PoolManager(retries=urllib3.Retry(1, backoff_factor=0)).request(
        "GET", f"http://127.0.0.1:{closed_port()}/nodes"
    )


@case("pybreaker_open", "pybreaker", **OPEN)
def _() -> None:
    import pybreaker

    breaker = pybreaker.CircuitBreaker(fail_max=1, reset_timeout=30)
    try:
        breaker.call(refused)
    except Exception:
        breaker.call(refused)


@case("pybreaker_trips", "pybreaker", **OPEN)
def _() -> None:
    import pybreaker

    pybreaker.CircuitBreaker(fail_max=1, reset_timeout=30).call(refused)


@case("circuitbreaker_open", "circuitbreaker", **OPEN)
def _() -> None:
    from circuitbreaker import circuit

    step = circuit(failure_threshold=1, recovery_timeout=30, expected_exception=OSError)(refused)
    try:
        step()
    except OSError:
        step()


@case("own_breaker_open", "app.resilience", **OPEN)
def _() -> None:
    CircuitOpenError = type("CircuitOpenError", (Exception,), {"__module__": "app.resilience"})
    raise CircuitOpenError("circuit 'model_generator' is open; next probe in 12.5 s")


@case("ratelimit_calls", "ratelimit", **LIMITED)
def _() -> None:
    import ratelimit

    step = ratelimit.limits(calls=1, period=60)(len)
    step("a")
    step("b")


@case("own_limit", "app.gateway", **LIMITED)
def _() -> None:
    ThrottledError = type("ThrottledError", (Exception,), {"__module__": "app.gateway"})
    error = ThrottledError("too many generations; at most 20 a minute")
    error.retry_after = 17
    raise error


@case("filelock_late", "filelock", **LOCKED)
def _() -> None:
    import filelock

    with tempfile.TemporaryDirectory() as folder:
        path = str(pathlib.Path(folder, "nodes.lock"))
        with filelock.FileLock(path):
            filelock.FileLock(path, timeout=0.02, is_singleton=False).acquire()


@case("portalocker_held", "portalocker", **LOCKED | {"types": "UNKNOWN TIMEOUT NETWORK"})
def _() -> None:
    import portalocker

    with tempfile.TemporaryDirectory() as folder:
        path = str(pathlib.Path(folder, "nodes.lock"))
        with portalocker.Lock(path, timeout=0.02):
            portalocker.Lock(path, timeout=0.02, fail_when_locked=True).acquire()


# ---- workflow engines
def temporal(make: Any):
    """Raise what an activity or a workflow would."""

    def run() -> NoReturn:
        from temporalio import exceptions

        raise make(exceptions)

    return run


def temporal_activity(cause: Any):
    """Raise an activity's failure with its cause."""

    def run() -> NoReturn:
        from temporalio import exceptions

        error = exceptions.ActivityError(
            "Activity task failed",
            scheduled_event_id=5,
            started_event_id=6,
            identity="worker",
            activity_type="generate_node",
            activity_id="1",
            retry_state=exceptions.RetryState.MAXIMUM_ATTEMPTS_REACHED,
        )
        raise error from cause(exceptions)

    return run


add(
    "temporal_application",
    "temporalio",
    temporal(
        lambda x: x.ApplicationError(
            "contract has no operations", type="InvalidContract", non_retryable=True
        )
    ),
    **PERMANENT | {"types": "CONTRACT VALIDATION UNKNOWN", "tags": ()},
)
add(
    "temporal_opaque",
    "temporalio",
    temporal(lambda x: x.ApplicationError("activity failed")),
    types="UNKNOWN",
    strategies="ESCALATION GRACEFUL_DEGRADATION RETRY",
    transient="unknown",
    why="nothing to go by",
)
add(
    "temporal_late_permanent",
    "temporalio",
    temporal(
        lambda x: x.ApplicationError(
            "timeout budget of the tenant is used up, do not try again", non_retryable=True
        )
    ),
    types="UNKNOWN TIMEOUT RATE_LIMIT VALIDATION",
    strategies="ESCALATION GRACEFUL_DEGRADATION ALTERNATIVE_PATH",
    transient="no",
    why="the error says that it is not retryable",
    tags=("misleading",),
)
add(
    "temporal_start_to_close",
    "temporalio",
    temporal(
        lambda x: x.TimeoutError(
            "activity StartToClose timeout",
            type=x.TimeoutType.START_TO_CLOSE,
            last_heartbeat_details=[],
        )
    ),
    **LATE | {"tags": ()},
)
add(
    "temporal_activity_late",
    "temporalio",
    temporal_activity(
        lambda x: x.TimeoutError(
            "activity ScheduleToClose timeout",
            type=x.TimeoutType.SCHEDULE_TO_CLOSE,
            last_heartbeat_details=[],
        )
    ),
    **LATE,
)
add(
    "temporal_activity_wrong",
    "temporalio",
    temporal_activity(
        lambda x: x.ApplicationError(
            "missing field 'io'", type="ValidationError", non_retryable=True
        )
    ),
    **PERMANENT,
)
add(
    "temporal_server",
    "temporalio",
    temporal(lambda x: x.ServerError("shard is moving")),
    types="NETWORK UNKNOWN",
    strategies="RETRY",
    transient="yes",
    why="the server's own failure",
)
add(
    "temporal_terminated",
    "temporalio",
    temporal(lambda x: x.TerminatedError("terminated by the operator")),
    types="UNKNOWN",
    strategies="ESCALATION GRACEFUL_DEGRADATION",
    transient="no",
    why="somebody ended it",
)
add(
    "temporal_started",
    "temporalio",
    temporal(lambda x: x.WorkflowAlreadyStartedError("node-7", "GenerateNode")),
    types="VALIDATION UNKNOWN",
    strategies="ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    transient="no",
    why="it runs already",
)


def celery(make: Any):
    """Raise what a task would."""

    def run() -> NoReturn:
        from celery import exceptions

        raise make(exceptions)

    return run


add(
    "celery_spent",
    "celery",
    celery(lambda x: x.MaxRetriesExceededError("Can't retry generate_node[7c1] args:() kwargs:{}")),
    **SPENT,
)
add(
    "celery_hard_limit", "celery", celery(lambda x: x.TimeLimitExceeded(300)), **LATE | {"tags": ()}
)
add(
    "celery_result_late",
    "celery",
    celery(lambda x: x.TimeoutError("The operation timed out.")),
    **LATE | {"tags": ()},
)
add(
    "celery_unregistered",
    "celery",
    celery(lambda x: x.NotRegistered("generate_node_with_timeout")),
    types="VALIDATION UNKNOWN SYNTAX GENERATION",
    strategies="ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH",
    transient="no",
    why="no such task",
    tags=("misleading",),
)
add(
    "celery_lost",
    "celery",
    lambda: (_ for _ in ()).throw(
        __import__("billiard.exceptions", fromlist=["x"]).WorkerLostError(
            "Worker exited prematurely: signal 9 (SIGKILL) Job: 3."
        )
    ),
    types="UNKNOWN NETWORK GENERATION",
    strategies="RETRY ESCALATION GRACEFUL_DEGRADATION",
    transient="unknown",
    why="a worker was killed; mostly for its memory",
)
add(
    "celery_configuration",
    "celery",
    celery(lambda x: x.ImproperlyConfigured("broker_url must be set")),
    types="VALIDATION UNKNOWN",
    strategies="ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH",
    transient="no",
    why="a wrong configuration",
)


@case("celery_broker", "kombu", **LINK | {"tags": ("cause-matters",)})
def _() -> None:
    from kombu import Connection

    Connection(f"amqp://127.0.0.1:{closed_port()}//", connect_timeout=1).ensure_connection(
        max_retries=1, interval_start=0, interval_step=0
    )


@case("dramatiq_late", "dramatiq", **LATE | {"tags": ()})
def _() -> None:
    from dramatiq.results import ResultTimeout

    raise ResultTimeout("Message(queue_name='default', actor_name='generate_node')")


@case(
    "dramatiq_failed", "dramatiq", **SPENT | {"types": "UNKNOWN VALIDATION GENERATION", "tags": ()}
)
def _() -> None:
    from dramatiq.results import ResultFailure

    raise ResultFailure(
        "actor raised ValueError: contract has no name", "ValueError", "contract has no name"
    )


@case(
    "dramatiq_actor",
    "dramatiq",
    types="VALIDATION UNKNOWN SYNTAX GENERATION",
    strategies="ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH",
    transient="no",
    why="no such actor",
)
def _() -> None:
    from dramatiq.brokers.stub import StubBroker

    StubBroker().get_actor("generate_node")


@case(
    "huey_task",
    "huey",
    **SPENT
    | {
        "types": "VALIDATION UNKNOWN GENERATION TIMEOUT",
        "tags": (),
        "why": "the task failed for good",
    },
)
def _() -> None:
    from huey import MemoryHuey

    queue = MemoryHuey(immediate=True)

    @queue.task()
    def step() -> None:
        wrong()

    step()(blocking=True, timeout=0.1)


@case(
    "rq_missing",
    "rq",
    types="VALIDATION UNKNOWN",
    strategies="ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    transient="no",
    why="no such job",
)
def _() -> None:
    from rq.exceptions import NoSuchJobError

    raise NoSuchJobError("No such job: rq:job:timeout-7")


@case("rq_late", "rq", **LATE | {"tags": ()})
def _() -> None:
    from rq.timeouts import JobTimeoutException

    raise JobTimeoutException("Task exceeded maximum timeout value (180 seconds)")


@case(
    "apscheduler_twice",
    "apscheduler",
    types="VALIDATION UNKNOWN",
    strategies="ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    transient="no",
    why="a job of this name exists",
)
def _() -> None:
    from apscheduler.jobstores.base import ConflictingIdError

    raise ConflictingIdError("retry-nodes")


@case(
    "apscheduler_text",
    "apscheduler",
    types="VALIDATION SYNTAX UNKNOWN GENERATION",
    strategies="ERROR_CORRECTION ESCALATION ALTERNATIVE_PATH",
    transient="no",
    why="no valid schedule",
)
def _() -> None:
    from apscheduler.triggers.cron import CronTrigger

    CronTrigger.from_crontab("* * *")


@case(
    "prefect_missing",
    "prefect",
    types="VALIDATION UNKNOWN GENERATION",
    strategies="ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH",
    transient="no",
    why="a wrong call of the flow",
)
def _() -> None:
    from prefect.exceptions import ParameterBindError

    raise ParameterBindError(
        "Error binding parameters for function 'generate': missing a required argument: 'contract'."
    )


@case(
    "prefect_failed",
    "prefect",
    types="UNKNOWN GENERATION",
    strategies="ESCALATION GRACEFUL_DEGRADATION ALTERNATIVE_PATH RETRY",
    transient="unknown",
    why="nothing to go by",
)
def _() -> None:
    from prefect.exceptions import FailedRun

    raise FailedRun("Flow run encountered an exception.")


@case(
    "prefect_crashed",
    "prefect",
    types="UNKNOWN NETWORK",
    strategies="RETRY ESCALATION GRACEFUL_DEGRADATION ALTERNATIVE_PATH",
    transient="unknown",
    why="the process under it died",
)
def _() -> None:
    from prefect.exceptions import CrashedRun

    raise CrashedRun("Flow run infrastructure exited with non-zero status code 137.")


@case(
    "joblib_worker",
    "joblib",
    types="UNKNOWN NETWORK GENERATION",
    strategies="RETRY ESCALATION GRACEFUL_DEGRADATION",
    transient="unknown",
    why="a worker was killed; mostly for its memory",
)
def _() -> None:
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    raise TerminatedWorkerError(
        "A worker process managed by the executor was unexpectedly terminated. This could be caused by a segmentation fault while calling the function or by an excessive memory usage causing the Operating System to kill the worker.\n\nThe exit codes of the workers are {SIGKILL(-9)}"
    )


@case("joblib_timeout", "joblib", **LATE | {"tags": ()})
def _() -> None:
    import time

    from joblib import Parallel, delayed

    Parallel(n_jobs=2, backend="threading", timeout=0.05)(
        delayed(time.sleep)(0.5) for _ in range(2)
    )


@case(
    "loky_pickle",
    "loky",
    types="GENERATION VALIDATION UNKNOWN SYNTAX",
    strategies="ERROR_CORRECTION ESCALATION ALTERNATIVE_PATH",
    transient="no",
    why="what cannot be sent to a worker",
)
def _() -> None:
    import cloudpickle

    cloudpickle.dumps(threading.Lock())


@case(
    "invoke_failed",
    "invoke",
    types="UNKNOWN VALIDATION GENERATION",
    strategies="ESCALATION GRACEFUL_DEGRADATION ALTERNATIVE_PATH",
    transient="unknown",
    why="nothing to go by",
)
def _() -> None:
    import invoke

    invoke.run("exit 3", hide=True, in_stream=False, env=PLAIN, replace_env=True)


@case("invoke_late", "invoke", **LATE | {"tags": ()})
def _() -> None:
    import invoke

    invoke.run("sleep 9", hide=True, in_stream=False, timeout=0.1, env=PLAIN, replace_env=True)


@case(
    "plumbum_missing",
    "plumbum",
    types="UNKNOWN VALIDATION",
    strategies="ESCALATION ALTERNATIVE_PATH",
    transient="no",
    why="the program is not installed",
)
def _() -> None:
    from plumbum.commands.processes import CommandNotFound

    raise CommandNotFound("omnigen", ["/usr/local/bin", "/usr/bin"])


@case(
    "plumbum_failed",
    "plumbum",
    types="SECURITY UNKNOWN",
    strategies="ESCALATION",
    transient="no",
    why="the rights are missing",
)
def _() -> None:
    from plumbum import local

    local["sh"]("-c", "echo 'cat: /etc/shadow: Permission denied' >&2; exit 1")


@case(
    "sh_missing",
    "sh",
    types="UNKNOWN VALIDATION",
    strategies="ESCALATION ALTERNATIVE_PATH",
    transient="no",
    why="the program is not installed",
)
def _() -> None:
    import sh

    sh.Command("omnigen")


@case(
    "sh_failed",
    "sh",
    types="NETWORK",
    strategies="RETRY ESCALATION GRACEFUL_DEGRADATION",
    transient="yes",
    why="the host could not be reached",
)
def _() -> None:
    import sh

    sh.Command("sh")(
        "-c",
        "echo 'ssh: connect to host build.internal port 22: Connection timed out' >&2; exit 255",
    )


@case("sh_late", "sh", **LATE | {"tags": ()})
def _() -> None:
    import sh

    sh.Command("sleep")("9", _timeout=0.1)


@case(
    "sh_killed",
    "sh",
    types="UNKNOWN VALIDATION GENERATION",
    strategies="GRACEFUL_DEGRADATION ESCALATION RETRY",
    transient="unknown",
    why="killed from outside, mostly for its memory",
)
def _() -> None:
    import sh

    sh.Command("sh")("-c", "kill -9 $$")


@case(
    "psutil_gone",
    "psutil",
    types="UNKNOWN VALIDATION",
    strategies="ESCALATION ALTERNATIVE_PATH GRACEFUL_DEGRADATION",
    transient="no",
    why="the process is no longer there",
)
def _() -> None:
    import psutil

    psutil.Process(2**22 - 3)


@case(
    "psutil_denied",
    "psutil",
    types="SECURITY",
    strategies="ESCALATION",
    transient="no",
    why="the rights are missing",
)
def _() -> None:
    import psutil

    raise psutil.AccessDenied(1, "init")


@case("psutil_late", "psutil", **LATE | {"tags": ()})
def _() -> None:
    import os

    import psutil

    psutil.Process(os.getppid()).wait(timeout=0.02)


@case("docker_daemon", "docker", **LINK | {"tags": ("cause-matters",)})
def _() -> None:
    import docker

    docker.DockerClient(
        base_url=f"tcp://127.0.0.1:{closed_port()}", version="1.41", timeout=1
    ).ping()


@case(
    "docker_image",
    "docker",
    types="VALIDATION UNKNOWN NETWORK",
    strategies="ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    transient="no",
    why="no such image",
)
def _() -> None:
    import docker
    from lab import web

    with web(404, {"message": "No such image: app/node:latest"}) as base:
        docker.DockerClient(
            base_url=base.replace("http", "tcp"), version="1.41", timeout=1
        ).images.get("app/node:latest")


@case(
    "docker_server",
    "docker",
    types="NETWORK",
    strategies="RETRY ALTERNATIVE_PATH",
    transient="yes",
    why="the daemon's own failure",
)
def _() -> None:
    import docker
    from lab import web

    with web(500, {"message": "driver failed programming external connectivity"}) as base:
        docker.DockerClient(
            base_url=base.replace("http", "tcp"), version="1.41", timeout=1
        ).containers.list()


@case(
    "pluggy_hook",
    "pluggy",
    types="VALIDATION GENERATION UNKNOWN SYNTAX",
    strategies="ERROR_CORRECTION ESCALATION ALTERNATIVE_PATH",
    transient="no",
    why="a plugin that does not fit",
)
def _() -> None:
    import pluggy

    manager = pluggy.PluginManager("app")
    spec, hook = pluggy.HookspecMarker("app"), pluggy.HookimplMarker("app")
    manager.add_hookspecs(type("Spec", (), {"retry": spec(lambda self: None)}))
    manager.register(type("Plugin", (), {"retry": hook(lambda self, timeout: None)})())
