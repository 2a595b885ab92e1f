"""Reads the ``sign_in`` keys from recorded SAML metadata.

Metadata comes from another organization: it is parsed without DTDs, entities, and network access, up to a
size limit. Its signature is not verified here. The certificates in it are shown, reviewed, and committed
by users.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from partnergate.diagnostics import Span
from partnergate.language.text.tree import Entry, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator
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
_SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
_SPACE = re.compile(r"\s+")
_PEM_LINE = re.compile(r"-----(?:BEGIN|END) [A-Z0-9 ]+-----")
_TAG = re.compile(r"<[\w.:-]+")


class Position(NamedTuple):
    """A 0-based position in the document."""

    line: int
    column: int


class Element(NamedTuple):
    """An element of the document and where its start tag is."""

    node: Any
    start: Position
    end: Position
    """Behind the name of the element."""


class Endpoint(NamedTuple):
    """The URL of the endpoint, and how the browser sends requests: ``post`` or ``redirect``."""

    url: str
    binding: str


class Service(NamedTuple):
    """One published endpoint, usable or not."""

    name: str
    """``SingleSignOnService`` or ``SingleLogoutService``."""
    binding: str
    """As published."""
    url: str
    response_url: str
    """``ResponseLocation``; empty if the document has none."""
    at: Element

    @property
    def way(self) -> str:
        """``post`` or ``redirect``; empty for a binding that the host does not use."""
        return next((way for way, name in _BINDINGS.items() if name == self.binding), "")


class Declared(NamedTuple):
    """An attribute that the identity provider lists."""

    name: str
    friendly_name: str


class IdpMetadata(NamedTuple):
    """One identity provider in a metadata document."""

    entity_id: str
    sso: Endpoint | None
    slo: Endpoint | None
    certificates: tuple[str, ...]
    name_id_formats: tuple[str, ...] = ()
    """Last part of each format, like ``persistent``."""
    services: tuple[Service, ...] = ()
    places: tuple[tuple[str, Element], ...] = ()
    """Each entity ID, URL, and certificate above with its element."""
    keys_without_certificate: tuple[tuple[str, Element], ...] = ()
    """What each signing key without a certificate has instead, such as ``KeyValue``."""
    valid_until: tuple[datetime, Element] | None = None
    """The earliest ``validUntil`` of the role and everything around it; aware."""
    attributes: tuple[Declared, ...] = ()


def _chosen(services: tuple[Service, ...], name: str) -> Endpoint | None:
    """The first POST endpoint, or else the first redirect endpoint."""
    usable = [one for one in services if one.name == name and one.url]
    return next((Endpoint(one.url, way) for way in _BINDINGS for one in usable if one.way == way), None)


def _services(descriptor: Any, places: dict[Any, Element]) -> tuple[Service, ...]:
    return tuple(
        Service(
            name=name,
            binding=str(node.get("Binding") or ""),
            url=str(node.get("Location") or "").strip(),
            response_url=str(node.get("ResponseLocation") or "").strip(),
            at=places[node],
        )
        for name in ("SingleSignOnService", "SingleLogoutService")
        for node in descriptor.iter(_MD + name)
    )


def _signing_keys(descriptor: Any) -> Iterator[Any]:
    return (key for key in descriptor.iter(_MD + "KeyDescriptor") if key.get("use") in (None, "signing"))


def _certificates(descriptor: Any, places: dict[Any, Element]) -> dict[str, Element]:
    """Signing certificates in the order of the document, without duplicates and without PEM lines."""
    found: dict[str, Element] = {}
    for key in _signing_keys(descriptor):
        for node in key.iter(_DS + "X509Certificate"):
            text = _SPACE.sub("", _PEM_LINE.sub("", node.text or ""))
            if text:
                found.setdefault(text, places[node])
    return found


def _without_certificate(descriptor: Any, places: dict[Any, Element]) -> Iterator[tuple[str, Element]]:
    for key in _signing_keys(descriptor):
        if not any((node.text or "").strip() for node in key.iter(_DS + "X509Certificate")):
            info = key.find(_DS + "KeyInfo")
            names = [child.tag.rpartition("}")[2] for child in (info if info is not None else ())]
            yield " and ".join(names) or "no key at all", places[key]


def _valid_until(around: tuple[Any, ...], places: dict[Any, Element]) -> tuple[datetime, Element] | None:
    found = []
    for node in around:
        try:
            until = datetime.fromisoformat(str(node.get("validUntil") or "").strip())
        except ValueError:
            continue
        found.append((until if until.tzinfo else until.replace(tzinfo=UTC), places[node]))
    return min(found, key=itemgetter(0), default=None)


def _provider(entity: Any, role: Any, around: tuple[Any, ...], places: dict[Any, Element]) -> IdpMetadata:
    """Return one role of an entity. ``around`` contains the elements that enclose the entity."""
    entity_id, services = str(entity.get("entityID") or ""), _services(role, places)
    certificates = _certificates(role, places)
    return IdpMetadata(
        entity_id=entity_id,
        sso=_chosen(services, "SingleSignOnService"),
        slo=_chosen(services, "SingleLogoutService"),
        certificates=tuple(certificates),
        name_id_formats=tuple(
            (one.text or "").strip().rpartition(":")[2] for one in role.iter(_MD + "NameIDFormat")
        ),
        services=services,
        places=((entity_id, places[entity]), *certificates.items()),
        keys_without_certificate=tuple(_without_certificate(role, places)),
        valid_until=_valid_until((*around, entity, role), places),
        attributes=tuple(
            Declared(str(node.get("Name") or ""), str(node.get("FriendlyName") or ""))
            for node in role.findall(_SAML + "Attribute")
            if node.get("Name")
        ),
    )


def _entities(node: Any, around: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Each entity with the groups that enclose it."""
    if node.tag == _MD + "EntityDescriptor":
        yield node, around
    for child in node.iterfind("*"):
        yield from _entities(child, (*around, node))


