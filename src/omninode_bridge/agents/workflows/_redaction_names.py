"""Secrets that are known by the name they are given: ``password=...``, ``"api_key": "..."``."""

from __future__ import annotations

import itertools
import re
from typing import Final

from ._redaction_tokens import REDACTED

__all__ = ["is_secret_name", "scrub_named"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_STRONG: Final = _set(
    "password passwords passwd passphrase passcode pwd secret secrets credential "
    "credentials apikey authorization cookie htpasswd"
)
_STRONG_ENDS: Final = ("password", "passwd", "passphrase", "passcode", "apikey")
# Secret only together: a key alone is a mapping's, a token alone may be a lexer's.
_PAIRS: Final = {
    "key": "api access private secret signing encryption master account shared storage deploy auth "
    "session license subscription",
    "token": "api access auth refresh id bearer bot session csrf xsrf security sas github gitlab "
    "slack user personal secret",
    "pass": "user db database smtp",
    "webhook": "slack discord teams",
}
_PAIRED: Final = frozenset((a, b) for b, firsts in _PAIRS.items() for a in firsts.split())
_WEAK: Final = _set("token signature sig session sessionid auth salt nonce")
# A name that ends so tells about a secret and holds none.
_ABOUT: Final = _set(
    "count counts limit length len type types name names field fields budget usage expires "
    "expiry expiration ttl policy min max file path regex pattern rotation prompt hint "
    "required enabled format size index idx position pos class kind error errors manager "
    "provider header env var strength reset changed"
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

_NAMED = re.compile(
    r"(?i:passwords?|passwd|passphrase|passcode|pwd|secrets?|token|credentials?|api[_\-]?key|"
    r"authorization|cookie|key|signature|sig|session(?:id)?|auth|salt|nonce|(?<=_)pass|webhook)"
    r"(?:[_\-]?[A-Za-z0-9]{1,24}){0,1}(?:[_\-][A-Za-z0-9]{1,24}){0,3}+"
    r"(?P<sep>\\{0,3}[\"']?[ \t]{0,4}(?::=|=>|:|=(?!=))[ \t]{0,4}(?:(?i:bearer|basic|digest|token)[ \t]{1,4})?)"
    r"(?P<value>"
    r"[rbfuRBFU]{0,2}(?:"
    r"\"\"\"(?:[^\"]|\"(?!\"\")){0,2000}+\"\"\"|'''(?:[^']|'(?!'')){0,2000}+'''"
    r"|\\{1,3}\"[^\"\n]{0,4096}+(?:\"|\Z)"
    r"|\"(?:[^\"\\\n]++|\\.)*+(?:\"|\\?\Z|(?=\n))|'(?:[^'\\\n]++|\\.)*+(?:'|\\?\Z|(?=\n)))"
    r"|(?:[^\s\"',;&]|&(?![\w.\-]{1,40}=))++"
    r")"
)
_NAME_BEFORE = re.compile(r"[A-Za-z0-9_.\-]*+")
_OPTION = re.compile(
    r"(?i)(?<![\w\-])(--?(?:[a-z0-9]{1,20}-){0,3}(?:password|passwd|passphrase|secret|token|api-?key|access-key|secret-key)"
    r"[ \t]{1,4})(?!-)(\"[^\"\n]*+\"?|'[^'\n]*+'?|[^\s\"']{1,}+)"
)

_CODE_WORDS: Final = _set(
    "none null nil true false str string int integer bytes bool boolean float number object "
    "any dict list tuple set optional required self undefined missing invalid empty unset "
    "secretstr hidden masked changeme todo yes no is not was must has and or the a an of"
)
_PLACEHOLDER = re.compile(
    r"\$\{?\w*\}?\Z|\{\{.*\}?\}?\Z|\{\w*\}?\Z|<[\w \-]*>?\Z|\*+\Z|%\(?\w*\)?s?\Z|\.{2,}\Z"
)
_PUNCTUATION: Final = " \t()[]{}<>.,;:!?'\"\\|&+-=/"
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z_]*\Z")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\Z")
_TYPE = re.compile(r"(?:[A-Z][a-z]+){2,}\Z")
_OPENING = re.compile(r"[rbfuRBFU]{0,2}(?:\"\"\"|'''|\\{1,3}\"|[\"'])")
_EXPRESSION = re.compile(r"[A-Za-z_][\w.]*[(\[]|[(\[{]")
_LOOKS_DRAWN = re.compile(r"(?=[^\s]*\d)[A-Za-z0-9+/=_\-.%]{20,}\Z")
_PARSER_TALK = re.compile(
    r"(?i)(?:unexpected|invalid|illegal|expected|missing|next|bad|unknown|unterminated|current|last)[ \t]\Z"
)


