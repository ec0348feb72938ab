"""Brackets, quotes, commas, colons and characters that are lost, doubled or of the wrong kind."""

from __future__ import annotations

import ast
import random
import re
import token as kinds
import tokenize

from ._judge import Damaged
from ._source import Source

__all__ = ["MAKERS"]

_PAIRS = {"(": ")", "[": "]", "{": "}"}


def _ops(source: Source, chars: str) -> list[tokenize.TokenInfo]:
    return [t for t in source.tokens if t.type == kinds.OP and t.string in chars]


def _cut(source: Source, token: tokenize.TokenInfo, new: str = "") -> str:
    return source.replaced(source.at(*token.start), source.at(*token.end), new)


def _pairs(source: Source) -> list[tuple[tokenize.TokenInfo, tokenize.TokenInfo]]:
    found, opened = [], []
    for token in source.tokens:
        if token.type == kinds.OP and token.string in _PAIRS:
            opened.append(token)
        elif token.type == kinds.OP and token.string in ")]}":
            found.append((opened.pop(), token))
    return found


def bracket_missing(rng: random.Random, source: Source) -> Damaged | None:
    """Lose a closing bracket where its place is clear, or the opening one of a `def`."""
    kind = rng.choice(("eol", "colon", "own_line", "opening_def"))
    for left, right in rng.sample(_pairs(source), len(_pairs(source))):
        line = source.lines[right.start[0] - 1]
        after = line[right.end[1] :].split("#")[0].strip()
        if kind == "own_line" and line.strip() == right.string and left.start[0] != right.start[0]:
            rows = list(source.lines)
            del rows[right.start[0] - 1]
            return Damaged("bracket_missing", kind, source.text, "".join(rows))
        same = left.start[0] == right.start[0]
        if kind == "eol" and same and not after and line[: right.start[1]].count(right.string) == 0:
            return Damaged("bracket_missing", kind, source.text, _cut(source, right))
        if kind == "colon" and same and after == ":" and right.string == ")":
            return Damaged("bracket_missing", kind, source.text, _cut(source, right))
        if (
            kind == "opening_def"
            and re.match(r"\s*(async )?def \w+$", line[: left.start[1]])
            and same
        ):
            return Damaged("bracket_missing", kind, source.text, _cut(source, left))
    return None


def bracket_extra(rng: random.Random, source: Source) -> Damaged | None:
    """Close once too often, or with another bracket."""
    closing = _ops(source, ")]}")
    if not closing:
        return None
    token = rng.choice(closing)
    kind = rng.choice(("extra", "mismatch"))
    if kind == "extra":
        after = source.lines[token.start[0] - 1][token.end[1] :].strip()
        if after not in ("", ":"):
            return None
        return Damaged("bracket_extra", kind, source.text, _cut(source, token, token.string * 2))
    other = rng.choice([c for c in ")]}" if c != token.string])
    return Damaged("bracket_extra", kind, source.text, _cut(source, token, other))


def quote_missing(rng: random.Random, source: Source) -> Damaged | None:
    """Lose the closing quote of a string."""
    kind = rng.choice(("close", "triple_oneline", "triple_multiline"))
    strings = [t for t in source.tokens if t.type == kinds.STRING]
    for token in rng.sample(strings, len(strings)):
        text = token.string
        triple = text.endswith(('"""', "'''"))
        one = token.start[0] == token.end[0]
        end = source.at(*token.end)
        if kind == "close" and not triple and one and len(text) > 3:
            after = source.lines[token.end[0] - 1][token.end[1] :].strip()
            if re.fullmatch(r"[\])},:]*", after):
                return Damaged(
                    "quote_missing", kind, source.text, source.replaced(end - 1, end, "")
                )
        elif kind == "triple_oneline" and triple and one:
            return Damaged("quote_missing", kind, source.text, source.replaced(end - 3, end, ""))
        elif kind == "triple_multiline" and triple and not one:
            row = source.lines[token.end[0] - 1]
            if row.strip() == text[-3:]:
                rows = list(source.lines)
                del rows[token.end[0] - 1]
                return Damaged("quote_missing", kind, source.text, "".join(rows))
    return None


def missing_colon(rng: random.Random, source: Source) -> Damaged | None:
    """Lose the colon of one or two block headers."""
    ends = [
        t
        for t, after in zip(source.tokens, source.tokens[1:], strict=False)
        if t.string == ":" and t.type == kinds.OP and after.type == kinds.NEWLINE
    ]
    if not ends:
        return None
    chosen = rng.sample(ends, min(len(ends), rng.choice((1, 1, 2))))
    text = source.text
    for token in sorted(chosen, key=lambda t: t.start, reverse=True):
        at = source.at(*token.start)
        text = text[:at] + text[at + 1 :]
    return Damaged("missing_colon", f"x{len(chosen)}", source.text, text)


