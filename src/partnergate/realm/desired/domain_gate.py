"""The domain gate, which allows only email addresses in the domains of the partner.

For OpenID Connect, it is a claim filter of the provider on the ID token. SAML and OAuth 2.0
providers have no such filter, so a flow after login denies all other users; see
docs/decisions/domain-gate.md.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from partnergate.realm.ownership import DOMAIN_GATE_PREFIX

if TYPE_CHECKING:
    from partnergate.model.partner import Alias
    from partnergate.realm.state import FieldValue


def domain_pattern(domains: tuple[str, ...]) -> str:
    """Return a regular expression that matches addresses in the domains, for Java ``String.matches``.

    It ignores case, because domain names do.
    """
    inner = "|".join(re.escape(domain).replace(r"\-", "-") for domain in sorted(domains))
    return f"(?i)^[^@\\s]+@({inner})$"


def claim_filter(claim: str, domains: tuple[str, ...]) -> dict[str, FieldValue]:
    """Return the provider fields that reject an ID token without an email address in the domains."""
    return {
        "config.claimFilterName": claim,
        "config.claimFilterValue": domain_pattern(domains),
        "config.filteredByClaim": "true",
    }


def gate_flow(alias: Alias) -> str:
    """Return the alias of the flow after login for a provider without a claim filter."""
    return f"{DOMAIN_GATE_PREFIX}{alias}"
