"""A SAML 2.0 partner whose responses a test can modify before and after signing.

The right answer follows the Web Browser SSO Profile (SAML 2.0 Profiles, 4.1.4).
"""

from __future__ import annotations

import base64
import html
import secrets
import ssl
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.signer import XMLSigner

from hostile.server import Reply
from partnergate.playground.real_clock import now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from hostile.server import Request

CERTIFICATE_FILE: Final = "c.pem"
SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
_MD: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_NAMES: Final = {"saml": SAML, "samlp": SAMLP, "ds": DS}
_PERSISTENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"


class Signed(StrEnum):
    """The element that the partner signs."""

    ASSERTION = "assertion"
    RESPONSE = "response"
    BOTH = "both"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlKey:
    """A signing key with its self-signed certificate."""

    private: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def base64_der(self) -> str:
        """The certificate in the format of a partner file."""
        return base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()

    def tls(self, directory: Path) -> ssl.SSLContext:
        """A TLS server's context; its certificate is left in ``directory`` as ``CERTIFICATE_FILE``."""
        pem, private = directory / CERTIFICATE_FILE, directory / "k.pem"
        pem.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            self.private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, private)
        return context


def saml_key(
    *, days: float = 365, bits: int = 2048, host: str = "partner.example", at: datetime | None = None
) -> SamlKey:
    """A new key. Negative ``days`` create an expired certificate. ``host`` is for TLS.

    Days count from ``at``, by default from the clock, which real servers use as well.
    """
    private = rsa.generate_private_key(65537, bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "partner")])
    at = at or now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=400))
        .not_valid_after(at + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(private, hashes.SHA256())
    )
    return SamlKey(private=private, certificate=certificate)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthnRequest:
    """The contents of the host's AuthnRequest."""

    request_id: str
    acs: str
    issuer: str


def _same(_: Any) -> None:
    """Modify nothing."""


