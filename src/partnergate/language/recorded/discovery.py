"""Reads the ``sign_in`` keys from a recorded OpenID configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.diagnostics import Span
from partnergate.language.report import Report
from partnergate.language.text.decoding import decoded
from partnergate.language.text.nodes import compose
from partnergate.language.text.tree import Entry, Mapping, Scalar, Sequence, span_of

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from partnergate.language.text.tree import Tree

FIELDS = {
    "issuer": "issuer",
    "authorization_endpoint": "authorization_url",
    "token_endpoint": "token_url",
    "jwks_uri": "jwks_url",
    "userinfo_endpoint": "userinfo_url",
    "end_session_endpoint": "logout_url",
}
"""Field of the document -> key of ``sign_in``."""
OFFERS = {
    "token_endpoint_auth_methods_supported": "offered_authentication",
    "id_token_signing_alg_values_supported": "offered_signatures",
    "token_endpoint_auth_signing_alg_values_supported": "offered_assertion_signatures",
    "response_types_supported": "offered_response_types",
    "code_challenge_methods_supported": "offered_challenges",
    "scopes_supported": "offered_scopes",
    "require_pushed_authorization_requests": "demands_pushed_requests",
    "require_signed_request_object": "demands_signed_requests",
}
"""Fields of the document that set no key. ``discovery_limits`` compares the partner file with them."""


def discovery_entries(content: bytes, file: PurePosixPath, report: Report) -> dict[str, Entry] | None:
    """Return key -> value with positions inside the document; none if the document cannot be used."""
    reading = Report()
    text = decoded(content, file, reading)
    tree = compose(text, file, reading) if text is not None else None
    if not isinstance(tree, Mapping):
        _refuse(file, reading, report)
        return None
    found = {}
    for field, key in FIELDS.items():
        entry = tree.entries.get(field)
        if entry is None or _is_null(entry.value):
            continue
        if not isinstance(entry.value, Scalar) or entry.value.plain:
            report.add("PG031", span_of(entry.value), f"{field} is not text")
            continue
        found[key] = entry
    for field, key in OFFERS.items():
        entry = tree.entries.get(field)
        if entry is not None and isinstance(entry.value, Sequence | Scalar):
            found[key] = entry
    if "issuer" not in found:
        report.add(
            "PG031", span_of(tree), "the document has no issuer", "record it again: partnergate partner add"
        )
        return None
    return found


def _is_null(value: Tree) -> bool:
    """Whether the value is null. Some servers write null for unsupported fields."""
    return isinstance(value, Scalar) and value.plain and value.text == "null"


def _refuse(file: PurePosixPath, reading: Report, report: Report) -> None:
    first = next(iter(reading.found()), None)
    report.add(
        "PG031",
        first.span if first else Span(file=file),
        first.message if first else "the document is not a JSON object",
        "record it again: partnergate partner add",
    )
