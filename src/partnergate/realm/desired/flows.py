"""Authentication flows: first login, session check, and the domain gate."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from partnergate.realm.comparable import freeze
from partnergate.realm.desired.domain_gate import domain_pattern, gate_flow
from partnergate.realm.desired.provider import needs_gate_flow
from partnergate.realm.normalize import resource
from partnergate.realm.ownership import (
    BROWSER_FLOW,
    FIRST_LOGIN_FLOW,
    MISSING_SUBJECT_FLOW,
    REALM_OWNER,
    SESSION_CHECK_FLOW,
)
from partnergate.realm.state import Resource, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from partnergate.model.partner import PartnerSpec, ProviderSpec

Step = dict[str, object]

_INVISIBLE: Final = r"\.[\s\p{Z}\p{C}]*"
EMPTY_SUBJECT_PATTERN: Final = rf"(?s)[^.]*{_INVISIBLE}"
"""For Java ``String.matches``: an alias and a dot without a visible character after them."""


def empty_subject_pattern(aliases: Iterable[str]) -> str:
    """Return the pattern for providers with these aliases. User names are in lower case.

    An alias with dots is listed, because a subject may contain dots as well.
    """
    dotted = sorted({alias.lower() for alias in aliases if "." in alias})
    if not dotted:
        return EMPTY_SUBJECT_PATTERN
    listed = "|".join(re.escape(alias).replace(r"\-", "-").replace(r"\~", "~") for alias in dotted)
    return rf"(?s)(?:[^.]*|{listed}){_INVISIBLE}"


def realm_flows(aliases: Iterable[str] = ()) -> Iterator[Resource]:
    """Yield the flows that all partners share. ``aliases`` are those of all providers."""
    yield _flow(
        FIRST_LOGIN_FLOW,
        "First login of a partner's user: create the user, never link to another one",
        [_step("idp-create-user-if-unique"), _deny_empty_subject(empty_subject_pattern(aliases))],
    )
    yield _flow(
        BROWSER_FLOW,
        "Host clients: always through the partner's provider, never by a live session alone",
        [_step("identity-provider-redirector")],
    )
    yield _flow(
        SESSION_CHECK_FLOW,
        "Launch service: whose session is live, if any; login_required when there is none",
        [
            _step("auth-cookie", requirement="ALTERNATIVE"),
            _step("identity-provider-redirector", requirement="ALTERNATIVE"),
        ],
    )


def _deny_empty_subject(pattern: str) -> Step:
    """Deny a user with an empty or blank identifier, before the account is linked.

    Keycloak accepts an empty identifier, so that all such users of a partner would share one
    account (docs/decisions/empty-identifiers.md). The user name is ``<alias>.<identifier>``.
    """
    condition = {
        "attribute_expected_value": pattern,
        "attribute_name": "username",
        "include_group_attributes": "false",
        "not": "false",
        "regex": "true",
    }
    return {
        "flow": MISSING_SUBJECT_FLOW,
        "requirement": "CONDITIONAL",
        "steps": [
            _step("conditional-user-attribute", alias=f"{MISSING_SUBJECT_FLOW}-name", config=condition),
            _step("deny-access-authenticator"),
        ],
    }


def gate_flows(partner: PartnerSpec, provider: ProviderSpec) -> Iterator[Resource]:
    """Yield the flow after login that denies an email address outside the partner's domains.

    Keycloak counts a flow as failed if every condition is skipped, so the last step allows access.
    """
    if not needs_gate_flow(provider):
        return
    name = gate_flow(provider.alias)
    condition = {
        "attribute_expected_value": domain_pattern(provider.identity.email_domains),
        "attribute_name": "email",
        "include_group_attributes": "false",
        "not": "true",
        "regex": "true",
    }
    steps: list[Step] = [
        {
            "flow": f"{name}-refuse",
            "requirement": "CONDITIONAL",
            "steps": [
                _step("conditional-user-attribute", alias=f"{name}-email", config=condition),
                _step("deny-access-authenticator"),
            ],
        },
        _step("allow-access-authenticator"),
    ]
    yield _flow(
        name, f"After login through {provider.alias}: refuse other domains", steps, owner=partner.partner
    )


def _step(
    authenticator: str,
    *,
    requirement: str = "REQUIRED",
    alias: str = "",
    config: dict[str, str] | None = None,
) -> Step:
    step: Step = {"authenticator": authenticator, "requirement": requirement}
    return step | {"alias": alias, "config": config} if config else step


def _flow(name: str, description: str, steps: list[Step], *, owner: str = REALM_OWNER) -> Resource:
    return resource(
        ResourceKind.FLOW,
        name,
        {"description": description, "executions": freeze(steps), "providerId": "basic-flow"},
        owner=owner,
    )
