"""Generated code that does not parse, does not run, or was not awaited."""

from __future__ import annotations

import asyncio
import importlib
import linecache
import pathlib
import sys
import tempfile
import textwrap

from lab import add, case

SYNTAX = {
    "types": "SYNTAX",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH",
    "transient": "no",
    "why": "the source does not parse",
}
NAMES = {
    "types": "SYNTAX",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH",
    "transient": "no",
    "why": "a name that is not defined",
}
IMPORTS = {
    "types": "SYNTAX GENERATION UNKNOWN",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    "transient": "no",
    "why": "a module or a name in it that is not there",
}
AWAIT = {
    "types": "SYNTAX GENERATION VALIDATION UNKNOWN",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH",
    "transient": "no",
    "why": "an await is missing or too many",
    "tags": ("missing-await",),
}
BUG = {
    "types": "GENERATION VALIDATION SYNTAX UNKNOWN",
    "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    "transient": "no",
    "why": "a bug in code that parses",
}


FILE = "generated/node.py"


def shown(text: str) -> str:
    """Let tracebacks show the lines of a text that is in no file."""
    text = textwrap.dedent(text).lstrip("\n")
    linecache.cache[FILE] = (len(text), None, text.splitlines(keepends=True), FILE)
    return text


def source(text: str, filename: str = FILE):
    """Compile a text."""
    text = textwrap.dedent(text).lstrip("\n")
    return lambda: compile(text, filename, "exec", dont_inherit=True)


SOURCES = {
    "colon": "def execute(self)\n    return 1\n",
    "bracket_open": "fields = {\n    'a': [1, 2,\n    'b': 3,\n}\n",
    "string_open": "name = 'effect\n",
    "triple_open": 'async def execute(self):\n    """Send the request.\n    return 1\n',
    "f_string_brace": "print(f'{name')\n",
    "f_string_empty": "print(f'{}')\n",
    "await_outside": "def execute(self):\n    return await self.send()\n",
    "async_with_outside": "def execute(self):\n    async with self.pool as link:\n        pass\n",
    "async_for_outside": "def execute(self):\n    async for row in rows:\n        pass\n",
    "async_comprehension": "def execute(self):\n    return [r async for r in rows]\n",
    "return_outside": "return 1\n",
    "yield_outside": "class Node:\n    yield 1\n",
    "yield_from_async": "async def rows():\n    yield from other()\n",
    "return_value_async": "async def rows():\n    yield 1\n    return 2\n",
    "break_outside": "if ready:\n    break\n",
    "nonlocal_module": "nonlocal retries\n",
    "nonlocal_missing": "def f():\n    nonlocal retries\n    retries = 1\n",
    "indent_expected": "class Node:\n\nasync def execute():\n    pass\n",
    "indent_unexpected": "import os\n    import sys\n",
    "dedent": "if a:\n        x = 1\n    y = 2\n",
    "tabs": "if a:\n        x = 1\n\ty = 2\n",
    "keyword_name": "class = 'Node'\n",
    "assign_call": "f() = 1\n",
    "assign_if": "if retries = 3:\n    pass\n",
    "missing_comma": "x = [1 2]\n",
    "missing_in": "for row of rows:\n    pass\n",
    "default_order": "def f(a=1, b):\n    pass\n",
    "argument_twice": "def f(timeout, timeout):\n    pass\n",
    "positional_after": "f(a=1, 2)\n",
    "star_import": "def f():\n    from os import *\n",
    "future_late": "x = 1\nfrom __future__ import annotations\n",
    "future_unknown": "from __future__ import retries\n",
    "print_statement": "print 'timeout'\n",
    "except_comma": "try:\n    pass\nexcept OSError, e:\n    pass\n",
    "try_alone": "try:\n    x = 1\ny = 2\n",
    "fence": "```python\nimport os\n```\n",
    "prose": "Here is the corrected node:\n\nimport os\n",
    "json_literal": "settings = {'retry': true, 'limit': }\n",
    "template_residue": "class {{ node_name }}:\n    pass\n",
    "conflict": "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b\n",
    "smart_quotes": "name = “effect”\n",
    "arrow": "f = (x) => x + 1\n",
    "braces": "def f() {\n    return 1\n}\n",
    "increment": "i++\n",
    "backslash": "x = 1 + \\ \n    2\n",
    "leading_zero": "port = 0080\n",
    "walrus": "x := 1\n",
    "match_case": "match x:\n    case 1\n        pass\n",
    "unmatched": "x = f(1))\n",
    "mismatched": "x = (1, 2]\n",
    "star_assign": "*a = [1]\n",
    "two_stars": "a, *b, *c = x\n",
    "del_call": "del f()\n",
    "lambda_assign": "f = lambda x: y = 1\n",
    "decorator_alone": "@node\nx = 1\n",
    "unicode_escape": "path = 'C:\\Users\\node'\n",
    "line_cut": "async def execute(self, contract: ModelContract) -> Mod",
    "line_cut_call": "class Node:\n    async def execute(self):\n        return await self.client.post(\n",
}
for name, text in SOURCES.items():
    add(f"syntax_{name}", "compile", source(text), **SYNTAX)


