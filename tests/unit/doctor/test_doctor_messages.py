"""The claims and attributes of a partner's response, under the names of a partner file."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from partnergate.doctor.id_tokens import claims_arrived
from partnergate.doctor.saml_messages import read_response

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
RESPONSE = """
<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"
 xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><saml:Assertion><saml:AttributeStatement>
<saml:Attribute Name="urn:oid:2.5.4.42" FriendlyName="givenName">
<saml:AttributeValue>Ann</saml:AttributeValue></saml:Attribute>
</saml:AttributeStatement></saml:Assertion></samlp:Response>
"""


def test_a_nested_claim_has_its_path_as_its_name():
    """So that the column "arrived" agrees with the value that Keycloak finds."""
    document = {
        "profile": {"email": "a@b.c", "deep": {"er": ["x", "y"]}},
        "a.b": "dotted",
        "https://acme.example/groups": ["admins"],
    }
    found = {claim.name: claim.values for claim in claims_arrived(document)}
    assert found["profile.email"] == ("a@b.c",)
    assert found["profile.deep.er"] == ("x", "y")
    assert found[r"a\.b"] == ("dotted",)
    assert found["https://acme.example/groups"] == ("admins",)


def test_an_attribute_has_its_friendly_name_and_the_message_the_time_of_its_arrival():
    read = read_response(base64.b64encode(RESPONSE.encode()).decode(), (), now=NOW)
    assert read is not None
    (_, given) = read.arrived or ()
    assert (given.name, given.friendly_name, given.values) == ("urn:oid:2.5.4.42", "givenName", ("Ann",))
    assert read.message is not None
    assert read.message.received == NOW
