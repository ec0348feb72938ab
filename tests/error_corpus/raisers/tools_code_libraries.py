"""Many further libraries that a service of this kind has beside it, a few errors of each."""

from __future__ import annotations

import asyncio
import io
import pathlib
import tempfile
from typing import Any

from lab import add, black_hole, case, closed_port, wire

DATA = {
    "types": "VALIDATION GENERATION UNKNOWN",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    "transient": "no",
    "why": "a value that cannot be used",
}
STRICT = {
    "types": "VALIDATION",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    "transient": "no",
    "why": "a value that the rules refuse",
}
PARSE = {
    "types": "SYNTAX VALIDATION CONTRACT GENERATION",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    "transient": "no",
    "why": "the text does not parse",
}
BROKEN = {
    "types": "VALIDATION UNKNOWN NETWORK SYNTAX",
    "strategies": "ESCALATION ALTERNATIVE_PATH RETRY",
    "transient": "unknown",
    "why": "damaged for good, or cut off on its way",
}
LINK = {
    "types": "NETWORK",
    "strategies": "RETRY ESCALATION",
    "transient": "yes",
    "why": "the transport failed",
}
LATE = {
    "types": "TIMEOUT NETWORK",
    "strategies": "RETRY GRACEFUL_DEGRADATION",
    "transient": "yes",
    "why": "a deadline passed",
}
BARRED = {
    "types": "SECURITY",
    "strategies": "ESCALATION",
    "transient": "no",
    "why": "the proof is not accepted",
}
BUG = {
    "types": "VALIDATION GENERATION SYNTAX UNKNOWN",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    "transient": "no",
    "why": "a call that cannot work",
}


# ---- graphs, numbers, frames
@case("networkx_cycle", "networkx", **DATA | {"types": "VALIDATION CONTRACT UNKNOWN GENERATION"})
def _() -> None:
    import networkx as nx

    list(nx.topological_sort(nx.DiGraph([("a", "b"), ("b", "a")])))


@case("networkx_path", "networkx", **DATA)
def _() -> None:
    import networkx as nx

    nx.shortest_path(nx.DiGraph([("a", "b")]), "b", "a")


@case("networkx_node", "networkx", tags=("misleading",), **DATA)
def _() -> None:
    import networkx as nx

    nx.shortest_path(nx.Graph(), "timeout", "retry")


@case("polars_column", "polars", tags=("misleading",), **DATA)
def _() -> None:
    import polars as pl

    pl.DataFrame({"a": [1]}).select("deadline")


@case("polars_schema", "polars", **DATA | {"types": "VALIDATION GENERATION UNKNOWN CONTRACT"})
def _() -> None:
    import polars as pl

    pl.concat([pl.DataFrame({"a": [1]}), pl.DataFrame({"a": ["x"]})])


@case("polars_cast", "polars", **DATA)
def _() -> None:
    import polars as pl

    pl.Series(["1", "x"]).cast(pl.Int64)


@case("pyarrow_invalid", "pyarrow", **DATA)
def _() -> None:
    import pyarrow as pa

    pa.array(["x"], type=pa.string()).cast(pa.int64())


@case("pyarrow_file", "pyarrow", **BROKEN)
def _() -> None:
    import pyarrow.parquet as pq

    pq.read_table(io.BytesIO(b"no such file at all"))


@case("pyarrow_key", "pyarrow", **DATA)
def _() -> None:
    import pyarrow as pa

    pa.table({"a": [1]}).column("retry_count")


@case("sympy_parse", "sympy", **PARSE)
def _() -> None:
    import sympy

    sympy.sympify("x +* 2")


@case("sklearn_fit", "scikit-learn", **BUG)
def _() -> None:
    from sklearn.linear_model import LinearRegression

    LinearRegression().predict([[1.0]])


@case("sklearn_shape", "scikit-learn", **DATA)
def _() -> None:
    from sklearn.linear_model import LinearRegression

    LinearRegression().fit([[1.0], [2.0]], [1.0])


@case("pint_units", "pint", **DATA)
def _() -> None:
    import pint

    pint.UnitRegistry()("3 second").to("meter")


@case("pint_unknown", "pint", **DATA)
def _() -> None:
    import pint

    pint.UnitRegistry()("3 retries")


# ---- documents
@case("pillow_none", "pillow", **BROKEN)
def _() -> None:
    from PIL import Image

    Image.open(io.BytesIO(b"no picture"))


@case("pillow_cut", "pillow", **BROKEN)
def _() -> None:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (64, 64)).save(out, "PNG")
    Image.open(io.BytesIO(out.getvalue()[:60])).load()


