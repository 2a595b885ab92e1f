"""The demo's second half: from login events to statements that can be traced back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from partnergate.attribution.outcome import AttributedSession
from partnergate.playground.cast import ACME
from partnergate.playground.sidecar import wait_for_sessions, wait_for_tasks
from partnergate.playground.usage_story import TASKS, UNKNOWN_SESSION, usage_story

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from pathlib import Path

    from partnergate.login.http_login import Login
    from partnergate.model.partner import PartnerId, PartnerSpec
    from partnergate.playground.line import Line
    from partnergate.playground.narrator import Narrator
    from partnergate.playground.sidecar import Sidecar


def sessions(line: Line, logins: Mapping[tuple[str, str], Login], tell: Narrator) -> None:
    """What the sidecar made of the login events."""
    found = wait_for_sessions(line, [login.session_id for login in logins.values()])
    rows = []
    right = True
    for (partner, name), login in logins.items():
        session = found[login.session_id]
        right = right and isinstance(session, AttributedSession) and session.partner == partner
        whose = session.partner if isinstance(session, AttributedSession) else f"nobody: {session.reason}"
        person = session.subject[:12] if isinstance(session, AttributedSession) else ""
        rows.append((f"{name} at {partner}", login.session_id[:8], session.login_event[:8], whose, person))
    tell.table(("who logged in", "session", "login event", "attributed to", "person, hashed"), rows)
    tell.expect(right, "every session belongs to the partner through whose provider it began")


def usage(line: Line, sidecar: Sidecar, logins: Mapping[tuple[str, str], Login], tell: Narrator) -> None:
    """The host's product reports what was consumed."""
    story = usage_story(logins, datetime.now(UTC))
    answer = sidecar.report([reported.event for reported in story])
    tell.table(
        ("event", "subject", "quantity", "answer"),
        [
            (r.event["id"], r.event["subject"][:40], str(r.event["data"]["quantity"]), result["status"])
            for r, result in zip(story, answer["results"], strict=True)
        ],
    )
    expected = [reported.status for reported in story]
    given = [result["status"] for result in answer["results"]]
    tell.expect(given == expected, "each event has its own answer; the one sent twice is a duplicate")
    measured = wait_for_tasks(sidecar)
    tell.expect(measured == TASKS, f"tasks are counted once: {_counts(measured)}")
    ran = line.command("trace", "task-6", "--environment", line.environment)
    tell.ran(ran)
    tell.expect(
        "excluded" in ran.output, f"usage of session {UNKNOWN_SESSION[:8]}... is nobody's, with its reason"
    )


def _counts(measured: Mapping[PartnerId, Decimal]) -> str:
    return ", ".join(f"{partner} {value}" for partner, value in measured.items())


def statements(line: Line, tell: Narrator) -> tuple[Path, ...]:
    """A draft for each partner, as text and as a page; one line traced back. The pages' files."""
    pages = []
    for partner in line.workspace().partners:
        page = line.work / "statements" / f"{partner.partner}.html"
        page.parent.mkdir(exist_ok=True)
        named = ("statement", "draft", partner.partner, "--environment", line.environment)
        period = ("--period", _today(partner))
        tell.ran(line.command(*named, *period), head=18)
        made = line.command(*named, *period, "--format", "html", "--out", str(page))
        tell.expect(
            made.exit_code == 0 and page.exists(), f"the same as a page: {page.relative_to(line.work)}"
        )
        pages.append(page)
    acme = next(p for p in line.workspace().partners if p.partner == ACME)
    number = _statement_number(line, acme)
    traced = line.command("trace", f"{number}:Tasks", "--environment", line.environment)
    tell.ran(traced)
    for link in ("task-1", "session ", "login ", "provider acme", "partners/acme.yaml"):
        if link not in traced.output:
            tell.expect(False, f"the trace shows {link}")
    tell.expect(True, "the line leads to the usage event, the session, the login event and the file")
    return tuple(pages)


def _today(partner: PartnerSpec) -> str:
    """The day it is for the partner, which is what names the period that runs."""
    return datetime.now(ZoneInfo(partner.agreements[-1].time_zone)).date().isoformat()


def _statement_number(line: Line, partner: PartnerSpec) -> str:
    draft = line.command(
        *("statement", "draft", partner.partner, "--environment", line.environment),
        *("--period", _today(partner), "--format", "json"),
    )
    return str(json.loads(draft.output)["statement"]["number"])
