"""One correction's workbench: candidates compiled once, trials and time counted."""

from __future__ import annotations

import ast
import time

from .lexer import Line, lex
from .models import CorrectionBudget
from .names import names_of
from .scopes import Names
from .source import Problem, parse, read

__all__ = ["Bench", "BudgetSpent"]


class BudgetSpent(Exception):
    """No trial or no time is left; caught by the engine, never seen outside."""


class Bench:
    """Compiles, parses and lexes texts, each at most once, within a budget."""

    def __init__(self, budget: CorrectionBudget) -> None:
        self.budget = budget
        self.trials = 0
        self._deadline = time.monotonic() + budget.seconds
        self._problems: dict[str, Problem | None] = {}
        self._trees: dict[str, ast.Module | None] = {}
        self._lines: dict[str, list[Line]] = {}
        self._names: dict[str, Names] = {}

    def problem(self, text: str) -> Problem | None:
        """Return what keeps a text from compiling; counts as one trial if it is new."""
        if text not in self._problems:
            self.spend()
            self._problems[text], self._trees[text] = read(text)
        return self._problems[text]

    def spend(self) -> None:
        """Count one trial.

        Raises:
            BudgetSpent: there is none left; the first one is always granted.
        """
        if self.trials and (self.trials >= self.budget.trials or self.late()):
            raise BudgetSpent
        self.trials += 1

    def late(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self._deadline

    def tree(self, text: str) -> ast.Module | None:
        """Return the tree of a text, or None."""
        if text not in self._trees:
            self._trees[text] = parse(text)
        return self._trees[text]

    def names(self, text: str) -> Names | None:
        """Return the names of a text that has a tree."""
        if text not in self._names:
            tree = self.tree(text)
            if tree is None:
                return None
            self._names[text] = names_of(tree)
        return self._names[text]

    def lines(self, text: str) -> list[Line]:
        """Return the lexed lines of a text."""
        if text not in self._lines:
            self._lines[text] = lex(text)
        return self._lines[text]