@case("syntax_ast", "ast", **SYNTAX)
def _() -> None:
    import ast

    ast.parse("def f(:\n  pass")


@case(
    "syntax_literal",
    "ast",
    types="SYNTAX VALIDATION GENERATION UNKNOWN",
    strategies="ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION",
    transient="no",
    why="no literal",
)
def _() -> None:
    import ast

    ast.literal_eval("{'retry': timeout()}")


@case("syntax_null_byte", "ast", **SYNTAX)
def _() -> None:
    import ast

    ast.parse("x = 1\0")


@case(
    "syntax_too_deep",
    "ast",
    **SYNTAX
    | {
        "types": "SYNTAX GENERATION UNKNOWN",
        "strategies": "ERROR_CORRECTION ALTERNATIVE_PATH GRACEFUL_DEGRADATION ESCALATION",
        "why": "the source is nested too deep",
    },
)
def _() -> None:
    import ast

    ast.parse("(" * 500 + ")" * 500)


@case("syntax_encoding", "tokenize", **SYNTAX)
def _() -> None:
    compile(b"# -*- coding: retry-8 -*-\nx = 1\n", "generated/node.py", "exec")


@case("syntax_bytes", "tokenize", **SYNTAX)
def _() -> None:
    compile(b"name = '\xff'\n", "generated/node.py", "exec")


@case("syntax_tokens", "tokenize", **SYNTAX | {"types": "SYNTAX UNKNOWN"})
def _() -> None:
    import io
    import tokenize

    list(tokenize.generate_tokens(io.StringIO("x = (1,\n").readline))


@case("syntax_exec_text", "compile", **SYNTAX)
def _() -> None:
    try:
        source("def execute(self):\n    result = await self.load()\n")()
    except SyntaxError as error:
        raise RuntimeError(f"generated code is unusable: {type(error).__name__}: {error}") from None


@case(
    "syntax_wrapped", "compile", tags=("cause-matters",), **SYNTAX | {"types": "SYNTAX GENERATION"}
)
def _() -> None:
    CodeGenerationError = type("CodeGenerationError", (Exception,), {"__module__": "app.codegen"})
    try:
        source("class NodeEffect\n    pass\n")()
    except SyntaxError as error:
        raise CodeGenerationError("NodeEffect could not be compiled") from error


@case("syntax_group", "compile", tags=("group",), **SYNTAX)
async def _() -> None:
    async def one(text: str) -> None:
        source(text)()

    async with asyncio.TaskGroup() as group:
        group.create_task(one("x = (\n"))
        group.create_task(one("def f()\n  pass"))


@case("syntax_file", "py_compile", **SYNTAX)
def _() -> None:
    import py_compile

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "node.py")
        path.write_text("import os,\n")
        py_compile.compile(str(path), doraise=True)


# ---- running
def run(text: str):
    """Run a text."""
    space = {"__name__": "generated.node"}
    return lambda: exec(compile(shown(text), FILE, "exec", dont_inherit=True), dict(space))


