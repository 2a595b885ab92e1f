"""Who a user is, and what a partner may say about users."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from partnergate.language.shape.finding import Finding
from partnergate.model.partner import SamlSignIn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.language.rules.finding import ProviderAt

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
_RESERVED = re.compile(
    r"(?:partner_?id|partner|kc[._].*|ldap_.*|keycloak[._].*|is_temporary_admin|username|user_?name|email|emailverified"
    r"|email_verified|firstname|lastname|id|sub|enabled|roles?|realm_?roles?|groups?|realm_access|resource_access"
    r"|password|credentials?|federation_?link|service_?account.*|created_?timestamp|not_?before|locale_?lock)\Z",
    re.IGNORECASE,
)
_ADMIN = re.compile(
    r"(?:.*\.)?(?:realm-admin|admin|administrator|create-realm|create-client|impersonation|offline_access|uma_authorization"
    r"|uma_protection|(?:manage|view|query)-[a-z-]+|default-roles-.*|read-token|delete-account)\Z"
    r"|realm-management(?:[./].*)?\Z|account(?:[./].*)?\Z|broker(?:[./].*)?\Z|.*-realm[./].*",
    re.IGNORECASE,
)
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


def is_admin_role(name: str) -> bool:
    """Whether Keycloak itself gives the role a power that no partner may hand out."""
    return _ADMIN.match(name) is not None


@lru_cache(maxsize=4096)
def _bare(claim: str) -> str:
    return re.sub(r"[^a-z0-9]", "", _PREFIX.sub("", claim).lower())


def stable_subject(provider: ProviderAt) -> Iterator[Finding]:
    """PG103: whoever gets the address next gets the account."""
    claim = provider.identity.subject
    if _bare(claim) in _MUTABLE or _bare(claim.rsplit(".", 1)[-1]) in _MUTABLE:
        yield Finding(
            provider.who("subject"),
            f"{claim} can change hands: whoever gets it next gets the account",
            "use name_id or an attribute that is never given twice"
            if isinstance(provider.sign_in, SamlSignIn)
            else "use sub, or another claim that the partner never gives twice",
        )


def email_name_id(provider: ProviderAt) -> Iterator[Finding]:
    """PG105: a NameID in the e-mail format is an e-mail address."""
    sign_in = provider.sign_in
    if (
        isinstance(sign_in, SamlSignIn)
        and sign_in.name_id_format == "email"
        and provider.identity.subject == "name_id"
    ):
        yield Finding(
            provider.sign("name_id_format"),
            "the NameID is an e-mail address, and users would be known by it",
            "ask the partner for persistent, or name a stable attribute as subject",
        )


def protocol_names(provider: ProviderAt) -> Iterator[Finding]:
    """PG137: ``name_id`` exists in SAML only, and there it is the subject's alone."""
    identity = provider.identity
    saml = isinstance(provider.sign_in, SamlSignIn)
    if identity.subject == "name_id" and not saml:
        yield Finding(provider.who("subject"), "name_id exists in SAML only", "use sub")
    elif saml and identity.subject != "name_id" and _bare(identity.subject) == "nameid":
        yield Finding(
            provider.who("subject"),
            f"{identity.subject} would be looked for among the attributes, where the NameID is not",
            "write name_id",
        )
    for field in ("username", "email", "first_name", "last_name"):
        if getattr(identity, field) == "name_id":
            yield Finding(
                provider.who(field),
                "name_id is no attribute; only subject can be taken from it",
                "name the attribute that the partner sends",
            )


def usual_claim_names(provider: ProviderAt) -> Iterator[Finding]:
    """PG162: claims are compared letter by letter; one that is not sent leaves the field empty."""
    for field in ("subject", "username", "email", "first_name", "last_name"):
        claim = getattr(provider.identity, field)
        if not claim or claim in _STANDARD or not claim.replace("_", "").replace("-", "").isalnum():
            continue
        usual = _STANDARD_BY_LETTERS.get(_bare(claim)) or _slip(claim)
        if usual:
            yield Finding(
                provider.who(field),
                f"OpenID Connect calls it {usual}; {claim} is nothing to most servers",
                f"write {usual}, unless the partner really sends {claim}",
            )


