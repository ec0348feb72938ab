"""Code that was escaped for HTML."""

from __future__ import annotations

import html
import re

from omninode_bridge.agents.workflows.correction.models import Fix
from omninode_bridge.agents.workflows.correction.spans import Spans

from ._layered import Layered

__all__ = ["unescaped"]

_ENTITY = re.compile(
    r"&(?:lt|gt|amp|quot|apos|nbsp|#x27|#39|#34|#x22|#60|#62|#38|#x2[Ff]|#47|#96|#x60);"
)
_RAW = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"', "&#x27;": "'", "&#39;": "'"}
_BREAK = re.compile(r"<br[ \t]*/?>[ \t]*(\r?\n)?", re.IGNORECASE)


def unescaped(text: str) -> Layered | None:
    """Read the entities of a text that holds none of the signs they stand for.

    Where a sign stands beside its entity, the text was not escaped: the entity is meant.
    """
    found = set(_ENTITY.findall(text))
    if not found:
        return None
    broken = _BREAK.sub("\n", text)
    bare = _ENTITY.sub("", broken)
    mixed = [entity for entity in found if _RAW.get(entity, "\0") in bare]
    if mixed or (("&lt;" in found or "&gt;" in found) and ("<" in bare or ">" in bare)):
        return None
    if "&" in bare or not _was_escaped(broken, bare, found):
        return None
    code = _ENTITY.sub(lambda m: " " if m.group() == "&nbsp;" else html.unescape(m.group()), broken)
    line = text.count("\n", 0, text.find("&")) + 1
    return Layered(
        code, (Fix("unwrap.entities", line, "read HTML entities as the signs they stand for"),)
    )


def _was_escaped(text: str, bare: str, found: set[str]) -> bool:
    """Whether the signs of code itself are entities, not only what stands in its strings."""
    if found & {"&quot;", "&#34;", "&#x22;"} and '"' not in bare and "'" not in bare:
        return True
    spans = Spans(text)
    return any(
        spans.is_code(one.start()) for one in _ENTITY.finditer(text) if one.group() != "&nbsp;"
    )
