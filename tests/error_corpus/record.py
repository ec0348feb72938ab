"""Raise the cases of an area and write down what they raised: `python tests/error_corpus/record.py --area http_llm`.

It needs the libraries of `requirements-<area>.txt` (Python 3.11); a case whose library is missing keeps the record it has.
With `--check` nothing is written: each error, as it was raised, and its replay must be classified alike.
"""

from __future__ import annotations

import argparse
import enum
import importlib
import inspect
import json
import os
import platform
import re
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "raisers")]

import lab  # noqa: E402
from halves import half  # noqa: E402
from replay import RECORDS, qualified, rebuild, standard  # noqa: E402

LONGEST_RECORD, LONGEST_TRACEBACK, LONGEST_TEXT = 24_000, 8_000, 8_000
SHRINKING = ((4, 4_000), (4, 1_200), (3, 1_200), (2, 600), (1, 300))  # depth, length of a text
MOST_ITEMS = 40
MOST_LINKS = 6
MOST_FRAMES = 8
# what may be called without an argument, and tells something
METHODS = frozenset({"code", "details", "getcode", "grpc_status_code", "json", "status"})
SKIPPED = frozenset(
    ["args", "add_note", "with_traceback", "characters_written", "cookies", "history", "raw", "stream", "connection", "extensions", "next_request", "elapsed", "next", "apparent_encoding", "loop", "session", "client", "http_client", "logger", "credentials", "fp", "file", "hdrs", "links", "is_redirect"]
)  # fmt: skip
PLACES = [
    (re.compile(r"/[^\s\"'<>]*?/site-packages/"), "/srv/app/.venv/lib/python3.11/site-packages/"),
    (re.compile(re.escape(str(Path(os.__file__).resolve().parent))), "/usr/lib/python3.11"),
    (re.compile(re.escape(str(HERE / "raisers")) + "/"), "/srv/app/src/service/"),
    (re.compile(re.escape(str(HERE)) + "/"), "/srv/app/src/service/base/"),
    (re.compile(r"(?:tests/)?error_corpus/(?:raisers/)?"), "service/"),
    (re.compile(re.escape(str(HERE.parent.parent)) + r"\b"), "/srv/app/checkout"),
    (re.compile(re.escape(str(Path(sys.prefix))) + r"\b"), "/srv/app/.venv"),
    (re.compile(re.escape(str(Path(sys.base_prefix).resolve())) + r"\b"), "/usr"),
    (re.compile(re.escape(str(Path.home())) + r"(?=/)"), "/srv/app/home"),
    (re.compile(r"/tmp/[\w.-]+"), "/srv/app/tmp"),
    (re.compile(r"((?:127\.0\.0\.1|localhost|::1\]?)'?(?:[,:]\s?|%3A)(?:port[= ])?)\d{4,5}"), r"\g<1>8080"),
    (re.compile(r"(\bport[=: ]+)\d{4,5}"), r"\g<1>8080"),
    (re.compile(r"(\"port\": ?)\d{4,5}"), r"\g<1>8080"),
    (re.compile(r"\b0x[0-9a-f]{8,16}\b"), "0x7f0000000000"),
]  # fmt: skip


def plain(text: str) -> str:
    """Take what tells of this machine and this run out of a text."""
    for pattern, replacement in PLACES:
        text = pattern.sub(replacement, text)
    return text.encode("utf-8", "backslashreplace").decode()


def said(error: object, limit: int = LONGEST_TEXT, say: Callable[[object], str] = str) -> str:
    """Return the text of an exception, also of one that can not be printed."""
    try:
        return plain(say(error))[:limit]
    except Exception as broken:
        return f"<{type(broken).__name__} while printing>"


