"""The built-in validators: what each finds, and what it leaves alone."""

from __future__ import annotations

import pytest

from omninode_bridge.agents.workflows.validation_pipeline import (
    Severity,
    ValidationContext,
    ValidationFinding,
    ValidationLevel,
    ValidationPipeline,
)


async def found(
    code: str, validator: str, *, level: str = "full", **context: object
) -> list[ValidationFinding]:
    """Return what one validator says of the code."""
    result = await ValidationPipeline(level=level).check(code, ValidationContext(**context))  # type: ignore[arg-type]
    return [finding for finding in result.findings if finding.validator == validator]


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("x = = 1", 1, "SyntaxError: invalid syntax"),
        ("def f():\n\treturn 1\n        return 2\n", 3, "TabError"),
        ("class A:\n    pass\n  x = 1\n", 3, "IndentationError"),
        ("x = 1\nreturn x\n", 2, "'return' outside function"),
        ("async = 1", 1, "SyntaxError"),
        ("def f():\n    await g()\n", 2, "outside async function"),
        ("\0", None, "null bytes"),
        ("(" * 3000, 1, "SyntaxError"),
        ("x" * 1_000_001, None, "1000001 characters"),
    ],
)
async def test_what_does_not_compile_is_found(code: str, line: int | None, words: str) -> None:
    """The line and CPython's own words are given."""
    [finding] = await found(code, "syntax")

    assert finding.line == line
    assert words in finding.message


@pytest.mark.parametrize(
    "code", ["", "x = 1\n", "# only a comment", "async def f(): await f()\n", "x: 'y' = 1"]
)
async def test_what_compiles_is_left_alone(code: str) -> None:
    """Nothing is found in the form of good code."""
    assert await found(code, "syntax") == []


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("import os\nprint(os.sep, json.dumps(1))\n\ndef f(): return json\n", [2]),
        ("def f(a):\n    return a + b + c\n", [2, 2]),
        ("class A(B): ...\n", [1]),
        ("def f() -> Any: ...\n", [1]),
        ("try:\n    x\nexcept NameError:\n    x = 1\n", []),
        ("from x import *\nprint(anything)\n", []),
        ("print([y for y in range(3)], __name__, __file__)\n", []),
        ("def f():\n    global g\n    g = 1\nf()\nprint(g)\n", []),
        ("print(spark)\n", []),
    ],
)
async def test_undefined_names_are_found(code: str, lines: list[int]) -> None:
    """Each name once, at its first place; known names count as defined."""
    findings = await found(code, "undefined_names", known_names=["spark"])

    assert [finding.line for finding in findings] == lines
    assert all(finding.message.endswith("is not defined") for finding in findings)


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("x = {{ node_name }}\n", Severity.ERROR),
        ("class {{ node.name }}:\n    pass\n", Severity.ERROR),
        ("{% if x %}\ny = 1\n{% endif %}\n", Severity.ERROR),
        ("x = {{}}\n", Severity.ERROR),
        ('"""About {{ node.name }}."""\n', Severity.WARNING),
        ("x = '{% for a in b %}'\n", Severity.WARNING),
        ("x = 1  # {{ note }}\n", Severity.WARNING),
        ("x = 1  # {# note #}\n", Severity.WARNING),
        ("x = 1\nf'{{{x}}}'\n", None),
        ("x = 1\nf'{{x}} {x}'\n", None),
        ("x = '{{}}'.format(1)\n", None),
        ("x = {1: {2: 3}}\n", None),
        ("x = { {1}.pop() }\n", None),
        ("x = '100 {%}'\n", None),
    ],
)
async def test_what_a_template_left_is_found(code: str, severity: Severity | None) -> None:
    """Outside of texts it is an error, inside it may be meant, and braces of Python are fine."""
    findings = await found(code, "template_residue")

    assert [finding.severity for finding in findings[:1]] == ([severity] if severity else [])


async def test_residue_in_a_long_text_has_its_line() -> None:
    """The line is that of the mark, not of the text's beginning."""
    [finding] = await found('x = 1\ny = """\n\n{{ name }}\n"""\n', "template_residue")

    assert finding.line == 4


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("def execute_effect(self): ...\n", ["execute_effect"]),
        ("class A:\n    def execute(self): ...\n    async def execute_x(self): ...\n", ["execute"]),
        ("async def execute():\n    def execute_inner(): ...\n", ["execute_inner"]),
        ("def execute_a(): ...\ndef execute_b(): ...\n", ["execute_a", "execute_b"]),
        ("def run(): ...\n", []),
    ],
)
async def test_operations_must_be_coroutines(code: str, names: list[str]) -> None:
    """All of them are named, each with its line; the words are those of the shipped check."""
    findings = await found(code, "check_for_async_methods")

    assert [finding.message for finding in findings] == [f"{name!r} is not async" for name in names]
    assert all(finding.line for finding in findings)


