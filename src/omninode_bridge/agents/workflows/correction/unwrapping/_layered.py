"""What one layer of wrapping gives back."""

from __future__ import annotations

import re
from dataclasses import dataclass

from omninode_bridge.agents.workflows.correction.models import Fix

__all__ = ["Layered", "looks_like_code"]

_CODE = re.compile(
    r"^(?:from[ \t]+[\w.]+[ \t]+import\b|import[ \t]+\w|(?:async[ \t]+)?def[ \t]+\w|class[ \t]+\w"
    r"|@\w|\w+(?:[ \t]*:[^\n=]{1,80})?[ \t]*=[^=])",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Layered:
    """A text without one layer of wrapping.

    Attributes:
        code: the text to go on with.
        fixes: what was taken off.
        dropped: the text that was taken off, where names may have been bound.
        open_ended: it was opened and never closed: the text may have been cut off.
        refusal: why it cannot be told what the code is; `code` is then the text as it was.
    """

    code: str
    fixes: tuple[Fix, ...] = ()
    dropped: str = ""
    open_ended: bool = False
    refusal: str = ""


def looks_like_code(text: str) -> bool:
    """Whether a text has a line at its margin that only code has: an import, a definition, a binding."""
    return _CODE.search(text) is not None
