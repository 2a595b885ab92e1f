"""``KeycloakReader`` and ``KeycloakWriter``: what is written is read, and undoing restores the earlier state."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from builders.partners import oauth2_partner, oidc_partner, renamed, saml_partner
from partnergate.applying.apply_report import Outcome
from partnergate.keycloak.write.realm_writer import KeycloakWriter
from partnergate.model.environment import HostGroup, HostRole
from partnergate.planning.changes import Adopt, Create, Delete, Update
from partnergate.planning.stages import PartnersStage, RealmStage, stages
from partnergate.planning.unmanaged import ORGANIZATIONS, PROVIDERS, UNLINKED, described, unmanaged

if TYPE_CHECKING:
    from partnergate.model.partner import PartnerSpec
    from partnergate.planning.plan import Plan
    from partnergate.planning.stages import PlanStep
    from partnergate.realm.state import RealmState
    from worlds.reconciling import Reconciler

PARTNERS = (
    oidc_partner("acme", domains=("acme.example",)),
    saml_partner("globex", domains=("globex.example",)),
    oauth2_partner("initech"),
)


def changed_everywhere(reconciler: Reconciler) -> tuple[PartnerSpec, ...]:
    """Other values in every kind of resource; the realm's part is changed in place."""
    realm = reconciler.realm
    reconciler.realm = replace(
        realm,
        roles=(*realm.roles[:1], HostRole(name="auditor", description="May look")),
        groups=(*realm.groups, HostGroup(path="/partners/paying")),
        clients=(
            replace(
                realm.clients[0],
                redirect_uris=("http://127.0.0.1:9000/cb",),
                home_url="http://127.0.0.1:9000",
            ),
        ),
        events=replace(realm.events, retention_days=7),
        settings=(("failureFactor", 5),),
    )
    reconciler.environ = {"PARTNER_SECRET": "second-secret"}
    return (
        renamed(
            oidc_partner("acme", domains=("acme.example", "acme.test"), grants=2, prompt="login"), "ACME"
        ),
        saml_partner("globex", domains=("globex.test",)),
        oauth2_partner("umbrella"),
    )


def same(left: RealmState, right: RealmState) -> list[str]:
    """Keys that differ, for a readable failure."""
    a, b = left.by_key(), right.by_key()
    return sorted(str(key) for key in a.keys() | b.keys() if a.get(key) != b.get(key))


def test_the_second_plan_after_an_apply_is_empty(reconciler: Reconciler) -> None:
    report = reconciler.converge(PARTNERS)
    assert report.is_complete, [part for part in report.parts if part.error]
    assert reconciler.plan(PARTNERS).changes == ()


def test_both_ways_of_reading_give_the_same_state(reconciler: Reconciler) -> None:
    reconciler.converge(PARTNERS)
    by_export, by_lists = reconciler.reader.read_by_export(), reconciler.reader.read_by_lists()
    assert same(by_export, by_lists) == []
    assert by_export.server_version == by_lists.server_version


def test_every_kind_can_be_changed_to_anything_else_and_then_rests(reconciler: Reconciler) -> None:
    reconciler.converge(PARTNERS)
    other = changed_everywhere(reconciler)
    report = reconciler.converge(other)
    assert report.is_complete, [(part.failed_at, part.error) for part in report.parts if part.error]
    assert reconciler.plan(other).changes == ()


def test_undoing_every_change_restores_the_earlier_state(reconciler: Reconciler) -> None:
    """Secrets apart: a replaced one cannot be read back, so its fingerprint goes and the next plan shows it."""
    reconciler.converge(PARTNERS)
    before = reconciler.reader.read_state()
    roles = reconciler.realm.roles
    other = (*changed_everywhere(reconciler)[:1], saml_partner("globex"), oauth2_partner("initech"))
    reconciler.realm = replace(reconciler.realm, roles=(*roles, HostRole(name="auditor")))
    plan = reconciler.plan(other)
    assert {type(c).__name__ for c in plan.changes} >= {"Create", "Update", "Delete"}
    reader = reconciler.reader
    reader.read_state()
    writer = KeycloakWriter(
        reconciler.connection, reader.representation, resolve=reconciler.resolve, check_secret=lambda _: None
    )
    undoings = [writer.carry_out(step) for step in steps_of(plan)]
    assert reconciler.plan(other).changes == ()
    left = [undo() for undo in reversed(undoings)]
    now = reconciler.reader.read_state()
    assert same(before, now) == ["identity_provider acme"]
    acme, was = (
        next(r for r in state.resources if str(r.key) == "identity_provider acme") for state in (now, before)
    )
    assert acme.fields == was.fields
    assert [secret.fingerprint for secret in acme.secrets] == [""]
    assert [what for what in left if what] == [
        "the earlier client secret of acme cannot be read back; apply again to set it"
    ]


