"""Checks how users are identified and what a partner can assert about them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from partnergate.language.shape.finding import Finding
from partnergate.model.partner import SamlSignIn
from partnergate.realm.mappers.grants import is_admin_role
from partnergate.realm.mappers.kind import TargetKind
from partnergate.realm.mappers.mapper_kinds import targets
from partnergate.realm.mappers.user_attribute import is_reserved_attribute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.language.rules.rule_inputs import ProviderAt

_MUTABLE = frozenset(
    {
        "email",
        "mail",
        "emailaddress",
        "emailverified",
        "preferredusername",
        "username",
        "userprincipalname",
        "upn",
        "uniquename",
        "nickname",
        "name",
        "displayname",
        "phone",
        "phonenumber",
        "mobile",
        "givenname",
        "familyname",
        "login",
        "samaccountname",
        "eduPersonPrincipalName".lower(),
        "0923421920030010013",
        "13614159231116",
    }
)
_PREFIX = re.compile(r"^(?:urn:oid:|https?://.*/claims/|.*/)", re.IGNORECASE)
_STANDARD = (
    "sub",
    "email",
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
)
_STANDARD_BY_LETTERS = {name.replace("_", ""): name for name in _STANDARD}
_LEAST_FOR_A_SLIP = 5


@lru_cache(maxsize=4096)
def _bare(claim: str) -> str:
    return re.sub(r"[^a-z0-9]", "", _PREFIX.sub("", claim).lower())


def stable_subject(provider: ProviderAt) -> Iterator[Finding]:
    """PG103: the next owner of a reassigned address would get the account."""
    claim = provider.identity.subject
    if _bare(claim) in _MUTABLE or _bare(claim.rsplit(".", 1)[-1]) in _MUTABLE:
        yield Finding(
            provider.who("subject"),
            f"{claim} is not a stable identifier: the next owner of the value gets the account",
            "use name_id, or an attribute that the partner never reassigns"
            if isinstance(provider.sign_in, SamlSignIn)
            else "use sub, or another claim that the partner never reassigns",
        )


def email_name_id(provider: ProviderAt) -> Iterator[Finding]:
    """PG105: a NameID in the email format is an email address."""
    sign_in = provider.sign_in
    if (
        isinstance(sign_in, SamlSignIn)
        and sign_in.name_id_format == "email"
        and provider.identity.subject == "name_id"
    ):
        yield Finding(
            provider.sign("name_id_format"),
            "users are identified by a NameID that is an email address",
            "ask the partner for persistent, or name a stable attribute as subject",
        )


def protocol_names(provider: ProviderAt) -> Iterator[Finding]:
    """PG137: ``name_id`` exists only in SAML, and only as the subject."""
    identity = provider.identity
    saml = isinstance(provider.sign_in, SamlSignIn)
    if identity.subject == "name_id" and not saml:
        yield Finding(provider.who("subject"), "name_id exists only in SAML", "use sub")
    elif saml and identity.subject != "name_id" and _bare(identity.subject) == "nameid":
        yield Finding(
            provider.who("subject"),
            f"{identity.subject} would be searched among the attributes, which do not include the NameID",
            "write name_id",
        )
    for field in ("email", "first_name", "last_name"):
        if getattr(identity, field) == "name_id":
            yield Finding(
                provider.who(field),
                "name_id is not an attribute; only subject can use it",
                "use the name of the attribute that the partner sends",
            )


def usual_claim_names(provider: ProviderAt) -> Iterator[Finding]:
    """PG162: claim names are compared character by character. A missing claim leaves the field empty."""
    for field in ("subject", "email", "first_name", "last_name"):
        claim = getattr(provider.identity, field)
        if not claim or claim in _STANDARD or not claim.replace("_", "").replace("-", "").isalnum():
            continue
        standard = _STANDARD_BY_LETTERS.get(_bare(claim)) or _misspelled(claim)
        if standard:
            yield Finding(
                provider.who(field),
                f"the standard claim is {standard}; most servers do not send {claim}",
                f"write {standard}, unless the partner really sends {claim}",
            )


def _misspelled(claim: str) -> str | None:
    """Return the standard claim that differs by two swapped letters, or by one letter more or less."""
    if len(claim) < _LEAST_FOR_A_SLIP:
        return None
    return next(
        (name for name in _STANDARD if sorted(name) == sorted(claim) or _one_letter(name, claim)), None
    )


def _one_letter(one: str, other: str) -> bool:
    """Whether removing one letter of the longer name gives the shorter, or one letter is doubled."""
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) != 1 or short[0] != long[0]:
        return False
    return any(long[:place] + long[place + 1 :] == short for place in range(len(long)))


def reserved_attributes(provider: ProviderAt) -> Iterator[Finding]:
    """PG125: a partner must not set attributes that the host or Keycloak depends on."""
    for target in targets(provider.identity, TargetKind.USER_ATTRIBUTE):
        name = target.name
        if is_reserved_attribute(name):
            yield Finding(
                provider.who(*target.path),
                f"attribute {name} is reserved for the host; a partner could use it to impersonate another",
                "choose another name",
                on_key=True,
            )


def admin_grants(provider: ProviderAt) -> Iterator[Finding]:
    """PG126: a partner must not create administrators."""
    for target in targets(provider.identity, TargetKind.ROLE):
        if is_admin_role(target.name):
            yield Finding(
                provider.who(*target.path),
                f"{target.name} is an admin role: the partner could create administrators of the realm",
                "grant a role of the host's product",
            )


def known_roles(provider: ProviderAt) -> Iterator[Finding]:
    """PG127: Keycloak silently ignores a role that does not exist."""
    declared = {role.name for role in provider.realm.roles}
    for target in targets(provider.identity, TargetKind.ROLE):
        if target.name not in declared and not is_admin_role(target.name):
            yield Finding(
                provider.who(*target.path),
                f"no realm template declares the role {target.name}",
                _declared("roles", declared, target.name),
            )


def known_groups(provider: ProviderAt) -> Iterator[Finding]:
    """PG128: Keycloak accepts a group that does not exist, and then the login fails."""
    declared = {group.path for group in provider.realm.groups}
    for target in targets(provider.identity, TargetKind.GROUP):
        if target.name not in declared:
            yield Finding(
                provider.who(*target.path),
                f"no realm template declares the group {target.name}",
                _declared("groups", declared, target.name),
            )


def _declared(kind: str, declared: set[str], name: str) -> str:
    from partnergate.language.shape.suggestion import did_you_mean  # noqa: PLC0415

    listed = ", ".join(sorted(declared)) or "none"
    return (
        did_you_mean(name, declared)
        or f"declared {kind}: {listed}; to use another, add it to realm_templates/base.yaml"
    )


def conditional_grants(provider: ProviderAt) -> Iterator[Finding]:
    """PG136: a grant without a condition applies to every user."""
    for kind in (TargetKind.ROLE, TargetKind.GROUP):
        for target in targets(provider.identity, kind):
            if target.unconditional:
                yield Finding(
                    provider.who(*target.path[:-1]),
                    f"every user of the partner gets {target.name}",
                    "add when: {claim: value}, unless this is intended",
                )


def distinct_claims(provider: ProviderAt) -> Iterator[Finding]:
    """PG141: two fields from the same claim are usually a copying mistake."""
    subject = provider.identity.subject
    seen: dict[str, str] = (
        {} if _bare(subject) in _MUTABLE else {subject: "subject"}
    )  # PG103 has already been reported
    for field in ("first_name", "last_name", "email"):
        claim = getattr(provider.identity, field)
        if claim == "name_id":
            continue  # PG137
        if claim and claim in seen:
            yield Finding(provider.who(field), f"{field} and {seen[claim]} use the same claim {claim}", "")
        elif claim:
            seen[claim] = field
