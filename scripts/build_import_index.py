"""Build `correction/import_index.jsonl`: which names live in which modules.

    python scripts/build_import_index.py [--check]

The part about the standard library is read from the interpreter that runs this; the part about
third-party packages is the table in this file. `--check` writes nothing and says whether the file
could be used as it is (every name of the table is there).
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import sys
import types
import warnings
from pathlib import Path

TARGET = (
    Path(__file__).parent.parent
    / "src/omninode_bridge/agents/workflows/correction/import_index.jsonl"
)


def _words(text: str) -> list[str]:
    return text.split()


# Modules in the order in which generated code uses them: of two that have a name, the first wins
# only by what else the code says.
STDLIB = _words("""
typing collections.abc dataclasses pathlib datetime collections functools itertools contextlib abc
enum logging asyncio json re os sys time uuid random math decimal threading subprocess types
unittest.mock unittest urllib.parse urllib.request urllib.error concurrent.futures io copy inspect
tempfile shutil string operator warnings weakref traceback socket hashlib hmac base64 secrets queue
http http.client http.server email.message email.utils email.mime.text email.mime.multipart
email.mime.base email.headerregistry email.policy email.parser os.path statistics fractions
numbers textwrap difflib pprint pickle sqlite3 csv configparser tomllib zipfile tarfile gzip bz2
lzma zlib struct array bisect heapq select selectors ssl signal errno ctypes platform getpass glob
fnmatch stat filecmp locale gettext calendar zoneinfo contextvars atexit gc ast dis tokenize token
importlib importlib.metadata importlib.resources importlib.util importlib.machinery importlib.abc
pkgutil multiprocessing argparse optparse cmd shlex code codecs unicodedata html html.parser
xml.etree.ElementTree ipaddress smtplib imaplib ftplib socketserver xmlrpc.client logging.handlers
logging.config reprlib graphlib sched mmap mimetypes binascii cProfile pstats timeit trace
tracemalloc doctest pdb faulthandler resource pwd grp termios tty pty fcntl runpy sysconfig site
builtins copyreg shelve dbm marshal linecache symtable keyword compileall zipimport zipapp venv
plistlib netrc readline rlcompleter curses webbrowser wsgiref.simple_server posixpath ntpath
stringprep quopri nturl2path mailbox poplib asyncio.subprocess http.cookies http.cookiejar
cmath colorsys wave bdb codeop msvcrt winreg winsound
""")

# Modules that are worth importing whole but whose names nobody imports singly, or whose names
# mean something else nearly everywhere.
WHOLE_ONLY = frozenset(
    _words("""
    builtins posixpath ntpath marshal curses symtable token mailbox poplib dis bdb pdb code codeop
    site tty pty termios cmd trace optparse winreg msvcrt dbm xmlrpc.client shelve ctypes stat
    sched rlcompleter readline webbrowser imaplib ftplib zipapp venv nturl2path keyword quopri
    stringprep ast tokenize ssl errno resource attr attrs redis toml mock
    """)
)

# Where a name that several modules have is meant, nearly always.
PREFER = _words("""
collections.Counter collections.OrderedDict collections.defaultdict collections.deque
collections.namedtuple collections.ChainMap re.Pattern re.Match typing.Any typing.List typing.Dict
typing.Set typing.Tuple typing.Optional typing.Union typing.Literal typing.cast
typing.overload typing.Final typing.Protocol typing.NamedTuple typing.TypedDict
typing.TypeVar typing.ParamSpec typing.Self typing.final typing.override typing.Never
dataclasses.dataclass dataclasses.field dataclasses.replace dataclasses.asdict
functools.wraps functools.partial functools.reduce functools.cache functools.lru_cache
itertools.chain itertools.islice itertools.product itertools.groupby itertools.starmap
itertools.count itertools.cycle itertools.repeat itertools.zip_longest itertools.combinations
itertools.permutations itertools.accumulate itertools.pairwise copy.deepcopy pprint.pprint
pprint.pformat glob.glob enum.auto enum.unique enum.Enum contextlib.suppress contextlib.closing
contextlib.AbstractContextManager contextlib.AbstractAsyncContextManager os.environ os.getenv
sys.argv sys.stdout sys.stderr sys.stdin math.sqrt math.ceil math.floor math.pi math.inf
random.randint random.choice random.shuffle random.uniform uuid.uuid4 uuid.UUID hashlib.sha256
hashlib.md5 datetime.datetime datetime.date datetime.timedelta datetime.timezone datetime.UTC
time.time time.monotonic time.perf_counter urllib.parse.quote urllib.parse.unquote
urllib.parse.urlparse urllib.parse.urljoin urllib.parse.urlencode pathlib.Path unittest.mock.Mock
unittest.mock.patch unittest.mock.MagicMock unittest.mock.AsyncMock unittest.TestCase
types.TracebackType types.SimpleNamespace types.FunctionType types.ModuleType textwrap.dedent
shutil.rmtree shutil.which io.StringIO io.BytesIO decimal.Decimal fractions.Fraction
subprocess.Popen subprocess.PIPE logging.getLogger logging.Logger abc.ABC abc.ABCMeta
abc.abstractmethod weakref.ref string.ascii_letters operator.itemgetter operator.attrgetter
inspect.signature inspect.Parameter inspect.iscoroutinefunction struct.pack struct.unpack
socket.socket select.select queue.Empty queue.Full asyncio.get_running_loop asyncio.gather
asyncio.create_task asyncio.wait_for asyncio.CancelledError asyncio.AbstractEventLoop
concurrent.futures.ThreadPoolExecutor concurrent.futures.ProcessPoolExecutor
concurrent.futures.as_completed contextvars.ContextVar http.HTTPStatus getpass.getpass
bisect.bisect_left bisect.bisect_right bisect.bisect heapq.heappush heapq.heappop
signal.SIGINT signal.SIGTERM zoneinfo.ZoneInfo warnings.warn traceback.format_exc
""")

# Lower-case names that are values: everything else with a small letter is only taken if it is called.
VALUES = _words(
    "environ argv stdout stderr stdin pi inf nan ascii_letters digits datetime date timedelta "
    "timezone deque defaultdict"
)

# Words that mean something else in most code: only taken where the file already imports from the
# module. Lower-case names of fewer than six letters are treated alike unless they are preferred.
ORDINARY = _words("""
Request Response Client Server Connection Message Node Template Event Process Pool Manager Value
Array Queue Task Future Executor Handler Formatter Filter Record Context Token Parser Element
Policy Group Address Header Session Field Model Table Column Schema Error Cookie Distribution
Loader Finder Signature Stream Barrier Timer Random Struct Rule Listener Package Entry Config
ParseError Type frozen ucd_3_2_0 Runner Condition Lock RLock Semaphore BoundedSemaphore Name Number Data Image Text Depends Query
Console Panel URL Markup Blueprint Typer
accept action client connect connection create dispatch encode decode execute filter finalize
format handler helper listen lookup message method module output parameters process register
remove resolve result search server session settings source status stream string submit target
template timeout update validate value values version warning write command config content
context default description error errors excepthook exception execv get_context getter idlelib
indent index insert length namespace normalize number options package parent parser payload
platform prefix priority profile prompt protocol random request response service shared size
""")

# Modules whose names are common words: `redis.get(...)` is more often a variable than a module.
WORDS = _words("""
attr attrs babel black celery certifi click code consul copy coverage docker duckdb email faker git
google graphql html http kafka keyring locale markdown mock motor opcode outcome packaging
platform polars prefect profile queue random ray redis resource ruff secrets select selectors
signal site snowflake socket stat string stripe struct symtable time toml torch types uu wave
websocket websockets test token trace cmd code this calendar statistics array parser pipes chunk
""")

LEFT_OUT = frozenset(
    _words("""
    distutils imp asynchat asyncore smtpd lib2to3 antigravity this nt posix genericpath opcode
    sre_compile sre_constants sre_parse pyexpat pydoc_data nis spwd sunau tabnanny uu xdrlib
    telnetlib turtle turtledemo tkinter idlelib sndhdr ossaudiodev msilib mailcap nntplib pipes
    chunk cgi cgitb audioop aifc crypt imghdr
    """)
)

# Third-party modules: the name under which they are imported, and what is taken from them.
THIRD_PARTY: dict[str, str] = {
    "aiofiles": "", "aiohttp": "ClientSession ClientTimeout ClientError ClientResponse TCPConnector",
    "aiokafka": "AIOKafkaConsumer AIOKafkaProducer", "aiosqlite": "", "alembic": "",
    "anthropic": "Anthropic AsyncAnthropic", "anyio": "", "asgiref": "", "asyncpg": "",
    "attr": "attrib attrs s ib dataclass define frozen mutable field asdict astuple evolve fields "
    "validators converters has make_class resolve_types",
    "attrs": "define frozen mutable field asdict astuple evolve fields validators converters has "
    "make_class resolve_types", "authlib": "", "azure": "", "babel": "", "bcrypt": "",
    "black": "", "boto3": "", "botocore": "", "botocore.exceptions": "BotoCoreError",
    "bs4": "BeautifulSoup", "cachetools": "TTLCache LRUCache", "celery": "Celery shared_task",
    "certifi": "", "cffi": "", "chardet": "", "click": "", "colorama": "", "confluent_kafka": "",
    "consul": "", "coverage": "", "cryptography": "", "cryptography.fernet": "Fernet InvalidToken",
    "curio": "", "cv2": "", "dask": "", "dateutil": "", "dateutil.parser": "",
    "dateutil.relativedelta": "relativedelta", "django": "",
    "django.conf": "", "django.urls": "", "dns": "", "docker": "", "dotenv": "load_dotenv",
    "duckdb": "", "elasticsearch": "Elasticsearch AsyncElasticsearch", "exceptiongroup": "",
    "faker": "Faker", "fakeredis": "", "fastapi": "FastAPI APIRouter HTTPException Depends Query "
    "BackgroundTasks UploadFile WebSocketDisconnect",
    "fastapi.responses": "", "fastapi.testclient": "", "filelock": "FileLock", "flask": "Flask "
    "jsonify render_template url_for Blueprint", "freezegun": "freeze_time", "fsspec": "",
    "gevent": "", "git": "", "google": "", "graphql": "", "greenlet": "", "grpc": "", "gunicorn": "",
    "h11": "", "h2": "", "hiredis": "", "httpcore": "", "httptools": "", "httpx": "AsyncClient "
    "HTTPStatusError AsyncHTTPTransport", "huggingface_hub": "", "hvac": "", "hypercorn": "",
    "hypothesis": "given", "hypothesis.strategies": "", "idna": "", "itsdangerous": "", "jinja2": ""
    " FileSystemLoader StrictUndefined TemplateNotFound select_autoescape", "jose": "",
    "jsonschema": "Draft7Validator Draft202012Validator", "jwt": "", "kafka": "KafkaProducer "
    "KafkaConsumer", "keyring": "", "kombu": "", "langchain": "", "libcst": "", "loguru": "",
    "lxml": "", "lxml.etree": "", "markdown": "", "markupsafe": "Markup", "matplotlib": "",
    "mock": "patch sentinel call ANY mock_open seal", "mongoengine": "", "motor": "", "msgpack": "", "msgspec": "", "multidict":
    "CIMultiDict MultiDict", "nacl": "", "networkx": "", "nltk": "", "numpy": "ndarray",
    "omegaconf": "OmegaConf DictConfig", "openai": "OpenAI AsyncOpenAI", "openpyxl": "",
    "opentelemetry": "", "opentelemetry.trace": "", "orjson": "", "outcome": "", "packaging": "",
    "packaging.version": "InvalidVersion", "pandas": "DataFrame", "paramiko": "", "passlib": "",
    "peewee": "", "pexpect": "", "PIL": "", "pika": "", "pkg_resources": "", "plotly": "",
    "pluggy": "", "polars": "", "prefect": "", "prometheus_client": "", "psutil": "", "psycopg": "",
    "psycopg2": "", "pyarrow": "", "pydantic": "BaseModel ConfigDict field_validator "
    "model_validator TypeAdapter BeforeValidator AfterValidator SecretStr ValidationInfo EmailStr "
    "HttpUrl PrivateAttr computed_field RootModel field_serializer PositiveInt NonNegativeInt",
    "pydantic_settings": "BaseSettings SettingsConfigDict", "pygments": "", "pymongo":
    "MongoClient", "pymysql": "", "pynvml": "", "pyparsing": "", "pytest": "", "pytest_asyncio": "",
    "pytz": "", "pywintypes": "", "pydantic_core": "", "rapidfuzz": "", "ray": "", "redis": "from_url asyncio exceptions client connection",
    "redis.asyncio": "", "redis.exceptions": "RedisError", "requests": "", "respx": "",
    "rich": "", "rich.console": "Console", "rich.table": "", "rich.progress": "SpinnerColumn "
    "BarColumn", "rich.panel": "Panel", "ruamel": "", "ruff": "", "scipy": "", "seaborn": "",
    "selenium": "", "sentry_sdk": "", "setuptools": "find_packages", "simplejson": "", "six": "",
    "sklearn": "", "slack_sdk": "", "sniffio": "", "snowflake": "", "sortedcontainers": "SortedDict "
    "SortedList", "sqlalchemy": "create_engine ForeignKey", "sqlalchemy.ext.asyncio": "AsyncSession "
    "create_async_engine async_sessionmaker AsyncEngine", "sqlalchemy.orm": "sessionmaker "
    "DeclarativeBase mapped_column declarative_base", "sqlmodel": "SQLModel", "sqlparse": "",
    "starlette": "", "starlette.middleware.base": "BaseHTTPMiddleware",
    "starlette.types": "ASGIApp", "starlette.testclient": "", "stripe": "", "structlog": "",
    "sympy": "", "tabulate": "", "tenacity": "stop_after_attempt wait_exponential "
    "retry_if_exception_type", "tensorflow": "", "termcolor": "", "testcontainers": "", "tiktoken":
    "", "toml": "load loads dump dumps", "tomli": "", "tomlkit": "", "toolz": "", "torch": "", "tornado": "", "tqdm": "",
    "transformers": "AutoTokenizer AutoModel", "trio": "", "trio_websocket": "", "trustme": "",
    "twisted": "", "typer": "Typer", "typing_extensions": "", "tzlocal": "", "ujson": "", "urllib3":
    "", "uvicorn": "", "uvloop": "", "watchdog": "", "watchfiles": "", "weaviate": "", "websocket":
    "", "websockets": "", "werkzeug": "", "wrapt": "", "wsproto": "", "xmltodict": "", "yaml": "",
    "yarl": "URL", "zmq": "", "zstandard": "",
    "omninode_bridge.runtime": "NodeEffect NodeCompute NodeReducer NodeOrchestrator",
}  # fmt: skip

ALIASES = {
    "np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "sns": "seaborn", "tf": "tensorflow",
    "ET": "xml.etree.ElementTree", "nx": "networkx",
}  # fmt: skip


def names_of(module_name: str) -> list[str]:
    """Return the public names that code imports from a module of the standard library."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = importlib.import_module(module_name)
    except ImportError:
        return []
    given = getattr(module, "__all__", None)
    names = given if given is not None else [n for n in dir(module) if not n.startswith("_")]
    kept = []
    for name in sorted(set(names)):
        value = getattr(module, name, None)
        if inspect.ismodule(value) and module_name not in {"concurrent", "os"}:
            continue
        home = getattr(value, "__module__", None)
        foreign = isinstance(home, str) and home.split(".", maxsplit=1)[0].lstrip("_") != _root(
            module_name
        )
        defined = isinstance(value, type | types.FunctionType) and given is None
        if name.startswith("_") or name in {"Text", "ucd_3_2_0"} or (foreign and defined):
            continue
        kept.append(name)
    return kept