@case(
    "pillow_bomb",
    "pillow",
    types="SECURITY VALIDATION",
    strategies="ESCALATION",
    transient="no",
    why="a picture that attacks its reader",
)
def _() -> None:
    from PIL import Image

    raise Image.DecompressionBombError(
        "Image size (400000000 pixels) exceeds limit of 178956970 pixels, could be decompression bomb DOS attack."
    )


@case("openpyxl_format", "openpyxl", **DATA)
def _() -> None:
    import openpyxl

    openpyxl.load_workbook("nodes.txt")


@case("pypdf_cut", "pypdf", **BROKEN)
def _() -> None:
    import pypdf

    pypdf.PdfReader(io.BytesIO(b"%PDF-1.7\n"), strict=True)


@case(
    "bs4_feature",
    "beautifulsoup4",
    **BUG
    | {"types": "SYNTAX VALIDATION UNKNOWN GENERATION", "why": "a parser that is not installed"},
)
def _() -> None:
    import bs4

    bs4.BeautifulSoup("<p>", "html7")


@case("cssselect_parse", "cssselect", **PARSE)
def _() -> None:
    import cssselect

    cssselect.parse("a[href")


@case("xmltodict_parse", "xmltodict", **PARSE)
def _() -> None:
    import xmltodict

    xmltodict.parse("<a><b></a>")


@case("ijson_parse", "ijson", **PARSE)
def _() -> None:
    import ijson

    list(ijson.items(io.BytesIO(b'{"a": [1, 2'), "a.item"))


@case("jsonlines_row", "jsonlines", **PARSE)
def _() -> None:
    import jsonlines

    list(jsonlines.Reader(io.StringIO('{"a": 1}\n{"a": \n')))


@case("jsonref_target", "jsonref", **DATA | {"types": "CONTRACT VALIDATION"})
def _() -> None:
    import jsonref

    str(jsonref.loads('{"a": {"$ref": "#/definitions/ModelState"}}')["a"] + 1)


@case(
    "rdflib_parse", "rdflib", **PARSE | {"types": "SYNTAX VALIDATION GENERATION UNKNOWN CONTRACT"}
)
def _() -> None:
    import rdflib

    rdflib.Graph().parse(data="<a> <b>", format="turtle")


@case("pyhocon_parse", "pyhocon", **PARSE)
def _() -> None:
    import pyhocon

    pyhocon.ConfigFactory.parse_string("a = ${timeout}")


@case("rich_markup", "rich", **PARSE)
def _() -> None:
    from rich.text import Text

    Text.from_markup("done[/bold]")


@case("babel_locale", "babel", **DATA)
def _() -> None:
    import babel

    babel.Locale.parse("xx_TIMEOUT")


# ---- values
@case(
    "dateutil_text", "python-dateutil", **DATA | {"types": "VALIDATION SYNTAX GENERATION UNKNOWN"}
)
def _() -> None:
    from dateutil import parser

    parser.parse("in five minutes")


@case("pendulum_text", "pendulum", **DATA | {"types": "VALIDATION SYNTAX GENERATION UNKNOWN"})
def _() -> None:
    import pendulum

    pendulum.parse("later")


@case("arrow_text", "arrow", **DATA | {"types": "VALIDATION SYNTAX GENERATION UNKNOWN"})
def _() -> None:
    import arrow

    arrow.get("retry after noon")


@case("zoneinfo_key", "zoneinfo", **DATA)
def _() -> None:
    import zoneinfo

    zoneinfo.ZoneInfo("Europe/Timeout")


@case("semver_text", "semver", **DATA | {"types": "VALIDATION CONTRACT SYNTAX UNKNOWN"})
def _() -> None:
    import semver

    semver.Version.parse("1.0")


@case("packaging_version", "packaging", **DATA | {"types": "VALIDATION SYNTAX UNKNOWN"})
def _() -> None:
    from packaging.version import Version

    Version("latest")


@case("packaging_requirement", "packaging", **PARSE)
def _() -> None:
    from packaging.requirements import Requirement

    Requirement("omninode >> 3")


@case("croniter_text", "croniter", **DATA | {"types": "VALIDATION SYNTAX UNKNOWN"})
def _() -> None:
    import croniter

    croniter.croniter("61 * * * *")


@case("email_syntax", "email-validator", **STRICT)
def _() -> None:
    import email_validator

    email_validator.validate_email("node@", check_deliverability=False)


@case("phone_number", "phonenumbers", **DATA)
def _() -> None:
    import phonenumbers

    phonenumbers.parse("retry", None)


