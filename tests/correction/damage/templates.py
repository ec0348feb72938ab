"""What template engines and JSON leave in generated code."""

from __future__ import annotations

import ast
import random
import re
import token as kinds

from ._judge import MARK, Damaged
from ._source import Source, tree_of
from .dialects import assignments, swap, words

__all__ = ["MAKERS"]


def json_literals(rng: random.Random, source: Source) -> Damaged | None:
    """Write the literals of JSON or JavaScript."""
    names = {
        "True": "true",
        "False": "false",
        "None": rng.choice(("null", "null", "undefined", "nil")),
    }
    if rng.random() < 0.2:
        names = {"True": "TRUE", "False": "FALSE", "None": "NULL"}
    tokens = [t for t in source.tokens if t.type == kinds.NAME and t.string in names]
    if (
        not tokens
        or {"true", "false", "null", "undefined", "nil", "TRUE", "FALSE", "NULL"}
        & source.names.bound
    ):
        return None
    kind = rng.choice(("all", "some"))
    chosen = tokens if kind == "all" else rng.sample(tokens, min(len(tokens), 3))
    text = source.text
    for t in sorted(chosen, key=lambda t: t.start, reverse=True):
        text = text[: source.at(*t.start)] + names[t.string] + text[source.at(*t.end) :]
    if tree_of(text) is None:
        return None
    word = names[chosen[0].string]
    error: object = rng.choice(
        (
            NameError(f"name '{word}' is not defined"),
            f"generated.py:3:4: F821 Undefined name `{word}`",
        )
    )
    return Damaged("json_literals", kind, source.text, text, error=error)  # type: ignore[arg-type]


_HOLES = {
    "jinja": ("{{{{ {} }}}}", "{{{{{}}}}}", "{{{{- {} -}}}}", "{{{{ {} | lower }}}}"),
    "dollar": ("${}",), "dollar_brace": ("${{{}}}", "${{ {} }}"), "angle": ("<{}>",),
    "percent": ("%{}%",), "square": ("[{}]",), "at": ("@@{}@@",), "under": ("__{}__",),
    "erb": ("<%= {} %>", "<%={}%>"), "brace": ("{{{}}}",), "hash": ("#{{{}}}",), "triple": ("{{{{{{{}}}}}}}",),
    "angles": ("<<{}>>",), "go": ("{{{{ .{} }}}}",), "squares": ("[[{}]]",), "percent_brace": ("%{{{}}}",),
}  # fmt: skip
_VARIABLES = (
    "node_name", "class_name", "ClassName", "NODE_NAME", "serviceName", "name", "max_retries", "TIMEOUT",
    "model", "entity", "FUNCTION_NAME", "my_var", "type", "value",
)  # fmt: skip


