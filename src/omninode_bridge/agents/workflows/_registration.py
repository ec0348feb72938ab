"""What an orchestrator can be given after it was made: patterns, strategies, operations, hooks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from omninode_bridge.errors import ConfigurationError

from ._config import Config
from ._hooks import Hooks
from ._machine import Machine
from .classification import Provider, RegisteredProvider
from .recovery_models import ErrorPattern, RecoveryStrategy, parse_kind
from .recovery_strategies import BaseRecoveryStrategy

__all__ = ["Registrations"]

F = TypeVar("F", bound=Callable[..., Any])
G = TypeVar("G", bound=Provider)


class Registrations:
    """The registering half of `ErrorRecoveryOrchestrator`; every change swaps the configuration whole."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._lock = threading.Lock()

    def add_error_pattern(self, pattern: ErrorPattern) -> None:
        """Add a pattern, or replace the one of the same id.

        Raises:
            PatternError: a regex or metadata that cannot be used; nothing was changed.
        """
        if not isinstance(pattern, ErrorPattern):
            raise ConfigurationError(f"pattern is {pattern!r}; it must be an ErrorPattern")
        self._swap(lambda config: config.with_pattern(pattern))

    def remove_error_pattern(self, pattern_id: str) -> None:
        """Remove a pattern.

        Raises:
            ConfigurationError: there is none of this id.
        """
        self._swap(lambda config: config.without_pattern(pattern_id))

    def register_strategy(
        self, strategy_type: RecoveryStrategy | str, strategy_instance: BaseRecoveryStrategy
    ) -> None:
        """Let `strategy_instance` stand for this kind from now on.

        Raises:
            ConfigurationError: no such kind, or no strategy.
        """
        kind = parse_kind(RecoveryStrategy, strategy_type, what="strategy_type")
        if not isinstance(strategy_instance, BaseRecoveryStrategy):
            raise ConfigurationError(
                f"strategy_instance is {strategy_instance!r}; it must be a BaseRecoveryStrategy"
            )
        if strategy_instance.strategy_type is not kind:
            raise ConfigurationError(
                f"strategy_instance is of kind {str(strategy_instance.strategy_type)!r}, not {str(kind)!r}"
            )
        self._swap(lambda config: config.with_strategy(strategy_instance))

    def register_provider(self, provider: G) -> G:
        """Ask `provider` about every error from now on, before the built-in providers.

        It is called with an exception and returns `Facts` or None; of several the first that was
        registered leads. One that raises or returns something else is passed over: counted in
        `provider_failures`, logged once. Usable as a decorator.

        Raises:
            ConfigurationError: it is not callable.
        """
        own = RegisteredProvider(provider)
        self._swap(lambda c: replace(c, own_providers=(*c.own_providers, own)))
        return provider

    def operation(self, node_name: str) -> Callable[[F], F]:
        """Register the decorated function as what `handle_error()` runs again for this node."""
        if not isinstance(node_name, str):
            raise ConfigurationError(f"node_name is {node_name!r}; it must be a text")

        def register(fn: F) -> F:
            if not callable(fn):
                raise ConfigurationError(f"the operation is {fn!r}; it must be callable")
            self._swap(lambda c: replace(c, operations={**c.operations, node_name: fn}))
            return fn

        return register

    def on_recovery_attempt(self, hook: F) -> F:
        """Call `hook(context, strategy)` before each step of a ladder."""
        return self._add_hook("attempt", hook)

    def on_recovery_success(self, hook: F) -> F:
        """Call `hook(result)` after each recovery that succeeded."""
        return self._add_hook("success", hook)

    def on_recovery_failure(self, hook: F) -> F:
        """Call `hook(result)` after each recovery that failed."""
        return self._add_hook("failure", hook)

    def _swap(self, change: Callable[[Config], Config]) -> None:
        with self._lock:
            self._machine.config = change(self._machine.config)

    def _add_hook(self, name: str, hook: F) -> F:
        if not callable(hook):
            raise ConfigurationError(f"the hook is {hook!r}; it must be callable")

        def add(config: Config) -> Config:
            hooks: Hooks = config.hooks
            return replace(config, hooks=replace(hooks, **{name: (*getattr(hooks, name), hook)}))

        self._swap(add)
        return hook
