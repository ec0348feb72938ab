"""Classes and packages by name; none of them is imported."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

__all__ = ["BY_NAME", "BY_PACKAGE", "LEADING_PACKAGES", "LLM_PACKAGES", "is_model_service"]

_LESS = RecoveryStrategy.GRACEFUL_DEGRADATION

_Rows = tuple[tuple[Facts, str], ...]


def _table(rows: _Rows) -> Mapping[str, Facts]:
    return MappingProxyType({name: facts for facts, names in rows for name in names.split()})


# "package.Class", whatever the modules between them are.
_CLASSES: _Rows = (
    (
        passes(ErrorType.TIMEOUT),
        """
        builtins.TimeoutError asyncio.TimeoutError concurrent.TimeoutError socket.timeout
        multiprocessing.TimeoutError subprocess.TimeoutExpired trio.TooSlowError
        _queue.Empty queue.Empty queue.Full asyncio.QueueEmpty asyncio.QueueFull
        threading.BrokenBarrierError asyncio.BrokenBarrierError
        billiard.SoftTimeLimitExceeded billiard.TimeLimitExceeded
        pymongo.WTimeoutError pymongo.ExecutionTimeout asyncpg.QueryCanceledError
        psycopg.QueryCanceled psycopg2.QueryCanceledError
        """,
    ),
    (
        passes(ErrorType.NETWORK),
        """
        builtins.ConnectionError builtins.ConnectionResetError builtins.ConnectionRefusedError
        builtins.ConnectionAbortedError builtins.BrokenPipeError builtins.BlockingIOError
        builtins.InterruptedError asyncio.IncompleteReadError socket.gaierror socket.herror
        http.RemoteDisconnected http.IncompleteRead http.CannotSendRequest http.ResponseNotReady
        urllib.URLError urllib.ContentTooShortError
        urllib3.MaxRetryError urllib3.ProtocolError urllib3.HTTPError
        requests.ConnectionError requests.ChunkedEncodingError requests.RetryError
        requests.ProxyError httpx.RemoteProtocolError httpcore.RemoteProtocolError
        httpx.TransportError httpx.ProxyError httpcore.ProxyError
        aiohttp.ServerDisconnectedError aiohttp.ClientPayloadError aiohttp.ClientOSError
        ssl.SSLEOFError ssl.SSLZeroReturnError ssl.SSLWantReadError ssl.SSLWantWriteError
        ssl.SSLSyscallError smtplib.SMTPServerDisconnected smtplib.SMTPConnectError
        imaplib.abort nntplib.NNTPTemporaryError ftplib.error_temp
        websockets.InvalidMessage websockets.ConnectionClosedError websockets.ConnectionClosed
        pymongo.AutoReconnect pymongo.NotPrimaryError pymongo.ServerSelectionTimeoutError
        pymongo.WaitQueueTimeoutError pymongo.NetworkTimeout
        redis.BusyLoadingError redis.TryAgainError redis.ClusterDownError redis.ReadOnlyError
        redis.MasterDownError redis.MasterNotFoundError
        asyncpg.InterfaceError sqlalchemy.DisconnectionError
        botocore.EndpointConnectionError botocore.ConnectionClosedError botocore.HTTPClientError
        anyio.EndOfStream anyio.BrokenResourceError anyio.ClosedResourceError
        paramiko.NoValidConnectionsError paramiko.ChannelException
        azure.ServiceRequestError azure.ServiceResponseError
        """,
    ),
    (
        Facts(ErrorType.NETWORK),
        """
        http.BadStatusLine http.HTTPException imaplib.error poplib.error_proto ftplib.error_proto
        ftplib.error_reply nntplib.NNTPError smtplib.SMTPException
        """,
    ),
    (
        stays(ErrorType.NETWORK),
        """
        requests.TooManyRedirects httpx.TooManyRedirects aiohttp.TooManyRedirects
        httpx.UnsupportedProtocol httpx.LocalProtocolError httpcore.UnsupportedProtocol
        httpcore.LocalProtocolError h11.LocalProtocolError websockets.ConnectionClosedOK
        """,
    ),
    (
        stays(ErrorType.SECURITY),
        """
        builtins.PermissionError jinja2.SecurityError ssl.SSLCertVerificationError ssl.CertificateError
        tarfile.FilterError tarfile.OutsideDestinationError tarfile.AbsolutePathError
        tarfile.LinkOutsideDestinationError tarfile.SpecialFileError tarfile.AbsoluteLinkError
        botocore.NoCredentialsError botocore.PartialCredentialsError botocore.TokenRetrievalError
        smtplib.SMTPAuthenticationError paramiko.BadHostKeyException
        google.RefreshError google.DefaultCredentialsError zipfile.LargeZipFile
        """,
    ),
    (
        stays(ErrorType.SYNTAX),
        """
        builtins.SyntaxError builtins.IndentationError builtins.TabError builtins.NameError
        builtins.UnboundLocalError builtins.ImportError builtins.ModuleNotFoundError
        tokenize.TokenError json.JSONDecodeError simplejson.JSONDecodeError orjson.JSONDecodeError
        ujson.JSONDecodeError requests.JSONDecodeError msgspec.DecodeError xml.ParseError
        xml.SAXParseException pyexpat.ExpatError xml.ExpatError plistlib.InvalidFileException
        re.error re.PatternError configparser.ParsingError configparser.DuplicateOptionError
        configparser.MissingSectionHeaderError configparser.DuplicateSectionError
        configparser.InterpolationSyntaxError shlex.error
        """,
    ),
    (
        stays(ErrorType.VALIDATION),
        """
        builtins.UnicodeDecodeError builtins.UnicodeEncodeError builtins.UnicodeTranslateError
        builtins.UnicodeError builtins.FileNotFoundError builtins.IsADirectoryError
        builtins.NotADirectoryError builtins.FileExistsError _csv.Error csv.Error binascii.Error
        struct.error decimal.InvalidOperation pickle.UnpicklingError pickle.PicklingError
        _pickle.UnpicklingError _pickle.PicklingError subprocess.CalledProcessError
        dataclasses.FrozenInstanceError graphlib.CycleError shutil.SameFileError shutil.Error
        configparser.NoOptionError configparser.NoSectionError
        configparser.InterpolationMissingOptionError argparse.ArgumentError argparse.ArgumentTypeError
        httpx.InvalidURL httpx.DecodingError httpx.StreamConsumed requests.InvalidURL
        requests.MissingSchema requests.InvalidSchema requests.InvalidHeader requests.ContentDecodingError
        aiohttp.InvalidURL aiohttp.ContentTypeError urllib3.LocationParseError urllib3.LocationValueError
        redis.ResponseError redis.DataError botocore.ParamValidationError botocore.UnknownServiceError
        botocore.NoRegionError botocore.DataNotFoundError
        """,
    ),
    (
        Facts(ErrorType.VALIDATION),
        "zlib.error zipfile.BadZipFile gzip.BadGzipFile lzma.LZMAError _lzma.LZMAError tarfile.ReadError",
    ),
    (stays(ErrorType.CONTRACT), "google.DecodeError google.EncodeError google.ParseError"),
    (
        stays(ErrorType.GENERATION),
        """
        builtins.RecursionError builtins.NotImplementedError pydantic_ai.UnexpectedModelBehavior
        openai.LengthFinishReasonError instructor.InstructorRetryException
        """,
    ),
    (
        stays(ErrorType.GENERATION, prefer=_LESS),
        "builtins.MemoryError numpy._ArrayMemoryError torch.OutOfMemoryError",
    ),
    (
        stays(ErrorType.UNKNOWN),
        "tenacity.RetryError stamina.RetryError backoff.RetryError builtins.SystemError",
    ),
    # Anything may raise these; an explicit cause that says more is believed instead.
    (
        stays(ErrorType.VALIDATION, weak=True),
        """
        builtins.ValueError builtins.TypeError builtins.AssertionError builtins.LookupError
        builtins.KeyError builtins.IndexError builtins.AttributeError builtins.ArithmeticError
        builtins.ZeroDivisionError builtins.OverflowError builtins.FloatingPointError
        builtins.StopIteration builtins.StopAsyncIteration builtins.BufferError
        """,
    ),
    (Facts(ErrorType.NETWORK, weak=True), "builtins.EOFError builtins.OSError"),
)
BY_NAME = _table(_CLASSES)

LLM_PACKAGES = frozenset(
    [
        "openai",
        "anthropic",
        "cohere",
        "groq",
        "mistralai",
        "litellm",
        "together",
        "replicate",
        "ollama",
        "huggingface_hub",
        "ai21",
        "fireworks",
        "cerebras",
        "xai_sdk",
        "voyageai",
        "instructor",
        "pydantic_ai",
        "langchain",
        "langchain_core",
        "langchain_openai",
        "langchain_anthropic",
        "llama_index",
        "vertexai",
        "dashscope",
        "zhipuai",
        "deepseek",
        "writerai",
    ]
)

# What a package is about says more than the words of its classes.
_LEADING: _Rows = (
    (
        stays(ErrorType.GENERATION),
        "jinja2 mako chameleon genshi pystache chevron cookiecutter copier datamodel_code_generator",
    ),
    (
        stays(ErrorType.SECURITY),
        "jwt jose joserfc authlib itsdangerous cryptography nacl oauthlib OpenSSL RestrictedPython",
    ),
    (
        stays(ErrorType.CONTRACT),
        """
        fastavro avro avro_validator openapi_spec_validator openapi_schema_validator openapi_core
        prance graphql ariadne graphene strawberry asyncapi grpc_tools
        """,
    ),
    (
        stays(ErrorType.SYNTAX),
        """
        yaml ruamel toml tomli tomllib tomlkit json5 hjson pyparsing lark parso libcst lxml sqlglot
        sqlparse antlr4 ply textx parsimonious black blib2to3 lib2to3
        """,
    ),
    (
        stays(ErrorType.VALIDATION),
        """
        pydantic pydantic_core jsonschema referencing fastjsonschema marshmallow cerberus voluptuous
        schema cattrs attr attrs trafaret schematics beartype typeguard pandera pykwalify yamale
        strictyaml dacite email_validator
        """,
    ),
)
LEADING_PACKAGES = frozenset(" ".join(names for _, names in _LEADING).split())

# Where the words of a class tell nothing.
BY_PACKAGE = _table(
    (
        *_LEADING,
        (Facts(ErrorType.AI_SERVICE), " ".join(sorted(LLM_PACKAGES))),
        (
            Facts(ErrorType.NETWORK),
            """
            httpx httpcore requests urllib3 aiohttp websockets websocket h11 h2 hpack wsproto pika
            aio_pika aiormq amqp kombu nats stomp paho dns aiodns pycares kafka aiokafka
            http urllib tornado asyncssh paramiko zmq
            """,
        ),
    ),
)


def is_model_service(name: str) -> bool:
    """Whether a qualified class name is that of a model vendor's library."""
    package, _, rest = name.partition(".")
    if package in LLM_PACKAGES:
        return True
    return package == "google" and rest.startswith(("genai", "generativeai"))
