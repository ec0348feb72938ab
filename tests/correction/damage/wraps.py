"""What stands around code that was delivered in a message, a document or a diff."""

from __future__ import annotations

import html
import json
import random

from ._judge import Damaged
from ._source import Source

__all__ = ["MAKERS"]

_BEFORE = (
    "Sure thing! Below is the complete module.",
    "I have reworked the file as discussed:",
    "Here's the updated implementation.\n\nIt keeps the public interface as it was.",
    "The following code should do what you need. Note that I didn't run it.",
    "**Solution**\n\n1. Parse the input\n2. Build the result\n",
    "Certainly - this version handles the edge cases you mentioned:",
    "### module.py",
)
_AFTER = (
    "Let me know if you'd like me to change anything!",
    "This implementation:\n- validates its input\n- keeps the order of the items\n- raises on errors",
    "Explanation: the helper functions were moved to the top, so they can be reused.",
    "**Note:** I haven't tested it against a live server.",
    "I hope this helps. Would you like some tests as well?",
    "You can now call it from your own code; don't forget to install the requirements first.",
)


def _block(rng: random.Random, code: str, info: str | None = None) -> str:
    marks = rng.choice(("```", "```", "```", "````", "~~~"))
    label = (
        info
        if info is not None
        else rng.choice(("python", "python", "py", "Python", "python3", ""))
    )
    return f"{marks}{label}\n{code}{marks}\n"


def fence(rng: random.Random, source: Source) -> Damaged:
    """Put a fence around it."""
    code, kind = (
        source.text,
        rng.choice(("plain", "title", "indented", "no_open", "no_close", "blank")),
    )
    if kind == "no_open":
        broken = code + "```\n"
    elif kind == "no_close":
        broken = "```python\n" + code
    elif kind == "blank":
        broken = "\n\n" + _block(rng, "\n" + code)
    elif kind == "title":
        broken = _block(
            rng, code, rng.choice(('python title="app.py"', "python app.py", "{.python}"))
        )
    elif kind == "indented":
        pad = " " * rng.choice((2, 4))
        rows = ["```python\n", *source.lines, "```\n"]
        broken = "".join(pad + row if row.strip() else row for row in rows)
    else:
        broken = _block(rng, code)
    return Damaged("fence", kind, code, broken)


def fence_prose(rng: random.Random, source: Source) -> Damaged:
    """Put a fence and prose around it."""
    kind = rng.choice(("pre", "post", "both", "post_bash"))
    broken = _block(rng, source.text)
    if kind in ("pre", "both"):
        broken = rng.choice(_BEFORE) + "\n\n" + broken
    if kind in ("post", "both"):
        broken += "\n" + rng.choice(_AFTER) + "\n"
    if kind == "post_bash":
        broken += "\nRun it with:\n\n```bash\npython module.py --help\n```\n"
    return Damaged("fence_prose", kind, source.text, broken)


def prose_nofence(rng: random.Random, source: Source) -> Damaged:
    """Put prose around it, without any fence."""
    kind = rng.choice(("pre", "post", "both"))
    broken = source.text
    if kind != "post":
        broken = rng.choice(_BEFORE) + "\n\n" + broken
    if kind != "pre":
        broken += "\n" * rng.choice((1, 2)) + rng.choice(_AFTER) + "\n"
    return Damaged("prose_nofence", kind, source.text, broken)


def fence_split(rng: random.Random, source: Source) -> Damaged | None:
    """Deliver it in two or three fences."""
    cuts = [n.lineno - 1 for n in source.tree.body[1:] if not getattr(n, "decorator_list", None)]
    if not cuts:
        return None
    at = sorted(rng.sample(cuts, min(len(cuts), rng.choice((1, 1, 2)))))
    parts = ["".join(source.lines[a:b]) for a, b in zip([0, *at], [*at, None], strict=True)]
    kind = rng.choice(("bare", "prose"))
    words = ["", "Then the rest:", "And finally:", "Next, continuing the same file:"]
    pieces = [
        (rng.choice(words) + "\n\n" if kind == "prose" else "") + f"```python\n{p}```\n"
        for p in parts
    ]
    return Damaged("fence_split", kind, source.text, "\n".join(pieces))


def xml_wrap(rng: random.Random, source: Source) -> Damaged:
    """Put it into tags, or leave a model's end marks."""
    code = source.text
    forms = {
        "file": f'<file path="src/module.py">\n{code}</file>\n',
        "answer": f"<answer>\n{code}</answer>\n",
        "code": f"<code>\n{code}</code>\n",
        "pre": f'<pre><code class="language-python">\n{code}</code></pre>\n',
        "artifact": f'<artifact type="code" language="python">\n{code}</artifact>\n',
        "cdata": f"<content><![CDATA[\n{code}]]></content>\n",
        "im_end": f"{code}<|im_end|>\n",
        "eot": f"{code}<|endoftext|>",
        "eot_id": f"<|start_header_id|>assistant<|end_header_id|>\n\n{code}<|eot_id|>",
        "inst": f"[/INST]\n{code}</s>\n",
        "think": f"<think>\nI should keep the interface.\nThen write it.\n</think>\n{code}",
        "fenced": f"<output>\n```python\n{code}```\n</output>\n",
    }
    kind = rng.choice(sorted(forms))
    return Damaged("xml_wrap", kind, code, forms[kind])


