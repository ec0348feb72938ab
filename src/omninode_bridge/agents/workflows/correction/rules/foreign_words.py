"""Words of other languages: `let`, `new`, `function`, `throw`, `catch`, `else if`, `foreach` and more."""

from __future__ import annotations

import re
from collections.abc import Callable

from .habits import Code, Edit, Habit

__all__ = ["WORDS"]

_START = r"(?P<pad>(?:^|[;{}])[ \t]*)"
_DECLARING = (
    r"(?:let|const|var|val|final|auto|local|my|our|mut|readonly|volatile|constexpr|dim|Dim)"
)
_ACCESS = (
    r"(?:public|private|protected|internal|export|default|pub|override|abstract|final|inline|virtual"
    r"|sealed|open|suspend|unsafe|extern)"
)
_TYPE = (
    r"(?:int|float|double|long|short|byte|char|bool|boolean|string|str|list|dict|tuple|set|object|any|number"
    r"|[A-Z]\w*|i32|i64|u32|u64|usize|f32|f64)(?:<[\w<>, ]{0,60}>|\[\]|\[[\w, .]{1,60}\])?(?:\[\])*[?*&]?"
)
_NAME = r"[A-Za-z_]\w*"
_LINE_END = r"(?=[ \t]*(?:\#[^\r\n]*)?(?:\r|\n|\Z))"


def _rewritten(
    pattern: str, write: Callable[[re.Match[str]], str | None]
) -> Callable[[Code], list[Edit]]:
    compiled = re.compile(pattern, re.MULTILINE)

    def find(code: Code) -> list[Edit]:
        edits = []
        for match in compiled.finditer(code.text):
            at = match.start("key")
            made = write(match) if code.spans.is_code(at) and not code.inside(at) else None
            if made is not None and made != match.group():
                edits.append(Edit(match.start(), match.end(), made))
        return edits

    return find


def _anywhere(pattern: str, write: Callable[[re.Match[str]], str]) -> Callable[[Code], list[Edit]]:
    compiled = re.compile(pattern)

    def find(code: Code) -> list[Edit]:
        return [
            Edit(match.start(), match.end(), write(match))
            for match in compiled.finditer(code.text)
            if code.spans.is_code(match.start())
        ]

    return find


def _declared(match: re.Match[str]) -> str:
    return match["pad"] + match["name"]


def _caught(match: re.Match[str]) -> str:
    """`catch (X e)`, `catch (X)`, `catch (e)`, `catch X as e` and `catch`."""
    said = (match["what"] or "").strip()
    said = said[1:-1].strip() if said.startswith("(") and said.endswith(")") else said
    pad, end = match["pad"], match["end"] or ""
    if not said:
        return f"{pad}except Exception{end}"
    found = re.fullmatch(
        r"(?:final[ \t]+)?(?:const[ \t]+)?([\w.]+(?:[ \t]*\|[ \t]*[\w.]+)*)[ \t]*(?:(?:as[ \t]|[ \t&])[ \t]*\$?(\w+))?",
        said,
    )
    if found is None:
        return f"{pad}except {said}{end}"
    kind, name = found[1], found[2]
    if name is None and kind.isidentifier() and kind[0].islower():
        kind, name = "Exception", kind
    if "|" in kind:
        kind = "(" + ", ".join(part.strip() for part in kind.split("|")) + ")"
    return f"{pad}except {kind} as {name}{end}" if name else f"{pad}except {kind}{end}"


def _derived(match: re.Match[str]) -> str:
    bases = re.sub(r"[ \t]*\bimplements\b[ \t]*", ", ", match["bases"]).strip(" ,\t")
    return f"{match['pad']}class {match['name']}({bases}){match['end']}"


def _counted(match: re.Match[str]) -> str | None:
    """`for (int i = a; i < b; i++)` as a range."""
    name, first, sign, last, step = (match[n] for n in ("name", "first", "sign", "last", "step"))
    first, last = first.strip(), last.strip()
    by = {"++": "1", "--": "-1"}.get(step) or f"{'-' if step[0] == '-' else ''}{step[2:].strip()}"
    down = by.startswith("-")
    if down != (sign[0] == ">"):
        return None
    if "=" in sign:
        last = f"{last} {'-' if down else '+'} 1"
    parts = [first, last, by] if by != "1" else [first, last] if first != "0" else [last]
    return f"{match['pad']}for {name} in range({', '.join(parts)}){match['end'] or ''}"


def _looped(match: re.Match[str]) -> str | None:
    """`for (const x of y)`, `foreach (x in y)` and `for x of y`."""
    plain = match["key"] == "for" and match["word"] == "in" and not match["kind"]
    if plain and not match["open"]:
        return None
    return f"{match['pad']}for {match['name'].strip('[]')} in {match['over']}{match['end'] or ''}"


