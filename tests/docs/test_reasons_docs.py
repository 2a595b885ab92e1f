"""Every reason of a failed test login is documented with what a partner reads."""

from __future__ import annotations

import os
from pathlib import Path

from partnergate.signin.reasons import EXPLANATIONS, Reason

PAGE = Path(__file__).parents[2] / "docs/reasons.md"
_HEAD = """# Why a test login fails

`partnergate test-login PARTNER` names one of these reasons when a login fails, and no other.
Where several fit, it names the one that comes first in the order of a login and lists the others below.
Each reason is produced on purpose by a test (`tests/integration/signin/test_login_reasons.py`) in every protocol named here.

A user whose stable identifier is missing or blank is refused by the realm (`missing_claim`): without one, all users of the partner would be one user (`docs/decisions/empty-identifiers.md`).
Where a realm lets such a user in, because it was not applied yet, the test fails all the same.

| reason | protocols | what the partner reads | what to do |
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


def test_the_page_says_what_the_program_says() -> None:
    """Run with PARTNERGATE_WRITE_GOLDEN=1 when this fails."""
    if os.environ.get("PARTNERGATE_WRITE_GOLDEN"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
