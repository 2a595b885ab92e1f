"""Every reason of a failed test login is documented with the text for the partner."""

from __future__ import annotations

import os
from pathlib import Path

from partnergate.signin.reasons import EXPLANATIONS, Reason

PAGE = Path(__file__).parents[2] / "docs/reasons.md"
_HEAD = """# Why a test login fails

This page is for operators and partners who diagnose a failed test login.
`partnergate test-login PARTNER` reports one of these reasons when a login fails.
If several reasons apply, it names the first one in login order and lists the others below.
A test triggers each reason in every protocol listed here (`tests/integration/signin/test_login_reasons.py`).

The realm refuses a user whose stable identifier is missing or blank (`missing_claim`). Otherwise all such users of the partner would share one account (`docs/decisions/empty-identifiers.md`).
If the current configuration was not applied yet, the realm accepts such a user, but the test login still fails.

| reason | protocols | text for the partner | advice |
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


def test_the_page_matches_the_program() -> None:
    """Run with PARTNERGATE_WRITE_GOLDEN=1 when this fails."""
    if os.environ.get("PARTNERGATE_WRITE_GOLDEN"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
