"""Make an exception again from its record, without the library that raised it.

Classes get the name, the module and the bases that they had (those of the standard library are the real ones), objects their
attributes, exceptions also their text, their causes, the members of their group and a short traceback.
"""

from __future__ import annotations

import contextlib
import enum
import functools
import importlib
import json
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

RECORDS = Path(__file__).resolve().parent / "records"
TEXT = "_text_of_the_record"


def load(area: str | None = None) -> list[dict[str, Any]]:
    """Return the records of one area, or of all, in the order of their ids."""
    found = []
    for path in sorted(RECORDS.glob("*.jsonl" if area is None else f"{area}.jsonl")):
        with path.open(encoding="utf-8") as lines:
            found += [{"area": path.stem, **json.loads(line)} for line in lines]
    return found


def qualified(cls: type) -> str:
    """Return the name of a class with its module; builtins go without."""
    return (
        cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
    )


def standard(name: str) -> type | None:
    """Return the class of the standard library that has this qualified name, if there is one."""
    parts = ["builtins", *name.split(".")] if "." not in name else name.split(".")
    if parts[0] not in sys.stdlib_module_names | {"builtins"}:
        return None
    for cut in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        with contextlib.suppress(AttributeError):
            for part in parts[cut:]:
                found = getattr(found, part)
            return found if isinstance(found, type) else None
    return None


class Headers(Mapping[str, str]):
    """Header fields whose names are the same in any case."""

    def __init__(self, pairs: Sequence[Sequence[str]]) -> None:
        self._pairs = [(str(name), str(value)) for name, value in pairs]

    def __getitem__(self, name: str) -> str:
        """Return the values of a field, joined."""
        found = [
            value for key, value in self._pairs if isinstance(name, str) and key.lower() == name.lower()
        ]  # fmt: skip
        if not found:
            raise KeyError(name)
        return ", ".join(found)

    def __iter__(self) -> Iterator[str]:
        """Go through the names, each once."""
        return iter(dict(self._pairs))

    def __len__(self) -> int:
        return len(dict(self._pairs))

    def __repr__(self) -> str:
        return f"Headers({self._pairs!r})"


