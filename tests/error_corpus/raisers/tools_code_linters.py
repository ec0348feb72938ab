"""What tools say about code: formatters, linters, type checkers, test runners, scanners."""

from __future__ import annotations

import os
import subprocess

from lab import ToolOutput, add, case, tool

LINT = {
    "types": "VALIDATION SYNTAX GENERATION",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH GRACEFUL_DEGRADATION",
    "transient": "no",
    "why": "the checker found faults in the code",
    "tags": ("tool",),
}
PARSE = {
    "types": "SYNTAX VALIDATION",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH",
    "transient": "no",
    "why": "the source does not parse",
    "tags": ("tool",),
}
NAME = {
    "types": "SYNTAX VALIDATION GENERATION",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH",
    "transient": "no",
    "why": "a name or an import that is missing",
    "tags": ("tool",),
}
TESTS = {
    "types": "VALIDATION GENERATION",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH GRACEFUL_DEGRADATION",
    "transient": "no",
    "why": "generated tests fail",
    "tags": ("tool",),
}
SECURE = {
    "types": "SECURITY VALIDATION",
    "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    "transient": "no",
    "why": "the scanner found something dangerous",
    "tags": ("tool",),
}
GATE = {
    "types": "VALIDATION GENERATION",
    "strategies": "GRACEFUL_DEGRADATION ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION",
    "transient": "no",
    "why": "below a threshold of quality",
    "tags": ("tool", "quality"),
}
USAGE = {
    "types": "VALIDATION UNKNOWN",
    "strategies": "ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH",
    "transient": "no",
    "why": "the tool was called or configured wrongly",
    "tags": ("tool",),
}

UNUSED = "import os\nimport json\n\n\ndef f():\n    return json.dumps({})\n"
UNDEFINED = "def f(state: ModelState) -> Optional[str]:\n    return retry(state)\n"
BROKEN = "class Node\n    pass\n"
BLOCKING = "import time\n\n\nasync def execute() -> None:\n    time.sleep(1)\n"
EVAL = "import subprocess\n\n\ndef f(x):\n    subprocess.call(x, shell=True)\n    return eval(x)\n"
MESSY = "x = {  'a':1 }\ndef f( ):\n  return(x)\n"


def ruff(rules: str, text: str, *options: str, output: bool = True):
    """Check a text."""
    argv = ["ruff", "check", "--isolated", "--no-cache", "--select", rules, *options, "node.py"]
    return lambda: tool(argv, {"node.py": text}, output=output)


add("ruff_unused", "ruff", ruff("F", UNUSED), **LINT)
add("ruff_unused_called", "ruff", ruff("F", UNUSED, output=False), **LINT)
add("ruff_undefined", "ruff", ruff("F", UNDEFINED), **NAME)
add("ruff_undefined_concise", "ruff", ruff("F", UNDEFINED, "--output-format", "concise"), **NAME)
add("ruff_json", "ruff", ruff("F", UNDEFINED, "--output-format", "json"), **NAME)
add("ruff_syntax", "ruff", ruff("F", BROKEN), **PARSE)
add("ruff_syntax_concise", "ruff", ruff("F", BROKEN, "--output-format", "concise"), **PARSE)
add("ruff_blocking", "ruff", ruff("ASYNC", BLOCKING), **LINT)
add("ruff_security", "ruff", ruff("S", EVAL), **SECURE)
add(
    "ruff_style",
    "ruff",
    ruff("E,W,I", "import sys\nimport os\nif os: x = 1\n", "--output-format", "concise"),
    **LINT,
)
add("ruff_no_rule", "ruff", ruff("NODE123", UNUSED), **USAGE)
add(
    "ruff_format",
    "ruff",
    lambda: tool(
        ["ruff", "format", "--isolated", "--no-cache", "--check", "node.py"],
        {"node.py": MESSY},
        output=True,
    ),
    **LINT,
)
add(
    "ruff_format_broken",
    "ruff",
    lambda: tool(
        ["ruff", "format", "--isolated", "--no-cache", "node.py"], {"node.py": BROKEN}, output=True
    ),
    **PARSE,
)
add(
    "ruff_config",
    "ruff",
    lambda: tool(
        ["ruff", "check", "--no-cache", "."],
        {"ruff.toml": "line-length = 'long'\n", "a.py": ""},
        output=True,
    ),
    **USAGE,
)

