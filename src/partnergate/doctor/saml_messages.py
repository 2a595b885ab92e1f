"""Inspects a SAML response as a service provider does, to diagnose a failed login.

For diagnosis only. Keycloak decides on its own whether a login succeeds.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lxml import etree

from partnergate.model.certificates import certificate_facts
from partnergate.signin.login_test import NAME_ID
from partnergate.signin.observations import Arrived, Message, Signature

_LARGEST: Final = 1_000_000
_NAMES: Final = {
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
_SUCCESS: Final = "Success"


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlResponse:
    """The content of one SAML response."""

    status: str
    """``Success``, or the last segment of the innermost status code."""
    message: Message | None
    """None when the response contains no assertion."""
    arrived: tuple[Arrived, ...] | None


def read_response(value: str, certificates: tuple[str, ...], *, now: datetime) -> SamlResponse | None:
    """Parse a ``SAMLResponse`` form value received at ``now``. Returns None for anything else."""
    root = _parsed(value)
    if root is None or etree.QName(root).localname != "Response":
        return None
    status = _status(root)
    assertion = root.find("saml:Assertion", _NAMES)
    if assertion is None:
        encrypted = root.find("saml:EncryptedAssertion", _NAMES) is not None
        message = Message(signature=Signature.UNCHECKED, encrypted=True) if encrypted else None
        return SamlResponse(status=status, message=message, arrived=None)
    return SamlResponse(
        status=status,
        message=_message(root, assertion, certificates, now),
        arrived=_arrived(assertion),
    )


def _parsed(value: str) -> Any:
    try:
        raw = base64.b64decode(value, validate=False)
    except (binascii.Error, ValueError):
        return None
    if len(raw) > _LARGEST:
        return None
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError:
        return None
    return None if root.getroottree().docinfo.doctype else root


def _status(root: Any) -> str:
    codes = [
        str(c.get("Value", "")).rpartition(":")[2] for c in root.iter(f"{{{_NAMES['samlp']}}}StatusCode")
    ]
    return codes[-1] if codes else ""


def _message(root: Any, assertion: Any, certificates: tuple[str, ...], now: datetime) -> Message:
    conditions = assertion.find("saml:Conditions", _NAMES)
    data = assertion.findall("saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData", _NAMES)
    ends = [_time(e.get("NotOnOrAfter")) for e in (*([conditions] if conditions is not None else []), *data)]
    issuer = assertion.findtext("saml:Issuer", default="", namespaces=_NAMES)
    recipients = [d.get("Recipient") for d in data] + [root.get("Destination")]
    return Message(
        signature=_signature(assertion, certificates, now),
        algorithm=_algorithm(assertion),
        issuer=(issuer or "").strip(),
        audiences=tuple(
            (a.text or "").strip()
            for a in assertion.iterfind("saml:Conditions/saml:AudienceRestriction/saml:Audience", _NAMES)
        ),
        recipients=tuple(sorted({str(r) for r in recipients if r})),
        not_before=_time(conditions.get("NotBefore")) if conditions is not None else None,
        not_after=min((t for t in ends if t is not None), default=None),
        issued=_time(assertion.get("IssueInstant")),
        received=now,
    )


def _algorithm(assertion: Any) -> str:
    method = assertion.find("ds:Signature/ds:SignedInfo/ds:SignatureMethod", _NAMES)
    return "" if method is None else str(method.get("Algorithm", ""))


def _signature(assertion: Any, certificates: tuple[str, ...], now: datetime) -> Signature:
    """Verify the assertion's own signature. A signature on the enclosing response does not count."""
    if assertion.find("ds:Signature", _NAMES) is None:
        return Signature.MISSING
    if not certificates:
        return Signature.UNCHECKED
    matching = [c for c in certificates if _verifies(assertion, c)]
    if not matching:
        return Signature.INVALID
    facts = [certificate_facts(c) for c in matching]
    expired = all(f is not None and not f.not_before <= now <= f.not_after for f in facts)
    return Signature.EXPIRED_KEY if expired else Signature.VALID


def _verifies(assertion: Any, certificate: str) -> bool:
    """Whether the signature verifies with this certificate's key, regardless of its validity dates."""
    from cryptography import x509  # noqa: PLC0415 - heavy, and only a SAML test needs it
    from signxml.exceptions import SignXMLException  # noqa: PLC0415
    from signxml.verifier import SignatureConfiguration, XMLVerifier  # noqa: PLC0415

    facts = certificate_facts(certificate)
    if facts is None:
        return False
    key = x509.load_der_x509_certificate(base64.b64decode(certificate))
    config = SignatureConfiguration(
        location="./",
        ignore_ambiguous_key_info=True,
        verification_time=facts.not_after - timedelta(seconds=1),
    )
    try:
        result = XMLVerifier().verify(etree.tostring(assertion), x509_cert=key, expect_config=config)
    except (SignXMLException, ValueError, etree.XMLSyntaxError):
        return False
    signed = result.signed_xml  # type: ignore[union-attr]
    return signed is not None and signed.get("ID") == assertion.get("ID")


def _arrived(assertion: Any) -> tuple[Arrived, ...]:
    name_id = assertion.findtext("saml:Subject/saml:NameID", default="", namespaces=_NAMES)
    found = [Arrived(name=NAME_ID, values=((name_id or "").strip(),))]
    for attribute in assertion.iterfind("saml:AttributeStatement/saml:Attribute", _NAMES):
        values = tuple(
            "".join(value.itertext()).strip() for value in attribute.iterfind("saml:AttributeValue", _NAMES)
        )
        found.append(
            Arrived(
                name=str(attribute.get("Name", "")),
                values=values,
                friendly_name=str(attribute.get("FriendlyName", "")),
            )
        )
    return tuple(found)


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