def parsed_metadata(content: bytes) -> tuple[IdpMetadata, ...]:
    """Return every SAML 2.0 identity provider of the document. Raises ``ValueError`` if it has none."""
    if len(content) > METADATA_LIMIT:
        raise ValueError(f"the document has {len(content):,} bytes; the limit is {METADATA_LIMIT:,}")
    root, places = _parsed(content)
    roles = [
        (entity, role, around)
        for entity, around in _entities(root)
        for role in entity.iter(_MD + "IDPSSODescriptor")
    ]
    if not roles:
        raise ValueError("the document describes no SAML identity provider")
    usable = [one for one in roles if _PROTOCOL in (one[1].get("protocolSupportEnumeration") or _PROTOCOL)]
    if not usable:
        published = roles[0][1].get("protocolSupportEnumeration")
        raise ValueError(
            f"the identity provider supports only {published}; the host uses {_PROTOCOL}: "
            "ask the partner for SAML 2.0"
        )
    return tuple(_provider(*one, places) for one in usable)


def _parsed(content: bytes) -> tuple[Any, dict[Any, Element]]:
    """Return the root and the position of every element. Raises ``ValueError``."""
    from defusedxml import ElementTree  # noqa: PLC0415 - only SAML needs it
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415

    class Parser(ElementTree.XMLParser):  # type: ignore[misc]
        def _start(self, *arguments: Any) -> Any:
            # The document order of starts is the order in which ``iter`` returns the elements.
            starts.append(Position(self.parser.CurrentLineNumber - 1, self.parser.CurrentColumnNumber))
            return super()._start(*arguments)

    starts: list[Position] = []
    try:
        parser = Parser(forbid_dtd=True)
        parser.feed(content)
        root = parser.close()
    except DefusedXmlException as error:
        raise ValueError("the document has a DTD or entities, which metadata never needs") from error
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise ValueError(f"not XML: {error}") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    lines = content.decode("utf-8", errors="replace").split("\n")
    return root, {
        node: Element(node, at, at._replace(column=at.column + _tag_length(lines, at)))
        for node, at in zip(root.iter(), starts, strict=True)
    }


def _tag_length(lines: list[str], at: Position) -> int:
    """The length of ``<name`` at the position."""
    found = _TAG.match(lines[at.line], at.column) if at.line < len(lines) else None
    return len(found[0]) if found else 1


def _scalar(text: str, at: Element | None, file: PurePosixPath) -> Scalar:
    """A value at the element that it comes from."""
    start, end = (at.start, at.end) if at else (Position(0, 0), Position(0, 1))
    return Scalar(file, start, end, text, False)


class RecordedMetadata(NamedTuple):
    """The chosen identity provider of a recorded document and the keys that it sets."""

    provider: IdpMetadata
    entries: dict[str, Entry]


def recorded_metadata(
    content: bytes, file: PurePosixPath, entity_id: str | None, report: Report
) -> RecordedMetadata | None:
    """Return the identity provider with the entity ID, or the first; none if the document is unusable."""
    try:
        providers = parsed_metadata(content)
    except ValueError as error:
        report.add("PG032", Span(file=file), str(error), "record it again: partnergate partner add")
        return None
    chosen = next((p for p in providers if p.entity_id == entity_id), providers[0])
    places = dict(chosen.places)

    def entry(name: str, value: Scalar | Sequence) -> Entry:
        return Entry(Scalar(file, value.start, value.end, name, True), value)

    found = {"entity_id": entry("entity_id", _scalar(chosen.entity_id, places[chosen.entity_id], file))}
    for name, service, endpoint in (
        ("sso", "SingleSignOnService", chosen.sso),
        ("slo", "SingleLogoutService", chosen.slo),
    ):
        if endpoint:
            same = (one.at for one in chosen.services if (one.name, one.url, one.way) == (service, *endpoint))
            place = _scalar(endpoint.url, next(same), file)
            found[f"{name}_url"] = entry(f"{name}_url", place)
            found[f"{name}_binding"] = entry(f"{name}_binding", place._replace(text=endpoint.binding))
    if chosen.certificates:
        items = tuple(_scalar(text, places[text], file) for text in chosen.certificates)
        found["certificates"] = entry("certificates", Sequence(file, items[0].start, items[0].end, items))
    return RecordedMetadata(chosen, found)