class Replay:
    """What one record is made from."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self._bases: Mapping[str, Sequence[str]] = record["classes"]
        self._made: dict[str, type] = {}
        self._links: list[BaseException] = []

    def class_named(self, name: str) -> type:
        """Return the real class where the standard library has it, else one made after the record."""
        if name not in self._made:
            found = None if name in self._bases else standard(name)
            if found is None:
                bases = tuple(
                    self.class_named(base) for base in self._bases.get(name, ["Exception"])
                )
                module, _, short = name.partition("#")[0].rpartition(".")
                # a qualified name may itself have dots (a class inside a function)
                while module and module.rpartition(".")[2][:1].isupper():
                    module, _, outer = module.rpartition(".")
                    short = f"{outer}.{short}"
                found = types.new_class(short.rpartition(".")[2], bases)
                found.__module__, found.__qualname__ = module or "builtins", short
                if issubclass(found, BaseException):
                    type.__setattr__(found, "__str__", _text)
            self._made[name] = found
        return self._made[name]

    def whole(self, data: Mapping[str, Any]) -> BaseException:
        """Return the exception of a record; what its attributes say of the chain is the chain itself."""
        self._links = [self._new(link) for link in data.get("chain", [])]
        return self.exception(data, self._links)

    def exception(
        self, data: Mapping[str, Any], made: Sequence[BaseException] | None = None
    ) -> BaseException:
        """Return the exception of `data`, with its causes, where these are not made already."""
        links = data.get("chain", [])
        made = [self._new(link) for link in links] if made is None else made
        error = self._filled(self._new(data), data)
        for before, link, after in zip([error, *made], links, made, strict=False):
            self._filled(after, link)
            if link["how"] == "cause":
                before.__cause__ = after
            before.__context__ = after
            before.__suppress_context__ = link["how"] != "context"
        if not links and data.get("suppresses"):
            error.__suppress_context__ = True
        return error

    def _new(self, data: Mapping[str, Any]) -> BaseException:
        cls = self.class_named(data["class"])
        made: BaseException
        if issubclass(cls, BaseExceptionGroup):
            members = [self.exception(one) for one in data["group"]]
            made = cls.__new__(cls, data.get("message", data["str"]), members)
        else:
            made = cls.__new__(cls)
        return made

    def _filled(self, error: BaseException, data: Mapping[str, Any]) -> BaseException:
        if not isinstance(error, BaseExceptionGroup):
            error.args = tuple(self.value(one) for one in data.get("args", ()))
        for name, value in data.get("attributes", {}).items():
            # some names of the standard library can only be read, or ask for what is not there
            with contextlib.suppress(Exception):
                object.__setattr__(error, name, self.value(value))
        with contextlib.suppress(AttributeError):
            error.__dict__[TEXT] = data["str"]
        if str(error) != data["str"] and not isinstance(error, BaseExceptionGroup):
            error.args = (data["str"],)
        if data.get("notes"):
            error.__notes__ = list(data["notes"])
        return _raised(error, data.get("frames", ()))

    def value(self, data: Any) -> Any:
        """Return the value that `data` stands for."""
        if isinstance(data, list):
            return [self.value(one) for one in data]
        if not isinstance(data, dict):
            return data
        for mark, make in self._marks().items():
            if mark in data:
                return make(data[mark])
        return {name: self.value(one) for name, one in data.items()}

    def _marks(self) -> Mapping[str, Callable[[Any], Any]]:
        return {
            "$tuple": lambda data: tuple(self.value(one) for one in data),
            "$set": lambda data: {self.value(one) for one in data},
            "$dict": lambda data: {self.value(key): self.value(one) for key, one in data},
            "$bytes": lambda data: data.encode("latin-1"),
            "$class": self.class_named,
            "$datetime": datetime.fromisoformat,
            "$timedelta": lambda data: timedelta(seconds=data),
            "$headers": Headers,
            "$enum": self._member,
            "$call": lambda data: functools.partial(self.value, data),
            "$exception": self.exception,
            "$link": lambda index: self._links[index] if index < len(self._links) else None,
            "$object": self._object,
        }

    def _member(self, data: Mapping[str, Any]) -> Any:
        cls = standard(data["class"])
        if cls is None:
            mixin = {"str": str, "int": int}.get(data["mixin"])
            module, _, name = data["class"].rpartition(".")
            members = {data["name"]: self.value(data["value"])}
            cls = enum.Enum(name, members, module=module, qualname=name, type=mixin)
        return getattr(cls, data["name"])

    def _object(self, data: Mapping[str, Any]) -> Any:
        module, _, name = data["class"].rpartition(".")
        body: dict[str, Any] = {"__module__": module, "__qualname__": name}
        for way in ("str", "repr"):
            if way in data:
                body[f"__{way}__"] = lambda _, text=data[way]: text
        made = type(name, (), body)()
        for key, value in data["attributes"].items():
            setattr(made, key, self.value(value))
        return made


def rebuild(record: Mapping[str, Any]) -> BaseException:
    """Return the exception of `record`, as its raiser gave it."""
    return Replay(record).whole(record)


def _text(error: BaseException) -> str:
    text: str = error.__dict__[TEXT]
    return text


def _call(step: Callable[[], Any]) -> Any:
    return step()


def _raised(error: BaseException, frames: Sequence[Sequence[Any]]) -> BaseException:
    """Raise `error` through functions named as `frames` (module, file, function, line), and return it."""

    def last() -> None:
        raise error

    step: Callable[[], Any] = last
    for module, file, function, line in reversed(frames):
        code = _call.__code__.replace(
            co_filename=file,
            co_name=function,
            co_qualname=function,
            co_firstlineno=max(line - 1, 1),
        )
        step = functools.partial(types.FunctionType(code, {"__name__": module}), step)
    try:
        step()
    except BaseException:
        entries = []
        entry = error.__traceback__
        while entry:
            entries.append(entry)
            entry = entry.tb_next
        # the first is this function, the last is where it was raised above
        kept = None
        for one in reversed(entries[1:-1]):
            kept = types.TracebackType(kept, one.tb_frame, one.tb_lasti, one.tb_lineno)
        error.__traceback__ = kept
    return error
