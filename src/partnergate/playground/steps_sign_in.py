"""The demo's first half: from partner files to tokens that name the partner."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from partnergate.login.browser import Browser, LoginRefusedError
from partnergate.playground.cast import ACME, FORGED, GLOBEX, PEOPLE, SHARED_EMAIL, person
from partnergate.playground.line import ENVIRONMENT

if TYPE_CHECKING:
    from partnergate.login.http_login import Login
    from partnergate.playground.line import Line
    from partnergate.playground.narrator import Narrator

_PROTOCOLS = {
    "OidcSignIn": "OpenID Connect",
    "SamlSignIn": "SAML 2.0, signed assertions",
    "Oauth2SignIn": "OAuth 2.0, identity from user info",
}


def partners(line: Line, tell: Narrator) -> None:
    """Three partners, each with an identity provider of its own."""
    line.start_partners()
    tell.table(
        ("partner", "signs in by", "file", "its own provider", "its people"),
        [
            (
                partner.name,
                _PROTOCOLS[type(partner.providers[0].sign_in).__name__],
                str(partner.source.path),
                f"realm {line.cast.idps[partner.partner].realm}",
                ", ".join(user.username for user in line.cast.idps[partner.partner].users),
            )
            for partner in line.workspace().partners
        ],
    )
    tell.say(f"[dim]Two people at two partners have the same e-mail address: {SHARED_EMAIL}.[/dim]")
    tell.say("[dim]Every provider also asserts a partner_id that is not its own, and the role admin.[/dim]")


def configuration(line: Line, tell: Narrator) -> None:
    """Validate, plan, apply; a second plan is empty."""
    plan_file = os.path.relpath(line.work / "plan.json", line.root)
    tell.ran(line.command("validate"), lines=12)
    tell.ran(line.command("plan", "--environment", ENVIRONMENT, "--output", plan_file), lines=45)
    tell.ran(line.command("apply", plan_file, "--create-realm"), lines=25)
    tell.ran(line.command("plan", "--environment", ENVIRONMENT, "--detailed-exitcode"), lines=8)
    tell.say("  [green]holds[/green]   the second plan is empty (--detailed-exitcode gave 0)")
    line.hand_off()
    tell.say("[dim]Each partner has registered the host with what its hand-off says.[/dim]")


def logins(line: Line, tell: Narrator) -> dict[tuple[str, str], Login]:
    """Everybody comes by their partner's launch link, and in through their own provider."""
    found: dict[tuple[str, str], Login] = {}
    rows = []
    for who in PEOPLE:
        browser = Browser()
        login = line.launch(who, browser=browser)
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
    tell.table(("who", "partner_id", "e-mail", "user", "session", "way"), rows)
    lies = ", ".join(f"{partner} says {claimed}" for partner, claimed in FORGED.items())
    own = all(login.partner_id == partner for (partner, _), login in found.items())
    tell.expect(own, f"partner_id is the partner's own, though each asserts another ({lies})")
    granted = [login.claims.get("realm_access", {}).get("roles", []) for login in found.values()]
    tell.expect(not any("admin" in roles for roles in granted), "the asserted role admin was not taken over")
    ann = found[ACME, "ann"].claims.get("realm_access", {}).get("roles", [])
    tell.expect("workspace-admin" in ann, "ann has workspace-admin, because acme puts her in platform-admins")
    sams = found[ACME, "sam"].user_id, found[GLOBEX, "sam"].user_id
    tell.expect(sams[0] != sams[1], f"{SHARED_EMAIL} at two partners is two users, without a form")
    _foreign_session(line, tell)
    return found


def _way(login: Login) -> str:
    ways = [hop.what for hop in login.hops]
    return ", ".join(f"{ways.count(kind)} x {kind}" for kind in dict.fromkeys(ways))


def _foreign_session(line: Line, tell: Narrator) -> None:
    """With a live session of one partner, the link of another must not lead in as the first."""
    browser = Browser()
    ann = line.launch(person(ACME, "ann"), browser=browser)
    again = line.launch(person(ACME, "ann"), browser=browser)
    tell.expect(again.session_id == ann.session_id, "acme's button pressed again keeps acme's session")
    try:
        wrong = line.log_in(person(GLOBEX, "greta"), browser=browser)
    except LoginRefusedError as refused:
        tell.expect(True, "around the launch, a live session of acme does not enter by globex")
        tell.say(f"[dim]          the page says: {refused.what[:100]}[/dim]")
    else:
        tell.expect(wrong.partner_id == GLOBEX, "a live session of acme is never counted for globex")
    greta = line.launch(person(GLOBEX, "greta"), browser=browser)
    tell.expect(
        (greta.partner_id, greta.session_id == ann.session_id) == (GLOBEX, False),
        "globex's button ends acme's session first, and greta enters as globex",
    )
    browser.close()
