"""Reads the ``sign_in`` keys from recorded SAML metadata.

Metadata comes from another organization: it is parsed without DTDs, entities, and network access, up to a
size limit. Its signature is not verified here. The certificates in it are shown, reviewed, and committed
by users.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from partnergate.diagnostics import Span
from partnergate.language.text.tree import Entry, Scalar, Sequence

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from partnergate.language.report import Report

METADATA_LIMIT = 512 * 1024
_MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_BINDINGS = {
    "post": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
    "redirect": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
}
"""In the order of preference."""
_SPACE = re.compile(r"\s+")


class Position(NamedTuple):
    """A 0-based position in the document."""

    line: int
    column: int


class Endpoint(NamedTuple):
    """The URL of the endpoint, and how the browser sends requests: ``post`` or ``redirect``."""

    url: str
    binding: str


class IdpMetadata(NamedTuple):
    """One identity provider in a metadata document."""

    entity_id: str
    sso: Endpoint | None
    slo: Endpoint | None
    certificates: tuple[str, ...]
    name_id_formats: tuple[str, ...] = ()
    """Last part of each format, like ``persistent``."""


def _endpoint(descriptor: Any, element: str) -> Endpoint | None:
    """The POST endpoint, or else the redirect endpoint."""
    by_binding = {e.get("Binding"): e.get("Location") for e in descriptor.iter(_MD + element)}
    found = ((binding, by_binding.get(_BINDINGS[binding])) for binding in _BINDINGS)
    return next((Endpoint(str(url).strip(), binding) for binding, url in found if url), None)


def _certificates(descriptor: Any) -> tuple[str, ...]:
    """Signing certificates in the order of the document, without duplicates."""
    found: dict[str, None] = {}
    for key in descriptor.iter(_MD + "KeyDescriptor"):
        if key.get("use") in (None, "signing"):
            for certificate in key.iter(_DS + "X509Certificate"):
                found[_SPACE.sub("", certificate.text or "")] = None
    return tuple(name for name in found if name)


def parsed_metadata(content: bytes) -> tuple[IdpMetadata, ...]:
    """Return every identity provider of the document. Raises ``ValueError`` if it cannot be used."""
    from defusedxml import ElementTree  # noqa: PLC0415 - only SAML needs it
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415

    if len(content) > METADATA_LIMIT:
        raise ValueError(f"the document has {len(content):,} bytes; the limit is {METADATA_LIMIT:,}")
    try:
        root = ElementTree.fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise ValueError("the document has a DTD or entities, which metadata never needs") from error
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise ValueError(f"not XML: {error}") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    found = [
        IdpMetadata(
            entity_id=str(entity.get("entityID") or ""),
            sso=_endpoint(descriptor, "SingleSignOnService"),
            slo=_endpoint(descriptor, "SingleLogoutService"),
            certificates=_certificates(descriptor),
            name_id_formats=tuple(
                (one.text or "").strip().rpartition(":")[2] for one in descriptor.iter(_MD + "NameIDFormat")
            ),
        )
        for entity in root.iter(_MD + "EntityDescriptor")
        for descriptor in entity.iter(_MD + "IDPSSODescriptor")
    ]
    if not found:
        raise ValueError("the document describes no SAML identity provider")
    return tuple(found)


def _scalar(text: str, written: str, file: PurePosixPath) -> Scalar:
    """A value with its position in the document, or with position 0 if it is derived."""
    offset = max(written.find(text[:60]), 0)
    line = written.count("\n", 0, offset)
    column = offset - (written.rfind("\n", 0, offset) + 1)
    return Scalar(file, Position(line, column), Position(line, column + min(len(text), 60)), text, False)


def metadata_entries(
    content: bytes, file: PurePosixPath, entity_id: str | None, report: Report
) -> dict[str, Entry] | None:
    """Return key -> value for the identity provider with the entity ID, if there are several."""
    try:
        providers = parsed_metadata(content)
    except ValueError as error:
        report.add("PG032", Span(file=file), str(error), "record it again: partnergate partner add")
        return None
    chosen = next((p for p in providers if p.entity_id == entity_id), providers[0])
    written = content.decode("utf-8", errors="replace")

    def entry(name: str, value: Scalar | Sequence) -> Entry:
        return Entry(Scalar(file, value.start, value.end, name, True), value)

    found = {"entity_id": entry("entity_id", _scalar(chosen.entity_id, written, file))}
    for name, endpoint in (("sso", chosen.sso), ("slo", chosen.slo)):
        if endpoint:
            place = _scalar(endpoint.url, written, file)
            found[f"{name}_url"] = entry(f"{name}_url", place)
            found[f"{name}_binding"] = entry(f"{name}_binding", place._replace(text=endpoint.binding))
    if chosen.certificates:
        items = tuple(_scalar(text, written, file) for text in chosen.certificates)
        found["certificates"] = entry("certificates", Sequence(file, items[0].start, items[0].end, items))
    return found