add(
    "black_check",
    "black",
    lambda: tool(["black", "--check", "-q", "--diff", "node.py"], {"node.py": MESSY}, output=True),
    **LINT,
)
add(
    "black_broken",
    "black",
    lambda: tool(["black", "node.py"], {"node.py": BROKEN}, output=True),
    **PARSE,
)
add("black_called", "black", lambda: tool(["black", "node.py"], {"node.py": BROKEN}), **PARSE)


@case("black_api", "black", **PARSE)
def _() -> None:
    import black

    black.format_str("async def f(:\n    pass\n", mode=black.Mode())


@case(
    "black_unchanged",
    "black",
    **LINT
    | {
        "types": "UNKNOWN VALIDATION",
        "strategies": "ESCALATION GRACEFUL_DEGRADATION ALTERNATIVE_PATH ERROR_CORRECTION",
        "why": "there was nothing to do, told as an exception",
    },
)
def _() -> None:
    import black

    black.format_file_contents("x = 1\n", fast=True, mode=black.Mode())


add(
    "isort_check",
    "isort",
    lambda: tool(
        ["isort", "--check-only", "node.py"], {"node.py": "import sys\nimport os\n"}, output=True
    ),
    **LINT,
)
add(
    "flake8_lint",
    "flake8",
    lambda: tool(["flake8", "node.py"], {"node.py": UNUSED + MESSY}, output=True),
    **LINT,
)
add(
    "flake8_broken",
    "flake8",
    lambda: tool(["flake8", "node.py"], {"node.py": BROKEN}, output=True),
    **PARSE,
)
add("flake8_called", "flake8", lambda: tool(["flake8", "node.py"], {"node.py": UNUSED}), **LINT)
add(
    "pycodestyle_lint",
    "pycodestyle",
    lambda: tool(["pycodestyle", "node.py"], {"node.py": MESSY}, output=True),
    **LINT,
)
add(
    "pyflakes_undefined",
    "pyflakes",
    lambda: tool(["pyflakes", "node.py"], {"node.py": UNDEFINED}, output=True),
    **NAME,
)
add(
    "pyflakes_broken",
    "pyflakes",
    lambda: tool(["pyflakes", "node.py"], {"node.py": BROKEN}, output=True),
    **PARSE,
)
add(
    "bandit_scan",
    "bandit",
    lambda: tool(["bandit", "-q", "node.py"], {"node.py": EVAL}, output=True),
    **SECURE,
)
add(
    "bandit_json",
    "bandit",
    lambda: tool(["bandit", "-q", "-f", "json", "node.py"], {"node.py": EVAL}, output=True),
    **SECURE,
)
add(
    "bandit_called",
    "bandit",
    lambda: tool(
        ["bandit", "-q", "node.py"],
        {"node.py": "PASSWORD = 'hunter2'\nimport pickle\npickle.loads(b'')\n"},
    ),
    **SECURE,
)
add(
    "vulture_unused",
    "vulture",
    lambda: tool(
        ["vulture", "node.py"], {"node.py": "def retry_later():\n    pass\n"}, output=True
    ),
    **LINT,
)
add(
    "codespell_words",
    "codespell",
    lambda: tool(["codespell", "node.py"], {"node.py": "# a requierd patern\n"}, output=True),
    **LINT | {"strategies": "ERROR_CORRECTION ALTERNATIVE_PATH GRACEFUL_DEGRADATION ESCALATION"},
)
add(
    "autopep8_usage", "autopep8", lambda: tool(["autopep8", "--in-place"], {}, output=True), **USAGE
)
add(
    "yapf_broken",
    "yapf",
    lambda: tool(["yapf", "node.py"], {"node.py": BROKEN}, output=True),
    **PARSE,
)
add(
    "compile_broken",
    "py_compile",
    lambda: tool(["python", "-m", "py_compile", "node.py"], {"node.py": BROKEN}, output=True),
    **PARSE,
)
add(
    "sqlfluff_lint",
    "sqlfluff",
    lambda: tool(
        ["sqlfluff", "lint", "--dialect", "ansi", "--nocolor", "--disable-progress-bar", "q.sql"],
        {"q.sql": "SELECT a from  b\n"},
        output=True,
    ),
    **LINT,
)
add(
    "yaml_tool",
    "pyyaml",
    lambda: tool(
        ["python", "-c", "import yaml; yaml.safe_load(open('contract.yaml'))"],
        {"contract.yaml": "a: [\n"},
    ),
    types="SYNTAX VALIDATION CONTRACT UNKNOWN",
    strategies="ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    transient="no",
    why="the contract does not parse",
)