def _root(module_name: str) -> str:
    return module_name.split(".", maxsplit=1)[0].lstrip("_")


def build() -> list[tuple[str, str, str]]:
    """Return the whole index as records: what it is about, the key, the value."""
    known = {name.split(".", maxsplit=1)[0] for name in STDLIB}
    whole = {n for n in sys.stdlib_module_names if not n.startswith("_")} - known - LEFT_OUT
    records = [("stdlib", name, " ".join(names_of(name))) for name in STDLIB]
    records += [("third_party", name, names) for name, names in THIRD_PARTY.items()]
    records += [("whole_only", name, "") for name in sorted(WHOLE_ONLY | whole)]
    records += [("prefer", name.rpartition(".")[2], name.rpartition(".")[0]) for name in PREFER]
    records += [("ordinary", name, "") for name in sorted(set(ORDINARY))]
    records += [("common", name, "") for name in STDLIB[: STDLIB.index("tempfile")]]
    records += [("values", name, "") for name in VALUES]
    records += [("words", name, "") for name in sorted(set(WORDS))]
    return records + [("aliases", name, module) for name, module in ALIASES.items()]


def main() -> int:
    """Write the index, or check the one that is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    records = build()
    text = "".join(json.dumps(record) + "\n" for record in records)
    if given.check:
        own = [r for r in map(json.dumps, records) if not r.startswith('["stdlib"')]
        there = TARGET.read_text(encoding="utf-8").splitlines()
        return 0 if set(own) <= set(there) else 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