add("names_annotation", "exec", run("def f(state: ModelInputState) -> None:\n    pass\n"), **NAMES)
add("names_module", "exec", run("started = time.monotonic()\n"), **NAMES)
add("names_json_literal", "exec", run("settings = {'retry': true, 'fallback': null}\n"), **NAMES)
add(
    "names_self",
    "exec",
    run("class Node:\n    def run(self):\n        return self_timeout\nNode().run()\n"),
    tags=("misleading",),
    **NAMES,
)
add(
    "names_unbound",
    "exec",
    run("def f(ok):\n    if ok:\n        result = 1\n    return result\nf(False)\n"),
    **BUG | {"types": "SYNTAX GENERATION VALIDATION UNKNOWN"},
)
add("names_suggestion", "exec", run("retires = 1\nprint(retries)\n"), **NAMES)
add("imports_module", "exec", run("import omninode_missing\n"), **IMPORTS)
add("imports_submodule", "exec", run("import json.timeouts\n"), tags=("misleading",), **IMPORTS)
add(
    "imports_name",
    "exec",
    run("from asyncio import timeout_after\n"),
    tags=("misleading",),
    **IMPORTS,
)
add("imports_relative", "exec", run("from .models import ModelState\n"), **IMPORTS)
add(
    "imports_relative_top",
    "exec",
    lambda: exec("from . import models", {"__name__": "__main__", "__package__": None}),
    **IMPORTS,
)
add(
    "imports_attribute",
    "exec",
    run("import asyncio\nasyncio.run_with_retry(1)\n"),
    tags=("misleading",),
    **BUG,
)


@case("imports_circular", "importlib", **IMPORTS)
def _() -> None:
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "node_alpha.py").write_text("from node_beta import b\na = 1\n")
        pathlib.Path(folder, "node_beta.py").write_text("from node_alpha import a\nb = 1\n")
        sys.path.insert(0, folder)
        try:
            importlib.import_module("node_alpha")
        finally:
            sys.path.remove(folder)
            sys.modules.pop("node_alpha", None)
            sys.modules.pop("node_beta", None)


@case("imports_broken_module", "importlib", **SYNTAX)
def _() -> None:
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "node_gamma.py").write_text("def f(\n")
        sys.path.insert(0, folder)
        try:
            importlib.import_module("node_gamma")
        finally:
            sys.path.remove(folder)


@case("imports_raises", "importlib", **BUG)
def _() -> None:
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "node_delta.py").write_text("LIMIT = int('five')\n")
        sys.path.insert(0, folder)
        try:
            importlib.import_module("node_delta")
        finally:
            sys.path.remove(folder)


@case("imports_metadata", "importlib", **IMPORTS)
def _() -> None:
    from importlib import metadata

    metadata.version("omninode-runtime-extras")


@case("imports_spec", "importlib", **IMPORTS | {"types": "SYNTAX GENERATION UNKNOWN VALIDATION"})
def _() -> None:
    importlib.import_module("generated_nodes.effect")


@case(
    "imports_resource",
    "importlib",
    types="VALIDATION UNKNOWN GENERATION",
    strategies="ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    transient="no",
    why="a file of a package that is not there",
)
def _() -> None:
    from importlib import resources

    resources.files("json").joinpath("templates/node.j2").read_text()


@case("imports_shared_object", "importlib", **IMPORTS)
def _() -> None:
    raise ImportError(
        "libcudart.so.12: cannot open shared object file: No such file or directory",
        name="torch._C",
    )


@case(
    "imports_library",
    "ctypes",
    **IMPORTS
    | {
        "types": "UNKNOWN SYNTAX GENERATION VALIDATION",
        "strategies": "ESCALATION ALTERNATIVE_PATH",
    },
)
def _() -> None:
    import ctypes

    ctypes.CDLL("libomninode.so.3")


@case("imports_wrapped", "importlib", tags=("cause-matters",), **IMPORTS)
def _() -> None:
    PluginError = type("PluginError", (Exception,), {"__module__": "app.plugins"})
    try:
        run("import node_plugin_timeout\n")()
    except ImportError as error:
        raise PluginError("plugin 'timeout' could not be loaded") from error