# a check takes longer than a case may: what the tool prints is given as it printed it
MYPY = {
    "return": (
        'node.py:2: error: Incompatible return value type (got "int", expected "str")  [return-value]\nnode.py:5: error: Argument 1 to "f" has incompatible type "str"; expected "int"  [arg-type]\nFound 2 errors in 1 file (checked 1 source file)',
        LINT,
    ),
    "timeout_argument": (
        'node.py:4: error: Unexpected keyword argument "retry" for "f"  [call-arg]\nnode.py:4: error: Argument "timeout" to "f" has incompatible type "str"; expected "float"  [arg-type]\nFound 2 errors in 1 file (checked 1 source file)',
        LINT,
    ),
    "undefined": (
        'generated/node_effect.py:12: error: Name "ModelState" is not defined  [name-defined]\nFound 1 error in 1 file (checked 1 source file)',
        NAME,
    ),
    "awaitable": (
        'generated/node_effect.py:31: error: Incompatible types in "await" (actual type "dict[str, Any]", expected type "Awaitable[Any]")  [misc]\nFound 1 error in 1 file (checked 1 source file)',
        NAME,
    ),
    "unused_coroutine": (
        'generated/node_effect.py:44: error: Value of type "Coroutine[Any, Any, None]" must be used  [unused-coroutine]\ngenerated/node_effect.py:44: note: Are you missing an await?\nFound 1 error in 1 file (checked 1 source file)',
        NAME,
    ),
    "import": (
        'generated/node_effect.py:3: error: Cannot find implementation or library stub for module named "omninode_models"  [import-not-found]\ngenerated/node_effect.py:3: note: See https://mypy.readthedocs.io/en/stable/running_mypy.html#missing-imports\nFound 1 error in 1 file (checked 4 source files)',
        NAME,
    ),
    "syntax": (
        "generated/node_effect.py:9: error: Invalid syntax. Perhaps you forgot a comma?  [syntax]\nFound 1 error in 1 file (errors prevented further checking)",
        PARSE,
    ),
    "stubs": (
        'generated/node_effect.py:1: error: Library stubs not installed for "requests"  [import-untyped]\ngenerated/node_effect.py:1: note: Hint: "python3 -m pip install types-requests"\nFound 1 error in 1 file (checked 1 source file)',
        NAME,
    ),
}
for name, (text, label) in MYPY.items():

    def _told(text: str = text) -> None:
        raise ToolOutput(text)

    add(f"mypy_{name}", "mypy", _told, **label)

PYRIGHT = {
    "attribute": (
        '/srv/app/generated/node.py\n  /srv/app/generated/node.py:14:22 - error: Cannot access attribute "retry_after" for class "Response"\n    Attribute "retry_after" is unknown (reportAttributeAccessIssue)\n1 error, 0 warnings',
        LINT | {"tags": ("tool", "misleading")},
    ),
    "undefined": (
        '/srv/app/generated/node.py\n  /srv/app/generated/node.py:3:15 - error: "ModelState" is not defined (reportUndefinedVariable)\n  /srv/app/generated/node.py:8:9 - error: "await" allowed only within async function\n2 errors, 0 warnings',
        NAME,
    ),
    "import": (
        '/srv/app/generated/node.py\n  /srv/app/generated/node.py:1:8 - error: Import "omninode_models" could not be resolved (reportMissingImports)\n1 error, 0 warnings',
        NAME,
    ),
    "optional": (
        '/srv/app/generated/node.py\n  /srv/app/generated/node.py:21:16 - error: "timeout" is not a known attribute of "None" (reportOptionalMemberAccess)\n1 error, 0 warnings',
        LINT | {"tags": ("tool", "misleading")},
    ),
}
for name, (text, label) in PYRIGHT.items():

    def _said(text: str = text) -> None:
        raise ToolOutput(text)

    add(f"pyright_{name}", "pyright", _said, **label)

