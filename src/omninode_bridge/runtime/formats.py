"""Texts in the formats of JSON Schema: checked, and kept as the text that came in.

A value stays `str`, so that a dump gives back what was read, to the last digit and offset.
`parse_date_time` and its fellows read such texts where a program wants to calculate.
"""

from __future__ import annotations

from typing import Annotated, Any

from omninode_bridge.runtime.model_checks import Check, refuse
from omninode_bridge.runtime.model_patterns import MAX_TEXT
from omninode_bridge.runtime.model_texts import (
    FORMATS,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)

__all__ = [
    "DateText",
    "DateTimeText",
    "DurationText",
    "EmailText",
    "HostnameText",
    "IdnEmailText",
    "Ipv4Text",
    "Ipv6Text",
    "JsonPointerText",
    "RegexText",
    "TextFormat",
    "TimeText",
    "UriReferenceText",
    "UriText",
    "UuidText",
    "parse_date",
    "parse_date_time",
    "parse_duration",
    "parse_time",
]


class TextFormat(Check):
    """Check the format of a text (format)."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._holds = FORMATS[name]

    def _test(self, value: Any) -> None:
        if isinstance(value, str) and not (len(value) <= MAX_TEXT and self._holds(value)):
            raise refuse("format", "must be a text in the format {format}", format=self._name)


DateText = Annotated[str, TextFormat("date")]
DateTimeText = Annotated[str, TextFormat("date-time")]
DurationText = Annotated[str, TextFormat("duration")]
EmailText = Annotated[str, TextFormat("email")]
HostnameText = Annotated[str, TextFormat("hostname")]
IdnEmailText = Annotated[str, TextFormat("idn-email")]
Ipv4Text = Annotated[str, TextFormat("ipv4")]
Ipv6Text = Annotated[str, TextFormat("ipv6")]
JsonPointerText = Annotated[str, TextFormat("json-pointer")]
RegexText = Annotated[str, TextFormat("regex")]
TimeText = Annotated[str, TextFormat("time")]
UriReferenceText = Annotated[str, TextFormat("uri-reference")]
UriText = Annotated[str, TextFormat("uri")]
UuidText = Annotated[str, TextFormat("uuid")]