@dataclass(slots=True, kw_only=True)
class SamlScript:
    """The behavior of the partner; the defaults are correct."""

    entity_id: str
    key: SamlKey
    name_id: str = "u-1"
    attributes: Mapping[str, str] = field(default_factory=dict)
    signed: Signed = Signed.ASSERTION
    digest: DigestAlgorithm = DigestAlgorithm.SHA256
    method: SignatureMethod = SignatureMethod.RSA_SHA256
    audience: str | None = None
    recipient: str | None = None
    destination: str | None = None
    in_response_to: str | None = None
    clock: float = 0.0
    """How far the partner's clock is ahead, in seconds."""
    status: str = "urn:oasis:names:tc:SAML:2.0:status:Success"
    before_signing: Callable[[Any], None] = _same
    """Modifies the Response element."""
    after_signing: Callable[[Any], None] = _same
    fixed: str | None = None
    """A SAMLResponse value to replay unchanged."""
    session_index: str = field(default_factory=lambda: "_" + secrets.token_hex(16))
    slo_return: str = ""
    """The endpoint for responses to the host's LogoutRequests."""
    logouts: list[str] = field(default_factory=list)
    """The NameIDs that the host signed out here."""
    binding: str = "HTTP-POST"
    """The binding of login requests in the metadata."""
    published: tuple[SamlKey, ...] | None = None
    """The keys of the metadata; the signing one by default."""
    acs_urls: frozenset[str] | None = None
    """The registered consumer services; None accepts all."""
    sent: list[str] = field(default_factory=list)

    def reply(self, request: Request) -> Reply:
        if request.path == "/metadata":
            return self._metadata()
        if request.path == "/slo":
            return self._logged_out(request)
        if request.path != "/sso":
            return Reply(status=404)
        if "SAMLRequest" not in request.form:
            return Reply(status=400, content_type="text/plain", body=b"no message")
        authn_request = read_request(request)
        if self.acs_urls is not None and authn_request.acs not in self.acs_urls:
            error = b"the AssertionConsumerServiceURL is not registered"
            return Reply(status=400, content_type="text/plain", body=error)
        value = self.fixed or self.response(authn_request)
        self.sent.append(value)
        return auto_post(
            authn_request.acs, {"SAMLResponse": value, "RelayState": request.form.get("RelayState", "")}
        )

    def _metadata(self) -> Reply:
        root = etree.Element(
            f"{{{_MD}}}EntityDescriptor", entityID=self.entity_id, nsmap={"md": _MD, "ds": DS}
        )
        role = _child(root, _MD, "IDPSSODescriptor", protocolSupportEnumeration=SAMLP)
        for key in (self.key,) if self.published is None else self.published:
            info = _child(_child(role, _MD, "KeyDescriptor", use="signing"), DS, "KeyInfo")
            _child(_child(info, DS, "X509Data"), DS, "X509Certificate", key.base64_der)
        binding = f"urn:oasis:names:tc:SAML:2.0:bindings:{self.binding}"
        _child(role, _MD, "SingleSignOnService", Binding=binding, Location=f"{self.entity_id}/sso")
        return Reply(content_type="application/samlmetadata+xml", body=etree.tostring(root))

    def _logged_out(self, request: Request) -> Reply:
        """Answer the host's LogoutRequest (Profiles, 4.4), or take its answer to ours."""
        if "SAMLRequest" not in request.form:
            return Reply(content_type="text/plain", body=b"signed out")
        message = _tree(request)
        self.logouts.append(str(message.findtext("saml:NameID", namespaces=_NAMES)))
        root = self._logout("LogoutResponse", self.slo_return, InResponseTo=str(message.get("ID")))
        _child(_child(root, SAMLP, "Status"), SAMLP, "StatusCode", Value=self.status)
        fields = {
            "SAMLResponse": _encoded(self._sign(root)),
            "RelayState": request.form.get("RelayState", ""),
        }
        return auto_post(self.slo_return, fields)

    def logout_request(self, *, to: str, name_id: str = "", signed: bool = True) -> str:
        """The value of a ``SAMLRequest`` that asks the host to end the user's session."""
        root = self._logout("LogoutRequest", to, NotOnOrAfter=_at(now() + timedelta(minutes=5)))
        _child(root, SAML, "NameID", name_id or self.name_id, Format=_PERSISTENT)
        _child(root, SAMLP, "SessionIndex", self.session_index)
        return _encoded(self._sign(root) if signed else root)

    def _logout(self, tag: str, destination: str, **attributes: str) -> Any:
        root = etree.Element(
            f"{{{SAMLP}}}{tag}", ID=_id(), Version="2.0", IssueInstant=_at(now()),
            Destination=destination, nsmap={"samlp": SAMLP, "saml": SAML}, **attributes,
        )  # fmt: skip
        _child(root, SAML, "Issuer", self.entity_id)
        return root

    def response(self, authn_request: AuthnRequest) -> str:
        """The SAMLResponse value: modified, signed, and modified again."""
        root = self._unsigned(authn_request)
        self.before_signing(root)
        if self.signed in {Signed.ASSERTION, Signed.BOTH}:
            assertion = root.find("saml:Assertion", _NAMES)
            root.replace(assertion, self._sign(assertion))
        if self.signed in {Signed.RESPONSE, Signed.BOTH}:
            root = self._sign(root)
        # Signing copies elements; one more parse gives the tree that a receiver would see.
        root = etree.fromstring(etree.tostring(root))
        self.after_signing(root)
        return base64.b64encode(etree.tostring(root)).decode()

    def _sign(self, element: Any) -> Any:
        """Sign ``element``, with the signature right behind its Issuer as the schema wants it."""
        issuer = element.find("saml:Issuer", _NAMES)
        placeholder = etree.Element(f"{{{DS}}}Signature", Id="placeholder", nsmap={"ds": DS})
        issuer.addnext(placeholder)
        signer = XMLSigner(
            method=SignatureConstructionMethod.enveloped,
            signature_algorithm=self.method,
            digest_algorithm=self.digest,
            c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
        )
        pem = self.key.certificate.public_bytes(serialization.Encoding.PEM)
        return signer.sign(element, key=self.key.private, cert=pem.decode(), reference_uri=element.get("ID"))

    def _unsigned(self, authn_request: AuthnRequest) -> Any:
        at = now() + timedelta(seconds=self.clock)
        destination = self.destination or authn_request.acs
        answered = authn_request.request_id if self.in_response_to is None else self.in_response_to
        root = etree.Element(
            f"{{{SAMLP}}}Response", ID=_id(), Version="2.0", IssueInstant=_at(at),
            Destination=destination, nsmap={"samlp": SAMLP, "saml": SAML},
        )  # fmt: skip
        if answered:
            root.set("InResponseTo", answered)
        _child(root, SAML, "Issuer", self.entity_id)
        _child(_child(root, SAMLP, "Status"), SAMLP, "StatusCode", Value=self.status)
        self._assertion(root, authn_request, at, answered)
        return root

    def _assertion(self, root: Any, authn_request: AuthnRequest, at: datetime, answered: str) -> None:
        until = _at(at + timedelta(minutes=5))
        assertion = _child(root, SAML, "Assertion", ID=_id(), Version="2.0", IssueInstant=_at(at))
        _child(assertion, SAML, "Issuer", self.entity_id)
        subject = _child(assertion, SAML, "Subject")
        _child(subject, SAML, "NameID", self.name_id, Format=_PERSISTENT)
        confirmation = _child(
            subject, SAML, "SubjectConfirmation", Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"
        )
        data = _child(
            confirmation, SAML, "SubjectConfirmationData",
            Recipient=self.recipient or authn_request.acs, NotOnOrAfter=until,
        )  # fmt: skip
        if answered:
            data.set("InResponseTo", answered)
        conditions = _child(
            assertion, SAML, "Conditions", NotBefore=_at(at - timedelta(seconds=5)), NotOnOrAfter=until
        )
        _child(
            _child(conditions, SAML, "AudienceRestriction"),
            SAML,
            "Audience",
            self.audience or authn_request.issuer,
        )
        statement = _child(
            assertion, SAML, "AuthnStatement", AuthnInstant=_at(at), SessionIndex=self.session_index
        )
        _child(
            _child(statement, SAML, "AuthnContext"), SAML, "AuthnContextClassRef",
            "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
        )  # fmt: skip
        if self.attributes:
            about = _child(assertion, SAML, "AttributeStatement")
            for name, value in self.attributes.items():
                _child(_child(about, SAML, "Attribute", Name=name), SAML, "AttributeValue", value)


