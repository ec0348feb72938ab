"""Say where a key of a context's metadata looks like a setting that was misspelled.

Metadata of a context may hold the user's own keys, so nothing is refused.
"""

from __future__ import annotations

import difflib
import logging
import threading
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ._redaction import redact
from .recovery_strategies import BaseRecoveryStrategy, SteppedStrategy

__all__ = ["MetadataNames"]

logger = logging.getLogger("omninode_bridge.agents.workflows.error_recovery")

_LONGEST: Final = 40  # no setting is as long
_MOST: Final = 1000
_ALIKE: Final = 0.84


class MetadataNames:
    """Warns once of each key that is nearly the name of a setting."""

    __slots__ = ("_lock", "_seen")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: set[str] = set()

    def notice(
        self, metadata: Mapping[Any, Any], strategies: Iterable[BaseRecoveryStrategy]
    ) -> None:
        """Look at the keys that no strategy knows, each once."""
        stepped = [one for one in strategies if isinstance(one, SteppedStrategy)]
        names: list[str] = []
        for key in metadata:
            if len(self._seen) >= _MOST:
                return
            if not isinstance(key, str) or len(key) > _LONGEST or key in self._seen:
                continue
            if any(strategy.knows(key) for strategy in stepped):
                continue
            with self._lock:
                if key in self._seen:
                    continue
                self._seen.add(key)
            names = names or sorted(set().union(*(one.names() for one in stepped)))
            plain = key.lower().replace("-", "_")
            near = difflib.get_close_matches(plain, names, n=1, cutoff=_ALIKE)
            if near:
                logger.warning(
                    "recovery.metadata_key_unknown",
                    extra={"key": redact(key, limit=_LONGEST), "nearest": near[0]},
                )
