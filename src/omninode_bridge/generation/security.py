"""What in a contract would run code or reach files, if anybody carried it out as it is written.

Nothing in a contract is ever run by this package. A contract that asks for it is refused all the
same: its author expects the node to do it, and so will whoever fills in the node's logic.
Descriptions, patterns and examples are text and may say anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from omninode_bridge.generation.document import Document
from omninode_bridge.generation.findings import Code, Finding, NodePath
from omninode_bridge.generation.identity import SECTIONS
from omninode_bridge.generation.names import leaves_folder
from omninode_bridge.generation.scalars import as_flag

__all__ = ["check_security", "find_template"]

TEMPLATE_KEYS = ("template", "template_id", "node_template", "template_name")
_TEXT_KEYS = frozenset(
    {"comment", "comments", "description", "display_name", "doc", "docs", "documentation"}
    | {"example", "examples", "help", "hint", "label", "long_description", "message", "note"}
    | {"notes", "pattern", "prompt", "rationale", "reason", "regex", "summary", "system_prompt"}
    | {"tags", "text", "title", "usage", "warning"}
)
_COMMAND_WORDS = frozenset(
    {"command", "commands", "cmd", "cmds", "cmdline", "script", "scripts", "exec", "execute"}
    | {"shell", "bash", "sh", "powershell", "entrypoint", "run", "subprocess", "popen"}
)
_SHELL_WORDS = frozenset(
    {"shell", "bash", "sh", "zsh", "powershell", "script", "scripts", "subprocess", "popen"}
)
_CARRIERS = frozenset({"line", "lines", "template", "text", "string", "str", "args", "arguments"})
_ARGUMENT_WORDS = frozenset({"args", "argv", "argument", "arguments"})
_PATH_WORDS = frozenset(
    {"dest", "destination", "destinations", "dir", "directories", "directory", "dirs", "file"}
    | {"filename", "filenames", "filepath", "files", "folder", "folders", "location", "output"}
    | {"path", "paths", "target", "targets"}
)
_CODE_KEYS = frozenset(
    {"code", "compute", "computed", "condition", "const", "default", "default_factory", "eval"}
    | {"expr", "expression", "factory", "filter", "formula", "function", "lambda", "predicate"}
    | {"python", "transform", "validator", "value", "when"}
)
_INPUT = re.compile(
    r"\{\{[^}]{0,300}\}\}|\{%[^%]{0,300}%\}|\$\{(?!env[.:])[^{}]{0,100}[a-z.][^{}]{0,100}\}"
    r"|(?<!\$)\{[A-Za-z_][\w.\[\]]{0,100}(?:![rsa])?\}|%\([A-Za-z_]\w{0,100}\)s"
    r"|(?<!\\)\$(?:[a-z_]|[0-9@*])"
)
_TEMPLATE = re.compile(r"\{\{|\{%|\$\{(?!env[.:])[^{}]{0,100}[a-z.]|\{[A-Za-z_]|%\(")
_SUBSTITUTION = re.compile(r"\$\([^)]|`[^`]|<\([^)]")
_SUBSTITUTED_INPUT = re.compile(rf"[$<]\([^)]{{0,300}}?(?:{_INPUT.pattern})")
_QUOTED_INPUT = re.compile(rf"`[^`]{{0,300}}?(?:{_INPUT.pattern})[^`]{{0,300}}`")
_WALKS_UP = re.compile(r"(?:\A|[/\\])\.\.(?:[/\\]|\Z)")
_OPERATOR = re.compile(r"[|;&<>]|\n[ \t]{0,40}\S")
_SHELL_CALL = re.compile(
    r"\b(?:ba|z|da|k|c)?sh\s{1,20}-\w{0,20}c\b|\bpowershell\b.{0,200}\s-(?:c|e)"
    r"|\bcmd(?:\.exe)?\s{1,20}/[ck]\b|\beval\s{1,20}\S",
    re.IGNORECASE,
)
_PIPED = re.compile(
    r"\|\s{0,20}(?:sudo\s{1,20})?(?:(?:ba|z|da|k)?sh|python3?|perl|ruby|node)\b(?![\w.-]*/)"
)
_DESTROYS = re.compile(
    r"\brm\s{1,20}(?:-\w{1,20}\s{1,20}){0,5}-\w{0,20}[rf]\w{0,20}\s{1,20}"
    r"(?:-\S{1,40}\s{1,20}){0,5}[\"']?(?:/|~|\*|\.\.|\$|\{)"
    r"|\bmkfs\b|\bdd\s{1,20}if=|:\(\)\s{0,20}\{|>\s{0,20}/dev/sd"
)
_PYTHON = re.compile(
    r"__(?:import|builtins|class|subclasses|globals|bases|mro|code|reduce)__"
    r"|\b(?:eval|exec|compile|execfile|__import__)\s*\("
    r"|\bos\s*\.\s*(?:system|popen|exec\w*|spawn\w*|remove|unlink)\b|\bsubprocess\s*\.\s*\w+"
    r"|\bimportlib\b|\bpickle\s*\.\s*loads?\b|\bshutil\s*\.\s*rmtree\b|\bpty\s*\.\s*spawn\b"
)
_INTERPRETERS = frozenset(
    {"sh", "bash", "zsh", "dash", "ksh", "cmd", "powershell", "pwsh", "python", "python3"}
    | {"perl", "ruby", "node", "php"}
)
_SCHEMA_TABLES = frozenset({"properties", "$defs", "definitions", "patternProperties"})
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}\Z")
_SHOWN = 100
MAX_FINDINGS = 50


def check_security(document: Document) -> list[Finding]:
    """Return what makes the contract unsafe; at most `MAX_FINDINGS`."""
    found: list[Finding] = []
    for finding in _all(document):
        found.append(finding)
        if len(found) >= MAX_FINDINGS:
            break
    return found


def find_template(document: Document) -> str | None:
    """Return the name of the template that the contract asks for."""
    for section in SECTIONS:
        for key in TEMPLATE_KEYS:
            value = document.get((*section, key))
            if isinstance(value, str) and value.strip():
                return value
    return None


def _all(document: Document) -> Iterator[Finding]:
    yield from _templates(document)
    for side in ("input", "output"):
        name = document.get((f"{side}_model",))
        if isinstance(name, str) and leaves_folder(name):
            message = f"model name {name[:_SHOWN]!r} leaves the output folder"
            yield document.finding((f"{side}_model",), Code.SECURITY_NAME, message)
    yield from _walk(document, document.data, (), "", shell=False, table=False)


def _templates(document: Document) -> Iterator[Finding]:
    for section in SECTIONS:
        for key in TEMPLATE_KEYS:
            value = document.get((*section, key))
            if isinstance(value, str) and value.strip() and not _PLAIN_NAME.match(value):
                message = f"template name {value[:_SHOWN]!r} is no plain name"
                hint = "letters, digits and underscores, as in 'node_effect_v2'"
                yield document.finding((*section, key), Code.SECURITY_NAME, message, hint=hint)


def _walk(
    document: Document, value: Any, where: NodePath, key: str, *, shell: bool, table: bool
) -> Iterator[Finding]:
    """Look at every text; `table` is set where keys are names, `shell` where a shell is asked for."""
    if isinstance(value, Mapping):
        inner_shell = shell or (not table and _asks_for_shell(value))
        for name, item in value.items():
            is_table = not table and name in _SCHEMA_TABLES and isinstance(item, Mapping)
            word = "" if table else name
            yield from _walk(
                document,
                item,
                (*where, name),
                word,
                shell=inner_shell and not table,
                table=is_table,
            )
    elif isinstance(value, list):
        if _runs_interpreter(key, value, shell=shell):
            message = f"{key!r} hands text built from input to an interpreter: {_shown(value)}"
            yield document.finding(where, Code.SECURITY_SHELL, message, hint=_HINT)
            return
        words = _words(key)
        as_lines = bool(words & {"script", "scripts", "commands", "run", "cmds", "lines"})
        for index, item in enumerate(value):
            word = key if as_lines or not isinstance(item, str) else ""
            if isinstance(item, str) and (message := _built(key, item)):
                text = f"{message} in {key!r}: {_shown(item)}"
                yield document.finding((*where, index), Code.SECURITY_SHELL, text, hint=_HINT)
                continue
            if isinstance(item, str) and key.lower() in _TEXT_KEYS | {"enum"}:
                continue
            yield from _walk(document, item, (*where, index), word, shell=shell, table=False)
    elif isinstance(value, str):
        message = _danger(key, value, shell=shell)
        if message:
            code = Code.SECURITY_CODE if message.startswith("code") else Code.SECURITY_SHELL
            text = f"{message} in {key or str(where[-1])!r}: {_shown(value)}"
            yield document.finding(where, code, text, hint=_HINT)


_HINT = "name the operation and its inputs; give programs a list of fixed arguments"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _words(key: str) -> set[str]:
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()
    return set(re.split(r"[^a-z0-9]+", plain))


def _is_command_key(key: str) -> bool:
    """Whether a key holds what is run: ``command``, ``shell_command``, ``command_template``."""
    parts = re.split(r"[^a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower())
    if parts[-1] in _CARRIERS and len(parts) > 1:
        parts = parts[:-1]
    return parts[-1] in _COMMAND_WORDS


def _asks_for_shell(value: Mapping[str, Any]) -> bool:
    flag = value.get("shell", value.get("use_shell", value.get("shell_mode")))
    if isinstance(flag, bool | int | str) and (
        as_flag(flag) is True or (isinstance(flag, str) and _words(flag) & _INTERPRETERS)
    ):
        return True
    return any(
        isinstance(value.get(name), str) and bool(_words(value[name]) & _SHELL_WORDS)
        for name in ("operation_type", "handler_type", "type", "kind", "executor", "runner")
    )


def _runs_interpreter(key: str, value: list[Any], *, shell: bool) -> bool:
    """Whether a list of arguments is a shell or interpreter with a program built from input."""
    if not (_is_command_key(key) or _words(key) & {"args", "argv", "arguments"}):
        return False
    texts = [item for item in value if isinstance(item, str)]
    if not any(_INPUT.search(text) or _SUBSTITUTION.search(text) for text in texts):
        return False
    program = texts[0].replace("\\", "/").rsplit("/", maxsplit=1)[-1].lower()
    flags = {text for text in texts if re.match(r"[-/]\w+$", text)}
    inline = any(re.match(r"(?:-\w*[ce]|/[ck])$", flag, re.IGNORECASE) for flag in flags)
    return shell or (program.removesuffix(".exe") in _INTERPRETERS and inline)


def _danger(key: str, text: str, *, shell: bool) -> str:
    """Return what is dangerous about a text under a key; empty if nothing is."""
    if key.lower() in _TEXT_KEYS:
        return ""
    if built := _built(key, text):
        return built
    if key.lower() in _CODE_KEYS and _PYTHON.search(text):
        return "code"
    is_input = _INPUT.search(text) is not None
    command = _is_command_key(key) or (shell and bool(_words(key) & _CARRIERS))
    if _PIPED.search(text) and (command or is_input or "curl" in text or "wget" in text):
        return "text piped into an interpreter"
    if _SHELL_CALL.search(text) and (is_input or _SUBSTITUTION.search(text)) and (command or shell):
        return "a shell call built from input"
    if not command:
        strong = _SHELL_CALL.search(text) or _DESTROYS.search(text)
        return "shell text built from input" if is_input and strong else ""
    if _DESTROYS.search(text):
        return "a destructive shell command"
    if _SUBSTITUTION.search(text):
        return "a command substitution"
    if _PYTHON.search(text):
        return "code"
    if is_input and (shell or _OPERATOR.search(text) or _TEMPLATE.search(text)):
        return "shell text built from input"
    return ""


def _built(key: str, text: str) -> str:
    """Return what input is put into: a substitution, or a path that walks up; empty if neither."""
    if key.lower() in _TEXT_KEYS | {"enum"}:
        return ""
    if _SUBSTITUTED_INPUT.search(text):
        return "a command substitution built from input"
    arguments = bool(_words(key) & _ARGUMENT_WORDS) or _is_command_key(key)
    if arguments and _QUOTED_INPUT.search(text):
        return "a command substitution built from input"
    if _words(key) & _PATH_WORDS and _WALKS_UP.search(text) and _INPUT.search(text):
        return "a path built from input that walks up"
    return ""
