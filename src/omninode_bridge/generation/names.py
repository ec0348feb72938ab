"""Names out of contracts, made into Python identifiers that cannot clash or leave a folder."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection

from omninode_bridge.runtime import RESERVED_NAMES

__all__ = [
    "RESERVED_METHODS",
    "camel_case",
    "class_name",
    "is_device_name",
    "is_renamed",
    "leaves_folder",
    "method_name",
    "snake_case",
]

MAX_NAME = 80

RESERVED_METHODS = RESERVED_NAMES | frozenset(
    name for name in dir(builtins) if isinstance(getattr(builtins, name), type)
)
"""Attributes of nodes and mixins, and builtin types: an operation's method never takes such a name.

A method called ``dict`` would hide the type from every annotation in its class.
"""

_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "clock$", "conin$", "conout$"}
    | {f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"}
)
_DRIVE = re.compile(r"[A-Za-z]:")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[/\\]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_BUILTIN_CLASSES = frozenset(
    {"Any", "BaseModel", "ConfigDict", "Enum", "Field", "Model", "None", "RootModel", "StrEnum"}
)


def snake_case(text: str) -> str:
    """Return ``snake_case`` for any text; empty where no letter or digit of ASCII is left."""
    plain = unicodedata.normalize("NFKD", text[: 4 * MAX_NAME])
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    words = _CAMEL.sub("_", plain)
    name = re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_").lower()
    return name[:MAX_NAME].rstrip("_")


def camel_case(text: str) -> str:
    """Return ``CamelCase`` for any text; empty where no letter or digit of ASCII is left."""
    return "".join(word[:1].upper() + word[1:] for word in snake_case(text).split("_"))


def identifier(text: str, *, prefix: str) -> str:
    """Return a snake-case identifier that is no keyword; empty where nothing is left of `text`."""
    name = snake_case(text)
    if not name:
        return ""
    if name[0].isdigit():
        name = f"{prefix}_{name}"
    return f"{name}_{prefix}" if keyword.iskeyword(name) else name


def method_name(text: str, *, taken: Collection[str], number: int) -> str:
    """Return the method of the operation called `text`: unique, no keyword, not `RESERVED_METHODS`.

    Args:
        text: the operation's name in the contract.
        taken: methods that exist already.
        number: the 1-based position of the operation, for names without any ASCII letter.
    """
    name = identifier(text, prefix="operation") or f"operation_{number}"
    if name in RESERVED_METHODS:
        name = f"{name}_operation"
    base, count = name, 2
    while name in taken:
        name, count = f"{base}_{count}", count + 1
    return name


def is_renamed(text: str, name: str) -> bool:
    """Whether `name` is more than `text` in snake case, or `text` was an identifier of its own."""
    return name != (text if text.isidentifier() and text == text.lower() else snake_case(text))


def class_name(text: str | None) -> str | None:
    """Return `text`, or its last dotted part, if it is safe as a class name; else None."""
    if text is None:
        return None
    last = re.split(r"[.:]", text.strip())[-1]
    safe = _IDENTIFIER.match(last) and not keyword.iskeyword(last) and not last.startswith("_")
    if not safe or len(last) > MAX_NAME or last in _BUILTIN_CLASSES:
        return None
    return last[0].upper() + last[1:]


def leaves_folder(text: str) -> bool:
    """Whether `text`, used as a path, would name something outside the folder it is put in."""
    if "\0" in text:
        return True
    for form in (text, unicodedata.normalize("NFKC", text), _unquoted(text)):
        plain = form.strip()
        parts = re.split(r"[/\\∕⁄⧵∖]", plain)
        if len(parts) > 1 and (".." in (part.strip() for part in parts) or not parts[0]):
            return True
        if (
            _URL.match(plain)
            or plain in {"..", "~"}
            or plain.startswith(("~/", "~\\"))
            or _DRIVE.match(plain)
        ):
            return True
    return False


def is_device_name(name: str) -> bool:
    """Whether Windows takes `name`, whatever follows a dot, for a device."""
    return name.split(".", maxsplit=1)[0].strip().lower() in _DEVICES


def _unquoted(text: str) -> str:
    def char(match: re.Match[str]) -> str:
        return chr(int(match.group(1), 16))

    for _ in range(3):
        text = re.sub(r"%([0-7][0-9A-Fa-f])", char, text)
    return text
