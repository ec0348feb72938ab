"""Generated code with one of the guide's faults; what counts is the module that was meant."""

from __future__ import annotations

import ast
import builtins
import random
import symtable
from collections.abc import Iterator
from typing import Any

from omninode_bridge.agents.workflows import (
    ErrorPattern,
    ErrorRecoveryOrchestrator,
    ErrorType,
    RecoveryContext,
    RecoveryResult,
    RecoveryStrategy,
)
from omninode_bridge.agents.workflows.recovery_patterns import COMMON_SYNTAX_PATTERNS
from omninode_bridge.testing import FakeClock

from ._damage import DAMAGES
from ._programs import program
from ._tally import Verdict

WAYS = ("run", "run_sync", "recoverable", "handle_error", "library", "guide")

# The guide's own corrections, each for every error that is a SyntaxError.
GUIDE: dict[str, dict[str, str]] = {
    "missing_async": {
        "description": "Add async keyword to execute methods",
        "pattern": r"def (execute_\w+)\(",
        "replacement": r"async def \1(",
        "validation": "check_for_async_methods",
    },
    "missing_typing_import": {
        "description": "Add typing module imports",
        "pattern": r"^(class Node\w+)",
        "prepend": (
            "from typing import Any, Dict, List, Optional\nfrom dataclasses import dataclass\n\n"
        ),
    },
    "missing_await": {
        "description": "Add await keyword for async calls",
        "pattern": r"([^await\s])(\w+\.execute\w+\()",
        "replacement": r"\1await \2",
    },
    "incorrect_indentation": {
        "description": "Fix indentation (4 spaces)",
        "pattern": r"^  ([^\s])",
        "replacement": r"    \1",
    },
}


def _globals_used(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module"):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals_used(child)


def validate_code(code: str) -> ast.Module:
    """Return the tree of good code.

    Raises:
        SyntaxError: it does not compile.
        NameError: a name is not defined, in Python's own words.
        RuntimeWarning: a coroutine of its own is called and not awaited, in Python's own words.
    """
    tree = ast.parse(code)
    compile(code, "<generated>", "exec")
    table = symtable.symtable(code, "<generated>", "exec")
    defined = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned()}
    defined |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_imported()}
    builtins_known = set(dir(builtins))
    for name in _globals_used(table):
        if name not in defined | builtins_known | {"__name__"}:
            raise NameError(f"name {name!r} is not defined", name=name)
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            _check_awaits(node)
    return tree


def _check_awaits(node: ast.ClassDef) -> None:
    coroutines = {item.name for item in node.body if isinstance(item, ast.AsyncFunctionDef)}
    awaited = {id(found.value) for found in ast.walk(node) if isinstance(found, ast.Await)}
    for found in ast.walk(node):
        if (
            isinstance(found, ast.Call)
            and isinstance(found.func, ast.Attribute)
            and found.func.attr in coroutines
            and id(found) not in awaited
        ):
            raise RuntimeWarning(f"coroutine '{node.name}.{found.func.attr}' was never awaited")


def _meaning(code: str) -> tuple[list[str], set[str]]:
    """Return what a module is, whatever the order of its imports: its statements, its imports."""
    statements: list[str] = []
    imports: set[str] = set()
    for node in ast.parse(code).body:
        if isinstance(node, ast.ImportFrom):
            imports |= {f"from {node.module} import {alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            imports |= {f"import {alias.name}" for alias in node.names}
        else:
            statements.append(ast.dump(node))
    return statements, imports


def _damaged(rng: random.Random, kind: str, sound: str) -> str:
    """Return code that does not validate; an import that only hints need is not missed, say."""
    for _ in range(20):
        damaged = DAMAGES[kind](rng, sound)
        try:
            validate_code(damaged)
        except (SyntaxError, NameError, RuntimeWarning):
            return damaged
    return DAMAGES["fence"](rng, sound)


async def correction(rng: random.Random) -> Verdict:
    """Damage a sound module in one way; the outcome must be that module again."""
    kind = rng.choice(sorted(DAMAGES))
    sound = program(rng)
    validate_code(sound)
    damaged = _damaged(rng, kind, sound)
    orchestrator = ErrorRecoveryOrchestrator(clock=FakeClock(), draw=rng.random)
    results: list[RecoveryResult] = []
    orchestrator.on_recovery_success(results.append)
    orchestrator.on_recovery_failure(results.append)
    way = rng.choice(WAYS)
    seen: list[str] = []

    def accept(code: str) -> str:
        seen.append(code)
        validate_code(code)
        return code

    try:
        value = await _go(orchestrator, accept, way, damaged)
    except Exception as error:
        value = error
    result = results[-1] if results else None
    if not isinstance(value, str) or result is None or not result.success:
        return Verdict(kind, f"{way}: {value!r}: {result and result.analysis}\n{damaged}")
    if result.strategy_used is not RecoveryStrategy.ERROR_CORRECTION or not result.error_fixed:
        return Verdict(kind, f"{way}: by {result}")
    statements, imports = _meaning(sound)
    now, imported = _meaning(value)
    if now != statements or (way != "guide" and imported != imports) or not imported >= imports:
        return Verdict(
            kind, f"{way}: another module:\n{sound}\n--- damaged\n{damaged}\n--- corrected\n{value}"
        )
    return Verdict(kind)


async def _go(orchestrator: ErrorRecoveryOrchestrator, accept: Any, way: str, damaged: str) -> Any:
    if way == "run":
        return await orchestrator.run(accept, code=damaged)
    if way == "run_sync":
        return orchestrator.run_sync(accept, damaged)
    if way == "recoverable":
        return orchestrator.recoverable(accept)(damaged)
    if way == "library":
        for pattern in COMMON_SYNTAX_PATTERNS:
            orchestrator.add_error_pattern(pattern)
    elif way == "guide":
        for name, metadata in GUIDE.items():
            kind = RecoveryStrategy.ERROR_CORRECTION
            orchestrator.add_error_pattern(
                ErrorPattern(name, ErrorType.SYNTAX, "SyntaxError", kind, metadata=metadata)
            )
    try:
        return accept(damaged)
    except Exception as error:
        caught = error
    context = RecoveryContext("w", "n", exception=caught, state={"code": damaged, "other": 1})
    result = await orchestrator.handle_error(context, accept)
    return result.result if result.success else result.error_message
