"""Take off the tags of templates that never ran: `{% if x %}`, `{{#each y}}`, `<% end %>`, `% endfor`."""

from __future__ import annotations

import re
from itertools import pairwise

from .models import Fix
from .spans import Spans

__all__ = ["without_tags"]

_WORDS = (
    r"(?:if|elif|elseif|elsif|else|unless|for|foreach|while|end\w*|each|range|with|switch|case)\b"
)
_TAG = re.compile(
    # Jinja, Django, Liquid, Twig; then Handlebars, Mustache and Go; ERB, EJS and Mako.
    r"\{%(?P<jinja>[^\r\n]{0,400}?)%\}"
    r"|\{#[^\r\n]{0,400}?\#\}"
    r"|\{\{!--[\s\S]{0,2000}?--\}\}|\{\{[-~]?[ \t]*/\*[^\r\n]{0,400}?\*/[ \t]*[-~]?\}\}"
    rf"|\{{\{{[-~]?[ \t]*(?P<mustache>(?:[#/^>!]|{_WORDS}|(?:define|template|block|include)[ \t])[^{{}}\r\n]{{0,400}})\}}\}}"
    r"|<%--[\s\S]{0,2000}?--%>"
    r"|<%(?![=])(?P<erb>[^\r\n]{0,400}?)%>"
    r"|</?%[A-Za-z]\w*\b[^>\r\n]{0,400}>",
)
# These mean something inside of a line, or may be Python there.
_LINE = re.compile(
    rf"^[ \t]*(?:%{{1,2}}[ \t]*(?P<mako>{_WORDS}[^\r\n]*)"
    r"|\{\#[\s\S]{0,3000}?\#\}|</?[\#@](?P<freemarker>[A-Za-z][^>\r\n]{0,400})>"
    r"|\[%(?P<toolkit>[^\r\n]{0,400}?)%\]|<!--[^\r\n]{0,400}?-->"
    r"|\{(?P<smarty>/\w+|(?:if|elseif|foreach|section|while|include|assign|extends)[ \t][^{}\r\n]{0,400}|else)\}"
    r"|\$(?P<string>(?:if|elseif|for)\([^\r\n]{0,200}?\)|else|endif|endfor)\$"
    r"|@(?P<blade>(?:if|elseif|for|foreach|while)\b[^\r\n]*|else|endif|endforeach|endfor|endwhile)"
    r")[ \t]*$",
    re.MULTILINE,
)
_ELSE = re.compile(
    r"(?i)[-+~ \t}]*(?:else|elif|elsif|elseif|when|otherwise)\b|[-+~ \t]*\^[-~ \t]*$"
)
_OPENS = re.compile(
    r"(?i)[-+~ \t\#^]*(?:if|unless|for|foreach|each|range|with|switch|case|while)\b|[-+~ \t]*[\#^]"
)
_CLOSES = re.compile(r"(?i)[-+~ \t]*(?:/|end|\}[ \t;]*[-+~ \t]*$)")
_OUTPUT = re.compile(r"-[ \t]*[A-Za-z_][\w.]*[ \t]*-?")
_MOST = 400


def without_tags(text: str) -> tuple[str, list[Fix]]:
    """Return the text without the tags of template blocks; what stands between them is kept.

    An `else` means two versions of the code: unless both are the same, nothing is taken off.
    """
    tags = _tags(text)
    if not tags or len(tags) > _MOST:
        return text, []
    cuts = _cuts(text, tags)
    if cuts is None:
        return text, []
    fixes: list[Fix] = []
    for start, end, said in reversed(_whole_lines(text, cuts)):
        line = text.count("\n", 0, start) + 1
        fixes.append(Fix("template.block", line, f"took off {said!r}"))
        text = text[:start] + text[end:]
    return text, fixes[::-1]


def _tags(text: str) -> list[tuple[int, int, str]]:
    """Return where tags outside of strings and comments begin and end, and what they say."""
    if not any(
        sign in text for sign in ("{%", "{#", "{{", "<%", "</", "<#", "<!--", "[%", "{/", "$")
    ) and not (re.search(r"^[ \t]*[%@{]", text, re.MULTILINE)):
        return []
    spans = Spans(text)
    found: dict[int, tuple[int, int, str]] = {}
    for match in _LINE.finditer(text):
        start = match.start() + len(match.group()) - len(match.group().lstrip(" \t"))
        if spans.is_code(start):
            found[start] = (start, match.end(), _said(match))
        if len(found) > _MOST:
            break
    for match in _TAG.finditer(text):
        start = match.start()
        if len(found) > _MOST:
            break
        if not spans.is_code(start) or any(a <= start < b for a, b, _ in found.values()):
            continue
        erb = match["erb"]
        if erb is not None and _OUTPUT.fullmatch(erb.strip()) and not _keyword(erb):
            continue
        found[start] = (start, match.end(), _said(match))
    tags = [found[at] for at in sorted(found)]
    # Blade's marks are decorators but for the one that opens.
    if tags and all(text[a] == "@" for a, _, _ in tags):
        return tags if any(_OPENS.match(said) for _, _, said in tags) else []
    return tags


def _keyword(said: str) -> bool:
    return _ELSE.match(said) is not None or _CLOSES.match(said) is not None


def _said(match: re.Match[str]) -> str:
    return next((text for text in match.groups() if text is not None), "")


def _cuts(text: str, tags: list[tuple[int, int, str]]) -> list[tuple[int, int]] | None:
    """Return what has to go: the tags, and branches that only repeat the first; None if they differ."""
    cuts = [(start, end) for start, end, _ in tags]
    opened: list[list[int]] = []
    for number, (_, _, said) in enumerate(tags):
        if _ELSE.match(said):
            if not opened:
                return None
            opened[-1].append(number)
        elif _CLOSES.match(said):
            if not opened:
                continue
            marks = [*opened.pop(), number]
            if len(marks) == 2:
                continue
            parts = [text[tags[one][1] : tags[other][0]] for one, other in pairwise(marks)]
            if len({" ".join(part.split()) for part in parts}) > 1:
                return None
            cuts.append((tags[marks[1]][0], tags[marks[-1]][0]))
        elif _OPENS.match(said):
            opened.append([number])
    return None if any(len(marks) > 1 for marks in opened) else cuts


def _whole_lines(text: str, cuts: list[tuple[int, int]]) -> list[tuple[int, int, str]]:
    """Join cuts that touch, and take the whole line where nothing else is on it."""
    joined: list[list[int]] = []
    for start, end in sorted(cuts):
        if joined and not text[joined[-1][1] : start].strip(" \t"):
            joined[-1][1] = max(end, joined[-1][1])
        else:
            joined.append([start, end])
    found = []
    for start, end in joined:
        said = " ".join(text[start:end].split())[:60]
        first = text.rfind("\n", 0, start) + 1
        after = text.find("\n", end)
        last = len(text) if after < 0 else after + 1
        ends, begins = not text[end:last].strip(), not text[first:start].strip()
        if begins and ends:
            found.append((first, last, said))
        elif ends:
            found.append((len(text[:start].rstrip(" \t")), len(text[:last].rstrip()), said))
        else:
            found.append((start, end, said))
    return found
