"""Secrets that are known by their own shape, wherever they stand."""

from __future__ import annotations

import itertools
import re
from typing import Final

__all__ = ["REDACTED", "scrub_tokens"]

REDACTED: Final = "[redacted]"

_START = r"(?<![A-Za-z0-9_\-])"
_END = r"(?![A-Za-z0-9_])"

# Vendor prefixes are published for this very purpose: to be found by scanners.
_PREFIXED = re.compile(
    _START + r"(?:"
    r"gh[pousr]_[A-Za-z0-9]{16,}+"
    r"|github_pat_[A-Za-z0-9_]{16,}+"
    r"|glpat-[A-Za-z0-9_\-]{16,}+"
    r"|(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Z0-9]{12,}+" + _END + r"|xox[a-z]-[A-Za-z0-9\-]{8,}+"
    r"|xapp-[A-Za-z0-9\-]{8,}+"
    r"|AIza[A-Za-z0-9_\-]{30,}+"
    r"|ya29\.[A-Za-z0-9_\-]{16,}+"
    r"|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,}+"
    r"|whsec_[A-Za-z0-9+/=]{16,}+"
    r"|(?:hf|gsk|npm|glsa|shpat|shpss|dop_v1|r8)_[A-Za-z0-9_]{20,}+"
    r"|pypi-[A-Za-z0-9_\-]{32,}+"
    r"|SG\.[A-Za-z0-9_\-]{16,}+\.[A-Za-z0-9_\-]{16,}+"
    r"|nvapi-[A-Za-z0-9_\-]{20,}+"
    r"|eyJ[A-Za-z0-9_\-]{6,}+\.[A-Za-z0-9_\-]{6,}+(?:\.[A-Za-z0-9_\-]*+){0,3}+"
    r"|[0-9]{8,10}:AA[A-Za-z0-9_\-]{30,}+"
    r")"
)
# `sk-` also begins names of style classes, so the rest must look drawn by lot.
_SK = re.compile(_START + r"sk-[A-Za-z0-9_\-]{12,}+")

_WEBHOOK = re.compile(
    r"((?i:hooks\.slack(?:-gov)?\.com|discord(?:app)?\.com/api/webhooks|"
    r"webhook\.office\.com|outlook\.office\.com/webhook)/(?:services/|workflows/|triggers/)?+)"
    r"(?!\[redacted\])[^\s\"'<>|)\]}\\,]{1,}+"
)

# The password may hold an `@`; what follows the last one is the host.
_URL_LOGIN = re.compile(r"(://[^\s/:@\"'<>\[\]]{0,256}+:)(?!\d{1,5}/)[^\s/\"'<>]{1,256}@")
_URL_LOGIN_SLASH = re.compile(
    r"(://[^\s/:@\"'<>\[\]]{1,256}+:)(?!\d{1,5}[/?#]|\[redacted\])[^\s\"'<>@]{1,256}+@"
)
_URL_TOKEN = re.compile(r"(://)(?=[^\s@]{0,256}\d)[A-Za-z0-9_~.%\-]{20,256}+@")

_SCHEME = re.compile(r"\b((?i:bearer|basic)\s{1,4})([A-Za-z0-9._~+/\-]{6,}+=*+)(?![A-Za-z0-9])")

_COOKIE = re.compile(r"(?i)(\bcookie[\"']?: {0,4}[\"']?)(?=[^\s=;\"']{1,100}=)[^\n\"']++")

_PEM_NAME = r"[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_PEM = re.compile(
    r"-----BEGIN " + _PEM_NAME + r"(?:"
    r"(?:[^\-]++|-{1,4}+(?!-))*+-----END " + _PEM_NAME + r"|"
    r"(?:\s*+[A-Z][A-Za-z\-]{2,20}: [^\n]{0,200}+)*+"
    r"(?:(?:\s|\\[nr])*+[A-Za-z0-9+/=]{16,}+)*+"
    r"(?:(?:\s|\\[nr])*+[A-Za-z0-9+/=]{1,}+(?=\s*+\Z))?"
    r")"
)
_PEM_END = re.compile(r"-----END " + _PEM_NAME)
# Read backwards: the last line may be short, in the others `n` may belong to an escaped line end.
_PEM_TAIL = re.compile(r"[\s\\]*+[A-Za-z0-9+/=]++(?:[\s\\]++[A-Za-z0-9+/=]{16,}+)*+")
_PEM_MAX = 16_384


def scrub_tokens(text: str) -> str:
    """Return the text with each secret of a known shape replaced."""
    if "PRIVATE KEY" in text:
        text = _scrub_pem(text)
    if "://" in text:
        text = _URL_LOGIN.sub(rf"\1{REDACTED}@", text)
        text = _URL_LOGIN_SLASH.sub(rf"\1{REDACTED}@", text)
        text = _URL_TOKEN.sub(rf"\1{REDACTED}@", text)
    text = _WEBHOOK.sub(rf"\1{REDACTED}", text)
    text = _COOKIE.sub(rf"\1{REDACTED}", text)
    text = _PREFIXED.sub(REDACTED, text)
    text = _SK.sub(_judge_sk, text)
    return _SCHEME.sub(_judge_scheme, text)


def _judge_sk(match: re.Match[str]) -> str:
    body = match[0][3:]
    drawn = any(c.isdigit() or c.isupper() for c in body) or (len(body) >= 16 and "-" not in body)
    return REDACTED if drawn else match[0]


def _judge_scheme(match: re.Match[str]) -> str:
    """Tell ``Basic dXNlcjpwdw==`` from "basic validation"."""
    value = match[2]
    drawn = (
        any(c.isdigit() for c in value)
        or value.endswith("=")
        or any(a.islower() and b.isupper() for a, b in itertools.pairwise(value))
        or (len(value) >= 24 and "-" not in value and "/" not in value)
    )
    return match[1] + REDACTED if drawn else match[0]


def _scrub_pem(text: str) -> str:
    """Replace whole private keys, and what a cut has left of one."""
    text = _PEM.sub(REDACTED, text)
    parts: list[str] = []
    done = 0
    for end in _PEM_END.finditer(text):
        before = text[max(done, end.start() - _PEM_MAX) : end.start()]
        tail = _PEM_TAIL.match(before[::-1])
        length = tail.end() if tail else 0
        parts += [text[done : end.start() - length], REDACTED]
        done = end.end()
    return "".join(parts) + text[done:] if parts else text
