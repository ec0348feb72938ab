"""What is wrong with a node contract, and where."""

from __future__ import annotations

from ._base import OmninodeBridgeError

__all__ = [
    "ContractError",
    "ContractInvalidError",
    "ContractReadError",
    "ContractSecurityError",
    "ContractSyntaxError",
    "NotAContractError",
    "UnsupportedFeatureError",
]


class ContractError(OmninodeBridgeError):
    """A node contract that cannot be used.

    Attributes:
        path: the file, as the user named it; None for text without a file.
        line: 1-based line of the fault, or None.
        column: 1-based column of the fault, or None.
        hint: what would be right, in one clause; empty where nothing better is known.
        related_lines: further 1-based lines that belong to the fault (the first of two equal keys).
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str = "",
        related_lines: tuple[int, ...] = (),
    ) -> None:
        super().__init__(message)
        self.path = path
        self.line = line
        self.column = column
        self.hint = hint
        self.related_lines = related_lines

    @property
    def message(self) -> str:
        """The sentence without its place."""
        return str(self.args[0]) if self.args else ""

    @property
    def place(self) -> str:
        """``path:line:column``, as far as it is known; empty for text without a file."""
        parts = [self.path or "", str(self.line or ""), str(self.column or "")]
        while parts and not parts[-1]:
            parts.pop()
        return ":".join(parts)

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return f"{text} ({self.hint})" if self.hint else text


class ContractReadError(ContractError):
    """A contract file that is missing, too large, binary, wrongly encoded or outside its folder."""


class ContractSyntaxError(ContractError):
    """A contract that is not YAML: a syntax error, duplicate keys, a cut-off file."""


class ContractInvalidError(ContractError):
    """YAML that is no contract that can be built."""


class NotAContractError(ContractInvalidError):
    """A file of another kind, or a fragment of a contract."""


class UnsupportedFeatureError(ContractError):
    """A contract that asks for something that does not exist here."""


class ContractSecurityError(ContractError):
    """A contract that would run or write what it must not."""
