"""Correct code: unwrap, let the user's corrections run, search, complete, and judge."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace

from .bench import Bench, BudgetSpent
from .complaint import Complaint, read_complaint
from .diagnose import diagnose
from .diagnosis import Alternative, Tried
from .guard import objection
from .imports import complete
from .models import DEFAULT_BUDGET, Correction, CorrectionBudget, Fix
from .naming import named
from .residue import UNKNOWN, filled_by_chance, rendered
from .rules import COMPLAINT_RULES
from .search import search
from .truncation import complete_part
from .unwrap import Unwrapped, unwrap
from .user import UserCorrection
from .user_run import Run, run_user
from .validators import Validator, refusal

__all__ = ["correct_code"]

# What is made async may hold further calls to await; what needs more rounds than this never settles.
_MOST_ROUNDS = 4
# What a template left open may only show after other edits.
_MOST_RENDERINGS = 3
# An argument given twice is a few tokens, and more than 2 % of a short text.
_SLACK = 6
_BELIEF = {
    "indent": 0.85,
    "bracket": 0.85,
    "colon": 0.95,
    "tabs": 0.9,
    "import": 0.92,
    UNKNOWN: 0.6,
}


def correct_code(
    code: str,
    error: BaseException | str | None = None,
    *,
    corrections: Sequence[UserCorrection] = (),
    validator: Validator | None = None,
    values: Mapping[str, object] | None = None,
    budget: CorrectionBudget = DEFAULT_BUDGET,
) -> Correction:
    """Correct what keeps code from compiling, and what the error points to.

    Pure: nothing is run, imported or read but the text. Code that compiles and to which the error
    does not point comes back byte for byte, unless a user's correction matches it.

    Args:
        code: the text as it was delivered.
        error: what went wrong with it, or a text about that; None if only compiling counts.
        corrections: run as written, in order, also on code that compiles.
        validator: has the last word; see `refusal()` for how it says no.
        values: of template variables by name, for those that were never rendered.
        budget: trials, seconds and sizes.

    Returns:
        A `Correction`; whatever the text is, nothing is raised.
    """
    if len(code) > budget.max_chars:
        many = f"the text has {len(code)} characters; at most {budget.max_chars} are read"
        return Correction(code, code, success=False, reason=many)
    job = _Job(code, read_complaint(error), tuple(corrections), Bench(budget), values or {})
    try:
        job.work()
    except BudgetSpent:
        job.reason = job.reason or "the budget was spent before the outcome was judged"
    except RecursionError:
        job.reason = "the code is nested too deeply to be judged"
    if not job.reason and validator is not None:
        why = refusal(validator, job.text)
        job.reason = f"the validator refused the outcome: {why}" if why else ""
    return job.outcome()


class _Job:
    """One correction on its way."""

    def __init__(
        self,
        code: str,
        complaint: Complaint | None,
        corrections: tuple[UserCorrection, ...],
        bench: Bench,
        values: Mapping[str, object],
    ) -> None:
        self.original = self.text = code
        self.values = values
        self.complaint = complaint
        self.corrections = corrections
        self.bench = bench
        self.fixes: list[Fix] = []
        self.notes: list[str] = []
        self.tried: tuple[Tried, ...] = ()
        self.alternatives: tuple[Alternative, ...] = ()
        self.reason = ""
        self.truncated = False
        self.parsed = True
        self.doubt = 0.0
        self.held = 0

    def work(self) -> None:
        """Go through the stages; sets `reason` where one of them ends without success."""
        problem = self.bench.problem(self.text)
        broken = problem is not None
        self.parsed = self.bench.tree(self.text) is not None
        taken = Unwrapped(self.text)
        if problem is not None and problem.stage == 0:
            self.reason = f"the text cannot be read as code: {problem.kind}: {problem.message}"
            return
        broken = broken or (self.complaint is not None and self.packed())
        if broken:
            taken = unwrap(self.bench, self.text)
            self.take(taken.code, taken.fixes)
            self.truncated = taken.open_ended
            if taken.refusal:
                self.reason = taken.refusal
                return
            for _ in range(_MOST_RENDERINGS):
                if self.render():
                    # What stood for something else is not lost.
                    taken = replace(taken, code=self.text, fixes=tuple(self.fixes))
                elif self.reason:
                    break
                self.settle(taken)
                if not self.reason:
                    break
            if self.reason and not self.corrections:
                taken = self.cut(taken)
            if self.bench.problem(self.text) is not None and self.corrections:
                self.user()
                if self.text != taken.code:
                    # What the user's patterns replaced is not lost: it is theirs to replace.
                    taken = replace(taken, code=self.text)
                    self.settle(taken)
        if self.reason:
            return
        if not broken and self.complaint is not None:
            self.take(*filled_by_chance(self.bench, self.text, self.complaint, self.values))
        base = self.text
        if self.corrections:
            self.user()
            base = self.text
        self.answer(
            base, unparsed=(broken and self.bench.tree(taken.code) is None) or bool(taken.fixes)
        )
        if self.reason:
            return
        why = objection(self.bench, base, self.text, slack=_SLACK)
        if not why and broken and not self.corrections:
            why = objection(self.bench, taken.code, self.text, dropped=taken.dropped, slack=_SLACK)
        self.reason = why or self.unsolved()

    def packed(self) -> bool:
        """Whether the text compiles only because it is one literal: code that JSON still holds."""
        tree = self.bench.tree(self.text)
        body = tree.body if tree is not None else []
        if len(body) != 1 or not isinstance(body[0], ast.Expr):
            return False
        literal = isinstance(body[0].value, (ast.Constant, ast.Dict, ast.List))
        taken = unwrap(self.bench, self.text)
        return literal and bool(taken.fixes or taken.refusal)

    def render(self) -> bool:
        """Fill in what a template left open, if that is what CPython stops at."""
        problem = self.bench.problem(self.text)
        if problem is None:
            return False
        text, fixes = rendered(self.text, self.values)
        if not fixes or text == self.text:
            return False
        after = self.bench.problem(text)
        if after is not None and after.place <= problem.place:
            return False
        self.take(text, fixes)
        return True

    def settle(self, taken: Unwrapped) -> None:
        """Search for edits after which the text compiles."""
        self.reason = ""

        def against(candidate: str) -> str:
            lacking = objection(
                self.bench, taken.code, candidate, dropped=taken.dropped, slack=_SLACK
            )
            if not lacking.endswith("would not be defined"):
                return lacking
            names = self.bench.names(candidate)
            # Imports only: a name that became undefined by an edit must not become a member.
            done, _, _ = complete(self.bench, candidate, list(names.undefined) if names else [])
            return objection(self.bench, taken.code, done, dropped=taken.dropped, slack=_SLACK)

        found = search(self.bench, self.text, against)
        self.take(found.text, found.fixes)
        # What is open at the end of the text may lack all that came after it.
        self.truncated |= any(fix.rule.endswith(".end") for fix in found.fixes)
        self.doubt += found.cost
        self.tried += found.tried
        self.alternatives = found.alternatives
        self.reason = found.reason

    def cut(self, taken: Unwrapped) -> Unwrapped:
        """Keep the complete part of a text that ends in the middle, if nothing else was possible."""
        part = None if self.alternatives else complete_part(self.bench, taken.code)
        if part is None:
            return taken
        self.reason, self.truncated = "", True
        self.text, self.fixes = part.code, [*taken.fixes, part.fix]
        dropped = taken.dropped + part.dropped
        return replace(taken, code=part.code, fixes=tuple(self.fixes), dropped=dropped)

    def user(self) -> None:
        """Run the user's corrections on the text as it is now."""
        run: Run = run_user(self.bench, self.text, self.corrections, self.complaint)
        self.take(run.text, run.fixes)
        self.notes += run.notes
        self.held += run.held

    def answer(self, base: str, *, unparsed: bool) -> None:
        """Do what the error asks for in code that compiles."""
        said = self.complaint
        names = self.bench.names(base)
        undefined = list(names.undefined) if names else []
        spoken_of = said is not None and any(name in undefined for name in said.undefined)
        if spoken_of or unparsed:
            text, fixes, left = named(self.bench, self.text, undefined)
            self.take(text, fixes)
            # A text that had no tree is not known to have lacked these names before it was damaged.
            if left and (spoken_of or not self.parsed):
                self.reason = f"name {left[0]!r} is not defined, and no import of it is certain"
        if said is None:
            return
        for _ in range(_MOST_ROUNDS):
            made: list[Fix] = []
            for rule in COMPLAINT_RULES:
                text, some = rule(self.bench, self.text, said)
                if some and self.bench.problem(text) is None:
                    self.take(text, some)
                    made += some
            if not made:
                return
        self.reason = self.reason or "correcting the outcome again would change it"

    def unsolved(self) -> str:
        """Return why the outcome, though sound, is no answer to the error."""
        if self.fixes:
            return ""
        if self.notes:
            return self.notes[0]
        if self.complaint is not None:
            return "the error does not point to this code"
        return ""

    def take(self, text: str, fixes: Sequence[Fix]) -> None:
        """Go on with a changed text."""
        self.text = text
        self.fixes += fixes

    def outcome(self) -> Correction:
        """Return what became of it."""
        belief = 0.0
        if not self.reason:
            belief = 1.0 - min(0.3, 0.05 * self.doubt)
            for rule in {fix.rule for fix in self.fixes}:
                belief *= _BELIEF.get(rule, 0.97)
            belief *= 0.6 if self.truncated else 1.0
        diagnosis = None
        if self.reason or self.fixes:
            known = (self.complaint, self.tried, self.alternatives)
            diagnosis = diagnose(self.bench, self.original, self.text, *known)
        return Correction(
            self.original,
            self.text,
            success=not self.reason,
            fixes=tuple(self.fixes),
            confidence=round(belief, 3),
            truncated=self.truncated,
            reason=self.reason,
            notes=tuple(self.notes),
            diagnosis=diagnosis,
        )
