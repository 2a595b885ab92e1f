"""Every kind of mapper is complete: desired state, import, explanation, documentation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from builders.partners import oauth2, oidc, partner, saml
from builders.realms import desired, realm_spec
from partnergate.language.building.partners import identity
from partnergate.realm.mappers.kind import Mapper, MapperKind, MapperTypes, NotExpressible, TargetKind
from partnergate.realm.mappers.mapper_kinds import (
    KINDS,
    UnknownMapperTypeError,
    _by_type,
    desired_mappers,
    explained,
    identity_keys,
    imported,
    kind_of,
    targets,
)
from partnergate.realm.mappers.page import mappers_page
from partnergate.realm.representation.provider import mapper_of
from partnergate.realm.state import ResourceKind

SIGN_INS = {"oidc": oidc("acme"), "saml": saml("acme"), "oauth2": oauth2("acme")}
UNKNOWN = Mapper(
    name="from-a-plugin", type="plugin-idp-mapper", config={"claim": "dept", "user.attribute": "department"}
)


def titles(kind: MapperKind) -> str:
    return kind.title


def example(kind: MapperKind) -> dict[str, Any]:
    values = yaml.safe_load(kind.documentation.example)
    assert isinstance(values, dict), f"{kind.title}: the example is not the part `identity` of a file"
    return values


def mappers_of_example(kind: MapperKind, protocol: str) -> list[Mapper]:
    """The mappers of the kind that its example results in."""
    spec = partner("acme", sign_in=SIGN_INS[protocol])
    provider = replace(spec.providers[0], identity=identity(example(kind)))
    return [mapper for mapper in desired_mappers(spec, provider) if mapper.type in kind.types.names()]


@pytest.mark.parametrize("kind", KINDS, ids=titles)
def test_the_example_results_in_a_mapper_for_each_protocol(kind: MapperKind) -> None:
    for protocol in SIGN_INS:
        if getattr(kind.types, protocol) is None:
            continue
        found = mappers_of_example(kind, protocol)
        assert found, f"{kind.title}: the example results in no mapper for {protocol}"
        assert {mapper.type for mapper in found} == {getattr(kind.types, protocol)}
        assert all(kind_of(mapper) is kind for mapper in found)


@pytest.mark.parametrize("kind", KINDS, ids=titles)
def test_importing_the_mappers_of_the_example_gives_the_example(kind: MapperKind) -> None:
    wanted = example(kind)
    for mapper in mappers_of_example(kind, kind.documentation.protocol):
        part = imported(mapper)
        assert not isinstance(part, NotExpressible), f"{kind.title}: {part}"
        for key, value in part.items():
            if key in wanted:
                assert wanted[key] == value
    parts = [imported(mapper) for mapper in mappers_of_example(kind, kind.documentation.protocol)]
    if kind.keys:
        assert {key.key.name for key in kind.keys} <= {key for part in parts for key in part}


@pytest.mark.parametrize("kind", KINDS, ids=titles)
def test_a_mapper_without_config_is_explained_and_its_import_does_not_fail(kind: MapperKind) -> None:
    """An administrator can create one, and the server accepts it."""
    bare = Mapper(name="by-hand", type=min(kind.types.names()), config={})
    assert explained(bare)
    assert isinstance(imported(bare), NotExpressible)


@pytest.mark.parametrize("kind", KINDS, ids=titles)
def test_the_explanation_names_what_the_mapper_sets(kind: MapperKind) -> None:
    for mapper in mappers_of_example(kind, kind.documentation.protocol):
        words = explained(mapper)
        assert words[0].islower()
        assert not words.endswith(".")
        assert any(value and value in words for value in mapper.config.values())


@pytest.mark.parametrize("kind", KINDS, ids=titles)
def test_the_kind_is_documented(kind: MapperKind) -> None:
    assert kind.documentation.summary.endswith(".")
    page = mappers_page("")
    assert f"\n## {kind.title}\n" in page
    assert all(f"`{name}`" in page for name in kind.types.names())


@pytest.mark.parametrize("kind", KINDS, ids=titles)
def test_a_target_that_a_file_allows_a_mapper_to_set_is_listed(kind: MapperKind) -> None:
    """The rules about reserved attributes, admin roles and undeclared roles read the targets."""
    assert kind.always_present is not bool(kind.keys)
    if kind.keys:
        (target,) = kind.targets(identity(example(kind)))
        found = mappers_of_example(kind, kind.documentation.protocol)
        assert any(target.name in mapper.config.values() for mapper in found)
        assert target.path[0] in {key.key.name for key in kind.keys}


def test_every_desired_mapper_has_a_kind() -> None:
    specs = [partner(name, sign_in=sign_in) for name, sign_in in SIGN_INS.items()]
    found = [
        resource
        for resource in desired(*specs).resources
        if resource.key.kind is ResourceKind.IDENTITY_PROVIDER_MAPPER
    ]
    assert {kind_of(mapper_of(resource)).always_present for resource in found} >= {True}


def test_an_unknown_type_has_no_kind_and_is_not_imported() -> None:
    with pytest.raises(UnknownMapperTypeError, match="plugin-idp-mapper"):
        kind_of(UNKNOWN)
    assert imported(UNKNOWN) == NotExpressible(
        reason="partner files cannot express mappers of type plugin-idp-mapper: "
        "claim = dept, user.attribute = department"
    )
    assert "plugin-idp-mapper" in explained(UNKNOWN)


def test_two_kinds_cannot_share_a_keycloak_type() -> None:
    with pytest.raises(ValueError, match="oidc-hardcoded-role-idp-mapper"):
        _by_type(
            [*KINDS, replace(KINDS[0], types=MapperTypes.any_protocol("oidc-hardcoded-role-idp-mapper"))]
        )


def test_kinds_may_share_a_key() -> None:
    names = [key.key.name for key in identity_keys()]
    assert len(names) == len(set(names))
    assert {"attributes", "roles"} <= set(names)


def test_targets_keep_the_order_of_the_file_whatever_kind_sets_them() -> None:
    values = {
        "subject": "sub",
        "roles": [
            {"grant": "first", "when": {"groups": "a"}},
            {"grant": "second"},
            {"group": "/g"},
            {"grant": "third", "when": {"groups": "b"}},
        ],
    }
    found = targets(identity(values), TargetKind.ROLE)
    assert [target.name for target in found] == ["first", "second", "third"]
    assert [target.unconditional for target in found] == [False, True, False]


def test_every_attribute_of_a_partner_is_in_the_user_profile() -> None:
    spec = partner("acme")
    provider = replace(
        spec.providers[0], identity=identity({"subject": "sub", "attributes": {"department": "dept"}})
    )
    (profile,) = (
        resource
        for resource in desired(replace(spec, providers=(provider,)), realm=realm_spec()).resources
        if resource.key.kind is ResourceKind.USER_PROFILE
    )
    assert "attributes.department" in profile.fields


def test_saml_attributes_of_grants_and_of_the_subject_are_requested() -> None:
    """Some identity providers send only the attributes that the host's metadata requests."""
    about = identity(
        {
            "subject": "employeeNumber",
            "email": "mail",
            "roles": [
                {"when": {"groups": "admins", "mail": "a@b.c"}, "grant": "workspace-admin"},
                {"when": {"dept": "it"}, "group": "/it"},
            ],
        }
    )
    spec = partner("acme", sign_in=SIGN_INS["saml"])
    provider = replace(spec.providers[0], identity=about)
    requested = [m for m in desired_mappers(spec, provider) if m.name.startswith("request-")]
    assert [m.config for m in requested] == [
        {"attribute.name": "dept"},
        {"attribute.name": "employeeNumber"},
        {"attribute.name": "groups"},
    ]
    assert [imported(m) for m in requested] == [{}, {}, {}]
    assert "requests the SAML attribute dept" in explained(requested[0])
    claims = replace(provider, sign_in=SIGN_INS["oidc"])
    assert not [m for m in desired_mappers(spec, claims) if m.name.startswith("request-")]