def template_vars(rng: random.Random, source: Source) -> Damaged | None:
    """Leave a name or a value to a template that never ran."""
    kind, forms = rng.choice(sorted(_HOLES.items()))
    variable = rng.choice(_VARIABLES)
    hole = rng.choice(forms).format(variable)
    nodes = [
        n
        for n in ast.walk(source.tree)
        if isinstance(n, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    if rng.random() < 0.7 and nodes:
        name = rng.choice(nodes).name
        places = words(source, name)
        if re.search(rf"['\"]{name}['\"]", source.text) or "self." + name in source.text:
            return None
        broken, masked = swap(source.text, places, hole), swap(source.text, places, MARK)
        if len(re.findall(rf"\b{name}\b", source.text)) != len(places):
            return None
        if tree_of(broken) is not None or tree_of(masked) is None:
            return None
        return Damaged("template_vars", f"ident:{kind}", masked, broken, check="wild")
    constants = [
        n.value
        for n in assignments(source)
        if isinstance(n.value, ast.Constant) and n.value.lineno == n.value.end_lineno
    ]
    if not constants:
        return None
    first, last = source.span(rng.choice(constants))
    broken, masked = source.replaced(first, last, hole), source.replaced(first, last, MARK)
    if tree_of(broken) is not None:
        return None
    return Damaged("template_vars", f"value:{kind}", masked, broken, check="wild")


_BLOCKS = {
    "jinja": ("{% if use_cache %}", "{% endif %}"), "jinja_for": ("{% for f in fields %}", "{% endfor %}"),
    "jinja_trim": ("{%- if async_mode -%}", "{%- endif -%}"), "mustache": ("{{#if metrics}}", "{{/if}}"),
    "erb": ("<% if metrics %>", "<% end %>"), "mako": ("% if metrics:", "% endif"),
    "section": ("{{#items}}", "{{/items}}"), "comment": ("{# generated from node.py.j2 #}", ""),
    "block": ("{% block body %}", "{% endblock %}"), "set": ("{% set x = 1 %}", ""),
    "each": ("{{#each fields as |field|}}", "{{/each}}"), "unless": ("{{^metrics}}", "{{/metrics}}"),
    "erb_comment": ("<%# don't edit %>", ""), "ejs": ("<% if (user.ok) { %>", "<% } %>"),
    "go": ("{{- range .Fields }}", "{{- end }}"), "go_if": ("{{ if .Async }}", "{{ end }}"),
    "hb_comment": ("{{!-- it's generated --}}", ""), "mako_def": ('<%def name="body()">', "</%def>"),
    "macro": ("{% macro render(x, y='z') -%}", "{%- endmacro %}"), "raw": ("{% raw %}", "{% endraw %}"),
    "include": ('{% include "header.j2" %}', ""), "extends": ("{% extends 'base.py.j2' %}", ""),
    "filter": ("{% filter indent(4) %}", "{% endfilter %}"), "with": ("{% with a=1 %}", "{% endwith %}"),
    "freemarker": ("<#if metrics??>", "</#if>"), "toolkit": ("[% IF metrics %]", "[% END %]"),
    "smarty": ("{if $metrics}", "{/if}"), "mako_for": ("    % for f in fields:", "    % endfor"),
    "long_comment": ("{# generated\n   it's from node.py.j2 #}", ""),
}  # fmt: skip


def template_blocks(rng: random.Random, source: Source) -> Damaged | None:
    """Leave the tags of a template between the lines."""
    kind, (start, end) = rng.choice(sorted(_BLOCKS.items()))
    bad = {n for t in source.tokens if t.start[0] != t.end[0] for n in range(t.start[0], t.end[0])}
    places = [n for n in range(len(source.lines)) if n not in bad]
    if len(places) < 2:
        return None
    first, last = sorted(rng.sample(places, 2))
    pad = rng.choice(("", "    "))
    rows = list(source.lines)
    if end:
        rows.insert(last, pad + end + "\n")
    rows.insert(first, start + "\n")
    broken = "".join(rows)
    if tree_of(broken) is not None:
        return None
    return Damaged("template_blocks", kind, source.text, broken)


def doubled_braces(rng: random.Random, source: Source) -> Damaged | None:
    """Double the braces of dictionaries, as a template engine or `str.format` wants them."""
    nodes = [n for n in ast.walk(source.tree) if isinstance(n, ast.Dict)]
    nodes = [n for n in nodes if source.text[source.span(n)[0]] == "{"]
    strings = [source.span(n) for n in ast.walk(source.tree) if isinstance(n, ast.JoinedStr)]
    nodes = [n for n in nodes if not any(a <= source.span(n)[0] < b for a, b in strings)]
    if not nodes:
        return None
    chosen = rng.sample(nodes, min(len(nodes), rng.choice((1, 1, 2, 3))))
    marks = sorted(
        [(source.span(n)[0], "{") for n in chosen] + [(source.span(n)[1], "}") for n in chosen],
        reverse=True,
    )
    text = source.text
    if rng.random() < 0.2:
        at, mark = rng.choice([m for m in marks if m[1] == "{"])
        broken = source.replaced(at, at, mark)
        if tree_of(broken) is None:
            return Damaged("doubled_braces", "half", source.text, broken)
    for at, mark in marks:
        text = text[:at] + mark + text[at:]
    error = TypeError(
        rng.choice(
            (
                "unhashable type: 'dict'",
                "cannot use 'dict' as a set element (unhashable type: 'dict')",
            )
        )
    )
    return Damaged("doubled_braces", f"x{len(chosen)}", source.text, text, error=error)


MAKERS = (json_literals, template_vars, template_blocks, doubled_braces)
