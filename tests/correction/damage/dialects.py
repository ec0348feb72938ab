"""What other languages, older Pythons and template engines leave in generated code."""

from __future__ import annotations

import ast
import random
import re
import token as kinds

from ._judge import MARK, Damaged
from ._source import Source, tree_of

__all__ = ["MAKERS"]


def _words(source: Source, *words: str) -> list[tuple[int, int]]:
    """Return where these names stand in code."""
    return [
        (source.at(*t.start), source.at(*t.end))
        for t in source.tokens
        if t.type in (kinds.NAME, kinds.OP) and t.string in words
    ]


def _swap(text: str, places: list[tuple[int, int]], new: str) -> str:
    for first, last in sorted(places, reverse=True):
        text = text[:first] + new + text[last:]
    return text


def python2(rng: random.Random, source: Source) -> Damaged | None:
    """Write it as Python 2 had it."""
    makers = [_print_statement, _old_except, _old_raise, _unequal, _octal, _exec, _backticks]
    for maker in rng.sample(makers, len(makers)):
        found = maker(rng, source)
        if found is not None and tree_of(found[1]) is None:
            return Damaged("python2", found[0], source.text, found[1])
    return None


def _print_statement(rng: random.Random, source: Source) -> tuple[str, str] | None:
    calls = [
        n
        for n in ast.walk(source.tree)
        if isinstance(n, ast.Expr)
        and isinstance(n.value, ast.Call)
        and isinstance(n.value.func, ast.Name)
        and n.value.func.id == "print"
        and n.value.args
        and not n.value.keywords
        and n.lineno == n.end_lineno
        and not any(isinstance(a, ast.Starred) for a in n.value.args)
    ]
    if not calls:
        return None
    text = source.text
    for node in sorted(calls, key=lambda n: n.lineno, reverse=True):
        first, last = source.span(node)
        inner = text[first:last].removeprefix("print(").removesuffix(")")
        text = text[:first] + "print " + inner + text[last:]
    return "print", text


def _old_except(rng: random.Random, source: Source) -> tuple[str, str] | None:
    rows = [n for n, row in enumerate(source.lines) if re.match(r"\s*except [\w.]+ as \w+:", row)]
    if not rows:
        return None
    lines = list(source.lines)
    for n in rows:
        lines[n] = re.sub(r" as (\w+):", r", \1:", lines[n], count=1)
    return "except", "".join(lines)


def _old_raise(rng: random.Random, source: Source) -> tuple[str, str] | None:
    found = [
        n
        for n in ast.walk(source.tree)
        if isinstance(n, ast.Raise)
        and isinstance(n.exc, ast.Call)
        and len(n.exc.args) == 1
        and not n.exc.keywords
        and not n.cause
        and n.lineno == n.end_lineno
        and not isinstance(n.exc.args[0], (ast.Starred, ast.GeneratorExp))
    ]
    if not found:
        return None
    text = source.text
    node = rng.choice(found)
    call = node.exc
    assert isinstance(call, ast.Call)
    first, last = source.span(call)
    name, arg = text[slice(*source.span(call.func))], text[slice(*source.span(call.args[0]))]
    return "raise", text[:first] + f"{name}, {arg}" + text[last:]


def _unequal(rng: random.Random, source: Source) -> tuple[str, str] | None:
    places = _words(source, "!=")
    return ("ne", _swap(source.text, places, "<>")) if places else None


def _octal(rng: random.Random, source: Source) -> tuple[str, str] | None:
    found = list(re.finditer(r"\b0o(?=[0-7]+\b)", source.text))
    return ("octal", _swap(source.text, [m.span() for m in found], "0")) if found else None


def _exec(rng: random.Random, source: Source) -> tuple[str, str] | None:
    found = list(re.finditer(r"(?m)^\s*exec\((\w+)\)$", source.text))
    if not found:
        return None
    one = rng.choice(found)
    return "exec", source.replaced(*one.span(), one.group().replace("(", " ").replace(")", ""))


def _backticks(rng: random.Random, source: Source) -> tuple[str, str] | None:
    found = list(re.finditer(r"\brepr\((\w+)\)", source.text))
    found = [m for m in found if not _in_string(source, m.start())]
    if not found:
        return None
    one = rng.choice(found)
    return "repr", source.replaced(*one.span(), f"`{one[1]}`")


def _in_string(source: Source, at: int) -> bool:
    return any(
        source.at(*t.start) <= at < source.at(*t.end)
        for t in source.tokens
        if t.type == kinds.STRING
    )


def foreign_syntax(rng: random.Random, source: Source) -> Damaged | None:
    """Write a part of it as C, JavaScript or another language would."""
    makers = {
        "or": lambda: _swap(source.text, _words(source, "or"), "||"),
        "and": lambda: _swap(source.text, _words(source, "and"), "&&"),
        "not": lambda: _nots(source),
        "else_if": lambda: _swap(source.text, _words(source, "elif")[:1], "else if"),
        "let": lambda: _declared(rng, source),
        "new": lambda: _new(rng, source),
        "func_kw": lambda: _function(rng, source),
        "increment": lambda: _increment(rng, source),
        "semicolons_braces": lambda: _braced(rng, source),
        "throw": lambda: _thrown(rng, source),
        "catch": lambda: re.sub(r"(?m)^(\s*)except (\w+):", r"\1catch (\2):", source.text, count=1),
        "line_comment": lambda: re.sub(r"(?m)^(\s+)# ", r"\1// ", source.text, count=2),
    }
    for kind in rng.sample(sorted(makers), len(makers)):
        broken = makers[kind]()
        if broken and broken != source.text and tree_of(broken) is None:
            return Damaged("foreign_syntax", kind, source.text, broken)
    return None


