"""Every diagnostic code with its title, its severity, and whether it can be waived.

The meaning of a code never changes, and a code is never reused. Its page is ``pages/<code>.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partnergate.diagnostics import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One stable code."""

    code: str
    title: str
    severity: Severity = Severity.ERROR
    waivable: bool = False
    """Whether ``waivers`` in a partner file can lower it to a note."""


_READING = """
PG001 File is not UTF-8
PG002 Invisible character
PG003 File is too large
PG004 Invalid YAML
PG005 Nested too deeply
PG006 YAML anchor or alias
PG007 YAML tag
PG008 Duplicate key
PG009 YAML merge key
PG010 Not exactly one YAML document
PG011 Key is not text
"""
_STRUCTURE = """
PG012 Unknown key
PG013 Missing required key
PG014 Wrong type of value
PG015 Value is not allowed
PG016 Unquoted yes, no, on, or off
PG017 Unquoted number or date where text is expected
PG018 Invalid date
PG019 Unquoted amount
PG020 Invalid amount or quantity
PG021 Number out of range
PG022 Empty value
PG023 Invalid format
PG024 Duplicate list entry
PG025 Mutually exclusive keys
PG026 Undefined variable
PG028 File name differs from the partner ID
PG029 Unknown environment
PG030 Recorded file not found
PG031 Unusable OpenID configuration
PG032 Unusable SAML metadata
PG033 Recorded file belongs to another identity provider
PG034 Key of another protocol
PG035 Leading or trailing space
PG036 File is ignored
PG037 No identity provider in a deployed environment
"""
_SIGN_IN = """
PG101 Secret in plain text
PG102 Possible secret
PG103 Subject is not a stable identifier
PG104 Transient NameID
PG105 NameID is an e-mail address
PG106 Trusting e-mail addresses of a partner
PG107 Account linking
PG108 User update mode
PG109 Disabled signature validation
PG110 SHA-1 signature algorithm
PG111 Weak key +waivable
PG112 Weak certificate signature +waivable
PG113 Expired certificate +waivable
PG114 Certificate expires soon ~warning
PG115 Invalid certificate
PG116 Signatures cannot be verified
PG117 PKCE disabled +waivable
PG118 URL is not HTTPS
PG119 IP address in a URL
PG120 Private host name
PG121 Unusual port +waivable
PG122 Credentials in a URL
PG123 Invalid URL
PG124 Endpoint on a different domain ~warning
PG125 Reserved attribute
PG126 Admin role
PG127 Undeclared role
PG128 Undeclared group
PG129 Public e-mail domain +waivable
PG130 Invalid domain
PG131 Several issuers in one value
PG132 Client authentication without a secret
PG133 Signing algorithm has no effect
PG134 OAuth 2.0 instead of OpenID Connect ~warning
PG135 Forwarded protocol parameter
PG136 Grant to every user ~warning
PG137 Name does not exist in this protocol
PG138 Unsigned assertions +waivable
PG139 Unsigned login requests ~warning
PG140 User info without an endpoint
PG141 Two fields from one claim ~warning
PG143 Secret of another partner
PG144 More than two certificates ~warning
PG145 No technical contact ~warning
PG146 Live partner without an agreement ~warning
PG147 All providers are retired
PG148 Missing openid scope
PG150 Waiver for an unknown code
PG151 Code cannot be waived
PG152 Expired waiver
PG153 Unused waiver ~warning
PG154 Waiver lasts too long
PG155 Waiver without a reason
PG156 Issuer does not match tokens
PG157 Realm used as its own partner
PG158 Same URL for two endpoints
PG159 Endpoint looks like another endpoint +waivable
PG160 Placeholder value
PG161 Public identity provider +waivable
PG162 Unusual claim name ~warning
PG163 Unsupported by the partner
"""
_ACROSS = """
PG201 Two files for one partner
PG202 Duplicate alias
PG203 Duplicate issuer and client
PG204 Duplicate authorization endpoint and client
PG205 Duplicate entity ID
PG206 Duplicate e-mail domain
PG207 E-mail domain inside another partner's domain ~warning
PG208 Shared signing key ~warning
PG209 Shared secret
PG210 Shared issuer without a domain check ~warning
PG211 Billed partner without a file
PG212 Duplicate partner name
"""
_AGREEMENT = """
PG301 Unknown currency
PG302 Unknown time zone
PG303 Anchor outside the cycle
PG304 Too many decimals for the currency
PG305 Tiers out of order
PG306 Price without a meter
PG307 Percentage of a quantity that is not money
PG308 Meter without a field
PG309 Minimum above the maximum
PG310 Percentage above 100
PG311 Duplicate charge name
PG312 Revenue share of an unknown charge
PG313 Overlapping agreement versions
PG314 Agreement version ends before it starts
PG315 Gap between agreement versions ~warning
PG316 Currency changes between versions ~warning
PG317 No billing contact ~warning
PG318 Condition never matches ~warning
PG319 Key has no effect here
"""
_REALM = """
PG401 Wildcard in a redirect URI
PG402 Redirect URI is not HTTPS
PG403 Web origin is not exact
PG404 Admin role declared for partners
PG405 Master realm
PG406 Server URL is not HTTPS
PG407 Realm setting cannot be changed
PG408 File name differs from the environment
PG409 Environment without a template
PG410 Plain HTTP exception for a remote realm
PG411 Unusable launch client
PG412 Unknown event type
PG413 Event retention too short ~warning
PG414 Missing environment variable
PG415 Two environments in one realm
"""


def _listed() -> Iterator[Code]:
    for block in (_READING, _STRUCTURE, _SIGN_IN, _ACROSS, _AGREEMENT, _REALM):
        for line in block.strip().splitlines():
            code, title = line.split(" ", 1)
            yield Code(
                code=code,
                title=title.removesuffix(" ~warning").removesuffix(" +waivable"),
                severity=Severity.WARNING if line.endswith("~warning") else Severity.ERROR,
                waivable=line.endswith("+waivable"),
            )


CODES: dict[str, Code] = {code.code: code for code in _listed()}
"""Every code by name, in order."""