def missing_comma(rng: random.Random, source: Source) -> Damaged | None:
    """Lose a comma between two items on one line, or at the end of a line."""
    kind = rng.choice(("inline", "newline"))
    found = []
    depth = 0
    for token, after in zip(source.tokens, source.tokens[1:], strict=False):
        if token.type == kinds.OP and token.string in "([{":
            depth += 1
        elif token.type == kinds.OP and token.string in ")]}":
            depth -= 1
        elif token.string == "," and depth and after.type in (kinds.NAME, kinds.NUMBER):
            breaks = after.start[0] > token.start[0]
            if breaks == (kind == "newline"):
                found.append(token)
    if not found:
        return None
    return Damaged("missing_comma", kind, source.text, _cut(source, rng.choice(found)))


def smart_quotes(rng: random.Random, source: Source) -> Damaged | None:
    """Make the quotes typographic."""
    strings = [
        t for t in source.tokens if t.type == kinds.STRING and not t.string.endswith(('"""', "'''"))
    ]
    strings = [t for t in strings if t.string[0] in "\"'" and t.string.count(t.string[0]) == 2]
    if not strings:
        return None
    kind = rng.choice(("all", "some"))
    chosen = strings if kind == "all" else rng.sample(strings, min(len(strings), 2))
    text = source.text
    for token in sorted(chosen, key=lambda t: t.start, reverse=True):
        left, right = ("“", "”") if token.string[0] == '"' else ("‘", "’")
        first, last = source.at(*token.start), source.at(*token.end)
        text = text[:first] + left + text[first + 1 : last - 1] + right + text[last:]
    return Damaged("smart_quotes", kind, source.text, text)


def unicode_chars(rng: random.Random, source: Source) -> Damaged | None:
    """Put in characters that look like others, or like nothing."""
    kind = rng.choice(
        ("nbsp_indent", "nbsp_inline", "lsep", "zero_width", "fullwidth", "dash", "bom")
    )
    rows = list(source.lines)
    inside = {
        n for t in source.tokens if t.type == kinds.STRING for n in range(t.start[0], t.end[0])
    }
    plain = [
        n for n, row in enumerate(rows) if row.strip() and n + 1 not in inside and n not in inside
    ]
    if kind == "nbsp_indent":
        plain = [n for n in plain if rows[n].startswith("    ")]
    names = [
        t
        for t in source.tokens
        if t.type == kinds.OP and t.string in ("=", ",", "(", "-", ":", ")")
    ]
    if not plain or not names:
        return None
    if kind == "nbsp_indent":
        for n in rng.sample(plain, min(3, len(plain))):
            body = rows[n].lstrip(" ")
            rows[n] = "\u00a0" * (len(rows[n]) - len(body)) + body
        return Damaged("unicode_chars", kind, source.text, "".join(rows))
    if kind == "lsep":
        n = rng.choice(plain)
        rows.insert(n, "\u2028\n")
        return Damaged("unicode_chars", kind, source.text, "".join(rows))
    if kind == "bom":
        n = rng.choice(plain)
        rows[n] = "\ufeff" + rows[n]
        return Damaged("unicode_chars", kind, source.text, "".join(rows))
    if kind == "zero_width":
        token = rng.choice(names)
        return Damaged(
            "unicode_chars", kind, source.text, _cut(source, token, "\u200b" + token.string)
        )
    if kind == "nbsp_inline":
        spaced = [t for t in names if t.string == "=" and source.text[source.at(*t.end)] == " "]
        if not spaced:
            return None
        at = source.at(*rng.choice(spaced).end)
        return Damaged("unicode_chars", kind, source.text, source.replaced(at, at + 1, "\u00a0"))
    wide = {",": "，", "(": "（", ")": "）", ":": "："} if kind == "fullwidth" else {"-": "–"}
    chosen = [t for t in names if t.string in wide]
    if not chosen:
        return None
    token = rng.choice(chosen)
    return Damaged("unicode_chars", kind, source.text, _cut(source, token, wide[token.string]))


_TYPOS = {
    "return": "retrun", "def": "deff", "import": "improt", "from": "form", "class": "calss",
    "while": "whlie", "else": "esle", "elif": "elfi", "for": "fro", "in": "ni", "not": "nto",
    "yield": "yeild", "except": "excpet", "raise": "riase", "lambda": "lamdba", "with": "wiht",
    "if": "fi", "try": "tyr", "is": "si", "and": "adn", "await": "awiat", "async": "asnyc",
}  # fmt: skip


