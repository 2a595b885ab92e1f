"""Templates read only variables that are for them, and no message shows a value."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from builders.code_examples import TODAY, WORKSPACE
from builders.valid_partner_files import OIDC
from partnergate.language.folder import Folder, read_folder
from partnergate.language.load import load_workspace
from partnergate.language.process_values import resolved
from partnergate.language.report import Report
from partnergate.language.text.nodes import compose
from partnergate.language.text.tree import scalars
from partnergate.language.validate import validated

VALUE = "do-not-show-this-value"


def folder_with(line, partner=OIDC):
    """The workspace whose production template has these variables."""
    base = read_folder(WORKSPACE)
    text = base.templates["production.yaml"].decode() + f"\n{line}\n"
    return Folder(
        partners={"acme.yaml": partner.encode()},
        templates={**base.templates, "production.yaml": text.encode()},
    )


@pytest.mark.parametrize(
    "name", ["GITHUB_TOKEN", "PARTNERGATE_KEYCLOAK_PASSWORD", "PATH", "PARTNERGATE_VAR", "XPARTNERGATE_VAR_X"]
)
def test_another_variable_is_refused_and_not_read(name):
    folder = folder_with(f"variables: {{x: {{env: {name}}}}}\nroles: [{{name: 'a', description: '${{x}}'}}]")
    found = validated(folder, today=TODAY, environment="production", variables={name: VALUE})
    assert "PG416" in {d.code for d in found}
    assert VALUE not in repr(found)


def test_a_default_does_not_make_another_variable_readable():
    folder = folder_with("variables: {x: {env: GITHUB_TOKEN, default: y}}")
    found = validated(folder, today=TODAY, environment="production", variables={"GITHUB_TOKEN": VALUE})
    assert "PG416" in {d.code for d in found}


def test_messages_about_a_template_conceal_the_value():
    folder = folder_with(
        "variables: {x: {env: PARTNERGATE_VAR_X}}\nclients: [{client_id: b, redirect_uris: ['${x}']}]"
    )
    found = validated(folder, today=TODAY, environment="production", variables={"PARTNERGATE_VAR_X": VALUE})
    assert found
    assert VALUE not in repr(found)


def test_messages_about_a_partner_file_conceal_the_value():
    partner = OIDC + "environments:\n  production:\n    sign_in: {token_url: '${x}'}\n"
    folder = folder_with("variables: {x: {env: PARTNERGATE_VAR_X}}", partner)
    value = f"http://{VALUE}.example/token"
    found = validated(folder, today=TODAY, environment="production", variables={"PARTNERGATE_VAR_X": value})
    assert any(d.span.file.name == "acme.yaml" for d in found)
    assert VALUE not in repr(found)
    assert "(from PARTNERGATE_VAR_X)" in repr(found)


def test_the_realm_lists_its_values_and_shows_none():
    root = WORKSPACE.parents[3]
    realm = load_workspace(
        root, "demo", variables={"PARTNERGATE_VAR_DEMO_APP": f"http://localhost:1/{VALUE}"}
    )[0].realm
    assert dict(realm.environment_values) == {
        f"http://localhost:1/{VALUE}": "(from PARTNERGATE_VAR_DEMO_APP)"
    }
    assert "environment_values" not in repr(realm)


def test_the_url_of_the_server_is_public_and_any_other_value_is_not():
    given = {
        "PARTNERGATE_VAR_SERVER_URL": "http://localhost:9001/",
        "PARTNERGATE_VAR_DEMO_APP": "http://localhost:9002",
    }
    root = WORKSPACE.parents[3]
    for url, number in (("http://localhost:9001", 1), ("http://localhost:9003", 2), ("", 2)):
        realm = load_workspace(root, "demo", variables=given | {"PARTNERGATE_KEYCLOAK_URL": url})[0].realm
        assert len(realm.environment_values) == number


def test_only_variables_for_templates_are_looked_up():
    """The form of the name is checked as well; the lookup does not rely on that check."""
    text = "a: {env: GITHUB_TOKEN}\nb: {env: PARTNERGATE_VAR_B}\nc: {env: GITHUB_TOKEN, default: public}\n"
    tree = compose(text, PurePosixPath("realm_templates/production.yaml"), Report())
    variables = {"GITHUB_TOKEN": VALUE, "PARTNERGATE_VAR_B": "for-templates"}
    found = {scalar.text for scalar in scalars(resolved(tree, variables, Report()))}
    assert found == {"unset", "for-templates", "public"}
