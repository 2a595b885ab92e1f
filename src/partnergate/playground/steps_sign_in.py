"""The first steps of the demo: from partner files to tokens that name the partner."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from partnergate.login.browser import Browser, LoginRefusedError
from partnergate.playground.cast import ACME, FORGED, GLOBEX, PEOPLE, SHARED_EMAIL, person
from partnergate.playground.main_job import ENVIRONMENT
from partnergate.playground.one_period import wait_for_room

if TYPE_CHECKING:
    from partnergate.login.http_login import Login
    from partnergate.playground.main_job import MainJob
    from partnergate.playground.narrator import Narrator

_PROTOCOLS = {
    "OidcSignIn": "OpenID Connect",
    "SamlSignIn": "SAML 2.0, signed assertions",
    "Oauth2SignIn": "OAuth 2.0, identity from user info",
}


def partners(job: MainJob, narrator: Narrator) -> None:
    """Create three partners, each with an identity provider."""
    job.start_partners()
    narrator.table(
        ("partner", "protocol", "file", "identity provider", "users"),
        [
            (
                partner.name,
                _PROTOCOLS[type(partner.providers[0].sign_in).__name__],
                str(partner.source.path),
                f"realm {job.cast.idps[partner.partner].realm}",
                ", ".join(user.username for user in job.cast.idps[partner.partner].users),
            )
            for partner in job.workspace().partners
        ],
    )
    narrator.write(f"[dim]Two users at two partners have the same email address: {SHARED_EMAIL}.[/dim]")
    narrator.write(
        "[dim]Each identity provider also asserts another partner's partner_id, and the role admin.[/dim]"
    )


def configuration(job: MainJob, narrator: Narrator) -> None:
    """Validate, plan, apply; then check that a second plan is empty."""
    plan_file = os.path.relpath(job.work / "plan.json", job.root)
    narrator.command(job.command("validate"), lines=12)
    narrator.command(job.command("plan", "--environment", ENVIRONMENT, "--output", plan_file), lines=45)
    narrator.command(job.command("apply", plan_file, "--create-realm"), lines=25)
    narrator.command(job.command("plan", "--environment", ENVIRONMENT, "--detailed-exitcode"), lines=8)
    narrator.check(True, "the second plan is empty (--detailed-exitcode returned 0)")
    job.hand_off()
    narrator.write("[dim]Each partner has registered the host as its hand-off describes.[/dim]")


def logins(job: MainJob, narrator: Narrator) -> dict[tuple[str, str], Login]:
    """Log in every user through their partner's launch link and identity provider."""
    wait_for_room(job.workspace().partners)
    found: dict[tuple[str, str], Login] = {}
    rows = []
    for who in PEOPLE:
        browser = Browser()
        login = job.launch(who, browser=browser)
        browser.close()
        found[who.partner, who.name] = login
        rows.append(
            (
                f"{who.name} at {who.partner}",
                str(login.partner_id),
                login.claims.get("email", ""),
                login.user_id[:8],
                login.session_id[:8],
                _way(login),
            )
        )
    narrator.table(("user", "partner_id", "email", "user ID", "session", "requests"), rows)
    lies = ", ".join(f"{partner} claims {claimed}" for partner, claimed in FORGED.items())
    own = all(login.partner_id == partner for (partner, _), login in found.items())
    narrator.check(own, f"every partner_id is correct, although each provider asserts another ({lies})")
    granted = [login.claims.get("realm_access", {}).get("roles", []) for login in found.values()]
    narrator.check(not any("admin" in roles for roles in granted), "the asserted role admin was not granted")
    ann = found[ACME, "ann"].claims.get("realm_access", {}).get("roles", [])
    narrator.check(
        "workspace-admin" in ann, "ann has workspace-admin, because she is in acme's group platform-admins"
    )
    sams = found[ACME, "sam"].user_id, found[GLOBEX, "sam"].user_id
    narrator.check(
        sams[0] != sams[1], f"{SHARED_EMAIL} at two partners is two separate users, and no form was shown"
    )
    _foreign_session(job, narrator)
    return found


def _way(login: Login) -> str:
    ways = [hop.what for hop in login.hops]
    return ", ".join(f"{ways.count(kind)} x {kind}" for kind in dict.fromkeys(ways))


def _foreign_session(job: MainJob, narrator: Narrator) -> None:
    """Check that another partner's launch link never enters with a live session of the first partner."""
    browser = Browser()
    ann = job.launch(person(ACME, "ann"), browser=browser)
    again = job.launch(person(ACME, "ann"), browser=browser)
    narrator.check(again.session_id == ann.session_id, "acme's launch link keeps an existing acme session")
    try:
        wrong = job.log_in(person(GLOBEX, "greta"), browser=browser)
    except LoginRefusedError as refused:
        narrator.check(
            True, "without the launch, a login through globex is refused while an acme session is live"
        )
        narrator.write(f"[dim]          page text: {refused.what[:100]}[/dim]")
    else:
        narrator.check(wrong.partner_id == GLOBEX, "a live acme session is never attributed to globex")
    greta = job.launch(person(GLOBEX, "greta"), browser=browser)
    narrator.check(
        (greta.partner_id, greta.session_id == ann.session_id) == (GLOBEX, False),
        "globex's launch link ends the acme session after a confirmation, and greta enters for globex",
    )
    browser.close()
