"""The table is complete, and what it names exists."""

from __future__ import annotations

import ast
import hashlib
import io
import re
import tokenize
from functools import cache
from pathlib import Path

import pytest

from ._blocks import BLOCKS, GUIDE, PROMISING, Sentence, read_blocks, read_sentences, sentences
from ._table import BLOCK_TESTS, CAPTIONS, COMMENTS, MEASURED, PROMISES, SAID

HERE = Path(__file__).parent
PRINTED = "afc205bd5e5e002ce5456ab7063e603de935a1b17b8df7d91bfa5f64099e7c53"
ALSO = (
    "Key Features",
    "Performance Targets",
    "Level 1 - Minor",
    "Level 2 - Moderate",
    "Level 3 - Major",
    "Solutions",
)


@cache
def named_tests(path: Path) -> dict[str, str]:
    """Return the source of each test of a file by its name."""
    text = path.read_text(encoding="utf-8")
    return {
        node.name: ast.get_source_segment(text, node) or ""
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


def exists(test: str) -> bool:
    """Whether this test is there, and has the case that is named."""
    file, _, rest = test.partition("::")
    name, _, case = rest.partition("[")
    path = HERE.parent / file if "/" in file else HERE / file
    if name not in named_tests(path):
        return False
    return not case or f'"{case.rstrip("]")}"' in path.read_text(encoding="utf-8")


def promising() -> list[Sentence]:
    """Return the sentences that the table must have."""
    return [one for one in sentences() if one.label in {*PROMISING, *ALSO}]


def test_the_copy_is_the_guide() -> None:
    """The copy has the 42 blocks of the guide, one of them with three backticks inside a line."""
    assert sorted(BLOCKS) == list(range(1, 43))
    assert [n for n, block in BLOCKS.items() if "```" in block.text] == [19]
    assert len(re.findall("^```python$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)) == 42


def test_the_copy_is_verbatim() -> None:
    """Not one character of the copy is other than printed; a formatter that reaches it is noticed."""
    assert hashlib.sha256(GUIDE.read_bytes()).hexdigest() == PRINTED


def test_fences_are_anchored() -> None:
    """A fence inside a line closes nothing, and one that is never closed is refused."""
    page = "# One\n```python\nf'```{x}```'\n```\ntext\n"

    (block,) = read_blocks(page)

    assert (block.heading, block.line, block.text) == ("One", 3, "f'```{x}```'\n")
    with pytest.raises(ValueError, match="never closed"):
        list(read_blocks("```python\nx\n"))


def test_sentences_are_read() -> None:
    """An item is known by its heading and the label of its list; code has none."""
    page = (
        "### 1. One\n**Best For**:\n- this\n```python\n- not this\n```\n**Level** (5%):\n1. that\n"
    )

    assert [(s.heading, s.label, s.text) for s in read_sentences(page)] == [
        ("One", "Best For", "this"),
        ("One", "Level", "5%"),
        ("One", "Level", "that"),
    ]


@pytest.mark.parametrize("number", sorted(BLOCKS))
def test_a_test_runs_the_block(number: int) -> None:
    """The block has a test; that it runs to its end is checked when that test ends."""
    assert exists(BLOCK_TESTS[number])


def test_every_sentence_has_a_test() -> None:
    """Each promising sentence of the guide is in the table, and nothing else is."""
    wanted = {(one.heading, one.label, one.text) for one in promising()}
    there = {
        (heading, label, text)
        for heading, labels in PROMISES.items()
        for label, texts in labels.items()
        for text in texts
    }

    assert there == wanted
    assert len(wanted) == len(promising())
    assert MEASURED.keys() <= wanted


@pytest.mark.parametrize("sentence", promising(), ids=lambda one: f"{one.line}")
def test_a_test_asserts_the_sentence(sentence: Sentence) -> None:
    """The test that the table names is there."""
    test = PROMISES[sentence.heading][sentence.label][sentence.text]

    assert exists(test), test


@pytest.mark.parametrize("words", SAID)
def test_a_test_asserts_what_is_said(words: str) -> None:
    """What is said between the lists stands in the guide, and its test is there."""
    assert words in GUIDE.read_text(encoding="utf-8")
    assert exists(SAID[words]), SAID[words]


def test_every_purpose_is_there() -> None:
    """No purpose of a strategy is left out."""
    purposes = re.findall(r"^\*\*Purpose\*\*: .+$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)

    assert len(purposes) == 5
    assert SAID.keys() >= {*purposes}


@pytest.mark.parametrize("number", sorted(BLOCKS))
def test_every_comment_has_a_test(number: int) -> None:
    """Each comment of a block is held by a test, or only names the lines below it."""
    said = COMMENTS.get(number, {})
    tokens = tokenize.generate_tokens(io.StringIO(BLOCKS[number].text).readline)
    comments = [token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT]

    assert said.keys() == {*comments} - CAPTIONS
    for test in said.values():
        assert exists(test or BLOCK_TESTS[number]), test


def test_every_caption_is_printed() -> None:
    """The list of captions holds nothing that no block has."""
    printed = "".join(block.text for block in BLOCKS.values())

    assert [caption for caption in CAPTIONS if f"# {caption}" not in printed] == []
