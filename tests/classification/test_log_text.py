"""Errors read back from logs: lines, tracebacks, chains, groups, the output of tools."""

from __future__ import annotations

import time
import traceback

import pytest

from omninode_bridge.agents.workflows.classification import PatternSet, classify
from omninode_bridge.agents.workflows.recovery_models import ErrorType
from omninode_bridge.agents.workflows.recovery_patterns import DEFAULT_PATTERNS

DEFAULTS = PatternSet.of(DEFAULT_PATTERNS, built_in=True)


def read(text: str) -> tuple[ErrorType, bool | None]:
    found = classify(text, DEFAULTS)
    return found.error_type, found.transient


def printed(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize(
    ("line", "kind", "transient"),
    [
        ("TimeoutError: Read timeout", ErrorType.TIMEOUT, True),
        ("httpx.ConnectError: [Errno 111] Connection refused", ErrorType.NETWORK, True),
        (
            "httpx.ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed",
            ErrorType.SECURITY,
            False,
        ),
        ("urllib.error.HTTPError: HTTP Error 503: Service Unavailable", ErrorType.NETWORK, True),
        ("urllib.error.HTTPError: HTTP Error 404: Not Found", ErrorType.VALIDATION, False),
        (
            "requests.exceptions.HTTPError: 429 Client Error: Too Many Requests for url: http://x/",
            ErrorType.RATE_LIMIT,
            True,
        ),
        (
            "requests.exceptions.HTTPError: 404 Client Error: Not Found for url: http://x/rate_limit",
            ErrorType.VALIDATION,
            False,
        ),
        (
            "openai.RateLimitError: Error code: 429 - {'error': {'code': 'insufficient_quota'}}",
            ErrorType.AI_SERVICE,
            False,
        ),
        (
            "botocore.exceptions.ClientError: An error occurred (ThrottlingException) when calling the X operation: slow",
            ErrorType.RATE_LIMIT,
            True,
        ),
        ("KeyError: 'timeout'", ErrorType.VALIDATION, False),
        ("ValueError: timeout must be positive", ErrorType.VALIDATION, False),
        ("RuntimeError: HTTP 503 from upstream", ErrorType.NETWORK, True),
        ("OSError: [Errno 28] No space left on device", ErrorType.UNKNOWN, False),
        ("OSError: [Errno 104] Connection reset by peer", ErrorType.NETWORK, True),
        ("sqlite3.OperationalError: database is locked", ErrorType.NETWORK, True),
        ("Connection refused", ErrorType.NETWORK, True),
        ("permission denied", ErrorType.SECURITY, False),
        ("it broke", ErrorType.UNKNOWN, None),
        ("", ErrorType.UNKNOWN, None),
    ],
)
def test_lines(line: str, kind: ErrorType, transient: bool | None) -> None:
    """The class first, then the codes in the message, then its words."""
    assert read(line) == (kind, transient)


def test_a_traceback_reads_as_the_exception_itself() -> None:
    """The last error of a traceback is the error."""
    with pytest.raises(TimeoutError) as caught:
        raise TimeoutError("too late")

    assert read(printed(caught.value)) == (ErrorType.TIMEOUT, True)


def test_a_wrapper_in_a_traceback_takes_the_label_of_its_cause() -> None:
    """The sentence between two tracebacks tells cause from context."""
    with pytest.raises(RuntimeError) as caught:
        try:
            raise ConnectionResetError(104, "reset")
        except OSError as error:
            raise RuntimeError("step failed") from error

    assert read(printed(caught.value)) == (ErrorType.NETWORK, True)


def test_a_bug_in_a_handler_is_judged_by_itself() -> None:
    """The printed context does not make a bug pass."""
    with pytest.raises(KeyError) as caught:
        try:
            raise TimeoutError("x")
        except TimeoutError:
            {}["retry_after"]

    assert read(printed(caught.value)) == (ErrorType.VALIDATION, False)


def test_a_printed_group_stays_if_one_member_does() -> None:
    """Members are read from the drawing of a group."""
    try:
        raise ExceptionGroup("g", [TimeoutError("x"), PermissionError("no")])
    except ExceptionGroup as error:
        found = read(printed(error))

    assert found == (ErrorType.SECURITY, False)


def test_a_syntax_error_shows_its_place_first() -> None:
    """The lines before the name of the class are no message."""
    try:
        compile("f(1, 2))", "generated/model.py", "exec")
    except SyntaxError as error:
        text = "".join(traceback.format_exception_only(error))

    assert read(text) == (ErrorType.SYNTAX, False)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("pkg/mod.py:3:1: F401 'os' imported but unused", ErrorType.VALIDATION),
        (
            "pkg/mod.py:3: error: Incompatible types in assignment  [assignment]",
            ErrorType.VALIDATION,
        ),
        ("pkg/mod.py:3:1: E999 SyntaxError: invalid syntax", ErrorType.SYNTAX),
        ("FAILED tests/test_a.py::test_b - AssertionError: timeout", ErrorType.VALIDATION),
        (">> Issue: [B602:subprocess_popen_with_shell_equals_true]", ErrorType.SECURITY),
    ],
)
def test_the_output_of_tools(text: str, kind: ErrorType) -> None:
    """Linters, type checkers, test runners and scanners are known by their shape."""
    assert read(text) == (kind, False)


