"""Missing imports, missing awaits, and errors that point elsewhere."""

from __future__ import annotations

import pytest

from omninode_bridge.agents.workflows.correction import correct_code

USES = [
    ("json", "x = json.dumps({})\n", "import json"),
    ("Any", "def f(x: Any) -> None: ...\n", "from typing import Any"),
    (
        "Sequence",
        "from typing import List\ndef f(x: Sequence[int]) -> List[int]: ...\n",
        "Sequence",
    ),
    ("datetime", "x = datetime.now()\n", "from datetime import datetime"),
    ("datetime", "x = datetime.datetime.now()\n", "import datetime"),
    ("np", "x = np.zeros(3)\n", "import numpy as np"),
    ("pytest", "@pytest.fixture\ndef f(): ...\n", "import pytest"),
    ("dataclass", "@dataclass\nclass A:\n    x: int = 1\n", "from dataclasses import dataclass"),
    ("sleep", "async def f():\n    await sleep(1)\n", "from asyncio import sleep"),
    ("importlib", "x = importlib.util.find_spec('a')\n", "import importlib.util"),
    ("Path", 'def f(p: "Path | None"): ...\n', "from pathlib import Path"),
    ("os", "x = os.path.join('a', 'b')\n", "import os"),
    ("socket", "s = socket.socket()\nhasattr(socket, 'AF_UNIX')\n", "import socket"),
    ("BaseModel", "class M(BaseModel):\n    x: int\n", "from pydantic import BaseModel"),
    ("NodeEffect", "class N(NodeEffect): ...\n", "from omninode_bridge.runtime import NodeEffect"),
]


@pytest.mark.parametrize(("name", "code", "line"), USES)
def test_a_missing_import_is_found_by_its_use(name, code, line):
    """The import that fits the use is added and listed, and nothing else changes."""
    outcome = correct_code(code, NameError(f"name {name!r} is not defined"))

    assert outcome.success, outcome.reason
    assert line in outcome.code
    assert code.splitlines()[-1] in outcome.code
    assert {fix.rule for fix in outcome.fixes} == {"import"}
    assert (
        outcome.code == correct_code(outcome.code, NameError(f"name {name!r} is not defined")).code
    )


@pytest.mark.parametrize(
    "error",
    [
        NameError("name 'os' is not defined"),
        "generated.py:3:1: F821 Undefined name `os`",
        'node.py:3: error: Name "os" is not defined  [name-defined]',
        "E0602: Undefined variable 'os' (undefined-variable)",
        ValueError("validation failed: undefined name 'os'"),
    ],
)
def test_all_missing_imports_come_with_the_named_one(error):
    """However the error words it, every undefined name gets its import."""
    outcome = correct_code("x = os.sep\ny = json.dumps(1)\nz: Any = 1\n", error)

    assert outcome.success, outcome.reason
    for line in ("import os", "import json", "from typing import Any"):
        assert line in outcome.code


def test_imports_go_where_a_person_would_put_them():
    """After docstring and future imports, into an existing import of the module, in its layout."""
    code = (
        '"""Doc."""\n\nfrom __future__ import annotations\n\nimport sys\nfrom typing import (\n'
        "    List,\n)\n\nx: Any = sys.argv\ny: List = json.loads('[]')\n"
    )

    outcome = correct_code(code, NameError("name 'Any' is not defined"))

    assert "from typing import (\n    List,\n    Any,\n)" in outcome.code
    assert "annotations\n\nimport json\nimport sys\n" in outcome.code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("helper", "x = helper()\n"),
        ("run", "class A:\n    def run(self): ...\n    def go(self):\n        run.x()\n"),
        ("Request", "def f(r: Request): ...\n"),
        ("token", "def f():\n    return token.strip()\n"),
        ("self", "def f():\n    return self.x\n"),
        ("wait", "wait(3)\n"),
        ("redis", "def f():\n    redis.get('x')\n"),
        ("cos", "import math\nx = cos(math.pi)\n"),
    ],
)
def test_a_name_that_no_import_certainly_means_is_left(name, code):
    """A wrong import would be a lie; the name is declined and said."""
    outcome = correct_code(code, NameError(f"name {name!r} is not defined"))

    assert not outcome.success
    assert name in outcome.reason
    assert outcome.code == code


