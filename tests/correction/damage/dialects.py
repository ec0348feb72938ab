"""What other languages and older Pythons leave in generated code."""

from __future__ import annotations

import ast
import random
import re
import token as kinds

from ._judge import Damaged
from ._source import Source, tree_of

__all__ = ["MAKERS", "assignments", "swap", "words"]


def words(source: Source, *wanted: str) -> list[tuple[int, int]]:
    """Return where these names stand in code."""
    return [
        (source.at(*t.start), source.at(*t.end))
        for t in source.tokens
        if t.type in (kinds.NAME, kinds.OP) and t.string in wanted
    ]


def swap(text: str, places: list[tuple[int, int]], new: str) -> str:
    """Write something in these places."""
    for first, last in sorted(places, reverse=True):
        text = text[:first] + new + text[last:]
    return text


def python2(rng: random.Random, source: Source) -> Damaged | None:
    """Write it as Python 2 had it."""
    makers = [
        _print_statement, _old_except, _old_raise, _unequal, _octal, _exec, _backticks, _long,
        _raw_unicode, _print_to,
    ]  # fmt: skip
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
    rows = [
        n
        for n, row in enumerate(source.lines)
        if re.match(r"\s*except [\w.]+ as \w+:", row)
        and not _in_string(source, source.at(n + 1, len(row) - 1))
    ]
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
    places = words(source, "!=")
    return ("ne", swap(source.text, places, "<>")) if places else None


def _octal(rng: random.Random, source: Source) -> tuple[str, str] | None:
    found = list(re.finditer(r"\b0o(?=[0-7]+\b)", source.text))
    return ("octal", swap(source.text, [m.span() for m in found], "0")) if found else None


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


def _long(rng: random.Random, source: Source) -> tuple[str, str] | None:
    found = [t for t in source.tokens if t.type == kinds.NUMBER and t.string.isdigit()]
    if not found:
        return None
    chosen = rng.sample(found, min(len(found), 3))
    places = [(source.at(*t.end), source.at(*t.end)) for t in chosen]
    return "long", swap(source.text, places, "L")


def _raw_unicode(rng: random.Random, source: Source) -> tuple[str, str] | None:
    found = [t for t in source.tokens if t.type == kinds.STRING and t.string[:2] in ('r"', "r'")]
    if not found or any("\\u" in t.string or "\\U" in t.string for t in found):
        return None
    places = [(source.at(*t.start), source.at(*t.start)) for t in found]
    return "ur", swap(source.text, places, "u")


def _print_to(rng: random.Random, source: Source) -> tuple[str, str] | None:
    pattern = r"(?m)^(\s*)print\(([^()\n]+), file=([\w.]+)\)$"
    found = [m for m in re.finditer(pattern, source.text) if not _in_string(source, m.start(2))]
    text = source.text
    for one in reversed(found):
        new = f"{one[1]}print >>{one[3]}, {one[2]}"
        text = text[: one.start()] + new + text[one.end() :]
    plain = re.sub(r"(?m)^(\s*)print\((\"[^\"\n]*\")\)$", r"\1print \2", text)
    return ("print_to", plain) if found and plain != text else None


def _in_string(source: Source, at: int) -> bool:
    return any(
        source.at(*t.start) <= at < source.at(*t.end)
        for t in source.tokens
        if t.type == kinds.STRING
    )


