"""The last steps of the demo: from login events to statements that can be traced."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from partnergate.attribution.outcome import AttributedSession
from partnergate.playground.cast import ACME
from partnergate.playground.one_period import days_of
from partnergate.playground.sidecar import wait_for_sessions, wait_for_tasks
from partnergate.playground.usage_story import TASKS, UNKNOWN_SESSION, story_time, usage_story

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from pathlib import Path

    from partnergate.login.http_login import Login
    from partnergate.model.partner import PartnerId, PartnerSpec
    from partnergate.playground.main_job import MainJob
    from partnergate.playground.narrator import Narrator
    from partnergate.playground.sidecar import Sidecar


def sessions(job: MainJob, logins: Mapping[tuple[str, str], Login], narrator: Narrator) -> None:
    """Show how the sidecar attributed the sessions, and check it."""
    found = wait_for_sessions(job, [login.session_id for login in logins.values()])
    rows = []
    right = True
    for (partner, name), login in logins.items():
        session = found[login.session_id]
        right = right and isinstance(session, AttributedSession) and session.partner == partner
        owner = (
            session.partner if isinstance(session, AttributedSession) else f"unattributed: {session.reason}"
        )
        person = session.subject[:12] if isinstance(session, AttributedSession) else ""
        rows.append((f"{name} at {partner}", login.session_id[:8], session.login_event[:8], owner, person))
    narrator.table(("user", "session", "login event", "attributed to", "user, hashed"), rows)
    narrator.check(right, "every session is attributed to the partner whose provider started it")


def usage(
    job: MainJob, sidecar: Sidecar, logins: Mapping[tuple[str, str], Login], narrator: Narrator
) -> None:
    """Report usage, and check the results and quantities."""
    story = usage_story(logins)
    receipt = sidecar.report([reported.event for reported in story])
    narrator.table(
        ("event", "subject", "quantity", "status"),
        [
            (r.event["id"], r.event["subject"][:40], str(r.event["data"]["quantity"]), result["status"])
            for r, result in zip(story, receipt["results"], strict=True)
        ],
    )
    expected = [reported.status for reported in story]
    given = [result["status"] for result in receipt["results"]]
    narrator.check(given == expected, "each event has a status; the event that was sent twice is a duplicate")
    measured = wait_for_tasks(sidecar, _days(job, logins))
    narrator.check(measured == TASKS, f"each task is counted exactly once: {_counts(measured)}")
    ran = job.command("trace", "task-6", "--environment", job.environment)
    narrator.command(ran)
    narrator.check(
        "excluded" in ran.output,
        f"usage of session {UNKNOWN_SESSION[:8]}... is unattributed, with its reason",
    )


def _counts(measured: Mapping[PartnerId, Decimal]) -> str:
    return ", ".join(f"{partner} {value}" for partner, value in measured.items())


def statements(job: MainJob, logins: Mapping[tuple[str, str], Login], narrator: Narrator) -> tuple[Path, ...]:
    """Draft a statement per partner as text and as HTML, and trace one line. Returns the HTML files."""
    pages = []
    days = _days(job, logins)
    for partner in job.workspace().partners:
        page = job.work / "statements" / f"{partner.partner}.html"
        page.parent.mkdir(exist_ok=True)
        named = ("statement", "draft", partner.partner, "--environment", job.environment)
        period = ("--period", days[partner.partner])
        narrator.command(job.command(*named, *period), head=18)
        made = job.command(*named, *period, "--format", "html", "--output", str(page))
        narrator.check(
            made.exit_code == 0 and page.exists(), f"the same as HTML: {page.relative_to(job.work)}"
        )
        pages.append(page)
    acme = next(p for p in job.workspace().partners if p.partner == ACME)
    number = _statement_number(job, acme, days[ACME])
    traced = job.command("trace", f"{number}:Tasks", "--environment", job.environment)
    narrator.command(traced)
    for link in ("task-1", "session ", "login ", "provider acme", "partners/acme.yaml"):
        if link not in traced.output:
            narrator.check(False, f"the trace shows {link}")
    narrator.check(
        True, "the trace leads to the usage event, the session, the login event and the partner file"
    )
    return tuple(pages)


def _days(job: MainJob, logins: Mapping[tuple[str, str], Login]) -> Mapping[PartnerId, str]:
    """A day in the period of each partner in which the story happened."""
    return days_of(job.workspace().partners, story_time(logins))


def _statement_number(job: MainJob, partner: PartnerSpec, day: str) -> str:
    draft = job.command(
        *("statement", "draft", partner.partner, "--environment", job.environment),
        *("--period", day, "--format", "json"),
    )
    return str(json.loads(draft.output)["statement"]["number"])
