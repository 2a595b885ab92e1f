"""Realms and providers with readable defaults, for the decisions about sign-in."""

from builders.partners import oidc, provider, saml, source
from partnergate.model.environment import LaunchSettings, RealmSpec
from partnergate.model.partner import (
    EnvironmentName,
    Identity,
    Stage,
)

SOURCE = source("partners/acme.yaml")
SETTINGS = LaunchSettings(
    base_url="https://go.host.example",
    client_id="partnergate-launch",
    login_url="https://app.host.example/login",
    targets=("https://app.host.example/workspaces",),
)


def realm(**fields):
    values = {
        "environment": EnvironmentName("production"),
        "server_url": "https://id.host.example/",
        "realm": "host",
        "stages": (Stage.LIVE,),
        "source": SOURCE,
        "launch": SETTINGS,
    }
    return RealmSpec(**(values | fields))


def oidc_provider(alias="acme", *, identity=None, **fields):
    """A provider with OpenID Connect and without a client secret."""
    values = {"issuer": f"https://login.{alias}.example", "client_secret": None}
    return provider(alias, sign_in=oidc(alias, **(values | fields)), identity=identity)


def saml_provider(alias="globex", *, identity=None, **fields):
    """A provider with SAML, without a metadata URL."""
    values = {"entity_id": f"https://idp.{alias}.example", "metadata_url": None}
    identity = identity or Identity(subject="name_id")
    return provider(alias, sign_in=saml(alias, **(values | fields)), identity=identity)