def test_one_name_that_stays_undefined_spoils_the_success():
    """What was found is kept as the best attempt, but it is not called corrected."""
    outcome = correct_code("x = os.sep\ny = helper()\n", NameError("name 'os' is not defined"))

    assert not outcome.success
    assert "import os" in outcome.code
    assert "'helper'" in outcome.reason


CLIENT = """import asyncio


class Client:
    async def fetch(self, url):
        return url

    async def all(self, urls):
        tasks = [self.fetch(u) for u in urls]
        first = asyncio.create_task(self.fetch("a"))
        later = self.fetch("b")
        await later
        %s
        return await asyncio.gather(first, *tasks)
"""


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("self.fetch('x')", "await self.fetch('x')"),
        ("x = self.fetch('x')", "x = await self.fetch('x')"),
        ("x = self.fetch('x').strip()", "x = (await self.fetch('x')).strip()"),
        ("x = not self.fetch('x')", "x = not await self.fetch('x')"),
        ("print(self.fetch('ä'), 1)", "print(await self.fetch('ä'), 1)"),
        ("x = self.fetch('x')[0]", "x = (await self.fetch('x'))[0]"),
    ],
)
def test_the_loose_call_is_awaited_and_no_other(wrong, right):
    """Calls whose coroutine is awaited later or handed to a task are left alone."""
    error = RuntimeWarning("coroutine 'Client.fetch' was never awaited")

    outcome = correct_code(CLIENT % wrong, error)

    assert outcome.success, outcome.reason
    assert outcome.code == CLIENT % right
    assert not correct_code(outcome.code, error).changed


@pytest.mark.parametrize(
    "code",
    [
        CLIENT % "pass",
        "class Client:\n    async def fetch(self): ...\n    def go(self):\n        self.fetch()\n",
        "x = 1\n",
    ],
)
def test_without_a_loose_call_in_an_async_function_nothing_is_awaited(code):
    """The error does not point to this code, and it comes back byte for byte."""
    outcome = correct_code(code, RuntimeWarning("coroutine 'Client.fetch' was never awaited"))

    assert outcome.code == code
    assert not outcome.success


def test_a_misused_coroutine_is_awaited_where_only_one_call_can_be_meant():
    """A TypeError names no coroutine; a single candidate is enough."""
    code = "async def get():\n    return {}\n\nasync def use():\n    return get()['a']\n"

    outcome = correct_code(code, TypeError("'coroutine' object is not subscriptable"))

    assert outcome.code == code.replace("get()['a']", "(await get())['a']")


SYNC = "class A:\n    def execute_effect(self):\n        return 1\n\n    def missing(self):\n        return 2\n"


@pytest.mark.parametrize(
    "error",
    [
        SyntaxError(
            "missing async keyword: 'def execute_effect' must be 'async def execute_effect'"
        ),
        "method execute_effect should be async",
        ValueError("A.execute_effect() is not a coroutine function"),
        "SyntaxError: def execute_effect is not async (missing async keyword)",
    ],
)
def test_the_function_that_the_error_names_is_made_async(error):
    """Only the named function changes."""
    outcome = correct_code(SYNC, error)

    assert outcome.success, outcome.reason
    assert outcome.code == SYNC.replace("def execute", "async def execute")
    assert not correct_code(outcome.code, error).changed


@pytest.mark.parametrize(
    "error",
    [
        SyntaxError("missing async keyword"),
        SyntaxError("invalid syntax (other_module.py, line 3)"),
        IndentationError("unexpected indent (template.j2, line 9)"),
        NameError("name 'helper_from_elsewhere' is not defined"),
        TypeError("unhashable type: 'dict'"),
        ValueError("quality score 0.61 below 0.80"),
    ],
)
def test_an_error_that_points_elsewhere_changes_nothing(error):
    """Good code comes back byte for byte and nothing is claimed."""
    outcome = correct_code(SYNC, error)

    assert (outcome.code, outcome.changed, outcome.success) == (SYNC, False, False)
    assert outcome.reason == "the error does not point to this code"


def test_the_cause_of_an_error_counts():
    """A validation error that wraps a NameError points where the NameError does."""
    outer = ValueError("validation failed")
    outer.__cause__ = NameError("name 'os' is not defined")

    assert correct_code("os.sep\n", outer).code.startswith("import os\n")


def test_code_without_error_that_compiles_is_a_success():
    """There was nothing wrong."""
    outcome = correct_code("x = 1\n")

    assert outcome.success
    assert not outcome.changed
    assert outcome.confidence == 1.0
