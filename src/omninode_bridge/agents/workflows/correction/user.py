"""A user's corrections, parsed once from the shapes in which they are written."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omninode_bridge.errors import ConfigurationError

from .validators import SHIPPED_VALIDATORS, Validator

if TYPE_CHECKING:
    import regex

__all__ = ["CORRECTION_KEYS", "CorrectionStep", "UserCorrection", "parse_correction"]

CORRECTION_KEYS = frozenset(
    {
        "pattern",
        "replacement",
        "prepend",
        "steps",
        "add_imports",
        "validation",
        "error_regex",
        "description",
    }
)
_STEP_KEYS = CORRECTION_KEYS - {"steps", "validation", "error_regex"}
_MOST_STEPS = 100
_MOST_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class CorrectionStep:
    r"""One thing to do.

    Attributes:
        pattern: where; None for a step that only adds imports.
        replacement: what each match becomes, with `\1` and `\g<name>`; None leaves it.
        prepend: text for the top of the module if the pattern matches.
        imports: import lines or names to add; empty for none.
        all_imports: add imports for whatever name is not defined.
        description: for the record.
    """

    pattern: regex.Pattern[str] | None = None
    replacement: str | None = None
    prepend: str | None = None
    imports: tuple[str, ...] = ()
    all_imports: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class UserCorrection:
    """A correction as a user wrote it, checked.

    Attributes:
        validation: asked about the outcome of all steps; its no takes them back.
        error_regex: if the error that is given does not match, the correction is not run.
    """

    name: str
    steps: tuple[CorrectionStep, ...]
    description: str = ""
    validation: Validator | None = None
    error_regex: regex.Pattern[str] | None = None


def parse_correction(
    name: str,
    mapping: Mapping[str, object],
    *,
    validators: Mapping[str, Validator] = SHIPPED_VALIDATORS,
) -> UserCorrection:
    """Check a correction and bring it into one form.

    Args:
        name: names the correction in messages and records.
        mapping: `pattern` with `replacement` or `prepend`; or `steps`, a list of such; and or
            `add_imports` (True, or a list of import lines and names); `validation`,
            `error_regex`, `description`.
        validators: what a `validation` that is a text may name.

    Raises:
        ConfigurationError: in one sentence, what is wrong and what would be right.
    """
    _check_keys(name, mapping, CORRECTION_KEYS)
    description = _text(name, mapping, "description") or ""
    if "steps" in mapping:
        clash = sorted(set(mapping) & {"pattern", "replacement", "prepend"})
        if clash:
            raise ConfigurationError(
                f"correction {name!r} has 'steps' and {clash[0]!r}; put {clash[0]!r} into a step"
            )
        steps = _steps(name, mapping["steps"])
        if "add_imports" in mapping:
            steps += (_step(name, {"add_imports": mapping["add_imports"]}),)
    else:
        steps = (_step(name, {key: mapping[key] for key in mapping if key in _STEP_KEYS}),)
    error_regex = _compiled(name, "error_regex", _text(name, mapping, "error_regex"))
    return UserCorrection(
        name,
        steps,
        description,
        _validation(name, mapping.get("validation"), validators),
        error_regex,
    )


def _check_keys(name: str, mapping: object, allowed: frozenset[str]) -> None:
    if not isinstance(mapping, Mapping):
        raise ConfigurationError(f"correction {name!r} is {mapping!r}; a mapping is needed")
    wrong = [key for key in mapping if key not in allowed]
    if wrong:
        raise ConfigurationError(
            f"correction {name!r} has the unknown key {wrong[0]!r}; right are: "
            + ", ".join(map(repr, sorted(allowed)))
        )


def _steps(name: str, given: object) -> tuple[CorrectionStep, ...]:
    if not isinstance(given, list | tuple) or not 0 < len(given) <= _MOST_STEPS:
        raise ConfigurationError(
            f"'steps' of correction {name!r} must be a list of 1 to {_MOST_STEPS} mappings, not {given!r}"
        )
    steps = []
    for number, step in enumerate(given, 1):
        _check_keys(f"{name}, step {number}", step, _STEP_KEYS)
        steps.append(_step(f"{name}, step {number}", step))
    return tuple(steps)


def _step(name: str, mapping: Mapping[str, object]) -> CorrectionStep:
    pattern = _text(name, mapping, "pattern")
    replacement = _text(name, mapping, "replacement")
    prepend = _text(name, mapping, "prepend")
    imports = mapping.get("add_imports", False)
    if pattern is None and (replacement is not None or prepend is not None):
        which = "replacement" if replacement is not None else "prepend"
        raise ConfigurationError(f"correction {name!r} has {which!r} but no 'pattern'")
    if pattern is not None and replacement is None and prepend is None and not imports:
        raise ConfigurationError(
            f"correction {name!r} has a 'pattern' but neither 'replacement' nor 'prepend'"
        )
    if pattern is None and not imports:
        raise ConfigurationError(
            f"correction {name!r} does nothing; give 'pattern' with 'replacement' or 'prepend', "
            "'steps' or 'add_imports'"
        )
    compiled = _compiled(name, "pattern", pattern)
    if compiled is not None and pattern is not None and replacement is not None:
        _check_template(name, pattern, replacement)
    return CorrectionStep(
        compiled,
        replacement,
        prepend,
        _imports(name, imports),
        imports is True,
        _text(name, mapping, "description") or "",
    )


def _text(name: str, mapping: Mapping[str, object], key: str) -> str | None:
    value = mapping.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ConfigurationError(f"{key!r} of correction {name!r} must be a text, not {value!r}")
    if len(value) > _MOST_CHARS:
        raise ConfigurationError(
            f"{key!r} of correction {name!r} has {len(value)} characters; at most {_MOST_CHARS}"
        )
    return value


def _compiled(name: str, key: str, pattern: str | None) -> regex.Pattern[str] | None:
    """Compile a pattern: of code line by line, of an error without regard to case."""
    if pattern is None:
        return None
    import regex

    flags = regex.MULTILINE if key == "pattern" else regex.IGNORECASE
    try:
        return regex.compile(pattern, flags)
    except (regex.error, RecursionError, OverflowError, ValueError) as error:
        raise ConfigurationError(
            f"{key!r} of correction {name!r} is no regular expression: {pattern!r} ({error})"
        ) from error


def _check_template(name: str, pattern: str, replacement: str) -> None:
    """Expand the replacement once on an empty match: a group that does not exist shows at once."""
    import regex

    try:
        found = regex.compile(f"(?:{pattern})|", regex.MULTILINE | regex.VERSION0).fullmatch("")
        if found is not None:
            found.expand(replacement)
    except (regex.error, IndexError, RecursionError) as error:
        raise ConfigurationError(
            f"'replacement' of correction {name!r} does not fit its pattern: {replacement!r} ({error})"
        ) from error


def _imports(name: str, given: object) -> tuple[str, ...]:
    if given is True or given is False or given is None:
        return ()
    lines = [given] if isinstance(given, str) else given
    if not isinstance(lines, Iterable) or isinstance(lines, Mapping):
        raise ConfigurationError(
            f"'add_imports' of correction {name!r} must be True or a list of import lines and names, "
            f"not {given!r}"
        )
    kept = []
    for line in lines:
        if not isinstance(line, str) or not _importable(line):
            raise ConfigurationError(
                f"'add_imports' of correction {name!r} has {line!r}; an import line such as "
                "'from typing import Any' or a name is needed"
            )
        kept.append(line.strip())
    return tuple(kept)


def _importable(line: str) -> bool:
    text = line.strip()
    if all(part.isidentifier() for part in text.split(".")):
        return True
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return bool(body) and all(isinstance(node, ast.Import | ast.ImportFrom) for node in body)


def _validation(name: str, given: object, validators: Mapping[str, Validator]) -> Validator | None:
    if given is None:
        return None
    if isinstance(given, str):
        known = {**SHIPPED_VALIDATORS, **validators}
        if given in known:
            return known[given]
        raise ConfigurationError(
            f"'validation' of correction {name!r} names {given!r}; known: "
            + ", ".join(map(repr, sorted(known)))
        )
    if callable(given):
        return given
    raise ConfigurationError(
        f"'validation' of correction {name!r} must be a name or a callable, not {given!r}"
    )