@case("imports_group", "importlib", tags=("group",), **IMPORTS)
def _() -> None:
    failures = []
    for text in ("import node_a_missing", "import node_b_missing"):
        try:
            run(text)()
        except ImportError as error:
            failures.append(error)
    raise ExceptionGroup("plugins that could not be loaded", failures)


# ---- awaits
def awaited(text: str):
    """Run a coroutine of a text."""

    async def execute() -> None:
        space: dict = {"asyncio": asyncio}
        exec(compile(shown(text), FILE, "exec", dont_inherit=True), space)
        await space["execute"]()

    return execute


add("await_dict", "coroutines", awaited("async def execute():\n    await {'a': 1}\n"), **AWAIT)
add(
    "await_none",
    "coroutines",
    awaited("def save(): pass\nasync def execute():\n    await save()\n"),
    **AWAIT,
)
add(
    "await_attribute",
    "coroutines",
    awaited("async def load(): return {}\nasync def execute():\n    return load().items()\n"),
    **AWAIT,
)
add(
    "await_index",
    "coroutines",
    awaited("async def load(): return {}\nasync def execute():\n    return load()['id']\n"),
    **AWAIT,
)
add(
    "await_iterate",
    "coroutines",
    awaited("async def load(): return []\nasync def execute():\n    return [x for x in load()]\n"),
    **AWAIT,
)
add(
    "await_async_for",
    "coroutines",
    awaited("async def execute():\n    async for x in [1]:\n        pass\n"),
    **AWAIT,
)
add(
    "await_generator",
    "coroutines",
    awaited("async def rows():\n    yield 1\nasync def execute():\n    await rows()\n"),
    **AWAIT,
)
add(
    "await_for_generator",
    "coroutines",
    awaited(
        "async def rows():\n    yield 1\nasync def execute():\n    for x in rows():\n        pass\n"
    ),
    **AWAIT,
)
add(
    "await_with",
    "coroutines",
    awaited("async def execute():\n    with asyncio.Lock():\n        pass\n"),
    **AWAIT,
)
add(
    "await_async_with",
    "coroutines",
    awaited(
        "import threading\nasync def execute():\n    async with threading.Lock():\n        pass\n"
    ),
    **AWAIT,
)
add(
    "await_twice",
    "coroutines",
    awaited(
        "async def load(): pass\nasync def execute():\n    c = load()\n    await c\n    await c\n"
    ),
    **AWAIT,
)
add(
    "await_add",
    "coroutines",
    awaited("async def count(): return 1\nasync def execute():\n    return count() + 1\n"),
    **AWAIT,
)
add(
    "await_compare",
    "coroutines",
    awaited("async def count(): return 1\nasync def execute():\n    return count() > 1\n"),
    **AWAIT,
)
add(
    "await_json",
    "coroutines",
    awaited(
        "import json\nasync def load(): return 1\nasync def execute():\n    return json.dumps({'a': load()})\n"
    ),
    **AWAIT,
)
add(
    "await_call",
    "coroutines",
    awaited("async def load(): return 1\nasync def execute():\n    return load()()\n"),
    **AWAIT,
)
add(
    "await_length",
    "coroutines",
    awaited("async def load(): return []\nasync def execute():\n    return len(load())\n"),
    **AWAIT,
)
add(
    "await_unpack",
    "coroutines",
    awaited("async def load(): return 1, 2\nasync def execute():\n    a, b = load()\n"),
    **AWAIT,
)
add(
    "await_function",
    "coroutines",
    awaited("async def load(): return 1\nasync def execute():\n    await load\n"),
    **AWAIT,
)


@case("await_not_coroutine", "coroutines", **AWAIT)
def _() -> None:
    asyncio.run(print)


@case("await_warning", "coroutines", **AWAIT)
def _() -> None:
    raise RuntimeWarning("coroutine 'NodeEffect.execute_effect' was never awaited")


