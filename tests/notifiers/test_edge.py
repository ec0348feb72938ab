"""What holds for every channel: reports are redacted and bounded once more, known secrets stay."""

from __future__ import annotations

import base64
import subprocess
import sys
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omninode_bridge.agents.workflows import ErrorRecoveryOrchestrator, RecoveryContext
from omninode_bridge.agents.workflows.escalation import EscalationSettings, build_report
from omninode_bridge.agents.workflows.recovery_models import EscalationReport
from omninode_bridge.notifiers import PagerDutyNotifier
from omninode_bridge.notifiers._edge import Secrets, cleaned
from omninode_bridge.testing import sample_report

from ._reports import answered
from ._servers import Webhook

TEXTS = st.one_of(
    st.text(max_size=300),
    st.sampled_from(["password=hunter2000 ", "x\n", "Bearer abcdefghijklmnop ", "雪"]).flatmap(
        lambda text: st.sampled_from([1, 7, 200]).map(lambda n: text * n)
    ),
)


@settings(max_examples=25)
@given(message=TEXTS, name=TEXTS, code=TEXTS)
def test_reports_of_ours_come_out_as_they_went_in(message: str, name: str, code: str) -> None:
    """What was redacted and bounded when it was built is not changed again."""
    orchestrator = ErrorRecoveryOrchestrator()
    context = RecoveryContext(
        name, name, state={"code": code, name: message}, exception=ValueError(message)
    )
    report = build_report(
        context,
        orchestrator.analyze(context),
        settings=EscalationSettings(description=name, assignee=name, include_context=True),
        now=datetime(2030, 1, 1, tzinfo=UTC),
        attempt_lines=[message] * 60,
        diff=code,
    )

    assert cleaned(report) == report


@settings(max_examples=25)
@given(text=TEXTS)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    """Whoever wrote the report."""
    report = sample_report(
        description=text, error_message=text, chain=(text,) * 30, attempts=(text,) * 80, code=text
    )

    assert cleaned(cleaned(report)) == cleaned(report)


def test_a_report_from_elsewhere_is_cut_and_redacted() -> None:
    """Every text has a limit, every list a length, and no secret leaves."""
    huge = "password=hunter2000 " + "x" * 20_000
    many = ("password=hunter2000 " + "x" * 600,) * 150
    report = cleaned(
        EscalationReport(
            escalation_id="esc_1",
            workflow_id=huge,
            node_name=huge,
            step_count=1,
            error_type=huge,
            fingerprint="f",
            description=huge,
            error_message=huge,
            timestamp=datetime(2030, 1, 1, tzinfo=UTC),
            assignee=huge,
            chain=(huge,) * 99,
            code=huge,
            diff=huge,
            attempts=(huge,) * 99,
            state_keys=many,
            context={"password": "hunter2000", "k": huge},
            answers=many,
            edits=many,
        )
    )

    assert "hunter2000" not in str(report)
    assert len(str(report)) < 250_000


@pytest.mark.parametrize("form", [str, quote, lambda s: base64.b64encode(s.encode()).decode()])
def test_a_known_secret_is_taken_out_in_every_form(form: object) -> None:
    """As it is, quoted, encoded; the longest is looked for first."""
    secret = "päss/wörd#1"
    said = f"no such user: {form(secret)}!"  # type: ignore[operator]

    assert Secrets([secret, "päss"]).scrub(said) == "no such user: [redacted]!"


def test_words_too_short_to_be_a_secret_stay() -> None:
    """Else every letter would be taken out."""
    assert Secrets(["", "/", "x"]).scrub("x/y") == "x/y"


def test_the_console_loads_no_other_channel() -> None:
    """Whoever is told on the console need not pay for letters."""
    code = (
        "import sys; from omninode_bridge.notifiers import ConsoleNotifier; "
        "print([m for m in ('email.message', 'slack_sdk', 'apprise', 'aiosmtplib', "
        "'omninode_bridge.notifiers.pagerduty') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


@pytest.mark.parametrize("odd", ["esc\ud800", "esc\n1", "esc\x1b[2J", "e" * 300])
async def test_an_odd_id_still_leaves(odd: str, server: Webhook) -> None:
    """An id that no text can hold is shown as one that can, to open an incident and to end it."""
    made = PagerDutyNotifier("abcdef", events_url=server.url)

    sent = await made.send(sample_report(escalation_id=odd))
    ended = await made.ended(answered(id=odd))

    assert sent.delivered
    assert ended.delivered
    assert server.bodies[0]["dedup_key"] == server.bodies[1]["dedup_key"]
    assert server.bodies[0]["dedup_key"].isprintable()