@case("traitlets_type", "traitlets", **STRICT)
def _() -> None:
    import traitlets

    type("Options", (traitlets.HasTraits,), {"workers": traitlets.Int()})(workers="many")


@case("glom_path", "glom", **DATA)
def _() -> None:
    import glom

    glom.glom({"io": {}}, "io.input.name")


@case("box_key", "python-box", **DATA)
def _() -> None:
    from box import Box

    _ = Box({"a": 1}).timeout


@case("confuse_missing", "confuse", **DATA)
def _() -> None:
    import confuse

    confuse.RootView([{"a": 1}])["registry"]["timeout"].get(int)


@case("confuse_type", "confuse", **STRICT)
def _() -> None:
    import confuse

    confuse.RootView([{"workers": "two"}])["workers"].get(int)


# ---- state machines, injection, builds
@case("transitions_event", "transitions", **BUG)
def _() -> None:
    from transitions import Machine

    Machine(
        states=["idle", "running"], initial="idle", transitions=[["finish", "running", "idle"]]
    ).finish()


@case("statemachine_event", "python-statemachine", **BUG)
def _() -> None:
    from statemachine import State, StateMachine

    class Node(StateMachine):
        idle = State(initial=True)
        running = State()
        start = idle.to(running)
        stop = running.to(idle)

    Node().stop()


@case("punq_missing", "punq", **BUG)
def _() -> None:
    import punq

    punq.Container().resolve("timeout_policy")


@case("injector_missing", "injector", **BUG)
def _() -> None:
    import injector

    injector.Injector(auto_bind=False).get(io.StringIO)


@case("luigi_parameter", "luigi", **DATA)
def _() -> None:
    import luigi

    type("GenerateNode", (luigi.Task,), {"contract": luigi.Parameter()})()


@case("doit_task", "doit", **DATA)
def _() -> None:
    from doit.exceptions import InvalidTask

    raise InvalidTask("Task 'generate' must contain 'actions', 'task_dep' or 'file_dep'")


