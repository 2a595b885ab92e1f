"""Hypothesis strategies: sets of partners, and realms with manual changes."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from builders.partners import oauth2, oidc, partner, saml
from builders.realms import desired, realm_spec
from fakes.realm_in_memory import RealmInMemory
from partnergate.model.partner import (
    Oauth2SignIn,
    OidcSignIn,
    PartnerSpec,
    RoleGrant,
    SamlSignIn,
    SecretRef,
    SecretSource,
    Stage,
)
from partnergate.planning.diff import diff
from partnergate.realm.normalize import SETTINGS
from partnergate.realm.state import RealmState, Resource, ResourceKey, ResourceKind

NAMES = ("acme", "globex", "hooli", "initech", "umbrella")
_texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
_grants = st.sampled_from(
    (
        RoleGrant(when=(("groups", "admins"),), grant="workspace-admin"),
        RoleGrant(when=(), grant="workspace-admin"),
        RoleGrant(when=(("a", "b"), ("c", "d")), group="/customers/gold"),
    )
)
GROUPS = ("/customers/gold",)


@st.composite
def partners(draw: st.DrawFn, name: str) -> PartnerSpec:
    """One partner of any protocol and stage."""
    secret = SecretRef(source=draw(st.sampled_from(SecretSource)), name=draw(st.sampled_from(("A", "B"))))
    kinds: tuple[OidcSignIn | SamlSignIn | Oauth2SignIn, ...] = (
        oidc(name),
        replace(oidc(name), client_secret=secret),
        oidc("moved"),
        saml(name),
        oauth2(name),
    )
    sign_in = draw(st.sampled_from(kinds))
    return partner(
        name,
        sign_in=sign_in,
        stage=draw(st.sampled_from(Stage)),
        domains=draw(st.sampled_from(((), (f"{name}.example",), (f"a.{name}.example", f"{name}.example")))),
        attributes=draw(st.sampled_from(((), (("department", "dept"),), (("x", "y"), ("z", "w"))))),
        roles=tuple(draw(st.sets(_grants))),
        provider_retired=draw(st.booleans()),
    )


def workspaces() -> st.SearchStrategy[tuple[PartnerSpec, ...]]:
    """A subset of the names in any order."""
    return st.sets(st.sampled_from(NAMES)).flatmap(
        lambda names: st.permutations(sorted(names)).flatmap(
            lambda order: st.tuples(*(partners(name) for name in order))
        )
    )


def desired_states() -> st.SearchStrategy[RealmState]:
    """The desired state of some workspace."""
    return workspaces().map(lambda found: desired(*found, realm=realm_spec(groups=GROUPS)))


@st.composite
def hand_made(draw: st.DrawFn) -> Resource:
    """A resource without an ownership mark, of any kind and name, including a partner's."""
    kind = draw(st.sampled_from([kind for kind in ResourceKind if kind not in SETTINGS]))
    name = draw(st.sampled_from((*NAMES, "username", "host-app", "google")))
    parent = draw(st.sampled_from((*NAMES, "google"))) if "mapper" in kind else ""
    fields = draw(st.dictionaries(st.sampled_from(("enabled", "config.x", "displayName")), _texts))
    return Resource(key=ResourceKey(kind=kind, name=name, parent=parent), fields=fields)


@st.composite
def actual_states(draw: st.DrawFn) -> RealmState:
    """A realm after an earlier apply, then changed manually, with resources that partnergate does not own."""
    realm = RealmInMemory()
    if draw(st.booleans()):
        realm.carry_out(diff(draw(desired_states()), realm.read_or_empty()))
    for resource in draw(st.lists(hand_made(), max_size=4)):
        present = realm.read_or_empty().by_key()
        parent = ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER, name=resource.key.parent)
        if resource.key not in present and (not resource.key.parent or parent in present):
            realm.put(resource)
    ours = [r for r in realm.read_or_empty().resources if r.owner]
    for index in draw(st.lists(st.integers(0, 200), max_size=5)):
        if ours:
            touched = ours[index % len(ours)]
            realm.put(replace(touched, fields={**touched.fields, "config.added": draw(_texts)}))
    return realm.read_or_empty()