def json_wrap(rng: random.Random, source: Source) -> Damaged:
    """Put it into JSON."""
    code, key = source.text, rng.choice(("code", "content", "source", "file_content", "python"))
    kind = rng.choice(("object", "string", "escaped_newlines", "fenced_object", "list", "pretty"))
    hint = "generated module defines nothing: the code is wrapped in something"
    if kind == "object":
        return Damaged(
            "json_wrap", kind, code, json.dumps({"filename": "a.py", key: code}), error=hint
        )
    if kind == "pretty":
        broken = json.dumps({"explanation": "Done as asked.", key: code}, indent=2)
        return Damaged("json_wrap", kind, code, broken, error=hint)
    if kind == "list":
        broken = json.dumps({"files": [{"path": "a.py", key: code}]})
        return Damaged("json_wrap", kind, code, broken, error=hint)
    if kind == "string":
        return Damaged("json_wrap", kind, code, json.dumps(code), error=hint)
    if kind == "fenced_object":
        body = json.dumps({key: code}, indent=rng.choice((None, 2)))
        return Damaged("json_wrap", kind, code, f"```json\n{body}\n```\n")
    return Damaged("json_wrap", kind, code, json.dumps(code)[1:-1].replace('\\"', '"'))


def html_escaped(rng: random.Random, source: Source) -> Damaged:
    """Escape it for HTML."""
    quote = rng.random() < 0.7
    broken = html.escape(source.text, quote=quote)
    if rng.random() < 0.3:
        broken = broken.replace("&#x27;", "&#39;")
    return Damaged("html_escaped", "quote" if quote else "angle", source.text, broken)


def line_numbers(rng: random.Random, source: Source) -> Damaged:
    """Number its lines."""
    kind = rng.choice(("dot", "colon", "cat", "bar", "padded", "tab_arrow"))
    form = {
        "dot": "{}. {}", "colon": "{}: {}", "cat": "{:6d}\t{}", "bar": "{:4d} | {}",
        "padded": "{:03d}  {}", "tab_arrow": "{:>5}→{}",
    }[kind]  # fmt: skip
    first = rng.choice((1, 1, 1, 10, 120))
    rows = [form.format(n, line) for n, line in enumerate(source.lines, first)]
    return Damaged("line_numbers", kind, source.text, "".join(rows))


def repl_prompts(rng: random.Random, source: Source) -> Damaged:
    """Show it as typed at a prompt."""
    kind = rng.choice(("repl", "repl", "ipython"))
    starts = {n.lineno for n in source.tree.body}
    starts |= {d.lineno for n in source.tree.body for d in getattr(n, "decorator_list", [])}
    within = {
        line
        for n in source.tree.body
        for line in range(
            min([n.lineno, *(d.lineno for d in getattr(n, "decorator_list", []))]) + 1,
            (n.end_lineno or 0) + 1,
        )
    }
    rows, count = [], 0
    for number, line in enumerate(source.lines, 1):
        first = number not in within
        count += first
        if kind == "repl":
            mark = ">>> " if first else "... "
        else:
            mark = f"In [{count}]: " if first else " " * len(f"In [{count}]") + "...: "
            mark = mark if first else mark[4:].rjust(len(f"In [{count}]: "))
        rows.append((mark + line) if line.strip() else mark.rstrip() + "\n")
    return Damaged("repl_prompts", kind, source.text, "".join(rows))


def diff_markers(rng: random.Random, source: Source) -> Damaged | None:
    """Deliver it as (part of) a diff."""
    kind = rng.choice(("plus_all", "hunk_mixed", "unified_new"))
    if kind == "plus_all":
        broken = "".join("+" + line for line in source.lines)
    elif kind == "unified_new":
        head = f"diff --git a/m.py b/m.py\nnew file mode 100644\n--- /dev/null\n+++ b/m.py\n@@ -0,0 +1,{len(source.lines)} @@\n"
        broken = head + "".join("+" + line for line in source.lines)
    else:
        picked = [n for n, line in enumerate(source.lines) if line.strip()]
        at = rng.choice(picked)
        rows = []
        for n, line in enumerate(source.lines):
            if n == at:
                rows.append("-" + line.rstrip("\n") + "  # old\n")
            changed = n == at or rng.random() < 0.1
            rows.append(("+" if changed else " ") + line)
        head = rng.choice(
            (
                "",
                f"@@ -1,{len(rows)} +1,{len(rows)} @@\n",
                "--- a/m.py\n+++ b/m.py\n@@ -1,9 +1,9 @@\n",
            )
        )
        broken = head + "".join(rows)
    return Damaged("diff_markers", kind, source.text, broken)


def merge_conflict(rng: random.Random, source: Source) -> Damaged | None:
    """Leave a conflict of which both sides say nearly the same; either is an answer."""
    simple = [
        n
        for n in _statements(source)
        if n.lineno == n.end_lineno and source.lines[n.lineno - 1].strip()
    ]
    if not simple:
        return None
    node = rng.choice(simple)
    row = source.lines[node.lineno - 1]
    if ";" in row or row.lstrip().startswith(
        ("def ", "class ", "else", "elif", "except", "finally")
    ):
        return None
    other = row.rstrip("\n") + "  # was changed\n"
    if other.rstrip().endswith("\\"):
        return None
    kind = rng.choice(("two_way", "diff3"))
    middle = f"||||||| base\n{row}" if kind == "diff3" else ""
    block = f"<<<<<<< HEAD\n{row}{middle}=======\n{other}>>>>>>> feature/x\n"
    rows = [*source.lines[: node.lineno - 1], block, *source.lines[node.lineno :]]
    return Damaged("merge_conflict", kind, source.text, "".join(rows))


def _statements(source: Source) -> list[object]:
    import ast

    return [n for n in ast.walk(source.tree) if isinstance(n, (ast.Assign, ast.Return, ast.Expr))]


MAKERS = (
    fence, fence_prose, prose_nofence, fence_split, xml_wrap, json_wrap, html_escaped, line_numbers,
    repl_prompts, diff_markers, merge_conflict,
)  # fmt: skip
