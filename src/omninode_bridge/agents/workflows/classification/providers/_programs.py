"""What programs print, and the numbers that they end with, when something outside of them failed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.classification.lazy_regex import LazyRegex
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

from ._tools import facts_of_report

__all__ = ["SENTENCES", "facts_of_end", "facts_of_output", "facts_of_program", "facts_of_prose"]

_LESS = RecoveryStrategy.GRACEFUL_DEGRADATION
_PASSES, _LATE = passes(ErrorType.NETWORK), passes(ErrorType.TIMEOUT)
_SECRET, _DATA = stays(ErrorType.SECURITY), stays(ErrorType.VALIDATION)

# In lower case; what stays is looked for before what passes.
SENTENCES: tuple[tuple[str, LazyRegex, Facts], ...] = (
    (
        "a certificate, a key or a right",
        LazyRegex(
            r"permission denied|authentication failed|host key verification failed|could not read (?:username|password)"
            r"|unauthorized|access denied|operation not permitted|certificate verify failed|bad credentials"
            r"|ssl certificate problem|certificate (?:has expired|signed by unknown|is not trusted)|self.signed certificate"
            r"|x509: |no valid credential|credentials? (?:not found|are missing|have expired)|expired token|invalid token"
            r"|unable to locate credentials|not logged in|login required|could not find .{0,20}credentials|requires authentication"
            r"|is forbidden\b|authenticationfailed|invalid credentials|-err \[auth\]|login (?:failed|incorrect)|logon failure|wrong password|bad username"
            r"|net::err_(?:cert|ssl|bad_ssl|blocked_by|access_denied|insecure)|administratively prohibited|not authorized|insufficient (?:permission|privilege|scope)|bad signature|path traversal|\bis private\b"
        ),
        _SECRET,
    ),
    (
        "a full disk",
        LazyRegex(r"no space left on device|disk quota exceeded|disk (?:is )?full\b"),
        stays(ErrorType.UNKNOWN),
    ),
    (
        "memory",
        LazyRegex(
            r"out of memory|cannot allocate memory|memoryerror|oom-?kill|heap space|outofmemoryerror"
            r"|requires more (?:system |gpu )?memory|allocation failed - javascript heap"
        ),
        stays(ErrorType.GENERATION, prefer=_LESS),
    ),
    (
        "too many requests",
        LazyRegex(r"too many requests|rate.?limit|toomanyrequests|error: 429\b|throttled"),
        passes(ErrorType.RATE_LIMIT),
    ),
    (
        "a deadline",
        LazyRegex(
            r"\btimed[ -]out\b|\btime-?out (?:expired|exceeded|reached|after|waiting|of \d|error\b)"
            r"|\b(?:request|connection|connect|read|write|operation|query|gateway|socket|lock|idle|response) time-?out\b"
            r"|i/o timeout|\(timeout\)|timeout in data|timeout while waiting|etimedout|esockettimedout|timeoutexception|deadline exceeded"
            r"|tls handshake timeout|net::err_(?:connection_)?timed_out"
        ),
        _LATE,
    ),
    (
        "the network or another process",
        LazyRegex(
            r"could not resolve|temporary failure (?:in|resolving)|connection (?:refused|reset|closed|aborted|lost)"
            r"|network is unreachable|no route to host|early eof|the remote end hung up|empty reply from server"
            r"|\bwas refused\b|\b(?:econnrefused|econnreset|enotfound|eai_again|ehostunreach)\b|connectexception|unknownhostexception"
            r"|service unavailable|bad gateway|error: 50[0234]\b|failed to (?:fetch|download)|couldn't connect"
            r"|unable to connect|network connection|connection broken|max retries exceeded with url|another operation .{0,40}in progress|socket hang up|resource temporarily unavailable"
            r"|unable to create '.*\.lock'|could not get lock|acquiring the state lock|is locked by|held by process"
            r"|protocol banner|no existing session|session (?:is )?not active|waiting for .{0,40}lock|text file busy|device or resource busy|broken pipe"
            r"|net::err_(?:connection|name_|address_unreach|internet_disc|network|empty_resp|socket|tunnel|proxy_conn|http2|quic|dns)"
        ),
        _PASSES,
    ),
    (
        "a file or a name that is not there",
        LazyRegex(
            r"dependency tree|resolutionimpossible|no matching distribution|no such file or directory|no files found|command not found|is not recognized as|not a git repository|\bnot found\b"
            r"|could not find|does not exist|doesn't exist|\bno such\b|already exists|cannot be found|has not been defined"
        ),
        _DATA,
    ),
    (
        "something that is wrong as it was given",
        LazyRegex(
            r"\b(?:unknown|unsupported|unrecognized|unexpected|invalid|illegal|malformed|missing) (?:\w+ )?(?:command|option"
            r"|argument|parameter|field|key|value|type|format|name|method|column|property|attribute|flag|keyword|protocol)s?\b"
            r"|\bis required\b|\bmust (?:be|not|have|contain)\b|\bis not (?:supported|valid|allowed|a valid)\b|\bcannot be used\b"
            r"|could not be loaded|\bcannot (?:import|load|parse|decode|convert)\b"
        ),
        _DATA,
    ),
)
_SOURCE = LazyRegex(
    r"^[^\S\n]*(?:SyntaxError|IndentationError|TabError|NameError|ModuleNotFoundError|ImportError)\b",
    re.MULTILINE,
)


def _ends(rows: tuple[tuple[Facts, str], ...]) -> Mapping[int, Facts]:
    return {int(code): facts for facts, codes in rows for code in codes.split()}


# Numbers that a program gives a meaning of its own, from its manual.
_PROGRAMS: Mapping[str, Mapping[int, Facts]] = {
    "curl": _ends(
        (
            (_PASSES, "5 6 7 16 18 52 55 56 92 95"),
            (_LATE, "28"),
            (_SECRET, "9 35 51 53 54 58 59 60 67 77 82 83 90 91 94"),
            (_DATA, "1 3 4 26 37 43 47 48"),
        )
    ),
    "wget": _ends(((_PASSES, "4"), (_SECRET, "5 6"), (_DATA, "2 7"))),
    "ssh": _ends(((_PASSES, "255"),)),
    "scp": _ends(((_PASSES, "255"),)),
    "sftp": _ends(((_PASSES, "255"),)),
    "rsync": _ends(((_PASSES, "5 10 12 30 35"), (_LATE, "30 35"), (_DATA, "1 2 3 4 23 24"))),
    "apt-get": _ends(()),
    "pg_isready": _ends(((_PASSES, "1 2"), (_DATA, "3"))),
    "psql": _ends(((_PASSES, "2"), (_DATA, "1 3"))),
    "docker": _ends(((stays(ErrorType.VALIDATION), "125 127"), (_SECRET, "126"))),
    "flock": _ends(((_PASSES, "1"),)),
}
_CURL = LazyRegex(r"\bcurl: \((\d{1,2})\)")
_COMMAND = LazyRegex(
    r"^Command '?\[?'?\"?([\w./+-]++).*?(?:exit status (-?\d{1,5})|died with <Signals\.\w+: (\d{1,3})>)",
    re.DOTALL,
)


def facts_of_program(command: object, code: int) -> Facts | None:
    """Tell by a program and the number that it ended with; `command` is a list or a line."""
    first = command[0] if isinstance(command, (list, tuple)) and command else command
    if not isinstance(first, str):
        return None
    words = first.split(maxsplit=1)
    name = words[0].replace("\\", "/").rpartition("/")[2] if words else ""
    facts = _PROGRAMS.get(name, {}).get(code)
    return facts.completed(Facts(reasons=(f"{name} ended with {code}",))) if facts else None


def facts_of_end(message: str) -> tuple[str, int, str] | None:
    """Return command, number and what follows, from the message of a `CalledProcessError`."""
    found = _COMMAND.match(message)
    if not found:
        return None
    code = int(found[2]) if found[2] else -int(found[3])
    return found[1], code, message[found.end() :].lstrip(".\n ")


def facts_of_output(text: str) -> Facts | None:
    """Tell by what a child process printed."""
    return facts_of_report(text) or facts_of_prose(text)


def facts_of_prose(text: str) -> Facts | None:
    """Tell by the sentences of programs."""
    if "curl: (" in text:
        number = _CURL.search(text)
        facts = facts_of_program("curl", int(number[1])) if number else None
        if facts is not None:
            return facts
    lowered = text.lower()
    for what, pattern, facts in SENTENCES:
        if pattern.search(lowered):
            return facts.completed(Facts(reasons=(f"the message speaks of {what}",)))
    if _SOURCE.search(text):
        return stays(ErrorType.SYNTAX, reasons=("the message quotes an error of the source",))
    return None
