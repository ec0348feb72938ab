"""Tags and the marks with which a model ends: `<answer>`, CDATA, `<|im_end|>`."""

from __future__ import annotations

import re

from omninode_bridge.agents.workflows.correction.models import Fix

from ._layered import Layered, looks_like_code

__all__ = ["from_element", "without_marks"]

_MARK = (
    r"(?:<\|[a-zA-Z_▁]{2,30}(?:\|>|>)|<｜[^｜\n]{2,30}｜>|</?s>|\[/?INST\]|<(?:bos|eos|pad|unk)>"
    r"|<(?:start|end)_of_turn>|<\|?end[▁_]of[▁_](?:sentence|text)\|?>)"
)
_ROLE = r"(?:assistant|model|user|system)"
_HEAD = re.compile(rf"\A(?:\s*{_MARK}(?:{_ROLE}\b)?)+[ \t]*\r?\n?")
_TAIL = re.compile(rf"(?:[ \t]*+{_MARK}(?:{_ROLE})?\s*+)+\Z")
_THOUGHT = re.compile(
    r"\A\s*<(think|thinking|thought|reasoning|scratchpad|analysis)>[\s\S]{0,200000}?</\1>[ \t]*\r?\n?",
    re.IGNORECASE,
)
_CDATA = re.compile(r"\A\s*<!\[CDATA\[[ \t]*\r?\n?([\s\S]*?)\]\]>\s*\Z")
_OPENING = re.compile(
    r"^[ \t]*<(?P<name>[A-Za-z][\w:.-]{0,40})(?P<rest>(?:[ \t]+[\w:.-]+[ \t]*=[ \t]*(?:\"[^\"\n]*\"|'[^'\n]*'))*)"
    r"[ \t]*>",
    re.MULTILINE,
)
_XML_HEAD = re.compile(r"\A\s*<\?xml[^>\n]*\?>\s*")
_MOST_TAGS = 50


def without_marks(text: str) -> Layered | None:
    """Take off the marks of a model's turn, and what it said to itself before."""
    code = _THOUGHT.sub("", text, count=1)
    code = _HEAD.sub("", code, count=1)
    # Looked for from the end: a search from the start would try every place of a long text.
    found = _TAIL.search(code, max(0, len(code) - 2000))
    if found:
        code = code[: found.start()] + "\n"
    if code == text or not code.strip():
        return None
    thought = _THOUGHT.match(text)
    fix = Fix("unwrap.tags", 1, "took off the marks of a model's turn")
    return Layered(code, (fix,), thought.group() if thought else "")


def from_element(text: str) -> Layered | None:
    """Return what stands in the one element that holds code."""
    whole = _XML_HEAD.sub("", text, count=1)
    found = _CDATA.match(whole)
    if found:
        return Layered(found[1], (Fix("unwrap.tags", 1, "took off a CDATA section"),))
    if not whole.lstrip().startswith("<") and not _line_of_tag(whole):
        return None
    bodies = _elements(whole)
    coded = [(name, body, line) for name, body, line in bodies if looks_like_code(body.lstrip())]
    if not coded:
        coded = [entry for entry in bodies if "```" in entry[1] or "<" in entry[1]]
    if len(coded) != 1:
        return None
    name, body, line = coded[0]
    dropped = whole.replace(body, "", 1)
    return Layered(body, (Fix("unwrap.tags", line, f"took off the tags <{name}>"),), dropped)


def _line_of_tag(text: str) -> bool:
    """Whether the first tag stands alone on its line and prose is all that is before it."""
    found = _OPENING.search(text)
    if found is None or looks_like_code(text[: found.start()]):
        return False
    end = text.find("\n", found.end())
    return not text[found.end() : end if end >= 0 else len(text)].strip()


def _elements(text: str) -> list[tuple[str, str, int]]:
    """Return (name, content, line) of the outermost elements that begin on a line of their own."""
    found: list[tuple[str, str, int]] = []
    at = 0
    while len(found) < _MOST_TAGS:
        opening = _OPENING.search(text, at)
        if opening is None:
            break
        name = opening["name"]
        end = _end_of(text, name, opening.end())
        if end is None:
            if found:
                break
            # Cut off before its end: all the rest is the content, if the text begins with the tag.
            if text[: opening.start()].strip():
                break
            return [(name, _trimmed(text[opening.end() :]), 1)]
        found.append(
            (name, _trimmed(text[opening.end() : end[0]]), text.count("\n", 0, opening.start()) + 1)
        )
        at = end[1]
    return found


def _end_of(text: str, name: str, at: int) -> tuple[int, int] | None:
    """Return where the end tag begins and ends: the last one, so that one in a string is not it.

    One that has a line of its own comes before those that stand in code.
    """
    closing = f"</{name}>"
    again = re.compile(rf"^[ \t]*<{re.escape(name)}[\s>]", re.MULTILINE).search(text, at)
    alone = re.compile(rf"^[ \t]*({re.escape(closing)})[ \t]*$", re.MULTILINE)
    ends = list(alone.finditer(text, at, again.start() if again else len(text)))
    if ends:
        return ends[-1].span(1)
    after = text.find(f"<{name}", at)
    place = text.rfind(closing, at) if after < 0 else text.find(closing, at)
    return (place, place + len(closing)) if place >= 0 else None


def _trimmed(body: str) -> str:
    """Take off the line end after the opening tag; the white space before the closing one."""
    body = re.sub(r"\A[ \t]*\r?\n", "", body, count=1)
    return body.rstrip(" \t")