class _Strength:
    """How sure it is that a value under a name is secret."""

    NONE = 0
    WEAK = 1
    STRONG = 2


def is_secret_name(name: str) -> bool:
    """Tell whether a mapping's entry of this name is secret, whatever its value."""
    words = _words(name)
    return _strength(words) == _Strength.STRONG or words[-1:] == ["token"]


def scrub_named(text: str) -> str:
    """Return the text with the values under secret names replaced."""
    return _OPTION.sub(_replace_option, _NAMED.sub(_replace, text))


def _words(name: str) -> list[str]:
    words = [word.lower() for word in _WORD.findall(name[-120:])]
    while words and (words[-1].isdigit() or words[-1] in ("prod", "dev", "test", "value")):
        words.pop()
    return words


def _strength(words: list[str]) -> int:
    if not words or words[-1] in _ABOUT or words[-2:] == ["key", "id"]:
        return _Strength.NONE
    pairs = itertools.pairwise(words)
    if not _STRONG.isdisjoint(words) or any(pair in _PAIRED for pair in pairs):
        return _Strength.STRONG
    if any(word.endswith(_STRONG_ENDS) for word in words):
        return _Strength.STRONG
    return _Strength.WEAK if not _WEAK.isdisjoint(words[-2:]) else _Strength.NONE


def _replace_option(match: re.Match[str]) -> str:
    return match[0] if _is_harmless(match[2].strip("\"'")) else match[1] + REDACTED


def _replace(match: re.Match[str]) -> str:
    text, start = match.string, match.start()
    before = _NAME_BEFORE.match(text[max(0, start - 60) : start][::-1])
    name = (before[0][::-1] if before else "") + text[start : match.start("sep")]
    words = _words(name)
    strength = _strength(words)
    if strength == _Strength.NONE:
        return match[0]
    opening, inner, closing = _unquote(match["value"])
    quoted = bool(opening)
    if not inner or _is_harmless(inner):
        return match[0]
    if quoted and opening == text[start - 1 : start] and opening not in match["sep"]:
        return match[0]  # `getpass('Password: ')`: the quote ends there
    if not quoted and _is_code(match, words, inner):
        return match[0]
    if strength == _Strength.WEAK:
        if _PARSER_TALK.search(text[max(0, start - 20) : start]):
            return match[0]
        if not _may_be_secret(words, inner, quoted=quoted):
            return match[0]
    return text[start : match.start("value")] + opening + REDACTED + closing


def _unquote(value: str) -> tuple[str, str, str]:
    found = _OPENING.match(value)
    if found is None:
        inner = value.rstrip(")]}>:,.")
        return "", inner, value[len(inner) :]
    opening = found[0]
    inner = value[len(opening) :]
    closing = opening.lstrip("rbfuRBFU")
    if inner.endswith(closing):
        return opening, inner[: len(inner) - len(closing)], closing
    return opening, inner, ""


def _is_harmless(value: str) -> bool:
    return (
        len(value) < 2
        or not value.strip(_PUNCTUATION)
        or value.startswith(REDACTED)
        or REDACTED.startswith(value)
        or value.lower() in _CODE_WORDS
        or _PLACEHOLDER.match(value) is not None
    )


def _may_be_secret(words: list[str], value: str, *, quoted: bool) -> bool:
    """Judge a value under a name that is secret only sometimes."""
    if _LOOKS_DRAWN.match(value):
        return True
    if words[-1] != "token" or any(c.isspace() for c in value):
        return False
    digit = any(c.isdigit() for c in value)
    return (len(value) >= 6 and digit and not value.isdigit()) or len(value) >= (
        8 if quoted else 16
    )


def _is_code(match: re.Match[str], words: list[str], value: str) -> bool:
    """Tell a reference, a call or a type from a value that was written without quotes."""
    text = match.string
    if _EXPRESSION.match(match["value"]) or _DOTTED.match(value) or _TYPE.match(value):
        return True
    if value.startswith("/") and words[-1] == "pwd":
        return True
    if not _IDENTIFIER.match(value):
        return False
    if "'" in match["sep"] or '"' in match["sep"]:
        return True  # `{"password": password}`: what is no name would have quotes there
    parts = [part.lower() for part in value.split("_")]
    if parts == words[-len(parts) :]:
        return True  # `self.password = password`
    if len(parts) > 1 and _strength(_words(value)) != _Strength.NONE:
        return True
    # `connect(password=secret)`: an argument inside an open parenthesis names a variable.
    line = text[max(text.rfind("\n", 0, match.start()) + 1, match.start() - 200) : match.start()]
    return line.count("(") > line.count(")")
