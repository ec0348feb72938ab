"""What else is used on broken code: each takes a text and an error and returns a text, or None.

They are given more than their due: whatever they return counts as their claim only if it compiles.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tempfile
import textwrap
import warnings
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

__all__ = ["PEERS", "Peer", "compiles", "run_ruff"]

Peer = Callable[[str], str | None]
_ROUNDS = 40
_FENCE = re.compile(r"^[ \t]*```[\w+-]*[ \t]*\n(.*?)^[ \t]*```", re.MULTILINE | re.DOTALL)


def compiles(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "<text>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def strip_and_dedent(text: str) -> str | None:
    """Take the longest fenced block, if there is one, and its common indentation off."""
    blocks = _FENCE.findall(text)
    return textwrap.dedent(max(blocks, key=len) if blocks else text)


def black_format(text: str) -> str | None:
    import black

    try:
        return black.format_str(text, mode=black.Mode())
    except Exception:  # a formatter says what it cannot parse in several ways
        return None


def autopep8_fix(text: str) -> str | None:
    import autopep8

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return autopep8.fix_code(text, options={"aggressive": 2})
        except Exception:
            return None


def parso_delete(text: str) -> str | None:
    """Delete what an error-recovering parser could not place, until the rest compiles."""
    import parso

    grammar = parso.load_grammar()
    for _ in range(_ROUNDS):
        if compiles(text):
            return text
        tree = grammar.parse(text)
        waiting, wrong = [tree], []
        while waiting:
            node = waiting.pop()
            if node.type in ("error_node", "error_leaf"):
                wrong.append(node)
            else:
                waiting += getattr(node, "children", ())
        errors = [error.start_pos for error in grammar.iter_errors(tree)]
        lines = text.splitlines(keepends=True)
        if wrong:
            first = min(wrong, key=lambda node: node.start_pos)
            (a, b), (c, d) = first.start_pos, first.end_pos
            c, d = min((c, d), (len(lines), len(lines[-1]) if lines else 0))
            if (a, b) >= (c, d):
                return None
            lines[a - 1 : c] = [lines[a - 1][:b] + lines[c - 1][d:]]
        elif errors and errors[0][0] <= len(lines):
            del lines[errors[0][0] - 1]
        else:
            return None
        text = "".join(lines)
    return None


def run_ruff(texts: Sequence[str], *, unsafe: bool) -> tuple[list[str], float]:
    """Let ruff correct many texts at once; return them and the milliseconds of CPU for each."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, text in enumerate(texts):
            (folder / f"case_{number}.py").write_bytes(text.encode("utf-8", "surrogatepass"))
        more = ["--unsafe-fixes", "--select", "ALL"] if unsafe else []
        command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--fix", "-q"]
        environment = {**os.environ, "RAYON_NUM_THREADS": "1"}
        subprocess.run(
            [*command, "--exit-zero", *more, "."],
            cwd=folder,
            env=environment,
            capture_output=True,
            check=False,
        )
        fixed = [
            (folder / f"case_{number}.py").read_bytes().decode("utf-8", "surrogatepass")
            for number in range(len(texts))
        ]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return fixed, spent * 1000 / max(1, len(texts))


_ALL: dict[str, tuple[str | None, Peer]] = {
    "strip and dedent": (None, strip_and_dedent),
    "black": ("black", black_format),
    "autopep8": ("autopep8", autopep8_fix),
    "parso, deleting": ("parso", parso_delete),
}
# Those that are installed, by name.
PEERS = {name: peer for name, (module, peer) in _ALL.items() if module is None or find_spec(module)}
