"""Every Python block of the documentation runs as printed.

A block that opens with ``python`` runs in a namespace and a folder of its own, offline; ``await`` is allowed at the top.
``python no-run`` keeps one from running. Where the next block opens with ``text output``, that is what must be printed.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")


@dataclass(frozen=True)
class Block:
    """A fenced block: its opening words, its text, the 1-based line where the text begins."""

    info: tuple[str, ...]
    text: str
    line: int


@dataclass(frozen=True)
class Snippet:
    """A block that runs, and what it must print where the page says so."""

    page: str
    line: int
    text: str
    output: str | None = None


def read_blocks(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page; one that is never closed ends with the page."""
    lines = iter(enumerate(page.splitlines(), start=1))
    for number, line in lines:
        opening = FENCE.match(line)
        if opening is None:
            continue
        body = []
        for _, inner in lines:
            if inner.strip().startswith(opening["fence"]) and not inner.strip().strip(
                opening["fence"][0]
            ):
                break
            body.append(inner)
        text = textwrap.dedent("\n".join(body))
        yield Block(tuple(opening["info"].lower().split()), f"{text}\n", number + 1)


def read_snippets(page: str, name: str) -> Iterator[Snippet]:
    """Yield the blocks of a page that run."""
    blocks = list(read_blocks(page))
    for block, following in zip_longest(blocks, blocks[1:]):
        if block.info[:1] == ("python",) and "no-run" not in block.info:
            output = following.text if following and following.info == ("text", "output") else None
            yield Snippet(name, block.line, block.text, output)


def pages() -> list[Path]:
    """Return the pages that are documentation."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def all_snippets() -> list[Snippet]:
    return [
        snippet
        for page in pages()
        for snippet in read_snippets(
            page.read_text(encoding="utf-8"), page.relative_to(ROOT).as_posix()
        )
    ]


def run(snippet: Snippet, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a snippet as the main module of a file, with the line numbers of its page."""
    monkeypatch.chdir(folder)
    file = folder / "snippet.py"
    source = "\n" * (snippet.line - 1) + snippet.text
    file.write_text(source, encoding="utf-8")
    module = ModuleType("__main__")
    module.__file__ = str(file)
    monkeypatch.setitem(sys.modules, "__main__", module)
    code = compile(
        source, str(file), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True
    )
    if code.co_flags & inspect.CO_COROUTINE:
        asyncio.run(eval(code, module.__dict__))
    else:
        exec(code, module.__dict__)


@pytest.mark.parametrize("snippet", all_snippets(), ids=lambda found: f"{found.page}:{found.line}")
def test_snippet_runs(
    snippet: Snippet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A reader who copies a block gets what the page shows."""
    run(snippet, tmp_path, monkeypatch)

    if snippet.output is not None:
        assert capsys.readouterr().out == snippet.output


PAGE = """
1. indented, with a wait at the top and its output

   ```python
   import asyncio
   print(await asyncio.sleep(0, "waited"))
   ```
   ```text output
   waited
   ```

```python no-run
raise SystemExit("never runs")
```

~~~python
def never_called():
    return '''
```
'''
1 / 0
~~~
"""


def test_blocks_are_found_and_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Indentation, both fences, expected output and `no-run` are understood; an error names the line of the page."""
    waits, fails = read_snippets(PAGE, "page")

    run(waits, tmp_path, monkeypatch)
    with pytest.raises(ZeroDivisionError) as caught:
        run(fails, tmp_path, monkeypatch)

    assert waits.output == capsys.readouterr().out == "waited\n"
    assert caught.traceback[-1].lineno + 1 == PAGE.splitlines().index("1 / 0") + 1
