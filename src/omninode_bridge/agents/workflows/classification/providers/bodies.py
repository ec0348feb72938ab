"""Facts of the body of an answer: what a service says with a status that blames the caller."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from omninode_bridge.agents.workflows.classification.facts import Facts, passes
from omninode_bridge.agents.workflows.classification.lazy_regex import LazyRegex
from omninode_bridge.agents.workflows.recovery_models import ErrorType

from ._class_tables import is_model_service
from ._known import Known
from ._read import STATUS_NAMES, attribute, status_of
from .cloud import facts_of_code

__all__ = ["KNOWN", "body_facts"]

_BLAMING = frozenset({400, 409, 422})
_HOLDERS = ("response", "resp", "raw_response")
_BODIES = ("body", "content", "data", "details", "response_body", "json_body", "error_data")
_CODES = frozenset({"code", "errorcode", "error", "reason", "type", "status"})
_FLAGS = frozenset({"istransient", "isretryable", "isretriable", "transient", "retryable"})
_MOST_BYTES = 65_536
_MOST_NODES = 100
_CODE = LazyRegex(r"[A-Za-z][\w.-]{2,79}", re.ASCII)
_MARKED = passes(ErrorType.NETWORK, reasons=("the body of the answer says that it passes",))


def body_facts(exception: BaseException) -> Facts | None:
    """Tell by a code or a flag in the body, where it says that the refusal passes."""
    if status_of(exception) not in _BLAMING:
        return None
    cls = type(exception)
    if is_model_service(f"{cls.__module__}.{cls.__qualname__}"):
        return None
    for body in _bodies(exception):
        facts = _of_body(body)
        if facts is not None:
            return facts
    return None


def _bodies(exception: BaseException) -> Iterator[object]:
    for name in _BODIES:
        yield _parsed(attribute(exception, name))
    for name in _HOLDERS:
        # What was read already: to ask for it may read from the network.
        yield _parsed(attribute(attribute(exception, name), "_content"))


def _parsed(value: object) -> object:
    if not isinstance(value, (str, bytes)) or not 2 < len(value) <= _MOST_BYTES:
        return value
    start = value[:64].lstrip()[:1]
    if start not in ("{", "[", b"{", b"["):
        return None
    import json

    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _of_body(body: object) -> Facts | None:
    found: Facts | None = None
    for name, value in _fields(body):
        key = name.lower().replace("_", "")
        if key in _FLAGS and value is True:
            return _MARKED
        if found is None and key in _CODES and isinstance(value, str) and len(value) <= 80:
            code = _CODE.match(value)
            facts = facts_of_code(value) if code and code[0] == value else None
            if facts is not None and facts.transient is True:
                found = facts
    return found


def _fields(body: object) -> Iterator[tuple[str, object]]:
    """Yield the fields of a document, as far as it is neither deep nor large."""
    queue = [body]
    for _ in range(_MOST_NODES):
        if not queue:
            return
        node = queue.pop(0)
        if isinstance(node, Mapping):
            for number, (name, value) in enumerate(node.items()):
                if number >= _MOST_NODES:
                    break
                if isinstance(value, (Mapping, list)):
                    queue.append(value)
                if isinstance(name, str):
                    yield name, value
        elif isinstance(node, (list, tuple)):
            queue += node[:_MOST_NODES]


KNOWN = Known(
    reads="codes (`code`, `errorCode`, `reason`, ...) and flags (`is_transient`, `retryable`) in the JSON or the mapping "
    "that the exception or its answer keeps, with the statuses 400, 409 and 422; only what passes is believed",
    names=frozenset({*_BODIES, *STATUS_NAMES}),
    source="the services' lists of error codes; the flag of the Graph API",
    rows=lambda: [("a flag that says that it passes", _MARKED)],
)
