"""Compares an OpenID Connect sign-in with what the recorded configuration of the partner supports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.language.keys.sign_in import OIDC_AUTHENTICATION, OIDC_SCOPES
from partnergate.language.text.tree import Mapping, Scalar, Sequence, child, head_of, span_of

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf

    from partnergate.diagnostics import Span
    from partnergate.language.report import Report
    from partnergate.language.text.tree import Entry, Tree

_PUBLIC_KEYS = frozenset({"RS", "PS", "ES", "Ed"})
"""Prefixes of signature algorithms that a published key verifies. HS uses the secret, none is unsigned."""
_DEMANDS = {
    "demands_pushed_requests": "require_pushed_authorization_requests",
    "demands_signed_requests": "require_signed_request_object",
}
"""Key -> field of the document; the host does neither."""


def check_offers(sign_in: Mapping, recorded: MappingOf[str, Entry], report: Report) -> None:
    """PG163 and PG174: what the partner itself does not list as supported."""
    _authentication(sign_in, recorded, report)
    _signatures(recorded, report)
    _flow(sign_in, recorded, report)
    _scopes(sign_in, recorded, report)


def _offered(recorded: MappingOf[str, Entry], key: str) -> list[str]:
    entry = recorded.get(key)
    items = entry.value.items if entry and isinstance(entry.value, Sequence) else ()
    return [item.text for item in items if isinstance(item, Scalar)]


def _text(tree: Tree | None) -> str | None:
    return tree.text if isinstance(tree, Scalar) else None


def _place(written: Tree | None, sign_in: Mapping) -> Span:
    return span_of(written) if written else head_of(sign_in)


def _authentication(sign_in: Mapping, recorded: MappingOf[str, Entry], report: Report) -> None:
    written = child(sign_in, "client_authentication")
    chosen, ways = _text(written) or OIDC_AUTHENTICATION[0], _offered(recorded, "offered_authentication")
    usable = [way for way in OIDC_AUTHENTICATION if way in ways]
    if ways and chosen not in ways:
        report.add(
            "PG163",
            _place(written, sign_in),
            f"the partner supports {', '.join(ways)}, not {chosen}{'' if written else ', the default'}",
            f"set client_authentication to {' or '.join(usable)}; or record the configuration again"
            if usable
            else f"ask the partner to support {' or '.join(OIDC_AUTHENTICATION)}, then record it again",
        )
    algorithms = _offered(recorded, "offered_assertion_signatures")
    signing = child(sign_in, "signing_algorithm")
    algorithm = _text(signing) or "RS256"
    if chosen == "private_key_jwt" and algorithms and algorithm not in algorithms:
        report.add(
            "PG163",
            _place(signing, sign_in),
            f"the partner verifies {', '.join(algorithms)} at the token endpoint, not {algorithm}",
            "set signing_algorithm to a listed one, or ask the partner to support RS256, PS256 or ES256",
        )


def _signatures(recorded: MappingOf[str, Entry], report: Report) -> None:
    algorithms = _offered(recorded, "offered_signatures")
    if algorithms and not any(name[:2] in _PUBLIC_KEYS for name in algorithms):
        report.add(
            "PG163",
            span_of(recorded["offered_signatures"].value),
            f"ID tokens are signed with {', '.join(algorithms)}, which no published key can verify",
            "ask the partner for RS256, PS256 or ES256",
        )


def _flow(sign_in: Mapping, recorded: MappingOf[str, Entry], report: Report) -> None:
    types = _offered(recorded, "offered_response_types")
    if types and "code" not in types:
        report.add(
            "PG163",
            span_of(recorded["offered_response_types"].value),
            f"the partner supports the response types {', '.join(types)}, not code",
            "ask the partner for the authorization code flow (response type code)",
        )
    methods = _offered(recorded, "offered_challenges")
    if methods and "S256" not in methods and _text(child(sign_in, "pkce")) != "false":
        report.add(
            "PG163",
            span_of(recorded["offered_challenges"].value),
            f"the partner supports PKCE with {', '.join(methods)}; the host uses S256",
            "ask the partner for S256",
        )
    for key, field in _DEMANDS.items():
        entry = recorded.get(key)
        if entry and isinstance(entry.value, Scalar) and entry.value.plain and entry.value.text == "true":
            report.add(
                "PG163",
                span_of(entry.value),
                f"the partner requires what the host does not do: {field} is true",
                "ask the partner to turn the requirement off for the host's client",
            )


def _scopes(sign_in: Mapping, recorded: MappingOf[str, Entry], report: Report) -> None:
    known, written = _offered(recorded, "offered_scopes"), child(sign_in, "scopes")
    items = written.items if isinstance(written, Sequence) else ()
    wanted = [item.text for item in items if isinstance(item, Scalar)] if written else OIDC_SCOPES
    unknown = [scope for scope in wanted if scope not in known and scope != "openid"]
    if known and unknown:
        report.add(
            "PG174",
            _place(written, sign_in),
            f"the partner does not list the scope {', '.join(unknown)}{'' if written else ', a default'}",
            f"listed scopes: {', '.join(known)}; set scopes, or ask the partner whether it accepts this one",
        )
