"""Every rule with its code. A new rule is one function and one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.language.rules import (
    agreements,
    certificates,
    domains,
    endpoints,
    identity,
    partners,
    realms,
    secrets,
    sign_in,
    terms,
)
from partnergate.language.rules.addresses import same_owner
from partnergate.language.rules.kinds import ANY, CODE, OIDC, SAML

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from partnergate.language.rules.kinds import Kinds
    from partnergate.language.rules.rule_inputs import PartnerAt, ProviderAt
    from partnergate.language.shape.finding import Finding
    from partnergate.language.text.tree import Path
    from partnergate.model.agreement import Agreement
    from partnergate.model.environment import RealmSpec

    ProviderRule = Callable[[ProviderAt], Iterator[Finding]]

PROVIDER_RULES: tuple[tuple[str, ProviderRule, Kinds], ...] = (
    ("PG103", identity.stable_subject, ANY),
    ("PG104", sign_in.transient_name_id, SAML),
    ("PG105", identity.email_name_id, SAML),
    ("PG110", sign_in.sha1_signatures, SAML),
    ("PG111", certificates.long_enough, SAML),
    ("PG112", certificates.strong_hash, SAML),
    ("PG115", certificates.readable, SAML),
    ("PG116", sign_in.way_to_check, SAML),
    ("PG117", sign_in.pkce_on, CODE),
    ("PG124", same_owner, OIDC),
    ("PG125", identity.reserved_attributes, ANY),
    ("PG126", identity.admin_grants, ANY),
    ("PG129", domains.owned_domains, ANY),
    ("PG131", sign_in.one_issuer, OIDC),
    ("PG132", sign_in.secret_where_needed, CODE),
    ("PG133", sign_in.algorithm_with_key, OIDC),
    ("PG135", sign_in.own_parameters, CODE),
    ("PG136", identity.conditional_grants, ANY),
    ("PG137", identity.protocol_names, ANY),
    ("PG138", sign_in.signed_assertions, SAML),
    ("PG139", sign_in.signed_requests, SAML),
    ("PG140", sign_in.userinfo_endpoint, OIDC),
    ("PG141", identity.distinct_claims, ANY),
    ("PG143", secrets.own_secret, CODE),
    ("PG144", certificates.as_many_as_needed, SAML),
    ("PG148", sign_in.openid_scope, OIDC),
    ("PG156", endpoints.issuer_of_tokens, OIDC),
    ("PG158", endpoints.one_purpose, ANY),
    ("PG159", endpoints.right_endpoint, CODE),
    ("PG160", endpoints.no_placeholder, ANY),
    ("PG161", endpoints.own_accounts, CODE),
    ("PG162", identity.usual_claim_names, OIDC),
    ("PG165", secrets.reserved_variable, CODE),
)
"""Rules for each distinct provider of a file. They do not depend on the realm."""

OWN_RULES: dict[type, tuple[tuple[str, ProviderRule], ...]] = {
    kind: tuple((code, rule) for code, rule, kinds in PROVIDER_RULES if kind in kinds) for kind in ANY
}
"""The same rules by kind of sign-in."""

REALM_PROVIDER_RULES: tuple[tuple[str, ProviderRule], ...] = (
    ("PG127", identity.known_roles),
    ("PG128", identity.known_groups),
    ("PG134", sign_in.openid_at_hand),
    ("PG157", endpoints.another_server),
)
"""Rules for each provider in each environment. ``addresses.ADDRESS_RULES`` checks each of its URLs."""

DATED_PROVIDER_RULES: tuple[tuple[str, Callable[[ProviderAt, date], Iterator[Finding]]], ...] = (
    ("PG113", certificates.not_expired),
    ("PG114", certificates.not_expiring),
)
"""The same, for rules that depend on the date."""

PARTNER_RULES: tuple[tuple[str, Callable[[PartnerAt], Iterator[Finding]]], ...] = (
    ("PG145", partners.reachable),
    ("PG146", partners.live_needs_terms),
    ("PG150", partners.known_code),
    ("PG151", partners.waivable_code),
    ("PG152", partners.still_counting),
    ("PG154", partners.at_most_a_year),
    ("PG155", partners.real_reason),
    ("PG167", partners.ending_test_users),
    ("PG170", partners.named_approver),
    ("PG317", partners.statements_have_a_recipient),
)
"""Rules that run once for each file."""

AGREEMENT_RULES: tuple[tuple[str, Callable[[Agreement, Path], Iterator[Finding]]], ...] = (
    ("PG301", agreements.known_currency),
    ("PG302", agreements.known_time_zone),
    ("PG303", agreements.anchor_exists),
    ("PG304", agreements.fits_currency),
    ("PG305", agreements.tiers_follow),
    ("PG306", agreements.meter_where_needed),
    ("PG307", agreements.percentage_of_money),
    ("PG308", agreements.meter_has_field),
    ("PG309", agreements.minimum_below_maximum),
    ("PG311", agreements.distinct_charges),
    ("PG312", agreements.share_of_something),
    ("PG318", agreements.reachable_conditions),
    ("PG319", agreements.no_idle_keys),
)
"""Rules for each version of the terms."""

TERMS_RULES: tuple[tuple[str, Callable[[Sequence[tuple[Path, Agreement]]], Iterator[Finding]]], ...] = (
    ("PG313", terms.no_overlap),
    ("PG314", terms.ends_after_it_begins),
    ("PG315", terms.no_gap),
    ("PG316", terms.same_currency),
)
"""Rules for all versions of one partner together."""

REALM_RULES: tuple[tuple[str, Callable[[RealmSpec], Iterator[Finding]]], ...] = (
    ("PG401", realms.exact_redirects),
    ("PG402", realms.https_redirects),
    ("PG403", realms.exact_origins),
    ("PG404", realms.grantable_roles),
    ("PG405", realms.own_realm),
    ("PG406", realms.https_server),
    ("PG410", realms.local_means_local),
    ("PG411", realms.launch_client),
    ("PG412", realms.known_event_types),
    ("PG413", realms.long_enough_retention),
)
"""Rules for each environment. ``across.ACROSS`` compares partners."""