@pytest.mark.parametrize(
    "text",
    [
        "Traceback (most recent call last):",
        "Traceback (most recent call last):\n" * 5000,
        "Traceback (most recent call last):\n  File x\nA: b\n\nThe above exception was the direct cause of the following exception:\n\n"
        * 200,
        "\n  | " * 5000,
        "x: " * 100_000,
        "\x00\ud800: \udfff",
    ],
    ids=["head", "heads", "causes", "bars", "colons", "surrogates"],
)
def test_any_text_gets_an_answer(text: str) -> None:
    """Broken and endless logs are read without an error."""
    assert classify(text, DEFAULTS).reasons()


PIECES = [
    "1",
    "a",
    "a.",
    "'",
    '"',
    "\n  | ",
    "model ",
    "HTTP 5",
    "A: ",
    "/x",
    "- ",
    "(",
    "error ",
    "1 ",
    " ",
    "+-",
    "=",
    "a:1:",
    "exceeds ",
]


@pytest.mark.parametrize(
    "name",
    ["", "openai.BadRequestError: ", "Traceback (most recent call last):\n", "mysql.E: ", "= "],
)
@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_no_text_stalls_the_reader(name: str, piece: str) -> None:
    """Our own regexes stay quick on texts that repeat what they look for, the fingerprint's too."""
    text = name + piece * 20_000
    classify("warm up", DEFAULTS).fingerprint()
    start = time.thread_time()

    classify(text, DEFAULTS).fingerprint()

    assert time.thread_time() - start < 0.25


def raised_from(outer: BaseException, cause: BaseException) -> BaseException:
    outer.__cause__ = cause
    return outer


@pytest.mark.parametrize(
    ("error", "kind", "transient"),
    [
        (
            ExceptionGroup("timed out", [TimeoutError("a"), ConnectionResetError("b")]),
            "timeout",
            True,
        ),
        (ExceptionGroup("timed out", [TimeoutError("a"), PermissionError("b")]), "security", False),
        (
            ExceptionGroup("x", [TimeoutError("a"), ExceptionGroup("y", [PermissionError("b")])]),
            "security",
            False,
        ),
        (
            ExceptionGroup("x", [ExceptionGroup("y", [ExceptionGroup("z", [TimeoutError("b")])])]),
            "timeout",
            True,
        ),
        (
            ExceptionGroup(
                "x", [raised_from(RuntimeError("a"), TimeoutError("b")), TimeoutError("c")]
            ),
            "timeout",
            True,
        ),
        (
            raised_from(RuntimeError("step"), ExceptionGroup("x", [PermissionError("b")])),
            "security",
            False,
        ),
    ],
    ids=["pass", "one-stays", "nested-stays", "deep", "chained-member", "cause"],
)
def test_a_printed_group_says_what_the_group_says(
    error: BaseException, kind: str, transient: object
) -> None:
    """Members, their chains and groups within them are read from the boxes; its own words are not."""
    for one in (error, printed(error)):
        found = classify(one, PatternSet.empty())
        assert (found.error_type, found.transient) == (kind, transient)


@pytest.mark.parametrize(
    ("line", "kind", "transient"),
    [
        ("RuntimeError: step failed: TimeoutError()", "timeout", True),
        ("app.StepError: caught ConnectionResetError: [Errno 104] reset", "network", True),
        (
            "sqlalchemy.exc.IntegrityError: (psycopg2.errors.UniqueViolation) duplicate key",
            "validation",
            False,
        ),
        ("ValueError: Request failed with status code 503: {}", "network", True),
        ("ValueError: status 503 is not one of the statuses", "validation", False),
        ("RuntimeError: do not retry: connection reset", "network", False),
        ("NameError: 'missing' is not defined", "generation", False),
        ("NameError: name 'missing' is not defined", "syntax", False),
        ("ssl.SSLError: [SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca", "security", False),
        ("RuntimeError: plugin 'timeout' could not be loaded", "validation", False),
    ],
)
def test_what_a_line_quotes(line: str, kind: str, transient: object) -> None:
    """Errors, codes and orders within a message, but no names that sound like them."""
    found = classify(line, PatternSet.empty())

    assert (found.error_type, found.transient) == (kind, transient)
