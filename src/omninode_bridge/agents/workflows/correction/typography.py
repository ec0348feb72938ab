"""Typographic characters and the signs of code that they stand for."""

from __future__ import annotations

__all__ = ["DOUBLE", "SIGNS", "SINGLE", "folded"]

DOUBLE, SINGLE = "“”„‟″«»＂", "‘’‚‛′＇"
SIGNS = {
    "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "‒": "-", "×": "*", "÷": "/", "≤": "<=",
    "≥": ">=", "≠": "!=", chr(0x2192): "->", "…": "...", "∗": "*", "⁄": "/", "∶": ":", "·": ".", "¬": "not ",
    "，": ",", "。": ".", "、": ",", "；": ";", "：": ":", "（": "(", "）": ")", "【": "[", "】": "]",
    "「": '"', "」": '"', "＝": "=", "　": " ",
}  # fmt: skip

_FOLDED = str.maketrans(
    {
        **dict.fromkeys(DOUBLE, '"'),
        **dict.fromkeys(SINGLE, "'"),
        **SIGNS,
        "\u200b": "",
        "\ufeff": "",
    }
)


def folded(text: str) -> str:
    """Return the text with plain signs, so that one written the other way is not taken for lost."""
    return text if text.isascii() else text.translate(_FOLDED)
