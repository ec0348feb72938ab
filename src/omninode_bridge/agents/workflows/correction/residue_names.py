"""What to put in place of a template's variable: its value, or a name made of its own."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Mapping

__all__ = ["as_identifier", "filtered", "fresh", "look_up", "words_of"]

_DEEPEST = 5
_LONGEST = 500
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]|\d+")
_DEFAULT = re.compile(r"\|(?:default|d)[(:](?P<value>[^()]*)\)?")
_CAMEL = re.compile(r"(?i)pascal|camel|class_?(?:name|ify|case)|studly|capitali|title|upper_?first")
_SNAKE = re.compile(r"(?i)snake|underscore|lower|func")


def words_of(name: str) -> list[str]:
    """Return the words of a name, whatever its case."""
    return _WORD.findall(name)


def as_identifier(name: str, filters: str, *, of_class: bool, lone: bool = True) -> str:
    """Return a valid name made of a variable's: CamelCase for classes, else snake_case.

    Args:
        name: a path with dots; its last part tells, unless that is as plain as `name`.
        filters: may say which case is meant.
        of_class: a class has it.
        lone: it is the whole of the word, not a part.
    """
    parts = [part for part in re.split(r"\W+", name) if part]
    last = parts[-1] if parts else "value"
    if len(parts) > 1 and last.lower() in ("name", "id", "type", "value", "key"):
        last = "_".join(parts[-2:])
    words = words_of(last) or ["value"]
    camel = (of_class or bool(_CAMEL.search(filters))) and not _SNAKE.search(filters)
    if camel:
        made = "".join(word[0].upper() + word[1:].lower() for word in words)
    else:
        made = "_".join(word.lower() for word in words)
    if lone and (made[0].isdigit() or keyword.iskeyword(made)):
        made = f"_{made}" if made[0].isdigit() else f"{made}_"
    return made


def fresh(name: str, taken: set[str]) -> str:
    """Return the name, or one that ends in underscores where it would hide another one."""
    while name in taken or hasattr(builtins, name) or keyword.iskeyword(name):
        name += "_"
    return name


def look_up(values: Mapping[str, object], path: str) -> object:
    """Return a value by its path, else by its name in any case (`NODE_NAME` for `node_name`)."""
    value: object = values
    for part in path.split(".")[:_DEEPEST]:
        if not isinstance(value, Mapping) or part not in value:
            value = None
            break
        value = value[part]
    if value is None and "." not in path:
        meant = _folded(path)
        near = [values[name] for name in values if isinstance(name, str) and _folded(name) == meant]
        value = near[0] if len(near) == 1 else None
    if isinstance(value, str):
        return value if value and len(value) <= _LONGEST and value.isprintable() else None
    return value if isinstance(value, (int, float)) else None


def _folded(name: str) -> str:
    return name.replace("_", "").casefold()


def filtered(value: object, filters: str) -> object:
    """Apply what the filters of a variable ask for; None if one of them is not known.

    A `default(x)` of a variable without value gives what it says.
    """
    if value is None:
        said = _DEFAULT.search(filters)
        if said is None:
            return None
        try:
            found: object = ast.literal_eval(said["value"].strip())
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return None
        return found if isinstance(found, (str, int, float)) else None
    rest = _DEFAULT.sub("", filters)
    for name in filter(None, rest.split("|")):
        if not isinstance(value, str):
            return None
        words = words_of(value)
        if name in ("lower", "upper", "title", "capitalize"):
            value = str(getattr(value, name)())
        elif name in ("trim", "safe", "e", "string"):
            continue
        elif words and re.fullmatch(r"(?i)(?:to_?)?(?:pascal|camelize|classify)(?:_?case)?", name):
            value = "".join(word[0].upper() + word[1:].lower() for word in words)
        elif words and re.fullmatch(r"(?i)(?:to_?)?(?:snake|underscore)(?:_?case)?", name):
            value = "_".join(word.lower() for word in words)
        else:
            return None
    return value
