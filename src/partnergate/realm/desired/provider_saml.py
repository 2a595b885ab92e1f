"""A SAML 2.0 partner as a Keycloak identity provider; Keycloak is the service provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from partnergate.model.partner import Identity, SamlSignIn
    from partnergate.realm.state import FieldValue

NAME_ID_FORMATS: Final = {
    "persistent": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "unspecified": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    "email": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
}


def saml_fields(sign_in: SamlSignIn, identity: Identity, *, realm_url: str) -> dict[str, FieldValue]:
    """Return the provider fields for SAML only. Unsolicited responses stay rejected."""
    fields: dict[str, FieldValue] = {
        "providerId": "saml",
        "config.allowCreate": "true",
        "config.allowedClockSkew": str(sign_in.clock_skew_seconds),
        "config.entityId": sign_in.sp_entity_id or realm_url,
        "config.forceAuthn": _text(sign_in.force_authn),
        "config.idpEntityId": sign_in.entity_id,
        "config.loginHint": "false",
        "config.nameIDPolicyFormat": NAME_ID_FORMATS[sign_in.name_id_format],
        "config.postBindingAuthnRequest": _text(sign_in.sso_binding == "post"),
        "config.postBindingLogout": _text(sign_in.slo_binding == "post"),
        "config.postBindingResponse": "true",
        "config.signSpMetadata": _text(sign_in.sign_requests),
        "config.signatureAlgorithm": sign_in.signature_algorithm,
        "config.singleSignOnServiceUrl": sign_in.sso_url,
        "config.validateSignature": "true",
        "config.wantAssertionsEncrypted": _text(sign_in.want_assertions_encrypted),
        "config.wantAssertionsSigned": _text(sign_in.want_assertions_signed),
        "config.wantAuthnRequestsSigned": _text(sign_in.sign_requests),
        "config.xmlSigKeyInfoKeyNameTransformer": "KEY_ID",
    }
    if sign_in.want_assertions_encrypted:
        fields["config.encryptionAlgorithm"] = "RSA-OAEP"
    if sign_in.slo_url:
        fields["config.singleLogoutServiceUrl"] = sign_in.slo_url
    return fields | _keys(sign_in) | _principal(identity)


def _keys(sign_in: SamlSignIn) -> dict[str, FieldValue]:
    """Return the source of the partner's signing keys: its metadata, or certificates from the file."""
    fields: dict[str, FieldValue] = {"config.useMetadataDescriptorUrl": _text(bool(sign_in.metadata_url))}
    if sign_in.metadata_url:
        fields["config.metadataDescriptorUrl"] = sign_in.metadata_url
    if sign_in.certificates:
        fields["config.signingCertificate"] = ",".join(sign_in.certificates)
    return fields


def _principal(identity: Identity) -> dict[str, FieldValue]:
    """Return the part of the assertion that identifies the user."""
    if identity.subject == "name_id":
        return {"config.principalType": "SUBJECT"}
    return {"config.principalAttribute": identity.subject, "config.principalType": "ATTRIBUTE"}


def _text(value: bool) -> str:  # noqa: FBT001
    """Return a switch as text, as Keycloak stores it."""
    return "true" if value else "false"
