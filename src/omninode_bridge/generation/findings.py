"""What a check of a contract found, in a form that a report, an error and a correction can use."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from omninode_bridge.errors import (
    ContractError,
    ContractInvalidError,
    ContractReadError,
    ContractSecurityError,
    ContractSyntaxError,
    UnsupportedFeatureError,
)

__all__ = ["Code", "Finding", "NodePath", "Severity", "as_finding", "gravest"]

NodePath = tuple[str | int, ...]
"""Keys and indexes from the top of a document down to one value."""


class Severity(StrEnum):
    """Whether a contract can be built in spite of a finding."""

    ERROR = "error"
    WARNING = "warning"


class Code(StrEnum):
    """The kinds of finding; stable, so that scripts can filter on them."""

    READ = "read"
    SYNTAX = "syntax"
    DUPLICATE_KEY = "duplicate-key"
    NOT_A_CONTRACT = "not-a-contract"
    SECURITY_NAME = "unsafe-name"
    SECURITY_SHELL = "shell-text"
    SECURITY_CODE = "code-text"
    SECURITY_FILE = "file-outside"
    UNSUPPORTED = "unsupported-feature"
    NODE_TYPE = "node-type"
    NAME = "name"
    VERSION = "version"
    OPERATIONS = "operations"
    KEY = "key"
    MIXIN_REQUIRED = "required-mixin"
    MIXIN_OPTIONAL = "optional-mixin"
    MIXIN_SETTING = "mixin-setting"
    MISSING_STATE = "missing-state"
    STATE = "state"
    SCHEMA = "schema"
    TYPE_NAME = "type-name"
    REFERENCE = "dangling-reference"
    PATTERN = "broken-pattern"
    DEFAULT = "refused-default"
    ENUM = "impossible-enum-value"
    CONTRADICTION = "contradiction"
    SUBCONTRACT = "dangling-subcontract"
    SUSPICIOUS = "suspicious"


_READ, _SYNTAX, _SECURITY, _UNSUPPORTED, _INVALID = range(5)
_KIND: dict[Code, int] = {
    Code.READ: _READ,
    Code.SYNTAX: _SYNTAX,
    Code.DUPLICATE_KEY: _SYNTAX,
    Code.SECURITY_NAME: _SECURITY,
    Code.SECURITY_SHELL: _SECURITY,
    Code.SECURITY_CODE: _SECURITY,
    Code.SECURITY_FILE: _SECURITY,
    Code.UNSUPPORTED: _UNSUPPORTED,
    Code.MIXIN_REQUIRED: _UNSUPPORTED,
    Code.MIXIN_OPTIONAL: _UNSUPPORTED,
}
_CLASSES: tuple[type[ContractError], ...] = (
    ContractReadError,
    ContractSyntaxError,
    ContractSecurityError,
    UnsupportedFeatureError,
    ContractInvalidError,
)
CURABLE = frozenset(
    {
        Code.NODE_TYPE,
        Code.NAME,
        Code.KEY,
        Code.MIXIN_OPTIONAL,
        Code.MIXIN_SETTING,
        Code.MISSING_STATE,
        Code.TYPE_NAME,
        Code.PATTERN,
        Code.DEFAULT,
        Code.ENUM,
    }
)
"""Codes that a correction or a degradation may remove; the others always end in an escalation."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault or oddity of a contract.

    Attributes:
        path: the file that holds the fault: the contract, or a file that it refers to.
        line: 1-based, or None.
        column: 1-based, or None.
        severity: an error prevents the contract from being built, a warning does not.
        code: the kind of fault.
        message: one clause, lower case, with the offending value.
        hint: what would be right, in one clause; may be empty.
        where: keys and indexes down to the value, within the document of `path`.
        related_lines: further lines that belong to the fault.
    """

    path: str
    line: int | None
    column: int | None
    severity: Severity
    code: Code
    message: str
    hint: str = ""
    where: NodePath = ()
    related_lines: tuple[int, ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether the contract cannot be built because of this."""
        return self.severity is Severity.ERROR

    @property
    def is_curable(self) -> bool:
        """Whether a correction or a degradation of this package may remove it."""
        return self.code in CURABLE

    def as_error(self) -> ContractError:
        """Return the error that says this, ready to be raised."""
        return _CLASSES[_KIND.get(self.code, _INVALID)](
            self.message,
            path=self.path,
            line=self.line,
            column=self.column,
            hint=self.hint,
            related_lines=self.related_lines,
        )


def as_finding(error: ContractError, *, path: str = "") -> Finding:
    """Turn an error of reading or parsing into a finding."""
    kind = next((i for i, cls in enumerate(_CLASSES) if isinstance(error, cls)), _INVALID)
    code = (Code.READ, Code.SYNTAX, Code.SECURITY_CODE, Code.UNSUPPORTED, Code.NOT_A_CONTRACT)[kind]
    return Finding(
        error.path or path,
        error.line,
        error.column,
        Severity.ERROR,
        code,
        error.message,
        error.hint,
        related_lines=error.related_lines,
    )


def gravest(findings: tuple[Finding, ...]) -> Finding | None:
    """Return the error to report first: security, then what nothing can cure, then the rest."""
    errors = [finding for finding in findings if finding.is_error]
    return min(errors, key=_rank, default=None)


def _rank(finding: Finding) -> tuple[bool, bool, bool, int]:
    kind = _KIND.get(finding.code, _INVALID)
    return (
        kind != _SECURITY,
        finding.code is not Code.NOT_A_CONTRACT,
        finding.is_curable,
        finding.line or 0,
    )
