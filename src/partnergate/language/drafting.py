"""Drafts a partner file from the OpenID configuration or SAML metadata that a partner publishes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from partnergate.language.declared_names import Name, named_fields, usable_names
from partnergate.language.recorded.filling import DISCOVERY_SUFFIX, METADATA_SUFFIX
from partnergate.language.recorded.metadata import parsed_metadata
from partnergate.strict_json import StrictJsonError, decode_json

if TYPE_CHECKING:
    from datetime import date

    from partnergate.language.recorded.metadata import IdpMetadata

_BASIC, _POST, _KEY = "client_secret_basic", "client_secret_post", "private_key_jwt"
_LISTED = 5
_NAMED = 20
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*(?::[A-Za-z0-9._/-]+)*\Z")
_NOT_A_TEXT = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
_SCOPES = ("openid", "email", "profile")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_CLAIMS = (("email", "email"), ("first_name", "given_name"), ("last_name", "family_name"))

_ATTRIBUTES = (("email", "email"), ("first_name", "givenName"), ("last_name", "surname"))


class Draft(NamedTuple):
    """A partner file and the recorded document that it takes its endpoints from."""

    partner_file: str
    recorded_name: str
    recorded: bytes
    protocol: str
    """``oidc`` or ``saml``."""


class _Origin(NamedTuple):
    partner: str
    name: str
    source: str
    today: date

    @property
    def is_url(self) -> bool:
        return self.source.startswith(("https://", "http://"))


def _quoted(text: str) -> str:
    """Return a YAML text with exactly this value, quoted only if necessary."""
    plain = _PLAIN.match(text) and text.lower() not in _NOT_A_TEXT
    return text if plain else json.dumps(text, ensure_ascii=False)


def _head(origin: _Origin) -> list[str]:
    return [
        "# yaml-language-server: $schema=../schema/partner.schema.json",
        "partnergate: 1",
        f"partner: {origin.partner}",
        f"name: {json.dumps(origin.name, ensure_ascii=False)}",
        "stage: draft                   # use staging as soon as the partner has registered the host",
        "# Contacts are required from stage staging on.",
        "# contacts: {technical: [ADDRESS], billing: [ADDRESS]}",
        "",
    ]


def _reference(key: str, recorded_name: str, origin: _Origin) -> list[str]:
    url = f", url: {_quoted(origin.source)}" if origin.is_url else ""
    return [
        f"  # Recorded on {origin.today} from {origin.source}.",
        "  # To record it again, run partnergate partner add with --force.",
        f"  {key}: {{file: {recorded_name}{url}}}",
    ]


def _authentication(document: dict[str, Any]) -> list[str]:
    offered = document.get("token_endpoint_auth_methods_supported") or [_BASIC]
    lines = []
    if _KEY in offered:
        lines.append(f"  # The partner also supports {_KEY}, which needs no secret and is preferred.")
    chosen = (
        _BASIC if _BASIC in offered else _POST if _POST in offered else _KEY if _KEY in offered else _BASIC
    )
    return [*lines, f"  client_authentication: {chosen}"]


def _scopes(offered: list[object]) -> list[str]:
    """Return the supported scopes, if the partner lists them: some servers reject unknown scopes."""
    wanted = ["openid", *(scope for scope in _SCOPES[1:] if scope in offered)]
    return [f"  scopes: [{', '.join(wanted)}]"] if offered and len(wanted) < len(_SCOPES) else []


def _tail() -> list[str]:
    return [
        "",
        "# The commercial terms are required from stage live on. The schema lists every price model.",
        "# agreement:",
        "#   - effective: 2027-01-01",
        "#     currency: USD",
        "#     time_zone: America/New_York",
        "#     charges:",
        '#       - {name: Platform, price: {model: flat, amount: "499.00"}}',
        "",
    ]


def _claims(known: object) -> list[str]:
    """Return the user fields: the standard claims, or those that the partner lists."""
    if not isinstance(known, list):
        return [f"  {field}: {claim}" for field, claim in _CLAIMS]
    found = named_fields(usable_names(Name(name) for name in known if isinstance(name, str)))
    standard = {field: claim for field, claim in _CLAIMS if claim in known}
    return [f"  {field}: {_quoted(claim)}" for field, claim in (found | standard).items()]


def _attributes(provider: IdpMetadata) -> list[str]:
    """Return the user fields: the attributes that the metadata declares, or else the usual names."""
    declared = usable_names(Name(one.name, one.friendly_name) for one in provider.attributes)
    if not declared:
        return [
            "  # The metadata declares no attributes. These names are usual: ask the partner for its own.",
            *(f"  {field}: {name}" for field, name in _ATTRIBUTES),
        ]
    found = named_fields(declared)
    names = ", ".join(one.name for one in declared[:_NAMED]) + (", ..." if len(declared) > _NAMED else "")
    return [
        f"  # Attributes that the metadata declares: {names}",
        *(
            f"  {field}: {_quoted(found[field])}" if field in found else f"  # {field}: NAME   # not declared"
            for field, _ in _ATTRIBUTES
        ),
    ]


def _oidc(content: bytes, origin: _Origin, client_id: str) -> Draft:
    document = decode_json(content.removeprefix(b"\xef\xbb\xbf"))
    if not isinstance(document, dict) or not isinstance(document.get("issuer"), str):
        raise ValueError("the document has no issuer: it is not an OpenID configuration")  # noqa: TRY004 - one kind for callers
    recorded_name = f"{origin.partner}.{DISCOVERY_SUFFIX}"
    authentication = _authentication(document)
    keyed = authentication[-1].endswith(_KEY)
    known, scopes = document.get("claims_supported"), document.get("scopes_supported")
    lines = [
        *_head(origin),
        "sign_in:",
        "  protocol: oidc",
        f"  issuer: {_quoted(document['issuer'])}",
        *_reference("discovery", recorded_name, origin),
        f"  client_id: {_quoted(client_id)}            # ID of the host at the partner: ask the partner",
        *([] if keyed else [f"  client_secret: {{vault: {origin.partner}-client-secret}}"]),
        *authentication,
        *_scopes(scopes if isinstance(scopes, list) else []),
        "",
        "identity:",
        "  subject: sub                 # never changes and is never reassigned",
        *_claims(known),
        "  # Allow only users of these domains:",
        "  # email_domains: [DOMAIN]",
        *_tail(),
    ]
    recorded = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return Draft("\n".join(lines), recorded_name, recorded.encode(), "oidc")


def _chosen(providers: tuple[IdpMetadata, ...], entity_id: str | None) -> IdpMetadata:
    """Return the only identity provider, or the one with the requested entity ID."""
    known: dict[str, IdpMetadata] = {provider.entity_id: provider for provider in reversed(providers)}
    if entity_id is None and len(known) == 1:
        return providers[0]
    if entity_id in known:
        return known[entity_id]
    listed = ", ".join([*list(known)[::-1][:_LISTED], *(["..."] if len(known) > _LISTED else [])])
    if entity_id is not None:
        raise ValueError(f"the document does not describe {entity_id}; it describes {listed}")
    raise ValueError(
        f"the document describes several identity providers ({listed}): choose one with --entity-id"
    )


def _subject(formats: tuple[str, ...]) -> list[str]:
    """Return the subject lines for the NameID formats that the partner supports."""
    if not formats or "persistent" in formats:
        return ["  subject: name_id             # persistent; email addresses are rejected"]
    listed = ", ".join(formats)
    return [
        f"  # The partner supports the NameID formats {listed}, but the host requests persistent.",
        "  # Ask for persistent, or set name_id_format above and name a stable attribute as the subject.",
        "  subject: name_id",
    ]


def _saml(content: bytes, origin: _Origin, entity_id: str | None) -> Draft:
    provider = _chosen(parsed_metadata(content), entity_id)
    recorded_name = f"{origin.partner}.{METADATA_SUFFIX}"
    rotation = f"{len(provider.certificates)} signing certificate" + (
        "s" if len(provider.certificates) != 1 else ""
    )
    lines = [
        *_head(origin),
        "sign_in:",
        "  protocol: saml",
        f"  entity_id: {_quoted(provider.entity_id)}",
        f"  # {rotation} and the URLs come from the recorded metadata.",
        *_reference("metadata", recorded_name, origin),
        "",
        "identity:",
        *_subject(provider.name_id_formats),
        *_attributes(provider),
        "  # email_domains: [DOMAIN]",
        *_tail(),
    ]
    return Draft("\n".join(lines), recorded_name, content, "saml")


def draft(
    content: bytes,
    *,
    partner: str,
    name: str,
    source: str,
    today: date,
    client_id: str,
    entity_id: str | None = None,
) -> Draft:
    """Return the draft files for a partner.

    ``entity_id`` selects one of several identity providers in SAML metadata. Raises ``ValueError`` with a
    readable reason if the document cannot be used.
    """
    origin = _Origin(partner, name, source, today)
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"{":
        try:
            return _oidc(content, origin, client_id)
        except StrictJsonError as error:
            raise ValueError(f"the document is not valid JSON: {error}") from error
    if start == b"<" or content.startswith(_UTF_16):
        return _saml(content, origin, entity_id)
    raise ValueError("neither an OpenID configuration (JSON) nor SAML metadata (XML)")