# ---- bugs
BUGS = {
    "none_attribute": "result = None\nresult.status_code\n",
    "none_subscript": "response = None\nresponse['choices'][0]\n",
    "none_call": "handler = None\nhandler()\n",
    "missing_argument": "def f(contract, timeout): pass\nf(1)\n",
    "unexpected_argument": "def f(contract): pass\nf(1, max_retries=3)\n",
    "too_many": "def f(): pass\nf(1, 2)\n",
    "missing_key": "{'a': 1}['rate_limit_exceeded']\n",
    "missing_index": "[][0]\n",
    "attribute_suggestion": "class Node:\n    def execute(self): pass\nNode().executes()\n",
    "string_plus_int": "'retries: ' + 3\n",
    "unhashable": "{[1]: 2}\n",
    "not_iterable": "for x in 3: pass\n",
    "unpack": "a, b = [1, 2, 3]\n",
    "unpack_few": "a, b = [1]\n",
    "division": "1 / 0\n",
    "abstract": "import abc\nclass Base(abc.ABC):\n    @abc.abstractmethod\n    def execute(self): ...\nBase()\n",
    "not_implemented": "class Node:\n    def execute(self):\n        raise NotImplementedError('execute_effect is not written yet')\nNode().execute()\n",
    "assertion": "assert {'status': 'connection refused'}['status'] == 'ok'\n",
    "assertion_text": "assert not [1], 'leftover template markers in node.py'\n",
    "mro": "class A: pass\nclass B(A): pass\nclass C(A, B): pass\n",
    "metaclass": "class A(type): pass\nclass B(type): pass\nclass C(metaclass=A): pass\nclass D(metaclass=B): pass\nclass E(C, D): pass\n",
    "slots": "class A:\n    __slots__ = ('x',)\nA().timeout = 1\n",
    "property_setter": "class A:\n    @property\n    def deadline(self): return 1\nA().deadline = 2\n",
    "super_arguments": "class A:\n    def __init__(self, name):\n        super().__init__(name)\nA('x')\n",
    "int_text": "int('429 Too Many Requests')\n",
    "float_text": "float('timeout')\n",
    "list_remove": "[].remove('retry')\n",
    "dict_changed": "d = {1: 1}\nfor k in d:\n    d[k + 1] = 1\n",
    "stop": "next(iter([]))\n",
    "not_callable": "(1, 2)(3)\n",
    "raise_text": "raise 'connection reset'\n",
    "key_tuple": "{}[('timeout', 'retry')]\n",
    "none_compare": "max(3, None)\n",
    "frozen_mapping": "import types\ntypes.MappingProxyType({})['a'] = 1\n",
    "memoryview": "memoryview(b'x')[0] = 1\n",
    "enum_extend": "import enum\nclass A(enum.Enum):\n    X = 1\nclass B(A): pass\n",
    "exit_context": "class A: pass\nwith A(): pass\n",
}
for name, text in BUGS.items():
    misleading = (
        ("misleading",)
        if any(
            word in text
            for word in ("retr", "timeout", "limit", "429", "refused", "reset", "deadline")
        )
        else ()
    )
    add(f"bug_{name}", "exec", run(text), tags=misleading, **BUG)


@case(
    "bug_handling",
    "exec",
    tags=("chain",),
    **BUG | {"why": "a bug raised while another error was handled"},
)
def _() -> None:
    run(
        "try:\n    raise ConnectionResetError(104, 'Connection reset by peer')\nexcept OSError as e:\n    print(e.response.status_code)\n"
    )()


@case(
    "bug_handling_key",
    "exec",
    tags=("chain",),
    **BUG | {"why": "a bug raised while another error was handled"},
)
def _() -> None:
    run(
        "try:\n    raise TimeoutError('model did not answer')\nexcept TimeoutError:\n    {}['fallback']\n"
    )()


@case("bug_hidden", "exec", tags=("chain",), **BUG | {"why": "what was hidden does not count"})
def _() -> None:
    run(
        "try:\n    raise TimeoutError('model did not answer')\nexcept TimeoutError:\n    raise ValueError('contract has no operations') from None\n"
    )()


@case(
    "bug_key_over_request",
    "exec",
    tags=("chain",),
    types="NETWORK",
    strategies="RETRY",
    transient="yes",
    why="a transport failure raised while a missing key was handled",
)
def _() -> None:
    run(
        "try:\n    {}['cached']\nexcept KeyError:\n    raise ConnectionResetError(104, 'Connection reset by peer')\n"
    )()