def steps_of(plan: Plan) -> list[PlanStep]:
    found: list[PlanStep] = []
    for stage in stages(plan):
        match stage:
            case RealmStage():
                found += stage.steps
            case PartnersStage():
                found += [step for group in stage.groups for step in group.steps]
    return found


def test_a_changed_secret_is_seen_and_sent_and_never_shown(reconciler: Reconciler) -> None:
    reconciler.converge(PARTNERS)
    reconciler.environ = {"PARTNER_SECRET": "rotated-secret"}
    plan = reconciler.plan(PARTNERS)
    assert [(type(c), str(c.key)) for c in plan.changes] == [(Update, "identity_provider acme")]
    assert "rotated-secret" not in repr(plan)
    assert reconciler.apply(plan).is_complete
    assert reconciler.plan(PARTNERS).changes == ()


def test_unmanaged_resources_are_read_and_not_changed(reconciler: Reconciler) -> None:
    reconciler.converge(PARTNERS)
    connection = reconciler.connection
    foreign = {
        "alias": "google",
        "providerId": "oidc",
        "config": {"tokenUrl": "https://g.example/t", "authorizationUrl": "https://g.example/a"},
    }
    connection.post("identity-provider/instances", foreign)
    stray = {
        "name": "stray",
        "identityProviderAlias": "acme",
        "identityProviderMapper": "oidc-hardcoded-role-idp-mapper",
        "config": {"role": "workspace-admin"},
    }
    connection.post("identity-provider/instances/acme/mappers", stray)
    provider = connection.get("identity-provider/instances/acme")
    provider["config"]["disableNonce"] = "true"
    connection.put("identity-provider/instances/acme", provider)
    plan = reconciler.plan(PARTNERS)
    assert [(type(c), str(c.key)) for c in plan.changes] == [
        (Update, "identity_provider acme"),
        (Delete, "identity_provider_mapper acme/stray"),
    ]
    assert reconciler.apply(plan).is_complete
    assert reconciler.plan(PARTNERS).changes == ()
    assert connection.get("identity-provider/instances/google")["alias"] == "google"


def test_both_ways_of_reading_return_unmanaged_resources(reconciler: Reconciler) -> None:
    reconciler.converge(PARTNERS)
    for alias, enabled in (("by-hand", True), ("shut", False)):
        reconciler.connection.post(
            "identity-provider/instances",
            {
                "alias": alias,
                "providerId": "oidc",
                "enabled": enabled,
                "config": {"tokenUrl": "https://g.example/t", "authorizationUrl": "https://g.example/a"},
            },
        )
    reconciler.connection.post(
        "identity-provider/instances/by-hand/mappers",
        {
            "name": "mail",
            "identityProviderAlias": "by-hand",
            "identityProviderMapper": "oidc-user-attribute-idp-mapper",
            "config": {"claim": "mail", "user.attribute": "email", "syncMode": "INHERIT"},
        },
    )
    organization = reconciler.connection.post(
        "organizations", {"name": "Umbrella", "alias": "umbrella", "domains": [{"name": "umbrella.example"}]}
    )
    reconciler.connection.post(f"organizations/{organization}/identity-providers", "by-hand")
    wanted = reconciler.desired(PARTNERS).by_key()
    for state in (reconciler.reader.read_by_export(), reconciler.reader.read_by_lists()):
        found = unmanaged(wanted, state.by_key())
        assert [one.key.name for one in found] == ["by-hand", "shut", "mail", "umbrella"]
        descriptions = dict(described(found))
        assert descriptions[PROVIDERS].endswith("by-hand (oidc, enabled, 1 mapper), shut (oidc, disabled)")
        assert descriptions[ORGANIZATIONS].endswith(
            "umbrella (enabled, domain umbrella.example, provider by-hand)"
        )
    plan = reconciler.plan(PARTNERS)
    assert plan.is_empty
    assert [w.code for w in plan.warnings if w.code.startswith("PGS")] == [PROVIDERS, ORGANIZATIONS]


