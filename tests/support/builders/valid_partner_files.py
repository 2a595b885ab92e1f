"""A valid partner file for each protocol, to insert mistakes into, and the diagnostics of a text."""

from __future__ import annotations

from pathlib import PurePosixPath

from builders.code_examples import TODAY, WORKSPACE
from partnergate.language.folder import Folder, read_folder
from partnergate.language.validate import validated

OIDC = """\
partnergate: 1
partner: acme
name: Acme Automations
stage: live
contacts: {technical: [sso@acme.example], billing: [ap@acme.example]}
sign_in:
  protocol: oidc
  issuer: https://login.acme.example
  authorization_url: https://login.acme.example/authorize
  token_url: https://login.acme.example/token
  jwks_url: https://login.acme.example/jwks.json
  client_id: host-app
  client_secret: {vault: acme-client-secret}
  scopes: [openid, email]
  pkce: true
identity:
  subject: sub
  email: email
  first_name: given_name
  email_domains: [acme.example]
  attributes: {department: dept}
  roles:
    - {when: {groups: admins}, grant: workspace-admin}
agreement:
  - effective: 2026-10-01
    currency: USD
    time_zone: America/New_York
    cycle: {every: month}
    charges:
      - {name: Platform, price: {model: flat, amount: "499.00"}}
      - {name: Tasks, meter: {event: task.run, aggregate: sum, of: units}, price: {model: per_unit, unit: "1"}}
"""
SAML = """\
partnergate: 1
partner: acme
name: Acme
stage: live
contacts: {technical: [sso@acme.example], billing: [ap@acme.example]}
sign_in:
  protocol: saml
  entity_id: https://idp.acme.example/id
  sso_url: https://idp.acme.example/sso
  metadata: {url: https://idp.acme.example/metadata}
  name_id_format: persistent
  signature_algorithm: RSA_SHA256
identity:
  subject: name_id
  email: mail
agreement:
  - effective: 2026-10-01
    currency: USD
    time_zone: UTC
    charges: [{name: Platform, price: {model: flat, amount: "499.00"}}]
"""
OAUTH2 = """\
partnergate: 1
partner: acme
name: Acme Automations
stage: live
contacts: {technical: [sso@acme.example], billing: [ap@acme.example]}
sign_in:
  protocol: oauth2
  authorization_url: https://login.acme.example/authorize
  token_url: https://login.acme.example/token
  userinfo_url: https://login.acme.example/me
  client_id: host-app
  client_secret: {vault: acme-client-secret}
  scopes: [profile, email]
identity:
  subject: id
  email: email
agreement:
  - effective: 2026-10-01
    currency: USD
    time_zone: UTC
    charges: [{name: Tasks, meter: logins, price: {model: graduated, tiers: [{up_to: 9, unit: "2"}, {unit: "1"}]}}]
"""


def problems(text):
    """Every diagnostic of the text as ``partners/acme.yaml``."""
    base = read_folder(WORKSPACE)
    partners = {"acme.yaml": text.encode(), "acme.pem": b"x"}
    folder = Folder(partners=partners, templates=base.templates)
    return [
        d
        for d in validated(folder, today=TODAY, variables={})
        if d.span.file == PurePosixPath("partners/acme.yaml")
    ]