def foreign_syntax(rng: random.Random, source: Source) -> Damaged | None:
    """Write a part of it as C, JavaScript or another language would."""
    makers = {
        "or": lambda: swap(source.text, words(source, "or"), "||"),
        "and": lambda: swap(source.text, words(source, "and"), "&&"),
        "not": lambda: _nots(source),
        "else_if": lambda: swap(source.text, words(source, "elif")[:1], "else if"),
        "let": lambda: _declared(rng, source),
        "new": lambda: _new(rng, source),
        "func_kw": lambda: _function(rng, source),
        "increment": lambda: _increment(rng, source),
        "semicolons_braces": lambda: _braced(rng, source),
        "throw": lambda: _thrown(rng, source),
        "catch": lambda: re.sub(r"(?m)^(\s*)except (\w+):", r"\1catch (\2):", source.text, count=1),
        "ternary": lambda: _ternary(rng, source),
        "arrow": lambda: _arrow(source),
        "strict": lambda: swap(source.text, words(source, "=="), "==="),
        "strict_not": lambda: swap(source.text, words(source, "!="), "!=="),
        "typed": lambda: _typed(rng, source),
        "modifier": lambda: _modifier(rng, source),
        "extends": lambda: re.sub(
            r"(?m)^class (\w+)\((\w+)\):", r"class \1 extends \2:", source.text
        ),
        "for_parens": lambda: _for_parens(rng, source),
        "all_braces": lambda: _all_braced(source),
        "block_comment": lambda: _commented(source, r"(?m)^( *)# (.*)$", r"\1/* \2 */", 2),
        "end_comment": lambda: _commented(
            source, r"(?m)(?<=\S)  # (?!type|noqa|:)(.*)$", r"  // \1", 2
        ),
        "several": lambda: _several(source),
        "line_comment": lambda: _commented(source, r"(?m)^(\s+)# ", r"\1// ", 2),
    }
    for kind in rng.sample(sorted(makers), len(makers)):
        broken = makers[kind]()
        if broken and broken != source.text and tree_of(broken) is None:
            return Damaged("foreign_syntax", kind, source.text, broken)
    return None


def _ternary(rng: random.Random, source: Source) -> str:
    found = [
        n
        for n in ast.walk(source.tree)
        if isinstance(n, (ast.Assign, ast.Return)) and isinstance(n.value, ast.IfExp)
        and n.value.lineno == n.value.end_lineno
        and not any(isinstance(x, ast.IfExp) for p in ast.iter_child_nodes(n.value) for x in ast.walk(p))
        and source.text[source.span(n)[1] :][:1] == "\n"
    ]  # fmt: skip
    if not found:
        return ""
    whole = rng.choice(found).value
    assert isinstance(whole, ast.IfExp)
    test, one, other = (
        source.text[slice(*source.span(x))] for x in (whole.test, whole.body, whole.orelse)
    )
    return source.replaced(*source.span(whole), f"{test} ? {one} : {other}")


def _arrow(source: Source) -> str:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Lambda) and node.lineno == node.end_lineno and node.args.args:
            first, last = source.span(node)
            names, body = source.text[first + 6 : last].split(":", 1)
            if "(" not in names and "*" not in names:
                return source.replaced(first, last, f"({names.strip()}) => {body.strip()}")
    return ""


def _typed(rng: random.Random, source: Source) -> str:
    nodes = [n for n in assignments(source) if isinstance(n.value, ast.Constant)]
    if not nodes:
        return ""
    node = rng.choice(nodes)
    kind = {str: ("String ", "string "), int: ("int ", "long "), bool: ("boolean ", "bool ")}
    assert isinstance(node.value, ast.Constant)
    names = kind.get(type(node.value.value))
    at = source.span(node)[0]
    return source.replaced(at, at, rng.choice(names)) if names else ""


def _modifier(rng: random.Random, source: Source) -> str:
    found = list(re.finditer(r"(?m)^( +)(?=def \w+\(self)", source.text))
    if not found:
        return ""
    at = rng.choice(found).end()
    return source.replaced(at, at, rng.choice(("public ", "private ", "protected ", "export ")))


def _for_parens(rng: random.Random, source: Source) -> str:
    found = list(re.finditer(r"(?m)^( *)for (\w+) in ([\w.]+(?:\([^()\n]*\))?):$", source.text))
    found = [m for m in found if not _in_string(source, m.start(2))]
    if not found:
        return ""
    one = rng.choice(found)
    head = rng.choice(
        (
            "for (const {0} of {1}):",
            "foreach ({0} in {1}):",
            "for ({0} in {1}):",
            "for (let {0} of {1}):",
        )
    )
    return source.replaced(*one.span(), one[1] + head.format(one[2], one[3]))