UNSAFE = [
    "eval('1')",
    "exec(code)",
    "import builtins\nbuiltins.eval('1')",
    "from builtins import exec as run\nrun('1')",
    "__import__('os')",
    "compile('1', 'f', 'eval')",
    "import os\nos.system('ls')",
    "import os as o\no.popen('ls')",
    "from os import system\nsystem('ls')",
    "from os import system as s\ndef f():\n    s('ls')",
    "def f():\n    import os\n    os.system('ls')",
    "import subprocess\nsubprocess.run('ls', shell=True)",
    "import subprocess as sp\nsp.Popen('ls', shell=flag)",
    "import subprocess\nsubprocess.getoutput('ls')",
    "import asyncio\nasync def f(): await asyncio.create_subprocess_shell('ls')",
    "import pickle\npickle.loads(b'')",
    "from pickle import loads\nloads(b'')",
    "import marshal\nmarshal.load(f)",
    "import yaml\nyaml.load(text)",
    "import yaml\nyaml.load(text, yaml.Loader)",
    "import yaml\nyaml.load(text, Loader=yaml.FullLoader)",
    "import yaml\nyaml.unsafe_load(text)",
    "import requests\nrequests.get('https://x', verify=False)",
    "import ssl\nssl._create_unverified_context()",
    "import tempfile\ntempfile.mktemp()",
    "KEY = 'AKIAIOSFODNN7EXAMPLE'",
    "URL = 'postgres://user:hunter2@db/x'",
    "x = ().__class__.__bases__[0].__subclasses__()",
    "def f(): ...\nf.__globals__['x']",
]


@pytest.mark.parametrize("code", UNSAFE)
async def test_what_must_not_be_done_is_found(code: str) -> None:
    """Whatever the name it was imported under, and at every level."""
    for level in ValidationLevel:
        findings = await found(code, "security", level=level)

        assert len(findings) == 1, level
        assert findings[0].severity is Severity.ERROR


SAFE = [
    "model.eval()",
    "def eval(x): return x\neval('1')",
    "re.compile('x')",
    "import re\nre.compile('x', re.I)",
    "import os\nos.path.join('a', 'b')",
    "import subprocess\nsubprocess.run(['ls'], shell=False)",
    "import subprocess\nsubprocess.run(['ls'], check=True)",
    "import json\njson.loads('1')",
    "import yaml\nyaml.safe_load(text)",
    "import yaml\nyaml.load(text, Loader=yaml.CSafeLoader)",
    "import yaml\nyaml.load(text, yaml.SafeLoader)",
    "import requests\nrequests.get('https://x', verify='/ca.pem')",
    "URL = 'postgres://db/x'",
    "from mine import system\nsystem('x')",
    "cursor.execute('select 1')",
]


@pytest.mark.parametrize("code", SAFE)
async def test_what_only_looks_alike_is_left_alone(code: str) -> None:
    """Methods of the same name, own functions and the safe ways are fine."""
    assert await found(code, "security") == []


async def test_a_secret_is_not_repeated() -> None:
    """The finding does not show what it found."""
    [finding] = await found("KEY = 'AKIAIOSFODNN7EXAMPLE'", "security")

    assert "AKIA" not in str(finding)


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("async def g(): ...\nasync def f():\n    g()\n", [3]),
        ("class A:\n    async def a(self): ...\n    async def b(self):\n        self.a()\n", [4]),
        ("async def g(): ...\nasync def f():\n    await g()\n    x = g()\n    await x\n", []),
        ("def g(): ...\ng()\n", []),
        ("class A:\n    def a(self): ...\n    async def b(self):\n        self.a()\n", []),
    ],
)
async def test_dropped_coroutines_are_found(code: str, lines: list[int]) -> None:
    """A call of one's own coroutine function that nobody awaits or keeps."""
    assert [finding.line for finding in await found(code, "unawaited_calls")] == lines


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("import time\nasync def f():\n    time.sleep(1)\n", [3]),
        ("from time import sleep\nasync def f():\n    for _ in x:\n        sleep(1)\n", [4]),
        ("import requests\nasync def f():\n    return requests.get('x')\n", [3]),
        ("import time\ndef f():\n    time.sleep(1)\n", []),
        ("import time\nasync def f():\n    def g():\n        time.sleep(1)\n", []),
        ("import asyncio\nasync def f():\n    await asyncio.sleep(1)\n", []),
    ],
)
async def test_calls_that_block_the_loop_are_warnings(code: str, lines: list[int]) -> None:
    """Only what runs in the coroutine itself counts."""
    findings = await found(code, "blocking_calls")

    assert [finding.line for finding in findings] == lines
    assert all(finding.severity is Severity.WARNING for finding in findings)
