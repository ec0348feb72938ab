"""What generated code must not do, seen in its tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from omninode_bridge.agents.workflows._redaction_tokens import scrub_tokens

from ._source import Source
from .models import ValidationFinding

__all__ = ["security"]

_MOST_CHARS = 20_000
_BUILTINS = frozenset({"eval", "exec", "__import__"})
_SHELLS = frozenset(
    {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "pty.spawn"}
    | {"asyncio.create_subprocess_shell", "asyncio.subprocess.create_subprocess_shell"}
    | {"commands.getoutput", "popen2.popen2"}
)
_PICKLES = frozenset(
    f"{module}.{function}"
    for module in ("pickle", "cPickle", "_pickle", "dill", "cloudpickle", "marshal", "jsonpickle")
    for function in ("load", "loads", "decode", "Unpickler")
) | {"shelve.open", "pandas.read_pickle", "joblib.load"}
_SAFE_LOADERS = frozenset({"SafeLoader", "CSafeLoader", "BaseLoader", "CBaseLoader"})
_UNVERIFIED = frozenset({"ssl._create_unverified_context", "ssl._create_stdlib_context"})


def security(source: Source) -> Iterator[ValidationFinding]:
    """Find code that runs text, opens a shell, loads foreign objects, trusts anybody or holds a secret."""
    if source.tree is None:
        return
    for node in ast.walk(source.tree):
        said = ""
        if not isinstance(node, ast.expr):
            continue
        if isinstance(node, ast.Call):
            said = _call(source, node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            said = _secret(node.value)
        elif isinstance(node, ast.Attribute) and node.attr in {"__subclasses__", "__globals__"}:
            said = f"{node.attr} reaches what the code was not given"
        if said:
            yield ValidationFinding("security", said, node.lineno)


def _call(source: Source, node: ast.Call) -> str:
    name = source.name_of(node.func).removeprefix("builtins.")
    options = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    if name in _BUILTINS:
        return f"{name}() runs text as code"
    if name == "compile" and len(node.args) + len(options) >= 3:
        return "compile() makes code of text"
    if name in _SHELLS:
        return f"{name}() opens a shell"
    if name.startswith("subprocess.") and "shell" in options and _may_be_true(options["shell"]):
        return f"{name}() opens a shell"
    if name in _PICKLES:
        return f"{name}() runs what the data says"
    if name.startswith(("yaml.unsafe_load", "yaml.full_load")):
        return f"{name}() makes objects of what the data says; yaml.safe_load() does not"
    if name in {"yaml.load", "yaml.load_all"} and not _is_safe_loader(node, options):
        return f"{name}() makes objects of what the data says; yaml.safe_load() does not"
    if name in _UNVERIFIED:
        return f"{name}() trusts any certificate"
    if name == "tempfile.mktemp":
        return "tempfile.mktemp() names a file that somebody else can make first"
    verify = options.get("verify")
    if isinstance(verify, ast.Constant) and verify.value is False:
        return "verify=False trusts any certificate"
    return ""


def _may_be_true(node: ast.expr) -> bool:
    return not (isinstance(node, ast.Constant) and not node.value)


def _is_safe_loader(node: ast.Call, options: dict[str, ast.expr]) -> bool:
    loader = options.get("Loader") or (node.args[1] if len(node.args) > 1 else None)
    name = loader.attr if isinstance(loader, ast.Attribute) else getattr(loader, "id", "")
    return name in _SAFE_LOADERS


def _secret(text: str) -> str:
    head = text[:_MOST_CHARS]
    return "a secret is written in the code" if scrub_tokens(head) != head else ""