def read_request(request: Request) -> AuthnRequest:
    """The AuthnRequest of either binding."""
    root = _tree(request)
    return AuthnRequest(
        request_id=root.get("ID"),
        acs=root.get("AssertionConsumerServiceURL"),
        issuer=root.findtext("saml:Issuer", namespaces=_NAMES),
    )


def _tree(request: Request) -> Any:
    raw = base64.b64decode(request.form["SAMLRequest"])
    if request.method == "GET":
        raw = zlib.decompress(raw, -15)
    return etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True))


def _encoded(root: Any) -> str:
    return base64.b64encode(etree.tostring(root)).decode()


def auto_post(action: str, fields: Mapping[str, str]) -> Reply:
    """The self-submitting page of the HTTP-POST binding."""
    inputs = "".join(
        f'<input type="hidden" name="{html.escape(k)}" value="{html.escape(v)}"/>'
        for k, v in fields.items()
        if v
    )
    page = (
        f'<html><body onload="document.forms[0].submit()"><form method="post" action="{html.escape(action)}">'
        f'{inputs}<noscript><input type="submit"/></noscript></form></body></html>'
    )
    return Reply(content_type="text/html; charset=utf-8", body=page.encode())


def _child(parent: Any, namespace: str, tag: str, text: str | None = None, **attributes: str) -> Any:
    element = etree.SubElement(parent, f"{{{namespace}}}{tag}", attributes)
    element.text = text
    return element


def _id() -> str:
    return "_" + secrets.token_hex(16)


def _at(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