def test_a_provider_of_another_organization_is_linked_to_its_partner(reconciler: Reconciler) -> None:
    """The server refuses a second organization; a failure after it gives the provider back."""
    reconciler.converge(PARTNERS)
    connection = reconciler.connection
    ours = {one["alias"]: one["id"] for one in connection.get("organizations")}
    club = connection.post(
        "organizations", {"name": "Club", "alias": "club", "domains": [{"name": "club.example"}]}
    )
    for alias, holder in (("acme", club), ("globex", ours["acme"])):
        connection.delete(f"organizations/{ours[alias]}/identity-providers/{alias}")
        connection.post(f"organizations/{holder}/identity-providers", alias)
    plan = reconciler.plan(PARTNERS)
    assert [w.message for w in plan.warnings if w.code == UNLINKED] == [
        "provider acme is unlinked from organization club, which no file declares"
    ]
    reader = reconciler.reader
    before = reader.read_state()
    writer = KeycloakWriter(
        connection, reader.representation, resolve=reconciler.resolve, check_secret=lambda _: None
    )
    undoings = [writer.carry_out(step) for step in steps_of(plan) if step.change.owner == "acme"]
    assert connection.get(f"organizations/{club}/identity-providers") == []
    assert [undo() for undo in reversed(undoings)] == [""]
    assert same(reconciler.reader.read_state(), before) == []
    assert reconciler.apply(plan).is_complete
    assert reconciler.plan(PARTNERS).changes == ()


def test_a_provider_of_the_same_alias_is_adopted_with_its_links(reconciler: Reconciler) -> None:
    reconciler.converge(PARTNERS[1:])
    connection = reconciler.connection
    mine = {
        "alias": "acme",
        "providerId": "oidc",
        "config": {"tokenUrl": "https://g.example/t", "authorizationUrl": "https://g.example/a"},
    }
    connection.post("identity-provider/instances", mine)
    internal = connection.get("identity-provider/instances/acme")["internalId"]
    plan = reconciler.plan(PARTNERS)
    assert any(isinstance(c, Adopt) for c in plan.changes)
    assert reconciler.apply(plan).is_complete
    assert reconciler.plan(PARTNERS).changes == ()
    assert connection.get("identity-provider/instances/acme")["internalId"] == internal


def test_no_resource_of_a_removed_partner_remains(reconciler: Reconciler) -> None:
    reconciler.converge(PARTNERS)
    plan = reconciler.plan(PARTNERS[1:])
    assert {type(c) for c in plan.changes if c.owner == "acme"} == {Delete}
    assert reconciler.apply(plan).is_complete
    left = [str(r.key) for r in reconciler.reader.read_state().resources if r.owner == "acme"]
    assert left == []


def test_one_changed_mapper_is_one_write(reconciler: Reconciler) -> None:
    reconciler.converge(PARTNERS)
    acme = oidc_partner("acme", domains=("acme.example",))
    provider = acme.providers[0]
    identity = replace(provider.identity, attributes=(("department", "unit"),))
    other = replace(acme, providers=(replace(provider, identity=identity),))
    plan = reconciler.plan((other, *PARTNERS[1:]))
    assert len(plan.changes) == 1
    report = reconciler.apply(plan)
    assert [part.outcome for part in report.parts] == [Outcome.DONE]


def test_a_missing_realm_is_an_empty_state(reconciler: Reconciler) -> None:
    state = reconciler.reader.read_or_empty()
    assert state.resources == ()
    assert state.server_version.startswith("26.")


def test_a_plan_is_sufficient_to_create_a_realm(reconciler: Reconciler) -> None:
    plan = reconciler.plan(PARTNERS)
    assert {type(c) for c in plan.changes} == {Create}
    assert reconciler.apply(plan).is_complete