def keyword_typo(rng: random.Random, source: Source) -> Damaged | None:
    """Mistype a keyword."""
    found = [t for t in source.tokens if t.type == kinds.NAME and t.string in _TYPOS]
    if not found:
        return None
    token = rng.choice(found)
    word = token.string
    new = _TYPOS[word] if rng.random() < 0.6 else _mistyped(rng, word)
    return Damaged("keyword_typo", word, source.text, _cut(source, token, new))


def _mistyped(rng: random.Random, word: str) -> str:
    n = rng.randrange(len(word) - 1)
    if rng.random() < 0.5:
        return word[: n + 1] + word[n:]
    return word[:n] + word[n + 1] + word[n] + word[n + 2 :]


def assign_in_condition(rng: random.Random, source: Source) -> Damaged | None:
    """Write `=` for `==`."""
    found = []
    for node in ast.walk(source.tree):
        test = getattr(node, "test", None)
        if isinstance(test, ast.BoolOp):
            test = rng.choice(test.values)
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq):
            left, right = source.span(test.left)[1], source.span(test.comparators[0])[0]
            if source.text[left:right] == " == ":
                found.append((type(node).__name__, left))
    if not found:
        return None
    kind, at = rng.choice(found)
    return Damaged("assign_in_condition", kind, source.text, source.replaced(at, at + 4, " = "))


def invalid_escape(rng: random.Random, source: Source) -> Damaged | None:
    """Lose the `r` of a pattern, so that its escapes are none."""
    found = [
        t
        for t in source.tokens
        if t.type == kinds.STRING
        and re.match(r"r['\"](?!['\"]{2})", t.string)
        and re.search(r"\\[dswDSW.\[\]()$+*?| ]", t.string)
        and not re.search(r"\\[abfnrtvxuUN0-7\\'\"\n]", t.string)
    ]
    if not found:
        return None
    token = rng.choice(found)
    first = source.at(*token.start)
    bad = re.search(r"\\.", token.string)
    assert bad is not None
    error = SyntaxError(f"invalid escape sequence '{bad.group()}'")
    return Damaged(
        "invalid_escape",
        "lost_r",
        source.text,
        source.replaced(first, first + 1, ""),
        "escape",
        error,
    )


def fstring_quotes(rng: random.Random, source: Source) -> Damaged | None:
    """Use the quotes of an f-string inside of it, as 3.12 allows."""
    found = [
        t
        for t in source.tokens
        if t.type == kinds.STRING
        and re.match(r"[fF]\"[^\"\\]*\{[^{}\"]*'[^'\"{}]*'[^{}\"]*\}[^\"]*\"$", t.string)
    ]
    if not found:
        return None
    token = rng.choice(found)
    inner = re.sub(r"\{[^{}]*\}", lambda m: m.group().replace("'", '"'), token.string[2:-1])
    return Damaged("fstring_quotes", "x1", source.text, _cut(source, token, 'f"' + inner + '"'))


def repeated_kwarg(rng: random.Random, source: Source) -> Damaged | None:
    """Give a keyword argument twice."""
    calls = [n for n in ast.walk(source.tree) if isinstance(n, ast.Call)]
    calls = [n for n in calls if n.keywords and n.keywords[-1].arg and n.lineno == n.end_lineno]
    if not calls:
        return None
    node = rng.choice(calls)
    chosen = rng.choice([k for k in node.keywords if k.arg])
    first, last = source.span(chosen)
    end = source.span(node.keywords[-1])[1]
    return Damaged(
        "repeated_kwarg",
        "same",
        source.text,
        source.replaced(end, end, ", " + source.text[first:last]),
    )


def param_order(rng: random.Random, source: Source) -> Damaged | None:
    """Put a parameter with a default before one without."""
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            args = node.args
            names = args.args
            plain = len(names) - len(args.defaults)
            if args.posonlyargs or not args.defaults or plain < 1:
                continue
            last, first = names[plain - 1], names[plain]
            if last.arg in ("self", "cls"):
                continue
            a, b = source.span(last), (source.span(first)[0], source.span(args.defaults[0])[1])
            if "\n" not in source.text[a[0] : b[1]]:
                found.append((a, b))
    if not found:
        return None
    (a0, a1), (b0, b1) = rng.choice(found)
    text = source.text
    swapped = text[:a0] + text[b0:b1] + text[a1:b0] + text[a0:a1] + text[b1:]
    return Damaged("param_order", "swap", text, swapped, check="params")


MAKERS = (
    bracket_missing, bracket_extra, quote_missing, missing_colon, missing_comma, smart_quotes,
    unicode_chars, keyword_typo, assign_in_condition, invalid_escape, fstring_quotes,
    repeated_kwarg, param_order,
)  # fmt: skip