@case(
    "git_command",
    "gitpython",
    **BUG
    | {
        "types": "VALIDATION UNKNOWN GENERATION",
        "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    },
)
def _() -> None:
    import git

    with tempfile.TemporaryDirectory() as folder:
        git.Repo.init(folder).git.checkout("retry-branch")


@case(
    "git_no_repository",
    "gitpython",
    **BUG
    | {
        "types": "VALIDATION UNKNOWN GENERATION",
        "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    },
)
def _() -> None:
    import git

    with tempfile.TemporaryDirectory() as folder:
        git.Repo(folder)


@case("git_clone_refused", "gitpython", **LINK)
def _() -> None:
    import git

    with tempfile.TemporaryDirectory() as folder:
        git.Repo.clone_from(f"git://127.0.0.1:{closed_port()}/nodes", folder + "/nodes")


@case(
    "git_merge_conflict",
    "gitpython",
    types="VALIDATION SYNTAX UNKNOWN",
    strategies="ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH",
    transient="no",
    why="two changes that exclude each other",
)
def _() -> None:
    import git

    raise git.GitCommandError(
        ["git", "merge", "b"], 1, stderr="CONFLICT (content): Merge conflict in node.py"
    )


@case("git_push_denied", "gitpython", **BARRED)
def _() -> None:
    import git

    raise git.GitCommandError(
        ["git", "push"],
        128,
        stderr="remote: Permission to app/nodes.git denied to deploy-bot.\nfatal: unable to access 'https://git.internal/app/nodes.git/': The requested URL returned error: 403",
    )


# ---- archives and keys
@case("zstandard_none", "zstandard", **BROKEN)
def _() -> None:
    import zstandard

    zstandard.decompress(b"plain text")


@case("brotli_none", "brotli", **BROKEN)
def _() -> None:
    import brotli

    brotli.decompress(b"plain text")


@case("nacl_box", "pynacl", **BARRED)
def _() -> None:
    import nacl.secret

    nacl.secret.SecretBox(b"k" * 32).decrypt(b"x" * 60)


@case("nacl_signature", "pynacl", **BARRED)
def _() -> None:
    import nacl.signing

    nacl.signing.SigningKey.generate().verify_key.verify(b"node", b"x" * 64)


# ---- other machines
@case("paramiko_refused", "paramiko", **LINK)
def _() -> None:
    import paramiko

    paramiko.SSHClient().connect("127.0.0.1", closed_port(), timeout=1)


@case(
    "paramiko_banner",
    "paramiko",
    **LINK
    | {
        "transient": "unknown",
        "types": "NETWORK TIMEOUT UNKNOWN",
        "why": "the other side is no such server, or is overloaded",
    },
)
def _() -> None:
    import paramiko

    with wire(b"HTTP/1.1 400 Bad Request\r\n\r\n") as (host, port):
        paramiko.SSHClient().connect(
            host,
            port,
            username="a",
            password="b",
            timeout=1,
            banner_timeout=1,
            allow_agent=False,
            look_for_keys=False,
        )


@case("paramiko_denied", "paramiko", **BARRED)
def _() -> None:
    import paramiko

    raise paramiko.AuthenticationException("Authentication failed.")


@case("paramiko_key", "paramiko", **BARRED)
def _() -> None:
    import paramiko

    paramiko.Ed25519Key.from_private_key(io.StringIO("no key"))


@case("paramiko_host_key", "paramiko", **BARRED)
def _() -> None:
    import paramiko

    raise paramiko.SSHException("Server 'build.internal' not found in known_hosts")


@case("pexpect_late", "pexpect", **LATE)
def _() -> None:
    import pexpect

    pexpect.spawn("sleep 9", timeout=0.1).expect("ready")


@case(
    "pexpect_end",
    "pexpect",
    types="UNKNOWN NETWORK",
    strategies="ESCALATION RETRY GRACEFUL_DEGRADATION ALTERNATIVE_PATH",
    transient="unknown",
    why="the program ended before it said what was waited for",
)
def _() -> None:
    import pexpect

    pexpect.spawn("true", timeout=2).expect("ready")


@case(
    "pexpect_missing",
    "pexpect",
    types="UNKNOWN VALIDATION",
    strategies="ESCALATION ALTERNATIVE_PATH",
    transient="no",
    why="the program is not installed",
)
def _() -> None:
    import pexpect

    pexpect.spawn("omnigen")


@case(
    "diskcache_busy",
    "diskcache",
    types="TIMEOUT UNKNOWN NETWORK",
    strategies="RETRY GRACEFUL_DEGRADATION",
    transient="yes",
    why="another process writes for now",
)
def _() -> None:
    import diskcache

    raise diskcache.Timeout("/srv/app/cache")


@case("dbm_absent", "dbm", **DATA)
def _() -> None:
    import dbm

    with dbm.open("/srv/nowhere/nodes.db"):
        pass


@case(
    "shelve_locked",
    "dbm",
    types="NETWORK TIMEOUT UNKNOWN",
    strategies="RETRY",
    transient="yes",
    why="another process holds it for now",
)
def _() -> None:
    raise BlockingIOError(11, "Resource temporarily unavailable", "/srv/app/state.db")


# ---- protocols of the standard library
@case("xmlrpc_fault", "xmlrpc.client", **DATA)
def _() -> None:
    import xmlrpc.client

    body = xmlrpc.client.dumps(xmlrpc.client.Fault(4, "too many parameters; no retry"))
    with wire(
        None,
        b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: %d\r\n\r\n%b"
        % (len(body), body.encode()),
    ) as (host, port):
        xmlrpc.client.ServerProxy(f"http://{host}:{port}/").generate()


@case("xmlrpc_unavailable", "xmlrpc.client", **LINK | {"strategies": "RETRY ALTERNATIVE_PATH"})
def _() -> None:
    import xmlrpc.client

    with wire(None, b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n") as (
        host,
        port,
    ):
        xmlrpc.client.ServerProxy(f"http://{host}:{port}/").generate()


@case("xmlrpc_unauthorized", "xmlrpc.client", **BARRED)
def _() -> None:
    import xmlrpc.client

    with wire(None, b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n") as (host, port):
        xmlrpc.client.ServerProxy(f"http://{host}:{port}/").generate()


@case("ftp_busy", "ftplib", **LINK | {"strategies": "RETRY", "types": "NETWORK RATE_LIMIT"})
def _() -> None:
    import ftplib

    with wire(b"421 Too many connections from your address, try later.\r\n") as (host, port):
        ftplib.FTP(timeout=1).connect(host, port)


@case(
    "ftp_missing",
    "ftplib",
    types="VALIDATION UNKNOWN NETWORK",
    strategies="ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    transient="no",
    why="no such file",
)
def _() -> None:
    import ftplib

    raise ftplib.error_perm("550 contracts/timeout.yaml: No such file or directory")


@case("pop_denied", "poplib", **BARRED)
def _() -> None:
    import poplib

    with wire(b"+OK\r\n", None, b"+OK\r\n", None, b"-ERR [AUTH] invalid login or password\r\n") as (
        host,
        port,
    ):
        link = poplib.POP3(host, port, timeout=1)
        link.user("a")
        link.pass_("b")


@case("imap_unavailable", "imaplib", **LINK | {"strategies": "RETRY"})
def _() -> None:
    import imaplib

    raise imaplib.IMAP4.abort("socket error: EOF")


@case("multiprocessing_manager_refused", "multiprocessing", **LINK)
def _() -> None:
    from multiprocessing.managers import BaseManager

    BaseManager(("127.0.0.1", closed_port()), b"k").connect()


@case("streams_tls_refused", "asyncio", **LINK)
async def _() -> None:
    import ssl

    await asyncio.open_connection("127.0.0.1", closed_port(), ssl=ssl.create_default_context())


@case("streams_reset", "asyncio", **LINK | {"strategies": "RETRY"})
async def _() -> None:
    with wire(None, "reset") as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(b"x")
        await writer.drain()
        await reader.readexactly(10)


@case("streams_gathered", "asyncio", **LINK)
async def _() -> None:
    port = closed_port()
    await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(3)))


@case("streams_shielded", "asyncio", **LATE)
async def _() -> None:
    with black_hole() as address:
        await asyncio.wait_for(asyncio.shield(asyncio.open_connection(*address)), 0.05)


@case("streams_text", "asyncio", **LINK | {"types": "NETWORK UNKNOWN"})
async def _() -> None:
    try:
        await asyncio.open_connection("127.0.0.1", closed_port())
    except OSError as error:
        raise RuntimeError(str(error)) from None


# ---- the same situation in many forms
FORMS: dict[str, tuple[Any, dict[str, Any]]] = {
    "reset": (
        lambda: ConnectionResetError(104, "Connection reset by peer"),
        LINK | {"strategies": "RETRY"},
    ),
    "late": (lambda: TimeoutError("operation timed out after 30 s"), LATE),
    "unreachable": (lambda: OSError(113, "No route to host"), LINK),
    "denied": (lambda: PermissionError(13, "Permission denied"), BARRED),
    "syntax": (
        lambda: SyntaxError("'await' outside async function"),
        PARSE | {"types": "SYNTAX GENERATION", "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH"},
    ),
    "name": (
        lambda: NameError("name 'Optional' is not defined"),
        PARSE | {"types": "SYNTAX", "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH"},
    ),
    "module": (
        lambda: ModuleNotFoundError("No module named 'omninode_runtime'", name="omninode_runtime"),
        PARSE | {"types": "SYNTAX GENERATION UNKNOWN"},
    ),
    "key": (lambda: KeyError("timeout"), DATA),
}


def _as_text(make: Any) -> None:
    error = make()
    raise RuntimeError(f"{type(error).__name__}: {error}")


def _as_text_alone(make: Any) -> None:
    raise RuntimeError(str(make()))


def _as_cause(make: Any) -> None:
    try:
        raise make()
    except Exception as error:
        raise RuntimeError("stage 'nodes' failed") from error


def _as_group(make: Any) -> None:
    raise ExceptionGroup("unhandled errors in a TaskGroup", [make()])


def _as_note(make: Any) -> None:
    error = make()
    error.add_note("tried 3 times, last after 4.0 s")
    raise error


def _as_remote(make: Any) -> None:
    error = make()
    raise RuntimeError(
        f'worker 3 failed:\nTraceback (most recent call last):\n  File "/srv/app/worker.py", line 41, in run\n    step()\n{type(error).__name__}: {error}'
    )


WRAPPED = {
    "text": (_as_text, ()),
    "cause": (_as_cause, ("cause-matters",)),
    "group": (_as_group, ("group",)),
    "note": (_as_note, ()),
    "remote": (_as_remote, ()),
}
for form, (wrap, tags) in WRAPPED.items():
    for name, (make, label) in FORMS.items():
        if (form, name) in {("text", "key"), ("remote", "key"), ("note", "module")}:
            continue  # its words alone say something else; it looks like a library that is missing

        def _wrapped(wrap: Any = wrap, make: Any = make) -> None:
            wrap(make)

        # each form is a library of its own, so that each half has whole forms
        add(f"form_{form}_{name}", f"app.forms.{form}", _wrapped, tags=tags, **label)

for name in ("reset", "late", "unreachable", "syntax", "name", "module"):
    make, label = FORMS[name]

    def _alone(make: Any = make) -> None:
        _as_text_alone(make)

    add(
        f"form_alone_{name}",
        "app.forms.alone",
        _alone,
        **label | {"types": label["types"] + ("" if "UNKNOWN" in label["types"] else " UNKNOWN")},
    )


@case("files_replaced", "pathlib", **DATA | {"types": "VALIDATION UNKNOWN GENERATION"})
def _() -> None:
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "missing").rename(pathlib.Path(folder, "b"))
