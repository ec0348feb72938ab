"""The guide's correction classes: what generated code typically lacks, at any place."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Damage = Callable[[random.Random, str], str]


def _places(code: str, pattern: str) -> list[re.Match[str]]:
    return list(re.finditer(pattern, code, re.MULTILINE))


def _lines_of_bodies(lines: list[str]) -> list[int]:
    """Return the lines that are plain statements inside of a block and do not begin it."""
    return [
        n
        for n, line in enumerate(lines)
        if line.startswith("    ")
        and line.strip()
        and not line.rstrip().endswith(":")
        and not line.strip().startswith(("#", '"""', "except", "else", "elif"))
        and lines[n - 1].strip()
        and not lines[n - 1].rstrip().endswith(":")
    ]


def lose_async(rng: random.Random, code: str) -> str:
    """Take `async` from a function that awaits."""
    bodies = _places(code, r"^    async def \w+\([^)]*\)[^:]*:\n(?:(?!    (?:async )?def ).*\n?)*")
    awaiting = [found for found in bodies if re.search(r"await \w+\.", found[0])]
    found = rng.choice(awaiting)
    return code[: found.start()] + found[0].replace("async def", "def", 1) + code[found.end() :]


def lose_imports(rng: random.Random, code: str) -> str:
    """Take one import, or all of them."""
    found = _places(code, r"^(?:import (?!annotations)\w+|from (?!__future__)\w+ import \w+)\n")
    gone = found if rng.random() < 0.3 else [rng.choice(found)]
    for one in reversed(gone):
        code = code[: one.start()] + code[one.end() :]
    return code


def lose_await(rng: random.Random, code: str) -> str:
    """Take `await` from the call of a coroutine of the same class."""
    found = rng.choice(_places(code, r"await (?=self\.)"))
    return code[: found.start()] + code[found.end() :]


def _followed(lines: list[str], n: int) -> bool:
    """Whether the next line goes on in the same block, so that there is one place to go back to."""
    own = len(lines[n]) - len(lines[n].lstrip())
    return lines[n + 1].startswith(" " * own) and not lines[n + 1].startswith(" " * (own + 1))


def shift_line(rng: random.Random, code: str) -> str:
    """Indent one statement by too many or too few spaces; halfway only where it is clear."""
    lines = code.split("\n")
    n = rng.choice(_lines_of_bodies(lines))
    more = rng.choice((1, 2, 3, -1, -2, -3) if _followed(lines, n) else (1, -1))
    lines[n] = " " * more + lines[n] if more > 0 else lines[n][-more:]
    return "\n".join(lines)


def two_spaces(rng: random.Random, code: str) -> str:
    """Indent one statement of four spaces by two, as the guide has it."""
    lines = code.split("\n")
    bodies = [n for n in _lines_of_bodies(lines) if _followed(lines, n)]
    shallow = [n for n in bodies if re.match(r"    \S", lines[n])]
    if not shallow:
        return shift_line(rng, code)
    n = rng.choice(shallow)
    lines[n] = lines[n][2:]
    return "\n".join(lines)


def tab(rng: random.Random, code: str) -> str:
    """Write the indentation of one statement with tabs."""
    lines = code.split("\n")
    n = rng.choice(_lines_of_bodies(lines))
    depth = len(lines[n]) - len(lines[n].lstrip())
    lines[n] = "\t" * (depth // 4) + lines[n].lstrip()
    return "\n".join(lines)


def indent_all(rng: random.Random, code: str) -> str:
    """Indent the whole module."""
    pad = " " * rng.choice((2, 4, 8))
    return "".join(pad + line if line.strip() else line for line in code.splitlines(True))


def fence(rng: random.Random, code: str) -> str:
    """Deliver the code the way a language model does."""
    before = rng.choice(("", "Here is the module you asked for:\n\n", "Sure! I've fixed it.\n"))
    after = rng.choice(("", "\nLet me know if anything is missing.\n", "\n**Note**: not tested.\n"))
    marks = rng.choice(("```", "```", "~~~", "````"))
    info = rng.choice(("python", "python", "py", "Python", ""))
    return f"{before}{marks}{info}\n{code}{marks}\n{after}"


def fence_and_more(rng: random.Random, code: str) -> str:
    """Deliver damaged code in a fence."""
    inner = rng.choice((lose_async, shift_line, lose_imports))(rng, code)
    return fence(rng, inner)


DAMAGES: dict[str, Damage] = {
    "missing async": lose_async,
    "missing imports": lose_imports,
    "missing await": lose_await,
    "indentation of a line": shift_line,
    "two spaces": two_spaces,
    "tabs": tab,
    "indentation of all": indent_all,
    "fence": fence,
    "fence and more": fence_and_more,
}
