"""Every reason of a failed test login is documented."""

from __future__ import annotations

import os
from pathlib import Path

from partnergate.signin.reasons import EXPLANATIONS, Reason

PAGE = Path(__file__).parents[2] / "docs/reasons.md"
_HEAD = """# Why a test login fails

This page is for partners and operators: look up the reason that `partnergate test-login PARTNER` reports, and fix it.
If several reasons apply, the command reports the first one in the order of a login and lists the others below it.
A test causes each reason deliberately in every protocol named here (`tests/integration/signin/test_login_reasons.py`).

The realm rejects users whose stable identifier is missing or blank (`missing_claim`), because all of them would share one account.
[Empty identifiers](decisions/empty-identifiers.md) explains this.
If a realm accepts such a user because the files have not been applied yet, the test login still fails.

| Reason | Protocols | Explanation for the partner | Fix |
| --- | --- | --- | --- |
"""
_NAMES = {"oidc": "OpenID Connect", "saml": "SAML 2.0", "oauth2": "OAuth 2.0"}


def page() -> str:
    rows = [
        f"| `{reason.value}` | {', '.join(_NAMES[p] for p in explanation.protocols)} | {explanation.text} | {explanation.advice} |"
        for reason, explanation in EXPLANATIONS.items()
    ]
    return _HEAD + "\n".join(rows) + "\n"


def test_every_reason_has_an_explanation() -> None:
    assert list(EXPLANATIONS) == list(Reason)


def test_the_page_is_current() -> None:
    """Run with PARTNERGATE_WRITE_GOLDEN=1 when this fails."""
    if os.environ.get("PARTNERGATE_WRITE_GOLDEN"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