_END = r"(?P<end>[ \t]*[:{])?"
WORDS = (
    Habit(
        "wrote 'elif'",
        re.compile(r"\bels(?:e[ \t]*|)if\b"),
        _rewritten(_START + r"(?P<key>else[ \t]*if|elsif)\b", lambda m: f"{m['pad']}elif"),
    ),
    Habit(
        "took off the words that declare variables",
        re.compile(rf"\b{_DECLARING}\b[ \t]"),
        _rewritten(
            rf"{_START}(?:{_ACCESS}[ \t]+|static[ \t]+)*(?P<key>{_DECLARING})[ \t]+(?:mut[ \t]+)?(?:{_TYPE}[ \t]+)?"
            rf"(?P<name>[\$@]?{_NAME}(?=[ \t]*(?:=(?!=)|:[^\r\n=]{{1,60}}=|,[ \t]*\w[^\r\n]*=))|[\[(][\w, \t]{{1,80}}[\])](?=[ \t]*=))",
            _declared,
        ),
    ),
    Habit(
        "took off the types before variables",
        re.compile(rf"\b{_TYPE}[ \t]+{_NAME}[ \t]*="),
        _rewritten(
            rf"{_START}(?:{_ACCESS}[ \t]+|static[ \t]+)*(?P<key>{_TYPE})[ \t]+(?P<name>{_NAME}(?=[ \t]*=(?!=)))",
            lambda m: None if m["key"] in ("True", "False", "None") else _declared(m),
        ),
    ),
    Habit(
        "took off 'new'",
        re.compile(r"\bnew[ \t]"),
        _anywhere(rf"(?<![\w.])new[ \t]+(?={_NAME}(?:\.{_NAME})*[ \t]*[(<])", lambda m: ""),
    ),
    Habit(
        "wrote 'def'",
        re.compile(r"\b(?:function|func|fn|fun|sub|proc|method)\b[ \t]"),
        _rewritten(
            rf"{_START}(?P<async>async[ \t]+)?(?P<key>function\*?|func|fn|fun|sub|proc|method)[ \t]+(?=(?:def[ \t]+)?{_NAME}[ \t]*[(\[<])(?:def[ \t]+)?",
            lambda m: f"{m['pad']}{m['async'] or ''}def ",
        ),
    ),
    Habit(
        "took off the words before a definition",
        re.compile(rf"\b{_ACCESS}\b"),
        _rewritten(
            rf"{_START}(?P<key>{_ACCESS}(?:\([a-z]+\))?)[ \t]+(?:{_ACCESS}[ \t]+)*(?=(?:async[ \t]+)?(?:def|class|function|func|fn|fun)\b)",
            lambda m: m["pad"],
        ),
    ),
    Habit(
        "wrote 'raise'",
        re.compile(r"\bthrow\b"),
        _rewritten(
            rf"{_START}(?P<key>throw)(?=[ \t]+{_NAME}|[ \t]*;)(?:[ \t]+new\b)?",
            lambda m: f"{m['pad']}raise",
        ),
    ),
    Habit(
        "wrote 'except'",
        re.compile(r"\b(?:catch|rescue)\b"),
        _rewritten(
            rf"{_START}(?P<key>catch|rescue)\b(?P<what>[ \t]*\([^()\r\n]{{0,120}}\)|[ \t]+[\w.]+(?:[ \t]+as[ \t]+\w+)?)?(?P<end>[ \t]*[:{{])",
            _caught,
        ),
    ),
    Habit(
        "wrote the bases of a class in brackets",
        re.compile(r"\bextends\b|\bimplements\b"),
        _rewritten(
            rf"{_START}(?P<key>class)[ \t]+(?P<name>{_NAME})[ \t]+(?:extends|implements)[ \t]+(?P<bases>[\w., \t]{{1,120}}?)(?P<end>[ \t]*[:{{])",
            _derived,
        ),
    ),
    Habit(
        "wrote a loop over a range",
        re.compile(r"\bfor[ \t]*\("),
        _rewritten(
            rf"{_START}(?P<key>for)[ \t]*\([ \t]*(?:(?:{_DECLARING}|{_TYPE})[ \t]+)?(?P<name>{_NAME})[ \t]*=(?P<first>[^;=\r\n]{{1,60}});[ \t]*(?P=name)[ \t]*(?P<sign>[<>]=?)(?P<last>[^;\r\n]{{1,80}});[ \t]*(?:(?P=name)[ \t]*)?(?P<step>\+\+|--|[+-]=[ \t]*\w{{1,20}})(?:[ \t]*(?P=name))?[ \t]*\){_END}",
            _counted,
        ),
    ),
    Habit(
        "wrote 'for ... in'",
        re.compile(r"\bfor(?:each)?\b[ \t]*\(|\bforeach\b|\bfor\b[^\r\n]*\bof\b"),
        _rewritten(
            rf"{_START}(?P<key>for(?:each)?)[ \t]*(?P<open>\()?[ \t]*(?P<kind>(?:{_DECLARING}|{_TYPE})[ \t]+)?(?P<name>[\w, \t]{{1,60}}?|\[[\w, \t]{{1,60}}\])[ \t]+(?P<word>in|of)[ \t]+(?P<over>[^\r\n{{]{{1,120}}?)(?(open)\)){_END}(?=[ \t]*(?:\#[^\r\n]*)?$)",
            _looped,
        ),
    ),
    Habit(
        "wrote 'if not' for 'unless'",
        re.compile(r"\bunless\b|\buntil\b"),
        _rewritten(
            rf"{_START}(?P<key>unless|until)\b[ \t]*(?P<test>[^\r\n:{{]{{1,160}}?)(?P<end>[ \t]*[:{{]){_LINE_END}",
            lambda m: (
                f"{m['pad']}{'if' if m['key'] == 'unless' else 'while'} not ({m['test']}){m['end']}"
            ),
        ),
    ),
    Habit(
        "wrote 'del'",
        re.compile(r"\bdelete\b"),
        _rewritten(rf"{_START}(?P<key>delete)[ \t]+(?={_NAME})", lambda m: f"{m['pad']}del "),
    ),
    Habit(
        "wrote '=' for ':='",
        re.compile(r":="),
        _rewritten(
            rf"{_START}(?P<name>{_NAME})[ \t]*(?P<key>:=)", lambda m: f"{m['pad']}{m['name']} ="
        ),
    ),
)
