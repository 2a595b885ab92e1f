"""Every diagnostic code: what it is called, how much it matters and whether a waiver can lift it.

A code never changes its meaning and is never used again. Its page is ``pages/<code>.md``.
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
    """Whether ``waivers`` in a partner file can turn it into a note."""


_READING = """
PG001 The file is not UTF-8
PG002 A character that nobody can see
PG003 The file is too large
PG004 Not YAML
PG005 Nested too deeply
PG006 Anchors and aliases
PG007 YAML tags
PG008 A key is written twice
PG009 Merge keys
PG010 Not exactly one document
PG011 A key is not a text
"""
_STRUCTURE = """
PG012 Unknown key
PG013 A key is missing
PG014 Another kind of value is meant
PG015 Not one of the known words
PG016 Bare yes, no, on or off
PG017 An unquoted number or date where a text is meant
PG018 Not a date
PG019 Money without quotes
PG020 Not an amount or a quantity
PG021 A number out of bounds
PG022 Nothing there
PG023 A text of another form
PG024 The same thing listed twice
PG025 Keys that exclude each other
PG026 A variable that is not there
PG028 The file name is not the partner's id
PG029 Unknown environment
PG030 A recorded file is missing
PG031 The recorded OpenID configuration cannot be used
PG032 The recorded SAML metadata cannot be used
PG033 The recorded file is of another identity provider
PG034 A key of another protocol
PG035 A text starts or ends with a space
PG036 A file that is not read
PG037 No identity provider where one is deployed
"""
_SIGN_IN = """
PG101 A secret in clear
PG102 Something that looks like a secret
PG103 Users are known by something that changes
PG104 Transient NameID
PG105 NameID is an e-mail address
PG106 Trusting a partner's e-mail addresses
PG107 Linking accounts
PG108 Choosing when users are updated
PG109 Signature checks switched off
PG110 SHA-1 signatures
PG111 A key that is too short +waivable
PG112 A certificate signed with a broken hash +waivable
PG113 An expired certificate +waivable
PG114 A certificate that expires soon ~warning
PG115 Not a certificate
PG116 No way to check the partner's signatures
PG117 PKCE switched off +waivable
PG118 Not https
PG119 An IP address instead of a name
PG120 A name inside a private network
PG121 An unusual port +waivable
PG122 Credentials in a URL
PG123 Not a usable URL
PG124 An endpoint on another domain than the issuer ~warning
PG125 A reserved attribute
PG126 An admin role
PG127 A role that no template declares
PG128 A group that no template declares
PG129 A domain where anybody gets an address +waivable
PG130 Not a domain
PG131 Several issuers in one
PG132 Client authentication without its secret
PG133 A signing algorithm without a key
PG134 OAuth 2.0 where OpenID Connect is at hand ~warning
PG135 A protocol parameter handed on
PG136 A grant to every user of the partner ~warning
PG137 A name that this protocol does not have
PG138 Assertions that are not signed themselves +waivable
PG139 Login requests that are not signed ~warning
PG140 User info without an endpoint
PG141 Two fields from one claim ~warning
PG143 A secret that is not this partner's
PG144 More certificates than a rotation needs ~warning
PG145 Nobody to write to ~warning
PG146 A live partner without an agreement ~warning
PG147 Every provider is retired
PG148 The scope openid is missing
PG150 A waiver for no such rule
PG151 A rule that cannot be waived
PG152 A waiver that has ended
PG153 A waiver without a use ~warning
PG154 A waiver for too long
PG155 A waiver without a reason
PG156 An issuer that no token names
PG157 The realm as its own partner
PG158 One address for two endpoints
PG159 An endpoint that looks like another +waivable
PG160 A placeholder
PG161 A server where anybody gets an account +waivable
PG162 A claim that has another name ~warning
PG163 Something the partner does not offer
"""
_ACROSS = """
PG201 Two files for one partner
PG202 Two providers with one alias
PG203 Two partners on one issuer and client
PG204 Two partners on one authorization endpoint and client
PG205 Two partners with one entity id
PG206 Two partners with one e-mail domain
PG207 An e-mail domain inside another partner's ~warning
PG208 Two partners with one signing key ~warning
PG209 Two partners with one secret
PG210 Two partners at one issuer without a gate ~warning
PG211 A billed partner without a file
PG212 Two partners with one name
"""
_AGREEMENT = """
PG301 Unknown currency
PG302 Unknown time zone
PG303 An anchor that the cycle does not have
PG304 More decimals than the currency has
PG305 Tiers that do not follow each other
PG306 A price without the meter it needs
PG307 A percentage of something that is no money
PG308 A meter without its field
PG309 A minimum above the maximum
PG310 More than one hundred percent
PG311 Two charges with one name
PG312 A share of a charge that is not there
PG313 Agreements that overlap
PG314 An agreement that ends before it begins
PG315 A gap between agreements ~warning
PG316 Another currency from one version to the next ~warning
PG317 Nobody to send statements to ~warning
PG318 Conditions that can never match ~warning
PG319 A key that does nothing here
"""
_REALM = """
PG401 A wildcard in a redirect address
PG402 A redirect address without https
PG403 Not an exact origin
PG404 An admin role for partners
PG405 The master realm
PG406 A server without https
PG407 A realm setting that stays secure
PG408 The file name is not the environment's
PG409 An environment without a template
PG410 Plain http for a realm that is not local
PG411 A launch client that cannot launch
PG412 Unknown event type
PG413 Events that vanish too early ~warning
PG414 A value of the process is missing
PG415 Two environments on one realm
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
"""Every code by its name, in order."""
