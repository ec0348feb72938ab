"""What code is delivered in: JSON, tags, entities, numbers, prompts, diffs, conflicts, prose."""

from __future__ import annotations

import html
import json

import pytest

from omninode_bridge.agents.workflows.correction import correct_code

from .damage import cases, run

CODE = '''"""Doc with <b>marks</b> & "quotes".

    >>> f("x")
    'x'

1. first
2. second
- third
+ fourth
"""
import os


def f(path):
    """Give it back."""
    if path < "a" and path != "b":
        return None
    return os.fspath(path)
'''
ROWS = CODE.splitlines(keepends=True)
HINT = "generated module defines nothing"


def prompted(first: str, more: str) -> str:
    """Type the code at a prompt."""
    inside = False
    out = []
    for row in ROWS:
        begins = not inside and row[:1] not in (" ", "\n")
        quotes = row.count('"""') % 2
        out.append(
            (first if begins else more) + row
            if row.strip()
            else (first if begins else more).rstrip() + "\n"
        )
        inside = inside != bool(quotes)
    return "".join(out)


WRAPPED = {
    "object": json.dumps({"file": "a.py", "code": CODE}),
    "unknown key": json.dumps({"note": "done", "payload": {"stuff": CODE}}, indent=2),
    "list of files": json.dumps([{"path": "a.py", "content": CODE}]),
    "string": json.dumps(CODE),
    "lines": json.dumps({"cells": [{"source": ROWS}]}),
    "fenced object": f"```json\n{json.dumps({'code': CODE})}\n```",
    "python dict": repr({"code": CODE}),
    "answer": f"<answer>\n{CODE}</answer>\n",
    "attributes": f"<file path=\"a.py\" lang='py'>\n{CODE}</file>",
    "fence in tags": f"<out>\n```python\n{CODE}```\n</out>",
    "cdata": f"<![CDATA[\n{CODE}]]>",
    "thought": f"<think>\nfirst I import os\nimport os\n</think>\n\n{CODE}",
    "marks": f"<|im_start|>assistant\n{CODE}<|im_end|>\n",
    "end of text": CODE.rstrip("\n") + "<|endoftext|>",
    "two elements": f"<explanation>It gives it back.</explanation>\n<code>\n{CODE}</code>\n",
    "entities": html.escape(CODE),
    "entities but quotes": html.escape(CODE, quote=False),
    "entities in tags": f"<pre>\n{html.escape(CODE)}</pre>",
    "numbers": "".join(f"{n}. {row}" for n, row in enumerate(ROWS, 1)),
    "numbers and colons": "".join(f"{n}: {row}" for n, row in enumerate(ROWS, 7)),
    "numbers and bars": "".join(f"{n:3d} | {row}" for n, row in enumerate(ROWS, 95)),
    "cat -n": "".join(f"{n:6d}\t{row}" for n, row in enumerate(ROWS, 1)),
    "numbers, blanks stripped": "".join(
        f"{n}\t{row}" if row.strip() else "\n" for n, row in enumerate(ROWS, 1)
    ),
    "prompts": prompted(">>> ", "... "),
    "plus": "".join("+" + row for row in ROWS),
    "new file": "--- /dev/null\n+++ b/a.py\n@@ -0,0 +1,16 @@\n"
    + "".join("+" + row for row in ROWS),
    "hunk": "@@ -1,16 +1,16 @@\n"
    + "".join((" " if n % 3 else "-x = 1\n+") + row for n, row in enumerate(ROWS)),
    "conflict": CODE.replace(
        "    return os.fspath(path)\n",
        "<<<<<<< HEAD\n    return os.fspath(path)\n=======\n    return path\n>>>>>>> main\n",
    ),
    "conflict with base": CODE.replace(
        "import os\n", "<<<<<<< a\nimport os\n||||||| base\nimport sys\n=======\n>>>>>>> b\n"
    ),
    "words before": f"Here's what I changed (see below):\n\n{CODE}",
    "words after": f"{CODE}\nIt doesn't raise any more.\n\n* keeps None\n* is tested\n",
    "words around": f"## a.py\n\nAs asked, it's typed:\n\n{CODE}\n\nLet me know!\n",
    "escaped line ends": CODE.replace("\n", "\\n"),
}


@pytest.mark.parametrize("wrapping", WRAPPED)
def test_code_is_taken_out_of_what_it_came_in(wrapping: str) -> None:
    """Every wrapping is taken off, whatever the docstring holds that looks like one."""
    found = correct_code(WRAPPED[wrapping], HINT if wrapping != "marks" else None)

    assert found.success, found.reason
    assert found.code.strip("\n") == CODE.strip("\n")
    assert correct_code(found.code).code == found.code


@pytest.mark.parametrize(
    "fine",
    [
        CODE,
        '{"code": "x = 1"}\n',
        '"""import os\n\nuse it\n"""\n',
        '"one line"\n',
        "x = {'a': 1}\n",
        "TEXT = '&lt;b&gt;'\n",
        "1\n2\n3\n",
        "+1\n-1\n",
        'PAGE = """\n<answer>\nimport os\n</answer>\n"""\n',
    ],
)
def test_what_compiles_and_is_no_delivery_stays(fine: str) -> None:
    """A text that is code by itself is never unwrapped."""
    found = correct_code(fine, HINT)

    assert found.code == fine


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (json.dumps({"a": CODE, "b": CODE.replace("path", "other")}), "look like code"),
        (
            "@@ -1,2 +1,2 @@\n import os\n+x = 1\n@@ -90,2 +90,2 @@\n def f():\n+    return os\n",
            "parts",
        ),
        (f"```python\n{CODE}```\n\nor\n\n```python\n{CODE}```\n", "several fenced blocks"),
    ],
)
def test_what_could_be_either_is_declined(text: str, why: str) -> None:
    """Two candidates are a question, not an answer."""
    found = correct_code(text, HINT)

    assert not found.success
    assert why in found.reason


@pytest.mark.parametrize(
    "broken",
    [
        "x = '&lt;'\ny = (1\n",
        'a = """\n- one\n+ two\n"""\nb = = 2\n',
        "def f():\n    return '''\n>>> 1\n'''\nclass\n",
        "LINES = '''\n1. a\n2. b\n'''\nx ==== 1\n",
    ],
)
def test_strings_of_broken_code_are_not_unwrapped(broken: str) -> None:
    """What only stands in a string is no wrapping of the whole."""
    found = correct_code(broken)

    assert not any(fix.rule.startswith("unwrap") for fix in found.fixes)


@pytest.mark.parametrize("tag", ["code", "answer"])
def test_tags_in_strings_of_wrapped_code_are_not_its_end(tag: str) -> None:
    """The tag that ends it has a line of its own."""
    code = f"def shown(text):\n    page = f'<{tag}>{{text}}</{tag}></pre>'\n    return page\n"

    assert correct_code(f"<{tag}>\n{code}</{tag}>\n").code.strip() == code.strip()


CLASSES = (
    "fence", "fence_prose", "prose_nofence", "fence_split", "xml_wrap", "json_wrap", "html_escaped",
    "line_numbers", "repl_prompts", "diff_markers", "merge_conflict",
)  # fmt: skip


def test_most_wrapped_files_come_out_whole_and_none_wrong() -> None:
    """Files of this Python, wrapped at random, come back as they were or not at all."""
    outcomes = [run(case)[1].outcome for case in cases(11, 3, CLASSES, files=60)]

    assert "false" not in outcomes
    assert outcomes.count("repaired") >= 0.95 * len(outcomes)