OTHERS = {
    ("pylint_codes", "pylint"): (
        "************* Module node\nnode.py:1:0: W0611: Unused import os (unused-import)\nnode.py:5:4: E1101: Instance of 'Node' has no 'executes' member (no-member)\n\n------------------------------------------------------------------\nYour code has been rated at 3.33/10 (previous run: 3.33/10, +0.00)",
        LINT,
    ),
    ("pylint_broken", "pylint"): (
        "************* Module node\nnode.py:1:11: E0001: Parsing failed: 'expected ':' (node, line 1)' (syntax-error)",
        PARSE,
    ),
    ("ty_return", "ty"): (
        "error[invalid-return-type]: Return type does not match returned value\n --> node.py:2:12\n  |\n1 | def f(retries: int) -> str:\n  |                        --- Expected `str` because of return type\n2 |     return retries + 1\n  |            ^^^^^^^^^^^ expected `str`, found `int`\n  |\nFound 1 diagnostic",
        LINT,
    ),
    ("ty_unresolved", "ty"): (
        "error[unresolved-reference]: Name `ModelState` used when not defined\n --> node.py:1:14\nFound 1 diagnostic",
        NAME,
    ),
    ("eslint_rules", "eslint"): (
        "/srv/app/web/timeout.js\n  3:7  error  'retry' is assigned a value but never used  no-unused-vars\n  9:1  error  'fetchNode' is not defined                  no-undef\n\n✖ 2 problems (2 errors, 0 warnings)",
        LINT | {"tags": ("tool", "misleading")},
    ),
    ("tsc_types", "typescript"): (
        "src/node.ts(4,9): error TS2322: Type 'string' is not assignable to type 'number'.\nsrc/node.ts(9,3): error TS2339: Property 'timeout' does not exist on type 'Options'.",
        LINT | {"tags": ("tool", "misleading")},
    ),
    ("tsc_syntax", "typescript"): ("src/node.ts(12,1): error TS1005: '}' expected.", PARSE),
    ("gcc_error", "gcc"): (
        "node.c: In function 'main':\nnode.c:3:5: error: expected ';' before 'return'\n    3 |     return 0;\n      |     ^~~~~~",
        PARSE,
    ),
    ("rustc_error", "rustc"): (
        'error[E0425]: cannot find value `timeout` in this scope\n --> src/main.rs:2:20\n  |\n2 |     println!("{}", timeout);\n  |                    ^^^^^^^ not found in this scope\n\nerror: aborting due to previous error\n\nFor more information about this error, try `rustc --explain E0425`.',
        NAME | {"tags": ("tool", "misleading")},
    ),
    ("go_error", "go"): (
        "# app/node\n./node.go:7:2: undefined: retryLater\n./node.go:9:1: missing return",
        NAME | {"tags": ("tool", "misleading")},
    ),
    ("shellcheck_note", "shellcheck"): (
        "In build.sh line 3:\nrm -rf $dir/*\n       ^--^ SC2086 (info): Double quote to prevent globbing and word splitting.",
        LINT,
    ),
    ("docker_missing", "docker"): (
        "docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?.\nSee 'docker run --help'.",
        {
            "types": "NETWORK UNKNOWN",
            "strategies": "RETRY ESCALATION",
            "transient": "yes",
            "why": "the daemon does not answer",
            "tags": ("tool",),
        },
    ),
    ("docker_pull_limit", "docker"): (
        "Error response from daemon: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading",
        {
            "types": "RATE_LIMIT",
            "strategies": "RETRY ALTERNATIVE_PATH",
            "transient": "yes",
            "why": "pulled too often",
            "tags": ("tool",),
        },
    ),
    ("docker_denied", "docker"): (
        "Error response from daemon: pull access denied for app/node, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
        {
            "types": "SECURITY",
            "strategies": "ESCALATION",
            "transient": "no",
            "why": "access denied",
            "tags": ("tool",),
        },
    ),
    ("pip_resolution", "pip"): (
        "ERROR: Could not find a version that satisfies the requirement omninode-models==9.9 (from versions: none)\nERROR: No matching distribution found for omninode-models==9.9",
        {
            "types": "VALIDATION UNKNOWN SYNTAX GENERATION",
            "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
            "transient": "no",
            "why": "no such release",
            "tags": ("tool",),
        },
    ),
    ("pip_conflict", "pip"): (
        "ERROR: Cannot install pydantic==1.10 and app because these package versions have conflicting dependencies.\nERROR: ResolutionImpossible: for help visit https://pip.pypa.io/en/latest/topics/dependency-resolution/#dealing-with-dependency-conflicts",
        {
            "types": "VALIDATION UNKNOWN",
            "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
            "transient": "no",
            "why": "requirements that exclude each other",
            "tags": ("tool",),
        },
    ),
    ("pip_late", "pip"): (
        "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'ReadTimeoutError(\"HTTPSConnectionPool(host='packages.internal', port=443): Read timed out. (read timeout=15)\")': /simple/jinja2/\nERROR: Could not install packages due to an OSError: HTTPSConnectionPool(host='packages.internal', port=443): Max retries exceeded with url: /simple/jinja2/",
        {
            "types": "NETWORK TIMEOUT",
            "strategies": "RETRY GRACEFUL_DEGRADATION",
            "transient": "yes",
            "why": "the index did not answer in time",
            "tags": ("tool",),
        },
    ),
    ("git_conflict", "git"): (
        "Auto-merging node.py\nCONFLICT (content): Merge conflict in node.py\nAutomatic merge failed; fix conflicts and then commit the result.",
        {
            "types": "VALIDATION SYNTAX UNKNOWN",
            "strategies": "ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH",
            "transient": "no",
            "why": "two changes that exclude each other",
            "tags": ("tool",),
        },
    ),
    ("git_remote", "git"): (
        "fatal: unable to access 'https://git.internal/nodes.git/': Failed to connect to git.internal port 443 after 75002 ms: Couldn't connect to server",
        {
            "types": "NETWORK TIMEOUT",
            "strategies": "RETRY ESCALATION GRACEFUL_DEGRADATION",
            "transient": "yes",
            "why": "the server cannot be reached",
            "tags": ("tool",),
        },
    ),
    ("git_lock", "git"): (
        "fatal: Unable to create '/srv/app/.git/index.lock': File exists.\n\nAnother git process seems to be running in this repository, e.g.\nan editor opened by 'git commit'. Please make sure all processes\nare terminated then try again.",
        {
            "types": "UNKNOWN NETWORK TIMEOUT VALIDATION",
            "strategies": "RETRY ESCALATION",
            "transient": "unknown",
            "why": "another process holds the lock, or died with it",
            "tags": ("tool",),
        },
    ),
    ("make_target", "make"): (
        "make: *** No rule to make target 'retry', needed by 'all'.  Stop.",
        {
            "types": "VALIDATION UNKNOWN SYNTAX",
            "strategies": "ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH",
            "transient": "no",
            "why": "a wrong build file",
            "tags": ("tool", "misleading"),
        },
    ),
    ("terraform_lock", "terraform"): (
        "Error: Error acquiring the state lock\n\nError message: ConditionalCheckFailedException: The conditional request failed",
        {
            "types": "UNKNOWN NETWORK TIMEOUT VALIDATION",
            "strategies": "RETRY ESCALATION",
            "transient": "unknown",
            "why": "another run holds the lock, or died with it",
            "tags": ("tool",),
        },
    ),
    ("npm_missing", "npm"): (
        "npm ERR! code E404\nnpm ERR! 404 Not Found - GET http://packages.internal/retry-timeout - Not found\nnpm ERR! 404  'retry-timeout@*' is not in this registry.",
        {
            "types": "VALIDATION UNKNOWN NETWORK",
            "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
            "transient": "no",
            "why": "no such package",
            "tags": ("tool", "misleading"),
        },
    ),
    ("npm_reset", "npm"): (
        "npm ERR! code ECONNRESET\nnpm ERR! network aborted\nnpm ERR! network This is a problem related to network connectivity.",
        {
            "types": "NETWORK",
            "strategies": "RETRY",
            "transient": "yes",
            "why": "the connection broke",
            "tags": ("tool",),
        },
    ),
    ("kubectl_oom", "kubectl"): (
        "Last State: Terminated\n  Reason: OOMKilled\n  Exit Code: 137",
        {
            "types": "UNKNOWN VALIDATION GENERATION",
            "strategies": "GRACEFUL_DEGRADATION ESCALATION RETRY",
            "transient": "unknown",
            "why": "killed for its memory",
            "tags": ("tool",),
        },
    ),
    ("kubectl_forbidden", "kubectl"): (
        'Error from server (Forbidden): pods is forbidden: User "system:serviceaccount:app:default" cannot list resource "pods" in API group "" in the namespace "app"',
        {
            "types": "SECURITY",
            "strategies": "ESCALATION",
            "transient": "no",
            "why": "the rights are missing",
            "tags": ("tool",),
        },
    ),
}
for (id, library), (text, label) in OTHERS.items():

    def _printed(text: str = text) -> None:
        raise ToolOutput(text)

    add(id, library, _printed, **label)