def _all_braced(source: Source) -> str:
    """Give braces to every block of a function."""
    nodes = [n for n in source.tree.body if isinstance(n, ast.FunctionDef) and not n.decorator_list]
    for node in nodes:
        rows = source.lines[node.lineno - 1 : node.end_lineno]
        held = "".join(rows)
        if any(sign in held for sign in ("\\", "#", "'", '"', "lambda", "{", "[")) or len(rows) < 3:
            continue
        if any(
            row.rstrip().endswith(":") and not row.split()[0].rstrip(":").isidentifier()
            for row in rows
        ):
            continue
        if any(row.rstrip().endswith(":") and row.count("(") != row.count(")") for row in rows):
            continue
        done, open_at = [], []
        for row in rows:
            pad = len(row) - len(row.lstrip())
            while row.strip() and open_at and pad <= open_at[-1]:
                done.append(" " * open_at.pop() + "}\n")
            head = row.rstrip()
            if head.endswith(":"):
                open_at.append(pad)
                row = head[:-1] + " {\n"
            done.append(row)
        done += [" " * at + "}\n" for at in reversed(open_at)]
        text = "".join(done)
        if tree_of(source.text) is not None and held.count("(") == held.count(")"):
            return source.text.replace(
                held, re.sub(r"}\n( *)(else|elif|except|finally)", r"} \2", text)
            )
    return ""


def _several(source: Source) -> str:
    """Write conditions, comments and branches of one file as JavaScript has them."""
    text = swap(source.text, words(source, "and"), "&&")
    changed = Source(source.name, text)
    rows = {source.text.count("\n", 0, first) for first, _ in words(source, "elif")}
    lines = [
        re.sub(r"^( *)elif ", r"\1else if ", row) if n in rows else row
        for n, row in enumerate(changed.lines)
    ]
    strings = [range(t.start[0], t.end[0] + 1) for t in source.tokens if t.type == kinds.STRING]
    for n, row in enumerate(lines):
        if not any(n + 1 in span for span in strings):
            lines[n] = re.sub(r"^( +)# ", r"\1// ", row)
    return "".join(lines)


def _commented(source: Source, pattern: str, new: str, count: int) -> str:
    """Write comments, not what looks like them in strings, another way."""
    text, left = source.text, count
    for found in reversed(list(re.finditer(pattern, source.text))):
        if left and not _in_string(source, found.end() - 1):
            text = text[: found.start()] + found.expand(new) + text[found.end() :]
            left -= 1
    return text


def _nots(source: Source) -> str:
    places = [
        (first, last + 1)
        for first, last in words(source, "not")
        if re.match(r" \w+[.:(\w]", source.text[last:])
        and source.text[:first].endswith(("if ", "and ", "or ", "return "))
    ]
    return swap(source.text, places, "!")


def assignments(source: Source) -> list[ast.Assign]:
    """Return the assignments to one plain name."""
    return [
        n
        for n in ast.walk(source.tree)
        if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name) and len(n.targets) == 1
    ]


def _declared(rng: random.Random, source: Source) -> str:
    nodes = assignments(source)
    if not nodes:
        return ""
    at = source.span(rng.choice(nodes))[0]
    return source.replaced(at, at, rng.choice(("let ", "const ", "var ")))


def _new(rng: random.Random, source: Source) -> str:
    calls = [
        n.value
        for n in assignments(source)
        if isinstance(n.value, ast.Call) and isinstance(n.value.func, ast.Name)
        and n.value.func.id[:1].isupper()
    ]  # fmt: skip
    if not calls:
        return ""
    at = source.span(rng.choice(calls))[0]
    return source.replaced(at, at, "new ")


def _function(rng: random.Random, source: Source) -> str:
    places = words(source, "def")
    places = [p for p in places if "async" not in source.text[max(0, p[0] - 7) : p[0]]]
    return (
        swap(source.text, [rng.choice(places)], rng.choice(("function", "func", "fn")))
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


MAKERS = (python2, foreign_syntax)
