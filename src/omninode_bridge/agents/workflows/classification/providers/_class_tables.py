"""Classes and packages by name; none of them is imported."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

from omninode_bridge.agents.workflows.classification.facts import Facts
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

from . import _classes_data, _classes_python, _classes_services, _classes_web, _classes_work
from ._class_words import words_of
from ._classes_services import LLM_PACKAGES

__all__ = ["LLM_PACKAGES", "by_name", "by_package", "is_leading", "is_listed", "is_model_service"]

_Rows = tuple[tuple[Facts, str], ...]
_TABLES: tuple[_Rows, ...] = (
    _classes_python.ROWS,
    _classes_web.ROWS,
    _classes_data.ROWS,
    _classes_services.ROWS,
    _classes_work.ROWS,
)
_NETWORKED = """
    httpx httpcore requests urllib3 aiohttp websockets websocket h11 h2 hpack wsproto pika aio_pika aiormq amqp kombu
    nats stomp paho dns aiodns pycares kafka aiokafka http urllib tornado asyncssh paramiko zmq niquests httplib2
    hyper twisted aioquic qh3 socketio engineio socks aiosmtplib aioimaplib imapclient pysmb
"""


def _named(rows: _Rows) -> dict[str, Facts]:
    return {name: facts for facts, names in rows for name in names.split()}


# What such a package raises under a name that tells nothing may as well be a wrong use of it.
_MAYBE = Facts(ErrorType.NETWORK, prefer=RecoveryStrategy.ALTERNATIVE_PATH)
_MODEL_WORDS = (
    " model provider",
    " llm ",
    " model rate",
    " model throttl",
    " model http ",
    " chat model",
)


@cache
def by_name() -> Mapping[str, Facts]:
    """Return facts by ``package.Class``, whatever the modules between them are; the first row counts."""
    found: dict[str, Facts] = {}
    for rows in _TABLES:
        for name, facts in _named(rows).items():
            found.setdefault(name, facts)
    return found


def is_listed(module: str, name: str) -> bool:
    """Whether a class is listed by name."""
    return f"{module.partition('.')[0]}.{name.rpartition('.')[2]}" in by_name()


@cache
def _leading() -> Mapping[str, Facts]:
    return _named(_classes_work.PACKAGES)


def is_leading(package: str) -> bool:
    """Whether what a package is about says more than the words of its classes."""
    return package in _leading()


@cache
def by_package() -> Mapping[str, Facts]:
    """Return facts by package, for classes whose words tell nothing."""
    return {
        **dict.fromkeys(_NETWORKED.split(), _MAYBE),
        **dict.fromkeys(LLM_PACKAGES, Facts(ErrorType.AI_SERVICE)),
        **_leading(),
    }


@lru_cache(maxsize=2048)
def is_model_service(name: str) -> bool:
    """Whether a qualified class name is that of a model vendor's library."""
    package, _, rest = name.partition(".")
    if package in LLM_PACKAGES:
        return True
    words = words_of(name.rpartition(".")[2])
    if any(phrase in words for phrase in _MODEL_WORDS):
        return True
    return package == "google" and rest.startswith(("genai", "generativeai"))