# ---- tests
# the plugins of this environment have nothing to say, and take a second to load
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"


def suite(text: str, *options: str, output: bool = True, files: dict[str, str] | None = None):
    """Run a test file."""
    argv = [
        "python",
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *options,
        "test_node.py",
    ]
    return lambda: tool(argv, {"test_node.py": text, **(files or {})}, output=output)


add("pytest_assert", "pytest", suite("def test_total():\n    assert sum([1, 2]) == 4\n"), **TESTS)
add(
    "pytest_called",
    "pytest",
    suite("def test_total():\n    assert [1] == [2]\n", output=False),
    **TESTS,
)
add(
    "pytest_timeout_word",
    "pytest",
    suite(
        "def test_timeout():\n    settings = {'timeout': 3}\n    assert settings['timeout'] == 5, 'wrong timeout'\n"
    ),
    **TESTS | {"tags": ("tool", "misleading")},
)
add(
    "pytest_import",
    "pytest",
    suite("from node_missing import Node\n\n\ndef test_a():\n    Node()\n"),
    **TESTS | {"types": "VALIDATION GENERATION SYNTAX"},
)
add(
    "pytest_syntax",
    "pytest",
    suite("def test_a(:\n    pass\n"),
    **TESTS | {"types": "VALIDATION SYNTAX GENERATION"},
)
add(
    "pytest_fixture",
    "pytest",
    suite("def test_a(retry_client):\n    pass\n"),
    **TESTS | {"tags": ("tool", "misleading")},
)
add(
    "pytest_none",
    "pytest",
    suite("x = 1\n"),
    **TESTS | {"types": "VALIDATION GENERATION UNKNOWN", "why": "no test was found"},
)
add(
    "pytest_name",
    "pytest",
    suite("def test_a():\n    assert undefined_helper() == 1\n", "--tb=short"),
    **TESTS | {"types": "VALIDATION GENERATION SYNTAX"},
)
add(
    "pytest_async",
    "pytest",
    suite("async def test_a():\n    assert True\n", "-p", "no:anyio", "-W", "error"),
    **TESTS | {"types": "VALIDATION GENERATION SYNTAX"},
)
add(
    "pytest_short",
    "pytest",
    suite(
        "import pytest\n\n\n@pytest.mark.parametrize('n', [1, 2])\ndef test_n(n):\n    assert n == 1\n",
        "--tb=line",
    ),
    **TESTS,
)
add(
    "pytest_junit",
    "pytest",
    lambda: (_ for _ in ()).throw(
        ToolOutput(
            "FAILED tests/test_node_effect.py::test_execute - AssertionError: assert {} == {'status': 'ok'}\n1 failed, 11 passed in 0.42s"
        )
    ),
    **TESTS,
)


