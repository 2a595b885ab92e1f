"""Imports an existing provider as the partner file that results in it. Pure.

The import does not prove that the file is exact: the caller compiles the file and compares the
result with the realm.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from partnergate.applying.importing import imported_sign_in
from partnergate.applying.importing.imported_identity import identity_of
from partnergate.applying.importing.known_targets import KnownTargets
from partnergate.applying.importing.partner_ids import partner_ids
from partnergate.applying.importing.provider_config import Config
from partnergate.realm.desired.domain_gate import gate_flow
from partnergate.realm.state import ResourceKind
from partnergate.realm.subject import identifier_of

if TYPE_CHECKING:
    from partnergate.applying.importing.imported_identity import NotImported
    from partnergate.applying.importing.provider_config import Adjustment
    from partnergate.realm.state import RealmState, Resource

PROTOCOLS: Final = frozenset({"oidc", "saml", "oauth2"})
_LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPartner:
    """One provider as a partner file."""

    partner: str
    document: dict[str, Any]
    alias: str = ""
    """The alias of the provider; by default the partner ID."""
    owned: bool = False
    """Whether partnergate created the provider, or adopted it."""
    not_imported: tuple[NotImported, ...] = ()
    """The mappers that ``document`` does not express, by name."""
    adjustments: tuple[Adjustment, ...] = ()
    """Values of ``document`` that differ from those of the provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedProvider:
    """A provider that no partner file can express."""

    alias: str
    reason: str


def import_providers(
    state: RealmState, realm_url: str
) -> tuple[list[ImportedPartner], list[SkippedProvider]]:
    """Every provider of the realm, as a partner file or with the reason why it is skipped."""
    realm = _Realm(state, realm_url)
    found: list[ImportedPartner] = []
    left: list[SkippedProvider] = []
    for provider in realm.providers:
        alias = provider.key.name
        if reason := realm.reason_to_skip(provider):
            left.append(SkippedProvider(alias=alias, reason=reason))
        else:
            found.append(realm.imported(provider))
    return _with_distinct_names(found), left


class _Realm:
    """The parts of a realm that the import of a provider reads."""

    def __init__(self, state: RealmState, realm_url: str) -> None:
        self._url = realm_url
        self._known = KnownTargets.of(state)
        self.providers: list[Resource] = []
        self._mappers: dict[str, list[Resource]] = {}
        self._domains: dict[str, list[str]] = {}
        self._ungated: dict[str, list[str]] = {}
        for one in state.resources:
            match one.key.kind:
                case ResourceKind.IDENTITY_PROVIDER:
                    self.providers.append(one)
                case ResourceKind.IDENTITY_PROVIDER_MAPPER:
                    self._mappers.setdefault(one.key.parent, []).append(one)
                case ResourceKind.ORGANIZATION:
                    domains = _strings(one.fields.get("domains"))
                    aliases = _strings(one.fields.get("identityProviders"))
                    # Keycloak denies no user by the domains of an organization; a file does.
                    (self._domains if one.owner else self._ungated).update(dict.fromkeys(aliases, domains))
        owners = Counter(one.owner for one in self.providers if one.owner)
        alone = {one.key.name: one.owner for one in self.providers if owners.get(one.owner) == 1}
        self._partners = partner_ids((one.key.name for one in self.providers), alone)

    def reason_to_skip(self, provider: Resource) -> str:
        """Why no file can express the provider; empty when one can."""
        alias = provider.key.name
        kind = str(provider.fields.get("providerId", ""))
        if kind not in PROTOCOLS:
            return f"its type is {kind}, which is not a partner protocol"
        if provider.fields.get("linkOnly") is True:
            return "it only links accounts, so no user can sign in through it"
        if alias not in self._partners:
            return "its alias has characters that no partner file can have"
        if provider.owner not in {"", self._partners[alias]}:
            return f"it is one of several providers of {provider.owner}; write that partner file yourself"
        identifier = identifier_of(provider, self._mappers.get(alias, ()))
        if not identifier.subject:
            return f"its users are identified by {identifier.text}, which no partner file can express"
        return ""

    def imported(self, provider: Resource) -> ImportedPartner:
        """The provider as a file."""
        alias = provider.key.name
        partner = self._partners[alias]
        mappers = self._mappers.get(alias, [])
        subject = identifier_of(provider, mappers).subject
        config = Config(provider=provider)
        protocol = str(provider.fields["providerId"])
        match protocol:
            case "oidc":
                signing = imported_sign_in.oidc(config, partner)
            case "saml":
                signing = imported_sign_in.saml(config, subject, self._url)
            case _:
                signing = imported_sign_in.oauth2(config, partner)
        identity, not_imported = identity_of(
            config,
            protocol,
            subject,
            mappers=mappers,
            domains=self._domains.get(alias, []),
            known=self._known,
        )
        _lost_behavior(config)
        if domains := self._ungated.get(alias):
            effect = (
                "these domains of its organization deny no user today; with the key, only they can sign in"
            )
            config.adjust("identity.email_domains", found=", ".join(domains), written="", effect=effect)
        document = {
            "partnergate": 1,
            "partner": partner,
            "name": str(provider.fields.get("displayName") or "").strip()[:_LONGEST_NAME] or alias,
            "stage": "live" if provider.fields.get("enabled") else "suspended",
            **({"alias": alias} if alias != partner else {}),
            "sign_in": {"protocol": protocol} | signing,
            "identity": identity,
        }
        return ImportedPartner(
            partner=partner,
            alias=alias,
            owned=bool(provider.owner),
            document=document,
            not_imported=not_imported,
            adjustments=tuple(config.adjustments),
        )


def _lost_behavior(config: Config) -> None:
    """Record what no file can ask for, where it decides who signs in, and with which claims."""
    flow = str(config.provider.fields.get("postBrokerLoginFlowAlias") or "")
    if flow and flow != gate_flow(config.provider.key.name):  # type: ignore[arg-type]
        effect = "what the flow checks after each login is not checked"
        config.adjust("sign_in", found=f"the flow {flow} after login", written="", effect=effect)
    if config.flag("isAccessTokenJWT"):
        effect = "claims that only the access token contains are missing: they must be in the ID token"
        config.adjust("identity", found="claims of the access token", written="", effect=effect)


def _with_distinct_names(found: list[ImportedPartner]) -> list[ImportedPartner]:
    """Two partners cannot have one name, so the alias follows a name that another has as well."""
    counts: dict[str, int] = {}
    for one in found:
        key = one.document["name"].casefold()
        counts[key] = counts.get(key, 0) + 1
    return [
        replace(one, document=one.document | {"name": f"{one.document['name'][:80]} ({one.partner})"})
        if counts[one.document["name"].casefold()] > 1
        else one
        for one in found
    ]


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, tuple) else []
