"""Ladders of the user's own: the table of ladders, overridden by a file or a mapping."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy
from omninode_bridge.errors import ConfigurationError

from .ladders import Ladder

__all__ = ["BUILT_IN_POLICY", "Policy", "policy_of"]

_MOST_BYTES = 1_000_000
_TRANSIENCES: Mapping[str, tuple[bool | None, ...]] = MappingProxyType(
    {"passes": (True,), "unknown": (None,), "stays": (False,), "always": (True, None, False)}
)
_FORCE = "force"
_Key = tuple[ErrorType, bool | None]


@dataclass(frozen=True, slots=True)
class Policy:
    """Which ladders replace those of the table.

    Attributes:
        ladders: by type and transience (True: it passes, False: it stays, None: nobody knows); a
            ladder that is given here is the whole of it, whatever a built-in pattern says.
        source: where it is from, for messages.
    """

    ladders: Mapping[_Key, Ladder] = field(default_factory=dict)
    source: str = "policy"

    def __post_init__(self) -> None:
        object.__setattr__(self, "ladders", MappingProxyType(dict(self.ladders)))


BUILT_IN_POLICY = Policy()


def policy_of(value: object) -> Policy:
    """Return the policy that a path, a mapping or a policy stands for; None is the built-in one.

    A mapping has the shape of the file: ``{"ladders": {"network": {"stays": ["escalation"]}}}``.

    Raises:
        ConfigurationError: a file that cannot be read, or a value that cannot be; the message names
            the file, the key, the value and what would be right.
    """
    if value is None:
        return BUILT_IN_POLICY
    if isinstance(value, Policy):
        return value
    if isinstance(value, Mapping):
        return _parsed(value, "policy")
    if isinstance(value, (str, os.PathLike)):
        if not os.fspath(value):
            raise ConfigurationError("policy is ''; it must be a path to a TOML file")
        path = Path(cast("str", value))
        return _parsed(_read(path), str(path))
    raise ConfigurationError(
        f"policy is {value!r}; it must be a path to a TOML file, a mapping or a Policy"
    )


def _read(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(f"policy {str(path)!r} cannot be read: {why.lower()}") from error
    if len(data) > _MOST_BYTES:
        raise ConfigurationError(
            f"policy {str(path)!r} is larger than {_MOST_BYTES} bytes; it must be a short TOML file"
        )
    import tomllib

    from omninode_bridge.agents.workflows.recovery_patterns._file_syntax import (
        MAX_DOTS,
        dotted_line,
    )

    try:
        text = data.decode("utf-8-sig")
        line = dotted_line(text)
        if line is not None:
            raise ConfigurationError(f"{path}:{line}: a key has more than {MAX_DOTS} dots")
        return tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{path}: byte {error.start} is not UTF-8; a TOML file must be"
        ) from error
    except RecursionError:
        raise ConfigurationError(f"{path}: nested too deeply") from None
    except ValueError as error:  # no TOML, or a number of thousands of digits
        why = str(error)
        raise ConfigurationError(f"{path}: {why[:1].lower()}{why[1:]}") from error


def _parsed(data: Mapping[str, Any], source: str) -> Policy:
    _known(data, ("ladders",), source, what="key of a policy")
    tables = data.get("ladders", {})
    if not isinstance(tables, Mapping):
        raise ConfigurationError(
            f"{source}: ladders is {tables!r}; it must be a table by error type"
        )
    types = {str(kind): kind for kind in ErrorType}
    _known(tables, types, f"{source}: ladders", what="error type")
    ladders: dict[_Key, Ladder] = {}
    for name, table in tables.items():
        place = f"{source}: ladders.{name}"
        if not isinstance(table, Mapping):
            raise ConfigurationError(
                f'{place} is {table!r}; it must be a table, such as stays = ["escalation"]'
            )
        _known(table, (*_TRANSIENCES, _FORCE), place, what="key of a ladder")
        ladders.update(_of_type(types[name], table, place))
    return Policy(ladders, source)


def _of_type(kind: ErrorType, table: Mapping[str, Any], place: str) -> dict[_Key, Ladder]:
    force = table.get(_FORCE, False)
    if not isinstance(force, bool):
        raise ConfigurationError(f"{place}.{_FORCE} is {force!r}; it must be true or false")
    given = [name for name in _TRANSIENCES if name in table]
    if "always" in given and len(given) > 1:
        others = ", ".join(repr(name) for name in given if name != "always")
        raise ConfigurationError(
            f"{place} has 'always' beside {others}; it must have one of the two"
        )
    found: dict[_Key, Ladder] = {}
    for name in given:
        ladder = _ladder(table[name], f"{place}.{name}")
        if False in _TRANSIENCES[name] and RecoveryStrategy.RETRY in ladder and not force:
            raise ConfigurationError(
                f"{place}.{name} has 'retry', but what stays fails again; leave it out, or say force = true"
            )
        found.update({(kind, transient): ladder for transient in _TRANSIENCES[name]})
    return found


def _ladder(value: object, place: str) -> Ladder:
    if isinstance(value, (str, bytes)) or not isinstance(value, (list, tuple)) or not value:
        raise ConfigurationError(
            f'{place} is {value!r}; it must be a list of strategies, such as ["retry", "escalation"]'
        )
    strategies = {str(kind): kind for kind in RecoveryStrategy}
    ladder: list[RecoveryStrategy] = []
    for name in value:
        _known((name,), strategies, place, what="strategy")
        kind = strategies[name]
        if kind in ladder:
            raise ConfigurationError(
                f"{place} has {str(name)!r} twice; each strategy is tried once"
            )
        ladder.append(kind)
    return tuple(ladder)


def _known(names: Iterable[object], known: Iterable[str], place: str, *, what: str) -> None:
    """Refuse a name that is not known, with the nearest one that is."""
    right = list(known)
    for name in names:
        if isinstance(name, str) and name in right:
            continue
        from difflib import get_close_matches  # only where something is wrong

        near = get_close_matches(name.lower(), right, n=1) if isinstance(name, str) else []
        advice = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(map(repr, right))}"
        raise ConfigurationError(f"{place}: {name!r} is no {what}; {advice}")