@case("unittest_assertion", "unittest", **TESTS)
def _() -> None:
    import unittest

    check = unittest.TestCase().assertEqual
    check({"status": 429}, {"status": 200})


@case("unittest_output", "unittest", **TESTS)
def _() -> None:
    text = "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertTrue([])\n\n\nunittest.main()\n"
    tool(["python", "t.py"], {"t.py": text}, output=True)


@case("doctest_output", "doctest", **TESTS)
def _() -> None:
    tool(["python", "-m", "doctest", "n.py"], {"n.py": '"""\n>>> 1 + 1\n3\n"""\n'}, output=True)


@case("hypothesis_falsified", "hypothesis", **TESTS)
def _() -> None:
    from hypothesis import given, settings, strategies

    @settings(database=None, max_examples=20)
    @given(strategies.integers())
    def check(n: int) -> None:
        assert n < 5

    check()


@case(
    "hypothesis_deadline",
    "hypothesis",
    **TESTS
    | {
        "transient": "unknown",
        "types": "VALIDATION TIMEOUT GENERATION",
        "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH GRACEFUL_DEGRADATION RETRY ESCALATION",
        "why": "one example was slow",
        "tags": ("misleading",),
    },
)
def _() -> None:
    import datetime as dt

    from hypothesis.errors import DeadlineExceeded

    raise DeadlineExceeded(dt.timedelta(milliseconds=412), dt.timedelta(milliseconds=200))