class Recorder:
    """Turn exceptions into data, no deeper than `depth` and with no text longer than `length`."""

    def __init__(self, depth: int, length: int) -> None:
        self._depth, self._length = depth, length
        self.classes: dict[str, list[str]] = {}
        self._names: dict[type, str] = {}
        self._links: list[BaseException] = []

    def whole(self, error: BaseException) -> dict[str, Any]:
        """Return the record of what a raiser raised."""
        self._links = [link for _, link in links(error)]
        return self.exception(error)

    def exception(self, error: BaseException, *, depth: int | None = None) -> dict[str, Any]:
        """Return the record of an exception and of those that led to it."""
        depth = self._depth if depth is None else depth
        chain = list(links(error))
        data = self._alone(error, depth)
        found = [
            {"how": how, **self._alone(link, min(depth, 2 if index else 3))}
            for index, (how, link) in enumerate(chain)
        ]
        if found:
            data["chain"] = found
        elif error.__suppress_context__:
            data["suppresses"] = True
        return data

    def _alone(self, error: BaseException, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {
            "class": self._learn(type(error)),
            "mro": [qualified(cls) for cls in type(error).__mro__ if cls is not object],
            "str": said(error),
            "args": [self._value(one, min(depth, 2)) for one in list(error.args)[:MOST_ITEMS]],
            "attributes": self._attributes(error, depth),
            "frames": frames(error, MOST_FRAMES if depth == self._depth else 4),
        }
        if isinstance(error, BaseExceptionGroup):
            data["message"] = plain(error.message)
            data["args"] = []
            data["attributes"].pop("exceptions", None)
            data["group"] = [
                self.exception(one, depth=min(depth, 2)) for one in error.exceptions[:16]
            ]
        notes = [plain(str(note)) for note in getattr(error, "__notes__", None) or []]
        if notes:
            data["notes"] = notes
        return data

    def _learn(self, cls: type) -> str:
        """Return the name of a class, and keep the bases that the standard library does not have."""
        name = qualified(cls)
        if cls is object or standard(name) is cls:
            return name
        if cls not in self._names:
            # a class may have the name of its base
            namesakes = sum(qualified(other) == name for other in self._names)
            self._names[cls] = f"{name}#{namesakes + 1}" if namesakes else name
            self.classes[self._names[cls]] = []
            self.classes[self._names[cls]] += [self._learn(base) for base in cls.__bases__]
        return self._names[cls]

    def _attributes(self, thing: object, depth: int) -> dict[str, Any]:
        """Return the public attributes of `thing` that are data."""
        found: dict[str, Any] = {}
        for name in dir(thing):
            if (
                name.startswith(("_", "model_"))
                or name in SKIPPED
                or len(found) >= MOST_ITEMS * 2
                or (not isinstance(thing, BaseException) and name in {"request", "app", "url_for"})
            ):
                continue
            try:
                value = getattr(thing, name)
                if inspect.isroutine(value):
                    value = (
                        Called(value())
                        if name in METHODS and not inspect.iscoroutinefunction(value)
                        else None
                    )
            except BaseException:
                continue
            if value is None or (isinstance(value, Called) and value.value is None):
                continue
            if (kept := self._value(value, depth - 1)) is not None:
                found[name] = 8080 if name == "port" and kept else kept
        return found

    def _fields(self, thing: object, depth: int) -> dict[str, Any]:
        """Return what an object says of itself, where its attributes are made up when asked for."""
        try:
            found = thing.to_dict()  # type: ignore[attr-defined]
        except Exception:
            return {}
        kept = self._value(found, depth - 1) if isinstance(found, dict) else None
        return {k: v for k, v in (kept or {}).items() if v is not None and hasattr(thing, k)}

    def _value(self, value: Any, depth: int) -> Any:
        """Return `value` as data with marks, None where it is none."""
        if isinstance(value, Called):
            kept = self._value(value.value, depth)
            return None if kept is None else {"$call": kept}
        if isinstance(value, enum.Enum):
            mixin = "str" if isinstance(value, str) else "int" if isinstance(value, int) else ""
            plain_value = value.value
            inner = self._value(plain_value if mixin != "str" else str(plain_value), 1)
            return {
                "$enum": {"class": qualified(type(value)), "name": value.name, "mixin": mixin, "value": inner}
            }  # fmt: skip
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return int(value) if abs(value) < 1 << 60 else None
        if isinstance(value, float):
            return float(value) if value == value and abs(value) != float("inf") else None
        if isinstance(value, str):
            return plain(str.__str__(value))[: self._length]
        if isinstance(value, bytes | bytearray):
            return {"$bytes": plain(bytes(value[: self._length]).decode("latin-1"))}
        if isinstance(value, datetime):
            return {"$datetime": value.isoformat()}
        if isinstance(value, timedelta):
            return {"$timedelta": value.total_seconds()}
        if isinstance(value, type):
            if issubclass(value, BaseException):
                return {"$class": self._learn(value)}
            return None
        if isinstance(value, BaseException):
            for index, link in enumerate(self._links):
                if link is value:
                    return {"$link": index}
            return {"$exception": self.exception(value, depth=depth)} if depth > 0 else None
        if depth <= 0 or inspect.isroutine(value) or inspect.ismodule(value):
            return None
        if pairs := header_fields(value):
            return {
                "$headers": [[plain(k), plain(v)[: self._length]] for k, v in pairs[:MOST_ITEMS]]
            }
        if isinstance(value, Mapping):
            items = [
                (key, self._value(one, depth - 1)) for key, one in list(value.items())[:MOST_ITEMS]
            ]
            if all(isinstance(key, str) and not key.startswith("$") for key, _ in items):
                return {plain(str(key)): one for key, one in items}
            return {"$dict": [[self._value(key, 1), one] for key, one in items]}
        if isinstance(value, list | tuple | set | frozenset) and not hasattr(value, "_fields"):
            found = [self._value(one, depth - 1) for one in list(value)[:MOST_ITEMS]]
            if found[:1] == ["127.0.0.1"] and isinstance(found[-1], int):
                found[1] = 8080
            mark = {tuple: "$tuple", set: "$set", frozenset: "$set"}.get(
                next(kind for kind in (list, tuple, set, frozenset) if isinstance(value, kind))
            )
            return {mark: found} if mark else found
        if inspect.iscoroutine(value):
            value.close()
            return None
        name = type(value).__name__
        data: dict[str, Any] = {"class": qualified(type(value)), "attributes": {}}
        if re.search(r"Request(Info)?$", name):
            for one in ("method", "url"):
                data["attributes"][one] = said(getattr(value, one, None), 500)
            return {"$object": data}
        if not re.search(r"^(URL|Url|Traceback)$", name):
            data["attributes"] = self._attributes(value, min(depth, 3)) | self._fields(value, depth)
        kind = type(value)
        if kind.__repr__ is not object.__repr__ and len(text := said(value, 501, repr)) <= 500:
            data["repr"] = text
        if kind.__str__ is not object.__str__ and len(text := said(value, 501)) <= 500:
            data["str"] = text
        return {"$object": data} if len(data) > 2 or data["attributes"] else None


class Called:
    """What a method without arguments gave."""

    def __init__(self, value: Any) -> None:
        if inspect.iscoroutine(value):
            value.close()
            value = None
        self.value = value


def header_fields(value: Any) -> list[tuple[str, str]]:
    """Return the fields of an object that holds HTTP headers, nothing of any other."""
    if isinstance(value, dict) or not hasattr(value, "items"):
        return []
    if not re.search(r"Headers|HTTPMessage|MultiDict|CaseInsensitiveDict", type(value).__name__):
        return []
    try:
        return [(str(name), str(one)) for name, one in value.items()]
    except Exception:
        return []


def links(error: BaseException) -> Iterator[tuple[str, BaseException]]:
    """Yield how and what led to `error`, nearest first."""
    seen = {id(error)}
    for _ in range(MOST_LINKS):
        if error.__cause__ is not None:
            how, following = "cause", error.__cause__
        elif error.__context__ is not None:
            how = "suppressed" if error.__suppress_context__ else "context"
            following = error.__context__
        else:
            return
        if id(following) in seen:
            return
        seen.add(id(following))
        yield how, following
        error = following


def frames(error: BaseException, most: int) -> list[list[Any]]:
    """Return module, file, function and line of the frames, from the raiser on, the middle left out."""
    found = [
        [
            frame.f_globals.get("__name__", ""),
            plain(frame.f_code.co_filename),
            frame.f_code.co_name,
            line or 0,
        ]
        for frame, line in traceback.walk_tb(from_raiser(error))
    ]
    return found if len(found) <= most else found[:1] + found[1 - most :]


def from_raiser(error: BaseException) -> Any:
    """Return the traceback from the raiser on, whoever called it."""
    entry = error.__traceback__
    while entry and not entry.tb_frame.f_code.co_filename.startswith(str(HERE / "raisers")):
        entry = entry.tb_next
    return entry or error.__traceback__


def printed(error: BaseException) -> str:
    """Return the traceback as Python prints it, without the frames of the laboratory, its middle left out where it is long."""
    before = error.__traceback__
    error.__traceback__ = from_raiser(error)
    try:
        text = plain("".join(traceback.TracebackException.from_exception(error).format()))
    finally:
        error.__traceback__ = before
    if len(text) > LONGEST_TRACEBACK:
        text = text[: LONGEST_TRACEBACK // 2] + "\n  ...\n" + text[-LONGEST_TRACEBACK // 2 + 8 :]
    return text.rstrip("\n")


def version(library: str) -> str:
    """Return the version of a distribution; the standard library has that of Python."""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return f"python {platform.python_version()}"


def record(case: lab.Case, error: BaseException) -> dict[str, Any]:
    """Return the record of one raised case, no longer than it may be."""
    tool = isinstance(error, lab.ToolOutput)
    text = said(error) if tool else plain("".join(traceback.format_exception_only(error))).rstrip()
    for depth, length in SHRINKING:
        recorder = Recorder(depth, length)
        data = {
            "id": case.id,
            "library": case.library,
            "version": version(case.library),
            "kind": "text" if tool else "live",
            "types": list(case.types),
            "strategies": list(case.strategies),
            "transient": case.transient,
            "why": case.why,
            "tags": list(case.tags),
            "text": text[:LONGEST_TEXT],
            **recorder.whole(error),
            "traceback": text[:LONGEST_TRACEBACK] if tool else printed(error),
            "classes": recorder.classes,
        }
        line = json.dumps(data, ensure_ascii=False)
        if len(line.encode()) <= LONGEST_RECORD:
            return json.loads(line)
    data["traceback"] = data["traceback"][-2_000:]
    data["str"], data["text"] = data["str"][:2_000], data["text"][:2_000]
    return data


def is_missing(case: lab.Case, error: BaseException) -> bool:
    """Is this the raiser's own import of a library that is not installed?"""
    if not isinstance(error, ModuleNotFoundError) or case.library == "python":
        return False
    raised = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    return raised[-1].startswith(str(HERE / "raisers"))


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def check(pairs: list[tuple[dict[str, Any], BaseException]]) -> int:
    """Say where an error and its replay are classified differently; return how many."""
    from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator

    analyze = ErrorRecoveryOrchestrator().analyze

    def answer(error: BaseException) -> tuple[Any, ...]:
        found = analyze(error)
        return found.error_type, found.strategy, found.transient

    differ = 0
    for data, error in pairs:
        if data["kind"] == "text":
            continue
        live, replayed = answer(error), answer(rebuild(data))
        if live != replayed:
            differ += 1
            shown = f": live {live}, replay {replayed}" if half(data["library"]) == "tuning" else ""
            say(f"differs: {data['id']}{shown}")
    return differ


def main() -> int:
    """Record or check one area."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)  # fmt: skip
    parser.add_argument("--area", required=True)
    parser.add_argument("--only", default="", help="a regular expression that the ids must match")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--list", action="store_true", help="print what each case raised")
    chosen = parser.parse_args()
    lab.quiet()
    os.chdir(tempfile.mkdtemp())  # what libraries leave behind belongs to nobody's tree
    for path in sorted((HERE / "raisers").glob(f"{chosen.area}_*.py")):
        importlib.import_module(path.stem)
    target = RECORDS / f"{chosen.area}.jsonl"
    lines = target.read_text(encoding="utf-8").splitlines() if target.exists() else []
    old = {data["id"]: data for data in map(json.loads, lines)}
    kept, pairs, failed = {}, [], 0
    for id, case in sorted(lab.CASES.items()):
        label = {
            "types": list(case.types), "strategies": list(case.strategies), "transient": case.transient,
            "why": case.why, "tags": list(case.tags), "library": case.library,
        }  # fmt: skip
        if id in old:
            kept[id] = {**old[id], **label}
        if not re.search(chosen.only, id):
            continue
        try:
            error = case.catch()
        except lab.NotRaised as problem:
            say(f"not raised: {id}: {problem}")
            failed += 1
            continue
        if is_missing(case, error):
            say(f"library missing: {id} ({error})")
            continue
        kept[id] = record(case, error)
        pairs.append((kept[id], error))
        if chosen.list:
            say(f"{id:32} {case.transient:8} {type(error).__name__}: {said(error, 150)!r}")
    if chosen.check:
        return 1 if check(pairs) or failed else 0
    target.parent.mkdir(exist_ok=True)
    target.write_text(
        "".join(json.dumps(kept[id], ensure_ascii=False) + "\n" for id in sorted(kept)),
        encoding="utf-8",
    )
    say(f"{len(kept)} records, {len(pairs)} of them made now, in {target.name}")
    return 1 if failed else 0


if __name__ == "__main__":
    # os._exit: libraries leave threads behind that would keep the process
    code = main()
    sys.stdout.flush()
    os._exit(code)