def _nots(source: Source) -> str:
    places = [
        (first, last + 1)
        for first, last in _words(source, "not")
        if re.match(r" \w+[.:(\w]", source.text[last:])
        and source.text[:first].endswith(("if ", "and ", "or ", "return "))
    ]
    return _swap(source.text, places, "!")


def _assignments(source: Source) -> list[ast.Assign]:
    return [
        n
        for n in ast.walk(source.tree)
        if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name) and len(n.targets) == 1
    ]


def _declared(rng: random.Random, source: Source) -> str:
    nodes = _assignments(source)
    if not nodes:
        return ""
    at = source.span(rng.choice(nodes))[0]
    return source.replaced(at, at, rng.choice(("let ", "const ", "var ")))


def _new(rng: random.Random, source: Source) -> str:
    calls = [
        n.value
        for n in _assignments(source)
        if isinstance(n.value, ast.Call) and isinstance(n.value.func, ast.Name)
        and n.value.func.id[:1].isupper()
    ]  # fmt: skip
    if not calls:
        return ""
    at = source.span(rng.choice(calls))[0]
    return source.replaced(at, at, "new ")


def _function(rng: random.Random, source: Source) -> str:
    places = _words(source, "def")
    places = [p for p in places if "async" not in source.text[max(0, p[0] - 7) : p[0]]]
    return (
        _swap(source.text, [rng.choice(places)], rng.choice(("function", "func", "fn")))
        if places
        else ""
    )


def _increment(rng: random.Random, source: Source) -> str:
    found = list(re.finditer(r"(?m)^(\s*)(\w+) ([+-])= 1$", source.text))
    if not found:
        return ""
    one = rng.choice(found)
    return source.replaced(*one.span(), f"{one[1]}{one[2]}{one[3] * 2}")


def _braced(rng: random.Random, source: Source) -> str:
    found = list(re.finditer(r"(?m)^( +)(if|for|while) ([^:\n]+):\n((?:\1 +\S.*\n)+)", source.text))
    found = [m for m in found if not _in_string(source, m.start(2)) and "(" not in m[3]]
    if not found:
        return ""
    one = rng.choice(found)
    return source.replaced(*one.span(), f"{one[1]}{one[2]} ({one[3]}) {{\n{one[4]}{one[1]}}}\n")


def _thrown(rng: random.Random, source: Source) -> str:
    found = [n for n in ast.walk(source.tree) if isinstance(n, ast.Raise) and n.exc and not n.cause]
    if not found:
        return ""
    at = source.span(rng.choice(found))[0]
    return source.replaced(at, at + 5, rng.choice(("throw", "throw new")))


def json_literals(rng: random.Random, source: Source) -> Damaged | None:
    """Write the literals of JSON or JavaScript."""
    names = {
        "True": "true",
        "False": "false",
        "None": rng.choice(("null", "null", "undefined", "nil")),
    }
    tokens = [t for t in source.tokens if t.type == kinds.NAME and t.string in names]
    if not tokens or {"true", "false", "null", "undefined", "nil"} & source.names.bound:
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
    "jinja": ("{{{{ {} }}}}", "{{{{{}}}}}"), "dollar": ("${}",), "dollar_brace": ("${{{}}}",),
    "angle": ("<{}>",), "percent": ("%{}%",), "square": ("[{}]",), "at": ("@@{}@@",),
    "under": ("__{}__",), "erb": ("<%= {} %>",),
}  # fmt: skip


def template_vars(rng: random.Random, source: Source) -> Damaged | None:
    """Leave a name or a value to a template that never ran."""
    kind, forms = rng.choice(sorted(_HOLES.items()))
    variable = rng.choice(
        ("node_name", "class_name", "ClassName", "NODE_NAME", "serviceName", "name")
    )
    hole = rng.choice(forms).format(variable)
    nodes = [
        n
        for n in source.tree.body
        if isinstance(n, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    if rng.random() < 0.7 and nodes:
        name = rng.choice(nodes).name
        places = _words(source, name)
        if re.search(rf"['\"]{name}['\"]", source.text) or "self." + name in source.text:
            return None
        broken, masked = _swap(source.text, places, hole), _swap(source.text, places, MARK)
        if len(re.findall(rf"\b{name}\b", source.text)) != len(places):
            return None
        if tree_of(broken) is not None or tree_of(masked) is None:
            return None
        return Damaged("template_vars", f"ident:{kind}", masked, broken, check="wild")
    constants = [
        n.value
        for n in _assignments(source)
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


MAKERS = (python2, foreign_syntax, json_literals, template_vars, template_blocks, doubled_braces)