@case("hypothesis_health", "hypothesis", **TESTS)
def _() -> None:
    from hypothesis import given, settings, strategies

    @settings(database=None)
    @given(strategies.integers().filter(lambda n: n == 7**40))
    def check(n: int) -> None:
        pass

    check()


@case("coverage_threshold", "coverage", **GATE)
def _() -> None:
    raise ToolOutput(
        "Name      Stmts   Miss  Cover\n-----------------------------\nnode.py      40     22    45%\n-----------------------------\nTOTAL        40     22    45%\nCoverage failure: total of 45 is less than fail-under=80"
    )


@case("coverage_no_data", "coverage", **USAGE)
def _() -> None:
    tool(["coverage", "report"], {}, output=True)


@case("radon_rank", "radon", **GATE)
def _() -> None:
    raise ToolOutput(
        "node.py\n    F 12:0 execute_effect - F (52)\nmaximum allowed complexity is 10"
    )


# ---- libraries that read source
@case("libcst_parse", "libcst", **PARSE)
def _() -> None:
    import libcst

    libcst.parse_module("class Node(:\n    pass\n")


@case("libcst_expression", "libcst", **PARSE)
def _() -> None:
    import libcst

    libcst.parse_expression("retry(3")


@case(
    "libcst_validation",
    "libcst",
    **PARSE
    | {"types": "SYNTAX VALIDATION GENERATION UNKNOWN", "why": "a tree that cannot be source"},
)
def _() -> None:
    import libcst

    libcst.Name("")


@case("parso_error", "parso", **PARSE)
def _() -> None:
    import parso

    parso.load_grammar().parse("def f(:\n", error_recovery=False)


@case("yapf_api", "yapf", **PARSE)
def _() -> None:
    from yapf.yapflib import yapf_api

    yapf_api.FormatCode("def f(:\n  pass\n")


@case("tool_summary", "ruff", **LINT | {"tags": ("tool", "cause-matters")})
def _() -> None:
    QualityCheckError = type("QualityCheckError", (Exception,), {"__module__": "app.quality"})
    try:
        ruff("F", UNUSED, "--output-format", "concise", output=False)()
    except subprocess.CalledProcessError as error:
        raise QualityCheckError("node_effect.py did not pass") from error


@case("tool_text", "ruff", **NAME)
def _() -> None:
    try:
        ruff("F", UNDEFINED, "--output-format", "concise", output=False)()
    except subprocess.CalledProcessError as error:
        raise RuntimeError(f"ruff failed:\n{error.stdout}") from None
