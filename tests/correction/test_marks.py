"""Marks that are lost, doubled or of the wrong kind, and words that are mistyped."""

from __future__ import annotations

import sys

import pytest

from omninode_bridge.agents.workflows.correction import correct_code

from .damage import cases, run

PAIRS = {
    "bracket at the end of a line": ("x = len([1]\ny = 2\n", "x = len([1])\ny = 2\n"),
    "bracket before a colon": (
        "def f(a, b:\n    return a\n",
        "def f(a, b):\n    return a\n",
    ),
    "bracket on its own line": (
        "x = max(\n    1,\n    2,\ny = 2\n",
        "x = max(\n    1,\n    2,\n)\ny = 2\n",
    ),
    "inner bracket on its own line": (
        "x = max(\n    min(\n        1,\n        2,\n)\n",
        "x = max(\n    min(\n        1,\n        2,\n    )\n)\n",
    ),
    "bracket that opens": (
        "class A:\n    def getself, key):\n        return key\n",
        "class A:\n    def get(self, key):\n        return key\n",
    ),
    "bracket too many": ("x = len([1]))\n", "x = len([1])\n"),
    "wrong bracket": ("x = len([1)\n", "x = len([1])\n"),
    "quote before a bracket": ("d = {}\nd['a] = 1\n", "d = {}\nd['a'] = 1\n"),
    "quote at the end": ("x = 'abc\ny = 1\n", "x = 'abc'\ny = 1\n"),
    "docstring on one line": (
        'def f(x):\n    """Give it.\n    return x\n',
        'def f(x):\n    """Give it."""\n    return x\n',
    ),
    "docstring on several lines": (
        'def f(x):\n    """Give it.\n\n    Really: as it is.\n    return x\n\n\ndef g():\n    """More."""\n',
        'def f(x):\n    """Give it.\n\n    Really: as it is.\n    """\n    return x\n\n\ndef g():\n    """More."""\n',
    ),
    "comma on one line": ("x = max(1 2)\n", "x = max(1, 2)\n"),
    "comma at the end of a line": (
        "x = [\n    'a',\n    'b'\n    3,\n]\n",
        "x = [\n    'a',\n    'b',\n    3,\n]\n",
    ),
    "comma of an import": (
        "from abc import ABC abstractmethod\n",
        "from abc import ABC, abstractmethod\n",
    ),
    "comparison": ("x = 1\nif x = 1:\n    x = 2\n", "x = 1\nif x == 1:\n    x = 2\n"),
    "comparison among others": (
        "x = 1\nassert x and x = 1\n",
        "x = 1\nassert x and x == 1\n",
    ),
    "argument given twice": ("x = dict(a=1, b=2, a=1)\n", "x = dict(a=1, b=2)\n"),
    "order of parameters": (
        "def f(a=1, b, *, c=2):\n    return a, b, c\n",
        "def f(b, a=1, *, c=2):\n    return a, b, c\n",
    ),
    "typographic quotes": ("x = [“a”, ‘b’]\n", "x = [\"a\", 'b']\n"),
    "no-break spaces": ("if 1:\n\u00a0\u00a0\u00a0\u00a0x\u00a0= 1\n", "if 1:\n    x = 1\n"),
    "wide signs": ("x = max（1， 2）\n", "x = max(1, 2)\n"),
    "no width": ("x\u200b = 1\n", "x = 1\n"),
    "keyword with swapped letters": ("def f(x):\n    retrun x\n", "def f(x):\n    return x\n"),
    "keyword with a letter too many": ("deff f(x):\n    return x\n", "def f(x):\n    return x\n"),
    "keyword in capitals": ("Import os\n", "import os\n"),
    "keyword inside": ("x = [i fro i in range(3)]\n", "x = [i for i in range(3)]\n"),
}


@pytest.mark.parametrize("kind", PAIRS)
def test_one_mark_is_put_right(kind: str) -> None:
    """The smallest edit that the error calls for, and correcting it again changes nothing."""
    broken, right = PAIRS[kind]

    found = correct_code(broken)

    assert found.code == right
    assert found.success, found.reason
    assert found.fixes
    assert correct_code(found.code).code == found.code


@pytest.mark.parametrize(
    ("code", "right"),
    [
        ('import re\nx = re.sub("\\d+", "", "a1")\n', 'import re\nx = re.sub(r"\\d+", "", "a1")\n'),
        ('import re\nx = re.compile("\\w\\b")\n', 'import re\nx = re.compile(r"\\w\\b")\n'),
        ('x = "5\\% of it\\n"\n', 'x = "5\\\\% of it\\n"\n'),
    ],
)
def test_invalid_escapes_become_what_was_meant(code: str, right: str) -> None:
    """A pattern becomes raw, any other text keeps its valid escapes."""
    found = correct_code(code, SyntaxWarning("invalid escape sequence '\\d'"))

    assert found.success, found.reason
    assert found.code == right


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python allows it")
def test_quotes_of_an_f_string_inside_of_it() -> None:
    """Python before 3.12 ends the f-string at its own quote."""
    found = correct_code('d = {"a": 1}\nx = f"{d["a"]} and {d["a"]}"\n')

    assert found.code == "d = {\"a\": 1}\nx = f\"{d['a']} and {d['a']}\"\n"
    assert found.success


@pytest.mark.parametrize(
    "unclear",
    [
        "def f(a, b):\n    return len(a == b\n\n\nx = 1\n",
        "x = dict(a=1, a=2)\n",
        "def f(a, b, c):\n    return (a b c d\n",
        "name = 1\nprint('hello, name)\n",
        "x = f(a), b)\n",
    ],
)
def test_two_readings_are_declined(unclear: str) -> None:
    """Where nobody can tell what was meant, nothing is claimed."""
    assert not correct_code(unclear).success


@pytest.mark.parametrize(
    "fine",
    [
        "x = '“quoted”'  # ‘this’ too\n",
        "fro = 1\nx = fro\n",
        "x = ('a'\n     'b')\n",
        'x = "\\\\d"\n',
        "x = [\n    'a'\n    'b',\n]\n",
    ],
)
def test_what_is_right_stays(fine: str) -> None:
    """Strings, comments and names are not touched."""
    found = correct_code(fine, SyntaxError("invalid syntax"))

    assert found.code == fine


CLASSES = (
    "bracket_missing", "bracket_extra", "quote_missing", "missing_colon", "missing_comma",
    "smart_quotes", "unicode_chars", "keyword_typo", "assign_in_condition", "invalid_escape",
    "repeated_kwarg", "param_order",
)  # fmt: skip


def test_most_damaged_files_come_back_and_hardly_any_wrong() -> None:
    """Files of this Python, damaged at random places."""
    outcomes = [run(case)[1].outcome for case in cases(12, 4, CLASSES, files=60)]

    assert outcomes.count("repaired") >= 0.9 * len(outcomes)
    assert outcomes.count("false") <= 0.03 * len(outcomes)
