"""No secret reaches a plan, whatever an administrator typed into the realm, and whoever renders it."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from builders.partners import partner
from builders.realms import desired, plan_of
from partnergate.errors import UnsafePlanError
from partnergate.planning.plan_file import plan_to_json
from partnergate.planning.safety import Overrides, destructive_changes, raise_if_unsafe
from partnergate.realm.representation import mapper_to, provider_to, state_of
from partnergate.realm.state import ResourceKind
from partnergate.rendering.plan.markdown import plan_as_markdown
from partnergate.rendering.plan.short import plan_as_short_text
from partnergate.rendering.plan.text import plan_as_text

SECRET = "hunter2-" + "Zq7"
"""Found nowhere else in a plan."""
_secret_keys = st.sampled_from(
    (
        "clientSecret",
        "apiKey",
        "api_key",
        "client.secret",
        "password",
        "privateKey",
        "refresh_token",
        "bindCredential",
    )
)
_declared = st.sampled_from((partner("acme"), partner("acme", attributes=(("a", "b"),)), partner("globex")))


@st.composite
def realms_with_secrets(draw):
    """What the server would answer if it masked nothing at all."""
    provider = next(
        r for r in desired(partner("acme")).resources if r.key.kind is ResourceKind.IDENTITY_PROVIDER
    )
    owned = replace(provider, owner=draw(st.sampled_from(("acme", "globex", ""))))
    shown = provider_to(owned)
    for key in draw(st.sets(_secret_keys)):
        shown["config"][key] = SECRET
    mapper = next(
        r for r in desired(partner("acme")).resources if r.key.kind is ResourceKind.IDENTITY_PROVIDER_MAPPER
    )
    its = mapper_to(mapper)
    its["config"][draw(_secret_keys)] = SECRET
    client = {"clientId": "host-app", "secret": SECRET, "attributes": {draw(_secret_keys): SECRET}}
    client["protocolMappers"] = [
        {"name": "m", "protocolMapper": "x", "config": {draw(_secret_keys): SECRET, "id.token.claim": "true"}}
    ]
    flow = {
        "alias": "partnergate-browser",
        "topLevel": True,
        "authenticationExecutions": [
            {"authenticator": "x", "requirement": "REQUIRED", "authenticatorConfig": "c", "priority": 0}
        ],
    }
    return {
        "realm": "host",
        "identityProviders": [shown],
        "identityProviderMappers": [its],
        "clients": [client],
        "authenticationFlows": [flow],
        "authenticatorConfig": [{"alias": "c", "config": {draw(_secret_keys): SECRET}}],
        "organizations": [{"name": "Acme", "alias": "acme", "attributes": {draw(_secret_keys): [SECRET]}}],
        "keycloakVersion": "26.7.3",
    }


@given(whole=realms_with_secrets(), declared=_declared)
def test_no_rendering_of_a_plan_contains_a_secret(whole, declared):
    plan = plan_of(state_of(json.loads(json.dumps(whole))), declared)
    shown = [
        plan_to_json(plan),
        plan_as_text(plan, color=True),
        plan_as_text(plan, color=False),
        plan_as_short_text(plan, color=True),
        plan_as_markdown(plan),
        repr(plan),
        str(destructive_changes(plan)),
    ]
    try:
        raise_if_unsafe(plan, Overrides())
    except UnsafePlanError as error:
        shown.append(error.diagnostics())
    assert not [text for text in shown if SECRET in text]
