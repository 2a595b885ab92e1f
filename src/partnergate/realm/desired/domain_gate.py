"""The domain gate, which admits only e-mail addresses of the domains of the partner.

OpenID Connect has it in the provider (a claim filter on the ID token). SAML and OAuth 2.0 have
not, so they get a flow after login that refuses everybody else; see
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
    """A regular expression for ``String.matches`` of Java that matches addresses in the domains.

    Letter case does not count, because a domain name has none.
    """
    inner = "|".join(re.escape(domain).replace(r"\-", "-") for domain in sorted(domains))
    return f"(?i)^[^@\\s]+@({inner})$"


def claim_filter(claim: str, domains: tuple[str, ...]) -> dict[str, FieldValue]:
    """The provider fields that refuse an ID token without an e-mail address of the domains."""
    return {
        "config.claimFilterName": claim,
        "config.claimFilterValue": domain_pattern(domains),
        "config.filteredByClaim": "true",
    }


def gate_flow(alias: Alias) -> str:
    """The alias of the flow after login of a provider that has no claim filter."""
    return f"{DOMAIN_GATE_PREFIX}{alias}"