def _slip(claim: str) -> str | None:
    """The standard claim that differs by two neighbours exchanged, or by one letter more or less."""
    if len(claim) < _LEAST_FOR_A_SLIP:
        return None
    return next(
        (name for name in _STANDARD if sorted(name) == sorted(claim) or _one_letter(name, claim)), None
    )


def _one_letter(one: str, other: str) -> bool:
    """Whether leaving out one letter of the longer gives the shorter; or one letter is doubled."""
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) != 1 or short[0] != long[0]:
        return False
    return any(long[:place] + long[place + 1 :] == short for place in range(len(long)))


def reserved_attributes(provider: ProviderAt) -> Iterator[Finding]:
    """PG125: attributes that the host or Keycloak itself depends on are not a partner's to set."""
    for name, _ in provider.identity.attributes:
        if _RESERVED.match(name):
            yield Finding(
                provider.who("attributes", name),
                f"the attribute {name} is the host's own; a partner could claim to be someone else with it",
                "choose another name",
                on_key=True,
            )


def admin_grants(provider: ProviderAt) -> Iterator[Finding]:
    """PG126: no partner makes administrators."""
    for place, grant in enumerate(provider.identity.roles):
        if grant.grant and is_admin_role(grant.grant):
            yield Finding(
                provider.who("roles", place, "grant"),
                f"{grant.grant} is an admin role: the partner would decide who administers the realm",
                "grant a role of the host's product",
            )


def known_roles(provider: ProviderAt) -> Iterator[Finding]:
    """PG127: a role that is not there is silently not given."""
    declared = {role.name for role in provider.realm.roles}
    for place, grant in enumerate(provider.identity.roles):
        if grant.grant and grant.grant not in declared and not is_admin_role(grant.grant):
            yield Finding(
                provider.who("roles", place, "grant"),
                f"no realm template declares the role {grant.grant}",
                _declared("roles", declared, grant.grant),
            )


def known_groups(provider: ProviderAt) -> Iterator[Finding]:
    """PG128: Keycloak accepts a group that is not there, and the login fails."""
    declared = {group.path for group in provider.realm.groups}
    for place, grant in enumerate(provider.identity.roles):
        if grant.group and grant.group not in declared:
            yield Finding(
                provider.who("roles", place, "group"),
                f"no realm template declares the group {grant.group}",
                _declared("groups", declared, grant.group),
            )


def _declared(kind: str, declared: set[str], name: str) -> str:
    from partnergate.language.shape.suggestion import did_you_mean  # noqa: PLC0415

    listed = ", ".join(sorted(declared)) or "none"
    return did_you_mean(name, declared) or f"declared {kind}: {listed}; add it to realm_templates/base.yaml"


def conditional_grants(provider: ProviderAt) -> Iterator[Finding]:
    """PG136: a grant without condition is for everybody."""
    for place, grant in enumerate(provider.identity.roles):
        if not grant.when:
            yield Finding(
                provider.who("roles", place),
                f"{grant.grant or grant.group} goes to every user of the partner",
                "add when: {claim: value} unless this is meant",
            )


def distinct_claims(provider: ProviderAt) -> Iterator[Finding]:
    """PG141: two fields from one claim are mostly a slip of the pen."""
    subject = provider.identity.subject
    seen: dict[str, str] = {} if _bare(subject) in _MUTABLE else {subject: "subject"}  # PG103 has said it
    for field in ("first_name", "last_name", "email"):
        claim = getattr(provider.identity, field)
        if claim == "name_id":
            continue  # PG137
        if claim and claim in seen:
            yield Finding(provider.who(field), f"{field} and {seen[claim]} both come from {claim}", "")
        elif claim:
            seen[claim] = field
